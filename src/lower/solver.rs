//! Solves: their outputs, what they require, and what they note.

use std::rc::Rc;

use crate::check::program::{Expr, Statement};
use crate::columns::graph::{NodeId, Op, UnaryOp};
use crate::lower::feasibility::Infeasibility;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::perturb::probe::ExprKey;
use crate::lower::state::{NoteAlong, Requirement};
use crate::lower::value::{Env, Origin, Owner, SolveValue, Value};

/// Where the outputs that follow in a solver's body describe no machine that runs.
#[derive(Clone, Copy)]
enum Infeasible {
    Nowhere,
    /// Where this mark holds.
    Where(NodeId),
    /// It has no value: neither have the outputs.
    Undecided(NodeId),
}

impl<'p> Lowerer<'p> {
    /// An input or output of a solve.
    pub(super) fn slot(&mut self, base: &'p Expr, slot: usize, env: &Rc<Env<'p>>) -> Lowered<'p> {
        match self.lower(base, env)? {
            // An input is there without the solve being run.
            Value::Solve(solve) if slot < self.program.solver(solve.solver).inputs => {
                match &solve.given[slot] {
                    Some(given) => Ok(given.value.clone()),
                    None => self.default_input(&solve, slot),
                }
            }
            Value::Solve(solve) => {
                let results = self.results(&solve)?;
                Ok(results.get(slot).unwrap_or(Value::Absent))
            }
            other => Ok(other),
        }
    }

    /// The frame of a solve with all its outputs.
    pub fn results(&mut self, solve: &Rc<SolveValue<'p>>) -> Result<Rc<Env<'p>>, Stop> {
        if let Some(env) = solve.results.get() {
            return Ok(env.clone());
        }
        let program = self.program;
        let solver = program.solver(solve.solver);
        if let Some(trace) = &mut self.trace {
            trace.sites.push(ExprKey::of(solve.site));
        }
        let env = Env::new(Owner::Solver(solve.solver), solver.locals.len());
        self.at_site(solve.site.span, |this| this.run_solver(solve, &env))?;
        let _ = solve.results.set(env.clone());
        Ok(env)
    }

    pub(super) fn run_solver(&mut self, solve: &Rc<SolveValue<'p>>, env: &Rc<Env<'p>>) -> Result<(), Stop> {
        self.inputs(solve, env)?;
        let program = self.program;
        let solver = program.solver(solve.solver);
        let mut failed = None;
        let mut conditions: Vec<(NodeId, u32)> = vec![];
        let mut infeasible = Infeasible::Nowhere;
        for statement in &solver.body {
            match statement {
                Statement::Require { condition, message, span } => {
                    let node = self.node(condition, env)?;
                    let known = self.graph.known(node);
                    if known == Some(1.0) || (known.is_none() && self.holds_everywhere(node)) {
                        continue;
                    }
                    if known.is_none() {
                        // Decided point by point: where it fails, the outputs are poisoned.
                        let index = self.findings.failures;
                        self.findings.failures += 1;
                        conditions.push((node, index));
                    } else {
                        failed.get_or_insert(self.findings.failures);
                        self.findings.failures += 1;
                        let (site, place) = (self.site(), self.mode.place.clone());
                        self.findings.requirements.push(Requirement {
                            place,
                            condition,
                            node,
                            message: message.as_ref(),
                            span: *span,
                            solver: solve.solver,
                            env: env.clone(),
                            site,
                        });
                    }
                }
                Statement::Note { condition, message, .. } => {
                    let node = self.node(condition, env)?;
                    if self.graph.known(node).is_none() {
                        self.add_note_along(node);
                    } else if failed.is_none() && self.graph.value(node) == 1.0 {
                        let text = self.message(message, env)?;
                        self.add_note(text);
                    }
                }
                Statement::Infeasible { condition, message, .. } => {
                    if failed.is_none() {
                        infeasible = self.infeasible(condition, message, env, infeasible)?;
                    }
                }
                Statement::Define { slot, value } => {
                    let lowered = match failed {
                        // Numbers behind a failed requirement mean nothing.
                        Some(index) => Value::Poison(self.push(Op::Failed(index), None)),
                        None => self.lower(value, env)?,
                    };
                    let lowered = match solver.outputs.contains(slot) {
                        true => {
                            let lowered = self.guard(lowered, &conditions, value)?;
                            match infeasible {
                                Infeasible::Nowhere => lowered,
                                Infeasible::Where(mark) => self.marked(lowered, mark, value),
                                Infeasible::Undecided(node) => Value::Poison(node),
                            }
                        }
                        false => lowered,
                    };
                    env.define(slot.index(), lowered, Origin { expr: value, env: env.clone() });
                }
            }
        }
        Ok(())
    }

    /// An `infeasible` statement, after those before it.
    fn infeasible(
        &mut self,
        condition: &'p Expr,
        message: &'p Expr,
        env: &Rc<Env<'p>>,
        before: Infeasible,
    ) -> Result<Infeasible, Stop> {
        let holds = self.node(condition, env)?;
        match self.graph.known(holds) {
            Some(0.0) => return Ok(before),
            Some(value) if value.is_nan() => return Ok(Infeasible::Undecided(holds)),
            Some(_) => {}
            None => {
                let never = self.push(Op::Unary(UnaryOp::Not, holds), Some(condition));
                if self.holds_everywhere(never) {
                    return Ok(before);
                }
            }
        }
        let mark = match before {
            Infeasible::Nowhere => None,
            Infeasible::Where(mark) => Some(mark),
            Infeasible::Undecided(_) => return Ok(before),
        };
        let (env, site) = (env.clone(), self.site());
        let one = Infeasibility { holds, message, env, site };
        Ok(Infeasible::Where(self.add_infeasibility(mark, one)))
    }

    /// A value that is poisoned where one of the conditions does not hold.
    pub(super) fn guard(
        &mut self,
        value: Value<'p>,
        conditions: &[(NodeId, u32)],
        e: &'p Expr,
    ) -> Lowered<'p> {
        let mut value = value;
        for (condition, index) in conditions {
            let failed = self.push(Op::Failed(*index), None);
            value = self.select(*condition, value, Value::Poison(failed), e)?;
        }
        Ok(value)
    }

    pub(super) fn add_note_along(&mut self, condition: NodeId) {
        let sweep = self.mode.sweep.as_ref().map(|sweep| sweep.id);
        if sweep.is_some() || self.mode.open.is_some() {
            self.findings.notes_along.push(NoteAlong { sweep, condition });
        }
    }

    pub(super) fn add_note(&mut self, text: String) {
        // A point that is lowered alone is a detail of its sweep.
        if self.mode.place.is_some() {
            return;
        }
        let note = (self.site(), text);
        if !self.findings.notes.contains(&note) {
            self.findings.notes.push(note);
        }
    }
}
