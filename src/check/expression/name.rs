//! Names: locals, declarations, enum members, and names that mean nothing.

use std::sync::Arc;

use crate::check::error::{NameError, word_of_habit};
use crate::check::hints::missing_names::{Lookup, Wanted};
use crate::check::names::{DeclSource, ScopeId};
use crate::check::program::{Entity, EnumId, Expr, ExprKind, Local, Type};
use crate::check::{Checker, Frame};
use crate::source::{Origin, Span};
use crate::suggest;
use crate::syntax::ast;
use crate::syntax::ast::ItemKind;

impl Checker<'_> {
    pub(super) fn infer_name(
        &mut self,
        frame: &mut Frame,
        name: &Arc<str>,
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let wanted = match hint.map(Type::required) {
            Some(Type::Enum(id)) => self.member(*id, name).map(|member| (*id, member)),
            _ => None,
        };
        let found = match frame.local(name) {
            Some(local) => {
                let Local { ty, span: declared, .. } = frame.locals[local.index()].clone();
                self.mark_used(declared);
                self.note_name(span, declared);
                Some(Expr { kind: ExprKind::Local(local), ty, span })
            }
            None if frame.point_first(name) && self.point_name(frame, name, span).is_some() => {
                self.warn_hidden(frame, name, span);
                self.point_name(frame, name, span)
            }
            None => match self.lookup(frame.scope, name) {
                // `solve fp8 = one { precision: fp8 }`: while the solve is being defined, the name is the member's.
                Some(decl) if wanted.is_some() && self.is_being_checked(decl) => None,
                // The same where no type is wanted.
                Some(decl)
                    if self.is_being_checked(decl) && !self.members_named(frame.scope, name).is_empty() =>
                {
                    None
                }
                Some(decl) => {
                    let entity = self.demand(decl, span);
                    Some(self.entity_value(entity, name, span))
                }
                None => self.point_name(frame, name, span),
            },
        };
        match (found, wanted) {
            (Some(value), Some((id, m))) if value.ty.required() != &Type::Enum(id) => {
                self.member_value((id, m), span)
            }
            (Some(value), _) => value,
            (None, Some(found)) => self.member_value(found, span),
            (None, None) => match self.members_named(frame.scope, name).as_slice() {
                [only] if !matches!(hint.map(Type::required), Some(Type::Enum(_))) => {
                    self.member_value(*only, span)
                }
                _ => {
                    self.report_unknown_name(frame, name, span, hint);
                    Expr::bad(span)
                }
            },
        }
    }

    /// Warns of a value of the file that a field of the point hides in a condition.
    fn warn_hidden(&mut self, frame: &Frame, name: &Arc<str>, span: Span) {
        let condition = frame.point.as_ref().is_some_and(|p| p.condition);
        if condition && let Some(declared) = self.declared_value(frame.scope, name) {
            self.report(NameError::PointHidesName { name: name.clone(), span, declared });
        }
    }

    /// Where a name is declared as a value in a user's file.
    fn declared_value(&mut self, scope: ScopeId, name: &str) -> Option<Span> {
        let decl = self.find(scope, name)?;
        let decl = &self.decls[decl.index()];
        let DeclSource::Item(item) = &decl.source else { return None };
        let value = matches!(
            item.kind,
            ItemKind::Let(_) | ItemKind::Param { .. } | ItemKind::Record { .. } | ItemKind::Solve { .. }
        );
        (value && !self.sources.is_library(decl.span)).then_some(decl.span)
    }

    /// Reports a unit of plain numbers, `80 GB/x`, that has the name of a value in sight.
    pub(super) fn unit_hides_name(&mut self, frame: &Frame, unit: &ast::UnitExpr) -> bool {
        for (index, factor) in unit.factors.iter().enumerate() {
            let name = &factor.name;
            if index == 0 && factor.exponent > 0 {
                continue;
            }
            let plain = self.program.registry.unit(&name.text).is_some_and(|u| u.dimension.is_scalar());
            if !plain {
                continue;
            }
            let local = frame.local(&name.text).map(|id| frame.locals[id.index()].span);
            let Some(declared) = local.or_else(|| self.declared_value(frame.scope, &name.text)) else {
                continue;
            };
            let at = name.span.start as usize;
            let sign = Span::new(name.span.file, at - 1, at);
            self.report(NameError::UnitHidesName {
                name: name.text.clone(),
                span: name.span,
                sign,
                declared,
            });
            return true;
        }
        false
    }

    fn member_value(&mut self, (id, member): (EnumId, u32), span: Span) -> Expr {
        self.note_member(span, id, member);
        Expr { kind: ExprKind::Member(member), ty: Type::Enum(id), span }
    }

    fn entity_value(&mut self, entity: Entity, name: &Arc<str>, span: Span) -> Expr {
        match entity {
            Entity::Value(id) => {
                let ty = self.program.global(id).ty.clone();
                Expr { kind: ExprKind::Global(id), ty, span }
            }
            Entity::Solver(id) => Expr { kind: ExprKind::Solver(id), ty: Type::Solver(id), span },
            Entity::Unknown => Expr::bad(span),
            other => {
                self.report(NameError::NotAName { name: name.clone(), span, entity: other });
                Expr::bad(span)
            }
        }
    }

    pub(super) fn member(&mut self, id: EnumId, name: &str) -> Option<u32> {
        let (index, _, member) = self.program.enumeration(id).members.get_full(name)?;
        self.mark_used(member.span);
        Some(index as u32)
    }

    /// The enums in sight that have a member of this name; of the nearest file that has one, as with other names.
    fn members_named(&mut self, scope: crate::check::names::ScopeId, name: &str) -> Vec<(EnumId, u32)> {
        let mut found = vec![];
        for candidate in self.visible_names(scope) {
            if !candidate.starts_with(char::is_uppercase) {
                continue;
            }
            let Some(decl) = self.find(scope, &candidate) else { continue };
            if !self.declares(decl, "enum") {
                continue;
            }
            let span = Span::new(self.scopes[scope.index()].file, 0, 0);
            if let Entity::Enum(id) = self.demand(decl, span)
                && let Some(member) = self.member(id, name)
                && !found.iter().any(|(_, f)| *f == (id, member))
            {
                found.push((self.decls[decl.index()].scope, (id, member)));
            }
        }
        let nearest = found.first().map(|(scope, _)| *scope);
        found.into_iter().filter(|(scope, _)| Some(*scope) == nearest).map(|(_, member)| member).collect()
    }

    fn report_unknown_name(&mut self, frame: &Frame, name: &Arc<str>, span: Span, hint: Option<&Type>) {
        if let Some(Type::Enum(id)) = hint.map(Type::required) {
            let mistake = NameError::UnknownMember { name: name.clone(), span, enumeration: *id };
            let wanted = Wanted::Member(*id);
            let lookup = Lookup { scope: Some(frame.scope), name, span, wanted, hint: None };
            return self.report_missing(None, lookup, mistake);
        }
        // What is wanted is unknown because of another mistake, and so may be what this means.
        if self.is_incomplete(frame.scope) || matches!(hint, Some(Type::Unknown)) {
            return;
        }
        let mut names: Vec<Arc<str>> = frame.visible.iter().rev().map(|(n, _)| n.clone()).collect();
        // Of a point of a sweep, its fields are names too.
        match frame.point.as_ref().map(|p| p.ty.required()) {
            Some(Type::Solve(id)) => {
                let solver = self.program.solver(*id);
                names.extend(solver.slots().map(|s| solver.locals[s.index()].name.clone()));
            }
            Some(Type::Record(id)) => names.extend(self.program.ty(*id).fields.keys().cloned()),
            _ => {}
        }
        for candidate in self.visible_names(frame.scope) {
            // A function's name by itself is no value.
            let is_function = self.find(frame.scope, &candidate).is_some_and(|d| self.declares(d, "fn"));
            if !is_function {
                names.push(candidate);
            }
        }
        if let Some((written, name, module)) = self.hyphenated(span) {
            return self.report(NameError::Hyphenated { written, name, module });
        }
        if self.program.registry.unit(name).is_some() {
            return self.report(NameError::UnitAsName { name: name.clone(), span });
        }
        let file = self.sources.file(span.file);
        if file.origin == Origin::Argument
            && file.path.starts_with("--set ")
            && let Some(ty) = hint
        {
            let setting = file.path.clone();
            let (wanted, example) = (self.program.describe(ty), self.example_of(ty));
            return self.report(NameError::SettingUnreadable {
                name: name.clone(),
                span,
                setting,
                wanted,
                example,
            });
        }
        let near = suggest::nearest(name, names.iter().map(|n| &**n)).map(Arc::<str>::from);
        let similar = near.filter(|_| word_of_habit(name).is_none()).and_then(|near| {
            let local = frame.local(&near).map(|id| frame.locals[id.index()].span);
            let span = local.or_else(|| self.declared_at(frame.scope, &near))?;
            Some((near, span))
        });
        let mistake = NameError::UnknownName { name: name.clone(), span, names, similar };
        let lookup = Lookup { scope: Some(frame.scope), name, span, wanted: Wanted::Value, hint };
        self.report_missing(Some(frame), lookup, mistake);
    }

    /// `llama-3-70b`, which is read as a subtraction: what was written, and the library's name for it and its module.
    fn hyphenated(&self, span: Span) -> Option<(Span, String, String)> {
        let text = &self.sources.file(span.file).text;
        let part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let (before, after) = text.split_at(span.start as usize);
        let start = before.rfind(|c| !part(c)).map_or(0, |i| i + 1);
        let end = span.start as usize + after.find(|c| !part(c)).unwrap_or(after.len());
        let written = text.get(start..end).filter(|w| w.contains('-'))?;
        let (name, module) = self.library.spelt_like(written)?;
        Some((Span::new(span.file, start, end), name, module))
    }

    /// A name that means nothing here, and so may be an enum member.
    pub(super) fn is_open_name(&mut self, frame: &Frame, e: &ast::Expr) -> bool {
        match &e.kind {
            ast::ExprKind::Name(name) => {
                frame.local(name).is_none() && self.lookup(frame.scope, name).is_none()
            }
            _ => false,
        }
    }
}
