//! Expressions: types and dimensions.

mod branch;
mod compare;
mod list;
mod name;
mod operator;

use crate::check::error::TypeError;
use crate::check::program::{Expr, ExprKind, Local, TemplatePart, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::syntax::ast;
use crate::syntax::ast::{Name, UnaryOp};
use crate::units::dimension::Dimension;
use crate::units::registry::{ResolvedUnit, UnitError};

impl Checker<'_> {
    /// Checks an expression against the type wanted of it; a mismatch is reported and is of unknown type.
    pub(super) fn check_want(&mut self, frame: &mut Frame, e: &ast::Expr, want: &Want) -> Expr {
        let value = self.infer(frame, e, Some(want.ty));
        self.coerce(frame, value, want)
    }

    pub(super) fn check_condition(&mut self, frame: &mut Frame, e: &ast::Expr, place: &'static str) -> Expr {
        self.check_want(frame, e, &Want { ty: &Type::Bool, role: Role::Place(place) })
    }

    pub(super) fn check_message(&mut self, frame: &mut Frame, e: &ast::Expr) -> Expr {
        self.check_want(frame, e, &Want { ty: &Type::String, role: Role::Place("a message") })
    }

    /// The type of an expression. `hint` is what it will be asked for: it decides enum members and record literals.
    pub(super) fn infer(&mut self, frame: &mut Frame, e: &ast::Expr, hint: Option<&Type>) -> Expr {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.infer_kind(frame, e, hint))
    }

    fn infer_kind(&mut self, frame: &mut Frame, e: &ast::Expr, hint: Option<&Type>) -> Expr {
        let done = |kind, ty| Expr { kind, ty, span: e.span };
        match &e.kind {
            ast::ExprKind::Number(value) => done(ExprKind::Number(*value), Type::SCALAR),
            ast::ExprKind::Quantity { unit, .. } if self.unit_hides_name(frame, unit) => Expr::bad(e.span),
            ast::ExprKind::Quantity { value, unit } => match self.resolve_unit(unit) {
                Some(resolved) => {
                    self.warn_bits_for_bytes(*value, unit, hint);
                    let ty = Type::Quantity(resolved.dimension);
                    done(ExprKind::Quantity { value: resolved.to_base(*value), unit: resolved }, ty)
                }
                None => Expr::bad(e.span),
            },
            ast::ExprKind::String(text) => done(ExprKind::Text(text.clone()), Type::String),
            ast::ExprKind::Template(parts) => {
                let parts = parts.iter().map(|p| self.template_part(frame, p)).collect();
                done(ExprKind::Template(parts), Type::String)
            }
            ast::ExprKind::Bool(value) => done(ExprKind::Bool(*value), Type::Bool),
            ast::ExprKind::None => done(ExprKind::None, Type::None),
            ast::ExprKind::Name(name) => self.infer_name(frame, name, e.span, hint),
            ast::ExprKind::Field { base, field } => self.infer_field(frame, base, field, e.span),
            ast::ExprKind::Index { base, index } => self.infer_index(frame, base, index, e.span),
            ast::ExprKind::Call { function, arguments, spread } => {
                self.infer_call(frame, function, arguments, *spread, e.span)
            }
            ast::ExprKind::Record { base, body } => {
                self.infer_record(frame, base.as_deref(), body, e.span, hint)
            }
            ast::ExprKind::List(items) => self.infer_list(frame, items, e.span, hint),
            ast::ExprKind::Comprehension { body, variable, list, condition } => {
                self.infer_comprehension(frame, body, variable, list, condition.as_deref(), e.span)
            }
            ast::ExprKind::Range { low, high, step } => {
                self.infer_range(frame, low, high, step.as_deref(), e.span)
            }
            ast::ExprKind::Unary { op: UnaryOp::Not, operand } => {
                let operand = self.check_condition(frame, operand, "the operand of `not`");
                done(ExprKind::Unary { op: UnaryOp::Not, operand: Box::new(operand) }, Type::Bool)
            }
            ast::ExprKind::Unary { op: UnaryOp::Negate, operand } => {
                let operand = self.infer(frame, operand, hint);
                match self.quantity(operand, "`-`") {
                    Some((operand, dimension)) => done(
                        ExprKind::Unary { op: UnaryOp::Negate, operand: Box::new(operand) },
                        Type::Quantity(dimension),
                    ),
                    None => Expr::bad(e.span),
                }
            }
            ast::ExprKind::Binary { op, op_span, left, right } => {
                self.infer_binary(frame, *op, *op_span, left, right, e.span, hint)
            }
            ast::ExprKind::Compare { first, rest } => self.infer_compare(frame, first, rest, e.span),
            ast::ExprKind::Within { value, tolerance, reference } => {
                self.infer_within(frame, value, tolerance, reference, e.span)
            }
            ast::ExprKind::Convert { value, unit } => self.infer_convert(frame, value, unit, e.span),
            ast::ExprKind::If { condition, then, otherwise } => {
                let condition = self.check_condition(frame, condition, "the condition of an `if`");
                let then = self.infer(frame, then, hint);
                let branch = if then.ty == Type::None { hint.cloned() } else { Some(then.ty.clone()) };
                let otherwise = self.infer(frame, otherwise, hint.or(branch.as_ref()));
                let Some(ty) = self.join(&then, &otherwise, "branches of an `if`") else {
                    return Expr::bad(e.span);
                };
                let (condition, then, otherwise) = (Box::new(condition), Box::new(then), Box::new(otherwise));
                done(ExprKind::If { condition, then, otherwise }, ty)
            }
            ast::ExprKind::Match { subject, arms } => self.infer_match(frame, subject, arms, e.span, hint),
            ast::ExprKind::Block { lets, value } => {
                let mark = frame.mark();
                let mut bound = vec![];
                for l in lets {
                    let value = self.check_let_value(frame, l);
                    let slot = self.bind(frame, &l.name, value.ty.clone(), Some(&value));
                    bound.push((slot, value));
                }
                let value = self.infer(frame, value, hint);
                frame.leave(mark);
                let ty = value.ty.clone();
                done(ExprKind::Block { lets: bound, value: Box::new(value) }, ty)
            }
            ast::ExprKind::Iterate { count, variable, start, next } => {
                self.infer_iterate(frame, count, variable, start, next, e.span)
            }
            ast::ExprKind::Query { op, grid, body, .. } => self.infer_query(frame, *op, grid, body, e.span),
            ast::ExprKind::Pick { grid, pick } => self.infer_pick(frame, grid, pick, e.span),
            ast::ExprKind::Extremum { largest, variable, domain, condition } => {
                self.infer_extremum(frame, *largest, variable, domain, condition, e.span)
            }
            ast::ExprKind::Import { path } => self.infer_import(frame, path, e.span),
            ast::ExprKind::Parenthesized(inner) => {
                let inner = self.infer(frame, inner, hint);
                let ty = inner.ty.clone();
                done(ExprKind::Parenthesized(Box::new(inner)), ty)
            }
            ast::ExprKind::Bad => Expr::bad(e.span),
        }
    }

    fn template_part(&mut self, frame: &mut Frame, part: &ast::TemplatePart) -> TemplatePart {
        match part {
            ast::TemplatePart::Text(text) => TemplatePart::Text(text.clone()),
            ast::TemplatePart::Value(e) => TemplatePart::Value(self.infer(frame, e, None)),
        }
    }

    /// A slot for a name bound inside an expression.
    pub(super) fn bind(
        &mut self,
        frame: &mut Frame,
        name: &Name,
        ty: Type,
        value: Option<&Expr>,
    ) -> crate::check::program::LocalId {
        let unit = value.and_then(|v| self.unit_of(&frame.locals, v));
        frame.bind(Local { name: name.text.clone(), doc: "".into(), ty, span: name.span, unit })
    }

    pub(super) fn resolve_unit(&mut self, unit: &ast::UnitExpr) -> Option<ResolvedUnit> {
        self.note_unit(unit);
        match self.program.registry.resolve(unit) {
            Ok(resolved) => Some(resolved),
            Err(error) => {
                // `unit EUR = ..` could not be read: `kEUR` is no mistake.
                let unread = |name: &str| {
                    self.findings.unread.iter().any(|(_, n)| n.len() > 1 && name.ends_with(&**n))
                };
                if !matches!(&error, UnitError::Unknown { name, .. } if unread(name)) {
                    let diagnostic = error.diagnostic(&self.program.registry);
                    self.problems.push(diagnostic);
                }
                None
            }
        }
    }

    /// The operand as a quantity, unwrapped when optional, with its dimension. Reports what is none.
    pub(super) fn quantity(&mut self, e: Expr, operator: &'static str) -> Option<(Expr, Dimension)> {
        let e = self.unwrapped(e);
        match e.ty {
            Type::Quantity(dimension) => Some((e, dimension)),
            Type::Unknown => None,
            _ => {
                let found = self.program.describe(&e.ty);
                self.report(TypeError::NotANumber { span: e.span, found, operator });
                None
            }
        }
    }

    /// An optional's value; anything else as it is.
    pub(super) fn unwrapped(&mut self, e: Expr) -> Expr {
        match e.ty.clone() {
            Type::Optional(inner) => {
                let span = e.span;
                Expr { kind: ExprKind::Unwrap(Box::new(e)), ty: *inner, span }
            }
            _ => e,
        }
    }
}
