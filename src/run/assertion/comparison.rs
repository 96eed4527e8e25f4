//! The comparison that decides a condition: which value is judged, and by what.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind, Type};
use crate::columns::graph::NodeId;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, Origin};
use crate::outcome::Bound;
use crate::syntax::ast::{BinaryOp, CompareOp, UnaryOp};

/// A value, what it is compared with, and how they should stand to each other.
pub struct Comparison<'p> {
    pub left: Origin<'p>,
    pub right: Origin<'p>,
    pub relation: Relation,
}

#[derive(Clone, Copy)]
pub enum Relation {
    Order(CompareOp),
    /// The distance allowed; true where it is a share of the right side.
    Within(NodeId, bool),
}

impl Relation {
    /// What kind of limit the right side is.
    pub fn bound(self) -> Option<Bound> {
        match self {
            Relation::Order(CompareOp::Less | CompareOp::LessEqual) => Some(Bound::Upper),
            Relation::Order(CompareOp::Greater | CompareOp::GreaterEqual) => Some(Bound::Lower),
            Relation::Order(CompareOp::Equal | CompareOp::NotEqual) => None,
            Relation::Within(..) => Some(Bound::Within),
        }
    }
}

/// The one comparison that decides a condition, through names: `one.feasible` is a comparison of sizes. Of a chain it
/// is the link that fails, or is the nearest to it.
pub fn comparison<'p>(
    lowerer: &mut Lowerer<'p>,
    condition: &'p Expr,
    env: &Rc<Env<'p>>,
) -> Result<Option<Comparison<'p>>, Stop> {
    let Origin { expr, env } = lowerer.computation(condition, env);
    let side = |e: &'p Expr| Origin { expr: e, env: env.clone() };
    Ok(match &expr.kind {
        ExprKind::Compare { first, rest } => {
            let (left, op, right) = match rest.as_slice() {
                // `25 ms > one.latency` judges the latency.
                [(op, right)] if is_written(first) && !is_written(right) => (right, op.mirrored(), &**first),
                [(op, right)] => (&**first, *op, right),
                _ => match tightest(lowerer, first, rest, &env)? {
                    Some(link) => link,
                    None => return Ok(None),
                },
            };
            Some(Comparison { left: side(left), right: side(right), relation: Relation::Order(op) })
        }
        ExprKind::Within { value, tolerance, relative, reference } => {
            let node = lowerer.node(tolerance, &env)?;
            Some(Comparison {
                left: side(value),
                right: side(reference),
                relation: Relation::Within(node, *relative),
            })
        }
        ExprKind::Parenthesized(inner) => comparison(lowerer, inner, &env)?,
        ExprKind::Unary { op: UnaryOp::Not, operand } => {
            comparison(lowerer, operand, &env)?.and_then(|found| match found.relation {
                Relation::Order(op) => Some(Comparison { relation: Relation::Order(op.opposite()), ..found }),
                Relation::Within(..) => None,
            })
        }
        ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
            let (a, b) = (comparison(lowerer, left, &env)?, comparison(lowerer, right, &env)?);
            let (Some(a), Some(b)) = (a, b) else { return Ok(None) };
            let (Some(x), Some(y)) = (a.room(lowerer)?, b.room(lowerer)?) else { return Ok(None) };
            // Of both, the one nearest to failing decides; of either, the one furthest from it.
            Some(if (x <= y) == (*op == BinaryOp::And) { a } else { b })
        }
        _ => None,
    })
}

/// What is judged, how, and by what.
type Link<'p> = (&'p Expr, CompareOp, &'p Expr);

impl<'p> Comparison<'p> {
    /// How far the value is from its limit, relative to that; below zero where it fails. `None` for an equality.
    fn room(&self, lowerer: &mut Lowerer<'p>) -> Result<Option<f64>, Stop> {
        if !matches!(self.left.expr.ty.required(), Type::Quantity(_)) {
            return Ok(None);
        }
        let value = lowerer.node(self.left.expr, &self.left.env)?;
        let limit = lowerer.node(self.right.expr, &self.right.env)?;
        let (value, limit) = (lowerer.graph.value(value), lowerer.graph.value(limit));
        let room = match self.relation {
            Relation::Order(CompareOp::Less | CompareOp::LessEqual) => limit - value,
            Relation::Order(CompareOp::Greater | CompareOp::GreaterEqual) => value - limit,
            Relation::Order(CompareOp::Equal | CompareOp::NotEqual) => return Ok(None),
            Relation::Within(allowed, relative) => {
                let allowed = lowerer.graph.value(allowed);
                (if relative { allowed * limit.abs() } else { allowed }) - (value - limit).abs()
            }
        };
        Ok(Some(if limit == 0.0 { room } else { room / limit.abs() }))
    }
}

/// The link of a chain `a < b < c` with the least room for its value. The first link judges `b`, each other its left
/// side.
fn tightest<'p>(
    lowerer: &mut Lowerer<'p>,
    first: &'p Expr,
    rest: &'p [(CompareOp, Expr)],
    env: &Rc<Env<'p>>,
) -> Result<Option<Link<'p>>, Stop> {
    let mut found: Option<(f64, Link)> = None;
    let mut before = first;
    for (index, (op, after)) in rest.iter().enumerate() {
        let link = if index == 0 { (after, op.mirrored(), before) } else { (before, *op, after) };
        before = after;
        let side = |e: &'p Expr| Origin { expr: e, env: env.clone() };
        let relation = Relation::Order(link.1);
        let compared = Comparison { left: side(link.0), right: side(link.2), relation };
        let Some(room) = compared.room(lowerer)? else { continue };
        if found.as_ref().is_none_or(|(least, _)| room < *least) {
            found = Some((room, link));
        }
    }
    Ok(found.map(|(_, link)| link))
}

/// A number as it stands in the text.
fn is_written(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Quantity { .. } => true,
        ExprKind::Parenthesized(inner) => is_written(inner),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => is_written(operand),
        ExprKind::Convert { value, .. } => is_written(value),
        _ => false,
    }
}
