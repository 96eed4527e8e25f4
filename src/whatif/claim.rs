//! An assertion of the program as something to ask again: does it hold when an input has another value?

use std::cell::Cell;

use crate::check::program::{Action, Expr, ExprKind, Program, Step};
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::Input;
use crate::lower::perturb::lanes::{Lane, Lanes, OverGrid, Roots};
use crate::lower::perturb::opening::Opening;
use crate::lower::perturb::probe::{Probe, Trace};
use crate::lower::value::{Env, Owner, Value};
use crate::run::assertion::all_points;
use crate::source::Sources;
use crate::syntax::ast::CompareOp;

/// What one trial by itself may take for an input to be searched at all; see [`Lowerer::work`].
pub const BUDGET: u64 = 400_000;
/// Values that are tried together before it is seen whether one of them will do.
const BLOCK: usize = 64;

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

    /// The claim lowered once with inputs open, by itself; `None` where that cannot be.
    pub fn open(&self, inputs: &[Input<'p>]) -> Option<Lanes<'p>> {
        let opened: Vec<Opening> = inputs.iter().map(Input::opening).collect();
        let mut lowerer = Lowerer::opening(self.program, self.sources, &opened);
        let roots = self.roots(&mut lowerer)?;
        lowerer.lanes(vec![Some(roots)], None)
    }

    /// What decides the claim.
    pub fn roots(&self, lowerer: &mut Lowerer<'p>) -> Option<Roots> {
        let env = Env::new(Owner::Step, self.locals);
        match self.over {
            None => Some(Roots {
                condition: lowerer.node(self.condition, &env).map(|node| lowerer.sound(node)).ok()?,
                over: None,
            }),
            Some((all, points)) => {
                let Ok(Value::Grid(grid)) = lowerer.lower(points, &env) else { return None };
                let (condition, member, lengths) = all_points::roots(lowerer, &grid, self.condition).ok()?;
                Some(Roots { condition, over: Some(OverGrid { all, member, lengths }) })
            }
        }
    }

    fn evaluate(&self, lowerer: &mut Lowerer<'p>) -> Option<bool> {
        let env = Env::new(Owner::Step, self.locals);
        match self.over {
            Some((all, points)) => all_points::holds(lowerer, all, points, self.condition, &env),
            None => {
                let node = lowerer.node(self.condition, &env).ok()?;
                let node = lowerer.sound(node);
                lowerer.graph.known(node).filter(|v| !v.is_nan()).map(|v| v == 1.0)
            }
        }
    }
}

/// A claim and one of its inputs.
pub struct Trial<'c, 'p> {
    claim: &'c Claim<'p>,
    input: &'c Input<'p>,
    /// What is looked for: that the claim holds, or that it does not.
    wanted: bool,
    /// What of the claim depends on the input, when many values can be tried at the price of a few.
    lane: Option<Lane<'c, 'p>>,
    /// The condition's shape depends on the input: it matters, though no number says how much.
    shapes: bool,
    /// What the values that were tried took; see [`Lowerer::work`].
    spent: Cell<u64>,
}

impl<'c, 'p> Trial<'c, 'p> {
    pub fn new(claim: &'c Claim<'p>, input: &'c Input<'p>, wanted: bool, lane: Option<Lane<'c, 'p>>) -> Self {
        Trial { claim, input, wanted, lane, shapes: false, spent: Cell::new(0) }
    }

    /// A trial of an input that lengths of lists or bounds of searches depend on.
    pub fn shaping(claim: &'c Claim<'p>, input: &'c Input<'p>, wanted: bool) -> Self {
        Trial { shapes: true, ..Trial::new(claim, input, wanted, None) }
    }

    fn lowerer(&self, value: f64) -> Lowerer<'p> {
        let (at, path) = self.input.key();
        let probe = Probe { at, path, values: vec![value] };
        Lowerer::probing(self.claim.program, self.claim.sources, probe)
    }

    /// Can many values be tried at the price of a few?
    pub fn is_cheap(&self) -> bool {
        self.lane.is_some()
    }

    /// How many values can be tried for so much work; 0 where they are tried one by one.
    pub fn affords(&self, work: u64) -> usize {
        self.lane.as_ref().map_or(0, |lane| (work * BLOCK as u64 / lane.work(BLOCK).max(1)) as usize)
    }

    /// Is it a claim that can hold in a narrow window?
    pub fn is_narrow(&self) -> bool {
        is_narrow(self.claim.condition)
    }

    /// What the values that were tried took.
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// The first of these values with which it is as wanted. What cannot be decided is neither.
    pub fn first(&self, values: &[f64]) -> Option<usize> {
        let wanted = if self.wanted { 1.0 } else { 0.0 };
        match &self.lane {
            Some(lane) => {
                let mut start = 0;
                for block in values.chunks(BLOCK) {
                    self.spent.set(self.spent.get() + lane.work(block.len()));
                    if let Some(found) = lane.verdicts(block).iter().position(|v| *v == wanted) {
                        return Some(start + found);
                    }
                    start += block.len();
                }
                None
            }
            None => values.iter().position(|v| self.is_met(*v)),
        }
    }

    /// Does the input matter to the claim at all? With no number in its place, what reads it has none either.
    pub fn matters(&self) -> bool {
        self.lane.is_some() || self.shapes || self.evaluate(f64::NAN).is_none()
    }

    /// One value by itself.
    fn is_met(&self, value: f64) -> bool {
        self.evaluate(value) == Some(self.wanted)
    }

    fn evaluate(&self, value: f64) -> Option<bool> {
        let mut lowerer = self.lowerer(value);
        let holds = self.claim.evaluate(&mut lowerer);
        self.spent.set(self.spent.get() + lowerer.work());
        holds
    }
}

/// Equality and nearness hold in a window.
fn is_narrow(e: &Expr) -> bool {
    let here = match &e.kind {
        ExprKind::Within { .. } => true,
        ExprKind::Compare { rest, .. } => {
            rest.len() > 1 || rest.iter().any(|(op, _)| *op == CompareOp::Equal)
        }
        _ => false,
    };
    let mut found = here;
    e.for_each_child(&mut |child| found |= is_narrow(child));
    found
}
