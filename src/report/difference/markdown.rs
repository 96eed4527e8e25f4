//! A comparison as a comment for a pull request.

use std::fmt::Write;

use crate::diagnostic::Severity;
use crate::outcome::Outcome;
use crate::outcome::difference::{ChangeKind, FactChange, GridChange, ScenarioDifference, Turn};
use crate::outcome::text::change_text;
use crate::report::difference::{
    Compared, chosen, name, sides, standing, text as assertion, unchanged, verb, verdict,
};
use crate::report::human::plural;
use crate::report::markdown::{code, folded, text};

/// Characters that a comment on GitHub may have, less a line.
const ROOM: usize = 65_000;

/// A comparison as Markdown that a comment on GitHub has room for.
pub fn render(compared: &Compared) -> String {
    let difference = compared.difference;
    let mark = match (difference.newly_fails(false), difference.newly_fails(true)) {
        (true, _) => "❌",
        (false, true) => "⚠️",
        (false, false) => "✅",
    };
    let mut out = format!("### {mark} mlsys diff: {}\n\n", verdict(difference));
    let _ = writeln!(out, "{} → {}", code(&compared.before), code(&compared.after));
    for part in difference.parts.iter().filter(|p| p.tells()) {
        if let Some(scenario) = &part.scenario {
            let _ = write!(out, "\n#### {}\n", text(scenario));
        }
        render_part(&mut out, part, compared);
    }
    let same = unchanged(difference);
    if !same.is_empty() {
        let _ = write!(out, "\n{same}.\n");
    }
    shortened(out)
}

/// Cut at the end of a line where it is too long for a comment.
fn shortened(mut text: String) -> String {
    if text.len() > ROOM {
        let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at < ROOM).last().unwrap_or(0);
        let line = text[..end].rfind('\n').unwrap_or(0);
        text.truncate(line);
        text.push_str("\n\n... and more that a comment has no room for: `mlsys diff` shows all of it.\n");
    }
    text
}

/// Of two sides of which one is invalid.
pub fn invalid(before: &str, after: &str, outcomes: &[&Outcome]) -> String {
    let mut out = format!("### ❌ mlsys diff: cannot be compared\n\n{} → {}\n", code(before), code(after));
    for outcome in outcomes {
        let errors = outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        errors.for_each(|d| out.push_str(&folded(d, &outcome.sources, true)));
    }
    shortened(out)
}

fn render_part(out: &mut String, part: &ScenarioDifference, compared: &Compared) {
    if !part.flips.is_empty() {
        out.push_str("\n| | assertion | | value |\n|---|---|---|---|\n");
    }
    for flip in &part.flips {
        let mark = match (flip.turn, flip.counts()) {
            (Turn::NewlyFails | Turn::StillFails, true) => "❌",
            (Turn::NewlyFails | Turn::StillFails, false) => "⚠️",
            (Turn::NewlyPasses | Turn::Added | Turn::Changed, _) => "✅",
            (Turn::Removed, _) => "",
        };
        let (what, value) = (assertion(flip).replace("->", "→"), standing(flip).replace("->", "→"));
        let _ = writeln!(out, "| {mark} | {} | {} | {} |", code(&what), verb(flip.turn), text(&value));
    }
    if !part.inputs.is_empty() {
        table(out, "input", &part.inputs.iter().collect::<Vec<_>>());
    }
    let (shown, left) = chosen(&part.results, compared);
    if !shown.is_empty() {
        table(out, "result", &shown);
    }
    if left > 0 {
        let _ = write!(out, "\n{} that moved less.\n", plural(left, "more result"));
    }
    part.grids.iter().for_each(|g| grid(out, g));
}

fn table(out: &mut String, head: &str, changes: &[&FactChange]) {
    let _ = write!(out, "\n| {head} | before | after | | |\n|---|--:|--:|--:|--:|\n");
    for change in changes {
        let (before, after) = sides(change);
        let (before, after) = match change.what {
            ChangeKind::Equation => (code(&before), code(&after)),
            _ => (text(&before), text(&after)),
        };
        let moved = change.difference.as_ref().map_or(String::new(), |(_, t)| text(t));
        let share = change.relative.map_or(String::new(), change_text);
        let _ = writeln!(out, "| {} | {before} | {after} | {moved} | {share} |", code(&name(change)));
    }
}

fn grid(out: &mut String, grid: &GridChange) {
    let (before, after) = grid.points;
    if before != after {
        let _ = write!(out, "\n- {}: {before} → {after} points\n", code(&grid.name));
        return;
    }
    out.push('\n');
    for column in &grid.columns {
        let most = match &column.greatest {
            Some((share, place)) => format!(", at most {} at {}", change_text(*share), text(place)),
            None => String::new(),
        };
        let name = code(&format!("{}.{}", grid.name, column.name));
        let _ = writeln!(out, "- {name}: changed at {} of {after} points{most}", column.changed);
    }
}
