//! The values behind `show GRID.output`: every point of a sweep, for callers that read numbers rather than reports.

use crate::check::program::{Action, Program};
use crate::columns::scan::Scan;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, GridValue, Owner, Value};
use crate::outcome::Column;
use crate::run::undefined_value;
use crate::source::Sources;

/// The columns that the files of a program show, in order.
pub fn columns(program: &Program, sources: &Sources) -> (Vec<Column>, Vec<Diagnostic>) {
    let mut lowerer = Lowerer::new(program, sources);
    let mut found = vec![];
    for step in program.files.iter().flat_map(|plan| &plan.steps) {
        let Action::Show(e) = &step.action else { continue };
        let env = Env::new(Owner::Step, step.locals.len());
        let Ok(Value::Column(grid, body)) = lowerer.at_site(e.span, |l| l.lower(e, &env)) else { continue };
        if let Some(values) = values(&mut lowerer, &grid, body) {
            found.push(Column { text: sources.text(e.span).to_string(), values });
        }
    }
    (found, lowerer.findings.problems)
}

fn values<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    body: &'p crate::check::program::Expr,
) -> Option<Vec<f64>> {
    let points = lowerer.points(grid.sweep).ok()?;
    let member = lowerer.membership(grid).ok()?;
    let value = lowerer.over_points(grid.sweep, body).ok()?;
    let node = undefined_value::column(&value)?;
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &[node]);
    let parts = scan.run(Vec::new, |all: &mut Vec<f64>, block| all.extend_from_slice(block.column(0)));
    Some(parts.concat())
}
