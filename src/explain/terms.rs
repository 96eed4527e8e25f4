//! The terms behind a value: its equation with the numbers in it, then the equation of the term that matters most.

use std::rc::Rc;

use crate::check::program::text::fitting_line;
use crate::check::program::{Body, Expr, ExprKind, Type};
use crate::explain::reason;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin, Value};
use crate::native::table::Fold;
use crate::outcome::text::share_text;
use crate::syntax::ast::{BinaryOp, UnaryOp};

/// Equations shown under a failed assertion.
const LINES: usize = 3;
/// Terms on the way to what dominates a value.
const DESCENT: usize = 32;
/// Terms of one equation before it is cut.
const WIDTH: usize = 140;
/// Characters of an expression beside its value.
const NAME: usize = 48;

/// The equations that lead from a value to what dominates it, one a line:
/// `latency 41.81 ms = max(latency_compute 3.3 ms, latency_memory 41.8 ms) + latency_overhead 10 us`.
pub fn explain<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Vec<String> {
    let mut lines = vec![];
    let mut at = Origin { expr: e, env: env.clone() };
    while lines.len() < LINES {
        let name = name_of(lowerer, at.expr);
        let found = equation_of(lowerer, at);
        let Some(found) = found else { break };
        let head = match name {
            Some(name) => format!("{name} = "),
            None if lines.is_empty() => String::new(),
            None => break,
        };
        let text = match &found.expr.kind {
            // A choice is explained by what decided it.
            ExprKind::If { .. } if !matches!(found.expr.ty.required(), Type::Quantity(_)) => {
                reason::chosen(lowerer, &found)
            }
            ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Subtract, .. } => {
                render_sum(lowerer, found.expr, &found.env)
            }
            _ => render(lowerer, found.expr, &found.env, 0),
        };
        if text.len() > WIDTH {
            break;
        }
        // Without a name in front, an equation only repeats the assertion.
        if !head.is_empty() {
            lines.push(format!("{head}{text}"));
        }
        match dominant(lowerer, found.expr, &found.env) {
            Some(next) => at = next,
            None => break,
        }
    }
    lines
}

/// The named terms that lead from a value to what dominates it, itself first.
pub fn descent<'p>(lowerer: &mut Lowerer<'p>, from: Origin<'p>) -> Vec<Origin<'p>> {
    let mut found = vec![from.clone()];
    let mut at = from;
    while found.len() < DESCENT
        && let Some(made) = equation_of(lowerer, at)
        && let Some(next) = dominant(lowerer, made.expr, &made.env)
    {
        found.push(next.clone());
        at = next;
    }
    found
}

/// The equation that computes a value, if it is one: an operation, not a literal.
pub fn equation_of<'p>(lowerer: &mut Lowerer<'p>, at: Origin<'p>) -> Option<Origin<'p>> {
    let found = lowerer.computation(at.expr, &at.env);
    let computes = matches!(
        found.expr.kind,
        ExprKind::Binary { .. }
            | ExprKind::Compare { .. }
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Call { .. }
    );
    (computes && !is_trivial(found.expr)).then_some(found)
}

/// Only literals: nothing to explain.
fn is_trivial(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Quantity { .. } | ExprKind::Member(_) | ExprKind::Bool(_) => true,
        ExprKind::Binary { left, right, .. } => is_trivial(left) && is_trivial(right),
        ExprKind::Parenthesized(inner) | ExprKind::Unary { operand: inner, .. } => is_trivial(inner),
        _ => false,
    }
}

/// A value by the name it is read by.
pub fn name_of(lowerer: &Lowerer, e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Local(_) | ExprKind::Global(_) | ExprKind::Slot { .. } | ExprKind::Field { .. } => {
            Some(lowerer.sources.text(e.span).to_string())
        }
        ExprKind::Parenthesized(inner) | ExprKind::Unwrap(inner) | ExprKind::Convert { value: inner, .. } => {
            name_of(lowerer, inner)
        }
        _ => None,
    }
}

/// A sum with the share of each term: `latency_memory 42.1 ms (81 %) + latency_overhead 10 ms (19 %)`.
fn render_sum<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> String {
    let total = magnitude(lowerer, e, env);
    let mut text = String::new();
    for (index, (plus, term)) in summands(e).into_iter().enumerate() {
        let share = magnitude(lowerer, term, env) / total;
        let shown = render(lowerer, term, env, if index == 0 { 6 } else { 7 });
        text.push_str(match (index, plus) {
            (0, _) => "",
            (_, true) => " + ",
            (_, false) => " - ",
        });
        text.push_str(&shown);
        if share.is_finite() {
            text.push_str(&format!(" ({})", share_text(share)));
        }
    }
    text
}

/// The terms of a sum in order, and whether each is added.
pub fn summands(e: &Expr) -> Vec<(bool, &Expr)> {
    match &e.kind {
        ExprKind::Binary { op: op @ (BinaryOp::Add | BinaryOp::Subtract), left, right } => {
            let mut terms = summands(left);
            let plus = *op == BinaryOp::Add;
            // `a - (b + c)` keeps its parentheses.
            match &right.kind {
                ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Subtract, .. } if plus => {
                    terms.extend(summands(right))
                }
                _ => terms.push((plus, right)),
            }
            terms
        }
        _ => vec![(true, e)],
    }
}

/// An expression with the value behind each name. `tightness` is that of the operator around it.
pub(crate) fn render<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>, tightness: u8) -> String {
    match &e.kind {
        ExprKind::Parenthesized(inner) => render(lowerer, inner, env, tightness),
        ExprKind::Convert { value, .. } => render(lowerer, value, env, tightness),
        ExprKind::Number(_) | ExprKind::Quantity { .. } | ExprKind::Text(_) => {
            lowerer.sources.text(e.span).to_string()
        }
        ExprKind::Binary { op: BinaryOp::Else, left, right } => match lowerer.lower(left, env) {
            Ok(Value::Absent) => render(lowerer, right, env, tightness),
            _ => render(lowerer, left, env, tightness),
        },
        ExprKind::Binary { op, left, right } => {
            let (symbol, own) = binary_symbol(*op);
            let l = render(lowerer, left, env, own);
            // `a - (b + c)` keeps its parentheses.
            let r = render(lowerer, right, env, own + 1);
            let text = format!("{l} {symbol} {r}");
            if own < tightness { format!("({text})") } else { text }
        }
        ExprKind::Unary { op, operand } => {
            let inner = render(lowerer, operand, env, 8);
            match op {
                UnaryOp::Negate => format!("-{inner}"),
                UnaryOp::Not => format!("not {inner}"),
            }
        }
        ExprKind::Compare { first, rest } => {
            let mut text = render(lowerer, first, env, 4);
            for (op, e) in rest {
                let right = render(lowerer, e, env, 4);
                text = format!("{text} {} {right}", op.symbol());
            }
            text
        }
        // Only the branch that was taken made the value.
        ExprKind::If { condition, then, otherwise } => {
            let taken = lowerer.node(condition, env).map(|c| lowerer.graph.value(c) != 0.0).unwrap_or(true);
            render(lowerer, if taken { then } else { otherwise }, env, tightness)
        }
        ExprKind::Call { function, arguments } if is_native(lowerer, function.index()) => {
            let name = lowerer.program.functions[function.index()].name.clone();
            let shown: Vec<String> = arguments.iter().flatten().map(|a| render(lowerer, a, env, 0)).collect();
            format!("{name}({})", shown.join(", "))
        }
        _ => leaf(lowerer, e, env),
    }
}

fn is_native(lowerer: &Lowerer, function: usize) -> bool {
    matches!(lowerer.program.functions[function].body, Body::Native(_))
}

/// `latency_memory 41.8 ms`
fn leaf<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> String {
    let value = lowerer.lower(e, env);
    let unit = lowerer.unit_of(e, env);
    let shown = value.map_or("undefined".into(), |v| lowerer.show(&v, &e.ty, unit.as_ref()));
    let name = fitting_line(lowerer.sources, e, NAME).unwrap_or("..".into());
    match e.ty.required() {
        Type::Quantity(_) => format!("{name} {shown}"),
        _ if name == shown => name,
        _ => format!("{name} ({shown})"),
    }
}

/// The operand to look at next: the winner of a `max` or `min`, the largest of a sum, of a quotient the part that is
/// itself computed.
pub fn dominant<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<Origin<'p>> {
    let here = |e: &'p Expr| Some(Origin { expr: e, env: env.clone() });
    match &e.kind {
        ExprKind::Parenthesized(inner) => dominant(lowerer, inner, env),
        ExprKind::Binary { op: BinaryOp::Add | BinaryOp::Subtract, left, right } => {
            let larger =
                if magnitude(lowerer, left, env) >= magnitude(lowerer, right, env) { left } else { right };
            if name_of(lowerer, larger).is_some() { here(larger) } else { dominant(lowerer, larger, env) }
        }
        ExprKind::Binary { op: BinaryOp::Multiply | BinaryOp::Divide, left, right } => {
            // Only an output or `let` has an equation worth another line.
            [&**right, &**left].into_iter().find_map(|side| {
                let named = matches!(side.kind, ExprKind::Local(_) | ExprKind::Slot { .. });
                let origin = named.then(|| Origin { expr: side, env: env.clone() })?;
                equation_of(lowerer, origin.clone()).map(|_| origin)
            })
        }
        ExprKind::Call { function, arguments } => {
            let fold = lowerer.program.fold(*function)?;
            let mut best: Option<(f64, &'p Expr)> = None;
            for argument in arguments.iter().flatten() {
                let value = magnitude(lowerer, argument, env);
                let better = best.is_none_or(|(b, _)| if fold == Fold::Min { value < b } else { value > b });
                if better {
                    best = Some((value, argument));
                }
            }
            best.and_then(|(_, e)| here(e))
        }
        ExprKind::If { condition, then, otherwise } => {
            let taken = lowerer.node(condition, env).map(|c| lowerer.graph.value(c) != 0.0).ok()?;
            dominant(lowerer, if taken { then } else { otherwise }, env)
        }
        ExprKind::Compare { .. } => None,
        _ => None,
    }
}

pub fn magnitude<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> f64 {
    lowerer.node(e, env).map_or(0.0, |n| lowerer.graph.value(n).abs())
}

fn binary_symbol(op: BinaryOp) -> (&'static str, u8) {
    match op {
        BinaryOp::Or => ("or", 1),
        BinaryOp::And => ("and", 2),
        BinaryOp::Else => ("??", 5),
        BinaryOp::Add => ("+", 6),
        BinaryOp::Subtract => ("-", 6),
        BinaryOp::Multiply => ("*", 7),
        BinaryOp::Divide => ("/", 7),
        BinaryOp::Power => ("^", 9),
    }
}
