//! `mlsys run`: solve and assert.

use std::sync::Arc;

use clap::Args;

use crate::cli::figures;
use crate::cli::output::{Color, complain, diagnostics, read_on, stderr_style, stdout_style};
use crate::cli::progress::{INTERRUPTED_CODE, Progress};
use crate::cli::report::{Format, Target, TargetParser, emit, targets};
use crate::cli::tables::{Folder, TableFormat};
use crate::cli::watch::watch;
use crate::columns::scan::observer::{Shard, Watch};
use crate::diagnostic::{Diagnostic, Severity};
use crate::disk::{Disk, STDIN, expand};
use crate::outcome::Outcome;
use crate::report::human;
use crate::report::terminal::Style;
use crate::run::data::export::Tables;
use crate::run::steps::Terms;
use crate::session::{Options, Session};
use crate::source::SourceProvider;

/// Run scenarios: solve, assert, report
#[derive(Args)]
pub struct Run {
    /// Files, directories (every .mls below them), or - for standard input
    #[arg(required = true)]
    paths: Vec<String>,
    /// Set a `param` of the scenario, for instance --set "efficiency=40%"
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// How to report, and into which file; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = TargetParser)]
    format: Vec<Target>,
    /// Print only what fails, and the summary
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every output of every solve
    #[arg(long, short)]
    verbose: bool,
    /// Write each sweep to a file in this folder
    #[arg(long, value_name = "DIR")]
    out: Option<String>,
    /// The format of these files
    #[arg(long, value_enum, default_value_t = TableFormat::Csv, requires = "out")]
    table: TableFormat,
    /// Only this share of the points of every sweep, for instance 3/16; assertions over a sweep speak of its share
    #[arg(long, value_name = "K/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Run again whenever a file changes
    #[arg(long)]
    watch: bool,
    /// Exit with 1 when a `warn` does not hold
    #[arg(long)]
    fail_on_warn: bool,
    /// Do not search for changes that would make failed assertions hold
    #[arg(long)]
    no_suggest: bool,
    /// Try other hardware, systems and models of the library where an assertion fails
    #[arg(long, conflicts_with = "no_suggest")]
    suggest_hardware: bool,
    /// Show which assertions are closest to failing, and the smallest changes that make them fail
    #[arg(long)]
    margins: bool,
    /// Diagnostics to print at most; 0 for all
    #[arg(long, default_value_t = 20, value_name = "N")]
    max_errors: usize,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

/// `name=value`
pub(super) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().to_string(), value.trim().to_string()))
        }
        _ => Err("write NAME=VALUE, for instance \"efficiency=40%\"".into()),
    }
}

/// Points up to which a JSON report holds the columns of a sweep.
pub(super) const COLUMNS: u64 = 10_000;

/// `3/16`
fn shard(text: &str) -> Result<Shard, String> {
    let parsed = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    match parsed {
        Some((index, count)) if 1 <= index && index <= count => Ok(Shard { index, count }),
        _ => Err("write K/N with K from 1 to N, for instance 3/16".into()),
    }
}

impl Run {
    pub fn execute(self, disk: &Disk) -> u8 {
        let targets = match targets(&self.format) {
            Ok(targets) => targets,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        if !self.watch {
            return self.once(&targets, disk);
        }
        if self.paths.iter().any(|p| p == STDIN) {
            complain("error: standard input cannot be watched; name a file\n");
            return 2;
        }
        watch(disk, &self.paths, |disk| self.once(&targets, disk))
    }

    /// One run of the files on a disk, and its exit code.
    fn once(&self, targets: &[Target], disk: &dyn SourceProvider) -> u8 {
        let paths = match expand(&self.paths) {
            Ok(paths) => paths,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        let folder = match self.out.as_ref().map(|out| Folder::new(out, self.table, paths.len() > 1)) {
            None => None,
            Some(Ok(folder)) => Some(folder),
            Some(Err(message)) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        let derives = targets.iter().any(|t| t.format == Format::Html);
        let progress = Arc::new(Progress::new());
        let terms = Terms {
            watch: Watch { observer: Some(progress.clone()), shard: self.shard },
            tables: folder.as_ref().map(|f| f as &dyn Tables),
            columns: if targets.iter().any(|t| t.format == Format::Json) { COLUMNS } else { 0 },
        };
        let options = Options {
            set: self.set.clone(),
            no_suggest: self.no_suggest,
            suggest_for_warn: self.fail_on_warn,
            suggest_hardware: self.suggest_hardware,
            margins: self.margins,
        };
        let outcome = Session::new(disk, options).on(terms).deriving(derives).run(&paths);
        progress.clear();
        if let Some(message) = progress.interruption() {
            complain(&message);
            return INTERRUPTED_CODE;
        }
        let code = outcome.exit_code(self.fail_on_warn);
        let code =
            emit(targets, &outcome, (code, self.fail_on_warn), &|to_file| self.human(&outcome, to_file));
        match self.out.as_ref().map_or(Ok(()), |out| figures::write_all(out, &outcome)) {
            Ok(()) => code,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                2
            }
        }
    }

    /// The report for people. What went wrong goes to standard error before it; in a file it stands above it.
    fn human(&self, outcome: &Outcome, to_file: bool) -> String {
        let detail = match (self.quiet, self.verbose) {
            (true, _) => human::Detail::Quiet,
            (_, true) => human::Detail::Verbose,
            _ => human::Detail::Normal,
        };
        let failures = outcome.files.iter().flat_map(|f| &f.assertions).filter_map(|a| a.failure.as_ref());
        let found = outcome.diagnostics.iter().filter(|d| !self.quiet || d.severity == Severity::Error);
        let told: Vec<&Diagnostic> = found.chain(failures).collect();
        if to_file {
            let style = Style::default();
            let told = diagnostics(told, &outcome.sources, style, self.max_errors);
            return told + &human::render(outcome, detail, style);
        }
        let hint = if self.quiet { String::new() } else { read_on(&outcome.diagnostics) };
        complain(&(diagnostics(told, &outcome.sources, stderr_style(self.color), self.max_errors) + &hint));
        human::render(outcome, detail, stdout_style(self.color))
    }
}
