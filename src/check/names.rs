//! Scopes, look-up, and declarations checked on demand.

use std::rc::Rc;
use std::sync::Arc;

use crate::NameMap;

use crate::check::Checker;
use crate::check::error::DeclarationError;
use crate::check::program::Entity;
use crate::library::LibraryItem;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Item, ItemKind, Name};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DeclId(u32);

impl DeclId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeId(pub u32);

impl ScopeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names of a file, a library module or a scenario.
pub(super) struct Scope {
    pub parent: Option<ScopeId>,
    pub file: FileId,
    pub names: NameMap<DeclId>,
    pub imports: NameMap<Import>,
    /// Scopes whose every name is visible here, and the `use` that says so.
    pub globs: Vec<(ScopeId, Span, bool)>,
    /// A `use` of all names of something failed: any name may have come from there.
    pub incomplete: bool,
    pub scenario: Option<Arc<str>>,
    /// Items that do something when the file runs, in order.
    pub actions: Vec<Rc<Item>>,
    pub scenarios: Vec<ScopeId>,
}

/// A name brought in by `use`.
#[derive(Clone)]
pub(super) struct Import {
    pub decl: DeclId,
    pub span: Span,
    pub used: bool,
}

pub(super) struct Decl {
    pub name: Arc<str>,
    /// The name in the declaration.
    pub span: Span,
    pub scope: ScopeId,
    pub source: DeclSource,
    pub state: DeclState,
    pub used: bool,
}

#[derive(Clone)]
pub(super) enum DeclSource {
    Item(Rc<Item>),
    /// A library item not needed yet.
    Library(Rc<LibraryItem>),
    Module(ScopeId),
}

#[derive(Clone, Copy)]
pub(super) enum DeclState {
    Pending,
    Active,
    Done(Entity),
}

/// How many declarations may wait for one another; each costs stack.
const DEMAND_LIMIT: usize = 4_000;

impl Checker<'_> {
    pub(super) fn new_scope(&mut self, parent: Option<ScopeId>, file: FileId) -> ScopeId {
        self.scopes.push(Scope {
            parent,
            file,
            names: NameMap::default(),
            imports: NameMap::default(),
            globs: vec![],
            incomplete: false,
            scenario: None,
            actions: vec![],
            scenarios: vec![],
        });
        ScopeId(self.scopes.len() as u32 - 1)
    }

    /// Declares a name; a second declaration of it in the same scope is an error and is dropped.
    pub(super) fn declare(&mut self, scope: ScopeId, name: &Name, source: DeclSource) -> Option<DeclId> {
        if let Some(first) = self.scopes[scope.index()].names.get(&name.text) {
            // What could not be read has told so already.
            let bad = |source: &DeclSource| matches!(source, DeclSource::Item(i) if matches!(i.kind, ItemKind::Bad { .. }));
            let first = &self.decls[first.index()];
            if bad(&source) || bad(&first.source) {
                return None;
            }
            let first = first.span;
            self.report(DeclarationError::DuplicateName { name: name.text.clone(), span: name.span, first });
            return None;
        }
        let id = self.add_decl(scope, name, source);
        self.scopes[scope.index()].names.insert(name.text.clone(), id);
        Some(id)
    }

    /// A declaration that no scope lists (a module bound by `use`).
    pub(super) fn add_decl(&mut self, scope: ScopeId, name: &Name, source: DeclSource) -> DeclId {
        self.decls.push(Decl {
            name: name.text.clone(),
            span: name.span,
            scope,
            source,
            state: DeclState::Pending,
            used: false,
        });
        DeclId(self.decls.len() as u32 - 1)
    }

    /// The declaration that `name` means in `scope`: its own names, imports, whole-file imports, the enclosing
    /// scope, at last the prelude. Marks what it finds as used.
    pub(super) fn lookup(&mut self, scope: ScopeId, name: &str) -> Option<DeclId> {
        let found = self.find(scope, name);
        if let Some(decl) = found {
            self.decls[decl.index()].used = true;
        }
        found
    }

    /// The same for a name that no text holds, such as a guess: the declaration does not count as used by that.
    pub(super) fn find(&mut self, scope: ScopeId, name: &str) -> Option<DeclId> {
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &mut self.scopes[id.index()];
            if let Some(decl) = scope.names.get(name) {
                return Some(*decl);
            }
            if let Some(import) = scope.imports.get_mut(name) {
                import.used = true;
                return Some(import.decl);
            }
            for index in 0..scope.globs.len() {
                let target = self.scopes[id.index()].globs[index].0;
                if let Some(decl) = self.scopes[target.index()].names.get(name).copied() {
                    self.scopes[id.index()].globs[index].2 = true;
                    return Some(decl);
                }
            }
            next = self.scopes[id.index()].parent;
        }
        let prelude = self.prelude.iter().find_map(|s| self.scopes[s.index()].names.get(name).copied());
        prelude.or_else(|| self.library_solver(name))
    }

    /// The solver that the library has in a module of its name.
    pub(super) fn library_solver(&mut self, name: &str) -> Option<DeclId> {
        let module = self.library.solver(name)?;
        let scope = self.load_module(&module.name)?;
        self.scopes[scope.index()].names.get(name).copied()
    }

    /// Whether a name that is not found may be one that a failed `use` would have brought.
    pub(super) fn is_incomplete(&self, scope: ScopeId) -> bool {
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &self.scopes[id.index()];
            if scope.incomplete || scope.globs.iter().any(|g| self.scopes[g.0.index()].incomplete) {
                return true;
            }
            next = scope.parent;
        }
        false
    }

    /// Where the user declares a name.
    pub(super) fn declared_at(&mut self, scope: ScopeId, name: &str) -> Option<Span> {
        let decl = self.find(scope, name)?;
        Some(self.decls[decl.index()].span).filter(|span| !self.sources.is_library(*span))
    }

    /// Every name visible in `scope`, nearest first.
    pub(super) fn visible_names(&self, scope: ScopeId) -> Vec<Arc<str>> {
        let mut names = vec![];
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope = &self.scopes[id.index()];
            names.extend(scope.names.keys().cloned());
            names.extend(scope.imports.keys().cloned());
            for (target, ..) in &scope.globs {
                names.extend(self.scopes[target.index()].names.keys().cloned());
            }
            next = scope.parent;
        }
        for scope in &self.prelude {
            names.extend(self.scopes[scope.index()].names.keys().cloned());
        }
        names.extend(self.library.solvers().map(Arc::from));
        names
    }

    pub(super) fn is_being_checked(&self, id: DeclId) -> bool {
        matches!(self.decls[id.index()].state, DeclState::Active)
    }

    /// Checks a declaration if that has not been done, and says what it is. `from` is where it is needed.
    pub(super) fn demand(&mut self, id: DeclId, from: Span) -> Entity {
        self.note_declaration(from, id);
        match self.decls[id.index()].state {
            DeclState::Done(entity) => entity,
            DeclState::Active => {
                self.report_cycle(id, from);
                Entity::Unknown
            }
            DeclState::Pending if self.demanded.len() >= DEMAND_LIMIT => {
                let name = self.decls[id.index()].name.clone();
                self.report(DeclarationError::ChainTooLong { name, span: from, limit: DEMAND_LIMIT });
                Entity::Unknown
            }
            DeclState::Pending => {
                self.decls[id.index()].state = DeclState::Active;
                self.demanded.push((id, from));
                let entity = stacker::maybe_grow(256 * 1024, 4 * 1024 * 1024, || self.check_declaration(id));
                self.demanded.pop();
                self.decls[id.index()].state = DeclState::Done(entity);
                entity
            }
        }
    }

    fn check_declaration(&mut self, id: DeclId) -> Entity {
        let scope = self.decls[id.index()].scope;
        match self.decls[id.index()].source.clone() {
            DeclSource::Module(scope) => Entity::Module(scope.0),
            DeclSource::Item(item) => self.check_item(id, scope, &item),
            DeclSource::Library(item) => match self.library_item(self.scopes[scope.index()].file, &item) {
                Some(item) => {
                    if let Some(name) = declared_name(&item.kind) {
                        self.decls[id.index()].span = name.span;
                    }
                    self.check_item(id, scope, &item)
                }
                None => Entity::Unknown,
            },
        }
    }

    fn report_cycle(&mut self, id: DeclId, from: Span) {
        let start = self.demanded.iter().position(|(d, _)| *d == id).unwrap_or(0);
        let members = &self.demanded[start..];
        let names: Vec<Arc<str>> = members.iter().map(|(d, _)| self.decls[d.index()].name.clone()).collect();
        let mut uses: Vec<Span> = members[1..].iter().map(|(_, span)| *span).collect();
        uses.push(from);
        let spans = members.iter().map(|(d, _)| self.decls[d.index()].span).collect();
        self.report(DeclarationError::Cycle { names, uses, spans });
    }
}

/// The name that an item declares in its scope.
pub(super) fn declared_name(kind: &ItemKind) -> Option<&Name> {
    match kind {
        ItemKind::Param { name, .. }
        | ItemKind::Type { name, .. }
        | ItemKind::Enum { name, .. }
        | ItemKind::Record { name, .. }
        | ItemKind::Solve { name, .. } => Some(name),
        ItemKind::Let(l) => Some(&l.name),
        ItemKind::Function(f) => Some(&f.name),
        ItemKind::Table(t) => Some(&t.name),
        ItemKind::Solver(s) => Some(&s.name),
        ItemKind::Sweep(s) => Some(&s.name),
        ItemKind::Bad { name } => name.as_ref(),
        ItemKind::Use(_)
        | ItemKind::Unit(_)
        | ItemKind::Dimension { .. }
        | ItemKind::Assert(_)
        | ItemKind::Show(_)
        | ItemKind::Plot(_)
        | ItemKind::Scenario { .. } => None,
    }
}
