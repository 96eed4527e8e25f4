//! The terms of a sum: where the time goes, or the money, or the memory.

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, ExprKind};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Env;
use crate::native::table::Fold;
use crate::syntax::ast::BinaryOp;

/// The terms that a value is the sum of, with their names; of a `max` the greatest. One term when it is no sum.
pub fn parts<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Vec<(String, f64)> {
    let found = lowerer.computation(e, env);
    let mut parts = vec![];
    collect(lowerer, found.expr, &found.env, &mut parts);
    let total = lowerer.node(e, env).map_or(f64::NAN, |n| lowerer.graph.value(n));
    let sum: f64 = parts.iter().map(|(_, value)| value).sum();
    // What is not whole would mislead: then the value is drawn as one.
    if (sum - total).abs() > 1e-9 * total.abs() || parts.iter().any(|(_, v)| *v < 0.0) {
        return vec![(one_line(lowerer.sources, e), total)];
    }
    parts
}

fn collect<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>, parts: &mut Vec<(String, f64)>) {
    match &e.kind {
        ExprKind::Parenthesized(inner) | ExprKind::Convert { value: inner, .. } => {
            collect(lowerer, inner, env, parts);
        }
        ExprKind::Binary { op: BinaryOp::Add, left, right } => {
            collect(lowerer, left, env, parts);
            collect(lowerer, right, env, parts);
        }
        ExprKind::If { condition, then, otherwise } => {
            let taken = lowerer.node(condition, env).map_or(true, |c| lowerer.graph.value(c) != 0.0);
            collect(lowerer, if taken { then } else { otherwise }, env, parts);
        }
        ExprKind::Call { function, arguments } if lowerer.program.fold(*function) == Some(Fold::Max) => {
            let mut greatest: Option<(f64, &'p Expr)> = None;
            for argument in arguments.iter().flatten() {
                let value = value_of(lowerer, argument, env);
                if greatest.is_none_or(|(g, _)| value > g) {
                    greatest = Some((value, argument));
                }
            }
            if let Some((_, argument)) = greatest {
                collect(lowerer, argument, env, parts);
            }
        }
        _ => {
            let value = value_of(lowerer, e, env);
            if value != 0.0 {
                parts.push((one_line(lowerer.sources, e), value));
            }
        }
    }
}

fn value_of<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> f64 {
    lowerer.node(e, env).map_or(f64::NAN, |n| lowerer.graph.value(n))
}
