//! What looks on while a scan runs: how far it came, whether to stop, and which share of the points is asked for.

use std::sync::Arc;

/// Told about long scans. Reading the clock, drawing and signals are its business, not the engine's.
pub trait Observer: Send + Sync {
    /// Something with a name begins: a sweep, an assertion over one.
    fn enter(&self, what: &str);
    /// A scan of so many points begins.
    fn begin(&self, points: u64);
    /// So many more of them are done.
    fn advance(&self, points: u64);
    /// True when there is no use in going on.
    fn stopped(&self) -> bool;
}

/// `3/16`: the third of sixteen shares of the points of every sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub index: u64,
    /// How many shares there are; at least 1.
    pub count: u64,
}

impl Shard {
    /// The points of this share. The shares follow one another, and together they are all points.
    pub fn range(self, points: u64) -> (u64, u64) {
        let edge = |k: u64| (u128::from(points) * u128::from(k) / u128::from(self.count.max(1))) as u64;
        (edge(self.index - 1), edge(self.index))
    }
}

/// What scans heed besides their nodes.
#[derive(Clone, Default)]
pub struct Watch {
    /// Hears of progress and can stop a scan.
    pub observer: Option<Arc<dyn Observer>>,
    /// The share of every sweep's points that is scanned; `None` for all of them.
    pub shard: Option<Shard>,
}

impl Watch {
    /// The observer wants no more: results so far are incomplete.
    pub fn stopped(&self) -> bool {
        self.observer.as_ref().is_some_and(|o| o.stopped())
    }
}
