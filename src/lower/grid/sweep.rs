//! Sweeps: a base whose fields go along axes.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::check::program::{Expr, Sweep, SweepId};
use crate::columns::graph::{BinaryOp, NodeId, Op};
use crate::columns::scan::Scan;
use crate::diagnostic::Diagnostic;
use crate::lower::grid::axes::AxisValues;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::state::CurrentSweep;
use crate::lower::value::{Env, GridValue, Owner, Slot, SolveValue, Value};

/// Points of one sweep.
pub const POINT_LIMIT: u64 = 1 << 48;

/// A lowered sweep.
pub struct Points<'p> {
    /// The base at every point: its swept fields go along the axes.
    pub point: Value<'p>,
    /// The values of each axis.
    pub axes: Vec<AxisValues<'p>>,
    /// Of each joined axis: axes that are zipped or depend on each other count as one.
    pub lengths: Vec<usize>,
    /// True where a point belongs to the sweep.
    pub condition: Option<NodeId>,
    base: Value<'p>,
}

impl<'p> Lowerer<'p> {
    /// A sweep, lowered once.
    pub fn points(&mut self, id: SweepId) -> Result<Rc<Points<'p>>, Stop> {
        if let Some(known) = self.caches.sweeps.get(&id) {
            return Ok(known.clone());
        }
        let program = self.program;
        let sweep = program.sweep(id);
        if self.tries_several() {
            return Err(self.needs_one_value(&sweep.base));
        }
        let env = Env::new(Owner::Step, sweep.locals.len());
        let base = self.at_site(sweep.span, |l| l.lower(&sweep.base, &env))?;
        let axes = self.enumerate(sweep, &base, &env)?;
        let groups = sweep.axes.iter().map(|a| a.group).max().map_or(0, |g| g + 1);
        let length = |group| axes.iter().find(|a| a.group == group).map_or(1, |a| a.rows.len());
        let lengths: Vec<usize> = (0..groups).map(length).collect();
        if lengths.iter().try_fold(1u64, |n, l| n.checked_mul(*l as u64)).is_none_or(|n| n > POINT_LIMIT) {
            return Err(self.fail(
                Diagnostic::error("mls::sweep-too-large", "this sweep has too many points")
                    .label(sweep.span, format!("more than {POINT_LIMIT}"))
                    .help("take larger steps along its axes"),
            ));
        }
        let found = self.within(id, &lengths, |l| l.point_and_condition(id, &base, &axes));
        let (point, condition) = found?;
        let points = Rc::new(Points { point, axes, lengths, condition, base });
        self.caches.sweeps.insert(id, points.clone());
        Ok(points)
    }

    fn point_and_condition(
        &mut self,
        id: SweepId,
        base: &Value<'p>,
        axes: &[AxisValues<'p>],
    ) -> Result<(Value<'p>, Option<NodeId>), Stop> {
        let program = self.program;
        let sweep = program.sweep(id);
        let point = self.point_along(id, base, axes)?;
        let condition = match &sweep.condition {
            Some(condition) => {
                let frame = Env::new(Owner::Step, 1);
                frame.set(0, point.clone());
                Some(self.at_site(sweep.span, |l| l.node(condition, &frame))?)
            }
            None => None,
        };
        Ok((point, condition))
    }

    /// The base with all its axes set.
    fn point_along(&mut self, id: SweepId, base: &Value<'p>, axes: &[AxisValues<'p>]) -> Lowered<'p> {
        let sweep = self.program.sweep(id);
        let replaced: Vec<&'p [u32]> = sweep.axes.iter().map(|a| &*a.path).collect();
        let (mut point, mut pending) = (base.clone(), vec![]);
        for (axis, values) in sweep.axes.iter().zip(axes) {
            let (value, mut left) = self.along(axis, values, &replaced)?;
            pending.append(&mut left);
            point = self.replace(&point, &axis.path, Slot::new(value, None), &sweep.base)?;
        }
        self.settle(point, pending, &sweep.base)
    }

    /// The sweep of the program that a grid's points come from.
    pub fn declared(&self, id: SweepId) -> &'p Sweep {
        let picked =
            id.index().checked_sub(self.program.sweeps.len()).and_then(|i| self.caches.picked.get(i));
        self.program.sweep(*picked.unwrap_or(&id))
    }

    /// A grid of points picked from another: its axes stand together in `rows` rows.
    pub(in crate::lower) fn add_points(
        &mut self,
        from: SweepId,
        axes: Vec<AxisValues<'p>>,
        rows: usize,
    ) -> Result<SweepId, Stop> {
        let base = self.points(from)?.base.clone();
        let known =
            from.index().checked_sub(self.program.sweeps.len()).and_then(|i| self.caches.picked.get(i));
        let declared = *known.unwrap_or(&from);
        let id = SweepId((self.program.sweeps.len() + self.caches.picked.len()) as u32);
        self.caches.picked.push(declared);
        let lengths = vec![rows];
        let point = self.within(id, &lengths, |l| l.point_along(declared, &base, &axes))?;
        self.caches.sweeps.insert(id, Rc::new(Points { point, axes, lengths, condition: None, base }));
        Ok(id)
    }

    fn within<T>(&mut self, id: SweepId, lengths: &[usize], f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.mode.sweep.replace(CurrentSweep { id, lengths: lengths.to_vec() });
        let result = f(self);
        self.mode.sweep = outer;
        result
    }

    /// The lengths of the axes that a node depends on; the others count as one. `None` when that is too much to try.
    fn own_lengths(&self, node: NodeId, lengths: &[usize]) -> Option<Vec<usize>> {
        const TRIED: u64 = 1 << 16;
        let axes = self.graph.node(node).axes;
        let own = |(k, l): (usize, &usize)| if axes >> k & 1 == 1 { *l } else { 1 };
        let lengths: Vec<usize> = lengths.iter().enumerate().map(own).collect();
        (!lengths.is_empty() && Scan::points(&lengths) <= TRIED).then_some(lengths)
    }

    /// True when a condition holds at every value of the axes it depends on; false also when there are too many to try.
    pub(in crate::lower) fn holds_everywhere(&mut self, condition: NodeId) -> bool {
        // It may hold everywhere now, and not with another input.
        if self.is_open(condition) {
            return false;
        }
        let Some(sweep) = &self.mode.sweep else { return false };
        let (id, lengths) = (sweep.id, self.own_lengths(condition, &sweep.lengths));
        let Some(lengths) = lengths else { return false };
        self.scans("require", id, [condition]);
        let scan = Scan::new(&self.graph, self.program, &lengths, None, &[condition]).whole();
        let parts = scan.run(|| true, |all, block| *all &= block.column(0).iter().all(|c| *c == 1.0));
        parts.into_iter().all(|all| all)
    }

    /// What the solvers of a sweep noted, each with the first point where it applies. Conditions that would take long to
    /// look for are not.
    pub fn notes_of(&mut self, id: SweepId) -> Result<Vec<String>, Stop> {
        let points = self.points(id)?;
        let all = self.membership(&GridValue { sweep: id, filters: vec![] })?;
        let mut firsts: Vec<u64> = vec![];
        let conditions: Vec<NodeId> =
            self.findings.notes_along.iter().filter(|n| n.sweep == Some(id)).map(|n| n.condition).collect();
        for condition in conditions {
            let Some(own) = self.own_lengths(condition, &points.lengths) else { continue };
            let lengths = if all.is_none() { own } else { points.lengths.clone() };
            if all.is_some() && Scan::points(&lengths) > 1 << 16 {
                continue;
            }
            let scan = Scan::new(&self.graph, self.program, &lengths, all, &[condition]).whole();
            let parts = scan.run(
                || None,
                |first: &mut Option<u64>, block| {
                    let hit = block.column(0).iter().position(|c| *c == 1.0);
                    *first = first.or(hit.map(|lane| block.point(lane)));
                },
            );
            let Some(first) = parts.into_iter().flatten().next() else { continue };
            let setting = Scan::setting(&lengths, first);
            let point = setting.iter().zip(&points.lengths).fold(0, |n, (s, l)| n * *l as u64 + *s as u64);
            if !firsts.contains(&point) {
                firsts.push(point);
            }
        }
        firsts.sort_unstable();
        let mut found: Vec<String> = vec![];
        let mut texts: Vec<String> = vec![];
        for point in firsts {
            let place = self.place_of(id, point)?;
            let notes = self.notes_of_lowering(|l| {
                if let Ok(Value::Solve(solve)) = l.at_point(id, point) {
                    let _ = l.results(&solve);
                }
            });
            for (_, text) in notes {
                if !texts.contains(&text) {
                    found.push(format!("{text} (first at {place})"));
                    texts.push(text);
                }
            }
        }
        Ok(found)
    }

    /// `batch 64, precision fp16`
    pub fn place_of(&mut self, id: SweepId, point: u64) -> Result<String, Stop> {
        let points = self.points(id)?;
        let setting = Scan::setting(&points.lengths, point);
        let mut parts = vec![];
        for (axis, values) in self.declared(id).axes.iter().zip(&points.axes) {
            let shown = self.show(values.at(&setting), &axis.ty, None);
            parts.push(format!("{} {shown}", axis.name));
        }
        Ok(parts.join(", "))
    }

    /// Looks at one point alone: a problem there is reported with the point, a note there is not reported.
    pub fn looking_at<T>(
        &mut self,
        id: SweepId,
        point: u64,
        f: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let place = self.place_of(id, point)?;
        let outer = self.mode.place.replace(place);
        let result = f(self);
        self.mode.place = outer;
        result
    }

    /// The node that is poisoned at a point: the first such condition of the grid, or else the value.
    pub fn poison_at(
        &mut self,
        grid: &GridValue<'p>,
        point: u64,
        body: Option<&'p Expr>,
    ) -> Result<NodeId, Stop> {
        let sweep = self.declared(grid.sweep);
        let asked = sweep.condition.iter().chain(grid.filters.iter().map(|f| f.expr)).chain(body);
        let place = self.place_of(grid.sweep, point)?;
        let node = self.looking_at(grid.sweep, point, |l| {
            for e in asked {
                let value = l.at_one_point(grid.sweep, point, e)?;
                let node = l.column(value, e);
                if l.graph.value(node).is_nan() {
                    return Ok(node);
                }
            }
            Err(Stop)
        })?;
        self.findings.places.insert(node, place);
        Ok(node)
    }

    /// The base at one point, as a run of it alone has it.
    pub fn at_point(&mut self, id: SweepId, point: u64) -> Lowered<'p> {
        let points = self.points(id)?;
        let sweep = self.declared(id);
        let mut value = points.base.clone();
        let setting = Scan::setting(&points.lengths, point);
        for (axis, values) in sweep.axes.iter().zip(&points.axes) {
            let slot = Slot::new(values.at(&setting).clone(), None);
            value = self.replace(&value, &axis.path, slot, &sweep.base)?;
        }
        Ok(value)
    }

    /// The same with the number that one axis has there multiplied; `None` where that is no number.
    pub fn at_point_moved(&mut self, id: SweepId, point: u64, axis: usize, factor: f64) -> Option<Value<'p>> {
        let points = self.points(id).ok()?;
        let own = points.axes[axis].at(&Scan::setting(&points.lengths, point)).clone();
        let Value::Node(node) = own else { return None };
        let number = self.graph.known(node).filter(|n| *n != 0.0)?;
        let slot = Slot::new(self.constant(number * factor, None), None);
        let value = self.at_point(id, point).ok()?;
        let sweep = self.declared(id);
        self.replace(&value, &sweep.axes[axis].path, slot, &sweep.base).ok()
    }

    /// The same, which knows the point it was found at.
    pub(in crate::lower) fn solved_at(&mut self, id: SweepId, point: u64) -> Lowered<'p> {
        Ok(match self.at_point(id, point)? {
            Value::Solve(solve) => Value::Solve(Rc::new(SolveValue {
                solver: solve.solver,
                given: solve.given.clone(),
                site: solve.site,
                results: OnceCell::new(),
                point: Some((id, point)),
            })),
            other => other,
        })
    }

    /// An expression at every point: its node, in a frame whose local 0 is the point.
    pub fn over_points(&mut self, id: SweepId, body: &'p Expr) -> Lowered<'p> {
        let points = self.points(id)?;
        let frame = Env::new(Owner::Step, 1);
        frame.set(0, points.point.clone());
        self.within(id, &points.lengths, |l| l.lower(body, &frame))
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
}
