//! The flat list of operations. Each node names its operands by index, so the list is in order of evaluation; equal
//! operations on equal operands are one node.

use rustc_hash::FxHashMap;

use crate::check::program::{Expr, Program, TableId};
use crate::columns::bisect::axis::AxisSearch;
use crate::columns::kernel;
use crate::columns::kernel::Operand;
pub use crate::columns::kernel::{BinaryOp, UnaryOp};
use crate::columns::scan::observer::Watch;
use crate::native::table::{NATIVES, find};
use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn at(index: usize) -> Self {
        NodeId(index as u32)
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
    /// A value that goes along an axis of a sweep: the axis, and the list of its values.
    Along(u8, u32),
    /// The number that a search finds, and its condition. Only where inputs are open, or in another search.
    Search(u32, NodeId),
    /// The first node as it is, which describes no machine that runs where the second holds.
    Marked(NodeId, NodeId),
    /// Poison: an optional that is absent where it is needed; each occurrence is its own.
    Absent(u32),
    /// Poison: the outputs of a solve whose `require` failed.
    Failed(u32),
}

/// One operation and where it stands in the program.
#[derive(Clone, Copy)]
pub struct Node<'p> {
    pub op: Op,
    /// The value at width 1; without meaning where the node goes along an axis.
    pub value: f64,
    /// The axes it goes along, a bit each. None of them: it is a constant.
    pub axes: u64,
    /// The expression that asked for it first.
    pub origin: Option<&'p Expr>,
    /// The place in the user's file that led here.
    pub site: Option<Span>,
}

/// Operations of one program, at most; beyond that it would not be quick, and memory would suffer.
pub const NODE_LIMIT: usize = 8_000_000;

#[derive(Default)]
pub struct Graph<'p> {
    nodes: Vec<Node<'p>>,
    known: FxHashMap<Op, NodeId>,
    lists: Vec<Vec<f64>>,
    list_of: FxHashMap<Vec<u64>, u32>,
    searches: Vec<AxisSearch>,
    /// Looks on while scans run.
    pub watch: Watch,
}

impl<'p> Graph<'p> {
    pub fn node(&self, id: NodeId) -> &Node<'p> {
        &self.nodes[id.index()]
    }

    pub fn value(&self, id: NodeId) -> f64 {
        self.nodes[id.index()].value
    }

    /// The value of a node that goes along no axis.
    pub fn known(&self, id: NodeId) -> Option<f64> {
        let node = &self.nodes[id.index()];
        (node.axes == 0).then_some(node.value)
    }

    /// The values of an axis by their index in [`Op::Along`].
    pub fn list(&self, index: u32) -> &[f64] {
        &self.lists[index as usize]
    }

    /// A list of values, kept once.
    pub fn add_list(&mut self, values: Vec<f64>) -> u32 {
        let key: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
        if let Some(index) = self.list_of.get(&key) {
            return *index;
        }
        self.lists.push(values);
        let index = self.lists.len() as u32 - 1;
        self.list_of.insert(key, index);
        index
    }

    /// A search by its index in [`Op::Search`].
    pub(crate) fn search(&self, index: u32) -> &AxisSearch {
        &self.searches[index as usize]
    }

    /// A search, kept once.
    pub(crate) fn add_search(&mut self, search: AxisSearch) -> u32 {
        let index = self.searches.iter().position(|s| *s == search).unwrap_or_else(|| {
            self.searches.push(search);
            self.searches.len() - 1
        });
        index as u32
    }

    /// All nodes, in order of evaluation.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Some nodes and all that they read, in order of evaluation.
    pub fn needed(&self, nodes: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
        let mut needed = vec![false; self.nodes.len()];
        let mut stack: Vec<NodeId> = nodes.into_iter().collect();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                stack.extend(operands(self.node(id).op).into_iter().flatten());
            }
        }
        self.ids().filter(|id| needed[id.index()]).collect()
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
        let op = match self.cheaper(op, program) {
            Ok(id) => return id,
            Err(op) => op,
        };
        if let Some(id) = self.known.get(&op) {
            return *id;
        }
        let axes = match op {
            Op::Along(axis, _) => 1 << axis,
            Op::Search(index, condition) => {
                self.nodes[condition.index()].axes & !(1 << self.search(index).axis)
            }
            _ => operands(op).into_iter().flatten().fold(0, |axes, id| axes | self.nodes[id.index()].axes),
        };
        let value = if axes == 0 { self.compute(op, program) } else { f64::NAN };
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { op, value, axes, origin, site });
        self.known.insert(op, id);
        id
    }

    /// A power with a fixed exponent as the cheaper operation that it equals, for runs and sweeps alike.
    fn cheaper(&mut self, op: Op, program: &Program) -> Result<NodeId, Op> {
        let (base, exponent) = match op {
            Op::Binary(BinaryOp::Power, a, b) => (a, b),
            Op::Binary(BinaryOp::Native(index), a, b) if NATIVES[usize::from(index)].name == "pow" => (a, b),
            _ => return Err(op),
        };
        match self.known(exponent) {
            Some(1.0) => Ok(base),
            Some(2.0) => Err(Op::Binary(BinaryOp::Multiply, base, base)),
            Some(0.5) => Err(find("sqrt").map_or(op, |f| Op::Unary(UnaryOp::Native(f as u16), base))),
            Some(-1.0) => {
                let one = self.push(Op::Constant(1f64.to_bits()), None, None, program);
                Err(Op::Binary(BinaryOp::Divide, one, base))
            }
            _ => Err(op),
        }
    }

    fn compute(&self, op: Op, program: &Program) -> f64 {
        let mut out = [f64::NAN];
        compute(op, program, |id| Operand::One(self.value(id)), &mut out);
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
                Op::Marked(a, _) => Some(a).filter(bad),
                Op::Constant(_) | Op::Along(..) | Op::Search(..) | Op::Absent(_) | Op::Failed(_) => None,
            };
            match next {
                Some(next) => at = next,
                None => return at,
            }
        }
    }
}

/// An operation on columns. What has no operands but is no constant leaves `out` as it is.
pub(crate) fn compute<'c>(
    op: Op,
    program: &Program,
    column: impl Fn(NodeId) -> Operand<'c>,
    out: &mut [f64],
) {
    match op {
        Op::Constant(bits) => out.fill(f64::from_bits(bits)),
        Op::Unary(op, a) => kernel::unary(op, column(a), out),
        Op::Binary(op, a, b) => kernel::binary(op, column(a), column(b), out),
        Op::Select(c, a, b) => kernel::select(column(c), column(a), column(b), out),
        Op::Interpolate(table, x, y) => {
            kernel::interpolate(program.table(table), column(x), y.map(column), out);
        }
        Op::Marked(a, _) => kernel::copy(column(a), out),
        Op::Along(..) | Op::Search(..) | Op::Absent(_) | Op::Failed(_) => {}
    }
}

/// The nodes that an operation reads.
pub fn operands(op: Op) -> [Option<NodeId>; 3] {
    match op {
        // Whether the mark holds is asked apart: the value does not need it.
        Op::Unary(_, a) | Op::Search(_, a) | Op::Marked(a, _) => [Some(a), None, None],
        Op::Binary(_, a, b) => [Some(a), Some(b), None],
        Op::Select(a, b, c) => [Some(a), Some(b), Some(c)],
        Op::Interpolate(_, a, b) => [Some(a), b, None],
        Op::Constant(_) | Op::Along(..) | Op::Absent(_) | Op::Failed(_) => [None; 3],
    }
}
