//! What-if: an expression of the program answers other values than it has.
//!
//! One value makes an ordinary evaluation; several go along axis 0, so that one pass over the graph tries them all.

use rustc_hash::FxHashSet;

use crate::check::program::{Expr, Program, SweepId};
use crate::columns::graph::{NodeId, Op};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::state::CurrentSweep;
use crate::lower::value::{Slot, Value};
use crate::source::Sources;

/// Nodes that are evaluated at a point in the time in which an expression is lowered.
pub(crate) const EVALUATED: u64 = 64;

/// An expression by its address: expressions of a program do not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExprKey(usize);

impl ExprKey {
    pub fn of(e: &Expr) -> Self {
        ExprKey(std::ptr::from_ref(e) as usize)
    }
}

/// The values that one expression takes.
#[derive(Clone, Debug)]
pub struct Probe {
    /// A literal; or a record or override, to which a last change is added.
    pub at: ExprKey,
    /// The field or input that the added change sets; empty for a literal.
    pub path: Vec<u32>,
    pub values: Vec<f64>,
}

/// The literals and solve sites that a lowering visited.
#[derive(Debug, Default)]
pub struct Trace {
    pub literals: FxHashSet<ExprKey>,
    /// Where the solves that were run got their inputs.
    pub sites: Vec<ExprKey>,
}

impl<'p> Lowerer<'p> {
    /// A lowering in which `probe` stands.
    pub fn probing(program: &'p Program, sources: &'p Sources, probe: Probe) -> Self {
        let mut lowerer = Lowerer::new(program, sources);
        if probe.values.len() > 1 {
            lowerer.mode.sweep =
                Some(CurrentSweep { id: SweepId(u32::MAX), lengths: vec![probe.values.len()] });
        }
        lowerer.mode.probe = Some(probe);
        lowerer
    }

    /// Several values are tried at once: axis 0 is taken.
    pub(in crate::lower) fn tries_several(&self) -> bool {
        self.mode.probe.as_ref().is_some_and(|p| p.values.len() > 1)
    }

    /// Stops a lowering that needs one value where several are tried.
    pub(in crate::lower) fn needs_one_value(&mut self, e: &Expr) -> Stop {
        self.fail(
            Diagnostic::error("mls::varies", "this must be the same for all values that are tried")
                .label(e.span, "here"),
        )
    }

    /// The node of a literal: its value, or what a probe says.
    pub(in crate::lower) fn literal(&mut self, value: f64, e: &'p Expr) -> Value<'p> {
        if let Some(trace) = &mut self.trace {
            trace.literals.insert(ExprKey::of(e));
        }
        if let Some(node) = self.opened(e) {
            return Value::Node(node);
        }
        match &self.mode.probe {
            Some(probe) if probe.path.is_empty() && probe.at == ExprKey::of(e) => Value::Node(self.probed(e)),
            _ => self.constant(value, Some(e)),
        }
    }

    fn probed(&mut self, e: &'p Expr) -> NodeId {
        let values = self.mode.probe.as_ref().map_or(vec![], |p| p.values.clone());
        if let [value] = values.as_slice() {
            return self.push(Op::Constant(value.to_bits()), Some(e));
        }
        let list = self.graph.add_list(values);
        self.push(Op::Along(0, list), Some(e))
    }

    /// The change that a probe adds to a record or override.
    pub(in crate::lower) fn added_change(&mut self, value: Value<'p>, e: &'p Expr) -> Lowered<'p> {
        let path = match &self.mode.probe {
            Some(probe) if !probe.path.is_empty() && probe.at == ExprKey::of(e) => probe.path.clone(),
            _ => return self.opened_changes(value, e),
        };
        let node = self.probed(e);
        self.replace(&value, &path, Slot::new(Value::Node(node), None), e)
    }

    /// What this lowering took, an expression counting as one: about a tenth of a microsecond. Counted, not timed: the
    /// same everywhere.
    pub fn work(&self) -> u64 {
        let points: u64 =
            self.caches.sweeps.values().map(|p| crate::columns::scan::Scan::points(&p.lengths)).sum();
        self.budget.steps + self.budget.searched + points.saturating_mul(self.graph.len() as u64) / EVALUATED
    }
}
