//! Every scenario that users copy runs, and every assertion in it holds.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use mlsys::outcome::{Outcome, Status};
use mlsys::report::human::{Detail, render};
use mlsys::report::terminal::Style;

use crate::support::run;

/// The files of a folder and those in it.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of scenarios").flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, found),
            path if path.extension().is_some_and(|e| e == "mls") => found.push(path),
            _ => {}
        }
    }
}

/// Nothing of a report is wider than its terminal, except what cannot be broken.
fn fits(outcome: &Outcome, path: &Path) {
    for width in [60, 80] {
        let text = render(outcome, Detail::Normal, Style { width, ..Style::default() });
        for line in text.lines() {
            let longest = line.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
            let fits = line.chars().count() <= width || longest + 16 > width;
            assert!(fits, "{} at {width}: {line}", path.display());
        }
    }
}

#[test]
fn every_scenario_holds() {
    let mut found = vec![];
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut found);
    found.sort();
    assert!(found.len() >= 6, "{found:?}");
    for path in found {
        let text = std::fs::read_to_string(&path).expect("a scenario");
        // Ten million points take long without optimisation: here the axes are coarser, and it says so itself.
        let text = match path.ends_with("sensitivity.mls") && cfg!(debug_assertions) {
            true => text.replace("batch: 1..100\n", "batch: 1..100 by 33\n").replace("10_000_000", "400_000"),
            false => text,
        };
        let outcome = run(&text);
        let asserted: Vec<_> = outcome.files.iter().flat_map(|f| &f.assertions).collect();
        assert!(!asserted.is_empty(), "{} asserts nothing", path.display());
        for assertion in asserted.iter().filter(|a| a.severity.name() == "error") {
            assert_eq!(
                assertion.status,
                Status::Pass,
                "{}: {} {:#?}",
                path.display(),
                assertion.text,
                assertion.failure
            );
        }
        fits(&outcome, &path);
        assert_eq!(outcome.exit_code(false), 0, "{}: {:#?}", path.display(), outcome.diagnostics);
    }
}
