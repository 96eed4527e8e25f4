//! Named values: `let`, `param`, `solve`, and records of a kind.

use std::sync::Arc;

use crate::check::declare::{camel_case, snake_case};
use crate::check::error::{DeclarationError, NameError, RecordError, TypeError};
use crate::check::hints::missing_names::{Lookup, Wanted};
use crate::check::names::{DeclId, ScopeId};
use crate::check::program::{Entity, Expr, ExprKind, Global, GlobalId, GlobalKind, Type, TypeId};
use crate::check::{Checker, Frame, Role, Want};
use crate::suggest;
use crate::syntax::ast;
use crate::syntax::ast::{Item, Name, RecordBody};
use crate::syntax::nearest_keyword;

impl Checker<'_> {
    /// The value of a `let` or `out`, of its declared type where it has one.
    pub(in crate::check) fn check_let_value(&mut self, frame: &mut Frame, l: &ast::Let) -> Expr {
        let generics = frame.generics.clone();
        match &l.ty {
            Some(written) => {
                let ty = self.resolve_type(frame.scope, &generics, written);
                let role = Role::Declared { what: format!("`{}`", l.name.text), span: written.span };
                let mut value = self.check_want(frame, &l.value, &Want { ty: &ty, role });
                if !value.ty.is_unknown() {
                    value.ty = ty;
                }
                value
            }
            None => self.infer(frame, &l.value, None),
        }
    }

    fn add_global(
        &mut self,
        scope: ScopeId,
        item: &Item,
        name: &Name,
        kind: GlobalKind,
        value: Expr,
        frame: Frame,
    ) -> Entity {
        let id = GlobalId(self.program.globals.len() as u32);
        let unit = self.unit_of(&frame.locals, &value);
        self.program.globals.push(Global {
            name: name.text.clone(),
            kind,
            doc: item.doc.clone(),
            ty: value.ty.clone(),
            value,
            locals: frame.locals,
            span: name.span,
            unit,
            scenario: self.scopes[scope.index()].scenario.clone(),
        });
        Entity::Value(id)
    }

    pub(super) fn check_let(&mut self, scope: ScopeId, item: &Item, l: &ast::Let) -> Entity {
        let mut frame = Frame::new(scope);
        let value = self.check_let_value(&mut frame, l);
        if let Type::Solver(_) | Type::None = value.ty {
            let found = self.program.describe(&value.ty);
            self.report(TypeError::NotAValue { span: value.span, found });
            return Entity::Unknown;
        }
        self.add_global(scope, item, &l.name, GlobalKind::Let, value, frame)
    }

    pub(super) fn check_param(
        &mut self,
        decl: DeclId,
        scope: ScopeId,
        item: &Item,
        name: &Name,
        ty: &ast::TypeExpr,
        default: Option<&ast::Expr>,
    ) -> Entity {
        let resolved = self.resolve_type(scope, &[], ty);
        let role = Role::Declared { what: format!("param `{}`", name.text), span: ty.span };
        let want = Want { ty: &resolved, role };
        // The default is checked even when `--set` replaces it.
        let mut frame = Frame::new(scope);
        let default = default.map(|d| self.check_want(&mut frame, d, &want));
        let set = self.settings.get(&decl).cloned();
        let mut value = match (set, default) {
            (Some(expr), _) => {
                frame = Frame::new(scope);
                self.check_want(&mut frame, &expr, &want)
            }
            (None, Some(default)) => default,
            (None, None) => {
                let example = self.example_of(&resolved);
                self.report(DeclarationError::ParamNotSet {
                    name: name.text.clone(),
                    span: name.span,
                    example,
                });
                return Entity::Unknown;
            }
        };
        if !value.ty.is_unknown() {
            value.ty = resolved;
        }
        self.add_global(scope, item, name, GlobalKind::Param, value, frame)
    }

    /// `hardware NAME { .. }`: the type is the kind in CamelCase.
    pub(super) fn check_record(
        &mut self,
        scope: ScopeId,
        item: &Item,
        kind: &Name,
        name: &Name,
        base: Option<&ast::Expr>,
        fields: Option<&RecordBody>,
    ) -> Entity {
        let type_name: Arc<str> = camel_case(&kind.text).as_str().into();
        let id = self.lookup(scope, &type_name).map(|decl| self.demand(decl, kind.span));
        let id = match id {
            Some(Entity::Type(id)) => id,
            Some(Entity::Unknown) => return Entity::Unknown,
            _ => {
                if self.is_incomplete(scope) {
                    return Entity::Unknown;
                }
                let kinds = self.record_kinds(scope);
                let near = suggest::nearest(&kind.text, kinds.iter().map(String::as_str)).map(str::to_string);
                let kind = kind.clone();
                let similar = near.as_deref().and_then(|n| self.declared_at(scope, &camel_case(n)));
                let (missed, span) = (type_name.clone(), kind.span);
                // `lt x = 3` lacks no type.
                let keyword = near.is_none() && nearest_keyword(&kind.text).is_some();
                let mistake =
                    NameError::UnknownKind { similar, name: kind.text, span, type_name, near, kinds };
                match keyword {
                    true => self.report(mistake),
                    false => {
                        let wanted = Wanted::Type;
                        let lookup = Lookup { scope: Some(scope), name: &missed, span, wanted, hint: None };
                        self.report_missing(None, lookup, mistake)
                    }
                }
                return Entity::Unknown;
            }
        };
        let ty = Type::Record(id);
        let mut frame = Frame::new(scope);
        let mut value = match base {
            Some(base) => {
                let role = Role::Declared { what: format!("`{} {}`", kind.text, name.text), span: kind.span };
                let value = self.check_want(&mut frame, base, &Want { ty: &ty, role });
                match fields {
                    Some(body) if !value.ty.is_unknown() => {
                        self.override_of(&mut frame, value, body, base.span)
                    }
                    _ => value,
                }
            }
            None => match fields {
                Some(body) => self.new_record(&mut frame, id, body, name.span),
                None => return Entity::Unknown,
            },
        };
        // A field without a value of its own takes the declaration's name: `hardware X { .. }` is called X.
        self.name_after(&mut value, id, name);
        self.add_global(scope, item, name, GlobalKind::Record, value, frame)
    }

    /// A record with a `name: String` that is not given one is called what it is declared as.
    fn name_after(&mut self, value: &mut Expr, id: TypeId, name: &Name) {
        let ty = self.program.ty(id);
        let Some((index, _, field)) = ty.fields.get_full("name") else { return };
        let is_string = *field.ty.required() == Type::String && field.default.is_none();
        let (ExprKind::Record { changes } | ExprKind::Override { changes, .. }) = &mut value.kind else {
            return;
        };
        if is_string && !changes.iter().any(|c| c.path == [index as u32]) {
            let text = Expr { kind: ExprKind::Text(name.text.clone()), ty: Type::String, span: name.span };
            changes.push(crate::check::program::Change { path: vec![index as u32], value: text });
        }
    }

    /// The kinds that `KIND NAME { .. }` can have here.
    fn record_kinds(&mut self, scope: ScopeId) -> Vec<String> {
        let mut kinds = vec![];
        for name in self.visible_names(scope) {
            let upper = name.chars().next().is_some_and(char::is_uppercase);
            if upper && self.is_keyword(scope, &name, "type") {
                kinds.push(snake_case(&name));
            }
        }
        kinds
    }

    pub(super) fn check_solve(
        &mut self,
        scope: ScopeId,
        item: &Item,
        name: &Name,
        value: &ast::Expr,
    ) -> Entity {
        let mut frame = Frame::new(scope);
        let value = self.infer(&mut frame, value, None);
        match &value.ty {
            Type::Solve(_) => self.add_global(scope, item, name, GlobalKind::Solve, value, frame),
            Type::Unknown => Entity::Unknown,
            Type::Solver(id) => {
                let solver = self.program.solver(*id);
                let (name, first) = (solver.name.clone(), solver.locals.first().map(|l| l.name.clone()));
                self.report(RecordError::SolverNeedsInputs { name, span: value.span, first });
                Entity::Unknown
            }
            other => {
                let found = self.program.describe(other);
                self.report(RecordError::NotASolve { span: value.span, found });
                Entity::Unknown
            }
        }
    }
}
