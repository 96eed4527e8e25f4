//! What is different between two runs: for people, as Markdown, and as JSON.

pub mod contract;
pub mod human;
pub mod markdown;

use crate::outcome::difference::{ChangeKind, Difference, FactChange, FactValue, Flip, Turn, Unchanged};
use crate::outcome::{AssertionOutcome, Datum};
use crate::report::standing::distance;

/// A comparison and the names of its two sides.
pub struct Compared<'d> {
    /// The first side, as it was asked for.
    pub before: String,
    /// The second side, as it was asked for.
    pub after: String,
    /// What is different between them.
    pub difference: &'d Difference,
    /// Show every result, not the ones that moved most.
    pub all: bool,
}

/// Results of one declaration that are shown, besides those that the plan speaks of.
const SHOWN: usize = 8;

/// The name of what changed, and the file where that is another one.
fn name(change: &FactChange) -> String {
    match &change.file {
        Some(file) => format!("{} ({file})", change.name),
        None => change.name.clone(),
    }
}

fn side(change: &FactChange, seen: &Option<FactValue>, missing: &str) -> String {
    match (change.what, seen) {
        (_, None) => missing.into(),
        (ChangeKind::Declaration, Some(_)) => "declared".into(),
        (_, Some(seen)) if seen.default => format!("{} (default)", seen.text),
        (_, Some(seen)) => seen.text.clone(),
    }
}

/// Before and after, as words.
fn sides(change: &FactChange) -> (String, String) {
    (side(change, &change.before, "not there"), side(change, &change.after, "gone"))
}

/// The results to show, and how many are left out: of each declaration what the plan asserts and shows, then those that
/// moved most.
fn chosen<'c>(changes: &'c [FactChange], compared: &Compared) -> (Vec<&'c FactChange>, usize) {
    let owner = |c: &FactChange| c.name.split('.').next().unwrap_or_default().to_string();
    let asked = |c: &FactChange| compared.difference.mentions.iter().any(|text| names(text, &c.name));
    let weight = |c: &FactChange| match asked(c) {
        true => f64::INFINITY,
        false => c.relative.map_or(f64::MAX, f64::abs),
    };
    let mut shown: Vec<&FactChange> = changes.iter().collect();
    if compared.all {
        return (shown, 0);
    }
    let mut ranked = shown.clone();
    ranked.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let rank = |c: &FactChange| {
        let own = ranked.iter().filter(|other| owner(other) == owner(c));
        own.take_while(|other| other.name != c.name).count()
    };
    shown.retain(|c| rank(c) < SHOWN || asked(c));
    let left = changes.len() - shown.len();
    (shown, left)
}

/// Does a text speak of a name, as a whole word?
fn names(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part))
}

fn verb(turn: Turn) -> &'static str {
    match turn {
        Turn::NewlyFails => "newly fails",
        Turn::StillFails => "still fails",
        Turn::NewlyPasses => "newly passes",
        Turn::Changed => "changed, holds",
        Turn::Added => "new, holds",
        Turn::Removed => "gone",
    }
}

/// `one.latency < 25 ms`, or the two texts of an assertion that was changed.
fn text(flip: &Flip) -> String {
    match (&flip.before, &flip.after) {
        (Some(before), Some(after)) if before.text != after.text => {
            format!("{} -> {}", before.text, after.text)
        }
        (_, Some(one)) | (Some(one), None) => one.text.clone(),
        (None, None) => String::new(),
    }
}

/// `14.72 ms -> 26.1 ms, 4.4 % over`
fn standing(flip: &Flip) -> String {
    let left = |a: &Option<AssertionOutcome>| a.as_ref().and_then(|a| a.left.as_ref()).map(Datum::to_string);
    let values = match (left(&flip.before), left(&flip.after)) {
        (Some(a), Some(b)) if a == b => b,
        (Some(a), Some(b)) => format!("{a} -> {b}"),
        (a, b) => b.or(a).unwrap_or_default(),
    };
    let margin = flip.after.as_ref().and_then(distance);
    [Some(values).filter(|v| !v.is_empty()), margin].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `12 inputs, 31 results and 4 assertions are as they were`
fn unchanged(difference: &Difference) -> String {
    use super::human::plural;
    let sum = |of: fn(&Unchanged) -> usize| -> usize { difference.parts.iter().map(|p| of(&p.same)).sum() };
    let counts =
        [(sum(|s| s.inputs), "input"), (sum(|s| s.results), "result"), (sum(|s| s.assertions), "assertion")];
    let shown: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, w)| plural(*n, w)).collect();
    if shown.is_empty() { String::new() } else { format!("as before: {}", shown.join(", ")) }
}

/// `1 newly fails, 2 newly pass`; a `warn` is counted apart.
fn verdict(difference: &Difference) -> String {
    let flips = || difference.parts.iter().flat_map(|p| &p.flips);
    let count = |turn, counts| flips().filter(|f| f.turn == turn && f.counts() == counts).count();
    let words = [
        (Turn::NewlyFails, true, "newly fails", "newly fail"),
        (Turn::StillFails, true, "still fails", "still fail"),
        (Turn::NewlyPasses, true, "newly passes", "newly pass"),
        (Turn::NewlyFails, false, "new warning", "new warnings"),
        (Turn::NewlyPasses, false, "warning gone", "warnings gone"),
    ];
    let parts: Vec<String> = words
        .iter()
        .map(|(turn, counts, one, many)| (count(*turn, *counts), one, many))
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
        .collect();
    match (parts.is_empty(), difference.parts.iter().any(|p| p.differs())) {
        (false, _) => parts.join(", "),
        (true, true) => "no assertion flips".into(),
        (true, false) => "nothing is different".into(),
    }
}
