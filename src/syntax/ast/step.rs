//! What a file does with its declarations: sweeps, assertions, charts.

use serde::{Deserialize, Serialize};

use crate::source::Span;
use crate::syntax::ast::{Expr, Name, QueryOp};

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
