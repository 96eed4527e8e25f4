//! The point that misses a condition by most, or by least.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind, Type};
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp};
use crate::columns::scan::Scan;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, GridValue, Origin, Owner};
use crate::native::table::find;
use crate::syntax::ast;
use crate::syntax::ast::CompareOp;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    Worst,
    Nearest,
}

/// The failing point that misses the comparisons of a condition by most or least, relative to their bounds. `None` when
/// the condition is no comparison.
pub fn extreme_point<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
    extreme: Extreme,
) -> Result<Option<u64>, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let frame = Env::new(Owner::Step, 1);
    frame.set(0, points.point.clone());
    let Some(excess) = excess(lowerer, condition, &frame)? else { return Ok(None) };
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &[excess]);
    let further = |a: f64, b: f64| if extreme == Extreme::Worst { a > b } else { a < b };
    let parts = scan.run(
        || None,
        |found: &mut Option<(f64, u64)>, block| {
            for (lane, excess) in block.column(0).iter().enumerate() {
                if *excess >= 0.0 && found.is_none_or(|(best, _)| further(*excess, best)) {
                    *found = Some((*excess, block.point(lane)));
                }
            }
        },
    );
    let found =
        parts.into_iter().flatten().reduce(|best, part| if further(part.0, best.0) { part } else { best });
    Ok(found.map(|(_, point)| point))
}

/// By how much a condition is missed, as a share of its bound; negative where it holds.
fn excess<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Result<Option<NodeId>, Stop> {
    let Origin { expr: e, env } = lowerer.computation(e, env);
    match &e.kind {
        ExprKind::Parenthesized(inner) => excess(lowerer, inner, &env),
        ExprKind::Binary { op: ast::BinaryOp::And, left, right } => {
            let (a, b) = (excess(lowerer, left, &env)?, excess(lowerer, right, &env)?);
            Ok(match (a, b) {
                (Some(a), Some(b)) => Some(lowerer.operation(Op::Binary(BinaryOp::Max, a, b), e)),
                _ => None,
            })
        }
        ExprKind::Compare { first, rest } => {
            let mut left: &'p Expr = first;
            let mut all: Option<NodeId> = None;
            for (op, right) in rest {
                let (lesser, greater) = match op {
                    CompareOp::Less | CompareOp::LessEqual => (left, right),
                    CompareOp::Greater | CompareOp::GreaterEqual => (right, left),
                    _ => return Ok(None),
                };
                if !matches!(right.ty.required(), Type::Quantity(_)) {
                    return Ok(None);
                }
                let one = share(lowerer, &Ordered { lesser, greater, bound: right }, e, &env)?;
                all = Some(match all {
                    Some(all) => lowerer.operation(Op::Binary(BinaryOp::Max, all, one), e),
                    None => one,
                });
                left = right;
            }
            Ok(all)
        }
        _ => Ok(None),
    }
}

/// A link `lesser < greater` of a comparison; one of the two is the bound.
struct Ordered<'p> {
    lesser: &'p Expr,
    greater: &'p Expr,
    bound: &'p Expr,
}

/// `(lesser - greater) / |bound|`
fn share<'p>(
    lowerer: &mut Lowerer<'p>,
    ordered: &Ordered<'p>,
    e: &'p Expr,
    env: &Rc<Env<'p>>,
) -> Result<NodeId, Stop> {
    let (a, b) = (lowerer.node(ordered.lesser, env)?, lowerer.node(ordered.greater, env)?);
    let bound = lowerer.node(ordered.bound, env)?;
    let difference = lowerer.operation(Op::Binary(BinaryOp::Subtract, a, b), e);
    let abs = find("abs").unwrap_or(0) as u16;
    let size = lowerer.operation(Op::Unary(UnaryOp::Native(abs), bound), e);
    // Against a bound of zero the distance itself counts.
    let zero = lowerer.operation(Op::Constant(0f64.to_bits()), e);
    let one = lowerer.operation(Op::Constant(1f64.to_bits()), e);
    let is_zero = lowerer.operation(Op::Binary(BinaryOp::Equal, size, zero), e);
    let size = lowerer.operation(Op::Select(is_zero, one, size), e);
    Ok(lowerer.operation(Op::Binary(BinaryOp::Divide, difference, size), e))
}
