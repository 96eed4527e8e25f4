//! `--format github`: workflow commands that GitHub Actions shows as annotations beside the lines of a pull request.

use std::fmt::Write;

use super::groups::{findings, one_line, paragraphs, printable};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::outcome::Outcome;
use crate::source::{Sources, Span};

/// One command a line.
pub fn render(outcome: &Outcome) -> String {
    let mut out = String::new();
    for diagnostic in findings(outcome) {
        let _ = writeln!(out, "{}", annotation(diagnostic, &outcome.sources));
    }
    out
}

fn annotation(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = diagnostic.span().map_or(vec![], |span| place(span, sources));
    properties.push(("title", diagnostic.code.to_string()));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{command} {}::{}", properties.join(","), message(&paragraphs(diagnostic).join("\n")))
}

/// Columns only for a place on one line: GitHub refuses them otherwise.
fn place(span: Span, sources: &Sources) -> Vec<(&'static str, String)> {
    let file = sources.file(span.file);
    let (line, column) = file.line_column(span.start);
    let (end_line, end_column) = file.line_column(span.end);
    let mut found = vec![("file", file.path.replace('\\', "/")), ("line", line.to_string())];
    if end_line > line {
        found.push(("endLine", end_line.to_string()));
    } else {
        found.push(("col", column.to_string()));
        found.push(("endColumn", end_column.to_string()));
    }
    found
}

/// What a command's message may not hold.
fn message(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a property may not hold besides.
fn property(text: &str) -> String {
    message(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}
