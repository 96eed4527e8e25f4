//! What each code means, with a text that is told so and the same put right: the sections of `codes.md`.

use crate::suggest::nearest;

/// What is said of a setting that no `param` takes.
pub const UNKNOWN_PARAM: &str = "mls::unknown-param";
/// What is said of a path at which there is nothing.
pub const FILE_NOT_FOUND: &str = "mls::file-not-found";
/// What is said of a query that is asked of no points.
pub const EMPTY_GRID: &str = "mls::empty-grid";
/// What is said of a bracket that is not closed: what follows may belong to it.
pub const UNCLOSED_DELIMITER: &str = "mls::unclosed-delimiter";
/// What is said of a text that is not closed.
pub const UNTERMINATED_STRING: &str = "mls::unterminated-string";
/// What is said of a record of no type.
pub const UNKNOWN_KIND: &str = "mls::unknown-kind";

const TEXT: &str = include_str!("codes.md");

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `mls::unknown-name`
    pub code: &'static str,
    /// What it is told of, and why.
    pub meaning: &'static str,
    /// A `config.json` that the example imports.
    pub config: Option<&'static str>,
    /// A plan that is told so.
    pub wrong: Option<&'static str>,
    /// The same put right.
    pub right: Option<&'static str>,
}

/// All of them, in the order of their codes.
pub fn entries() -> impl Iterator<Item = Entry> {
    TEXT.split("\n## ").skip(1).map(|section| {
        let (code, body) = section.split_once('\n').unwrap_or((section, ""));
        Entry {
            code: code.trim(),
            meaning: body.split("```").next().unwrap_or("").trim(),
            config: block(body, "json"),
            wrong: block(body, "mls wrong"),
            right: block(body, "mls right"),
        }
    })
}

/// The text between the fences whose first one has these words.
fn block(body: &'static str, words: &str) -> Option<&'static str> {
    let (_, rest) = body.split_once(&format!("```{words}\n"))?;
    rest.split_once("```").map(|(text, _)| text)
}

/// The section of `mls::unknown-name` or `unknown-name`.
pub fn entry(code: &str) -> Option<Entry> {
    entries().find(|e| e.code == code || e.code.strip_prefix("mls::") == Some(code))
}

/// The code that was meant by a misspelt one.
pub fn nearest_code(code: &str) -> Option<&'static str> {
    let name = code.strip_prefix("mls::").unwrap_or(code);
    let codes: Vec<&'static str> = entries().map(|e| e.code).collect();
    let near = nearest(name, codes.iter().filter_map(|c| c.strip_prefix("mls::")))?;
    codes.iter().copied().find(|c| c.strip_prefix("mls::") == Some(near))
}
