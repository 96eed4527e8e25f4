//! What is asked of the points of a grid: conditions, the best of them, columns.

use crate::check::error::{RecordError, SweepError};
use crate::check::names::ScopeId;
use crate::check::program::{Expr, ExprKind, Goal, Pick, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::{Name, QueryOp};

impl Checker<'_> {
    pub(in crate::check) fn infer_query(
        &mut self,
        frame: &mut Frame,
        op: QueryOp,
        grid: &ast::Expr,
        body: &ast::Expr,
        span: Span,
    ) -> Expr {
        let grid = self.infer(frame, grid, None);
        let Some(id) = self.grid_of(&grid) else { return Expr::bad(span) };
        let point = self.point_type(id);
        if op == QueryOp::Where {
            let condition = self.point_condition(frame.scope, &point, body);
            if condition.ty.is_unknown() {
                return Expr::bad(span);
            }
            let kind = ExprKind::Filter { grid: Box::new(grid), condition: Box::new(condition) };
            return Expr { kind, ty: Type::Grid(id), span };
        }
        let Some(body) = self.point_number(frame.scope, &point, body) else { return Expr::bad(span) };
        let goal = if op == QueryOp::Minimize { Goal::Minimize } else { Goal::Maximize };
        let kind = ExprKind::Best { grid: Box::new(grid), goal, body: Box::new(body) };
        Expr { kind, ty: point, span }
    }

    pub(in crate::check) fn infer_pick(
        &mut self,
        frame: &mut Frame,
        grid: &ast::Expr,
        pick: &ast::Pick,
        span: Span,
    ) -> Expr {
        let grid = self.infer(frame, grid, None);
        let Some(id) = self.grid_of(&grid) else { return Expr::bad(span) };
        let point = self.point_type(id);
        let scope = frame.scope;
        let goal = |most| if most { Goal::Maximize } else { Goal::Minimize };
        let pick = match pick {
            ast::Pick::Top { count, least, by } => {
                let want = Want { ty: &Type::SCALAR, role: Role::Place("a number of points") };
                let count = self.check_want(frame, count, &want);
                let Some(by) = self.point_number(scope, &point, by) else { return Expr::bad(span) };
                if count.ty.is_unknown() {
                    return Expr::bad(span);
                }
                Pick::Top { count: Box::new(count), goal: goal(!least), by: Box::new(by) }
            }
            ast::Pick::Sort { by } => match self.point_number(scope, &point, by) {
                Some(by) => Pick::Sort { by: Box::new(by) },
                None => return Expr::bad(span),
            },
            ast::Pick::Pareto(goals) => {
                let goals: Vec<(Goal, Option<Expr>)> = goals
                    .iter()
                    .map(|(most, e)| (goal(*most), self.point_number(scope, &point, e)))
                    .collect();
                match goals.into_iter().map(|(goal, e)| Some((goal, e?))).collect() {
                    Some(goals) => Pick::Pareto(goals),
                    None => return Expr::bad(span),
                }
            }
        };
        Expr { kind: ExprKind::Pick { grid: Box::new(grid), pick }, ty: Type::Grid(id), span }
    }

    /// `grid.latency`, `grid.system.hardware.name`: a column.
    pub(in crate::check) fn grid_field(
        &mut self,
        frame: &Frame,
        base: Expr,
        field: &Name,
        span: Span,
    ) -> Option<Expr> {
        let (id, body, grid) = match (base.ty.clone(), base.kind) {
            (Type::Grid(id), kind) => {
                let inner = self.point_frame(frame.scope, &self.point_type(id));
                let Some(body) = self.point_name(&inner, &field.text, field.span) else {
                    let ty = self.point_type(id);
                    self.report_unknown_field(field, ty);
                    return None;
                };
                (id, body, Expr { kind, ty: Type::Grid(id), span: base.span })
            }
            (Type::Column(id, _), ExprKind::Column { grid, body }) => {
                let Type::Record(record) = body.ty.required().clone() else {
                    let found = self.program.describe(&body.ty);
                    self.report(RecordError::NoFields { span: field.span, name: field.text.clone(), found });
                    return None;
                };
                let Some((index, _, declared)) = self.program.ty(record).fields.get_full(&field.text) else {
                    self.report_unknown_field(field, Type::Record(record));
                    return None;
                };
                let (ty, at) = (declared.ty.clone(), declared.span);
                self.mark_used(at);
                self.note_name(field.span, at);
                let kind = ExprKind::Field { base: Box::new(self.unwrapped(*body)), field: index as u32 };
                (id, Expr { kind, ty, span }, *grid)
            }
            _ => return None,
        };
        let ty = Type::Column(id, Box::new(body.ty.clone()));
        Some(Expr { kind: ExprKind::Column { grid: Box::new(grid), body: Box::new(body) }, ty, span })
    }

    /// `assert all GRID: CONDITION`
    pub(in crate::check) fn check_over(
        &mut self,
        scope: ScopeId,
        grid: &ast::Expr,
        e: &ast::Expr,
    ) -> Option<(Expr, Expr)> {
        let mut frame = Frame::new(scope);
        let grid = self.infer(&mut frame, grid, None);
        let id = self.grid_of(&grid)?;
        let point = self.point_type(id);
        let condition = self.point_condition(scope, &point, e);
        (!condition.ty.is_unknown()).then_some((grid, condition))
    }

    pub(in crate::check) fn infer_extremum(
        &mut self,
        frame: &mut Frame,
        largest: bool,
        variable: &Name,
        domain: &ast::Expr,
        condition: &ast::Expr,
        span: Span,
    ) -> Expr {
        let domain = self.infer(frame, domain, None);
        let ExprKind::Range { low, high, step } = domain.kind else {
            if !domain.ty.is_unknown() {
                self.report(SweepError::SearchNeedsRange { span: domain.span });
            }
            return Expr::bad(span);
        };
        let ty = low.ty.clone();
        let mark = frame.mark();
        let slot = self.bind(frame, variable, ty.clone(), Some(&low));
        let condition = self.check_condition(frame, condition, "the condition of a search");
        frame.leave(mark);
        if condition.ty.is_unknown() {
            return Expr::bad(span);
        }
        let condition = Box::new(condition);
        Expr { kind: ExprKind::Extremum { largest, variable: slot, low, high, step, condition }, ty, span }
    }
}
