//! What rests on a solve that describes no machine that runs.
//!
//! A solver says so with `infeasible CONDITION, "reason"`. Its outputs that are defined after that statement are marked
//! with the condition ([`Op::Marked`]): their values stay visible, and whatever is computed from them can be asked where
//! it rests on a mark that holds. Assertions, searches and queries of sweeps ask.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::program::Expr;
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp, operands};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, RecordValue, Slot, Value};
use crate::source::Span;

/// An `infeasible` statement of a solve whose condition holds, or may hold at some points.
pub struct Infeasibility<'p> {
    /// True where the solve is infeasible for this reason.
    pub holds: NodeId,
    pub message: &'p Expr,
    pub env: Rc<Env<'p>>,
    /// The solve, in the user's file where there is one.
    pub site: Option<Span>,
}

/// Marks, and where nodes rest on one.
#[derive(Default)]
pub struct Feasibility<'p> {
    pub found: Vec<Infeasibility<'p>>,
    /// Of marks: the statements behind each.
    marks: FxHashMap<NodeId, Vec<usize>>,
    /// Of nodes: where they rest on a mark that holds; `None` for nowhere.
    doubts: FxHashMap<NodeId, Option<NodeId>>,
}

impl<'p> Lowerer<'p> {
    /// Adds one statement to the mark of a solve's further outputs.
    pub(crate) fn add_infeasibility(&mut self, mark: Option<NodeId>, one: Infeasibility<'p>) -> NodeId {
        let holds = one.holds;
        let mut behind = mark.and_then(|m| self.feasibility.marks.get(&m).cloned()).unwrap_or_default();
        behind.push(self.feasibility.found.len());
        self.feasibility.found.push(one);
        let all = match mark {
            Some(mark) => self.push(Op::Binary(BinaryOp::Or, mark, holds), None),
            None => holds,
        };
        let known = self.feasibility.marks.entry(all).or_default();
        known.extend(behind);
        known.sort_unstable();
        known.dedup();
        all
    }

    /// A value that carries a mark.
    pub(crate) fn marked(&mut self, value: Value<'p>, mark: NodeId, e: &'p Expr) -> Value<'p> {
        match value {
            Value::Node(id) => Value::Node(self.push(Op::Marked(id, mark), Some(e))),
            Value::Maybe(present, inner) => Value::Maybe(present, Box::new(self.marked(*inner, mark, e))),
            Value::List(items) => {
                Value::List(Rc::new(items.iter().map(|i| self.marked(i.clone(), mark, e)).collect()))
            }
            Value::Record(record) => {
                let given = record.given.iter().map(|slot| {
                    slot.as_ref().map(|slot| Slot {
                        value: self.marked(slot.value.clone(), mark, e),
                        origin: slot.origin.clone(),
                        parts: slot.parts.clone(),
                    })
                });
                let given = given.collect();
                Value::Record(Rc::new(RecordValue { ty: record.ty, given, env: record.env.clone() }))
            }
            other => other,
        }
    }

    /// Where a node rests on an infeasible solve: a node that is true there, or `None` for nowhere.
    pub fn infeasible_where(&mut self, node: NodeId) -> Option<NodeId> {
        if self.feasibility.found.is_empty() {
            return None;
        }
        let mut stack = vec![node];
        while let Some(at) = stack.last().copied() {
            if self.feasibility.doubts.contains_key(&at) {
                stack.pop();
                continue;
            }
            let op = self.graph.node(at).op;
            // The condition of a search holds where it rests on no mark: see `sound`.
            let reads = if let Op::Search(..) = op { [None; 3] } else { operands(op) };
            let open: Vec<NodeId> =
                reads.into_iter().flatten().filter(|id| !self.feasibility.doubts.contains_key(id)).collect();
            if !open.is_empty() {
                stack.extend(open);
                continue;
            }
            stack.pop();
            let doubt = self.doubt_of(op);
            self.feasibility.doubts.insert(at, doubt);
        }
        self.feasibility.doubts[&node]
    }

    /// The doubt of an operation from those of its operands. A choice rests on what it chooses, a condition of several
    /// parts not on a part that the others decide.
    fn doubt_of(&mut self, op: Op) -> Option<NodeId> {
        let doubt = |this: &Self, id: NodeId| this.feasibility.doubts.get(&id).copied().flatten();
        match op {
            Op::Marked(value, mark) => {
                let doubt = doubt(self, value);
                self.either(doubt, Some(mark))
            }
            Op::Select(c, a, b) => {
                let (of_c, of_a, of_b) = (doubt(self, c), doubt(self, a), doubt(self, b));
                let chosen = match (of_a, of_b) {
                    (None, None) => None,
                    (a, b) => {
                        let no = self.push(Op::Constant(0f64.to_bits()), None);
                        Some(self.push(Op::Select(c, a.unwrap_or(no), b.unwrap_or(no)), None))
                    }
                };
                self.either(of_c, chosen)
            }
            Op::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
                let (of_a, of_b) = (doubt(self, a), doubt(self, b));
                let any = self.either(of_a, of_b)?;
                let settled = [(a, of_a), (b, of_b)].map(|(part, of_part)| {
                    let decides = match op {
                        BinaryOp::And => self.push(Op::Unary(UnaryOp::Not, part), None),
                        _ => part,
                    };
                    match of_part {
                        None => decides,
                        Some(doubt) => {
                            let sure = self.push(Op::Unary(UnaryOp::Not, doubt), None);
                            self.push(Op::Binary(BinaryOp::And, decides, sure), None)
                        }
                    }
                });
                let settled = self.push(Op::Binary(BinaryOp::Or, settled[0], settled[1]), None);
                let open = self.push(Op::Unary(UnaryOp::Not, settled), None);
                Some(self.push(Op::Binary(BinaryOp::And, any, open), None))
            }
            Op::Search(..) => None,
            op => operands(op).into_iter().flatten().fold(None, |all, id| {
                let one = doubt(self, id);
                self.either(all, one)
            }),
        }
    }

    pub(super) fn either(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) if a != b => Some(self.push(Op::Binary(BinaryOp::Or, a, b), None)),
            (a, b) => a.or(b),
        }
    }

    /// A condition that holds only where it rests on no infeasible solve.
    pub fn sound(&mut self, condition: NodeId) -> NodeId {
        match self.infeasible_where(condition) {
            Some(doubt) => {
                let origin = self.graph.node(condition).origin;
                let sure = self.push(Op::Unary(UnaryOp::Not, doubt), origin);
                self.push(Op::Binary(BinaryOp::And, condition, sure), origin)
            }
            None => condition,
        }
    }

    /// The `infeasible` statements that hold, and that a node without axes rests on.
    pub fn infeasibilities(&mut self, node: NodeId) -> Vec<usize> {
        let mut found = vec![];
        if self.feasibility.found.is_empty() {
            return found;
        }
        let (mut seen, mut stack) = (FxHashSet::default(), vec![node]);
        while let Some(at) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            let op = self.graph.node(at).op;
            if let Op::Marked(_, mark) = op {
                for index in self.feasibility.marks.get(&mark).into_iter().flatten() {
                    if self.graph.known(self.feasibility.found[*index].holds) == Some(1.0) {
                        found.push(*index);
                    }
                }
            }
            stack.extend(operands(op).into_iter().flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Why a solve is infeasible, in words.
    pub fn infeasibility_text(&mut self, index: usize) -> String {
        let (message, env) = {
            let one = &self.feasibility.found[index];
            (one.message, one.env.clone())
        };
        self.message(message, &env).unwrap_or_default()
    }
}
