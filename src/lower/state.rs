//! What a lowering carries along: its modes, what it found, what it keeps, and what it may spend.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use crate::check::program::{Expr, GlobalId, SolverId, SweepId};
use crate::columns::graph::NodeId;
use crate::diagnostic::Diagnostic;
use crate::lower::grid::sweep::Points;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::perturb::opening::OpenInputs;
use crate::lower::perturb::probe::Probe;
use crate::lower::value::{Env, Value};
use crate::source::Span;

/// A `require` that was evaluated.
pub struct Requirement<'p> {
    pub condition: &'p Expr,
    /// The condition's value: false, or poisoned.
    pub node: NodeId,
    pub message: Option<&'p Expr>,
    pub span: Span,
    pub solver: SolverId,
    pub env: Rc<Env<'p>>,
    pub site: Option<Span>,
    /// The point of a sweep that it failed at.
    pub place: Option<String>,
}

/// A note whose condition goes along an axis: of a sweep, or of an input that is open.
pub(super) struct NoteAlong {
    pub sweep: Option<SweepId>,
    pub condition: NodeId,
}

/// Why a value is poisoned by absence: the expression that needed it.
pub struct Absence<'p> {
    pub expr: &'p Expr,
    /// The `name` of the record that lacks the field.
    pub holder: Option<String>,
    pub site: Option<Span>,
}

/// A column that a query visited points for.
pub(super) struct Scanned {
    /// What it was read for: `sum`, `pareto`, `require`.
    pub what: &'static str,
    pub sweep: SweepId,
    pub node: NodeId,
}

/// A note that a solver gave: the solve's site, and the text.
pub type Note = (Option<Span>, String);

/// What a lowering found besides values.
#[derive(Default)]
pub struct Findings<'p> {
    pub problems: Vec<Diagnostic>,
    pub requirements: Vec<Requirement<'p>>,
    /// By their index in [`Op::Absent`](crate::columns::graph::Op::Absent).
    pub absences: Vec<Absence<'p>>,
    /// `note` statements that hold.
    pub notes: Vec<Note>,
    pub(super) notes_along: Vec<NoteAlong>,
    /// What was computed at points of sweeps while lowering.
    pub(super) scanned: Vec<Scanned>,
    /// Of values that are poisoned at a point of a sweep: which.
    pub places: FxHashMap<NodeId, String>,
    /// Requirements met so far that did not hold, or may not: they number [`Op::Failed`](crate::columns::graph::Op).
    pub(super) failures: u32,
}

/// Under which circumstances an expression is lowered.
#[derive(Default)]
pub(super) struct Mode {
    /// The places in the text that led here, the innermost last.
    pub sites: Vec<Span>,
    /// The sweep being lowered.
    pub sweep: Option<CurrentSweep>,
    /// The point of a sweep that is lowered alone: `batch 64, precision fp16`.
    pub place: Option<String>,
    /// Searches around the expression whose number is an axis.
    pub searching: u8,
    /// A what-if that stands in this lowering.
    pub probe: Option<Probe>,
    /// Inputs that go along axes of their own.
    pub open: Option<OpenInputs>,
}

/// A sweep, and the lengths of its joined axes.
pub(super) struct CurrentSweep {
    pub id: SweepId,
    pub lengths: Vec<usize>,
}

/// What is lowered once.
#[derive(Default)]
pub(super) struct Caches<'p> {
    /// By their index in a column of type String.
    pub texts: IndexSet<Arc<str>>,
    pub globals: FxHashMap<GlobalId, (Value<'p>, Rc<Env<'p>>)>,
    pub sweeps: FxHashMap<SweepId, Rc<Points<'p>>>,
    /// The sweeps behind grids that were picked from others; numbered after those of the program.
    pub picked: Vec<SweepId>,
}

/// What was spent.
#[derive(Default)]
pub(super) struct Budget {
    /// Expressions that were lowered.
    pub steps: u64,
    /// What searches took; see [`Lowerer::work`].
    pub searched: u64,
    /// That there is no more to spend has been reported.
    pub exhausted: bool,
}

impl<'p> Lowerer<'p> {
    /// Lowers something that may turn out not to go: then what was found on the way is forgotten. Absences stay, because
    /// nodes name them by their index.
    pub fn tentatively<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        let Findings { problems, requirements, notes, notes_along, .. } = &self.findings;
        let before = (problems.len(), requirements.len(), notes.len(), notes_along.len());
        let result = f(self);
        if result.is_err() {
            let (problems, requirements, notes, notes_along) = before;
            self.findings.problems.truncate(problems);
            self.findings.requirements.truncate(requirements);
            self.findings.notes.truncate(notes);
            self.findings.notes_along.truncate(notes_along);
        }
        result
    }

    /// Lowers something for which a failed requirement or a problem counts as no result; both are forgotten.
    pub fn if_sound<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Option<T> {
        let before = (self.findings.requirements.len(), self.findings.problems.len());
        let result = f(self);
        let sound = before == (self.findings.requirements.len(), self.findings.problems.len());
        self.findings.requirements.truncate(before.0);
        self.findings.problems.truncate(before.1);
        result.ok().filter(|_| sound)
    }

    /// Lowers something whose notes are of no account.
    pub(super) fn without_notes<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.findings.notes.len(), self.findings.notes_along.len());
        let result = f(self);
        self.findings.notes.truncate(before.0);
        self.findings.notes_along.truncate(before.1);
        result
    }

    /// Records that points of a sweep are visited for some columns.
    pub(super) fn scans(
        &mut self,
        what: &'static str,
        sweep: SweepId,
        nodes: impl IntoIterator<Item = NodeId>,
    ) {
        self.findings.scanned.extend(nodes.into_iter().map(|node| Scanned { what, sweep, node }));
    }

    /// The notes of something that is lowered again.
    pub(super) fn notes_of_lowering(&mut self, f: impl FnOnce(&mut Self)) -> Vec<Note> {
        let before = std::mem::take(&mut self.findings.notes);
        f(self);
        std::mem::replace(&mut self.findings.notes, before)
    }
}
