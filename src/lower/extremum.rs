//! The largest or smallest number for which a condition holds.

use std::rc::Rc;

use crate::check::program::{Expr, LocalId, Type};
use crate::columns::bisect;
use crate::columns::bisect::{EXACT, Search, Seeker};
use crate::columns::graph::{NodeId, Op};
use crate::columns::kernel::Operand;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::{Env, Value};
use crate::source::Span;

/// Steps of a range that has no whole numbers to go by, where none are given: about a millionth of it each.
const PARTS: f64 = 1_048_576.0;

/// Nodes that are evaluated for one candidate in the time in which an expression is lowered.
const ALONE: u64 = 8;

fn not_monotone(span: Span, found: f64, other: f64, expected: bool) -> Diagnostic {
    let at_other = if expected { "fails again" } else { "holds too" };
    Diagnostic::error("mls::not-monotone", "the condition of this search changes more than once")
        .label(span, format!("holds at {found}, {at_other} at {other}"))
        .help("search a range in which it changes once, or `sweep` the range and ask `where` for all that meet it")
}

impl<'p> Lowerer<'p> {
    /// `largest n in low..high where condition`, by bisection: the condition should hold up to some value, or
    /// from one on. Where it is seen not to, every value of a short range is tried, and a long one is an error.
    pub(crate) fn extremum(
        &mut self,
        e: &'p Expr,
        largest: bool,
        variable: LocalId,
        (low, high, step): (&'p Expr, &'p Expr, Option<&'p Expr>),
        condition: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let low_node = self.node(low, env)?;
        let high_node = self.node(high, env)?;
        let (from, to) = (self.fixed(low_node, low)?, self.fixed(high_node, high)?);
        let quantity = matches!(&e.ty, Type::Quantity(d) if !d.is_scalar());
        let by = match step {
            Some(step) => {
                let node = self.node(step, env)?;
                self.fixed(node, step)?
            }
            None if quantity || to - from < 1.0 => (to - from) / PARTS,
            None => 1.0,
        };
        let steps = ((to - from) / by + 1e-9).floor();
        if !(by > 0.0 && (0.0..=9e15).contains(&steps)) {
            return Err(self.fail(
                Diagnostic::error("mls::empty-range", "there is nothing to search in")
                    .label(e.span, format!("{from} to {to} by {by}"))
                    .help("the range goes from the lower to the higher end"),
            ));
        }
        if let Some(found) = self.seek(e, largest, variable, (from, by, steps), condition, env) {
            return Ok(found);
        }
        // `at(k)`: does the condition hold k steps from the end that is wanted?
        let position = |k: f64| if largest { from + by * (steps - k) } else { from + by * k };
        let mut low_k = 0.0;
        if self.holds(variable, position(0.0), condition, e, env)? {
            return Ok(self.constant(position(0.0), Some(e)));
        }
        let mut high_k = steps;
        if !self.holds(variable, position(steps), condition, e, env)? {
            let end = if largest { "smallest" } else { "largest" };
            return Err(self.fail(
                Diagnostic::error("mls::no-such-value", "no value of the range meets the condition")
                    .label(condition.span, format!("fails even at the {end}, {}", position(steps)))
                    .help("widen the range or relax the condition; the search expects one change from true to false"),
            ));
        }
        while high_k - low_k > 1.0 {
            let middle = ((low_k + high_k) / 2.0).floor();
            if self.holds(variable, position(middle), condition, e, env)? {
                high_k = middle;
            } else {
                low_k = middle;
            }
        }
        // Values on either side that must agree, if the condition changes once.
        let probe = |low: f64, high: f64, share: f64| (low + (high - low) * share).floor();
        let before = [0.25, 0.5, 0.75].map(|share| (probe(0.0, low_k, share), false));
        let after = (probe(high_k, steps, 0.5), true);
        for (k, expected) in before.into_iter().chain([after]) {
            if self.holds(variable, position(k), condition, e, env)? == expected {
                continue;
            }
            if steps > EXACT {
                let found = position(high_k);
                return Err(self.fail(not_monotone(condition.span, found, position(k), expected)));
            }
            high_k = 1.0;
            while !self.holds(variable, position(high_k), condition, e, env)? {
                high_k += 1.0;
            }
            break;
        }
        Ok(self.constant(position(high_k), Some(e)))
    }

    /// The search with its condition lowered once; `None` where the condition's shape depends on the number, and where
    /// there is something to tell of a candidate.
    fn seek(
        &mut self,
        e: &'p Expr,
        largest: bool,
        variable: LocalId,
        range: (f64, f64, f64),
        condition: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Option<Value<'p>> {
        if self.searching == bisect::LEVELS {
            return None;
        }
        let axis = bisect::FIRST_AXIS + self.searching;
        let list = self.graph.add_list(vec![f64::NAN]);
        let number = self.push(Op::Along(axis, list), Some(e));
        env.set(variable.index(), Value::Node(number));
        let told = (self.problems.len(), self.notes.len(), self.requirements.len());
        let along = self.notes_along.len();
        self.searching += 1;
        let lowered = self.node(condition, env).map(|node| self.sound(node));
        self.searching -= 1;
        self.notes.truncate(told.1);
        self.notes_along.truncate(along);
        let Ok(condition) = lowered else {
            self.problems.truncate(told.0);
            self.requirements.truncate(told.2);
            return None;
        };
        let search = Search::new(&self.graph, axis, largest, range, condition);
        let others = self.graph.node(condition).axes & !(1 << axis);
        if others == 0 {
            self.sought += search.work() / ALONE;
            let outer = |id: NodeId| Operand::One(self.graph.value(id));
            let mut seeker = Seeker::new(&self.graph, self.program, &search, 1, &outer);
            let mut found = [f64::NAN];
            seeker.fill(&mut found);
            let decided = !seeker.poisoned && !found[0].is_nan();
            return decided.then(|| self.constant(found[0], Some(e)));
        }
        // Along the axes of a sweep it would be another number at every point.
        let swept = bisect::AXES.trailing_zeros();
        if others & ((1 << swept) - 1) != 0 && self.open.is_none() {
            return None;
        }
        let index = self.graph.add_search(search);
        Some(Value::Node(self.push(Op::Search(index, condition), Some(e))))
    }

    fn holds(
        &mut self,
        variable: LocalId,
        value: f64,
        condition: &'p Expr,
        e: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Result<bool, Stop> {
        let candidate = self.constant(value, Some(e));
        env.set(variable.index(), candidate);
        // What is noted of candidates is of no account.
        let notes = self.notes.len();
        let node = self.node(condition, env)?;
        let node = self.sound(node);
        self.notes.truncate(notes);
        Ok(self.fixed(node, condition)? == 1.0)
    }
}
