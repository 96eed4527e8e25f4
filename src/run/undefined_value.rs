//! When there is no number: a failed `require`, a value that is absent, a result that is not finite.

use std::rc::Rc;

use crate::check::program::text::cut_line;
use crate::check::program::{Expr, ExprKind, Type};
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::Lowerer;
use crate::lower::state::Requirement;
use crate::lower::value::{Env, Value};
use crate::native::table::NATIVES;
use crate::source::Span;

/// Characters of an expression that a message names.
const SHOWN: usize = 60;

/// Why a value is poisoned; `None` when its cause is reported elsewhere (a failed `require`).
pub fn poisoned(lowerer: &mut Lowerer, node: NodeId) -> Option<(NodeId, Diagnostic)> {
    let cause = lowerer.graph.blame(node);
    let at = *lowerer.graph.node(cause);
    let mut diagnostic = match at.op {
        Op::Failed(_) => return None,
        Op::Absent(index) => absent(lowerer, index as usize),
        _ => not_finite(lowerer, cause),
    };
    if let Some(place) = lowerer.findings.places.get(&node) {
        diagnostic.notes.push(format!("first at the point {place}"));
    }
    Some((cause, diagnostic))
}

/// Labels the user's place first; the library's expression second.
fn place(
    diagnostic: Diagnostic,
    lowerer: &Lowerer,
    site: Option<Span>,
    here: Span,
    text: &str,
) -> Diagnostic {
    match site {
        Some(site) if lowerer.sources.is_library(here) && !lowerer.sources.is_library(site) => {
            diagnostic.label(site, "while evaluating this").label(here, text)
        }
        // A solver of the user's own: which of its solves.
        Some(site) if !site.covers(here) && !lowerer.sources.is_library(site) => {
            diagnostic.label(here, text).label(site, "while evaluating this")
        }
        _ => diagnostic.label(here, text),
    }
}

fn absent(lowerer: &Lowerer, index: usize) -> Diagnostic {
    let absence = &lowerer.findings.absences[index];
    let e = absence.expr;
    let (holder, site) = (absence.holder.clone(), absence.site);
    let ExprKind::Field { base, field } = &e.kind else {
        let text = lowerer.sources.text(e.span);
        let diagnostic = Diagnostic::error("mls::absent-value", format!("`{text}` has no value"));
        return place(diagnostic, lowerer, site, e.span, "needed here")
            .help("give a fallback with `??`, or ask `has(x)` first");
    };
    let Type::Record(id) = base.ty.required() else {
        return Diagnostic::error("mls::absent-value", "a value is absent").label(e.span, "needed here");
    };
    let record = lowerer.program.ty(*id);
    let Some((name, declared)) = record.fields.get_index(*field as usize) else {
        return Diagnostic::error("mls::absent-value", "a value is absent").label(e.span, "needed here");
    };
    let who = match holder {
        Some(holder) => format!("`{holder}` has no `{name}`"),
        None => format!("this `{}` has no `{name}`", record.name),
    };
    let example = match declared.ty.required() {
        Type::Quantity(d) => {
            lowerer.program.registry.suggested_unit(*d).map_or("1".into(), |u| format!("1 {u}"))
        }
        _ => "..".into(),
    };
    let diagnostic = Diagnostic::error("mls::absent-value", who);
    place(diagnostic, lowerer, site, e.span, "needed here")
        .label(declared.span, format!("`{name}` is optional in `{}`", record.name))
        .help(format!(
            "give it: `{name}: {example}`; in an equation of yours, fall back with `{name} ?? value`"
        ))
}

fn not_finite(lowerer: &mut Lowerer, cause: NodeId) -> Diagnostic {
    let node = *lowerer.graph.node(cause);
    let operands: Vec<f64> = match node.op {
        Op::Unary(_, a) => vec![lowerer.graph.value(a)],
        Op::Binary(_, a, b) => vec![lowerer.graph.value(a), lowerer.graph.value(b)],
        _ => vec![],
    };
    let (what, help) = match (node.op, operands.as_slice()) {
        (Op::Binary(BinaryOp::Divide, ..), [_, 0.0]) => (
            "division by zero".to_string(),
            "keep the divisor above zero, or choose: `if x > 0 then a / x else b`",
        ),
        (Op::Binary(BinaryOp::Native(index), ..), [_, 0.0]) if native(index) == "mod" => (
            "a division by zero has no rest".to_string(),
            "keep the divisor above zero, or choose: `if x > 0 then mod(a, x) else b`",
        ),
        (Op::Unary(UnaryOp::Native(index), _), [a]) if native(index) == "exp" && *a > 0.0 => (
            "the result is too large for a number".to_string(),
            "`exp` of more than 709.7 is beyond 1.8e308: check the magnitude of its argument",
        ),
        (Op::Unary(UnaryOp::Native(index), _), _) => {
            let name = native(index);
            (
                format!("`{name}` has no value there"),
                "keep its argument in range: `sqrt` and logarithms need one above zero",
            )
        }
        (Op::Binary(BinaryOp::Native(index), ..), _) if native(index) != "pow" => (
            format!("`{}` has no value there", native(index)),
            "keep its arguments in the range that `mlsys list functions` states",
        ),
        (Op::Binary(BinaryOp::Power | BinaryOp::Native(_), ..), [a, b]) if *a <= 0.0 => (
            format!("{a} to the power {b} is no number"),
            "a fractional or negative power needs a base above zero",
        ),
        _ => (
            "the result is too large for a number".to_string(),
            "check the magnitudes: results end at 1.8e308",
        ),
    };
    let Some(e) = node.origin else {
        return Diagnostic::error("mls::not-finite", what).help(help);
    };
    let text = cut_line(lowerer.sources, e, SHOWN);
    let mut diagnostic = Diagnostic::error("mls::not-finite", format!("{what} in `{text}`"));
    diagnostic = place(diagnostic, lowerer, node.site, e.span, "not a number");
    for (operand, value) in operand_expressions(e).into_iter().zip(operands) {
        if let Type::Quantity(dimension) = operand.ty.required() {
            let shown = lowerer.program.registry.format(value, *dimension, None);
            diagnostic = diagnostic.label(operand.span, shown);
        }
    }
    diagnostic.help(help)
}

fn native(index: u16) -> &'static str {
    NATIVES[usize::from(index)].name
}

fn operand_expressions(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Call { arguments, .. } => arguments.iter().flatten().collect(),
        _ => vec![],
    }
}

/// A `require` that does not hold.
pub fn requirement(lowerer: &mut Lowerer, index: usize) -> Diagnostic {
    let Requirement { condition, message, span, solver, ref env, site, ref place, .. } =
        lowerer.findings.requirements[index];
    let (env, place) = (env.clone(), place.clone());
    let solver = lowerer.program.solver(solver);
    let text = cut_line(lowerer.sources, condition, SHOWN);
    let message = message.and_then(|m| lowerer.message(m, &env).ok());
    let mut diagnostic =
        Diagnostic::error("mls::require-failed", format!("`{}` requires `{text}`", solver.name));
    let mut blamed = false;
    let mut read = vec![];
    named_operands(condition, &mut read);
    let mut values = vec![];
    for e in read {
        let Ok(value) = lowerer.lower(e, &env) else { continue };
        let shown = lowerer.show(&value, &e.ty, lowerer.unit_of(e, &env).as_ref());
        let name = cut_line(lowerer.sources, e, SHOWN);
        values.push(format!("`{name}` is {shown}"));
        let given = given_at(lowerer, e, &env);
        if let Some(given) = given {
            diagnostic = diagnostic.label(given, format!("`{name}` is {shown}"));
            blamed = true;
        }
    }
    if let Some(site) = site
        && !blamed
    {
        diagnostic = diagnostic.label(site, values.join(", "));
    }
    diagnostic = diagnostic.label(span, "required here");
    if let Some(place) = place {
        diagnostic.notes.push(format!("first at the point {place}"));
        diagnostic.notes.extend(message);
        return diagnostic.help("leave such points out with a `where` after the axes of the sweep");
    }
    match message {
        Some(message) => diagnostic.help(message),
        None => diagnostic.help(format!("change the inputs so that `{text}` holds")),
    }
}

/// The names and fields that a condition reads.
fn named_operands<'p>(e: &'p Expr, found: &mut Vec<&'p Expr>) {
    match &e.kind {
        ExprKind::Local(_) | ExprKind::Global(_) | ExprKind::Field { .. } | ExprKind::Slot { .. } => {
            found.push(e)
        }
        _ => e.for_each_child(&mut |child| named_operands(child, found)),
    }
}

/// Where the user gave the value that an expression reads, if a user did.
fn given_at<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<Span> {
    let mut at = lowerer.definition(e, env)?;
    for _ in 0..64 {
        if !lowerer.sources.is_library(at.expr.span) {
            return Some(at.expr.span);
        }
        at = lowerer.definition(at.expr, &at.env)?;
    }
    None
}

/// The node of a value that is one column.
pub fn column(value: &Value) -> Option<NodeId> {
    match value {
        Value::Node(id) | Value::Poison(id) => Some(*id),
        _ => None,
    }
}

/// The numbers of a value that a run reports where they are undefined.
pub struct NumbersWithin {
    /// Each with the condition under which its value is present, if it may be absent.
    pub numbers: Vec<(Option<NodeId>, NodeId)>,
    /// Nothing in the value was left out: grids are, and solves that could not be lowered.
    pub complete: bool,
}

/// Walks a value with the items of its lists, the fields given to its records and the outputs of its solves.
pub fn numbers_within<'p>(lowerer: &mut Lowerer<'p>, value: &Value<'p>) -> NumbersWithin {
    let mut within = NumbersWithin { numbers: vec![], complete: true };
    within.add(lowerer, value, None);
    within
}

impl NumbersWithin {
    fn add<'p>(&mut self, lowerer: &mut Lowerer<'p>, value: &Value<'p>, present: Option<NodeId>) {
        match value {
            Value::Node(id) | Value::Poison(id) => self.numbers.push((present, *id)),
            Value::List(items) => items.iter().for_each(|item| self.add(lowerer, item, present)),
            Value::Record(record) => {
                record.given.iter().flatten().for_each(|slot| self.add(lowerer, &slot.value, present));
            }
            Value::Solve(solve) => match lowerer.results(solve) {
                Ok(results) => {
                    for slot in &lowerer.program.solver(solve.solver).outputs {
                        if let Some(value) = results.get(slot.index()) {
                            self.add(lowerer, &value, present);
                        }
                    }
                }
                Err(_) => self.complete = false,
            },
            Value::Maybe(present, inner) => self.add(lowerer, inner, Some(*present)),
            Value::Solver(_) | Value::Absent => {}
            Value::Grid(_) | Value::Column(..) => self.complete = false,
        }
    }
}
