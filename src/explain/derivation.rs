//! The derivation of a value: its equation, and below it the derivation of what the equation reads.
//!
//! The equation is the program's own text. In a sum and in a `max` or `min` the terms that matter come first; what
//! does not matter is shown without its own derivation, unless everything is asked for.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::items::element;
use super::operands::{FEW, ITEMS, Operand, Reading, operands};
use super::points;
use super::provenance::Provenance;
use super::steps::last_step;
use super::tables::interpolation;
use super::text::one_line;
use crate::check::program::{Aggregate, Expr, ExprKind, SweepId, Type};
use crate::engine::datum::datum;
use crate::engine::derivation::Derivation;
use crate::engine::grid;
use crate::engine::outcome::Datum;
use crate::native::table::Fold;
use crate::plan::lower::Lowerer;
use crate::plan::value::{Env, Origin, Value};

/// A share below which a term is folded.
const SMALL: f64 = 0.05;
/// Nodes of one derivation; more would not be read.
const NODES: usize = 100_000;
/// Equations within equations, at most: a chain of a thousand names is asked about from its middle.
const DEPTH: usize = 250;

/// How much to show.
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    pub depth: usize,
    /// Small terms too, and to the end; what has been shown is not shown again.
    pub all: bool,
}

/// Derives the value of an expression that somebody calls `name`. `swept` are the sweeps whose points it may have been found at.
pub fn derive<'p>(
    lowerer: &mut Lowerer<'p>,
    (name, at): (&str, &Origin<'p>),
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

pub struct Deriver<'l, 'p> {
    pub(super) lowerer: &'l mut Lowerer<'p>,
    detail: Detail,
    left: usize,
    /// Sweeps whose axes may have given a value.
    pub(super) swept: Vec<SweepId>,
    /// The expression that is asked about, if it is somebody's question.
    pub(super) asked: Option<&'p Expr>,
    /// What has been shown with its inputs: its number. The frames are kept, so that none takes another's place.
    shown: FxHashMap<Key, (usize, Rc<Env<'p>>)>,
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

    fn node(&mut self, operand: Operand<'p>, depth: usize) -> Derivation {
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
            return self.whole(operand, (text, shown), parts);
        }
        // A list inside a `sum` is a part of its equation, no level of its own.
        let depth = depth.saturating_sub(usize::from(operand.folds.is_some()));
        let shown = match &value {
            Value::Record(_) | Value::Solve(_) | Value::Solver(_) => Datum::Text(text.clone()),
            _ => datum(self.lowerer, &value, &at.expr.ty, unit.as_ref()),
        };
        let passed = self.passed(at);
        let key = key(&passed);
        let above = self.shown.get(&key).map(|(id, _)| *id).filter(|_| self.detail.all);
        let (made, mut call) = self.made(passed.clone());
        let mut equation = computes(made.expr).then(|| one_line(self.lowerer.sources, made.expr));
        let (read, more) = match equation {
            Some(_) => self.read(&made, &value, operand.folds),
            None => (vec![], 0),
        };
        let whose = match read.is_empty() {
            true => self.whose(at, &made),
            false => Provenance::default(),
        };
        let place = whose.place.unwrap_or_else(|| self.place(&made));
        let open = above.is_none() && !read.is_empty() && self.opens(&operand, depth, &value);
        let id = open.then_some(self.count);
        let folded = if open { more } else { more + read.len() };
        let mut inputs = vec![];
        if open {
            self.shown.insert(key, (self.count, passed.env));
            self.count += 1;
            inputs.extend(read.into_iter().map(|operand| self.node(operand, depth + 1)));
        }
        if let Some(table) = interpolation(self.lowerer, made.expr, &made.env) {
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
            above,
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
        let points = points::count(self.lowerer, made.expr, &made.env);
        self.swept.extend(points.map(|(sweep, _)| sweep));
        let most = if self.detail.all { ITEMS } else { FEW };
        let read = operands(self.lowerer, made, &Reading { value, folds, most });
        let more = match points {
            Some((_, points)) if !counts(made.expr) => points as usize - read.len(),
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

    /// Follows names to what computes their value, and notes the points of sweeps that are met.
    fn passed(&mut self, at: &Origin<'p>) -> Origin<'p> {
        let mut at = at.clone();
        loop {
            match &at.expr.kind {
                ExprKind::Slot { base, .. } => {
                    if let Ok(Value::Solve(solve)) = self.lowerer.lower(base, &at.env) {
                        self.swept.extend(solve.point.map(|(sweep, _)| sweep));
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
        let text = one_line(self.lowerer.sources, e);
        match &e.kind {
            ExprKind::Iterate { next, .. } => {
                let next = one_line(self.lowerer.sources, next);
                text.strip_suffix(&next).unwrap_or(&text).trim_end_matches([' ', ':', '\n']).to_string()
            }
            _ => text,
        }
    }

    /// Of a solve its outputs, of a record its fields, each without its own derivation unless all is asked for.
    fn parts(&mut self, value: &Value<'p>) -> Option<Vec<Derivation>> {
        let program = self.lowerer.program;
        let mut parts: Vec<(String, Origin<'p>)> = vec![];
        let mut setting = vec![];
        match value {
            Value::Solve(solve) => {
                let solver = program.solver(solve.solver);
                let results = self.lowerer.results(solve).ok()?;
                if let Some((sweep, point)) = solve.point {
                    self.swept.push(sweep);
                    setting = self.setting(sweep, point);
                }
                for slot in &solver.outputs {
                    let name = solver.locals[slot.index()].name.to_string();
                    parts.extend(results.origin(slot.index()).map(|origin| (name, origin)));
                }
            }
            Value::Record(record) => {
                let declared = program.ty(record.ty);
                for (index, name) in declared.fields.keys().enumerate() {
                    let _ = self.lowerer.field(value, index);
                    parts.extend(record.env.origin(index).map(|origin| (name.to_string(), origin)));
                }
            }
            _ => return None,
        }
        let below = if self.detail.all { 1 } else { self.detail.depth.max(1) };
        let found = parts.into_iter().map(|(name, origin)| self.node(Operand::new(name, origin), below));
        let found: Vec<Derivation> = found.filter(|part| part.value != Datum::Absent).collect();
        setting.extend(found);
        Some(setting)
    }

    /// The axes of a sweep at a point.
    fn setting(&mut self, sweep: SweepId, point: u64) -> Vec<Derivation> {
        let values = grid::setting(self.lowerer, sweep, point);
        let declared = self.lowerer.declared(sweep);
        let axes = declared.axes.iter().zip(values);
        let given = axes.map(|(axis, (name, value))| {
            let holder = Some(format!("axis of {}", declared.name));
            Derivation { holder, ..Derivation::given(name, value, self.place_of(axis.span)) }
        });
        given.collect()
    }

    /// Of a list of records its items with their fields.
    fn records(&mut self, items: &[Value<'p>], place: &str) -> Vec<Derivation> {
        let mut found = vec![];
        for (index, item) in items.iter().enumerate().take(ITEMS) {
            let Value::Record(record) = item else { continue };
            let ty = Type::Record(record.ty);
            let text = self.lowerer.show(item, &ty, None);
            let mut inputs = self.parts(item).unwrap_or_default();
            // What the program itself puts into a record stands nowhere.
            if let (true, Datum::Record { fields, .. }) =
                (inputs.is_empty(), datum(self.lowerer, item, &ty, None))
            {
                let given = |(name, value)| Derivation::given(name, value, place.to_string());
                inputs = fields.into_iter().map(given).collect();
            }
            let whole = Derivation::given(format!("[{index}]"), Datum::Text(text), place.to_string());
            found.push(Derivation { inputs, ..whole });
        }
        found
    }

    /// A solve or record as a whole.
    fn whole(
        &mut self,
        operand: Operand<'p>,
        (text, value): (String, Datum),
        inputs: Vec<Derivation>,
    ) -> Derivation {
        let at = &operand.at;
        let made = self.lowerer.computation(at.expr, &at.env);
        let expr = match &at.expr.kind {
            ExprKind::Global(id) => &self.lowerer.program.global(*id).value,
            _ => made.expr,
        };
        let place = self.place(&Origin { expr, env: made.env });
        let derived = matches!(expr.kind, ExprKind::Override { .. }) || computes(expr);
        Derivation {
            name: operand.name,
            value,
            text,
            call: None,
            equation: derived.then(|| one_line(self.lowerer.sources, expr)),
            place,
            holder: None,
            datasheet: None,
            paper: None,
            share: None,
            beaten: false,
            inputs,
            folded: 0,
            id: None,
            above: None,
        }
    }
}

/// Is it `count(grid)`, for which no point is told from another?
fn counts(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Aggregate { kind: Aggregate::Count, .. })
}

fn key(at: &Origin) -> Key {
    (std::ptr::from_ref(at.expr).cast(), Rc::as_ptr(&at.env).cast())
}

/// Does an expression compute something, or does it only say what is?
fn computes(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(_)
        | ExprKind::Quantity { .. }
        | ExprKind::Text(_)
        | ExprKind::Bool(_)
        | ExprKind::Member(_)
        | ExprKind::None
        | ExprKind::Record { .. }
        | ExprKind::Override { .. }
        | ExprKind::Sweep(_)
        | ExprKind::Solver(_)
        | ExprKind::Global(_)
        | ExprKind::Local(_)
        // The value of an axis at a point.
        | ExprKind::Slot { .. }
        | ExprKind::Field { .. } => false,
        ExprKind::Unary { operand, .. } => !is_literal(operand),
        ExprKind::List(items) => items.iter().any(|i| computes(i) || !is_literal(i)),
        _ => !matches!(e.ty, Type::Unknown),
    }
}

fn is_literal(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Number(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Member(_)
            | ExprKind::Record { .. }
    )
}
