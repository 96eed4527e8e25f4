//! What a file does when it runs, and the spaces it goes through.

use std::sync::Arc;

use crate::check::program::{Expr, Global, GlobalId, Goal, Local, LocalId, Type};
use crate::source::{FileId, Span};
use crate::syntax::ast::AssertKind;

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
