//! The syntax tree. It owns its names, keeps a span on every node, and knows nothing of meaning.
//!
//! A type here and the type of the same name in `check::program` are one thing before and after checking:
//! `ast::Sweep` holds names, `program::Sweep` what they mean.

mod declared;
mod expr;
mod operator;
mod step;
mod types;

pub use crate::syntax::ast::declared::*;
pub use crate::syntax::ast::expr::*;
pub use crate::syntax::ast::operator::*;
pub use crate::syntax::ast::step::*;
pub use crate::syntax::ast::types::*;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::source::Span;

/// A name as written, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Name {
    pub text: Arc<str>,
    pub span: Span,
}

/// One file, or one item of a library file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct File {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// The lines of `##` above it, joined with newlines; empty when there are none.
    pub doc: Arc<str>,
    pub kind: ItemKind,
    pub span: Span,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ItemKind {
    Use(Use),
    /// `param NAME: TYPE = DEFAULT`
    Param {
        name: Name,
        ty: TypeExpr,
        default: Option<Expr>,
    },
    /// `let NAME = VALUE`, `let NAME: TYPE = VALUE`
    Let(Let),
    Unit(UnitDecl),
    /// `dimension Time`, `dimension Power = Energy / Time { display: [W, kW] }`
    Dimension {
        name: Name,
        definition: Option<TypeExpr>,
        options: Vec<FieldInit>,
    },
    /// `type Name { field: Type = default }`
    Type {
        name: Name,
        fields: Vec<FieldDecl>,
    },
    /// `enum Name { a, b }`
    Enum {
        name: Name,
        members: Vec<EnumMember>,
    },
    Function(Function),
    Table(Table),
    Solver(Solver),
    /// `KIND NAME { .. }` and `KIND NAME = BASE { .. }`: `kind` is in lower case with underscores.
    Record {
        kind: Name,
        name: Name,
        base: Option<Expr>,
        fields: Option<RecordBody>,
    },
    /// `solve NAME = VALUE`
    Solve {
        name: Name,
        value: Expr,
    },
    Assert(Assert),
    /// `sweep NAME = BASE over { path: values, .. } where CONDITION`, and `optimize`, which has a goal besides.
    Sweep(Sweep),
    /// `show a, b`
    Show(Vec<Expr>),
    Plot(Plot),
    /// `scenario "name" { items }`
    Scenario {
        name: Name,
        items: Vec<Item>,
    },
    /// What could not be parsed. `name` is what it would have declared, if that could be read: uses of it raise nothing.
    Bad {
        name: Option<Name>,
    },
}
