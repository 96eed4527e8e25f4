//! The best point of a space too large to enumerate.
//!
//! Up to [`EXHAUSTIVE`] points all are evaluated. Beyond that, a seeded descent along one axis at a time finds a good
//! point; then parts of the space are bounded by interval arithmetic: a part that cannot hold a better point is left
//! out, others are cut in two. If no part is left, the best point is proven. If the budget ends before, the answer says
//! so: it is then the best of those evaluated, and nothing more.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use crate::check::program::{Expr, Goal, Program, SweepId};
use crate::codes;
use crate::columns::bounds::Intervals;
use crate::columns::graph::{Graph, NodeId};
use crate::columns::scan::Scan;
use crate::columns::scan::sample::{LANES, Sample};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::GridValue;

/// Spaces that are simply enumerated.
const EXHAUSTIVE: u64 = 1 << 22;
/// Points that the search evaluates, and parts that it bounds, at most.
const EVALUATIONS: u64 = 1 << 22;
const PARTS: usize = 1 << 17;
/// Descents from different points, and values of an axis that one step tries.
const STARTS: usize = 8;
const STEPS: usize = 1024;

/// Rows of the joined axes: from, and up to but not including.
type Subspace = Vec<(usize, usize)>;

/// A point and its objective; less is better.
#[derive(Clone, Copy)]
struct RatedPoint {
    value: f64,
    point: u64,
}

impl RatedPoint {
    /// Earlier points win ties.
    fn beats(self, other: Option<RatedPoint>) -> bool {
        other.is_none_or(|o| self.value < o.value || (self.value == o.value && self.point < o.point))
    }
}

/// A part of the space that may hold something better than `bound`.
struct OpenSubspace {
    bound: f64,
    first: u64,
    part: Subspace,
}

impl PartialEq for OpenSubspace {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for OpenSubspace {}
impl PartialOrd for OpenSubspace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for OpenSubspace {
    /// The heap gives its greatest first: the lowest bound.
    fn cmp(&self, other: &Self) -> Ordering {
        other.bound.total_cmp(&self.bound).then(other.first.cmp(&self.first))
    }
}

struct OptimumSearch<'g, 'p> {
    sample: Sample<'g, 'p>,
    lengths: Vec<usize>,
    member: Option<NodeId>,
    objective: NodeId,
    sign: f64,
    best: Option<RatedPoint>,
    undefined: u64,
}

impl<'p> Lowerer<'p> {
    /// `optimize NAME = BASE over { .. } where C minimize E`
    pub(in crate::lower) fn optimize(
        &mut self,
        e: &'p Expr,
        id: SweepId,
        (goal, body): (Goal, &'p Expr),
        seed: u64,
    ) -> Lowered<'p> {
        let points = self.points(id)?;
        let grid = Rc::new(GridValue { sweep: id, filters: vec![] });
        let value = self.over_points(id, body)?;
        let objective = self.column(value, body);
        let member = self.feasible_members(&grid, &[objective])?;
        let total = Scan::points(&points.lengths);
        if total <= EXHAUSTIVE {
            self.note_left_out(&grid, &[(objective, body)], e)?;
        }
        self.scans("optimize", id, member.into_iter().chain([objective]));
        let sample = Sample::new(
            &self.graph,
            self.program,
            &points.lengths,
            &member.into_iter().chain([objective]).collect::<Vec<_>>(),
        );
        let mut search = OptimumSearch {
            sample,
            lengths: points.lengths.clone(),
            member,
            objective,
            sign: if goal == Goal::Minimize { 1.0 } else { -1.0 },
            best: None,
            undefined: 0,
        };
        let proven = match total <= EXHAUSTIVE {
            true => search.all(total),
            false => {
                search.descend(total, seed);
                search.bound(&self.graph, self.program)
            }
        };
        let (best, evaluated, undefined) = (search.best, search.sample.evaluated, search.undefined);
        let Some(best) = best else { return Err(self.no_optimum(&grid, e, proven, (evaluated, total))) };
        let standing = match proven {
            true => "proven best",
            false => "the best found; the search ended before it could rule out a better one",
        };
        let mut note = format!("{standing}: {evaluated} of {total} points evaluated");
        if undefined > 0 {
            note.push_str(&format!(", {undefined} of them undefined and left out"));
        }
        self.add_note(note);
        self.solved_at(id, best.point)
    }

    fn no_optimum(
        &mut self,
        grid: &GridValue<'p>,
        e: &'p Expr,
        proven: bool,
        (tried, total): (u64, u64),
    ) -> Stop {
        if proven && total <= EXHAUSTIVE {
            return self.empty(grid, e);
        }
        let (message, label) = match proven {
            true => ("no point meets the condition".to_string(), "shown by bounds over the whole space"),
            false => (
                format!("none of {tried} points tried meets the condition"),
                "the search ended before it had ruled out all others",
            ),
        };
        let mut diagnostic = Diagnostic::error(codes::EMPTY_GRID, message).label(e.span, label);
        if let Some(condition) = &self.declared(grid.sweep).condition {
            diagnostic = diagnostic.label(condition.span, "not met");
        }
        self.fail(diagnostic.help("relax the condition, or narrow the axes to where it can hold"))
    }
}

impl OptimumSearch<'_, '_> {
    /// Evaluates points and keeps the best. Answers the best of these.
    fn look(&mut self, points: &[u64]) -> Option<RatedPoint> {
        let mut here = None;
        for points in points.chunks(LANES) {
            self.sample.evaluate(points);
            for (lane, point) in points.iter().enumerate() {
                let member = self.member.map_or(1.0, |m| self.sample.value(m, lane));
                if member == 0.0 {
                    continue;
                }
                let value = self.sign * self.sample.value(self.objective, lane);
                if value.is_nan() || member.is_nan() {
                    self.undefined += 1;
                    continue;
                }
                let found = RatedPoint { value, point: *point };
                if found.beats(here) {
                    here = Some(found);
                }
            }
        }
        if here.is_some_and(|h| h.beats(self.best)) {
            self.best = here;
        }
        here
    }

    fn all(&mut self, total: u64) -> bool {
        let mut from = 0;
        while from < total {
            let to = (from + LANES as u64).min(total);
            self.look(&(from..to).collect::<Vec<_>>());
            from = to;
        }
        true
    }

    /// From seeded points, goes to the best value along one axis after another until nothing improves.
    fn descend(&mut self, total: u64, seed: u64) {
        let mut state = seed;
        for start in 0..STARTS {
            let mut at = if start == 0 { 0 } else { random(&mut state) % total };
            let mut found = self.look(&[at]);
            for _ in 0..64 {
                let before = found.map(|f| f.value);
                for group in 0..self.lengths.len() {
                    let line = self.line(at, group);
                    let here = self.look(&line);
                    if let Some(here) = here
                        && here.beats(found)
                    {
                        (found, at) = (Some(here), here.point);
                    }
                }
                if found.map(|f| f.value) == before {
                    break;
                }
            }
        }
    }

    /// The points that differ from one along an axis only: all, or evenly spaced ones and the neighbours.
    fn line(&self, at: u64, group: usize) -> Vec<u64> {
        let stride: u64 = self.lengths[group + 1..].iter().map(|l| *l as u64).product();
        let length = self.lengths[group];
        let own = Scan::setting(&self.lengths, at)[group];
        let base = at - own as u64 * stride;
        let mut rows: Vec<usize> = match length <= STEPS {
            true => (0..length).collect(),
            false => (0..STEPS).map(|i| i * (length - 1) / (STEPS - 1)).collect(),
        };
        if length > STEPS {
            rows.extend(own.saturating_sub(32)..(own + 33).min(length));
        }
        rows.into_iter().map(|row| base + row as u64 * stride).collect()
    }

    /// Leaves out what cannot be better, and cuts the rest, until nothing is left: true. False when the budget ends.
    fn bound(&mut self, graph: &Graph, program: &Program) -> bool {
        let nodes = self.sample.nodes.clone();
        let mut intervals = Intervals::new(graph, program, &nodes, &self.lengths);
        let mut open: BinaryHeap<OpenSubspace> = BinaryHeap::new();
        let whole: Subspace = self.lengths.iter().map(|l| (0, *l)).collect();
        self.open(whole, &mut open, &mut intervals);
        let budget = self.sample.evaluated + EVALUATIONS;
        let mut parts = 0;
        while let Some(next) = open.pop() {
            if !self.may_improve(next.bound, next.first) {
                continue;
            }
            parts += 1;
            if parts > PARTS || self.sample.evaluated > budget {
                return false;
            }
            let size: u64 = next.part.iter().map(|(a, b)| (b - a) as u64).product();
            if size <= LANES as u64 {
                let points = self.points_of(&next.part);
                self.look(&points);
                continue;
            }
            let longest =
                (0..next.part.len()).rev().max_by_key(|g| next.part[*g].1 - next.part[*g].0).unwrap_or(0);
            let (from, to) = next.part[longest];
            let middle = from + (to - from) / 2;
            for half in [(from, middle), (middle, to)] {
                let mut part = next.part.clone();
                part[longest] = half;
                self.open(part, &mut open, &mut intervals);
            }
        }
        true
    }

    fn may_improve(&self, bound: f64, first: u64) -> bool {
        self.best.is_none_or(|b| bound < b.value || (bound == b.value && first < b.point))
    }

    /// Keeps a part of the space unless its bounds show that it holds nothing better.
    fn open(&mut self, part: Subspace, open: &mut BinaryHeap<OpenSubspace>, intervals: &mut Intervals) {
        intervals.fill(|axis| (part[axis].0, part[axis].1 - 1));
        if self.member.is_some_and(|m| intervals.get(m).never_holds()) {
            return;
        }
        let Some((low, high)) = intervals.get(self.objective).anywhere() else { return };
        let bound = if self.sign > 0.0 { low } else { -high };
        let first = part.iter().zip(&self.lengths).fold(0, |n, ((from, _), l)| n * *l as u64 + *from as u64);
        if self.may_improve(bound, first) {
            open.push(OpenSubspace { bound, first, part });
        }
    }

    fn points_of(&self, part: &Subspace) -> Vec<u64> {
        let mut points = vec![0u64];
        for ((from, to), length) in part.iter().zip(&self.lengths) {
            points = points
                .into_iter()
                .flat_map(|p| (*from..*to).map(move |row| p * *length as u64 + row as u64))
                .collect();
        }
        points
    }
}

/// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
