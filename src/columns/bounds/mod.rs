//! The least and greatest value of nodes over a box of points, by interval arithmetic.
//!
//! What is shown to be finite runs through kernels that need not look for poison; a condition that is shown to hold, or
//! not to hold, in a whole box need not be evaluated there; a part of a space that cannot hold a better point is left
//! out. Nothing else depends on it: what cannot be shown is computed.

pub mod interval;

#[cfg(test)]
mod tests;

use crate::check::program::{Program, Table, TableId};
use crate::columns::bounds::interval::{Interval, binary, select, unary};
use crate::columns::graph::{Graph, NodeId, Op, operands};

/// The bounds of some nodes, filled for one box after another.
pub struct Intervals<'g, 'p> {
    graph: &'g Graph<'p>,
    program: &'g Program,
    nodes: Vec<NodeId>,
    /// Those that go along an axis; the others have their value from the start.
    steps: Vec<Step>,
    known: Vec<Interval>,
    /// Short axes: their values are kept apart where a box as a whole shows too little.
    short: Vec<usize>,
    cases: usize,
}

/// Values of an axis that is short, and of all short axes together.
const SHORT: usize = 16;
const CASES: usize = 64;
/// Steps that may be taken for one box.
const EFFORT: usize = 1 << 15;

#[derive(Clone, Copy)]
struct Step {
    id: NodeId,
    /// Where it and its operands are among the nodes.
    own: u32,
    operands: [u32; 3],
    /// Of an axis: the values rise or fall all along.
    monotone: bool,
}

impl<'g, 'p> Intervals<'g, 'p> {
    /// `nodes` in order of evaluation, with all that they read.
    pub fn new(graph: &'g Graph<'p>, program: &'g Program, nodes: &[NodeId], lengths: &[usize]) -> Self {
        let place = |id: NodeId| nodes.binary_search(&id).unwrap_or(0) as u32;
        let step = |(own, id): (usize, &NodeId)| {
            let op = graph.node(*id).op;
            let monotone = match op {
                Op::Along(_, list) => {
                    let values = graph.list(list);
                    values.is_sorted() || values.is_sorted_by(|a, b| a >= b)
                }
                _ => false,
            };
            Step { id: *id, own: own as u32, operands: operands(op).map(|o| o.map_or(0, place)), monotone }
        };
        let varies = |(_, id): &(usize, &NodeId)| graph.node(**id).axes != 0;
        let steps = nodes.iter().enumerate().filter(varies).map(step).collect();
        let known = nodes.iter().map(|id| match graph.known(*id) {
            Some(value) => Interval::hull([value]),
            None => Interval::ANY,
        });
        let (known, nodes) = (known.collect(), nodes.to_vec());
        let (mut short, mut cases) = (vec![], 1);
        for (axis, length) in lengths.iter().enumerate().rev() {
            let more = cases * length;
            if *length <= SHORT && more <= CASES && more * nodes.len() <= EFFORT {
                cases = more;
                short.push(axis);
            }
        }
        Intervals { graph, program, nodes, steps, known, short, cases }
    }

    /// Bounds that are computed when a box is filled both ways.
    pub fn effort(&self) -> usize {
        self.steps.len() * (1 + self.cases)
    }

    /// The same with the values of short axes apart: a choice between them, and what is absent for some, is then known.
    pub fn fill_apart(&mut self, range: impl Fn(usize) -> (usize, usize)) {
        let ranges: Vec<(usize, usize)> = self.short.iter().map(|axis| range(*axis)).collect();
        let mut at: Vec<usize> = ranges.iter().map(|(from, _)| *from).collect();
        let mut all: Option<Vec<Interval>> = None;
        loop {
            let short = std::mem::take(&mut self.short);
            self.fill(|axis| match short.iter().position(|a| *a == axis) {
                Some(which) => (at[which], at[which]),
                None => range(axis),
            });
            self.short = short;
            match &mut all {
                None => all = Some(self.known.clone()),
                Some(all) => {
                    for (all, one) in all.iter_mut().zip(&self.known) {
                        *all = all.or(*one);
                    }
                }
            }
            // The next case: an odometer over the short axes.
            let Some(turn) = (0..at.len()).find(|which| at[*which] < ranges[*which].1) else { break };
            at[turn] += 1;
            at[..turn].iter_mut().zip(&ranges).for_each(|(at, (from, _))| *at = *from);
        }
        self.known = all.unwrap_or_default();
    }

    /// Fills in the bounds over a box: of each axis the values from one position to another, the last included.
    pub fn fill(&mut self, range: impl Fn(usize) -> (usize, usize)) {
        for at in 0..self.steps.len() {
            let step = self.steps[at];
            self.known[step.own as usize] = self.of(step, &range);
        }
    }

    /// The bounds of one of the nodes.
    pub fn get(&self, id: NodeId) -> Interval {
        self.nodes.binary_search(&id).map_or(Interval::ANY, |at| self.known[at])
    }

    fn of(&self, step: Step, range: &impl Fn(usize) -> (usize, usize)) -> Interval {
        let [a, b, c] = step.operands.map(|at| self.known[at as usize]);
        match self.graph.node(step.id).op {
            Op::Along(axis, list) => {
                let (from, to) = range(usize::from(axis));
                let values = &self.graph.list(list)[from..=to];
                match step.monotone {
                    true => Interval::hull([values[0], values[values.len() - 1]]),
                    false => Interval::hull(values.iter().copied()),
                }
            }
            Op::Unary(op, _) => unary(op, a),
            Op::Binary(op, ..) => binary(op, a, b),
            Op::Select(..) => select(a, b, c),
            Op::Interpolate(table, _, y) => self.interpolate(table, a, y.map(|_| b)),
            Op::Marked(..) => a,
            Op::Search(..) | Op::Constant(_) | Op::Absent(_) | Op::Failed(_) => Interval::ANY,
        }
    }

    fn interpolate(&self, table: TableId, x: Interval, y: Option<Interval>) -> Interval {
        let table: &Table = self.program.table(table);
        let Some(of_x) = x.anywhere() else { return Interval::NONE };
        let (from, to) = knots(&table.axes[0].knots, of_x);
        let (width, (first, last)) = match (y, table.axes.get(1)) {
            (Some(y), Some(axis)) => {
                let Some(of_y) = y.anywhere() else { return Interval::NONE };
                (axis.knots.len(), knots(&axis.knots, of_y))
            }
            _ => (1, (0, 0)),
        };
        let rows =
            (from..=to).flat_map(|i| table.values[i * width + first..=i * width + last].iter().copied());
        let found = Interval::hull(rows).widened().where_defined(x);
        y.map_or(found, |y| found.where_defined(y))
    }
}

/// The knots around a range.
fn knots(knots: &[f64], (low, high): (f64, f64)) -> (usize, usize) {
    let last = knots.len() - 1;
    (knots.partition_point(|k| *k <= low).saturating_sub(1), knots.partition_point(|k| *k <= high).min(last))
}
