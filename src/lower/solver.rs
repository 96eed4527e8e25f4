//! Solves: their outputs, what they require, and what they note.

use std::rc::Rc;

use crate::check::program::{Expr, Statement};
use crate::columns::graph::{NodeId, Op, UnaryOp};
use crate::lower::feasibility::Infeasibility;
use crate::lower::lowerer::{Lowered, Lowerer, NoteAlong, Requirement, Stop};
use crate::lower::perturb::probe::ExprKey;
use crate::lower::value::{Env, Origin, Owner, SolveValue, Value};

impl<'p> Lowerer<'p> {
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

    pub(crate) fn run_solver(&mut self, solve: &Rc<SolveValue<'p>>, env: &Rc<Env<'p>>) -> Result<(), Stop> {
        self.inputs(solve, env)?;
        let program = self.program;
        let solver = program.solver(solve.solver);
        let mut failed = None;
        let mut conditions: Vec<(NodeId, u32)> = vec![];
        let mut mark = None;
        let mut undecided = None;
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
                        let index = self.failures;
                        self.failures += 1;
                        conditions.push((node, index));
                    } else {
                        failed.get_or_insert(self.failures);
                        self.failures += 1;
                        let (site, place) = (self.site(), self.place.clone());
                        self.requirements.push(Requirement {
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
                Statement::Infeasible { condition, message, span } => {
                    if failed.is_some() {
                        continue;
                    }
                    let node = self.node(condition, env)?;
                    match self.graph.known(node) {
                        Some(0.0) => continue,
                        // Nothing is known of what follows.
                        Some(value) if value.is_nan() => {
                            undecided = Some(node);
                            continue;
                        }
                        Some(_) => {}
                        None => {
                            let never = self.push(Op::Unary(UnaryOp::Not, node), Some(condition));
                            if self.holds_everywhere(never) {
                                continue;
                            }
                        }
                    }
                    let (env, site) = (env.clone(), self.site());
                    let solver = solve.solver;
                    let one = Infeasibility { holds: node, message, span: *span, solver, env, site };
                    mark = Some(self.add_infeasibility(mark, one));
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
                            match (undecided, mark) {
                                (Some(node), _) => Value::Poison(node),
                                (None, Some(mark)) => self.marked(lowered, mark, value),
                                (None, None) => lowered,
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

    /// A value that is poisoned where one of the conditions does not hold.
    pub(crate) fn guard(
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

    pub(crate) fn add_note_along(&mut self, condition: NodeId) {
        let sweep = self.current.as_ref().map(|(sweep, _)| *sweep);
        if sweep.is_some() || self.open.is_some() {
            self.notes_along.push(NoteAlong { sweep, condition });
        }
    }

    pub(crate) fn add_note(&mut self, text: String) {
        // Of a point that is only looked at, nobody wants to know.
        if self.place.is_some() {
            return;
        }
        let note = (self.site(), text);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
