//! Sweeps and what is asked of their points.

use super::error::CheckError;
use super::names::ScopeId;
use super::program::{
    Aggregate, Entity, Expr, ExprKind, Global, GlobalId, GlobalKind, Goal, Local, LocalId, Sweep, SweepAxis,
    SweepId, Type,
};
use super::{Checker, Frame, Want};
use crate::source::Span;
use crate::syntax::ast::{self, Item, Name, QueryOp};

/// Axes of one sweep.
const AXIS_LIMIT: usize = 16;

impl Checker<'_> {
    pub(super) fn check_sweep(&mut self, scope: ScopeId, item: &Item, sweep: &ast::Sweep) -> Entity {
        let mut frame = Frame::new(scope);
        let base = self.infer(&mut frame, &sweep.base, None);
        match &base.ty {
            Type::Solve(_) | Type::Record(_) => {}
            Type::Unknown => return Entity::Unknown,
            other => {
                let found = self.program.describe(other);
                self.report(CheckError::NotSweepable { span: base.span, found });
                return Entity::Unknown;
            }
        }
        if sweep.axes.len() > AXIS_LIMIT || sweep.axes.is_empty() {
            self.report(CheckError::AxisCount {
                span: sweep.name.span,
                found: sweep.axes.len(),
                limit: AXIS_LIMIT,
            });
            return Entity::Unknown;
        }
        let mut axes: Vec<SweepAxis> = vec![];
        for axis in &sweep.axes {
            let Some((path, ty, role)) = self.resolve_path(&base.ty, &axis.path) else { continue };
            let name: Vec<&str> = axis.path.iter().map(|n| &*n.text).collect();
            let span = axis.path[0].span.to(axis.path[axis.path.len() - 1].span);
            if let Some(first) = axes.iter().find(|a| a.path == path) {
                let first = first.span;
                self.report(CheckError::DuplicateField { path: name.join("."), span, first });
                continue;
            }
            let list = Type::List(Box::new(ty.clone()));
            let values = self.check_want(&mut frame, &axis.values, &Want { ty: &list, role });
            axes.push(SweepAxis { name: name.join("."), path, values, ty, span });
        }
        let ty = base.ty.clone();
        let condition = sweep.condition.as_ref().map(|c| self.point_condition(scope, &ty, c));
        let id = SweepId(self.program.sweeps.len() as u32);
        self.program.sweeps.push(Sweep {
            name: sweep.name.text.clone(),
            base,
            axes,
            condition,
            locals: frame.locals,
            span: sweep.name.span,
        });
        let value = Expr { kind: ExprKind::Sweep(id), ty: Type::Grid(id), span: item.span };
        let global = GlobalId(self.program.globals.len() as u32);
        self.program.globals.push(Global {
            name: sweep.name.text.clone(),
            kind: GlobalKind::Sweep,
            doc: item.doc.clone(),
            ty: Type::Grid(id),
            value,
            locals: vec![],
            span: sweep.name.span,
            unit: None,
            scenario: self.scopes[scope.index()].scenario.clone(),
        });
        Entity::Value(global)
    }

    /// A frame in which the fields of a point are names. The point itself is local 0.
    fn point_frame(&self, scope: ScopeId, point: &Type) -> Frame {
        let mut frame = Frame::new(scope);
        let span = Span::new(self.scopes[scope.index()].file, 0, 0);
        frame.slot(Local { name: "point".into(), doc: "".into(), ty: point.clone(), span, unit: None });
        frame.point = Some(point.clone());
        frame
    }

    fn point_condition(&mut self, scope: ScopeId, point: &Type, e: &ast::Expr) -> Expr {
        let mut frame = self.point_frame(scope, point);
        self.check_condition(&mut frame, e, "the condition of a grid")
    }

    /// A name that is a field, input or output of the point.
    pub(super) fn point_name(&mut self, frame: &Frame, name: &str, span: Span) -> Option<Expr> {
        let point = frame.point.clone()?;
        let base = Box::new(Expr { kind: ExprKind::Local(LocalId(0)), ty: point.clone(), span });
        match &point {
            Type::Solve(id) => {
                let solver = self.program.solver(*id);
                let slot = solver.slot(name)?;
                let ty = solver.locals[slot.index()].ty.clone();
                Some(Expr { kind: ExprKind::Slot { base, slot }, ty, span })
            }
            Type::Record(id) => {
                let (field, _, declared) = self.program.ty(*id).fields.get_full(name)?;
                let ty = declared.ty.clone();
                Some(Expr { kind: ExprKind::Field { base, field: field as u32 }, ty, span })
            }
            _ => None,
        }
    }

    fn point_type(&self, id: SweepId) -> Type {
        self.program.sweep(id).base.ty.clone()
    }

    pub(super) fn infer_query(
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
        let mut inner = self.point_frame(frame.scope, &point);
        let body = self.infer(&mut inner, body, None);
        let Some((body, _)) = self.quantity(body, "a search") else { return Expr::bad(span) };
        let goal = if op == QueryOp::Minimize { Goal::Minimize } else { Goal::Maximize };
        let kind = ExprKind::Best { grid: Box::new(grid), goal, body: Box::new(body) };
        Expr { kind, ty: point, span }
    }

    /// The sweep behind a grid; reports what is none.
    fn grid_of(&mut self, e: &Expr) -> Option<SweepId> {
        match &e.ty {
            Type::Grid(id) => Some(*id),
            Type::Unknown => None,
            other => {
                let found = self.program.describe(other);
                self.report(CheckError::NotAGrid { span: e.span, found });
                None
            }
        }
    }

    /// `grid.latency`, `grid.system.hardware.name`: a column.
    pub(super) fn grid_field(&mut self, frame: &Frame, base: Expr, field: &Name, span: Span) -> Option<Expr> {
        let (id, body, grid) = match (base.ty.clone(), base.kind) {
            (Type::Grid(id), kind) => {
                let inner = self.point_frame(frame.scope, &self.point_type(id));
                let Some(body) = self.point_name(&inner, &field.text, field.span) else {
                    let ty = self.point_type(id);
                    self.report(CheckError::UnknownField { name: field.text.clone(), span: field.span, ty });
                    return None;
                };
                (id, body, Expr { kind, ty: Type::Grid(id), span: base.span })
            }
            (Type::Column(id, _), ExprKind::Column { grid, body }) => {
                let Type::Record(record) = body.ty.required().clone() else {
                    let found = self.program.describe(&body.ty);
                    self.report(CheckError::NoFields { span: field.span, name: field.text.clone(), found });
                    return None;
                };
                let Some((index, _, declared)) = self.program.ty(record).fields.get_full(&field.text) else {
                    let ty = Type::Record(record);
                    self.report(CheckError::UnknownField { name: field.text.clone(), span: field.span, ty });
                    return None;
                };
                let ty = declared.ty.clone();
                let kind = ExprKind::Field { base: Box::new(self.unwrapped(*body)), field: index as u32 };
                (id, Expr { kind, ty, span }, *grid)
            }
            _ => return None,
        };
        let ty = Type::Column(id, Box::new(body.ty.clone()));
        Some(Expr { kind: ExprKind::Column { grid: Box::new(grid), body: Box::new(body) }, ty, span })
    }

    /// `count(grid)`, `max(grid.latency)`: `None` when the argument is neither grid nor column.
    pub(super) fn infer_aggregate(
        &mut self,
        frame: &mut Frame,
        function: &Name,
        argument: &ast::Expr,
        span: Span,
    ) -> Option<Expr> {
        let kind = match &*function.text {
            "count" | "len" => Aggregate::Count,
            "sum" => Aggregate::Sum,
            "mean" => Aggregate::Mean,
            "min" => Aggregate::Min,
            "max" => Aggregate::Max,
            _ => return None,
        };
        if !may_be_grid(argument) {
            return None;
        }
        let column = self.infer(frame, argument, None);
        let ty = match (&column.ty, kind) {
            (Type::Grid(_) | Type::Column(..), Aggregate::Count) => Type::SCALAR,
            (Type::Column(_, inner), _) => match inner.required() {
                Type::Quantity(d) => Type::Quantity(*d),
                _ => {
                    let found = self.program.describe(inner);
                    self.report(CheckError::NotANumber {
                        span: column.span,
                        found,
                        operator: "this function",
                    });
                    return Some(Expr::bad(span));
                }
            },
            (Type::Grid(_), _) => {
                self.report(CheckError::GridNeedsColumn {
                    span: column.span,
                    function: function.text.clone(),
                });
                return Some(Expr::bad(span));
            }
            _ => return None,
        };
        let column = Box::new(column);
        Some(Expr { kind: ExprKind::Aggregate { kind, column, argument: None }, ty, span })
    }

    /// `assert all GRID: CONDITION`
    pub(super) fn check_over(
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

    pub(super) fn infer_extremum(
        &mut self,
        frame: &mut Frame,
        largest: bool,
        variable: &Name,
        (domain, condition): (&ast::Expr, &ast::Expr),
        span: Span,
    ) -> Expr {
        let domain = self.infer(frame, domain, None);
        let ExprKind::Range { low, high, step } = domain.kind else {
            if !domain.ty.is_unknown() {
                self.report(CheckError::SearchNeedsRange { span: domain.span });
            }
            return Expr::bad(span);
        };
        let ty = low.ty.clone();
        let dimensioned = matches!(&ty, Type::Quantity(d) if !d.is_scalar());
        if dimensioned && step.is_none() {
            self.report(CheckError::SearchNeedsStep { span: domain.span });
            return Expr::bad(span);
        }
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

/// Spares other calls a second look at their argument.
fn may_be_grid(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Name(_) | ast::ExprKind::Query { .. } => true,
        ast::ExprKind::Field { base, .. } => may_be_grid(base),
        ast::ExprKind::Parenthesized(inner) => may_be_grid(inner),
        _ => false,
    }
}
