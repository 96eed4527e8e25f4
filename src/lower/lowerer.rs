//! Lowering: an expression in a frame to its value, its columns as nodes of the graph.
//!
//! Because equal operations are shared, lowering an expression again costs look-ups and answers the same nodes. What
//! explains a value uses that: it walks the expression and lowers the parts it wants to name.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;

use crate::check::program::{Expr, ExprKind, GlobalId, LocalId, Program, SolverId, SweepId, Type};
use crate::columns::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lower::feasibility::Feasibility;
use crate::lower::overrides::new_record;
use crate::lower::perturb::opening::Open;
use crate::lower::perturb::probe::{Probe, Trace};
use crate::lower::value::{Env, GridValue, Origin, Owner, Value};
use crate::source::{Sources, Span};
use crate::syntax::ast;

/// Items of one list.
pub const LIST_LIMIT: usize = 100_000;
/// Expressions evaluated while lowering: functions that call functions double quickly.
const STEP_LIMIT: u64 = 50_000_000;

/// Lowering cannot go on; the reason is in [`Lowerer::problems`].
#[derive(Clone, Copy, Debug)]
pub struct Stop;

pub(crate) type Lowered<'p> = Result<Value<'p>, Stop>;

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

/// A note whose condition goes along an axis: of a sweep, or of an input that is open.
pub(crate) struct NoteAlong {
    pub sweep: Option<SweepId>,
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
    pub(crate) texts: IndexSet<Arc<str>>,
    pub(crate) globals: FxHashMap<GlobalId, (Value<'p>, Rc<Env<'p>>)>,
    pub(crate) sites: Vec<Span>,
    steps: u64,
    exhausted: bool,
    /// Requirements met so far that did not hold, or may not.
    pub(crate) failures: u32,
    pub(crate) notes_along: Vec<NoteAlong>,
    /// The sweep being lowered, and the lengths of its joined axes.
    pub(crate) current: Option<(SweepId, Vec<usize>)>,
    /// The point being looked at alone.
    pub(crate) place: Option<String>,
    /// Of values that are poisoned at a point of a sweep: which.
    pub places: FxHashMap<NodeId, String>,
    /// Frames of sweeps whose columns have been lowered.
    pub(crate) sweeps: FxHashMap<SweepId, Rc<crate::lower::grid::sweep::Points<'p>>>,
    /// The sweeps behind grids that were picked from others; numbered after those of the program.
    pub(crate) picked: Vec<SweepId>,
    /// A what-if that stands in this lowering.
    pub(crate) probe: Option<Probe>,
    /// Searches around what is being lowered whose number is an axis.
    pub(crate) searching: u8,
    /// What searches took so far; see [`Lowerer::work`].
    pub(crate) sought: u64,
    /// Solves that describe no machine that runs, and what rests on them.
    pub feasibility: Feasibility<'p>,
    /// Inputs that go along axes of their own.
    pub(crate) open: Option<Open>,
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
            feasibility: Feasibility::default(),
            open: None,
            trace: None,
        }
    }

    /// Expressions that were lowered.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// The place in a user's file that is being evaluated.
    pub(crate) fn site(&self) -> Option<Span> {
        self.sites.iter().rev().find(|s| !self.sources.is_library(**s)).or(self.sites.last()).copied()
    }

    pub(crate) fn push(&mut self, op: Op, origin: Option<&'p Expr>) -> NodeId {
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

    pub(crate) fn text(&mut self, text: &Arc<str>, origin: Option<&'p Expr>) -> Value<'p> {
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

    pub(crate) fn column(&mut self, value: Value<'p>, e: &'p Expr) -> NodeId {
        match value {
            Value::Node(id) | Value::Poison(id) => id,
            _ => self.absent(e, None),
        }
    }

    pub(crate) fn absent(&mut self, e: &'p Expr, holder: Option<String>) -> NodeId {
        let site = self.site();
        self.absences.push(Absence { expr: e, holder, site });
        self.push(Op::Absent(self.absences.len() as u32 - 1), Some(e))
    }

    pub(crate) fn fail(&mut self, diagnostic: Diagnostic) -> Stop {
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

    /// The value of a node that must not change along an axis.
    pub(crate) fn fixed(&mut self, id: NodeId, e: &'p Expr) -> Result<f64, Stop> {
        match self.graph.known(id).or_else(|| self.settled(id)) {
            Some(value) => Ok(value),
            None => Err(self.fail(
                Diagnostic::error("mls::varies", "this must be the same at every point of the sweep")
                    .label(e.span, "changes along an axis")
                    .help("lengths of lists, indexes and bounds are fixed: choose them outside the sweep"),
            )),
        }
    }

    pub(crate) fn local(&mut self, id: LocalId, env: &Rc<Env<'p>>) -> Lowered<'p> {
        if let Some(value) = env.get(id.index()) {
            return Ok(value);
        }
        // In a record's default, a sibling field that nobody has read yet.
        match env.owner {
            Owner::Record(ty) => self.default_field(ty, id.index(), env),
            _ => Ok(Value::Absent),
        }
    }
}
