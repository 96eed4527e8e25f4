//! Records, overrides, solves, and access to their fields.

use std::sync::Arc;

use crate::check::error::{ModuleError, NameError, RecordError};
use crate::check::hints::missing_names::{Lookup, Wanted};
use crate::check::program::{Change, Entity, Expr, ExprKind, Local, LocalId, SolverId, Type, TypeId};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::suggest::nearest;
use crate::syntax::ast;
use crate::syntax::ast::{FieldInit, Name, RecordBody};

impl Checker<'_> {
    pub(super) fn infer_record(
        &mut self,
        frame: &mut Frame,
        base: Option<&ast::Expr>,
        body: &RecordBody,
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let Some(base) = base else {
            return match hint.map(Type::required) {
                Some(Type::Record(id)) => self.new_record(frame, *id, body, span),
                Some(Type::Unknown) => Expr::bad(span),
                other => {
                    let wanted = other.map(|t| self.program.describe(t));
                    self.report(RecordError::RecordWithoutType { span, wanted });
                    Expr::bad(span)
                }
            };
        };
        // `Curve { .. }`: a type's name makes a new record of it.
        if let ast::ExprKind::Name(name) = &base.kind
            && frame.local(name).is_none()
            && let Some(decl) = self.lookup(frame.scope, name)
            && let Entity::Type(id) = self.demand(decl, base.span)
        {
            return self.new_record(frame, id, body, base.span);
        }
        let base_span = base.span;
        let base = self.infer(frame, base, hint);
        let mut value = self.override_of(frame, base, body, base_span);
        value.span = span;
        value
    }

    /// A record of type `id`: every field that has no default and is not optional must be given.
    pub(super) fn new_record(&mut self, frame: &mut Frame, id: TypeId, body: &RecordBody, at: Span) -> Expr {
        let ty = Type::Record(id);
        let changes = self.changes(frame, &ty, body, &[]);
        let record = self.program.ty(id);
        let names = || record.fields.keys().map(|k| &**k);
        let missing: Vec<Arc<str>> = record
            .fields
            .iter()
            .enumerate()
            .filter(|(index, (name, field))| {
                // A misspelt field that means this one has been reported.
                let meant = |f: &FieldInit| {
                    let written = &f.path[0].text;
                    !record.fields.contains_key(written) && nearest(written, names()) == Some(&***name)
                };
                let given = body.fields.iter().any(|f| f.path[0].text == **name || meant(f))
                    || changes.iter().any(|c| c.path == [*index as u32]);
                !given && !field.may_be_omitted() && &***name != "name"
            })
            .map(|(_, (name, _))| name.clone())
            .collect();
        if !missing.is_empty() {
            self.report(RecordError::MissingFields { ty: id, missing, span: at });
        }
        Expr { kind: ExprKind::Record { changes }, ty, span: at.to(body.span) }
    }

    /// `BASE { .. }` for a record, a solve or a solver.
    pub(super) fn override_of(&mut self, frame: &mut Frame, base: Expr, body: &RecordBody, at: Span) -> Expr {
        let base = self.unwrapped(base);
        let span = at.to(body.span);
        let (ty, given) = match &base.ty {
            Type::Record(_) => (base.ty.clone(), vec![]),
            Type::Solve(id) => (Type::Solve(*id), vec![]),
            Type::Solver(id) => (Type::Solve(*id), (0..self.program.solver(*id).inputs as u32).collect()),
            Type::Unknown => {
                for value in body.fields.iter().filter_map(|f| f.value.as_ref()) {
                    self.infer_astray(frame, value);
                }
                return Expr::bad(span);
            }
            other => {
                let found = self.program.describe(other);
                self.report(RecordError::NotOverridable { span: base.span, found });
                return Expr::bad(span);
            }
        };
        // A bare solver has no inputs yet, so `...` and the check for missing ones apply to all of them.
        let changes = self.changes(frame, &ty, body, &given);
        if let Type::Solver(id) = base.ty {
            self.check_inputs_given(id, body, &changes, base.span);
        }
        Expr { kind: ExprKind::Override { base: Box::new(base), changes }, ty, span }
    }

    fn check_inputs_given(&mut self, id: SolverId, body: &RecordBody, changes: &[Change], at: Span) {
        let solver = self.program.solver(id);
        let inputs = || solver.locals[..solver.inputs].iter().map(|l| &*l.name);
        // A misspelt input that means this one has been reported.
        let given = |name: &str, written: &str| {
            written == name || !inputs().any(|i| i == written) && nearest(written, inputs()) == Some(name)
        };
        let missing: Vec<usize> = (0..solver.inputs)
            .filter(|i| solver.defaults[*i].is_none())
            .filter(|i| !changes.iter().any(|c| c.path == [*i as u32]))
            .filter(|i| {
                !matches!(solver.locals[*i].ty, Type::Optional(_) | Type::Unknown)
                    && !body
                        .fields
                        .iter()
                        .any(|f| f.path.len() == 1 && given(&solver.locals[*i].name, &f.path[0].text))
            })
            .collect();
        if !missing.is_empty() {
            let (name, declared) = (solver.name.clone(), solver.span);
            let examples = missing.iter().map(|i| self.example_of(&solver.locals[*i].ty)).collect();
            let missing = missing.iter().map(|i| solver.locals[*i].name.clone()).collect();
            self.report(RecordError::MissingInputs { solver: name, missing, examples, span: at, declared });
        }
    }

    /// The changes that a body makes to a value of type `ty`. `open` are input slots that `...` may fill.
    fn changes(&mut self, frame: &mut Frame, ty: &Type, body: &RecordBody, open: &[u32]) -> Vec<Change> {
        let mut changes: Vec<Change> = vec![];
        let mut seen: Vec<(Vec<&str>, Span)> = vec![];
        for field in &body.fields {
            let written: Vec<&str> = field.path.iter().map(|n| &*n.text).collect();
            if let Some((_, first)) = seen.iter().find(|(path, _)| *path == written) {
                let first = *first;
                self.report(RecordError::DuplicateField {
                    path: written.join("."),
                    span: path_span(field),
                    first,
                });
                continue;
            }
            seen.push((written, path_span(field)));
            if let Some((path, field_ty, role)) = self.resolve_path(ty, &field.path) {
                let want = Want { ty: &field_ty, role };
                let value = match &field.value {
                    Some(value) => self.check_want(frame, value, &want),
                    None => self.shorthand(frame, field, &want),
                };
                changes.push(Change { path, value });
            } else if let Some(value) = &field.value {
                self.infer_astray(frame, value);
            }
        }
        if let (Some(span), Type::Solve(id)) = (body.spread, ty) {
            for slot in open {
                let local = self.program.solver(*id).locals[*slot as usize].clone();
                let given = changes.iter().any(|c| c.path[0] == *slot);
                if !given && self.in_sight(frame, &local.name) {
                    let role = Role::Declared { what: format!("input `{}`", local.name), span: local.span };
                    let name = ast::Expr { kind: ast::ExprKind::Name(local.name.clone()), span };
                    let value = self.check_want(frame, &name, &Want { ty: &local.ty, role });
                    changes.push(Change { path: vec![*slot], value });
                }
            }
        } else if let Some(span) = body.spread {
            self.report(RecordError::SpreadNotHere { span });
        }
        changes
    }

    /// A value for something that does not exist. The type of a record in it is unknown.
    fn infer_astray(&mut self, frame: &mut Frame, value: &ast::Expr) {
        let is_record = matches!(value.kind, ast::ExprKind::Record { base: None, .. });
        self.infer(frame, value, is_record.then_some(&Type::Unknown));
    }

    /// `name` alone: the name in scope.
    fn shorthand(&mut self, frame: &mut Frame, field: &FieldInit, want: &Want) -> Expr {
        let [name] = field.path.as_slice() else {
            self.report(RecordError::FieldNeedsValue { span: field.span });
            return Expr::bad(field.span);
        };
        if !self.in_sight(frame, &name.text) {
            let example = self.example_of(want.ty);
            let mistake = NameError::NothingInScope { name: name.text.clone(), span: name.span, example };
            self.report_missing(
                Some(frame),
                Lookup {
                    scope: Some(frame.scope),
                    name: &name.text,
                    span: name.span,
                    wanted: Wanted::Value,
                    hint: Some(want.ty),
                },
                mistake,
            );
            return Expr::bad(name.span);
        }
        let e = ast::Expr { kind: ast::ExprKind::Name(name.text.clone()), span: name.span };
        self.check_want(frame, &e, want)
    }

    /// The positions that a written path leads through, the type at its end, and who declares that.
    pub(super) fn resolve_path(&mut self, ty: &Type, path: &[Name]) -> Option<(Vec<u32>, Type, Role)> {
        let mut current = ty.clone();
        let mut positions = vec![];
        let mut role = Role::Place("a field");
        for name in path {
            match current.required().clone() {
                Type::Record(id) => {
                    let record = self.program.ty(id);
                    let Some((index, _, field)) = record.fields.get_full(&name.text) else {
                        self.report_unknown_field(name, Type::Record(id));
                        return None;
                    };
                    role = Role::Declared {
                        what: format!("field `{}` of `{}`", name.text, record.name),
                        span: field.span,
                    };
                    positions.push(index as u32);
                    let at = field.span;
                    current = field.ty.clone();
                    self.mark_used(at);
                    self.note_key(name.span, at);
                }
                Type::Solve(id) => {
                    let solver = self.program.solver(id);
                    let slot = solver.slot(&name.text);
                    match slot {
                        Some(slot) if slot.index() < solver.inputs => {
                            let local = &solver.locals[slot.index()];
                            role = Role::Declared {
                                what: format!("input `{}` of `{}`", name.text, solver.name),
                                span: local.span,
                            };
                            positions.push(slot.0);
                            let at = local.span;
                            current = local.ty.clone();
                            self.mark_used(at);
                            self.note_key(name.span, at);
                        }
                        Some(_) => {
                            let solver = solver.name.clone();
                            self.report(RecordError::OutputOverridden {
                                name: name.text.clone(),
                                span: name.span,
                                solver,
                            });
                            return None;
                        }
                        None => {
                            let mistake = RecordError::UnknownInput {
                                name: name.text.clone(),
                                span: name.span,
                                solver: id,
                            };
                            let wanted = Wanted::Field(Type::Solve(id));
                            let lookup =
                                Lookup { scope: None, name: &name.text, span: name.span, wanted, hint: None };
                            self.report_missing(None, lookup, mistake);
                            return None;
                        }
                    }
                }
                Type::Unknown => return None,
                other => {
                    let found = self.program.describe(&other);
                    self.report(RecordError::NoFields { span: name.span, name: name.text.clone(), found });
                    return None;
                }
            }
        }
        Some((positions, current, role))
    }

    pub(super) fn report_unknown_field(&mut self, field: &Name, ty: Type) {
        let wanted = Wanted::Field(ty.clone());
        let mistake = RecordError::UnknownField { name: field.text.clone(), span: field.span, ty };
        let lookup = Lookup { scope: None, name: &field.text, span: field.span, wanted, hint: None };
        self.report_missing(None, lookup, mistake);
    }

    pub(super) fn infer_field(
        &mut self,
        frame: &mut Frame,
        base: &ast::Expr,
        field: &Name,
        span: Span,
    ) -> Expr {
        if let Some(value) = self.module_member(frame, base, field) {
            return value;
        }
        let base = self.infer(frame, base, None);
        let base = self.unwrapped(base);
        if let Type::Grid(_) | Type::Column(..) = base.ty {
            return self.grid_field(frame, base, field, span).unwrap_or_else(|| Expr::bad(span));
        }
        match base.ty.clone() {
            Type::Record(id) => match self.program.ty(id).fields.get_full(&field.text) {
                Some((index, _, declared)) => {
                    let (ty, at) = (declared.ty.clone(), declared.span);
                    self.mark_used(at);
                    self.note_name(field.span, at);
                    Expr { kind: ExprKind::Field { base: Box::new(base), field: index as u32 }, ty, span }
                }
                None => {
                    self.report_unknown_field(field, base.ty);
                    Expr::bad(span)
                }
            },
            Type::Solve(id) => match self.program.solver(id).slot(&field.text) {
                Some(slot) => {
                    let Local { ty, span: at, .. } = self.program.solver(id).locals[slot.index()].clone();
                    self.mark_used(at);
                    self.note_name(field.span, at);
                    Expr { kind: ExprKind::Slot { base: Box::new(base), slot }, ty, span }
                }
                None => {
                    self.report_unknown_field(field, base.ty);
                    Expr::bad(span)
                }
            },
            Type::Unknown => Expr::bad(span),
            Type::Solver(id) => {
                let solver = self.program.solver(id);
                let first = solver.locals[..solver.inputs].first().map(|l| l.name.clone());
                let name = solver.name.clone();
                self.report(RecordError::SolverNeedsInputs { name, span: base.span, first });
                Expr::bad(span)
            }
            other => {
                let found = self.program.describe(&other);
                self.report(RecordError::NoFields { span: field.span, name: field.text.clone(), found });
                Expr::bad(span)
            }
        }
    }

    /// `nvidia.H100_SXM` where `nvidia` is a module.
    fn module_member(&mut self, frame: &mut Frame, base: &ast::Expr, field: &Name) -> Option<Expr> {
        let ast::ExprKind::Name(name) = &base.kind else { return None };
        if frame.local(name).is_some() {
            return None;
        }
        let decl = self.lookup(frame.scope, name)?;
        let Entity::Module(scope) = self.demand(decl, base.span) else { return None };
        let scope = crate::check::names::ScopeId(scope);
        let names = &self.scopes[scope.index()].names;
        match names.get(&field.text).copied() {
            Some(decl) => match self.demand(decl, field.span) {
                Entity::Value(id) => {
                    let ty = self.program.global(id).ty.clone();
                    Some(Expr { kind: ExprKind::Global(id), ty, span: base.span.to(field.span) })
                }
                Entity::Unknown => Some(Expr::bad(field.span)),
                other => {
                    let name = field.text.clone();
                    self.report(NameError::NotAName { name, span: field.span, entity: other });
                    Some(Expr::bad(field.span))
                }
            },
            None => {
                let names = names.keys().cloned().collect();
                self.report(ModuleError::NotInModule {
                    name: field.text.clone(),
                    span: field.span,
                    module: name.clone(),
                    names,
                    elsewhere: vec![],
                });
                Some(Expr::bad(field.span))
            }
        }
    }

    /// The `let` of a solver that a use takes for an output.
    pub(super) fn hidden_let(&self, ty: &Type, name: &str) -> Option<Span> {
        let Type::Solve(id) = ty else { return None };
        let solver = self.program.solver(*id);
        let is_let = |(i, l): &(usize, &crate::check::program::Local)| {
            *i >= solver.inputs && &*l.name == name && solver.definition(LocalId(*i as u32)).is_some()
        };
        solver.locals.iter().enumerate().find(is_let).map(|(_, l)| l.span)
    }
}

fn path_span(field: &FieldInit) -> Span {
    field.path[0].span.to(field.path[field.path.len() - 1].span)
}
