//! Branches: what only one side of a selection reads, so that a block whose points all take the other side skips it.

use rustc_hash::FxHashMap;

use crate::columns::graph::{Graph, NodeId, Op, operands};
use crate::columns::scan::schedule::{NONE, weight};

/// Looking whether a condition is the same in a whole block costs about as much as an addition.
const WORTHWHILE: usize = 4;

/// One side of the selections by a condition, inside the branch `parent`.
pub struct Branch {
    pub parent: u32,
    pub condition: NodeId,
    pub positive: bool,
    depth: u32,
}

/// The branches among some nodes, and which one each node belongs to.
pub struct Branches {
    pub list: Vec<Branch>,
    branch: FxHashMap<NodeId, u32>,
}

impl Branches {
    /// `order` is the order of evaluation; what is not in it is known before. All of it is needed, `ends` by others too.
    pub fn find(graph: &Graph, order: &[NodeId], ends: &[NodeId]) -> Branches {
        let mut finder = Finder {
            position: order.iter().enumerate().map(|(at, id)| (*id, at + 1)).collect(),
            known: FxHashMap::default(),
            branches: Branches { list: vec![], branch: FxHashMap::default() },
        };
        for id in ends {
            finder.demand(*id, NONE);
        }
        for id in order.iter().rev() {
            // A node is read by later ones only, so by now all of its readers have said where they belong.
            let own = finder.branches.of(*id);
            match graph.node(*id).op {
                Op::Select(c, a, b) if a != b => {
                    finder.demand(c, own);
                    for (side, positive) in [(a, true), (b, false)] {
                        let branch = finder.enter(own, c, positive);
                        finder.demand(side, branch);
                    }
                }
                op => operands(op).into_iter().flatten().for_each(|id| finder.demand(id, own)),
            }
        }
        finder.branches.prune(graph, order);
        finder.branches
    }

    /// The branch of a node; [`NONE`] if it is read whatever is chosen.
    pub fn of(&self, id: NodeId) -> u32 {
        self.branch.get(&id).copied().unwrap_or(NONE)
    }

    /// Gives what is too cheap to skip to the branch around it.
    fn prune(&mut self, graph: &Graph, order: &[NodeId]) {
        let mut weights = vec![0; self.list.len()];
        for id in order {
            if let Some(sum) = weights.get_mut(self.of(*id) as usize) {
                *sum += weight(graph.node(*id).op);
            }
        }
        // Inner branches come after those around them.
        for index in (0..self.list.len()).rev() {
            let inner = weights[index];
            if let Some(sum) = weights.get_mut(self.list[index].parent as usize) {
                *sum += inner;
            }
        }
        let mut stands_for: Vec<u32> = vec![];
        for (index, branch) in self.list.iter().enumerate() {
            let around = stands_for.get(branch.parent as usize).copied().unwrap_or(NONE);
            stands_for.push(if weights[index] < WORTHWHILE { around } else { index as u32 });
        }
        for branch in self.branch.values_mut() {
            *branch = stands_for.get(*branch as usize).copied().unwrap_or(NONE);
        }
    }
}

struct Finder {
    /// Where a node stands in the order, from 1.
    position: FxHashMap<NodeId, usize>,
    known: FxHashMap<(u32, NodeId, bool), u32>,
    branches: Branches,
}

impl Finder {
    fn enter(&mut self, parent: u32, condition: NodeId, positive: bool) -> u32 {
        let list = &mut self.branches.list;
        *self.known.entry((parent, condition, positive)).or_insert_with(|| {
            let depth = list.get(parent as usize).map_or(0, |b| b.depth) + 1;
            list.push(Branch { parent, condition, positive, depth });
            list.len() as u32 - 1
        })
    }

    /// A reader in `branch` reads the node.
    fn demand(&mut self, id: NodeId, branch: u32) {
        let Some(at) = self.position.get(&id).copied() else { return };
        // All conditions must be known by the time the node is computed.
        let (mut around, mut branch) = (branch, branch);
        while let Some(b) = self.branches.list.get(around as usize) {
            if self.position.get(&b.condition).is_some_and(|c| *c >= at) {
                branch = b.parent;
            }
            around = b.parent;
        }
        let branch = match self.branches.branch.get(&id) {
            Some(other) => self.common(*other, branch),
            None => branch,
        };
        self.branches.branch.insert(id, branch);
    }

    /// The innermost branch around both.
    fn common(&self, mut a: u32, mut b: u32) -> u32 {
        let list = &self.branches.list;
        let depth = |at: u32| list.get(at as usize).map_or(0, |b| b.depth);
        while a != b {
            if depth(a) >= depth(b) {
                a = list.get(a as usize).map_or(NONE, |x| x.parent);
            } else {
                b = list.get(b as usize).map_or(NONE, |x| x.parent);
            }
        }
        a
    }
}
