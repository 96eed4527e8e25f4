//! Declarations: imports, values, units, types, functions, tables, solvers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Span;
use crate::syntax::ast::{Expr, FieldInit, Name, TypeExpr};

/// `use std.a.b`, `use std.a.{b, c as d}`, `use std.a.*`, `use "f.mls"`, `use "f.mls".{a, b}`.
///
/// `use std.a.b` may name a module or a declaration of module `std.a`: the checker tells which.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Use {
    pub target: UseTarget,
    pub names: UseNames,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum UseTarget {
    /// `std.hardware.nvidia`
    Module(Vec<Name>),
    /// `"fleet.mls"`
    File { path: Arc<str>, span: Span },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum UseNames {
    /// Nothing after the target; `alias` from `as`.
    Plain { alias: Option<Name> },
    /// `.*`
    All,
    /// `.{a, b as c}`: name and alias.
    Group(Vec<(Name, Option<Name>)>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Let {
    pub doc: Arc<str>,
    pub name: Name,
    pub ty: Option<TypeExpr>,
    pub value: Expr,
}

/// `unit s: Time { .. }` declares a base unit, `unit min = 60 s { .. }` a derived one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitDecl {
    pub name: Name,
    pub definition: UnitDefinition,
    pub options: Vec<FieldInit>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum UnitDefinition {
    Base(TypeExpr),
    Derived(Expr),
}

/// A field of a `type`; an optional field has a type that ends in `?`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldDecl {
    pub doc: Arc<str>,
    pub name: Name,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EnumMember {
    pub doc: Arc<str>,
    pub name: Name,
}

/// A parameter of a function or an input of a solver.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParamDecl {
    pub doc: Arc<str>,
    pub name: Name,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
    /// `values: D...`, the last parameter of a native function.
    pub variadic: bool,
}

/// `fn name<D>(a: D) -> D = body`; without a body it is native.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    pub name: Name,
    pub generics: Vec<Name>,
    pub params: Vec<ParamDecl>,
    pub result: Option<TypeExpr>,
    pub body: Option<Expr>,
}

/// `table name(log x: X, y: Y) -> log T = [x1: [y1: v, ..], ..]`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    pub name: Name,
    /// One or two.
    pub axes: Vec<TableAxis>,
    pub result: Option<TypeExpr>,
    /// Interpolate the logarithm of the value.
    pub log_result: bool,
    pub rows: Vec<TableRow>,
    pub rows_span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableAxis {
    pub name: Name,
    pub ty: TypeExpr,
    /// Interpolate along the logarithm of this axis.
    pub log: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableRow {
    pub key: Expr,
    pub value: TableCell,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TableCell {
    Value(Expr),
    Row { cells: Vec<(Expr, Expr)>, span: Span },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Solver {
    pub name: Name,
    pub params: Vec<ParamDecl>,
    pub body: Vec<SolverStatement>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SolverStatement {
    /// `require CONDITION`, `require CONDITION, "message"`
    Require {
        condition: Expr,
        message: Option<Expr>,
        span: Span,
    },
    /// `note CONDITION, "message"`: shown with the result when the condition holds.
    Note {
        condition: Expr,
        message: Expr,
        span: Span,
    },
    /// `infeasible CONDITION, "message"`: where it holds, the outputs defined after it describe no machine that runs.
    Infeasible {
        condition: Expr,
        message: Expr,
        span: Span,
    },
    Let(Let),
    Out(Let),
}
