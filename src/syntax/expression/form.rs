//! Lists, and the forms that begin with a word: `match`, `iterate`, `largest`, `import`.

use crate::diagnostic::Diagnostic;
use crate::syntax::ast::*;
use crate::syntax::expression::parts;
use crate::syntax::grammar::{Node, Rule};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn list(&mut self, node: Node<'t>) -> ExprKind {
        let mut items = vec![];
        for part in parts(node) {
            if part.as_rule() != Rule::comprehension {
                items.push(self.expr(part));
                continue;
            }
            let mut inner = parts(part);
            let (Some(variable), Some(list), Some(body)) = (inner.next(), inner.next(), items.pop()) else {
                return ExprKind::Bad;
            };
            let condition = inner.next();
            return ExprKind::Comprehension {
                body: Box::new(body),
                variable: self.name(&variable),
                list: Box::new(self.expr(list)),
                condition: condition.map(|c| Box::new(self.expr(c))),
            };
        }
        self.report_thousands(&items.iter().collect::<Vec<_>>());
        ExprKind::List(items)
    }

    pub(super) fn match_expr(&mut self, node: Node<'t>) -> ExprKind {
        let mut inner = parts(node);
        let Some(subject) = inner.next() else { return ExprKind::Bad };
        let subject = Box::new(self.postfix(subject));
        let mut arms = vec![];
        for arm in inner.filter(|n| n.as_rule() == Rule::arm) {
            let span = self.span(&arm);
            let (mut patterns, mut value) = (vec![], None);
            for part in arm.into_inner() {
                match part.as_rule() {
                    Rule::ident => patterns.push(self.name(&part)),
                    Rule::expr => value = Some(self.expr(part)),
                    _ => {}
                }
            }
            arms.extend(value.map(|value| MatchArm { patterns, value, span }));
        }
        ExprKind::Match { subject, arms }
    }

    pub(super) fn iterate(&mut self, node: Node<'t>) -> ExprKind {
        let mut inner = parts(node);
        match (inner.next(), inner.next(), inner.next(), inner.next()) {
            (Some(count), Some(variable), Some(start), Some(next)) => {
                let span = self.span(&count);
                ExprKind::Iterate {
                    count: Box::new(Expr { kind: self.quantity(count), span }),
                    variable: self.name(&variable),
                    start: Box::new(self.expr(start)),
                    next: Box::new(self.expr(next)),
                }
            }
            _ => ExprKind::Bad,
        }
    }

    pub(super) fn import(&mut self, node: Node<'t>) -> ExprKind {
        let Some(path) = node.into_inner().find(|n| n.as_rule() == Rule::string) else {
            return ExprKind::Bad;
        };
        let path = self.string(path);
        match path.kind {
            ExprKind::String(path) => ExprKind::Import { path },
            _ => {
                self.problems.push(
                    Diagnostic::error("mls::syntax", "the path of an `import` is a plain text")
                        .label(path.span, "computed here")
                        .help("write the path out; which file is read must be known before anything runs"),
                );
                ExprKind::Bad
            }
        }
    }

    pub(super) fn extremum(&mut self, node: Node<'t>) -> ExprKind {
        let span = self.span(&node);
        let largest = node.as_str().starts_with("largest");
        let mut inner = parts(node).filter(|n| !matches!(n.as_rule(), Rule::kw_largest | Rule::kw_smallest));
        let (Some(variable), Some(domain)) = (inner.next(), inner.next()) else { return ExprKind::Bad };
        let variable = self.name(&variable);
        match self.expr(domain).kind {
            ExprKind::Query { op: QueryOp::Where, grid: domain, body: condition, .. } => {
                ExprKind::Extremum { largest, variable, domain, condition }
            }
            // Told where it went wrong.
            ExprKind::Bad => ExprKind::Bad,
            _ => {
                self.problems.push(
                    Diagnostic::error("mls::syntax", "a search needs a `where`")
                        .label(span, "what must hold?")
                        .help("write `largest n in 1..64 where f(n) < limit`"),
                );
                ExprKind::Bad
            }
        }
    }
}
