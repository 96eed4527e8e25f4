//! Scans that need not look at every point: what bounds show for a whole area of points is not computed.
//!
//! An area is a stretch of points that follow one another. It is tried as a whole, then in halves, down to single blocks.
//! What comes out does not depend on it, only how long it takes.

use crate::columns::bounds::Intervals;
use crate::columns::bounds::interval::Interval;
use crate::columns::scan::worker::Worker;
use crate::columns::scan::{Block, Reports, Scan};

/// What bounds for one node cost, an operation on one lane being 1: lanes go several at a time, bounds do not.
const BOUND: usize = 96;
/// The part of the work that may be spent in vain: one in so many.
const SHARE: usize = 32;
/// Tries that are free at the start of a stretch, and that can be saved up.
const FREE: usize = 8;

/// Some points that follow one another, and what is known of all of them.
pub struct Area<'a> {
    pub first: u64,
    pub points: u64,
    /// All of them are members of the sweep, or none.
    pub member: Option<bool>,
    bounds: &'a [Interval],
}

impl Area<'_> {
    /// The least and greatest value of a root; `None` where it may have no value.
    pub fn bounds(&self, root: usize) -> Option<(f64, f64)> {
        self.bounds[root].everywhere()
    }

    /// Whether a root that is a condition holds at all of them, or at none.
    pub fn holds(&self, root: usize) -> Option<bool> {
        decided(self.bounds[root])
    }
}

fn decided(bounds: Interval) -> Option<bool> {
    let (low, high) = bounds.everywhere()?;
    (low == high).then_some(low == 1.0)
}

impl<'g, 'p> Scan<'g, 'p> {
    /// Like [`Scan::run`], but an area that `settle` takes account of by itself is not visited.
    pub fn run_pruned<T: Send>(
        &self,
        init: impl Fn() -> T + Sync,
        settle: impl Fn(&mut T, &Area) -> bool + Sync,
        visit: impl Fn(&mut T, &Block) + Sync,
    ) -> Vec<T> {
        let nodes = self.graph.needed(self.roots.iter().copied().chain(self.member));
        self.stretches(init, |state, worker, blocks| {
            let mut pruner = Pruner {
                scan: self,
                intervals: Intervals::new(self.graph, self.program, &nodes, &self.schedule.lengths),
                reports: Reports::new(&self.graph.watch),
                price: 0,
                credit: 0,
            };
            pruner.price = pruner.intervals.effort() * BOUND;
            pruner.credit = FREE * pruner.price;
            pruner.descend(state, worker, blocks, &settle, &visit);
        })
    }

    /// The first point of a block.
    fn first_point(&self, block: u64) -> u64 {
        let schedule = &self.schedule;
        let (whole, chunks) = (
            (schedule.length() * schedule.trailing) as u64,
            schedule.length().div_ceil(schedule.chunk) as u64,
        );
        block / chunks * whole + block % chunks * schedule.lanes() as u64
    }

    /// Where to cut a stretch of blocks in two: between settings of an axis as far out as can be.
    fn middle(&self, from: u64, to: u64) -> u64 {
        let schedule = &self.schedule;
        let chunks = schedule.length().div_ceil(schedule.chunk) as u64;
        for axis in 0..schedule.cut {
            let inner: u64 = schedule.lengths[axis + 1..schedule.cut].iter().map(|l| *l as u64).product();
            let stride = inner * chunks;
            let (first, last) = (from / stride + 1, (to - 1) / stride);
            if first <= last {
                return (first + last).div_ceil(2) * stride;
            }
        }
        (from + to).div_ceil(2)
    }
}

struct Pruner<'s, 'g, 'p> {
    scan: &'s Scan<'g, 'p>,
    intervals: Intervals<'g, 'p>,
    reports: Reports<'s>,
    /// Of one try, and what may be spent on tries: a try that settles something costs nothing.
    price: usize,
    credit: usize,
}

impl Pruner<'_, '_, '_> {
    /// Works through a stretch of blocks; true when there is no use in going on.
    fn descend<T>(
        &mut self,
        state: &mut T,
        worker: &mut Worker,
        (from, to): (u64, u64),
        settle: &impl Fn(&mut T, &Area) -> bool,
        visit: &impl Fn(&mut T, &Block),
    ) -> bool {
        if self.credit >= self.price {
            if let Some(points) = self.settle(state, (from, to), settle) {
                return self.reports.add(points);
            }
            self.credit -= self.price;
        }
        if to - from == 1 {
            let done = worker.block(from, self.scan.range, &mut |b: &Block| visit(state, b));
            let earned = done as usize * self.scan.schedule.work / SHARE;
            self.credit = (self.credit + earned).min(FREE * self.price);
            return self.reports.add(done);
        }
        let middle = self.scan.middle(from, to);
        self.descend(state, worker, (from, middle), settle, visit)
            || self.descend(state, worker, (middle, to), settle, visit)
    }

    /// The points of an area, if `settle` takes account of it.
    fn settle<T>(
        &mut self,
        state: &mut T,
        (from, to): (u64, u64),
        settle: &impl Fn(&mut T, &Area) -> bool,
    ) -> Option<u64> {
        let scan = self.scan;
        let lengths = &scan.schedule.lengths;
        let (first, end) = (scan.first_point(from), scan.first_point(to).min(Scan::points(lengths)));
        let (low, high) = (Scan::setting(lengths, first), Scan::setting(lengths, end - 1));
        // The axis along which the area runs; those after it go all the way, even if not at both ends.
        let along = (0..lengths.len()).find(|axis| low[*axis] != high[*axis]).unwrap_or(lengths.len());
        let range = |axis| match axis <= along {
            true => (low[axis], high[axis]),
            false => (0, lengths[axis] - 1),
        };
        let (first, end) = (first.max(scan.range.0), end.min(scan.range.1));
        self.intervals.fill(range);
        if self.ask(state, (first, end), settle) {
            return Some(end - first);
        }
        self.intervals.fill_apart(range);
        self.ask(state, (first, end), settle).then_some(end - first)
    }

    /// Shows `settle` the bounds of the roots.
    fn ask<T>(
        &self,
        state: &mut T,
        (first, end): (u64, u64),
        settle: &impl Fn(&mut T, &Area) -> bool,
    ) -> bool {
        let scan = self.scan;
        let member = match scan.member {
            None => Some(true),
            Some(member) => decided(self.intervals.get(member)),
        };
        let bounds: Vec<Interval> = scan.roots.iter().map(|root| self.intervals.get(*root)).collect();
        settle(state, &Area { first, points: end - first, member, bounds: &bounds })
    }
}
