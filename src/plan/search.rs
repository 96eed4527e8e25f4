//! The largest or smallest number for which a condition holds.

use std::rc::Rc;

use super::lower::{Lowered, Lowerer, Stop};
use super::value::Env;
use crate::check::program::{Expr, LocalId, Type};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Steps of a range that has no whole numbers to go by, where none are given: about a millionth of it each.
const PARTS: f64 = 1_048_576.0;
/// Steps of a range in which every value is tried when the condition is seen to change more than once.
const EXACT: f64 = 4096.0;

fn not_monotone(span: Span, found: f64, other: f64, expected: bool) -> Diagnostic {
    let at_other = if expected { "fails again" } else { "holds too" };
    Diagnostic::error("mls::not-monotone", "the condition of this search changes more than once")
        .label(span, format!("holds at {found}, {at_other} at {other}"))
        .help("search a range in which it changes once, or `sweep` the range and ask `where` for all that meet it")
}

impl<'p> Lowerer<'p> {
    /// `largest n in low..high where condition`, by bisection: the condition should hold up to some value, or
    /// from one on. Where it is seen not to, every value of a short range is tried, and a long one is an error.
    pub(super) fn extremum(
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
        let node = self.node(condition, env)?;
        Ok(self.fixed(node, condition)? == 1.0)
    }
}
