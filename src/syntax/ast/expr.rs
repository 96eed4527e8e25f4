//! Expressions, and units as written.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Span;
use crate::syntax::ast::{BinaryOp, CompareOp, Let, Name, QueryOp, UnaryOp};

/// A unit as written after a number or `to`: `TB/s`, `m/s^2`, `/s`, `%`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitExpr {
    pub factors: Vec<UnitFactor>,
    pub span: Span,
}

/// One factor: the name as written, and its exponent (negative after `/`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitFactor {
    pub name: Name,
    pub exponent: i32,
}

/// `name: value`, `a.b: value`, or `name` alone for the name in scope (then `value` is `None`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldInit {
    /// One name or more; never empty.
    pub path: Vec<Name>,
    pub value: Option<Expr>,
    pub span: Span,
}

/// What stands in the braces of a record, an override or a solver call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordBody {
    pub fields: Vec<FieldInit>,
    /// `...`: every input that is not given and whose name is in scope.
    pub spread: Option<Span>,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argument {
    pub name: Option<Name>,
    pub value: Expr,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ExprKind {
    /// A number with its scale word applied: `42`, `1_000`, `1e12`, `70 billion`.
    Number(f64),
    /// A number and a unit.
    Quantity {
        value: f64,
        unit: UnitExpr,
    },
    String(Arc<str>),
    /// `"peak of {hardware.name}"`: text and expressions in turn.
    Template(Vec<TemplatePart>),
    Bool(bool),
    /// `none`: an optional that is absent.
    None,
    Name(Arc<str>),
    Field {
        base: Box<Expr>,
        field: Name,
    },
    /// `list[0]`
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
    },
    /// `f(a, b: c)`; `spread` is `...`.
    Call {
        function: Name,
        arguments: Vec<Argument>,
        spread: Option<Span>,
    },
    /// `BASE { .. }`, or `{ .. }` where the type is known.
    Record {
        base: Option<Box<Expr>>,
        body: RecordBody,
    },
    List(Vec<Expr>),
    /// `[BODY for NAME in LIST if CONDITION]`
    Comprehension {
        body: Box<Expr>,
        variable: Name,
        list: Box<Expr>,
        condition: Option<Box<Expr>>,
    },
    /// `LOW..HIGH`, both included, optionally `by STEP`.
    Range {
        low: Box<Expr>,
        high: Box<Expr>,
        step: Option<Box<Expr>>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `a < b <= c`: the first operand, then each operator and operand.
    Compare {
        first: Box<Expr>,
        rest: Vec<(CompareOp, Span, Expr)>,
    },
    /// `VALUE within TOLERANCE of REFERENCE`
    Within {
        value: Box<Expr>,
        tolerance: Box<Expr>,
        reference: Box<Expr>,
    },
    /// `VALUE to UNIT`
    Convert {
        value: Box<Expr>,
        unit: UnitExpr,
    },
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Match {
        subject: Box<Expr>,
        arms: Vec<MatchArm>,
    },
    /// `{ let a = 1  a + 1 }`
    Block {
        lets: Vec<Let>,
        value: Box<Expr>,
    },
    /// `iterate COUNT from NAME = START: NEXT`
    Iterate {
        count: Box<Expr>,
        variable: Name,
        start: Box<Expr>,
        next: Box<Expr>,
    },
    /// `GRID where C`, `GRID minimize E`, `GRID maximize E`
    Query {
        op: QueryOp,
        grid: Box<Expr>,
        body: Box<Expr>,
    },
    /// `import "llama/config.json"`
    Import {
        path: Arc<str>,
    },
    /// `GRID top 5 by E`, `GRID sort by E`, `GRID pareto(maximize A, minimize B)`
    Pick {
        grid: Box<Expr>,
        pick: Pick,
    },
    /// `largest NAME in RANGE where CONDITION`
    Extremum {
        largest: bool,
        variable: Name,
        domain: Box<Expr>,
        condition: Box<Expr>,
    },
    /// `(a + b)`, kept so that a formatter and a derivation show what was written.
    Parenthesized(Box<Expr>),
    /// What could not be parsed: of unknown type, and silent.
    Bad,
}

/// Which points of a grid, and in which order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Pick {
    /// The greatest; with `least` the least.
    Top { count: Box<Expr>, least: bool, by: Box<Expr> },
    /// All, rising.
    Sort { by: Box<Expr> },
    /// Those that no other point beats at every goal; true for what is maximized.
    Pareto(Vec<(bool, Expr)>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TemplatePart {
    Text(Arc<str>),
    Value(Expr),
}

/// `a | b: value`; no patterns is `else: value`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MatchArm {
    pub patterns: Vec<Name>,
    pub value: Expr,
    pub span: Span,
}
