//! What is wrong with a text that does not parse, in the words of those who write plans.

mod expected;
mod habit;
mod mark;
mod stop;
mod word;

pub use crate::syntax::error::word::{is_name, is_reserved, nearest_keyword};
pub(super) use crate::syntax::error::word::{not_a_keyword, reserved};

use pest::error::{Error, ErrorVariant, InputLocation};

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::error::expected::expectations;
use crate::syntax::error::habit::{
    control_flow, share_of, statement_without_keyword, sweep_without_over, two_quantities,
};
use crate::syntax::error::mark::{
    comma_too_many, foreign_letter, foreign_operator, foreign_value, letter_for_scale, malformed_number,
    next_item, param_without_type, unit_on_next_line, wrong_mark,
};
use crate::syntax::error::stop::{ParseStop, leading_blank};
use crate::syntax::error::word::{misspelt_keyword, reserved_word};
use crate::syntax::grammar::Rule;

/// An expression that no stage could walk through.
pub(super) fn too_deep(span: Span, stop: &str) -> Diagnostic {
    Diagnostic::error("mls::nesting-too-deep", "this expression is nested too deep")
        .label(span, stop)
        .help("give the inner parts names with `let`")
}

/// What a value follows.
const OPERATORS: [&str; 8] = ["+", "-", "*", "/", "^", "<", ">", "?"];

/// The diagnostic for a failed parse of `text`, which begins at `offset` of its file. `context` is the item's keyword
/// or the part that was being read.
pub(super) fn syntax(
    file: FileId,
    text: &str,
    offset: usize,
    context: &str,
    failure: &Error<Rule>,
) -> Diagnostic {
    if let ErrorVariant::CustomError { .. } = failure.variant {
        return too_deep(Span::new(file, offset, offset), "begins here");
    }
    let at = match failure.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(text.len()),
    };
    // Blanks and comments before the place where it broke belong to it.
    let at = at + leading_blank(&text[at..]);
    let stop = ParseStop { file, text, offset, at, context };
    let known: [fn(&ParseStop) -> Option<Diagnostic>; 17] = [
        control_flow,
        statement_without_keyword,
        sweep_without_over,
        share_of,
        two_quantities,
        next_item,
        param_without_type,
        reserved_word,
        foreign_value,
        comma_too_many,
        letter_for_scale,
        foreign_operator,
        foreign_letter,
        wrong_mark,
        malformed_number,
        unit_on_next_line,
        misspelt_keyword,
    ];
    if let Some(diagnostic) = known.iter().find_map(|f| f(&stop)) {
        return diagnostic;
    }
    let expected = match &failure.variant {
        ErrorVariant::ParsingError { positives, .. } => expectations(positives),
        // Told above.
        ErrorVariant::CustomError { .. } => vec![],
    };
    let found = match (stop.token(), stop.last_token()) {
        ("", "") => "found the end".to_string(),
        ("", last) => format!("but nothing follows `{last}`"),
        (token, _) => format!("found `{token}`"),
    };
    let message = match expected.as_slice() {
        [] => match stop.token() {
            "" => "something is missing at the end".to_string(),
            token => format!("`{token}` does not belong here"),
        },
        [only] => format!("expected {only}, {found}"),
        [rest @ .., last] => format!("expected {} or {last}, {found}", rest.join(", ")),
    };
    let help = match context {
        _ if stop.token() == "else" => {
            Some("what may be absent gets another value by `a ?? b`; a choice is `if c then a else b`")
        }
        _ if context != "value" && stop.token().is_empty() && OPERATORS.contains(&stop.last_token()) => {
            Some("write the value that the operator lacks")
        }
        "field" => Some("a field is `name: value`; fields are separated by commas or newlines"),
        "statement" => Some("a solver holds `let`, `out`, `require`, `infeasible` and `note` statements"),
        "use" => Some("write `use std.hardware.nvidia.H100_SXM` or `use \"file.mls\"`"),
        "assert" | "warn" if stop.token().starts_with('"') => Some("put a comma before the message"),
        "assert" | "warn" => Some("write `assert CONDITION` or `assert CONDITION, \"message\"`"),
        "param" => Some("write `param name: Type = default`"),
        "let" if stop.token() == "%" || stop.last_token() == "%" => {
            Some("`%` is percent; the rest of a division is `mod(120, 7)`")
        }
        "let" => Some("write `let name = value`"),
        "solve" => Some("write `solve NAME = SOLVER { input: value }`"),
        "sweep" => Some("write `sweep NAME = SOLVE over { field: [a, b, c] }`"),
        "plot" => Some(
            "write `plot GRID: Y against X by SERIES`, `plot roofline SOLVE` or `plot bars VALUE`; a title may follow after a comma",
        ),
        "show" => Some("write `show VALUE` or `show VALUE, VALUE`; a function is called as `len(list)`"),
        "scenario" => Some("write `scenario \"name\" { .. }`"),
        "type" => Some("write `type Name { field: Type = default }`"),
        "enum" => Some("write `enum Name { first, second }`"),
        "fn" => Some("write `fn name(x: Type) -> Type = value`"),
        "table" => Some("write `table name(x: Type) -> Type = [1: 2%, 16: 9%]`"),
        "unit" => Some("write `unit EUR = 1.08 USD`"),
        "dimension" => Some("write `dimension Name` or `dimension Name = Data / Time`"),
        "solver" => Some("write `solver name(input: Type) { out result = value }`"),
        "value" => Some("write one value, such as `25 ms`, `40%` or a name"),
        _ => Some("declare a value as `KIND NAME { field: value }`, or derive it: `KIND NAME = BASE { .. }`"),
    };
    let label = if stop.token().is_empty() { "what comes after this?" } else { "here" };
    Diagnostic::error("mls::syntax", message).label(stop.token_span(), label).maybe_help(help)
}

/// Two parts follow each other with nothing between them.
pub(super) fn expected_separator(at: Span, what: &str) -> Diagnostic {
    Diagnostic::error("mls::syntax", format!("this {what} ends too early"))
        .label(at, "something is left over after it")
        .help("separate fields by commas or newlines; check the brackets of the value")
}

/// A `sweep` that has a goal.
pub(super) fn sweep_with_goal(item: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "a `sweep` is all points; the best of them is asked for separately")
        .label(item.head(), "has a goal")
        .help("write `let best = GRID minimize EXPR`, or `optimize` in place of `sweep`")
}

/// An `optimize` that does not say what for.
pub(super) fn no_goal(item: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "an `optimize` needs a goal")
        .label(item.head(), "what is best?")
        .help("end it with `minimize EXPR` or `maximize EXPR`")
}

/// `{ let a = 1 a + 1 }`, where `a` is read as the unit of 1.
pub(super) fn block_in_one(block: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "the parts of this block cannot be told apart")
        .label(block, "a block, by its `let`")
        .help("after a number, a name is its unit: put each part on a line of its own, or two blanks between them; the last part is a value")
}

/// A `zip` inside another.
pub(super) fn nested_zip(inner: Span, outer: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "a `zip` inside a `zip` says nothing new")
        .label(inner.head(), "remove this `zip` and its braces")
        .label(outer.head(), "its axes advance together already")
        .help("write all axes that advance together in one `zip { .. }`")
}
