//! The checked program: names resolved, types proved, units erased. What `plan/` reads.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::{FileId, Span};
use crate::syntax::ast::{AssertKind, BinaryOp, CompareOp, UnaryOp};
use crate::units::dimension::Dimension;
use crate::units::registry::{Registry, ResolvedUnit};

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// A record type in [`Program::types`].
    TypeId,
    /// An enum in [`Program::enums`].
    EnumId,
    /// A function in [`Program::functions`].
    FunctionId,
    /// A table in [`Program::tables`].
    TableId,
    /// A solver in [`Program::solvers`].
    SolverId,
    /// A named value in [`Program::globals`].
    GlobalId,
    /// A sweep in [`Program::sweeps`].
    SweepId,
    /// A slot in the frame of a function, solver or record.
    LocalId,
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Quantity(Dimension),
    Bool,
    String,
    Enum(EnumId),
    Record(TypeId),
    /// A solver whose inputs are not given yet.
    Solver(SolverId),
    /// A solver with its inputs: a record of inputs and outputs.
    Solve(SolverId),
    Optional(Box<Type>),
    List(Box<Type>),
    /// The points of a sweep, all or some.
    Grid(SweepId),
    /// A value at each point of a grid.
    Column(SweepId, Box<Type>),
    /// Of `none`, which fits every optional.
    None,
    /// Of what could not be checked; fits everything and raises nothing.
    Unknown,
}

impl Type {
    pub const SCALAR: Type = Type::Quantity(Dimension::SCALAR);

    pub fn is_unknown(&self) -> bool {
        matches!(self, Type::Unknown)
    }

    /// The type without its outer optional.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Unknown => self,
            other => Type::Optional(Box::new(other)),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Type,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A plain number.
    Number(f64),
    /// A number with a unit: the value in base units, and the unit as written.
    Quantity {
        value: f64,
        unit: ResolvedUnit,
    },
    Text(Arc<str>),
    Template(Vec<TemplatePart>),
    Bool(bool),
    /// A member of the enum that the expression's type names.
    Member(u32),
    None,
    Local(LocalId),
    Global(GlobalId),
    Solver(SolverId),
    /// A field of a record, by position in its type.
    Field {
        base: Box<Expr>,
        field: u32,
    },
    /// An input or output of a solve, by its slot.
    Slot {
        base: Box<Expr>,
        slot: LocalId,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    /// Arguments by position; `None` takes the default.
    Call {
        function: FunctionId,
        arguments: Vec<Option<Expr>>,
    },
    /// `has(x)`
    Has(Box<Expr>),
    /// `len(list)`
    Length(Box<Expr>),
    Table {
        table: TableId,
        arguments: Vec<Expr>,
    },
    /// A new record of the expression's type.
    Record {
        changes: Vec<Change>,
    },
    /// A record, solve or solver with some fields or inputs replaced.
    Override {
        base: Box<Expr>,
        changes: Vec<Change>,
    },
    List(Vec<Expr>),
    Comprehension {
        body: Box<Expr>,
        variable: LocalId,
        list: Box<Expr>,
        condition: Option<Box<Expr>>,
    },
    Range {
        low: Box<Expr>,
        high: Box<Expr>,
        step: Option<Box<Expr>>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Compare {
        first: Box<Expr>,
        rest: Vec<(CompareOp, Expr)>,
    },
    Within {
        value: Box<Expr>,
        /// Relative when it is a plain number, absolute when it has the value's dimension.
        tolerance: Box<Expr>,
        relative: bool,
        reference: Box<Expr>,
    },
    /// `x to unit`: the value of `x`; the unit is for display.
    Convert {
        value: Box<Expr>,
        unit: ResolvedUnit,
    },
    /// The value of an optional; absent is an error at run time.
    Unwrap(Box<Expr>),
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// Arms as sets of members, tried in order; the last one is taken when no other fits.
    Match {
        subject: Box<Expr>,
        arms: Vec<(Vec<u32>, Expr)>,
    },
    Block {
        lets: Vec<(LocalId, Expr)>,
        value: Box<Expr>,
    },
    Iterate {
        count: u32,
        variable: LocalId,
        start: Box<Expr>,
        next: Box<Expr>,
    },
    Parenthesized(Box<Expr>),
    /// All points of a sweep.
    Sweep(SweepId),
    /// The points of a grid that meet a condition. Local 0 of the condition's frame is the point.
    Filter {
        grid: Box<Expr>,
        condition: Box<Expr>,
    },
    /// A value at each point.
    Column {
        grid: Box<Expr>,
        body: Box<Expr>,
    },
    /// The point where a value is least or greatest.
    Best {
        grid: Box<Expr>,
        goal: Goal,
        body: Box<Expr>,
    },
    /// The best point of a sweep's space; local 0 of the body's frame is the point.
    Optimize {
        sweep: SweepId,
        goal: Goal,
        body: Box<Expr>,
        seed: u64,
    },
    /// Some points of a grid, in an order.
    Pick {
        grid: Box<Expr>,
        pick: Pick,
    },
    /// One value for a column, or the number of points of a grid.
    Aggregate {
        kind: Aggregate,
        column: Box<Expr>,
        argument: Option<Box<Expr>>,
    },
    /// The largest or smallest number of a range for which a condition holds.
    Extremum {
        largest: bool,
        variable: LocalId,
        low: Box<Expr>,
        high: Box<Expr>,
        step: Option<Box<Expr>>,
        condition: Box<Expr>,
    },
    /// Could not be checked; never lowered, because a program with errors does not run.
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    Minimize,
    Maximize,
}

/// Which points; local 0 of the frames of its expressions is the point.
#[derive(Clone, Debug)]
pub enum Pick {
    Top { count: Box<Expr>, goal: Goal, by: Box<Expr> },
    Sort { by: Box<Expr> },
    Pareto(Vec<(Goal, Expr)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    Count,
    Sum,
    Mean,
    Min,
    Max,
    Percentile,
}

/// `sweep NAME = BASE over { .. } where CONDITION`
#[derive(Clone, Debug)]
pub struct Sweep {
    pub name: Arc<str>,
    /// A solve or a record.
    pub base: Expr,
    pub axes: Vec<SweepAxis>,
    /// The local that holds the point while the values of an axis are evaluated: earlier axes can be read from it.
    pub point: LocalId,
    /// Points that do not meet it are not part of the sweep.
    pub condition: Option<Expr>,
    pub locals: Vec<Local>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct SweepAxis {
    /// `system.hardware`
    pub name: String,
    /// As field positions or input slots.
    pub path: Vec<u32>,
    pub values: Expr,
    pub ty: Type,
    pub span: Span,
    /// The joined axis it is part of. Axes of one zip, and axes whose values depend on others, are enumerated together.
    pub group: usize,
    /// The first axis of its zip; itself when it is in none.
    pub step: usize,
    /// Earlier axes that its values depend on.
    pub reads: Vec<usize>,
}

#[derive(Clone, Debug)]
pub enum TemplatePart {
    Text(Arc<str>),
    Value(Expr),
}

/// One `path: value` of a record or override; the path as field positions or input slots.
#[derive(Clone, Debug)]
pub struct Change {
    pub path: Vec<u32>,
    pub value: Expr,
}

#[derive(Clone, Debug)]
pub struct RecordType {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub fields: IndexMap<Arc<str>, Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub doc: Arc<str>,
    pub ty: Type,
    /// Evaluated with the record's fields as locals, after all overrides.
    pub default: Option<Expr>,
    pub span: Span,
}

impl Field {
    /// A record may be made without it.
    pub fn may_be_omitted(&self) -> bool {
        self.default.is_some() || matches!(self.ty, Type::Optional(_) | Type::Unknown)
    }
}

#[derive(Clone, Debug)]
pub struct EnumType {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    /// Member and its documentation.
    pub members: IndexMap<Arc<str>, Arc<str>>,
}

/// A parameter, input, `let` or `out`: one slot of a frame.
#[derive(Clone, Debug)]
pub struct Local {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub ty: Type,
    pub span: Span,
    /// The unit people read it in, where the definition says so.
    pub unit: Option<ResolvedUnit>,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub generics: Vec<Arc<str>>,
    /// The first `parameters` are parameters, the others are bound inside the body.
    pub locals: Vec<Local>,
    pub parameters: usize,
    pub defaults: Vec<Option<Expr>>,
    pub variadic: bool,
    pub result: Type,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Expression(Expr),
    /// Index in [`crate::native::table::NATIVES`].
    Native(usize),
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub axes: Vec<TableAxis>,
    pub result: Type,
    /// Interpolate the logarithm of the values.
    pub log_result: bool,
    /// Row by row: one value for each pair of knots, in base units.
    pub values: Vec<f64>,
}

#[derive(Clone, Debug)]
pub struct TableAxis {
    pub name: Arc<str>,
    pub ty: Type,
    pub log: bool,
    /// Rising, in base units.
    pub knots: Vec<f64>,
}

/// The output that says how much a solve computes for what it moves.
pub const INTENSITY: &str = "arithmetic_intensity";

#[derive(Clone, Debug)]
pub struct Solver {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    /// The first `inputs` are inputs, the others are `let`, `out` and what is bound inside expressions.
    pub locals: Vec<Local>,
    pub inputs: usize,
    pub defaults: Vec<Option<Expr>>,
    pub body: Vec<Statement>,
    /// The slots of `out` statements, in order.
    pub outputs: Vec<LocalId>,
}

impl Solver {
    /// The slot of an input or output.
    pub fn slot(&self, name: &str) -> Option<LocalId> {
        let input = self.locals[..self.inputs].iter().position(|l| &*l.name == name);
        input
            .map(|i| LocalId(i as u32))
            .or_else(|| self.outputs.iter().copied().find(|o| &*self.locals[o.index()].name == name))
    }

    /// Inputs and outputs, in order.
    pub fn slots(&self) -> impl Iterator<Item = LocalId> {
        (0..self.inputs as u32).map(LocalId).chain(self.outputs.iter().copied())
    }

    /// What places a solve on a roofline: its intensity, and the two rates whose quotient the intensity compares with.
    pub fn roof(&self) -> Option<(LocalId, LocalId, LocalId)> {
        let dimension = |slot: &LocalId| match self.locals[slot.index()].ty {
            Type::Quantity(d) if !d.is_scalar() => Some(d),
            _ => None,
        };
        let intensity = self.outputs.iter().find(|o| &*self.locals[o.index()].name == INTENSITY)?;
        let wanted = dimension(intensity)?;
        self.outputs.iter().find_map(|peak| {
            let moved = dimension(peak)?.divide(wanted).ok()?;
            let bandwidth = self.outputs.iter().find(|o| dimension(o) == Some(moved))?;
            Some((*intensity, *peak, *bandwidth))
        })
    }

    /// What a `let` or `out` slot is defined as.
    pub fn definition(&self, slot: LocalId) -> Option<&Expr> {
        self.body.iter().find_map(|s| match s {
            Statement::Define { slot: s, value } if *s == slot => Some(value),
            _ => None,
        })
    }
}

#[derive(Clone, Debug)]
pub enum Statement {
    Require { condition: Expr, message: Option<Expr>, span: Span },
    Note { condition: Expr, message: Expr, span: Span },
    Define { slot: LocalId, value: Expr },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalKind {
    Let,
    Param,
    Record,
    Solve,
    Sweep,
}

/// A named value of a file or scenario.
#[derive(Clone, Debug)]
pub struct Global {
    pub name: Arc<str>,
    pub kind: GlobalKind,
    pub doc: Arc<str>,
    pub ty: Type,
    pub value: Expr,
    /// Slots that blocks and comprehensions of the value bind.
    pub locals: Vec<Local>,
    pub span: Span,
    pub unit: Option<ResolvedUnit>,
    pub scenario: Option<Arc<str>>,
}

/// An item of a file that does something when it runs.
#[derive(Clone, Debug)]
pub enum Action {
    Solve(GlobalId),
    Sweep(GlobalId),
    /// Over the points of a grid; local 0 of the condition's frame is the point.
    AssertGrid {
        kind: AssertKind,
        all: bool,
        grid: Expr,
        condition: Expr,
        message: Option<Expr>,
        span: Span,
    },
    Assert {
        kind: AssertKind,
        condition: Expr,
        message: Option<Expr>,
        span: Span,
    },
    Show(Expr),
    Plot(Box<Plot>),
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Plot {
    pub kind: PlotKind,
    pub title: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum PlotKind {
    /// The points of a grid; local 0 of the frames of its axes is the point.
    Points {
        grid: Box<Expr>,
        y: Box<PlotAxis>,
        x: Box<PlotAxis>,
        by: Option<Box<PlotSeries>>,
    },
    Roofline(Vec<PlotRoof>),
    /// Values of one dimension, each drawn as the sum that it is.
    Bars(Vec<Expr>),
}

#[derive(Clone, Debug)]
pub struct PlotAxis {
    /// Which way is better, where the plot says so.
    pub goal: Option<Goal>,
    pub log: bool,
    pub value: Expr,
    /// It is an axis of the sweep.
    pub swept: bool,
}

/// What tells the series of a plot apart.
#[derive(Clone, Debug)]
pub enum PlotSeries {
    /// An axis of the sweep.
    Axis(usize),
    /// A number, boolean or member at each point.
    Value(Expr),
}

/// A solve, and its outputs that place it on a roofline.
#[derive(Clone, Debug)]
pub struct PlotRoof {
    pub solve: Expr,
    pub intensity: LocalId,
    pub peak: LocalId,
    pub bandwidth: LocalId,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub scenario: Option<Arc<str>>,
    pub action: Action,
    /// Slots that blocks and comprehensions of its expressions bind.
    pub locals: Vec<Local>,
}

impl Step {
    /// The place of its statement, or of the name it declares.
    pub fn span(&self, globals: &[Global]) -> Span {
        match &self.action {
            Action::Solve(id) | Action::Sweep(id) => globals[id.index()].span,
            Action::Assert { span, .. } | Action::AssertGrid { span, .. } => *span,
            Action::Show(e) => e.span,
            Action::Plot(plot) => plot.span,
        }
    }
}

/// A file given on the command line: what to run, in order.
#[derive(Clone, Debug)]
pub struct FilePlan {
    pub file: FileId,
    pub steps: Vec<Step>,
    /// Every value declared in it: evaluated even when nothing reads it, so that no mistake hides.
    pub globals: Vec<GlobalId>,
}

#[derive(Clone, Debug, Default)]
pub struct Program {
    pub registry: Registry,
    pub types: Vec<RecordType>,
    pub enums: Vec<EnumType>,
    pub functions: Vec<Function>,
    pub tables: Vec<Table>,
    pub solvers: Vec<Solver>,
    pub globals: Vec<Global>,
    pub sweeps: Vec<Sweep>,
    pub files: Vec<FilePlan>,
}

impl Program {
    pub fn ty(&self, id: TypeId) -> &RecordType {
        &self.types[id.index()]
    }

    pub fn enumeration(&self, id: EnumId) -> &EnumType {
        &self.enums[id.index()]
    }

    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.index()]
    }

    pub fn solver(&self, id: SolverId) -> &Solver {
        &self.solvers[id.index()]
    }

    pub fn sweep(&self, id: SweepId) -> &Sweep {
        &self.sweeps[id.index()]
    }

    pub fn global(&self, id: GlobalId) -> &Global {
        &self.globals[id.index()]
    }

    /// A type as people write it: `Data / Time`, `Hardware`, `[Precision]`, `Power?`.
    pub fn describe(&self, ty: &Type) -> String {
        match ty {
            Type::Quantity(d) => self.registry.describe(*d),
            Type::Bool => "Bool".into(),
            Type::String => "String".into(),
            Type::Enum(id) => self.enumeration(*id).name.to_string(),
            Type::Record(id) => self.ty(*id).name.to_string(),
            Type::Solver(id) => format!("the solver {}", self.solver(*id).name),
            Type::Solve(id) => format!("a solve of {}", self.solver(*id).name),
            Type::Optional(inner) => format!("{}?", self.describe(inner)),
            Type::List(inner) => format!("[{}]", self.describe(inner)),
            Type::Grid(_) => "a grid of points".into(),
            Type::Column(_, inner) => format!("{} at each point of a grid", self.describe(inner)),
            Type::None => "none".into(),
            Type::Unknown => "unknown".into(),
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Value(GlobalId),
    Type(TypeId),
    Enum(EnumId),
    Function(FunctionId),
    Table(TableId),
    Solver(SolverId),
    /// A library module bound by `use std.hardware.nvidia`; the scope's index.
    Module(u32),
    /// A unit or dimension: those live in the registry.
    Unit,
    /// Could not be checked; uses of it raise nothing.
    Unknown,
}
