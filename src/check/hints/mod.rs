//! Guesses at what was meant where a name or a value does not fit.

pub mod likely_fix;
pub mod misfits;
pub mod missing_names;
pub mod unitless_lets;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::check::hints::misfits::Misfit;
use crate::check::hints::missing_names::Missing;
use crate::source::{FileId, Span};

/// What is gathered while checking, and judged when all is checked.
#[derive(Default)]
pub(crate) struct Findings {
    /// Uses of names that nothing declares.
    missing: Vec<Missing>,
    /// Where the fields, inputs, outputs, members and locals of the user's files are declared that are used.
    used: FxHashSet<Span>,
    /// Values that do not fit what is declared for them.
    misfits: Vec<Misfit>,
    /// Where something is declared that a value fits.
    agreed: FxHashSet<Span>,
    /// Names that an item may declare which could not be read.
    pub unread: FxHashSet<(FileId, Arc<str>)>,
}
