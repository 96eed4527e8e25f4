//! Values as people read them.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind, Type};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Owner, RecordValue, Value};
use crate::syntax::ast::UnaryOp;
use crate::units::registry::ResolvedUnit;

/// Fields that stand for a record without a name, at most.
const FIELDS: usize = 6;

impl<'p> Lowerer<'p> {
    /// One line for a value: `21.07 ms`, `fp8`, `NVIDIA H100 SXM`, `[1, 2, 4]`.
    pub fn show(&mut self, value: &Value<'p>, ty: &Type, unit: Option<&ResolvedUnit>) -> String {
        let number = match value {
            Value::Node(id) | Value::Poison(id) => self.graph.value(*id),
            Value::Absent => return "none".into(),
            Value::List(items) => {
                let element = match ty {
                    Type::List(element) => element,
                    other => other,
                };
                let shown: Vec<String> = items.iter().map(|i| self.show(i, element, unit)).collect();
                return format!("[{}]", shown.join(", "));
            }
            Value::Record(record) => {
                return self.name_of(value).unwrap_or_else(|| self.given_fields(record));
            }
            Value::Solve(solve) => return format!("a solve of {}", self.program.solver(solve.solver).name),
            Value::Maybe(..) | Value::Grid(_) | Value::Column(..) => return self.program.describe(ty),
            Value::Solver(id) => return format!("the solver {}", self.program.solver(*id).name),
        };
        if number.is_nan() {
            return "undefined".into();
        }
        match ty.required() {
            Type::Quantity(dimension) => self.program.registry.format(number, *dimension, unit),
            Type::Bool => if number == 0.0 { "false" } else { "true" }.into(),
            Type::String => self.text_of(number).map_or(String::new(), |t| t.to_string()),
            Type::Enum(id) => {
                let members = &self.program.enumeration(*id).members;
                members.get_index(number as usize).map_or("?".into(), |(name, _)| name.to_string())
            }
            _ => number.to_string(),
        }
    }

    /// A record without a name by what it was given: `{ tensor: 4, pipeline: 2 }`; by its type when that is a lot.
    fn given_fields(&mut self, record: &RecordValue<'p>) -> String {
        let declared = self.program.ty(record.ty);
        let given: Vec<usize> = (0..record.given.len()).filter(|i| record.given[*i].is_some()).collect();
        if given.is_empty() || given.len() > FIELDS {
            return declared.name.to_string();
        }
        let mut fields = vec![];
        for index in given {
            let (Some((name, field)), Some(slot)) = (declared.fields.get_index(index), &record.given[index])
            else {
                continue;
            };
            fields.push(format!("{name}: {}", self.show(&slot.value, &field.ty, None)));
        }
        format!("{{ {} }}", fields.join(", "))
    }

    /// The unit that the author of an expression chose for it.
    pub fn unit_of(&self, e: &Expr, env: &Rc<Env<'p>>) -> Option<ResolvedUnit> {
        match &e.kind {
            ExprKind::Quantity { unit, .. } | ExprKind::Convert { unit, .. } => Some(unit.clone()),
            ExprKind::Parenthesized(inner) | ExprKind::Unwrap(inner) => self.unit_of(inner, env),
            ExprKind::Unary { operand, op: UnaryOp::Negate } => self.unit_of(operand, env),
            ExprKind::Global(id) => self.program.global(*id).unit.clone(),
            ExprKind::Local(id) => match env.owner {
                Owner::Solver(solver) => self.program.solver(solver).locals.get(id.index())?.unit.clone(),
                _ => None,
            },
            ExprKind::Slot { base, slot } => match &base.ty {
                Type::Solve(id) => self.program.solver(*id).locals[slot.index()].unit.clone(),
                _ => None,
            },
            _ => None,
        }
    }
}
