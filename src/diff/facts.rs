//! What a file says and what its values are, as a flat list of named facts: two such lists can be compared.

use std::rc::Rc;

use indexmap::IndexMap;

use crate::check::program::text::one_line;
use crate::check::program::{
    Action, Body, Change, Expr, ExprKind, GlobalId, GlobalKind, Program, Solver, Statement, Type,
};
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::path_text;
use crate::lower::value::{Env, Owner, Value};
use crate::outcome::Datum;
use crate::run::data::datum::datum;
use crate::source::{Origin, Sources, Span};
use crate::units::dimension::Dimension;
use crate::units::registry::ResolvedUnit;

/// Records in the records of a solve that are looked into.
const INSIDE: usize = 2;

/// What a fact is to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The file gives it: a param, a field, an argument.
    Input,
    /// An input that the file does not give, at its default.
    Default,
    /// How something is computed.
    Equation,
    /// What a solve, a `show` or a `let` yields.
    Result,
}

/// The scenario, the file beside the one that was asked for, and the name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// `None` for what stands outside of any scenario.
    pub scenario: Option<String>,
    /// `None` for the file that was asked for.
    pub file: Option<String>,
    /// `pod.devices`, `one.latency`
    pub name: String,
}

/// What is known of a named input, equation or result.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is to the plan.
    pub role: Role,
    /// The declaration that it is a part of: `pod`.
    pub owner: String,
    /// In base units.
    pub value: Datum,
    /// Of a quantity; `None` for what is no number.
    pub dimension: Option<Dimension>,
    /// The unit that it is written in, where it is.
    pub unit: Option<ResolvedUnit>,
    /// The expression as written, on one line.
    pub text: String,
    /// It is a literal: nothing else changes it.
    pub literal: bool,
}

/// Facts by key, in the order of the plan.
pub type Facts = IndexMap<Key, Fact>;

/// The facts of the file that a program was checked for.
pub fn facts(program: &Program, sources: &Sources) -> Facts {
    let main = program.files.first().map(|plan| plan.file);
    let lowerer = Lowerer::new(program, sources);
    let mut collector = Collector { lowerer, found: Facts::new(), scenario: None, file: None };
    for (index, global) in program.globals.iter().enumerate() {
        let file = sources.file(global.span.file);
        if file.origin != Origin::User {
            continue;
        }
        let beside = || file.path.rsplit(['/', ':']).next().unwrap_or_default().to_string();
        collector.file = (Some(global.span.file) != main).then(beside);
        collector.scenario = global.scenario.as_ref().map(|s| s.to_string());
        collector.global(GlobalId(index as u32));
    }
    collector.scenario = None;
    collector.equations(main);
    collector.file = None;
    for step in program.files.iter().flat_map(|plan| &plan.steps) {
        if let Action::Show(e) = &step.action {
            collector.scenario = step.scenario.as_ref().map(|s| s.to_string());
            let env = Env::new(Owner::Step, step.locals.len());
            let name = one_line(sources, e);
            collector.leaf(&name, &name, e, &env, Role::Result);
        }
    }
    collector.found
}

struct Collector<'p> {
    lowerer: Lowerer<'p>,
    found: Facts,
    scenario: Option<String>,
    file: Option<String>,
}

impl<'p> Collector<'p> {
    fn add(&mut self, name: &str, fact: Fact) {
        let key = Key { scenario: self.scenario.clone(), file: self.file.clone(), name: name.to_string() };
        // What is written last counts; a result is shown once, and a default is what no file gives.
        let first = fact.role == Role::Result || fact.role == Role::Default;
        if !first || !self.found.contains_key(&key) {
            self.found.insert(key, fact);
        }
    }

    /// A fact that is a text.
    fn text(&mut self, role: Role, owner: &str, name: &str, text: String) {
        let value = Datum::Text(text.clone());
        let fact =
            Fact { role, owner: owner.into(), value, dimension: None, unit: None, text, literal: true };
        self.add(name, fact);
    }

    fn global(&mut self, id: GlobalId) {
        let Ok((value, env)) = self.lowerer.global(id) else { return };
        let global = self.lowerer.program.global(id);
        let name = global.name.to_string();
        match (global.kind, &global.value.kind) {
            (GlobalKind::Sweep, ExprKind::Sweep(id)) => {
                let sweep = self.lowerer.program.sweep(*id);
                self.input(&name, &name, &sweep.base, &env);
                for axis in &sweep.axes {
                    let text = one_line(self.lowerer.sources, &axis.values);
                    self.text(Role::Input, &name, &format!("{name} over {}", axis.name), text);
                }
                if let Some(condition) = &sweep.condition {
                    let text = one_line(self.lowerer.sources, condition);
                    self.text(Role::Equation, &name, &format!("{name} where"), text);
                }
            }
            (GlobalKind::Let, _) if !is_given(&global.value) => {
                let text = one_line(self.lowerer.sources, &global.value);
                self.text(Role::Equation, &name, &format!("{name} ="), text);
                self.leaf(&name, &name, &global.value, &env, Role::Result);
            }
            _ => self.input(&name, &name, &global.value, &env),
        }
        if let (GlobalKind::Solve, Value::Solve(_)) = (global.kind, &value) {
            self.outputs(&name, &value);
        }
    }

    /// What a file gives, down to the values that it writes.
    fn input(&mut self, owner: &str, name: &str, e: &'p Expr, env: &Rc<Env<'p>>) {
        match &e.kind {
            ExprKind::Parenthesized(inner) | ExprKind::Unwrap(inner) => self.input(owner, name, inner, env),
            ExprKind::Record { changes } => {
                self.changes(owner, name, e, changes, env);
                self.defaults(owner, name, e, env);
            }
            ExprKind::Override { base, changes } => {
                match &base.kind {
                    ExprKind::Override { .. } | ExprKind::Record { .. } => self.input(owner, name, base, env),
                    _ => {
                        let text = one_line(self.lowerer.sources, base);
                        self.text(Role::Input, owner, &format!("{name} is a"), text);
                    }
                }
                self.changes(owner, name, e, changes, env);
                self.defaults(owner, name, e, env);
            }
            _ => match e.ty.required() {
                Type::Record(_) | Type::Solve(_) | Type::Solver(_) | Type::Grid(_) => {
                    let text = one_line(self.lowerer.sources, e);
                    self.text(Role::Input, owner, name, text);
                }
                _ => self.leaf(owner, name, e, env, Role::Input),
            },
        }
    }

    fn changes(&mut self, owner: &str, name: &str, e: &'p Expr, changes: &'p [Change], env: &Rc<Env<'p>>) {
        for change in changes {
            let path = path_text(self.lowerer.program, &e.ty, &change.path);
            self.input(owner, &format!("{name}.{path}"), &change.value, env);
        }
    }

    /// Inputs of a solve and plain fields of a record at their defaults.
    fn defaults(&mut self, owner: &str, name: &str, e: &'p Expr, env: &Rc<Env<'p>>) {
        let Ok(value) = self.lowerer.lower(e, env) else { return };
        match &value {
            Value::Solve(solve) => {
                let solver = self.lowerer.program.solver(solve.solver);
                let Ok(results) = self.lowerer.results(solve) else { return };
                for (index, local) in solver.locals[..solver.inputs].iter().enumerate() {
                    let (value, unit) = (results.get(index).unwrap_or(Value::Absent), local.unit.clone());
                    let name = format!("{name}.{}", local.name);
                    if solve.given[index].is_none() {
                        self.default(owner, &name, &value, &local.ty, unit);
                    }
                    self.behind(owner, &name, &value, INSIDE);
                }
            }
            Value::Record(_) => self.behind(owner, name, &value, INSIDE + 1),
            _ => {}
        }
    }

    /// The fields of a record, which the other side may replace one by one: `system.hardware.memory_bw`.
    fn behind(&mut self, owner: &str, name: &str, value: &Value<'p>, depth: usize) {
        let Value::Record(record) = value else { return };
        let declared = self.lowerer.program.ty(record.ty);
        for (index, (field, of)) in declared.fields.iter().enumerate().filter(|_| depth > 0) {
            let Ok(inner) = self.lowerer.field(value, index) else { continue };
            let name = format!("{name}.{field}");
            self.default(owner, &name, &inner, &of.ty, None);
            self.behind(owner, &name, &inner, depth - 1);
        }
    }

    fn default(&mut self, owner: &str, name: &str, value: &Value<'p>, ty: &Type, unit: Option<ResolvedUnit>) {
        if matches!(ty.required(), Type::Quantity(_) | Type::Bool | Type::Enum(_)) {
            let value = datum(&mut self.lowerer, value, ty, unit.as_ref());
            let (dimension, owner) = (dimension_of(ty), owner.to_string());
            let text = String::new();
            self.add(name, Fact { role: Role::Default, owner, value, dimension, unit, text, literal: false });
        }
    }

    fn leaf(&mut self, owner: &str, name: &str, e: &'p Expr, env: &Rc<Env<'p>>, role: Role) {
        let Ok(value) = self.lowerer.lower(e, env) else { return };
        let unit = self.lowerer.unit_of(e, env);
        let shown = datum(&mut self.lowerer, &value, &e.ty, unit.as_ref());
        let text = one_line(self.lowerer.sources, e);
        let literal = is_literal(e);
        let (dimension, owner) = (dimension_of(&e.ty), owner.to_string());
        self.add(name, Fact { role, owner, value: shown, dimension, unit, text, literal });
    }

    fn outputs(&mut self, name: &str, value: &Value<'p>) {
        let Value::Solve(solve) = value else { return };
        let solver = self.lowerer.program.solver(solve.solver);
        let Ok(results) = self.lowerer.results(solve) else { return };
        for slot in &solver.outputs {
            let local = &solver.locals[slot.index()];
            let value = results.get(slot.index()).unwrap_or(Value::Absent);
            let unit = local.unit.clone();
            let shown = datum(&mut self.lowerer, &value, &local.ty, unit.as_ref());
            let dimension = dimension_of(&local.ty);
            let (owner, text) = (name.to_string(), String::new());
            let fact =
                Fact { role: Role::Result, owner, value: shown, dimension, unit, text, literal: false };
            self.add(&format!("{name}.{}", local.name), fact);
        }
    }

    /// The functions, solvers and tables of the user's files.
    fn equations(&mut self, main: Option<crate::source::FileId>) {
        let program = self.lowerer.program;
        let sources = self.lowerer.sources;
        let own = |span: Span| sources.file(span.file).origin == Origin::User;
        let beside = |span: Span| {
            let path = &sources.file(span.file).path;
            (Some(span.file) != main).then(|| path.rsplit(['/', ':']).next().unwrap_or_default().to_string())
        };
        for function in program.functions.iter().filter(|f| own(f.span)) {
            if let Body::Expression(body) = &function.body {
                self.file = beside(function.span);
                let text = one_line(self.lowerer.sources, body);
                self.text(Role::Equation, &function.name, &format!("fn {}", function.name), text);
            }
        }
        for solver in program.solvers.iter().filter(|s| own(s.span)) {
            self.file = beside(solver.span);
            self.solver(solver);
        }
        for table in program.tables.iter().filter(|t| own(t.span)) {
            self.file = beside(table.span);
            let mut text = vec![];
            for axis in &table.axes {
                text.push(format!("{}: {:?}", axis.name, axis.knots));
            }
            text.push(format!("{:?}", table.values));
            self.text(Role::Equation, &table.name, &format!("table {}", table.name), text.join("; "));
        }
    }

    fn solver(&mut self, solver: &'p Solver) {
        let name = &solver.name;
        for (local, default) in solver.locals.iter().zip(&solver.defaults) {
            if let Some(default) = default {
                let text = one_line(self.lowerer.sources, default);
                self.text(Role::Equation, name, &format!("{name}.{} by default", local.name), text);
            }
        }
        let mut requires = vec![];
        for statement in &solver.body {
            match statement {
                Statement::Define { slot, value } => {
                    let text = one_line(self.lowerer.sources, value);
                    let local = &solver.locals[slot.index()].name;
                    self.text(Role::Equation, name, &format!("{name}.{local} ="), text);
                }
                Statement::Require { condition, .. } | Statement::Infeasible { condition, .. } => {
                    requires.push(one_line(self.lowerer.sources, condition))
                }
                Statement::Note { .. } => {}
            }
        }
        if !requires.is_empty() {
            self.text(Role::Equation, name, &format!("{name} require"), requires.join("; "));
        }
    }
}

fn dimension_of(ty: &Type) -> Option<Dimension> {
    match ty.required() {
        Type::Quantity(dimension) => Some(*dimension),
        _ => None,
    }
}

/// A value that stands there: nothing is computed.
fn is_given(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Record { .. } | ExprKind::Override { .. } => true,
        ExprKind::Parenthesized(inner) => is_given(inner),
        _ => is_literal(e) || matches!(e.ty.required(), Type::Record(_) | Type::Solve(_) | Type::Solver(_)),
    }
}

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Parenthesized(inner)
        | ExprKind::Convert { value: inner, .. }
        | ExprKind::Unary { operand: inner, .. } => is_literal(inner),
        ExprKind::List(items) => items.iter().all(is_literal),
        _ => e.is_literal(),
    }
}
