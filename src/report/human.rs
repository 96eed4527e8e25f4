//! The result as an engineer pastes it into a review: solves, shows, one line an assertion, a summary.

use std::fmt::Write;

use crate::diagnostic::Severity;
use crate::outcome::{
    AssertionOutcome, Datum, FileOutcome, Outcome, ShowOutcome, SolveOutcome, Status, SweepOutcome,
};
use crate::report::chart::preview;
use crate::report::groups::scenarios;
use crate::report::margins;
use crate::report::points::points;
use crate::report::standing::standing;
use crate::report::tally::Tally;
use crate::report::terminal::Style;
use crate::report::wrap::{pack, wrap};

/// How much to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Failures and the summary.
    Quiet,
    /// Solves in one line each.
    #[default]
    Normal,
    /// Every output of every solve.
    Verbose,
}

/// The report of a run. Diagnostics are not part of it: they go to standard error.
pub fn render(outcome: &Outcome, detail: Detail, style: Style) -> String {
    let mut out = String::new();
    let many = outcome.files.len() > 1;
    for file in &outcome.files {
        if many && (detail != Detail::Quiet || failures(file) > 0) {
            let _ = writeln!(out, "{}", paint(style, "1", &file.path));
        }
        render_file(&mut out, file, detail, style);
    }
    margins::render(&mut out, outcome, style);
    summary(&mut out, outcome, style);
    out
}

fn failures(file: &FileOutcome) -> usize {
    file.assertions.iter().filter(|a| a.status != Status::Pass).count()
}

fn render_file(out: &mut String, file: &FileOutcome, detail: Detail, style: Style) {
    for group in scenarios(file) {
        let solves: Vec<&SolveOutcome> =
            file.solves.iter().filter(|s| s.scenario.as_deref() == group).collect();
        let shows: Vec<&ShowOutcome> = file.shows.iter().filter(|s| s.scenario.as_deref() == group).collect();
        let assertions: Vec<&AssertionOutcome> =
            file.assertions.iter().filter(|a| a.scenario.as_deref() == group).collect();
        let mut part = String::new();
        if detail != Detail::Quiet {
            for solve in solves {
                render_solve(&mut part, solve, detail, style);
            }
            for sweep in file.sweeps.iter().filter(|s| s.scenario.as_deref() == group) {
                render_sweep(&mut part, sweep, style);
            }
            for show in shows {
                render_show(&mut part, show, style);
            }
            for plot in file.plots.iter().filter(|p| p.scenario.as_deref() == group) {
                part.push_str(&preview::render(plot, style));
            }
        }
        for assertion in assertions {
            if detail != Detail::Quiet || assertion.status != Status::Pass {
                render_assertion(&mut part, assertion, style);
            }
        }
        if part.is_empty() {
            continue;
        }
        if let Some(scenario) = group {
            for text in hanging(&format!("scenario \"{scenario}\""), style) {
                let _ = writeln!(out, "{}", paint(style, "1", &text));
            }
        }
        out.push_str(&part);
        out.push('\n');
    }
}

fn render_solve(out: &mut String, solve: &SolveOutcome, detail: Detail, style: Style) {
    let head = format!("solve {} ({})", solve.name, solve.solver);
    if detail == Detail::Verbose {
        let _ = writeln!(out, "{}", paint(style, "1", &head));
        fields(out, &solve.outputs, 2);
    } else {
        let shown: Vec<String> = headline(solve).iter().map(|(n, d)| format!("{n} {d}")).collect();
        items(out, &head, &shown, style);
    }
    render_infeasible(out, &solve.infeasible, style);
    render_notes(out, &solve.notes, style);
}

/// Why values are not to be had.
fn render_infeasible(out: &mut String, reasons: &[String], style: Style) {
    let mark = if style.unicode { "✗" } else { "x" };
    for reason in reasons {
        let text = format!("infeasible: {reason}");
        for (index, text) in wrap(&text, style.width.saturating_sub(4)).iter().enumerate() {
            let lead = if index == 0 { mark } else { " " };
            let _ = writeln!(out, "  {} {text}", paint(style, "31", lead));
        }
    }
}

/// A heading and its items: behind it where they fit the line, else below.
fn items(out: &mut String, head: &str, shown: &[String], style: Style) {
    let painted = paint(style, "1", head);
    let single = shown.join(", ");
    if head.chars().count() + 2 + single.chars().count() <= style.width {
        let _ = writeln!(out, "{painted}  {single}");
        return;
    }
    let _ = writeln!(out, "{painted}");
    for text in pack(shown, ", ", style.width.saturating_sub(2)) {
        let _ = writeln!(out, "  {text}");
    }
}

fn render_notes(out: &mut String, notes: &[String], style: Style) {
    for note in notes {
        let mark = if style.unicode { "ℹ" } else { "i" };
        for (index, text) in wrap(note, style.width.saturating_sub(4)).iter().enumerate() {
            let lead = if index == 0 { mark } else { " " };
            let _ = writeln!(out, "  {} {text}", paint(style, "36", lead));
        }
    }
}

fn render_sweep(out: &mut String, sweep: &SweepOutcome, style: Style) {
    let mut axes: Vec<String> =
        sweep.joined.iter().map(|(rows, names)| format!("{rows} {}", names.join("+"))).collect();
    let points = plural(usize::try_from(sweep.points).unwrap_or(usize::MAX), "point");
    if let Some(first) = axes.first_mut() {
        *first = format!("{points}: {first}");
    }
    let (head, single) = (format!("sweep {}", sweep.name), axes.join(" x "));
    if head.chars().count() + 2 + single.chars().count() <= style.width {
        let _ = writeln!(out, "{}  {single}", paint(style, "1", &head));
    } else {
        let _ = writeln!(out, "{}", paint(style, "1", &head));
        for text in pack(&axes, " x ", style.width.saturating_sub(4)) {
            let _ = writeln!(out, "  {text}");
        }
    }
    render_notes(out, &sweep.notes, style);
}

/// The outputs that the one line of a solve shows.
pub fn headline(solve: &SolveOutcome) -> Vec<&(String, Datum)> {
    solve.headline.iter().filter_map(|i| solve.outputs.get(*i)).collect()
}

fn render_show(out: &mut String, show: &ShowOutcome, style: Style) {
    match &show.value {
        Datum::Record { fields: entries, type_name } => {
            let _ = writeln!(out, "{} ({type_name})", paint(style, "1", &show.text));
            fields(out, entries, 2);
        }
        Datum::List(items) if table_of(items).is_some() => {
            let (columns, rows) = table_of(items).unwrap_or_default();
            let _ = writeln!(out, "{}", paint(style, "1", &show.text));
            out.push_str(&points(&columns, &vec![String::new(); columns.len()], &rows, 0, style.width));
        }
        Datum::Table { columns, units, rows, more } => {
            for text in hanging(&show.text, style) {
                let _ = writeln!(out, "{}", paint(style, "1", &text));
            }
            out.push_str(&points(columns, units, rows, *more, style.width));
        }
        value => {
            for text in hanging(&format!("{} = {value}", show.text), style) {
                let _ = writeln!(out, "{text}");
            }
        }
    }
    if !show.infeasible.is_empty() {
        render_infeasible(out, &show.infeasible[..1], style);
    }
}

/// Fields up to which records with a name are a table; those with more, such as accelerators, are shown by their name.
const NAMED: usize = 6;

/// Records of one type as a table: its columns and rows.
fn table_of(items: &[Datum]) -> Option<(Vec<String>, Vec<Vec<Datum>>)> {
    let mut columns: Vec<String> = vec![];
    let mut rows = vec![];
    for item in items {
        let Datum::Record { fields, .. } = item else { return None };
        let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
        let listed = item.name().is_some()
            && (names.len() > NAMED || fields.iter().any(|(_, v)| matches!(v, Datum::Record { .. })));
        if listed || !(columns.is_empty() || columns == names) {
            return None;
        }
        columns = names;
        rows.push(fields.iter().map(|(_, value)| value.clone()).collect());
    }
    (!rows.is_empty()).then_some((columns, rows))
}

/// Lines that fit, those after the first indented.
fn hanging(text: &str, style: Style) -> Vec<String> {
    if text.chars().count() <= style.width {
        return vec![text.to_string()];
    }
    let mut lines = wrap(text, style.width.saturating_sub(2));
    lines.iter_mut().skip(1).for_each(|line| line.insert_str(0, "  "));
    lines
}

/// Names and values in two columns.
pub fn fields(out: &mut String, entries: &[(String, Datum)], indent: usize) {
    let width = entries.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in entries {
        match value {
            Datum::Record { fields: inner, .. } if value.name().is_none() => {
                let _ = writeln!(out, "{:indent$}{name}", "");
                fields(out, inner, indent + 2);
            }
            value => {
                let _ = writeln!(out, "{:indent$}{name:width$}  {value}", "");
            }
        }
    }
}

fn render_assertion(out: &mut String, assertion: &AssertionOutcome, style: Style) {
    let (mark, color) = match (assertion.status, assertion.severity, style.unicode) {
        (Status::Pass, _, true) => ("✓", "32"),
        (Status::Pass, _, false) => ("ok", "32"),
        (Status::Fail | Status::Infeasible, Severity::Error, true) => ("✗", "31"),
        (Status::Fail | Status::Infeasible, Severity::Error, false) => ("FAIL", "31"),
        (Status::Fail | Status::Infeasible, _, true) => ("!", "33"),
        (Status::Fail | Status::Infeasible, _, false) => ("warn", "33"),
        (Status::Invalid, ..) => ("?", "31"),
    };
    let mark = paint(style, color, mark);
    let detail = standing(assertion);
    let room = style.width.saturating_sub(6);
    let length = |text: &str| text.chars().count();
    let whole = match &assertion.message {
        Some(message) => format!("{}  ({message})", assertion.text),
        None => assertion.text.clone(),
    };
    let fits = |text: &str| length(text) + 2 + length(&detail) <= room;
    if fits(&whole) {
        let _ = writeln!(out, "  {mark} {}", with_detail(&whole, &detail, room, style));
        return;
    }
    // The condition and where it stands; what it means below.
    let mut lines = wrap(&assertion.text, room);
    let last = lines.pop().unwrap_or_default();
    let fitting = fits(&last);
    lines.push(if fitting { with_detail(&last, &detail, room, style) } else { last });
    if !fitting && !detail.is_empty() {
        lines.push(with_detail("", &detail, room, style));
    }
    if let Some(message) = &assertion.message {
        lines.extend(wrap(&format!("({message})"), room));
    }
    for (index, text) in lines.iter().enumerate() {
        let _ = match index {
            0 => writeln!(out, "  {mark} {text}"),
            _ => writeln!(out, "      {text}"),
        };
    }
}

/// A text, and at the right edge how it stands.
fn with_detail(text: &str, detail: &str, room: usize, style: Style) -> String {
    if detail.is_empty() {
        return text.to_string();
    }
    let gap = room.saturating_sub(text.chars().count() + detail.chars().count());
    format!("{text}{:gap$}{}", "", paint(style, "2", detail))
}

fn summary(out: &mut String, outcome: &Outcome, style: Style) {
    let parts: Vec<String> =
        Tally::of(outcome).parts().iter().map(|(text, color)| paint(style, color, text)).collect();
    let place = match outcome.files.as_slice() {
        [only] => only.path.clone(),
        many => plural(many.len(), "file"),
    };
    let _ = writeln!(out, "{}: {}", place, parts.join(", "));
}

/// A count with its noun: `1 point`, `3 points`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A text between the terminal's codes for a colour or weight; as it is where the style has no colour.
pub fn paint(style: Style, code: &str, text: &str) -> String {
    if style.color && !code.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
}
