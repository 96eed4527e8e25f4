//! Text to syntax tree, with spans, and with every mistake of a file found in one pass.
//!
//! Only [`grammar`], the modules that build the tree and [`error`] know pest; the rest of the program sees [`ast`] and
//! diagnostics.

pub mod ast;
mod declaration;
mod error;
mod expression;
mod format;
mod grammar;
mod item;
mod one_line;
mod parse;
mod split;
pub mod stored;
mod sweep;
mod type_expr;

pub use crate::syntax::error::{is_name, is_reserved, nearest_keyword};
pub use crate::syntax::format::format;
pub use crate::syntax::parse::{parse_expression, parse_file, parse_item};
pub use crate::syntax::split::{Slice, outline};
pub use crate::syntax::stored::{read_items, read_tree};
