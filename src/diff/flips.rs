//! Assertions of two runs: which hold now and did not, which fail now and did not.

use crate::outcome::difference::{Flip, ScenarioDifference, Turn};
use crate::outcome::{AssertionOutcome, FileOutcome, Status};

/// Fills in the flips of a part.
pub fn compare(before: &FileOutcome, after: &FileOutcome, part: &mut ScenarioDifference) {
    let of = |file: &FileOutcome| -> Vec<AssertionOutcome> {
        file.assertions.iter().filter(|a| a.scenario == part.scenario).cloned().collect()
    };
    let (mut old, new) = (of(before), of(after));
    let mut pairs: Vec<(Option<AssertionOutcome>, AssertionOutcome)> = vec![];
    for assertion in new {
        let found = old.iter().position(|a| a.text == assertion.text && a.severity == assertion.severity);
        pairs.push((found.map(|index| old.remove(index)), assertion));
    }
    // What asks the same of the same, with another bound.
    for (found, assertion) in pairs.iter_mut().filter(|(found, _)| found.is_none()) {
        let index = old.iter().position(|a| subject(&a.text) == subject(&assertion.text));
        *found = index.map(|index| old.remove(index));
    }
    for (before, after) in pairs {
        // What only warned before fails now: that stops what it did not stop.
        let graver = |a: &AssertionOutcome| a.severity > after.severity;
        let held = before.as_ref().map(|a| a.status == Status::Pass || graver(a));
        let turn = match (held, after.status == Status::Pass) {
            (Some(false), false) => Turn::StillFails,
            (_, false) => Turn::NewlyFails,
            (Some(false), true) => Turn::NewlyPasses,
            (None, true) => Turn::Added,
            (Some(true), true) if before.as_ref().is_some_and(|a| a.text != after.text) => Turn::Changed,
            (Some(true), true) => {
                part.same.assertions += 1;
                continue;
            }
        };
        part.flips.push(Flip { turn, before, after: Some(after) });
    }
    part.flips.extend(old.into_iter().map(|a| Flip { turn: Turn::Removed, before: Some(a), after: None }));
    // What went wrong comes first.
    part.flips.sort_by_key(|f| f.turn as u8);
}

/// What an assertion speaks of: the text before its first comparison.
fn subject(text: &str) -> &str {
    let end = ["<", ">", "==", "!=", " within "].iter().filter_map(|mark| text.find(mark)).min();
    text[..end.unwrap_or(text.len())].trim()
}
