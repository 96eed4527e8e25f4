//! What would pass: the smallest single changes with which a failed assertion holds.
//!
//! Every input that the assertion depends on is searched by itself, then the nearest changes are tried on the whole
//! file: the assertion must hold there, and nothing may become invalid.

use rayon::prelude::*;

use crate::check::program::Program;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lower::perturb::input::Input;
use crate::outcome::suggestion::Suggestion;
use crate::outcome::{AssertionOutcome, FileOutcome, Status};
use crate::source::Sources;
use crate::whatif::nearest_value::{Fix, rounder};
use crate::whatif::search_inputs::{SearchSpace, search_inputs};
use crate::whatif::suggestion::{SHOWN, help};
use crate::whatif::trial_run::{SearchedClaim, TrialRun, run_claims};

/// Of those, changes of what the library says.
const OF_LIBRARY: usize = 2;
/// Failed assertions that are searched: of hundreds, the first tell the story. Of others, as many are opened together.
const SEARCHED: usize = 20;
/// What the searches of a run may take together, and those of one assertion at least: so much, and so many evaluations
/// of its condition; see [`Lowerer::work`].
const TOTAL: u64 = 1_000_000;
const LEAST: u64 = 200_000;
const TIMES: u64 = 12;

/// Adds suggestions to the failed assertions of a run; to a `warn` that fails only when asked to.
pub fn suggest(
    program: &Program,
    sources: &Sources,
    files: &mut [FileOutcome],
    problems: &[Diagnostic],
    for_warn: bool,
) {
    let which = |a: &AssertionOutcome| a.status.fails() && (for_warn || a.severity == Severity::Error);
    let mut asked = run_claims(program, sources, files, which);
    let budget = (TOTAL / asked.len().clamp(1, SEARCHED) as u64).max(LEAST);
    asked.truncate(SEARCHED);
    if asked.is_empty() {
        return;
    }
    let run = TrialRun::new(program, sources, files, problems, &asked);
    for (index, asked) in asked.iter().enumerate() {
        let one = SearchedClaim::new(&run, index, asked, budget);
        attach(&one, &mut files[asked.file].assertions[asked.number]);
    }
}

/// Adds to the assertions that hold the nearest changes with which they fail.
pub fn margins(program: &Program, sources: &Sources, files: &mut [FileOutcome], problems: &[Diagnostic]) {
    let asked = run_claims(program, sources, files, |a| a.status == Status::Pass);
    for asked in asked.chunks(SEARCHED) {
        let run = TrialRun::new(program, sources, files, problems, asked);
        for (index, asked) in asked.iter().enumerate() {
            let one = SearchedClaim::new(&run, index, asked, TOTAL);
            if let Some((nearest, untried)) = breaks(&one) {
                let assertion = &mut files[asked.file].assertions[asked.number];
                (assertion.breaks, assertion.untried) = (Some(nearest), untried);
            }
        }
    }
}

/// The nearest changes with which a claim fails, and what was not looked at; `None` when it is too large to look.
fn breaks(one: &SearchedClaim) -> Option<(Vec<Suggestion>, Option<String>)> {
    let inputs = one.inputs(true)?;
    let field =
        SearchSpace { open: inputs.open.lanes, rest: &inputs.rest, price: inputs.price, budget: one.budget };
    let (mut nearest, mut noted, mut unproven) = (vec![], vec![], 0);
    let mut reach = search_inputs(&one.of.claim, field, false, |found| {
        let mut left = found.len();
        for few in found.chunks(SHOWN) {
            left -= few.len();
            let tried: Vec<Option<(Fix, Vec<String>)>> =
                few.par_iter().map(|(input, fix)| settled(one, input, fix, Status::Fail)).collect();
            for ((input, _), tried) in few.iter().zip(tried) {
                let Some((fix, notes)) = tried else { continue };
                let list = if notes.is_empty() { &mut nearest } else { &mut noted };
                list.push((fix.size, Suggestion { notes, ..one.suggestion(input, &fix) }));
            }
            if nearest.len() >= SHOWN || one.is_spent() {
                unproven = left;
                return true;
            }
        }
        false
    });
    // What a solver frowns at comes last, as for what would pass.
    for list in [&mut nearest, &mut noted] {
        list.sort_by(|a: &(f64, Suggestion), b| a.0.total_cmp(&b.0));
    }
    nearest.append(&mut noted);
    nearest.truncate(SHOWN);
    reach.unproven = unproven;
    // Four are as many as are shown.
    let left = if nearest.len() == SHOWN { None } else { reach.text() };
    Some((nearest.into_iter().map(|(_, suggestion)| suggestion).collect(), left))
}

/// Changes that hold when they are tried on the whole run.
#[derive(Default)]
struct ProvenFixes<'i, 'p> {
    /// With what is noted of each that was not before.
    proven: Vec<(&'i Input<'p>, Fix, Vec<String>)>,
    /// More changes of what the library says than are shown while the user's own will do.
    spare: Vec<(&'i Input<'p>, Fix)>,
    /// Changes that were not tried: the budget was spent.
    unproven: usize,
}

impl<'i, 'p> ProvenFixes<'i, 'p> {
    /// How many are proven without a note.
    fn plain(&self, of_library: bool) -> usize {
        let counts = |(input, _, notes): &&(&Input, Fix, Vec<String>)| {
            input.of_library == of_library && notes.is_empty()
        };
        self.proven.iter().filter(counts).count()
    }

    /// Tries changes, the smallest first; true when there are enough.
    fn take(&mut self, one: &SearchedClaim, fixes: Vec<(&'i Input<'p>, Fix)>, library: usize) -> bool {
        let mut fixes = fixes.into_iter();
        while fixes.len() > 0 {
            let few: Vec<(&Input, Fix)> = fixes.by_ref().take(SHOWN).collect();
            // What comes now is larger than what has been found.
            if self.plain(false) + self.plain(true) >= SHOWN {
                return true;
            }
            if one.is_spent() {
                self.unproven += few.len() + fixes.len();
                return true;
            }
            let full = self.plain(true) >= library;
            let (few, spare): (Vec<_>, Vec<_>) =
                few.into_iter().partition(|(input, _)| !(full && input.of_library));
            self.spare.extend(spare);
            let tried: Vec<Option<(Fix, Vec<String>)>> =
                few.par_iter().map(|(input, fix)| settled(one, input, fix, Status::Pass)).collect();
            for ((input, _), tried) in few.into_iter().zip(tried) {
                self.proven.extend(tried.map(|(fix, notes)| (input, fix, notes)));
            }
        }
        self.plain(false) + self.plain(true) >= SHOWN
    }

    /// Where the user's own inputs leave room, further ones of the library.
    fn of_library(&mut self, one: &SearchedClaim) {
        let spare = std::mem::take(&mut self.spare);
        self.take(one, spare, SHOWN);
    }

    /// What is shown, the smallest first. What a solver frowns at comes last: an efficiency above 100 % is arithmetic,
    /// not a plan.
    fn ranked(mut self) -> Vec<(&'i Input<'p>, Fix, Vec<String>)> {
        let mut library = OF_LIBRARY.max(SHOWN.saturating_sub(self.plain(false)));
        self.proven
            .sort_by(|a, b| (!a.2.is_empty()).cmp(&!b.2.is_empty()).then(a.1.size.total_cmp(&b.1.size)));
        self.proven.retain(|(input, _, notes)| {
            let counts = input.of_library && notes.is_empty();
            let fits = !counts || library > 0;
            library -= usize::from(counts && fits);
            fits
        });
        self.proven.truncate(SHOWN);
        self.proven
    }
}

fn attach(one: &SearchedClaim, assertion: &mut AssertionOutcome) {
    let Some(failure) = &mut assertion.failure else { return };
    let Some(inputs) = one.inputs(false) else {
        failure.notes.push("too large to search for what would make it hold".into());
        return;
    };
    let searched = !inputs.is_empty();
    let claim = &one.of.claim;
    let mut found = ProvenFixes::default();
    let budget = one.budget.max(TIMES * inputs.price);
    let field = SearchSpace { open: inputs.open.lanes, rest: &inputs.rest, price: inputs.price, budget };
    let mut reach = search_inputs(claim, field, true, |fixes| found.take(one, fixes, OF_LIBRARY));
    found.of_library(one);
    reach.unproven = found.unproven;
    let ranked = found.ranked().into_iter();
    let suggestions: Vec<Suggestion> =
        ranked.map(|(input, fix, notes)| Suggestion { notes, ..one.suggestion(input, &fix) }).collect();
    failure.help = help(&suggestions, searched, &reach).or(failure.help.take());
    if suggestions.is_empty() {
        let mut lowerer = one.lowerer();
        failure.notes.extend(crate::whatif::binding_term::limit(
            &mut lowerer,
            claim,
            one.of.step.locals.len(),
        ));
    }
    assertion.suggestions = suggestions;
}

/// A change with which the claim is as wanted and the rest stays valid, and what is noted of it. Of a count that is noted or
/// breaks something, a rounder one is taken if that does not: devices come in whole replicas.
fn settled(one: &SearchedClaim, input: &Input, fix: &Fix, wanted: Status) -> Option<(Fix, Vec<String>)> {
    let notes = one.accepts(input, fix, wanted);
    if !input.whole || notes.as_ref().is_some_and(Vec::is_empty) {
        return notes.map(|notes| (fix.clone(), notes));
    }
    let tried: Vec<Fix> = rounder(input, fix);
    let found = tried.into_iter().find_map(|fix| {
        let notes = one.accepts(input, &fix, wanted)?;
        notes.is_empty().then_some((fix, notes))
    });
    found.or_else(|| notes.map(|notes| (fix.clone(), notes)))
}
