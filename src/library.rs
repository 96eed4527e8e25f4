//! The library of `src/std/`, embedded: its modules by dotted name, and a quick index of what they declare.

use std::sync::{LazyLock, OnceLock};

use include_dir::{Dir, include_dir};

use crate::syntax;
use crate::syntax::Slice;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/std");

/// Modules whose names a file sees without `use`. Besides these it sees every solver that has a module of its name.
pub const PRELUDE: &[&str] = &["std.types", "std.math", "std.solvers.roofline"];

const SOLVERS: &str = "std.solvers.";

/// The module of the solver of this name, which is read when somebody names it.
pub fn solver(name: &str) -> Option<&'static Module> {
    module(&format!("{SOLVERS}{name}")).filter(|m| declares_solver(m, name))
}

/// The names of such solvers.
pub fn solvers() -> impl Iterator<Item = &'static str> {
    modules().filter_map(|m| m.name.strip_prefix(SOLVERS).filter(|name| declares_solver(m, name)))
}

fn declares_solver(module: &Module, name: &str) -> bool {
    module.text.contains(&format!("\nsolver {name}("))
}

/// The units and dimensions, declared before anything else.
pub static UNITS: LazyLock<Units> = LazyLock::new(|| {
    let own = || include_str!("std/units.mls");
    let text = REPLACEMENT.get().map_or_else(own, |files| text_at(files, "units.mls").unwrap_or(""));
    Units { path: "std/units.mls", text }
});

pub struct Units {
    pub path: &'static str,
    pub text: &'static str,
}

/// A module whose head says that it holds what was measured of kernels and engines: no plan can choose it.
pub fn is_measured(text: &str) -> bool {
    head_says(text, "Measured: nobody chooses")
}

/// A module that says at its head that it is kept for what was, not for what will be.
pub fn is_history(text: &str) -> bool {
    head_says(text, "Not for new plans")
}

/// Do the comments before the first item hold these words?
fn head_says(text: &str, words: &str) -> bool {
    text.lines().take_while(|line| line.starts_with('#')).any(|line| line.contains(words))
}

/// Files that stand in for the embedded ones: path below the library's folder, and text.
static REPLACEMENT: OnceLock<Vec<(String, String)>> = OnceLock::new();

/// Puts other files in place of the embedded library, for whoever changes an equation and wants to try it without
/// building. Paths are like `hardware/nvidia.mls`. Must come before anything reads the library.
pub fn replace(files: Vec<(String, String)>) {
    // A second call finds the library in use, and leaves it alone.
    let _ = REPLACEMENT.set(files);
}

/// The files as the build parsed them, by path below the library's folder.
static PARSED: LazyLock<Vec<(&str, &[u8])>> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));
    postcard::from_bytes(bytes).expect("written by this build")
});

/// One item of a library file.
#[derive(Debug)]
pub struct LibraryItem {
    pub slice: Slice,
    /// As [`syntax::read_tree`] reads it, if the build has parsed it.
    pub tree: Option<&'static [u8]>,
}

/// The items of the library file at `path`, such as `std/units.mls`.
pub fn items(path: &str, text: &str) -> Vec<LibraryItem> {
    let path = path.strip_prefix("std/").unwrap_or(path);
    let parsed = match REPLACEMENT.get() {
        Some(_) => None,
        None => PARSED.binary_search_by(|(p, _)| (*p).cmp(path)).ok().map(|i| PARSED[i].1),
    };
    match parsed {
        Some(bytes) => syntax::read_items(bytes)
            .iter()
            .map(|item| LibraryItem { slice: item.slice(), tree: item.tree })
            .collect(),
        None => syntax::outline(text).into_iter().map(|slice| LibraryItem { slice, tree: None }).collect(),
    }
}

fn text_at(files: &'static [(String, String)], path: &str) -> Option<&'static str> {
    files.iter().find(|(p, _)| p == path).map(|(_, text)| text.as_str())
}

/// One library file.
#[derive(Debug)]
pub struct Module {
    /// `std.hardware.nvidia`
    pub name: String,
    /// `std/hardware/nvidia.mls`
    pub path: String,
    pub text: &'static str,
}

static MODULES: LazyLock<Vec<Module>> = LazyLock::new(|| {
    let mut modules = vec![];
    match REPLACEMENT.get() {
        Some(files) => files.iter().for_each(|(path, text)| add(path, text, &mut modules)),
        None => collect(&FILES, &mut modules),
    }
    modules.sort_by(|a: &Module, b| a.name.cmp(&b.name));
    modules
});

fn collect(dir: &'static Dir<'static>, into: &mut Vec<Module>) {
    for file in dir.files() {
        if let Some(text) = file.contents_utf8() {
            add(&file.path().to_string_lossy().replace('\\', "/"), text, into);
        }
    }
    for dir in dir.dirs() {
        collect(dir, into);
    }
}

fn add(path: &str, text: &'static str, into: &mut Vec<Module>) {
    // The units are no module: they live in a namespace of their own.
    if let Some(stem) = path.strip_suffix(".mls").filter(|stem| *stem != "units") {
        let name = format!("std.{}", stem.replace('/', "."));
        into.push(Module { name, path: format!("std/{path}"), text });
    }
}

/// All modules, by name.
pub fn modules() -> impl Iterator<Item = &'static Module> {
    MODULES.iter()
}

/// The module of this dotted name.
pub fn module(name: &str) -> Option<&'static Module> {
    MODULES.binary_search_by(|m| m.name.as_str().cmp(name)).ok().map(|i| &MODULES[i])
}

/// The modules that declare `name`: what to `use` when it is not in sight.
pub fn find(name: &str) -> Vec<String> {
    all_names().iter().filter(|(n, _)| n == name).map(|(_, module)| module.clone()).collect()
}

/// What the library declares under `name` but for case and the marks between its words: `Llama-3-70B`.
pub fn spelt_like(name: &str) -> Option<(String, String)> {
    let fold = |n: &str| -> String {
        n.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = fold(name);
    all_names().iter().find(|(n, _)| fold(n) == wanted).cloned()
}

/// Names that begin with `name` and go on with `_`, each with its module: `H100_SXM` for `H100`. Those in which it is a
/// device or a model come from where planners look.
pub fn variants(name: &str) -> Vec<(String, String)> {
    let prefix = format!("{name}_");
    let shelf = |module: &str| module.starts_with("std.hardware.") || module.starts_with("std.models.");
    let mut found: Vec<_> =
        all_names().iter().filter(|(n, m)| n.starts_with(&prefix) && shelf(m)).cloned().collect();
    // Of several forms of a device the one with the shortest name is the usual one.
    found.sort_by_key(|(n, _)| n.len());
    found
}

/// Every name that the library declares, with its module; for did-you-mean only. Scanned for once, at the first error
/// that asks.
pub fn all_names() -> &'static [(String, String)] {
    static NAMES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let names = |m: &'static Module| {
            syntax::outline(m.text).into_iter().map(|item| (item.name.to_string(), m.name.clone()))
        };
        modules().flat_map(names).collect()
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_the_build_parsed_is_what_the_texts_say() {
        let file = FileId(7);
        let files = modules().map(|m| (m.path.as_str(), m.text)).chain([(UNITS.path, UNITS.text)]);
        for (path, text) in files {
            let stored = items(path, text);
            let slices = syntax::outline(text);
            assert_eq!(
                stored.iter().map(|i| &i.slice).collect::<Vec<_>>(),
                slices.iter().collect::<Vec<_>>()
            );
            for item in stored {
                let tree = item.tree.map(|tree| syntax::read_tree(file, tree));
                let (parsed, problems) = syntax::parse_item(file, text, &item.slice);
                assert_eq!(problems, []);
                assert_eq!(format!("{tree:?}"), format!("{parsed:?}"), "{path}: {}", item.slice.name);
            }
        }
    }
}
