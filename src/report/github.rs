//! `--format github`: workflow commands that GitHub Actions shows as annotations beside the lines of a pull request.

use std::fmt::Write;

use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::Outcome;
use crate::report::groups::{findings, home, one_line, own_label, paragraphs, printable};
use crate::source::{Sources, Span};

/// One command a line. `prefix` is the way from the top of the checkout to where relative paths begin.
pub fn render(outcome: &Outcome, prefix: &str) -> String {
    let mut out = String::new();
    for diagnostic in findings(outcome) {
        let _ = writeln!(out, "{}", annotation(diagnostic, outcome, prefix));
    }
    out
}

fn annotation(diagnostic: &Diagnostic, outcome: &Outcome, prefix: &str) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = match own_label(diagnostic, &outcome.sources) {
        Some(label) => place(diagnostic.labels[label].span, &outcome.sources, prefix),
        None => home(outcome, diagnostic).map(|path| ("file", from_top(path, prefix))).into_iter().collect(),
    };
    properties.push(("title", diagnostic.code.to_string()));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{command} {}::{}", properties.join(","), message(&paragraphs(diagnostic).join("\n")))
}

/// Columns only for a place on one line: GitHub refuses them otherwise.
fn place(span: Span, sources: &Sources, prefix: &str) -> Vec<(&'static str, String)> {
    let file = sources.file(span.file);
    let (line, column) = file.line_column(span.start);
    let (end_line, end_column) = file.line_column(span.end);
    let mut found = vec![("file", from_top(&file.path, prefix)), ("line", line.to_string())];
    if end_line > line {
        found.push(("endLine", end_line.to_string()));
    } else {
        found.push(("col", column.to_string()));
        found.push(("endColumn", end_column.to_string()));
    }
    found
}

/// A path from the top of the checkout; one that is absolute says so itself.
pub fn from_top(path: &str, prefix: &str) -> String {
    let path = path.replace('\\', "/");
    let absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    match path.strip_prefix("./").unwrap_or(&path) {
        path if absolute => path.to_string(),
        path => resolved(&format!("{prefix}{path}")),
    }
}

/// `infra/../plans/a.mls` as `plans/a.mls`.
fn resolved(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// What a command's message may not hold.
fn message(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a property may not hold besides.
fn property(text: &str) -> String {
    message(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::from_top;

    #[test]
    fn paths_begin_at_the_top_of_the_checkout() {
        assert_eq!(from_top("plans/a.mls", ""), "plans/a.mls");
        assert_eq!(from_top("./a.mls", "infra/"), "infra/a.mls");
        assert_eq!(from_top("../common/a.mls", "infra/plans/"), "infra/common/a.mls");
        assert_eq!(from_top("../a.mls", ""), "../a.mls");
        assert_eq!(from_top("/srv/a.mls", "infra/"), "/srv/a.mls");
        assert_eq!(from_top(r"C:\plans\a.mls", "infra/"), "C:/plans/a.mls");
    }
}
