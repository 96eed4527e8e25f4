//! Sweeps, questions to their points, and searches.

use crate::check::Checker;
use crate::check::error::{Mistake, Text, article, plural};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(in crate::check) enum SweepError {
    /// `sweep g = 5 over { .. }`
    NotSweepable {
        span: Span,
        found: String,
    },
    AxisCount {
        span: Span,
        found: usize,
        limit: usize,
    },
    /// `members(5)`
    NotAnEnumType {
        span: Span,
        found: String,
    },
    /// An axis that replaces what an earlier one set.
    AxisReplaces {
        name: String,
        span: Span,
        inner: String,
        first: Span,
    },
    /// An axis of a zip that reads another of it.
    ZipReads {
        name: String,
        span: Span,
        read: String,
        other: Span,
    },
    /// `one where latency < 1 s`
    NotAGrid {
        span: Span,
        found: String,
    },
    /// `max(grid)`
    GridNeedsColumn {
        span: Span,
        function: Text,
    },
    /// `largest n in [1, 2] where ..`
    SearchNeedsRange {
        span: Span,
    },
}

impl Mistake for SweepError {
    fn diagnostic(self, _: &Checker) -> Diagnostic {
        match self {
            SweepError::NotSweepable { span, found } => Diagnostic::error(
                "mls::not-sweepable",
                format!("a sweep varies a solve or a record; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("write `sweep grid = SOLVE over { batch: [1, 2, 4] }`"),
            SweepError::AxisCount { span, found, limit } => {
                Diagnostic::error("mls::axis-count", format!("a sweep has 1 to {limit} axes, not {found}"))
                    .label(span, plural(found, "axis"))
                    .help("write `over { batch: [1, 2, 4], precision: [fp16, fp8] }`")
            }
            SweepError::NotAnEnumType { span, found } => {
                Diagnostic::error("mls::not-an-enum", format!("`members` lists an enum; `{found}` is none"))
                    .label(span, "not the name of an enum")
                    .help("write `members(Precision)`")
            }
            SweepError::AxisReplaces { name, span, inner, first } => Diagnostic::error(
                "mls::axis-replaces",
                format!("axis `{name}` replaces what axis `{inner}` sets"),
            )
            .label(span, format!("replaces all of `{name}`"))
            .label(first, "without effect then")
            .help(format!("write `{name}` before `{inner}`")),
            SweepError::ZipReads { name, span, read, other } => Diagnostic::error(
                "mls::zip-reads",
                format!("`{name}` depends on `{read}`, which advances with it"),
            )
            .label(span, format!("reads `{read}`"))
            .label(other, "in the same `zip`")
            .help(format!("take `{name}` out of the `zip`: it then takes its values for each `{read}`")),
            SweepError::NotAGrid { span, found } => Diagnostic::error(
                "mls::not-a-grid",
                format!("this asks something of the points of a sweep; here is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("name a `sweep`, or part of one: `grid where latency < 25 ms`"),
            SweepError::GridNeedsColumn { span, function } => Diagnostic::error(
                "mls::grid-needs-column",
                format!("`{function}` of a grid needs one of its columns"),
            )
            .label(span, "all columns")
            .help(format!("write `{function}(grid.latency)`, or `{function}((grid where C).latency)`")),
            SweepError::SearchNeedsRange { span } => {
                Diagnostic::error("mls::search-needs-range", "a search goes through a range")
                    .label(span, "not a range")
                    .help("write `largest n in 1..4096 where f(n) < limit`")
            }
        }
    }
}
