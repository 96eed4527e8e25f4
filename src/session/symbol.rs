//! What stands at a place of a text.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::check::index::Index;
use crate::check::program::{Action, Expr, Global, GlobalId, GlobalKind, Local, PlotKind, Program, Type};
use crate::outcome::Datum;
use crate::source::{FileId, Location, Sources, Span};

/// What a name or an expression at a place of a text is.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// The name as it is declared; of an expression its text.
    pub name: String,
    /// Its type as people write it: `Data / Time`, `Hardware?`, `[Precision]`.
    pub ty: Option<String>,
    /// The `##` comment of its declaration.
    pub documentation: String,
    /// The stretch of text that was asked about.
    pub place: Location,
    /// Its name in its declaration; `None` for an expression.
    pub declared: Option<Location>,
    /// Where it is named, in the order of files and offsets. The declaration is none of them.
    pub uses: Vec<Location>,
    /// Its value in base units, once the file has been run; `None` where it has one only at a point of a sweep, or in a
    /// solve.
    pub value: Option<Datum>,
}

/// Kinds of symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// `let`, outside of functions and solvers.
    Let,
    /// `param`
    Param,
    /// `hardware NAME { .. }`
    Record,
    /// `solve NAME = ..`
    Solve,
    /// `sweep NAME = ..`
    Sweep,
    /// `type`
    Type,
    /// A field of a `type`.
    Field,
    /// `enum`
    Enum,
    /// A member of an `enum`.
    Member,
    /// `fn`
    Function,
    /// A parameter of a function.
    Parameter,
    /// `table`
    Table,
    /// `solver`
    Solver,
    /// An input of a solver.
    Input,
    /// An output of a solver.
    Output,
    /// A name within a function, a solver or an expression.
    Local,
    /// `unit`
    Unit,
    /// `dimension`
    Dimension,
    /// A file, or a module of the library.
    Module,
    /// No name: a number, an operator.
    Expression,
}

/// A declaration of a program.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub kind: SymbolKind,
    pub name: Arc<str>,
    pub ty: Option<String>,
    pub documentation: Arc<str>,
    pub global: Option<GlobalId>,
}

/// Every declaration by the place of its name.
pub(super) type Definitions = FxHashMap<Span, Definition>;

pub(super) fn definitions(program: &Program, index: &Index, sources: &Sources) -> Definitions {
    let mut found = Collector { program, found: Definitions::default() };
    found.types();
    found.callables();
    for (index, global) in program.globals.iter().enumerate() {
        found.global(GlobalId(index as u32), global);
    }
    for step in program.files.iter().flat_map(|f| &f.steps) {
        found.locals(&step.locals, |_| SymbolKind::Local);
    }
    for sweep in &program.sweeps {
        found.locals(&sweep.locals, |_| SymbolKind::Local);
    }
    for (_, unit) in program.registry.units() {
        let ty = program.registry.describe(unit.dimension);
        found.add(unit.span, SymbolKind::Unit, &unit.canonical, Some(ty), &unit.doc);
    }
    for (name, span) in &index.dimensions {
        let named = program.registry.dimensions().find(|(n, _)| *n == name);
        let (ty, doc) = named
            .map_or((None, "".into()), |(_, d)| (Some(program.registry.factors(d.dimension)), d.doc.clone()));
        found.add(*span, SymbolKind::Dimension, name, ty, &doc);
    }
    for (id, file) in sources.iter() {
        let head = Span::new(id, 0, 0);
        found.add(head, SymbolKind::Module, &file.path, None, &"".into());
    }
    found.found
}

/// A type as a plan writes it.
pub(super) fn described(program: &Program, ty: &Type) -> Option<String> {
    match ty {
        Type::Unknown => None,
        Type::Quantity(dimension) if dimension.is_scalar() => Some("Scalar".into()),
        Type::Optional(inner) => described(program, inner).map(|inner| format!("{inner}?")),
        Type::List(inner) => described(program, inner).map(|inner| format!("[{inner}]")),
        other => Some(program.describe(other)),
    }
}

struct Collector<'p> {
    program: &'p Program,
    found: Definitions,
}

impl Collector<'_> {
    fn add(
        &mut self,
        span: Span,
        kind: SymbolKind,
        name: &Arc<str>,
        ty: Option<String>,
        documentation: &Arc<str>,
    ) {
        let (name, documentation) = (name.clone(), documentation.clone());
        self.found.entry(span).or_insert(Definition { kind, name, ty, documentation, global: None });
    }

    fn describe(&self, ty: &Type) -> Option<String> {
        described(self.program, ty)
    }

    fn locals(&mut self, locals: &[Local], kind: impl Fn(usize) -> SymbolKind) {
        for (index, local) in locals.iter().enumerate() {
            let ty = self.describe(&local.ty);
            self.add(local.span, kind(index), &local.name, ty, &local.doc);
        }
    }

    fn types(&mut self) {
        let program = self.program;
        for ty in &program.types {
            self.add(ty.span, SymbolKind::Type, &ty.name, None, &ty.doc);
            for (name, field) in &ty.fields {
                let described = self.describe(&field.ty);
                self.add(field.span, SymbolKind::Field, name, described, &field.doc);
            }
        }
        for one in &program.enums {
            self.add(one.span, SymbolKind::Enum, &one.name, None, &one.doc);
            for (name, member) in &one.members {
                self.add(member.span, SymbolKind::Member, name, Some(one.name.to_string()), &member.doc);
            }
        }
    }

    fn callables(&mut self) {
        let program = self.program;
        for function in &program.functions {
            let ty = self.describe(&function.result);
            self.add(function.span, SymbolKind::Function, &function.name, ty, &function.doc);
            let parameters = function.parameters;
            self.locals(&function.locals, |index| match index < parameters {
                true => SymbolKind::Parameter,
                false => SymbolKind::Local,
            });
        }
        for table in &program.tables {
            let ty = self.describe(&table.result);
            self.add(table.span, SymbolKind::Table, &table.name, ty, &table.doc);
        }
        for solver in &program.solvers {
            self.add(solver.span, SymbolKind::Solver, &solver.name, None, &solver.doc);
            self.locals(&solver.locals, |index| match index < solver.inputs {
                true => SymbolKind::Input,
                false if solver.outputs.iter().any(|o| o.index() == index) => SymbolKind::Output,
                false => SymbolKind::Local,
            });
        }
    }

    fn global(&mut self, id: GlobalId, global: &Global) {
        let kind = match global.kind {
            GlobalKind::Let => SymbolKind::Let,
            GlobalKind::Param => SymbolKind::Param,
            GlobalKind::Record => SymbolKind::Record,
            GlobalKind::Solve => SymbolKind::Solve,
            GlobalKind::Sweep => SymbolKind::Sweep,
        };
        let ty = self.describe(&global.ty);
        self.add(global.span, kind, &global.name, ty, &global.doc);
        if let Some(found) = self.found.get_mut(&global.span) {
            found.global = Some(id);
        }
        self.locals(&global.locals, |_| SymbolKind::Local);
    }
}

/// The smallest expression of a program that covers an offset of a file and is wanted.
pub(super) fn expression_at<'p>(
    program: &'p Program,
    (file, offset): (FileId, u32),
    wanted: &dyn Fn(&Expr) -> bool,
) -> Option<&'p Expr> {
    let mut best: Option<&'p Expr> = None;
    let mut consider = |e: &'p Expr| {
        let here = e.span.file == file && (e.span.start..=e.span.end).contains(&offset);
        if here && wanted(e) && best.is_none_or(|b| e.span.len() <= b.span.len()) {
            best = Some(e);
        }
    };
    roots(program, &mut |e| walk(e, &mut consider));
    best
}

fn walk<'p>(e: &'p Expr, f: &mut dyn FnMut(&'p Expr)) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        f(e);
        e.for_each_child(&mut |child| walk(child, f));
    });
}

/// Every expression of a program that is part of no other.
fn roots<'p>(program: &'p Program, f: &mut dyn FnMut(&'p Expr)) {
    use crate::check::program::{Body, Statement};
    for global in &program.globals {
        f(&global.value);
    }
    for sweep in &program.sweeps {
        f(&sweep.base);
        sweep.axes.iter().for_each(|axis| f(&axis.values));
        sweep.condition.iter().for_each(&mut *f);
    }
    for ty in &program.types {
        ty.fields.values().filter_map(|field| field.default.as_ref()).for_each(&mut *f);
    }
    for function in &program.functions {
        function.defaults.iter().flatten().for_each(&mut *f);
        if let Body::Expression(body) = &function.body {
            f(body);
        }
    }
    for solver in &program.solvers {
        solver.defaults.iter().flatten().for_each(&mut *f);
        for statement in &solver.body {
            match statement {
                Statement::Require { condition, message, .. } => {
                    f(condition);
                    message.iter().for_each(&mut *f);
                }
                Statement::Note { condition, message, .. }
                | Statement::Infeasible { condition, message, .. } => {
                    f(condition);
                    f(message);
                }
                Statement::Define { value, .. } => f(value),
            }
        }
    }
    for step in program.files.iter().flat_map(|file| &file.steps) {
        match &step.action {
            Action::Solve(_) | Action::Sweep(_) => {}
            Action::AssertGrid { grid, condition, message, .. } => {
                f(grid);
                f(condition);
                message.iter().for_each(&mut *f);
            }
            Action::Assert { condition, message, .. } => {
                f(condition);
                message.iter().for_each(&mut *f);
            }
            Action::Show(e) => f(e),
            Action::Plot(plot) => {
                plot.title.iter().for_each(&mut *f);
                match &plot.kind {
                    PlotKind::Points { grid, y, x, .. } => {
                        f(grid);
                        f(&y.value);
                        f(&x.value);
                    }
                    PlotKind::Roofline(roofs) => roofs.iter().for_each(|roof| f(&roof.solve)),
                    PlotKind::Bars(values) => values.iter().for_each(&mut *f),
                }
            }
        }
    }
}

/// Does it depend on nothing but the program: no local, no point of a sweep?
pub(super) fn stands_alone(e: &Expr) -> bool {
    use crate::check::program::ExprKind;
    let mut alone = !matches!(e.kind, ExprKind::Local(_) | ExprKind::Bad);
    e.for_each_child(&mut |child| alone = alone && stands_alone(child));
    alone
}
