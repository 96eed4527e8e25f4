//! Fields of records and items of lists.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind, Type, TypeId};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer};
use crate::lower::value::{Env, Origin, Value};

impl<'p> Lowerer<'p> {
    pub(super) fn default_field(&mut self, ty: TypeId, index: usize, env: &Rc<Env<'p>>) -> Lowered<'p> {
        let program = self.program;
        let value = match program.ty(ty).fields.get_index(index).and_then(|(_, f)| f.default.as_ref()) {
            Some(default) => self.default_value(default, index, env)?,
            None => Value::Absent,
        };
        if let Some(default) = program.ty(ty).fields.get_index(index).and_then(|(_, f)| f.default.as_ref()) {
            env.set_origin(index, Some(Origin { expr: default, env: env.clone() }));
        }
        env.set(index, value.clone());
        Ok(value)
    }

    /// A field of a record: what was given, else its default.
    pub fn field(&mut self, base: &Value<'p>, index: usize) -> Lowered<'p> {
        match base {
            Value::Record(record) => match &record.given[index] {
                Some(slot) => Ok(slot.value.clone()),
                None => match record.env.get(index) {
                    Some(value) => Ok(value),
                    None => self.default_field(record.ty, index, &record.env),
                },
            },
            Value::Poison(id) => Ok(Value::Poison(*id)),
            _ => Ok(Value::Absent),
        }
    }

    /// The `name` of the record whose field an expression reads.
    pub(super) fn holder(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<String> {
        let ExprKind::Field { base, .. } = &e.kind else { return None };
        let value = self.lower(base, env).ok()?;
        self.name_of(&value)
    }

    /// The text in a record's `name` field.
    pub fn name_of(&mut self, value: &Value<'p>) -> Option<String> {
        let Value::Record(record) = value else { return None };
        let (index, _, field) = self.program.ty(record.ty).fields.get_full("name")?;
        if *field.ty.required() != Type::String {
            return None;
        }
        match self.field(value, index).ok()? {
            Value::Node(id) => self.text_of(self.graph.value(id)).map(|t| t.to_string()),
            _ => None,
        }
    }

    pub(super) fn index(
        &mut self,
        e: &'p Expr,
        base: &'p Expr,
        index: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let Value::List(items) = self.lower(base, env)? else { return Ok(Value::Absent) };
        let at = self.node(index, env)?;
        let at = self.fixed(at, index)?;
        let whole = at >= 0.0 && at.fract() == 0.0 && at < items.len() as f64;
        if whole {
            return Ok(items[at as usize].clone());
        }
        let last = items.len().saturating_sub(1);
        Err(self.fail(
            Diagnostic::error(
                "mls::index-out-of-range",
                format!("there is no item {at} in a list of {}", items.len()),
            )
            .label(e.span, "here")
            .help(format!("items are numbered from 0 to {last}")),
        ))
    }
}
