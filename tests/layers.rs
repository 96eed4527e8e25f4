//! The pipeline is the folder list: a folder imports only from folders to its left.

use std::fs;
use std::path::{Path, PathBuf};

/// From left to right.
const ORDER: &[&str] = &[
    "source",
    "diagnostic",
    "suggest",
    "codes",
    "native",
    "syntax",
    "outcome",
    "library",
    "import",
    "units",
    "check",
    "columns",
    "lower",
    "run",
    "explain",
    "whatif",
    "diff",
    "catalogue",
    "session",
    "facade",
    "report",
    "cli",
];

pub fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Rooms that read less than all that is to their left. A report reads what a run found, and `codes` for the pages about
/// codes: what it shows can be built without the language.
const READ_ONLY: &[(&str, &[&str])] =
    &[("outcome", &["source", "diagnostic"]), ("report", &["source", "diagnostic", "codes", "outcome"])];

#[test]
fn imports_point_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    rust_files(&root, &mut files);
    let mut seen = 0;
    for path in files {
        let below = path.strip_prefix(&root).expect("a file of the sources");
        let own = below.components().next().expect("a name").as_os_str().to_string_lossy();
        let own = own.trim_end_matches(".rs");
        if matches!(own, "lib" | "main") {
            continue;
        }
        let rank = |name: &str| ORDER.iter().position(|o| *o == name);
        let here = rank(own).unwrap_or_else(|| panic!("`{own}` has no place in the order"));
        let text = fs::read_to_string(&path).expect("UTF-8");
        for used in text.split("crate::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(there) = rank(&name) else { continue };
            seen += 1;
            assert!(
                there <= here,
                "{}: `{own}` imports from `{name}`, which is to its right",
                below.display()
            );
            let narrow = READ_ONLY.iter().find(|(room, _)| *room == own);
            assert!(
                name == own || narrow.is_none_or(|(_, rooms)| rooms.contains(&name.as_str())),
                "{}: `{own}` does not read `{name}`",
                below.display()
            );
        }
    }
    assert!(seen > 200, "only {seen} imports found");
}

/// The files and folders of `run`, from left to right: what is found, what is exported and drawn, then the steps.
const INSIDE_RUN: &[&str] = &[
    "undefined_value",
    "summands",
    "headline",
    "declared_solves",
    "data",
    "assertion",
    "chart",
    "page",
    "steps",
];

#[test]
fn imports_inside_run_point_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/run");
    let mut files = vec![];
    rust_files(&root, &mut files);
    let mut seen = 0;
    for path in files.iter().filter(|path| !path.ends_with("run/mod.rs")) {
        let below = path.strip_prefix(&root).expect("a file of the room");
        let own = below.components().next().expect("a name").as_os_str().to_string_lossy();
        let own = own.trim_end_matches(".rs");
        let rank = |name: &str| INSIDE_RUN.iter().position(|o| *o == name);
        let here = rank(own).unwrap_or_else(|| panic!("`{own}` has no place in the order"));
        let text = fs::read_to_string(path).expect("UTF-8");
        for used in text.split("crate::run::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(there) = rank(&name) else { continue };
            seen += 1;
            assert!(
                there <= here,
                "{}: `{own}` imports from `{name}`, which is to its right",
                below.display()
            );
        }
    }
    assert!(seen > 30, "only {seen} imports found");
}
