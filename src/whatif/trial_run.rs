//! The run that assertions are part of: whether a change does what is wanted of one, and leaves all else valid.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::check::program::{Program, Step};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::{Input, inputs};
use crate::lower::perturb::probe::Probe;
use crate::outcome::suggestion::Suggestion;
use crate::outcome::{AssertionOutcome, FileOutcome, Status};
use crate::run::steps;
use crate::source::Sources;
use crate::whatif::claim::{BUDGET, Claim};
use crate::whatif::nearest_value::Fix;
use crate::whatif::open_run::{OpenInputs, OpenRun, chosen};
use crate::whatif::suggestion::suggestion;

/// A claim of a run: of which file, and which of its assertions.
pub struct RunClaim<'p> {
    pub file: usize,
    pub number: usize,
    pub claim: Claim<'p>,
    pub step: &'p Step,
}

/// The claims of a run whose outcome is `which`.
pub fn run_claims<'p>(
    program: &'p Program,
    sources: &'p Sources,
    files: &[FileOutcome],
    which: impl Fn(&AssertionOutcome) -> bool,
) -> Vec<RunClaim<'p>> {
    let mut found = vec![];
    for (file, (plan, outcome)) in program.files.iter().zip(files).enumerate() {
        let claims = plan.steps.iter().filter_map(|step| Some((step, Claim::of(program, sources, step)?)));
        for (number, ((step, claim), assertion)) in claims.zip(&outcome.assertions).enumerate() {
            if which(assertion) {
                found.push(RunClaim { file, number, claim, step });
            }
        }
    }
    found
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
pub struct TrialRun<'p> {
    program: &'p Program,
    sources: &'p Sources,
    /// Errors it has anyway.
    errors: usize,
    /// Notes it has anyway.
    notes: Vec<String>,
    opened: OpenRun<'p>,
}

impl<'p> TrialRun<'p> {
    pub fn new(
        program: &'p Program,
        sources: &'p Sources,
        files: &[FileOutcome],
        problems: &[Diagnostic],
        claims: &[RunClaim<'p>],
    ) -> Self {
        let claims: Vec<Claim> = claims.iter().map(|of| of.claim).collect();
        let opened = OpenRun::new(program, sources, &claims);
        TrialRun { program, sources, errors: errors_of(problems), notes: notes(files, problems), opened }
    }
}

/// SearchedClaim of the assertions of a run.
pub struct SearchedClaim<'r, 'p> {
    pub run: &'r TrialRun<'p>,
    /// Its place among the claims that the run was opened for.
    pub index: usize,
    pub of: &'r RunClaim<'p>,
    /// What trying changes on the run may take, and has taken.
    pub budget: u64,
    spent: AtomicU64,
}

/// ClaimInputs of one assertion.
pub struct ClaimInputs<'r, 'p> {
    pub open: OpenInputs<'r, 'p>,
    pub rest: Vec<Input<'p>>,
    /// What one evaluation of the claim takes, where some have to be tried one by one.
    pub price: u64,
}

impl<'r, 'p> ClaimInputs<'r, 'p> {
    pub fn is_empty(&self) -> bool {
        self.open.lanes.is_empty() && self.rest.is_empty()
    }
}

impl<'r, 'p> SearchedClaim<'r, 'p> {
    pub fn new(run: &'r TrialRun<'p>, index: usize, of: &'r RunClaim<'p>, budget: u64) -> Self {
        SearchedClaim { run, index, of, budget, spent: AtomicU64::new(0) }
    }

    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed) > self.budget
    }

    /// What the assertion depends on. `None` when it is too large to search.
    pub fn inputs(&self, now: bool) -> Option<ClaimInputs<'r, 'p>> {
        let open = self.run.opened.open_inputs(self.index, now);
        if open.is_all() {
            return Some(ClaimInputs { open, rest: vec![], price: 0 });
        }
        let claim = &self.of.claim;
        let (mut lowerer, trace) = claim.trace();
        let price = lowerer.work();
        if price > BUDGET {
            return None;
        }
        let mut rest = chosen(inputs(&mut lowerer, &[claim.condition], &trace), self.run.sources);
        rest.retain(|input| !open.knows(input));
        Some(ClaimInputs { open, rest, price })
    }

    /// Tries a change on everything: `None` if the assertion does not come out as wanted, or something becomes invalid.
    /// The answer holds what is noted that was not before.
    pub fn accepts(&self, input: &Input, fix: &Fix, wanted: Status) -> Option<Vec<String>> {
        let run = self.run;
        if let Some(accepted) = run.opened.accepts(self.index, input, fix.value, wanted == Status::Pass) {
            return accepted.then(Vec::new);
        }
        let (at, path) = input.key();
        let probe = Probe { at, path, values: vec![fix.value] };
        let (files, problems, work) = steps::try_change(run.program, run.sources, probe);
        self.spent.fetch_add(work, Ordering::Relaxed);
        let outcome = files[self.of.file].assertions.get(self.of.number);
        if outcome.is_none_or(|a| a.status == Status::Invalid || a.status.fails() != wanted.fails())
            || errors_of(&problems) > run.errors
        {
            return None;
        }
        let mut new = notes(&files, &problems);
        // The same note with other numbers is no other note.
        let known: Vec<String> = run.notes.iter().map(|note| words(note)).collect();
        new.retain(|note| !known.contains(&words(note)));
        new.dedup();
        Some(new)
    }

    pub fn suggestion(&self, input: &Input<'p>, fix: &Fix) -> Suggestion {
        suggestion(&mut self.lowerer(), input, fix)
    }

    pub fn lowerer(&self) -> Lowerer<'p> {
        Lowerer::new(self.run.program, self.run.sources)
    }
}
