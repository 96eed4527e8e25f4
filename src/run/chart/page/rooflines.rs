//! Where solves stand on their rooflines: one chart for the file, and one for each scenario.

use crate::check::program::FilePlan;
use crate::lower::lowerer::Lowerer;
use crate::outcome::FileOutcome;
use crate::outcome::figure::{Figure, PlotOutcome};
use crate::run::chart::roofline::{RooflinePoint, roofline, roofline_point};
use crate::run::declared_solves::{solve, solves};

/// The solves of a scenario that have a place on a roofline.
type Standing = (Option<String>, Vec<(String, RooflinePoint)>);

pub fn add(lowerer: &mut Lowerer, plan: &FilePlan, outcome: &mut FileOutcome) {
    let program = lowerer.program;
    let mut standing: Vec<Standing> = vec![];
    for (id, scenario) in solves(plan) {
        let Some(solved) = solve(lowerer, id) else { continue };
        let Some((intensity, peak, bandwidth)) = program.solver(solved.solver).roof() else { continue };
        let Ok(place) = roofline_point(lowerer, &solved, [intensity, peak, bandwidth]) else { continue };
        let name = program.global(id).name.to_string();
        match standing.iter_mut().find(|(s, _)| *s == scenario) {
            Some((_, solves)) => solves.push((name, place)),
            None => standing.push((scenario, vec![(name, place)])),
        }
    }
    for (scenario, solves) in standing {
        let title = match &scenario {
            Some(scenario) => format!("Roofline, {scenario}"),
            None => "Roofline".into(),
        };
        let (figure, notes) = (Figure::Plane(roofline(lowerer, &solves)), vec![]);
        let span = plan.steps[0].span(&program.globals);
        outcome.charts.push(PlotOutcome { scenario, title, figure, notes, span });
    }
}
