//! What a page shows besides the results: frontiers, where solves stand on their rooflines, what sums are made of, the
//! points of sweeps. It is worked out only when a page is asked for.

mod frontier;
mod standing;
mod sums;
mod tables;

use std::rc::Rc;

use crate::check::program::{Action, FilePlan, GlobalId, Program};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{SolveValue, Value};
use crate::outcome::FileOutcome;
use crate::source::Sources;

/// Adds to the files of a run what a page shows besides.
pub fn fill(program: &Program, sources: &Sources, files: &mut [FileOutcome]) {
    let mut lowerer = Lowerer::new(program, sources);
    for (plan, outcome) in program.files.iter().zip(files) {
        tables::add(&mut lowerer, plan, outcome);
        frontier::add(&mut lowerer, plan, outcome);
        standing::add(&mut lowerer, plan, outcome);
        sums::add(&mut lowerer, plan, outcome);
    }
}

/// The solves that a file declares, each with its scenario.
pub fn solves(plan: &FilePlan) -> impl Iterator<Item = (GlobalId, Option<String>)> {
    plan.steps.iter().filter_map(|step| match &step.action {
        Action::Solve(id) => Some((*id, step.scenario.as_ref().map(|s| s.to_string()))),
        _ => None,
    })
}

/// A solve by its name.
pub fn solve<'p>(lowerer: &mut Lowerer<'p>, id: GlobalId) -> Option<Rc<SolveValue<'p>>> {
    match lowerer.global(id) {
        Ok((Value::Solve(solve), _)) => Some(solve),
        _ => None,
    }
}
