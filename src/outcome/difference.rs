//! What is different between two runs, as data: inputs and results that changed, sweeps, assertions that flipped.

use crate::diagnostic::Severity;
use crate::outcome::{AssertionOutcome, Datum};

/// What is different.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// What stands outside of any scenario is first.
    pub parts: Vec<ScenarioDifference>,
    /// What the second side asserts and shows, as written: the results that its reader looks at.
    pub mentions: Vec<String>,
}

impl Difference {
    /// Assertions that fail now and did not before.
    pub fn newly_fails(&self, with_warnings: bool) -> bool {
        self.parts
            .iter()
            .flat_map(|p| &p.flips)
            .any(|f| f.turn == Turn::NewlyFails && (with_warnings || f.counts()))
    }
}

/// What is different in one scenario.
#[derive(Clone, Debug, Default)]
pub struct ScenarioDifference {
    /// Its name; `None` for what stands outside of any scenario.
    pub scenario: Option<String>,
    /// Inputs and equations that changed.
    pub inputs: Vec<FactChange>,
    /// Results that changed.
    pub results: Vec<FactChange>,
    /// Sweeps whose points or outputs changed.
    pub grids: Vec<GridChange>,
    /// Assertions that changed or still fail.
    pub flips: Vec<Flip>,
    /// How much is as it was.
    pub same: Unchanged,
}

/// How much is as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unchanged {
    /// Inputs and equations.
    pub inputs: usize,
    /// Results.
    pub results: usize,
    /// Assertions.
    pub assertions: usize,
}

/// What kind of fact changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A value as written, or a result.
    Value,
    /// How something is computed.
    Equation,
    /// A whole declaration that only one side has.
    Declaration,
}

/// A named input, equation or result that is not what it was.
#[derive(Clone, Debug)]
pub struct FactChange {
    /// The kind of change.
    pub what: ChangeKind,
    /// The file beside the one that was asked for.
    pub file: Option<String>,
    /// `pod.devices`, `one.latency`
    pub name: String,
    /// `None` where the first side does not have it.
    pub before: Option<FactValue>,
    /// `None` where the second side does not have it.
    pub after: Option<FactValue>,
    /// Between numbers: in base units, and as people read it.
    pub difference: Option<(f64, String)>,
    /// As a share of the value before.
    pub relative: Option<f64>,
}

/// A value on one side.
#[derive(Clone, Debug)]
pub struct FactValue {
    /// In base units; of an equation its text.
    pub value: Datum,
    /// As people read it.
    pub text: String,
    /// The plan does not give it.
    pub default: bool,
}

impl ScenarioDifference {
    /// Neither side says anything of this scenario.
    pub fn is_empty(&self) -> bool {
        let same = self.same.inputs + self.same.results + self.same.assertions;
        same == 0 && !self.tells()
    }

    /// Does a report have anything to show of this scenario?
    pub fn tells(&self) -> bool {
        self.differs() || !self.flips.is_empty()
    }

    /// Is anything not what it was?
    pub fn differs(&self) -> bool {
        let flipped = self.flips.iter().any(|f| f.turn != Turn::StillFails);
        flipped || !(self.inputs.is_empty() && self.results.is_empty() && self.grids.is_empty())
    }
}

/// How an assertion stands in the second run, against the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It fails, and did not fail before.
    NewlyFails,
    /// It fails on both sides.
    StillFails,
    /// It holds, and failed before.
    NewlyPasses,
    /// It holds on both sides, and asks for something else.
    Changed,
    /// Only the second run has it, and it holds.
    Added,
    /// Only the first run has it.
    Removed,
}

/// An assertion that is not what it was.
#[derive(Clone, Debug)]
pub struct Flip {
    /// How it stands now against before.
    pub turn: Turn,
    /// `None` where the first side does not have it.
    pub before: Option<AssertionOutcome>,
    /// `None` where the second side does not have it.
    pub after: Option<AssertionOutcome>,
}

impl Flip {
    /// An `assert`: a `warn` stops nothing.
    pub fn counts(&self) -> bool {
        self.after.as_ref().or(self.before.as_ref()).is_some_and(|a| a.severity == Severity::Error)
    }
}

/// A sweep that is not what it was.
#[derive(Clone, Debug)]
pub struct GridChange {
    /// The name of the sweep.
    pub name: String,
    /// Points on each side.
    pub points: (u64, u64),
    /// Outputs that differ at some points; empty when the points themselves differ.
    pub columns: Vec<ColumnChange>,
}

/// An output of a sweep that differs at some points.
#[derive(Clone, Debug)]
pub struct ColumnChange {
    /// The path of the output.
    pub name: String,
    /// Points where it differs.
    pub changed: usize,
    /// The greatest change as a share of the value before, and the point where; `None` for what is no number.
    pub greatest: Option<(f64, String)>,
}
