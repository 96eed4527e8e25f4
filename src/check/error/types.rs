//! Values of the wrong type.

use crate::check::Checker;
use crate::check::error::{Mistake, Text, article};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::enumerate;

pub(in crate::check) enum TypeError {
    TypeMismatch {
        what: String,
        origin: Option<(Span, String)>,
        declared: Option<Span>,
        wanted: String,
        found: String,
        span: Span,
        help: Option<String>,
    },
    TypesDiffer {
        what: &'static str,
        first: (Span, String),
        second: (Span, String),
    },
    NotComparable {
        span: Span,
        left: (Span, String),
        right: (Span, String),
        equality: bool,
    },
    NotANumber {
        span: Span,
        found: String,
        operator: &'static str,
    },
    NotAList {
        span: Span,
        found: String,
    },
    NotAnEnum {
        span: Span,
        found: String,
    },
    NotADimension {
        span: Span,
        found: String,
    },
    NotAValue {
        span: Span,
        found: String,
    },
    NeverAbsent {
        span: Span,
    },
    FloatEquality {
        span: Span,
        left: Text,
        right: Text,
        negated: bool,
    },
    /// `grid.latency < 5 ms`
    PointsCompared {
        span: Span,
        grid: String,
        condition: String,
    },
    /// `latency <= latency`
    SameSides {
        span: Span,
        side: String,
        other: Span,
    },
    MatchNotExhaustive {
        span: Span,
        missing: Vec<Text>,
    },
    ArmUnreachable {
        name: Option<Text>,
        span: Span,
    },
    IterateCount {
        span: Span,
        limit: u32,
    },
}

impl Mistake for TypeError {
    fn diagnostic(self, _: &Checker) -> Diagnostic {
        match self {
            TypeError::TypeMismatch { what, origin, declared, wanted, found, span, help } => {
                let mut diagnostic = Diagnostic::error(
                    "mls::type-mismatch",
                    format!("{what} is {}; this is {}", article(&wanted), article(&found)),
                )
                .label(span, article(&found));
                if let Some(declared) = declared {
                    diagnostic = diagnostic.label(declared, format!("{wanted}, declared here"));
                }
                if let Some((span, text)) = origin {
                    diagnostic = diagnostic.label(span, text);
                }
                diagnostic.maybe_help(help)
            }
            TypeError::TypesDiffer { what, first, second } => {
                Diagnostic::error("mls::type-mismatch", format!("the {what} have different types"))
                    .label(second.0, article(&second.1))
                    .label(first.0, article(&first.1))
                    .help("make them all of one type and dimension")
            }
            TypeError::NotComparable { span, left, right, equality } => {
                let verb = if equality { "compared" } else { "ordered" };
                let known = ["String", "Bool"];
                let numbers = !equality && [&left.1, &right.1].iter().any(|ty| !known.contains(&ty.as_str()));
                Diagnostic::error(
                    "mls::not-comparable",
                    format!("{} and {} cannot be {verb}", article(&left.1), article(&right.1)),
                )
                .label(span, "here")
                .label(left.0, article(&left.1))
                .label(right.0, article(&right.1))
                .help(match [&left, &right].into_iter().find(|(_, ty)| ty == "String") {
                    Some(_) if numbers => "write the quantity without quotes, such as `25 ms`",
                    _ => "quantities of one dimension can be ordered; texts, booleans and members of one enum can be equal",
                })
            }
            TypeError::NotANumber { span, found, operator } => Diagnostic::error(
                "mls::type-mismatch",
                format!("{operator} works on numbers; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help(match &*found {
                "String" => "write a number without quotes; into a text, values go in braces: `\"it takes {one.latency}\"`",
                _ => "use a number or a quantity here; of a record or solve, name the field",
            }),
            TypeError::NotAList { span, found } => Diagnostic::error(
                "mls::type-mismatch",
                format!("a list is wanted here; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("a list is `[a, b, c]`, a range `1..8`, or `[f(x) for x in list]`"),
            TypeError::NotAnEnum { span, found } => Diagnostic::error(
                "mls::type-mismatch",
                format!("`match` works on enums; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("use `if .. then .. else ..` for anything else"),
            TypeError::NotADimension { span, found } => Diagnostic::error(
                "mls::type-mismatch",
                format!("{found} cannot be multiplied or divided in a type"),
            )
            .label(span, "not a dimension")
            .help("only dimensions have products: `Data / Time`"),
            TypeError::NotAValue { span, found } => {
                Diagnostic::error("mls::not-a-value", format!("{found} is no value by itself"))
                    .label(span, "needs more")
                    .help("give a solver its inputs in braces; give `none` a type")
            }
            TypeError::NeverAbsent { span } => {
                Diagnostic::warning("mls::never-absent", "this value is never absent")
                    .label(span, "not optional")
                    .help("remove the `??` and its fallback, or the `has`")
            }
            TypeError::FloatEquality { span, left, right, negated } => {
                let operator = if negated { "!=" } else { "==" };
                Diagnostic::warning(
                    "mls::float-equality",
                    format!("`{operator}` compares computed numbers exactly"),
                )
                .label(span, "equal to the last bit, or not at all")
                .help(match negated {
                    true => format!("allow for rounding: `not ({left} within 0.1% of {right})`"),
                    false => format!("allow for rounding: `{left} within 0.1% of {right}`"),
                })
            }
            TypeError::PointsCompared { span, grid, condition } => Diagnostic::error(
                "mls::not-comparable",
                "this has a value at each point of a sweep, and no single one to compare",
            )
            .label(span, "many values")
            .help(format!(
                "of all points: `assert all {grid}: {condition}`; of at least one: `any` in place of `all`; of one value: `max(..)`"
            )),
            TypeError::SameSides { span, side, other } => Diagnostic::warning(
                "mls::same-sides",
                format!("both sides of this comparison are `{side}`"),
            )
            .label(span, "this")
            .label(other, "and this are the same")
            .help("it decides nothing: compare with the value that was meant"),
            TypeError::MatchNotExhaustive { span, missing } => {
                let names = enumerate(missing.iter().map(|m| &**m), 16);
                Diagnostic::error(
                    "mls::match-not-exhaustive",
                    format!("this `match` says nothing of {names}"),
                )
                .label(span, format!("may also be {names}"))
                .help("add an arm for each, or `else: value`")
            }
            TypeError::ArmUnreachable { name, span } => {
                let what = name.map_or("`else`".to_string(), |n| format!("`{n}`"));
                Diagnostic::error(
                    "mls::unreachable-arm",
                    format!("{what} is already covered by an arm above"),
                )
                .label(span, "never taken")
                .help("remove it")
            }
            TypeError::IterateCount { span, limit } => Diagnostic::error(
                "mls::iterate-count",
                format!("`iterate` takes a written whole number from 1 to {limit}"),
            )
            .label(span, "how often")
            .help("write `iterate 4 from x = start: next`; it is unrolled, so the count is fixed"),
        }
    }
}
