//! The stages in order: texts to checked programs, programs to outcomes; and what an editor asks of them.
//!
//! A [`Session`] checks and runs files that its provider reads ([`Session::check`], [`Session::run`]), answers questions
//! about values ([`Session::explain`]), and serves whoever edits: [`Session::open`] takes a text that is not saved,
//! [`Session::diagnostics`] and [`Session::at`] answer from what is kept, and only what a change concerns is checked
//! again.

mod buffers;
mod served;
mod symbol;

use std::collections::BTreeMap;

use crate::check;
pub use crate::check::Question;
use crate::check::program::Program;
pub use crate::columns::scan::observer::{Observer, Shard, Watch};
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::diff::CheckedRun;
use crate::diff::facts::facts;
use crate::explain;
pub use crate::explain::derivation::Detail;
pub use crate::explain::question::axes;
use crate::import;
pub use crate::outcome::derivation::Explained;
pub use crate::outcome::elasticity::Elasticity;
use crate::outcome::plan::PlanListing;
use crate::outcome::{Column, Datum, FileOutcome, Outcome};
use crate::run;
pub use crate::run::data::export::{ColumnHead, ColumnKind, Head, Piece, Rows, Table, Tables};
pub use crate::run::steps::Terms;
use crate::session::buffers::{Buffers, Shadowed};
use crate::session::served::Kept;
pub use crate::session::symbol::{Symbol, SymbolKind};
use crate::source::{Memory, SourceProvider, Sources};
use crate::syntax;
use crate::whatif;
use crate::whatif::alternatives::{PlanFiles, alternatives, zoo};

/// What was asked for, or the outcome that says why there is none: its diagnostics, with the texts they speak of.
pub type Answer<T> = Result<T, Outcome>;

/// What a run may be told besides the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--set NAME=VALUE`: replaces the default of a `param`.
    pub set: Vec<(String, String)>,
    /// Do not search for what would make failed assertions hold.
    pub no_suggest: bool,
    /// Search for `warn` too. It stops nothing, so that is not worth the time otherwise.
    pub suggest_for_warn: bool,
    /// Try other entries of the library in place of those that a failed assertion depends on.
    pub suggest_hardware: bool,
    /// Find the nearest changes with which assertions fail that hold.
    pub margins: bool,
}

/// A text before and after it was laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// As it is.
    pub before: String,
    /// As it should be.
    pub after: String,
}

/// A configuration as a `model` declaration, and what is to be said of it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The declaration.
    pub text: String,
    /// What was read for it.
    pub sources: Sources,
    /// What the declaration leaves out or assumes.
    pub warnings: Vec<Diagnostic>,
}

/// Checks, runs and explains files read through a [`SourceProvider`], and keeps what it knows of those that are edited.
///
/// It owns what it keeps, and holds no more after a thousand changes than after one. Sessions are independent: each has
/// the library of its provider.
pub struct Session<'a> {
    provider: Box<dyn SourceProvider + 'a>,
    options: Options,
    terms: Terms<'a>,
    derives: bool,
    buffers: Buffers,
    kept: BTreeMap<String, Kept>,
}

impl<'a> Session<'a> {
    /// A session that reads through a provider, which it owns, or borrows as `&provider`.
    pub fn new(provider: impl SourceProvider + 'a, options: Options) -> Self {
        Session {
            provider: Box::new(provider),
            options,
            terms: Terms::default(),
            derives: false,
            buffers: Buffers::new(),
            kept: BTreeMap::new(),
        }
    }

    /// The same, with an observer of its scans, one share of every sweep, or a place where sweeps are written.
    pub fn on(mut self, terms: Terms<'a>) -> Self {
        self.terms = terms;
        self
    }

    /// The same, working out what a page shows besides the results: derivations, tables, charts.
    pub fn deriving(mut self, derives: bool) -> Self {
        self.derives = derives;
        self
    }

    fn reader(&self) -> Shadowed<'_> {
        Shadowed::new(&*self.provider, &self.buffers)
    }

    /// Checks files without running them: the outcome holds diagnostics only.
    pub fn check(&self, paths: &[String]) -> Outcome {
        let mut sources = Sources::default();
        let plans = self.compile_each(paths, &mut sources);
        let files =
            paths.iter().zip(plans).map(|(path, plan)| invalid(path, plan.problems, &sources)).collect();
        together(files, sources)
    }

    /// Checks files and runs those that there is nothing wrong with. Each is a plan by itself: what one of them declares
    /// or gets wrong is nothing to the others.
    pub fn run(&self, paths: &[String]) -> Outcome {
        let mut sources = Sources::default();
        let plans = self.compile_each(paths, &mut sources);
        let files = paths.iter().zip(plans).map(|(path, plan)| self.run_one(path, &plan, &sources)).collect();
        together(files, sources)
    }

    fn run_one(&self, path: &String, plan: &Plan, sources: &Sources) -> FileOutcome {
        let (program, mut problems) = (&plan.program, plan.problems.clone());
        if problems.has_errors() {
            return invalid(path, problems, sources);
        }
        let (mut files, found) = run::steps::run(program, sources, explain::terms::explain, &self.terms);
        // One share of the points does not know what would make a claim about all of them hold.
        let complete = self.terms.watch.shard.is_none();
        if complete && !self.options.no_suggest {
            whatif::suggest::suggest(program, sources, &mut files, &found, self.options.suggest_for_warn);
        }
        if complete && self.options.suggest_hardware {
            let failed = files.iter().flat_map(|f| &f.assertions).any(|a| a.failure.is_some());
            let reader = self.reader();
            let zoo = if failed { zoo(&reader) } else { vec![] };
            let paths = std::slice::from_ref(path);
            let asked = PlanFiles { provider: &reader, paths, set: &self.options.set };
            alternatives(program, sources, &asked, &zoo, &mut files, &found);
        }
        if complete && self.options.margins && found.iter().all(|d| d.severity != Severity::Error) {
            whatif::suggest::margins(program, sources, &mut files, &found);
        }
        problems.extend(found);
        if self.derives && !problems.has_errors() {
            run::page::fill(program, sources, &mut files);
            explain::page::derive(program, sources, &mut files);
        }
        let mut file = files.pop().unwrap_or_else(|| named(path));
        file.diagnostics = problems.into_sorted(sources);
        debug_assert!(
            file.is_invalid() || file.assertions.iter().all(|a| a.status != crate::outcome::Status::Invalid),
            "an assertion that cannot be decided has a diagnostic that says why"
        );
        file
    }

    /// One file run for a comparison with another run. An error when it is invalid.
    pub fn side(&self, path: &str) -> Answer<CheckedRun> {
        let paths = [path.to_string()];
        let (program, sources, mut problems) = self.compile(&paths);
        let mut files = vec![];
        if !problems.has_errors() {
            let found;
            (files, found) = run::steps::run(&program, &sources, explain::terms::explain, &self.terms);
            problems.extend(found);
        }
        if problems.has_errors() {
            return Err(together(vec![invalid(&paths[0], problems, &sources)], sources));
        }
        let facts = facts(&program, &sources);
        let diagnostics = problems.into_sorted(&sources);
        Ok(CheckedRun { program, outcome: Outcome { sources, files, diagnostics }, facts })
    }

    /// Where the value of an expression in the scope of a file comes from.
    pub fn explain(
        &self,
        path: &str,
        question: &Question,
        detail: Detail,
        sensitivity: bool,
    ) -> Answer<Explained> {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        let files = (path, self.options.set.as_slice());
        let (program, query) =
            check::check_question(&self.reader(), &mut sources, &mut problems, files, question);
        let Some(query) = query.filter(|_| !problems.has_errors()) else {
            return Err(refused(problems, sources));
        };
        match explain::question::explain(&program, &sources, &query, &question.text(), detail) {
            Ok(derivation) => {
                let found = match sensitivity {
                    true => explain::question::sensitivity(&program, &sources, &query),
                    false => Ok(vec![]),
                };
                match found {
                    Ok(sensitivity) => Ok(Explained { derivation, sensitivity }),
                    Err(problem) => {
                        problems.push(problem);
                        Err(refused(problems, sources))
                    }
                }
            }
            Err(found) => {
                problems.extend(found);
                Err(refused(problems, sources))
            }
        }
    }

    /// The operations that a file is lowered to, and what becomes of each.
    pub fn plan(&self, path: &str) -> Answer<PlanListing> {
        let (program, sources, mut problems) = self.compile(&[path.to_string()]);
        if !problems.has_errors() {
            match crate::lower::plan::collect::plan(&program, &sources) {
                Ok(plan) => return Ok(plan),
                Err(found) => problems.extend(found),
            }
        }
        Err(refused(problems, sources))
    }

    /// The text of a file as it is and as it should be laid out.
    pub fn format(&self, path: &str) -> Answer<Formatted> {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        let Some((file, before)) = check::read(&self.reader(), &mut sources, &mut problems, path) else {
            return Err(refused(problems, sources));
        };
        match syntax::format(file, &before) {
            Ok(after) => Ok(Formatted { before, after }),
            Err(found) => {
                problems.extend(found);
                Err(refused(problems, sources))
            }
        }
    }

    /// The `model` declaration that a Hugging Face configuration comes to: the file, or the folder that holds it.
    pub fn import(&self, path: &str, name: Option<&str>) -> Answer<Imported> {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        let path = import::config_path(path);
        let found = check::import(&self.reader(), &mut sources, &mut problems, &path);
        let Some(mut declaration) = found.filter(|_| !problems.has_errors()) else {
            return Err(refused(problems, sources));
        };
        if let Some(name) = name {
            declaration.identifier = name.to_string();
        }
        let item = declaration.item();
        let text = format!("{}{item}\n", self.counted(&declaration, &item)?);
        let warnings = problems.into_sorted(&sources);
        Ok(Imported { text, sources, warnings })
    }

    /// What the parameters of a declaration add up to, as its documentation. The equations are the library's.
    fn counted(&self, declaration: &import::Declaration, item: &str) -> Answer<String> {
        let name = &declaration.identifier;
        let text = format!("{item}\nshow {name}.parameters, {name}.active_parameters\n");
        let memory = Memory::with("imported model", text).on_library(self.provider.library().cloned());
        let outcome = Session::new(&memory, Options::default()).run(&["imported model".into()]);
        if outcome.diagnostics.iter().any(|d| d.severity == Severity::Error) {
            return Err(outcome);
        }
        let counts: Vec<String> =
            outcome.files.iter().flat_map(|f| &f.shows).map(|show| billions(&show.value)).collect();
        let mut doc = format!("## Parameters counted from the shape: {}", counts.join(", "));
        doc.push_str(" active (with the output head, without the embedding table).\n");
        if !declaration.left_out.is_empty() {
            doc.push_str(&format!("## Not counted: {}.\n", declaration.left_out.join(", ")));
        }
        Ok(doc)
    }

    /// The whole columns that files show of their sweeps (`show GRID.output`). An error when a file is invalid.
    pub fn columns(&self, paths: &[String]) -> Answer<Vec<Column>> {
        let (program, sources, mut problems) = self.compile(paths);
        if !problems.has_errors() {
            let (columns, found) = run::data::columns::columns(&program, &sources);
            problems.extend(found);
            if !problems.has_errors() {
                return Ok(columns);
            }
        }
        let diagnostics = problems.into_sorted(&sources);
        Err(Outcome { diagnostics, files: paths.iter().map(|path| named(path)).collect(), sources })
    }

    /// Each file by itself: its units are its own.
    fn compile_each(&self, paths: &[String], sources: &mut Sources) -> Vec<Plan> {
        let compiled = |path: &String| {
            let mut problems = Problems::default();
            let paths = std::slice::from_ref(path);
            let program = check::check(&self.reader(), sources, &mut problems, paths, &self.options.set);
            Plan { program, problems }
        };
        let mut plans: Vec<Plan> = paths.iter().map(compiled).collect();
        // What is set is for the files that have it. Unknown is what none of them has.
        for (name, _) in &self.options.set {
            let unknown = |d: &Diagnostic| check::is_unknown_setting(d, name, sources);
            if plans.iter().any(|plan| !plan.problems.any(unknown)) {
                plans.iter_mut().for_each(|plan| plan.problems.retain(|d| !unknown(d)));
            }
        }
        plans
    }

    fn compile(&self, paths: &[String]) -> (Program, Sources, Problems) {
        let mut sources = Sources::default();
        let mut problems = Problems::default();
        let program = check::check(&self.reader(), &mut sources, &mut problems, paths, &self.options.set);
        (program, sources, problems)
    }
}

/// `8.191 billion`, with four digits.
fn billions(value: &Datum) -> String {
    let Datum::Quantity { value, .. } = value else { return "unknown".into() };
    let (scaled, word) = match *value {
        v if v >= 1e9 => (v / 1e9, "billion"),
        v => (v / 1e6, "million"),
    };
    let decimals = 3usize.saturating_sub(scaled.max(1.0).log10() as usize);
    format!("{scaled:.decimals$} {word}")
}

/// A file that has been checked.
struct Plan {
    /// Whole if there are no errors.
    program: Program,
    problems: Problems,
}

/// What is wrong, where it is more than one file's.
fn refused(problems: Problems, sources: Sources) -> Outcome {
    let diagnostics = problems.into_sorted(&sources);
    Outcome { sources, files: vec![], diagnostics }
}

fn named(path: &str) -> FileOutcome {
    FileOutcome { path: path.to_string(), ..FileOutcome::default() }
}

/// A file of which only is told what is wrong with it.
fn invalid(path: &str, problems: Problems, sources: &Sources) -> FileOutcome {
    FileOutcome { diagnostics: problems.into_sorted(sources), ..named(path) }
}

/// The files of a run. What two of them use is told once of all.
fn together(files: Vec<FileOutcome>, sources: Sources) -> Outcome {
    let place = |d: &Diagnostic| d.span().map(|s| (sources.file(s.file).path.clone(), s.start, s.end));
    let mut diagnostics: Vec<Diagnostic> = vec![];
    for diagnostic in files.iter().flat_map(|f| &f.diagnostics) {
        let known = diagnostics.iter().any(|d| {
            (d.code, &d.message, place(d)) == (diagnostic.code, &diagnostic.message, place(diagnostic))
        });
        if !known {
            diagnostics.push(diagnostic.clone());
        }
    }
    Outcome { sources, files, diagnostics }
}
