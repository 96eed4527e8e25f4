//! Items of lists: each in a frame of its own, so that what made it can be derived.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind, LocalId, Type};
use crate::explain::read::operands::{ITEMS, Operand, number};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin, Value};
use crate::native::table::Fold;

/// The items of a comprehension that its condition keeps, each in a frame of its own.
pub fn items<'p>(lowerer: &mut Lowerer<'p>, at: &Origin<'p>, folds: Option<Fold>) -> Vec<Operand<'p>> {
    let ExprKind::Comprehension { body, variable, list, condition } = &at.expr.kind else { return vec![] };
    let Ok(Value::List(values)) = lowerer.lower(list, &at.env) else { return vec![] };
    let mut found = vec![];
    for index in 0..values.len() {
        let frame = item_frame(lowerer, list, *variable, &at.env, index, &values[index]);
        if let Some(condition) = condition
            && number(lowerer, condition, &frame) == 0.0
        {
            continue;
        }
        if found.len() == ITEMS {
            break;
        }
        found.push(Operand::new(format!("[{}]", found.len()), Origin { expr: body, env: frame }));
    }
    if let (Some(fold), Type::Quantity(_)) = (folds, body.ty.required()) {
        weigh(lowerer, fold, &mut found);
    }
    found
}

/// Items as terms of their sum, or by which of them decides.
fn weigh<'p>(lowerer: &mut Lowerer<'p>, fold: Fold, items: &mut [Operand<'p>]) {
    let numbers: Vec<f64> = items.iter().map(|i| number(lowerer, i.at.expr, &i.at.env)).collect();
    let total: f64 = numbers.iter().sum();
    let best = match fold {
        Fold::Max => numbers.iter().copied().reduce(f64::max),
        _ => numbers.iter().copied().reduce(f64::min),
    };
    let winner = numbers.iter().position(|n| Some(*n) == best);
    for (index, (item, number)) in items.iter_mut().zip(numbers).enumerate() {
        match fold {
            Fold::Sum => item.share = Some(number.abs() / total.abs()).filter(|share| share.is_finite()),
            Fold::Min | Fold::Max => item.beaten = Some(index) != winner,
            Fold::Product => {}
        }
    }
}

/// A frame in which the variable of a comprehension is one item.
fn item_frame<'p>(
    lowerer: &mut Lowerer<'p>,
    list: &'p Expr,
    variable: LocalId,
    env: &Rc<Env<'p>>,
    index: usize,
    value: &Value<'p>,
) -> Rc<Env<'p>> {
    let origin = element(lowerer, list, env, index);
    let frame = env.fork();
    frame.set(variable.index(), value.clone());
    frame.set_origin(variable.index(), origin);
    frame
}

/// What made an item of a list, where the list says so.
pub fn element<'p>(
    lowerer: &mut Lowerer<'p>,
    list: &'p Expr,
    env: &Rc<Env<'p>>,
    index: usize,
) -> Option<Origin<'p>> {
    let made = lowerer.computation(list, env);
    match &made.expr.kind {
        ExprKind::List(items) => Some(Origin { expr: items.get(index)?, env: made.env }),
        ExprKind::Comprehension { body, variable, list, condition: None } => {
            let Ok(Value::List(values)) = lowerer.lower(list, &made.env) else { return None };
            let frame = item_frame(lowerer, list, *variable, &made.env, index, values.get(index)?);
            Some(Origin { expr: body, env: frame })
        }
        _ => None,
    }
}
