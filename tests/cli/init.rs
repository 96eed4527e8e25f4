//! What `mlsys init` writes works: the scenario runs, the workflow and the hooks are what their readers expect.
#![cfg(feature = "cli")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::{Folder, schema};

fn mlsys(folder: &Path, arguments: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_mlsys")).args(arguments).current_dir(folder).output();
    command.expect("the binary of this package")
}

fn yaml(folder: &Folder, path: &str) -> Value {
    let text = std::fs::read_to_string(folder.path().join(path)).expect("init wrote it");
    serde_yaml_ng::from_str(&text).expect("it is YAML")
}

#[test]
fn the_scenario_runs() {
    let folder = Folder::new("init-scenario");
    assert!(mlsys(folder.path(), &["init"]).status.success());
    assert_eq!(mlsys(folder.path(), &["run", "capacity.mls"]).status.code(), Some(0));
    assert_eq!(mlsys(folder.path(), &["fmt", "--check", "."]).status.code(), Some(0));
    // A plan is never written over.
    assert_eq!(mlsys(folder.path(), &["init"]).status.code(), Some(2));
}

#[test]
fn the_workflow_is_one_and_its_commands_work() {
    let folder = Folder::new("init-github");
    assert!(mlsys(folder.path(), &["init", "--ci", "github"]).status.success());
    let workflow = yaml(&folder, ".github/workflows/mlsys.yml");
    schema("github-workflows.json", &workflow);
    let steps = workflow["jobs"]["plans"]["steps"].as_array().expect("steps");
    let commands: Vec<&str> = steps.iter().filter_map(|s| s["run"].as_str()).collect();
    let ours: Vec<&&str> = commands.iter().filter(|c| c.starts_with("mlsys ")).collect();
    assert_eq!(ours.len(), 2, "{commands:?}");
    for command in ours {
        let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
        let output = mlsys(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_hooks_name_commands_that_exist() {
    let folder = Folder::new("init-hooks");
    assert!(mlsys(folder.path(), &["init", "--ci", "github"]).status.success());
    let hooks = yaml(&folder, ".pre-commit-config.yaml");
    for hook in hooks["repos"][0]["hooks"].as_array().expect("hooks") {
        let entry = hook["entry"].as_str().expect("an entry");
        let arguments: Vec<&str> = entry.split_whitespace().skip(1).chain(["capacity.mls"]).collect();
        assert_eq!(mlsys(folder.path(), &arguments).status.code(), Some(0), "{entry}");
    }
}

#[test]
fn hooks_and_plans_that_are_there_stay() {
    let folder = Folder::new("init-again");
    std::fs::write(folder.path().join(".pre-commit-config.yaml"), "repos: []\n").expect("a file");
    std::fs::write(folder.path().join("capacity.mls"), "let mine = 1\n").expect("a file");
    let output = mlsys(folder.path(), &["init", "--ci", "github"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("id: mlsys-run"));
    assert_eq!(yaml(&folder, ".pre-commit-config.yaml")["repos"], Value::Array(vec![]));
}

/// GitHub and pre-commit look at the top of the repository and nowhere else.
#[test]
fn checks_are_written_at_the_top_of_the_repository() {
    let folder = Folder::new("init-top");
    let inside = folder.path().join("infra/plans");
    std::fs::create_dir_all(&inside).expect("a folder");
    let git = Command::new("git").args(["init", "--quiet"]).current_dir(folder.path()).status();
    assert!(git.expect("git").success());
    let output = mlsys(&inside, &["init", ".", "--ci", "github"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(inside.join("capacity.mls").exists());
    assert!(folder.path().join(".github/workflows/mlsys.yml").exists());
    assert!(folder.path().join(".pre-commit-config.yaml").exists());
    assert!(!inside.join(".github").exists());
    // What is there stays, and it is said what to do.
    let output = mlsys(&inside, &["init", "new", "--ci", "github"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("remove it to have it written anew"));
}

/// A workflow that comments needs leave to, and keeps one comment.
#[test]
fn the_workflow_may_do_what_it_does() {
    let folder = Folder::new("init-rights");
    assert!(mlsys(folder.path(), &["init", "--ci", "github"]).status.success());
    let workflow = yaml(&folder, ".github/workflows/mlsys.yml");
    let text =
        std::fs::read_to_string(folder.path().join(".github/workflows/mlsys.yml")).expect("it is there");
    assert_eq!(workflow["permissions"]["pull-requests"], "write");
    assert_eq!(workflow["permissions"]["security-events"], "write");
    assert_eq!(text.matches("<!-- mlsys -->").count(), 2, "what is written is what is looked for");
    assert_eq!(workflow["env"]["MLSYS"], format!("mlsys --version {}", env!("CARGO_PKG_VERSION")));
    // The summary of the job comes with the annotations; a second one would show everything twice.
    assert!(!text.contains("GITHUB_STEP_SUMMARY"));
}
