//! `--format` on the command line: several reports of one run, whole files or none.
#![cfg(feature = "cli")]

use std::process::{Command, Output};

use crate::support::Folder;

fn mlsys(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
    command.current_dir(folder.path()).args(arguments);
    command.env_remove("GITHUB_STEP_SUMMARY").env("NO_COLOR", "1").output().expect("mlsys runs")
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    std::fs::write(folder.path().join("a.mls"), "assert 2 < 1\n").expect("a file");
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn several_reports_of_one_run() {
    let folder = folder("targets");
    let out = mlsys(
        &folder,
        &["run", "a.mls", "--format", "junit=r.xml", "--format", "sarif=r.sarif", "--format=markdown=r.md"],
    );
    assert_eq!(out.status.code(), Some(1));
    // Nothing was asked for on standard output: people get theirs.
    assert!(text(&out.stdout).contains("a.mls: 1 failed"), "{}", text(&out.stdout));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert!(read("r.xml").starts_with("<?xml"));
    assert!(read("r.sarif").contains("\"2.1.0\""));
    assert!(read("r.md").starts_with("### "));
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn one_report_on_standard_output() {
    let folder = folder("targets-stdout");
    let out = mlsys(&folder, &["run", "a.mls", "--format", "github", "--format", "human=log.txt"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stdout).starts_with("::error file=a.mls,line=1,"), "{}", text(&out.stdout));
    let log = std::fs::read_to_string(folder.path().join("log.txt")).expect("a log");
    assert!(log.contains("mls::assert-failed") && log.contains("a.mls: 1 failed"), "{log}");
    let out = mlsys(&folder, &["run", "a.mls", "--format", "junit", "--format", "json"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("--format junit=FILE"), "{}", text(&out.stderr));
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let folder = folder("targets-unwritable");
    std::fs::write(folder.path().join("b.mls"), "assert 1 < 2\n").expect("a file");
    let out = mlsys(&folder, &["run", "b.mls", "--format", "junit=no/such/r.xml"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("there is no folder `no/such`"), "{}", text(&out.stderr));
    let out = mlsys(&folder, &["run", "b.mls", "--format", "junit=."]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
    let out = mlsys(&folder, &["run", "b.mls", "--format", "juint=r.xml"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("did you mean `junit`"), "{}", text(&out.stderr));
    let out = mlsys(&folder, &["run", "b.mls", "--format", "junit="]);
    assert_eq!(out.status.code(), Some(2));
}

#[test]
fn github_shows_the_summary_of_a_job() {
    let folder = folder("targets-summary");
    let summary = folder.path().join("summary.md");
    std::fs::write(&summary, "before\n").expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
    command.current_dir(folder.path()).args(["run", "a.mls", "--format", "github"]);
    let out = command.env("GITHUB_STEP_SUMMARY", &summary).output().expect("mlsys runs");
    assert_eq!(out.status.code(), Some(1));
    let text = std::fs::read_to_string(&summary).expect("a summary");
    assert!(text.starts_with("before\n### ❌ mlsys: 1 failed"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    let folder = folder("targets-links");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("real.xml"), "old").expect("a file");
    std::os::unix::fs::symlink(path("real.xml"), path("link.xml")).expect("a link");
    let out = mlsys(&folder, &["run", "a.mls", "--format", "junit=link.xml", "--format", "json=/dev/null"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    assert!(path("link.xml").symlink_metadata().expect("a link").file_type().is_symlink());
    assert!(std::fs::read_to_string(path("real.xml")).expect("a file").starts_with("<?xml"));
    assert!(!std::path::Path::new("/dev/null").metadata().expect("a device").is_file());
}

#[test]
fn a_plan_is_not_written_over() {
    let folder = folder("targets-slip");
    let out = mlsys(&folder, &["run", "a.mls", "--format", "junit=a.mls"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("`a.mls` is a plan"), "{}", text(&out.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("a.mls")).expect("the plan"), "assert 2 < 1\n");
}

#[test]
fn one_file_by_two_names_and_a_dash() {
    let folder = folder("targets-names");
    let out = mlsys(&folder, &["run", "a.mls", "--format", "junit=r.xml", "--format", "sarif=./x/../r.xml"]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out.stderr));
    let out = mlsys(&folder, &["run", "a.mls", "--format", "junit=-"]);
    assert!(text(&out.stdout).starts_with("<?xml"), "{}", text(&out.stdout));
    assert!(!folder.path().join("-").exists());
    let out = mlsys(&folder, &["run", "a.mls", "--format", "junit=-", "--format", "json"]);
    assert_eq!(out.status.code(), Some(2), "two on standard output");
}

/// A job whose working directory is a folder of the checkout.
#[test]
fn annotations_stand_at_files_of_the_checkout() {
    let folder = folder("targets-checkout");
    std::fs::create_dir_all(folder.path().join("infra/plans")).expect("a folder");
    std::fs::write(folder.path().join("infra/plans/b.mls"), "assert 2 < 1\n").expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
    command.current_dir(folder.path().join("infra")).args(["run", "plans", "../a.mls", "--format", "github"]);
    command.env("GITHUB_WORKSPACE", folder.path()).env_remove("GITHUB_STEP_SUMMARY");
    let out = text(&command.output().expect("mlsys runs").stdout);
    let files: Vec<&str> = out.lines().filter_map(|l| l.split(['=', ',']).nth(1)).collect();
    assert_eq!(files, ["infra/plans/b.mls", "a.mls"], "{out}");
}

/// What a program reads is what the exit code says.
#[test]
fn a_warning_that_counts_is_not_ok() {
    let folder = Folder::new("targets-warn");
    std::fs::write(folder.path().join("w.mls"), "warn 2 < 1\n").expect("a file");
    for (more, ok, code) in [(None, "\"ok\": true", 0), (Some("--fail-on-warn"), "\"ok\": false", 1)] {
        let arguments: Vec<&str> = ["run", "w.mls", "--format", "json"].into_iter().chain(more).collect();
        let out = mlsys(&folder, &arguments);
        assert_eq!(out.status.code(), Some(code));
        assert!(text(&out.stdout).contains(ok), "{}", text(&out.stdout));
    }
}
