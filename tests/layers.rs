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
    "disk",
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
        }
    }
    assert!(seen > 200, "only {seen} imports found");
}
