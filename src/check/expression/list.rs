//! Lists, ranges, and repetition.

use crate::check::error::TypeError;
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::Name;

/// Steps that `iterate` may unroll to.
const ITERATE_LIMIT: u32 = 64;

impl Checker<'_> {
    pub(super) fn infer_index(
        &mut self,
        frame: &mut Frame,
        base: &ast::Expr,
        index: &ast::Expr,
        span: Span,
    ) -> Expr {
        let base = self.infer(frame, base, None);
        let want = Want { ty: &Type::SCALAR, role: Role::Place("an index") };
        let index = self.check_want(frame, index, &want);
        match base.ty.clone() {
            Type::List(element) => {
                let kind = ExprKind::Index { base: Box::new(base), index: Box::new(index) };
                Expr { kind, ty: *element, span }
            }
            Type::Unknown => Expr::bad(span),
            other => {
                let found = self.program.describe(&other);
                self.report(TypeError::NotAList { span: base.span, found });
                Expr::bad(span)
            }
        }
    }

    pub(super) fn infer_list(
        &mut self,
        frame: &mut Frame,
        items: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let mut hint = match hint {
            Some(Type::List(element)) => Some((**element).clone()),
            _ => None,
        };
        let mut values: Vec<Expr> = vec![];
        let mut ty: Option<Type> = None;
        for item in items {
            let value = self.infer(frame, item, hint.as_ref());
            ty = match (&ty, values.last()) {
                (Some(_), Some(last)) => {
                    let Some(joined) = self.join(last, &value, "items of a list") else {
                        return Expr::bad(span);
                    };
                    Some(joined)
                }
                _ => Some(value.ty.clone()),
            };
            hint = hint.or_else(|| ty.clone());
            values.push(value);
        }
        let ty = Type::List(Box::new(ty.or(hint).unwrap_or(Type::Unknown)));
        Expr { kind: ExprKind::List(values), ty, span }
    }

    pub(super) fn infer_comprehension(
        &mut self,
        frame: &mut Frame,
        body: &ast::Expr,
        variable: &Name,
        list: &ast::Expr,
        condition: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let list = self.infer(frame, list, None);
        let element = match &list.ty {
            Type::List(element) => (**element).clone(),
            Type::Unknown => Type::Unknown,
            other => {
                let found = self.program.describe(other);
                self.report(TypeError::NotAList { span: list.span, found });
                Type::Unknown
            }
        };
        let mark = frame.mark();
        let slot = self.bind(frame, variable, element, None);
        let condition = condition.map(|c| self.check_condition(frame, c, "the condition of a list"));
        let body = self.infer(frame, body, None);
        frame.leave(mark);
        let ty = Type::List(Box::new(body.ty.clone()));
        let kind = ExprKind::Comprehension {
            body: Box::new(body),
            variable: slot,
            list: Box::new(list),
            condition: condition.map(Box::new),
        };
        Expr { kind, ty, span }
    }

    pub(super) fn infer_range(
        &mut self,
        frame: &mut Frame,
        low: &ast::Expr,
        high: &ast::Expr,
        step: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let low = self.infer(frame, low, None);
        let Some((low, dimension)) = self.quantity(low, "a range") else { return Expr::bad(span) };
        let ty = Type::Quantity(dimension);
        let role = Role::Declared { what: "the start of this range".into(), span: low.span };
        let want = Want { ty: &ty, role };
        let high = self.check_want(frame, high, &want);
        let step = step.map(|s| Box::new(self.check_want(frame, s, &want)));
        let kind = ExprKind::Range { low: Box::new(low), high: Box::new(high), step };
        Expr { kind, ty: Type::List(Box::new(ty)), span }
    }

    pub(super) fn infer_iterate(
        &mut self,
        frame: &mut Frame,
        count: &ast::Expr,
        variable: &Name,
        start: &ast::Expr,
        next: &ast::Expr,
        span: Span,
    ) -> Expr {
        let steps = match &count.kind {
            ast::ExprKind::Number(n) if n.fract() == 0.0 && *n >= 1.0 && *n <= f64::from(ITERATE_LIMIT) => {
                *n as u32
            }
            _ => {
                self.report(TypeError::IterateCount { span: count.span, limit: ITERATE_LIMIT });
                1
            }
        };
        let start = self.infer(frame, start, None);
        let start = self.unwrapped(start);
        let ty = start.ty.clone();
        let mark = frame.mark();
        let slot = self.bind(frame, variable, ty.clone(), Some(&start));
        let role = Role::Declared { what: format!("`{}`", variable.text), span: start.span };
        let next = self.check_want(frame, next, &Want { ty: &ty, role });
        frame.leave(mark);
        if next.ty.is_unknown() {
            return Expr::bad(span);
        }
        let kind =
            ExprKind::Iterate { count: steps, variable: slot, start: Box::new(start), next: Box::new(next) };
        Expr { kind, ty, span }
    }
}
