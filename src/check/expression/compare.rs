//! Comparisons.

use crate::check::error::TypeError;
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::statement::constant;
use crate::check::{Checker, Frame};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::CompareOp;

impl Checker<'_> {
    pub(super) fn infer_compare(
        &mut self,
        frame: &mut Frame,
        first: &ast::Expr,
        rest: &[(CompareOp, Span, ast::Expr)],
        span: Span,
    ) -> Expr {
        // A bare name may be an enum member, which only the other side can tell.
        let later = rest.first().map(|(_, _, e)| e);
        let mut left = match later {
            Some(right) if self.is_open_name(frame, first) && !self.is_open_name(frame, right) => {
                let ty = self.infer(frame, right, None).ty;
                self.infer(frame, first, Some(&ty))
            }
            _ => self.infer(frame, first, None),
        };
        left = self.unwrapped(left);
        let (head, mut checked, mut ok) = (left.clone(), vec![], !left.ty.is_unknown());
        for (op, op_span, right) in rest {
            let hint = left.ty.clone();
            let right = self.infer(frame, right, Some(&hint));
            let right = self.unwrapped(right);
            ok &= self.comparable(frame, *op, *op_span, &left, &right);
            self.warn_same_sides(&left, &right);
            checked.push((*op, right.clone()));
            left = right;
        }
        if !ok {
            return Expr::bad(span);
        }
        Expr { kind: ExprKind::Compare { first: Box::new(head), rest: checked }, ty: Type::Bool, span }
    }

    /// Reports `grid.latency < 5 ms`, and writes what was meant.
    fn report_points(&mut self, column: &Expr, (left, right): (&Expr, &Expr), op: CompareOp) -> bool {
        let text = |e: &Expr| self.sources.text(e.span).to_string();
        let written = text(column);
        let (grid, field) = written.split_once('.').unwrap_or(("GRID", "FIELD"));
        let side = |e: &Expr| if e.span == column.span { field.to_string() } else { text(e) };
        let condition = format!("{} {} {}", side(left), compare_name(op).trim_matches('`'), side(right));
        let grid = grid.to_string();
        self.report(TypeError::PointsCompared { span: column.span, grid, condition });
        false
    }

    /// Warns where a value is compared with itself. Two numbers written out may well be the same.
    fn warn_same_sides(&mut self, left: &Expr, right: &Expr) {
        let text = |e: &Expr| self.sources.text(e.span).split_whitespace().collect::<Vec<_>>().join(" ");
        let side = text(left);
        let written = left.is_literal() || constant(left).is_some() || left.ty.is_unknown();
        if !written && side == text(right) && !self.sources.is_library(left.span) {
            self.report(TypeError::SameSides { span: left.span, side, other: right.span });
        }
    }

    fn comparable(&mut self, frame: &Frame, op: CompareOp, op_span: Span, left: &Expr, right: &Expr) -> bool {
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        match (&left.ty, &right.ty) {
            (Type::Unknown, _) | (_, Type::Unknown) => false,
            (Type::Quantity(a), Type::Quantity(b)) if a == b => {
                if equality && !is_whole(left) && !is_whole(right) && !self.sources.is_library(op_span) {
                    self.report(TypeError::FloatEquality {
                        span: op_span,
                        left: self.sources.text(left.span).into(),
                        right: self.sources.text(right.span).into(),
                        negated: op == CompareOp::NotEqual,
                    });
                }
                true
            }
            (a, b) if equality && a == b && matches!(a, Type::Bool | Type::String | Type::Enum(_)) => true,
            (Type::Quantity(_), Type::Quantity(_)) => {
                self.report_operands(frame, compare_name(op), op_span, left, right);
                false
            }
            (Type::Column(..), _) => self.report_points(left, (left, right), op),
            (_, Type::Column(..)) => self.report_points(right, (left, right), op),
            (a, b) => {
                let (a, b) = (self.program.describe(a), self.program.describe(b));
                self.report(TypeError::NotComparable {
                    span: op_span,
                    left: (left.span, a),
                    right: (right.span, b),
                    equality,
                });
                false
            }
        }
    }

    pub(super) fn infer_within(
        &mut self,
        frame: &mut Frame,
        value: &ast::Expr,
        tolerance: &ast::Expr,
        reference: &ast::Expr,
        span: Span,
    ) -> Expr {
        let value = self.infer(frame, value, None);
        let value = self.quantity(value, "`within`");
        let tolerance = self.infer(frame, tolerance, None);
        let tolerance = self.quantity(tolerance, "`within`");
        let reference = self.infer(frame, reference, None);
        let reference = self.quantity(reference, "`within`");
        let (Some((value, a)), Some((tolerance, t)), Some((reference, b))) = (value, tolerance, reference)
        else {
            return Expr::bad(span);
        };
        if a != b {
            self.report_operands(frame, "`within`", tolerance.span, &value, &reference);
            return Expr::bad(span);
        }
        let relative = t.is_scalar();
        if !relative && t != a {
            self.report_operands(frame, "the tolerance of `within`", tolerance.span, &tolerance, &reference);
            return Expr::bad(span);
        }
        let (value, tolerance, reference) = (Box::new(value), Box::new(tolerance), Box::new(reference));
        Expr { kind: ExprKind::Within { value, tolerance, relative, reference }, ty: Type::Bool, span }
    }
}

/// A written whole number: comparing a count with one by `==` is fine.
fn is_whole(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(v) => v.fract() == 0.0,
        ExprKind::Quantity { unit, value } => unit.in_unit(*value).fract() == 0.0,
        ExprKind::Parenthesized(inner) => is_whole(inner),
        ExprKind::Unary { operand, .. } => is_whole(operand),
        _ => false,
    }
}

fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Less => "`<`",
        CompareOp::LessEqual => "`<=`",
        CompareOp::Greater => "`>`",
        CompareOp::GreaterEqual => "`>=`",
        CompareOp::Equal => "`==`",
        CompareOp::NotEqual => "`!=`",
    }
}
