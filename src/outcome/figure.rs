//! Charts as data: what is drawn, not how. Values are in base units; an axis says in which unit people read it.

use crate::source::Span;

/// A chart of a run.
#[derive(Clone, Debug)]
pub struct PlotOutcome {
    /// The scenario in which its `plot` stands.
    pub scenario: Option<String>,
    /// The heading, as the plan gives it or as the axes make it.
    pub title: String,
    /// What is drawn.
    pub figure: Figure,
    /// What a reader of the chart must know, for instance that points are left out.
    pub notes: Vec<String>,
    /// The `plot` statement, or the declaration that the chart is of.
    pub span: Span,
}

/// The kinds of chart.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// Points and lines over two axes.
    Plane(Plane),
    /// Sums and their parts.
    Bars(Bars),
}

/// Points and lines over two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// The axis from left to right.
    pub x: Axis,
    /// The axis from bottom to top.
    pub y: Axis,
    /// The points and lines, in the order in which they are drawn.
    pub series: Vec<Series>,
}

/// What an axis measures, and in which unit it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What the axis measures.
    pub label: String,
    /// The unit that it is read in, empty for plain numbers.
    pub unit: String,
    /// The name of the base unit.
    pub base: String,
    /// A value in base units times this is one in `unit`.
    pub factor: f64,
    /// The scale is logarithmic.
    pub log: bool,
}

/// Points that are drawn alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// How its points are drawn.
    pub mark: Mark,
    /// Its points; a line joins them in this order.
    pub points: Vec<Spot>,
}

/// How the name of a roof begins; the solves under it follow.
pub const ROOF_OF: &str = "roof of ";

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Points by themselves.
    Points,
    /// Points joined by straight lines.
    Line,
    /// The frontier: points joined by steps, because nothing between two of them is known to exist.
    Steps,
    /// What the frontier lies before.
    Faint,
    /// A roofline: a line that is a limit.
    Roof,
}

/// A point of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Its place along the horizontal axis, in base units.
    pub x: f64,
    /// Its place along the vertical axis, in base units.
    pub y: f64,
    /// Which point it is: `batch 4, precision fp8`.
    pub text: String,
}

/// Values drawn as the sums that they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// The axis along which the bars extend.
    pub axis: Axis,
    /// The bars, in the order in which they are drawn.
    pub bars: Vec<Bar>,
}

/// A value and the terms that it is the sum of.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What the value is of.
    pub name: String,
    /// The value as people read it.
    pub text: String,
    /// The value in base units.
    pub total: f64,
    /// Name, value, and the value as people read it.
    pub parts: Vec<(String, f64, String)>,
}
