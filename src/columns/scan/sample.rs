//! Evaluates nodes at chosen points of a sweep.

use crate::check::program::Program;
use crate::columns::graph::{Graph, NodeId, Op, operands};
use crate::columns::kernel;
use crate::columns::kernel::Operand;
use crate::columns::scan::Scan;

/// Points evaluated at once.
pub const LANES: usize = 1024;

pub struct Sample<'g, 'p> {
    graph: &'g Graph<'p>,
    program: &'g Program,
    lengths: Vec<usize>,
    /// What the roots need, in order of evaluation.
    pub nodes: Vec<NodeId>,
    columns: Vec<Vec<f64>>,
    pub evaluated: u64,
}

impl<'g, 'p> Sample<'g, 'p> {
    pub fn new(graph: &'g Graph<'p>, program: &'g Program, lengths: &[usize], roots: &[NodeId]) -> Self {
        let mut needed = vec![false; graph.len()];
        let mut stack = roots.to_vec();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                stack.extend(operands(graph.node(id).op).into_iter().flatten());
            }
        }
        let nodes = graph.ids().filter(|id| needed[id.index()]).collect();
        let (lengths, columns) = (lengths.to_vec(), vec![vec![]; graph.len()]);
        Sample { graph, program, lengths, nodes, columns, evaluated: 0 }
    }

    /// Evaluates at most [`LANES`] points.
    pub fn evaluate(&mut self, points: &[u64]) {
        self.evaluated += points.len() as u64;
        let settings: Vec<Vec<usize>> = points.iter().map(|p| Scan::setting(&self.lengths, *p)).collect();
        for id in self.nodes.clone() {
            let node = self.graph.node(id);
            if node.axes == 0 {
                continue;
            }
            let mut out = std::mem::take(&mut self.columns[id.index()]);
            out.resize(points.len(), 0.0);
            match node.op {
                Op::Along(axis, list) => {
                    let values = self.graph.list(list);
                    for (o, setting) in out.iter_mut().zip(&settings) {
                        *o = values[setting[usize::from(axis)]];
                    }
                }
                Op::Unary(op, a) => kernel::unary(op, self.operand(a), &mut out),
                Op::Binary(op, a, b) => kernel::binary(op, self.operand(a), self.operand(b), &mut out),
                Op::Select(c, a, b) => {
                    kernel::select(self.operand(c), self.operand(a), self.operand(b), &mut out);
                }
                Op::Interpolate(table, x, y) => {
                    let y = y.map(|y| self.operand(y));
                    kernel::interpolate(self.program.table(table), self.operand(x), y, &mut out);
                }
                Op::Marked(a, _) => kernel::copy(self.operand(a), &mut out),
                Op::Constant(_) | Op::Search(..) | Op::Absent(_) | Op::Failed(_) => out.fill(node.value),
            }
            self.columns[id.index()] = out;
        }
    }

    fn operand(&self, id: NodeId) -> Operand<'_> {
        match self.graph.known(id) {
            Some(value) => Operand::One(value),
            None => Operand::Each(&self.columns[id.index()]),
        }
    }

    /// The value of a node at one of the points evaluated last.
    pub fn value(&self, id: NodeId, lane: usize) -> f64 {
        self.graph.known(id).unwrap_or_else(|| self.columns[id.index()][lane])
    }
}
