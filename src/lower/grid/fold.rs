//! What is asked of all points of a grid: counts, sums, extremes, the best point.

use std::rc::Rc;

use crate::check::program::{Aggregate, Expr, Goal};
use crate::codes;
use crate::columns::graph::NodeId;
use crate::columns::scan::Scan;
use crate::columns::scan::count::Tally;
use crate::columns::scan::pruned_scan::Area;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::{Env, GridValue, Value};

/// Counts and finds over a stretch of points.
#[derive(Clone, Copy)]
struct Fold {
    count: u64,
    total: f64,
    best: f64,
    at: Option<u64>,
    /// Points as good as the best.
    ties: u64,
    poisoned: Option<u64>,
}

/// Whether every value counts, or only the best one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    All,
    Best,
}

impl<'p> Lowerer<'p> {
    fn fold(
        &mut self,
        grid: &GridValue<'p>,
        body: Option<NodeId>,
        better: impl Fn(f64, f64) -> bool + Sync,
        wanted: Wanted,
    ) -> Result<Fold, Stop> {
        let points = self.points(grid.sweep)?;
        let roots: Vec<NodeId> = body.into_iter().collect();
        let member = self.feasible_members(grid, &roots)?;
        self.scans("aggregate", grid.sweep, roots.iter().copied().chain(member));
        let none = Fold { count: 0, total: 0.0, best: f64::NAN, at: None, ties: 0, poisoned: None };
        if roots.is_empty() {
            let tally = Tally::of(&self.graph, self.program, &points.lengths, member, None);
            return Ok(Fold { count: tally.points, poisoned: tally.poisoned, ..none });
        }
        let scan = Scan::new(&self.graph, self.program, &points.lengths, member, &roots);
        // Where no value is better than what was found, only a count or a sum needs them.
        let settle = |fold: &mut Fold, area: &Area| match (area.member, area.bounds(0)) {
            (Some(false), _) => true,
            (Some(true), Some((low, high))) => {
                wanted == Wanted::Best
                    && fold.at.is_some()
                    && !better(low, fold.best)
                    && !better(high, fold.best)
            }
            _ => false,
        };
        let parts = scan.run_pruned(
            || none,
            settle,
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
                        fold.ties = 1;
                    } else if value == fold.best {
                        fold.ties += 1;
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
                (all.best, all.at, all.ties) = (part.best, part.at, part.ties);
            } else if part.at.is_some() && part.best == all.best {
                all.ties += part.ties;
            }
            all
        }))
    }

    /// The point where an expression is least or greatest.
    pub(in crate::lower) fn best(
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
            Goal::Minimize => self.fold(grid, Some(node), |a, b| a < b, Wanted::Best)?,
            Goal::Maximize => self.fold(grid, Some(node), |a, b| a > b, Wanted::Best)?,
        };
        if let Some(point) = fold.poisoned {
            return self.poison_at(grid, point, Some(body)).map(Value::Poison);
        }
        self.note_left_out(grid, &[(node, body)], e)?;
        match fold.at {
            Some(point) => {
                if fold.ties > 1 {
                    let what = if goal == Goal::Minimize { "least" } else { "greatest" };
                    let (place, asked) = (self.place_of(grid.sweep, point)?, self.sources.text(body.span));
                    let ties = fold.ties;
                    let taken = format!("the first in the order of the axes is taken: {place}");
                    self.add_note(match self.graph.known(node).is_some() {
                        true => {
                            format!("`{asked}` is the same at all {ties} points: no axis changes it; {taken}")
                        }
                        false => format!("{ties} points have the {what} `{asked}`; {taken}"),
                    });
                }
                self.solved_at(grid.sweep, point)
            }
            None => Err(self.empty(grid, e)),
        }
    }

    pub(in crate::lower) fn empty(&mut self, grid: &GridValue<'p>, e: &'p Expr) -> Stop {
        let diagnostic = self.emptied(grid, e);
        self.fail(diagnostic.help("relax the condition, or widen the axes"))
    }

    /// That no point is left, and which condition left none.
    pub fn emptied(&mut self, grid: &GridValue<'p>, e: &'p Expr) -> Diagnostic {
        let sweep = self.declared(grid.sweep);
        let message = format!("no point of `{}` is left", sweep.name);
        let mut diagnostic =
            Diagnostic::error(codes::EMPTY_GRID, message).label(e.span, "asked of no points");
        // The first condition after which there is none, and how many there were before.
        let mut before = self.points(grid.sweep).map_or(0, |p| Scan::points(&p.lengths));
        let left = |this: &mut Self, filters: usize| {
            let some = GridValue { sweep: grid.sweep, filters: grid.filters[..filters].to_vec() };
            this.fold(&some, None, |_, _| false, Wanted::All).map_or(0, |f| f.count)
        };
        let own = left(self, 0);
        if own == 0 {
            if let Some(condition) = &sweep.condition {
                diagnostic = diagnostic.label(condition.span, format!("holds at none of {before} points"));
            }
            return diagnostic;
        }
        before = own;
        for (index, filter) in grid.filters.iter().enumerate() {
            let now = left(self, index + 1);
            if now == 0 {
                return diagnostic.label(filter.expr.span, format!("holds at none of {before} points"));
            }
            before = now;
        }
        diagnostic
    }

    pub(in crate::lower) fn aggregate(
        &mut self,
        e: &'p Expr,
        kind: Aggregate,
        column: &'p Expr,
        argument: &'p Option<Box<Expr>>,
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
            Aggregate::Min => self.fold(&grid, node, |a, b| a < b, Wanted::Best)?,
            Aggregate::Max => self.fold(&grid, node, |a, b| a > b, Wanted::Best)?,
            _ => self.fold(&grid, node, |_, _| false, Wanted::All)?,
        };
        if let Some(point) = fold.poisoned {
            return self.poison_at(&grid, point, body).map(Value::Poison);
        }
        if let (Some(node), Some(body)) = (node, body) {
            self.note_left_out(&grid, &[(node, body)], e)?;
        }
        if fold.count == 0 && !matches!(kind, Aggregate::Count | Aggregate::Sum) {
            return Err(self.empty(&grid, e));
        }
        let share = match argument {
            Some(argument) => {
                let node = self.node(argument, env)?;
                let share = self.fixed(node, argument)?;
                if !(0.0..=1.0).contains(&share) {
                    return Err(self.fail(
                        Diagnostic::error("mls::bad-share", "a percentile is a share from 0 % to 100 %")
                            .label(argument.span, format!("{share}"))
                            .help("write `percentile(grid.latency, 99%)`"),
                    ));
                }
                share
            }
            None => 0.5,
        };
        let value = match kind {
            Aggregate::Count => fold.count as f64,
            Aggregate::Sum => fold.total,
            Aggregate::Mean => fold.total / fold.count as f64,
            Aggregate::Min | Aggregate::Max => fold.best,
            Aggregate::Percentile => match node {
                Some(node) => self.percentile(&grid, node, fold.count, share)?,
                None => f64::NAN,
            },
        };
        Ok(self.constant(value, Some(e)))
    }
}
