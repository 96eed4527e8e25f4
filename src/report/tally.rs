//! How a run went, in numbers.

use crate::diagnostic::Severity;
use crate::outcome::{FileOutcome, Outcome, Status};
use crate::report::human::plural;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Diagnostics that are errors.
    pub errors: usize,
    pub failed: usize,
    pub undecided: usize,
    pub passed: usize,
    /// Diagnostics that are warnings, and `warn` statements that do not hold.
    pub warnings: usize,
}

impl Tally {
    pub fn of(outcome: &Outcome) -> Self {
        let diagnostics = |severity| outcome.diagnostics.iter().filter(|d| d.severity == severity).count();
        let mut tally = Tally { errors: diagnostics(Severity::Error), ..Tally::default() };
        tally.warnings = diagnostics(Severity::Warning);
        outcome.files.iter().for_each(|f| tally.count(f));
        tally
    }

    /// Of one file of several.
    pub fn of_file(file: &FileOutcome) -> Self {
        let diagnostics = |severity| file.diagnostics.iter().filter(|d| d.severity == severity).count();
        let mut tally = Tally { errors: diagnostics(Severity::Error), ..Tally::default() };
        tally.warnings = diagnostics(Severity::Warning);
        tally.count(file);
        tally
    }

    fn count(&mut self, file: &FileOutcome) {
        for assertion in &file.assertions {
            match (assertion.status, assertion.severity) {
                (Status::Pass, _) => self.passed += 1,
                (Status::Fail | Status::Infeasible, Severity::Error) => self.failed += 1,
                (Status::Fail | Status::Infeasible, _) => self.warnings += 1,
                (Status::Invalid, _) => self.undecided += 1,
            }
        }
    }

    /// Something is wrong: not only warned of.
    pub fn bad(&self) -> bool {
        self.errors > 0 || self.failed > 0 || self.undecided > 0
    }

    /// Nothing was asserted, so nothing holds.
    pub fn is_empty(&self) -> bool {
        *self == Tally::default()
    }

    /// For where there are pictures.
    pub fn mark(&self) -> &'static str {
        match (self.bad(), self.warnings > 0 || self.is_empty()) {
            (true, _) => "❌",
            (false, true) => "⚠️",
            (false, false) => "✅",
        }
    }

    /// `1 failed`, `3 passed`: each with the colour of a terminal that it is painted in.
    pub fn parts(&self) -> Vec<(String, &'static str)> {
        let mut parts = vec![];
        if self.errors > 0 {
            parts.push((plural(self.errors, "error"), "31;1"));
        }
        if self.failed > 0 {
            parts.push((format!("{} failed", self.failed), "31;1"));
        }
        if self.undecided > 0 {
            parts.push((format!("{} undecided", self.undecided), ""));
        }
        if self.passed == 0 && !self.bad() && self.warnings == 0 {
            parts.push(("no assertions".into(), ""));
        }
        if self.passed > 0 {
            parts.push((format!("{} passed", self.passed), "32"));
        }
        if self.warnings > 0 {
            parts.push((plural(self.warnings, "warning"), "33"));
        }
        parts
    }

    /// `1 failed, 3 passed`
    pub fn text(&self) -> String {
        self.parts().into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(", ")
    }
}
