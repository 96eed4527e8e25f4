//! What stands in the brackets of a call and the braces of a record.

use crate::source::Span;
use crate::syntax::ast::*;
use crate::syntax::error;
use crate::syntax::expression::{bad, parts};
use crate::syntax::grammar::{Node, Rule, is_keyword};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn call(&mut self, node: Node<'t>) -> ExprKind {
        let mut inner = node.into_inner();
        let Some(function) = inner.next() else { return ExprKind::Bad };
        let function = self.name(&function);
        if error::is_reserved(&function.text) {
            self.problems.push(error::reserved(&function));
            return ExprKind::Bad;
        }
        let Some(list) = inner.next() else { return ExprKind::Name(function.text) };
        let (mut arguments, mut spread): (Vec<Argument>, _) = (vec![], None);
        for argument in list.into_inner().filter(|n| n.as_rule() == Rule::argument) {
            let mut parts = argument.into_inner().filter(|n| !is_keyword(n.as_rule()));
            let Some(first) = parts.next() else { continue };
            match (first.as_rule(), parts.next()) {
                (Rule::spread, _) => spread = Some(self.span(&first)),
                (Rule::any_word, Some(value)) => {
                    arguments.push(Argument { name: Some(self.name(&first)), value: self.expr(value) })
                }
                _ => arguments.push(Argument { name: None, value: self.expr(first) }),
            }
        }
        self.report_thousands(&arguments.iter().map(|a| &a.value).collect::<Vec<_>>());
        ExprKind::Call { function, arguments, spread }
    }

    pub(in crate::syntax) fn record_body(&mut self, node: Node<'t>) -> RecordBody {
        let span = self.span(&node);
        let (mut fields, mut spread) = (vec![], None);
        for field in node.into_inner().filter(|n| n.as_rule() == Rule::field) {
            let span = self.span(&field);
            let mut inner = parts(field);
            let Some(first) = inner.next() else { continue };
            match first.as_rule() {
                Rule::spread => spread = Some(self.span(&first)),
                Rule::bad_field => {
                    self.bad_part(&first, Rule::one_field, "field");
                    // It counts as given, so that it is not also said to be missing.
                    let text = first.as_str();
                    let end =
                        text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
                    if end > 0 {
                        let span = self.span(&first);
                        let name = Span { end: span.start + end as u32, ..span };
                        let path = vec![Name { text: text[..end].into(), span: name }];
                        fields.push(FieldInit { path, value: Some(bad(span)), span });
                    }
                }
                _ => {
                    let path = first.into_inner().map(|n| self.name(&n)).collect();
                    let value = inner.next().map(|n| self.expr(n));
                    fields.push(FieldInit { path, value, span });
                }
            }
        }
        RecordBody { fields, spread, span }
    }
}
