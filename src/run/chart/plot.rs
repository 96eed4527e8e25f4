//! `plot`: the data of a chart, from the points of a grid, from solves, from sums.

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, Plot, PlotKind};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Env;
use crate::outcome::figure::{Figure, PlotOutcome};
use crate::run::chart::NoChart;
use crate::run::chart::bars::bars;
use crate::run::chart::cloud::{PlottedPoints, points};
use crate::run::chart::roofline::{plotted_solve, roofline};

/// The chart of a `plot` statement.
pub fn evaluate<'p>(
    lowerer: &mut Lowerer<'p>,
    plot: &'p Plot,
    env: &Rc<Env<'p>>,
    scenario: Option<String>,
) -> Result<PlotOutcome, NoChart> {
    let (figure, notes, named) = match &plot.kind {
        PlotKind::Points { grid, y, x, by } => {
            let plotted = PlottedPoints { grid, y: (&**y).into(), x: (&**x).into(), by: by.as_deref() };
            points(lowerer, plot.span, &plotted, env)?
        }
        PlotKind::Roofline(roofs) => {
            let mut solves = vec![];
            for roof in roofs {
                let name = one_line(lowerer.sources, &roof.solve);
                solves.push((name, plotted_solve(lowerer, roof, env)?));
            }
            (Figure::Plane(roofline(lowerer, &solves)), vec![], "roofline".to_string())
        }
        PlotKind::Bars(values) => {
            let bars = bars(lowerer, values, env)?;
            (Figure::Bars(bars), vec![], names(lowerer, values))
        }
    };
    let title = match &plot.title {
        Some(title) => lowerer.message(title, env)?,
        None => named,
    };
    Ok(PlotOutcome { scenario, title, figure, notes, span: plot.span })
}

fn names(lowerer: &Lowerer, values: &[Expr]) -> String {
    values.iter().map(|e| one_line(lowerer.sources, e)).collect::<Vec<_>>().join(", ")
}
