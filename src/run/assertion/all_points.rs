//! Assertions over the points of a sweep, and sweeps as tables.

use std::rc::Rc;

use crate::check::program::{Expr, SweepId, Type};
use crate::columns::graph::NodeId;
use crate::columns::scan::Scan;
use crate::columns::scan::count::Tally;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, GridValue, Owner, Value};
use crate::outcome::{AssertionOutcome, Datum, Status, SweepColumn, SweepOutcome};
use crate::run::assertion::failing_region::boundary;
use crate::run::assertion::worst_point::{Extreme, extreme_point};
use crate::run::assertion::{Claim, Explain, describe, failing_parts, snippet_whole, undecided};
use crate::run::data::datum::datum;
use crate::run::data::export;
use crate::run::data::export::{Column, ColumnKind};
use crate::run::undefined_value;
use crate::source::Span;
use crate::syntax::ast::AssertKind;

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
    let column = |(head, values): Column| {
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

/// A value of an axis: of a record, its name.
pub(crate) fn label<'p>(lowerer: &mut Lowerer<'p>, value: &Value<'p>, ty: &Type) -> Datum {
    match value {
        Value::Record(_) => Datum::Text(lowerer.show(value, ty, None)),
        _ => datum(lowerer, value, ty, None),
    }
}

/// The axes of a sweep with their values at a point.
pub fn setting(lowerer: &mut Lowerer, id: SweepId, point: u64) -> Vec<(String, Datum)> {
    let Ok(points) = lowerer.points(id) else { return vec![] };
    let setting = Scan::setting(&points.lengths, point);
    let axes = lowerer.declared(id).axes.iter().zip(&points.axes);
    axes.map(|(axis, values)| (axis.name.clone(), label(lowerer, values.at(&setting), &axis.ty))).collect()
}

/// `assert all GRID: C` and `assert any GRID: C`.
pub fn evaluate<'p>(
    lowerer: &mut Lowerer<'p>,
    claim: &Claim<'p>,
    all: bool,
    grid: &'p Expr,
    env: &Rc<Env<'p>>,
    explain: Explain,
) -> (AssertionOutcome, Option<NodeId>) {
    let quantifier = if all { "all" } else { "any" };
    let grid_text = snippet_whole(lowerer.sources.text(grid.span));
    let mut outcome = undecided(lowerer, claim, env);
    outcome.text = format!("{quantifier} {grid_text}: {}", outcome.text);
    let Ok(Value::Grid(points)) = lowerer.lower(grid, env) else { return (outcome, None) };
    let Ok(tally) = tally(lowerer, &points, claim.condition) else { return (outcome, None) };
    if let Some(point) = tally.poisoned {
        let cause = lowerer.poison_at(&points, point, Some(claim.condition));
        return (outcome, cause.ok());
    }
    if tally.points == 0 {
        // Nothing is not everything: an assertion over no points would hold whatever it says.
        let problem = lowerer.emptied(&points, grid);
        lowerer
            .findings
            .problems
            .push(problem.help("relax the condition, or widen the axes: over no points it says nothing"));
        return (outcome, None);
    }
    let holds = if all { tally.failing == 0 } else { tally.failing < tally.points };
    outcome.status = if holds { Status::Pass } else { Status::Fail };
    outcome.points = Some((tally.points - tally.failing, tally.points));
    if !holds {
        outcome.failure = failure(lowerer, (claim, all), &outcome, &points, &tally, explain).ok();
    }
    (outcome, None)
}

/// Does a claim over a grid hold? `None` when that cannot be decided.
pub fn holds<'p>(
    lowerer: &mut Lowerer<'p>,
    all: bool,
    grid: &'p Expr,
    condition: &'p Expr,
    env: &Rc<Env<'p>>,
) -> Option<bool> {
    let Ok(Value::Grid(points)) = lowerer.lower(grid, env) else { return None };
    let tally = tally(lowerer, &points, condition).ok()?;
    let decided = tally.poisoned.is_none() && tally.points > 0;
    decided.then_some(if all { tally.failing == 0 } else { tally.failing < tally.points })
}

fn tally<'p>(lowerer: &mut Lowerer<'p>, grid: &GridValue<'p>, condition: &'p Expr) -> Result<Tally, Stop> {
    let (node, member, lengths) = roots(lowerer, grid, condition)?;
    Ok(Tally::of(&lowerer.graph, lowerer.program, &lengths, member, Some(node)))
}

/// What a claim over a grid comes to at its points: the condition, which points belong, and the lengths of the axes.
pub fn roots<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
) -> Result<(NodeId, Option<NodeId>, Vec<usize>), Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let value = lowerer.over_points(grid.sweep, condition)?;
    Ok((column(&value)?, member, points.lengths.clone()))
}

pub(crate) fn column(value: &Value) -> Result<NodeId, Stop> {
    undefined_value::column(value).ok_or(Stop)
}

fn failure<'p>(
    lowerer: &mut Lowerer<'p>,
    (claim, all): (&Claim<'p>, bool),
    outcome: &AssertionOutcome,
    grid: &Rc<GridValue<'p>>,
    tally: &Tally,
    explain: Explain,
) -> Result<Diagnostic, Stop> {
    let (code, what) = match claim.kind {
        AssertKind::Assert => ("mls::assert-failed", "assertion failed"),
        AssertKind::Warn => ("mls::warn-failed", "warning"),
    };
    let head = outcome.message.clone().unwrap_or_else(|| what.to_string());
    let message = format!("{head}: `{}`", outcome.text);
    let mut diagnostic = match claim.kind {
        AssertKind::Assert => Diagnostic::error(code, message),
        AssertKind::Warn => Diagnostic::warning(code, message),
    };
    let extreme = if all { Extreme::Worst } else { Extreme::Nearest };
    let point = extreme_point(lowerer, grid, claim.condition, extreme)?;
    let measured = point.is_some();
    let point = point.or(tally.first_failing).unwrap_or(0);
    // That point alone, explained like any assertion.
    let frame = Env::new(Owner::Step, 1);
    let value = lowerer.at_point(grid.sweep, point)?;
    frame.set(0, value);
    diagnostic = lowerer.looking_at(grid.sweep, point, |l| {
        let mut parts = vec![];
        failing_parts(l, claim.condition, &frame, &mut parts);
        let one = |d, part: &&'p Expr| describe(l, d, part, &frame, explain, claim.span);
        Ok(parts.iter().fold(diagnostic, one))
    })?;
    let place = lowerer.place_of(grid.sweep, point)?;
    let mut lead = vec![match all {
        true => format!("{} of {} points fail", tally.failing, tally.points),
        false if tally.points == 1 => "the only point fails".into(),
        false => format!("none of {} points meets it", tally.points),
    }];
    if all {
        lead.extend(boundary(lowerer, grid, claim.condition)?);
    }
    lead.push(match (all, measured) {
        (true, true) => format!("worst at {place}"),
        (false, true) => format!("nearest at {place}"),
        (_, false) => format!("for example at {place}"),
    });
    diagnostic.notes.splice(0..0, lead);
    Ok(diagnostic)
}
