//! What each code means, with a text that is told so and the same put right: the sections of `codes.md`.

use crate::suggest::nearest;

const TEXT: &str = include_str!("codes.md");

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `mls::unknown-name`
    pub code: &'static str,
    pub meaning: &'static str,
    /// A `config.json` that the example imports.
    pub config: Option<&'static str>,
    pub wrong: Option<&'static str>,
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
