//! Sweeps: a base whose fields go along axes.

use std::rc::Rc;

use super::axes::AxisValues;
use super::columns::Scan;
use super::graph::{BinaryOp, NodeId, Op};
use super::lower::{Lowered, Lowerer, Stop};
use super::value::{Env, GridValue, Owner, Slot, Value};
use crate::check::program::{Expr, SweepId};
use crate::diagnostic::Diagnostic;

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
        if let Some(known) = self.sweeps.get(&id) {
            return Ok(known.clone());
        }
        let program = self.program;
        let sweep = program.sweep(id);
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
        let outer = std::mem::replace(&mut self.axis_lengths, lengths.clone());
        let found = self.point_and_condition(id, &base, &axes);
        self.axis_lengths = outer;
        let (point, condition) = found?;
        let points = Rc::new(Points { point, axes, lengths, condition, base });
        self.sweeps.insert(id, points.clone());
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
        let replaced: Vec<&'p [u32]> = sweep.axes.iter().map(|a| &*a.path).collect();
        let (mut point, mut pending) = (base.clone(), vec![]);
        for (axis, values) in sweep.axes.iter().zip(axes) {
            let (value, mut left) = self.along(axis, values, &replaced)?;
            pending.append(&mut left);
            point = self.replace(&point, &axis.path, Slot { value, origin: None }, &sweep.base)?;
        }
        point = self.settle(point, pending, &sweep.base)?;
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
        let setting = Scan::setting(&points.lengths, point);
        for (axis, values) in sweep.axes.iter().zip(&points.axes) {
            let slot = Slot { value: values.at(&setting).clone(), origin: None };
            value = self.replace(&value, &axis.path, slot, &sweep.base)?;
        }
        Ok(value)
    }

    /// An expression at every point: its node, in a frame whose local 0 is the point.
    pub fn over_points(&mut self, id: SweepId, body: &'p Expr) -> Lowered<'p> {
        let points = self.points(id)?;
        let frame = Env::new(Owner::Step, 1);
        frame.set(0, points.point.clone());
        let outer = std::mem::replace(&mut self.axis_lengths, points.lengths.clone());
        let value = self.lower(body, &frame);
        self.axis_lengths = outer;
        value
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
