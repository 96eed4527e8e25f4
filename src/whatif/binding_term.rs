//! The term that keeps an assertion from holding: one that misses the bound by itself.

use crate::check::program::text::fitting_line;
use crate::check::program::{Expr, ExprKind, Type};
use crate::explain::terms;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin, Owner};
use crate::native::table::Fold;
use crate::run::assertion::comparison::{Relation, comparison};
use crate::syntax::ast::CompareOp;
use crate::units::dimension::Dimension;
use crate::whatif::claim::Claim;

/// Characters of an equation that is shown.
const EQUATION: usize = 60;

/// ``the limit is `latency_memory` = weights / hardware.memory_bw: 41.8 ms by itself``
pub fn limit<'p>(lowerer: &mut Lowerer<'p>, claim: &Claim<'p>, locals: usize) -> Option<String> {
    if claim.over.is_some() {
        return None;
    }
    let env = Env::new(Owner::Step, locals);
    let found = comparison(lowerer, claim.condition, &env).ok()??;
    let node = lowerer.node(found.right.expr, &found.right.env).ok()?;
    let bound = lowerer.graph.value(node);
    let misses = |value: f64| match found.relation {
        Relation::Order(CompareOp::Less) => value >= bound,
        Relation::Order(CompareOp::LessEqual) => value > bound,
        _ => false,
    };
    let Type::Quantity(dimension) = *found.left.expr.ty.required() else { return None };
    let single = Limit { dimension, bound: &misses };
    let unit = lowerer.unit_of(found.right.expr, &found.right.env);
    let show = |lowerer: &Lowerer, v: f64| lowerer.program.registry.format(v, dimension, unit.as_ref());
    let mut last = None;
    for at in terms::descent(lowerer, found.left.clone()) {
        let Some(value) = single.missed(lowerer, &at) else { break };
        let made = lowerer.computation(at.expr, &at.env);
        let mut each = vec![];
        for part in parts(lowerer, made.expr) {
            let part = Origin { expr: part, env: made.env.clone() };
            if let (Some(value), Some(name)) =
                (single.missed(lowerer, &part), terms::name_of(lowerer, part.expr))
            {
                each.push(format!("`{name}` ({})", show(lowerer, value)));
            }
        }
        // Two terms that miss the bound: a change of one leaves the other.
        if each.len() > 1 {
            return Some(format!("each of these misses the bound by itself: {}", each.join(", ")));
        }
        last = Some((at, value));
    }
    let (at, value) = last?;
    let name = terms::name_of(lowerer, at.expr)?;
    let made = lowerer.computation(at.expr, &at.env);
    let equation = fitting_line(lowerer.sources, made.expr, EQUATION).filter(|text| *text != name);
    let equation = equation.map_or(String::new(), |text| format!(" = {text}"));
    Some(format!("the limit is `{name}`{equation}: {} by itself", show(lowerer, value)))
}

/// A bound that terms of its dimension can miss.
struct Limit<'b> {
    dimension: Dimension,
    bound: &'b dyn Fn(f64) -> bool,
}

impl Limit<'_> {
    /// The value of a term that misses the bound.
    fn missed<'p>(&self, lowerer: &mut Lowerer<'p>, at: &Origin<'p>) -> Option<f64> {
        if *at.expr.ty.required() != Type::Quantity(self.dimension) {
            return None;
        }
        let node = lowerer.node(at.expr, &at.env).ok()?;
        let value = lowerer.graph.value(node);
        (self.bound)(value).then_some(value)
    }
}

/// The terms of a sum, and of a `max` in it.
fn parts<'p>(lowerer: &Lowerer<'p>, e: &'p Expr) -> Vec<&'p Expr> {
    let mut found = vec![];
    for (_, term) in terms::summands(e) {
        match &term.kind {
            ExprKind::Call { function, arguments } if lowerer.program.fold(*function) == Some(Fold::Max) => {
                found.extend(arguments.iter().flatten());
            }
            _ => found.push(term),
        }
    }
    found
}
