//! `plot`: charts of grids, of solves on their rooflines, of sums.

use crate::check::error::PlotError;
use crate::check::program::{Goal, PlotAxis, PlotKind, PlotRoof, PlotSeries, SweepId, Type};
use crate::check::{Checker, Frame};
use crate::syntax::ast;
use crate::syntax::ast::QueryOp;
use crate::units::dimension::Dimension;

impl Checker<'_> {
    pub(super) fn check_plot(&mut self, frame: &mut Frame, plot: &ast::PlotKind) -> Option<PlotKind> {
        match plot {
            ast::PlotKind::Points { grid, y, x, by } => {
                let grid = self.infer(frame, grid, None);
                let id = self.grid_of(&grid)?;
                let y = self.plot_axis(frame, id, y);
                let x = self.plot_axis(frame, id, x);
                let by = match by {
                    Some(by) => Some(self.plot_series(frame, id, by)?),
                    None => None,
                };
                let (y, x) = (y?, x?);
                if let (Some(_), None) | (None, Some(_)) = (y.goal, x.goal) {
                    let span = if y.goal.is_none() { y.value.span } else { x.value.span };
                    self.report(PlotError::HalfFrontier { span });
                    return None;
                }
                let (grid, y, x, by) = (Box::new(grid), Box::new(y), Box::new(x), by.map(Box::new));
                Some(PlotKind::Points { grid, y, x, by })
            }
            ast::PlotKind::Roofline(solves) => {
                let roofs: Vec<Option<PlotRoof>> = solves.iter().map(|s| self.plot_roof(frame, s)).collect();
                roofs.into_iter().collect::<Option<Vec<PlotRoof>>>().map(PlotKind::Roofline)
            }
            ast::PlotKind::Bars(values) => {
                let mut first: Option<(Dimension, crate::source::Span)> = None;
                let mut checked = vec![];
                for value in values {
                    let value = self.infer(frame, value, None);
                    let (value, dimension) = self.quantity(value, "a bar")?;
                    match first {
                        Some((one, span)) if one != dimension => {
                            let found = self.program.registry.describe(dimension);
                            let expected = self.program.registry.describe(one);
                            self.report(PlotError::MixedBars {
                                span: value.span,
                                found,
                                first: span,
                                expected,
                            });
                            return None;
                        }
                        _ => first = first.or(Some((dimension, value.span))),
                    }
                    checked.push(value);
                }
                Some(PlotKind::Bars(checked))
            }
        }
    }

    fn plot_axis(&mut self, frame: &Frame, id: SweepId, axis: &ast::PlotAxis) -> Option<PlotAxis> {
        let swept = self.swept(id, &axis.value).is_some();
        let mut inner = self.point_frame(frame.scope, &self.point_type(id));
        let value = self.infer(&mut inner, &axis.value, None);
        let (value, _) = self.quantity(value, "an axis of a plot")?;
        let goal = axis.goal.map(|g| if g == QueryOp::Minimize { Goal::Minimize } else { Goal::Maximize });
        Some(PlotAxis { goal, log: axis.log, value, swept })
    }

    fn plot_series(&mut self, frame: &Frame, id: SweepId, by: &ast::Expr) -> Option<PlotSeries> {
        if let Some(axis) = self.swept(id, by) {
            return Some(PlotSeries::Axis(axis));
        }
        let mut inner = self.point_frame(frame.scope, &self.point_type(id));
        let value = self.infer(&mut inner, by, None);
        let value = self.unwrapped(value);
        match &value.ty {
            Type::Unknown => None,
            Type::Quantity(_) | Type::Bool | Type::Enum(_) | Type::String => Some(PlotSeries::Value(value)),
            other => {
                let found = self.program.describe(other);
                let axes = self.program.sweep(id).axes.iter().map(|a| a.name.as_str().into()).collect();
                self.report(PlotError::NotASeries { span: value.span, found, axes });
                None
            }
        }
    }

    /// The axis of a sweep that a path names.
    fn swept(&self, id: SweepId, e: &ast::Expr) -> Option<usize> {
        let path = path(e)?;
        self.program.sweep(id).axes.iter().position(|a| a.name == path)
    }

    fn plot_roof(&mut self, frame: &mut Frame, solve: &ast::Expr) -> Option<PlotRoof> {
        let solve = self.infer(frame, solve, None);
        match &solve.ty {
            Type::Unknown => None,
            Type::Solve(id) => {
                let Some((intensity, peak, bandwidth)) = self.program.solver(*id).roof() else {
                    self.report(PlotError::NoRoofline { span: solve.span, solver: *id });
                    return None;
                };
                Some(PlotRoof { solve, intensity, peak, bandwidth })
            }
            other => {
                let found = self.program.describe(other);
                self.report(PlotError::NotOnARoofline { span: solve.span, found });
                None
            }
        }
    }
}

/// `system.hardware`
fn path(e: &ast::Expr) -> Option<String> {
    match &e.kind {
        ast::ExprKind::Name(name) => Some(name.to_string()),
        ast::ExprKind::Field { base, field } => Some(format!("{}.{}", path(base)?, field.text)),
        _ => None,
    }
}
