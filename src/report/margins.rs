//! `--margins`: which assertions are closest to failing, and what would make them fail.

use std::fmt::Write;

use crate::outcome::suggestion::Suggestion;
use crate::outcome::text::{change_text, percent_text};
use crate::outcome::{AssertionOutcome, FileOutcome, Outcome};
use crate::report::human::paint;
use crate::report::markdown::{code, text};
use crate::report::terminal::Style;
use crate::report::wrap::wrap;

/// For people: the closest first, each with its nearest change.
pub fn render(out: &mut String, outcome: &Outcome, style: Style) {
    for file in &outcome.files {
        let found = ranked(file);
        if found.is_empty() {
            continue;
        }
        let place = if outcome.files.len() > 1 { format!(" of {}", file.path) } else { String::new() };
        let _ = writeln!(out, "{}", paint(style, "1", &format!("margins{place}, the closest first")));
        for (assertion, breaks) in found {
            let _ = writeln!(out, "  {:>9}  {}", distance(breaks), head(assertion));
            let change = change(assertion, breaks, "fails with ");
            for text in wrap(&change, style.width.saturating_sub(13)) {
                let _ = writeln!(out, "             {}", paint(style, "2", &text));
            }
        }
        out.push('\n');
    }
}

/// The change that is shown: the smallest of a number, as another member is no step on a scale; else that.
fn nearest(breaks: &[Suggestion]) -> Option<&Suggestion> {
    breaks.iter().find(|b| b.change.is_some()).or(breaks.first())
}

/// The nearest change, or that there is none; and what was not tried to find it.
fn change(assertion: &AssertionOutcome, breaks: &[Suggestion], lead: &str) -> String {
    let untried = assertion.untried.as_ref().map_or(String::new(), |left| format!(" ({left})"));
    match nearest(breaks) {
        Some(nearest) if nearest.change.is_none() => format!("{lead}{}{untried}", nearest.line()),
        Some(nearest) => format!("{lead}{}", nearest.line()),
        None if untried.is_empty() => "no single change within 16x makes this fail".into(),
        None => format!("no single change that was tried makes this fail{untried}"),
    }
}

/// A table under the assertions.
pub fn markdown(file: &FileOutcome) -> String {
    let mut out = String::new();
    let found = ranked(file);
    if found.is_empty() {
        return out;
    }
    out.push_str("\n<details><summary>margins, the closest first</summary>\n\n");
    out.push_str("| change | assertion | fails with |\n|--:|---|---|\n");
    for (assertion, breaks) in found {
        let change = text(&change(assertion, breaks, ""));
        let _ = writeln!(out, "| {} | {} | {change} |", text(&distance(breaks)), code(&head(assertion)));
    }
    out.push_str("\n</details>\n");
    out
}

/// Assertions that hold, by the size of the smallest change that breaks them; those that nothing breaks are last.
fn ranked(file: &FileOutcome) -> Vec<(&AssertionOutcome, &[Suggestion])> {
    let mut found: Vec<(&AssertionOutcome, &[Suggestion])> =
        file.assertions.iter().filter_map(|a| Some((a, a.breaks.as_deref()?))).collect();
    let size = |breaks: &[Suggestion]| match nearest(breaks) {
        // Another member is no small step.
        Some(nearest) => nearest.change.map_or(f64::MAX, f64::abs),
        None => f64::INFINITY,
    };
    found.sort_by(|a, b| size(a.1).total_cmp(&size(b.1)));
    found
}

/// `+3.1 %`
fn distance(breaks: &[Suggestion]) -> String {
    match nearest(breaks).map(|b| b.change) {
        Some(Some(change)) => change_text(change),
        Some(None) => "other".into(),
        None => "-".into(),
    }
}

/// `one.latency < 25 ms (night; 41.1 % headroom)`
fn head(assertion: &AssertionOutcome) -> String {
    let headroom = assertion.margin.map(|m| format!("{} % headroom", percent_text(m.max(0.0))));
    let more: Vec<String> = assertion.scenario.clone().into_iter().chain(headroom).collect();
    match more.is_empty() {
        true => assertion.text.clone(),
        false => format!("{}  ({})", assertion.text, more.join("; ")),
    }
}
