//! What an equation reads: names, fields, calls and searches, each as it stands in the equation.
//!
//! Of branches only what was chosen is read, and what chose it. With these values and its own text an equation can be
//! recomputed.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::check::program::text::one_line;
use crate::check::program::{Body, Expr, ExprKind, Type};
use crate::explain::read::grid_points::{Nearest, points};
use crate::explain::read::iteration::edge;
use crate::explain::read::list_items::items;
use crate::explain::terms::{magnitude, summands};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Origin, Value};
use crate::native::table::Fold;
use crate::run::undefined_value::column;
use crate::syntax::ast::BinaryOp;

/// Items of a list, or points of a sweep, that are shown at most; and points of one that need not be whole.
pub const ITEMS: usize = 64;
pub const FEW: usize = 5;

/// One thing that an equation reads.
pub struct Operand<'p> {
    pub name: String,
    pub at: Origin<'p>,
    /// Of the sum it is a term of.
    pub share: Option<f64>,
    /// It lost a `max` or `min`.
    pub beaten: bool,
    /// How much of the whole depends on it: what it is sorted by.
    weight: f64,
    /// What the items of a list are put together by.
    pub folds: Option<Fold>,
}

/// How an equation is read.
pub struct Reading<'v, 'p> {
    /// Its value.
    pub value: &'v Value<'p>,
    pub folds: Option<Fold>,
    /// Points of a sweep, at most.
    pub most: usize,
}

impl<'p> Operand<'p> {
    pub fn new(name: String, at: Origin<'p>) -> Self {
        Operand { name, at, share: None, beaten: false, weight: 0.0, folds: None }
    }
}

/// The part of an equation that is being read.
#[derive(Clone, Copy)]
struct TermContext {
    share: Option<f64>,
    weight: f64,
    beaten: bool,
}

/// What decides about others, and what is absent.
const ASIDE: TermContext = TermContext { share: None, weight: 0.0, beaten: false };

impl TermContext {
    /// Of a factor or argument: its share is not the whole term's.
    fn inner(self) -> TermContext {
        TermContext { share: None, ..self }
    }
}

/// What an equation reads, the terms that matter first.
pub fn operands<'p>(
    lowerer: &mut Lowerer<'p>,
    at: &Origin<'p>,
    reading: &Reading<'_, 'p>,
) -> Vec<Operand<'p>> {
    let (e, env) = (at.expr, &at.env);
    let own = column(reading.value).map_or(f64::NAN, |node| lowerer.graph.value(node));
    match &e.kind {
        ExprKind::Comprehension { .. } => return items(lowerer, at, reading.folds),
        ExprKind::Extremum { variable, condition, .. } => {
            return edge(lowerer, at, own, *variable, condition);
        }
        ExprKind::Aggregate { kind, column, .. } => {
            return points(lowerer, column, env, *kind, Nearest { to: own, most: reading.most });
        }
        _ => {}
    }
    let total = match e.ty.required() {
        Type::Quantity(_) => own.abs(),
        _ => f64::NAN,
    };
    let mut reader = Reader { lowerer, total, found: vec![], places: FxHashMap::default() };
    let whole = TermContext { share: None, weight: 1.0, beaten: false };
    match &e.kind {
        ExprKind::Table { .. } | ExprKind::Index { .. } | ExprKind::Sensitivity { .. } => {
            reader.children(e, env, ASIDE)
        }
        _ => reader.sum(e, env, whole),
    }
    let mut found = reader.found;
    let weight = |o: &Operand| if o.beaten { -1.0 } else { o.weight };
    found.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    found
}

struct Reader<'l, 'p> {
    lowerer: &'l mut Lowerer<'p>,
    total: f64,
    found: Vec<Operand<'p>>,
    /// Where each name stands among what was found.
    places: FxHashMap<String, usize>,
}

impl<'p> Reader<'_, 'p> {
    /// The terms of a sum, each with its share.
    fn sum(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, part: TermContext) {
        let terms = summands(e);
        if let [(_, term)] = terms.as_slice() {
            return self.term(term, env, part);
        }
        for (_, term) in &terms {
            let share = magnitude(self.lowerer, term, env) / self.total;
            let share = share.is_finite().then_some(share);
            let first = self.found.len();
            self.term(term, env, TermContext { share, weight: share.unwrap_or(part.weight), ..part });
            // A term that only one thing goes into stands or falls with it: `2 * n`.
            if let [only] = &mut self.found[first..] {
                only.share = only.share.or(share.filter(|_| !only.beaten));
            }
        }
    }

    /// One term. Of a `max` or `min` one argument decides, of branches the one that was taken counts.
    fn term(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, part: TermContext) {
        match &e.kind {
            ExprKind::Parenthesized(inner)
            | ExprKind::Unwrap(inner)
            | ExprKind::Convert { value: inner, .. } => self.sum(inner, env, part),
            ExprKind::Block { value, .. } => {
                let _ = self.lowerer.lower(e, env);
                self.sum(value, env, part);
            }
            ExprKind::If { condition, then, otherwise } => {
                let taken = self.lowerer.node(condition, env).map(|c| self.lowerer.graph.value(c) != 0.0);
                self.sum(if taken.unwrap_or(true) { then } else { otherwise }, env, part);
                self.read(condition, env, ASIDE);
            }
            ExprKind::Match { subject, arms } => {
                if let Ok(node) = self.lowerer.node(subject, env) {
                    let member = self.lowerer.graph.value(node) as u32;
                    if let Some((_, arm)) = arms.iter().find(|(members, _)| members.contains(&member)) {
                        self.sum(arm, env, part);
                    }
                }
                self.read(subject, env, ASIDE);
            }
            ExprKind::Binary { op: BinaryOp::Else, left, right } => {
                match self.lowerer.lower(left, env) {
                    Ok(Value::Absent) => {
                        self.sum(right, env, part);
                        // That it is absent is why the fallback counts.
                        self.read(left, env, ASIDE);
                    }
                    _ => self.sum(left, env, part),
                }
            }
            ExprKind::Call { function, arguments } => match self.lowerer.program.extreme(*function) {
                Some(fold) => self.extreme(fold, arguments, env, part),
                None => self.read(e, env, part),
            },
            _ => self.read(e, env, part),
        }
    }

    /// The arguments of a `max` or `min`: the first that wins, and those that do not decide.
    fn extreme(&mut self, fold: Fold, arguments: &'p [Option<Expr>], env: &Rc<Env<'p>>, part: TermContext) {
        let arguments: Vec<&'p Expr> = arguments.iter().flatten().collect();
        // The items of a list are one operand.
        if arguments.iter().any(|a| matches!(a.ty.required(), Type::List(_))) {
            return self.folded(fold, &arguments, env, part);
        }
        let numbers: Vec<f64> = arguments.iter().map(|a| number(self.lowerer, a, env)).collect();
        let better = |a: f64, b: f64| if fold == Fold::Max { a > b } else { a < b };
        let best = numbers.iter().copied().reduce(|a, b| if better(b, a) { b } else { a });
        let winner = numbers.iter().position(|n| Some(*n) == best);
        for (index, argument) in arguments.into_iter().enumerate() {
            if Some(index) == winner {
                self.sum(argument, env, part);
            } else {
                self.read(argument, env, TermContext { share: None, beaten: true, ..part });
            }
        }
    }

    /// The arguments of a `sum` and its like; a list keeps in mind what its items are put together by.
    fn folded(&mut self, fold: Fold, arguments: &[&'p Expr], env: &Rc<Env<'p>>, part: TermContext) {
        for argument in arguments {
            let first = self.found.len();
            self.read(argument, env, part.inner());
            if matches!(argument.ty.required(), Type::List(_)) && self.found.len() == first + 1 {
                self.found[first].folds = Some(fold);
            }
        }
    }

    /// The names, fields and calls that an expression reads.
    fn read(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, part: TermContext) {
        match &e.kind {
            ExprKind::Local(_) | ExprKind::Global(_) | ExprKind::Slot { .. } | ExprKind::Field { .. } => {
                if is_shown(e.ty.required()) {
                    self.name(e, env, part);
                }
            }
            ExprKind::Has(inner) | ExprKind::Length(inner) => self.name(inner, env, part.inner()),
            ExprKind::Call { function, arguments } => {
                match self.lowerer.program.functions[function.index()].body {
                    Body::Expression(_) => self.name(e, env, part),
                    Body::Native(_) if self.lowerer.program.extreme(*function).is_some() => {
                        self.within(e, env, part);
                    }
                    Body::Native(_) => match self.lowerer.program.fold(*function) {
                        Some(fold) => {
                            let arguments: Vec<&'p Expr> = arguments.iter().flatten().collect();
                            self.folded(fold, &arguments, env, part);
                        }
                        None => self.children(e, env, part),
                    },
                }
            }
            ExprKind::Index { .. }
            | ExprKind::Table { .. }
            | ExprKind::Comprehension { .. }
            | ExprKind::Iterate { .. }
            | ExprKind::Extremum { .. }
            | ExprKind::Aggregate { .. }
            | ExprKind::Sensitivity { .. } => self.name(e, env, part),
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), left, right } => {
                self.either(*op, [left, right], env, part);
            }
            // Parts of a product are no terms of the sum around it.
            ExprKind::Parenthesized(_)
            | ExprKind::Unwrap(_)
            | ExprKind::Convert { .. }
            | ExprKind::Block { .. }
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Binary { op: BinaryOp::Else, .. } => self.within(e, env, part),
            // Whole records, solves and grids: what is read of them is named where it is read.
            ExprKind::Best { .. }
            | ExprKind::Optimize { .. }
            | ExprKind::Pick { .. }
            | ExprKind::Filter { .. }
            | ExprKind::Column { .. }
            | ExprKind::Override { .. }
            | ExprKind::Record { .. } => {}
            _ => self.children(e, env, part),
        }
    }

    /// The sides of an `and` or `or`: one decides alone when it is false, or true. What has no value then is not read.
    fn either(&mut self, op: BinaryOp, sides: [&'p Expr; 2], env: &Rc<Env<'p>>, part: TermContext) {
        let decisive = f64::from(u8::from(op == BinaryOp::Or));
        let values = sides.map(|side| number(self.lowerer, side, env));
        let decided = values.contains(&decisive);
        for (side, value) in sides.into_iter().zip(values) {
            if !value.is_nan() {
                let beaten = part.beaten || decided && value != decisive;
                self.read(side, env, TermContext { beaten, ..part.inner() });
            }
        }
    }

    /// A choice inside a product: without shares of its own.
    fn within(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, part: TermContext) {
        let total = std::mem::replace(&mut self.total, f64::NAN);
        self.term(e, env, part.inner());
        self.total = total;
    }

    fn children(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, part: TermContext) {
        let mut children = vec![];
        e.for_each_child(&mut |child| children.push(child));
        for child in children {
            self.read(child, env, part.inner());
        }
    }

    /// Adds an operand; one that is read twice decides when it does in one place.
    fn name(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, part: TermContext) {
        let name = one_line(self.lowerer.sources, e);
        if let Some(index) = self.places.get(&name) {
            let known = &mut self.found[*index];
            known.beaten &= part.beaten;
            known.weight = known.weight.max(part.weight);
            known.share = match (known.share, part.share) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            };
            return;
        }
        self.places.insert(name.clone(), self.found.len());
        let at = Origin { expr: e, env: env.clone() };
        let TermContext { share, weight, beaten } = part;
        self.found.push(Operand { share, beaten, weight, ..Operand::new(name, at) });
    }
}

/// Is a value of this type a number, a text or a list of such: something to show on a line?
fn is_shown(ty: &Type) -> bool {
    match ty {
        Type::List(element) => is_shown(element.required()),
        Type::Record(_) | Type::Solve(_) | Type::Solver(_) | Type::Grid(_) | Type::Column(..) => false,
        _ => true,
    }
}

pub fn number<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> f64 {
    lowerer.node(e, env).map_or(f64::NAN, |n| lowerer.graph.value(n))
}
