//! Expressions.

use std::sync::Arc;

use crate::check::program::{FunctionId, GlobalId, LocalId, SolverId, SweepId, TableId, Type};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, CompareOp, UnaryOp};
use crate::units::registry::ResolvedUnit;

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
    /// `sensitivity(x)`, `sensitivity(x, input)`
    Sensitivity {
        of: Box<Expr>,
        input: Option<Box<Expr>>,
    },
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
