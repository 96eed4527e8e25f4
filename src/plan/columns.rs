//! Runs nodes over the points of a sweep: in blocks that fit in cache, on all cores.
//!
//! Points are numbered with the last axis fastest. A block fixes the outer axes, takes a stretch of one axis (the cut
//! axis), and all of the axes after it. So a node is computed as seldom as its axes allow: once for all (what depends on
//! the cut axis and those after it, as long as that is short), once for each setting of the outer axes, or in every block.

use rayon::prelude::*;

use super::bounds::bounds;
use super::graph::{Graph, NodeId, Op, operands};
use super::kernel;
use crate::check::program::Program;

/// Lanes of a block, about: a handful of columns of this length stay in the first-level cache.
const LANES: usize = 1024;
/// Stretches that a scan is cut into, whatever the number of cores: results do not depend on the machine.
const STRETCHES: u64 = 256;

/// What is run, and over which axes.
pub struct Scan<'g, 'p> {
    graph: &'g Graph<'p>,
    program: &'g Program,
    lengths: Vec<usize>,
    roots: Vec<NodeId>,
    /// The axis that blocks cut into stretches.
    cut: usize,
    /// Values of the cut axis in one block.
    chunk: usize,
    /// Points of the axes after the cut one.
    trailing: usize,
    /// Nodes that only the trailing axes change, in order.
    fixed: Vec<NodeId>,
    /// Nodes that the outer axes do not change, in order: their registers hold the whole of the cut axis.
    long: Vec<NodeId>,
    /// Nodes that are finite at every point.
    finite: Vec<bool>,
    /// Nodes that only the outer axes change, in order.
    outer: Vec<NodeId>,
    /// Nodes of every block, in order.
    inner: Vec<NodeId>,
    /// The register of each node that is needed.
    register: Vec<u32>,
    registers: usize,
}

/// Lanes of a register that holds the whole of the cut axis, at most.
const LONG: usize = 1 << 17;

const UNUSED: u32 = u32::MAX;

impl<'g, 'p> Scan<'g, 'p> {
    pub fn new(graph: &'g Graph<'p>, program: &'g Program, lengths: &[usize], roots: &[NodeId]) -> Self {
        let mut cut = lengths.len().saturating_sub(1);
        let mut trailing = 1;
        // Take whole axes from the end while a block stays small.
        while cut > 0 && trailing * lengths[cut] < LANES {
            trailing *= lengths[cut];
            cut -= 1;
        }
        let length = lengths.get(cut).copied().unwrap_or(1);
        let chunk = (LANES / trailing).clamp(1, length.max(1));
        let mut scan = Scan {
            graph,
            program,
            lengths: lengths.to_vec(),
            roots: roots.to_vec(),
            cut,
            chunk,
            trailing,
            fixed: vec![],
            long: vec![],
            finite: vec![],
            outer: vec![],
            inner: vec![],
            register: vec![UNUSED; graph.len()],
            registers: 0,
        };
        scan.plan();
        scan
    }

    /// The number of points.
    pub fn points(lengths: &[usize]) -> u64 {
        lengths.iter().map(|l| *l as u64).product()
    }

    /// Finds what the roots need, and gives each node a register; one whose last reader has run is used again.
    fn plan(&mut self) {
        let mut needed = vec![false; self.graph.len()];
        let mut stack = self.roots.clone();
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                stack.extend(operands(self.graph.node(id).op).into_iter().flatten());
            }
        }
        let outer_axes = (1u64 << self.cut) - 1;
        let inner_axes = !outer_axes & !(1u64 << self.cut);
        let mut last_use = vec![usize::MAX; self.graph.len()];
        let ids: Vec<NodeId> = self.graph.ids().filter(|id| needed[id.index()]).collect();
        self.finite = bounds(self.graph, &ids).iter().map(Option::is_some).collect();
        let length = self.lengths.get(self.cut).copied().unwrap_or(1);
        // With one outer setting, what is kept would be used once.
        let keep = self.cut > 0 && length * self.trailing <= LONG;
        for id in &ids {
            let axes = self.graph.node(*id).axes;
            if axes & !inner_axes == 0 {
                self.fixed.push(*id);
            } else if keep && axes & outer_axes == 0 {
                self.long.push(*id);
            } else if axes & !outer_axes == 0 {
                self.outer.push(*id);
            } else {
                self.inner.push(*id);
            }
        }
        for (at, id) in self.inner.iter().enumerate() {
            for operand in operands(self.graph.node(*id).op).into_iter().flatten() {
                last_use[operand.index()] = at;
            }
        }
        for id in &self.roots {
            last_use[id.index()] = usize::MAX;
        }
        for id in self.fixed.iter().chain(&self.outer).chain(&self.long) {
            self.register[id.index()] = self.registers as u32;
            self.registers += 1;
        }
        let mut free: Vec<u32> = vec![];
        for (at, id) in self.inner.iter().enumerate() {
            self.register[id.index()] = free.pop().unwrap_or_else(|| {
                self.registers += 1;
                self.registers as u32 - 1
            });
            // The kernels read while they write, so an operand's register is free only after its reader.
            for operand in operands(self.graph.node(*id).op).into_iter().flatten() {
                let is_inner = self.inner.binary_search(&operand).is_ok();
                let register = self.register[operand.index()];
                if is_inner && last_use[operand.index()] == at && !free.contains(&register) {
                    free.push(register);
                }
            }
        }
    }

    /// Visits every block: the number of its first point, and the columns of the roots. The answer holds one state for
    /// each stretch, in order.
    pub fn run<T: Send>(
        &self,
        init: impl Fn() -> T + Sync,
        visit: impl Fn(&mut T, u64, &[&[f64]]) + Sync,
    ) -> Vec<T> {
        if Self::points(&self.lengths) == 0 {
            return vec![];
        }
        let length = self.lengths.get(self.cut).copied().unwrap_or(1);
        let chunks = length.div_ceil(self.chunk) as u64;
        let outer: u64 = self.lengths[..self.cut.min(self.lengths.len())].iter().map(|l| *l as u64).product();
        let blocks = outer * chunks;
        let size = blocks.div_ceil(STRETCHES).max(1);
        let stretches: Vec<u64> = (0..blocks.div_ceil(size)).collect();
        stretches
            .into_par_iter()
            .map(|stretch| {
                let mut state = init();
                let mut worker = Worker::new(self);
                for block in stretch * size..((stretch + 1) * size).min(blocks) {
                    worker.block(block / chunks, block % chunks, &mut state, &visit);
                }
                state
            })
            .collect()
    }

    fn is_long(&self, id: NodeId) -> bool {
        self.long.binary_search(&id).is_ok()
    }

    /// The setting of each axis at a point.
    pub fn setting(lengths: &[usize], point: u64) -> Vec<usize> {
        let mut rest = point;
        let mut setting: Vec<usize> = lengths
            .iter()
            .rev()
            .map(|length| {
                let index = (rest % *length as u64) as usize;
                rest /= *length as u64;
                index
            })
            .collect();
        setting.reverse();
        setting
    }
}

/// The registers of one core.
struct Worker<'s, 'g, 'p> {
    scan: &'s Scan<'g, 'p>,
    columns: Vec<Vec<f64>>,
    /// The outer setting that the registers hold.
    outer: Option<u64>,
    /// The setting of each outer axis.
    setting: Vec<usize>,
}

impl<'s, 'g, 'p> Worker<'s, 'g, 'p> {
    fn new(scan: &'s Scan<'g, 'p>) -> Self {
        let lanes = scan.chunk * scan.trailing;
        let mut worker =
            Worker { scan, columns: vec![vec![0.0; lanes]; scan.registers], outer: None, setting: vec![] };
        for id in &scan.fixed {
            worker.compute(*id, lanes, 0);
        }
        worker.compute_long();
        worker
    }

    /// The long registers, stretch by stretch: what is fixed repeats in each.
    fn compute_long(&mut self) {
        let scan = self.scan;
        let length = scan.lengths.get(scan.cut).copied().unwrap_or(1);
        for id in &scan.long {
            self.columns[scan.register[id.index()] as usize] = vec![0.0; length * scan.trailing];
        }
        for from in (0..length).step_by(scan.chunk) {
            let lanes = scan.chunk.min(length - from) * scan.trailing;
            for id in &scan.long {
                self.compute(*id, lanes, from);
            }
        }
    }

    fn block<T>(&mut self, outer: u64, chunk: u64, state: &mut T, visit: &impl Fn(&mut T, u64, &[&[f64]])) {
        let scan = self.scan;
        let length = scan.lengths.get(scan.cut).copied().unwrap_or(1);
        if self.outer != Some(outer) {
            self.outer = Some(outer);
            self.setting = Scan::setting(&scan.lengths[..scan.cut.min(scan.lengths.len())], outer);
            let lanes = scan.chunk * scan.trailing;
            for id in &scan.outer {
                self.compute(*id, lanes, 0);
            }
        }
        let from = chunk as usize * scan.chunk;
        let count = scan.chunk.min(length - from);
        let lanes = count * scan.trailing;
        for id in &scan.inner {
            self.compute(*id, lanes, from);
        }
        let columns: Vec<&[f64]> = scan.roots.iter().map(|id| self.part(*id, lanes, from)).collect();
        let first = (outer * length as u64 + from as u64) * scan.trailing as u64;
        visit(state, first, &columns);
    }

    /// What a register holds for a block.
    fn part(&self, id: NodeId, lanes: usize, from: usize) -> &[f64] {
        let start = if self.scan.is_long(id) { from * self.scan.trailing } else { 0 };
        &self.columns[self.scan.register[id.index()] as usize][start..start + lanes]
    }

    /// One node over `lanes` lanes; the cut axis begins at `from`.
    fn compute(&mut self, id: NodeId, lanes: usize, from: usize) {
        let scan = self.scan;
        let node = scan.graph.node(id);
        let register = |id: NodeId| scan.register[id.index()] as usize;
        let target = register(id);
        let mut out = std::mem::take(&mut self.columns[target]);
        {
            let column = |id: NodeId| self.part(id, lanes, from);
            let start = if scan.is_long(id) { from * scan.trailing } else { 0 };
            let out = &mut out[start..start + lanes];
            let safe = |id: NodeId| scan.finite[id.index()];
            match node.op {
                Op::Constant(bits) => out.fill(f64::from_bits(bits)),
                Op::Unary(op, a) => kernel::unary(op, column(a), out),
                Op::Binary(op, a, b) => {
                    let proven = safe(id) && safe(a) && safe(b);
                    if !(proven && kernel::binary_finite(op, column(a), column(b), out)) {
                        kernel::binary(op, column(a), column(b), out);
                    }
                }
                Op::Select(c, a, b) if safe(c) => kernel::select_finite(column(c), column(a), column(b), out),
                Op::Select(c, a, b) => kernel::select(column(c), column(a), column(b), out),
                Op::Interpolate(table, x, y) => {
                    kernel::interpolate(scan.program.table(table), column(x), y.map(column), out);
                }
                Op::Along(axis, list) => self.along(usize::from(axis), scan.graph.list(list), out, from),
                Op::Absent(_) | Op::Failed(_) => out.fill(f64::NAN),
            }
        }
        self.columns[target] = out;
    }

    fn along(&self, axis: usize, values: &[f64], out: &mut [f64], from: usize) {
        let scan = self.scan;
        if axis < scan.cut {
            out.fill(values[self.setting.get(axis).copied().unwrap_or(0)]);
            return;
        }
        // Each value stands as long as the axes after it take to go round.
        let stride: usize = scan.lengths[axis + 1..].iter().product();
        let length = scan.lengths[axis];
        let mut index = if axis == scan.cut { from } else { 0 };
        for part in out.chunks_mut(stride.max(1)) {
            part.fill(values[index]);
            index = if index + 1 == length && axis != scan.cut { 0 } else { (index + 1).min(length - 1) };
        }
    }
}
