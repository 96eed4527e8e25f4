//! Signs: those of other languages, and those that stand for another.

use crate::diagnostic::Diagnostic;
use crate::syntax::error::habit::control_word;
use crate::syntax::error::stop::{ParseStop, first_line};

/// `param nodes = 2048`
pub(super) fn param_without_type(stop: &ParseStop) -> Option<Diagnostic> {
    if stop.context != "param" || !stop.rest().starts_with('=') {
        return None;
    }
    let (name, default) = (stop.last_token(), first_line(&stop.rest()[1..]).trim());
    let ty = match default {
        "true" | "false" => "Bool",
        text if text.starts_with('"') => "String",
        text if text.chars().all(|c| c.is_ascii_digit() || "._%".contains(c)) => "Scalar",
        _ => "TYPE",
    };
    let mut help = format!("write `param {name}: {ty} = {default}`");
    let mut label = format!("`: {ty}` is missing before this");
    if ty == "TYPE" {
        label = "its type is missing before this".into();
        help.push_str(
            "; the type is a dimension such as `Time`, `Data / Time`, `Request / Time`, or a record's",
        );
    }
    let told = Diagnostic::error("mls::syntax", format!("`param {name}` does not say its type"));
    let end = stop.before().len();
    let sure = (ty != "TYPE").then(|| format!(": {ty}"));
    Some(told.label(stop.token_span(), label).help(help).maybe_edit(stop.span(end, end), sure))
}

/// `&&`, `||`, `!`, `;`, `//`, `/* */`, smart quotes, `≤`, `**`
pub(super) fn foreign_operator(stop: &ParseStop) -> Option<Diagnostic> {
    let rest = stop.rest();
    let earlier = |n: usize| stop.at.checked_sub(n).and_then(|i| stop.text.get(i..)).unwrap_or("");
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
        ("?:", "if", "write `if condition then a else b`"),
        ("?", "if", "write `if condition then a else b`, or `a ?? b` for what may be absent"),
    ];
    let written = |symbol: &str| {
        // The grammar may break in the middle of a two-character operator.
        let back = symbol.chars().count() > 1 && symbol.is_ascii() && earlier(1).starts_with(symbol);
        if back { Some(stop.at - 1) } else { rest.starts_with(symbol).then_some(stop.at) }
    };
    let (symbol, at, help) =
        FOREIGN.iter().filter(|f| !f.2.is_empty()).find_map(|(s, _, help)| Some((*s, written(s)?, *help)))?;
    if symbol == "!" && rest.starts_with("!=") {
        return None;
    }
    Some(
        Diagnostic::error("mls::foreign-syntax", format!("`{symbol}` is not written that way here"))
            .label(stop.span(at, at + symbol.len()), "of another language")
            .help(help)
            .maybe_edit(stop.span(at, at + symbol.len()), replacement(symbol)),
    )
}

/// What stands for a sign of another language, where that is sure.
fn replacement(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "&&" => "and",
        "||" => "or",
        ";" => "",
        "//" => "#",
        "**" => "^",
        "=>" | "≥" => ">=",
        "=<" | "≤" => "<=",
        "<>" | "≠" => "!=",
        "×" => "*",
        "÷" => "/",
        ":=" => "=",
        _ => return None,
    })
}

/// `=SUM(A1)`, `$A$1`, `$2.50`, `f"text"`: of a spreadsheet, a price list, another language.
pub(super) fn foreign_value(stop: &ParseStop) -> Option<Diagnostic> {
    let (token, rest, before) = (stop.token(), stop.rest(), stop.before());
    let foreign = |start: usize, end: usize, message: String, help: String| {
        let span = stop.span(start, end);
        Some(Diagnostic::error("mls::foreign-syntax", message).label(span, "not written that way").help(help))
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = |from: usize| {
        stop.at + from + rest[from..].find(|c: char| !word(c) && c != '.').unwrap_or(rest.len() - from)
    };
    match token {
        // The grammar takes `= =` for a comparison, and stops at the first.
        "=" if rest[1..].trim_start().starts_with('=') && !rest.starts_with("==") => {
            let second = stop.at + 1 + rest[1..].find('=').unwrap_or(0);
            foreign(
                second,
                second + 1,
                "a value does not begin with `=`".into(),
                "remove the second `=`".into(),
            )
        }
        "$" | "€" | "£" if rest[token.len()..].starts_with(|c: char| c.is_ascii_digit()) => {
            let end = end(token.len());
            let number = &stop.text[stop.at + token.len()..end];
            let unit = if token == "$" { "USD" } else { "EUR" };
            let declare = if token == "$" { "" } else { ", and say what it is worth: `unit EUR = 1.08 USD`" };
            foreign(
                stop.at,
                end,
                "a currency stands after its number, as a unit".into(),
                format!("write `{number} {unit}`{declare}"),
            )
        }
        "€" | "£" => foreign(
            stop.at,
            stop.at + token.len(),
            format!("`{token}` is not declared as a unit"),
            "give it a name and a worth, `unit EUR = 1.08 USD`, and write `2.5 EUR/h`".into(),
        ),
        "$" => foreign(
            stop.at,
            end(1),
            "a value is named, not found by its cell".into(),
            "give it a name with `let`, and write the name".into(),
        ),
        text if text.starts_with('"') && before.len() == stop.at && before.ends_with(['f', 'r', 'b']) => {
            let prefix = stop.at - 1;
            let alone = !before[..prefix].ends_with(word);
            alone.then(|| {
                foreign(
                    prefix,
                    prefix + 1,
                    "a text has no prefix".into(),
                    "remove it: every text fills in the values that stand in `{ }`".into(),
                )
            })?
        }
        _ => None,
    }
}

/// `1,, 2`, `max(, 1)`
pub(super) fn comma_too_many(stop: &ParseStop) -> Option<Diagnostic> {
    let help = match stop.last_token() {
        _ if stop.token() != "," => return None,
        "," => "remove one of the two commas",
        "(" | "[" | "{" => "remove the comma, or write what should stand before it",
        _ => return None,
    };
    Some(stop.error("mls::syntax", "nothing stands before this comma", "one too many", help.into()))
}

/// `x = 3` or `if c: ..` on a line of its own, where the item above it is whole.
pub(super) fn next_item(stop: &ParseStop) -> Option<Diagnostic> {
    let (token, rest) = (stop.token(), stop.rest());
    let margin = stop.at > 0 && stop.text[..stop.at].ends_with('\n');
    if !margin || !token.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let after = rest[token.len()..].trim_start();
    let defines = after.starts_with('=') && !after.starts_with("==");
    let (message, help) = match control_word(token) {
        Some((message, help)) => (message, help.to_string()),
        None if defines => {
            let help = format!("write `let {token} = {}`", first_line(&after[1..]));
            let told =
                stop.error("mls::unknown-keyword", "a declaration needs its keyword", "begins no item", help);
            return Some(told.edit(stop.span(stop.at, stop.at), "let "));
        }
        None => return None,
    };
    Some(stop.error("mls::unknown-keyword", message, "begins no item", help))
}

/// `10 K tok`: a letter for a thousand.
pub(super) fn letter_for_scale(stop: &ParseStop) -> Option<Diagnostic> {
    let letter = stop.last_token();
    let (word, zeros) = match letter {
        "k" | "K" => ("thousand", "_000"),
        "m" | "M" | "mn" => ("million", "_000_000"),
        "B" | "b" | "bn" | "G" => ("billion", "_000_000_000"),
        _ => return None,
    };
    let before = stop.before();
    let number = before[..before.len() - letter.len()].trim_end();
    let digits = number.rfind(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(0, |i| i + 1);
    let number = &number[digits..];
    let unit = stop.token();
    let line = !stop.text[before.len()..stop.at].contains('\n');
    if number.is_empty() || !line || !unit.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let short = if number.contains('.') { String::new() } else { format!(" or `{number}{zeros} {unit}`") };
    let span = stop.span(before.len() - letter.len(), before.len());
    Some(
        Diagnostic::error("mls::malformed-number", format!("`{letter}` by itself is no {word}"))
            .label(span, "read as a unit")
            .help(format!("write `{number} {word} {unit}`{short}")),
    )
}

/// `größe`: names are ASCII.
pub(super) fn foreign_letter(stop: &ParseStop) -> Option<Diagnostic> {
    let letter = stop.rest().chars().next().filter(|c| !c.is_ascii() && c.is_alphanumeric())?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = stop.text[..stop.at]
        .rfind(|c| !word(c))
        .map_or(0, |i| i + stop.text[i..].chars().next().map_or(1, char::len_utf8));
    let end = stop.at + stop.rest().find(|c| !word(c)).unwrap_or(stop.rest().len());
    Some(
        Diagnostic::error("mls::name-letters", format!("a name cannot have the letter `{letter}`"))
            .label(stop.span(start, end), "not a name")
            .help(
                "names are made of the letters a to z and A to Z, digits and `_`; any text is fine in quotes",
            ),
    )
}

/// `80` and `GB` on two lines.
pub(super) fn unit_on_next_line(stop: &ParseStop) -> Option<Diagnostic> {
    let number = stop.last_token().starts_with(|c: char| c.is_ascii_digit());
    let newline = stop.text[stop.before().len()..stop.at].contains('\n');
    let unit = stop.token();
    if !number || !newline || !unit.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let help = format!("write `{} {unit}` on one line", stop.last_token());
    Some(stop.error("mls::syntax", format!("`{unit}` does not belong to the number above it"), "here", help))
}

/// `=` for `:`, `:` for `=`, `=` for `==`, `if` without `then` or `else`
pub(super) fn wrong_mark(stop: &ParseStop) -> Option<Diagnostic> {
    let token = stop.token();
    let before = stop.before();
    let previous =
        before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).next().unwrap_or("");
    match (token, stop.context) {
        ("=", "field") => Some(
            stop.error(
                "mls::equals-for-colon",
                "a field takes `:` before its value, not `=`",
                "expected `:`",
                format!("write `{previous}: {}`", first_line(&stop.rest()[1..])),
            )
            .edit(stop.span(before.len(), stop.at + 1), ":"),
        ),
        ("=", "assert" | "warn" | "statement") if !stop.rest().starts_with("==") => Some(
            stop.error(
                "mls::equals-for-comparison",
                "`=` declares; a comparison is `==`",
                "expected a comparison",
                "write `==`, or for computed numbers `x within 1% of y`".into(),
            )
            .edit(stop.token_span(), "=="),
        ),
        (":", "let" | "solve" | "") if !previous.is_empty() && before.split_whitespace().count() == 2 => {
            Some(stop.error(
                "mls::colon-for-equals",
                "a declaration takes `=` before its value, not `:`",
                "expected `=`",
                format!("write `{before} = {}`", first_line(&stop.rest()[1..])),
            ))
        }
        (value, "let" | "solve") if before.ends_with(':') && !value.starts_with(char::is_alphabetic) => {
            let colon = stop.span(before.len() - 1, before.len());
            let name = before.trim_end_matches(':').trim_end();
            Some(
                Diagnostic::error(
                    "mls::colon-for-equals",
                    "a declaration takes `=` before its value, not `:`",
                )
                .label(colon, "expected `=`")
                .help(format!("write `{name} = {}`", first_line(stop.rest()))),
            )
        }
        ("=", "param") if before.split_whitespace().count() == 2 => Some(stop.error(
            "mls::syntax",
            "a param says its type before its default",
            "expected `: Type`",
            format!(
                "write `{before}: Scalar = {}`, or another type such as `Time`",
                first_line(&stop.rest()[1..])
            ),
        )),
        ("-", "use") => Some(stop.error(
            "mls::syntax",
            "a name has no `-`",
            "not part of a name",
            "`mlsys list models` and `mlsys list hardware` show the names, such as `llama3_70b`".into(),
        )),
        (":", "") if before.split_whitespace().count() == 1 && !previous.is_empty() => Some(stop.error(
            "mls::syntax",
            format!("`{previous}:` begins no item"),
            "a field outside of braces",
            format!("write `{previous} NAME {{ field: value }}`, or for a value `let {previous} = ..`"),
        )),
        ("in" | "as" | "into", context)
            if context != "use"
                && !before.split_whitespace().any(|w| matches!(w, "for" | "largest" | "smallest")) =>
        {
            let unit = first_line(&stop.rest()[token.len()..]);
            Some(stop.error(
                "mls::foreign-syntax",
                format!("`{token}` does not convert"),
                "here that is `to`",
                format!("write `to {unit}`"),
            ))
        }
        ("<" | ">", _) if matches!(previous, "and" | "or") => Some(stop.error(
            "mls::syntax",
            format!("`{previous}` stands between two whole conditions"),
            "of what?",
            "name the value again, `x > a and x < b`, or write both limits around it: `a < x < b`".into(),
        )),
        (name, "scenario") if before == "scenario" && !name.is_empty() => Some(stop.error(
            "mls::syntax",
            "the name of a scenario is a text in quotes",
            "not in quotes",
            format!("write `scenario \"{name}\" {{ .. }}`"),
        )),
        _ => if_without_else(stop),
    }
}

/// An `if` that lacks its `then` or `else`.
fn if_without_else(stop: &ParseStop) -> Option<Diagnostic> {
    let words: Vec<&str> = stop
        .before()
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|w| matches!(*w, "if" | "then" | "else"))
        .collect();
    let count = |w: &str| words.iter().filter(|x| **x == w).count();
    let (ifs, thens, elses) = (count("if"), count("then"), count("else"));
    let ended = matches!(stop.token(), "" | "}" | ")" | "]" | "," | "{");
    if ifs > thens && words.last() == Some(&"if") {
        return Some(stop.error(
            "mls::if-without-then",
            "an `if` needs a `then`",
            "expected `then`",
            "write `if condition then a else b`".into(),
        ));
    }
    (ended && thens > elses && words.last() == Some(&"then")).then(|| {
        stop.error(
            "mls::if-without-else",
            "an `if` needs an `else`: every expression has a value",
            "expected `else`",
            "write `if condition then a else b`".into(),
        )
    })
}

/// `1.2.3`, `1,000`, `.5`
pub(super) fn malformed_number(stop: &ParseStop) -> Option<Diagnostic> {
    let rest = stop.rest();
    let digit_after = rest[stop.token().len().min(rest.len())..].starts_with(|c: char| c.is_ascii_digit());
    let digit_before = stop.before().ends_with(|c: char| c.is_ascii_digit());
    if stop.token().starts_with(|c: char| c.is_ascii_digit())
        && stop.before().len() == stop.at
        && let Some(start) = stop
            .before()
            .strip_suffix('.')
            .map(|b| b.rfind(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).map_or(0, |i| i + 1))
    {
        return Some(
            Diagnostic::error("mls::malformed-number", "this is not a number")
                .label(stop.span(start, stop.at + stop.token().len()), "two decimal points")
                .help("a number has one decimal point; a range is `1..64`"),
        );
    }
    let help = match (stop.token(), digit_before) {
        (".", true) if digit_after => "a number has one decimal point; a range is `1..64`".to_string(),
        (".", false) if digit_after => format!("write the zero: `0{}`", first_line(rest)),
        (",", true) if digit_after => "group digits with `_`: `1_000`".to_string(),
        _ => return None,
    };
    Some(stop.error("mls::malformed-number", "this is not a number", "here", help))
}
