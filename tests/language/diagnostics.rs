//! One mistake a file, and what is said of it: `tests/language/diagnostics/MISTAKE.mls`, or a folder whose `main.mls` is run.
//!
//! A first line `# set: NAME=VALUE` stands for `--set`. The snapshot holds the source and the rendering, so that a
//! reviewer needs only that. `INSTA_UPDATE=always cargo test diagnostics::` writes them anew.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};

use mlsys::diagnostic::Diagnostic;
use mlsys::outcome::Outcome;
use mlsys::report::terminal::{Style, render};
use mlsys::session::{Options, Session};
use mlsys::source::{Memory, Origin};

use crate::support::without_library_lines;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language/diagnostics")
}

/// Every case: its name and its files, the one that is run first.
fn cases() -> Vec<(String, Vec<(String, String)>)> {
    let mut cases = vec![];
    for entry in fs::read_dir(folder()).expect("the cases are committed").flatten() {
        let path = entry.path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let read = |path: &Path| {
            let file = path.file_name().expect("a name").to_string_lossy().into_owned();
            (file, fs::read_to_string(path).expect("UTF-8"))
        };
        if path.is_dir() && name != "snapshots" {
            let mut files: Vec<(String, String)> =
                fs::read_dir(&path).expect("a folder").flatten().map(|e| read(&e.path())).collect();
            files.sort_by_key(|(file, _)| (file != "main.mls", file.clone()));
            cases.push((name, files));
        } else if path.extension().is_some_and(|e| e == "mls") {
            let (file, text) = read(&path);
            cases.push((name, vec![(file, text)]));
        }
    }
    cases.sort();
    cases
}

fn run(files: &[(String, String)]) -> Outcome {
    let mut memory = Memory::default();
    for (path, text) in files {
        memory.add(path, text.as_str());
    }
    let (path, text) = &files[0];
    let set = text.lines().next().and_then(|l| l.strip_prefix("# set: ")).and_then(|s| s.split_once('='));
    let set = set.map(|(n, v)| (n.to_string(), v.to_string())).into_iter().collect();
    Session::new(&memory, Options { set, ..Options::default() }).run(std::slice::from_ref(path))
}

fn told(outcome: &Outcome) -> Vec<&Diagnostic> {
    let failures = outcome.files.iter().flat_map(|f| &f.assertions).filter_map(|a| a.failure.as_ref());
    outcome.diagnostics.iter().chain(failures).collect()
}

/// Lists of what the library has are cut after three names: it grows.
fn short(diagnostic: &Diagnostic) -> Diagnostic {
    let mut diagnostic = diagnostic.clone();
    let lists = ["it has ", "it declares ", "there are ", "its inputs are "];
    if let Some(help) = diagnostic.help.as_mut().filter(|h| lists.iter().any(|l| h.starts_with(l)))
        && let Some((end, _)) = help.match_indices("`, ").nth(2)
    {
        help.truncate(end + 1);
        help.push_str(" ..");
    }
    diagnostic
}

#[test]
fn every_mistake_is_told_as_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let cases = cases();
    assert!(cases.len() > 150);
    let mut wrong = vec![];
    for (name, files) in &cases {
        let outcome = run(files);
        let mut text = String::new();
        for (path, source) in files {
            text.push_str(&format!("----- {path}\n{}\n", source.trim_end().replace('\r', "")));
        }
        text.push_str("----- told\n");
        for diagnostic in told(&outcome) {
            let rendered = render(&short(diagnostic), &outcome.sources, Style::default());
            text.push_str(&without_library_lines(&rendered));
            text.push('\n');
        }
        let held = settings
            .bind(|| std::panic::catch_unwind(|| insta::assert_snapshot!(name.as_str(), text)).is_ok());
        if !held {
            wrong.push(name.as_str());
        }
    }
    assert!(wrong.is_empty(), "changed: {}", wrong.join(", "));
}

/// The same mistakes where there is more room, colour, or only ASCII.
#[test]
fn mistakes_are_told_in_every_style() {
    let styles = [
        ("wide", Style { width: 120, ..Style::default() }),
        ("color", Style { color: true, ..Style::default() }),
        ("ascii", Style { unicode: false, ..Style::default() }),
        ("narrow", Style { width: 50, ..Style::default() }),
    ];
    let shown = ["dimension_in_addition", "assertion_fails", "value_cycle", "tab_and_long_help"];
    let cases = cases();
    for name in shown {
        let (_, files) = cases.iter().find(|(case, _)| case == name).expect("a case of that name");
        let outcome = run(files);
        for (style_name, style) in styles {
            let parts: Vec<String> =
                told(&outcome).into_iter().map(|d| render(&short(d), &outcome.sources, style)).collect();
            let text = without_library_lines(&parts.join("\n")).replace('\u{1b}', "ESC");
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(folder().join("snapshots/styles"));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(format!("{name}_{style_name}"), text));
        }
    }
}

/// Rules that hold of all diagnostics of all cases.
#[test]
fn every_diagnostic_keeps_the_house_rules() {
    for (name, files) in &cases() {
        let outcome = run(files);
        let told = told(&outcome);
        assert!(!told.is_empty(), "{name}: nothing is told");
        for d in told {
            assert!(d.code.starts_with("mls::"), "{name}: {}", d.code);
            assert!(!d.message.ends_with('.') && !d.message.contains('\n'), "{name}: {}", d.message);
            let failed = matches!(d.code, "mls::assert-failed" | "mls::warn-failed");
            assert!(failed || d.help.is_some(), "{name}: `{}` has no help", d.message);
            let span = d.span().unwrap_or_else(|| panic!("{name}: `{}` has no place", d.message));
            let origin = outcome.sources.file(span.file).origin;
            assert_ne!(origin, Origin::Library, "{name}: `{}` begins in the library", d.message);
        }
    }
}
