//! Quantities of the wrong dimension.

use crate::check::Checker;
use crate::check::error::{Mistake, Text};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::units::dimension::Dimension;

pub(in crate::check) enum DimensionError {
    /// A field, argument or annotation of another dimension.
    DimensionMismatch {
        what: String,
        declared: Option<Span>,
        wanted: Dimension,
        found: Dimension,
        span: Span,
        origin: Option<(Span, String)>,
        help: Option<String>,
        generics: Vec<Text>,
    },
    /// `3 s + 2 B`
    OperandMismatch {
        operator: &'static str,
        op_span: Span,
        left: (Span, Dimension),
        right: (Span, Dimension),
        origins: [Option<(Span, String)>; 2],
        help: Option<String>,
        generics: Vec<Text>,
    },
    CannotConvert {
        span: Span,
        found: String,
        unit: Span,
        wanted: String,
    },
    ExponentNotPlain {
        span: Span,
        found: String,
    },
    ExponentNotKnown {
        span: Span,
        base: Span,
        found: String,
    },
    ExponentRange {
        span: Span,
    },
    BitsForBytes {
        span: Span,
        value: f64,
        written: String,
        meant: String,
    },
}

impl Mistake for DimensionError {
    fn diagnostic(self, checker: &Checker) -> Diagnostic {
        let describe = |d: Dimension, generics: &[Text]| checker.program.registry.describe_with(d, generics);
        match self {
            DimensionError::DimensionMismatch {
                what,
                declared,
                wanted,
                found,
                span,
                origin,
                help,
                generics,
            } => {
                let (wanted_text, found_text) = (describe(wanted, &generics), describe(found, &generics));
                let mut diagnostic = Diagnostic::error(
                    "mls::dimension-mismatch",
                    format!("{what} is {wanted_text}; this is {found_text}"),
                )
                .label(span, found_text);
                if let Some(declared) = declared {
                    diagnostic = diagnostic.label(declared, format!("{wanted_text}, declared here"));
                }
                if let Some((span, text)) = origin {
                    diagnostic = diagnostic.label(span, text);
                }
                diagnostic.maybe_help(help)
            }
            DimensionError::OperandMismatch { operator, op_span, left, right, origins, help, generics } => {
                let (a, b) = (describe(left.1, &generics), describe(right.1, &generics));
                let verb = if operator.starts_with('`') && "`+``-`".contains(operator) {
                    "add up"
                } else {
                    "compare"
                };
                let message = match verb {
                    "add up" => format!("{operator} needs operands of one dimension; these are {a} and {b}"),
                    _ => format!("{operator} compares values of one dimension; these are {a} and {b}"),
                };
                let mut diagnostic = Diagnostic::error("mls::dimension-mismatch", message)
                    .label(op_span, "these do not go together")
                    .label(left.0, a)
                    .label(right.0, b);
                for (span, text) in origins.into_iter().flatten() {
                    diagnostic = diagnostic.label(span, text);
                }
                diagnostic.maybe_help(help)
            }
            DimensionError::CannotConvert { span, found, unit, wanted } => Diagnostic::error(
                "mls::dimension-mismatch",
                format!("this is {found}; the unit after `to` is for {wanted}"),
            )
            .label(span, found)
            .label(unit, wanted)
            .help("`to` changes the unit a value is shown in, never its dimension"),
            DimensionError::ExponentNotPlain { span, found } => {
                Diagnostic::error("mls::exponent", format!("an exponent is a plain number; this is {found}"))
                    .label(span, found)
                    .help("divide it by a unit: `(x / (1 s))`")
            }
            DimensionError::ExponentNotKnown { span, base, found } => Diagnostic::error(
                "mls::exponent",
                format!("a power of {found} needs an exponent that is a written number"),
            )
            .label(span, "known only at run time, or not a simple fraction")
            .label(base, found)
            .help("the dimension of the result depends on it: raise a ratio of two such values instead"),
            DimensionError::ExponentRange { span } => Diagnostic::error(
                "mls::exponent",
                "this dimension has an exponent that is too large or not a simple fraction",
            )
            .label(span, "here")
            .help("exponents are sixtieths between -546 and 546; a lower power will do for any physics"),
            DimensionError::BitsForBytes { span, value, written, meant } => Diagnostic::warning(
                "mls::bits-for-bytes",
                format!("`{written}` is bits: {value} {written} is {} {meant}", value / 8.0),
            )
            .label(span, "`b` is bit, `B` is byte")
            .help(format!("if bytes are meant, write `{value} {meant}`")),
        }
    }
}
