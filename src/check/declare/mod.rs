//! Declarations: what each kind of item stands for.

mod function;
mod table;
mod types;
mod value;

use std::sync::Arc;

use crate::check::Checker;
use crate::check::names::{DeclId, ScopeId};
use crate::check::program::{Entity, Local, Type};
use crate::syntax::ast::{Item, ItemKind, Name};

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

    fn local(&self, name: &Name, doc: &Arc<str>, ty: Type) -> Local {
        Local { name: name.text.clone(), doc: doc.clone(), ty, span: name.span, unit: None }
    }

    fn is_keyword(&mut self, scope: ScopeId, name: &str, keyword: &str) -> bool {
        let mut next = Some(scope);
        let mut chain = vec![];
        while let Some(id) = next {
            let scope = &self.scopes[id.index()];
            chain.push(id);
            chain.extend(scope.globs.iter().map(|g| g.0));
            next = scope.parent;
        }
        chain.extend(&self.prelude);
        let in_chain = chain.iter().any(|s| {
            let scope = &self.scopes[s.index()];
            let decl = scope.names.get(name).copied().or_else(|| scope.imports.get(name).map(|i| i.decl));
            decl.is_some_and(|d| self.declares(d, keyword))
        });
        in_chain || self.library_solver(name).is_some_and(|d| self.declares(d, keyword))
    }

    /// True when the declaration is of this keyword, without checking it.
    pub(super) fn declares(&self, decl: DeclId, keyword: &str) -> bool {
        match &self.decls[decl.index()].source {
            crate::check::names::DeclSource::Library(item) => item.slice.keyword == keyword,
            crate::check::names::DeclSource::Item(item) => match &item.kind {
                ItemKind::Type { .. } => keyword == "type",
                ItemKind::Enum { .. } => keyword == "enum",
                ItemKind::Function(_) => keyword == "fn",
                ItemKind::Solver(_) => keyword == "solver",
                _ => false,
            },
            crate::check::names::DeclSource::Module(_) => false,
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
