//! Axes: what a chart measures along each, and in which unit it is read.

use crate::check::program::{Expr, ExprKind, SweepId, Type};
use crate::lower::lowerer::Lowerer;
use crate::outcome::figure::Axis;
use crate::units::dimension::Dimension;
use crate::units::registry::ResolvedUnit;

/// The unit that the author of a value chose.
pub fn unit_of<'p>(lowerer: &Lowerer<'p>, sweep: SweepId, e: &'p Expr) -> Option<ResolvedUnit> {
    match (&e.kind, &lowerer.declared(sweep).base.ty) {
        (ExprKind::Convert { unit, .. }, _) => Some(unit.clone()),
        (ExprKind::Slot { slot, .. }, Type::Solve(id)) => {
            lowerer.program.solver(*id).locals.get(slot.index())?.unit.clone()
        }
        _ => None,
    }
}

/// An axis of what has no unit.
pub fn plain_axis(label: String) -> Axis {
    Axis { label, unit: String::new(), base: String::new(), factor: 1.0, log: false }
}

/// An axis in the unit that suits its greatest value.
pub fn measured_axis(
    lowerer: &Lowerer,
    label: String,
    dimension: Dimension,
    greatest: f64,
    hint: Option<&ResolvedUnit>,
    log: bool,
) -> Axis {
    let registry = &lowerer.program.registry;
    let greatest = if greatest.is_finite() { greatest } else { 0.0 };
    let (unit, factor) = registry.axis_unit(dimension, greatest, hint);
    Axis { label, unit, base: registry.base_unit(dimension), factor, log }
}
