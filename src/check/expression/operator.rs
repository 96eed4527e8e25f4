//! Operators: arithmetic, fallbacks and conversion.

use crate::check::error::{DimensionError, Mistake, TypeError};
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::statement::constant;
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::BinaryOp;
use crate::units::dimension::Dimension;

impl Checker<'_> {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn infer_binary(
        &mut self,
        frame: &mut Frame,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let done = |left, right, ty| {
            let kind = ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) };
            Expr { kind, ty, span }
        };
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let place = if op == BinaryOp::And { "an operand of `and`" } else { "an operand of `or`" };
                let left = self.check_condition(frame, left, place);
                let right = self.check_condition(frame, right, place);
                return done(left, right, Type::Bool);
            }
            BinaryOp::Else => return self.infer_else(frame, left, right, span, hint),
            _ => {}
        }
        let left = self.infer(frame, left, None);
        let right = self.infer(frame, right, None);
        let name = match op {
            BinaryOp::Add => "`+`",
            BinaryOp::Subtract => "`-`",
            BinaryOp::Multiply => "`*`",
            BinaryOp::Divide => "`/`",
            _ => "`^`",
        };
        let (left, right) = (self.quantity(left, name), self.quantity(right, name));
        let (Some((left, a)), Some((right, b))) = (left, right) else { return Expr::bad(span) };
        let dimension = match op {
            BinaryOp::Add | BinaryOp::Subtract if a == b => Ok(a),
            BinaryOp::Add | BinaryOp::Subtract => {
                self.report_operands(frame, name, op_span, &left, &right);
                return Expr::bad(span);
            }
            BinaryOp::Multiply => a.multiply(b),
            BinaryOp::Divide => a.divide(b),
            _ => match self.power_dimension(&left, a, &right, b) {
                Some(result) => result,
                None => return Expr::bad(span),
            },
        };
        match dimension {
            Ok(dimension) => done(left, right, Type::Quantity(dimension)),
            Err(_) => {
                self.report(DimensionError::ExponentRange { span });
                Expr::bad(span)
            }
        }
    }

    /// A power of a quantity needs an exponent that is known now, as a fraction; of a plain number any will do.
    fn power_dimension(
        &mut self,
        base: &Expr,
        dimension: Dimension,
        exponent: &Expr,
        of_exponent: Dimension,
    ) -> Option<Result<Dimension, crate::units::dimension::ExponentError>> {
        if !of_exponent.is_scalar() {
            let found = self.program.registry.describe(of_exponent);
            self.report(DimensionError::ExponentNotPlain { span: exponent.span, found });
            return None;
        }
        if dimension.is_scalar() {
            return Some(Ok(dimension));
        }
        let fraction = constant(exponent).and_then(as_fraction);
        let Some((numerator, denominator)) = fraction else {
            let found = self.program.registry.describe(dimension);
            self.report(DimensionError::ExponentNotKnown { span: exponent.span, base: base.span, found });
            return None;
        };
        Some(dimension.power(numerator, denominator))
    }

    /// `optional ?? fallback`
    fn infer_else(
        &mut self,
        frame: &mut Frame,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let left = self.infer(frame, left, hint);
        let inner = match &left.ty {
            Type::Optional(inner) => (**inner).clone(),
            Type::None => Type::Unknown,
            Type::Unknown => {
                self.infer(frame, right, hint);
                return Expr::bad(span);
            }
            other => {
                if !self.sources.is_library(span) {
                    self.report(TypeError::NeverAbsent { span: left.span });
                }
                other.clone()
            }
        };
        let hint = if inner.is_unknown() { hint.cloned() } else { Some(inner.clone()) };
        let right = self.infer(frame, right, hint.as_ref());
        let optional = matches!(right.ty, Type::Optional(_) | Type::None);
        let role = Role::Declared { what: "the value before `??`".into(), span: left.span };
        let inner = if inner.is_unknown() { right.ty.required().clone() } else { inner };
        let wanted = if optional { inner.clone().optional() } else { inner };
        let right = self.coerce(frame, right, &Want { ty: &wanted, role });
        if right.ty.is_unknown() {
            return Expr::bad(span);
        }
        let kind = ExprKind::Binary { op: BinaryOp::Else, left: Box::new(left), right: Box::new(right) };
        Expr { kind, ty: wanted, span }
    }

    pub(super) fn infer_convert(
        &mut self,
        frame: &mut Frame,
        value: &ast::Expr,
        unit: &ast::UnitExpr,
        span: Span,
    ) -> Expr {
        let value = self.infer(frame, value, None);
        let resolved = self.resolve_unit(unit);
        let (Some((value, dimension)), Some(resolved)) = (self.quantity(value, "`to`"), resolved) else {
            return Expr::bad(span);
        };
        if dimension != resolved.dimension {
            let found = self.program.registry.describe(dimension);
            let wanted = self.program.registry.describe(resolved.dimension);
            let mistake = DimensionError::CannotConvert { span: value.span, found, unit: unit.span, wanted };
            let told = mistake.diagnostic(self);
            let written = self.sources.text(unit.span);
            let told = if dimension.is_scalar() { self.at_its_let_with(told, &value, written) } else { told };
            self.problems.push(told);
            return Expr::bad(span);
        }
        let kind = ExprKind::Convert { value: Box::new(value), unit: resolved };
        Expr { kind, ty: Type::Quantity(dimension), span }
    }
}

/// A number as a fraction with a small denominator.
fn as_fraction(x: f64) -> Option<(i32, i32)> {
    (1..=12).find_map(|d| {
        let n = x * f64::from(d);
        let close = (n - n.round()).abs() < 1e-9 && n.abs() < 1e6;
        close.then_some((n.round() as i32, d))
    })
}
