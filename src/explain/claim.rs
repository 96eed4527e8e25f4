//! An assertion of the program as something to ask again: does it hold when an input has another value?

use std::cell::Cell;

use crate::check::program::{Action, Expr, Program, Step};
use crate::engine::grid;
use crate::plan::columns::Scan;
use crate::plan::lower::Lowerer;
use crate::plan::probe::{Probe, Trace};
use crate::plan::value::{Env, Owner};
use crate::source::Sources;

use super::input::Input;

/// Nodes that evaluations of one input one by one may come to. Counted, not timed: the answer is the same everywhere.
pub const BUDGET: u64 = 400_000;

/// What is asserted.
#[derive(Clone, Copy)]
pub struct Claim<'p> {
    pub program: &'p Program,
    pub sources: &'p Sources,
    pub condition: &'p Expr,
    /// Of all points of a grid, or of any.
    pub over: Option<(bool, &'p Expr)>,
    locals: usize,
}

impl<'p> Claim<'p> {
    /// The claim of a step, if it makes one.
    pub fn of(program: &'p Program, sources: &'p Sources, step: &'p Step) -> Option<Self> {
        let locals = step.locals.len();
        match &step.action {
            Action::Assert { condition, .. } => {
                Some(Claim { program, sources, condition, over: None, locals })
            }
            Action::AssertGrid { all, grid, condition, .. } => {
                Some(Claim { program, sources, condition, over: Some((*all, grid)), locals })
            }
            _ => None,
        }
    }

    /// What the claim reads, and a lowering of it as it stands.
    pub fn trace(&self) -> (Lowerer<'p>, Trace) {
        let mut lowerer = Lowerer::new(self.program, self.sources);
        lowerer.trace = Some(Trace::default());
        let _ = self.evaluate(&mut lowerer);
        let trace = lowerer.trace.take().unwrap_or_default();
        (lowerer, trace)
    }

    fn evaluate(&self, lowerer: &mut Lowerer<'p>) -> Option<bool> {
        let env = Env::new(Owner::Step, self.locals);
        match self.over {
            Some((all, points)) => grid::holds(lowerer, all, points, self.condition, &env),
            None => {
                let node = lowerer.node(self.condition, &env).ok()?;
                lowerer.graph.known(node).filter(|v| !v.is_nan()).map(|v| v == 1.0)
            }
        }
    }
}

/// A claim and one of its inputs.
pub struct Trial<'c, 'p> {
    claim: &'c Claim<'p>,
    input: &'c Input<'p>,
    /// Several values can be tried in one pass.
    columns: Cell<bool>,
    spent: Cell<u64>,
}

impl<'c, 'p> Trial<'c, 'p> {
    pub fn new(claim: &'c Claim<'p>, input: &'c Input<'p>) -> Self {
        Trial { claim, input, columns: Cell::new(claim.over.is_none()), spent: Cell::new(0) }
    }

    fn lowerer(&self, values: &[f64]) -> Lowerer<'p> {
        let (at, path) = self.input.key();
        let probe = Probe { at, path, values: values.to_vec() };
        Lowerer::probing(self.claim.program, self.claim.sources, probe)
    }

    /// Can many values be tried at the price of a few?
    pub fn is_cheap(&self) -> bool {
        self.columns.get()
    }

    /// Does the claim hold with each of these values? What cannot be decided does not hold.
    pub fn holds(&self, values: &[f64]) -> Vec<bool> {
        self.attempt(values).unwrap_or_else(|| values.iter().map(|v| self.holds_at(*v)).collect())
    }

    /// The same; `None` when it has just turned out that the values have to be tried one by one.
    pub fn attempt(&self, values: &[f64]) -> Option<Vec<bool>> {
        if values.len() < 2 || !self.columns.get() {
            return Some(values.iter().map(|v| self.holds_at(*v)).collect());
        }
        let holds = self.along(values);
        self.columns.set(holds.is_some());
        holds
    }

    /// Does the input matter to the claim at all? With no number in its place, what reads it has none either.
    pub fn matters(&self) -> bool {
        let mut lowerer = self.lowerer(&[f64::NAN]);
        self.claim.evaluate(&mut lowerer).is_none()
    }

    fn holds_at(&self, value: f64) -> bool {
        if self.spent.get() > BUDGET {
            return false;
        }
        let mut lowerer = self.lowerer(&[value]);
        let holds = self.claim.evaluate(&mut lowerer).unwrap_or(false);
        let points = lowerer.points_seen();
        self.spent.set(self.spent.get() + lowerer.graph.len() as u64 * points.max(1));
        holds
    }

    /// One pass over columns. `None` where the program needs to know the value while it is lowered.
    fn along(&self, values: &[f64]) -> Option<Vec<bool>> {
        let mut lowerer = self.lowerer(values);
        let env = Env::new(Owner::Step, self.claim.locals);
        let node = lowerer.node(self.claim.condition, &env).ok()?;
        if let Some(known) = lowerer.graph.known(node) {
            return Some(vec![known == 1.0; values.len()]);
        }
        let scan = Scan::new(&lowerer.graph, self.claim.program, &[values.len()], None, &[node]).whole();
        let parts = scan.run(Vec::new, |holds: &mut Vec<bool>, block| {
            holds.extend(block.column(0).iter().map(|v| *v == 1.0));
        });
        Some(parts.concat())
    }
}
