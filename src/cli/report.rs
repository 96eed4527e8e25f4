//! `--format`: which reports a command makes, and where they go.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};

use crate::cli::output::{complain, print};
use crate::disk::normal;
use crate::outcome::Outcome;
use crate::report::{contract, github, html, junit, markdown, sarif};
use crate::suggest::nearest;

/// Standard output by name.
const STDOUT: &str = "-";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
    Junit,
    Sarif,
    Github,
    Markdown,
    Html,
}

const FORMATS: &[(Format, &str, &str)] = &[
    (Format::Human, "human", "For people"),
    (Format::Json, "json", "For programs: one object, described by docs/report.schema.json"),
    (Format::Junit, "junit", "JUnit XML: a test case an assertion"),
    (Format::Sarif, "sarif", "SARIF 2.1.0, for code scanning"),
    (Format::Github, "github", "Annotations of GitHub Actions; adds to the job summary"),
    (Format::Markdown, "markdown", "A comment for a pull request"),
    (Format::Html, "html", "One page with derivations, tables and charts, for a review"),
];

impl Format {
    /// Every format but the one for people, which is drawn for where it goes.
    fn render(self, outcome: &Outcome, exit_code: u8, fail_on_warn: bool) -> Option<String> {
        Some(match self {
            Format::Human => return None,
            Format::Json => {
                // With `--fail-on-warn` a `warn` that does not hold is not ok.
                let report = contract::Report { ok: exit_code == 0, ..contract::report(outcome) };
                serde_json::to_string_pretty(&report).expect("a report is JSON") + "\n"
            }
            Format::Junit => junit::render(outcome, fail_on_warn),
            Format::Sarif => sarif::render(outcome, exit_code, &from_workspace()),
            Format::Github => github::render(outcome, &from_workspace()),
            Format::Markdown => markdown::render(outcome),
            Format::Html => html::render(outcome),
        })
    }
}

/// `FORMAT` or `FORMAT=FILE`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub format: Format,
    /// Standard output when absent.
    pub file: Option<String>,
}

/// Reads a target; its possible values are the formats, for help and completions.
#[derive(Clone)]
pub struct TargetParser;

impl TypedValueParser for TargetParser {
    type Value = Target;

    fn parse_ref(&self, _: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Target, clap::Error> {
        let error = |text: String| clap::Error::raw(ErrorKind::InvalidValue, text + "\n");
        let Some(value) = value.to_str() else {
            return Err(error("a format's file is named in UTF-8".into()));
        };
        let (name, file) = match value.split_once('=') {
            Some((name, file)) => (name, Some(file.to_string())),
            None => (value, None),
        };
        if file.as_ref().is_some_and(String::is_empty) {
            return Err(error(format!("`--format {value}` names no file; write --format {name}=FILE")));
        }
        // A slip of the pen would cost the plan.
        if let Some(plan) = file.as_ref().filter(|f| f.ends_with(".mls")) {
            return Err(error(format!("`{plan}` is a plan: a report is not written over it")));
        }
        let file = file.filter(|f| f != STDOUT);
        match FORMATS.iter().find(|(_, n, _)| *n == name) {
            Some((format, ..)) => Ok(Target { format: *format, file }),
            None => {
                let names = || FORMATS.iter().map(|(_, n, _)| *n);
                let known = names().collect::<Vec<_>>().join(", ");
                let meant =
                    nearest(name, names()).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                Err(error(format!("there is no format `{name}`{meant}\nformats: {known}")))
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(FORMATS.iter().map(|(_, name, help)| PossibleValue::new(*name).help(*help))))
    }
}

/// The reports that were asked for; the one for people on standard output when nothing else goes there.
pub fn targets(asked: &[Target]) -> Result<Vec<Target>, String> {
    let mut targets = asked.to_vec();
    let printed: Vec<&Target> = asked.iter().filter(|t| t.file.is_none()).collect();
    if printed.len() > 1 {
        return Err(
            "two formats cannot both go to standard output; give one of them a file: --format junit=FILE"
                .into(),
        );
    }
    let mut files: Vec<String> =
        asked.iter().filter_map(|t| t.file.as_ref()).map(|f| normal(Path::new(f))).collect();
    files.sort();
    if let Some(twice) = files.windows(2).find(|w| w[0] == w[1]) {
        return Err(format!("two formats cannot both be written to `{}`", twice[0]));
    }
    if printed.is_empty() {
        targets.insert(0, Target { format: Format::Human, file: None });
    }
    Ok(targets)
}

/// Makes every report. `human` draws the one for people: on standard output, or as the text of a file. Answers the exit
/// code: the run's own, or 2 when a file could not be written.
pub fn emit(
    targets: &[Target],
    outcome: &Outcome,
    (exit_code, fail_on_warn): (u8, bool),
    human: &dyn Fn(bool) -> String,
) -> u8 {
    let mut code = exit_code;
    for target in targets {
        let text = target.format.render(outcome, exit_code, fail_on_warn);
        let text = text.unwrap_or_else(|| human(target.file.is_some()));
        match &target.file {
            None => print(&text),
            Some(file) => {
                if let Err(message) = write(file, &text) {
                    complain(&format!("error: {message}\n"));
                    code = 2;
                }
            }
        }
        if target.format == Format::Github {
            summarize(outcome);
        }
    }
    code
}

/// Writes a file whole or not at all: beside its place first, then by its name.
pub fn write(file: &str, text: &str) -> Result<(), String> {
    let failed = |e: std::io::Error| match Path::new(file).parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.exists() => {
            format!("cannot write `{file}`: there is no folder `{}`", folder.display())
        }
        _ => format!("cannot write `{file}`: {e}"),
    };
    // A link is followed, so that it stays one.
    let path = std::fs::canonicalize(file).unwrap_or_else(|_| PathBuf::from(file));
    let special = path.metadata().is_ok_and(|m| !m.is_file());
    if special {
        // A device or a pipe is written to; it must not be replaced.
        return std::fs::write(&path, text).map_err(failed);
    }
    let name = path.file_name().map_or("report".into(), |n| n.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &path));
    written.map_err(|e| {
        let _ = std::fs::remove_file(&beside);
        failed(e)
    })
}

/// The way from the top of the checkout to the folder we are in, as `infra/plans/`: GitHub looks for files from there.
fn from_workspace() -> String {
    let workspace = std::env::var_os("GITHUB_WORKSPACE").filter(|w| !w.is_empty());
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let way = || {
        let (top, here) = (real(Path::new(&workspace?))?, real(&std::env::current_dir().ok()?)?);
        let way = here.strip_prefix(top).ok()?.to_string_lossy().replace('\\', "/");
        (!way.is_empty()).then(|| way + "/")
    };
    way().unwrap_or_default()
}

/// GitHub shows what is added to the file that it names in the environment on the page of the run.
fn summarize(outcome: &Outcome) {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|f| !f.is_empty()) else { return };
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(&file);
    let written = opened.and_then(|mut f| f.write_all(format!("{}\n", markdown::render(outcome)).as_bytes()));
    if let Err(e) = written {
        complain(&format!("warning: no job summary: cannot write `{}`: {e}\n", Path::new(&file).display()));
    }
}
