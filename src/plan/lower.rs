//! Lowering: an expression in a frame to its value, its columns as nodes of the graph.
//!
//! Because equal operations are shared, lowering an expression again costs look-ups and answers the same nodes. What
//! explains a value uses that: it walks the expression and lowers the parts it wants to name.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use super::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp};
use super::lanes::Open;
use super::probe::{ExprKey, Probe, Trace};
use super::value::{Env, GridValue, Origin, Owner, RecordValue, Slot, SolveValue, Value};
use crate::check::program::{
    Body, Change, Expr, ExprKind, GlobalId, LocalId, Program, SolverId, Statement, SweepId, TemplatePart,
    Type, TypeId,
};
use crate::diagnostic::Diagnostic;
use crate::native::table::{Fold, Kernel, NATIVES};
use crate::source::{Sources, Span};
use crate::syntax::ast;

/// Items of one list.
pub const LIST_LIMIT: usize = 100_000;
/// Expressions evaluated while lowering: functions that call functions double quickly.
const STEP_LIMIT: u64 = 50_000_000;

/// Lowering cannot go on; the reason is in [`Lowerer::problems`].
#[derive(Clone, Copy, Debug)]
pub struct Stop;

pub(super) type Lowered<'p> = Result<Value<'p>, Stop>;

/// A `require` that was evaluated.
pub struct Requirement<'p> {
    pub condition: &'p Expr,
    /// The condition's value: false, or poisoned.
    pub node: NodeId,
    pub message: Option<&'p Expr>,
    pub span: Span,
    pub solver: SolverId,
    pub env: Rc<Env<'p>>,
    pub site: Option<Span>,
    /// The point of a sweep that it failed at.
    pub place: Option<String>,
}

/// A `note` whose condition goes along an axis.
pub(super) struct NoteAlong {
    pub sweep: SweepId,
    pub condition: NodeId,
}

/// Why a value is poisoned by absence: the expression that needed it.
pub struct Absence<'p> {
    pub expr: &'p Expr,
    /// The `name` of the record that lacks the field.
    pub holder: Option<String>,
    pub site: Option<Span>,
}

pub struct Lowerer<'p> {
    pub program: &'p Program,
    pub sources: &'p Sources,
    pub graph: Graph<'p>,
    pub problems: Vec<Diagnostic>,
    pub requirements: Vec<Requirement<'p>>,
    pub absences: Vec<Absence<'p>>,
    /// `note` statements that hold, with the solve's site.
    pub notes: Vec<(Option<Span>, String)>,
    texts: IndexSet<Arc<str>>,
    globals: FxHashMap<GlobalId, (Value<'p>, Rc<Env<'p>>)>,
    sites: Vec<Span>,
    steps: u64,
    exhausted: bool,
    /// Requirements met so far that did not hold, or may not.
    failures: u32,
    pub(super) notes_along: Vec<NoteAlong>,
    /// The sweep being lowered, and the lengths of its joined axes.
    pub(super) current: Option<(SweepId, Vec<usize>)>,
    /// The point being looked at alone.
    pub(super) place: Option<String>,
    /// Of values that are poisoned at a point of a sweep: which.
    pub places: FxHashMap<NodeId, String>,
    /// Frames of sweeps whose columns have been lowered.
    pub(super) sweeps: FxHashMap<SweepId, Rc<super::sweep::Points<'p>>>,
    /// The sweeps behind grids that were picked from others; numbered after those of the program.
    pub(super) picked: Vec<SweepId>,
    /// A what-if that stands in this lowering.
    pub(super) probe: Option<Probe>,
    /// Searches around what is being lowered whose number is an axis.
    pub(super) searching: u8,
    /// What searches took so far; see [`Lowerer::work`].
    pub(super) sought: u64,
    /// Inputs that go along axes of their own.
    pub(super) open: Option<Open>,
    /// What is noted on the way, if somebody wants to know.
    pub trace: Option<Trace>,
}

impl<'p> Lowerer<'p> {
    pub fn new(program: &'p Program, sources: &'p Sources) -> Self {
        Lowerer {
            program,
            sources,
            graph: Graph::default(),
            problems: vec![],
            requirements: vec![],
            absences: vec![],
            notes: vec![],
            texts: IndexSet::new(),
            globals: FxHashMap::default(),
            sites: vec![],
            steps: 0,
            exhausted: false,
            failures: 0,
            notes_along: vec![],
            current: None,
            place: None,
            places: FxHashMap::default(),
            sweeps: FxHashMap::default(),
            picked: vec![],
            probe: None,
            searching: 0,
            sought: 0,
            open: None,
            trace: None,
        }
    }

    /// Expressions that were lowered.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// The place in a user's file that is being evaluated.
    pub(super) fn site(&self) -> Option<Span> {
        self.sites.iter().rev().find(|s| !self.sources.is_library(**s)).or(self.sites.last()).copied()
    }

    pub(super) fn push(&mut self, op: Op, origin: Option<&'p Expr>) -> NodeId {
        let site = self.site();
        self.graph.push(op, origin, site, self.program)
    }

    /// An operation that a report needs besides those of the program.
    pub fn operation(&mut self, op: Op, origin: &'p Expr) -> NodeId {
        self.push(op, Some(origin))
    }

    pub fn constant(&mut self, value: f64, origin: Option<&'p Expr>) -> Value<'p> {
        Value::Node(self.push(Op::Constant(value.to_bits()), origin))
    }

    pub(super) fn text(&mut self, text: &Arc<str>, origin: Option<&'p Expr>) -> Value<'p> {
        let (index, _) = self.texts.insert_full(text.clone());
        self.constant(index as f64, origin)
    }

    /// The text behind a column of type String.
    pub fn text_of(&self, value: f64) -> Option<Arc<str>> {
        self.texts.get_index(value as usize).cloned()
    }

    /// All texts, by their index in a column of type String.
    pub fn texts(&self) -> impl Iterator<Item = Arc<str>> {
        self.texts.iter().cloned()
    }

    /// Evaluates what `f` does as part of `site`.
    pub fn at_site<T>(&mut self, site: Span, f: impl FnOnce(&mut Self) -> T) -> T {
        self.sites.push(site);
        let result = f(self);
        self.sites.pop();
        result
    }

    /// A named value and the frame of its definition.
    pub fn global(&mut self, id: GlobalId) -> Result<(Value<'p>, Rc<Env<'p>>), Stop> {
        if let Some(known) = self.globals.get(&id) {
            return Ok(known.clone());
        }
        let program = self.program;
        let global = program.global(id);
        let env = Env::new(Owner::Global(id), global.locals.len());
        // What is declared outside a search does not depend on what it looks for.
        let searching = std::mem::take(&mut self.searching);
        let value = self.at_site(global.span, |this| this.lower(&global.value, &env));
        self.searching = searching;
        let value = value?;
        self.globals.insert(id, (value.clone(), env.clone()));
        Ok((value, env))
    }

    /// The node of an expression that is one column.
    pub fn node(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Result<NodeId, Stop> {
        let value = self.lower(e, env)?;
        Ok(self.column(value, e))
    }

    pub(super) fn column(&mut self, value: Value<'p>, e: &'p Expr) -> NodeId {
        match value {
            Value::Node(id) | Value::Poison(id) => id,
            _ => self.absent(e, None),
        }
    }

    fn absent(&mut self, e: &'p Expr, holder: Option<String>) -> NodeId {
        let site = self.site();
        self.absences.push(Absence { expr: e, holder, site });
        self.push(Op::Absent(self.absences.len() as u32 - 1), Some(e))
    }

    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Stop {
        self.problems.push(diagnostic);
        Stop
    }

    pub fn lower(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        self.steps += 1;
        if self.graph.watch.stopped() {
            return Err(Stop);
        }
        if self.steps > STEP_LIMIT || self.graph.is_full() {
            let span = self.site().unwrap_or(e.span);
            self.steps = STEP_LIMIT;
            let problem = Diagnostic::error("mls::too-many-operations", "this comes to too many operations")
                .label(span, "evaluated here")
                .help("shorten the lists and ranges, or call fewer functions from functions");
            if !std::mem::replace(&mut self.exhausted, true) {
                self.problems.push(problem);
            }
            return Err(Stop);
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.lower_kind(e, env))
    }

    fn lower_kind(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        let program = self.program;
        Ok(match &e.kind {
            ExprKind::Number(value) | ExprKind::Quantity { value, .. } => self.literal(*value, e),
            ExprKind::Text(text) => self.text(text, Some(e)),
            ExprKind::Template(parts) => {
                let text = self.template(parts, env)?;
                self.text(&text.as_str().into(), Some(e))
            }
            ExprKind::Bool(value) => self.literal(f64::from(u8::from(*value)), e),
            ExprKind::Member(index) => self.literal(f64::from(*index), e),
            ExprKind::None => Value::Absent,
            ExprKind::Local(id) => self.local(*id, env)?,
            ExprKind::Global(id) => self.global(*id)?.0,
            ExprKind::Solver(id) => Value::Solver(*id),
            ExprKind::Field { base, field } => {
                let base = self.lower(base, env)?;
                self.field(&base, *field as usize)?
            }
            ExprKind::Slot { base, slot } => match self.lower(base, env)? {
                // An input is there without the solve being run.
                Value::Solve(solve) if slot.index() < self.program.solver(solve.solver).inputs => {
                    match &solve.given[slot.index()] {
                        Some(given) => given.value.clone(),
                        None => self.default_input(&solve, slot.index())?,
                    }
                }
                Value::Solve(solve) => {
                    let results = self.results(&solve)?;
                    results.get(slot.index()).unwrap_or(Value::Absent)
                }
                other => other,
            },
            ExprKind::Index { base, index } => self.index(e, base, index, env)?,
            ExprKind::Call { function, arguments } => self.call(e, function.index(), arguments, env)?,
            ExprKind::Has(inner) => match self.lower(inner, env)? {
                Value::Absent => self.constant(0.0, Some(e)),
                Value::Maybe(present, _) => Value::Node(present),
                _ => self.constant(1.0, Some(e)),
            },
            ExprKind::Sensitivity { of, input } => self.sensitivity(e, of, input.as_deref(), env)?,
            ExprKind::Length(list) => match self.lower(list, env)? {
                Value::List(items) => self.constant(items.len() as f64, Some(e)),
                _ => self.constant(0.0, Some(e)),
            },
            ExprKind::Table { table, arguments } => {
                let x = self.node(&arguments[0], env)?;
                let y = arguments.get(1).map(|y| self.node(y, env)).transpose()?;
                self.note_clamping(table.index(), x, y);
                Value::Node(self.push(Op::Interpolate(*table, x, y), Some(e)))
            }
            ExprKind::Record { changes } => {
                let Type::Record(id) = e.ty else { return Ok(Value::Absent) };
                let empty = vec![None; program.ty(id).fields.len()];
                self.change(&Value::Record(new_record(id, empty)), changes, e, env)?
            }
            ExprKind::Override { base, changes } => {
                let base = self.lower(base, env)?;
                self.change(&base, changes, e, env)?
            }
            ExprKind::List(items) => {
                let items: Result<Vec<_>, Stop> = items.iter().map(|i| self.lower(i, env)).collect();
                Value::List(Rc::new(items?))
            }
            ExprKind::Comprehension { body, variable, list, condition } => {
                let Value::List(items) = self.lower(list, env)? else { return Ok(Value::Absent) };
                let mut result = vec![];
                for item in items.iter() {
                    env.set(variable.index(), item.clone());
                    if let Some(condition) = condition {
                        let keep = self.node(condition, env)?;
                        if self.fixed(keep, condition)? == 0.0 {
                            continue;
                        }
                    }
                    result.push(self.lower(body, env)?);
                }
                Value::List(Rc::new(result))
            }
            ExprKind::Range { low, high, step } => self.range(e, low, high, step.as_deref(), env)?,
            ExprKind::Unary { op, operand } => {
                let operand = self.node(operand, env)?;
                let op = match op {
                    ast::UnaryOp::Negate => UnaryOp::Negate,
                    ast::UnaryOp::Not => UnaryOp::Not,
                };
                Value::Node(self.push(Op::Unary(op, operand), Some(e)))
            }
            ExprKind::Binary { op: ast::BinaryOp::Else, left, right } => match self.lower(left, env)? {
                Value::Absent => self.lower(right, env)?,
                Value::Maybe(present, value) => {
                    let right = self.lower(right, env)?;
                    self.select(present, *value, right, e)?
                }
                present => present,
            },
            ExprKind::Binary { op, left, right } => self.binary(e, *op, left, right, env)?,
            ExprKind::Compare { first, rest } => self.compare(e, first, rest, env)?,
            ExprKind::Within { value, tolerance, relative, reference } => {
                let value = self.node(value, env)?;
                let tolerance = self.node(tolerance, env)?;
                let reference = self.node(reference, env)?;
                let difference = self.push(Op::Binary(BinaryOp::Subtract, value, reference), Some(e));
                let absolute = |this: &mut Self, id| {
                    let abs = crate::native::table::find("abs").unwrap_or(0) as u16;
                    this.push(Op::Unary(UnaryOp::Native(abs), id), Some(e))
                };
                let distance = absolute(self, difference);
                let allowed = if *relative {
                    let size = absolute(self, reference);
                    self.push(Op::Binary(BinaryOp::Multiply, tolerance, size), Some(e))
                } else {
                    tolerance
                };
                Value::Node(self.push(Op::Binary(BinaryOp::LessEqual, distance, allowed), Some(e)))
            }
            ExprKind::Convert { value, .. } => self.lower(value, env)?,
            ExprKind::Parenthesized(inner) => self.lower(inner, env)?,
            ExprKind::Unwrap(inner) => match self.lower(inner, env)? {
                Value::Absent => {
                    let holder = self.holder(inner, env);
                    let id = self.absent(inner, holder);
                    match e.ty {
                        Type::Record(_) | Type::Solve(_) | Type::List(_) => Value::Poison(id),
                        _ => Value::Node(id),
                    }
                }
                Value::Maybe(present, value) => {
                    let holder = self.holder(inner, env);
                    let id = self.absent(inner, holder);
                    self.select(present, *value, Value::Poison(id), e)?
                }
                present => present,
            },
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.node(condition, env)?;
                match self.graph.known(condition) {
                    None => {
                        let then = self.lower(then, env)?;
                        let otherwise = self.lower(otherwise, env)?;
                        self.select(condition, then, otherwise, e)?
                    }
                    Some(c) if c.is_nan() => Value::Poison(condition),
                    Some(0.0) => self.lower(otherwise, env)?,
                    Some(_) => self.lower(then, env)?,
                }
            }
            ExprKind::Match { subject, arms } => {
                let subject = self.node(subject, env)?;
                let Some(member) = self.graph.known(subject) else {
                    return self.match_along(e, subject, arms, env);
                };
                if member.is_nan() {
                    return Ok(Value::Poison(subject));
                }
                match arms.iter().find(|(members, _)| members.contains(&(member as u32))) {
                    Some((_, value)) => self.lower(value, env)?,
                    None => Value::Poison(subject),
                }
            }
            ExprKind::Block { lets, value } => {
                for (slot, value) in lets {
                    let lowered = self.lower(value, env)?;
                    env.define(slot.index(), lowered, Origin { expr: value, env: env.clone() });
                }
                self.lower(value, env)?
            }
            ExprKind::Iterate { count, variable, start, next } => {
                let mut value = self.lower(start, env)?;
                for _ in 0..*count {
                    env.set(variable.index(), value);
                    value = self.lower(next, env)?;
                }
                value
            }
            ExprKind::Filter { grid, condition } => match self.lower(grid, env)? {
                Value::Grid(grid) => {
                    let mut filters = grid.filters.clone();
                    filters.push(Origin { expr: condition, env: env.clone() });
                    Value::Grid(Rc::new(GridValue { sweep: grid.sweep, filters }))
                }
                other => other,
            },
            ExprKind::Sweep(id) => Value::Grid(Rc::new(GridValue { sweep: *id, filters: vec![] })),
            ExprKind::Column { grid, body } => match self.lower(grid, env)? {
                Value::Grid(grid) => Value::Column(grid, body),
                other => other,
            },
            ExprKind::Optimize { sweep, goal, body, seed } => {
                self.visits_points(e)?;
                self.optimize(e, *sweep, (*goal, body), *seed)?
            }
            ExprKind::Pick { grid, pick } => match self.lower(grid, env)? {
                Value::Grid(grid) => {
                    self.visits_points(e)?;
                    self.pick(e, &grid, pick, env)?
                }
                other => other,
            },
            ExprKind::Best { grid, goal, body } => match self.lower(grid, env)? {
                Value::Grid(grid) => {
                    self.visits_points(e)?;
                    self.best(e, &grid, *goal, body, env)?
                }
                other => other,
            },
            ExprKind::Aggregate { kind, column, argument } => {
                self.visits_points(e)?;
                self.aggregate(e, *kind, column, argument, env)?
            }
            ExprKind::Extremum { largest, variable, low, high, step, condition } => {
                self.extremum(e, *largest, *variable, (low, high, step.as_deref()), condition, env)?
            }
            ExprKind::Bad => Value::Absent,
        })
    }

    /// A `match` whose subject goes along an axis: every arm that some point may take.
    fn match_along(
        &mut self,
        e: &'p Expr,
        subject: NodeId,
        arms: &'p [(Vec<u32>, Expr)],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut result: Option<Value<'p>> = None;
        for (members, value) in arms.iter().rev() {
            let value = self.lower(value, env)?;
            let Some(rest) = result.take() else {
                result = Some(value);
                continue;
            };
            let mut hit: Option<NodeId> = None;
            for member in members {
                let member = self.push(Op::Constant(f64::from(*member).to_bits()), Some(e));
                let one = self.push(Op::Binary(BinaryOp::Equal, subject, member), Some(e));
                hit = Some(match hit {
                    Some(hit) => self.push(Op::Binary(BinaryOp::Or, hit, one), Some(e)),
                    None => one,
                });
            }
            result = Some(match hit {
                Some(hit) => self.select(hit, value, rest, e)?,
                None => rest,
            });
        }
        Ok(result.unwrap_or(Value::Absent))
    }

    /// The value of a node that must not change along an axis.
    pub(super) fn fixed(&mut self, id: NodeId, e: &'p Expr) -> Result<f64, Stop> {
        match self.graph.known(id).or_else(|| self.settled(id)) {
            Some(value) => Ok(value),
            None => Err(self.fail(
                Diagnostic::error("mls::varies", "this must be the same at every point of the sweep")
                    .label(e.span, "changes along an axis")
                    .help("lengths of lists, indexes and bounds are fixed: choose them outside the sweep"),
            )),
        }
    }

    fn local(&mut self, id: LocalId, env: &Rc<Env<'p>>) -> Lowered<'p> {
        if let Some(value) = env.get(id.index()) {
            return Ok(value);
        }
        // In a record's default, a sibling field that nobody has read yet.
        match env.owner {
            Owner::Record(ty) => self.default_field(ty, id.index(), env),
            _ => Ok(Value::Absent),
        }
    }

    fn default_field(&mut self, ty: TypeId, index: usize, env: &Rc<Env<'p>>) -> Lowered<'p> {
        let program = self.program;
        let value = match program.ty(ty).fields.get_index(index).and_then(|(_, f)| f.default.as_ref()) {
            Some(default) => self.lower(default, env)?,
            None => Value::Absent,
        };
        if let Some(default) = program.ty(ty).fields.get_index(index).and_then(|(_, f)| f.default.as_ref()) {
            env.set_origin(index, Some(Origin { expr: default, env: env.clone() }));
        }
        env.set(index, value.clone());
        Ok(value)
    }

    /// A field of a record: what was given, else its default.
    pub fn field(&mut self, base: &Value<'p>, index: usize) -> Lowered<'p> {
        match base {
            Value::Record(record) => match &record.given[index] {
                Some(slot) => Ok(slot.value.clone()),
                None => match record.env.get(index) {
                    Some(value) => Ok(value),
                    None => self.default_field(record.ty, index, &record.env),
                },
            },
            Value::Poison(id) => Ok(Value::Poison(*id)),
            _ => Ok(Value::Absent),
        }
    }

    /// The `name` of the record whose field an expression reads.
    fn holder(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<String> {
        let ExprKind::Field { base, .. } = &e.kind else { return None };
        let value = self.lower(base, env).ok()?;
        self.name_of(&value)
    }

    /// The text in a record's `name` field.
    pub fn name_of(&mut self, value: &Value<'p>) -> Option<String> {
        let Value::Record(record) = value else { return None };
        let (index, _, field) = self.program.ty(record.ty).fields.get_full("name")?;
        if *field.ty.required() != Type::String {
            return None;
        }
        match self.field(value, index).ok()? {
            Value::Node(id) => self.text_of(self.graph.value(id)).map(|t| t.to_string()),
            _ => None,
        }
    }

    fn index(&mut self, e: &'p Expr, base: &'p Expr, index: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        let Value::List(items) = self.lower(base, env)? else { return Ok(Value::Absent) };
        let at = self.node(index, env)?;
        let at = self.fixed(at, index)?;
        let whole = at >= 0.0 && at.fract() == 0.0 && at < items.len() as f64;
        if whole {
            return Ok(items[at as usize].clone());
        }
        let last = items.len().saturating_sub(1);
        Err(self.fail(
            Diagnostic::error(
                "mls::index-out-of-range",
                format!("there is no item {at} in a list of {}", items.len()),
            )
            .label(e.span, "here")
            .help(format!("items are numbered from 0 to {last}")),
        ))
    }

    fn range(
        &mut self,
        e: &'p Expr,
        low: &'p Expr,
        high: &'p Expr,
        step: Option<&'p Expr>,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let low = self.node(low, env)?;
        let high = self.node(high, env)?;
        let step = step.map(|s| self.node(s, env)).transpose()?;
        let (a, b) = (self.fixed(low, e)?, self.fixed(high, e)?);
        let by = match step {
            Some(step) => self.fixed(step, e)?,
            None => 1.0,
        };
        let count = ((b - a) / by + 1e-9).floor() + 1.0;
        // Comparing this way round also catches NaN.
        if !(by > 0.0 && count <= LIST_LIMIT as f64) {
            let message = format!("a list has at most {LIST_LIMIT} items, and its step is above zero");
            return Err(self.fail(
                Diagnostic::error("mls::list-too-long", message)
                    .label(e.span, format!("{a} to {b} by {by}"))
                    .help("take larger steps: `1..1_000_000 by 1000`"),
            ));
        }
        let items = (0..count.max(0.0) as usize).map(|i| self.constant(a + by * i as f64, Some(e))).collect();
        Ok(Value::List(Rc::new(items)))
    }

    fn binary(
        &mut self,
        e: &'p Expr,
        op: ast::BinaryOp,
        left: &'p Expr,
        right: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let a = self.node(left, env)?;
        // What the left side decides alone, the right side need not be able to answer.
        match (op, self.graph.known(a)) {
            (ast::BinaryOp::And, Some(0.0)) | (ast::BinaryOp::Or, Some(1.0)) => return Ok(Value::Node(a)),
            _ => {}
        }
        let b = self.node(right, env)?;
        let op = match op {
            ast::BinaryOp::Add => BinaryOp::Add,
            ast::BinaryOp::Subtract => BinaryOp::Subtract,
            ast::BinaryOp::Multiply => BinaryOp::Multiply,
            ast::BinaryOp::Divide => BinaryOp::Divide,
            ast::BinaryOp::Power => BinaryOp::Power,
            ast::BinaryOp::And => BinaryOp::And,
            ast::BinaryOp::Or | ast::BinaryOp::Else => BinaryOp::Or,
        };
        Ok(Value::Node(self.push(Op::Binary(op, a, b), Some(e))))
    }

    fn compare(
        &mut self,
        e: &'p Expr,
        first: &'p Expr,
        rest: &'p [(ast::CompareOp, Expr)],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut left = self.node(first, env)?;
        let mut all: Option<NodeId> = None;
        for (op, right) in rest {
            let right = self.node(right, env)?;
            let op = match op {
                ast::CompareOp::Less => Op::Binary(BinaryOp::Less, left, right),
                ast::CompareOp::LessEqual => Op::Binary(BinaryOp::LessEqual, left, right),
                ast::CompareOp::Greater => Op::Binary(BinaryOp::Less, right, left),
                ast::CompareOp::GreaterEqual => Op::Binary(BinaryOp::LessEqual, right, left),
                ast::CompareOp::Equal => Op::Binary(BinaryOp::Equal, left, right),
                ast::CompareOp::NotEqual => Op::Binary(BinaryOp::NotEqual, left, right),
            };
            let one = self.push(op, Some(e));
            all = Some(match all {
                Some(all) => self.push(Op::Binary(BinaryOp::And, all, one), Some(e)),
                None => one,
            });
            left = right;
        }
        Ok(Value::Node(all.unwrap_or(left)))
    }

    fn call(
        &mut self,
        e: &'p Expr,
        index: usize,
        arguments: &'p [Option<Expr>],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let function = &self.program.functions[index];
        match &function.body {
            Body::Native(native) => {
                let mut nodes = vec![];
                for argument in arguments.iter().flatten() {
                    match self.lower(argument, env)? {
                        Value::List(items) => {
                            for item in items.iter() {
                                nodes.push(self.column(item.clone(), argument));
                            }
                        }
                        value => nodes.push(self.column(value, argument)),
                    }
                }
                self.native(e, *native, &nodes)
            }
            Body::Expression(body) => {
                let frame = self.frame_of(index, arguments, env)?;
                self.lower(body, &frame)
            }
        }
    }

    /// The frame of a call: its arguments, and defaults for the others.
    pub(super) fn frame_of(
        &mut self,
        index: usize,
        arguments: &'p [Option<Expr>],
        env: &Rc<Env<'p>>,
    ) -> Result<Rc<Env<'p>>, Stop> {
        let function = &self.program.functions[index];
        let frame = Env::new(Owner::Function(index as u32), function.locals.len());
        for (slot, argument) in arguments.iter().enumerate() {
            if let Some(argument) = argument {
                let value = self.lower(argument, env)?;
                frame.define(slot, value, Origin { expr: argument, env: env.clone() });
            }
        }
        for (slot, default) in function.defaults.iter().enumerate() {
            if let (None, Some(default)) = (&arguments[slot], default) {
                let value = self.lower(default, &frame)?;
                frame.define(slot, value, Origin { expr: default, env: frame.clone() });
            }
        }
        Ok(frame)
    }

    fn native(&mut self, e: &'p Expr, native: usize, nodes: &[NodeId]) -> Lowered<'p> {
        let index = native as u16;
        if let Kernel::List(_, items) = NATIVES[native].kernel {
            let known: Result<Vec<f64>, Stop> = nodes.iter().map(|n| self.fixed(*n, e)).collect();
            return match items(&known?) {
                Ok(items) => {
                    Ok(Value::List(Rc::new(items.into_iter().map(|i| self.constant(i, Some(e))).collect())))
                }
                Err(reason) => {
                    let name = NATIVES[native].name;
                    let shown: Vec<String> = nodes.iter().map(|n| self.graph.value(*n).to_string()).collect();
                    Err(self.fail(
                        Diagnostic::error("mls::no-such-list", format!("`{name}` {reason}"))
                            .label(e.span, format!("{name} of {}", shown.join(", ")))
                            .help("round with `floor` or `ceil`, or leave such values out with a condition"),
                    ))
                }
            };
        }
        let op = match (NATIVES[native].kernel, nodes) {
            (Kernel::Unary(_), [a]) => Op::Unary(UnaryOp::Native(index), *a),
            (Kernel::Binary(_), [a, b]) => Op::Binary(BinaryOp::Native(index), *a, *b),
            (Kernel::Fold(fold), [first, rest @ ..]) => {
                let op = match fold {
                    Fold::Sum => BinaryOp::Add,
                    Fold::Product => BinaryOp::Multiply,
                    Fold::Min => BinaryOp::Min,
                    Fold::Max => BinaryOp::Max,
                };
                let mut result = *first;
                for next in rest {
                    result = self.push(Op::Binary(op, result, *next), Some(e));
                }
                return Ok(Value::Node(result));
            }
            (Kernel::Fold(Fold::Sum), []) => return Ok(self.constant(0.0, Some(e))),
            (Kernel::Fold(Fold::Product), []) => return Ok(self.constant(1.0, Some(e))),
            _ => {
                let name = NATIVES[native].name;
                return Err(self.fail(
                    Diagnostic::error("mls::empty-list", format!("`{name}` of nothing"))
                        .label(e.span, "the list is empty")
                        .help("give it a value to start from: `max(0 s, max(list))` needs a list that is never empty"),
                ));
            }
        };
        Ok(Value::Node(self.push(op, Some(e))))
    }

    /// `base` with changes: a record or a solve.
    fn change(
        &mut self,
        base: &Value<'p>,
        changes: &'p [Change],
        e: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut value = match base {
            Value::Solver(id) => {
                let given = vec![None; self.program.solver(*id).inputs];
                Value::Solve(Rc::new(SolveValue {
                    solver: *id,
                    given,
                    site: e,
                    results: OnceCell::new(),
                    point: None,
                }))
            }
            other => other.clone(),
        };
        // Whole fields before parts of others, whose defaults may read them.
        let mut changes: Vec<&'p Change> = changes.iter().collect();
        changes.sort_by_key(|c| c.path.len());
        for change in changes {
            let new = self.lower(&change.value, env)?;
            let slot = Slot { value: new, origin: Some(Origin { expr: &change.value, env: env.clone() }) };
            value = self.replace(&value, &change.path, slot, e)?;
        }
        self.added_change(value, e)
    }

    pub(super) fn replace(
        &mut self,
        base: &Value<'p>,
        path: &[u32],
        slot: Slot<'p>,
        e: &'p Expr,
    ) -> Lowered<'p> {
        let Some((first, rest)) = path.split_first() else { return Ok(slot.value) };
        let index = *first as usize;
        let slot = if rest.is_empty() {
            slot
        } else {
            let inner = match base {
                Value::Solve(solve) => match &solve.given[index] {
                    Some(slot) => slot.value.clone(),
                    None => self.default_input(solve, index)?,
                },
                other => self.field(other, index)?,
            };
            if matches!(inner, Value::Absent) {
                return Err(self.fail(
                    Diagnostic::error(
                        "mls::absent-value",
                        "a field of an absent record cannot be overridden",
                    )
                    .label(e.span, "the record before the last dot has no value")
                    .help("give the whole record instead"),
                ));
            }
            let origin = slot.origin.clone();
            Slot { value: self.replace(&inner, rest, slot, e)?, origin }
        };
        Ok(match base {
            Value::Maybe(..) => {
                return Err(self.fail(
                    Diagnostic::error(
                        "mls::absent-value",
                        "a field of a record that is absent at some points cannot be overridden",
                    )
                    .label(e.span, "the record before the last dot comes from an axis, and not always")
                    .help("give whole records along that axis"),
                ));
            }
            Value::Record(record) => {
                let mut given = record.given.clone();
                given[index] = Some(slot);
                Value::Record(new_record(record.ty, given))
            }
            Value::Solve(solve) => {
                let mut given = solve.given.clone();
                given[index] = Some(slot);
                Value::Solve(Rc::new(SolveValue {
                    solver: solve.solver,
                    given,
                    site: e,
                    results: OnceCell::new(),
                    point: None,
                }))
            }
            other => other.clone(),
        })
    }

    fn default_input(&mut self, solve: &Rc<SolveValue<'p>>, index: usize) -> Lowered<'p> {
        let env = Env::new(Owner::Solver(solve.solver), self.program.solver(solve.solver).locals.len());
        self.inputs(solve, &env)?;
        Ok(env.get(index).unwrap_or(Value::Absent))
    }

    /// Fills the inputs of a solve: what was given, else defaults, which may name the inputs before them.
    fn inputs(&mut self, solve: &Rc<SolveValue<'p>>, env: &Rc<Env<'p>>) -> Result<(), Stop> {
        let solver = self.program.solver(solve.solver);
        for (index, given) in solve.given.iter().enumerate() {
            match (given, &solver.defaults[index]) {
                (Some(slot), _) => {
                    env.set(index, slot.value.clone());
                    env.set_origin(index, slot.origin.clone());
                }
                (None, Some(default)) => {
                    let value = self.lower(default, env)?;
                    env.define(index, value, Origin { expr: default, env: env.clone() });
                }
                (None, None) => env.set(index, Value::Absent),
            }
        }
        Ok(())
    }

    /// The frame of a solve with all its outputs.
    pub fn results(&mut self, solve: &Rc<SolveValue<'p>>) -> Result<Rc<Env<'p>>, Stop> {
        if let Some(env) = solve.results.get() {
            return Ok(env.clone());
        }
        let program = self.program;
        let solver = program.solver(solve.solver);
        if let Some(trace) = &mut self.trace {
            trace.sites.push(ExprKey::of(solve.site));
        }
        let env = Env::new(Owner::Solver(solve.solver), solver.locals.len());
        self.at_site(solve.site.span, |this| this.run_solver(solve, &env))?;
        let _ = solve.results.set(env.clone());
        Ok(env)
    }

    fn run_solver(&mut self, solve: &Rc<SolveValue<'p>>, env: &Rc<Env<'p>>) -> Result<(), Stop> {
        self.inputs(solve, env)?;
        let program = self.program;
        let solver = program.solver(solve.solver);
        let mut failed = None;
        let mut conditions: Vec<(NodeId, u32)> = vec![];
        for statement in &solver.body {
            match statement {
                Statement::Require { condition, message, span } => {
                    let node = self.node(condition, env)?;
                    let known = self.graph.known(node);
                    if known == Some(1.0) || (known.is_none() && self.holds_everywhere(node)) {
                        continue;
                    }
                    if known.is_none() {
                        // Decided point by point: where it fails, the outputs are poisoned.
                        let index = self.failures;
                        self.failures += 1;
                        conditions.push((node, index));
                    } else {
                        failed.get_or_insert(self.failures);
                        self.failures += 1;
                        let (site, place) = (self.site(), self.place.clone());
                        self.requirements.push(Requirement {
                            place,
                            condition,
                            node,
                            message: message.as_ref(),
                            span: *span,
                            solver: solve.solver,
                            env: env.clone(),
                            site,
                        });
                    }
                }
                Statement::Note { condition, message, .. } => {
                    let node = self.node(condition, env)?;
                    if self.graph.known(node).is_none() {
                        let sweep = self.current.as_ref().map(|(sweep, _)| *sweep);
                        self.notes_along.extend(sweep.map(|sweep| NoteAlong { sweep, condition: node }));
                    } else if failed.is_none() && self.graph.value(node) == 1.0 {
                        let text = self.message(message, env)?;
                        self.add_note(text);
                    }
                }
                Statement::Define { slot, value } => {
                    let lowered = match failed {
                        // Numbers behind a failed requirement mean nothing.
                        Some(index) => Value::Poison(self.push(Op::Failed(index), None)),
                        None => self.lower(value, env)?,
                    };
                    let lowered = match solver.outputs.contains(slot) {
                        true => self.guard(lowered, &conditions, value)?,
                        false => lowered,
                    };
                    env.define(slot.index(), lowered, Origin { expr: value, env: env.clone() });
                }
            }
        }
        Ok(())
    }

    /// A value that is poisoned where one of the conditions does not hold.
    fn guard(&mut self, value: Value<'p>, conditions: &[(NodeId, u32)], e: &'p Expr) -> Lowered<'p> {
        let mut value = value;
        for (condition, index) in conditions {
            let failed = self.push(Op::Failed(*index), None);
            value = self.select(*condition, value, Value::Poison(failed), e)?;
        }
        Ok(value)
    }

    pub(super) fn add_note(&mut self, text: String) {
        // Of a point that is only looked at, nobody wants to know.
        if self.place.is_some() {
            return;
        }
        let note = (self.site(), text);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn note_clamping(&mut self, table: usize, x: NodeId, y: Option<NodeId>) {
        let table = &self.program.tables[table];
        for (axis, node) in table.axes.iter().zip([Some(x), y].into_iter().flatten()) {
            let Some(value) = self.graph.known(node) else { continue };
            let (Some(first), Some(last)) = (axis.knots.first(), axis.knots.last()) else { continue };
            let edge = if value < *first {
                *first
            } else if value > *last {
                *last
            } else {
                continue;
            };
            let Type::Quantity(dimension) = axis.ty else { continue };
            let registry = &self.program.registry;
            let (value, edge) =
                (registry.format(value, dimension, None), registry.format(edge, dimension, None));
            let text = format!(
                "table `{}` ends at {} = {edge}: the value there is used for {value}",
                table.name, axis.name
            );
            self.add_note(text);
        }
    }

    /// The text of a message, its `{}` filled in.
    pub fn message(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Result<String, Stop> {
        match &e.kind {
            ExprKind::Template(parts) => self.template(parts, env),
            _ => {
                let node = self.node(e, env)?;
                Ok(self.text_of(self.graph.value(node)).map_or(String::new(), |t| t.to_string()))
            }
        }
    }

    fn template(&mut self, parts: &'p [TemplatePart], env: &Rc<Env<'p>>) -> Result<String, Stop> {
        let mut text = String::new();
        for part in parts {
            match part {
                TemplatePart::Text(t) => text.push_str(t),
                TemplatePart::Value(e) => {
                    let value = self.lower(e, env)?;
                    text.push_str(&self.show(&value, &e.ty, self.unit_of(e, env).as_ref()));
                }
            }
        }
        Ok(text)
    }
}

pub(super) fn new_record<'p>(ty: TypeId, given: Vec<Option<Slot<'p>>>) -> Rc<RecordValue<'p>> {
    let env = Env::new(Owner::Record(ty), given.len());
    for (index, slot) in given.iter().enumerate() {
        if let Some(slot) = slot {
            env.set(index, slot.value.clone());
            env.set_origin(index, slot.origin.clone());
        }
    }
    Rc::new(RecordValue { ty, given, env })
}
