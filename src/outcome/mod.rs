//! What a run found, as plain data: the one thing that every report reads.
//!
//! Values are in base units with the unit named; `text` is the same value as people read it.

pub mod catalogue;
pub mod derivation;
pub mod difference;
pub mod elasticity;
pub mod figure;
pub mod plan;
pub mod suggestion;
pub mod text;

use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::derivation::Derived;
use crate::outcome::figure::PlotOutcome;
pub use crate::outcome::suggestion::{Edit, Suggestion};
use crate::source::{Sources, Span};

/// A run of one or several files.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The texts that were read; spans point into them.
    pub sources: Sources,
    /// The files of the run, in the order in which they were given.
    pub files: Vec<FileOutcome>,
    /// The diagnostics of all files, each once; failed assertions excepted, those stay with their assertion.
    pub diagnostics: Vec<Diagnostic>,
}

/// What one file of a run found.
#[derive(Clone, Debug, Default)]
pub struct FileOutcome {
    /// The path as it was given.
    pub path: String,
    /// Solves, shows and assertions in the order of the file.
    pub solves: Vec<SolveOutcome>,
    /// Its sweeps.
    pub sweeps: Vec<SweepOutcome>,
    /// Its `show` statements.
    pub shows: Vec<ShowOutcome>,
    /// Its `plot` statements as charts.
    pub plots: Vec<PlotOutcome>,
    /// Charts that no `plot` asks for: where the solves stand on their rooflines, what sums are made of.
    pub charts: Vec<PlotOutcome>,
    /// How the outputs of its solves came about, when a report asked for it.
    pub derived: Vec<Derived>,
    /// The points of each sweep: its name, scenario and table.
    pub tables: Vec<(String, Option<String>, Datum)>,
    /// Its `assert` and `warn` statements.
    pub assertions: Vec<AssertionOutcome>,
    /// What was found in it and in the files that it uses, failed assertions excepted.
    pub diagnostics: Vec<Diagnostic>,
}

impl FileOutcome {
    /// It could not be run, or not all of it.
    pub fn is_invalid(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

/// A solver applied to inputs.
#[derive(Clone, Debug)]
pub struct SolveOutcome {
    /// The name of the solve.
    pub name: String,
    /// The scenario in which it stands.
    pub scenario: Option<String>,
    /// The solver's name: `roofline`.
    pub solver: String,
    /// Each output by name, in the order in which the solver declares them.
    pub outputs: Vec<(String, Datum)>,
    /// Positions of the outputs that the one line of the solve shows.
    pub headline: Vec<usize>,
    /// `note` statements of the solver, and of those it calls, whose condition held.
    pub notes: Vec<String>,
    /// Why it describes no machine that runs.
    pub infeasible: Vec<String>,
    /// Its declaration.
    pub span: Span,
}

/// A sweep: how many points it has, and along which axes.
#[derive(Clone, Debug)]
pub struct SweepOutcome {
    /// The name of the sweep.
    pub name: String,
    /// The scenario in which it stands.
    pub scenario: Option<String>,
    /// Points that meet the sweep's condition.
    pub points: u64,
    /// Each axis and its values.
    pub axes: Vec<(String, Vec<Datum>)>,
    /// How many values the axes have, those that stand together as one: `6` of `tensor` and `pipeline`.
    pub joined: Vec<(usize, Vec<String>)>,
    /// Axes and outputs at every point, when a report asked for them and they are not too many.
    pub columns: Vec<SweepColumn>,
    /// What solvers noted, and the first point where.
    pub notes: Vec<String>,
    /// Its declaration.
    pub span: Span,
}

/// What `show GRID.output` stands for: the output at every point, in base units. Not a number where it has no value; a
/// Bool is 0 or 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The expression as written.
    pub text: String,
    /// One number for each point, the last axis fastest.
    pub values: Vec<f64>,
}

/// One axis or output at every point, in base units.
#[derive(Clone, Debug)]
pub struct SweepColumn {
    /// The path of the axis or output: `batch`, `system.hardware`, `latency`.
    pub name: String,
    /// The base unit; empty for a plain number and for what is no number.
    pub unit: String,
    /// One value for each point, the last axis fastest.
    pub values: Vec<Datum>,
}

/// What a `show` statement shows.
#[derive(Clone, Debug)]
pub struct ShowOutcome {
    /// The scenario in which it stands.
    pub scenario: Option<String>,
    /// The expression as written.
    pub text: String,
    /// The value of the expression.
    pub value: Datum,
    /// Why a solve that it reads describes no machine that runs.
    pub infeasible: Vec<String>,
    /// The statement.
    pub span: Span,
}

/// A value as reports print it.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// `unit` is the base unit's name, empty for a plain number; `text` the value with the unit people read.
    Quantity {
        /// In the base unit.
        value: f64,
        /// The base unit's name, empty for a plain number.
        unit: String,
        /// The value with the unit that people read.
        text: String,
    },
    /// A truth value.
    Bool(bool),
    /// A string or an enum member.
    Text(String),
    /// An optional without a value.
    Absent,
    /// The items of a list, in order.
    List(Vec<Datum>),
    /// Points of a grid: headings, rows, and how many more there are.
    Table {
        /// The headings.
        columns: Vec<String>,
        /// The unit that all numbers of a column are in, and which their texts leave out.
        units: Vec<String>,
        /// For each point shown, a value for each column.
        rows: Vec<Vec<Datum>>,
        /// Points that are not among the rows.
        more: u64,
    },
    /// A record or a solve: its type's name and its fields.
    Record {
        /// The name of the record's type, or of the solver.
        type_name: String,
        /// Each field by name, in the order of declaration.
        fields: Vec<(String, Datum)>,
    },
}

/// How an assertion ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The condition holds.
    Pass,
    /// The condition does not hold.
    Fail,
    /// It reads outputs of a solve that describes no machine that runs, whatever their values say.
    Infeasible,
    /// Could not be decided: a diagnostic says why.
    Invalid,
}

impl Status {
    /// It is decided, and does not hold.
    pub fn fails(self) -> bool {
        matches!(self, Status::Fail | Status::Infeasible)
    }
}

/// Which way a limit bounds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `a < limit`
    Upper,
    /// `a > limit`
    Lower,
    /// `a within 5% of limit`
    Within,
}

/// What an `assert` or `warn` statement found.
#[derive(Clone, Debug)]
pub struct AssertionOutcome {
    /// The scenario in which it stands.
    pub scenario: Option<String>,
    /// The condition as written.
    pub text: String,
    /// The message that the plan gives it.
    pub message: Option<String>,
    /// `Error` for `assert`, `Warning` for `warn`.
    pub severity: Severity,
    /// Whether it holds.
    pub status: Status,
    /// The value judged and its limit, when the condition is a comparison; of a chain, the link with the least room.
    pub left: Option<Datum>,
    /// The limit; `None` when the condition is no comparison.
    pub right: Option<Datum>,
    /// Headroom (positive) or shortfall (negative) relative to the bound, in the direction that matters.
    pub margin: Option<f64>,
    /// What kind of limit the right side is.
    pub bound: Option<Bound>,
    /// Of a claim over a grid: the points where it holds, and all points.
    pub points: Option<(u64, u64)>,
    /// The condition is a name for what is compared: `one.feasible`.
    pub named: bool,
    /// Why the solves that it reads describe no machine that runs.
    pub infeasible: Vec<String>,
    /// The condition.
    pub span: Span,
    /// Full explanation of a failure: both sides, the margin, the terms.
    pub failure: Option<Diagnostic>,
    /// Single changes that make a failed assertion hold, the smallest first; each has been tried.
    pub suggestions: Vec<Suggestion>,
    /// Single changes with which an assertion that holds fails, the smallest first; `None` when they were not searched for.
    pub breaks: Option<Vec<Suggestion>>,
    /// What was not tried to find those.
    pub untried: Option<String>,
}

impl Outcome {
    /// Every file is valid and every `assert` holds.
    pub fn ok(&self) -> bool {
        self.exit_code(false) == 0
    }

    /// 0: every assertion holds. 1: an assertion failed (a `warn` too with `fail_on_warn`). 2: a file is invalid.
    pub fn exit_code(&self, fail_on_warn: bool) -> u8 {
        let mut assertions = self.files.iter().flat_map(|f| &f.assertions);
        if self.diagnostics.iter().any(|d| d.severity == Severity::Error) {
            2
        } else if assertions
            .any(|a| a.status != Status::Pass && (a.severity == Severity::Error || fail_on_warn))
        {
            1
        } else {
            0
        }
    }
}
