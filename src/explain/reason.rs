//! Why a choice fell as it did: the condition that decided it, with its values.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind};
use crate::explain::terms::render;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin};
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// `memory, because latency_memory 14.7 ms > latency_compute 4.563 ms`
pub fn chosen<'p>(lowerer: &mut Lowerer<'p>, found: &Origin<'p>) -> String {
    let value = lowerer.lower(found.expr, &found.env);
    let value = value.map_or("undefined".into(), |v| lowerer.show(&v, &found.expr.ty, None));
    let mut at = found.expr;
    let mut reason = None;
    while let ExprKind::If { condition, then: _, otherwise } = &at.kind {
        let held = holds(lowerer, condition, &found.env);
        reason = Some(decided(lowerer, condition, &found.env, held, 0));
        if held {
            break;
        }
        at = inner(otherwise);
    }
    match reason {
        Some(reason) => format!("{value}, because {reason}"),
        None => value,
    }
}

fn inner(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Parenthesized(inside) => inner(inside),
        _ => e,
    }
}

fn holds<'p>(lowerer: &mut Lowerer<'p>, condition: &'p Expr, env: &Rc<Env<'p>>) -> bool {
    lowerer.node(condition, env).map(|c| lowerer.graph.value(c) != 0.0).unwrap_or(true)
}

/// The part of a condition that makes it true or false, stated as what is the case. `tightness` as in [`render`].
fn decided<'p>(
    lowerer: &mut Lowerer<'p>,
    e: &'p Expr,
    env: &Rc<Env<'p>>,
    held: bool,
    tightness: u8,
) -> String {
    match &e.kind {
        ExprKind::Parenthesized(inside) => decided(lowerer, inside, env, held, tightness),
        ExprKind::Unary { op: UnaryOp::Not, operand } => decided(lowerer, operand, env, !held, tightness),
        // One side is enough to make `or` true and `and` false.
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            if held == (*op == BinaryOp::Or) {
                let side = if holds(lowerer, left, env) == held { left } else { right };
                return decided(lowerer, side, env, held, tightness);
            }
            let (l, r) = (decided(lowerer, left, env, held, 2), decided(lowerer, right, env, held, 2));
            format!("{l} and {r}")
        }
        ExprKind::Compare { first, rest } if !held && rest.len() == 1 => {
            let (op, right) = &rest[0];
            let (l, r) = (render(lowerer, first, env, 4), render(lowerer, right, env, 4));
            format!("{l} {} {r}", op.opposite().symbol())
        }
        _ if held => render(lowerer, e, env, tightness),
        _ => format!("not {}", render(lowerer, e, env, 8)),
    }
}
