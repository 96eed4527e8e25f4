//! A sweep as reports list it: how many points it has, its axes, and its columns where they are few enough to hold.

use std::rc::Rc;

use crate::columns::scan::count::Tally;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::GridValue;
use crate::outcome::{Datum, SweepColumn, SweepOutcome};
use crate::run::data::export;
use crate::run::data::export::{ColumnKind, FilledColumn};
use crate::run::data::setting::label;
use crate::source::Span;

/// A sweep's size and axes.
pub fn summary<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &Rc<GridValue<'p>>,
    name: String,
    scenario: Option<String>,
    span: Span,
) -> Option<SweepOutcome> {
    let points = lowerer.points(grid.sweep).ok()?;
    let sweep = lowerer.declared(grid.sweep);
    let mut axes = vec![];
    for (axis, values) in sweep.axes.iter().zip(&points.axes) {
        let shown = values.values.iter().map(|v| label(lowerer, v, &axis.ty)).collect();
        axes.push((axis.name.clone(), shown));
    }
    let names = |group| sweep.axes.iter().filter(move |a| a.group == group).map(|a| a.name.clone()).collect();
    let joined = points.lengths.iter().enumerate().map(|(group, rows)| (*rows, names(group))).collect();
    let member = lowerer.membership(grid).ok()?;
    let count = Tally::of(&lowerer.graph, lowerer.program, &points.lengths, member, None).points;
    let notes = vec![];
    Some(SweepOutcome { columns: vec![], notes, name, scenario, points: count, axes, joined, span })
}

/// The columns of a sweep's table, if it has no more than `limit` points.
pub fn columns<'p>(lowerer: &mut Lowerer<'p>, grid: &Rc<GridValue<'p>>, limit: u64) -> Vec<SweepColumn> {
    let found = export::columns(lowerer, grid, limit).ok().flatten().unwrap_or_default();
    let column = |(head, values): FilledColumn| {
        let cell = |v: &f64| match &head.kind {
            _ if v.is_nan() => Datum::Absent,
            ColumnKind::Number => Datum::Quantity { value: *v, unit: head.unit.clone(), text: String::new() },
            ColumnKind::Bool => Datum::Bool(*v != 0.0),
            ColumnKind::Text(texts) => {
                texts.get(*v as usize).map_or(Datum::Absent, |t| Datum::Text(t.to_string()))
            }
        };
        let values = values.iter().map(cell).collect();
        SweepColumn { name: head.name.clone(), unit: head.unit.clone(), values }
    };
    found.into_iter().map(column).collect()
}
