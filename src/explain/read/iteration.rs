//! The last step of an iteration, and the last candidates of a search.

use crate::check::program::text::one_line;
use crate::check::program::{Expr, ExprKind, LocalId, Type};
use crate::explain::read::operands::{Operand, number};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Origin;

/// The last step of an iteration, in a frame where its variable has been made by the step before.
pub fn last_step<'p>(lowerer: &mut Lowerer<'p>, at: &Origin<'p>) -> Option<Origin<'p>> {
    let ExprKind::Iterate { count, variable, start, next } = &at.expr.kind else { return None };
    let mut step = Origin { expr: start, env: at.env.clone() };
    for _ in 0..*count {
        let value = lowerer.lower(step.expr, &step.env).ok()?;
        let frame = at.env.fork();
        frame.define(variable.index(), value, step);
        step = Origin { expr: next, env: frame };
    }
    Some(step)
}

/// The condition of a search at what was found, and one step further, where it no longer holds.
pub fn edge<'p>(
    lowerer: &mut Lowerer<'p>,
    at: &Origin<'p>,
    found: f64,
    variable: LocalId,
    condition: &'p Expr,
) -> Vec<Operand<'p>> {
    let ExprKind::Extremum { largest, low, high, step, .. } = &at.expr.kind else { return vec![] };
    let scalar = matches!(&at.expr.ty, Type::Quantity(d) if d.is_scalar());
    let (low, high) = (number(lowerer, low, &at.env), number(lowerer, high, &at.env));
    let by = match step {
        Some(step) => Some(number(lowerer, step, &at.env)),
        None => (scalar && high - low >= 1.0).then_some(1.0),
    };
    let beyond = by.map(|by| if *largest { found + by } else { found - by });
    let beyond = beyond.filter(|b| (low..=high).contains(b));
    let name = variable_name(lowerer, at);
    let mut edge = vec![];
    for candidate in [Some(found), beyond].into_iter().flatten() {
        let value = lowerer.constant(candidate, None);
        let shown = lowerer.show(&value, &at.expr.ty, None);
        let frame = at.env.fork();
        frame.set(variable.index(), value);
        // A candidate that is invalid in itself is no fault of the value.
        let holds = lowerer.if_sound(|l| l.node(condition, &frame));
        if holds.is_some_and(|node| !lowerer.graph.value(node).is_nan()) {
            edge.push(Operand::new(format!("[{name}: {shown}]"), Origin { expr: condition, env: frame }));
        }
    }
    edge
}

/// The name that a search gives to what it looks for: it stands after its first word.
fn variable_name(lowerer: &Lowerer, at: &Origin) -> String {
    let text = one_line(lowerer.sources, at.expr);
    text.split(' ').nth(1).unwrap_or("it").to_string()
}
