//! The values of expressions while a program is lowered: columns, and the shapes that hold them.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::check::program::{Expr, GlobalId, SolverId, TypeId};
use crate::columns::graph::NodeId;

#[derive(Clone)]
pub enum Value<'p> {
    /// A number, boolean, enum member or text: one column.
    Node(NodeId),
    Record(Rc<RecordValue<'p>>),
    Solve(Rc<SolveValue<'p>>),
    /// A solver without its inputs.
    Solver(SolverId),
    List(Rc<Vec<Value<'p>>>),
    /// An optional without a value.
    Absent,
    /// A record that is needed but absent: poison of any shape.
    Poison(NodeId),
    /// An optional that is present at some points of a sweep only: where, and its value there.
    Maybe(NodeId, Box<Value<'p>>),
    /// The points of a sweep that meet some conditions.
    Grid(Rc<GridValue<'p>>),
    /// An expression at each point of a grid.
    Column(Rc<GridValue<'p>>, &'p Expr),
}

/// A sweep and the conditions that its points must meet, each in its frame.
pub struct GridValue<'p> {
    pub sweep: crate::check::program::SweepId,
    pub filters: Vec<Origin<'p>>,
}

/// A field or input that was given, and by what.
#[derive(Clone)]
pub struct Slot<'p> {
    pub value: Value<'p>,
    pub origin: Option<Origin<'p>>,
    /// What of the default's value was given, where it was not given whole: the default may read what is overridden
    /// later, and then is evaluated anew.
    pub parts: Vec<GivenPart<'p>>,
}

impl<'p> Slot<'p> {
    pub fn new(value: Value<'p>, origin: Option<Origin<'p>>) -> Self {
        Slot { value, origin, parts: vec![] }
    }
}

/// A field within a field or input that was given: `q` of `x { inner.q: 1 }`.
#[derive(Clone)]
pub struct GivenPart<'p> {
    /// The way to it from the field.
    pub path: Vec<u32>,
    pub slot: Slot<'p>,
    pub site: &'p Expr,
}

/// The expression that made a value, and the frame it was evaluated in.
#[derive(Clone)]
pub struct Origin<'p> {
    pub expr: &'p Expr,
    pub env: Rc<Env<'p>>,
}

/// A record: what was given. Defaults are evaluated when they are read, so that overrides come before them.
pub struct RecordValue<'p> {
    pub ty: TypeId,
    pub given: Vec<Option<Slot<'p>>>,
    /// The frame that defaults see: fields as locals, filled as they are read.
    pub env: Rc<Env<'p>>,
}

/// A solver with inputs; its outputs are computed once, when first read.
pub struct SolveValue<'p> {
    pub solver: SolverId,
    pub given: Vec<Option<Slot<'p>>>,
    /// Where the inputs were given.
    pub site: &'p Expr,
    pub results: OnceCell<Rc<Env<'p>>>,
    /// The sweep and point that it was found at.
    pub point: Option<(crate::check::program::SweepId, u64)>,
}

/// Whose locals a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An action of a file.
    Step,
    Global(GlobalId),
    Function(u32),
    Solver(SolverId),
    Record(TypeId),
}

/// A frame: the values of the locals of one evaluation of a body, and the expressions that made them.
pub struct Env<'p> {
    pub owner: Owner,
    slots: RefCell<Vec<Option<Value<'p>>>>,
    origins: RefCell<Vec<Option<Origin<'p>>>>,
    /// Of locals that have their default: the parts of it that were given.
    parts: Vec<(usize, Vec<GivenPart<'p>>)>,
}

impl<'p> Env<'p> {
    pub fn new(owner: Owner, size: usize) -> Rc<Self> {
        Self::with_parts(owner, size, vec![])
    }

    pub fn with_parts(owner: Owner, size: usize, parts: Vec<(usize, Vec<GivenPart<'p>>)>) -> Rc<Self> {
        let (slots, origins) = (RefCell::new(vec![None; size]), RefCell::new(vec![None; size]));
        Rc::new(Env { owner, slots, origins, parts })
    }

    /// A copy, in which names can be given other values.
    pub fn fork(&self) -> Rc<Self> {
        let (slots, origins) = (self.slots.clone(), self.origins.clone());
        Rc::new(Env { owner: self.owner, slots, origins, parts: self.parts.clone() })
    }

    /// The parts of a default that were given.
    pub fn parts(&self, index: usize) -> &[GivenPart<'p>] {
        self.parts.iter().find(|(i, _)| *i == index).map_or(&[], |(_, parts)| parts)
    }

    pub fn get(&self, index: usize) -> Option<Value<'p>> {
        self.slots.borrow().get(index).cloned().flatten()
    }

    pub fn set(&self, index: usize, value: Value<'p>) {
        put(&mut self.slots.borrow_mut(), index, Some(value));
    }

    /// What made the value of a local.
    pub fn origin(&self, index: usize) -> Option<Origin<'p>> {
        self.origins.borrow().get(index).cloned().flatten()
    }

    pub fn set_origin(&self, index: usize, origin: Option<Origin<'p>>) {
        put(&mut self.origins.borrow_mut(), index, origin);
    }

    /// A value and what made it.
    pub fn define(&self, index: usize, value: Value<'p>, origin: Origin<'p>) {
        self.set(index, value);
        self.set_origin(index, Some(origin));
    }
}

fn put<T: Clone>(slots: &mut Vec<Option<T>>, index: usize, value: Option<T>) {
    if index >= slots.len() {
        slots.resize(index + 1, None);
    }
    slots[index] = value;
}
