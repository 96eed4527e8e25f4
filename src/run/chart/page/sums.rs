//! The sums among the outputs of solves: a chart for each output that is one, a bar for each solve.

use crate::check::program::{FilePlan, Type};
use crate::lower::lowerer::Lowerer;
use crate::outcome::FileOutcome;
use crate::outcome::figure::{Bar, Bars, Figure, PlotOutcome};
use crate::run::chart::axis::measured_axis;
use crate::run::chart::bars::{Sum, bar_of};
use crate::run::declared_solves::{solve, solves};
use crate::run::summands;
use crate::source::Span;
use crate::units::dimension::Dimension;

/// A sum that is nearly one term is no picture.
const WHOLE: f64 = 0.995;

/// One output of one or several solves.
struct OutputSum {
    title: String,
    dimension: Dimension,
    bars: Vec<Bar>,
    span: Span,
}

pub fn add(lowerer: &mut Lowerer, plan: &FilePlan, outcome: &mut FileOutcome) {
    for OutputSum { title, dimension, bars, span } in sums(lowerer, plan) {
        let greatest = bars.iter().map(|b| b.total).fold(0.0, f64::max);
        let axis = measured_axis(lowerer, String::new(), dimension, greatest, None, false);
        let figure = Figure::Bars(Bars { axis, bars });
        outcome.charts.push(PlotOutcome { scenario: None, title, figure, notes: vec![], span });
    }
}

fn sums(lowerer: &mut Lowerer, plan: &FilePlan) -> Vec<OutputSum> {
    let program = lowerer.program;
    let mut found: Vec<OutputSum> = vec![];
    for (id, scenario) in solves(plan) {
        let global = program.global(id);
        let Some(solved) = solve(lowerer, id) else { continue };
        let solver = program.solver(solved.solver);
        let Ok(env) = lowerer.results(&solved) else { continue };
        for slot in &solver.outputs {
            let local = &solver.locals[slot.index()];
            let (Type::Quantity(dimension), Some(definition)) = (&local.ty, solver.definition(*slot)) else {
                continue;
            };
            let terms = summands::parts(lowerer, definition, &env);
            let total: f64 = terms.iter().map(|(_, v)| v).sum();
            if terms.len() < 2 || !total.is_finite() || terms.iter().any(|(_, v)| *v > WHOLE * total) {
                continue;
            }
            let name = match &scenario {
                Some(scenario) => format!("{} ({scenario})", global.name),
                None => global.name.to_string(),
            };
            let bar = bar_of(lowerer, name, Sum { terms, total, dimension: *dimension });
            let title = format!("What {} is made of", local.name);
            match found.iter_mut().find(|s| s.title == title && s.dimension == *dimension) {
                Some(sum) => sum.bars.push(bar),
                None => {
                    found.push(OutputSum {
                        title,
                        dimension: *dimension,
                        bars: vec![bar],
                        span: global.span,
                    });
                }
            }
        }
    }
    found
}
