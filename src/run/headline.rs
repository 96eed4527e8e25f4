//! What one wants to know of a solve first: the outputs that the plan asks about, and those no other is a part of.

use rustc_hash::FxHashSet;

use crate::check::program::{
    Action, Expr, ExprKind, FilePlan, LocalId, PlotKind, Program, Solver, SolverId, Type,
};

/// Outputs that the one line of a solve shows: of those the plan asks about, and in all where it asks about fewer.
const ASKED: usize = 6;
const FILLED: usize = 4;

/// Outputs of solvers that the statements and values of a file name.
pub type Asked = FxHashSet<(SolverId, LocalId)>;

pub fn asked(program: &Program, plan: &FilePlan) -> Asked {
    let mut found = Asked::default();
    for id in &plan.globals {
        collect(&program.global(*id).value, &mut found);
    }
    for step in &plan.steps {
        match &step.action {
            Action::Solve(_) | Action::Sweep(_) => {}
            Action::Assert { condition, .. } => collect(condition, &mut found),
            Action::AssertGrid { grid, condition, .. } => {
                collect(grid, &mut found);
                collect(condition, &mut found);
            }
            Action::Show(e) => collect(e, &mut found),
            Action::Plot(plot) => match &plot.kind {
                PlotKind::Points { y, x, .. } => {
                    collect(&y.value, &mut found);
                    collect(&x.value, &mut found);
                }
                PlotKind::Bars(values) => values.iter().for_each(|v| collect(v, &mut found)),
                PlotKind::Roofline(_) => {}
            },
        }
    }
    found
}

fn collect(e: &Expr, found: &mut Asked) {
    if let ExprKind::Slot { base, slot } = &e.kind
        && let Type::Solve(solver) = &base.ty
    {
        found.insert((*solver, *slot));
    }
    e.for_each_child(&mut |child| collect(child, found));
}

/// Positions among the outputs of a solver.
pub fn brief(solver: &Solver, id: SolverId, asked: &Asked) -> Vec<usize> {
    let name = |slot: &LocalId| &*solver.locals[slot.index()].name;
    let is_asked = |slot: &LocalId| asked.contains(&(id, *slot));
    let mut shown: Vec<usize> = (0..solver.outputs.len()).filter(|i| is_asked(&solver.outputs[*i])).collect();
    shown.truncate(ASKED);
    for (index, slot) in solver.outputs.iter().enumerate() {
        if shown.len() >= FILLED {
            break;
        }
        if !shown.contains(&index) && is_whole(name(slot), solver) {
            shown.push(index);
        }
    }
    shown.sort_unstable();
    shown
}

/// An output that is no part of another: `latency`, not `latency_memory`.
pub fn is_whole(name: &str, solver: &Solver) -> bool {
    let names = || solver.outputs.iter().map(|o| &*solver.locals[o.index()].name);
    !names().any(|whole| whole != name && name.starts_with(&format!("{whole}_")))
}
