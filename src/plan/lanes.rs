//! An expression lowered once, in which any one of many inputs can take other values.
//!
//! Each input goes along an axis of its own, on which it has the one value that it has now. To try others, only what
//! depends on that axis is evaluated again, a lane for each value; over a grid, a lane for each point.

use rustc_hash::FxHashMap;

use super::columns::Scan;
use super::graph::{Graph, NodeId, Op};
use super::kernel::Operand;
use super::lower::{Lowered, Lowerer, Stop};
use super::probe::{EVALUATED, ExprKey};
use super::seek::{self, compute};
use super::value::{Slot, Value};
use crate::check::program::{Expr, Program};
use crate::source::Sources;

/// Inputs of one lowering: axes are bits, and the lower ones are those of a sweep and of searches.
pub const INPUTS: usize = 64 - FIRST;
const FIRST: usize = (seek::FIRST_AXIS + seek::LEVELS) as usize;
const OPEN: u64 = !((1 << FIRST) - 1);
/// Values tried at once: columns of what depends on an input fit in cache.
const BLOCK: usize = 64;
/// Values that could be computed in the time in which an operation on a column begins.
const CALL: u64 = 16;
/// Numbers kept of a grid.
const KEPT: u64 = 2_000_000;

/// An input: where it stands, the field or argument that is added there, and its value.
pub type Opening = (ExprKey, Vec<u32>, f64);

/// The inputs that are open in a lowering.
pub(super) struct Open {
    spots: FxHashMap<ExprKey, Vec<(u8, Vec<u32>, f64)>>,
    /// Axes whose value the shape of the program depends on: lengths of lists, bounds of searches.
    fixed: u64,
    /// The value now of every node so far.
    now: Vec<f64>,
}

/// What is lowered: a condition, or one over the points of a grid.
pub struct Roots {
    pub condition: NodeId,
    /// Must all points meet it or any; which belong to the grid; and the lengths of its axes.
    pub over: Option<(bool, Option<NodeId>, Vec<usize>)>,
}

impl<'p> Lowerer<'p> {
    /// A lowering in which inputs are open; the axis of each is its place in the list.
    pub fn opening(program: &'p Program, sources: &'p Sources, inputs: &[Opening]) -> Self {
        let mut open = Open { spots: FxHashMap::default(), fixed: 0, now: vec![] };
        for (axis, (at, path, value)) in inputs.iter().enumerate().take(INPUTS) {
            open.spots.entry(*at).or_default().push(((FIRST + axis) as u8, path.clone(), *value));
        }
        let mut lowerer = Lowerer::new(program, sources);
        lowerer.open = Some(open);
        lowerer
    }

    /// Does a node depend on an input that is open, or on what a search looks for?
    pub(super) fn is_open(&self, id: NodeId) -> bool {
        self.graph.node(id).axes & (OPEN | seek::AXES) != 0
    }

    /// Stops where points must be visited while inputs are open, or for what a search looks for.
    pub(super) fn visits_points(&mut self, e: &Expr) -> Result<(), Stop> {
        if self.open.is_some() || self.searching > 0 { Err(self.needs_one_value(e)) } else { Ok(()) }
    }

    /// The node of a literal that is open.
    pub(super) fn opened(&mut self, e: &'p Expr) -> Option<NodeId> {
        let spots = self.open.as_ref()?.spots.get(&ExprKey::of(e))?;
        let (axis, _, value) = spots.iter().find(|(_, path, _)| path.is_empty())?;
        let (axis, value) = (*axis, *value);
        Some(self.open_node(axis, value, e))
    }

    fn open_node(&mut self, axis: u8, value: f64, e: &'p Expr) -> NodeId {
        let list = self.graph.add_list(vec![value]);
        self.push(Op::Along(axis, list), Some(e))
    }

    /// A record or override with the fields that are open in it.
    pub(super) fn opened_changes(&mut self, value: Value<'p>, e: &'p Expr) -> Lowered<'p> {
        let spots = self.open.as_ref().and_then(|open| open.spots.get(&ExprKey::of(e)));
        let Some(spots) = spots else { return Ok(value) };
        let mut changed = value;
        for (axis, path, now) in spots.clone().into_iter().filter(|(_, path, _)| !path.is_empty()) {
            let node = self.open_node(axis, now, e);
            changed = self.replace(&changed, &path, Slot::new(Value::Node(node), None), e)?;
        }
        Ok(changed)
    }

    /// The value now of a node that must be known, while inputs are open: they are fixed from here on.
    pub(super) fn settled(&mut self, id: NodeId) -> Option<f64> {
        let axes = self.graph.node(id).axes;
        let mut open = self.open.take_if(|_| axes & !OPEN == 0)?;
        values_now(&self.graph, self.program, &mut open.now);
        open.fixed |= axes;
        let value = open.now[id.index()];
        self.open = Some(open);
        Some(value)
    }

    /// What was lowered, with its inputs to be tried. `None` when a grid is too large for that.
    pub fn lanes(self, roots: Roots) -> Option<Lanes<'p>> {
        let open = self.open?;
        let mut now = open.now;
        values_now(&self.graph, self.program, &mut now);
        let member = roots.over.as_ref().and_then(|(_, member, _)| *member);
        let mut order = self.graph.needed([Some(roots.condition), member].into_iter().flatten());
        // What a search looks for has values in the search alone.
        order.retain(|id| self.graph.node(*id).axes & seek::AXES == 0);
        let (graph, program, fixed) = (self.graph, self.program, open.fixed);
        let mut lanes = Lanes { graph, program, roots, order, now, points: FxHashMap::default(), fixed };
        if lanes.width() > KEPT / lanes.order.len().max(1) as u64 {
            return None;
        }
        lanes.fill_points();
        Some(lanes)
    }
}

/// The values of all nodes with every input as it is.
fn values_now(graph: &Graph, program: &Program, now: &mut Vec<f64>) {
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

/// A condition whose inputs can take other values, one at a time.
pub struct Lanes<'p> {
    graph: Graph<'p>,
    program: &'p Program,
    roots: Roots,
    order: Vec<NodeId>,
    now: Vec<f64>,
    /// Of nodes that go along the axes of a grid: their values now at every point.
    points: FxHashMap<NodeId, Vec<f64>>,
    fixed: u64,
}

impl<'p> Lanes<'p> {
    /// Points of the grid.
    fn width(&self) -> u64 {
        self.roots.over.as_ref().map_or(1, |(_, _, lengths)| Scan::points(lengths))
    }

    fn fill_points(&mut self) {
        let Some((_, _, lengths)) = &self.roots.over else { return };
        let settings: Vec<Vec<usize>> =
            (0..Scan::points(lengths)).map(|point| Scan::setting(lengths, point)).collect();
        for id in &self.order {
            let node = self.graph.node(*id);
            if node.axes & !OPEN == 0 {
                continue;
            }
            let values = match node.op {
                Op::Along(axis, list) => {
                    let list = self.graph.list(list);
                    settings.iter().map(|s| list[s[usize::from(axis)]]).collect()
                }
                op => {
                    let mut out = vec![f64::NAN; settings.len()];
                    compute(op, &self.graph, self.program, &|id| self.operand(id), &mut out);
                    out
                }
            };
            self.points.insert(*id, values);
        }
    }

    /// A node with every input as it is.
    fn operand(&self, id: NodeId) -> Operand<'_> {
        match self.points.get(&id) {
            Some(values) => Operand::Each(values),
            None => Operand::One(self.now[id.index()]),
        }
    }

    /// Does it hold with every input as it is? 0, 1, or no number where that cannot be decided.
    pub fn now(&self) -> f64 {
        match &self.roots.over {
            None => self.now[self.roots.condition.index()],
            Some(_) => self.verdict(|id| self.operand(id)),
        }
    }

    fn verdict<'c>(&self, column: impl Fn(NodeId) -> Operand<'c>) -> f64 {
        let Some((all, member, _)) = &self.roots.over else { return f64::NAN };
        let (condition, member) = (column(self.roots.condition), member.map(column));
        let (mut points, mut failing) = (0u64, 0u64);
        for point in 0..self.width() as usize {
            let inside = member.map_or(1.0, |m| m.at(point));
            let holds = condition.at(point);
            if inside.is_nan() || inside != 0.0 && holds.is_nan() {
                return f64::NAN;
            }
            points += u64::from(inside != 0.0);
            failing += u64::from(inside != 0.0 && holds == 0.0);
        }
        match (points, *all) {
            (0, _) => f64::NAN,
            (_, true) => f64::from(u8::from(failing == 0)),
            (_, false) => f64::from(u8::from(failing < points)),
        }
    }

    /// Does the shape of the program depend on this input? Then lanes do not tell.
    pub fn is_fixed(&self, input: usize) -> bool {
        self.fixed >> (FIRST + input) & 1 == 1
    }

    /// What depends on one input; `None` when the condition does not.
    pub fn along(&self, input: usize) -> Option<Lane<'_, 'p>> {
        let depends = |id: &NodeId| self.graph.node(*id).axes >> (FIRST + input) & 1 == 1;
        let member = self.roots.over.as_ref().and_then(|(_, member, _)| *member);
        if !(depends(&self.roots.condition) || member.is_some_and(|m| depends(&m))) {
            return None;
        }
        let order: Vec<NodeId> = self.order.iter().copied().filter(depends).collect();
        let mut slots = vec![u32::MAX; self.graph.len()];
        for (slot, id) in order.iter().enumerate() {
            slots[id.index()] = slot as u32;
        }
        Some(Lane { lanes: self, order, slots })
    }
}

/// The part of a program that depends on one input.
pub struct Lane<'l, 'p> {
    lanes: &'l Lanes<'p>,
    order: Vec<NodeId>,
    slots: Vec<u32>,
}

impl Lane<'_, '_> {
    /// What so many values take; see [`Lowerer::work`].
    pub fn work(&self, values: usize) -> u64 {
        let graph = &self.lanes.graph;
        let searched = self.order.iter().map(|id| match graph.node(*id).op {
            Op::Search(index, _) => graph.search(index).work(),
            _ => 1,
        });
        searched.sum::<u64>() * (values as u64 * self.lanes.width() + CALL) / EVALUATED
    }

    /// Does it hold with other values of the input? 0, 1, or no number where that cannot be decided.
    pub fn verdicts(&self, inputs: &[f64]) -> Vec<f64> {
        if self.lanes.roots.over.is_some() {
            return inputs.iter().map(|value| self.over_points(*value)).collect();
        }
        let root = self.slots[self.lanes.roots.condition.index()] as usize;
        let mut columns = vec![f64::NAN; BLOCK * self.order.len()];
        let mut found = vec![];
        for block in inputs.chunks(BLOCK) {
            self.evaluate(Operand::Each(block), block.len(), BLOCK, &mut columns);
            found.extend_from_slice(&columns[root * BLOCK..][..block.len()]);
        }
        found
    }

    fn over_points(&self, value: f64) -> f64 {
        let width = self.lanes.width() as usize;
        let mut columns = vec![f64::NAN; width * self.order.len()];
        self.evaluate(Operand::One(value), width, width, &mut columns);
        self.lanes.verdict(|id| self.operand(id, &columns, width, width))
    }

    /// Fills a column for each node that depends on the input.
    fn evaluate(&self, input: Operand, lanes: usize, stride: usize, columns: &mut [f64]) {
        for (slot, id) in self.order.iter().enumerate() {
            let (before, rest) = columns.split_at_mut(slot * stride);
            let out = &mut rest[..lanes];
            match self.lanes.graph.node(*id).op {
                Op::Along(..) => out.iter_mut().enumerate().for_each(|(lane, o)| *o = input.at(lane)),
                op => {
                    let (graph, program) = (&self.lanes.graph, self.lanes.program);
                    compute(op, graph, program, &|id| self.operand(id, before, lanes, stride), out);
                }
            }
        }
    }

    fn operand<'c>(&'c self, id: NodeId, columns: &'c [f64], lanes: usize, stride: usize) -> Operand<'c> {
        match self.slots[id.index()] {
            u32::MAX => self.lanes.operand(id),
            slot => Operand::Each(&columns[slot as usize * stride..][..lanes]),
        }
    }
}
