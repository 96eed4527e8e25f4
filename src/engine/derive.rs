//! What a page shows besides the results: how each came about, what sums are made of, where solves stand on their
//! rooflines, the points of sweeps. It is worked out only when a page is asked for.

use std::rc::Rc;

use super::figure::{Bar, Bars, Figure, PlotOutcome};
use super::outcome::{Datum, FileOutcome};
use super::{parts, plot, rows};
use crate::check::program::{
    Action, Expr, ExprKind, FilePlan, GlobalId, LocalId, Pick, PlotKind, Program, Solver, Step, Type,
};
use crate::plan::lower::Lowerer;
use crate::plan::value::{Env, Value};
use crate::source::Sources;

/// Of one solve, how each output came about.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Its name and scenario.
    pub solve: (String, Option<String>),
    pub outputs: Vec<Derivation>,
}

/// A value, its equation as the library has it, and what stands in the equation.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivation {
    pub name: String,
    pub value: String,
    pub equation: Option<String>,
    /// Where the equation stands: `std/solvers/roofline.mls:61`.
    pub place: String,
    pub operands: Vec<Derivation>,
}

/// Solves that have a place on a roofline.
type Standing = Vec<(String, plot::Place)>;

/// Equations within equations.
const DEPTH: usize = 8;
/// Values under one output: a large solver shares its parts among many.
const NODES: usize = 120;

/// Adds to the files of a run what a page shows besides.
pub fn derive(program: &Program, sources: &Sources, files: &mut [FileOutcome]) {
    let mut lowerer = Lowerer::new(program, sources);
    for (plan, outcome) in program.files.iter().zip(files) {
        let mut standing: Vec<(Option<String>, Standing)> = vec![];
        for step in &plan.steps {
            let scenario = step.scenario.as_ref().map(|s| s.to_string());
            match &step.action {
                Action::Solve(id) => {
                    let Some(place) = solve(&mut lowerer, *id, scenario.clone(), outcome) else { continue };
                    let name = program.global(*id).name.to_string();
                    match standing.iter_mut().find(|(s, _)| *s == scenario) {
                        Some((_, solves)) => solves.push((name, place)),
                        None => standing.push((scenario, vec![(name, place)])),
                    }
                }
                Action::Sweep(id) => {
                    let Ok((Value::Grid(grid), _)) = lowerer.global(*id) else { continue };
                    let table = rows::table(&mut lowerer, &grid, None);
                    if let Datum::Table { .. } = table {
                        outcome.tables.push((program.global(*id).name.to_string(), scenario, table));
                    }
                }
                _ => {}
            }
        }
        frontiers(&mut lowerer, plan, outcome);
        for (scenario, solves) in standing {
            let title = match &scenario {
                Some(scenario) => format!("Roofline, {scenario}"),
                None => "Roofline".into(),
            };
            let (figure, notes) = (Figure::Plane(plot::roofline(&lowerer, &solves)), vec![]);
            let span = plan.steps[0].span(&program.globals);
            outcome.charts.push(PlotOutcome { scenario, title, figure, notes, span });
        }
        sums(
            &mut lowerer,
            plan.steps.iter().filter_map(|s| match &s.action {
                Action::Solve(id) => Some((*id, s.scenario.as_ref().map(|s| s.to_string()))),
                _ => None,
            }),
            outcome,
        );
    }
}

/// The frontier of every `pareto` of two goals that a file declares and no `plot` of two goals shows.
fn frontiers<'p>(lowerer: &mut Lowerer<'p>, plan: &'p FilePlan, outcome: &mut FileOutcome) {
    let program = lowerer.program;
    let shows = |step: &Step| match &step.action {
        Action::Plot(plot) => {
            matches!(&plot.kind, PlotKind::Points { x, y, .. } if x.goal.is_some() && y.goal.is_some())
        }
        _ => false,
    };
    if plan.steps.iter().any(shows) {
        return;
    }
    for id in &plan.globals {
        let declared = program.global(*id);
        let ExprKind::Pick { grid, pick: Pick::Pareto(goals) } = &declared.value.kind else { continue };
        let Ok((_, env)) = lowerer.global(*id) else { continue };
        if let Ok(chart) = plot::frontier(lowerer, grid, goals, &env) {
            let scenario = declared.scenario.as_ref().map(|s| s.to_string());
            outcome.charts.push(PlotOutcome { scenario, ..chart });
        }
    }
}

/// The derivations of a solve, and its place on a roofline if it has one.
fn solve<'p>(
    lowerer: &mut Lowerer<'p>,
    id: GlobalId,
    scenario: Option<String>,
    outcome: &mut FileOutcome,
) -> Option<plot::Place> {
    let program = lowerer.program;
    let (value, _) = lowerer.global(id).ok()?;
    let Value::Solve(solved) = &value else { return None };
    let solver = program.solver(solved.solver);
    let env = lowerer.results(solved).ok()?;
    let mut outputs = vec![];
    for slot in &solver.outputs {
        let mut room = NODES;
        outputs.extend(slot_derivation(lowerer, solver, *slot, &env, (DEPTH, &mut room)));
    }
    outcome.derived.push(Derived { solve: (program.global(id).name.to_string(), scenario), outputs });
    let (intensity, peak, bandwidth) = solver.roof()?;
    plot::stand(lowerer, solved, [intensity, peak, bandwidth]).ok()
}

fn slot_derivation<'p>(
    lowerer: &mut Lowerer<'p>,
    solver: &'p Solver,
    slot: LocalId,
    env: &Rc<Env<'p>>,
    (depth, room): (usize, &mut usize),
) -> Option<Derivation> {
    *room = room.checked_sub(1)?;
    let local = &solver.locals[slot.index()];
    let value = env.get(slot.index())?;
    let value = match &value {
        Value::Record(_) => lowerer.name_of(&value)?,
        Value::Solve(_) | Value::Solver(_) | Value::Grid(_) | Value::Column(..) => return None,
        _ => lowerer.show(&value, &local.ty, local.unit.as_ref()),
    };
    let definition = solver.definition(slot);
    let mut operands = vec![];
    if let Some(definition) = definition.filter(|_| depth > 0) {
        let mut named = vec![];
        operands_of(definition, &mut named);
        for e in named {
            let found = match e.kind {
                ExprKind::Local(inner) if inner.index() < solver.locals.len() => {
                    slot_derivation(lowerer, solver, inner, env, (depth - 1, room))
                }
                _ => leaf(lowerer, e, env),
            };
            operands.extend(found.filter(|f| !operands.contains(f)));
        }
    }
    let equation = definition.map(|d| one_line(lowerer.sources.text(d.span)));
    let span = definition.map_or(local.span, |d| d.span);
    let place = format!("{}:{}", lowerer.sources.file(span.file).path, lowerer.sources.line_column(span).0);
    Some(Derivation { name: local.name.to_string(), value, equation, place, operands })
}

/// The names that an equation reads, and the calls it makes, in the order they are written.
fn operands_of<'e>(e: &'e Expr, found: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Local(_) | ExprKind::Global(_) | ExprKind::Slot { .. } | ExprKind::Field { .. } => {
            found.push(e)
        }
        _ => e.for_each_child(&mut |child| operands_of(child, found)),
    }
}

fn leaf<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<Derivation> {
    let value = lowerer.lower(e, env).ok()?;
    let value = match &value {
        Value::Node(_) | Value::Absent => {
            let unit = lowerer.unit_of(e, env);
            lowerer.show(&value, &e.ty, unit.as_ref())
        }
        Value::Record(_) => lowerer.name_of(&value)?,
        _ => return None,
    };
    let name = one_line(lowerer.sources.text(e.span));
    Some(Derivation { name, value, equation: None, place: String::new(), operands: vec![] })
}

/// The sums among the outputs of solves: a chart for each output that is one, a bar for each solve.
fn sums<'p>(
    lowerer: &mut Lowerer<'p>,
    solves: impl Iterator<Item = (GlobalId, Option<String>)>,
    outcome: &mut FileOutcome,
) {
    let program = lowerer.program;
    type Chart<'p> =
        (Option<String>, String, Vec<Bar>, crate::units::dimension::Dimension, crate::source::Span);
    let mut charts: Vec<Chart> = vec![];
    for (id, scenario) in solves {
        let global = program.global(id);
        let Ok((Value::Solve(solved), _)) = lowerer.global(id) else { continue };
        let solver = program.solver(solved.solver);
        let Ok(env) = lowerer.results(&solved) else { continue };
        for slot in &solver.outputs {
            let local = &solver.locals[slot.index()];
            let (Type::Quantity(dimension), Some(definition)) = (&local.ty, solver.definition(*slot)) else {
                continue;
            };
            let terms = parts::parts(lowerer, definition, &env);
            // A sum that is nearly one term is no picture.
            let total: f64 = terms.iter().map(|(_, v)| v).sum();
            if terms.len() < 2 || !total.is_finite() || terms.iter().any(|(_, v)| *v > 0.995 * total) {
                continue;
            }
            let name = match &scenario {
                Some(scenario) => format!("{} ({scenario})", global.name),
                None => global.name.to_string(),
            };
            let bar = plot::bar_of(lowerer, name, (terms, total, *dimension));
            let title = format!("What {} is made of", local.name);
            match charts.iter_mut().find(|c| c.1 == title && c.3 == *dimension) {
                Some(chart) => chart.2.push(bar),
                None => charts.push((None, title, vec![bar], *dimension, global.span)),
            }
        }
    }
    for (scenario, title, bars, dimension, span) in charts {
        let greatest = bars.iter().map(|b| b.total).fold(0.0, f64::max);
        let axis = plot::measured(lowerer, String::new(), dimension, greatest, None, false);
        let figure = Figure::Bars(Bars { axis, bars });
        outcome.charts.push(PlotOutcome { scenario, title, figure, notes: vec![], span });
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
