//! Names, modules, types and dimensions: from syntax trees to a checked [`Program`](program::Program).
//!
//! Checking is driven by demand: a declaration is checked when its name is first needed, and the user's files demand
//! all of theirs. So the order of items does not matter, cycles are found where they close, and of the library only
//! what a scenario uses is parsed and checked.

mod call;
mod declare;
mod error;
mod expression;
mod grid;
pub mod hints;
mod import;
pub mod index;
mod load;
mod mismatch;
mod names;
mod plot;
pub mod program;
mod query;
mod record;
mod statement;
mod types;

pub use crate::check::query::{Query, Question, check_question, split_pairs};

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::check::hints::Findings;
use crate::check::index::{Index, Notes};
use crate::check::names::{DeclId, Scope, ScopeId};
use crate::check::program::{Entity, Expr, Local, LocalId, Program, Type};
use crate::codes;
use crate::diagnostic::{Diagnostic, Problems};
use crate::import::Declaration;
use crate::library;
use crate::source::{FileId, Library, SourceProvider, Sources, Span};
use crate::syntax::ast::Item;

/// Checks the files at `paths` and everything they use. `set` replaces the defaults of `param`s by name.
///
/// The program is whole only if `problems` has no error afterwards.
pub fn check(
    provider: &dyn SourceProvider,
    sources: &mut Sources,
    problems: &mut Problems,
    paths: &[String],
    set: &[(String, String)],
) -> Program {
    Checker::new(provider, sources, problems).check(paths, set).0
}

/// The same, with an index of names.
pub fn check_indexed(
    provider: &dyn SourceProvider,
    sources: &mut Sources,
    problems: &mut Problems,
    paths: &[String],
    set: &[(String, String)],
) -> (Program, Index) {
    let mut checker = Checker::new(provider, sources, problems);
    checker.notes = Some(Notes::default());
    checker.check(paths, set)
}

/// Is this what is said of a setting that no `param` of a file takes?
pub fn is_unknown_setting(diagnostic: &Diagnostic, name: &str, sources: &Sources) -> bool {
    let of = |span: Span| *sources.file(span.file).path == *load::setting_path(name);
    diagnostic.code == codes::UNKNOWN_PARAM && diagnostic.span().is_some_and(of)
}

/// The text of one file, for a command that does not check it.
pub fn read(
    provider: &dyn SourceProvider,
    sources: &mut Sources,
    problems: &mut Problems,
    path: &str,
) -> Option<(FileId, String)> {
    Checker::new(provider, sources, problems).read(path, None)
}

/// The declaration made of the configuration at `path`.
pub fn import(
    provider: &dyn SourceProvider,
    sources: &mut Sources,
    problems: &mut Problems,
    path: &str,
) -> Option<Declaration> {
    Checker::new(provider, sources, problems).import_file(path, None)
}

/// Checks every declaration of the library, and answers a program that holds all of it.
pub fn check_library(
    provider: &dyn SourceProvider,
    sources: &mut Sources,
    problems: &mut Problems,
) -> CheckedLibrary {
    let mut checker = Checker::new(provider, sources, problems);
    checker.load_prelude();
    let modules = checker.load_library();
    checker.declare_units();
    let mut declarations = vec![];
    for (module, scope) in modules {
        for (name, decl) in checker.scopes[scope.index()].names.clone() {
            let span = checker.decls[decl.index()].span;
            let entity = checker.demand(decl, span);
            declarations.push(Declared { module: module.clone(), name, entity });
        }
    }
    checker.settle();
    CheckedLibrary { program: checker.program, declarations }
}

/// The whole library, checked.
pub struct CheckedLibrary {
    pub program: Program,
    pub declarations: Vec<Declared>,
}

/// One name that a library module declares.
pub struct Declared {
    /// `std.hardware.nvidia`
    pub module: String,
    pub name: Arc<str>,
    pub entity: Entity,
}

struct Checker<'a> {
    provider: &'a dyn SourceProvider,
    library: &'a Library,
    sources: &'a mut Sources,
    problems: &'a mut Problems,
    program: Program,
    scopes: Vec<Scope>,
    decls: Vec<names::Decl>,
    /// Scopes of files by resolved path, of library modules by `std.` name.
    modules: FxHashMap<String, ScopeId>,
    prelude: Vec<ScopeId>,
    /// Files being loaded, each with the `use` that asked for it: an import cycle is a path that occurs twice.
    loading: Vec<(String, Option<Span>)>,
    /// Declarations being checked, each with the place that asked for it.
    demanded: Vec<(DeclId, Span)>,
    /// `unit` and `dimension` items met while loading.
    units: Vec<Rc<Item>>,
    /// `--set` expressions by `param`.
    settings: FxHashMap<DeclId, crate::syntax::ast::Expr>,
    /// What can be judged only when all is checked.
    findings: Findings,
    /// What names mean, where an index is wanted.
    notes: Option<Notes>,
}

impl<'a> Checker<'a> {
    fn new(provider: &'a dyn SourceProvider, sources: &'a mut Sources, problems: &'a mut Problems) -> Self {
        Checker {
            provider,
            library: library::of(provider),
            sources,
            problems,
            program: Program::default(),
            scopes: vec![],
            decls: vec![],
            modules: FxHashMap::default(),
            prelude: vec![],
            loading: vec![],
            demanded: vec![],
            units: vec![],
            settings: FxHashMap::default(),
            findings: Findings::default(),
            notes: None,
        }
    }

    fn check(mut self, paths: &[String], set: &[(String, String)]) -> (Program, Index) {
        self.load_prelude();
        let files: Vec<ScopeId> = paths.iter().filter_map(|p| self.load_file(p, None)).collect();
        self.declare_units();
        self.apply_settings(&files, set);
        for scope in &files {
            let plan = self.check_file(*scope);
            self.program.files.push(plan);
        }
        let index = self.index();
        self.settle();
        self.warn_unused(&files);
        (self.program, index)
    }

    /// Reports what can be judged only when all is checked.
    fn settle(&mut self) {
        self.settle_missing();
        self.settle_misfits();
    }
}

/// What the body being checked can see besides its file: the slots of its frame and its type parameters.
struct Frame {
    scope: ScopeId,
    locals: Vec<Local>,
    /// Names in sight, inner ones last.
    visible: Vec<(Arc<str>, LocalId)>,
    generics: Vec<Arc<str>>,
    /// In a condition on the points of a grid: the point, whose fields are names.
    point: Option<Point>,
}

/// A point of a grid.
struct Point {
    ty: Type,
    slot: LocalId,
    /// Among the values of axes: the roots of the axes before. Those come before the names of the file, and the other
    /// fields after them.
    axes: Option<Vec<Arc<str>>>,
    /// In a condition, and in no goal or order.
    condition: bool,
}

impl Frame {
    fn new(scope: ScopeId) -> Self {
        Frame { scope, locals: vec![], visible: vec![], generics: vec![], point: None }
    }

    fn local(&self, name: &str) -> Option<LocalId> {
        self.visible.iter().rev().find(|(n, _)| &**n == name).map(|(_, id)| *id)
    }

    /// True where a name is a field of the point before it is a name of the file.
    fn point_first(&self, name: &str) -> bool {
        self.point
            .as_ref()
            .is_some_and(|p| p.axes.as_ref().is_none_or(|axes| axes.iter().any(|a| **a == *name)))
    }

    /// A new slot, not yet in sight.
    fn slot(&mut self, local: Local) -> LocalId {
        self.locals.push(local);
        LocalId(self.locals.len() as u32 - 1)
    }

    /// A new slot, in sight until [`Frame::leave`] goes back before it.
    fn bind(&mut self, local: Local) -> LocalId {
        let name = local.name.clone();
        let id = self.slot(local);
        self.visible.push((name, id));
        id
    }

    fn mark(&self) -> usize {
        self.visible.len()
    }

    fn leave(&mut self, mark: usize) {
        self.visible.truncate(mark);
    }
}

/// What an expression is meant to be, and who says so.
#[derive(Clone)]
struct Want<'t> {
    ty: &'t Type,
    role: Role,
}

/// Who wants a type: the words of a mismatch.
#[derive(Clone)]
enum Role {
    /// `field memory_bw of Hardware`, `input batch of roofline`, `parameter x of f`, and where it is declared.
    Declared { what: String, span: Span },
    /// `the condition of an assert`: nothing is declared anywhere.
    Place(&'static str),
}

impl Expr {
    fn bad(span: Span) -> Expr {
        Expr { kind: program::ExprKind::Bad, ty: Type::Unknown, span }
    }
}

/// `ServingEngine` is declared by `serving_engine NAME { .. }`.
pub fn record_kind(type_name: &str) -> String {
    declare::snake_case(type_name)
}
