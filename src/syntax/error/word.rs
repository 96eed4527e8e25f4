//! Words: those the language keeps for itself, and those that are none of its.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::nearest;
use crate::syntax::ast::Name;
use crate::syntax::error::stop::{ParseStop, first_line};
use crate::syntax::split::{ITEM_KEYWORDS, STATEMENT_KEYWORDS};

/// Words within items that are no names; those that begin one are in [`ITEM_KEYWORDS`] and [`STATEMENT_KEYWORDS`].
const INNER_KEYWORDS: &[&str] = &[
    "as", "if", "then", "else", "match", "iterate", "from", "for", "in", "to", "within", "of", "and", "or",
    "not", "true", "false", "none", "over", "where", "minimize", "maximize", "largest", "smallest", "by",
    "all", "any", "import",
];

pub fn is_reserved(word: &str) -> bool {
    [ITEM_KEYWORDS, STATEMENT_KEYWORDS, INNER_KEYWORDS].iter().any(|words| words.contains(&word))
}

/// True for what a declaration may bind.
pub fn is_name(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !word.starts_with(|c: char| c.is_ascii_digit())
        && !word.is_empty()
        && word.chars().all(letters)
        && !is_reserved(word)
}

/// A reserved word where a value is meant.
pub(in crate::syntax) fn reserved(name: &Name) -> Diagnostic {
    let word = &name.text;
    Diagnostic::error(
        "mls::reserved-word",
        format!("`{word}` is a word of the language and cannot be a value"),
    )
    .label(name.span, "reserved")
    .help("a value is missing here, or has the name of a keyword")
}

/// `let table = 3`
pub(super) fn reserved_word(stop: &ParseStop) -> Option<Diagnostic> {
    let token = stop.token();
    let before = stop.before();
    let last = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let names_something = matches!(
        last,
        "let" | "param" | "solve" | "type" | "enum" | "fn" | "table" | "solver" | "out" | "dimension" | "as"
    );
    // `let x = 1` without the name is another mistake than `let let = 1`.
    let is_name = is_reserved(token) && names_something;
    is_name.then(|| {
        stop.error(
            "mls::reserved-word",
            format!("`{token}` is a word of the language and cannot be a name"),
            "reserved",
            format!("choose another name: `{token}_`, `my_{token}`"),
        )
    })
}

/// `asert x < 3`
pub(super) fn misspelt_keyword(stop: &ParseStop) -> Option<Diagnostic> {
    if !stop.context.is_empty() {
        return None;
    }
    let first = stop.text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let span = stop.span(0, first.len());
    if let Some(keyword) = keyword_of_habit(first) {
        return Some(
            Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{first}`"))
                .label(span, format!("here that is `{keyword}`"))
                .help(imported(stop.text).unwrap_or_else(|| form_of(keyword))),
        );
    }
    if stop.token() == "=" && stop.before() == first {
        return Some(
            Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{first}`"))
                .label(span, "a declaration needs its keyword")
                .help(format!("write `let {first} = {}`", first_line(&stop.rest()[1..])))
                .edit(stop.span(0, 0), "let "),
        );
    }
    let near = nearest(first, ITEM_KEYWORDS.iter().copied());
    // `hardwre x { .. }` has the form of a declaration: its kind is for the checker to judge.
    if let Some(near) = near {
        return Some(misspelt(first, near, span));
    }
    (stop.at <= first.len() + 1 || !first.is_empty() && stop.before().split_whitespace().count() <= 1).then(|| {
        let (label, span) = if first.is_empty() { ("not an item", stop.token_span()) } else { ("not an item", span) };
        let what = if first.is_empty() { stop.token() } else { first };
        Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{what}`")).label(span, label).help(
            "items are `let`, `param`, `solve`, `assert`, `warn`, `show`, `plot`, `scenario`, `use`, or `KIND NAME { .. }`",
        )
    })
}

/// `import a.b` and `from a import b` as they are written here.
fn imported(text: &str) -> Option<String> {
    let words: Vec<&str> = text.lines().next()?.split_whitespace().collect();
    match words.as_slice() {
        ["import" | "include", path] => Some(format!("write `use {path}`")),
        ["from", path, "import", name] => Some(format!("write `use {path}.{name}`")),
        _ => None,
    }
}

/// How an item of a keyword is written.
fn form_of(keyword: &str) -> String {
    let form = match keyword {
        "fn" => "fn name(x: Time) -> Time = value",
        "let" => "let name = value",
        "use" => "use std.hardware.nvidia.H100_SXM",
        "type" => "type Name { field: Type }",
        "scenario" => "scenario \"name\" { .. }",
        "show" => "show value",
        "assert" => "assert condition, \"message\"",
        other => other,
    };
    format!("write `{form}`")
}

fn misspelt(first: &str, near: &str, span: Span) -> Diagnostic {
    Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{first}`"))
        .label(span, format!("did you mean `{near}`?"))
        .help(format!("write `{near}`"))
}

/// What is said of an item that begins with a misspelt keyword and has the form of a record.
pub(in crate::syntax) fn not_a_keyword(body: &str, item: Span) -> Option<Diagnostic> {
    let first = body.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let near = nearest(first, ITEM_KEYWORDS.iter().copied())?;
    Some(misspelt(first, near, Span { end: item.start + first.len() as u32, ..item }))
}

/// The keyword that a word of another language stands for.
pub fn keyword_of_habit(word: &str) -> Option<&'static str> {
    match word {
        "def" | "function" | "func" => Some("fn"),
        "const" | "var" | "val" | "set" => Some("let"),
        "import" | "include" | "from" | "require" => Some("use"),
        "class" | "struct" | "record" => Some("type"),
        "test" | "group" => Some("scenario"),
        "print" | "echo" => Some("show"),
        "chart" | "graph" | "draw" => Some("plot"),
        "check" | "expect" | "ensure" => Some("assert"),
        _ => None,
    }
}

/// The keyword that was meant by a misspelt one.
pub fn nearest_keyword(word: &str) -> Option<&'static str> {
    keyword_of_habit(word).or_else(|| nearest(word, ITEM_KEYWORDS.iter().copied()))
}
