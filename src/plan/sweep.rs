//! Sweeps: a base whose fields go along axes, and what is asked of its points.

use std::rc::Rc;

use super::columns::Scan;
use super::graph::{BinaryOp, NodeId, Op, UnaryOp};
use super::lower::{Lowered, Lowerer, Stop, new_record};
use super::tally::Tally;
use super::value::{Env, GridValue, Owner, Slot, Value};
use crate::check::program::{Aggregate, Expr, Goal, LocalId, SweepId};
use crate::diagnostic::Diagnostic;

/// Points of one sweep.
pub const POINT_LIMIT: u64 = 1 << 48;

/// A lowered sweep.
pub struct Points<'p> {
    /// The base at every point: its swept fields go along the axes.
    pub point: Value<'p>,
    /// The values of each axis.
    pub axes: Vec<Vec<Value<'p>>>,
    pub lengths: Vec<usize>,
    /// True where a point belongs to the sweep.
    pub condition: Option<NodeId>,
    base: Value<'p>,
}

/// Counts and finds over a stretch of points.
#[derive(Clone, Copy)]
struct Fold {
    count: u64,
    total: f64,
    best: f64,
    at: Option<u64>,
    poisoned: Option<u64>,
}

impl<'p> Lowerer<'p> {
    /// A sweep, lowered once.
    pub fn points(&mut self, id: SweepId) -> Result<Rc<Points<'p>>, Stop> {
        if let Some(known) = self.sweeps.get(&id) {
            return Ok(known.clone());
        }
        let program = self.program;
        let sweep = program.sweep(id);
        let env = Env::new(Owner::Step, sweep.locals.len());
        let base = self.at_site(sweep.span, |l| l.lower(&sweep.base, &env))?;
        let mut point = base.clone();
        let (mut axes, mut lengths) = (vec![], vec![]);
        for (index, axis) in sweep.axes.iter().enumerate() {
            let values = match self.at_site(sweep.span, |l| l.lower(&axis.values, &env))? {
                Value::List(items) => items.to_vec(),
                _ => vec![],
            };
            if values.is_empty() {
                return Err(self.fail(
                    Diagnostic::error("mls::empty-grid", format!("axis `{}` has no values", axis.name))
                        .label(axis.values.span, "an empty list")
                        .help("give it at least one value"),
                ));
            }
            let value = self.along(index as u8, &values, &axis.values)?;
            point = self.replace(&point, &axis.path, Slot { value, origin: None }, &sweep.base)?;
            lengths.push(values.len());
            axes.push(values);
        }
        self.axis_lengths = lengths.clone();
        if lengths.iter().try_fold(1u64, |n, l| n.checked_mul(*l as u64)).is_none_or(|n| n > POINT_LIMIT) {
            return Err(self.fail(
                Diagnostic::error("mls::sweep-too-large", "this sweep has too many points")
                    .label(sweep.span, format!("more than {POINT_LIMIT}"))
                    .help("take larger steps along its axes"),
            ));
        }
        let condition = match &sweep.condition {
            Some(condition) => {
                let frame = Env::new(Owner::Step, 1);
                frame.set(0, point.clone());
                Some(self.at_site(sweep.span, |l| l.node(condition, &frame))?)
            }
            None => None,
        };
        let points = Rc::new(Points { point, axes, lengths, condition, base });
        self.sweeps.insert(id, points.clone());
        Ok(points)
    }

    /// True when a condition holds at every value of the axes it depends on; false also when there are too many to try.
    pub(super) fn holds_everywhere(&mut self, condition: NodeId) -> bool {
        const TRIED: u64 = 1 << 16;
        let axes = self.graph.node(condition).axes;
        let lengths: Vec<usize> = self
            .axis_lengths
            .iter()
            .enumerate()
            .map(|(k, l)| if axes >> k & 1 == 1 { *l } else { 1 })
            .collect();
        if lengths.is_empty() || Scan::points(&lengths) > TRIED {
            return false;
        }
        let scan = Scan::new(&self.graph, self.program, &lengths, None, &[condition]).whole();
        let parts = scan.run(|| true, |all, block| *all &= block.column(0).iter().all(|c| *c == 1.0));
        parts.into_iter().all(|all| all)
    }

    /// The base at one point, as a run of it alone has it.
    pub fn at_point(&mut self, id: SweepId, point: u64) -> Lowered<'p> {
        let points = self.points(id)?;
        let sweep = self.program.sweep(id);
        let mut value = points.base.clone();
        for (axis, index) in Scan::setting(&points.lengths, point).into_iter().enumerate() {
            let slot = Slot { value: points.axes[axis][index].clone(), origin: None };
            value = self.replace(&value, &sweep.axes[axis].path, slot, &sweep.base)?;
        }
        Ok(value)
    }

    /// An expression at every point: its node, in a frame whose local 0 is the point.
    pub fn over_points(&mut self, id: SweepId, body: &'p Expr) -> Lowered<'p> {
        let points = self.points(id)?;
        let frame = Env::new(Owner::Step, 1);
        frame.set(0, points.point.clone());
        self.lower(body, &frame)
    }

    /// The same at one point.
    pub fn at_one_point(&mut self, id: SweepId, point: u64, body: &'p Expr) -> Lowered<'p> {
        let value = self.at_point(id, point)?;
        let frame = Env::new(Owner::Step, 1);
        frame.set(0, value);
        self.lower(body, &frame)
    }

    /// True where a point belongs to a grid; `None` when all do.
    pub fn membership(&mut self, grid: &GridValue<'p>) -> Result<Option<NodeId>, Stop> {
        let mut all = self.points(grid.sweep)?.condition;
        for filter in &grid.filters {
            let value = self.over_points(grid.sweep, filter.expr)?;
            let one = self.column(value, filter.expr);
            all = Some(match all {
                Some(all) => self.push(Op::Binary(BinaryOp::And, all, one), Some(filter.expr)),
                None => one,
            });
        }
        Ok(all)
    }

    fn fold(
        &mut self,
        grid: &GridValue<'p>,
        body: Option<NodeId>,
        better: impl Fn(f64, f64) -> bool + Sync,
    ) -> Result<Fold, Stop> {
        let points = self.points(grid.sweep)?;
        let member = self.membership(grid)?;
        let roots: Vec<NodeId> = body.into_iter().collect();
        let none = Fold { count: 0, total: 0.0, best: f64::NAN, at: None, poisoned: None };
        if roots.is_empty() {
            let tally = Tally::of(&self.graph, self.program, &points.lengths, member, None);
            return Ok(Fold { count: tally.points, poisoned: tally.poisoned, ..none });
        }
        let scan = Scan::new(&self.graph, self.program, &points.lengths, member, &roots);
        let parts = scan.run(
            || none,
            |fold: &mut Fold, block| {
                fold.poisoned = fold.poisoned.or(block.undecided);
                for (lane, value) in block.column(0).iter().enumerate() {
                    let value = *value;
                    fold.count += 1;
                    if value.is_nan() {
                        fold.poisoned.get_or_insert(block.point(lane));
                        continue;
                    }
                    fold.total += value;
                    if fold.at.is_none() || better(value, fold.best) {
                        fold.best = value;
                        fold.at = Some(block.point(lane));
                    }
                }
            },
        );
        Ok(parts.into_iter().fold(none, |mut all, part| {
            all.count += part.count;
            all.total += part.total;
            all.poisoned = all.poisoned.or(part.poisoned);
            // Earlier points win ties: the order of the axes decides.
            if part.at.is_some() && (all.at.is_none() || better(part.best, all.best)) {
                (all.best, all.at) = (part.best, part.at);
            }
            all
        }))
    }

    /// The point where an expression is least or greatest.
    pub(super) fn best(
        &mut self,
        e: &'p Expr,
        grid: &Rc<GridValue<'p>>,
        goal: Goal,
        body: &'p Expr,
        _env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let value = self.over_points(grid.sweep, body)?;
        let node = self.column(value, body);
        let fold = match goal {
            Goal::Minimize => self.fold(grid, Some(node), |a, b| a < b)?,
            Goal::Maximize => self.fold(grid, Some(node), |a, b| a > b)?,
        };
        if let Some(point) = fold.poisoned {
            return self.poison_at(grid, point, body);
        }
        match fold.at {
            Some(point) => self.at_point(grid.sweep, point),
            None => Err(self.empty(grid, e)),
        }
    }

    /// The poison of one point, so that what reports it says why.
    fn poison_at(&mut self, grid: &GridValue<'p>, point: u64, body: &'p Expr) -> Lowered<'p> {
        for filter in &grid.filters {
            let value = self.at_one_point(grid.sweep, point, filter.expr)?;
            let id = self.column(value, filter.expr);
            if self.graph.value(id).is_nan() {
                return Ok(Value::Poison(id));
            }
        }
        let value = self.at_one_point(grid.sweep, point, body)?;
        Ok(Value::Poison(self.column(value, body)))
    }

    fn empty(&mut self, grid: &GridValue<'p>, e: &'p Expr) -> Stop {
        let sweep = self.program.sweep(grid.sweep);
        let mut diagnostic =
            Diagnostic::error("mls::empty-grid", format!("no point of `{}` is left", sweep.name))
                .label(e.span, "asked of no points");
        // The condition that alone leaves none is the one to look at.
        for filter in &grid.filters {
            let alone = GridValue { sweep: grid.sweep, filters: vec![filter.clone()] };
            if self.fold(&alone, None, |_, _| false).is_ok_and(|f| f.count == 0) {
                diagnostic = diagnostic.label(filter.expr.span, "holds at no point");
            }
        }
        if let Some(condition) = &sweep.condition {
            let all = GridValue { sweep: grid.sweep, filters: vec![] };
            if self.fold(&all, None, |_, _| false).is_ok_and(|f| f.count == 0) {
                diagnostic = diagnostic.label(condition.span, "holds at no point");
            }
        }
        self.fail(diagnostic.help("relax the condition, or widen the axes"))
    }

    pub(super) fn aggregate(
        &mut self,
        e: &'p Expr,
        kind: Aggregate,
        column: &'p Expr,
        _argument: &'p Option<Box<Expr>>,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let (grid, body) = match self.lower(column, env)? {
            Value::Grid(grid) => (grid, None),
            Value::Column(grid, body) => (grid, Some(body)),
            other => return Ok(other),
        };
        let node = match body {
            Some(body) => {
                let value = self.over_points(grid.sweep, body)?;
                Some(self.column(value, body))
            }
            None => None,
        };
        let fold = match kind {
            Aggregate::Min => self.fold(&grid, node, |a, b| a < b)?,
            _ => self.fold(&grid, node, |a, b| a > b)?,
        };
        if let (Some(point), Some(body)) = (fold.poisoned, body) {
            return self.poison_at(&grid, point, body);
        }
        if fold.count == 0 && !matches!(kind, Aggregate::Count | Aggregate::Sum) {
            return Err(self.empty(&grid, e));
        }
        let value = match kind {
            Aggregate::Count => fold.count as f64,
            Aggregate::Sum => fold.total,
            Aggregate::Mean => fold.total / fold.count as f64,
            Aggregate::Min | Aggregate::Max => fold.best,
        };
        Ok(self.constant(value, Some(e)))
    }

    /// `largest n in low..high where condition`, by bisection: the condition holds up to some value, or from one on.
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
        let by = match step {
            Some(step) => {
                let node = self.node(step, env)?;
                self.fixed(node, step)?
            }
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

    /// One value of several, chosen by a condition that changes from point to point.
    pub(super) fn select(
        &mut self,
        condition: NodeId,
        a: Value<'p>,
        b: Value<'p>,
        e: &'p Expr,
    ) -> Lowered<'p> {
        Ok(match (a, b) {
            (Value::Node(a) | Value::Poison(a), Value::Node(b)) | (Value::Node(a), Value::Poison(b)) => {
                Value::Node(self.push(Op::Select(condition, a, b), Some(e)))
            }
            (Value::Poison(a), Value::Poison(b)) => {
                Value::Poison(self.push(Op::Select(condition, a, b), Some(e)))
            }
            (Value::Absent, Value::Absent) => Value::Absent,
            (Value::Absent, Value::Maybe(present, value)) => {
                let not = self.push(Op::Unary(UnaryOp::Not, condition), Some(e));
                Value::Maybe(self.push(Op::Binary(BinaryOp::And, not, present), Some(e)), value)
            }
            (Value::Maybe(present, value), Value::Absent) => {
                Value::Maybe(self.push(Op::Binary(BinaryOp::And, condition, present), Some(e)), value)
            }
            (Value::Absent, value) => {
                Value::Maybe(self.push(Op::Unary(UnaryOp::Not, condition), Some(e)), Box::new(value))
            }
            (value, Value::Absent) => Value::Maybe(condition, Box::new(value)),
            (Value::Maybe(p, a), Value::Maybe(q, b)) => {
                let present = self.push(Op::Select(condition, p, q), Some(e));
                Value::Maybe(present, Box::new(self.select(condition, *a, *b, e)?))
            }
            (Value::Maybe(present, a), b) => {
                let one = self.push(Op::Constant(1f64.to_bits()), Some(e));
                let present = self.push(Op::Select(condition, present, one), Some(e));
                Value::Maybe(present, Box::new(self.select(condition, *a, b, e)?))
            }
            (a, Value::Maybe(present, b)) => {
                let one = self.push(Op::Constant(1f64.to_bits()), Some(e));
                let present = self.push(Op::Select(condition, one, present), Some(e));
                Value::Maybe(present, Box::new(self.select(condition, a, *b, e)?))
            }
            (Value::Record(a), Value::Record(b)) => {
                let mut given = vec![];
                for index in 0..a.given.len() {
                    let x = self.field(&Value::Record(a.clone()), index)?;
                    let y = self.field(&Value::Record(b.clone()), index)?;
                    given.push(Some(Slot { value: self.select(condition, x, y, e)?, origin: None }));
                }
                Value::Record(new_record(a.ty, given))
            }
            // The record is poisoned field by field, so that what reads it knows.
            (Value::Record(a), poison @ Value::Poison(_)) => {
                let mut given = vec![];
                for index in 0..a.given.len() {
                    let x = self.field(&Value::Record(a.clone()), index)?;
                    given.push(Some(Slot {
                        value: self.select(condition, x, poison.clone(), e)?,
                        origin: None,
                    }));
                }
                Value::Record(new_record(a.ty, given))
            }
            (poison @ Value::Poison(_), Value::Record(b)) => {
                let not = self.push(Op::Unary(UnaryOp::Not, condition), Some(e));
                self.select(not, Value::Record(b), poison, e)?
            }
            (Value::List(a), Value::List(b)) if a.len() == b.len() => {
                let mut items = vec![];
                for (x, y) in a.iter().zip(b.iter()) {
                    items.push(self.select(condition, x.clone(), y.clone(), e)?);
                }
                Value::List(Rc::new(items))
            }
            _ => {
                return Err(self.fail(
                    Diagnostic::error("mls::varies", "this cannot change from point to point of a sweep")
                        .label(e.span, "chosen along an axis")
                        .help("numbers, members, texts and records can; lists of different lengths and solves cannot"),
                ));
            }
        })
    }

    /// Values along an axis as one value.
    fn along(&mut self, axis: u8, values: &[Value<'p>], e: &'p Expr) -> Lowered<'p> {
        let mut numbers = vec![];
        let mut present = vec![];
        let mut sample: Option<&Value<'p>> = None;
        let known = values.iter().position(|v| !matches!(v, Value::Absent)).unwrap_or(0);
        for value in values {
            present.push(f64::from(u8::from(!matches!(value, Value::Absent))));
            match value {
                Value::Node(id) => match self.graph.known(*id) {
                    Some(number) => numbers.push(number),
                    None => return Err(self.not_along(e)),
                },
                Value::Absent => numbers.push(f64::NAN),
                Value::Record(_) | Value::List(_) => {}
                _ => return Err(self.not_along(e)),
            }
            if !matches!(value, Value::Absent) {
                sample.get_or_insert(value);
            }
        }
        let whole = match sample {
            None => return Ok(Value::Absent),
            Some(Value::Record(first)) => {
                let mut given = vec![];
                for index in 0..first.given.len() {
                    let mut parts = vec![];
                    for value in values {
                        // Where the record is absent nothing reads its fields: any value of the right shape will do.
                        let value = if matches!(value, Value::Absent) { &values[known] } else { value };
                        parts.push(self.field(value, index)?);
                    }
                    given.push(Some(Slot { value: self.along(axis, &parts, e)?, origin: None }));
                }
                Value::Record(new_record(first.ty, given))
            }
            Some(Value::List(first)) => {
                let mut items = vec![];
                for index in 0..first.len() {
                    let mut parts = vec![];
                    for value in values {
                        match value {
                            Value::List(list) if list.len() == first.len() => parts.push(list[index].clone()),
                            _ => return Err(self.not_along(e)),
                        }
                    }
                    items.push(self.along(axis, &parts, e)?);
                }
                Value::List(Rc::new(items))
            }
            Some(_) => {
                let same = numbers.windows(2).all(|w| w[0].to_bits() == w[1].to_bits());
                match (same, numbers.first()) {
                    (true, Some(number)) => self.constant(*number, Some(e)),
                    _ => {
                        let list = self.graph.add_list(numbers);
                        Value::Node(self.push(Op::Along(axis, list), Some(e)))
                    }
                }
            }
        };
        if present.contains(&0.0) {
            let list = self.graph.add_list(present);
            let present = self.push(Op::Along(axis, list), Some(e));
            return Ok(Value::Maybe(present, Box::new(whole)));
        }
        Ok(whole)
    }

    fn not_along(&mut self, e: &'p Expr) -> Stop {
        self.fail(
            Diagnostic::error("mls::varies", "these cannot be the values of an axis")
                .label(e.span, "not numbers, members, texts or records")
                .help("an axis takes a list of plain values or records that are known without the sweep"),
        )
    }
}
