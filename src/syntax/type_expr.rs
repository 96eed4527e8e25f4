//! Written types: from pest's pairs to the syntax tree.

use crate::syntax::ast::*;
use crate::syntax::grammar::{Node, Rule};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn ty(&mut self, node: Node<'t>) -> TypeExpr {
        let span = self.span(&node);
        let mut result: Option<TypeExpr> = None;
        let mut over = false;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::ty_times => over = false,
                Rule::ty_over => over = true,
                Rule::optional => {
                    result = result.map(|t| TypeExpr { kind: TypeExprKind::Optional(Box::new(t)), span });
                }
                _ => {
                    let factor = self.ty_factor(part);
                    result = Some(match result {
                        None => factor,
                        Some(left) => {
                            let joined = left.span.to(factor.span);
                            let (a, b) = (Box::new(left), Box::new(factor));
                            let kind =
                                if over { TypeExprKind::Quotient(a, b) } else { TypeExprKind::Product(a, b) };
                            TypeExpr { kind, span: joined }
                        }
                    });
                }
            }
        }
        result.unwrap_or(TypeExpr { kind: TypeExprKind::Bad, span })
    }

    pub(super) fn ty_factor(&mut self, node: Node<'t>) -> TypeExpr {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let Some(atom) = inner.next() else { return TypeExpr { kind: TypeExprKind::Bad, span } };
        let atom_span = self.span(&atom);
        let kind = match atom.as_rule() {
            Rule::ident => TypeExprKind::Name(atom.as_str().into()),
            Rule::ty_one => TypeExprKind::One,
            Rule::ty_list => match atom.into_inner().next() {
                Some(inner) => TypeExprKind::List(Box::new(self.ty(inner))),
                None => TypeExprKind::Bad,
            },
            _ => match atom.into_inner().next() {
                Some(inner) => self.ty(inner).kind,
                None => TypeExprKind::Bad,
            },
        };
        let base = TypeExpr { kind, span: atom_span };
        match inner.next() {
            None => base,
            Some(exponent) => {
                let mut parts = exponent.into_inner().map(|n| n.as_str().parse::<i32>().unwrap_or(i32::MAX));
                let (n, d) = (parts.next().unwrap_or(1), parts.next().unwrap_or(1));
                TypeExpr { kind: TypeExprKind::Power(Box::new(base), n, d), span }
            }
        }
    }
}
