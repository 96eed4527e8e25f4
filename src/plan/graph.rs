//! The flat list of operations. Each node names its operands by index, so the list is in order of evaluation; equal
//! operations on equal operands are one node.

use rustc_hash::FxHashMap;

use super::kernel;
pub use super::kernel::{BinaryOp, UnaryOp};
use crate::check::program::{Expr, Program, TableId};
use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A number by its bits, so that equal constants are one node.
    Constant(u64),
    Unary(UnaryOp, NodeId),
    Binary(BinaryOp, NodeId, NodeId),
    Select(NodeId, NodeId, NodeId),
    Interpolate(TableId, NodeId, Option<NodeId>),
    /// Poison: an optional that is absent where it is needed; each occurrence is its own.
    Absent(u32),
    /// Poison: the outputs of a solve whose `require` failed.
    Failed(u32),
}

/// One operation and where it stands in the program.
#[derive(Clone, Copy)]
pub struct Node<'p> {
    pub op: Op,
    /// The value at width 1: every input of a run is constant.
    pub value: f64,
    /// The expression that asked for it first.
    pub origin: Option<&'p Expr>,
    /// The place in the user's file that led here.
    pub site: Option<Span>,
}

/// Operations one program may come to; beyond that it would not be quick, and memory would suffer.
pub const NODE_LIMIT: usize = 8_000_000;

#[derive(Default)]
pub struct Graph<'p> {
    nodes: Vec<Node<'p>>,
    known: FxHashMap<Op, NodeId>,
}

impl<'p> Graph<'p> {
    pub fn node(&self, id: NodeId) -> &Node<'p> {
        &self.nodes[id.index()]
    }

    pub fn value(&self, id: NodeId) -> f64 {
        self.nodes[id.index()].value
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_full(&self) -> bool {
        self.nodes.len() >= NODE_LIMIT
    }

    /// The node of an operation: the one there is, or a new one, computed at width 1.
    pub fn push(
        &mut self,
        op: Op,
        origin: Option<&'p Expr>,
        site: Option<Span>,
        program: &Program,
    ) -> NodeId {
        if let Some(id) = self.known.get(&op) {
            return *id;
        }
        let value = self.compute(op, program);
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { op, value, origin, site });
        self.known.insert(op, id);
        id
    }

    fn compute(&self, op: Op, program: &Program) -> f64 {
        let column = |id: NodeId| [self.value(id)];
        let mut out = [f64::NAN];
        match op {
            Op::Constant(bits) => out = [f64::from_bits(bits)],
            Op::Unary(op, a) => kernel::unary(op, &column(a), &mut out),
            Op::Binary(op, a, b) => kernel::binary(op, &column(a), &column(b), &mut out),
            Op::Select(c, a, b) => kernel::select(&column(c), &column(a), &column(b), &mut out),
            Op::Interpolate(table, x, y) => {
                let y = y.map(column);
                kernel::interpolate(program.table(table), &column(x), y.as_ref().map(|y| &y[..]), &mut out);
            }
            Op::Absent(_) | Op::Failed(_) => {}
        }
        out[0]
    }

    /// The operation that first went wrong behind a poisoned value: one that is poisoned while its operands are not.
    pub fn blame(&self, poisoned: NodeId) -> NodeId {
        let mut at = poisoned;
        loop {
            let bad = |id: &NodeId| self.value(*id).is_nan();
            let next = match self.node(at).op {
                Op::Unary(_, a) => Some(a).filter(bad),
                Op::Binary(_, a, b) => [a, b].into_iter().find(|id| bad(id)),
                Op::Select(c, ..) if bad(&c) => Some(c),
                Op::Select(c, a, b) => Some(if self.value(c) != 0.0 { a } else { b }).filter(bad),
                Op::Interpolate(_, x, y) => [Some(x), y].into_iter().flatten().find(|id| bad(id)),
                Op::Constant(_) | Op::Absent(_) | Op::Failed(_) => None,
            };
            match next {
                Some(next) => at = next,
                None => return at,
            }
        }
    }
}
