//! Libraries: their modules by dotted name, what they declare, and the one of `src/std/` that is built in.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use crate::source::{Library, LibraryFile, SourceProvider};
use crate::suggest::nearest;
use crate::syntax;
use crate::syntax::Slice;

/// Modules whose names a file sees without `use`. Besides these it sees every solver that has a module of its name.
pub const PRELUDE: &[&str] = &["std.types", "std.math", "std.solvers.roofline"];

const SOLVERS: &str = "std.solvers.";

/// What build.rs writes of a file: its path below the library's folder, its text, and its items parsed.
type Stored = (&'static str, &'static str, &'static [u8]);

static EMBEDDED: LazyLock<Arc<Library>> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));
    let files: Vec<Stored> = postcard::from_bytes(bytes).expect("written by this build");
    let file = |(path, text, parsed): Stored| (path.to_string(), Cow::Borrowed(text), Some(parsed));
    Arc::new(Library::of(files.into_iter().map(file)))
});

/// The library that a provider reads.
pub fn of(provider: &dyn SourceProvider) -> &Arc<Library> {
    provider.library().unwrap_or_else(|| Library::embedded())
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

/// One item of a library file.
#[derive(Debug)]
pub struct LibraryItem {
    pub slice: Slice,
    /// As [`syntax::read_tree`] reads it, if the build has parsed it.
    pub tree: Option<&'static [u8]>,
}

impl LibraryFile {
    /// Its items.
    pub(crate) fn items(&self) -> Vec<LibraryItem> {
        match self.parsed {
            Some(bytes) => syntax::read_items(bytes)
                .iter()
                .map(|item| LibraryItem { slice: item.slice(), tree: item.tree })
                .collect(),
            None => {
                let slices = syntax::outline(&self.text).into_iter();
                slices.map(|slice| LibraryItem { slice, tree: None }).collect()
            }
        }
    }

    fn declares_solver(&self, name: &str) -> bool {
        self.text.contains(&format!("\nsolver {name}("))
    }
}

impl Library {
    /// The library that is built in.
    pub fn embedded() -> &'static Arc<Library> {
        &EMBEDDED
    }

    /// All modules, by name. The units are none.
    pub fn modules(&self) -> impl Iterator<Item = &LibraryFile> {
        self.modules.iter()
    }

    /// The module of this dotted name.
    pub fn module(&self, name: &str) -> Option<&LibraryFile> {
        self.modules.binary_search_by(|m| m.name.as_str().cmp(name)).ok().map(|i| &self.modules[i])
    }

    /// Does it have a file of this path: `std/hardware/nvidia.mls`?
    pub fn has_file(&self, path: &str) -> bool {
        path == self.units.path || self.modules().any(|m| m.path == path)
    }

    /// The module of the solver of this name, which is read when a plan names it.
    pub(crate) fn solver(&self, name: &str) -> Option<&LibraryFile> {
        self.module(&format!("{SOLVERS}{name}")).filter(|m| m.declares_solver(name))
    }

    /// The names of such solvers.
    pub(crate) fn solvers(&self) -> impl Iterator<Item = &str> {
        self.modules().filter_map(|m| m.name.strip_prefix(SOLVERS).filter(|name| m.declares_solver(name)))
    }

    /// The modules that declare `name`: what to `use` when it is not in sight.
    pub fn find(&self, name: &str) -> Vec<String> {
        self.all_names().iter().filter(|(n, _)| n == name).map(|(_, module)| module.clone()).collect()
    }

    /// What is declared under `name` but for case and the marks between its words: `Llama-3-70B`.
    pub(crate) fn spelt_like(&self, name: &str) -> Option<(String, String)> {
        let fold = |n: &str| -> String {
            n.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
        };
        let wanted = fold(name);
        self.all_names().iter().find(|(n, _)| fold(n) == wanted).cloned()
    }

    /// Names that begin with `name` and go on with `_`, each with its module: `H100_SXM` for `H100`. Those in which it
    /// is a device or a model come from where planners look.
    pub(crate) fn variants(&self, name: &str) -> Vec<(String, String)> {
        let prefix = format!("{name}_");
        let shelf = |module: &str| module.starts_with("std.hardware.") || module.starts_with("std.models.");
        let mut found: Vec<_> =
            self.all_names().iter().filter(|(n, m)| n.starts_with(&prefix) && shelf(m)).cloned().collect();
        // Of several forms of a device the one with the shortest name is the usual one.
        found.sort_by_key(|(n, _)| n.len());
        found
    }

    /// The name nearest to a misspelt one that is no function's, with its module: a function's name is no value.
    pub(crate) fn nearest_value(&self, name: &str) -> Option<(&str, &str)> {
        let mut left: Vec<&(String, String)> = self.all_names().iter().collect();
        loop {
            let near = nearest(name, left.iter().map(|(n, _)| n.as_str()))?.to_string();
            let (found, module) = left.iter().find(|(n, _)| *n == near)?;
            let declares = format!("\nfn {near}");
            if !self.module(module).is_some_and(|m| m.text.contains(&declares)) {
                return Some((found, module));
            }
            left.retain(|(n, _)| *n != near);
        }
    }

    /// Every declared name, with its module.
    pub(crate) fn all_names(&self) -> &[(String, String)] {
        self.names.get_or_init(|| {
            let names = |m: &LibraryFile| {
                let module = m.name.clone();
                syntax::outline(&m.text).into_iter().map(move |item| (item.name.to_string(), module.clone()))
            };
            self.modules().flat_map(names).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_the_build_parsed_is_what_the_texts_say() {
        let file = FileId(7);
        let library = Library::embedded();
        for module in library.modules().chain([&library.units]) {
            let stored = module.items();
            let slices = syntax::outline(&module.text);
            assert_eq!(
                stored.iter().map(|i| &i.slice).collect::<Vec<_>>(),
                slices.iter().collect::<Vec<_>>()
            );
            for item in stored {
                let tree = item.tree.map(|tree| syntax::read_tree(file, tree));
                let (parsed, problems) = syntax::parse_item(file, &module.text, &item.slice);
                assert_eq!(problems, []);
                assert_eq!(
                    format!("{tree:?}"),
                    format!("{parsed:?}"),
                    "{}: {}",
                    module.path,
                    item.slice.name
                );
            }
        }
    }
}
