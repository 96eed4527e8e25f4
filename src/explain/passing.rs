//! What would pass: the smallest single changes with which a failed assertion holds.
//!
//! Every input that the assertion depends on is searched by itself, then the nearest changes are tried on the whole
//! file: the assertion must hold there, and nothing may become invalid.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::claim::Claim;
use super::hunt::{Field, Reach, hunt};
use super::opened::{Opened, Quick};
use super::search::{Fix, rounder};
use crate::check::program::{Program, Step};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::assertion::percent_text;
use crate::engine::outcome::{AssertionOutcome, Datum, Edit, FileOutcome, Status, Suggestion};
use crate::engine::run;
use crate::library;
use crate::plan::input::{Input, Place, inputs};
use crate::plan::lower::Lowerer;
use crate::plan::probe::Probe;
use crate::source::{Origin, Sources, Span};

/// Suggestions shown for one assertion.
const SHOWN: usize = 4;
/// Of those, changes of what the library says.
const OF_LIBRARY: usize = 2;
/// Failed assertions that are searched: of hundreds, the first tell the story. Of others, as many are opened together.
const SEARCHED: usize = 20;
/// What the searches of a run may take together, and those of one assertion at least: so much, and so many evaluations
/// of its condition; see [`Lowerer::work`].
const TOTAL: u64 = 1_000_000;
const LEAST: u64 = 200_000;
const TIMES: u64 = 12;

/// A claim of a run: of which file, and which of its assertions.
struct Asked<'p> {
    file: usize,
    number: usize,
    claim: Claim<'p>,
    step: &'p Step,
}

/// The claims of a run whose outcome is asked about.
fn asked_of<'p>(
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

/// Adds suggestions to the failed assertions of a run; to a `warn` that fails only when asked to.
pub fn suggest(
    program: &Program,
    sources: &Sources,
    files: &mut [FileOutcome],
    problems: &[Diagnostic],
    for_warn: bool,
) {
    let which =
        |a: &AssertionOutcome| a.status == Status::Fail && (for_warn || a.severity == Severity::Error);
    let mut asked = asked_of(program, sources, files, which);
    let budget = (TOTAL / asked.len().clamp(1, SEARCHED) as u64).max(LEAST);
    asked.truncate(SEARCHED);
    if asked.is_empty() {
        return;
    }
    let whole = Whole::new((program, sources), files, problems, &asked);
    for (index, asked) in asked.iter().enumerate() {
        let one = One { whole: &whole, index, asked, budget, spent: AtomicU64::new(0) };
        attach(&one, &mut files[asked.file].assertions[asked.number]);
    }
}

/// Adds to the assertions that hold the nearest changes with which they fail.
pub fn margins(program: &Program, sources: &Sources, files: &mut [FileOutcome], problems: &[Diagnostic]) {
    let asked = asked_of(program, sources, files, |a| a.status == Status::Pass);
    for asked in asked.chunks(SEARCHED) {
        let whole = Whole::new((program, sources), files, problems, asked);
        for (index, asked) in asked.iter().enumerate() {
            let one = One { whole: &whole, index, asked, budget: TOTAL, spent: AtomicU64::new(0) };
            if let Some((nearest, untried)) = breaks(&one) {
                let assertion = &mut files[asked.file].assertions[asked.number];
                (assertion.breaks, assertion.untried) = (Some(nearest), untried);
            }
        }
    }
}

/// The nearest changes with which a claim fails, and what was not looked at; `None` when it is too large to look.
fn breaks(one: &One) -> Option<(Vec<Suggestion>, Option<String>)> {
    let inputs = one.inputs(true)?;
    let field =
        Field { quick: inputs.quick.lanes, rest: &inputs.rest, price: inputs.price, budget: one.budget };
    let (mut nearest, mut unproven) = (vec![], 0);
    let mut reach = hunt(&one.asked.claim, field, false, |found| {
        let mut left = found.len();
        for few in found.chunks(SHOWN) {
            left -= few.len();
            let tried: Vec<Option<Vec<String>>> =
                few.par_iter().map(|(input, fix)| one.accepts(input, fix, Status::Fail)).collect();
            for ((input, fix), notes) in few.iter().zip(tried) {
                if let Some(notes) = notes
                    && nearest.len() < SHOWN
                {
                    nearest.push(Suggestion { notes, ..one.suggestion(input, fix) });
                }
            }
            if nearest.len() == SHOWN || one.is_spent() {
                unproven = left;
                return true;
            }
        }
        false
    });
    reach.unproven = unproven;
    // Four are as many as are shown.
    let left = if nearest.len() == SHOWN { None } else { reach.text() };
    Some((nearest, left))
}

/// The inputs that somebody could choose; what was measured of kernels and engines is not.
pub(super) fn chosen<'p>(inputs: Vec<Input<'p>>, sources: &Sources) -> Vec<Input<'p>> {
    let measured = |input: &Input| library::is_measured(&sources.file(input.literal.span.file).text);
    inputs.into_iter().filter(|input| !measured(input)).collect()
}

/// How many errors a run has.
pub(super) fn errors_of(problems: &[Diagnostic]) -> usize {
    problems.iter().filter(|p| p.severity == Severity::Error).count()
}

/// What the solvers note.
pub(super) fn notes(files: &[FileOutcome]) -> Vec<String> {
    files.iter().flat_map(|f| &f.solves).flat_map(|s| s.notes.clone()).collect()
}

/// A note without its numbers.
fn words(note: &str) -> String {
    note.chars().filter(|c| !(c.is_ascii_digit() || *c == '.')).collect()
}

/// The run that assertions are part of.
struct Whole<'p> {
    program: &'p Program,
    sources: &'p Sources,
    /// Errors it has anyway.
    errors: usize,
    /// Notes it has anyway.
    notes: Vec<String>,
    opened: Opened<'p>,
}

impl<'p> Whole<'p> {
    fn new(
        (program, sources): (&'p Program, &'p Sources),
        files: &[FileOutcome],
        problems: &[Diagnostic],
        asked: &[Asked<'p>],
    ) -> Self {
        let claims: Vec<Claim> = asked.iter().map(|asked| asked.claim).collect();
        let opened = Opened::new(program, sources, &claims);
        Whole { program, sources, errors: errors_of(problems), notes: notes(files), opened }
    }
}

/// One of the assertions of a run.
struct One<'r, 'p> {
    whole: &'r Whole<'p>,
    /// Among those that are asked about.
    index: usize,
    asked: &'r Asked<'p>,
    /// What trying changes on the run may take, and has taken.
    budget: u64,
    spent: AtomicU64,
}

/// Inputs of one assertion.
struct Inputs<'r, 'p> {
    quick: Quick<'r, 'p>,
    rest: Vec<Input<'p>>,
    /// What one evaluation of the claim takes, where some have to be tried one by one.
    price: u64,
}

impl<'r, 'p> Inputs<'r, 'p> {
    fn is_empty(&self) -> bool {
        self.quick.lanes.is_empty() && self.rest.is_empty()
    }
}

impl<'r, 'p> One<'r, 'p> {
    fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed) > self.budget
    }

    /// What the assertion depends on. `None` when it is too large to search.
    fn inputs(&self, now: bool) -> Option<Inputs<'r, 'p>> {
        let quick = self.whole.opened.quick(self.index, now);
        if quick.is_all() {
            return Some(Inputs { quick, rest: vec![], price: 0 });
        }
        let claim = &self.asked.claim;
        let (mut lowerer, trace) = claim.trace();
        let price = lowerer.work();
        if price > super::claim::BUDGET {
            return None;
        }
        let mut rest = chosen(inputs(&mut lowerer, &[claim.condition], &trace), self.whole.sources);
        rest.retain(|input| !quick.knows(input));
        Some(Inputs { quick, rest, price })
    }

    /// Tries a change on everything: `None` if the assertion does not come out as wanted, or something becomes invalid.
    /// The answer holds what is noted that was not before.
    fn accepts(&self, input: &Input, fix: &Fix, wanted: Status) -> Option<Vec<String>> {
        let whole = self.whole;
        if let Some(accepted) = whole.opened.accepts(self.index, input, fix.value, wanted == Status::Pass) {
            return accepted.then(Vec::new);
        }
        let (at, path) = input.key();
        let probe = Probe { at, path, values: vec![fix.value] };
        let (files, problems, work) = run::try_change(whole.program, whole.sources, probe);
        self.spent.fetch_add(work, Ordering::Relaxed);
        let outcome = files[self.asked.file].assertions.get(self.asked.number);
        if outcome.is_none_or(|a| a.status != wanted) || errors_of(&problems) > whole.errors {
            return None;
        }
        let mut new = notes(&files);
        // The same note with other numbers is no other note.
        let known: Vec<String> = whole.notes.iter().map(|note| words(note)).collect();
        new.retain(|note| !known.contains(&words(note)));
        new.dedup();
        Some(new)
    }

    fn suggestion(&self, input: &Input<'p>, fix: &Fix) -> Suggestion {
        suggestion(&mut Lowerer::new(self.whole.program, self.whole.sources), input, fix)
    }
}

/// Changes that hold when they are tried on the whole run.
#[derive(Default)]
struct Found<'i, 'p> {
    /// With what is noted of each that was not before.
    proven: Vec<(&'i Input<'p>, Fix, Vec<String>)>,
    /// More changes of what the library says than are shown while the user's own will do.
    spare: Vec<(&'i Input<'p>, Fix)>,
    /// Changes that were not tried: the budget was spent.
    unproven: usize,
}

impl<'i, 'p> Found<'i, 'p> {
    /// How many are proven without a note.
    fn plain(&self, of_library: bool) -> usize {
        let counts = |(input, _, notes): &&(&Input, Fix, Vec<String>)| {
            input.of_library == of_library && notes.is_empty()
        };
        self.proven.iter().filter(counts).count()
    }

    /// Tries changes, the smallest first; true when there are enough.
    fn take(&mut self, one: &One, fixes: Vec<(&'i Input<'p>, Fix)>, library: usize) -> bool {
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
                few.par_iter().map(|(input, fix)| settled(one, input, fix)).collect();
            for ((input, _), tried) in few.into_iter().zip(tried) {
                self.proven.extend(tried.map(|(fix, notes)| (input, fix, notes)));
            }
        }
        self.plain(false) + self.plain(true) >= SHOWN
    }

    /// Where the user's own inputs leave room, further ones of the library.
    fn of_library(&mut self, one: &One) {
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

fn attach(one: &One, assertion: &mut AssertionOutcome) {
    let Some(failure) = &mut assertion.failure else { return };
    let Some(inputs) = one.inputs(false) else {
        failure.notes.push("too large to search for what would make it hold".into());
        return;
    };
    let searched = !inputs.is_empty();
    let claim = &one.asked.claim;
    let mut found = Found::default();
    let budget = one.budget.max(TIMES * inputs.price);
    let field = Field { quick: inputs.quick.lanes, rest: &inputs.rest, price: inputs.price, budget };
    let mut reach = hunt(claim, field, true, |fixes| found.take(one, fixes, OF_LIBRARY));
    found.of_library(one);
    reach.unproven = found.unproven;
    let ranked = found.ranked().into_iter();
    let suggestions: Vec<Suggestion> =
        ranked.map(|(input, fix, notes)| Suggestion { notes, ..one.suggestion(input, &fix) }).collect();
    failure.help = help(&suggestions, searched, &reach).or(failure.help.take());
    if suggestions.is_empty() {
        let mut lowerer = Lowerer::new(one.whole.program, one.whole.sources);
        failure.notes.extend(super::limit::limit(&mut lowerer, claim, one.asked.step.locals.len()));
    }
    assertion.suggestions = suggestions;
}

/// A change that makes the claim hold and leaves the rest valid, and what is noted of it. Of a count that is noted or
/// breaks something, a rounder one is taken if that does not: devices come in whole replicas.
fn settled(one: &One, input: &Input, fix: &Fix) -> Option<(Fix, Vec<String>)> {
    let notes = one.accepts(input, fix, Status::Pass);
    if !input.whole || notes.as_ref().is_some_and(Vec::is_empty) {
        return notes.map(|notes| (fix.clone(), notes));
    }
    let tried: Vec<Fix> = rounder(input, fix);
    let found = tried.into_iter().find_map(|fix| {
        let notes = one.accepts(input, &fix, Status::Pass)?;
        notes.is_empty().then_some((fix, notes))
    });
    found.or_else(|| notes.map(|notes| (fix.clone(), notes)))
}

fn suggestion<'p>(lowerer: &mut Lowerer<'p>, input: &Input<'p>, fix: &Fix) -> Suggestion {
    let sources = lowerer.sources;
    let datum = |lowerer: &mut Lowerer<'p>, number: f64| {
        let value = lowerer.constant(number, None);
        crate::engine::datum::datum(lowerer, &value, &input.ty, input.unit.as_ref())
    };
    let sign = if input.negated { -1.0 } else { 1.0 };
    let (from, to) = (datum(lowerer, sign * input.value), datum(lowerer, sign * fix.value));
    let edit = match &input.place {
        Place::Added { braces, written, .. } => added(sources, braces.span, written, &fix.text),
        _ => edit_of(sources, input.literal.span, &fix.text),
    };
    let text = if input.negated { format!("-{}", fix.text) } else { fix.text.clone() };
    let set = match &input.place {
        Place::Param(name) => Some(format!("{name}={text}")),
        _ => None,
    };
    let write = match &input.place {
        Place::Param(name) => format!("--set \"{name}={text}\""),
        Place::Literal => format!("{}: {text}", input.name),
        Place::Added { written, .. } => {
            let holder = input.name.strip_suffix(written.as_str()).unwrap_or(&input.name);
            format!("{} {{ {written}: {text} }}", holder.trim_end_matches('.'))
        }
    };
    Suggestion {
        input: input.name.clone(),
        from,
        to,
        change: fix.change.map(|change| sign * change),
        write,
        set,
        edit,
        needs: None,
        notes: vec![],
    }
}

/// Another text for a literal; of one that stands on the command line there is nothing to edit.
fn edit_of(sources: &Sources, span: Span, text: &str) -> Option<Edit> {
    (sources.file(span.file).origin == Origin::User).then(|| Edit { span, text: text.to_string() })
}

/// A field put before a closing brace.
fn added(sources: &Sources, braces: Span, path: &str, value: &str) -> Option<Edit> {
    let text = sources.text(braces);
    let inside = text.strip_suffix('}')?;
    let before = inside.trim_end();
    let end = braces.end as usize - 1;
    let several = text.contains('\n');
    let text = match several {
        // On a line of its own, whatever the line before ends with.
        true => {
            let start = sources.file(braces.file).text[..end].rfind('\n').map_or(0, |i| i + 1);
            let blank = sources.file(braces.file).text[start..end].chars().all(char::is_whitespace);
            match blank {
                true => format!("  {path}: {value}\n{}", &sources.file(braces.file).text[start..end]),
                false => format!("\n  {path}: {value}\n"),
            }
        }
        false if before.ends_with(['{', ',']) => format!(" {path}: {value} "),
        false => format!(", {path}: {value} "),
    };
    let at = if several { end } else { braces.start as usize + before.len() };
    let span = Span { file: braces.file, start: at as u32, end: end as u32 };
    Some(Edit { span, text })
}

/// The help text: one change a line, and what was not looked at.
fn help(suggestions: &[Suggestion], searched: bool, reach: &Reach) -> Option<String> {
    let lines: Vec<String> = suggestions.iter().map(line).collect();
    let left = reach.text();
    let found = match lines.as_slice() {
        [] if !searched => return None,
        [] if left.is_some() => "no single change that was tried makes this hold".into(),
        [] => "no single change within 16x makes this hold".into(),
        [one] => format!("holds with {one}"),
        several => format!("any one of these makes it hold:\n{}", several.join("\n")),
    };
    // Four are as many as are shown.
    let left = left.filter(|_| suggestions.len() < SHOWN);
    Some(left.map_or(found.clone(), |left| format!("{found}\n({left})")))
}

/// `one.batch: 16  (now 32, -50 %)`
pub fn line(suggestion: &Suggestion) -> String {
    format!("{}  {}", suggestion.write, now(suggestion))
}

/// `(now 50%, +68 %)`
fn now(suggestion: &Suggestion) -> String {
    let from = match &suggestion.from {
        Datum::Quantity { text, .. } | Datum::Text(text) => text.clone(),
        Datum::Bool(value) => value.to_string(),
        _ => String::new(),
    };
    let noted = if suggestion.notes.is_empty() { "" } else { ", but see its note" };
    match suggestion.change {
        Some(change) => {
            let sign = if change < 0.0 { '-' } else { '+' };
            format!("(now {from}, {sign}{} %{noted})", percent_text(change.abs()))
        }
        None => {
            let needs = suggestion.needs.as_ref().map_or(String::new(), |n| format!("; use {n}"));
            format!("(now {from}{needs}{noted})")
        }
    }
}
