//! Literals get their values: quantities, units, texts.

use crate::diagnostic::Diagnostic;
use crate::syntax::ast::*;
use crate::syntax::grammar::{Node, Rule};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn quantity(&mut self, node: Node<'t>) -> ExprKind {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let mut value = inner.next().map_or(0.0, |n| number(n.as_str()));
        let mut unit = None;
        for part in inner {
            match part.as_rule() {
                Rule::scale => value *= scale(part.as_str()),
                _ => unit = Some(self.unit_expr(part)),
            }
        }
        if !value.is_finite() {
            self.problems.push(
                Diagnostic::error("mls::number-too-large", "this number is too large")
                    .label(span, "beyond 1.8e308")
                    .help("check the exponent"),
            );
            return ExprKind::Bad;
        }
        match unit {
            Some(unit) => ExprKind::Quantity { value, unit },
            None => ExprKind::Number(value),
        }
    }

    pub(super) fn unit_expr(&mut self, node: Node<'t>) -> UnitExpr {
        let span = self.span(&node);
        let mut factors = vec![];
        let mut sign = 1;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::unit_times => sign = 1,
                Rule::unit_over => sign = -1,
                _ => {
                    let mut inner = part.into_inner();
                    let Some(name) = inner.next().map(|n| self.name(&n)) else { continue };
                    let power = inner.next().map_or(1, |n| n.as_str().parse().unwrap_or(1000));
                    factors.push(UnitFactor { name, exponent: sign * power });
                }
            }
        }
        UnitExpr { factors, span }
    }

    pub(in crate::syntax) fn string(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        let mut text = String::new();
        let mut parts = vec![];
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::escape => text.push(match &part.as_str()[1..] {
                    "n" => '\n',
                    "t" => '\t',
                    other => other.chars().next().unwrap_or('\\'),
                }),
                Rule::string_open => text.push('{'),
                Rule::string_close => text.push('}'),
                Rule::interpolation => {
                    if !text.is_empty() {
                        parts.push(TemplatePart::Text(std::mem::take(&mut text).into()));
                    }
                    if let Some(inner) = part.into_inner().next() {
                        parts.push(TemplatePart::Value(self.expr(inner)));
                    }
                }
                _ => text.push_str(part.as_str()),
            }
        }
        if parts.is_empty() {
            return Expr { kind: ExprKind::String(text.into()), span };
        }
        if !text.is_empty() {
            parts.push(TemplatePart::Text(text.into()));
        }
        Expr { kind: ExprKind::Template(parts), span }
    }
}

fn number(text: &str) -> f64 {
    text.replace('_', "").parse().unwrap_or(f64::INFINITY)
}

fn scale(word: &str) -> f64 {
    match word {
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        _ => 1e12,
    }
}
