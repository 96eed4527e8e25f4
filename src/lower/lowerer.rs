//! Lowering: an expression in a frame to its value, its columns as nodes of the graph.
//!
//! Because equal operations are shared, lowering an expression again costs look-ups and answers the same nodes. What
//! explains a value uses that: it walks the expression and lowers the parts it wants to name.

use std::rc::Rc;
use std::sync::Arc;

use crate::check::program::{Expr, GlobalId, LocalId, Program};
use crate::columns::graph::{Graph, NodeId, Op};
use crate::diagnostic::Diagnostic;
use crate::lower::feasibility::Feasibility;
use crate::lower::perturb::probe::Trace;
use crate::lower::state::{Absence, Budget, Caches, Findings, Mode};
use crate::lower::value::{Env, Owner, Value};
use crate::source::{Sources, Span};

/// Items of one list.
pub const LIST_LIMIT: usize = 100_000;
/// Expressions evaluated while lowering: functions that call functions double quickly.
const STEP_LIMIT: u64 = 50_000_000;

/// Lowering cannot go on; the reason is in [`Findings::problems`].
#[derive(Clone, Copy, Debug)]
pub struct Stop;

pub(super) type Lowered<'p> = Result<Value<'p>, Stop>;

pub struct Lowerer<'p> {
    pub program: &'p Program,
    pub sources: &'p Sources,
    pub graph: Graph<'p>,
    pub findings: Findings<'p>,
    /// Solves that describe no machine that runs, and what rests on them.
    pub feasibility: Feasibility<'p>,
    pub(super) mode: Mode,
    pub(super) caches: Caches<'p>,
    pub(super) budget: Budget,
    /// The literals and solve sites that are visited, where they are recorded.
    pub trace: Option<Trace>,
}

impl<'p> Lowerer<'p> {
    pub fn new(program: &'p Program, sources: &'p Sources) -> Self {
        Lowerer {
            program,
            sources,
            graph: Graph::default(),
            findings: Findings::default(),
            feasibility: Feasibility::default(),
            mode: Mode::default(),
            caches: Caches::default(),
            budget: Budget::default(),
            trace: None,
        }
    }

    /// The place in a user's file that is being evaluated.
    pub(super) fn site(&self) -> Option<Span> {
        self.mode
            .sites
            .iter()
            .rev()
            .find(|s| !self.sources.is_library(**s))
            .or(self.mode.sites.last())
            .copied()
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
        let (index, _) = self.caches.texts.insert_full(text.clone());
        self.constant(index as f64, origin)
    }

    /// The text behind a column of type String.
    pub fn text_of(&self, value: f64) -> Option<Arc<str>> {
        self.caches.texts.get_index(value as usize).cloned()
    }

    /// All texts, by their index in a column of type String.
    pub fn texts(&self) -> impl Iterator<Item = Arc<str>> {
        self.caches.texts.iter().cloned()
    }

    /// Evaluates what `f` does as part of `site`.
    pub fn at_site<T>(&mut self, site: Span, f: impl FnOnce(&mut Self) -> T) -> T {
        self.mode.sites.push(site);
        let result = f(self);
        self.mode.sites.pop();
        result
    }

    /// A named value and the frame of its definition.
    pub fn global(&mut self, id: GlobalId) -> Result<(Value<'p>, Rc<Env<'p>>), Stop> {
        if let Some(known) = self.caches.globals.get(&id) {
            return Ok(known.clone());
        }
        let program = self.program;
        let global = program.global(id);
        let env = Env::new(Owner::Global(id), global.locals.len());
        // What is declared outside a search does not depend on what it looks for.
        let searching = std::mem::take(&mut self.mode.searching);
        let value = self.at_site(global.span, |this| this.lower(&global.value, &env));
        self.mode.searching = searching;
        let value = value?;
        self.caches.globals.insert(id, (value.clone(), env.clone()));
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

    pub(super) fn absent(&mut self, e: &'p Expr, holder: Option<String>) -> NodeId {
        let site = self.site();
        self.findings.absences.push(Absence { expr: e, holder, site });
        self.push(Op::Absent(self.findings.absences.len() as u32 - 1), Some(e))
    }

    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Stop {
        self.findings.problems.push(diagnostic);
        Stop
    }

    pub fn lower(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        self.budget.steps += 1;
        if self.graph.watch.stopped() {
            return Err(Stop);
        }
        if self.budget.steps > STEP_LIMIT || self.graph.is_full() {
            let span = self.site().unwrap_or(e.span);
            self.budget.steps = STEP_LIMIT;
            let problem = Diagnostic::error("mls::too-many-operations", "this comes to too many operations")
                .label(span, "evaluated here")
                .help("shorten the lists and ranges, or call fewer functions from functions");
            if !std::mem::replace(&mut self.budget.exhausted, true) {
                self.findings.problems.push(problem);
            }
            return Err(Stop);
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.lower_kind(e, env))
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

    pub(super) fn local(&mut self, id: LocalId, env: &Rc<Env<'p>>) -> Lowered<'p> {
        if let Some(value) = env.get(id.index()) {
            return Ok(value);
        }
        // In a record's default, a sibling field that has not been read yet.
        match env.owner {
            Owner::Record(ty) => self.default_field(ty, id.index(), env),
            _ => Ok(Value::Absent),
        }
    }
}
