//! Atoms, and what follows one without a blank.

use crate::syntax::ast::*;
use crate::syntax::error;
use crate::syntax::expression::{bad, parts};
use crate::syntax::grammar::{Node, Rule, is_keyword};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    /// An atom and what follows it without a blank.
    pub(super) fn postfix(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        match node.as_rule() {
            Rule::postfix | Rule::subject => {}
            _ => return self.atom(node),
        }
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else { return bad(span) };
        let mut value = self.atom(first);
        for suffix in inner {
            let span = value.span.to(self.span(&suffix));
            let base = Box::new(value);
            let rule = suffix.as_rule();
            let part = suffix.into_inner().find(|n| !is_keyword(n.as_rule()));
            let kind = match (rule, part) {
                (Rule::field_access, Some(name)) => ExprKind::Field { base, field: self.name(&name) },
                (Rule::index, Some(index)) => ExprKind::Index { base, index: Box::new(self.expr(index)) },
                (Rule::record_suffix, Some(body)) => {
                    ExprKind::Record { base: Some(base), body: self.record_body(body) }
                }
                _ => ExprKind::Bad,
            };
            value = Expr { kind, span };
        }
        value
    }

    pub(super) fn atom(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        let rule = node.as_rule();
        let kind = match rule {
            Rule::atom => match node.into_inner().next() {
                Some(inner) => return self.atom(inner),
                None => ExprKind::Bad,
            },
            Rule::quantity => self.quantity(node),
            Rule::string => return self.string(node),
            Rule::boolean => ExprKind::Bool(node.as_str() == "true"),
            Rule::none => ExprKind::None,
            Rule::parenthesized => match parts(node).next() {
                Some(inner) => ExprKind::Parenthesized(Box::new(self.expr(inner))),
                None => ExprKind::Bad,
            },
            Rule::call => self.call(node),
            Rule::list => self.list(node),
            Rule::if_expr => {
                let mut inner = node.into_inner().filter(|n| n.as_rule() == Rule::expr);
                match (inner.next(), inner.next(), inner.next()) {
                    (Some(c), Some(t), Some(e)) => ExprKind::If {
                        condition: Box::new(self.expr(c)),
                        then: Box::new(self.expr(t)),
                        otherwise: Box::new(self.expr(e)),
                    },
                    _ => ExprKind::Bad,
                }
            }
            Rule::match_expr => self.match_expr(node),
            Rule::iterate_expr => self.iterate(node),
            Rule::extremum => self.extremum(node),
            Rule::import_expr => self.import(node),
            Rule::block => {
                let mut lets = vec![];
                let mut value = None;
                for part in parts(node) {
                    if part.as_rule() == Rule::let_item {
                        let span = self.span(&part);
                        let inner = part.into_inner().filter(|n| !is_keyword(n.as_rule()));
                        lets.extend(self.let_item(inner, span));
                    } else {
                        value = Some(self.expr(part));
                    }
                }
                match value {
                    Some(value) => ExprKind::Block { lets, value: Box::new(value) },
                    None => ExprKind::Bad,
                }
            }
            Rule::record if opens_block(node.as_str()) => {
                self.problems.push(error::block_in_one(span));
                ExprKind::Bad
            }
            Rule::record => match parts(node).next() {
                Some(body) => ExprKind::Record { base: None, body: self.record_body(body) },
                None => ExprKind::Bad,
            },
            _ => ExprKind::Bad,
        };
        Expr { kind, span }
    }
}

/// `{ let a ..`: the braces of a block.
fn opens_block(text: &str) -> bool {
    let inner = text.trim_start_matches('{').trim_start();
    inner.strip_prefix("let").is_some_and(|rest| rest.starts_with(char::is_whitespace))
}
