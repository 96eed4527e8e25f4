//! Assertions: status, both sides, the margin in the direction that matters.

pub mod all_points;
pub mod comparison;
pub mod failing_region;
pub mod infeasible;
pub mod worst_point;

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, ExprKind, Type};
use crate::columns::graph::NodeId;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::Env;
use crate::outcome::text::percent_text;
use crate::outcome::{AssertionOutcome, Datum, Status};
use crate::run::assertion::comparison::{Comparison, Relation, comparison};
use crate::run::data::datum::datum;
use crate::run::undefined_value;
use crate::source::Span;
use crate::syntax::ast::{AssertKind, BinaryOp, CompareOp, UnaryOp};
use crate::units::dimension::Dimension;

/// Explains the value of an expression: lines for the notes of a failed assertion.
pub type ExplainValue = for<'p> fn(&mut Lowerer<'p>, &'p Expr, &Rc<Env<'p>>) -> Vec<String>;

/// An assertion as the program states it.
pub struct Asserted<'p> {
    pub kind: AssertKind,
    pub condition: &'p Expr,
    pub message: Option<&'p Expr>,
    pub span: Span,
    pub scenario: Option<String>,
}

/// Evaluates an assertion. `None` for the node when lowering stopped; its reason is among the lowerer's problems.
pub fn evaluate<'p>(
    lowerer: &mut Lowerer<'p>,
    asserted: &Asserted<'p>,
    env: &Rc<Env<'p>>,
    explain: ExplainValue,
) -> (AssertionOutcome, Option<NodeId>) {
    let node = lowerer.node(asserted.condition, env);
    let mut outcome = undecided(lowerer, asserted, env);
    outcome.named = !is_direct(asserted.condition);
    let Ok(node) = node else { return (outcome, None) };
    outcome.status = match lowerer.graph.value(node) {
        v if v.is_nan() => Status::Invalid,
        0.0 => Status::Fail,
        _ => Status::Pass,
    };
    let infeasible = match outcome.status {
        Status::Invalid => vec![],
        _ => infeasible::behind(lowerer, node),
    };
    if !infeasible.is_empty() {
        outcome.status = Status::Infeasible;
    }
    if outcome.status != Status::Invalid
        && let Ok(Some(comparison)) = comparison(lowerer, asserted.condition, env)
    {
        let _ = sides(lowerer, &comparison, &mut outcome);
    }
    match outcome.status {
        Status::Fail => outcome.failure = Some(failure(lowerer, asserted, &outcome, env, explain)),
        Status::Infeasible => {
            outcome.failure = Some(infeasible::failure(lowerer, asserted, &outcome, &infeasible));
            outcome.infeasible = infeasible.iter().map(|i| lowerer.infeasibility_text(*i)).collect();
        }
        _ => {}
    }
    (outcome, Some(node))
}

fn sides<'p>(
    lowerer: &mut Lowerer<'p>,
    comparison: &Comparison<'p>,
    outcome: &mut AssertionOutcome,
) -> Result<(), Stop> {
    let Comparison { left, right, relation } = comparison;
    let a = lowerer.lower(left.expr, &left.env)?;
    let b = lowerer.lower(right.expr, &right.env)?;
    let Type::Quantity(dimension) = left.expr.ty.required() else {
        outcome.left = Some(datum(lowerer, &a, &left.expr.ty, None));
        outcome.right = Some(datum(lowerer, &b, &right.expr.ty, None));
        return Ok(());
    };
    let (Some(x), Some(y)) = (undefined_value::column(&a), undefined_value::column(&b)) else {
        return Ok(());
    };
    let (x, y) = (lowerer.graph.value(x), lowerer.graph.value(y));
    // The limit's unit, else that of the value: both sides are shown in one.
    let unit = lowerer.unit_of(right.expr, &right.env).or_else(|| lowerer.unit_of(left.expr, &left.env));
    let registry = &lowerer.program.registry;
    let (shown_x, shown_y) = registry.format_pair(x, y, *dimension, unit.as_ref());
    let base = registry.base_unit(*dimension);
    outcome.left = Some(Datum::Quantity { value: x, unit: base.clone(), text: shown_x });
    outcome.right = Some(Datum::Quantity { value: y, unit: base, text: shown_y });
    let reference = if y != 0.0 { y.abs() } else { x.abs() };
    let room = match relation {
        Relation::Order(CompareOp::Less | CompareOp::LessEqual) => Some(y - x),
        Relation::Order(CompareOp::Greater | CompareOp::GreaterEqual) => Some(x - y),
        Relation::Order(_) => None,
        Relation::Within(tolerance, relative) => {
            let tolerance = lowerer.graph.value(*tolerance);
            let allowed = if *relative { tolerance * y.abs() } else { tolerance };
            Some(allowed - (x - y).abs())
        }
    };
    outcome.bound = room.and(relation.bound());
    outcome.margin = room.filter(|_| reference > 0.0).map(|r| r / reference).filter(|m| m.is_finite());
    Ok(())
}

fn failure<'p>(
    lowerer: &mut Lowerer<'p>,
    asserted: &Asserted<'p>,
    outcome: &AssertionOutcome,
    env: &Rc<Env<'p>>,
    explain: ExplainValue,
) -> Diagnostic {
    let (code, what) = match asserted.kind {
        AssertKind::Assert => ("mls::assert-failed", "assertion failed"),
        AssertKind::Warn => ("mls::warn-failed", "does not hold"),
    };
    let message = format!("{}: `{}`", outcome.message.as_deref().unwrap_or(what), outcome.text);
    let mut diagnostic = match asserted.kind {
        AssertKind::Assert => Diagnostic::error(code, message),
        AssertKind::Warn => Diagnostic::warning(code, message),
    };
    let mut causes = vec![];
    failing_parts(lowerer, asserted.condition, env, &mut causes);
    for part in &causes {
        diagnostic = describe(lowerer, diagnostic, part, env, explain, asserted.span);
    }
    if diagnostic.labels.is_empty() {
        diagnostic = diagnostic.label(asserted.span, "does not hold");
    }
    diagnostic
}

/// A comparison itself, not a name for one.
fn is_direct(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Parenthesized(inner) | ExprKind::Unary { op: UnaryOp::Not, operand: inner } => {
            is_direct(inner)
        }
        ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right } => {
            is_direct(left) && is_direct(right)
        }
        kind => matches!(kind, ExprKind::Compare { .. } | ExprKind::Within { .. }),
    }
}

/// The parts that fail, or the whole condition.
pub(crate) fn failing_parts<'p>(
    lowerer: &mut Lowerer<'p>,
    e: &'p Expr,
    env: &Rc<Env<'p>>,
    found: &mut Vec<&'p Expr>,
) {
    match &e.kind {
        // What fails of both, or all of either.
        ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right } => {
            failing_parts(lowerer, left, env, found);
            failing_parts(lowerer, right, env, found);
        }
        ExprKind::Parenthesized(inner) => failing_parts(lowerer, inner, env, found),
        _ => {
            let value = lowerer.node(e, env).map(|n| lowerer.graph.value(n));
            if value.is_ok_and(|v| v == 0.0) {
                found.push(e);
            }
        }
    }
}

pub(crate) fn describe<'p>(
    lowerer: &mut Lowerer<'p>,
    mut diagnostic: Diagnostic,
    part: &'p Expr,
    env: &Rc<Env<'p>>,
    explain: ExplainValue,
    whole: Span,
) -> Diagnostic {
    if let ExprKind::Compare { first, rest } = &part.kind
        && rest.len() > 1
    {
        return describe_chain(lowerer, diagnostic, first, rest, part, env, explain);
    }
    let Ok(Some(found)) = comparison(lowerer, part, env) else {
        let lines = explain(lowerer, part, env);
        diagnostic = diagnostic.label(part.span, "false");
        add_notes(&mut diagnostic, lines);
        return diagnostic;
    };
    let mut shown = blank_outcome(whole);
    let _ = sides(lowerer, &found, &mut shown);
    let (Some(left), Some(right)) = (&shown.left, &shown.right) else {
        return diagnostic.label(part.span, "false");
    };
    let (left, right) = (left.to_string(), right.to_string());
    if is_direct(part) {
        diagnostic = diagnostic.label(found.left.expr.span, left.clone());
        if text_of_source(lowerer, found.right.expr.span) != right {
            diagnostic = diagnostic.label(found.right.expr.span, right.clone());
        }
    } else {
        // A name for the comparison: say what it compares.
        let (l, r) = (found.left.expr.span, found.right.expr.span);
        let (l, r) = (lowerer.sources.text(l).to_string(), lowerer.sources.text(r).to_string());
        let text = match found.relation {
            Relation::Order(CompareOp::Equal) => format!("false: `{l}` is {left}, not {right}"),
            Relation::Order(CompareOp::NotEqual) => format!("false: `{l}` is {left}"),
            Relation::Order(op) => {
                let op = op.symbol();
                format!("false: needs `{l}` {op} `{r}`, {left} is not {op} {right}")
            }
            Relation::Within(..) => format!("false: {left} is too far from `{r}`, {right}"),
        };
        diagnostic = diagnostic.label(part.span, text);
    }
    if let Some(line) = margin_line(lowerer, &found, &shown) {
        diagnostic.notes.push(line);
    }
    for side in [&found.left, &found.right] {
        let lines = explain(lowerer, side.expr, &side.env);
        add_notes(&mut diagnostic, lines);
    }
    diagnostic
}

fn describe_chain<'p>(
    lowerer: &mut Lowerer<'p>,
    mut diagnostic: Diagnostic,
    first: &'p Expr,
    rest: &'p [(CompareOp, Expr)],
    part: &'p Expr,
    env: &Rc<Env<'p>>,
    explain: ExplainValue,
) -> Diagnostic {
    if let Ok(Some(found)) = comparison(lowerer, part, env) {
        let mut shown = blank_outcome(part.span);
        let _ = sides(lowerer, &found, &mut shown);
        diagnostic.notes.extend(margin_line(lowerer, &found, &shown));
    }
    for e in std::iter::once(first).chain(rest.iter().map(|(_, e)| e)) {
        let Ok(value) = lowerer.lower(e, env) else { continue };
        let unit = lowerer.unit_of(e, env);
        let shown = lowerer.show(&value, &e.ty, unit.as_ref());
        if text_of_source(lowerer, e.span) != shown {
            diagnostic = diagnostic.label(e.span, shown);
        }
        let lines = explain(lowerer, e, env);
        add_notes(&mut diagnostic, lines);
    }
    diagnostic
}

/// Notes that are not there yet: both sides of a comparison often have the same terms.
fn add_notes(diagnostic: &mut Diagnostic, lines: Vec<String>) {
    for line in lines {
        if !diagnostic.notes.contains(&line) {
            diagnostic.notes.push(line);
        }
    }
}

fn text_of_source(lowerer: &Lowerer, span: Span) -> String {
    lowerer.sources.text(span).to_string()
}

/// What is known of a claim before it is decided.
pub(crate) fn undecided<'p>(
    lowerer: &mut Lowerer<'p>,
    asserted: &Asserted<'p>,
    env: &Rc<Env<'p>>,
) -> AssertionOutcome {
    AssertionOutcome {
        scenario: asserted.scenario.clone(),
        text: one_line(lowerer.sources, asserted.condition),
        message: asserted.message.and_then(|m| lowerer.message(m, env).ok()),
        severity: match asserted.kind {
            AssertKind::Assert => Severity::Error,
            AssertKind::Warn => Severity::Warning,
        },
        status: Status::Invalid,
        ..blank_outcome(asserted.span)
    }
}

pub(crate) fn blank_outcome(span: Span) -> AssertionOutcome {
    AssertionOutcome {
        scenario: None,
        text: String::new(),
        message: None,
        severity: Severity::Error,
        status: Status::Fail,
        left: None,
        right: None,
        margin: None,
        bound: None,
        points: None,
        named: false,
        infeasible: vec![],
        span,
        failure: None,
        suggestions: vec![],
        breaks: None,
        untried: None,
    }
}

/// `67.2 % over the limit (16.8 ms)`
fn margin_line(lowerer: &Lowerer, found: &Comparison, shown: &AssertionOutcome) -> Option<String> {
    let (Some(Datum::Quantity { value: x, .. }), Some(Datum::Quantity { value: y, .. })) =
        (&shown.left, &shown.right)
    else {
        return None;
    };
    let Type::Quantity(dimension) = found.left.expr.ty.required() else { return None };
    let distance = quantity(lowerer, (x - y).abs(), *dimension);
    let percent = |part: f64| format!("{} %", percent_text(part));
    match found.relation {
        Relation::Order(op) => {
            if x == y {
                return Some("both sides are equal, and the comparison excludes that".into());
            }
            let relative =
                if *y != 0.0 { format!("{} ", percent((x - y).abs() / y.abs())) } else { String::new() };
            match op {
                CompareOp::Less | CompareOp::LessEqual => {
                    Some(format!("{relative}over the limit ({distance})"))
                }
                CompareOp::Greater | CompareOp::GreaterEqual => {
                    Some(format!("{relative}short of the limit ({distance})"))
                }
                _ => Some(format!("they differ by {distance}")),
            }
        }
        Relation::Within(tolerance, relative) => {
            let tolerance = lowerer.graph.value(tolerance);
            let allowed = match relative {
                true => format!("{} of it", percent(tolerance)),
                false => quantity(lowerer, tolerance, *dimension),
            };
            let off = if *y != 0.0 {
                format!("{} ({distance})", percent((x - y).abs() / y.abs()))
            } else {
                distance
            };
            Some(format!("off by {off}, allowed {allowed}"))
        }
    }
}

fn quantity(lowerer: &Lowerer, value: f64, dimension: Dimension) -> String {
    lowerer.program.registry.format(value, dimension, None)
}
