//! The points of a grid for a chart: all of them when they are few, else the cells of a raster that are taken, so that
//! memory does not grow with the sweep. The frontier is exact either way.

use crate::check::program::Goal;
use crate::columns::scan::Block;

/// Points that are drawn one by one.
pub const EXACT: usize = 2_000;
/// Series of a chart, at most.
pub const SERIES: usize = 64;
/// Cells of the raster, across and up.
pub const CELLS: (usize, usize) = (160, 90);

/// A point by its values, the value that tells its series, and its number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub x: f64,
    pub y: f64,
    pub key: u64,
    pub point: u64,
}

/// What all points have in common, found in a first pass.
#[derive(Clone, Debug)]
pub struct Survey {
    pub count: u64,
    /// Points that a logarithmic axis has no place for.
    pub dropped: u64,
    pub poisoned: Option<u64>,
    pub x: (f64, f64),
    pub y: (f64, f64),
    /// The first points, up to one more than are drawn one by one.
    pub hits: Vec<Hit>,
    pub keys: Vec<u64>,
    /// Of each key, those that no other point beats; empty unless a frontier is asked for.
    pub fronts: Vec<Front>,
}

/// How the two axes are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub log: (bool, bool),
    pub goals: Option<(Goal, Goal)>,
}

impl Default for Survey {
    fn default() -> Self {
        let nothing = (f64::INFINITY, f64::NEG_INFINITY);
        let (hits, keys, fronts) = (vec![], vec![], vec![]);
        Survey { count: 0, dropped: 0, poisoned: None, x: nothing, y: nothing, hits, keys, fronts }
    }
}

impl Survey {
    /// Takes the points of a block. `key` tells the series of a lane.
    pub fn add(&mut self, block: &Block, reading: Reading, key: impl Fn(usize) -> u64) {
        self.poisoned = self.poisoned.or(block.undecided);
        let (xs, ys) = (block.column(0), block.column(1));
        for lane in 0..block.len() {
            let (x, y) = (xs[lane], ys[lane]);
            if x.is_nan() || y.is_nan() {
                self.poisoned.get_or_insert(block.point(lane));
                continue;
            }
            if (reading.log.0 && x <= 0.0) || (reading.log.1 && y <= 0.0) {
                self.dropped += 1;
                continue;
            }
            self.take(Hit { x, y, key: key(lane), point: block.point(lane) }, reading.goals);
        }
    }

    fn take(&mut self, hit: Hit, goals: Option<(Goal, Goal)>) {
        self.count += 1;
        self.x = (self.x.0.min(hit.x), self.x.1.max(hit.x));
        self.y = (self.y.0.min(hit.y), self.y.1.max(hit.y));
        let index = match self.keys.iter().position(|k| *k == hit.key) {
            Some(index) => index,
            None if self.keys.len() <= SERIES => {
                self.keys.push(hit.key);
                self.fronts.push(Front::default());
                self.keys.len() - 1
            }
            None => return,
        };
        if self.hits.len() <= EXACT {
            self.hits.push(hit);
        }
        if let Some(goals) = goals {
            self.fronts[index].offer(hit, goals);
        }
    }

    /// This, followed by what later points gave.
    pub fn then(mut self, later: Survey, goals: Option<(Goal, Goal)>) -> Survey {
        self.count += later.count;
        self.dropped += later.dropped;
        self.poisoned = self.poisoned.or(later.poisoned);
        self.x = (self.x.0.min(later.x.0), self.x.1.max(later.x.1));
        self.y = (self.y.0.min(later.y.0), self.y.1.max(later.y.1));
        let room = (EXACT + 1).saturating_sub(self.hits.len());
        self.hits.extend(later.hits.into_iter().take(room));
        for (key, front) in later.keys.into_iter().zip(later.fronts) {
            let index = match self.keys.iter().position(|k| *k == key) {
                Some(index) => index,
                None => {
                    self.keys.push(key);
                    self.fronts.push(Front::default());
                    self.keys.len() - 1
                }
            };
            if let Some(goals) = goals {
                front.hits.into_iter().for_each(|h| self.fronts[index].offer(h, goals));
            }
        }
        self
    }

    /// Every point is among the hits.
    pub fn is_whole(&self) -> bool {
        self.hits.len() as u64 == self.count
    }
}

/// Points none of which beats another, from the best `x` to the worst.
#[derive(Clone, Debug, Default)]
pub struct Front {
    pub hits: Vec<Hit>,
}

impl Front {
    /// Keeps a point unless another is at least as good on both axes; of equal ones the first stays.
    fn offer(&mut self, hit: Hit, goals: (Goal, Goal)) {
        let cost = |goal: Goal, value: f64| if goal == Goal::Minimize { value } else { -value };
        let at = |h: &Hit| (cost(goals.0, h.x), cost(goals.1, h.y));
        let (x, y) = at(&hit);
        let after = self.hits.partition_point(|h| at(h).0 <= x);
        if after > 0 && at(&self.hits[after - 1]).1 <= y {
            return;
        }
        let from = self.hits.partition_point(|h| at(h).0 < x);
        let beaten = self.hits[from..].iter().take_while(|h| at(h).1 >= y).count();
        self.hits.splice(from..from + beaten, [hit]);
    }
}

/// Which cells of a raster hold a point, a raster a series.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    taken: Vec<Vec<u64>>,
}

impl Raster {
    pub fn set(&mut self, series: usize, cell: usize) {
        while self.taken.len() <= series {
            self.taken.push(vec![0; (CELLS.0 * CELLS.1).div_ceil(64)]);
        }
        self.taken[series][cell / 64] |= 1 << (cell % 64);
    }

    pub fn union(mut self, other: Raster) -> Raster {
        for (series, cells) in other.taken.into_iter().enumerate() {
            match self.taken.get_mut(series) {
                Some(mine) => mine.iter_mut().zip(cells).for_each(|(a, b)| *a |= b),
                None => self.taken.push(cells),
            }
        }
        self
    }

    /// The cells of a series.
    pub fn cells(&self, series: usize) -> impl Iterator<Item = usize> {
        let words = self.taken.get(series).into_iter().flatten().enumerate();
        words.flat_map(|(word, bits)| (0..64).filter(move |b| bits >> b & 1 == 1).map(move |b| word * 64 + b))
    }
}

/// A range of values cut into cells, evenly as the axis is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    low: f64,
    width: f64,
    log: bool,
    cells: usize,
}

impl Cut {
    pub fn new((low, high): (f64, f64), log: bool, cells: usize) -> Self {
        let at = |v: f64| if log { libm::log(v) } else { v };
        Cut { low: at(low), width: (at(high) - at(low)) / cells as f64, log, cells }
    }

    pub fn cell(&self, value: f64) -> usize {
        let at = if self.log { libm::log(value) } else { value };
        if self.width > 0.0 { (((at - self.low) / self.width) as usize).min(self.cells - 1) } else { 0 }
    }

    /// The value in the middle of a cell.
    pub fn middle(&self, cell: usize) -> f64 {
        let at = self.low + self.width * (cell as f64 + 0.5);
        if self.log { libm::exp(at) } else { at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(x: f64, y: f64, point: u64) -> Hit {
        Hit { x, y, key: 0, point }
    }

    /// The front of many points is what comparing every two of them gives.
    #[test]
    fn the_front_is_exact() {
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((state >> 33) % 40) as f64
        };
        for goals in [
            (Goal::Minimize, Goal::Maximize),
            (Goal::Minimize, Goal::Minimize),
            (Goal::Maximize, Goal::Maximize),
        ] {
            let hits: Vec<Hit> = (0..200).map(|i| hit(random(), random(), i)).collect();
            let mut front = Front::default();
            hits.iter().for_each(|h| front.offer(*h, goals));
            let better = |g: Goal, a: f64, b: f64| if g == Goal::Minimize { a <= b } else { a >= b };
            let beats = |a: &Hit, b: &Hit| {
                better(goals.0, a.x, b.x) && better(goals.1, a.y, b.y) && (a.x, a.y) != (b.x, b.y)
            };
            let mut expected: Vec<(f64, f64)> =
                hits.iter().filter(|h| !hits.iter().any(|o| beats(o, h))).map(|h| (h.x, h.y)).collect();
            expected.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            expected.dedup();
            let mut found: Vec<(f64, f64)> = front.hits.iter().map(|h| (h.x, h.y)).collect();
            found.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn cells_cover_the_range() {
        for log in [false, true] {
            let cut = Cut::new((1.0, 1000.0), log, 90);
            assert_eq!((cut.cell(1.0), cut.cell(1000.0)), (0, 89));
            assert!((0..90).all(|c| cut.cell(cut.middle(c)) == c));
        }
        assert_eq!(Cut::new((3.0, 3.0), true, 10).cell(3.0), 0);
    }
}
