//! A search whose condition was lowered once, with the number that is looked for as an axis of its own.
//!
//! Candidates are tried by evaluating what depends on that axis, one in each lane: where the condition depends on inputs
//! that take other values, every lane finds its own number.

use std::convert::Infallible;

use crate::check::program::Program;
use crate::columns::bisect::{FirstStep, SearchRange, first_steps};
use crate::columns::graph;
use crate::columns::graph::{Graph, NodeId, Op};
use crate::columns::kernel::Operand;

/// The axes of searches, one for each level of searches in searches: above those of sweeps, below those of open inputs.
pub(crate) const FIRST_AXIS: u8 = 16;
pub(crate) const LEVELS: u8 = 4;
pub(crate) const AXES: u64 = ((1 << LEVELS) - 1) << FIRST_AXIS;

/// What is searched, and in what.
#[derive(Clone, PartialEq)]
pub struct AxisSearch {
    pub axis: u8,
    pub range: SearchRange,
    pub condition: NodeId,
    /// What depends on the axis, in order of evaluation.
    pub order: Vec<NodeId>,
    /// Where a node stands in that order, by its index.
    slots: Vec<u32>,
}

impl AxisSearch {
    pub(crate) fn new(graph: &Graph, axis: u8, range: SearchRange, condition: NodeId) -> Self {
        let depends = |id: &NodeId| graph.node(*id).axes >> axis & 1 == 1;
        let order: Vec<NodeId> = graph.needed([condition]).into_iter().filter(depends).collect();
        let mut slots = vec![u32::MAX; condition.index() + 1];
        for (slot, id) in order.iter().enumerate() {
            slots[id.index()] = slot as u32;
        }
        AxisSearch { axis, range, condition, order, slots }
    }

    /// Evaluations of nodes that one search takes.
    pub(crate) fn work(&self) -> u64 {
        (self.order.len() * self.range.questions()) as u64
    }
}

/// The columns of a search that runs in several lanes.
pub(crate) struct Searcher<'s, 'c, 'p> {
    graph: &'s Graph<'p>,
    program: &'s Program,
    search: &'s AxisSearch,
    /// What does not depend on the axis.
    outer: &'s dyn Fn(NodeId) -> Operand<'c>,
    lanes: usize,
    columns: Vec<f64>,
    /// A candidate had no value.
    pub poisoned: bool,
}

impl<'s, 'c, 'p> Searcher<'s, 'c, 'p> {
    pub fn new(
        graph: &'s Graph<'p>,
        program: &'s Program,
        search: &'s AxisSearch,
        lanes: usize,
        outer: &'s dyn Fn(NodeId) -> Operand<'c>,
    ) -> Self {
        let columns = vec![f64::NAN; lanes * search.order.len()];
        Searcher { graph, program, search, outer, lanes, columns, poisoned: false }
    }

    /// The number of each lane; NaN where the condition holds at neither end, or changes too often to tell.
    pub fn fill(&mut self, out: &mut [f64]) {
        let range = self.search.range;
        let Ok(found) = first_steps(range.steps.count, self.lanes, |k| Ok::<_, Infallible>(self.holds(k)));
        for (out, found) in out.iter_mut().zip(found) {
            *out = match found {
                FirstStep::At(step) => range.position(step),
                FirstStep::Nowhere | FirstStep::NotMonotone { .. } => f64::NAN,
            };
        }
    }

    /// Does the condition hold so many steps from the wanted end?
    fn holds(&mut self, steps: &[f64]) -> Vec<bool> {
        let numbers: Vec<f64> = steps.iter().map(|k| self.search.range.position(*k)).collect();
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
    search: &AxisSearch,
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
        Op::Search(index, _) => {
            Searcher::new(graph, program, graph.search(index), out.len(), column).fill(out)
        }
        op => graph::compute(op, program, column, out),
    }
}
