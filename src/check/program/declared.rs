//! Declarations, checked: types, functions, tables, solvers, values.

use std::sync::Arc;

use crate::NameMap;

use crate::check::program::{Expr, LocalId, Type};
use crate::source::Span;
use crate::units::registry::ResolvedUnit;

#[derive(Clone, Debug)]
pub struct RecordType {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub fields: NameMap<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub doc: Arc<str>,
    pub ty: Type,
    /// Evaluated with the record's fields as locals, after all overrides.
    pub default: Option<Expr>,
    pub span: Span,
}

impl Field {
    /// A record may be made without it.
    pub fn may_be_omitted(&self) -> bool {
        self.default.is_some() || matches!(self.ty, Type::Optional(_) | Type::Unknown)
    }
}

#[derive(Clone, Debug)]
pub struct EnumType {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub members: NameMap<Member>,
}

/// A member of an enum.
#[derive(Clone, Debug)]
pub struct Member {
    pub doc: Arc<str>,
    pub span: Span,
}

/// A parameter, input, `let` or `out`: one slot of a frame.
#[derive(Clone, Debug)]
pub struct Local {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub ty: Type,
    pub span: Span,
    /// The unit people read it in, where the definition says so.
    pub unit: Option<ResolvedUnit>,
}

#[derive(Clone, Debug)]
pub struct Function {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub generics: Vec<Arc<str>>,
    /// The first `parameters` are parameters, the others are bound inside the body.
    pub locals: Vec<Local>,
    pub parameters: usize,
    pub defaults: Vec<Option<Expr>>,
    pub variadic: bool,
    pub result: Type,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Expression(Expr),
    /// Index in [`crate::native::table::NATIVES`].
    Native(usize),
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    pub axes: Vec<TableAxis>,
    pub result: Type,
    /// Interpolate the logarithm of the values.
    pub log_result: bool,
    /// Row by row: one value for each pair of knots, in base units.
    pub values: Vec<f64>,
}

#[derive(Clone, Debug)]
pub struct TableAxis {
    pub name: Arc<str>,
    pub ty: Type,
    pub log: bool,
    /// Rising, in base units.
    pub knots: Vec<f64>,
}

/// The output that says how much a solve computes for what it moves.
pub const INTENSITY: &str = "arithmetic_intensity";

#[derive(Clone, Debug)]
pub struct Solver {
    pub name: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
    /// The first `inputs` are inputs, the others are `let`, `out` and what is bound inside expressions.
    pub locals: Vec<Local>,
    pub inputs: usize,
    pub defaults: Vec<Option<Expr>>,
    pub body: Vec<Statement>,
    /// The slots of `out` statements, in order.
    pub outputs: Vec<LocalId>,
}

impl Solver {
    /// The slot of an input or output.
    pub fn slot(&self, name: &str) -> Option<LocalId> {
        let input = self.locals[..self.inputs].iter().position(|l| &*l.name == name);
        input
            .map(|i| LocalId(i as u32))
            .or_else(|| self.outputs.iter().copied().find(|o| &*self.locals[o.index()].name == name))
    }

    /// Inputs and outputs, in order.
    pub fn slots(&self) -> impl Iterator<Item = LocalId> {
        (0..self.inputs as u32).map(LocalId).chain(self.outputs.iter().copied())
    }

    /// What places a solve on a roofline: its intensity, and the two rates whose quotient the intensity compares with.
    pub fn roof(&self) -> Option<(LocalId, LocalId, LocalId)> {
        let dimension = |slot: &LocalId| match self.locals[slot.index()].ty {
            Type::Quantity(d) if !d.is_scalar() => Some(d),
            _ => None,
        };
        let intensity = self.outputs.iter().find(|o| &*self.locals[o.index()].name == INTENSITY)?;
        let wanted = dimension(intensity)?;
        self.outputs.iter().find_map(|peak| {
            let moved = dimension(peak)?.divide(wanted).ok()?;
            let bandwidth = self.outputs.iter().find(|o| dimension(o) == Some(moved))?;
            Some((*intensity, *peak, *bandwidth))
        })
    }

    /// What a `let` or `out` slot is defined as.
    pub fn definition(&self, slot: LocalId) -> Option<&Expr> {
        self.body.iter().find_map(|s| match s {
            Statement::Define { slot: s, value } if *s == slot => Some(value),
            _ => None,
        })
    }
}

#[derive(Clone, Debug)]
pub enum Statement {
    Require {
        condition: Expr,
        message: Option<Expr>,
        span: Span,
    },
    Note {
        condition: Expr,
        message: Expr,
        span: Span,
    },
    /// Where it holds, what is defined after it describes no machine that runs.
    Infeasible {
        condition: Expr,
        message: Expr,
        span: Span,
    },
    Define {
        slot: LocalId,
        value: Expr,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalKind {
    Let,
    Param,
    Record,
    Solve,
    Sweep,
}

/// A named value of a file or scenario.
#[derive(Clone, Debug)]
pub struct Global {
    pub name: Arc<str>,
    pub kind: GlobalKind,
    pub doc: Arc<str>,
    pub ty: Type,
    pub value: Expr,
    /// Slots that blocks and comprehensions of the value bind.
    pub locals: Vec<Local>,
    pub span: Span,
    pub unit: Option<ResolvedUnit>,
    pub scenario: Option<Arc<str>>,
}
