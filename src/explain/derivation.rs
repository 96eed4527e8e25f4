//! The derivation of a value: its equation, and below it the derivation of what the equation reads.
//!
//! The equation is the program's own text. In a sum and in a `max` or `min` the terms that matter come first; what
//! does not matter is shown without its own derivation, unless everything is asked for.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::check::program::text::statements;
use crate::check::program::{Aggregate, Expr, ExprKind, SweepId, Type};
use crate::explain::provenance::Provenance;
use crate::explain::read::grid_points;
use crate::explain::read::iteration::last_step;
use crate::explain::read::list_items::element;
use crate::explain::read::operands::{FEW, ITEMS, Operand, Reading, operands};
use crate::explain::read::table_knots::interpolation;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin, Value};
use crate::native::table::Fold;
use crate::outcome::Datum;
use crate::outcome::derivation::Derivation;
use crate::run::data::datum::datum;

/// A share below which a term is folded.
const SMALL: f64 = 0.05;
/// Nodes of one derivation; more would not be read.
const NODES: usize = 100_000;
/// Equations within equations, at most: a chain of a thousand names is asked about from its middle.
const DEPTH: usize = 250;

/// How much to show.
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    /// Levels of equations below the value.
    pub depth: usize,
    /// Small terms too, and to the end; what has been shown is not shown again.
    pub all: bool,
}

/// Derives the value of an expression that a question calls `name`, at a point of one of the sweeps or of none.
pub fn derive<'p>(
    lowerer: &mut Lowerer<'p>,
    name: &str,
    at: &Origin<'p>,
    detail: Detail,
    swept: Vec<SweepId>,
) -> Derivation {
    let mut deriver = Deriver::new(lowerer, detail);
    deriver.swept = swept;
    deriver.asked = Some(at.expr);
    deriver.node(Operand::new(name.to_string(), at.clone()), 0)
}

/// An expression in a frame: what has been shown is known by it.
type Key = (*const u8, *const u8);

struct Shown<'p> {
    id: usize,
    /// Inputs that it has.
    inputs: usize,
    /// Kept, so that no other frame takes its place.
    _env: Rc<Env<'p>>,
}

pub struct Deriver<'l, 'p> {
    pub(crate) lowerer: &'l mut Lowerer<'p>,
    pub(crate) detail: Detail,
    left: usize,
    /// Sweeps whose axes may have given a value.
    pub(crate) swept: Vec<SweepId>,
    /// The expression of the question, if the derivation answers one.
    pub(crate) asked: Option<&'p Expr>,
    /// What has been shown with its inputs.
    shown: FxHashMap<Key, Shown<'p>>,
    count: usize,
}

impl<'l, 'p> Deriver<'l, 'p> {
    pub fn new(lowerer: &'l mut Lowerer<'p>, detail: Detail) -> Self {
        Deriver {
            lowerer,
            detail,
            left: NODES,
            swept: vec![],
            asked: None,
            shown: FxHashMap::default(),
            count: 0,
        }
    }

    /// The derivation of a named value, with so many nodes that have not been shown, at most.
    pub fn output(&mut self, name: &str, at: &Origin<'p>, nodes: usize) -> Derivation {
        self.left = nodes;
        self.node(Operand::new(name.to_string(), at.clone()), 0)
    }

    pub(crate) fn node(&mut self, operand: Operand<'p>, depth: usize) -> Derivation {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.node_of(operand, depth))
    }

    fn node_of(&mut self, operand: Operand<'p>, depth: usize) -> Derivation {
        let at = &operand.at;
        self.left = self.left.saturating_sub(1);
        let value = self.lowerer.lower(at.expr, &at.env).unwrap_or(Value::Absent);
        let unit = self.lowerer.unit_of(at.expr, &at.env);
        let text = self.lowerer.show(&value, &at.expr.ty, unit.as_ref());
        if depth == 0
            && let Some(parts) = self.parts(&value)
        {
            let shown = datum(self.lowerer, &value, &at.expr.ty, unit.as_ref());
            return self.whole(operand, text, shown, parts);
        }
        // A list inside a `sum` is a part of its equation, no level of its own.
        let depth = depth.saturating_sub(usize::from(operand.folds.is_some()));
        let shown = match &value {
            Value::Record(_) | Value::Solve(_) | Value::Solver(_) => Datum::Text(text.clone()),
            _ => datum(self.lowerer, &value, &at.expr.ty, unit.as_ref()),
        };
        let passed = self.passed(at);
        let key = key(&passed);
        let above = self.shown.get(&key).filter(|_| self.detail.all).map(|shown| (shown.id, shown.inputs));
        let (made, mut call) = self.made(passed.clone());
        let mut equation = computes(made.expr).then(|| statements(self.lowerer.sources, made.expr));
        let (read, more) = match (&equation, above) {
            (Some(_), None) => self.read(&made, &value, operand.folds),
            (_, Some((_, inputs))) => (vec![], inputs),
            (None, None) => (vec![], 0),
        };
        let whose = match read.is_empty() && above.is_none() {
            true => self.whose(at, &made),
            false => Provenance::default(),
        };
        let place = whose.place.unwrap_or_else(|| self.place(&made));
        let open = !read.is_empty() && self.opens(&operand, depth, &value);
        let id = open.then_some(self.count);
        let folded = if open { more } else { more + read.len() };
        let mut inputs = vec![];
        if open {
            self.shown.insert(key, Shown { id: self.count, inputs: read.len(), _env: passed.env });
            self.count += 1;
            inputs.extend(read.into_iter().map(|operand| self.node(operand, depth + 1)));
        }
        if above.is_none()
            && let Some(table) = interpolation(self.lowerer, made.expr, &made.env)
        {
            call = call.or(equation.replace(table.equation));
            inputs.extend(table.knots);
        }
        if let (0, Value::List(items)) = (depth, &value)
            && matches!(items.first(), Some(Value::Record(_)))
        {
            inputs = self.records(items, &place);
        }
        Derivation {
            call: call.filter(|call| *call != operand.name),
            paper: equation.as_ref().and_then(|_| self.paper(&made)),
            place,
            name: operand.name,
            value: shown,
            text,
            equation,
            holder: whose.holder,
            datasheet: whose.datasheet,
            share: operand.share,
            beaten: operand.beaten,
            inputs,
            folded,
            id,
            above: above.map(|(id, _)| id),
        }
    }

    /// What an equation reads, and how much more of it there is. Of a sweep only few points are read, unless all is
    /// asked for.
    fn read(
        &mut self,
        made: &Origin<'p>,
        value: &Value<'p>,
        folds: Option<Fold>,
    ) -> (Vec<Operand<'p>>, usize) {
        let points = grid_points::count(self.lowerer, made.expr, &made.env);
        self.meet(points.map(|(sweep, _)| sweep));
        let most = if self.detail.all { ITEMS } else { FEW };
        let read = operands(self.lowerer, made, &Reading { value, folds, most });
        let more = match points {
            Some((_, points)) if !counts(made.expr) => (points as usize).saturating_sub(read.len()),
            _ => 0,
        };
        (read, more)
    }

    /// Are the inputs of a value shown?
    fn opens(&self, operand: &Operand, depth: usize, value: &Value) -> bool {
        let detail = self.detail;
        // Of a record only that it is there was asked.
        let aside = matches!(value, Value::Absent | Value::Record(_));
        let small = operand.beaten || operand.share.is_some_and(|s| s < SMALL) || aside;
        let near = depth < detail.depth && !(small && depth > 0);
        self.left > 0 && if detail.all { depth < DEPTH } else { near }
    }

    /// From now on values may be those of the sweep's axes.
    pub(crate) fn meet(&mut self, sweep: Option<SweepId>) {
        self.swept.extend(sweep.filter(|sweep| self.swept.last() != Some(sweep)));
    }

    /// Follows names to what computes their value, and notes the points of sweeps that are met.
    fn passed(&mut self, at: &Origin<'p>) -> Origin<'p> {
        let mut at = at.clone();
        loop {
            match &at.expr.kind {
                ExprKind::Slot { base, .. } => {
                    if let Ok(Value::Solve(solve)) = self.lowerer.lower(base, &at.env) {
                        self.meet(solve.point.map(|(sweep, _)| sweep));
                    }
                }
                // `best.layout.tensor`
                ExprKind::Field { base, .. } => {
                    self.passed(&Origin { expr: base, env: at.env.clone() });
                }
                _ => {}
            }
            match self.lowerer.definition(at.expr, &at.env) {
                Some(next) => at = next,
                None => return at,
            }
        }
    }

    /// From an expression that only passes a value on to the one that computes it: of a call the function's body, of a
    /// block its value, of an iteration its last step, of an item of a list the item. And the call that led there.
    fn made(&mut self, from: Origin<'p>) -> (Origin<'p>, Option<String>) {
        let (mut at, mut call) = (from, None);
        loop {
            let next = match &at.expr.kind {
                ExprKind::Call { .. } => self.lowerer.body_of(at.expr, &at.env),
                ExprKind::Block { value, .. } => {
                    // Fills what the block binds.
                    let _ = self.lowerer.lower(at.expr, &at.env);
                    Some(Origin { expr: value, env: at.env.clone() })
                }
                ExprKind::Iterate { .. } => last_step(self.lowerer, &at),
                ExprKind::Index { base, index } => match self.lowerer.node(index, &at.env) {
                    Ok(node) => {
                        let item = self.lowerer.graph.value(node) as usize;
                        element(self.lowerer, base, &at.env, item)
                    }
                    Err(_) => None,
                },
                _ => None,
            };
            let Some(next) = next else { return (at, call) };
            if call.is_none() && !matches!(at.expr.kind, ExprKind::Block { .. } | ExprKind::Index { .. }) {
                call = Some(self.call_text(at.expr));
            }
            at = self.lowerer.computation(next.expr, &next.env);
        }
    }

    /// `peak(hardware, precision)`; of an iteration what comes before its expression.
    fn call_text(&self, e: &Expr) -> String {
        let text = statements(self.lowerer.sources, e);
        match &e.kind {
            ExprKind::Iterate { next, .. } => {
                let next = statements(self.lowerer.sources, next);
                text.strip_suffix(&next).unwrap_or(&text).trim_end_matches([' ', ':', '\n']).to_string()
            }
            _ => text,
        }
    }
}

/// Is it `count(grid)`, which treats all points alike?
fn counts(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Aggregate { kind: Aggregate::Count, .. })
}

fn key(at: &Origin) -> Key {
    (std::ptr::from_ref(at.expr).cast(), Rc::as_ptr(&at.env).cast())
}

/// Does an expression compute something, or does it only say what is?
pub(crate) fn computes(e: &Expr) -> bool {
    match &e.kind {
        _ if e.is_literal() => false,
        ExprKind::Record { .. }
        | ExprKind::Override { .. }
        | ExprKind::Sweep(_)
        | ExprKind::Solver(_)
        | ExprKind::Global(_)
        | ExprKind::Local(_)
        // The value of an axis at a point.
        | ExprKind::Slot { .. }
        | ExprKind::Field { .. } => false,
        ExprKind::Unary { operand, .. } => !operand.is_literal(),
        ExprKind::List(items) => items.iter().any(|i| computes(i) || !i.is_literal()),
        _ => !matches!(e.ty, Type::Unknown),
    }
}
