//! Interpolation tables.

use crate::check::Checker;
use crate::check::error::{Mistake, plural};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(in crate::check) enum TableError {
    TableShape { span: Span, axes: usize },
    TableNotRising { span: Span },
    TableRowsDiffer { span: Span, first: Span },
    LogOfNonPositive { span: Span },
    NotConstant { span: Span, what: &'static str },
}

impl Mistake for TableError {
    fn diagnostic(self, _: &Checker) -> Diagnostic {
        match self {
            TableError::TableShape { span, axes } => {
                let form = if axes == 2 { "`[x: [y: value, ..], ..]`" } else { "`[x: value, ..]`" };
                Diagnostic::error(
                    "mls::table-shape",
                    format!("a table of {} is {form}", plural(axes, "axis")),
                )
                .label(span, "not of that form")
                .help("give one row for each knot; a table has one or two axes")
            }
            TableError::TableNotRising { span } => {
                Diagnostic::error("mls::table-not-rising", "the keys of a table must rise")
                    .label(span, "not above the key before it")
                    .help("sort the rows, and give each key once")
            }
            TableError::TableRowsDiffer { span, first } => {
                Diagnostic::error("mls::table-shape", "every row of a table has the same keys")
                    .label(span, "other keys than the first row")
                    .label(first, "the table begins here")
                    .help("fill the gaps: interpolation needs a full grid")
            }
            TableError::LogOfNonPositive { span } => {
                Diagnostic::error("mls::table-shape", "a `log` axis or value must be above zero everywhere")
                    .label(span, "zero or less in here")
                    .help("remove `log`, or the row at zero")
            }
            TableError::NotConstant { span, what } => {
                Diagnostic::error("mls::not-constant", format!("{what} is a written number"))
                    .label(span, "computed")
                    .help("tables are data: write the number; compute with `fn`")
            }
        }
    }
}
