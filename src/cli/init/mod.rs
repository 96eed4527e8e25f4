//! `mlsys init`: a scenario to start from, and what a repository needs to have its plans checked.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use clap::{Args, ValueEnum};

use super::output::{complain, print};

/// Write a small commented scenario to start from
#[derive(Args)]
pub struct Init {
    /// The file to write
    #[arg(default_value = "capacity.mls")]
    path: String,
    /// Also write a workflow that checks every plan of the repository, and a pre-commit hook
    #[arg(long, value_enum, value_name = "SERVICE")]
    ci: Option<Service>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Service {
    /// .github/workflows/mlsys.yml and .pre-commit-config.yaml
    Github,
}

const SCENARIO: &str = include_str!("capacity.mls");
const WORKFLOW: &str = include_str!("github.yml");
const WORKFLOW_PATH: &str = ".github/workflows/mlsys.yml";
const HOOKS: &str = include_str!("pre-commit.yaml");
const HOOKS_PATH: &str = ".pre-commit-config.yaml";

impl Init {
    pub fn execute(self) -> u8 {
        let mut files = vec![(self.path.as_str(), SCENARIO.to_string())];
        if self.ci == Some(Service::Github) {
            // The workflow installs the version that wrote it: a new release does not change what passes.
            let workflow = WORKFLOW.replace("MLSYS_VERSION", env!("CARGO_PKG_VERSION"));
            files.extend([(WORKFLOW_PATH, workflow), (HOOKS_PATH, HOOKS.to_string())]);
        }
        let mut code = 0;
        for (path, text) in &files {
            // Who asks for the checks may have plans already, and hooks of their own.
            let left = match *path {
                HOOKS_PATH => Some(format!("; to check plans before a commit add this to it:\n\n{text}")),
                WORKFLOW_PATH => None,
                _ => self.ci.map(|_| String::new()),
            };
            code = code.max(write(path, text, left.as_deref()));
        }
        if code == 0 {
            self.next();
        }
        code
    }

    fn next(&self) {
        let path = &self.path;
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
    }
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
                complain(&format!(
                    "error: `{path}` exists and is left as it is; name another file, or remove it\n"
                ));
                2
            }
        },
        Err(error) => {
            complain(&format!("error: `{path}` cannot be written: {error}\n"));
            2
        }
    }
}
