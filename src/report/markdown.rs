//! `--format markdown`: a comment for a pull request. The verdict, a table of assertions, the failures folded under it.

use std::fmt::Write;

use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::{AssertionOutcome, Datum, FileOutcome, Outcome, Status};
use crate::report::groups::{one_line, printable, scenarios};
use crate::report::human::{headline, plural};
use crate::report::margins;
use crate::report::standing::headroom;
use crate::report::tally::Tally;
use crate::report::terminal;
use crate::report::terminal::Style;
use crate::source::Sources;

/// A comment on GitHub may have 65,536 characters. So many are for the tables of assertions, so many with the
/// explanations, and so many for all.
const TABLES: usize = 25_000;
const EXPLAINED: usize = 50_000;
const ROOM: usize = 60_000;
/// So many explanations are open from the start.
const OPEN: usize = 3;

/// The report of a run as Markdown, for a comment or a summary on a forge.
pub fn render(outcome: &Outcome) -> String {
    let tally = Tally::of(outcome);
    let mut page = Page { out: String::new(), tables: 0, only_bad: false, opened: 0 };
    let _ = writeln!(page.out, "### {} mlsys: {}", tally.mark(), tally.text());
    let all = outcome.files.iter().flat_map(|f| &f.assertions).map(|a| row(a).len());
    page.only_bad = all.sum::<usize>() > TABLES;
    for (index, file) in outcome.files.iter().enumerate() {
        if page.out.len() > ROOM {
            let _ = writeln!(page.out, "\n... and {}", plural(outcome.files.len() - index, "more file"));
            break;
        }
        page.file(file, &outcome.sources);
    }
    page.out
}

/// A comment in the making, and what it has used of its room.
struct Page {
    out: String,
    /// Characters in tables of assertions.
    tables: usize,
    /// There is no room for what holds.
    only_bad: bool,
    /// Explanations that are open.
    opened: usize,
}

impl Page {
    fn file(&mut self, file: &FileOutcome, sources: &Sources) {
        let _ = write!(self.out, "\n#### {}\n", code(&file.path));
        let failures = || file.assertions.iter().filter_map(|a| a.failure.as_ref());
        let mut omitted = file.diagnostics.iter().filter(|d| !self.fold(d, sources)).count();
        self.table(file);
        omitted += failures().filter(|d| !self.fold(d, sources)).count();
        if omitted > 0 {
            let _ =
                writeln!(self.out, "\n{} left out here: the log has them.", plural(omitted, "explanation"));
        }
        for part in [margins::markdown(file), solves(file)] {
            if self.out.len() + part.len() <= ROOM {
                self.out.push_str(&part);
            }
        }
    }

    fn table(&mut self, file: &FileOutcome) {
        let (mut rows, mut holding, mut failing) = (String::new(), 0, 0);
        for scenario in scenarios(file) {
            for assertion in file.assertions.iter().filter(|a| a.scenario.as_deref() == scenario) {
                let (row, holds) = (row(assertion), assertion.status == Status::Pass);
                if (self.only_bad && holds) || self.tables + row.len() > TABLES {
                    *(if holds { &mut holding } else { &mut failing }) += 1;
                    continue;
                }
                self.tables += row.len();
                rows.push_str(&row);
            }
        }
        if !rows.is_empty() {
            self.out.push_str("\n| | assertion | value | limit | headroom |\n|---|---|--:|--:|--:|\n");
            self.out.push_str(&rows);
        }
        let left: Vec<String> = [(failing, "more that do not hold"), (holding, "that hold")]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        if !left.is_empty() {
            let _ = writeln!(self.out, "\nNot in this table: {}.", left.join(", "));
        }
    }

    /// A diagnostic under its message; of errors the first few are open. False when there is no room left for it.
    fn fold(&mut self, diagnostic: &Diagnostic, sources: &Sources) -> bool {
        let opens = diagnostic.severity == Severity::Error && self.opened < OPEN;
        let text = folded(diagnostic, sources, opens);
        if self.out.len() + text.len() > EXPLAINED {
            return false;
        }
        self.opened += usize::from(opens);
        self.out.push_str(&text);
        true
    }
}

/// A diagnostic that unfolds under its message.
pub fn folded(diagnostic: &Diagnostic, sources: &Sources, opens: bool) -> String {
    let mark = match diagnostic.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Note => "ℹ️",
    };
    let open = if opens { " open" } else { "" };
    let body = printable(&terminal::render(diagnostic, sources, Style::default()));
    let (fence, message) = (fence(&body, 3), html(&quiet(&one_line(&diagnostic.message))));
    let body = body.trim_end();
    format!(
        "\n<details{open}><summary>{mark} {message}</summary>\n\n{fence}text\n{body}\n{fence}\n\n</details>\n"
    )
}

fn row(assertion: &AssertionOutcome) -> String {
    let mark = match (assertion.status, assertion.severity) {
        (Status::Pass, _) => "✅",
        (Status::Fail | Status::Infeasible, Severity::Error) => "❌",
        (Status::Fail | Status::Infeasible, _) => "⚠️",
        (Status::Invalid, _) => "❔",
    };
    let mut what = code(&assertion.text);
    if let Some(message) = &assertion.message {
        let _ = write!(what, "<br>{}", text(message));
    }
    if let Some(scenario) = &assertion.scenario {
        let _ = write!(what, "<br><sub>{}</sub>", text(scenario));
    }
    let value = |side: &Option<Datum>| side.as_ref().map_or(String::new(), |d| text(&d.to_string()));
    let (left, right) = (value(&assertion.left), value(&assertion.right));
    format!("| {mark} | {what} | {left} | {right} | {} |\n", headroom(assertion))
}

fn solves(file: &FileOutcome) -> String {
    let mut out = String::new();
    if file.solves.is_empty() {
        return out;
    }
    let count = plural(file.solves.len(), "solve");
    let _ =
        write!(out, "\n<details><summary>{count}</summary>\n\n| solve | solver | results |\n|---|---|---|\n");
    for solve in &file.solves {
        let shown: Vec<String> =
            headline(solve).iter().map(|(n, d)| format!("{} {}", text(n), text(&d.to_string()))).collect();
        let name = match &solve.scenario {
            Some(scenario) => format!("{}<br><sub>{}</sub>", code(&solve.name), text(scenario)),
            None => code(&solve.name),
        };
        let _ = writeln!(out, "| {name} | {} | {} |", code(&solve.solver), shown.join(", "));
    }
    out.push_str("\n</details>\n");
    out
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

/// No user is mentioned: the mark and the name are kept apart by a joiner that is not seen.
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
