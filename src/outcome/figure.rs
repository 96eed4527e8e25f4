//! Charts as data: what is drawn, not how. Values are in base units; an axis says in which unit people read it.

use crate::source::Span;

/// A chart of a run.
#[derive(Clone, Debug)]
pub struct PlotOutcome {
    pub scenario: Option<String>,
    pub title: String,
    pub figure: Figure,
    /// What a reader of the chart must know, for instance that points are left out.
    pub notes: Vec<String>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    Plane(Plane),
    Bars(Bars),
}

/// Points and lines over two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub label: String,
    /// The unit that it is read in, empty for plain numbers.
    pub unit: String,
    /// The name of the base unit.
    pub base: String,
    /// A value in base units times this is one in `unit`.
    pub factor: f64,
    pub log: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    pub mark: Mark,
    pub points: Vec<Spot>,
}

/// How the name of a roof begins; the solves under it follow.
pub const ROOF_OF: &str = "roof of ";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
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

#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub x: f64,
    pub y: f64,
    /// Which point it is: `batch 4, precision fp8`.
    pub text: String,
}

/// Values drawn as the sums that they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    pub axis: Axis,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub name: String,
    /// The value as people read it.
    pub text: String,
    pub total: f64,
    /// Name, value, and the value as people read it.
    pub parts: Vec<(String, f64, String)>,
}
