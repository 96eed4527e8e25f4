//! `--format json`: the contract with other programs. `docs/report.schema.json` is its schema.
//!
//! `version` changes when a field changes its meaning or goes; fields may be added.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::outcome;
use crate::outcome::{AssertionOutcome, Bound, Datum, FileOutcome, Outcome, Status, SweepColumn};
use crate::report::plots;
use crate::report::plots::Plot;
use crate::source::Sources;

/// The whole report.
#[derive(Serialize, JsonSchema)]
pub struct Report {
    /// The version of this contract.
    pub version: u32,
    /// Every file is valid and every `assert` holds; with `--fail-on-warn`, every `warn` too.
    pub ok: bool,
    /// One entry for each file, in the order in which they were given.
    pub files: Vec<File>,
}

/// What one file found.
#[derive(Serialize, JsonSchema)]
pub struct File {
    /// The path as it was given.
    pub path: String,
    /// Solves in the order of the file.
    pub solves: Vec<Solve>,
    /// Sweeps in the order of the file.
    pub sweeps: Vec<Sweep>,
    /// `show` statements in the order of the file.
    pub shows: Vec<Show>,
    /// `plot` statements in the order of the file.
    pub plots: Vec<Plot>,
    /// `assert` and `warn` statements in the order of the file.
    pub assertions: Vec<Assertion>,
    /// Diagnostics whose first label lies in this file; those without a place are with the first file.
    pub diagnostics: Vec<Problem>,
}

/// A solver applied to inputs.
#[derive(Serialize, JsonSchema)]
pub struct Solve {
    /// The name of the solve.
    pub name: String,
    /// The scenario in which it stands; null outside of any.
    pub scenario: Option<String>,
    /// The solver's name.
    pub solver: String,
    /// Each output by name.
    pub outputs: IndexMap<String, Value>,
    /// What the solver has to say of these inputs.
    pub notes: Vec<String>,
    /// Why it describes no machine that runs; its values are then not to be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infeasible: Vec<String>,
}

/// A sweep and its points.
#[derive(Serialize, JsonSchema)]
pub struct Sweep {
    /// The name of the sweep.
    pub name: String,
    /// The scenario in which it stands; null outside of any.
    pub scenario: Option<String>,
    /// Points that meet the sweep's condition.
    pub points: u64,
    /// The values along each axis, by its path.
    pub axes: IndexMap<String, Vec<Value>>,
    /// Axes and outputs at every point, the last axis fastest. Empty beyond 10,000 points: `--out` writes those.
    pub columns: IndexMap<String, Column>,
    /// What solvers have to say, each with the first point where.
    pub notes: Vec<String>,
}

/// An axis or output at every point of a sweep.
#[derive(Serialize, JsonSchema)]
pub struct Column {
    /// The base unit of quantities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Numbers, booleans or texts; null where there is no value.
    pub values: Vec<serde_json::Value>,
}

/// What a `show` statement shows.
#[derive(Serialize, JsonSchema)]
pub struct Show {
    /// The scenario in which it stands; null outside of any.
    pub scenario: Option<String>,
    /// The expression as written.
    pub text: String,
    /// Why a solve that it reads describes no machine that runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infeasible: Vec<String>,
    /// The value of the expression.
    #[serde(flatten)]
    pub value: Value,
}

/// A value in base units.
#[derive(Serialize, JsonSchema)]
pub struct Value {
    /// A number, boolean or text; null when absent; a list or an object of values for lists and records.
    pub value: serde_json::Value,
    /// The base unit of a quantity; absent for a plain number and for anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What an `assert` or `warn` statement found.
#[derive(Serialize, JsonSchema)]
pub struct Assertion {
    /// The scenario in which it stands; null outside of any.
    pub scenario: Option<String>,
    /// The condition as written.
    pub text: String,
    /// The message that the plan gives it; null without one.
    pub message: Option<String>,
    /// `error` or `warning`.
    pub severity: String,
    /// `pass`, `fail`, `infeasible` when it reads a solve that describes no machine that runs, or `invalid` when it could
    /// not be decided.
    pub status: String,
    /// The value that is judged; of a chain `a < b < c`, in the link with the least room.
    pub left: Option<Value>,
    /// Its limit.
    pub right: Option<Value>,
    /// Headroom (positive) or what is missing (negative), relative to the right side.
    pub margin: Option<f64>,
    /// What the right side is to the left: `upper`, `lower` or `within`. With a margin of -0.1, a value is 10 % over an
    /// upper limit and 10 % short of a lower one.
    pub bound: Option<String>,
    /// Of a claim over a sweep: at how many points it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holding: Option<u64>,
    /// Of a claim over a sweep: all its points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<u64>,
    /// Why the solves that it reads describe no machine that runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infeasible: Vec<String>,
    /// Where the condition begins, from 1.
    pub line: usize,
    /// Where the condition begins in its line, from 1, in characters.
    pub column: usize,
    /// Why it fails, a line each: the distance, then the equations with their numbers.
    pub explanation: Vec<String>,
    /// Single changes with which a failed assertion holds, the smallest first; each has been tried.
    pub suggestions: Vec<Suggestion>,
    /// With `--margins`: single changes with which an assertion that holds fails, the smallest first. Null when it was
    /// not looked for, or is too large to search.
    pub breaks: Option<Vec<Suggestion>>,
    /// Where `breaks` are fewer than four: what was not tried, because it takes long in this plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untried: Option<String>,
}

/// A change of one input that makes an assertion hold, or fail.
#[derive(Serialize, JsonSchema)]
pub struct Suggestion {
    /// `efficiency`, `one.batch`, `pod.hardware.memory_bw`
    pub input: String,
    /// The value now.
    pub from: Value,
    /// The value with the change.
    pub to: Value,
    /// Relative to the value now: 0.25 is a quarter more. Absent for members and flags.
    pub change: Option<f64>,
    /// As one writes it.
    pub text: String,
    /// `NAME=VALUE` for `--set`, where the input is a `param`.
    pub set: Option<String>,
    /// The change as an edit of a file; absent where the value stands on the command line.
    pub edit: Option<Edit>,
    /// The name that a `use` must bring in for it; null when none is needed.
    pub needs: Option<String>,
    /// What the solver notes about the changed plan.
    pub notes: Vec<String>,
}

/// `length` characters from `line` and `column` on are replaced by `replacement`.
#[derive(Serialize, JsonSchema)]
pub struct Edit {
    /// The file to edit.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In characters.
    pub length: usize,
    /// The text to put there.
    pub replacement: String,
}

/// A mistake in a plan, or a remark about it.
#[derive(Serialize, JsonSchema)]
pub struct Problem {
    /// Its code: `mls::unknown-name`. `mlsys explain CODE` says more.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// What is wrong, on one line.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
    /// What else is known of it.
    pub notes: Vec<String>,
    /// The first is the place to look.
    pub labels: Vec<Place>,
}

/// A stretch of a file that a diagnostic speaks of.
#[derive(Serialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// In characters.
    pub length: usize,
    /// What there is to say of this place; may be empty.
    pub text: String,
}

/// An outcome as the contract has it.
pub fn report(outcome: &Outcome) -> Report {
    let files = outcome.files.iter().map(|f| file(f, &outcome.sources)).collect();
    Report { version: 1, ok: outcome.ok(), files }
}

/// The JSON Schema of [`Report`].
pub fn schema() -> String {
    let schema = schemars::schema_for!(Report);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

fn file(file: &FileOutcome, sources: &Sources) -> File {
    File {
        path: file.path.clone(),
        solves: file
            .solves
            .iter()
            .map(|s| Solve {
                name: s.name.clone(),
                scenario: s.scenario.clone(),
                solver: s.solver.clone(),
                outputs: s.outputs.iter().map(|(name, datum)| (name.clone(), value(datum))).collect(),
                notes: s.notes.clone(),
                infeasible: s.infeasible.clone(),
            })
            .collect(),
        sweeps: file
            .sweeps
            .iter()
            .map(|s| Sweep {
                name: s.name.clone(),
                scenario: s.scenario.clone(),
                points: s.points,
                axes: s
                    .axes
                    .iter()
                    .map(|(name, values)| (name.clone(), values.iter().map(value).collect()))
                    .collect(),
                columns: s.columns.iter().map(|c| (c.name.clone(), column(c))).collect(),
                notes: s.notes.clone(),
            })
            .collect(),
        shows: file
            .shows
            .iter()
            .map(|s| Show {
                scenario: s.scenario.clone(),
                text: s.text.clone(),
                infeasible: s.infeasible.clone(),
                value: value(&s.value),
            })
            .collect(),
        plots: file.plots.iter().map(plots::plot).collect(),
        assertions: file.assertions.iter().map(|a| assertion(a, sources)).collect(),
        diagnostics: file.diagnostics.iter().map(|d| problem(d, sources)).collect(),
    }
}

fn column(column: &SweepColumn) -> Column {
    Column {
        unit: (!column.unit.is_empty()).then(|| column.unit.clone()),
        values: column.values.iter().map(|v| value(v).value).collect(),
    }
}

fn assertion(assertion: &AssertionOutcome, sources: &Sources) -> Assertion {
    let (line, column) = sources.line_column(assertion.span);
    Assertion {
        scenario: assertion.scenario.clone(),
        text: assertion.text.clone(),
        message: assertion.message.clone(),
        severity: assertion.severity.name().into(),
        status: match assertion.status {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Infeasible => "infeasible",
            Status::Invalid => "invalid",
        }
        .into(),
        left: assertion.left.as_ref().map(value),
        right: assertion.right.as_ref().map(value),
        margin: assertion.margin,
        bound: assertion.bound.map(|b| {
            match b {
                Bound::Upper => "upper",
                Bound::Lower => "lower",
                Bound::Within => "within",
            }
            .into()
        }),
        holding: assertion.points.map(|(holding, _)| holding),
        points: assertion.points.map(|(_, all)| all),
        infeasible: assertion.infeasible.clone(),
        line,
        column,
        explanation: assertion.failure.as_ref().map_or(vec![], |d| d.notes.clone()),
        suggestions: assertion.suggestions.iter().map(|s| suggestion(s, sources)).collect(),
        untried: assertion.untried.clone(),
        breaks: assertion.breaks.as_ref().map(|list| list.iter().map(|s| suggestion(s, sources)).collect()),
    }
}

fn suggestion(suggestion: &outcome::suggestion::Suggestion, sources: &Sources) -> Suggestion {
    let edit = suggestion.edit.as_ref().map(|edit| {
        let (line, column) = sources.line_column(edit.span);
        Edit {
            path: sources.file(edit.span.file).path.to_string(),
            line,
            column,
            length: sources.characters(edit.span),
            replacement: edit.text.clone(),
        }
    });
    Suggestion {
        input: suggestion.input.clone(),
        from: value(&suggestion.from),
        to: value(&suggestion.to),
        change: suggestion.change,
        text: suggestion.write.clone(),
        set: suggestion.set.clone(),
        edit,
        needs: suggestion.needs.clone(),
        notes: suggestion.notes.clone(),
    }
}

/// A datum in base units.
pub fn value(datum: &Datum) -> Value {
    let plain = |value: serde_json::Value| Value { value, unit: None };
    match datum {
        Datum::Quantity { value, unit, .. } => {
            Value { value: (*value).into(), unit: (!unit.is_empty()).then(|| unit.clone()) }
        }
        Datum::Bool(value) => plain((*value).into()),
        Datum::Text(text) => plain(text.clone().into()),
        Datum::Absent => plain(serde_json::Value::Null),
        Datum::List(items) => plain(items.iter().map(|i| json(&value(i))).collect()),
        Datum::Table { columns, rows, .. } => plain(
            rows.iter()
                .map(|row| {
                    let cells =
                        columns.iter().zip(row).map(|(name, datum)| (name.clone(), json(&value(datum))));
                    serde_json::Value::Object(cells.collect())
                })
                .collect(),
        ),
        Datum::Record { fields, .. } => {
            let object = fields.iter().map(|(name, datum)| (name.clone(), json(&value(datum))));
            plain(serde_json::Value::Object(object.collect()))
        }
    }
}

fn json(value: &Value) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}

/// A diagnostic as the contract has it.
pub fn problem(diagnostic: &Diagnostic, sources: &Sources) -> Problem {
    let labels = diagnostic.labels.iter().map(|label| {
        let (line, column) = sources.line_column(label.span);
        Place {
            path: sources.file(label.span.file).path.to_string(),
            line,
            column,
            length: sources.characters(label.span),
            text: label.text.clone(),
        }
    });
    Problem {
        code: diagnostic.code.into(),
        severity: diagnostic.severity.name().into(),
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        notes: diagnostic.notes.clone(),
        labels: labels.collect(),
    }
}
