//! The syntax tree. It owns its names, keeps a span on every node, and knows nothing of meaning.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// A name as written, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Name {
    pub text: Arc<str>,
    pub span: Span,
}

/// One file, or one item of a library file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct File {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// The lines of `##` above it, joined with newlines; empty when there are none.
    pub doc: Arc<str>,
    pub kind: ItemKind,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    Use(Use),
    /// `param NAME: TYPE = DEFAULT`
    Param {
        name: Name,
        ty: TypeExpr,
        default: Option<Expr>,
    },
    /// `let NAME = VALUE`, `let NAME: TYPE = VALUE`
    Let(Let),
    Unit(UnitDecl),
    /// `dimension Time`, `dimension Power = Energy / Time { display: [W, kW] }`
    Dimension {
        name: Name,
        definition: Option<TypeExpr>,
        options: Vec<FieldInit>,
    },
    /// `type Name { field: Type = default }`
    Type {
        name: Name,
        fields: Vec<FieldDecl>,
    },
    /// `enum Name { a, b }`
    Enum {
        name: Name,
        members: Vec<EnumMember>,
    },
    Function(Function),
    Table(Table),
    Solver(Solver),
    /// `KIND NAME { .. }` and `KIND NAME = BASE { .. }`: `kind` is in lower case with underscores.
    Record {
        kind: Name,
        name: Name,
        base: Option<Expr>,
        fields: Option<RecordBody>,
    },
    /// `solve NAME = VALUE`
    Solve {
        name: Name,
        value: Expr,
    },
    Assert(Assert),
    /// `sweep NAME = BASE over { path: values, .. } where CONDITION`, and `optimize`, which has a goal besides.
    Sweep(Sweep),
    /// `show a, b`
    Show(Vec<Expr>),
    Plot(Plot),
    /// `scenario "name" { items }`
    Scenario {
        name: Name,
        items: Vec<Item>,
    },
    /// What could not be parsed. `name` is what it would have declared, if that could be read: uses of it raise nothing.
    Bad {
        name: Option<Name>,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum UseTarget {
    /// `std.hardware.nvidia`
    Module(Vec<Name>),
    /// `"fleet.mls"`
    File { path: Arc<str>, span: Span },
}

/// `use std.a.b`, `use std.a.{b, c as d}`, `use std.a.*`, `use "f.mls"`, `use "f.mls".{a, b}`.
///
/// `use std.a.b` may name a module or a declaration of module `std.a`: the checker tells which.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Use {
    pub target: UseTarget,
    pub names: UseNames,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum UseNames {
    /// Nothing after the target; `alias` from `as`.
    Plain { alias: Option<Name> },
    /// `.*`
    All,
    /// `.{a, b as c}`: name and alias.
    Group(Vec<(Name, Option<Name>)>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Let {
    pub doc: Arc<str>,
    pub name: Name,
    pub ty: Option<TypeExpr>,
    pub value: Expr,
}

/// `unit s: Time { .. }` declares a base unit, `unit min = 60 s { .. }` a derived one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitDecl {
    pub name: Name,
    pub definition: UnitDefinition,
    pub options: Vec<FieldInit>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum UnitDefinition {
    Base(TypeExpr),
    Derived(Expr),
}

/// A field of a `type`; an optional field has a type that ends in `?`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldDecl {
    pub doc: Arc<str>,
    pub name: Name,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnumMember {
    pub doc: Arc<str>,
    pub name: Name,
}

/// A parameter of a function or an input of a solver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParamDecl {
    pub doc: Arc<str>,
    pub name: Name,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
    /// `values: D...`, the last parameter of a native function.
    pub variadic: bool,
}

/// `fn name<D>(a: D) -> D = body`; without a body it is native.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    pub name: Name,
    pub generics: Vec<Name>,
    pub params: Vec<ParamDecl>,
    pub result: Option<TypeExpr>,
    pub body: Option<Expr>,
}

/// `table name(log x: X, y: Y) -> log T = [x1: [y1: v, ..], ..]`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    pub name: Name,
    /// One or two.
    pub axes: Vec<TableAxis>,
    pub result: Option<TypeExpr>,
    /// Interpolate the logarithm of the value.
    pub log_result: bool,
    pub rows: Vec<TableRow>,
    pub rows_span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableAxis {
    pub name: Name,
    pub ty: TypeExpr,
    /// Interpolate along the logarithm of this axis.
    pub log: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableRow {
    pub key: Expr,
    pub value: TableCell,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TableCell {
    Value(Expr),
    Row { cells: Vec<(Expr, Expr)>, span: Span },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Solver {
    pub name: Name,
    pub params: Vec<ParamDecl>,
    pub body: Vec<SolverStatement>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SolverStatement {
    /// `require CONDITION`, `require CONDITION, "message"`
    Require {
        condition: Expr,
        message: Option<Expr>,
        span: Span,
    },
    /// `note CONDITION, "message"`: shown with the result when the condition holds.
    Note {
        condition: Expr,
        message: Expr,
        span: Span,
    },
    /// `infeasible CONDITION, "message"`: where it holds, the outputs defined after it describe no machine that runs.
    Infeasible {
        condition: Expr,
        message: Expr,
        span: Span,
    },
    Let(Let),
    Out(Let),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertKind {
    /// Fails the run.
    Assert,
    /// Is reported.
    Warn,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    pub name: Name,
    pub base: Expr,
    pub axes: Vec<AxisInit>,
    pub condition: Option<Expr>,
    pub optimum: Option<Optimum>,
}

/// What `optimize` looks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Optimum {
    pub maximize: bool,
    pub body: Expr,
    pub seed: u64,
}

/// `path: values`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AxisInit {
    pub path: Vec<Name>,
    pub values: Expr,
    /// The `zip { .. }` that it stands in: those axes advance together.
    pub zip: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quantifier {
    All,
    Any,
}

/// `assert CONDITION`, `assert CONDITION, "message"`, `assert all GRID: CONDITION`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assert {
    pub kind: AssertKind,
    /// Over which grid the condition is asserted.
    pub over: Option<(Quantifier, Expr)>,
    pub condition: Expr,
    pub message: Option<Expr>,
    pub span: Span,
}

/// A chart, and its title.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plot {
    pub kind: PlotKind,
    pub title: Option<Expr>,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PlotKind {
    /// `plot GRID: Y against X by SERIES`
    Points { grid: Box<Expr>, y: Box<PlotAxis>, x: Box<PlotAxis>, by: Option<Box<Expr>> },
    /// `plot roofline a, b`
    Roofline(Vec<Expr>),
    /// `plot bars a, b`
    Bars(Vec<Expr>),
}

/// `maximize log throughput`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlotAxis {
    /// `Minimize` or `Maximize`, where the axis says which way is better.
    pub goal: Option<QueryOp>,
    pub log: bool,
    pub value: Expr,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeExpr {
    pub kind: TypeExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TypeExprKind {
    /// A dimension, record type, enum, generic, or `Scalar`, `Bool`, `String`.
    Name(Arc<str>),
    /// The `1` of `1 / Time`.
    One,
    Product(Box<TypeExpr>, Box<TypeExpr>),
    Quotient(Box<TypeExpr>, Box<TypeExpr>),
    /// Exponent as numerator and denominator: `D^2`, `D^(1/2)`.
    Power(Box<TypeExpr>, i32, i32),
    Optional(Box<TypeExpr>),
    List(Box<TypeExpr>),
    /// What could not be parsed.
    Bad,
}

/// A unit as written after a number or `to`: `TB/s`, `m/s^2`, `/s`, `%`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitExpr {
    pub factors: Vec<UnitFactor>,
    pub span: Span,
}

/// One factor: the name as written, and its exponent (negative after `/`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitFactor {
    pub name: Name,
    pub exponent: i32,
}

/// `name: value`, `a.b: value`, or `name` alone for the name in scope (then `value` is `None`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldInit {
    /// One name or more; never empty.
    pub path: Vec<Name>,
    pub value: Option<Expr>,
    pub span: Span,
}

/// What stands in the braces of a record, an override or a solver call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordBody {
    pub fields: Vec<FieldInit>,
    /// `...`: every input that is not given and whose name is in scope.
    pub spread: Option<Span>,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argument {
    pub name: Option<Name>,
    pub value: Expr,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOp {
    Negate,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum QueryOp {
    Where,
    Minimize,
    Maximize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    And,
    Or,
    /// `a ?? b`
    Else,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CompareOp {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

impl CompareOp {
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Less => "<",
            CompareOp::LessEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterEqual => ">=",
            CompareOp::Equal => "==",
            CompareOp::NotEqual => "!=",
        }
    }

    /// What holds where this does not.
    pub fn opposite(self) -> CompareOp {
        match self {
            CompareOp::Less => CompareOp::GreaterEqual,
            CompareOp::LessEqual => CompareOp::Greater,
            CompareOp::Greater => CompareOp::LessEqual,
            CompareOp::GreaterEqual => CompareOp::Less,
            CompareOp::Equal => CompareOp::NotEqual,
            CompareOp::NotEqual => CompareOp::Equal,
        }
    }

    /// The same comparison from its other side.
    pub fn mirrored(self) -> CompareOp {
        match self {
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessEqual => CompareOp::GreaterEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterEqual => CompareOp::LessEqual,
            equality => equality,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ExprKind {
    /// A number with its scale word applied: `42`, `1_000`, `1e12`, `70 billion`.
    Number(f64),
    /// A number and a unit.
    Quantity {
        value: f64,
        unit: UnitExpr,
    },
    String(Arc<str>),
    /// `"peak of {hardware.name}"`: text and expressions in turn.
    Template(Vec<TemplatePart>),
    Bool(bool),
    /// `none`: an optional that is absent.
    None,
    Name(Arc<str>),
    Field {
        base: Box<Expr>,
        field: Name,
    },
    /// `list[0]`
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    /// `f(a, b: c)`; `spread` is `...`.
    Call {
        function: Name,
        arguments: Vec<Argument>,
        spread: Option<Span>,
    },
    /// `BASE { .. }`, or `{ .. }` where the type is known.
    Record {
        base: Option<Box<Expr>>,
        body: RecordBody,
    },
    List(Vec<Expr>),
    /// `[BODY for NAME in LIST if CONDITION]`
    Comprehension {
        body: Box<Expr>,
        variable: Name,
        list: Box<Expr>,
        condition: Option<Box<Expr>>,
    },
    /// `LOW..HIGH`, both included, optionally `by STEP`.
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
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `a < b <= c`: the first operand, then each operator and operand.
    Compare {
        first: Box<Expr>,
        rest: Vec<(CompareOp, Span, Expr)>,
    },
    /// `VALUE within TOLERANCE of REFERENCE`
    Within {
        value: Box<Expr>,
        tolerance: Box<Expr>,
        reference: Box<Expr>,
    },
    /// `VALUE to UNIT`
    Convert {
        value: Box<Expr>,
        unit: UnitExpr,
    },
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Match {
        subject: Box<Expr>,
        arms: Vec<MatchArm>,
    },
    /// `{ let a = 1  a + 1 }`
    Block {
        lets: Vec<Let>,
        value: Box<Expr>,
    },
    /// `iterate COUNT from NAME = START: NEXT`
    Iterate {
        count: Box<Expr>,
        variable: Name,
        start: Box<Expr>,
        next: Box<Expr>,
    },
    /// `GRID where C`, `GRID minimize E`, `GRID maximize E`
    Query {
        op: QueryOp,
        grid: Box<Expr>,
        body: Box<Expr>,
    },
    /// `import "llama/config.json"`
    Import {
        path: Arc<str>,
    },
    /// `GRID top 5 by E`, `GRID sort by E`, `GRID pareto(maximize A, minimize B)`
    Pick {
        grid: Box<Expr>,
        pick: Pick,
    },
    /// `largest NAME in RANGE where CONDITION`
    Extremum {
        largest: bool,
        variable: Name,
        domain: Box<Expr>,
        condition: Box<Expr>,
    },
    /// `(a + b)`, kept so that a formatter and a derivation show what was written.
    Parenthesized(Box<Expr>),
    /// What could not be parsed: of unknown type, and silent.
    Bad,
}

/// Which points of a grid, and in which order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Pick {
    /// The greatest; with `least` the least.
    Top { count: Box<Expr>, least: bool, by: Box<Expr> },
    /// All, rising.
    Sort { by: Box<Expr> },
    /// Those that no other point beats at every goal; true for what is maximized.
    Pareto(Vec<(bool, Expr)>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TemplatePart {
    Text(Arc<str>),
    Value(Expr),
}

/// `a | b: value`; no patterns is `else: value`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MatchArm {
    pub patterns: Vec<Name>,
    pub value: Expr,
    pub span: Span,
}
