//! The run that assertions are part of: whether a change does what is wanted of one, and leaves all else valid.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::check::program::{Program, Step};
use crate::diagnostic::{Diagnostic, Severity};
use crate::library;
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::{Input, inputs};
use crate::lower::perturb::probe::Probe;
use crate::outcome::suggestion::Suggestion;
use crate::outcome::{AssertionOutcome, FileOutcome, Status};
use crate::run::steps;
use crate::source::Sources;
use crate::whatif::claim::{BUDGET, Claim};
use crate::whatif::nearest_value::Fix;
use crate::whatif::open_run::{Opened, Quick};
use crate::whatif::suggestion::suggestion;

/// A claim of a run: of which file, and which of its assertions.
pub struct Asked<'p> {
    pub file: usize,
    pub number: usize,
    pub claim: Claim<'p>,
    pub step: &'p Step,
}

/// The claims of a run whose outcome is asked about.
pub fn asked_of<'p>(
    program: &'p Program,
    sources: &'p Sources,
    files: &[FileOutcome],
    which: impl Fn(&AssertionOutcome) -> bool,
) -> Vec<Asked<'p>> {
    let mut found = vec![];
    for (file, (plan, outcome)) in program.files.iter().zip(files).enumerate() {
        let claims = plan.steps.iter().filter_map(|step| Some((step, Claim::of(program, sources, step)?)));
        for (number, ((step, claim), assertion)) in claims.zip(&outcome.assertions).enumerate() {
            if which(assertion) {
                found.push(Asked { file, number, claim, step });
            }
        }
    }
    found
}

/// The inputs that somebody could choose; what was measured of kernels and engines is not.
pub fn chosen<'p>(inputs: Vec<Input<'p>>, sources: &Sources) -> Vec<Input<'p>> {
    let measured = |input: &Input| library::is_measured(&sources.file(input.literal.span.file).text);
    inputs.into_iter().filter(|input| !measured(input)).collect()
}

/// How many errors a run has.
pub fn errors_of(problems: &[Diagnostic]) -> usize {
    problems.iter().filter(|p| p.severity == Severity::Error).count()
}

/// What a run notes: of its solves, and elsewhere.
pub fn notes(files: &[FileOutcome], problems: &[Diagnostic]) -> Vec<String> {
    let solves = files.iter().flat_map(|f| &f.solves).flat_map(|s| s.notes.clone());
    let others = problems.iter().filter(|p| p.severity == Severity::Note).map(|p| p.message.clone());
    solves.chain(others).collect()
}

/// A note without its numbers.
fn words(note: &str) -> String {
    note.chars().filter(|c| !(c.is_ascii_digit() || *c == '.')).collect()
}

/// The run that assertions are part of.
pub struct Whole<'p> {
    program: &'p Program,
    sources: &'p Sources,
    /// Errors it has anyway.
    errors: usize,
    /// Notes it has anyway.
    notes: Vec<String>,
    opened: Opened<'p>,
}

impl<'p> Whole<'p> {
    pub fn new(
        (program, sources): (&'p Program, &'p Sources),
        files: &[FileOutcome],
        problems: &[Diagnostic],
        asked: &[Asked<'p>],
    ) -> Self {
        let claims: Vec<Claim> = asked.iter().map(|asked| asked.claim).collect();
        let opened = Opened::new(program, sources, &claims);
        Whole { program, sources, errors: errors_of(problems), notes: notes(files, problems), opened }
    }
}

/// One of the assertions of a run.
pub struct One<'r, 'p> {
    pub whole: &'r Whole<'p>,
    /// Among those that are asked about.
    pub index: usize,
    pub asked: &'r Asked<'p>,
    /// What trying changes on the run may take, and has taken.
    pub budget: u64,
    spent: AtomicU64,
}

/// Inputs of one assertion.
pub struct Inputs<'r, 'p> {
    pub quick: Quick<'r, 'p>,
    pub rest: Vec<Input<'p>>,
    /// What one evaluation of the claim takes, where some have to be tried one by one.
    pub price: u64,
}

impl<'r, 'p> Inputs<'r, 'p> {
    pub fn is_empty(&self) -> bool {
        self.quick.lanes.is_empty() && self.rest.is_empty()
    }
}

impl<'r, 'p> One<'r, 'p> {
    pub fn new(whole: &'r Whole<'p>, index: usize, asked: &'r Asked<'p>, budget: u64) -> Self {
        One { whole, index, asked, budget, spent: AtomicU64::new(0) }
    }

    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed) > self.budget
    }

    /// What the assertion depends on. `None` when it is too large to search.
    pub fn inputs(&self, now: bool) -> Option<Inputs<'r, 'p>> {
        let quick = self.whole.opened.quick(self.index, now);
        if quick.is_all() {
            return Some(Inputs { quick, rest: vec![], price: 0 });
        }
        let claim = &self.asked.claim;
        let (mut lowerer, trace) = claim.trace();
        let price = lowerer.work();
        if price > BUDGET {
            return None;
        }
        let mut rest = chosen(inputs(&mut lowerer, &[claim.condition], &trace), self.whole.sources);
        rest.retain(|input| !quick.knows(input));
        Some(Inputs { quick, rest, price })
    }

    /// Tries a change on everything: `None` if the assertion does not come out as wanted, or something becomes invalid.
    /// The answer holds what is noted that was not before.
    pub fn accepts(&self, input: &Input, fix: &Fix, wanted: Status) -> Option<Vec<String>> {
        let whole = self.whole;
        if let Some(accepted) = whole.opened.accepts(self.index, input, fix.value, wanted == Status::Pass) {
            return accepted.then(Vec::new);
        }
        let (at, path) = input.key();
        let probe = Probe { at, path, values: vec![fix.value] };
        let (files, problems, work) = steps::try_change(whole.program, whole.sources, probe);
        self.spent.fetch_add(work, Ordering::Relaxed);
        let outcome = files[self.asked.file].assertions.get(self.asked.number);
        if outcome.is_none_or(|a| a.status == Status::Invalid || a.status.fails() != wanted.fails())
            || errors_of(&problems) > whole.errors
        {
            return None;
        }
        let mut new = notes(&files, &problems);
        // The same note with other numbers is no other note.
        let known: Vec<String> = whole.notes.iter().map(|note| words(note)).collect();
        new.retain(|note| !known.contains(&words(note)));
        new.dedup();
        Some(new)
    }

    pub fn suggestion(&self, input: &Input<'p>, fix: &Fix) -> Suggestion {
        suggestion(&mut self.lowerer(), input, fix)
    }

    pub fn lowerer(&self) -> Lowerer<'p> {
        Lowerer::new(self.whole.program, self.whole.sources)
    }
}
