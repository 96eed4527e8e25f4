//! Which method lowers which kind of expression.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind};
use crate::columns::graph::{Op, UnaryOp};
use crate::lower::extremum::Extremum;
use crate::lower::lowerer::{Lowered, Lowerer};
use crate::lower::value::{Env, GridValue, Origin, Value};
use crate::syntax::ast;

impl<'p> Lowerer<'p> {
    pub(super) fn lower_kind(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        match &e.kind {
            ExprKind::Number(value) | ExprKind::Quantity { value, .. } => Ok(self.literal(*value, e)),
            ExprKind::Bool(value) => Ok(self.literal(f64::from(u8::from(*value)), e)),
            ExprKind::Member(index) => Ok(self.literal(f64::from(*index), e)),
            ExprKind::Text(text) => Ok(self.text(text, Some(e))),
            ExprKind::Template(parts) => {
                let text = self.template(parts, env)?;
                Ok(self.text(&text.as_str().into(), Some(e)))
            }
            ExprKind::None | ExprKind::Bad => Ok(Value::Absent),
            ExprKind::Local(id) => self.local(*id, env),
            ExprKind::Global(id) => Ok(self.global(*id)?.0),
            ExprKind::Solver(id) => Ok(Value::Solver(*id)),
            ExprKind::Field { base, field } => {
                let base = self.lower(base, env)?;
                self.field(&base, *field as usize)
            }
            ExprKind::Slot { base, slot } => self.slot(base, slot.index(), env),
            ExprKind::Index { base, index } => self.index(e, base, index, env),
            ExprKind::Call { function, arguments } => self.call(e, function.index(), arguments, env),
            ExprKind::Table { table, arguments } => self.table(e, *table, arguments, env),
            ExprKind::Sensitivity { of, input } => self.sensitivity(e, of, input.as_deref(), env),
            ExprKind::Record { changes } => self.record(e, changes, env),
            ExprKind::Override { base, changes } => {
                let base = self.lower(base, env)?;
                self.change(&base, changes, e, env)
            }
            ExprKind::List(items) => self.list(items, env),
            ExprKind::Comprehension { body, variable, list, condition } => {
                self.comprehension(body, *variable, list, condition.as_deref(), env)
            }
            ExprKind::Range { low, high, step } => self.range(e, (low, high), step.as_deref(), env),
            ExprKind::Length(list) => self.length(e, list, env),
            ExprKind::Iterate { count, variable, start, next } => {
                self.iterate(*count, *variable, start, next, env)
            }
            ExprKind::Unary { op, operand } => {
                let operand = self.node(operand, env)?;
                let op = match op {
                    ast::UnaryOp::Negate => UnaryOp::Negate,
                    ast::UnaryOp::Not => UnaryOp::Not,
                };
                Ok(Value::Node(self.push(Op::Unary(op, operand), Some(e))))
            }
            ExprKind::Binary { op: ast::BinaryOp::Else, left, right } => self.or_else(e, left, right, env),
            ExprKind::Binary { op, left, right } => self.binary(e, *op, left, right, env),
            ExprKind::Compare { first, rest } => self.compare(e, first, rest, env),
            ExprKind::Within { value, tolerance, relative, reference } => {
                let value = self.node(value, env)?;
                let tolerance = self.node(tolerance, env)?;
                let reference = self.node(reference, env)?;
                Ok(self.within_tolerance(e, value, reference, tolerance, *relative))
            }
            ExprKind::Convert { value: inner, .. } | ExprKind::Parenthesized(inner) => self.lower(inner, env),
            ExprKind::Has(inner) => self.has(e, inner, env),
            ExprKind::Unwrap(inner) => self.unwrap(e, inner, env),
            ExprKind::If { condition, then, otherwise } => self.if_else(e, condition, (then, otherwise), env),
            ExprKind::Match { subject, arms } => self.match_member(e, subject, arms, env),
            ExprKind::Block { lets, value } => {
                for (slot, value) in lets {
                    let lowered = self.lower(value, env)?;
                    env.define(slot.index(), lowered, Origin { expr: value, env: env.clone() });
                }
                self.lower(value, env)
            }
            ExprKind::Sweep(id) => Ok(Value::Grid(Rc::new(GridValue { sweep: *id, filters: vec![] }))),
            ExprKind::Filter { grid, .. }
            | ExprKind::Column { grid, .. }
            | ExprKind::Pick { grid, .. }
            | ExprKind::Best { grid, .. } => self.of_grid(e, grid, env),
            ExprKind::Optimize { sweep, goal, body, seed } => {
                self.visits_points(e)?;
                self.optimize(e, *sweep, (*goal, body), *seed)
            }
            ExprKind::Aggregate { kind, column, argument } => {
                self.visits_points(e)?;
                self.aggregate(e, *kind, column, argument, env)
            }
            ExprKind::Extremum { largest, variable, low, high, step, condition } => {
                let step = step.as_deref();
                let search = Extremum { largest: *largest, variable: *variable, low, high, step, condition };
                self.extremum(e, &search, env)
            }
        }
    }
}
