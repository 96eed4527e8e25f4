//! The codes of diagnostics: each is explained, its example is told so, and the mended example is not.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::path::Path;

use mlsys::codes::{Entry, entries, entry};
use mlsys::outcome::Outcome;
use mlsys::report::codes::page;
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

use crate::house::layers::rust_files;

/// Codes that no short text is told: limits of size, files and command lines, and a mistake of our own.
const WITHOUT_EXAMPLE: &[&str] = &[
    "bad-input",
    "chain-too-long",
    "expression-too-long",
    "file-too-large",
    "file-unreadable",
    "format-unsure",
    "grid-too-large",
    "import-too-deep",
    "import-unsupported",
    "nesting-too-deep",
    "no-elasticity",
    "no-such-point",
    "not-a-number",
    "not-an-input",
    "not-declared",
    "not-monotone",
    "not-utf8",
    "not-written",
    "note",
    "too-many-dimensions",
    "too-many-operations",
    "too-many-series",
    "undecided",
    "unknown-axis",
    "unknown-quantization",
    "unknown-scenario",
];

fn run(text: &str, entry: &Entry) -> Outcome {
    let mut memory = Memory::with("plan.mls", text);
    if let Some(config) = entry.config {
        memory.add("config.json", config);
    }
    let set = text.lines().next().and_then(|l| l.split_once("--set \"")).and_then(|(_, s)| s.split_once('='));
    let set = set.map(|(name, value)| (name.to_string(), value.trim_end_matches('"').to_string()));
    let options = Options { set: set.into_iter().collect(), no_suggest: true, ..Options::default() };
    Session::new(&memory, options).run(&["plan.mls".into()])
}

fn told(outcome: &Outcome) -> Vec<&'static str> {
    let failures = outcome.files.iter().flat_map(|f| &f.assertions).filter_map(|a| a.failure.as_ref());
    outcome.diagnostics.iter().chain(failures).map(|d| d.code).collect()
}

#[test]
fn every_code_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    rust_files(&root, &mut files);
    let mut used = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("UTF-8");
        for rest in text.split("\"mls::").skip(1) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')
                .collect();
            // `"mls::"` alone is the beginning of any.
            if !name.is_empty() {
                used.insert(format!("mls::{name}"));
            }
        }
    }
    let explained: BTreeSet<String> = entries().map(|e| e.code.to_string()).collect();
    assert_eq!(used, explained);
    assert!(used.len() > 100);
}

#[test]
fn every_example_is_told_and_mended() {
    let mut without = vec![];
    let mut wrong = vec![];
    for entry in entries() {
        assert!(entry.meaning.len() > 20 && entry.meaning.ends_with('.'), "{}", entry.code);
        let Some(example) = entry.wrong else {
            without.push(entry.code.trim_start_matches("mls::"));
            continue;
        };
        let found = told(&run(example, &entry));
        if !found.contains(&entry.code) {
            wrong.push(format!("{}: told {found:?}", entry.code));
        }
        let Some(mended) = entry.right else {
            wrong.push(format!("{}: not put right", entry.code));
            continue;
        };
        let outcome = run(mended, &entry);
        if outcome.exit_code(false) != 0 || told(&outcome).contains(&entry.code) {
            wrong.push(format!("{}: put right, it is told {:?}", entry.code, told(&outcome)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(without, WITHOUT_EXAMPLE);
}

/// `MLSYS_UPDATE=1 cargo test codes` writes it anew.
#[test]
fn the_page_of_the_book_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src/diagnostics.md");
    if std::env::var_os("MLSYS_UPDATE").is_some() {
        std::fs::write(&path, page()).expect("the book can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page(), "diagnostics.md is stale: MLSYS_UPDATE=1 cargo test codes");
}

#[test]
fn codes_are_found_by_either_name() {
    assert_eq!(entry("unknown-name"), entry("mls::unknown-name"));
    assert!(entry("unknown-nam").is_none());
}
