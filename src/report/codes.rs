//! What a code means: for a terminal, as JSON, and as the page of the book.

use std::fmt::Write;

use serde_json::json;

use crate::codes::{Entry, entries};
use crate::report::terminal::Style;
use crate::report::wrap::wrap;

/// For a terminal.
pub fn text(entry: &Entry, style: Style) -> String {
    let mut out = format!("{}\n\n", entry.code);
    for line in wrap(&one_line(entry.meaning), style.width.saturating_sub(2)) {
        let _ = writeln!(out, "  {line}");
    }
    for (head, block) in parts(entry) {
        let _ = writeln!(out, "\n{head}:\n");
        for line in block.lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

fn parts(entry: &Entry) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [("with this config.json", entry.config), ("wrong", entry.wrong), ("right", entry.right)];
    all.into_iter().filter_map(|(head, block)| Some((head, block?)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The page of a code as JSON: `code`, `meaning` and its other parts.
pub fn object(entry: &Entry) -> serde_json::Value {
    json!({
        "code": entry.code, "meaning": one_line(entry.meaning),
        "config": entry.config, "wrong": entry.wrong, "right": entry.right,
    })
}

/// The page of a code as a section of the book.
pub fn markdown(entry: &Entry) -> String {
    let mut out = format!("## {}\n\n{}\n", entry.code, entry.meaning);
    for (head, block) in parts(entry) {
        let words = if entry.config == Some(block) { "json" } else { "mls,part" };
        let _ = write!(out, "\n{head}:\n\n```{words}\n{block}```\n");
    }
    out
}

/// The page of the book.
pub fn page() -> String {
    let mut out = String::from(
        "# Diagnostics\n\nEvery finding has a code. `mlsys explain mls::unknown-name` prints its section of this page.\n",
    );
    for entry in entries() {
        let _ = write!(out, "\n{}", markdown(&entry));
    }
    out
}
