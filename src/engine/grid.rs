//! Assertions over the points of a sweep, and sweeps as tables.

use std::rc::Rc;

use super::assertion::{Claim, Explain, describe, snippet_whole};
use super::datum::datum;
use super::fault;
use super::outcome::{AssertionOutcome, Datum, Status, SweepOutcome};
use crate::check::program::{Expr, ExprKind, SweepId, Type};
use crate::diagnostic::{Diagnostic, Severity};
use crate::plan::columns::Scan;
use crate::plan::graph::NodeId;
use crate::plan::lower::{Lowerer, Stop};
use crate::plan::tally::Tally;
use crate::plan::value::{Env, GridValue, Owner, Value};
use crate::source::Span;
use crate::syntax::ast::{AssertKind, CompareOp};

/// Rows that a `show` of a grid prints.
const ROWS: usize = 50;
/// Values of an axis that a diagnostic names.
const NAMED: usize = 6;

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
    Some(SweepOutcome { notes, name, scenario, points: count, axes, joined, span })
}

/// A value of an axis: of a record, its name.
fn label<'p>(lowerer: &mut Lowerer<'p>, value: &Value<'p>, ty: &Type) -> Datum {
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
    let condition_text = snippet_whole(lowerer.sources.text(claim.condition.span));
    let mut outcome = AssertionOutcome {
        scenario: claim.scenario.clone(),
        text: format!("{quantifier} {grid_text}: {condition_text}"),
        message: claim.message.and_then(|m| lowerer.message(m, env).ok()),
        severity: match claim.kind {
            AssertKind::Assert => Severity::Error,
            AssertKind::Warn => Severity::Warning,
        },
        status: Status::Invalid,
        left: None,
        right: None,
        margin: None,
        span: claim.span,
        failure: None,
    };
    let Ok(Value::Grid(points)) = lowerer.lower(grid, env) else { return (outcome, None) };
    let Ok(tally) = tally(lowerer, &points, claim.condition) else { return (outcome, None) };
    if let Some(point) = tally.poisoned {
        let cause = lowerer.poison_at(&points, point, Some(claim.condition));
        return (outcome, cause.ok());
    }
    if tally.points == 0 {
        // Nothing is not everything: an assertion over no points would hold whatever it says.
        lowerer.problems.push(
            Diagnostic::error(
                "mls::empty-grid",
                format!("`{grid_text}` has no points: the assertion says nothing"),
            )
            .label(grid.span, "no point is left")
            .help("relax its condition, or widen the axes"),
        );
        return (outcome, None);
    }
    let holds = if all { tally.failing == 0 } else { tally.failing < tally.points };
    outcome.status = if holds { Status::Pass } else { Status::Fail };
    if !holds {
        outcome.failure = failure(lowerer, claim, &outcome, &points, &tally, explain).ok();
    }
    (outcome, None)
}

fn tally<'p>(lowerer: &mut Lowerer<'p>, grid: &GridValue<'p>, condition: &'p Expr) -> Result<Tally, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let value = lowerer.over_points(grid.sweep, condition)?;
    let node = column(lowerer, &value)?;
    Ok(Tally::of(&lowerer.graph, lowerer.program, &points.lengths, member, Some(node)))
}

fn column(lowerer: &mut Lowerer, value: &Value) -> Result<NodeId, Stop> {
    let _ = lowerer;
    fault::column(value).ok_or(Stop)
}

fn failure<'p>(
    lowerer: &mut Lowerer<'p>,
    claim: &Claim<'p>,
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
    let point = worst(lowerer, grid, claim.condition)?.or(tally.first_failing).unwrap_or(0);
    // The worst point alone, explained like any assertion.
    let frame = Env::new(Owner::Step, 1);
    let value = lowerer.at_point(grid.sweep, point)?;
    frame.set(0, value);
    diagnostic = lowerer.looking_at(grid.sweep, point, |l| {
        Ok(describe(l, diagnostic, claim.condition, &frame, explain, claim.span))
    })?;
    let place = lowerer.place_of(grid.sweep, point)?;
    diagnostic.notes.insert(0, format!("worst at {place}"));
    diagnostic.notes.insert(0, format!("{} of {} points fail", tally.failing, tally.points));
    let lines = boundaries(lowerer, grid, claim.condition)?;
    diagnostic.notes.splice(1..1, lines);
    Ok(diagnostic)
}

/// The failing point that misses a comparison by most, relative to its bound.
fn worst<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
) -> Result<Option<u64>, Stop> {
    let ExprKind::Compare { first, rest } = &condition.kind else { return Ok(None) };
    let [(op, right)] = rest.as_slice() else { return Ok(None) };
    let less = match op {
        CompareOp::Less | CompareOp::LessEqual => true,
        CompareOp::Greater | CompareOp::GreaterEqual => false,
        _ => return Ok(None),
    };
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let a = lowerer.over_points(grid.sweep, first)?;
    let b = lowerer.over_points(grid.sweep, right)?;
    let (a, b) = (column(lowerer, &a)?, column(lowerer, &b)?);
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &[a, b]);
    let parts = scan.run(
        || (f64::NEG_INFINITY, None),
        |worst: &mut (f64, Option<u64>), block| {
            for (lane, (x, y)) in block.column(0).iter().zip(block.column(1)).enumerate() {
                let excess = (if less { x - y } else { y - x }) / y.abs().max(f64::MIN_POSITIVE);
                if excess > worst.0 {
                    *worst = (excess, Some(block.point(lane)));
                }
            }
        },
    );
    let start = (f64::NEG_INFINITY, None);
    Ok(parts.into_iter().fold(start, |best, part| if part.0 > best.0 { part } else { best }).1)
}

/// Along which axis the failures lie: for each axis that tells them apart, the values where all points fail and those
/// where all hold.
fn boundaries<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
) -> Result<Vec<String>, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let value = lowerer.over_points(grid.sweep, condition)?;
    let node = column(lowerer, &value)?;
    let lengths = points.lengths.clone();
    let scan = Scan::new(&lowerer.graph, lowerer.program, &lengths, member, &[node]);
    type Counts = Vec<Vec<(u64, u64)>>;
    let empty = || -> Counts { lengths.iter().map(|l| vec![(0, 0); *l]).collect() };
    let parts = scan.run(empty, |counts: &mut Counts, block| {
        for (lane, holds) in block.column(0).iter().enumerate() {
            let fails = u64::from(*holds == 0.0);
            let mut rest = block.point(lane);
            for axis in (0..lengths.len()).rev() {
                let index = (rest % lengths[axis] as u64) as usize;
                rest /= lengths[axis] as u64;
                counts[axis][index].0 += fails;
                counts[axis][index].1 += 1;
            }
        }
    });
    let mut counts = empty();
    for part in parts {
        for (all, one) in counts.iter_mut().flatten().zip(part.into_iter().flatten()) {
            all.0 += one.0;
            all.1 += one.1;
        }
    }
    let mut lines = vec![];
    for (axis, declared) in lowerer.declared(grid.sweep).axes.iter().enumerate() {
        let values = &points.axes[axis];
        let mut counts_of = vec![(0, 0); values.values.len()];
        for (row, (fails, all)) in counts[values.group].iter().enumerate() {
            let count: &mut (u64, u64) = &mut counts_of[values.rows[row] as usize];
            (count.0, count.1) = (count.0 + fails, count.1 + all);
        }
        let counts = &counts_of;
        let named = |lowerer: &mut Lowerer<'p>, keep: &dyn Fn((u64, u64)) -> bool| {
            let indices: Vec<usize> = (0..counts.len()).filter(|i| keep(counts[*i])).collect();
            let mut texts: Vec<String> = indices
                .iter()
                .take(NAMED)
                .map(|i| lowerer.show(&values.values[*i], &declared.ty, None))
                .collect();
            if indices.len() > NAMED {
                let last = lowerer.show(&values.values[indices[indices.len() - 1]], &declared.ty, None);
                texts.push(format!(".. {last}"));
            }
            texts.join(", ")
        };
        let failing = named(lowerer, &|(fails, all)| all > 0 && fails == all);
        let holding = named(lowerer, &|(fails, all)| all > 0 && fails == 0);
        match (failing.is_empty(), holding.is_empty()) {
            (false, false) => lines.push(format!(
                "fails everywhere at {} {failing}; holds everywhere at {holding}",
                declared.name
            )),
            (false, true) if counts.len() > 1 && counts.iter().any(|(f, a)| f < a) => {
                lines.push(format!("fails everywhere at {} {failing}", declared.name));
            }
            (true, false) => lines.push(format!("holds everywhere at {} {holding}", declared.name)),
            _ => {}
        }
    }
    Ok(lines)
}

/// A grid as rows: its axes, and its outputs or the one column asked for.
pub fn table<'p>(lowerer: &mut Lowerer<'p>, grid: &Rc<GridValue<'p>>, body: Option<&'p Expr>) -> Datum {
    rows(lowerer, grid, body).unwrap_or(Datum::Absent)
}

fn rows<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &Rc<GridValue<'p>>,
    body: Option<&'p Expr>,
) -> Result<Datum, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let program = lowerer.program;
    let sweep = lowerer.declared(grid.sweep);
    let (chosen, total) = members(lowerer, grid, ROWS)?;
    let mut columns: Vec<String> = sweep.axes.iter().map(|a| a.name.clone()).collect();
    match (body, &sweep.base.ty) {
        (Some(body), _) => columns.push(snippet_whole(lowerer.sources.text(body.span))),
        (None, Type::Solve(id)) => {
            let solver = program.solver(*id);
            columns.extend(
                solver
                    .outputs
                    .iter()
                    .map(|o| solver.locals[o.index()].name.to_string())
                    .filter(|n| brief(n, solver)),
            );
        }
        _ => {}
    }
    let mut rows = vec![];
    for point in &chosen {
        let mut row = vec![];
        let setting = Scan::setting(&points.lengths, *point);
        for (declared, values) in sweep.axes.iter().zip(&points.axes) {
            row.push(label(lowerer, values.at(&setting), &declared.ty));
        }
        match body {
            Some(body) => {
                let value = lowerer.at_one_point(grid.sweep, *point, body)?;
                row.push(datum(lowerer, &value, &body.ty, None));
            }
            None => {
                if let Value::Solve(solve) = lowerer.at_point(grid.sweep, *point)? {
                    let solver = program.solver(solve.solver);
                    let env = lowerer.results(&solve)?;
                    for slot in &solver.outputs {
                        let local = &solver.locals[slot.index()];
                        if brief(&local.name, solver) {
                            let value = env.get(slot.index()).unwrap_or(Value::Absent);
                            row.push(datum(lowerer, &value, &local.ty, local.unit.as_ref()));
                        }
                    }
                }
            }
        }
        rows.push(row);
    }
    let more = total - rows.len() as u64;
    Ok(Datum::Table { columns, rows, more })
}

/// An output that is no part of another: `latency`, not `latency_memory`.
fn brief(name: &str, solver: &crate::check::program::Solver) -> bool {
    let names = || solver.outputs.iter().map(|o| &*solver.locals[o.index()].name);
    !names().any(|whole| whole != name && name.starts_with(&format!("{whole}_")))
}

/// The first points of a grid, and how many it has.
fn members<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    limit: usize,
) -> Result<(Vec<u64>, u64), Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &[]);
    if member.is_none() {
        let (from, to) = scan.range();
        return Ok(((from..to.min(from.saturating_add(limit as u64))).collect(), to - from));
    }
    let parts = scan.run(
        || (vec![], 0u64),
        |found: &mut (Vec<u64>, u64), block| {
            found.1 += block.len() as u64;
            let wanted = block.len().min(limit.saturating_sub(found.0.len()));
            found.0.extend((0..wanted).map(|lane| block.point(lane)));
        },
    );
    let mut all = (vec![], 0);
    for (mut points, total) in parts {
        all.0.append(&mut points);
        all.1 += total;
    }
    all.0.truncate(limit);
    Ok(all)
}
