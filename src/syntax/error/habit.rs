//! What people write by habit: shares `of` a value, two units in a row, statements without their keyword.

use crate::diagnostic::Diagnostic;
use crate::syntax::error::stop::{ParseStop, first_line};

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A part of a number as it is written.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || c == '.' || c == '_'
}

/// `total = m * 2` in a solver.
pub(super) fn statement_without_keyword(stop: &ParseStop) -> Option<Diagnostic> {
    if stop.context != "statement" {
        return None;
    }
    let text = stop.text;
    // Where a statement stands at the margin of its line: the one that broke, or the one that was read into the last.
    let line = text[..stop.at].rfind('\n').map_or(0, |i| i + 1);
    let start = line + text[line..].len() - text[line..].trim_start().len();
    let name = &text[start..start + text[start..].find(|c| !is_word(c)).unwrap_or(text.len() - start)];
    let value = text[start + name.len()..].trim_start();
    let defines = value.starts_with('=') && !value.starts_with("==");
    if !defines || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || start > stop.at {
        return None;
    }
    let value = first_line(&value[1..]);
    Some(
        Diagnostic::error("mls::unknown-keyword", "a statement of a solver needs its keyword")
            .label(stop.span(start, start + name.len()), "`let`, or `out`?")
            .help(format!("write `let {name} = {value}`, or `out {name} = {value}` for a result"))
            .edit(stop.span(start, start), "let "),
    )
}

/// `sweep g = s { a: 1..3 }`
pub(super) fn sweep_without_over(stop: &ParseStop) -> Option<Diagnostic> {
    if !matches!(stop.context, "sweep" | "optimize") {
        return None;
    }
    let has_over = stop.text.split(|c| !is_word(c)).any(|word| word == "over");
    let brace = stop.text.find('{').filter(|_| !has_over && stop.text.contains('='))?;
    Some(
        Diagnostic::error("mls::syntax", format!("this `{}` does not say what it goes over", stop.context))
            .label(stop.span(brace, brace + 1), "`over` is missing before this")
            .help(format!("write `{} NAME = SOLVE over {{ field: [a, b, c] }}`", stop.context))
            .edit(stop.span(brace, brace), "over "),
    )
}

/// `if`, `for` and `while` where an item begins.
pub(super) fn control_flow(stop: &ParseStop) -> Option<Diagnostic> {
    let first = stop.text.split(|c| !is_word(c)).next().unwrap_or("");
    let (message, help) = control_word(first).filter(|_| stop.context.is_empty())?;
    let label = stop.span(0, first.len());
    Some(Diagnostic::error("mls::unknown-keyword", message).label(label, "begins no item").help(help))
}

/// What stands for a word of languages that go step by step.
pub(super) fn control_word(word: &str) -> Option<(&'static str, &'static str)> {
    match word {
        "if" => Some((
            "`if` is a value, and begins no item",
            "name what it decides: `let x = if condition then a else b`; to check something, `assert condition`",
        )),
        "for" | "while" => Some((
            "nothing is done step by step here",
            "a list of values is `[f(x) for x in list]`; to try several inputs, `sweep NAME = SOLVE over { input: [a, b] }`",
        )),
        _ => None,
    }
}

/// `35% of 354`
pub(super) fn share_of(stop: &ParseStop) -> Option<Diagnostic> {
    let before = stop.before();
    let share = before.ends_with('%')
        || before.ends_with("percent")
        || before.ends_with(|c: char| c.is_ascii_digit());
    if stop.token() != "of" || !share {
        return None;
    }
    let number = before.trim_end_matches("percent").trim_end_matches('%').trim_end();
    let start = number.trim_end_matches(is_digit).len();
    let value = stop.rest()[2..].split_whitespace().next().unwrap_or("value");
    let written = format!("{} * {}", before[start..].trim_start(), first_line(value));
    Some(
        stop.error(
            "mls::foreign-syntax",
            "a share of a value is a product",
            "not an operator",
            format!("write `{written}`"),
        )
        .edit(stop.token_span(), "*"),
    )
}

/// `2 h 30 min`
pub(super) fn two_quantities(stop: &ParseStop) -> Option<Diagnostic> {
    let (before, token) = (stop.before(), stop.token());
    let same_line = !stop.text[before.len()..stop.at].contains('\n');
    let unit =
        before.len() - before.trim_end_matches(|c: char| c.is_ascii_alphabetic() || "%/^".contains(c)).len();
    let number = before[..before.len() - unit].trim_end();
    let after = stop
        .rest()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '_')
        .trim_start_matches(' ');
    let quantities = unit > 0
        && number.ends_with(|c: char| c.is_ascii_digit())
        && token.starts_with(|c: char| c.is_ascii_digit())
        && after.starts_with(|c: char| c.is_ascii_alphabetic());
    if !quantities || !same_line {
        return None;
    }
    let first = number.trim_end_matches(is_digit).len();
    let second = stop.rest()[..stop.rest().len() - after.len()].trim_end();
    let second_unit = &after[..after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len())];
    let help = format!("add them: `{} + {second} {second_unit}`", &before[first..]);
    Some(
        stop.error(
            "mls::syntax",
            "two quantities stand next to each other",
            "an operator is missing before this",
            help,
        )
        .edit(stop.span(stop.at, stop.at), "+ "),
    )
}
