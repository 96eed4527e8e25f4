//! Signs: those of other languages, and those that stand for another.

use super::place::{Place, first_line};
use crate::diagnostic::Diagnostic;

/// `&&`, `||`, `!`, `;`, `//`, `/* */`, smart quotes, `≤`, `**`
pub(super) fn foreign_operator(place: &Place) -> Option<Diagnostic> {
    let rest = place.rest();
    let earlier = |n: usize| place.at.checked_sub(n).and_then(|i| place.text.get(i..)).unwrap_or("");
    const FOREIGN: &[(&str, &str, &str)] = &[
        ("&&", "and", "write `and`"),
        ("||", "or", "write `or`"),
        ("!=", "!=", ""),
        ("!", "not", "write `not x`"),
        (";", "", "a newline ends an item: remove the `;`"),
        ("//", "#", "a comment begins with `#`"),
        ("/*", "#", "a comment begins with `#`, on every line"),
        ("**", "^", "a power is `x^2`"),
        ("=>", ">=", "write `>=`; an arm of a `match` is `member: value`"),
        ("=<", "<=", "write `<=`"),
        ("<>", "!=", "write `!=`"),
        ("≤", "<=", "write `<=`"),
        ("≥", ">=", "write `>=`"),
        ("≠", "!=", "write `!=`"),
        ("×", "*", "write `*`"),
        ("÷", "/", "write `/`"),
        ("“", "\"", "use straight quotes: `\"text\"`"),
        ("”", "\"", "use straight quotes: `\"text\"`"),
        ("‘", "\"", "use straight double quotes: `\"text\"`"),
        ("'", "\"", "texts are in double quotes: `\"text\"`"),
        ("`", "\"", "texts are in double quotes: `\"text\"`"),
        (":=", "=", "write `=`"),
        ("?:", "if", "write `if c then a else b`"),
    ];
    let written = |symbol: &str| {
        // The grammar may break in the middle of a two-character operator.
        let back = symbol.chars().count() > 1 && symbol.is_ascii() && earlier(1).starts_with(symbol);
        if back { Some(place.at - 1) } else { rest.starts_with(symbol).then_some(place.at) }
    };
    let (symbol, at, help) =
        FOREIGN.iter().filter(|f| !f.2.is_empty()).find_map(|(s, _, help)| Some((*s, written(s)?, *help)))?;
    if symbol == "!" && rest.starts_with("!=") {
        return None;
    }
    Some(
        Diagnostic::error("mls::foreign-syntax", format!("`{symbol}` is not written that way here"))
            .label(place.span(at, at + symbol.len()), "of another language")
            .help(help),
    )
}

/// `größe`: names are ASCII.
pub(super) fn foreign_letter(place: &Place) -> Option<Diagnostic> {
    let letter = place.rest().chars().next().filter(|c| !c.is_ascii() && c.is_alphanumeric())?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = place.text[..place.at]
        .rfind(|c| !word(c))
        .map_or(0, |i| i + place.text[i..].chars().next().map_or(1, char::len_utf8));
    let end = place.at + place.rest().find(|c| !word(c)).unwrap_or(place.rest().len());
    Some(
        Diagnostic::error("mls::name-letters", format!("a name cannot have the letter `{letter}`"))
            .label(place.span(start, end), "not a name")
            .help(
                "names are made of the letters a to z and A to Z, digits and `_`; any text is fine in quotes",
            ),
    )
}

/// `80` and `GB` on two lines.
pub(super) fn unit_on_next_line(place: &Place) -> Option<Diagnostic> {
    let number = place.last_token().starts_with(|c: char| c.is_ascii_digit());
    let newline = place.text[place.before().len()..place.at].contains('\n');
    let unit = place.token();
    if !number || !newline || !unit.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let help = format!("write `{} {unit}` on one line", place.last_token());
    Some(place.error("mls::syntax", format!("`{unit}` does not belong to the number above it"), "here", help))
}

/// `=` for `:`, `:` for `=`, `=` for `==`, `if` without `then` or `else`
pub(super) fn wrong_mark(place: &Place) -> Option<Diagnostic> {
    let token = place.token();
    let before = place.before();
    let previous =
        before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).next().unwrap_or("");
    match (token, place.context) {
        ("=", "field") => Some(place.error(
            "mls::equals-for-colon",
            "a field takes `:` before its value, not `=`",
            "expected `:`",
            format!("write `{previous}: {}`", first_line(&place.rest()[1..])),
        )),
        ("=", "assert" | "warn" | "statement") if !place.rest().starts_with("==") => Some(place.error(
            "mls::equals-for-comparison",
            "`=` declares; a comparison is `==`",
            "expected a comparison",
            "write `==`, or for computed numbers `x within 1% of y`".into(),
        )),
        (":", "let" | "solve" | "") if !previous.is_empty() && before.split_whitespace().count() == 2 => {
            Some(place.error(
                "mls::colon-for-equals",
                "a declaration takes `=` before its value, not `:`",
                "expected `=`",
                format!("write `{before} = {}`", first_line(&place.rest()[1..])),
            ))
        }
        (value, "let" | "solve") if before.ends_with(':') && !value.starts_with(char::is_alphabetic) => {
            let colon = place.span(before.len() - 1, before.len());
            let name = before.trim_end_matches(':').trim_end();
            Some(
                Diagnostic::error(
                    "mls::colon-for-equals",
                    "a declaration takes `=` before its value, not `:`",
                )
                .label(colon, "expected `=`")
                .help(format!("write `{name} = {}`", first_line(place.rest()))),
            )
        }
        (name, "scenario") if before == "scenario" && !name.is_empty() => Some(place.error(
            "mls::syntax",
            "the name of a scenario is a text in quotes",
            "not in quotes",
            format!("write `scenario \"{name}\" {{ .. }}`"),
        )),
        _ => if_without_else(place),
    }
}

/// An `if` that lacks its `then` or `else`.
fn if_without_else(place: &Place) -> Option<Diagnostic> {
    let words: Vec<&str> = place
        .before()
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|w| matches!(*w, "if" | "then" | "else"))
        .collect();
    let count = |w: &str| words.iter().filter(|x| **x == w).count();
    let (ifs, thens, elses) = (count("if"), count("then"), count("else"));
    let ended = matches!(place.token(), "" | "}" | ")" | "]" | "," | "{");
    if ifs > thens && words.last() == Some(&"if") {
        return Some(place.error(
            "mls::if-without-then",
            "an `if` needs a `then`",
            "expected `then`",
            "write `if condition then a else b`".into(),
        ));
    }
    (ended && thens > elses && words.last() == Some(&"then")).then(|| {
        place.error(
            "mls::if-without-else",
            "an `if` needs an `else`: every expression has a value",
            "expected `else`",
            "write `if condition then a else b`".into(),
        )
    })
}

/// `1.2.3`, `1,000`, `.5`
pub(super) fn malformed_number(place: &Place) -> Option<Diagnostic> {
    let rest = place.rest();
    let digit_after = rest[place.token().len().min(rest.len())..].starts_with(|c: char| c.is_ascii_digit());
    let digit_before = place.before().ends_with(|c: char| c.is_ascii_digit());
    if place.token().starts_with(|c: char| c.is_ascii_digit())
        && place.before().len() == place.at
        && let Some(start) = place
            .before()
            .strip_suffix('.')
            .map(|b| b.rfind(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).map_or(0, |i| i + 1))
    {
        return Some(
            Diagnostic::error("mls::malformed-number", "this is not a number")
                .label(place.span(start, place.at + place.token().len()), "two decimal points")
                .help("a number has one decimal point; a range is `1..64`"),
        );
    }
    let help = match (place.token(), digit_before) {
        (".", true) if digit_after => "a number has one decimal point; a range is `1..64`".to_string(),
        (".", false) if digit_after => format!("write the zero: `0{}`", first_line(rest)),
        (",", true) if digit_after => "group digits with `_`: `1_000`".to_string(),
        _ => return None,
    };
    Some(place.error("mls::malformed-number", "this is not a number", "here", help))
}
