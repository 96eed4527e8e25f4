//! `mlsys diff --format json`: the contract with other programs. `docs/diff.schema.json` is its schema.

use schemars::JsonSchema;
use serde::Serialize;

use crate::outcome::difference::{
    ChangeKind, FactChange, FactValue, Flip, GridChange, ScenarioDifference, Turn,
};
use crate::outcome::{AssertionOutcome, Outcome, Status};
use crate::report::contract::{Problem, Value, problem, value};
use crate::report::difference::Compared;

/// What is different between two runs of a plan.
#[derive(Serialize, JsonSchema)]
pub struct Report {
    /// The version of this contract.
    pub version: u32,
    /// Both sides are valid, and no `assert` newly fails.
    pub ok: bool,
    /// The first side, as it was asked for.
    pub before: String,
    /// The second side, as it was asked for.
    pub after: String,
    /// What stands outside of any scenario is first. Empty when a side is invalid.
    pub scenarios: Vec<Scenario>,
    /// What is wrong with a side that is invalid.
    pub diagnostics: Vec<Problem>,
}

/// What is different in one scenario.
#[derive(Serialize, JsonSchema)]
pub struct Scenario {
    /// The name of the scenario; null for what stands outside of any.
    pub name: Option<String>,
    /// Inputs and equations that changed.
    pub inputs: Vec<Difference>,
    /// Results that changed.
    pub results: Vec<Difference>,
    /// Sweeps whose points or outputs changed.
    pub sweeps: Vec<Sweep>,
    /// Assertions that changed or still fail.
    pub assertions: Vec<Assertion>,
    /// How many of each are as they were.
    pub unchanged: Unchanged,
}

/// How many are as they were.
#[derive(Serialize, JsonSchema)]
pub struct Unchanged {
    /// Inputs and equations.
    pub inputs: usize,
    /// Results.
    pub results: usize,
    /// Assertions.
    pub assertions: usize,
}

/// An input, equation or result that changed.
#[derive(Serialize, JsonSchema)]
pub struct Difference {
    /// `pod.devices`, `one.latency`
    pub name: String,
    /// The file beside the one that was asked for, if it stands in another.
    pub file: Option<String>,
    /// `value`, `equation` for how something is computed, `declaration` for a whole one that one side lacks.
    pub kind: String,
    /// Null where the side does not have it.
    pub before: Option<Side>,
    /// Null where the second side does not have it.
    pub after: Option<Side>,
    /// Of numbers: the second less the first, in base units.
    pub difference: Option<f64>,
    /// The same as a share of the first.
    pub relative: Option<f64>,
}

/// A value on one side.
#[derive(Serialize, JsonSchema)]
pub struct Side {
    /// The value in base units.
    #[serde(flatten)]
    pub value: Value,
    /// As people read it.
    pub text: String,
    /// The plan does not give it.
    pub default: bool,
}

/// A sweep that changed.
#[derive(Serialize, JsonSchema)]
pub struct Sweep {
    /// The name of the sweep.
    pub name: String,
    /// Points before and after.
    pub points: (u64, u64),
    /// Outputs that differ, where both sides have the same points.
    pub columns: Vec<Column>,
}

/// An output of a sweep that changed.
#[derive(Serialize, JsonSchema)]
pub struct Column {
    /// The name of the output.
    pub name: String,
    /// Points where it differs.
    pub changed: usize,
    /// The greatest change as a share of the value before.
    pub greatest: Option<f64>,
    /// The point of the greatest change.
    pub at: Option<String>,
}

/// An assertion that changed or still fails.
#[derive(Serialize, JsonSchema)]
pub struct Assertion {
    /// `newly-fails`, `still-fails`, `newly-passes`, `changed` (holds, asks for something else), `added`, `removed`.
    pub change: String,
    /// `error` or `warning`.
    pub severity: String,
    /// As it was on the first side; null where that does not have it.
    pub before: Option<Claim>,
    /// As it is on the second side; null where that does not have it.
    pub after: Option<Claim>,
}

/// An assertion on one side.
#[derive(Serialize, JsonSchema)]
pub struct Claim {
    /// The condition as written.
    pub text: String,
    /// The message that the plan gives it; null without one.
    pub message: Option<String>,
    /// `pass` or `fail`.
    pub status: String,
    /// The value that is judged; null when the condition is no comparison.
    pub left: Option<Value>,
    /// Its limit; null when the condition is no comparison.
    pub right: Option<Value>,
    /// Headroom (positive) or what is missing (negative), relative to the right side.
    pub margin: Option<f64>,
}

/// A comparison as the contract has it.
pub fn report(compared: &Compared) -> Report {
    let difference = compared.difference;
    Report {
        version: 1,
        ok: !difference.newly_fails(false),
        before: compared.before.clone(),
        after: compared.after.clone(),
        scenarios: difference.parts.iter().map(scenario).collect(),
        diagnostics: vec![],
    }
}

/// Of two sides of which one is invalid.
pub fn invalid(before: &str, after: &str, outcomes: &[&Outcome]) -> Report {
    let found = outcomes.iter().flat_map(|o| o.diagnostics.iter().map(|d| problem(d, &o.sources)));
    Report {
        version: 1,
        ok: false,
        before: before.into(),
        after: after.into(),
        scenarios: vec![],
        diagnostics: found.collect(),
    }
}

/// The JSON Schema of [`Report`].
pub fn schema() -> String {
    let schema = schemars::schema_for!(Report);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

fn scenario(part: &ScenarioDifference) -> Scenario {
    Scenario {
        name: part.scenario.clone(),
        inputs: part.inputs.iter().map(difference).collect(),
        results: part.results.iter().map(difference).collect(),
        sweeps: part.grids.iter().map(sweep).collect(),
        assertions: part.flips.iter().map(assertion).collect(),
        unchanged: Unchanged {
            inputs: part.same.inputs,
            results: part.same.results,
            assertions: part.same.assertions,
        },
    }
}

fn difference(change: &FactChange) -> Difference {
    let side = |seen: &Option<FactValue>| {
        seen.as_ref().map(|s| Side { value: value(&s.value), text: s.text.clone(), default: s.default })
    };
    let kind = match change.what {
        ChangeKind::Value => "value",
        ChangeKind::Equation => "equation",
        ChangeKind::Declaration => "declaration",
    };
    Difference {
        name: change.name.clone(),
        file: change.file.clone(),
        kind: kind.into(),
        before: side(&change.before),
        after: side(&change.after),
        difference: change.difference.as_ref().map(|(number, _)| *number),
        relative: change.relative,
    }
}

fn sweep(grid: &GridChange) -> Sweep {
    let columns = grid.columns.iter().map(|c| Column {
        name: c.name.clone(),
        changed: c.changed,
        greatest: c.greatest.as_ref().map(|(share, _)| *share),
        at: c.greatest.as_ref().map(|(_, place)| place.clone()),
    });
    Sweep { name: grid.name.clone(), points: grid.points, columns: columns.collect() }
}

fn assertion(flip: &Flip) -> Assertion {
    let change = match flip.turn {
        Turn::NewlyFails => "newly-fails",
        Turn::StillFails => "still-fails",
        Turn::NewlyPasses => "newly-passes",
        Turn::Changed => "changed",
        Turn::Added => "added",
        Turn::Removed => "removed",
    };
    let severity = if flip.counts() { "error" } else { "warning" };
    Assertion {
        change: change.into(),
        severity: severity.into(),
        before: flip.before.as_ref().map(claim),
        after: flip.after.as_ref().map(claim),
    }
}

fn claim(assertion: &AssertionOutcome) -> Claim {
    Claim {
        text: assertion.text.clone(),
        message: assertion.message.clone(),
        status: if assertion.status == Status::Pass { "pass" } else { "fail" }.into(),
        left: assertion.left.as_ref().map(value),
        right: assertion.right.as_ref().map(value),
        margin: assertion.margin,
    }
}
