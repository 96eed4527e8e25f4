//! The points of every sweep, as a table.

use crate::check::program::{Action, FilePlan};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Value;
use crate::outcome::{Datum, FileOutcome};
use crate::run::data::rows;

pub fn add(lowerer: &mut Lowerer, plan: &FilePlan, outcome: &mut FileOutcome) {
    for step in &plan.steps {
        let Action::Sweep(id) = &step.action else { continue };
        let Ok((Value::Grid(grid), _)) = lowerer.global(*id) else { continue };
        let table = rows::table(lowerer, &grid, None);
        if let Datum::Table { .. } = table {
            let scenario = step.scenario.as_ref().map(|s| s.to_string());
            outcome.tables.push((lowerer.program.global(*id).name.to_string(), scenario, table));
        }
    }
}
