//! The solves that a file declares.

use std::rc::Rc;

use crate::check::program::{Action, FilePlan, GlobalId};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{SolveValue, Value};

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
