//! `mlsys diff`: two runs of a plan side by side.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::cli::git::{At, Repository, Revision};
use crate::cli::output::{Color, complain, diagnostics, print, stderr_style, stdout_style};
use crate::cli::progress::{INTERRUPTED_CODE, Progress};
use crate::cli::run::{COLUMNS, setting};
use crate::codes;
use crate::columns::scan::observer::Watch;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{CheckedRun, compare};
use crate::disk::{Disk, STDIN, normal};
use crate::outcome::Outcome;
use crate::report::difference::{Compared, contract, human, markdown};
use crate::run::steps::Terms;
use crate::session::{Options, Session};
use crate::source::SourceProvider;

/// Compare two runs of a plan: what changed in it, what that does to the results, which assertions flip
///
///   mlsys diff old.mls new.mls                    two files
///   mlsys diff plan.mls                           the last commit and the file as it is
///   mlsys diff main..HEAD plan.mls                two revisions; main...HEAD from where they parted
///   mlsys diff main plan.mls                      a revision and the file as it is
///   mlsys diff v1:plan.mls v2:plans/new.mls       a file at a revision, as git spells it
///   mlsys diff plan.mls --after efficiency=40%    two settings of one file
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct Diff {
    /// Two files, a revision or range and a file, or one file
    #[arg(required = true, num_args = 1..=2, value_name = "SIDE")]
    sides: Vec<String>,
    /// Set a `param` on both sides
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Set a `param` on the first side
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    before: Vec<(String, String)>,
    /// Set a `param` on the second side
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    after: Vec<(String, String)>,
    /// Show every result that changed, not the ones that moved most
    #[arg(long)]
    all: bool,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Exit with 1 when a `warn` newly fails
    #[arg(long)]
    fail_on_warn: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One object, described by docs/diff.schema.json
    Json,
    /// A comment for a pull request
    Markdown,
}

/// Where a side is read.
enum Place {
    Disk(String),
    Git(Revision, String),
}

impl Place {
    fn path(&self) -> String {
        match self {
            Place::Disk(path) => path.clone(),
            Place::Git(revision, file) => revision.path(file),
        }
    }

    fn provider<'a>(&'a self, disk: &'a Disk) -> Box<dyn SourceProvider + 'a> {
        match self {
            Place::Disk(_) => Box::new(disk),
            Place::Git(revision, _) => Box::new(At { revision, disk }),
        }
    }
}

impl Diff {
    pub fn execute(self, disk: &Disk) -> u8 {
        let (before, after) = match places(&self.sides, self.before.is_empty() && self.after.is_empty()) {
            Ok(places) => places,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        let progress = Arc::new(Progress::new());
        let run = |place: &Place, own: &[(String, String)]| {
            let set = self.set.iter().chain(own).cloned().collect();
            let options = Options { set, no_suggest: true, ..Options::default() };
            let watch = Watch { observer: Some(progress.clone()), shard: None };
            let terms = Terms { watch, tables: None, columns: COLUMNS };
            Session::new(place.provider(disk), options).on(terms).side(&place.path())
        };
        let sides = (run(&before, &self.before), run(&after, &self.after));
        progress.clear();
        if let Some(message) = progress.interruption() {
            complain(&message);
            return INTERRUPTED_CODE;
        }
        let names = (name(&before, &self.before), name(&after, &self.after));
        match sides {
            (Ok(before), Ok(after)) => self.report(names, &before, &after),
            (first, second) => {
                let told = |wrong: Option<Outcome>, place: &Place| wrong.map(|o| at_revision(o, place));
                let wrong = [told(first.err(), &before), told(second.err(), &after)];
                let wrong: Vec<Outcome> = wrong.into_iter().flatten().collect();
                self.refuse(names, &wrong)
            }
        }
    }

    fn report(&self, (before, after): (String, String), first: &CheckedRun, second: &CheckedRun) -> u8 {
        let difference = compare(first, second);
        let compared = Compared { before, after, difference: &difference, all: self.all };
        print(&match self.format {
            Format::Human => human::render(&compared, stdout_style(self.color)),
            Format::Markdown => markdown::render(&compared),
            Format::Json => json(&contract::report(&compared)),
        });
        u8::from(difference.newly_fails(self.fail_on_warn))
    }

    /// A side is invalid.
    fn refuse(&self, (before, after): (String, String), wrong: &[Outcome]) -> u8 {
        let outcomes: Vec<&Outcome> = wrong.iter().collect();
        match self.format {
            Format::Human => {}
            Format::Json => print(&json(&contract::invalid(&before, &after, &outcomes))),
            Format::Markdown => print(&markdown::invalid(&before, &after, &outcomes)),
        }
        for outcome in wrong {
            let errors: Vec<&Diagnostic> =
                outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
            complain(&diagnostics(errors, &outcome.sources, stderr_style(self.color), 20));
        }
        2
    }
}

/// Of a file that a revision does not have, the way to it is another.
fn at_revision(mut outcome: Outcome, place: &Place) -> Outcome {
    if let Place::Git(revision, _) = place {
        let missing = |d: &&mut Diagnostic| d.code == codes::FILE_NOT_FOUND && d.labels.is_empty();
        for diagnostic in outcome.diagnostics.iter_mut().filter(missing) {
            diagnostic.help = Some(format!(
                "`{}` does not have it; paths are from the top of the repository, with `./` from here",
                revision.name()
            ));
        }
    }
    outcome
}

fn json(report: &contract::Report) -> String {
    serde_json::to_string_pretty(report).expect("a report is JSON") + "\n"
}

/// The path of a side, and what is set on it alone.
fn name(place: &Place, own: &[(String, String)]) -> String {
    let set = own.iter().map(|(name, value)| match value.contains(char::is_whitespace) {
        true => format!(" --set \"{name}={value}\""),
        false => format!(" --set {name}={value}"),
    });
    place.path() + &set.collect::<String>()
}

/// The two sides that the arguments name.
fn places(sides: &[String], plain: bool) -> Result<(Place, Place), String> {
    match sides {
        [one] if !plain => Ok((place(one)?, place(one)?)),
        [one] => match place(one)? {
            Place::Git(revision, file) => {
                let (repository, _) = Repository::of_file(".")?;
                let disk = Place::Disk(near(&repository.on_disk(&file)));
                Ok((Place::Git(revision, file), disk))
            }
            Place::Disk(path) => {
                let asked = "name what to compare it with: a file, a revision, or --after NAME=VALUE";
                if path == STDIN {
                    return Err(asked.into());
                }
                let (repository, file) = Repository::of_file(&path).map_err(|e| format!("{e}; {asked}"))?;
                Ok((Place::Git(repository.revision("HEAD")?, file), Place::Disk(path)))
            }
        },
        [first, second] => pair(first, second),
        _ => Err("two sides are compared".into()),
    }
}

fn pair(first: &str, second: &str) -> Result<(Place, Place), String> {
    if first == STDIN && second == STDIN {
        return Err("standard input can be one side only".into());
    }
    let is_file = |side: &str| side == STDIN || side.contains(':') || Path::new(side).exists();
    if is_file(first) || first.ends_with(".mls") {
        return Ok((place(first)?, place(second)?));
    }
    let (repository, file) = Repository::of_file(&normal(Path::new(second)))?;
    let named = |name: &str| if name.is_empty() { "HEAD".to_string() } else { name.to_string() };
    if let Some((a, b)) = first.split_once("...") {
        let (a, b) = (named(a), named(b));
        let fork = repository.fork(&a, &b)?;
        return Ok((Place::Git(fork, file.clone()), Place::Git(repository.revision(&b)?, file)));
    }
    if let Some((a, b)) = first.split_once("..") {
        let (a, b) = (repository.revision(&named(a))?, repository.revision(&named(b))?);
        return Ok((Place::Git(a, file.clone()), Place::Git(b, file)));
    }
    let revision = repository.revision(first).map_err(|e| format!("there is no file `{first}`, and {e}"))?;
    Ok((Place::Git(revision, file), Place::Disk(normal(Path::new(second)))))
}

/// One side: a file, or `REVISION:FILE` as git has it, from the top of the repository or with `./` from here.
fn place(side: &str) -> Result<Place, String> {
    let disk = || Place::Disk(if side == STDIN { side.into() } else { normal(Path::new(side)) });
    let Some((revision, file)) = side.split_once(':') else { return Ok(disk()) };
    // `C:\plan.mls` is a path too.
    if Path::new(side).exists() || revision.is_empty() || file.starts_with('\\') {
        return Ok(disk());
    }
    let repository = Repository::around(Path::new("."))?;
    let inside = match file.starts_with("./") || file.starts_with("../") {
        true => repository.inside(file),
        false => file.to_string(),
    };
    Ok(Place::Git(repository.revision(revision)?, inside))
}

/// A path below the folder we are in, from there.
fn near(path: &str) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| Path::new(path).strip_prefix(here).ok().map(Path::to_path_buf));
    below.map_or_else(|| path.to_string(), |p| p.to_string_lossy().into_owned())
}
