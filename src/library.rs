//! The library of `src/std/`, embedded: its modules by dotted name, and a quick index of what they declare.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/std");

/// Modules whose names a file sees without `use`.
pub const PRELUDE: &[&str] = &["std.types", "std.math", "std.solvers.roofline"];

/// The units and dimensions, declared before anything else.
pub static UNITS: Units = Units { path: "std/units.mls", text: include_str!("std/units.mls") };

pub struct Units {
    pub path: &'static str,
    pub text: &'static str,
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
    collect(&FILES, &mut modules);
    modules.sort_by(|a: &Module, b| a.name.cmp(&b.name));
    modules
});

fn collect(dir: &'static Dir<'static>, into: &mut Vec<Module>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if let (Some(stem), Some(text)) = (path.strip_suffix(".mls"), file.contents_utf8()) {
            // The units are no module: they live in a namespace of their own.
            if stem != "units" {
                let name = format!("std.{}", stem.replace('/', "."));
                into.push(Module { name, path: format!("std/{path}"), text });
            }
        }
    }
    for dir in dir.dirs() {
        collect(dir, into);
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

/// The modules that declare `name`: what to `use` when it is not in sight. Scans all texts, so for errors only.
pub fn find(name: &str) -> Vec<String> {
    modules()
        .filter(|m| crate::syntax::outline(m.text).iter().any(|item| item.name == name))
        .map(|m| m.name.clone())
        .collect()
}

/// Every name that the library declares, with its module; for did-you-mean only.
pub fn all_names() -> Vec<(String, String)> {
    let names = |m: &'static Module| {
        crate::syntax::outline(m.text).into_iter().map(|item| (item.name.to_string(), m.name.clone()))
    };
    modules().flat_map(names).collect()
}
