//! The points behind a sum, a mean, an extreme or a percentile of a sweep.

use std::rc::Rc;

use crate::check::program::{Aggregate, Expr, ExprKind, SweepId};
use crate::columns::scan::Scan;
use crate::explain::read::operands::{ITEMS, Operand};
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, GridValue, Origin, Owner, Value};
use crate::run::data::rows::members;

/// What the points of an aggregate are called in place of its whole column: how many there are.
pub fn count<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<(SweepId, u64)> {
    let ExprKind::Aggregate { column, .. } = &e.kind else { return None };
    let (Value::Column(grid, _) | Value::Grid(grid)) = lowerer.lower(column, env).ok()? else { return None };
    let (_, total) = members(lowerer, &grid, 0).ok()?;
    Some((grid.sweep, total))
}

/// Which points of many are read: those nearest to a value, and how many.
#[derive(Clone, Copy)]
pub struct Nearest {
    pub to: f64,
    pub most: usize,
}

/// The column at each point of a grid, in the order of its values, where they are `most` or fewer; else at those points alone that
/// an extreme or a percentile is taken from. The point of an extreme comes first.
pub fn points<'p>(
    lowerer: &mut Lowerer<'p>,
    column: &'p Expr,
    env: &Rc<Env<'p>>,
    kind: Aggregate,
    nearest: Nearest,
) -> Vec<Operand<'p>> {
    let Ok(Value::Column(grid, body)) = lowerer.lower(column, env) else { return vec![] };
    let Ok(chosen) = chosen(lowerer, kind, &grid, body, nearest) else { return vec![] };
    let mut found = vec![];
    for (number, point) in chosen {
        let (Ok(value), Ok(name)) = (lowerer.at_point(grid.sweep, point), name(lowerer, grid.sweep, point))
        else {
            continue;
        };
        let frame = Env::new(Owner::Step, 1);
        frame.set(0, value);
        let share = (kind == Aggregate::Sum).then(|| number / nearest.to).filter(|share| share.is_finite());
        let mut operand = Operand::new(name, Origin { expr: body, env: frame });
        operand.share = share;
        found.push(operand);
    }
    if matches!(kind, Aggregate::Min | Aggregate::Max) {
        found.iter_mut().skip(1).for_each(|point| point.beaten = true);
    }
    found
}

fn chosen<'p>(
    lowerer: &mut Lowerer<'p>,
    kind: Aggregate,
    grid: &GridValue<'p>,
    body: &'p Expr,
    Nearest { to: own, most }: Nearest,
) -> Result<Vec<(f64, u64)>, Stop> {
    let (few, total) = members(lowerer, grid, most)?;
    let Value::Node(node) = lowerer.over_points(grid.sweep, body)? else { return Ok(vec![]) };
    let lengths = lowerer.points(grid.sweep)?.lengths.clone();
    let member = lowerer.membership(grid)?;
    let scan = Scan::new(&lowerer.graph, lowerer.program, &lengths, member, &[node]);
    let many = total > few.len() as u64;
    // Of a sum or mean the largest, where not too many are looked through.
    let added = matches!(kind, Aggregate::Sum | Aggregate::Mean);
    if many && added && total > ITEMS as u64 {
        return Ok(vec![]);
    }
    let near = many && !added;
    // Of many the neighbours of the value: the last at or below it, and the first at or above.
    let parts = scan.run(Vec::new, |kept: &mut Vec<(f64, u64)>, block| {
        for (lane, value) in block.column(0).iter().enumerate() {
            kept.push((*value, block.point(lane)));
            if near && kept.len() > most {
                neighbours(kept, own);
            }
        }
    });
    let mut all: Vec<(f64, u64)> = parts.into_iter().flatten().collect();
    if near {
        neighbours(&mut all, own);
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    if kind == Aggregate::Max || added {
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    }
    all.truncate(most.max(2));
    Ok(all)
}

fn neighbours(points: &mut Vec<(f64, u64)>, own: f64) {
    let below = points.iter().copied().filter(|p| p.0 <= own).reduce(|a, b| if b.0 > a.0 { b } else { a });
    let above = points.iter().copied().filter(|p| p.0 >= own).reduce(|a, b| if b.0 < a.0 { b } else { a });
    points.clear();
    points.extend(below);
    points.extend(above.filter(|a| below.is_none_or(|b| b.1 != a.1)));
}

/// `grid[batch: 8, precision: fp8]`
fn name(lowerer: &mut Lowerer, sweep: SweepId, point: u64) -> Result<String, Stop> {
    let name = lowerer.declared(sweep).name.clone();
    Ok(format!("{name}{}", setting_text(lowerer, sweep, point)?))
}

/// `[batch: 8, precision: fp8]`
pub fn setting_text(lowerer: &mut Lowerer, sweep: SweepId, point: u64) -> Result<String, Stop> {
    let points = lowerer.points(sweep)?;
    let setting = Scan::setting(&points.lengths, point);
    let mut axes = vec![];
    for (axis, values) in lowerer.declared(sweep).axes.iter().zip(&points.axes) {
        let shown = lowerer.show(values.at(&setting), &axis.ty, None);
        axes.push(format!("{}: {shown}", axis.name));
    }
    Ok(format!("[{}]", axes.join(", ")))
}
