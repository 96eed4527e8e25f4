//! Declarations: what each kind of item stands for.

use std::sync::Arc;

use indexmap::IndexMap;

use super::error::CheckError;
use super::names::{DeclId, ScopeId};
use super::program::{
    Body, Entity, EnumId, EnumType, Expr, ExprKind, Field, Function, FunctionId, Global, GlobalId,
    GlobalKind, Local, LocalId, RecordType, Solver, SolverId, Statement, Table, TableAxis, TableId, Type,
    TypeId,
};
use super::{Checker, Frame, Role, Want};
use crate::native::table as native;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, Item, ItemKind, Name, ParamDecl, RecordBody, SolverStatement, TableCell};
use crate::units::dimension::GENERICS;

impl Checker<'_> {
    pub(super) fn check_item(&mut self, decl: DeclId, scope: ScopeId, item: &Item) -> Entity {
        match &item.kind {
            ItemKind::Type { name, fields } => self.check_record_type(scope, item, name, fields),
            ItemKind::Enum { name, members } => self.check_enum(item, name, members),
            ItemKind::Function(function) => self.check_function(scope, item, function),
            ItemKind::Table(table) => self.check_table(scope, item, table),
            ItemKind::Solver(solver) => self.check_solver(scope, item, solver),
            ItemKind::Let(l) => self.check_let(scope, item, l),
            ItemKind::Param { name, ty, default } => {
                self.check_param(decl, scope, item, name, ty, default.as_ref())
            }
            ItemKind::Record { kind, name, base, fields } => {
                self.check_record(scope, item, kind, name, base.as_ref(), fields.as_ref())
            }
            ItemKind::Solve { name, value } => self.check_solve(scope, item, name, value),
            ItemKind::Sweep(sweep) => self.check_sweep(scope, item, sweep),
            ItemKind::Unit(_) | ItemKind::Dimension { .. } => Entity::Unit,
            ItemKind::Use(_)
            | ItemKind::Assert(_)
            | ItemKind::Show(_)
            | ItemKind::Plot(_)
            | ItemKind::Scenario { .. }
            | ItemKind::Bad { .. } => Entity::Unknown,
        }
    }

    fn check_enum(&mut self, item: &Item, name: &Name, members: &[ast::EnumMember]) -> Entity {
        let mut map: IndexMap<Arc<str>, Arc<str>> = IndexMap::new();
        for member in members {
            if map.insert(member.name.text.clone(), member.doc.clone()).is_some() {
                let first = members.iter().find(|m| m.name.text == member.name.text);
                let first = first.map_or(member.name.span, |m| m.name.span);
                self.report(CheckError::DuplicateName {
                    name: member.name.text.clone(),
                    span: member.name.span,
                    first,
                });
            }
        }
        let id = EnumId(self.program.enums.len() as u32);
        self.program.enums.push(EnumType {
            name: name.text.clone(),
            doc: item.doc.clone(),
            span: name.span,
            members: map,
        });
        Entity::Enum(id)
    }

    fn check_record_type(
        &mut self,
        scope: ScopeId,
        item: &Item,
        name: &Name,
        fields: &[ast::FieldDecl],
    ) -> Entity {
        let mut frame = Frame::new(scope);
        let mut map: IndexMap<Arc<str>, Field> = IndexMap::new();
        for field in fields {
            let ty = self.resolve_type(scope, &[], &field.ty);
            if let Some(first) = map.get(&field.name.text) {
                let first = first.span;
                self.report(CheckError::DuplicateField {
                    path: field.name.text.to_string(),
                    span: field.name.span,
                    first,
                });
                continue;
            }
            frame.bind(self.local(&field.name, &field.doc, ty.clone()));
            map.insert(
                field.name.text.clone(),
                Field { doc: field.doc.clone(), ty, default: None, span: field.name.span },
            );
        }
        for field in fields {
            let Some(default) = &field.default else { continue };
            let Some(ty) = map.get(&field.name.text).map(|f| f.ty.clone()) else { continue };
            let role = Role::Declared {
                what: format!("field `{}` of `{}`", field.name.text, name.text),
                span: field.ty.span,
            };
            let checked = self.check_want(&mut frame, default, &Want { ty: &ty, role });
            if let Some(field) = map.get_mut(&field.name.text) {
                field.default = Some(checked);
            }
        }
        self.check_default_cycles(name, &map);
        let id = TypeId(self.program.types.len() as u32);
        self.program.types.push(RecordType {
            name: name.text.clone(),
            doc: item.doc.clone(),
            span: name.span,
            fields: map,
        });
        Entity::Type(id)
    }

    /// Defaults may name sibling fields, but not in a circle.
    fn check_default_cycles(&mut self, name: &Name, fields: &IndexMap<Arc<str>, Field>) {
        let needs: Vec<Vec<usize>> = fields
            .values()
            .map(|f| {
                let mut locals = vec![];
                if let Some(default) = &f.default {
                    super::statement::locals_of(default, &mut locals);
                }
                locals.into_iter().map(LocalId::index).filter(|i| *i < fields.len()).collect()
            })
            .collect();
        for start in 0..needs.len() {
            let (mut seen, mut stack) = (vec![false; needs.len()], needs[start].clone());
            while let Some(next) = stack.pop() {
                if next == start {
                    let (field, info) = fields.get_index(start).expect("index below length");
                    let name = format!("{}.{field}", name.text).as_str().into();
                    self.report(CheckError::Cycle {
                        names: vec![name],
                        uses: vec![info.default.as_ref().map_or(info.span, |d| d.span)],
                        spans: vec![info.span],
                    });
                    return;
                }
                if !std::mem::replace(&mut seen[next], true) {
                    stack.extend(&needs[next]);
                }
            }
        }
    }

    fn local(&self, name: &Name, doc: &Arc<str>, ty: Type) -> Local {
        Local { name: name.text.clone(), doc: doc.clone(), ty, span: name.span, unit: None }
    }

    /// Parameters of a function or inputs of a solver, bound in the frame, with their defaults.
    fn check_parameters(
        &mut self,
        frame: &mut Frame,
        owner: &str,
        params: &[ParamDecl],
    ) -> Vec<Option<Expr>> {
        let mut defaults = vec![];
        for param in params {
            if let Some(first) = frame.local(&param.name.text) {
                let first = frame.locals[first.index()].span;
                let name = param.name.text.clone();
                self.report(CheckError::DuplicateName { name, span: param.name.span, first });
            }
            let generics = frame.generics.clone();
            let mut ty = self.resolve_type(frame.scope, &generics, &param.ty);
            let default = param.default.as_ref().map(|default| {
                let what = format!("parameter `{}` of `{owner}`", param.name.text);
                let role = Role::Declared { what, span: param.ty.span };
                self.check_want(frame, default, &Want { ty: &ty, role })
            });
            if param.variadic {
                ty = Type::List(Box::new(ty));
            }
            let mut local = self.local(&param.name, &param.doc, ty);
            local.unit = default.as_ref().and_then(|d| self.unit_of(&frame.locals, d));
            frame.bind(local);
            defaults.push(default);
        }
        defaults
    }

    fn check_function(&mut self, scope: ScopeId, item: &Item, function: &ast::Function) -> Entity {
        let mut frame = Frame::new(scope);
        frame.generics = function.generics.iter().map(|g| g.text.clone()).collect();
        if frame.generics.len() > GENERICS {
            self.report(CheckError::TooManyGenerics {
                span: function.generics[GENERICS].span,
                limit: GENERICS,
            });
            return Entity::Unknown;
        }
        let defaults = self.check_parameters(&mut frame, &function.name.text, &function.params);
        let generics = frame.generics.clone();
        let declared = function.result.as_ref().map(|ty| (self.resolve_type(scope, &generics, ty), ty.span));
        let parameters = frame.locals.len();
        let (body, result) = match &function.body {
            Some(body) => {
                if let Some(variadic) = function.params.iter().find(|p| p.variadic) {
                    self.report(CheckError::VariadicWithBody { span: variadic.ty.span });
                    return Entity::Unknown;
                }
                let checked = match &declared {
                    Some((ty, span)) => {
                        let what = format!("the result of `{}`", function.name.text);
                        let role = Role::Declared { what, span: *span };
                        self.check_want(&mut frame, body, &Want { ty, role })
                    }
                    None => self.infer(&mut frame, body, None),
                };
                let result = declared.map_or_else(|| checked.ty.clone(), |(ty, _)| ty);
                (Body::Expression(checked), result)
            }
            None => match (self.native(&function.name, parameters), declared) {
                (Some(index), Some((ty, _))) => (Body::Native(index), ty),
                (Some(_), None) => {
                    self.report(CheckError::NativeNeedsResult { span: function.name.span });
                    return Entity::Unknown;
                }
                (None, _) => return Entity::Unknown,
            },
        };
        let id = FunctionId(self.program.functions.len() as u32);
        self.program.functions.push(Function {
            name: function.name.text.clone(),
            doc: item.doc.clone(),
            span: function.name.span,
            generics: frame.generics,
            locals: frame.locals,
            parameters,
            defaults,
            variadic: function.params.last().is_some_and(|p| p.variadic),
            result,
            body,
        });
        Entity::Function(id)
    }

    /// The native of this name. Only the library can declare one.
    fn native(&mut self, name: &Name, parameters: usize) -> Option<usize> {
        let found = native::find(&name.text).filter(|_| self.sources.is_library(name.span));
        match found {
            Some(index) if native::NATIVES[index].parameters() == parameters => Some(index),
            _ => {
                self.report(CheckError::FunctionNeedsBody { name: name.text.clone(), span: name.span });
                None
            }
        }
    }

    fn check_solver(&mut self, scope: ScopeId, item: &Item, solver: &ast::Solver) -> Entity {
        let mut frame = Frame::new(scope);
        let defaults = self.check_parameters(&mut frame, &solver.name.text, &solver.params);
        let inputs = frame.locals.len();
        let (mut body, mut outputs) = (vec![], vec![]);
        for statement in &solver.body {
            match statement {
                SolverStatement::Require { condition, message, span } => {
                    let condition =
                        self.check_condition(&mut frame, condition, "the condition of a `require`");
                    let message = message.as_ref().map(|m| self.check_message(&mut frame, m));
                    body.push(Statement::Require { condition, message, span: *span });
                }
                SolverStatement::Note { condition, message, span } => {
                    let condition = self.check_condition(&mut frame, condition, "the condition of a `note`");
                    let message = self.check_message(&mut frame, message);
                    body.push(Statement::Note { condition, message, span: *span });
                }
                SolverStatement::Let(l) | SolverStatement::Out(l) => {
                    if let Some(first) = frame.local(&l.name.text) {
                        let first = frame.locals[first.index()].span;
                        let name = l.name.text.clone();
                        self.report(CheckError::DuplicateName { name, span: l.name.span, first });
                    }
                    let value = self.check_let_value(&mut frame, l);
                    let unit = self.unit_of(&frame.locals, &value);
                    let ty = value.ty.clone();
                    let doc = l.doc.clone();
                    let slot =
                        frame.bind(Local { name: l.name.text.clone(), doc, ty, span: l.name.span, unit });
                    if matches!(statement, SolverStatement::Out(_)) {
                        outputs.push(slot);
                    }
                    body.push(Statement::Define { slot, value });
                }
            }
        }
        let id = SolverId(self.program.solvers.len() as u32);
        self.program.solvers.push(Solver {
            name: solver.name.text.clone(),
            doc: item.doc.clone(),
            span: solver.name.span,
            locals: frame.locals,
            inputs,
            defaults,
            body,
            outputs,
        });
        Entity::Solver(id)
    }

    /// The value of a `let` or `out`, of its declared type where it has one.
    pub(super) fn check_let_value(&mut self, frame: &mut Frame, l: &ast::Let) -> Expr {
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

    fn check_let(&mut self, scope: ScopeId, item: &Item, l: &ast::Let) -> Entity {
        let mut frame = Frame::new(scope);
        let value = self.check_let_value(&mut frame, l);
        if let Type::Solver(_) | Type::None = value.ty {
            let found = self.program.describe(&value.ty);
            self.report(CheckError::NotAValue { span: value.span, found });
            return Entity::Unknown;
        }
        self.add_global(scope, item, &l.name, GlobalKind::Let, value, frame)
    }

    fn check_param(
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
                self.report(CheckError::ParamNotSet { name: name.text.clone(), span: name.span, example });
                return Entity::Unknown;
            }
        };
        if !value.ty.is_unknown() {
            value.ty = resolved;
        }
        self.add_global(scope, item, name, GlobalKind::Param, value, frame)
    }

    /// `hardware NAME { .. }`: the type is the kind in CamelCase.
    fn check_record(
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
                self.report(CheckError::UnknownKind {
                    similar,
                    name: kind.text,
                    span: kind.span,
                    type_name,
                    near,
                    kinds,
                });
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
            changes.push(super::program::Change { path: vec![index as u32], value: text });
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

    fn check_solve(&mut self, scope: ScopeId, item: &Item, name: &Name, value: &ast::Expr) -> Entity {
        let mut frame = Frame::new(scope);
        let value = self.infer(&mut frame, value, None);
        match &value.ty {
            Type::Solve(_) => self.add_global(scope, item, name, GlobalKind::Solve, value, frame),
            Type::Unknown => Entity::Unknown,
            Type::Solver(id) => {
                let solver = self.program.solver(*id);
                let (name, first) = (solver.name.clone(), solver.locals.first().map(|l| l.name.clone()));
                self.report(CheckError::SolverNeedsInputs { name, span: value.span, first });
                Entity::Unknown
            }
            other => {
                let found = self.program.describe(other);
                self.report(CheckError::NotASolve { span: value.span, found });
                Entity::Unknown
            }
        }
    }

    fn check_table(&mut self, scope: ScopeId, item: &Item, table: &ast::Table) -> Entity {
        let mut frame = Frame::new(scope);
        let mut axes: Vec<TableAxis> = vec![];
        for axis in &table.axes {
            let ty = self.resolve_type(scope, &[], &axis.ty);
            let name = axis.name.text.clone();
            axes.push(TableAxis { name, ty, log: axis.log, knots: vec![] });
        }
        let declared = table.result.as_ref().map(|ty| (self.resolve_type(scope, &[], ty), ty.span));
        let mut result = declared.as_ref().map(|(ty, _)| ty.clone());
        let mut values = vec![];
        let mut ok = !table.rows.is_empty();
        for row in &table.rows {
            let key =
                self.table_number(&mut frame, &row.key, Some(&axes[0].ty.clone()), "a key of this table");
            ok &= self.push_knot(&mut axes[0], key, row.key.span);
            match (&row.value, axes.len()) {
                (TableCell::Value(value), 1) => {
                    let number = self.table_value(&mut frame, value, &mut result);
                    ok &= number.is_some();
                    values.extend(number);
                }
                (TableCell::Row { cells, span }, 2) => {
                    let first = axes[1].knots.is_empty();
                    let mut keys = TableAxis { knots: vec![], ..axes[1].clone() };
                    for (key, value) in cells {
                        let number =
                            self.table_number(&mut frame, key, Some(&keys.ty.clone()), "a key of this table");
                        ok &= self.push_knot(&mut keys, number, key.span);
                        let number = self.table_value(&mut frame, value, &mut result);
                        ok &= number.is_some();
                        values.extend(number);
                    }
                    if first {
                        axes[1].knots = keys.knots;
                    } else if ok && axes[1].knots != keys.knots {
                        self.report(CheckError::TableRowsDiffer {
                            span: *span,
                            first: table.rows_span.head(),
                        });
                        ok = false;
                    }
                }
                (TableCell::Value(value), _) => {
                    self.report(CheckError::TableShape { span: value.span, axes: axes.len() });
                    ok = false;
                }
                (TableCell::Row { span, .. }, _) => {
                    self.report(CheckError::TableShape { span: *span, axes: axes.len() });
                    ok = false;
                }
            }
        }
        if table.rows.is_empty() {
            self.report(CheckError::TableShape { span: table.rows_span, axes: axes.len() });
        }
        let positive = |axis: &TableAxis| !axis.log || axis.knots.iter().all(|k| *k > 0.0);
        if ok && !(axes.iter().all(positive) && (!table.log_result || values.iter().all(|v| *v > 0.0))) {
            self.report(CheckError::LogOfNonPositive { span: table.rows_span });
            ok = false;
        }
        if !ok {
            return Entity::Unknown;
        }
        let id = TableId(self.program.tables.len() as u32);
        self.program.tables.push(Table {
            name: table.name.text.clone(),
            doc: item.doc.clone(),
            span: table.name.span,
            axes,
            result: result.unwrap_or(Type::Unknown),
            log_result: table.log_result,
            values,
        });
        Entity::Table(id)
    }

    fn push_knot(&mut self, axis: &mut TableAxis, key: Option<f64>, span: Span) -> bool {
        let Some(key) = key else { return false };
        if axis.knots.last().is_some_and(|last| *last >= key) {
            self.report(CheckError::TableNotRising { span });
            return false;
        }
        axis.knots.push(key);
        true
    }

    fn table_value(
        &mut self,
        frame: &mut Frame,
        value: &ast::Expr,
        result: &mut Option<Type>,
    ) -> Option<f64> {
        let number = self.table_number(frame, value, result.clone().as_ref(), "a value of this table")?;
        if result.is_none() {
            *result = Some(self.infer(frame, value, None).ty);
        }
        Some(number)
    }

    /// A number that is known now: tables are data.
    fn table_number(
        &mut self,
        frame: &mut Frame,
        e: &ast::Expr,
        ty: Option<&Type>,
        what: &'static str,
    ) -> Option<f64> {
        let checked = match ty {
            Some(ty) => self.check_want(frame, e, &Want { ty, role: Role::Place(what) }),
            None => self.infer(frame, e, None),
        };
        let value = super::statement::constant(&checked);
        if value.is_none() && !checked.ty.is_unknown() {
            self.report(CheckError::NotConstant { span: e.span, what });
        }
        value
    }
    fn is_keyword(&self, scope: ScopeId, name: &str, keyword: &str) -> bool {
        let mut next = Some(scope);
        let mut chain = vec![];
        while let Some(id) = next {
            let scope = &self.scopes[id.index()];
            chain.push(id);
            chain.extend(scope.globs.iter().map(|g| g.0));
            next = scope.parent;
        }
        chain.extend(&self.prelude);
        chain.iter().any(|s| {
            let scope = &self.scopes[s.index()];
            let decl = scope.names.get(name).copied().or_else(|| scope.imports.get(name).map(|i| i.decl));
            decl.is_some_and(|d| self.declares(d, keyword))
        })
    }

    /// True when the declaration is of this keyword, without checking it.
    pub(super) fn declares(&self, decl: DeclId, keyword: &str) -> bool {
        match &self.decls[decl.index()].source {
            super::names::DeclSource::Outlined { keyword: k, .. } => *k == keyword,
            super::names::DeclSource::Item(item) => match &item.kind {
                ItemKind::Type { .. } => keyword == "type",
                ItemKind::Enum { .. } => keyword == "enum",
                ItemKind::Function(_) => keyword == "fn",
                ItemKind::Solver(_) => keyword == "solver",
                _ => false,
            },
            super::names::DeclSource::Module(_) => false,
        }
    }
}

/// `serving_engine` is `ServingEngine`.
fn camel_case(kind: &str) -> String {
    let mut result = String::new();
    for part in kind.split('_') {
        let mut chars = part.chars();
        result.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        result.push_str(chars.as_str());
    }
    result
}

/// `ServingEngine` is `serving_engine`.
pub(super) fn snake_case(name: &str) -> String {
    let mut result = String::new();
    for (index, c) in name.chars().enumerate() {
        if c.is_uppercase() && index > 0 {
            result.push('_');
        }
        result.extend(c.to_lowercase());
    }
    result
}
