//! Some points of a grid as a grid of their own: the greatest, all in an order, those that no other point beats.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::check::program::{Expr, Goal, Pick, SweepId};
use crate::columns::graph::NodeId;
use crate::columns::scan::{Block, Scan};
use crate::diagnostic::Diagnostic;
use crate::lower::grid::axes::AxisValues;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::{Env, GridValue, Value};

/// Points that may be picked; they are kept in memory.
const PICK_LIMIT: usize = 100_000;

/// A point and what is asked of it, each so that less is better.
#[derive(Clone, Debug)]
struct Rated {
    point: u64,
    ratings: Vec<f64>,
}

/// The points of a stretch that may be picked.
#[derive(Clone, Default)]
struct BestPoints {
    kept: Vec<Rated>,
    poisoned: Option<u64>,
}

impl<'p> Lowerer<'p> {
    pub(in crate::lower) fn pick(
        &mut self,
        e: &'p Expr,
        grid: &Rc<GridValue<'p>>,
        pick: &'p Pick,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let goals: Vec<(Goal, &'p Expr)> = match pick {
            Pick::Top { goal, by, .. } => vec![(*goal, &**by)],
            Pick::Sort { by } => vec![(Goal::Minimize, &**by)],
            Pick::Pareto(goals) => goals.iter().map(|(goal, e)| (*goal, e)).collect(),
        };
        let limit = match pick {
            Pick::Top { count, .. } => {
                let node = self.node(count, env)?;
                let count_of = self.fixed(node, count)?;
                if !(count_of >= 1.0 && count_of.fract() == 0.0 && count_of <= PICK_LIMIT as f64) {
                    return Err(self.fail(
                        Diagnostic::error(
                            "mls::bad-count",
                            format!("there are no {count_of} points to take"),
                        )
                        .label(count.span, format!("a whole number from 1 to {PICK_LIMIT}"))
                        .help("write `top 5 by EXPR`"),
                    ));
                }
                count_of as usize
            }
            _ => PICK_LIMIT,
        };
        let mut nodes = vec![];
        for (_, by) in &goals {
            let value = self.over_points(grid.sweep, by)?;
            nodes.push(self.column(value, by));
        }
        let found = self.rate(grid, &goals, &nodes, pick, limit)?;
        if let Some(point) = found.poisoned {
            for (_, by) in &goals {
                if let Ok(node) = self.poison_at(grid, point, Some(by)) {
                    return Ok(Value::Poison(node));
                }
            }
            return Err(Stop);
        }
        let columns: Vec<_> = nodes.iter().copied().zip(goals.iter().map(|(_, by)| *by)).collect();
        self.note_left_out(grid, &columns, e)?;
        if found.kept.is_empty() {
            return Err(self.empty(grid, e));
        }
        if found.kept.len() > PICK_LIMIT {
            return Err(self.fail(
                Diagnostic::error("mls::grid-too-large", format!("more than {PICK_LIMIT} points to keep"))
                    .label(e.span, "these are kept in memory")
                    .help("take the first ones, `top 100 by EXPR`, or fewer points, `(grid where C) sort by EXPR`"),
            ));
        }
        let chosen: Vec<u64> = found.kept.iter().map(|r| r.point).collect();
        let sweep = self.derive(grid.sweep, &chosen)?;
        Ok(Value::Grid(Rc::new(GridValue { sweep, filters: vec![] })))
    }

    fn rate(
        &mut self,
        grid: &GridValue<'p>,
        goals: &[(Goal, &'p Expr)],
        nodes: &[NodeId],
        pick: &Pick,
        limit: usize,
    ) -> Result<BestPoints, Stop> {
        let points = self.points(grid.sweep)?;
        let member = self.feasible_members(grid, nodes)?;
        self.scans("pick", grid.sweep, nodes.iter().copied().chain(member));
        let scan = Scan::new(&self.graph, self.program, &points.lengths, member, nodes);
        let keep = |found: &mut BestPoints, block: &Block| {
            found.poisoned = found.poisoned.or(block.undecided);
            for lane in 0..block.len() {
                let sign = |k: usize| if goals[k].0 == Goal::Maximize { -1.0 } else { 1.0 };
                let ratings: Vec<f64> = (0..nodes.len()).map(|k| sign(k) * block.column(k)[lane]).collect();
                if ratings.iter().any(|r| r.is_nan()) {
                    found.poisoned.get_or_insert(block.point(lane));
                    continue;
                }
                found.add(Rated { point: block.point(lane), ratings }, pick, limit);
            }
        };
        let mut all = BestPoints::default();
        for part in scan.run(BestPoints::default, keep) {
            all.poisoned = all.poisoned.or(part.poisoned);
            for rated in part.kept {
                all.add(rated, pick, limit);
            }
        }
        all.finish(pick, limit);
        Ok(all)
    }

    /// A grid of some points of another, in their order: one joined axis.
    fn derive(&mut self, from: SweepId, chosen: &[u64]) -> Result<SweepId, Stop> {
        let points = self.points(from)?;
        let settings: Vec<Vec<usize>> = chosen.iter().map(|p| Scan::setting(&points.lengths, *p)).collect();
        let axes = points.axes.iter().map(|axis| AxisValues {
            values: axis.values.clone(),
            rows: settings.iter().map(|s| axis.rows[s[axis.group]]).collect(),
            group: 0,
        });
        let axes = axes.collect();
        self.add_points(from, axes, chosen.len())
    }
}

fn order(a: &Rated, b: &Rated) -> Ordering {
    let by = a.ratings.iter().zip(&b.ratings).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne());
    by.unwrap_or(a.point.cmp(&b.point))
}

/// At least as good everywhere: of two equal points the earlier one stays.
fn covers(a: &Rated, b: &Rated) -> bool {
    a.ratings.iter().zip(&b.ratings).all(|(x, y)| x <= y)
}

impl BestPoints {
    fn add(&mut self, rated: Rated, pick: &Pick, limit: usize) {
        match pick {
            Pick::Pareto(_) => {
                if self.kept.iter().any(|k| covers(k, &rated)) {
                    return;
                }
                self.kept.retain(|k| !covers(&rated, k));
                self.kept.push(rated);
            }
            // One more than there may be, so that it shows.
            Pick::Sort { .. } => {
                if self.kept.len() <= limit {
                    self.kept.push(rated);
                }
            }
            Pick::Top { .. } => {
                self.kept.push(rated);
                if self.kept.len() >= 2 * limit + 64 {
                    self.finish(pick, limit);
                }
            }
        }
    }

    fn finish(&mut self, pick: &Pick, limit: usize) {
        self.kept.sort_by(order);
        if let Pick::Top { .. } = pick {
            self.kept.truncate(limit);
        }
    }
}
