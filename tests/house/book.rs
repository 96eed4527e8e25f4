//! The book tells the truth: its scenarios run, its references are current, and every page can be reached.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mlsys::catalogue::catalogue;
use mlsys::report::reference;
use mlsys::source::Library;

use crate::support::run;

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src")
}

fn pages() -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![book()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the book").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|e| e == "md") => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The README is the first page to most readers.
fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The fenced blocks of a page that are scenarios: the words after `mls`, and the text.
fn scenarios(page: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```mls") else { continue };
        let text: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
        found.push((fence.trim_start_matches(',').to_string(), text.join("\n") + "\n"));
    }
    found
}

/// ` ```mls ` holds; `fails` breaks an assertion; `invalid` is wrong in itself; `part` is a piece of something.
#[test]
fn its_scenarios_run() {
    let mut ran = 0;
    for path in pages().into_iter().chain([readme()]) {
        let page = std::fs::read_to_string(&path).expect("a page");
        for (words, text) in scenarios(&page) {
            let expected = match words.as_str() {
                "" => 0,
                "fails" => 1,
                "invalid" => 2,
                "part" => continue,
                other => panic!("{}: what is `{other}`?", path.display()),
            };
            let outcome = run(&text);
            assert_eq!(
                outcome.exit_code(false),
                expected,
                "{}:\n{text}\n{:#?}",
                path.display(),
                outcome.diagnostics
            );
            ran += 1;
        }
    }
    assert!(ran >= 8, "only {ran} scenarios in the book");
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = std::fs::read_to_string(book().join("SUMMARY.md")).expect("a summary");
    let linked: BTreeSet<PathBuf> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| book().join(link))
        .collect();
    let written: BTreeSet<PathBuf> = pages().into_iter().filter(|p| !p.ends_with("SUMMARY.md")).collect();
    assert_eq!(linked, written);
}

/// `MLSYS_UPDATE=1 cargo test book` writes them anew.
#[test]
fn references_are_current() {
    let entries = catalogue(Library::embedded());
    for (file, text) in reference::pages(&entries) {
        let path = book().join("reference").join(&file);
        if std::env::var_os("MLSYS_UPDATE").is_some() {
            std::fs::write(&path, &text).expect("the book can be written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{file} is stale: MLSYS_UPDATE=1 cargo test book");
    }
}
