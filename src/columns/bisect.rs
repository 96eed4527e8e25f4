//! A search whose condition was lowered once, with the number that is looked for as an axis of its own.
//!
//! Candidates are tried by evaluating what depends on that axis, one in each lane: where the condition depends on inputs
//! that take other values, every lane finds its own number.

use crate::check::program::Program;
use crate::columns::graph;
use crate::columns::graph::{Graph, NodeId, Op};
use crate::columns::kernel::Operand;

/// The axes of searches, one for each level of searches in searches: above those of sweeps, below those of open inputs.
pub(crate) const FIRST_AXIS: u8 = 16;
pub(crate) const LEVELS: u8 = 4;
pub(crate) const AXES: u64 = ((1 << LEVELS) - 1) << FIRST_AXIS;

/// Steps of a range in which every value is tried when the condition is seen to change more than once.
pub(crate) const EXACT: f64 = 4096.0;
/// Where on either side of the edge it is looked whether the condition changes once.
const BEFORE: [f64; 3] = [0.25, 0.5, 0.75];
const AFTER: f64 = 0.5;

/// What is searched, and in what.
#[derive(Clone, PartialEq)]
pub struct Search {
    pub axis: u8,
    pub largest: bool,
    pub from: f64,
    pub by: f64,
    pub steps: f64,
    pub condition: NodeId,
    /// What depends on the axis, in order of evaluation.
    pub order: Vec<NodeId>,
    /// Where a node stands in that order, by its index.
    slots: Vec<u32>,
}

impl Search {
    pub(crate) fn new(
        graph: &Graph,
        axis: u8,
        largest: bool,
        range: (f64, f64, f64),
        condition: NodeId,
    ) -> Self {
        let depends = |id: &NodeId| graph.node(*id).axes >> axis & 1 == 1;
        let order: Vec<NodeId> = graph.needed([condition]).into_iter().filter(depends).collect();
        let mut slots = vec![u32::MAX; condition.index() + 1];
        for (slot, id) in order.iter().enumerate() {
            slots[id.index()] = slot as u32;
        }
        let (from, by, steps) = range;
        Search { axis, largest, from, by, steps, condition, order, slots }
    }

    /// Evaluations of nodes that one search takes.
    pub(crate) fn work(&self) -> u64 {
        let rounds = 2 + BEFORE.len() + 1 + libm::ceil(libm::log2(self.steps.max(2.0))) as usize;
        (self.order.len() * rounds) as u64
    }

    /// The number so many steps from the end that is wanted.
    pub fn position(&self, k: f64) -> f64 {
        if self.largest { self.from + self.by * (self.steps - k) } else { self.from + self.by * k }
    }
}

/// Of each lane, how many steps from the wanted end the condition holds first; NaN where it does not, or changes too
/// often to tell.
pub(crate) struct Seeker<'s, 'c, 'p> {
    graph: &'s Graph<'p>,
    program: &'s Program,
    search: &'s Search,
    /// What does not depend on the axis.
    outer: &'s dyn Fn(NodeId) -> Operand<'c>,
    lanes: usize,
    columns: Vec<f64>,
    /// A candidate had no value.
    pub poisoned: bool,
}

impl<'s, 'c, 'p> Seeker<'s, 'c, 'p> {
    pub fn new(
        graph: &'s Graph<'p>,
        program: &'s Program,
        search: &'s Search,
        lanes: usize,
        outer: &'s dyn Fn(NodeId) -> Operand<'c>,
    ) -> Self {
        let columns = vec![f64::NAN; lanes * search.order.len()];
        Seeker { graph, program, search, outer, lanes, columns, poisoned: false }
    }

    /// The number of each lane.
    pub fn fill(&mut self, out: &mut [f64]) {
        let steps = self.search.steps;
        let lanes = self.lanes;
        let all = |k: f64| vec![k; lanes];
        let at_once = self.holds(&all(0.0));
        let (mut low, mut high) = (all(0.0), all(steps));
        let found = self.holds(&all(steps));
        let open = |lane: usize| found[lane] && !at_once[lane];
        while (0..self.lanes).any(|i| open(i) && high[i] - low[i] > 1.0) {
            let middle: Vec<f64> = low.iter().zip(&high).map(|(l, h)| ((l + h) / 2.0).floor()).collect();
            for (lane, holds) in self.holds(&middle).into_iter().enumerate() {
                let edge = if holds { &mut high[lane] } else { &mut low[lane] };
                *edge = middle[lane];
            }
        }
        let odd = self.odd(&low, &high, &open);
        let scanned = if odd.iter().any(|o| *o) { self.one_by_one(&odd) } else { vec![] };
        for (lane, out) in out.iter_mut().enumerate() {
            *out = match (at_once[lane], found[lane], odd[lane]) {
                (true, ..) => self.search.position(0.0),
                (_, false, _) => f64::NAN,
                (.., true) => self.search.position(scanned[lane]),
                _ => self.search.position(high[lane]),
            };
        }
    }

    /// The lanes whose condition is seen to change more than once.
    fn odd(&mut self, low: &[f64], high: &[f64], open: &impl Fn(usize) -> bool) -> Vec<bool> {
        let mut odd = vec![false; self.lanes];
        if !(0..self.lanes).any(open) {
            return odd;
        }
        let steps = self.search.steps;
        let before = BEFORE.map(|share| (low.iter().map(|l| (l * share).floor()).collect::<Vec<_>>(), false));
        let after: Vec<f64> = high.iter().map(|h| (h + (steps - h) * AFTER).floor()).collect();
        for (places, expected) in before.into_iter().chain([(after, true)]) {
            for (lane, holds) in self.holds(&places).into_iter().enumerate() {
                odd[lane] |= open(lane) && holds != expected;
            }
        }
        odd
    }

    /// The first step at which the condition holds, trying all of them; NaN where there are too many.
    fn one_by_one(&mut self, wanted: &[bool]) -> Vec<f64> {
        let mut found = vec![f64::NAN; self.lanes];
        let steps = if self.search.steps > EXACT { 0 } else { self.search.steps as usize };
        for k in 1..=steps {
            let k = k as f64;
            for (lane, holds) in self.holds(&vec![k; self.lanes]).into_iter().enumerate() {
                if holds && found[lane].is_nan() {
                    found[lane] = k;
                }
            }
            if (0..self.lanes).all(|lane| !wanted[lane] || !found[lane].is_nan()) {
                break;
            }
        }
        found
    }

    /// Does the condition hold so many steps from the wanted end?
    fn holds(&mut self, steps: &[f64]) -> Vec<bool> {
        let numbers: Vec<f64> = steps.iter().map(|k| self.search.position(*k)).collect();
        for (slot, id) in self.search.order.iter().enumerate() {
            let (before, rest) = self.columns.split_at_mut(slot * self.lanes);
            let out = &mut rest[..self.lanes];
            match self.graph.node(*id).op {
                Op::Along(axis, _) if axis == self.search.axis => out.copy_from_slice(&numbers),
                op => {
                    let column = |id: NodeId| operand(self.search, self.outer, id, before, self.lanes);
                    compute(op, self.graph, self.program, &column, out);
                }
            }
        }
        let lanes = self.lanes;
        let condition = operand(self.search, self.outer, self.search.condition, &self.columns, lanes);
        let held: Vec<f64> = (0..lanes).map(|lane| condition.at(lane)).collect();
        self.poisoned |= held.iter().any(|c| c.is_nan());
        held.into_iter().map(|c| c == 1.0).collect()
    }
}

/// A column inside a search: its own, or one from around it.
fn operand<'c, 's: 'c>(
    search: &Search,
    outer: &dyn Fn(NodeId) -> Operand<'s>,
    id: NodeId,
    columns: &'c [f64],
    lanes: usize,
) -> Operand<'c> {
    match search.slots.get(id.index()) {
        Some(slot) if *slot != u32::MAX => Operand::Each(&columns[*slot as usize * lanes..][..lanes]),
        _ => outer(id),
    }
}

/// An operation on columns, searches too.
pub(crate) fn compute<'c>(
    op: Op,
    graph: &Graph,
    program: &Program,
    column: &dyn Fn(NodeId) -> Operand<'c>,
    out: &mut [f64],
) {
    match op {
        Op::Search(index, _) => Seeker::new(graph, program, graph.search(index), out.len(), column).fill(out),
        op => graph::compute(op, program, column, out),
    }
}
