//! The derivation of a value: its equation, and below it the derivation of what the equation reads.
//!
//! The equation is the program's own text. In a sum and in a `max` or `min` the terms that matter come first; what
//! does not matter is shown without its own derivation, unless everything is asked for.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::terms::{is_extreme, magnitude, summands};
use crate::check::program::{Body, Expr, ExprKind, Type};
use crate::engine::datum::datum;
use crate::engine::outcome::Datum;
use crate::native::table::Fold;
use crate::plan::lower::Lowerer;
use crate::plan::value::{Env, Origin, Owner, Value};
use crate::source::Origin as Source;
use crate::syntax::ast::BinaryOp;

/// A share below which a term is folded.
const SMALL: f64 = 0.05;
/// Nodes of one derivation; more would not be read.
const NODES: usize = 20_000;

/// How much to show.
#[derive(Clone, Copy, Debug)]
pub struct Detail {
    pub depth: usize,
    /// Small terms too, and to the end.
    pub all: bool,
}

/// A value and where it comes from.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// As the equation above it reads it.
    pub name: String,
    pub value: Datum,
    pub text: String,
    /// The expression that computes it, on one line; `None` for what is given.
    pub equation: Option<String>,
    /// `capacity.mls:6`, `--set efficiency`
    pub place: String,
    /// Whose it is: `param`, `default`, `NVIDIA H100 SXM`.
    pub holder: Option<String>,
    /// The datasheet of the record it stands in.
    pub datasheet: Option<String>,
    /// The `Source:` of the solver or function whose equation it is.
    pub paper: Option<String>,
    /// Of the sum it is a term of.
    pub share: Option<f64>,
    /// It lost a `max` or `min`: it does not matter now.
    pub beaten: bool,
    pub inputs: Vec<Derivation>,
    /// Inputs that are not shown.
    pub folded: usize,
}

/// One thing that an equation reads.
struct Operand<'p> {
    at: Origin<'p>,
    share: Option<f64>,
    beaten: bool,
}

/// Derives the value of an expression.
pub fn derive<'p>(lowerer: &mut Lowerer<'p>, at: &Origin<'p>, detail: Detail) -> Derivation {
    let mut papers = FxHashSet::default();
    let mut deriver = Deriver { lowerer, detail, left: NODES, papers: &mut papers };
    let name = deriver.label(at.expr);
    deriver.node(name, at, 0, None, false)
}

struct Deriver<'l, 'p> {
    lowerer: &'l mut Lowerer<'p>,
    detail: Detail,
    left: usize,
    /// Papers that have been named.
    papers: &'l mut FxHashSet<String>,
}

impl<'p> Deriver<'_, 'p> {
    fn node(
        &mut self,
        name: String,
        at: &Origin<'p>,
        depth: usize,
        share: Option<f64>,
        beaten: bool,
    ) -> Derivation {
        self.left = self.left.saturating_sub(1);
        let value = self.lowerer.lower(at.expr, &at.env).unwrap_or(Value::Absent);
        let unit = self.lowerer.unit_of(at.expr, &at.env);
        let text = self.lowerer.show(&value, &at.expr.ty, unit.as_ref());
        let shown = datum(self.lowerer, &value, &at.expr.ty, unit.as_ref());
        if let Some(parts) = self.parts(&value, depth) {
            return self.whole(name, (text, shown), at, parts, share);
        }
        let mut made = self.lowerer.computation(at.expr, &at.env);
        // A function by its body, in a frame that holds the arguments.
        if let Some(body) = self.lowerer.body_of(made.expr, &made.env) {
            made = body;
        }
        let operands = if computes(made.expr) { self.operands(&made) } else { vec![] };
        let (holder, datasheet) = if operands.is_empty() { self.holder(at, &made) } else { (None, None) };
        let equation = computes(made.expr).then(|| self.one_line(made.expr));
        let paper = if equation.is_some() { self.paper(&made) } else { None };
        let small = beaten || share.is_some_and(|s| s < SMALL);
        let open = self.left > 0 && (self.detail.all || (depth < self.detail.depth && !(small && depth > 0)));
        let mut inputs = vec![];
        let folded = if open { 0 } else { operands.len() };
        if open {
            for operand in operands {
                let name = self.label(operand.at.expr);
                inputs.push(self.node(name, &operand.at, depth + 1, operand.share, operand.beaten));
            }
        }
        let place = self.place(&made);
        Derivation {
            name,
            value: shown,
            text,
            equation,
            place,
            holder,
            datasheet,
            paper,
            share,
            beaten,
            inputs,
            folded,
        }
    }

    /// Of a solve its outputs, of a record its fields, each without its own derivation unless all is asked for.
    fn parts(&mut self, value: &Value<'p>, depth: usize) -> Option<Vec<Derivation>> {
        // Below the top, a record is what the equation reads of it.
        if depth > 0 {
            return None;
        }
        let program = self.lowerer.program;
        let mut parts: Vec<(String, Origin<'p>)> = vec![];
        match value {
            Value::Solve(solve) => {
                let solver = program.solver(solve.solver);
                let results = self.lowerer.results(solve).ok()?;
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
        let below = if self.detail.all { depth + 1 } else { self.detail.depth.max(1) };
        let found = parts.into_iter().map(|(name, origin)| self.node(name, &origin, below, None, false));
        Some(found.filter(|part| part.value != Datum::Absent).collect())
    }

    /// A solve or record as a whole.
    fn whole(
        &mut self,
        name: String,
        (text, value): (String, Datum),
        at: &Origin<'p>,
        inputs: Vec<Derivation>,
        share: Option<f64>,
    ) -> Derivation {
        let made = self.lowerer.computation(at.expr, &at.env);
        let expr = match &at.expr.kind {
            ExprKind::Global(id) => &self.lowerer.program.global(*id).value,
            _ => made.expr,
        };
        let place = self.place(&Origin { expr, env: made.env });
        let derived = matches!(expr.kind, ExprKind::Override { .. }) || computes(expr);
        let equation = derived.then(|| self.one_line(expr));
        Derivation {
            name,
            value,
            text,
            equation,
            place,
            holder: None,
            datasheet: None,
            paper: None,
            share,
            beaten: false,
            inputs,
            folded: 0,
        }
    }

    fn label(&self, e: &Expr) -> String {
        let text = self.one_line(e);
        if text.chars().count() > 60 { text.chars().take(58).chain("..".chars()).collect() } else { text }
    }

    /// The text of an expression without its comments.
    fn one_line(&self, e: &Expr) -> String {
        let text = self.lowerer.sources.text(e.span);
        let code = text.lines().map(|line| line.split_once('#').map_or(line, |(code, _)| code));
        code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    }

    fn place(&self, at: &Origin<'p>) -> String {
        let (sources, span) = (self.lowerer.sources, at.expr.span);
        let file = sources.file(span.file);
        match file.origin {
            Source::Argument => file.path.to_string(),
            _ => format!("{}:{}", file.path, sources.line_column(span).0),
        }
    }

    /// The `Source:` line of the solver or function around an equation, the first time.
    fn paper(&mut self, at: &Origin<'p>) -> Option<String> {
        let doc = match at.env.owner {
            Owner::Solver(id) => self.lowerer.program.solver(id).doc.clone(),
            Owner::Function(id) => self.lowerer.program.functions[id as usize].doc.clone(),
            _ => return None,
        };
        let line = doc.lines().find_map(|l| l.trim().strip_prefix("Source:"))?;
        let paper = line.trim().to_string();
        self.papers.insert(paper.clone()).then_some(paper)
    }

    /// The record that a given value stands in, and its `source`; or what else gives it.
    fn holder(&mut self, at: &Origin<'p>, made: &Origin<'p>) -> (Option<String>, Option<String>) {
        let mut at = at.clone();
        let mut found = (None, None);
        for _ in 0..64 {
            match &at.expr.kind {
                ExprKind::Field { base, .. } => {
                    if let Ok(record) = self.lowerer.lower(base, &at.env) {
                        found = (self.lowerer.name_of(&record), self.datasheet(&record));
                    }
                }
                ExprKind::Global(id) => {
                    let global = self.lowerer.program.global(*id);
                    if global.kind == crate::check::program::GlobalKind::Param {
                        found = (Some(format!("param {}", global.name)), None);
                    }
                }
                _ => {}
            }
            match self.lowerer.definition(at.expr, &at.env) {
                Some(next) => at = next,
                None => break,
            }
        }
        let library = self.lowerer.sources.is_library(made.expr.span);
        if found.0.is_none() && library && matches!(made.env.owner, Owner::Solver(_)) {
            found.0 = Some("default".into());
        }
        if !library {
            found.1 = None;
        }
        found
    }

    fn datasheet(&mut self, value: &Value<'p>) -> Option<String> {
        let Value::Record(record) = value else { return None };
        let (index, _, _) = self.lowerer.program.ty(record.ty).fields.get_full("source")?;
        match self.lowerer.field(value, index).ok()? {
            Value::Node(id) => {
                let number = self.lowerer.graph.value(id);
                self.lowerer.text_of(number).map(|t| t.to_string())
            }
            _ => None,
        }
    }

    /// What an equation reads, the terms that matter first.
    fn operands(&mut self, at: &Origin<'p>) -> Vec<Operand<'p>> {
        let mut found = vec![];
        let terms = summands(at.expr);
        let total = magnitude(self.lowerer, at.expr, &at.env);
        for (_, term) in &terms {
            let share = magnitude(self.lowerer, term, &at.env) / total;
            let share = (terms.len() > 1 && share.is_finite()).then_some(share);
            self.term(term, &at.env, share, &mut found);
        }
        let mut seen = FxHashSet::default();
        found.retain(|o| seen.insert(self.label(o.at.expr)));
        found.sort_by(|a, b| {
            let weight = |o: &Operand| if o.beaten { -1.0 } else { o.share.unwrap_or(0.0) };
            weight(b).total_cmp(&weight(a))
        });
        found
    }

    /// The operands in one term. Of a `max` or `min` one argument decides.
    fn term(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, share: Option<f64>, found: &mut Vec<Operand<'p>>) {
        match &e.kind {
            ExprKind::Parenthesized(inner) => return self.term(inner, env, share, found),
            ExprKind::Call { function, arguments } => {
                if let Some(fold) = is_extreme(self.lowerer, function.index()) {
                    let values: Vec<f64> =
                        arguments.iter().flatten().map(|a| magnitude(self.lowerer, a, env)).collect();
                    let better = |a: f64, b: f64| if fold == Fold::Max { a > b } else { a < b };
                    let best = values.iter().copied().reduce(|a, b| if better(b, a) { b } else { a });
                    for (argument, value) in arguments.iter().flatten().zip(values) {
                        let first = found.len();
                        let wins = Some(value) == best;
                        self.read(argument, env, if wins { share } else { None }, found);
                        found[first..].iter_mut().for_each(|o| o.beaten = !wins);
                    }
                    return;
                }
            }
            _ => {}
        }
        self.read(e, env, share, found);
    }

    /// The names, fields and calls that an expression reads. Of branches, the one that was taken.
    fn read(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, share: Option<f64>, found: &mut Vec<Operand<'p>>) {
        let named = |found: &mut Vec<Operand<'p>>, share| {
            found.push(Operand { at: Origin { expr: e, env: env.clone() }, share, beaten: false });
        };
        match &e.kind {
            ExprKind::Local(_) | ExprKind::Global(_) | ExprKind::Slot { .. } | ExprKind::Field { .. } => {
                if !matches!(
                    e.ty.required(),
                    Type::Record(_) | Type::Solve(_) | Type::List(_) | Type::Grid(_)
                ) {
                    named(found, share);
                }
            }
            ExprKind::Call { function, .. } => match self.lowerer.program.functions[function.index()].body {
                Body::Expression(_) => named(found, share),
                Body::Native(_) => self.children(e, env, found),
            },
            ExprKind::Binary { op: BinaryOp::Else, left, right } => {
                let absent = matches!(self.lowerer.lower(left, env), Ok(Value::Absent));
                self.read(if absent { right } else { left }, env, share, found);
            }
            ExprKind::If { condition, then, otherwise } => {
                let taken = self.lowerer.node(condition, env).map(|c| self.lowerer.graph.value(c) != 0.0);
                self.read(if taken.unwrap_or(true) { then } else { otherwise }, env, share, found);
                self.read(condition, env, None, found);
            }
            ExprKind::Match { subject, arms } => {
                if let Ok(node) = self.lowerer.node(subject, env) {
                    let member = self.lowerer.graph.value(node) as u32;
                    if let Some((_, arm)) = arms.iter().find(|(members, _)| members.contains(&member)) {
                        self.read(arm, env, share, found);
                    }
                }
                self.read(subject, env, None, found);
            }
            ExprKind::Block { value, .. } => {
                let _ = self.lowerer.lower(e, env);
                self.read(value, env, share, found);
            }
            ExprKind::Parenthesized(inner)
            | ExprKind::Unwrap(inner)
            | ExprKind::Convert { value: inner, .. } => self.read(inner, env, share, found),
            // The condition at the value that was found.
            ExprKind::Extremum { variable, condition, .. } => {
                if let Ok(value) = self.lowerer.lower(e, env) {
                    env.set(variable.index(), value);
                    self.read(condition, env, None, found);
                }
            }
            // What these read changes from point to point,
            ExprKind::Best { .. }
            | ExprKind::Optimize { .. }
            | ExprKind::Pick { .. }
            | ExprKind::Filter { .. }
            | ExprKind::Column { .. }
            | ExprKind::Aggregate { .. } => {}
            // and here from item to item.
            ExprKind::Comprehension { list, .. } => self.read(list, env, share, found),
            ExprKind::Override { .. } | ExprKind::Record { .. } => {}
            _ => self.children(e, env, found),
        }
    }

    fn children(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, found: &mut Vec<Operand<'p>>) {
        let mut children = vec![];
        e.for_each_child(&mut |child| children.push(child));
        for child in children {
            self.read(child, env, None, found);
        }
    }
}

/// Does an expression compute something, or does it only say what is?
fn computes(e: &Expr) -> bool {
    !matches!(
        e.kind,
        ExprKind::Number(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::Member(_)
            | ExprKind::None
            | ExprKind::Record { .. }
            | ExprKind::Override { .. }
            | ExprKind::Sweep(_)
            | ExprKind::Global(_)
            | ExprKind::Local(_)
            // The value of an axis at a point.
            | ExprKind::Slot { .. }
            | ExprKind::Field { .. }
    )
}
