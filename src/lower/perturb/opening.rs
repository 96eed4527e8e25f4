//! Inputs that are open: each goes along an axis of its own, on which it has the one value that it has now.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::program::{Expr, Program};
use crate::columns::bisect::axis;
use crate::columns::bisect::axis::compute;
use crate::columns::graph::{Graph, NodeId, Op};
use crate::columns::kernel::Operand;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::perturb::probe::ExprKey;
use crate::lower::value::{Slot, Value};
use crate::source::Sources;

/// Inputs of one lowering: axes are bits, and the lower ones are those of a sweep and of searches.
const INPUTS: usize = 64 - FIRST;
pub(crate) const FIRST: usize = (axis::FIRST_AXIS + axis::LEVELS) as usize;
pub(crate) const OPEN: u64 = !((1 << FIRST) - 1);

/// An input: where it stands, the field or argument that is added there, and its value.
pub type Opening = (ExprKey, Vec<u32>, f64);

/// The inputs that are open in a lowering.
pub(in crate::lower) struct OpenInputs {
    spots: FxHashMap<ExprKey, Vec<(u8, Vec<u32>, f64)>>,
    /// Axes whose value the shape of the program depends on: lengths of lists, bounds of searches.
    pub fixed: u64,
    /// The value now of every node so far.
    pub now: Vec<f64>,
}

/// Inputs that may be open at once, by the literals that they stand for: of two for the same literal, one would hide the
/// other.
pub fn groups(literals: &[ExprKey]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(FxHashSet<ExprKey>, Vec<usize>)> = vec![];
    for (index, literal) in literals.iter().enumerate() {
        match groups.iter_mut().find(|(open, _)| open.len() < INPUTS && !open.contains(literal)) {
            Some((open, members)) => {
                open.insert(*literal);
                members.push(index);
            }
            None => groups.push((FxHashSet::from_iter([*literal]), vec![index])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

impl<'p> Lowerer<'p> {
    /// A lowering in which inputs are open; the axis of each is its place in the list.
    pub fn opening(program: &'p Program, sources: &'p Sources, inputs: &[Opening]) -> Self {
        let mut open = OpenInputs { spots: FxHashMap::default(), fixed: 0, now: vec![] };
        for (axis, (at, path, value)) in inputs.iter().enumerate().take(INPUTS) {
            open.spots.entry(*at).or_default().push(((FIRST + axis) as u8, path.clone(), *value));
        }
        let mut lowerer = Lowerer::new(program, sources);
        lowerer.mode.open = Some(open);
        lowerer
    }

    /// Does a node depend on an input that is open, or on what a search looks for?
    pub(in crate::lower) fn is_open(&self, id: NodeId) -> bool {
        self.graph.node(id).axes & (OPEN | axis::AXES) != 0
    }

    /// Stops where points must be visited while inputs are open, or for what a search looks for.
    pub(in crate::lower) fn visits_points(&mut self, e: &Expr) -> Result<(), Stop> {
        if self.mode.open.is_some() || self.mode.searching > 0 {
            Err(self.needs_one_value(e))
        } else {
            Ok(())
        }
    }

    /// The node of a literal that is open.
    pub(in crate::lower) fn opened(&mut self, e: &'p Expr) -> Option<NodeId> {
        let spots = self.mode.open.as_ref()?.spots.get(&ExprKey::of(e))?;
        let (axis, _, value) = spots.iter().find(|(_, path, _)| path.is_empty())?;
        let (axis, value) = (*axis, *value);
        Some(self.open_node(axis, value, e))
    }

    fn open_node(&mut self, axis: u8, value: f64, e: &'p Expr) -> NodeId {
        let list = self.graph.add_list(vec![value]);
        self.push(Op::Along(axis, list), Some(e))
    }

    /// A record or override with the fields that are open in it.
    pub(in crate::lower) fn opened_changes(&mut self, value: Value<'p>, e: &'p Expr) -> Lowered<'p> {
        let spots = self.mode.open.as_ref().and_then(|open| open.spots.get(&ExprKey::of(e)));
        let Some(spots) = spots else { return Ok(value) };
        let mut changed = value;
        for (axis, path, now) in spots.clone().into_iter().filter(|(_, path, _)| !path.is_empty()) {
            let node = self.open_node(axis, now, e);
            changed = self.replace(&changed, &path, Slot::new(Value::Node(node), None), e)?;
        }
        Ok(changed)
    }

    /// The value now of a node that must be known, while inputs are open: they are fixed from here on.
    pub(in crate::lower) fn settled(&mut self, id: NodeId) -> Option<f64> {
        let axes = self.graph.node(id).axes;
        let mut open = self.mode.open.take_if(|_| axes & !OPEN == 0)?;
        values_now(&self.graph, self.program, &mut open.now);
        open.fixed |= axes;
        let value = open.now[id.index()];
        self.mode.open = Some(open);
        Some(value)
    }
}

/// The values of all nodes with every input as it is.
pub(in crate::lower) fn values_now(graph: &Graph, program: &Program, now: &mut Vec<f64>) {
    for index in now.len()..graph.len() {
        let node = graph.node(NodeId::at(index));
        let value = match node.op {
            Op::Along(_, list) => graph.list(list)[0],
            _ if node.axes == 0 => node.value,
            op => {
                let mut out = [f64::NAN];
                compute(op, graph, program, &|id| Operand::One(now[id.index()]), &mut out);
                out[0]
            }
        };
        now.push(value);
    }
}
