//! What a scan computes, when and where: nodes become instructions over registers.
//!
//! A node is computed as seldom as its axes allow. What only the outer axes change is one number for each of their
//! settings (a scalar). What the fastest outer axis does not change is kept for the whole of the inner axes. The rest is
//! computed in every block: first what decides whether a point is a member (the head), then the others (the tail).

use crate::check::program::{Program, TableId};
use crate::columns::bounds::Intervals;
use crate::columns::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp, operands};
use crate::columns::scan::branch::{Branch, Branches};

/// Lanes of a block at most: a handful of columns of this length stay in the first-level cache.
const LANES: usize = 1024;
const LEAST_LANES: usize = 64;
/// Numbers that the registers of a core may hold: about half of a second-level cache.
const REGISTER_FILE: usize = 32 * 1024;
/// Numbers that the kept columns of a core may hold.
const KEPT: usize = 1 << 20;

pub const NONE: u32 = u32::MAX;

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Scalar(u32),
    Register(u32),
    Kept(u32),
    /// A column of the head or a kept one, its members moved together.
    Packed(u32),
}

#[derive(Clone, Copy)]
pub enum Work {
    Unary(UnaryOp, Source),
    /// `true`: operands and result are finite at every point.
    Binary(BinaryOp, Source, Source, bool),
    /// `true`: the condition is 0 or 1 at every point.
    Select(Source, Source, Source, bool),
    Interpolate(TableId, Source, Option<Source>),
    Along(u8, u32),
    Copy(Source),
    Fill(f64),
}

/// One operation on columns.
#[derive(Clone, Copy)]
pub struct Instruction {
    pub work: Work,
    /// A register, or a scalar among [`Schedule::settings`].
    pub target: u32,
    /// The guard under which the result is read; [`NONE`]: always.
    pub guard: u32,
}

/// Under which condition a branch is read.
pub struct Guard {
    pub parent: u32,
    pub condition: Source,
    pub positive: bool,
}

/// A column that outlives blocks.
pub struct Kept {
    /// The register that it is copied from.
    pub register: u32,
    /// It is the same for every value of the cut axis.
    pub repeats: bool,
}

#[derive(Default)]
pub struct Schedule {
    pub lengths: Vec<usize>,
    /// The axis that blocks cut into stretches; those before it are the outer axes.
    pub cut: usize,
    /// Values of the cut axis in one block.
    pub chunk: usize,
    /// Points of the axes after the cut one.
    pub trailing: usize,
    /// Scalars at the start: constants have their value.
    pub scalars: Vec<f64>,
    /// Scalars that the outer axes change, each with the axes it goes along.
    pub settings: Vec<(u64, Instruction)>,
    pub keeping: Vec<Instruction>,
    pub kept: Vec<Kept>,
    /// Outer axes that change what is kept.
    pub kept_axes: u64,
    pub head: Vec<Instruction>,
    pub member: Option<Source>,
    pub tail: Vec<Instruction>,
    pub roots: Vec<Source>,
    pub guards: Vec<Guard>,
    /// The tail, roots and guards once more, for members moved together; and what is moved.
    pub packed_tail: Vec<Instruction>,
    pub packed_roots: Vec<Source>,
    pub packed_guards: Vec<Guard>,
    pub packed: Vec<Source>,
    pub registers: usize,
    /// What a lane of a block takes, an addition being 1.
    pub work: usize,
    /// The share of a block's points, in 256ths, up to which moving members together pays.
    pub sparse: usize,
}

impl Schedule {
    pub fn new(
        graph: &Graph,
        program: &Program,
        lengths: &[usize],
        member: Option<NodeId>,
        roots: &[NodeId],
    ) -> Schedule {
        let ids = graph.needed(roots.iter().copied().chain(member));
        let mut intervals = Intervals::new(graph, program, &ids, lengths);
        intervals.fill_apart(|axis| (0, lengths[axis] - 1));
        let planner = |lanes| Planner::new(graph, lengths, lanes, member, roots, &intervals);
        let schedule = planner(LANES).plan(&ids);
        if schedule.registers * LANES <= REGISTER_FILE {
            return schedule;
        }
        let lanes = (REGISTER_FILE / schedule.registers) / 16 * 16;
        planner(lanes.clamp(LEAST_LANES, LANES)).plan(&ids)
    }

    /// Values of the cut axis.
    pub fn length(&self) -> usize {
        self.lengths.get(self.cut).copied().unwrap_or(1)
    }

    /// Lanes of a block at most.
    pub fn lanes(&self) -> usize {
        self.chunk * self.trailing
    }
}

/// When a node is computed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unused,
    Scalar,
    Keeping,
    Head,
    Tail,
}

struct Planner<'g, 'p> {
    graph: &'g Graph<'p>,
    member: Option<NodeId>,
    roots: &'g [NodeId],
    schedule: Schedule,
    phase: Vec<Phase>,
    source: Vec<Source>,
    intervals: &'g Intervals<'g, 'p>,
}

impl<'g, 'p> Planner<'g, 'p> {
    fn new(
        graph: &'g Graph<'p>,
        lengths: &[usize],
        lanes: usize,
        member: Option<NodeId>,
        roots: &'g [NodeId],
        intervals: &'g Intervals<'g, 'p>,
    ) -> Self {
        let mut cut = lengths.len().saturating_sub(1);
        let mut trailing = 1;
        // Take whole axes from the end while a block stays small.
        while cut > 0 && trailing * lengths[cut] < lanes {
            trailing *= lengths[cut];
            cut -= 1;
        }
        let length = lengths.get(cut).copied().unwrap_or(1);
        let chunk = (lanes / trailing).clamp(1, length.max(1));
        let schedule = Schedule { lengths: lengths.to_vec(), cut, chunk, trailing, ..Schedule::default() };
        let (phase, source) = (vec![Phase::Unused; graph.len()], vec![Source::Scalar(0); graph.len()]);
        Planner { graph, member, roots, schedule, phase, source, intervals }
    }

    fn plan(mut self, ids: &[NodeId]) -> Schedule {
        let length = self.schedule.length();
        let mut keep = self.phases(ids, true);
        let numbers = keep.iter().map(|id| self.kept_lanes(*id, length));
        if numbers.fold(0, usize::saturating_add) > KEPT {
            keep = self.phases(ids, false);
        }
        self.scalars(ids);
        self.keeping(ids, &keep);
        self.blocks(ids);
        self.schedule
    }

    /// Decides when each node is computed; answers those that are kept. With `long`, also such that go along the cut
    /// axis.
    fn phases(&mut self, ids: &[NodeId], long: bool) -> Vec<NodeId> {
        let cut = self.schedule.cut;
        let outer = (1u64 << cut) - 1;
        let fastest = if cut == 0 { 0 } else { 1u64 << (cut - 1) };
        let bound = fastest | if cut == 0 || !long { 1 << cut } else { 0 };
        for id in ids {
            let axes = self.graph.node(*id).axes;
            self.phase[id.index()] = if axes & !outer == 0 {
                Phase::Scalar
            } else if axes & bound == 0 {
                Phase::Keeping
            } else {
                Phase::Tail
            };
        }
        let mut stack: Vec<NodeId> = self.member.into_iter().collect();
        // The columns of the axes too: a block in which members are moved together takes them from there.
        let along = |id: &&NodeId| matches!(self.graph.node(**id).op, Op::Along(..));
        stack.extend(ids.iter().filter(along));
        while let Some(id) = stack.pop() {
            if self.phase[id.index()] == Phase::Tail {
                self.phase[id.index()] = Phase::Head;
                stack.extend(operands(self.graph.node(id).op).into_iter().flatten());
            }
        }
        let mut read = vec![false; self.graph.len()];
        for id in ids.iter().filter(|id| matches!(self.phase[id.index()], Phase::Head | Phase::Tail)) {
            for operand in operands(self.graph.node(*id).op).into_iter().flatten() {
                read[operand.index()] = true;
            }
        }
        for id in self.roots.iter().copied().chain(self.member) {
            read[id.index()] = true;
        }
        ids.iter()
            .copied()
            .filter(|id| read[id.index()] && self.phase[id.index()] == Phase::Keeping)
            .collect()
    }

    fn repeats(&self, id: NodeId) -> bool {
        self.graph.node(id).axes >> self.schedule.cut & 1 == 0
    }

    fn kept_lanes(&self, id: NodeId, length: usize) -> usize {
        if self.repeats(id) { self.schedule.lanes() } else { length.saturating_mul(self.schedule.trailing) }
    }

    fn scalars(&mut self, ids: &[NodeId]) {
        for id in ids.iter().filter(|id| self.phase[id.index()] == Phase::Scalar) {
            let node = self.graph.node(*id);
            let target = self.schedule.scalars.len() as u32;
            self.schedule.scalars.push(node.value);
            if node.axes != 0 {
                let instruction = self.instruction(*id, target, NONE);
                self.schedule.settings.push((node.axes, instruction));
            }
            self.source[id.index()] = Source::Scalar(target);
        }
    }

    fn keeping(&mut self, ids: &[NodeId], keep: &[NodeId]) {
        let order: Vec<NodeId> =
            ids.iter().copied().filter(|id| self.phase[id.index()] == Phase::Keeping).collect();
        self.allocate(&order, keep);
        let outer = (1u64 << self.schedule.cut) - 1;
        for id in &order {
            let Source::Register(target) = self.source[id.index()] else { continue };
            let instruction = self.instruction(*id, target, NONE);
            self.schedule.keeping.push(instruction);
            self.schedule.kept_axes |= self.graph.node(*id).axes & outer;
        }
        for (index, id) in keep.iter().enumerate() {
            if let Source::Register(register) = self.source[id.index()] {
                self.schedule.kept.push(Kept { register, repeats: self.repeats(*id) });
            }
            self.source[id.index()] = Source::Kept(index as u32);
        }
    }

    fn blocks(&mut self, ids: &[NodeId]) {
        let in_phase = |s: &Self, phase: Phase| -> Vec<NodeId> {
            ids.iter().copied().filter(|id| s.phase[id.index()] == phase).collect()
        };
        let (head, tail) = (in_phase(self, Phase::Head), in_phase(self, Phase::Tail));
        let order: Vec<NodeId> = head.iter().chain(&tail).copied().collect();
        let ends: Vec<NodeId> = self.roots.iter().copied().chain(self.member).collect();
        self.allocate(&order, &ends);
        let branches = Branches::find(self.graph, &order, &ends);
        let targets: Vec<u32> = order.iter().map(|id| self.register(*id)).collect();
        let instructions = |s: &Self, ids: &[NodeId], targets: &[u32]| -> Vec<Instruction> {
            let one = |(id, target): (&NodeId, &u32)| s.instruction(*id, *target, branches.of(*id));
            ids.iter().zip(targets).map(one).collect()
        };
        let (head_targets, tail_targets) = targets.split_at(head.len());
        self.schedule.head = instructions(self, &head, head_targets);
        self.schedule.member = self.member.map(|id| self.source[id.index()]);
        self.schedule.tail = instructions(self, &tail, tail_targets);
        self.schedule.roots = self.sources(self.roots.iter());
        self.schedule.guards = self.guards(&branches);

        // Once more, with what the tail takes from outside moved together.
        let mut reads: Vec<NodeId> = self.roots.to_vec();
        for id in &tail {
            reads.extend(operands(self.graph.node(*id).op).into_iter().flatten());
        }
        for id in reads {
            let outside = matches!(self.phase[id.index()], Phase::Head | Phase::Keeping);
            let source = self.source[id.index()];
            if outside && !matches!(source, Source::Packed(_)) {
                self.source[id.index()] = Source::Packed(self.schedule.packed.len() as u32);
                self.schedule.packed.push(source);
            }
        }
        self.schedule.packed_tail = instructions(self, &tail, tail_targets);
        self.schedule.packed_roots = self.sources(self.roots.iter());
        self.schedule.packed_guards = self.guards(&branches);
        let work_of = |ids: &[NodeId]| ids.iter().map(|id| weight(self.graph.node(*id).op)).sum::<usize>();
        let work = work_of(&tail);
        self.schedule.work = work_of(&head) + work;
        let moved = self.schedule.packed.len();
        self.schedule.sparse = 240 * work / (work + 2 * moved).max(1);
    }

    fn sources<'i>(&self, ids: impl Iterator<Item = &'i NodeId>) -> Vec<Source> {
        ids.map(|id| self.source[id.index()]).collect()
    }

    fn guards(&self, branches: &Branches) -> Vec<Guard> {
        let guard = |b: &Branch| Guard {
            parent: b.parent,
            condition: self.source[b.condition.index()],
            positive: b.positive,
        };
        branches.list.iter().map(guard).collect()
    }

    fn register(&self, id: NodeId) -> u32 {
        match self.source[id.index()] {
            Source::Register(register) => register,
            _ => 0,
        }
    }

    /// Gives each node a register; one whose last reader has run is used again. What `ends` names lives on.
    fn allocate(&mut self, order: &[NodeId], ends: &[NodeId]) {
        const FOREVER: usize = usize::MAX;
        let mut last_use = vec![0; self.graph.len()];
        let mut own = vec![false; self.graph.len()];
        for (at, id) in order.iter().enumerate() {
            own[id.index()] = true;
            for operand in operands(self.graph.node(*id).op).into_iter().flatten() {
                last_use[operand.index()] = at;
            }
        }
        for id in ends {
            last_use[id.index()] = FOREVER;
        }
        let (mut free, mut registers): (Vec<u32>, usize) = (vec![], 0);
        for (at, id) in order.iter().enumerate() {
            let register = free.pop().unwrap_or_else(|| {
                registers += 1;
                registers as u32 - 1
            });
            self.source[id.index()] = Source::Register(register);
            // The kernels read while they write, so an operand's register is free only after its reader.
            for operand in operands(self.graph.node(*id).op).into_iter().flatten() {
                if own[operand.index()] && last_use[operand.index()] == at {
                    // Once, even if it is read twice.
                    last_use[operand.index()] = FOREVER;
                    free.push(self.register(operand));
                }
            }
        }
        self.schedule.registers = self.schedule.registers.max(registers);
    }

    fn instruction(&self, id: NodeId, target: u32, guard: u32) -> Instruction {
        let source = |id: NodeId| self.source[id.index()];
        let finite = |id: NodeId| self.intervals.get(id).everywhere().is_some();
        let work = match self.graph.node(id).op {
            Op::Constant(bits) => Work::Fill(f64::from_bits(bits)),
            Op::Unary(op, a) => Work::Unary(op, source(a)),
            Op::Binary(op, a, b) => {
                Work::Binary(op, source(a), source(b), finite(id) && finite(a) && finite(b))
            }
            Op::Select(c, a, b) => Work::Select(source(c), source(a), source(b), finite(c)),
            Op::Interpolate(table, x, y) => Work::Interpolate(table, source(x), y.map(source)),
            Op::Along(axis, list) => Work::Along(axis, list),
            Op::Marked(a, _) => Work::Copy(source(a)),
            // No sweep has a search that goes along an axis.
            Op::Search(..) | Op::Absent(_) | Op::Failed(_) => Work::Fill(f64::NAN),
        };
        Instruction { work, target, guard }
    }
}

/// How long an operation takes, about, an addition being 1.
pub fn weight(op: Op) -> usize {
    match op {
        Op::Unary(UnaryOp::Native(_), _) | Op::Interpolate(..) => 16,
        Op::Binary(BinaryOp::Power | BinaryOp::Native(_), ..) => 32,
        Op::Binary(BinaryOp::Divide, ..) => 3,
        _ => 1,
    }
}
