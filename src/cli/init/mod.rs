//! `mlsys init`: a scenario to start from, and what a repository needs to have its plans checked.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::cli::git::Repository;
use crate::cli::output::{complain, print};
use crate::disk::normal;

/// Write a small commented scenario to start from
#[derive(Args)]
pub struct Init {
    /// The file to write, or the folder for it
    #[arg(default_value = SCENARIO_PATH)]
    path: String,
    /// Also write a workflow that checks every plan of the repository, and a pre-commit hook, at its top
    #[arg(long, value_enum, value_name = "SERVICE")]
    ci: Option<Service>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Service {
    /// .github/workflows/mlsys.yml and .pre-commit-config.yaml
    Github,
}

const SCENARIO_PATH: &str = "capacity.mls";
const SCENARIO: &str = include_str!("capacity.mls");
const WORKFLOW: &str = include_str!("github.yml");
const WORKFLOW_PATH: &str = ".github/workflows/mlsys.yml";
const HOOKS: &str = include_str!("pre-commit.yaml");
const HOOKS_PATH: &str = ".pre-commit-config.yaml";
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Init {
    pub fn execute(self) -> u8 {
        let scenario = self.scenario();
        let mut code = write(&scenario, SCENARIO, self.ci.map(|_| ""));
        if self.ci == Some(Service::Github) {
            code = code.max(github(&top()));
        }
        if code == 0 {
            self.next(&scenario);
        }
        code
    }

    /// The file for the scenario; of a folder the usual one in it.
    fn scenario(&self) -> String {
        let path = Path::new(&self.path);
        match path.is_dir() || self.path.ends_with('/') {
            true => normal(&path.join(SCENARIO_PATH)),
            false => self.path.clone(),
        }
    }

    fn next(&self, path: &str) {
        let mut steps = vec![
            (format!("mlsys run {path}"), "check the plan"),
            (format!("mlsys run {path} --set \"efficiency=30%\""), "try another value"),
            ("mlsys list hardware".into(), "what the library knows"),
        ];
        if self.ci.is_some() {
            steps.push(("pre-commit install".into(), "check before every commit"));
        }
        let width = steps.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
        let lines = steps.iter().map(|(command, what)| format!("  {command:width$}  # {what}\n"));
        print(&format!("\n{}", lines.collect::<String>()));
        if self.ci.is_some() {
            print(&format!(
                "\nThe workflow installs mlsys {VERSION} with cargo; to have another build, change MLSYS in it.\n"
            ));
        }
    }
}

/// The workflow and the hooks, at the top of the repository: GitHub and pre-commit look for them nowhere else.
fn github(top: &str) -> u8 {
    // The workflow installs the version that wrote it: a new release does not change what passes.
    let workflow = WORKFLOW.replace("MLSYS_VERSION", VERSION);
    let code = write(&format!("{top}{WORKFLOW_PATH}"), &workflow, None);
    // Who asks for the checks may have hooks already.
    let add = format!("; to check plans before a commit add this to it:\n\n{HOOKS}");
    code.max(write(&format!("{top}{HOOKS_PATH}"), HOOKS, Some(&add)))
}

/// The way to the top of the repository that we are in, as `../../`.
fn top() -> String {
    Repository::around(Path::new(".")).map_or_else(|_| String::new(), |repository| repository.way_up())
}

/// Writes a file that is not there yet. One that is there stays: an error, or `left` says how to go on.
fn write(path: &str, text: &str, left: Option<&str>) -> u8 {
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), fs::create_dir_all);
    let file = made.and_then(|()| OpenOptions::new().write(true).create_new(true).open(path));
    match file.and_then(|mut f| f.write_all(text.as_bytes())) {
        Ok(()) => {
            print(&format!("wrote {path}\n"));
            0
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match left {
            Some(then) => {
                print(&format!("left {path} as it is{then}\n"));
                0
            }
            None => {
                let then = match path.ends_with(WORKFLOW_PATH) {
                    true => "remove it to have it written anew",
                    false => "name another file, or remove it",
                };
                complain(&format!("error: `{path}` exists and is left as it is; {then}\n"));
                2
            }
        },
        Err(error) => {
            complain(&format!("error: `{path}` cannot be written: {error}\n"));
            2
        }
    }
}
