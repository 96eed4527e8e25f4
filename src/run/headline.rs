//! The headline of a solve: the outputs that the plan reads, and those no other is a part of.

use rustc_hash::FxHashSet;

use crate::check::program::{
    Action, Expr, ExprKind, FilePlan, LocalId, PlotKind, Program, Solver, SolverId, Type,
};

/// Outputs that the one line of a solve shows: of those the plan reads, and in all where it reads fewer.
const READ: usize = 6;
const FILLED: usize = 4;

/// Outputs of solvers that the statements and values of a file name.
pub type ReadOutputs = FxHashSet<(SolverId, LocalId)>;

pub fn read_outputs(program: &Program, plan: &FilePlan) -> ReadOutputs {
    let mut found = ReadOutputs::default();
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

fn collect(e: &Expr, found: &mut ReadOutputs) {
    if let ExprKind::Slot { base, slot } = &e.kind
        && let Type::Solve(solver) = &base.ty
    {
        found.insert((*solver, *slot));
    }
    e.for_each_child(&mut |child| collect(child, found));
}

/// The outputs of a headline, by their positions among those of the solver.
pub fn headline(solver: &Solver, id: SolverId, read: &ReadOutputs) -> Vec<usize> {
    let name = |slot: &LocalId| &*solver.locals[slot.index()].name;
    let is_read = |slot: &LocalId| read.contains(&(id, *slot));
    let mut shown: Vec<usize> = (0..solver.outputs.len()).filter(|i| is_read(&solver.outputs[*i])).collect();
    shown.truncate(READ);
    for (index, slot) in solver.outputs.iter().enumerate() {
        if shown.len() >= FILLED {
            break;
        }
        let is_list = matches!(solver.locals[slot.index()].ty, Type::List(_));
        if !shown.contains(&index) && !is_list && is_whole(name(slot), solver) {
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
