//! Other entries of the library with which a failed assertion holds: another accelerator, another system or model.
//!
//! A record of the library is what a user's text names where it could name another of its kind. Each candidate is put
//! there, and the whole is checked and run: what is suggested has been tried.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::check::program::{Action, Entity, Expr, ExprKind, GlobalId, Program, Type};
use crate::check::{check, check_library, record_kind};
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::library;
use crate::library::is_history;
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::path_text;
use crate::lower::perturb::probe::{ExprKey, Trace};
use crate::outcome::suggestion::{Edit, Suggestion};
use crate::outcome::{Datum, FileOutcome, Status};
use crate::run::data::datum::datum;
use crate::run::steps;
use crate::run::steps::Terms;
use crate::source::{Library, Origin, ReadError, SourceProvider, Sources};
use crate::whatif::claim::Claim;
use crate::whatif::trial_run::{errors_of, notes};

/// Alternatives shown for one assertion, and how many of them may be what a plan is for: a model.
const SHOWN: usize = 4;
const GIVEN: usize = 1;

/// A record of the library.
#[derive(Clone, Debug)]
pub struct LibraryRecord {
    /// `hardware`: how a record of its type is declared.
    pub kind: String,
    pub module: String,
    pub name: String,
    /// Its numbers, by field.
    pub numbers: Vec<(String, f64)>,
}

/// The records of the library.
pub fn zoo(provider: &dyn SourceProvider) -> Vec<LibraryRecord> {
    let (mut sources, mut problems) = (Sources::default(), Problems::default());
    let checked = check_library(provider, &mut sources, &mut problems);
    let mut lowerer = Lowerer::new(&checked.program, &sources);
    let modules = library::of(provider).modules();
    let old: Vec<String> = modules.filter(|m| is_history(&m.text)).map(|m| m.name.clone()).collect();
    let mut found = vec![];
    for declared in checked.declarations.iter().filter(|d| !old.contains(&d.module)) {
        let Entity::Value(id) = declared.entity else { continue };
        let global = checked.program.global(id);
        let Type::Record(ty) = &global.ty else { continue };
        let Ok((value, _)) = lowerer.global(id) else { continue };
        let Datum::Record { fields, .. } = datum(&mut lowerer, &value, &global.ty, None) else { continue };
        let number = |(name, value)| match value {
            Datum::Quantity { value, .. } => Some((name, value)),
            _ => None,
        };
        found.push(LibraryRecord {
            kind: record_kind(&checked.program.ty(*ty).name),
            module: declared.module.clone(),
            name: declared.name.to_string(),
            numbers: fields.into_iter().filter_map(number).collect(),
        });
    }
    found
}

/// The files of a plan, and what is set in them.
pub struct PlanFiles<'a> {
    pub provider: &'a dyn SourceProvider,
    pub paths: &'a [String],
    pub set: &'a [(String, String)],
}

/// A place in a user's file that names a record of the library.
struct Site<'p> {
    /// `pod.hardware`
    name: String,
    expr: &'p Expr,
    global: GlobalId,
    /// It is a field's or argument's whole value.
    field: bool,
}

/// A candidate that was run.
struct Tried {
    site: usize,
    entry: usize,
    files: Vec<FileOutcome>,
    notes: Vec<String>,
}

/// Adds alternatives to the suggestions of failed assertions.
pub fn alternatives(
    program: &Program,
    sources: &Sources,
    plan_files: &PlanFiles,
    zoo: &[LibraryRecord],
    files: &mut [FileOutcome],
    problems: &[Diagnostic],
) {
    let sites = sites(program, sources);
    // Which sites each failed assertion depends on.
    let mut failed: Vec<(usize, usize, Vec<usize>)> = vec![];
    for (index, (plan, file)) in program.files.iter().zip(files.iter()).enumerate() {
        let claims = plan.steps.iter().filter_map(|step| Claim::of(program, sources, step));
        for (number, (claim, assertion)) in claims.zip(&file.assertions).enumerate() {
            if assertion.status.fails() && assertion.severity == Severity::Error {
                let (_, trace) = claim.trace();
                let reads = |s: &usize| is_read(&program.global(sites[*s].global).value, &trace);
                failed.push((index, number, (0..sites.len()).filter(reads).collect()));
            }
        }
    }
    let wanted: FxHashSet<usize> = failed.iter().flat_map(|(.., sites)| sites.iter().copied()).collect();
    let mut pairs: Vec<(usize, usize)> = vec![];
    for site in wanted {
        let ty = &program.global(sites[site].global).ty;
        let Type::Record(id) = ty.required() else { continue };
        let kind = record_kind(&program.ty(*id).name);
        let own = &program.global(sites[site].global).name;
        let others = zoo.iter().enumerate().filter(|(_, e)| e.kind == kind && *e.name != **own);
        pairs.extend(others.map(|(entry, _)| (site, entry)));
    }
    pairs.sort_unstable();
    let texts: Vec<(String, String)> = sources
        .iter()
        .filter(|(_, f)| f.origin == Origin::User)
        .map(|(_, f)| (f.path.to_string(), f.text.to_string()))
        .collect();
    // A provider need not be shared between threads: imports have been read, and paths are known.
    let resolved = Resolved::of(plan_files.provider, sources);
    let (errors, known) = (errors_of(problems), notes(files, problems));
    let tried: Vec<Tried> = pairs
        .par_iter()
        .filter_map(|(site, entry)| {
            let edited = Edited {
                texts: with(&texts, sources, &sites[*site], &zoo[*entry]),
                resolved: &resolved,
                library: library::of(plan_files.provider),
            };
            let (files, notes) = attempt(&edited, plan_files.paths, plan_files.set, errors)?;
            let notes = notes.into_iter().filter(|n| !known.contains(n)).collect();
            Some(Tried { site: *site, entry: *entry, files, notes })
        })
        .collect();
    for (file, number, reads) in failed {
        let mut holding: Vec<&Tried> = tried
            .iter()
            .filter(|t| reads.contains(&t.site))
            .filter(|t| t.files[file].assertions.get(number).is_some_and(|a| a.status == Status::Pass))
            .collect();
        let given = |t: &Tried| is_given(program, sites[t.site].global);
        let far = |t: &Tried| distance(program, &sites[t.site], &zoo[t.entry], zoo);
        holding.sort_by(|a, b| {
            let odd = |t: &Tried| (given(t), !t.notes.is_empty());
            odd(a).cmp(&odd(b)).then(far(a).total_cmp(&far(b)))
        });
        let (mut shown, mut models) = (0, 0);
        let assertion = &mut files[file].assertions[number];
        let mut lines = vec![];
        for one in holding {
            models += usize::from(given(one));
            if shown == SHOWN || given(one) && models > GIVEN {
                continue;
            }
            shown += 1;
            let found = suggestion(sources, &sites[one.site], &zoo[one.entry], one.notes.clone());
            lines.push(found.line());
            assertion.suggestions.push(found);
        }
        if let Some(failure) = &mut assertion.failure {
            let more = match (lines.is_empty(), reads.is_empty()) {
                (_, true) => continue,
                (true, false) => "no other entry of the library in place of one makes this hold".to_string(),
                (false, false) => format!("or another entry of the library:\n{}", lines.join("\n")),
            };
            failure.help = Some(match failure.help.take() {
                Some(help) => format!("{help}\n{more}"),
                None => more,
            });
        }
    }
}

/// Every place where the user's text names a record of the library as a value.
fn sites<'p>(program: &'p Program, sources: &Sources) -> Vec<Site<'p>> {
    let mut found = vec![];
    for global in program.globals.iter().filter(|g| !sources.is_library(g.span)) {
        let name = match &global.scenario {
            Some(scenario) => format!("{scenario}.{}", global.name),
            None => global.name.to_string(),
        };
        let value = match &global.value.kind {
            ExprKind::Sweep(id) => &program.sweep(*id).base,
            _ => &global.value,
        };
        walk(program, sources, value, &name, false, &mut found);
    }
    for step in program.files.iter().flat_map(|plan| &plan.steps) {
        if let Action::Assert { condition, .. } | Action::AssertGrid { condition, .. } = &step.action {
            walk(program, sources, condition, "the assertion", false, &mut found);
        }
    }
    found
}

fn walk<'p>(
    program: &'p Program,
    sources: &Sources,
    e: &'p Expr,
    name: &str,
    field: bool,
    found: &mut Vec<Site<'p>>,
) {
    match &e.kind {
        ExprKind::Global(id) => {
            let global = program.global(*id);
            let is_entry = matches!(global.ty, Type::Record(_)) && sources.is_library(global.span);
            if is_entry && sources.file(e.span.file).origin == Origin::User {
                found.push(Site { name: name.into(), expr: e, global: *id, field });
            }
        }
        ExprKind::Record { changes } | ExprKind::Override { changes, .. } => {
            if let ExprKind::Override { base, .. } = &e.kind {
                walk(program, sources, base, name, false, found);
            }
            for change in changes {
                let path = path_text(program, &e.ty, &change.path);
                walk(program, sources, &change.value, &format!("{name}.{path}"), true, found);
            }
        }
        _ => {
            let mut children = vec![];
            e.for_each_child(&mut |child| children.push(child));
            children.into_iter().for_each(|child| walk(program, sources, child, name, false, found));
        }
    }
}

/// Does a claim read any number of an expression?
fn is_read(e: &Expr, trace: &Trace) -> bool {
    let mut found = trace.literals.contains(&ExprKey::of(e));
    e.for_each_child(&mut |child| found = found || is_read(child, trace));
    found
}

/// What a plan is for, by the documentation of its type.
fn is_given(program: &Program, id: GlobalId) -> bool {
    match program.global(id).ty.required() {
        Type::Record(ty) => program.ty(*ty).doc.lines().any(|line| line.trim().starts_with("Given:")),
        _ => false,
    }
}

/// How different an entry is from the one that stands there: the mean distance of their numbers, as logarithms.
fn distance(program: &Program, site: &Site, entry: &LibraryRecord, zoo: &[LibraryRecord]) -> f64 {
    let own = &program.global(site.global).name;
    let Some(own) = zoo.iter().find(|e| *e.name == **own && e.kind == entry.kind) else { return f64::MAX };
    let mut sum = (0.0, 0.0);
    for (field, value) in &entry.numbers {
        if let Some((_, other)) = own.numbers.iter().find(|(name, _)| name == field)
            && *value > 0.0
            && *other > 0.0
        {
            sum = (sum.0 + libm::fabs(libm::log(value / other)), sum.1 + 1.0);
        }
    }
    if sum.1 > 0.0 { sum.0 / sum.1 } else { f64::MAX }
}

/// The user's texts with the entry in its place, and its `use` in front.
fn with(
    texts: &[(String, String)],
    sources: &Sources,
    site: &Site,
    entry: &LibraryRecord,
) -> Vec<(String, String)> {
    let path = &*sources.file(site.expr.span.file).path;
    let mut texts = texts.to_vec();
    if let Some((_, text)) = texts.iter_mut().find(|(p, _)| p == path) {
        text.replace_range(site.expr.span.range(), &entry.name);
        if !in_sight(sources, site, entry) {
            *text = format!("use {}.{}\n{text}", entry.module, entry.name);
        }
    }
    texts
}

/// Does the file name the entry already?
fn in_sight(sources: &Sources, site: &Site, entry: &LibraryRecord) -> bool {
    let text = &sources.file(site.expr.span.file).text;
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    let imports = text.lines().map(|l| l.split('#').next().unwrap_or_default());
    // `use std.hardware.nvidia.{B200, H100_SXM}` may go over several lines; it ends at the first other item.
    let mut used = false;
    imports.into_iter().any(|line| {
        let starts = line.trim_start().starts_with("use ");
        used = starts || used && !line.contains('}') && line.trim_end().ends_with([',', '{']);
        (used || starts || line.contains('}')) && line.split(word).any(|w| w == entry.name)
    })
}

fn attempt(
    edited: &Edited,
    paths: &[String],
    set: &[(String, String)],
    errors: usize,
) -> Option<(Vec<FileOutcome>, Vec<String>)> {
    let (mut sources, mut problems) = (Sources::default(), Problems::default());
    let program = check(edited, &mut sources, &mut problems, paths, set);
    if problems.has_errors() {
        return None;
    }
    let (files, found) = steps::run(&program, &sources, |_, _, _| vec![], &Terms::default());
    (errors_of(&found) <= errors).then(|| {
        let notes = notes(&files, &found);
        (files, notes)
    })
}

fn suggestion(sources: &Sources, site: &Site, entry: &LibraryRecord, notes: Vec<String>) -> Suggestion {
    let now = sources.text(site.expr.span).to_string();
    let write = match site.field {
        true => format!("{}: {}", site.name, entry.name),
        false => format!("{} for {now} in {}", entry.name, site.name),
    };
    let needs = (!in_sight(sources, site, entry)).then(|| format!("{}.{}", entry.module, entry.name));
    Suggestion {
        input: site.name.clone(),
        from: Datum::Text(now),
        to: Datum::Text(entry.name.clone()),
        change: None,
        write,
        set: None,
        edit: Some(Edit { span: site.expr.span, text: entry.name.clone() }),
        needs,
        notes,
    }
}

/// How the user's files name each other.
struct Resolved(Vec<((String, String), String)>);

impl Resolved {
    /// What was resolved once is remembered: every target in quotes, from every file.
    fn of(provider: &dyn SourceProvider, sources: &Sources) -> Self {
        let mut found = vec![];
        for (_, file) in sources.iter().filter(|(_, f)| f.origin == Origin::User) {
            for target in file.text.split('"').skip(1).step_by(2) {
                let path = provider.resolve(&file.path, target);
                found.push(((file.path.to_string(), target.to_string()), path));
            }
        }
        Resolved(found)
    }
}

/// The user's texts, one of them changed.
struct Edited<'r> {
    texts: Vec<(String, String)>,
    resolved: &'r Resolved,
    library: &'r Arc<Library>,
}

impl SourceProvider for Edited<'_> {
    fn read(&self, path: &str, _: u64) -> Result<String, ReadError> {
        let found = self.texts.iter().find(|(p, _)| p == path);
        found.map(|(_, text)| text.clone()).ok_or(ReadError::NotFound)
    }

    fn resolve(&self, from: &str, target: &str) -> String {
        let found = self.resolved.0.iter().find(|((f, t), _)| f == from && t == target);
        found.map_or_else(|| target.to_string(), |(_, path)| path.clone())
    }

    fn siblings(&self, _: &str) -> Vec<String> {
        vec![]
    }

    fn library(&self) -> Option<&Arc<Library>> {
        Some(self.library)
    }
}
