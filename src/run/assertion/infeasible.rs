//! Assertions that read outputs of a solve that describes no machine that runs.

use rustc_hash::FxHashSet;

use crate::check::program::{Action, Expr, ExprKind, FilePlan, GlobalId, Program};
use crate::columns::graph::NodeId;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::Lowerer;
use crate::outcome::{AssertionOutcome, Datum};
use crate::run::assertion::Asserted;
use crate::syntax::ast::AssertKind;

/// The `infeasible` statements that hold and that a value rests on.
pub fn behind(lowerer: &mut Lowerer, node: NodeId) -> Vec<usize> {
    match lowerer.infeasible_where(node).map(|doubt| lowerer.graph.value(doubt)) {
        Some(1.0) => lowerer.infeasibilities(node),
        _ => vec![],
    }
}

/// What is said of such an assertion: the reasons, each at the solve that is infeasible.
pub fn failure(
    lowerer: &mut Lowerer,
    asserted: &Asserted,
    outcome: &AssertionOutcome,
    reasons: &[usize],
) -> Diagnostic {
    let what = match asserted.kind {
        AssertKind::Assert => "assertion failed",
        AssertKind::Warn => "does not hold",
    };
    let head = outcome.message.as_deref().unwrap_or(what);
    let message = format!("{head}: `{}` is about a plan that cannot run", outcome.text);
    let mut diagnostic = match asserted.kind {
        AssertKind::Assert => Diagnostic::error("mls::infeasible", message),
        AssertKind::Warn => Diagnostic::warning("mls::infeasible", message),
    };
    let shown = match &outcome.left {
        Some(Datum::Quantity { text, .. } | Datum::Text(text)) => {
            format!("{text}, but of no machine that runs")
        }
        _ => "reads an infeasible solve".into(),
    };
    diagnostic = diagnostic.label(asserted.condition.span, shown);
    label_reasons(lowerer, diagnostic, reasons)
}

/// Adds why each solve is infeasible, and where it stands.
pub fn label_reasons(lowerer: &mut Lowerer, mut diagnostic: Diagnostic, reasons: &[usize]) -> Diagnostic {
    let mut places = vec![];
    for index in reasons {
        let text = lowerer.infeasibility_text(*index);
        match lowerer.feasibility.found[*index].site {
            Some(site) if !places.contains(&site) => {
                places.push(site);
                diagnostic = diagnostic.label(site, format!("infeasible: {text}"));
            }
            _ => diagnostic.notes.push(format!("infeasible: {text}")),
        }
    }
    diagnostic
}

/// The values of a file that its assertions read, through other values too.
pub fn asserted(program: &Program, plan: &FilePlan) -> FxHashSet<GlobalId> {
    let mut found = FxHashSet::default();
    for step in &plan.steps {
        match &step.action {
            Action::Assert { condition, .. } => read(program, condition, &mut found),
            Action::AssertGrid { grid, condition, .. } => {
                read(program, grid, &mut found);
                read(program, condition, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn read(program: &Program, e: &Expr, found: &mut FxHashSet<GlobalId>) {
    match &e.kind {
        ExprKind::Global(id) if found.insert(*id) => read(program, &program.global(*id).value, found),
        ExprKind::Sweep(id) | ExprKind::Optimize { sweep: id, .. } => {
            read(program, &program.sweep(*id).base, found)
        }
        _ => {}
    }
    e.for_each_child(&mut |child| read(program, child, found));
}
