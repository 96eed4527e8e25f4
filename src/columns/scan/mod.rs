//! Runs nodes over the points of a sweep: in blocks that fit in cache, on all cores.
//!
//! Points are numbered with the last axis fastest. Visitors see the points that belong to the sweep, in order, block by
//! block; what a point costs that does not belong is the condition alone.

pub mod branch;
pub mod count;
pub mod observer;
pub mod pruned_scan;
pub mod sample;
pub mod schedule;
pub mod worker;

use std::sync::Mutex;

use rayon::prelude::*;

use crate::check::program::Program;
use crate::columns::graph::{Graph, NodeId};
use crate::columns::scan::observer::Watch;
use crate::columns::scan::schedule::Schedule;
use crate::columns::scan::worker::Worker;

/// Stretches that a scan is cut into, whatever the number of cores: results do not depend on the machine.
const STRETCHES: u64 = 256;
/// Points between two looks at whether to stop.
const REPORTED: u64 = 1 << 14;

/// What is run, and over which axes.
pub struct Scan<'g, 'p> {
    pub(crate) graph: &'g Graph<'p>,
    pub(crate) program: &'g Program,
    pub(crate) schedule: Schedule,
    pub(crate) member: Option<NodeId>,
    pub(crate) roots: Vec<NodeId>,
    /// The points that are visited, from and to.
    pub(crate) range: (u64, u64),
}

/// Some points of a scan that follow one another, and the roots' values there. Only members of the sweep are in it.
pub struct Block<'b> {
    pub(crate) first: u64,
    /// Which of the points after `first` these are; `None`: all.
    pub(crate) offsets: Option<&'b [u32]>,
    pub(crate) columns: &'b [&'b [f64]],
    pub(crate) lanes: usize,
    /// The first point of the stretch of which it cannot be said whether it is a member.
    pub undecided: Option<u64>,
}

impl Block<'_> {
    /// Points in it.
    pub fn len(&self) -> usize {
        self.lanes
    }

    /// The number of a point.
    pub fn point(&self, lane: usize) -> u64 {
        match self.offsets {
            Some(offsets) => self.first + u64::from(offsets[lane]),
            None => self.first + lane as u64,
        }
    }

    /// The values of a root.
    pub fn column(&self, root: usize) -> &[f64] {
        self.columns[root]
    }
}

impl<'g, 'p> Scan<'g, 'p> {
    /// A scan of `roots` over the points that `member` is true for, or over all. Under `--shard`, over its share.
    pub fn new(
        graph: &'g Graph<'p>,
        program: &'g Program,
        lengths: &[usize],
        member: Option<NodeId>,
        roots: &[NodeId],
    ) -> Self {
        let points = Self::points(lengths);
        let range = graph.watch.shard.map_or((0, points), |shard| shard.range(points));
        let schedule = Schedule::new(graph, program, lengths, member, roots);
        Scan { graph, program, schedule, member, roots: roots.to_vec(), range }
    }

    /// The same over all points, whatever share was asked for.
    pub fn whole(mut self) -> Self {
        self.range = (0, Self::points(&self.schedule.lengths));
        self
    }

    /// The points that are visited, from and to.
    pub fn range(&self) -> (u64, u64) {
        self.range
    }

    /// The number of points.
    pub fn points(lengths: &[usize]) -> u64 {
        lengths.iter().map(|l| *l as u64).product()
    }

    /// Visits every block that has a member. The answer holds one state for each stretch, in order.
    pub fn run<T: Send>(&self, init: impl Fn() -> T + Sync, visit: impl Fn(&mut T, &Block) + Sync) -> Vec<T> {
        if self.member.is_some() {
            return self.run_pruned(init, |_, area| area.member == Some(false), visit);
        }
        self.stretches(init, |state, worker, (from, to)| {
            let mut reports = Reports::new(&self.graph.watch);
            for block in from..to {
                let done = worker.block(block, self.range, &mut |b: &Block| visit(state, b));
                if reports.add(done) {
                    break;
                }
            }
        })
    }

    /// Cuts the blocks into stretches and works through each of them, on all cores.
    pub(crate) fn stretches<T: Send>(
        &self,
        init: impl Fn() -> T + Sync,
        work: impl Fn(&mut T, &mut Worker, (u64, u64)) + Sync,
    ) -> Vec<T> {
        let (from, to) = self.range;
        if from >= to {
            return vec![];
        }
        if let Some(observer) = &self.graph.watch.observer {
            observer.begin(to - from);
        }
        let (first, end) = (self.block_of(from), self.block_of(to - 1) + 1);
        let size = (end - first).div_ceil(STRETCHES).max(1);
        let stretches: Vec<u64> = (first..end).step_by(size as usize).collect();
        let idle = Idle::default();
        stretches
            .into_par_iter()
            .map(|start| {
                let mut state = init();
                idle.with(self, |worker| work(&mut state, worker, (start, (start + size).min(end))));
                state
            })
            .collect()
    }

    /// Prepares every block that has a member on all cores, and hands on what came of it in order. Holds a few blocks
    /// for each core at a time.
    pub fn stream<T: Send, E>(
        &self,
        prepare: impl Fn(&Block) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let (from, to) = self.range;
        if from >= to {
            return Ok(());
        }
        let watch = &self.graph.watch;
        if let Some(observer) = &watch.observer {
            observer.begin(to - from);
        }
        let (mut start, end) = (self.block_of(from), self.block_of(to - 1) + 1);
        let idle = Idle::default();
        let wave = 8 * rayon::current_num_threads() as u64;
        while start < end && !watch.stopped() {
            let next = (start + wave).min(end);
            let prepared = |block| {
                let mut piece = None;
                let done = idle.with(self, |worker| {
                    worker.block(block, self.range, &mut |b: &Block| piece = Some(prepare(b)))
                });
                Reports::new(watch).add(done);
                piece
            };
            let pieces: Vec<Option<T>> = (start..next).into_par_iter().map(prepared).collect();
            pieces.into_iter().flatten().try_for_each(&mut take)?;
            start = next;
        }
        Ok(())
    }

    /// The block that a point is in.
    pub(crate) fn block_of(&self, point: u64) -> u64 {
        let schedule = &self.schedule;
        let whole = (schedule.length() * schedule.trailing) as u64;
        let chunks = schedule.length().div_ceil(schedule.chunk) as u64;
        point / whole * chunks + point % whole / schedule.lanes() as u64
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

/// Workers that have run know what outlives a block, so the next stretch takes one of them.
#[derive(Default)]
struct Idle<'s, 'g, 'p>(Mutex<Vec<Worker<'s, 'g, 'p>>>);

impl<'s, 'g, 'p> Idle<'s, 'g, 'p> {
    fn with<T>(&self, scan: &'s Scan<'g, 'p>, work: impl FnOnce(&mut Worker<'s, 'g, 'p>) -> T) -> T {
        let known = self.0.lock().ok().and_then(|mut idle| idle.pop());
        let mut worker = known.unwrap_or_else(|| Worker::new(scan));
        let result = work(&mut worker);
        if let Ok(mut idle) = self.0.lock() {
            idle.push(worker);
        }
        result
    }
}

/// Points that are done and not yet reported.
pub(crate) struct Reports<'w> {
    watch: &'w Watch,
    points: u64,
}

impl<'w> Reports<'w> {
    pub fn new(watch: &'w Watch) -> Self {
        Reports { watch, points: 0 }
    }

    /// Adds points; true when there is no use in going on.
    pub fn add(&mut self, points: u64) -> bool {
        self.points += points;
        self.points >= REPORTED && {
            self.report();
            self.watch.stopped()
        }
    }

    fn report(&mut self) {
        let points = std::mem::take(&mut self.points);
        if let Some(observer) = &self.watch.observer {
            observer.advance(points);
        }
    }
}

impl Drop for Reports<'_> {
    fn drop(&mut self) {
        self.report();
    }
}
#[cfg(test)]
mod tests;
