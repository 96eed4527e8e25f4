//! The inputs of an expression: the numbers, members and flags of the program that an edit can change.
//!
//! What a user wrote is an input where it stands: the default of a `param`, a field, an argument of a solver. What the
//! library says is one where the user's text can say otherwise: an input or field without a value of its own, and the
//! fields of library records, which an override changes. A type whose documentation has a line `Given: ..` is what a
//! plan is for, not part of it: its fields in the library stay.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::program::{Body, Change, Expr, ExprKind, Global, GlobalKind, Program, Statement, Type};
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::opening::Opening;
use crate::lower::perturb::probe::{ExprKey, Trace};
use crate::lower::value::{Env, Origin, RecordValue, SolveValue, Value};
use crate::source::Sources;
use crate::syntax::ast::{BinaryOp, UnaryOp};
use crate::units::registry::ResolvedUnit;

/// Records in records that are looked into.
const DEPTH: usize = 4;

/// Something that could be another.
#[derive(Clone)]
pub struct Input<'p> {
    /// `efficiency`, `pod.devices`, `one.batch`, `pod.hardware.memory_bw`
    pub name: String,
    pub ty: Type,
    /// Its value, in base units.
    pub value: f64,
    /// The unit it is written in.
    pub unit: Option<ResolvedUnit>,
    /// A count: written as a whole number.
    pub whole: bool,
    /// A minus stands before the literal, whose value is without it.
    pub negated: bool,
    /// Of the library, not of the user.
    pub of_library: bool,
    /// The literal that has the value.
    pub literal: &'p Expr,
    pub place: InputPlace<'p>,
}

/// How the user's text sets an input.
#[derive(Clone)]
pub enum InputPlace<'p> {
    /// `--set NAME=VALUE`
    Param(String),
    /// The literal itself.
    Literal,
    /// A field or input added to the braces of a record or override: `path: value`.
    Added { braces: &'p Expr, path: Vec<u32>, written: String },
}

impl Input<'_> {
    /// What a probe puts other values into.
    pub fn key(&self) -> (ExprKey, Vec<u32>) {
        match &self.place {
            InputPlace::Param(_) | InputPlace::Literal => (ExprKey::of(self.literal), vec![]),
            InputPlace::Added { braces, path, .. } => (ExprKey::of(braces), path.clone()),
        }
    }

    /// As a lowering opens it.
    pub fn opening(&self) -> Opening {
        let (at, path) = self.key();
        (at, path, self.value)
    }
}

/// The inputs that some expressions of a file depend on. `trace` holds the literals and solve sites that lowering them visited.
pub fn inputs<'p>(lowerer: &mut Lowerer<'p>, of: &[&'p Expr], trace: &Trace) -> Vec<Input<'p>> {
    let (program, sources) = (lowerer.program, lowerer.sources);
    let mut finder =
        Finder { program, sources, found: vec![], seen: FxHashSet::default(), braces: FxHashMap::default() };
    for global in &program.globals {
        if !sources.is_library(global.span) {
            finder.global(global);
        }
    }
    finder.declared();
    of.iter().for_each(|e| finder.solves(e));
    finder.found.retain(|input| trace.literals.contains(&ExprKey::of(input.literal)));
    for site in &trace.sites {
        if let Some((braces, name)) = finder.braces.get(site).cloned() {
            finder.site(lowerer, braces, &name);
        }
    }
    finder.found
}

/// How the literal of an input is written.
#[derive(Clone, Copy, Default)]
struct Written {
    /// In the library, not in the user's text.
    of_library: bool,
    /// Behind a minus.
    negated: bool,
}

struct Finder<'p> {
    program: &'p Program,
    sources: &'p Sources,
    found: Vec<Input<'p>>,
    seen: FxHashSet<(ExprKey, Vec<u32>)>,
    /// Records, solves and overrides in the user's files, and what they are called.
    braces: FxHashMap<ExprKey, (&'p Expr, String)>,
}

impl<'p> Finder<'p> {
    fn global(&mut self, global: &'p Global) {
        let name = match &global.scenario {
            Some(scenario) => format!("{scenario}.{}", global.name),
            None => global.name.to_string(),
        };
        match (global.kind, &global.value.kind) {
            (GlobalKind::Param, _) => {
                if let Some((literal, negated)) = signed(&global.value) {
                    self.push(
                        literal,
                        name.clone(),
                        InputPlace::Param(name),
                        Written { of_library: false, negated },
                    );
                }
            }
            // The axes of a sweep are what it asks about, not what it has.
            (GlobalKind::Sweep, ExprKind::Sweep(id)) => {
                let base = &self.program.sweep(*id).base;
                self.value(base, &name);
            }
            _ => self.value(&global.value, &name),
        }
    }

    /// Defaults of the user's types, and what the user's functions and solvers call.
    fn declared(&mut self) {
        let (program, sources) = (self.program, self.sources);
        for ty in program.types.iter().filter(|ty| !sources.is_library(ty.span)) {
            for (name, field) in &ty.fields {
                if let Some(default) = &field.default {
                    self.value(default, &format!("{}.{name}", ty.name));
                }
            }
        }
        for function in program.functions.iter().filter(|f| !sources.is_library(f.span)) {
            let Body::Expression(body) = &function.body else { continue };
            for (default, local) in function.defaults.iter().zip(&function.locals) {
                if let Some(default) = default {
                    self.value(default, &format!("{}.{}", function.name, local.name));
                }
            }
            self.calls(body);
        }
        for solver in program.solvers.iter().filter(|s| !sources.is_library(s.span)) {
            for statement in &solver.body {
                match statement {
                    Statement::Define { value: e, .. }
                    | Statement::Require { condition: e, .. }
                    | Statement::Infeasible { condition: e, .. } => self.calls(e),
                    Statement::Note { .. } => {}
                }
            }
        }
    }

    /// Inputs among the parts of a value that make it up.
    fn value(&mut self, e: &'p Expr, name: &str) {
        if let Some((literal, negated)) = signed(e) {
            let of_library = self.sources.is_library(literal.span);
            return self.push(
                literal,
                name.to_string(),
                InputPlace::Literal,
                Written { of_library, negated },
            );
        }
        match &e.kind {
            ExprKind::Parenthesized(inner)
            | ExprKind::Unwrap(inner)
            | ExprKind::Convert { value: inner, .. }
            | ExprKind::Unary { operand: inner, op: UnaryOp::Negate } => self.value(inner, name),
            ExprKind::Record { changes } => {
                self.braces(e, name);
                self.changes(e, changes, name);
            }
            ExprKind::Override { base, changes } => {
                self.braces(e, name);
                self.value(base, name);
                self.changes(e, changes, name);
            }
            ExprKind::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(item, &format!("{name}[{index}]"));
                }
            }
            ExprKind::Binary { op: BinaryOp::Multiply, left, right } => {
                let both = plain(left).is_some() && plain(right).is_some();
                for side in [left, right] {
                    match plain(side) {
                        // A share or multiple of something: `0.9 * H100.memory_bw`; or `8 * 700 W`.
                        Some(literal)
                            if both || matches!(&literal.ty, Type::Quantity(d) if d.is_scalar()) =>
                        {
                            self.add(literal, format!("the factor of {name}"), InputPlace::Literal);
                        }
                        Some(_) => {}
                        None => self.calls(side),
                    }
                }
            }
            ExprKind::Binary { op: BinaryOp::Else, left, .. } => self.value(left, name),
            ExprKind::Global(id) => {
                // Another name for it: `solve two = one`.
                let global = self.program.global(*id);
                if matches!(global.kind, GlobalKind::Solve | GlobalKind::Record) {
                    self.braces.entry(ExprKey::of(e)).or_insert((&global.value, global.name.to_string()));
                }
            }
            _ => self.calls(e),
        }
    }

    /// Arguments of solvers and functions somewhere in an expression.
    fn calls(&mut self, e: &'p Expr) {
        match &e.kind {
            ExprKind::Override { base, .. } => {
                let name = self.sources.text(base.span).to_string();
                self.value(e, &name);
            }
            ExprKind::Call { function, arguments } => {
                let function = self.program.function(*function);
                for (argument, local) in arguments.iter().zip(&function.locals) {
                    if let Some(argument) = argument {
                        self.value(argument, &format!("{}.{}", function.name, local.name));
                    }
                }
            }
            _ => {
                let mut children = vec![];
                e.for_each_child(&mut |child| children.push(child));
                children.into_iter().for_each(|child| self.calls(child));
            }
        }
    }

    /// Arguments of solvers that an assertion calls itself. Its other numbers are what it asks for.
    fn solves(&mut self, e: &'p Expr) {
        if let ExprKind::Override { .. } = &e.kind {
            return self.calls(e);
        }
        let mut children = vec![];
        e.for_each_child(&mut |child| children.push(child));
        children.into_iter().for_each(|child| self.solves(child));
    }

    fn changes(&mut self, e: &'p Expr, changes: &'p [Change], name: &str) {
        for change in changes {
            let written = path_text(self.program, &e.ty, &change.path);
            self.value(&change.value, &format!("{name}.{written}"));
        }
    }

    fn braces(&mut self, e: &'p Expr, name: &str) {
        self.braces.entry(ExprKey::of(e)).or_insert((e, name.to_string()));
    }

    fn add(&mut self, literal: &'p Expr, name: String, place: InputPlace<'p>) {
        let of_library = self.sources.is_library(literal.span);
        self.push(literal, name, place, Written { of_library, negated: false });
    }

    fn push(&mut self, literal: &'p Expr, name: String, place: InputPlace<'p>, written: Written) {
        let (value, unit) = match &literal.kind {
            ExprKind::Number(value) => (*value, None),
            ExprKind::Quantity { value, unit } => (*value, Some(unit.clone())),
            ExprKind::Bool(value) => (f64::from(u8::from(*value)), None),
            ExprKind::Member(index) => (f64::from(*index), None),
            _ => return,
        };
        let text = self.sources.text(literal.span);
        let whole =
            matches!(literal.kind, ExprKind::Number(_)) && value.fract() == 0.0 && !text.contains(['.', 'e']);
        let ty = literal.ty.clone();
        let Written { of_library, negated } = written;
        let input = Input { name, ty, value, unit, whole, negated, of_library, literal, place };
        if self.seen.insert(input.key()) {
            self.found.push(input);
        }
    }

    /// What an added argument or field could change about the solve whose inputs stand at `braces`.
    fn site(&mut self, lowerer: &mut Lowerer<'p>, braces: &'p Expr, name: &str) {
        let Type::Solve(_) = braces.ty else { return };
        let env = Env::new(crate::lower::value::Owner::Step, 0);
        let Ok(Value::Solve(solve)) = lowerer.lower(braces, &env) else { return };
        let home = Home { braces, name: name.to_string(), path: vec![], written: vec![] };
        self.solve(lowerer, &solve, &home);
    }

    fn solve(&mut self, lowerer: &mut Lowerer<'p>, solve: &SolveValue<'p>, home: &Home<'p>) {
        let solver = self.program.solver(solve.solver);
        for (index, given) in solve.given.iter().enumerate() {
            let local = &solver.locals[index];
            let home = home.inside(index as u32, &local.name);
            match (given, &solver.defaults[index]) {
                (Some(slot), _) => {
                    if let (Value::Record(record), Some(origin)) = (&slot.value, &slot.origin) {
                        self.record(lowerer, record, origin.clone(), &home, 1);
                    }
                }
                (None, Some(default)) => {
                    if let Some(literal) = plain(default) {
                        self.push(literal, home.name(), home.place(), Written::default());
                    }
                }
                (None, None) => {}
            }
        }
    }

    fn record(
        &mut self,
        lowerer: &mut Lowerer<'p>,
        record: &RecordValue<'p>,
        origin: Origin<'p>,
        home: &Home<'p>,
        depth: usize,
    ) {
        let program = self.program;
        let declared = program.ty(record.ty);
        if depth > DEPTH || declared.doc.lines().any(|line| line.trim().starts_with("Given:")) {
            return;
        }
        // The braces nearest to the field are those of the user's own record, if it is one.
        let made = lowerer.computation(origin.expr, &origin.env);
        let own = match &made.expr.kind {
            ExprKind::Global(id) => {
                let global = program.global(*id);
                Some((&global.value, global.name.to_string()))
            }
            _ => Some((made.expr, home.name())),
        };
        let own = own.filter(|(e, _)| {
            !self.sources.is_library(e.span)
                && matches!(e.kind, ExprKind::Record { .. } | ExprKind::Override { .. })
        });
        let home = match own {
            Some((braces, name)) => Home { braces, name, path: vec![], written: vec![] },
            None => home.clone(),
        };
        for (index, (name, field)) in declared.fields.iter().enumerate() {
            let home = home.inside(index as u32, name);
            let slot = record.given[index].as_ref();
            let (value, origin) = match (slot, &field.default) {
                (Some(slot), _) => (Some(&slot.value), slot.origin.clone()),
                (None, Some(default)) => (None, Some(Origin { expr: default, env: record.env.clone() })),
                (None, None) => continue,
            };
            let Some(origin) = origin else { continue };
            if let Some(Value::Record(inner)) = value {
                self.record(lowerer, inner, origin, &home, depth + 1);
                continue;
            }
            let made = lowerer.computation(origin.expr, &origin.env);
            let quantity = matches!(made.expr.ty.required(), Type::Quantity(_));
            if let Some(literal) = plain(made.expr).filter(|_| quantity)
                && self.sources.is_library(literal.span)
            {
                let of_library = slot.is_some();
                self.push(literal, home.name(), home.place(), Written { of_library, negated: false });
            }
        }
    }
}

/// A path of field positions or input slots as it is written: `system.hardware`.
pub fn path_text(program: &Program, ty: &Type, path: &[u32]) -> String {
    let mut current = ty.required().clone();
    let mut parts = vec![];
    for index in path {
        let index = *index as usize;
        let (name, next) = match &current {
            Type::Record(id) => match program.ty(*id).fields.get_index(index) {
                Some((name, field)) => (name.clone(), field.ty.clone()),
                None => break,
            },
            Type::Solve(id) | Type::Solver(id) => {
                let local = &program.solver(*id).locals[index];
                (local.name.clone(), local.ty.clone())
            }
            _ => break,
        };
        parts.push(name.to_string());
        current = next.required().clone();
    }
    parts.join(".")
}

/// Braces of the user's, and a path from them to a field.
#[derive(Clone)]
struct Home<'p> {
    braces: &'p Expr,
    name: String,
    path: Vec<u32>,
    written: Vec<String>,
}

impl<'p> Home<'p> {
    fn inside(&self, index: u32, name: &str) -> Self {
        let mut inner = self.clone();
        inner.path.push(index);
        inner.written.push(name.to_string());
        inner
    }

    fn name(&self) -> String {
        let path = self.written.join(".");
        if path.is_empty() { self.name.clone() } else { format!("{}.{path}", self.name) }
    }

    fn place(&self) -> InputPlace<'p> {
        InputPlace::Added { braces: self.braces, path: self.path.clone(), written: self.written.join(".") }
    }
}

/// The literal that is all of an expression but for a minus, and whether there is one.
fn signed(e: &Expr) -> Option<(&Expr, bool)> {
    match &e.kind {
        ExprKind::Unary { op: UnaryOp::Negate, operand } => plain(operand).map(|literal| (literal, true)),
        ExprKind::Parenthesized(inner) | ExprKind::Convert { value: inner, .. } => signed(inner),
        _ => plain(e).map(|literal| (literal, false)),
    }
}

/// The literal that is all of an expression.
pub fn plain(e: &Expr) -> Option<&Expr> {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Quantity { .. } | ExprKind::Bool(_) | ExprKind::Member(_) => Some(e),
        ExprKind::Parenthesized(inner) | ExprKind::Convert { value: inner, .. } => plain(inner),
        _ => None,
    }
}
