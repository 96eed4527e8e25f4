//! Counts the points of a sweep at which a condition holds.

use crate::check::program::Program;
use crate::columns::graph::{Graph, NodeId};
use crate::columns::kernel;
use crate::columns::scan::pruned_scan::Area;
use crate::columns::scan::{Block, Scan};

/// What a scan of a condition found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Members of the sweep.
    pub points: u64,
    /// Those at which the condition does not hold.
    pub failing: u64,
    pub first_failing: Option<u64>,
    pub first_holding: Option<u64>,
    /// The first point of which it cannot be said whether it is a member, or whether the condition holds.
    pub poisoned: Option<u64>,
}

impl Tally {
    /// Of `condition` over the members, or with `None` of the members alone.
    pub fn of(
        graph: &Graph,
        program: &Program,
        lengths: &[usize],
        member: Option<NodeId>,
        condition: Option<NodeId>,
    ) -> Tally {
        let roots: Vec<NodeId> = condition.into_iter().collect();
        let scan = Scan::new(graph, program, lengths, member, &roots);
        if member.is_none() && roots.is_empty() {
            let (from, to) = scan.range();
            return Tally { points: to - from, ..Tally::default() };
        }
        let settle = |tally: &mut Tally, area: &Area| tally.settle(area, !roots.is_empty());
        let parts = scan.run_pruned(Tally::default, settle, |tally, block| match roots.is_empty() {
            true => tally.count(block),
            false => tally.add(block),
        });
        parts.into_iter().fold(Tally::default(), Tally::then)
    }

    /// Takes account of an area of which everything is known.
    fn settle(&mut self, area: &Area, conditional: bool) -> bool {
        match (area.member, if conditional { area.holds(0) } else { Some(true) }) {
            (Some(false), _) => true,
            (Some(true), Some(holds)) => {
                self.points += area.points;
                if !holds {
                    self.failing += area.points;
                    self.first_failing.get_or_insert(area.first);
                } else if conditional {
                    self.first_holding.get_or_insert(area.first);
                }
                true
            }
            _ => false,
        }
    }

    fn count(&mut self, block: &Block) {
        self.points += block.len() as u64;
        self.poisoned = self.poisoned.or(block.undecided);
    }

    fn add(&mut self, block: &Block) {
        let condition = block.column(0);
        self.points += block.len() as u64;
        if kernel::others(condition) == 0 {
            self.poisoned = self.poisoned.or(block.undecided);
            if !condition.is_empty() {
                self.first_holding.get_or_insert(block.point(0));
            }
            return;
        }
        let mut poisoned = block.undecided;
        for (lane, holds) in condition.iter().enumerate() {
            let at = block.point(lane);
            if holds.is_nan() {
                poisoned = Some(poisoned.map_or(at, |p| p.min(at)));
            } else if *holds == 0.0 {
                self.failing += 1;
                self.first_failing.get_or_insert(at);
            } else {
                self.first_holding.get_or_insert(at);
            }
        }
        self.poisoned = self.poisoned.or(poisoned);
    }

    /// This, followed by what later points gave.
    fn then(self, later: Tally) -> Tally {
        Tally {
            points: self.points + later.points,
            failing: self.failing + later.failing,
            first_failing: self.first_failing.or(later.first_failing),
            first_holding: self.first_holding.or(later.first_holding),
            poisoned: self.poisoned.or(later.poisoned),
        }
    }
}
