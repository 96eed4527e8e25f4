//! `--format markdown`: a comment for a pull request. The verdict, a table of assertions, the failures folded under it.

use std::fmt::Write;

use super::groups::{diagnostics, one_line, printable, scenarios};
use super::human::{brief, line, plural};
use super::margins;
use super::standing::headroom;
use super::tally::Tally;
use super::terminal::{self, Style};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::outcome::{AssertionOutcome, Datum, FileOutcome, Outcome, Status};
use crate::source::Sources;

/// Characters that a comment on GitHub may have, less some for the table and the solves.
const ROOM: usize = 50_000;

pub fn render(outcome: &Outcome) -> String {
    let tally = Tally::of(outcome);
    let mark = match (tally.bad(), tally.warnings) {
        (true, _) => "❌",
        (false, 0) => "✅",
        (false, _) => "⚠️",
    };
    let mut out = format!("### {mark} mlsys: {}\n", tally.text());
    for (index, file) in outcome.files.iter().enumerate() {
        let found: Vec<&Diagnostic> = diagnostics(outcome, index).collect();
        let _ = write!(out, "\n#### {}\n", code(&file.path));
        render_file(&mut out, file, &found, &outcome.sources);
    }
    out
}

fn render_file(out: &mut String, file: &FileOutcome, found: &[&Diagnostic], sources: &Sources) {
    let mut omitted = 0;
    for diagnostic in found {
        omitted += usize::from(!fold(out, diagnostic, sources));
    }
    if !file.assertions.is_empty() {
        out.push_str("\n| | assertion | value | limit | headroom |\n|---|---|--:|--:|--:|\n");
    }
    for scenario in scenarios(file) {
        for assertion in file.assertions.iter().filter(|a| a.scenario.as_deref() == scenario) {
            row(out, assertion);
        }
    }
    for failure in file.assertions.iter().filter_map(|a| a.failure.as_ref()) {
        omitted += usize::from(!fold(out, failure, sources));
    }
    if omitted > 0 {
        let _ = writeln!(out, "\n{} left out here: the log has them.", plural(omitted, "explanation"));
    }
    margins::markdown(out, file);
    solves(out, file);
}

fn row(out: &mut String, assertion: &AssertionOutcome) {
    let mark = match (assertion.status, assertion.severity) {
        (Status::Pass, _) => "✅",
        (Status::Fail, Severity::Error) => "❌",
        (Status::Fail, _) => "⚠️",
        (Status::Invalid, _) => "❔",
    };
    let mut what = code(&assertion.text);
    if let Some(message) = &assertion.message {
        let _ = write!(what, "<br>{}", text(message));
    }
    if let Some(scenario) = &assertion.scenario {
        let _ = write!(what, "<br><sub>{}</sub>", text(scenario));
    }
    let value = |side: &Option<Datum>| side.as_ref().map_or(String::new(), |d| text(&line(d)));
    let (left, right) = (value(&assertion.left), value(&assertion.right));
    let _ = writeln!(out, "| {mark} | {what} | {left} | {right} | {} |", headroom(assertion));
}

/// A diagnostic under its message, open when it is an error. False when there is no room left for it.
fn fold(out: &mut String, diagnostic: &Diagnostic, sources: &Sources) -> bool {
    let (mark, open) = match diagnostic.severity {
        Severity::Error => ("❌", " open"),
        Severity::Warning => ("⚠️", ""),
        Severity::Note => ("ℹ️", ""),
    };
    let body = printable(&terminal::render(diagnostic, sources, Style::default()));
    if out.len() + body.len() > ROOM {
        return false;
    }
    let (fence, message) = (fence(&body, 3), html(&quiet(&one_line(&diagnostic.message))));
    let _ = write!(
        out,
        "\n<details{open}><summary>{mark} {message}</summary>\n\n{fence}text\n{}\n{fence}\n\n</details>\n",
        body.trim_end()
    );
    true
}

fn solves(out: &mut String, file: &FileOutcome) {
    if file.solves.is_empty() {
        return;
    }
    let count = plural(file.solves.len(), "solve");
    let _ =
        write!(out, "\n<details><summary>{count}</summary>\n\n| solve | solver | results |\n|---|---|---|\n");
    for solve in &file.solves {
        let shown: Vec<String> =
            brief(solve).iter().map(|(n, d)| format!("{} {}", text(n), text(&line(d)))).collect();
        let name = match &solve.scenario {
            Some(scenario) => format!("{}<br><sub>{}</sub>", code(&solve.name), text(scenario)),
            None => code(&solve.name),
        };
        let _ = writeln!(out, "| {name} | {} | {} |", code(&solve.solver), shown.join(", "));
    }
    out.push_str("\n</details>\n");
}

/// A code span that may stand in a table.
pub fn code(source: &str) -> String {
    let source = one_line(source);
    let fence = fence(&source, 1);
    let pad = if source.starts_with('`') || source.ends_with('`') { " " } else { "" };
    // Pipes end a cell even inside a code span.
    format!("{fence}{pad}{}{pad}{fence}", source.replace('|', "\\|"))
}

/// More backticks in a row than a text has.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

/// Words that mean themselves: no markup, no HTML, no mention of anybody.
pub fn text(source: &str) -> String {
    let mut out = String::new();
    for c in quiet(&one_line(source)).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Nobody is mentioned: the mark and the name are kept apart by a joiner that is not seen.
fn quiet(text: &str) -> String {
    text.replace('@', "@\u{2060}")
}

/// A text inside HTML.
pub fn html(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
