//! The frontier of every `pareto` of two goals that a file asks for and no `plot` of two goals shows.

use std::rc::Rc;
use std::sync::Arc;

use crate::check::program::{Action, Expr, ExprKind, FilePlan, Goal, Pick, PlotKind, Step};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Owner};
use crate::outcome::FileOutcome;
use crate::outcome::figure::PlotOutcome;
use crate::run::chart::cloud::frontier;

/// A `pareto`, its grid, and the frame it stands in.
struct Front<'p> {
    grid: &'p Expr,
    goals: &'p [(Goal, Expr)],
    env: Rc<Env<'p>>,
    scenario: Option<Arc<str>>,
}

pub fn add<'p>(lowerer: &mut Lowerer<'p>, plan: &'p FilePlan, outcome: &mut FileOutcome) {
    let shows = |step: &Step| match &step.action {
        Action::Plot(plot) => {
            matches!(&plot.kind, PlotKind::Points { x, y, .. } if x.goal.is_some() && y.goal.is_some())
        }
        _ => false,
    };
    if plan.steps.iter().any(shows) {
        return;
    }
    for front in fronts(lowerer, plan) {
        let Ok(chart) = frontier(lowerer, front.grid, front.goals, &front.env) else { continue };
        let scenario = front.scenario.map(|s| s.to_string());
        let drawn = |c: &PlotOutcome| c.title == chart.title && c.scenario == scenario;
        if !outcome.charts.iter().any(drawn) {
            outcome.charts.push(PlotOutcome { scenario, ..chart });
        }
    }
}

/// Those of the values that a file declares, and of what it asserts and shows.
fn fronts<'p>(lowerer: &mut Lowerer<'p>, plan: &'p FilePlan) -> Vec<Front<'p>> {
    let program = lowerer.program;
    let mut found = vec![];
    for id in &plan.globals {
        let declared = program.global(*id);
        let before = found.len();
        let env = Env::new(Owner::Global(*id), declared.locals.len());
        within(&declared.value, &env, declared.scenario.as_ref(), &mut found);
        // The frame that the value was made in: blocks have filled it.
        if found.len() > before
            && let Ok((_, env)) = lowerer.global(*id)
        {
            found[before..].iter_mut().for_each(|front| front.env = env.clone());
        }
    }
    for step in &plan.steps {
        let env = Env::new(Owner::Step, step.locals.len());
        match &step.action {
            Action::Show(e) => within(e, &env, step.scenario.as_ref(), &mut found),
            Action::Assert { condition, .. } => within(condition, &env, step.scenario.as_ref(), &mut found),
            Action::AssertGrid { grid, .. } => within(grid, &env, step.scenario.as_ref(), &mut found),
            _ => {}
        }
    }
    found
}

fn within<'p>(e: &'p Expr, env: &Rc<Env<'p>>, scenario: Option<&Arc<str>>, found: &mut Vec<Front<'p>>) {
    if let ExprKind::Pick { grid, pick: Pick::Pareto(goals) } = &e.kind
        && goals.len() == 2
    {
        found.push(Front { grid, goals, env: env.clone(), scenario: scenario.cloned() });
    }
    e.for_each_child(&mut |child| within(child, env, scenario, found));
}
