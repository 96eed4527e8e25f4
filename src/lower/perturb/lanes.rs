//! What was lowered with inputs open, evaluated again with other values of one of them.
//!
//! Only what depends on the input's axis is evaluated again, a lane for each value; over a grid, a lane for each point.

use rustc_hash::FxHashMap;

use crate::check::program::Program;
use crate::columns::bisect::axis;
use crate::columns::bisect::axis::compute;
use crate::columns::graph::{Graph, NodeId, Op};
use crate::columns::kernel::Operand;
use crate::columns::scan::Scan;
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::opening::{FIRST, OPEN, values_now};
use crate::lower::perturb::probe::EVALUATED;

/// Values tried at once: columns of what depends on an input fit in cache.
const BLOCK: usize = 64;
/// Values that could be computed in the time in which an operation on a column begins.
const CALL: u64 = 16;
/// Numbers kept of a grid.
const KEPT: u64 = 2_000_000;
/// No place in an order.
const NONE: u32 = u32::MAX;

/// The nodes of a claim: a condition, or one over the points of a grid.
pub struct Roots {
    pub condition: NodeId,
    pub over: Option<OverGrid>,
}

/// Of a claim over a grid.
pub struct OverGrid {
    /// All points must meet it, not any.
    pub all: bool,
    /// Which points belong to the grid; with none, all do.
    pub member: Option<NodeId>,
    /// Of the joined axes.
    pub lengths: Vec<usize>,
}

impl Roots {
    fn ends(&self) -> impl Iterator<Item = NodeId> {
        [Some(self.condition), self.over.as_ref().and_then(|over| over.member)].into_iter().flatten()
    }

    /// Points of the grid.
    fn width(&self) -> u64 {
        self.over.as_ref().map_or(1, |over| Scan::points(&over.lengths))
    }
}

/// What must stay valid, whatever is asked.
#[derive(Default)]
pub struct Validity {
    /// Values that are reported when they are none; with a condition, only where it holds.
    pub values: Vec<(Option<NodeId>, NodeId)>,
    /// When something is noted.
    pub notes: Vec<NodeId>,
}

impl<'p> Lowerer<'p> {
    /// What was lowered, with its inputs to be tried. `sound` is `None` where it is not known what else there is.
    pub fn lanes(self, claims: Vec<Option<Roots>>, sound: Option<Validity>) -> Option<Lanes<'p>> {
        let notes: Vec<NodeId> =
            self.findings.notes_along.iter().filter(|n| n.sweep.is_none()).map(|n| n.condition).collect();
        let open = self.mode.open?;
        let mut now = open.now;
        values_now(&self.graph, self.program, &mut now);
        let (graph, program, fixed) = (self.graph, self.program, open.fixed);
        let claims = claims.into_iter().map(|roots| Roots::kept(roots?, &graph, program, &now)).collect();
        let sound = sound.map(|sound| {
            let mut notes = notes;
            notes.extend(sound.notes);
            let known = |(present, value): &(Option<NodeId>, NodeId)| {
                !now[value.index()].is_nan() || present.is_some_and(|p| now[p.index()] != 1.0)
            };
            let values: Vec<_> = sound.values.into_iter().filter(known).collect();
            let ends = values.iter().flat_map(|(p, v)| [*p, Some(*v)]).flatten().chain(notes.iter().copied());
            let order = Order::of(&graph, ends);
            (Validity { values, notes }, order)
        });
        Some(Lanes { graph, program, claims, sound, now, fixed })
    }
}

/// Nodes in order of evaluation.
struct Order {
    nodes: Vec<NodeId>,
    /// Of each node of the graph, where it stands among them.
    places: Vec<u32>,
}

impl Order {
    /// Of some nodes and all that they read. What a search looks for has values in the search alone.
    fn of(graph: &Graph, ends: impl IntoIterator<Item = NodeId>) -> Self {
        let mut nodes = graph.needed(ends);
        nodes.retain(|id| graph.node(*id).axes & axis::AXES == 0);
        let mut places = vec![NONE; graph.len()];
        for (place, id) in nodes.iter().enumerate() {
            places[id.index()] = place as u32;
        }
        Order { nodes, places }
    }

    /// Those that depend on an axis, and where each stands among those.
    fn along(&self, graph: &Graph, axis: usize) -> (Vec<NodeId>, Vec<u32>) {
        let mut slots = vec![NONE; self.nodes.len()];
        let mut order = vec![];
        for (place, id) in self.nodes.iter().enumerate() {
            if depends(graph, *id, axis) {
                slots[place] = order.len() as u32;
                order.push(*id);
            }
        }
        (order, slots)
    }

    /// Where a node stands among those that depend on an axis.
    fn slot(&self, slots: &[u32], id: NodeId) -> u32 {
        match self.places[id.index()] {
            NONE => NONE,
            place => slots[place as usize],
        }
    }
}

/// Does a node depend on an input?
fn depends(graph: &Graph, id: NodeId, input: usize) -> bool {
    graph.node(id).axes >> (FIRST + input) & 1 == 1
}

/// A claim, what it reads, and over a grid the values now at every point of what goes along its axes.
struct Kept {
    roots: Roots,
    order: Order,
    points: FxHashMap<NodeId, Vec<f64>>,
}

impl Roots {
    /// `None` for a grid of which too much would have to be kept.
    fn kept(self, graph: &Graph, program: &Program, now: &[f64]) -> Option<Kept> {
        let order = Order::of(graph, self.ends());
        if self.width() > KEPT / order.nodes.len().max(1) as u64 {
            return None;
        }
        let mut kept = Kept { roots: self, order, points: FxHashMap::default() };
        kept.fill_points(graph, program, now);
        Some(kept)
    }
}

impl Kept {
    fn fill_points(&mut self, graph: &Graph, program: &Program, now: &[f64]) {
        let Some(OverGrid { lengths, .. }) = &self.roots.over else { return };
        let settings: Vec<Vec<usize>> =
            (0..Scan::points(lengths)).map(|point| Scan::setting(lengths, point)).collect();
        for id in &self.order.nodes {
            let node = graph.node(*id);
            if node.axes & !OPEN == 0 {
                continue;
            }
            let values = match node.op {
                Op::Along(axis, list) => {
                    let list = graph.list(list);
                    settings.iter().map(|s| list[s[usize::from(axis)]]).collect()
                }
                op => {
                    let mut out = vec![f64::NAN; settings.len()];
                    compute(op, graph, program, &|id| self.operand(now, id), &mut out);
                    out
                }
            };
            self.points.insert(*id, values);
        }
    }

    /// A node with every input as it is.
    fn operand<'c>(&'c self, now: &[f64], id: NodeId) -> Operand<'c> {
        match self.points.get(&id) {
            Some(values) => Operand::Each(values),
            None => Operand::One(now[id.index()]),
        }
    }

    /// Over a grid: 0, 1, or no number where that cannot be decided.
    fn verdict<'c>(&self, column: impl Fn(NodeId) -> Operand<'c>) -> f64 {
        let Some(OverGrid { all, member, .. }) = &self.roots.over else { return f64::NAN };
        let (condition, member) = (column(self.roots.condition), member.map(column));
        let (mut points, mut failing) = (0u64, 0u64);
        for point in 0..self.roots.width() as usize {
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
}

/// Claims whose inputs can take other values, one at a time.
pub struct Lanes<'p> {
    graph: Graph<'p>,
    program: &'p Program,
    /// `None` for what could not be lowered with inputs open.
    claims: Vec<Option<Kept>>,
    /// What must stay valid, and what that reads.
    sound: Option<(Validity, Order)>,
    now: Vec<f64>,
    fixed: u64,
}

impl<'p> Lanes<'p> {
    /// Does a claim hold with every input as it is? 0, 1, or no number where that cannot be decided.
    pub fn now(&self, claim: usize) -> f64 {
        match &self.claims[claim] {
            None => f64::NAN,
            Some(kept) if kept.roots.over.is_none() => self.now[kept.roots.condition.index()],
            Some(kept) => kept.verdict(|id| kept.operand(&self.now, id)),
        }
    }

    /// Does the shape of the program depend on this input? Then lanes do not tell.
    pub fn is_fixed(&self, input: usize) -> bool {
        self.fixed >> (FIRST + input) & 1 == 1
    }

    /// What of a claim depends on one input; `None` when it does not.
    pub fn along(&self, claim: usize, input: usize) -> Option<Lane<'_, 'p>> {
        let kept = self.claims[claim].as_ref()?;
        if !kept.roots.ends().any(|id| depends(&self.graph, id, input)) {
            return None;
        }
        let (order, slots) = kept.order.along(&self.graph, input);
        Some(Lane { lanes: self, kept, order, slots })
    }

    /// Does all stay valid, and is nothing noted that is not now, with another value of an input? `None` where that is
    /// not known.
    pub fn stays_valid(&self, input: usize, value: f64) -> Option<bool> {
        let (sound, all) = self.sound.as_ref().filter(|_| !self.is_fixed(input))?;
        let (order, slots) = all.along(&self.graph, input);
        let mut columns = vec![f64::NAN; order.len()];
        let one = |id: NodeId, columns: &[f64]| match all.slot(&slots, id) {
            NONE => self.now[id.index()],
            slot => columns[slot as usize],
        };
        for (slot, id) in order.iter().enumerate() {
            let (before, rest) = columns.split_at_mut(slot);
            match self.graph.node(*id).op {
                Op::Along(..) => rest[0] = value,
                op => {
                    let column = |id| Operand::One(one(id, before));
                    compute(op, &self.graph, self.program, &column, &mut rest[..1]);
                }
            }
        }
        let at = |id: NodeId| one(id, &columns);
        if sound.notes.iter().any(|id| at(*id) == 1.0 && self.now[id.index()] != 1.0) {
            return None;
        }
        let holds = |(present, value): &(Option<NodeId>, NodeId)| {
            !at(*value).is_nan() || present.is_some_and(|p| at(p) != 1.0)
        };
        Some(sound.values.iter().all(holds))
    }
}

/// The part of a claim that depends on one input.
pub struct Lane<'l, 'p> {
    lanes: &'l Lanes<'p>,
    kept: &'l Kept,
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
        searched.sum::<u64>() * (values as u64 * self.kept.roots.width() + CALL) / EVALUATED
    }

    /// Does it hold with other values of the input? 0, 1, or no number where that cannot be decided.
    pub fn verdicts(&self, inputs: &[f64]) -> Vec<f64> {
        if self.kept.roots.over.is_some() {
            return inputs.iter().map(|value| self.over_points(*value)).collect();
        }
        let root = self.slot(self.kept.roots.condition) as usize;
        let mut columns = vec![f64::NAN; BLOCK * self.order.len()];
        let mut found = vec![];
        for block in inputs.chunks(BLOCK) {
            self.evaluate(Operand::Each(block), block.len(), BLOCK, &mut columns);
            found.extend_from_slice(&columns[root * BLOCK..][..block.len()]);
        }
        found
    }

    fn over_points(&self, value: f64) -> f64 {
        let width = self.kept.roots.width() as usize;
        let mut columns = vec![f64::NAN; width * self.order.len()];
        self.evaluate(Operand::One(value), width, width, &mut columns);
        self.kept.verdict(|id| self.operand(id, &columns, width, width))
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

    /// Where a node stands among those that depend on the input.
    fn slot(&self, id: NodeId) -> u32 {
        self.kept.order.slot(&self.slots, id)
    }

    fn operand<'c>(&'c self, id: NodeId, columns: &'c [f64], lanes: usize, stride: usize) -> Operand<'c> {
        match self.slot(id) {
            NONE => self.kept.operand(&self.lanes.now, id),
            slot => Operand::Each(&columns[slot as usize * stride..][..lanes]),
        }
    }
}
