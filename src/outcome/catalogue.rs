//! What the library declares, as data: the entries of `mlsys list` and of the reference.

use crate::outcome::Datum;

/// One thing that the library declares.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In the plural, as `mlsys list` takes it: `hardware`, `models`, `solvers`, `units`.
    pub kind: String,
    /// The name as it is declared.
    pub name: String,
    /// `std.hardware.nvidia`; empty for units and dimensions.
    pub module: String,
    /// Its `##` comment; empty without one.
    pub doc: String,
    /// A record's fields, a solver's inputs and outputs, an enum's members.
    pub fields: Vec<EntryField>,
    /// `sqrt<D>(x: D^2) -> D`
    pub signature: Option<String>,
    /// The `source` field.
    pub source: Option<String>,
}

/// A field, input, output or member of an entry.
#[derive(Clone, Debug)]
pub struct EntryField {
    /// The name as it is declared.
    pub name: String,
    /// A value, or a description such as `Data / Time`.
    pub value: Datum,
    /// Its `##` comment; empty without one.
    pub doc: String,
}
