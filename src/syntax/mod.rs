//! Text to syntax tree, with spans, and with every mistake of a file found in one pass.
//!
//! Only [`parse`] and the modules that build the tree, and [`error`], know pest; the rest of the program sees [`ast`] and diagnostics.

pub mod ast;
mod declaration;
mod error;
mod expression;
mod format;
mod parse;
mod split;
pub mod stored;
mod sweep;
mod type_expr;

pub use error::{is_name, is_reserved, nearest_keyword};
pub use format::format;
pub use parse::{parse_expression, parse_file, parse_item};
pub use split::{Slice, outline};
pub use stored::{read_items, read_tree};
