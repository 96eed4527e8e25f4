//! What a file does: its solves, assertions and shows; and what it declares but never uses.

use std::sync::Arc;

use crate::check::error::{DeclarationError, TypeError};
use crate::check::names::{DeclId, DeclSource, DeclState, ScopeId};
use crate::check::program::{
    Action, Entity, Expr, ExprKind, FilePlan, GlobalKind, Local, LocalId, Pick, Plot, Step, TemplatePart,
    Type,
};
use crate::check::{Checker, Frame};
use crate::syntax::ast::{BinaryOp, Item, ItemKind, UnaryOp};
use crate::units::registry::ResolvedUnit;

impl Checker<'_> {
    /// Checks everything that a file declares and does.
    pub(super) fn check_file(&mut self, scope: ScopeId) -> FilePlan {
        let mut plan = FilePlan { file: self.scopes[scope.index()].file, steps: vec![], globals: vec![] };
        self.check_scope(scope, &mut plan);
        plan
    }

    fn check_scope(&mut self, scope: ScopeId, plan: &mut FilePlan) {
        let decls: Vec<DeclId> = self.scopes[scope.index()].names.values().copied().collect();
        for decl in decls {
            let span = self.decls[decl.index()].span;
            if let Entity::Value(id) = self.demand(decl, span) {
                plan.globals.push(id);
            }
        }
        let actions = self.scopes[scope.index()].actions.clone();
        for item in actions {
            self.check_action(scope, &item, plan);
        }
        for inner in self.scopes[scope.index()].scenarios.clone() {
            self.check_scope(inner, plan);
        }
    }

    fn check_action(&mut self, scope: ScopeId, item: &Item, plan: &mut FilePlan) {
        let scenario: Option<Arc<str>> = self.scopes[scope.index()].scenario.clone();
        let mut frame = Frame::new(scope);
        match &item.kind {
            ItemKind::Solve { name, .. } | ItemKind::Sweep(crate::syntax::ast::Sweep { name, .. }) => {
                let decl = self.scopes[scope.index()].names.get(&name.text).copied();
                let entity = decl.map(|d| self.decls[d.index()].state);
                if let Some(DeclState::Done(Entity::Value(id))) = entity {
                    let action = match self.program.global(id).kind {
                        GlobalKind::Sweep => Action::Sweep(id),
                        _ => Action::Solve(id),
                    };
                    plan.steps.push(Step { scenario, action, locals: vec![] });
                }
            }
            ItemKind::Assert(assert) if assert.over.is_some() => {
                let Some((quantifier, grid)) = &assert.over else { return };
                let message = assert.message.as_ref().map(|m| self.check_message(&mut frame, m));
                if let Some((grid, condition)) = self.check_over(scope, grid, &assert.condition) {
                    let all = *quantifier == crate::syntax::ast::Quantifier::All;
                    let (kind, span) = (assert.kind, assert.span);
                    let action = Action::AssertGrid { kind, all, grid, condition, message, span };
                    plan.steps.push(Step { scenario, action, locals: frame.locals });
                }
            }
            ItemKind::Assert(assert) => {
                let condition =
                    self.check_condition(&mut frame, &assert.condition, "the condition of an assertion");
                let message = assert.message.as_ref().map(|m| self.check_message(&mut frame, m));
                let action = Action::Assert { kind: assert.kind, condition, message, span: assert.span };
                plan.steps.push(Step { scenario, action, locals: frame.locals });
            }
            ItemKind::Plot(plot) => {
                let title = plot.title.as_ref().map(|t| self.check_message(&mut frame, t));
                if let Some(kind) = self.check_plot(&mut frame, &plot.kind) {
                    let action = Action::Plot(Box::new(Plot { kind, title, span: plot.span }));
                    plan.steps.push(Step { scenario, action, locals: frame.locals });
                }
            }
            ItemKind::Show(values) => {
                for value in values {
                    let mut frame = Frame::new(scope);
                    let value = self.infer(&mut frame, value, None);
                    if let Type::Solver(_) = value.ty {
                        let found = self.program.describe(&value.ty);
                        self.report(TypeError::NotAValue { span: value.span, found });
                        continue;
                    }
                    let scenario = scenario.clone();
                    plan.steps.push(Step { scenario, action: Action::Show(value), locals: frame.locals });
                }
            }
            _ => {}
        }
    }

    /// Warns of imports and params that nothing reads, in the files given. What is wrong may have read them.
    pub(super) fn warn_unused(&mut self, files: &[ScopeId]) {
        if self.problems.has_errors() {
            return;
        }
        for scope in files {
            let scope = &self.scopes[scope.index()];
            let mut unused = vec![];
            for (name, import) in &scope.imports {
                if !import.used {
                    unused.push(DeclarationError::UnusedImport { name: name.clone(), span: import.span });
                }
            }
            for (target, span, used) in &scope.globs {
                // A file is also used for its units, and for the solves it shows; only the library is judged.
                let file = self.scopes[target.index()].file;
                let library = self.sources.file(file).origin == crate::source::Origin::Library;
                if !used && library {
                    let name = self.sources.text(*span).trim_start_matches("use ").into();
                    unused.push(DeclarationError::UnusedImport { name, span: *span });
                }
            }
            for decl in scope.names.values() {
                let decl = &self.decls[decl.index()];
                let is_param =
                    matches!(&decl.source, DeclSource::Item(i) if matches!(i.kind, ItemKind::Param { .. }));
                if is_param && !decl.used {
                    unused.push(DeclarationError::UnusedParam { name: decl.name.clone(), span: decl.span });
                }
            }
            for error in unused {
                self.report(error);
            }
        }
    }

    /// The unit that an expression's author chose for it, if any.
    pub(super) fn unit_of(&self, locals: &[Local], e: &Expr) -> Option<ResolvedUnit> {
        match &e.kind {
            ExprKind::Quantity { unit, .. } | ExprKind::Convert { unit, .. } => Some(unit.clone()),
            ExprKind::Parenthesized(inner) | ExprKind::Unwrap(inner) => self.unit_of(locals, inner),
            ExprKind::Unary { operand, op: UnaryOp::Negate } => self.unit_of(locals, operand),
            ExprKind::Local(id) => locals.get(id.index()).and_then(|l| l.unit.clone()),
            ExprKind::Global(id) => self.program.global(*id).unit.clone(),
            ExprKind::Slot { base, slot } => match &base.ty {
                Type::Solve(id) => self.program.solver(*id).locals[slot.index()].unit.clone(),
                _ => None,
            },
            ExprKind::Block { value, .. } => self.unit_of(locals, value),
            _ => None,
        }
    }
}

/// The value of an expression of numbers alone.
pub(super) fn constant(e: &Expr) -> Option<f64> {
    match &e.kind {
        ExprKind::Number(value) | ExprKind::Quantity { value, .. } => Some(*value),
        ExprKind::Parenthesized(inner) | ExprKind::Convert { value: inner, .. } => constant(inner),
        ExprKind::Unary { op: UnaryOp::Negate, operand } => constant(operand).map(|v| -v),
        ExprKind::Binary { op, left, right } => {
            let (a, b) = (constant(left)?, constant(right)?);
            let value = match op {
                BinaryOp::Add => a + b,
                BinaryOp::Subtract => a - b,
                BinaryOp::Multiply => a * b,
                BinaryOp::Divide => a / b,
                BinaryOp::Power => libm::pow(a, b),
                _ => return None,
            };
            value.is_finite().then_some(value)
        }
        _ => None,
    }
}

/// The locals that an expression reads.
pub(super) fn locals_of(e: &Expr, found: &mut Vec<LocalId>) {
    if let ExprKind::Local(id) = &e.kind {
        found.push(*id);
    }
    e.for_each_child(&mut |child| locals_of(child, found));
}

impl Expr {
    /// Is it written out: a number, text, member, flag or `none`?
    pub fn is_literal(&self) -> bool {
        matches!(
            self.kind,
            ExprKind::Number(_)
                | ExprKind::Quantity { .. }
                | ExprKind::Text(_)
                | ExprKind::Bool(_)
                | ExprKind::Member(_)
                | ExprKind::None
        )
    }

    /// Calls `f` on each direct subexpression, in the order they are written.
    pub fn for_each_child<'e>(&'e self, f: &mut dyn FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::Number(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Member(_)
            | ExprKind::None
            | ExprKind::Local(_)
            | ExprKind::Global(_)
            | ExprKind::Solver(_)
            | ExprKind::Sweep(_)
            | ExprKind::Optimize { .. }
            | ExprKind::Bad => {}
            ExprKind::Filter { grid: a, condition: b }
            | ExprKind::Column { grid: a, body: b }
            | ExprKind::Best { grid: a, body: b, .. } => {
                f(a);
                f(b);
            }
            ExprKind::Pick { grid, pick } => {
                f(grid);
                match pick {
                    Pick::Top { count, by, .. } => {
                        f(count);
                        f(by);
                    }
                    Pick::Sort { by } => f(by),
                    Pick::Pareto(goals) => goals.iter().for_each(|(_, e)| f(e)),
                }
            }
            ExprKind::Aggregate { column, argument, .. } => {
                f(column);
                if let Some(argument) = argument {
                    f(argument);
                }
            }
            ExprKind::Extremum { low, high, step, condition, .. } => {
                f(low);
                f(high);
                if let Some(step) = step {
                    f(step);
                }
                f(condition);
            }
            ExprKind::Template(parts) => {
                for part in parts {
                    if let TemplatePart::Value(e) = part {
                        f(e);
                    }
                }
            }
            ExprKind::Field { base, .. } | ExprKind::Slot { base, .. } => f(base),
            ExprKind::Has(e)
            | ExprKind::Length(e)
            | ExprKind::Unwrap(e)
            | ExprKind::Parenthesized(e)
            | ExprKind::Convert { value: e, .. }
            | ExprKind::Unary { operand: e, .. } => f(e),
            ExprKind::Sensitivity { of, input } => {
                f(of);
                if let Some(input) = input {
                    f(input);
                }
            }
            ExprKind::Index { base, index } => {
                f(base);
                f(index);
            }
            ExprKind::Call { arguments, .. } => arguments.iter().flatten().for_each(f),
            ExprKind::Table { arguments, .. } | ExprKind::List(arguments) => arguments.iter().for_each(f),
            ExprKind::Record { changes } => changes.iter().for_each(|c| f(&c.value)),
            ExprKind::Override { base, changes } => {
                f(base);
                changes.iter().for_each(|c| f(&c.value));
            }
            ExprKind::Comprehension { body, list, condition, .. } => {
                f(body);
                f(list);
                if let Some(condition) = condition {
                    f(condition);
                }
            }
            ExprKind::Range { low, high, step } => {
                f(low);
                f(high);
                if let Some(step) = step {
                    f(step);
                }
            }
            ExprKind::Binary { left, right, .. } => {
                f(left);
                f(right);
            }
            ExprKind::Compare { first, rest } => {
                f(first);
                rest.iter().for_each(|(_, e)| f(e));
            }
            ExprKind::Within { value, tolerance, reference, .. } => {
                f(value);
                f(tolerance);
                f(reference);
            }
            ExprKind::If { condition, then, otherwise } => {
                f(condition);
                f(then);
                f(otherwise);
            }
            ExprKind::Match { subject, arms } => {
                f(subject);
                arms.iter().for_each(|(_, e)| f(e));
            }
            ExprKind::Block { lets, value } => {
                lets.iter().for_each(|(_, e)| f(e));
                f(value);
            }
            ExprKind::Iterate { start, next, .. } => {
                f(start);
                f(next);
            }
        }
    }
}
