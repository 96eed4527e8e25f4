//! Assertions over the points of a sweep.

use std::rc::Rc;

use crate::check::program::Expr;
use crate::check::program::text::one_line;
use crate::columns::graph::NodeId;
use crate::columns::scan::count::Tally;
use crate::diagnostic::Diagnostic;
use crate::lower::grid::feasible_points::LeftOut;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, GridValue, Owner, Value};
use crate::outcome::{AssertionOutcome, Status};
use crate::run::assertion::failing_region::boundary;
use crate::run::assertion::worst_point::{Extreme, extreme_point};
use crate::run::assertion::{Asserted, ExplainValue, describe, failing_parts, undecided};
use crate::run::undefined_value;
use crate::syntax::ast::AssertKind;

/// `assert all GRID: C` and `assert any GRID: C`.
pub fn evaluate<'p>(
    lowerer: &mut Lowerer<'p>,
    asserted: &Asserted<'p>,
    all: bool,
    grid: &'p Expr,
    env: &Rc<Env<'p>>,
    explain: ExplainValue,
) -> (AssertionOutcome, Option<NodeId>) {
    let quantifier = if all { "all" } else { "any" };
    let grid_text = one_line(lowerer.sources, grid);
    let mut outcome = undecided(lowerer, asserted, env);
    outcome.text = format!("{quantifier} {grid_text}: {}", outcome.text);
    let Ok(Value::Grid(points)) = lowerer.lower(grid, env) else { return (outcome, None) };
    let Ok(tally) = tally(lowerer, &points, asserted.condition) else { return (outcome, None) };
    if let Some(point) = tally.poisoned {
        let cause = lowerer.poison_at(&points, point, Some(asserted.condition));
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
        let left_out = infeasible_points(lowerer, &points, asserted.condition).ok().flatten();
        if let Some(left_out) = &left_out {
            outcome.infeasible = vec![left_out.reason.clone()];
            if left_out.points == tally.failing {
                outcome.status = Status::Infeasible;
            }
        }
        let failing = Failing { tally, all, left_out };
        outcome.failure = failure(lowerer, asserted, &failing, &outcome, &points, explain).ok();
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

/// What failed of an assertion over a grid.
struct Failing {
    tally: Tally,
    all: bool,
    left_out: Option<LeftOut>,
}

/// The points at which a condition rests on an infeasible solve.
fn infeasible_points<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
) -> Result<Option<LeftOut>, Stop> {
    let value = lowerer.over_points(grid.sweep, condition)?;
    let node = undefined_value::column(&value).ok_or(Stop)?;
    lowerer.left_out(grid, &[(node, condition)])
}

fn tally<'p>(lowerer: &mut Lowerer<'p>, grid: &GridValue<'p>, condition: &'p Expr) -> Result<Tally, Stop> {
    let (node, member, lengths) = roots(lowerer, grid, condition)?;
    Ok(Tally::of(&lowerer.graph, lowerer.program, &lengths, member, Some(node)))
}

/// What decides an assertion over a grid: the condition at its points, which points belong, and the lengths of the axes.
pub fn roots<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
) -> Result<(NodeId, Option<NodeId>, Vec<usize>), Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let value = lowerer.over_points(grid.sweep, condition)?;
    // An infeasible point meets no condition on what it does.
    let condition = lowerer.sound(undefined_value::column(&value).ok_or(Stop)?);
    Ok((condition, member, points.lengths.clone()))
}

fn failure<'p>(
    lowerer: &mut Lowerer<'p>,
    asserted: &Asserted<'p>,
    Failing { tally, all, left_out }: &Failing,
    outcome: &AssertionOutcome,
    grid: &Rc<GridValue<'p>>,
    explain: ExplainValue,
) -> Result<Diagnostic, Stop> {
    let all = *all;
    let (code, what) = match (asserted.kind, outcome.status) {
        (AssertKind::Assert, Status::Infeasible) => ("mls::infeasible", "assertion failed"),
        (AssertKind::Warn, Status::Infeasible) => ("mls::infeasible", "warning"),
        (AssertKind::Assert, _) => ("mls::assert-failed", "assertion failed"),
        (AssertKind::Warn, _) => ("mls::warn-failed", "warning"),
    };
    let head = outcome.message.clone().unwrap_or_else(|| what.to_string());
    let message = format!("{head}: `{}`", outcome.text);
    let mut diagnostic = match asserted.kind {
        AssertKind::Assert => Diagnostic::error(code, message),
        AssertKind::Warn => Diagnostic::warning(code, message),
    };
    let extreme = if all { Extreme::Worst } else { Extreme::Nearest };
    let point = extreme_point(lowerer, grid, asserted.condition, extreme)?;
    let measured = point.is_some();
    let point = point.or(tally.first_failing).unwrap_or(0);
    // That point alone, explained like any assertion.
    let frame = Env::new(Owner::Step, 1);
    let value = lowerer.at_point(grid.sweep, point)?;
    frame.set(0, value);
    diagnostic = lowerer.looking_at(grid.sweep, point, |l| {
        let mut parts = vec![];
        failing_parts(l, asserted.condition, &frame, &mut parts);
        let one = |d, part: &&'p Expr| describe(l, d, part, &frame, explain, asserted.span);
        Ok(parts.iter().fold(diagnostic, one))
    })?;
    let place = lowerer.place_of(grid.sweep, point)?;
    let mut lead = vec![match all {
        true => format!("{} of {} points fail", tally.failing, tally.points),
        false if tally.points == 1 => "the only point fails".into(),
        false => format!("none of {} points meets it", tally.points),
    }];
    if let Some(left_out) = left_out {
        let place = lowerer.place_of(grid.sweep, left_out.first)?;
        lead.push(format!("{}: {} (first at {place})", left_out.counted(), left_out.reason));
    }
    if all {
        lead.extend(boundary(lowerer, grid, asserted.condition)?);
    }
    lead.push(match (all, measured) {
        (true, true) => format!("worst at {place}"),
        (false, true) => format!("nearest at {place}"),
        (_, false) => format!("for example at {place}"),
    });
    diagnostic.notes.splice(0..0, lead);
    Ok(diagnostic)
}
