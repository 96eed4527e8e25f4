//! Texts to trees: a file, an item, an expression.

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::ast::{Expr, File, Item, ItemKind};
use crate::syntax::error;
use crate::syntax::grammar::{Rule, read};
use crate::syntax::item::{Builder, parse_slice};
use crate::syntax::one_line::separated;
use crate::syntax::split::{Slice, split};

/// Parses a whole file. The tree holds all that could be read; items that could not are [`ItemKind::Bad`].
pub fn parse_file(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let mut problems = vec![];
    let slices = split(text, 0, text.len(), file, &mut problems);
    let items = slices.iter().map(|slice| parse_slice(file, text, slice, &mut problems)).collect();
    (File { items }, problems)
}

/// Parses one item, as [`crate::syntax::outline`] found it.
pub fn parse_item(file: FileId, text: &str, slice: &Slice) -> (Option<Item>, Vec<Diagnostic>) {
    let mut problems = vec![];
    let item = parse_slice(file, text, slice, &mut problems);
    (Some(item).filter(|i| !matches!(i.kind, ItemKind::Bad { .. })), problems)
}

/// Parses an expression by itself: the value of a `--set`, the subject of an `explain`.
pub fn parse_expression(file: FileId, text: &str) -> Result<Expr, Vec<Diagnostic>> {
    let mut problems = vec![];
    split(text, 0, text.len(), file, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut builder = Builder { file, offset: 0, text, problems: vec![], depth: 0 };
    let separated = separated(text);
    match read(Rule::one_expr, &separated) {
        Ok(mut pairs) => {
            let node = pairs.next().and_then(|p| p.into_inner().next());
            let expr = node.map(|n| builder.expr(n));
            match expr {
                Some(expr) if builder.problems.is_empty() => Ok(expr),
                _ => Err(builder.problems),
            }
        }
        Err(failure) => Err(vec![error::syntax(file, text, 0, "value", &failure)]),
    }
}
