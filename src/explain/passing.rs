//! What would pass: the smallest single changes with which a failed assertion holds.
//!
//! Every input that the assertion depends on is searched by itself, then the nearest changes are tried on the whole
//! file: the assertion must hold there, and nothing may become invalid.

use rayon::prelude::*;

use super::claim::{Claim, Trial};
use super::search::{Fix, nearest, rounder};
use crate::check::program::{Expr, Program, Step, Type};
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::assertion::percent_text;
use crate::engine::outcome::{AssertionOutcome, Datum, Edit, FileOutcome, Status, Suggestion};
use crate::engine::run;
use crate::plan::input::{Input, Place, inputs};
use crate::plan::lanes::{INPUTS, Lanes};
use crate::plan::lower::Lowerer;
use crate::plan::probe::{ExprKey, Probe, Trace};
use crate::source::{Origin, Sources, Span};

/// Suggestions shown for one assertion.
const SHOWN: usize = 4;
/// Of those, changes of what the library says.
const OF_LIBRARY: usize = 2;
/// Where the library keeps measured constants.
const MEASURED: &str = "std/calibration/";
/// Another member counts as much as half as much again.
const MEMBER: f64 = 0.5;
/// Failed assertions that are searched; of hundreds, the first tell the story.
const SEARCHED: usize = 20;

/// Adds suggestions to the failed assertions of a run; to a `warn` that fails only when asked to.
pub fn suggest(
    program: &Program,
    sources: &Sources,
    files: &mut [FileOutcome],
    problems: &[Diagnostic],
    for_warn: bool,
) {
    let errors = errors_of(problems);
    let mut searched = 0;
    let known = notes(files);
    for (index, (plan, file)) in program.files.iter().zip(files).enumerate() {
        let claims = plan.steps.iter().filter_map(|step| Some((step, Claim::of(program, sources, step)?)));
        for (number, ((step, claim), assertion)) in claims.zip(&mut file.assertions).enumerate() {
            let asked = for_warn || assertion.severity == Severity::Error;
            if assertion.status != Status::Fail || !asked || searched == SEARCHED {
                continue;
            }
            searched += 1;
            let whole = Whole { program, sources, file: index, number, errors, notes: &known };
            attach(&claim, step, &whole, assertion);
        }
    }
}

/// Adds to the assertions that hold the nearest changes with which they fail.
pub fn margins(program: &Program, sources: &Sources, files: &mut [FileOutcome], problems: &[Diagnostic]) {
    let errors = errors_of(problems);
    let known = notes(files);
    for (index, (plan, file)) in program.files.iter().zip(files).enumerate() {
        let claims = plan.steps.iter().filter_map(|step| Claim::of(program, sources, step));
        for (number, (claim, assertion)) in claims.zip(&mut file.assertions).enumerate() {
            if assertion.status == Status::Pass {
                let whole = Whole { program, sources, file: index, number, errors, notes: &known };
                assertion.breaks = breaks(&claim, &whole);
            }
        }
    }
}

/// The nearest changes with which a claim fails; `None` when it is too large to look.
fn breaks<'p>(claim: &Claim<'p>, whole: &Whole<'p>) -> Option<Vec<Suggestion>> {
    let (mut lowerer, trace) = claim.trace();
    let inputs = choices(&mut lowerer, claim.condition, &trace);
    let work = lowerer.graph.len() as u64 * lowerer.points_seen().max(1);
    if work > super::claim::BUDGET {
        return None;
    }
    let mut found = ranked(&inputs, changes(claim, &inputs, false));
    let mut nearest = vec![];
    while nearest.len() < SHOWN && !found.is_empty() {
        let few: Vec<(&Input, Fix)> = found.drain(..SHOWN.min(found.len())).collect();
        let tried: Vec<Option<Vec<String>>> =
            few.par_iter().map(|(input, fix)| whole.accepts(input, fix, Status::Fail)).collect();
        for ((input, fix), notes) in few.iter().zip(tried) {
            if let Some(notes) = notes
                && nearest.len() < SHOWN
            {
                nearest.push(Suggestion { notes, ..suggestion(&mut lowerer, input, fix) });
            }
        }
    }
    Some(nearest)
}

/// The inputs that somebody could choose; what was measured of kernels and engines is not.
fn choices<'p>(lowerer: &mut Lowerer<'p>, condition: &'p Expr, trace: &Trace) -> Vec<Input<'p>> {
    let mut inputs = inputs(lowerer, condition, trace);
    inputs.retain(|input| !lowerer.sources.file(input.literal.span.file).path.starts_with(MEASURED));
    inputs
}

/// The changes that were found, the smallest first.
fn ranked<'i, 'p>(inputs: &'i [Input<'p>], searched: Vec<Option<Fix>>) -> Vec<(&'i Input<'p>, Fix)> {
    let mut found: Vec<(&Input, Fix)> =
        inputs.iter().zip(searched).filter_map(|(input, fix)| Some((input, fix?))).collect();
    found.sort_by(|a, b| size(&a.1).total_cmp(&size(&b.1)));
    found
}

/// How many errors a run has.
pub(super) fn errors_of(problems: &[Diagnostic]) -> usize {
    problems.iter().filter(|p| p.severity == Severity::Error).count()
}

/// What the solvers note.
pub(super) fn notes(files: &[FileOutcome]) -> Vec<String> {
    files.iter().flat_map(|f| &f.solves).flat_map(|s| s.notes.clone()).collect()
}

/// The run that an assertion is part of.
struct Whole<'r> {
    program: &'r Program,
    sources: &'r Sources,
    file: usize,
    number: usize,
    /// Errors it has anyway.
    errors: usize,
    /// Notes it has anyway.
    notes: &'r [String],
}

impl Whole<'_> {
    /// Tries a change on everything: `None` if the assertion does not come out as wanted, or something becomes invalid.
    /// The answer holds what is noted that was not before.
    fn accepts(&self, input: &Input, fix: &Fix, wanted: Status) -> Option<Vec<String>> {
        let (at, path) = input.key();
        let probe = Probe { at, path, values: vec![fix.value] };
        let (files, problems) = run::try_change(self.program, self.sources, probe);
        let holds = files[self.file].assertions.get(self.number).is_some_and(|a| a.status == wanted);
        if !holds || errors_of(&problems) > self.errors {
            return None;
        }
        let mut new = notes(&files);
        new.retain(|note| !self.notes.contains(note));
        new.dedup();
        Some(new)
    }
}

fn attach<'p>(claim: &Claim<'p>, step: &'p Step, whole: &Whole<'p>, assertion: &mut AssertionOutcome) {
    let (mut lowerer, trace) = claim.trace();
    let inputs = choices(&mut lowerer, claim.condition, &trace);
    let work = lowerer.graph.len() as u64 * lowerer.points_seen().max(1);
    let Some(failure) = &mut assertion.failure else { return };
    if work > super::claim::BUDGET {
        failure.notes.push("too large to search for what would make it hold".into());
        return;
    }
    let searched = changes(claim, &inputs, true);
    let found = ranked(&inputs, searched);
    let user = found.iter().filter(|(input, _)| !input.of_library).count().min(SHOWN);
    let mut library = OF_LIBRARY.max(SHOWN - user);
    let mut plain: Vec<(f64, Suggestion)> = vec![];
    let mut odd: Vec<Suggestion> = vec![];
    for few in found.chunks(SHOWN) {
        // What comes now is larger than what has been found.
        if plain.iter().filter(|(s, _)| *s <= size(&few[0].1)).count() >= SHOWN {
            break;
        }
        let tried: Vec<Option<(Fix, Vec<String>)>> =
            few.par_iter().map(|(input, fix)| settled(whole, input, fix)).collect();
        for ((input, _), tried) in few.iter().zip(tried) {
            let Some((fix, notes)) = tried.filter(|_| !input.of_library || library > 0) else { continue };
            library -= usize::from(input.of_library && notes.is_empty());
            let is_plain = notes.is_empty();
            let made = Suggestion { notes, ..suggestion(&mut lowerer, input, &fix) };
            if is_plain { plain.push((size(&fix), made)) } else { odd.push(made) }
        }
    }
    plain.sort_by(|a, b| a.0.total_cmp(&b.0));
    // What a solver frowns at comes last: an efficiency above 100 % is arithmetic, not a plan.
    let mut suggestions: Vec<Suggestion> = plain.into_iter().map(|(_, s)| s).chain(odd).collect();
    suggestions.truncate(SHOWN);
    failure.help = help(&suggestions, !inputs.is_empty()).or(failure.help.take());
    if suggestions.is_empty()
        && let Some(limit) = super::limit::limit(&mut lowerer, claim, step.locals.len())
    {
        failure.notes.push(limit);
    }
    assertion.suggestions = suggestions;
}

/// A change that makes the claim hold and leaves the rest valid, and what is noted of it. Of a count that is noted or
/// breaks something, a rounder one is taken if that does not: devices come in whole replicas.
fn settled(whole: &Whole, input: &Input, fix: &Fix) -> Option<(Fix, Vec<String>)> {
    let notes = whole.accepts(input, fix, Status::Pass);
    if !input.whole || notes.as_ref().is_some_and(Vec::is_empty) {
        return notes.map(|notes| (fix.clone(), notes));
    }
    let tried: Vec<Fix> = rounder(input, fix);
    let found = tried.into_iter().find_map(|fix| {
        let notes = whole.accepts(input, &fix, Status::Pass)?;
        notes.is_empty().then_some((fix, notes))
    });
    found.or_else(|| notes.map(|notes| (fix.clone(), notes)))
}

/// Of each input, the nearest value with which the claim holds (`wanted`) or does not.
pub(super) fn changes<'p>(claim: &Claim<'p>, inputs: &[Input<'p>], wanted: bool) -> Vec<Option<Fix>> {
    let groups = groups(inputs);
    let opened: Vec<Option<Lanes<'p>>> = groups
        .par_iter()
        .map(|group| claim.open(&group.iter().map(|index| inputs[*index].clone()).collect::<Vec<_>>()))
        .collect();
    let mut places = vec![(0, 0); inputs.len()];
    for (group, members) in groups.iter().enumerate() {
        members.iter().enumerate().for_each(|(axis, index)| places[*index] = (group, axis));
    }
    let one = |(index, input): (usize, &Input<'p>)| {
        let (group, axis) = places[index];
        let lanes = opened[group].as_ref();
        let lane = match lanes {
            // The lowering with open inputs must come to what the claim comes to.
            Some(lanes) if lanes.now() != f64::from(u8::from(!wanted)) => None,
            Some(lanes) if lanes.is_fixed(axis) => None,
            Some(lanes) => Some(lanes.along(axis)?),
            None => None,
        };
        search(&Trial::new(claim, input, wanted, lane), input, claim.program)
    };
    inputs.par_iter().enumerate().map(one).collect()
}

/// Inputs that may be open at once: a field that is added somewhere hides what stands below it, so the fields added to
/// one pair of braces go by themselves. So does a field whose default is another one.
fn groups(inputs: &[Input]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Option<ExprKey>, Vec<usize>)> = vec![];
    for (index, input) in inputs.iter().enumerate() {
        let site = match &input.place {
            Place::Added { braces, .. } => Some(ExprKey::of(braces)),
            Place::Param(_) | Place::Literal => None,
        };
        let literal = ExprKey::of(input.literal);
        let alone = |members: &[usize]| members.iter().all(|m| ExprKey::of(inputs[*m].literal) != literal);
        let fits = |members: &[usize]| members.len() < INPUTS && alone(members);
        match groups.iter_mut().find(|(s, members)| *s == site && fits(members)) {
            Some((_, members)) => members.push(index),
            None => groups.push((site, vec![index])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

fn search(trial: &Trial, input: &Input, program: &Program) -> Option<Fix> {
    let member = |index: u32| match input.ty.required() {
        Type::Enum(id) => {
            program.enumeration(*id).members.get_index(index as usize).map(|(name, _)| name.to_string())
        }
        _ => None,
    };
    nearest(trial, input, member)
}

fn size(fix: &Fix) -> f64 {
    fix.change.map_or(MEMBER, f64::abs)
}

fn suggestion<'p>(lowerer: &mut Lowerer<'p>, input: &Input<'p>, fix: &Fix) -> Suggestion {
    let sources = lowerer.sources;
    let datum = |lowerer: &mut Lowerer<'p>, number: f64| {
        let value = lowerer.constant(number, None);
        crate::engine::datum::datum(lowerer, &value, &input.ty, input.unit.as_ref())
    };
    let (from, to) = (datum(lowerer, input.value), datum(lowerer, fix.value));
    let edit = match &input.place {
        Place::Added { braces, written, .. } => added(sources, braces.span, written, &fix.text),
        _ => edit_of(sources, input.literal.span, &fix.text),
    };
    let set = match &input.place {
        Place::Param(name) => Some(format!("{name}={}", fix.text)),
        _ => None,
    };
    let write = match &input.place {
        Place::Param(name) => format!("--set \"{name}={}\"", fix.text),
        Place::Literal => format!("{}: {}", input.name, fix.text),
        Place::Added { written, .. } => {
            let holder = input.name.strip_suffix(written.as_str()).unwrap_or(&input.name);
            format!("{} {{ {written}: {} }}", holder.trim_end_matches('.'), fix.text)
        }
    };
    Suggestion {
        input: input.name.clone(),
        from,
        to,
        change: fix.change,
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

/// The help text: one change a line.
fn help(suggestions: &[Suggestion], searched: bool) -> Option<String> {
    let lines: Vec<String> = suggestions.iter().map(line).collect();
    match lines.as_slice() {
        [] if searched => Some("no single change within 16x makes this hold".into()),
        [] => None,
        [one] => Some(format!("holds with {one}")),
        several => Some(format!("any one of these makes it hold:\n{}", several.join("\n"))),
    }
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
