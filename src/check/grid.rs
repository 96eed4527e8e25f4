//! Sweeps and what is asked of their points.

use crate::check::error::{CallError, RecordError, SweepError, TypeError};
use crate::check::names::ScopeId;
use crate::check::program::{
    Aggregate, Entity, Expr, ExprKind, Global, GlobalId, GlobalKind, Goal, Local, LocalId, Pick, Sweep,
    SweepAxis, SweepId, Type,
};
use crate::check::{Checker, Frame, Point, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::{Item, Name, QueryOp};

/// Axes of one sweep.
const AXIS_LIMIT: usize = 64;

impl Checker<'_> {
    pub(super) fn check_sweep(&mut self, scope: ScopeId, item: &Item, sweep: &ast::Sweep) -> Entity {
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

    /// Makes the fields of a point names; the point itself is a slot.
    fn enter_point(&self, frame: &mut Frame, point: &Type, span: Span) -> LocalId {
        let local = Local { name: "point".into(), doc: "".into(), ty: point.clone(), span, unit: None };
        let slot = frame.slot(local);
        frame.point = Some(Point { ty: point.clone(), slot, axes: None });
        slot
    }

    /// A frame in which the fields of a point are names. The point itself is local 0.
    pub(super) fn point_frame(&self, scope: ScopeId, point: &Type) -> Frame {
        let mut frame = Frame::new(scope);
        let span = Span::new(self.scopes[scope.index()].file, 0, 0);
        self.enter_point(&mut frame, point, span);
        frame
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

    fn point_condition(&mut self, scope: ScopeId, point: &Type, e: &ast::Expr) -> Expr {
        let mut frame = self.point_frame(scope, point);
        self.check_condition(&mut frame, e, "the condition of a grid")
    }

    /// A name that is a field, input or output of the point.
    pub(super) fn point_name(&mut self, frame: &Frame, name: &str, span: Span) -> Option<Expr> {
        let Point { ty: point, slot, axes } = frame.point.as_ref()?;
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

    pub(super) fn point_type(&self, id: SweepId) -> Type {
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
        let Some(body) = self.point_number(frame.scope, &point, body) else { return Expr::bad(span) };
        let goal = if op == QueryOp::Minimize { Goal::Minimize } else { Goal::Maximize };
        let kind = ExprKind::Best { grid: Box::new(grid), goal, body: Box::new(body) };
        Expr { kind, ty: point, span }
    }

    pub(super) fn infer_pick(
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
                let want = Want { ty: &Type::SCALAR, role: crate::check::Role::Place("a number of points") };
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

    /// A number at each point.
    fn point_number(&mut self, scope: ScopeId, point: &Type, e: &ast::Expr) -> Option<Expr> {
        let mut inner = self.point_frame(scope, point);
        let e = self.infer(&mut inner, e, None);
        self.quantity(e, "a search").map(|(e, _)| e)
    }

    /// The sweep behind a grid; reports what is none.
    pub(super) fn grid_of(&mut self, e: &Expr) -> Option<SweepId> {
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

    /// `grid.latency`, `grid.system.hardware.name`: a column.
    pub(super) fn grid_field(&mut self, frame: &Frame, base: Expr, field: &Name, span: Span) -> Option<Expr> {
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

    /// `count(grid)`, `max(grid.latency)`: `None` when the argument is neither grid nor column.
    pub(super) fn infer_aggregate(
        &mut self,
        frame: &mut Frame,
        function: &Name,
        argument: &ast::Expr,
        rest: &[ast::Argument],
        span: Span,
    ) -> Option<Expr> {
        let kind = match &*function.text {
            "count" | "len" => Aggregate::Count,
            "sum" => Aggregate::Sum,
            "mean" => Aggregate::Mean,
            "min" => Aggregate::Min,
            "max" => Aggregate::Max,
            "percentile" | "median" => Aggregate::Percentile,
            _ => return None,
        };
        let wanted = usize::from(&*function.text == "percentile");
        // A function of the file comes first.
        if kind == Aggregate::Percentile && self.lookup(frame.scope, &function.text).is_some() {
            return None;
        }
        if !may_be_grid(argument) || (rest.len() != wanted && kind != Aggregate::Percentile) {
            return None;
        }
        if rest.len() != wanted {
            let function = function.text.clone();
            let found = rest.len() + 1;
            self.report(CallError::ArgumentCount { function, span, wanted: wanted + 1, found });
            return Some(Expr::bad(span));
        }
        let argument_of = |this: &mut Self, frame: &mut Frame| match rest {
            [fraction] => {
                let want =
                    Want { ty: &Type::SCALAR, role: crate::check::Role::Place("the share of a percentile") };
                Some(Box::new(this.check_want(frame, &fraction.value, &want)))
            }
            _ => None,
        };
        let share = argument_of(self, frame);
        let column = self.infer(frame, argument, None);
        let ty = match (&column.ty, kind) {
            (Type::Grid(_) | Type::Column(..), Aggregate::Count) => Type::SCALAR,
            (Type::Column(_, inner), _) => match inner.required() {
                Type::Quantity(d) => Type::Quantity(*d),
                _ => {
                    let found = self.program.describe(inner);
                    self.report(TypeError::NotANumber {
                        span: column.span,
                        found,
                        operator: "this function",
                    });
                    return Some(Expr::bad(span));
                }
            },
            (Type::Grid(_), _) => {
                self.report(SweepError::GridNeedsColumn {
                    span: column.span,
                    function: function.text.clone(),
                });
                return Some(Expr::bad(span));
            }
            (other, Aggregate::Percentile) => {
                if !other.is_unknown() {
                    let found = self.program.describe(other);
                    self.report(SweepError::NotAGrid { span: column.span, found });
                }
                return Some(Expr::bad(span));
            }
            _ => return None,
        };
        let column = Box::new(column);
        Some(Expr { kind: ExprKind::Aggregate { kind, column, argument: share }, ty, span })
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

/// Spares other calls a second look at their argument.
fn may_be_grid(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Name(_) | ast::ExprKind::Query { .. } | ast::ExprKind::Pick { .. } => true,
        ast::ExprKind::Field { base, .. } => may_be_grid(base),
        ast::ExprKind::Parenthesized(inner) => may_be_grid(inner),
        _ => false,
    }
}
