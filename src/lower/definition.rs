//! From an expression that names a value to the expression that made it.

use std::rc::Rc;

use crate::check::program::{Body, Expr, ExprKind, GlobalKind};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin, Value};

impl<'p> Lowerer<'p> {
    /// What the value of `e` was made by: the definition of a name, field, input or output. `None` for an expression
    /// that computes something itself.
    pub fn definition(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<Origin<'p>> {
        match &e.kind {
            ExprKind::Parenthesized(inner)
            | ExprKind::Unwrap(inner)
            | ExprKind::Convert { value: inner, .. } => Some(Origin { expr: inner, env: env.clone() }),
            ExprKind::Local(id) => env.origin(id.index()),
            ExprKind::Global(id) => {
                let global = self.program.global(*id);
                let defined = matches!(global.kind, GlobalKind::Let | GlobalKind::Param);
                let (_, env) = self.global(*id).ok()?;
                defined.then_some(Origin { expr: &global.value, env })
            }
            ExprKind::Slot { base, slot } => match self.lower(base, env).ok()? {
                Value::Solve(solve) => self.results(&solve).ok()?.origin(slot.index()),
                _ => None,
            },
            ExprKind::Field { base, field } => match self.lower(base, env).ok()? {
                Value::Record(record) => record.env.origin(*field as usize),
                _ => None,
            },
            _ => None,
        }
    }

    /// Of a call to a function that the program defines: its body, in a frame with the arguments.
    pub fn body_of(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<Origin<'p>> {
        let ExprKind::Call { function, arguments } = &e.kind else { return None };
        let program = self.program;
        let Body::Expression(body) = &program.functions[function.index()].body else { return None };
        let frame = self.frame_of(function.index(), arguments, env).ok()?;
        // Fills the slots that the body itself binds.
        self.lower(body, &frame).ok()?;
        let inner = match &body.kind {
            ExprKind::Block { value, .. } => value,
            _ => body,
        };
        Some(self.computation(inner, &frame))
    }

    /// Follows definitions while they only pass a value on, to the expression that computes it.
    pub fn computation(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Origin<'p> {
        let mut at = Origin { expr: e, env: env.clone() };
        // Definitions cannot be circular, so this ends; the bound is a belt.
        for _ in 0..10_000 {
            match self.definition(at.expr, &at.env) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}
