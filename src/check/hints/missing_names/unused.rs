//! Declarations without a use: one of them may be what a missing name means.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::check::Checker;
use crate::check::hints::missing_names::lookup::{Missing, Wanted};
use crate::check::names::{DeclId, DeclSource, DeclState};
use crate::check::program::{Entity, Type};
use crate::source::{Library, Origin, Span};
use crate::syntax::ast::ItemKind;

/// A declaration without a use.
pub(crate) struct Unused {
    pub name: Arc<str>,
    pub span: Span,
    /// It serves nothing unless it is used: a solve is shown, a `let` is not.
    pub pointless: bool,
    /// The type of a value.
    ty: Option<Type>,
}

/// Whether a use and a declaration go together.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fit {
    Yes,
    Maybe,
    No,
}

impl Fit {
    pub fn and(self, other: Fit) -> Fit {
        match (self, other) {
            (Fit::No, _) | (_, Fit::No) => Fit::No,
            (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
            _ => Fit::Maybe,
        }
    }
}

impl Checker<'_> {
    /// Whether a declaration could be what a use of a missing name means, by how it is used.
    pub(crate) fn use_fits(&self, missing: &Missing, unused: &Unused) -> Fit {
        if let Wanted::Type | Wanted::Function = missing.wanted {
            return Fit::Yes;
        }
        let Some(ty) = &unused.ty else { return Fit::Maybe };
        let text = &self.sources.file(missing.span.file).text;
        let (before, after) = text.split_at(missing.span.start as usize);
        let (before, after) = (before.trim_end(), &after[missing.span.len()..]);
        let fit = |fits| if fits { Fit::Yes } else { Fit::No };
        if let Some(field) = after.strip_prefix('.').map(first_word) {
            return fit(self.has_field(ty, field));
        }
        if after.trim_start_matches(' ').starts_with('{') {
            return fit(matches!(ty, Type::Record(_) | Type::Solve(_) | Type::Solver(_)));
        }
        let queried = ["where", "minimize", "maximize", "top", "bottom", "sort", "pareto"];
        if before.ends_with(" all")
            || before.ends_with(" any")
            || queried.contains(&first_word(after.trim_start()))
        {
            return fit(matches!(ty, Type::Grid(_)));
        }
        match &missing.hint {
            Some(hint) if !hint.is_unknown() => fit(hint.required() == ty.required()),
            _ => Fit::Maybe,
        }
    }

    fn has_field(&self, ty: &Type, field: &str) -> bool {
        match ty {
            Type::Record(id) => self.program.ty(*id).fields.contains_key(field),
            Type::Solve(id) => self.program.solver(*id).slot(field).is_some(),
            Type::Grid(id) => self.has_field(&self.point_type(*id), field),
            _ => false,
        }
    }

    /// What is declared where the missing name is looked for, could be it, and is never used.
    pub(crate) fn unused(&self, missing: &Missing) -> Vec<Unused> {
        let named =
            |(name, span): (&Arc<str>, Span)| Unused { name: name.clone(), span, pointless: false, ty: None };
        let all: Vec<Unused> = match &missing.wanted {
            Wanted::Field(Type::Record(id)) => {
                self.program.ty(*id).fields.iter().map(|(n, f)| named((n, f.span))).collect()
            }
            Wanted::Field(Type::Solve(id)) => {
                let solver = self.program.solver(*id);
                solver.slots().map(|s| &solver.locals[s.index()]).map(|l| named((&l.name, l.span))).collect()
            }
            Wanted::Field(_) => vec![],
            Wanted::Member(id) => {
                self.program.enumeration(*id).members.iter().map(|(n, m)| named((n, m.span))).collect()
            }
            _ => return self.unused_declarations(missing),
        };
        all.into_iter().filter(|i| self.is_unused(i.span)).collect()
    }

    fn is_unused(&self, span: Span) -> bool {
        !self.sources.is_library(span) && !self.findings.used.contains(&span)
    }

    fn unused_declarations(&self, missing: &Missing) -> Vec<Unused> {
        let mut found = vec![];
        if missing.wanted == Wanted::Value {
            let locals = missing.locals.iter().filter(|(_, span)| self.is_unused(*span));
            found.extend(locals.map(|(n, span)| Unused {
                name: n.clone(),
                span: *span,
                pointless: false,
                ty: None,
            }));
        }
        let mut next = missing.scope;
        while let Some(id) = next {
            let scope = &self.scopes[id.index()];
            let globs = scope.globs.iter().map(|g| &self.scopes[g.0.index()]);
            for decl in std::iter::once(scope).chain(globs).flat_map(|s| s.names.values()) {
                found.extend(self.unused_declaration(*decl, missing));
            }
            next = scope.parent;
        }
        found
    }

    fn unused_declaration(&self, id: DeclId, missing: &Missing) -> Option<Unused> {
        let decl = &self.decls[id.index()];
        let DeclSource::Item(item) = &decl.source else { return None };
        let (kind, pointless) = match &item.kind {
            ItemKind::Let(_) | ItemKind::Param { .. } | ItemKind::Record { .. } | ItemKind::Solver(_) => {
                (Wanted::Value, true)
            }
            ItemKind::Solve { .. } | ItemKind::Sweep(_) => (Wanted::Value, false),
            ItemKind::Function(_) | ItemKind::Table(_) => (Wanted::Function, true),
            ItemKind::Type { .. } | ItemKind::Enum { .. } => (Wanted::Type, true),
            _ => return None,
        };
        // Nothing is what its own definition lacks.
        let around = item.span.covers(missing.span);
        let user = !around && self.sources.file(decl.span.file).origin == Origin::User;
        let ty = match decl.state {
            DeclState::Done(Entity::Value(id)) => Some(self.program.global(id).ty.clone()),
            DeclState::Done(Entity::Solver(id)) => Some(Type::Solver(id)),
            _ => None,
        };
        (user && !decl.used && kind == missing.wanted).then(|| Unused {
            name: decl.name.clone(),
            span: decl.span,
            pointless,
            ty,
        })
    }
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// Whether the library writes every word of a name somewhere: then it is spelt as it should be.
pub(crate) fn is_known(library: &Library, name: &str) -> bool {
    let words: FxHashSet<&str> = name.split('_').filter(|w| w.len() > 2).collect();
    let letter = |c: char| c.is_ascii_alphanumeric();
    words.into_iter().all(|word| {
        library.modules().any(|module| {
            module.text.match_indices(word).any(|(at, _)| {
                !module.text[..at].ends_with(letter) && !module.text[at + word.len()..].starts_with(letter)
            })
        })
    })
}
