//! The largest or smallest number for which a condition holds.

use std::rc::Rc;

use crate::check::program::{Expr, LocalId, Type};
use crate::columns::bisect::axis;
use crate::columns::bisect::axis::{AxisSearch, Searcher};
use crate::columns::bisect::{FirstStep, SearchRange, first_steps};
use crate::columns::graph::{NodeId, Op};
use crate::columns::kernel::Operand;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::{Env, Value};
use crate::native::decimal::{Steps, fine_step};
use crate::source::Span;

/// Steps of a search at most: beyond that numbers in whole steps cannot be told apart.
const STEP_LIMIT: f64 = 9e15;

/// Nodes that are evaluated for one candidate in the time in which an expression is lowered.
const ALONE: u64 = 8;

fn not_monotone(span: Span, found: f64, other: f64, expected: bool) -> Diagnostic {
    let at_other = if expected { "fails again" } else { "holds too" };
    Diagnostic::error("mls::not-monotone", "the condition of this search changes more than once")
        .label(span, format!("holds at {found}, {at_other} at {other}"))
        .help("search a range in which it changes once, or `sweep` the range and ask `where` for all that meet it")
}

/// A search as it is written.
pub(super) struct Extremum<'p> {
    pub largest: bool,
    /// What the condition calls the number.
    pub variable: LocalId,
    pub low: &'p Expr,
    pub high: &'p Expr,
    pub step: Option<&'p Expr>,
    pub condition: &'p Expr,
}

impl<'p> Lowerer<'p> {
    /// `largest n in low..high where condition`, by bisection: the condition should hold up to some value, or
    /// from one on. Where it is seen not to, every value of a short range is tried, and a long one is an error.
    pub(super) fn extremum(&mut self, e: &'p Expr, search: &Extremum<'p>, env: &Rc<Env<'p>>) -> Lowered<'p> {
        let range = self.search_range(e, search, env)?;
        if let Some(found) = self.search_along_axis(e, search, range, env) {
            return Ok(found);
        }
        let span = search.condition.span;
        let found = first_steps(range.steps.count, 1, |steps| {
            let holds = self.holds(search, range.position(steps[0]), e, env)?;
            Ok(vec![holds])
        })?;
        match found.first() {
            Some(FirstStep::At(step)) => Ok(self.constant(range.position(*step), Some(e))),
            Some(FirstStep::NotMonotone { step, other, expected }) => {
                let (found, other) = (range.position(*step), range.position(*other));
                Err(self.fail(not_monotone(span, found, other, *expected)))
            }
            Some(FirstStep::Nowhere) | None => {
                let end = if search.largest { "smallest" } else { "largest" };
                let label = format!("fails even at the {end}, {}", range.position(range.steps.count));
                Err(self.fail(
                    Diagnostic::error("mls::no-such-value", "no value of the range meets the condition")
                        .label(span, label)
                        .help("widen the range or relax the condition; the search expects one change from true to false"),
                ))
            }
        }
    }

    fn search_range(
        &mut self,
        e: &'p Expr,
        search: &Extremum<'p>,
        env: &Rc<Env<'p>>,
    ) -> Result<SearchRange, Stop> {
        let low = self.node(search.low, env)?;
        let high = self.node(search.high, env)?;
        let (from, to) = (self.fixed(low, search.low)?, self.fixed(high, search.high)?);
        let quantity = matches!(&e.ty, Type::Quantity(d) if !d.is_scalar());
        let unit = self.written_unit([Some(search.low), search.step, Some(search.high)], env);
        // `0%..100%` is not gone through by ones.
        let share = unit.in_unit(1.0) > 1.0;
        let by = match search.step {
            Some(step) => {
                let node = self.node(step, env)?;
                self.fixed(node, step)?
            }
            None if from == to => 1.0,
            None if quantity || share || to - from < 1.0 => fine_step(from, to, unit),
            None => 1.0,
        };
        let steps = Steps::new(from, to, by, unit);
        if by > 0.0 && (0.0..=STEP_LIMIT).contains(&steps.count) {
            return Ok(SearchRange { largest: search.largest, steps });
        }
        let (shown, step) = (self.number_text(from, search.low), self.number_text(by, search.low));
        let label = format!("{shown} to {} by {step}", self.number_text(to, search.low));
        let problem = match by > 0.0 && from <= to {
            true => Diagnostic::error(
                "mls::search-too-wide",
                "this search has more numbers than can be told apart",
            )
            .label(e.span, label)
            .help("search a smaller range, or take larger steps: `largest n in 1..1e18 by 1e9 where ..`"),
            false => Diagnostic::error("mls::empty-range", "there is nothing to search in")
                .label(e.span, label)
                .help("the range goes from the lower to the higher end, in steps above zero"),
        };
        Err(self.fail(problem))
    }

    /// A number of the dimension of an expression, as a message shows it.
    fn number_text(&self, value: f64, like: &Expr) -> String {
        match &like.ty {
            Type::Quantity(d) => self.program.registry.format(value, *d, None),
            _ => value.to_string(),
        }
    }

    /// The search with its condition lowered once; `None` where the condition's shape depends on the number, and where
    /// a candidate has no value, which is reported by lowering it.
    fn search_along_axis(
        &mut self,
        e: &'p Expr,
        search: &Extremum<'p>,
        range: SearchRange,
        env: &Rc<Env<'p>>,
    ) -> Option<Value<'p>> {
        if self.mode.searching == axis::LEVELS {
            return None;
        }
        let number_axis = axis::FIRST_AXIS + self.mode.searching;
        let list = self.graph.add_list(vec![f64::NAN]);
        let number = self.push(Op::Along(number_axis, list), Some(e));
        env.set(search.variable.index(), Value::Node(number));
        self.mode.searching += 1;
        let lowered = self
            .without_notes(|l| l.tentatively(|l| l.node(search.condition, env).map(|node| l.sound(node))));
        self.mode.searching -= 1;
        let condition = lowered.ok()?;
        let search = AxisSearch::new(&self.graph, number_axis, range, condition);
        let others = self.graph.node(condition).axes & !(1 << number_axis);
        if others == 0 {
            self.budget.searched += search.work() / ALONE;
            let outer = |id: NodeId| Operand::One(self.graph.value(id));
            let mut searcher = Searcher::new(&self.graph, self.program, &search, 1, &outer);
            let mut found = [f64::NAN];
            searcher.fill(&mut found);
            let decided = !searcher.poisoned && !found[0].is_nan();
            return decided.then(|| self.constant(found[0], Some(e)));
        }
        // Along the axes of a sweep it would be another number at every point.
        let swept = axis::AXES.trailing_zeros();
        if others & ((1 << swept) - 1) != 0 && self.mode.open.is_none() {
            return None;
        }
        let index = self.graph.add_search(search);
        Some(Value::Node(self.push(Op::Search(index, condition), Some(e))))
    }

    /// Does the condition hold for one number? Its notes are of no account.
    fn holds(
        &mut self,
        search: &Extremum<'p>,
        number: f64,
        e: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Result<bool, Stop> {
        let candidate = self.constant(number, Some(e));
        env.set(search.variable.index(), candidate);
        let node = self.without_notes(|l| l.node(search.condition, env).map(|node| l.sound(node)))?;
        Ok(self.fixed(node, search.condition)? == 1.0)
    }
}
