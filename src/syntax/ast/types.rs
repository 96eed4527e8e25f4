//! Types as written.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Span;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypeExpr {
    pub kind: TypeExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum TypeExprKind {
    /// A dimension, record type, enum, generic, or `Scalar`, `Bool`, `String`.
    Name(Arc<str>),
    /// The `1` of `1 / Time`.
    One,
    Product(Box<TypeExpr>, Box<TypeExpr>),
    Quotient(Box<TypeExpr>, Box<TypeExpr>),
    /// Exponent as numerator and denominator: `D^2`, `D^(1/2)`.
    Power(Box<TypeExpr>, i32, i32),
    Optional(Box<TypeExpr>),
    List(Box<TypeExpr>),
    /// What could not be parsed.
    Bad,
}
