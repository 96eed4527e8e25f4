//! Modules: reading files, following `use`, registering names, declaring units and dimensions.

use std::rc::Rc;
use std::sync::Arc;

use crate::check::Checker;
use crate::check::error::{DeclarationError, ModuleError};
use crate::check::names;
use crate::check::names::{DeclSource, Import, ScopeId, declared_name};
use crate::diagnostic::Diagnostic;
use crate::library::{LibraryItem, PRELUDE};
use crate::source::{FileId, Origin, Span};
use crate::suggest;
use crate::syntax;
use crate::syntax::ast::{Item, ItemKind, Name, Use, UseNames, UseTarget};
use crate::units;

/// A scenario is written by people; a larger one is a mistake or generated text that wants a sweep.
pub const FILE_LIMIT: u64 = 16 * 1024 * 1024;
/// Files that may `use` one another in a chain.
const IMPORT_DEPTH: usize = 64;

impl Checker<'_> {
    /// Units and dimensions, and the modules whose names need no `use`.
    pub(super) fn load_prelude(&mut self) {
        for module in PRELUDE {
            if let Some(scope) = self.load_module(module) {
                self.prelude.push(scope);
            }
        }
        let units = &self.library.units;
        let file = self.sources.add(&units.path, Origin::Library, &*units.text);
        for item in units.items() {
            let parsed = self.library_item(file, &item);
            self.units.extend(parsed.map(Rc::new));
        }
    }

    /// The tree of an item of the library.
    pub(super) fn library_item(&mut self, file: FileId, item: &LibraryItem) -> Option<Item> {
        if let Some(tree) = item.tree {
            return Some(syntax::read_tree(file, tree));
        }
        let text = self.sources.file(file).text.clone();
        let (parsed, problems) = syntax::parse_item(file, &text, &item.slice);
        self.problems.extend(problems);
        parsed
    }

    /// Every module of the library, with its dotted name.
    pub(super) fn load_library(&mut self) -> Vec<(String, ScopeId)> {
        let names: Vec<String> = self.library.modules().map(|m| m.name.clone()).collect();
        names.into_iter().filter_map(|name| self.load_module(&name).map(|scope| (name, scope))).collect()
    }

    /// A library module by its dotted name. Its items are outlined, and parsed when somebody needs them.
    pub(super) fn load_module(&mut self, name: &str) -> Option<ScopeId> {
        if let Some(scope) = self.modules.get(name) {
            return Some(*scope);
        }
        let module = self.library.module(name)?;
        let file = self.sources.add(&module.path, Origin::Library, &*module.text);
        let scope = self.new_scope(None, file);
        self.modules.insert(name.to_string(), scope);
        for item in module.items() {
            match item.slice.keyword {
                "use" | "unit" | "dimension" => {
                    if let Some(parsed) = self.library_item(file, &item) {
                        self.register(scope, parsed);
                    }
                }
                _ => {
                    let span = Span::new(file, item.slice.start, item.slice.end);
                    let name = Name { text: item.slice.name.clone(), span };
                    self.declare(scope, &name, DeclSource::Library(Rc::new(item)));
                }
            }
        }
        Some(scope)
    }

    /// A file of the user's: read, parsed, its names registered, what it uses loaded before it.
    pub(super) fn load_file(&mut self, path: &str, from: Option<Span>) -> Option<ScopeId> {
        if let Some(start) = self.loading.iter().position(|(p, _)| p == path) {
            let mut files: Vec<Arc<str>> =
                self.loading[start..].iter().map(|(p, _)| p.as_str().into()).collect();
            let mut uses: Vec<Span> = self.loading[start + 1..].iter().filter_map(|(_, s)| *s).collect();
            uses.extend(from);
            files.push(path.into());
            self.report(ModuleError::ImportCycle { files, uses });
            return None;
        }
        if let Some(scope) = self.modules.get(path) {
            return Some(*scope);
        }
        if self.loading.len() >= IMPORT_DEPTH {
            self.report(ModuleError::ImportTooDeep { path: path.into(), span: from, limit: IMPORT_DEPTH });
            return None;
        }
        let (file, text) = self.read(path, from)?;
        let (tree, problems) = syntax::parse_file(file, &text);
        self.problems.extend(problems);
        let scope = self.new_scope(None, file);
        self.loading.push((path.to_string(), from));
        for item in tree.items {
            if let ItemKind::Bad { .. } = item.kind {
                self.note_unread(file, &item);
                // `use std.systems.`: what it would have brought, nobody knows.
                let text = self.sources.text(item.span);
                self.scopes[scope.index()].incomplete |= text.starts_with("use ") && text.ends_with('.');
            }
            self.register(scope, item);
        }
        self.loading.pop();
        self.modules.insert(path.to_string(), scope);
        Some(scope)
    }

    /// The text of a file of the user's; `from` is the `use` that names it.
    pub(super) fn read(&mut self, path: &str, from: Option<Span>) -> Option<(FileId, String)> {
        self.read_at_most(path, from, FILE_LIMIT)
    }

    pub(super) fn read_at_most(
        &mut self,
        path: &str,
        from: Option<Span>,
        limit: u64,
    ) -> Option<(FileId, String)> {
        match self.provider.read(path, limit) {
            Ok(text) => Some((self.sources.add(path, Origin::User, text.as_str()), text)),
            Err(error) => {
                let siblings = self.provider.siblings(path);
                let near = suggest::nearest(path, siblings.iter().map(String::as_str)).map(str::to_string);
                self.report(ModuleError::Unreadable { path: path.into(), error, from, near });
                None
            }
        }
    }

    fn register(&mut self, scope: ScopeId, item: Item) {
        let item = Rc::new(item);
        match &item.kind {
            ItemKind::Use(use_) => self.register_use(scope, use_, item.span),
            ItemKind::Unit(_) | ItemKind::Dimension { .. } => self.units.push(item),
            ItemKind::Scenario { name, items } => self.register_scenario(scope, name, items),
            kind => {
                if let Some(name) = declared_name(kind) {
                    self.declare(scope, name, DeclSource::Item(item.clone()));
                }
                if matches!(
                    kind,
                    ItemKind::Assert(_)
                        | ItemKind::Show(_)
                        | ItemKind::Plot(_)
                        | ItemKind::Solve { .. }
                        | ItemKind::Sweep(_)
                ) {
                    self.scopes[scope.index()].actions.push(item);
                }
            }
        }
    }

    fn register_scenario(&mut self, parent: ScopeId, name: &Name, items: &[Item]) {
        let file = self.scopes[parent.index()].file;
        let scope = self.new_scope(Some(parent), file);
        let taken = self.scopes[parent.index()]
            .scenarios
            .iter()
            .any(|s| self.scopes[s.index()].scenario.as_ref() == Some(&name.text));
        if taken {
            self.report(DeclarationError::DuplicateScenario { name: name.text.clone(), span: name.span });
        }
        self.scopes[scope.index()].scenario = Some(name.text.clone());
        self.scopes[parent.index()].scenarios.push(scope);
        for item in items {
            if let ItemKind::Bad { .. } = item.kind {
                self.note_unread(file, item);
            }
            match &item.kind {
                ItemKind::Use(_)
                | ItemKind::Unit(_)
                | ItemKind::Dimension { .. }
                | ItemKind::Scenario { .. }
                | ItemKind::Param { .. } => self.report(DeclarationError::NotInScenario { span: item.span }),
                _ => self.register(scope, item.clone()),
            }
        }
    }

    fn register_use(&mut self, scope: ScopeId, use_: &Use, span: Span) {
        match &use_.target {
            UseTarget::File { path, span: path_span } => {
                let from = self.sources.file(self.scopes[scope.index()].file).path.clone();
                let resolved = self.provider.resolve(&from, path);
                match self.load_file(&resolved, Some(*path_span)) {
                    Some(target) => {
                        self.note_scope(*path_span, target);
                        self.import(scope, target, &use_.names, span, path);
                    }
                    None => self.bind_unknown(scope, None, &use_.names),
                }
            }
            UseTarget::Module(path) => self.use_module(scope, path, &use_.names, span),
        }
    }

    /// `use std.a.b`: the module `std.a.b`, or the declaration `b` of module `std.a`.
    fn use_module(&mut self, scope: ScopeId, path: &[Name], names: &UseNames, span: Span) {
        let dotted = |parts: &[Name]| parts.iter().map(|n| &*n.text).collect::<Vec<_>>().join(".");
        let whole = dotted(path);
        if let Some(target) = self.load_module(&whole) {
            if let Some((first, last)) = path.first().zip(path.last()) {
                self.note_scope(first.span.to(last.span), target);
            }
            match (names, path.last()) {
                // `use std.solvers.roofline` means the solver, not the module that it is in.
                (UseNames::Plain { alias }, Some(last))
                    if self.scopes[target.index()].names.contains_key(&last.text) =>
                {
                    self.import_name(scope, target, last, alias.as_ref(), &whole);
                }
                (UseNames::Plain { alias }, Some(last)) => {
                    self.bind_module(scope, target, alias.as_ref().unwrap_or(last));
                }
                _ => self.import(scope, target, names, span, &whole),
            }
            return;
        }
        if let ([parent @ .., last], UseNames::Plain { alias }) = (path, names)
            && let Some(target) = self.load_module(&dotted(parent))
        {
            if let Some((first, end)) = parent.first().zip(parent.last()) {
                self.note_scope(first.span.to(end.span), target);
            }
            self.import_name(scope, target, last, alias.as_ref(), &dotted(parent));
            return;
        }
        let span = path.first().zip(path.last()).map_or(span, |(a, b)| a.span.to(b.span));
        let error = self.unknown_module(&whole, span);
        self.report(error);
        self.bind_unknown(scope, path.last(), names);
    }

    /// Names that a failed `use` would have brought stand for something unknown, so that their uses raise nothing.
    fn bind_unknown(&mut self, scope: ScopeId, last: Option<&Name>, names: &UseNames) {
        let bound: Vec<&Name> = match names {
            UseNames::Plain { alias } => alias.as_ref().or(last).into_iter().collect(),
            UseNames::Group(group) => group.iter().map(|(n, a)| a.as_ref().unwrap_or(n)).collect(),
            UseNames::All => vec![],
        };
        self.scopes[scope.index()].incomplete |= bound.is_empty();
        for name in bound {
            let bad = Item { doc: "".into(), kind: ItemKind::Bad { name: None }, span: name.span };
            let decl = self.add_decl(scope, name, DeclSource::Item(Rc::new(bad)));
            self.bind_import(scope, name, decl);
            if let Some(import) = self.scopes[scope.index()].imports.get_mut(&name.text) {
                import.used = true;
            }
        }
    }

    fn import(&mut self, scope: ScopeId, target: ScopeId, names: &UseNames, span: Span, from: &str) {
        match names {
            UseNames::Plain { alias: Some(alias) } => self.bind_module(scope, target, alias),
            UseNames::Plain { alias: None } | UseNames::All => {
                self.scopes[scope.index()].globs.push((target, span, false));
            }
            UseNames::Group(group) => {
                for (name, alias) in group {
                    self.import_name(scope, target, name, alias.as_ref(), from);
                }
            }
        }
    }

    /// `name.thing` is what the module at `target` declares as `thing`.
    fn bind_module(&mut self, scope: ScopeId, target: ScopeId, name: &Name) {
        let decl = self.add_decl(scope, name, DeclSource::Module(target));
        self.bind_import(scope, name, decl);
    }

    fn import_name(
        &mut self,
        scope: ScopeId,
        target: ScopeId,
        name: &Name,
        alias: Option<&Name>,
        from: &str,
    ) {
        let bound = alias.unwrap_or(name);
        match self.scopes[target.index()].names.get(&name.text).copied() {
            Some(decl) => {
                self.note_declaration(name.span, decl);
                if let Some(alias) = alias {
                    self.note_declaration(alias.span, decl);
                }
                self.bind_import(scope, bound, decl)
            }
            None => {
                let names: Vec<Arc<str>> = self.scopes[target.index()].names.keys().cloned().collect();
                let elsewhere = self.library.find(&name.text);
                self.report(ModuleError::NotInModule {
                    name: name.text.clone(),
                    span: name.span,
                    module: from.into(),
                    names,
                    elsewhere,
                });
                self.bind_unknown(scope, Some(bound), &UseNames::Plain { alias: None });
            }
        }
    }

    fn bind_import(&mut self, scope: ScopeId, name: &Name, decl: crate::check::names::DeclId) {
        let import = Import { decl, span: name.span, used: false };
        let old = self.scopes[scope.index()].imports.insert(name.text.clone(), import);
        if let Some(old) = old.filter(|old| old.decl != decl) {
            self.report(DeclarationError::DuplicateName {
                name: name.text.clone(),
                span: name.span,
                first: old.span,
            });
        }
    }

    fn unknown_module(&self, path: &str, span: Span) -> ModuleError {
        let names: Vec<String> = self.library.modules().map(|m| m.name.clone()).collect();
        let near = suggest::nearest(path, names.iter().map(String::as_str)).map(str::to_string);
        let parent: String = path.rsplit_once('.').map_or(String::new(), |(p, _)| format!("{p}."));
        let beside = names.into_iter().filter(|n| !parent.is_empty() && n.starts_with(&parent)).collect();
        ModuleError::UnknownModule { path: path.into(), span, near, beside }
    }

    /// Declares all units and dimensions of all loaded files; those of a file may build on those of any other.
    pub(super) fn declare_units(&mut self) {
        let items = std::mem::take(&mut self.units);
        let problems: Vec<Diagnostic> = units::declare::declare_all(&mut self.program.registry, &items);
        self.problems.extend(problems);
        self.note_units(&items);
    }

    /// Reads `--set NAME=VALUE` as an expression of the file that declares `param NAME`.
    pub(super) fn apply_settings(&mut self, files: &[ScopeId], set: &[(String, String)]) {
        for (name, value) in set {
            let file = self.sources.add(&setting_path(name), Origin::Argument, value.as_str());
            let expr = match syntax::parse_expression(file, value) {
                Ok(expr) => expr,
                Err(problems) => {
                    self.problems.extend(problems);
                    continue;
                }
            };
            let mut params: Vec<Arc<str>> = vec![];
            let mut found = false;
            for decl in self.params_of(files) {
                params.push(self.decls[decl.index()].name.clone());
                if *self.decls[decl.index()].name == **name {
                    self.settings.insert(decl, expr.clone());
                    found = true;
                }
            }
            if !found {
                self.report(DeclarationError::UnknownParam {
                    name: name.as_str().into(),
                    span: whole(file, value),
                    params,
                });
            }
        }
    }

    /// The `param`s of these files and of the files they use.
    fn params_of(&self, files: &[ScopeId]) -> Vec<crate::check::names::DeclId> {
        let mut scopes = files.to_vec();
        let mut index = 0;
        while let Some(scope) = scopes.get(index).copied() {
            let scope = &self.scopes[scope.index()];
            let named = scope.imports.values().map(|import| match &self.decls[import.decl.index()] {
                names::Decl { source: DeclSource::Module(target), .. } => *target,
                decl => decl.scope,
            });
            let targets: Vec<ScopeId> = scope.globs.iter().map(|(target, ..)| *target).chain(named).collect();
            for target in targets {
                if !scopes.contains(&target) {
                    scopes.push(target);
                }
            }
            index += 1;
        }
        let is_param = |d: &crate::check::names::DeclId| matches!(&self.decls[d.index()].source, DeclSource::Item(i) if matches!(i.kind, ItemKind::Param { .. }));
        scopes.iter().flat_map(|s| self.scopes[s.index()].names.values().copied()).filter(is_param).collect()
    }
}

/// What the value of a setting is called in place of a file.
pub(super) fn setting_path(name: &str) -> String {
    format!("--set {name}")
}

fn whole(file: FileId, text: &str) -> Span {
    Span::new(file, 0, text.len())
}
