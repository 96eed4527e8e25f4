//! Changes of one input that make an assertion hold or fail, as data and on one line.

use crate::outcome::Datum;
use crate::outcome::text::change_text;
use crate::source::Span;

/// A change of one input.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// `efficiency`, `one.batch`, `pod.hardware.memory_bw`
    pub input: String,
    /// The value now.
    pub from: Datum,
    /// The value with the change.
    pub to: Datum,
    /// Relative to the value now; `None` for members and flags.
    pub change: Option<f64>,
    /// The change as it is written: `--set "efficiency=61%"`, `one.batch: 16`, `pod { hardware.memory_bw: 5 TB/s }`
    pub write: String,
    /// `NAME=VALUE` for `--set`, where the input is a `param`.
    pub set: Option<String>,
    /// The change in the file, where there is one.
    pub edit: Option<Edit>,
    /// The name that must be imported for it: `std.hardware.nvidia.H200_SXM`.
    pub needs: Option<String>,
    /// What the solvers note about the changed plan that they do not note now.
    pub notes: Vec<String>,
}

/// A stretch of a file, and the text to put in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// The replacement.
    pub text: String,
}

impl Suggestion {
    /// `one.batch: 16  (now 32, -50 %)`
    pub fn line(&self) -> String {
        let noted = if self.notes.is_empty() { "" } else { ", but see its note" };
        let moved = match (self.change, &self.needs) {
            (Some(change), _) => format!(", {}", change_text(change)),
            (None, Some(needs)) => format!("; use {needs}"),
            (None, None) => String::new(),
        };
        format!("{}  (now {}{moved}{noted})", self.write, self.from)
    }
}
