//! `sweep` and `optimize`: axes, what they read of the point, and which of them advance together.

use crate::check::error::{RecordError, SweepError};
use crate::check::names::ScopeId;
use crate::check::program::{
    Entity, Expr, ExprKind, Global, GlobalId, GlobalKind, Goal, LocalId, Sweep, SweepAxis, SweepId, Type,
};
use crate::check::{Checker, Frame, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::Item;

/// Axes of one sweep.
const AXIS_LIMIT: usize = 64;

impl Checker<'_> {
    pub(in crate::check) fn check_sweep(
        &mut self,
        scope: ScopeId,
        item: &Item,
        sweep: &ast::Sweep,
    ) -> Entity {
        let mut frame = Frame::new(scope);
        let base = self.infer(&mut frame, &sweep.base, None);
        match &base.ty {
            Type::Solve(_) | Type::Record(_) => {}
            Type::Unknown => return Entity::Unknown,
            other => {
                let found = self.program.describe(other);
                self.report(SweepError::NotSweepable { span: base.span, found });
                return Entity::Unknown;
            }
        }
        if sweep.axes.len() > AXIS_LIMIT || sweep.axes.is_empty() {
            self.report(SweepError::AxisCount {
                span: sweep.name.span,
                found: sweep.axes.len(),
                limit: AXIS_LIMIT,
            });
            return Entity::Unknown;
        }
        let point = self.enter_point(&mut frame, &base.ty, base.span);
        let mut axes: Vec<SweepAxis> = vec![];
        // The zip that each axis stands in.
        let mut zips: Vec<Option<Span>> = vec![];
        for axis in &sweep.axes {
            let Some((path, ty, role)) = self.resolve_path(&base.ty, &axis.path) else { continue };
            let name: Vec<&str> = axis.path.iter().map(|n| &*n.text).collect();
            let name = name.join(".");
            let span = axis.path[0].span.to(axis.path[axis.path.len() - 1].span);
            if let Some(first) = axes.iter().find(|a| a.path.starts_with(&path)) {
                let first_span = first.span;
                match first.path == path {
                    true => self.report(RecordError::DuplicateField { path: name, span, first: first_span }),
                    false => {
                        let inner = first.name.clone();
                        self.report(SweepError::AxisReplaces { name, span, inner, first: first_span });
                    }
                }
                continue;
            }
            let list = Type::List(Box::new(ty.clone()));
            if let Some(point) = &mut frame.point {
                point.axes = Some(sweep.axes[..zips.len()].iter().map(|a| a.path[0].text.clone()).collect());
            }
            let values = self.check_want(&mut frame, &axis.values, &Want { ty: &list, role });
            let mut read = vec![];
            point_reads(&values, point, &mut read);
            let touched = |a: &SweepAxis| read.iter().any(|r| self.touches(&base.ty, r, &a.path));
            let reads = (0..axes.len()).filter(|i| touched(&axes[*i])).collect();
            let first = zips.iter().position(|z| axis.zip.is_some() && *z == axis.zip);
            zips.push(axis.zip);
            let (group, step) = (axes.len(), first.unwrap_or(axes.len()));
            axes.push(SweepAxis { name, path, values, ty, span, group, step, reads });
        }
        self.report_reads_in_zip(&axes);
        join(&mut axes);
        let ty = base.ty.clone();
        let condition = sweep.condition.as_ref().map(|c| self.point_condition(scope, &ty, c));
        let id = SweepId(self.program.sweeps.len() as u32);
        self.program.sweeps.push(Sweep {
            name: sweep.name.text.clone(),
            base,
            axes,
            point,
            condition,
            locals: frame.locals,
            span: sweep.name.span,
        });
        let value = match &sweep.optimum {
            None => Expr { kind: ExprKind::Sweep(id), ty: Type::Grid(id), span: item.span },
            Some(optimum) => {
                let Some(body) = self.point_number(scope, &ty, &optimum.body) else { return Entity::Unknown };
                let goal = if optimum.maximize { Goal::Maximize } else { Goal::Minimize };
                let kind = ExprKind::Optimize { sweep: id, goal, body: Box::new(body), seed: optimum.seed };
                Expr { kind, ty, span: item.span }
            }
        };
        let kind = match &value.ty {
            Type::Grid(_) => GlobalKind::Sweep,
            Type::Solve(_) => GlobalKind::Solve,
            _ => GlobalKind::Record,
        };
        let global = GlobalId(self.program.globals.len() as u32);
        self.program.globals.push(Global {
            name: sweep.name.text.clone(),
            kind,
            doc: item.doc.clone(),
            ty: value.ty.clone(),
            value,
            locals: vec![],
            span: sweep.name.span,
            unit: None,
            scenario: self.scopes[scope.index()].scenario.clone(),
        });
        Entity::Value(global)
    }

    /// True when the value at `read` may change with the one at `axis`: both are paths in a value of type `ty`.
    fn touches(&self, ty: &Type, read: &[u32], axis: &[u32]) -> bool {
        let (Some((r, rest)), Some((a, further))) = (read.split_first(), axis.split_first()) else {
            return true;
        };
        if r == a {
            return self.slot_type(ty, *r).is_none_or(|inner| self.touches(&inner, rest, further));
        }
        self.default_reads(ty, *r).contains(a)
    }

    fn slot_type(&self, ty: &Type, slot: u32) -> Option<Type> {
        match ty.required() {
            Type::Solve(id) => self.program.solver(*id).locals.get(slot as usize).map(|l| l.ty.clone()),
            Type::Record(id) => {
                self.program.ty(*id).fields.get_index(slot as usize).map(|(_, f)| f.ty.clone())
            }
            _ => None,
        }
    }

    /// The fields or inputs that the default of one may read, itself included; of an output, all inputs.
    fn default_reads(&self, ty: &Type, slot: u32) -> Vec<u32> {
        if let Type::Solve(id) = ty.required()
            && slot as usize >= self.program.solver(*id).inputs
        {
            return (0..self.program.solver(*id).inputs as u32).collect();
        }
        let mut found = vec![slot];
        let mut at = 0;
        while let Some(slot) = found.get(at).copied() {
            at += 1;
            let default = match ty.required() {
                Type::Solve(id) => {
                    self.program.solver(*id).defaults.get(slot as usize).and_then(Option::as_ref)
                }
                Type::Record(id) => {
                    let field = self.program.ty(*id).fields.get_index(slot as usize);
                    field.and_then(|(_, f)| f.default.as_ref())
                }
                _ => None,
            };
            let mut locals = vec![];
            if let Some(default) = default {
                crate::check::statement::locals_of(default, &mut locals);
            }
            locals.into_iter().map(|l| l.0).for_each(|l| {
                if !found.contains(&l) {
                    found.push(l);
                }
            });
        }
        found
    }

    /// Axes that advance together have their values side by side: none can depend on another.
    fn report_reads_in_zip(&mut self, axes: &[SweepAxis]) {
        for axis in axes {
            if let Some(read) = axis.reads.iter().map(|r| &axes[*r]).find(|r| r.step == axis.step) {
                let (read, other) = (read.name.clone(), read.span);
                let (name, span) = (axis.name.clone(), axis.values.span);
                self.report(SweepError::ZipReads { name, span, read, other });
            }
        }
    }
}

/// The paths of the point that an expression reads.
fn point_reads(e: &Expr, point: LocalId, found: &mut Vec<Vec<u32>>) {
    if let Some(path) = point_path(e, point) {
        found.push(path);
        return;
    }
    match &e.kind {
        // Inside, the point is another grid's.
        ExprKind::Filter { grid, .. }
        | ExprKind::Column { grid, .. }
        | ExprKind::Best { grid, .. }
        | ExprKind::Pick { grid, .. } => {
            point_reads(grid, point, found);
        }
        _ => e.for_each_child(&mut |child| point_reads(child, point, found)),
    }
}

fn point_path(e: &Expr, point: LocalId) -> Option<Vec<u32>> {
    let (base, step) = match &e.kind {
        ExprKind::Local(id) => return (*id == point).then(Vec::new),
        ExprKind::Unwrap(inner) | ExprKind::Parenthesized(inner) => return point_path(inner, point),
        ExprKind::Slot { base, slot } => (base, slot.0),
        ExprKind::Field { base, field } => (base, *field),
        _ => return None,
    };
    let mut path = point_path(base, point)?;
    path.push(step);
    Some(path)
}

/// Joins each axis with those of its zip and those it reads; groups are numbered by their first axis.
fn join(axes: &mut [SweepAxis]) {
    let merge = |axes: &mut [SweepAxis], a: usize, b: usize| {
        let (x, y) = (axes[a].group, axes[b].group);
        axes.iter_mut()
            .filter(|axis| axis.group == x || axis.group == y)
            .for_each(|axis| axis.group = x.min(y));
    };
    for index in 0..axes.len() {
        merge(axes, index, axes[index].step);
        for read in axes[index].reads.clone() {
            merge(axes, index, read);
        }
    }
    let mut numbers: Vec<usize> = axes.iter().map(|a| a.group).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for axis in axes {
        axis.group = numbers.iter().position(|n| *n == axis.group).unwrap_or(0);
    }
}
