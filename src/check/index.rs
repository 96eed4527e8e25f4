//! Which name stands for what: noted while names are resolved, for whoever asks about a place in a text.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::Checker;
use crate::check::names::{DeclId, DeclSource, DeclState, ScopeId};
use crate::check::program::EnumId;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Expr, ExprKind, Item, ItemKind, TypeExpr, TypeExprKind, UnitDefinition, UnitExpr};

/// The names of a program's texts, each with the place that declares what it means. In the order of places.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub uses: Vec<Use>,
    /// Where dimensions are declared.
    pub dimensions: Vec<(Arc<str>, Span)>,
}

/// A name as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    pub span: Span,
    /// The name in the declaration; of a file or module its beginning.
    pub declared: Span,
}

/// What a check notes for the index.
#[derive(Default)]
pub(super) struct Notes {
    names: Vec<(Span, Meant)>,
    /// `batch` of `solver { batch: 8 }`: alone it is also a name in sight.
    keys: Vec<Use>,
    dimensions: FxHashMap<Arc<str>, Span>,
}

#[derive(Clone, Copy)]
enum Meant {
    Declaration(DeclId),
    Place(Span),
}

impl Checker<'_> {
    /// The name at `at` means a declaration.
    pub(super) fn note_declaration(&mut self, at: Span, decl: DeclId) {
        if let Some(notes) = self.notes.as_mut().filter(|_| !at.is_empty()) {
            notes.names.push((at, Meant::Declaration(decl)));
        }
    }

    /// The name at `at` means what is declared at `declared`.
    pub(super) fn note_name(&mut self, at: Span, declared: Span) {
        if let Some(notes) = self.notes.as_mut().filter(|_| !at.is_empty()) {
            notes.names.push((at, Meant::Place(declared)));
        }
    }

    /// The name at `at` says which field, input or parameter is given.
    pub(super) fn note_key(&mut self, at: Span, declared: Span) {
        if let Some(notes) = &mut self.notes {
            notes.keys.push(Use { span: at, declared });
        }
    }

    /// The name at `at` is a file or module.
    pub(super) fn note_scope(&mut self, at: Span, scope: ScopeId) {
        let file = self.scopes[scope.index()].file;
        self.note_name(at, Span::new(file, 0, 0));
    }

    pub(super) fn note_member(&mut self, at: Span, id: EnumId, member: u32) {
        if self.notes.is_some()
            && let Some((_, declared)) = self.program.enumeration(id).members.get_index(member as usize)
        {
            let declared = declared.span;
            self.note_name(at, declared);
        }
    }

    pub(super) fn note_unit(&mut self, unit: &UnitExpr) {
        if self.notes.is_none() {
            return;
        }
        for factor in &unit.factors {
            if let Some(declared) = self.program.registry.unit(&factor.name.text) {
                self.note_name(factor.name.span, declared.span);
            }
        }
    }

    pub(super) fn note_dimension(&mut self, at: Span, name: &str) {
        let declared = self.notes.as_ref().and_then(|n| n.dimensions.get(name)).copied();
        if let Some(declared) = declared {
            self.note_name(at, declared);
        }
    }

    /// What units and dimensions build on.
    pub(super) fn note_units(&mut self, items: &[std::rc::Rc<Item>]) {
        let Some(notes) = &mut self.notes else { return };
        for item in items {
            if let ItemKind::Dimension { name, .. } = &item.kind {
                notes.dimensions.entry(name.text.clone()).or_insert(name.span);
            }
        }
        for item in items {
            match &item.kind {
                ItemKind::Dimension { definition: Some(ty), .. } => self.note_dimensions(ty),
                ItemKind::Unit(unit) => match &unit.definition {
                    UnitDefinition::Base(ty) => self.note_dimensions(ty),
                    UnitDefinition::Derived(value) => self.note_units_of(value),
                },
                _ => {}
            }
        }
    }

    fn note_dimensions(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeExprKind::Name(name) => self.note_dimension(ty.span, name),
            TypeExprKind::Product(a, b) | TypeExprKind::Quotient(a, b) => {
                self.note_dimensions(a);
                self.note_dimensions(b);
            }
            TypeExprKind::Power(inner, ..) | TypeExprKind::Optional(inner) | TypeExprKind::List(inner) => {
                self.note_dimensions(inner);
            }
            TypeExprKind::One | TypeExprKind::Bad => {}
        }
    }

    fn note_units_of(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::Quantity { unit, .. } => self.note_unit(unit),
            ExprKind::Binary { left, right, .. } => {
                self.note_units_of(left);
                self.note_units_of(right);
            }
            ExprKind::Parenthesized(inner) => self.note_units_of(inner),
            _ => {}
        }
    }

    /// The index of what was checked.
    pub(super) fn index(&mut self) -> Index {
        let Some(Notes { names, mut keys, dimensions }) = self.notes.take() else { return Index::default() };
        // What was looked at twice means what was found last.
        let mut last: FxHashMap<Span, Span> = FxHashMap::default();
        for (at, meant) in names {
            let declared = match meant {
                Meant::Place(declared) => declared,
                Meant::Declaration(decl) => self.declaration_of(decl, at),
            };
            last.insert(at, declared);
        }
        keys.extend(last.into_iter().map(|(span, declared)| Use { span, declared }));
        // `...` names nothing, and a declaration is no use of itself.
        keys.retain(|u| u.span != u.declared && self.sources.text(u.span) != "...");
        keys.sort_unstable();
        keys.dedup();
        Index { uses: keys, dimensions: dimensions.into_iter().collect() }
    }

    /// The name in a declaration. One of the library that nothing needs is read for that.
    fn declaration_of(&mut self, decl: DeclId, at: Span) -> Span {
        let found = &self.decls[decl.index()];
        match (&found.source, found.state) {
            (DeclSource::Module(scope), _) => Span::new(self.scopes[scope.index()].file, 0, 0),
            (DeclSource::Library(_), DeclState::Pending) => {
                self.demand(decl, at);
                self.decls[decl.index()].span
            }
            _ => found.span,
        }
    }
}

impl Index {
    /// The uses that cover an offset of a file, the shortest first.
    pub fn at(&self, file: FileId, offset: u32) -> Vec<Use> {
        let end = self.uses.partition_point(|u| (u.span.file, u.span.start) <= (file, offset));
        let before = self.uses[..end].iter().rev();
        // Names are short: what begins in another line does not cover it.
        let near = before.take_while(|u| u.span.file == file && u.span.start + REACH >= offset);
        let mut found: Vec<Use> = near.filter(|u| u.span.end >= offset).copied().collect();
        found.sort_by_key(|u| u.span.len());
        found
    }

    /// The places that name what is declared at `declared`.
    pub fn uses_of(&self, declared: Span) -> impl Iterator<Item = Span> {
        let mut seen = FxHashSet::default();
        self.uses.iter().filter(move |u| u.declared == declared && seen.insert(u.span)).map(|u| u.span)
    }
}

/// The longest name of a module or file that is looked for, in bytes.
const REACH: u32 = 4_096;
