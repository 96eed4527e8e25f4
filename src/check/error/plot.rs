//! Charts.

use crate::check::Checker;
use crate::check::error::{Mistake, Text, article};
use crate::check::program::{INTENSITY, SolverId};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::enumerate;

pub(in crate::check) enum PlotError {
    /// `plot grid: maximize throughput against latency`
    HalfFrontier { span: Span },
    /// `plot grid: throughput against latency by system`
    NotASeries { span: Span, found: String, axes: Vec<Text> },
    /// `plot roofline 3 ms`
    NotOnARoofline { span: Span, found: String },
    /// `plot roofline one` of a solver that has no intensity
    NoRoofline { span: Span, solver: SolverId },
    /// `plot bars one.latency, one.energy`
    MixedBars { span: Span, found: String, first: Span, expected: String },
}

impl Mistake for PlotError {
    fn diagnostic(self, checker: &Checker) -> Diagnostic {
        match self {
            PlotError::HalfFrontier { span } => Diagnostic::error(
                "mls::half-frontier",
                "a frontier needs a direction on both axes",
            )
            .label(span, "is more better, or less?")
            .help("write `maximize` or `minimize` before it; without directions, all points are drawn alike"),
            PlotError::NotASeries { span, found, axes } => {
                let axes = enumerate(axes.iter().map(|a| &**a), 6);
                Diagnostic::error(
                    "mls::not-a-series",
                    format!("{} cannot tell series apart", article(&found)),
                )
                .label(span, article(&found))
                .help(format!("name an axis of the sweep ({axes}), or a number, boolean, text or member"))
            }
            PlotError::NotOnARoofline { span, found } => Diagnostic::error(
                "mls::not-on-a-roofline",
                format!("a roofline shows solves, not {}", article(&found)),
            )
            .label(span, article(&found))
            .help("name a `solve`, or a point of a sweep"),
            PlotError::NoRoofline { span, solver } => {
                let name = &checker.program.solver(solver).name;
                Diagnostic::error("mls::no-roofline", format!("a solve of `{name}` has no place on a roofline"))
                    .label(span, "its outputs do not say")
                    .help(format!(
                        "a solver gives the place by an output `{INTENSITY}` and two rates whose quotient has its dimension"
                    ))
            }
            PlotError::MixedBars { span, found, first, expected } => Diagnostic::error(
                "mls::dimension-mismatch",
                format!("bars are of one dimension: {expected}, not {found}"),
            )
            .label(span, found)
            .label(first, expected)
            .help("draw values of another dimension in a `plot bars` of their own"),
        }
    }
}
