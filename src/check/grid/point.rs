//! The point of a grid: its fields are names in conditions on it.

use crate::check::error::SweepError;
use crate::check::names::ScopeId;
use crate::check::program::{Expr, ExprKind, Local, LocalId, SweepId, Type};
use crate::check::{Checker, Frame, Point};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    /// Makes the fields of a point names; the point itself is a slot.
    pub(in crate::check) fn enter_point(&self, frame: &mut Frame, point: &Type, span: Span) -> LocalId {
        let local = Local { name: "point".into(), doc: "".into(), ty: point.clone(), span, unit: None };
        let slot = frame.slot(local);
        frame.point = Some(Point { ty: point.clone(), slot, axes: None, condition: false });
        slot
    }

    /// A frame in which the fields of a point are names. The point itself is local 0.
    pub(in crate::check) fn point_frame(&self, scope: ScopeId, point: &Type) -> Frame {
        let mut frame = Frame::new(scope);
        let span = Span::new(self.scopes[scope.index()].file, 0, 0);
        self.enter_point(&mut frame, point, span);
        frame
    }

    pub(in crate::check) fn point_condition(&mut self, scope: ScopeId, point: &Type, e: &ast::Expr) -> Expr {
        let mut frame = self.point_frame(scope, point);
        if let Some(point) = &mut frame.point {
            point.condition = true;
        }
        self.check_condition(&mut frame, e, "the condition of a grid")
    }

    /// A name that is a field, input or output of the point.
    pub(in crate::check) fn point_name(&mut self, frame: &Frame, name: &str, span: Span) -> Option<Expr> {
        let Point { ty: point, slot, axes, .. } = frame.point.as_ref()?;
        let base = Box::new(Expr { kind: ExprKind::Local(*slot), ty: point.clone(), span });
        match point {
            Type::Solve(id) => {
                let solver = self.program.solver(*id);
                let slot = solver.slot(name).filter(|s| axes.is_none() || s.index() < solver.inputs)?;
                let Local { ty, span: at, .. } = solver.locals[slot.index()].clone();
                self.mark_used(at);
                self.note_name(span, at);
                Some(Expr { kind: ExprKind::Slot { base, slot }, ty, span })
            }
            Type::Record(id) => {
                let (field, _, declared) = self.program.ty(*id).fields.get_full(name)?;
                let (ty, at) = (declared.ty.clone(), declared.span);
                self.mark_used(at);
                self.note_name(span, at);
                Some(Expr { kind: ExprKind::Field { base, field: field as u32 }, ty, span })
            }
            _ => None,
        }
    }

    pub(in crate::check) fn point_type(&self, id: SweepId) -> Type {
        self.program.sweep(id).base.ty.clone()
    }

    /// A number at each point.
    pub(in crate::check) fn point_number(
        &mut self,
        scope: ScopeId,
        point: &Type,
        e: &ast::Expr,
    ) -> Option<Expr> {
        let mut inner = self.point_frame(scope, point);
        let e = self.infer(&mut inner, e, None);
        self.quantity(e, "a search").map(|(e, _)| e)
    }

    /// The sweep behind a grid; reports what is none.
    pub(in crate::check) fn grid_of(&mut self, e: &Expr) -> Option<SweepId> {
        match &e.ty {
            Type::Grid(id) => Some(*id),
            Type::Unknown => None,
            other => {
                let found = self.program.describe(other);
                self.report(SweepError::NotAGrid { span: e.span, found });
                None
            }
        }
    }
}
