//! Expressions about the points of a grid.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind};
use crate::lower::lowerer::{Lowered, Lowerer};
use crate::lower::value::{Env, GridValue, Origin, Value};

impl<'p> Lowerer<'p> {
    /// What is asked of a grid; of poison there is nothing to ask.
    pub(in crate::lower) fn of_grid(
        &mut self,
        e: &'p Expr,
        grid: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let grid = match self.lower(grid, env)? {
            Value::Grid(grid) => grid,
            other => return Ok(other),
        };
        match &e.kind {
            ExprKind::Filter { condition, .. } => {
                let mut filters = grid.filters.clone();
                filters.push(Origin { expr: condition, env: env.clone() });
                Ok(Value::Grid(Rc::new(GridValue { sweep: grid.sweep, filters })))
            }
            ExprKind::Column { body, .. } => Ok(Value::Column(grid, body)),
            ExprKind::Pick { pick, .. } => {
                self.visits_points(e)?;
                self.pick(e, &grid, pick, env)
            }
            ExprKind::Best { goal, body, .. } => {
                self.visits_points(e)?;
                self.best(e, &grid, *goal, body, env)
            }
            _ => Ok(Value::Grid(grid)),
        }
    }
}
