//! The stages in order: sources to a checked program, a program to an outcome.

use crate::check::{self};
use crate::diagnostic::{Diagnostic, Problems, Severity};
use crate::engine;
use crate::engine::outcome::{FileOutcome, Outcome};
use crate::explain;
use crate::source::{SourceProvider, Sources};
use crate::syntax;

/// What a run may be told besides the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--set NAME=VALUE`: replaces the default of a `param`.
    pub set: Vec<(String, String)>,
}

/// A text before and after it was laid out.
pub struct Formatted {
    pub before: String,
    pub after: String,
}

/// Compiles and runs scenarios read through a [`SourceProvider`].
pub struct Session<'a> {
    provider: &'a dyn SourceProvider,
    options: Options,
}

impl<'a> Session<'a> {
    pub fn new(provider: &'a dyn SourceProvider, options: Options) -> Self {
        Session { provider, options }
    }

    /// Checks files without running them: the outcome holds diagnostics only.
    pub fn check(&self, paths: &[String]) -> Outcome {
        let (_, sources, problems) = self.compile(paths);
        let diagnostics = problems.into_sorted(&sources);
        Outcome { diagnostics, files: named(paths), sources }
    }

    /// Checks files and runs them, if there is nothing wrong with them.
    pub fn run(&self, paths: &[String]) -> Outcome {
        let (program, sources, mut problems) = self.compile(paths);
        if problems.has_errors() {
            let diagnostics = problems.into_sorted(&sources);
            return Outcome { diagnostics, files: named(paths), sources };
        }
        let (files, found) = engine::run::run(&program, &sources, explain::terms::explain);
        problems.extend(found);
        let diagnostics: Vec<Diagnostic> = problems.into_sorted(&sources);
        debug_assert!(
            diagnostics.iter().any(|d| d.severity == Severity::Error)
                || files
                    .iter()
                    .flat_map(|f| &f.assertions)
                    .all(|a| a.status != engine::outcome::Status::Invalid),
            "an assertion that cannot be decided has a diagnostic that says why"
        );
        Outcome { sources, files, diagnostics }
    }

    /// The text of a file as it is and as it should be laid out.
    pub fn format(&self, path: &str) -> Result<Formatted, (Sources, Vec<Diagnostic>)> {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        let Some((file, before)) = check::read(self.provider, &mut sources, &mut problems, path) else {
            let problems = problems.into_sorted(&sources);
            return Err((sources, problems));
        };
        match syntax::format(file, &before) {
            Ok(after) => Ok(Formatted { before, after }),
            Err(problems) => Err((sources, problems)),
        }
    }

    fn compile(&self, paths: &[String]) -> (check::program::Program, Sources, Problems) {
        let mut sources = Sources::default();
        let mut problems = Problems::default();
        let program = check::check(self.provider, &mut sources, &mut problems, paths, &self.options.set);
        (program, sources, problems)
    }
}

fn named(paths: &[String]) -> Vec<FileOutcome> {
    paths.iter().map(|path| FileOutcome { path: path.clone(), ..FileOutcome::default() }).collect()
}
