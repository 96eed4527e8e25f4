//! The texts of a library.

use std::borrow::Cow;
use std::sync::OnceLock;

/// A library: what every plan can `use` as `std.…`. Made once and shared; it never changes.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Declared before anything else, in a namespace of their own.
    pub(crate) units: LibraryFile,
    /// By name.
    pub(crate) modules: Vec<LibraryFile>,
    /// Every declared name with its module, found at the first mistake that asks.
    pub(crate) names: OnceLock<Vec<(String, String)>>,
}

/// One file of a library.
#[derive(Clone, Debug, Default)]
pub struct LibraryFile {
    /// `std.hardware.nvidia`
    pub name: String,
    /// `std/hardware/nvidia.mls`
    pub path: String,
    /// What it says.
    pub text: Cow<'static, str>,
    /// Its items, where the build has parsed them.
    pub(crate) parsed: Option<&'static [u8]>,
}

/// The path of the units below the folder of a library.
const UNITS: &str = "units.mls";

impl Library {
    /// A library of these files: paths below its folder, such as `hardware/nvidia.mls`, each with its text. A file that
    /// does not end in `.mls` is left out. Without `units.mls` it has no units, and little can be said with it.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let texts = files.into_iter().map(|(path, text)| (path, Cow::Owned(text), None));
        Library::of(texts)
    }

    pub(crate) fn of(
        files: impl IntoIterator<Item = (String, Cow<'static, str>, Option<&'static [u8]>)>,
    ) -> Self {
        let mut library = Library::default();
        for (below, text, parsed) in files {
            let Some(stem) = below.strip_suffix(".mls") else { continue };
            let name = format!("std.{}", stem.replace('/', "."));
            let file = LibraryFile { name, path: format!("std/{below}"), text, parsed };
            match below == UNITS {
                true => library.units = file,
                false => library.modules.push(file),
            }
        }
        library.modules.sort_by(|a, b| a.name.cmp(&b.name));
        library
    }
}
