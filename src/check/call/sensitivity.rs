//! `sensitivity`: of and to numbers that can be evaluated again by themselves.

use crate::check::error::CallError;
use crate::check::program::{Entity, Expr, ExprKind, Type};
use crate::check::{Checker, Frame};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::Argument;

impl Checker<'_> {
    /// `sensitivity(x)`: a list of `Elasticity`; `sensitivity(x, input)`: one number.
    pub(in crate::check) fn call_sensitivity(
        &mut self,
        frame: &mut Frame,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let (of, input) = match arguments {
            [of] => (of, None),
            [of, input] => (of, Some(input)),
            _ => {
                let (function, found) = ("sensitivity".into(), arguments.len());
                self.report(CallError::ArgumentCount { function, span, wanted: 1, found });
                return Expr::bad(span);
            }
        };
        let of = self.moved(frame, &of.value, false);
        // A field that may be absent is an input where it is given.
        let input = input.map(|input| self.moved(frame, &input.value, true));
        let ty = match (&input, self.lookup(frame.scope, "Elasticity")) {
            (Some(_), _) => Type::SCALAR,
            (None, Some(decl)) => match self.demand(decl, span) {
                Entity::Type(id) => Type::List(Box::new(Type::Record(id))),
                _ => return Expr::bad(span),
            },
            (None, None) => return Expr::bad(span),
        };
        match (of, input) {
            (None, _) | (_, Some(None)) => Expr::bad(span),
            (Some(of), input) => {
                let input = input.flatten().map(Box::new);
                Expr { kind: ExprKind::Sensitivity { of: Box::new(of), input }, ty, span }
            }
        }
    }

    /// A number that can be evaluated again by itself: of declared values, not of what a body or a point binds.
    fn moved(&mut self, frame: &mut Frame, argument: &ast::Expr, optional: bool) -> Option<Expr> {
        let value = self.infer(frame, argument, None);
        if value.ty.is_unknown() {
            return None;
        }
        let ty = if optional { value.ty.required() } else { &value.ty };
        let problem = match ty {
            Type::Quantity(_) if !reads_locals(&value) => return Some(value),
            Type::Quantity(_) => Diagnostic::error("mls::not-declared", "this is not a value of the file")
                .label(value.span, "bound here and now, or differs from point to point")
                .help("`sensitivity` is of declared values: params, fields, outputs of solves"),
            _ => {
                let found = self.program.describe(&value.ty);
                Diagnostic::error(
                    "mls::not-a-number",
                    format!("`sensitivity` is of numbers, this is {found}"),
                )
                .label(value.span, "not a number")
                .help("ask for a quantity: `sensitivity(one.latency)`")
            }
        };
        self.problems.push(problem);
        None
    }
}

fn reads_locals(e: &Expr) -> bool {
    let mut found = matches!(e.kind, ExprKind::Local(_));
    e.for_each_child(&mut |child| found = found || reads_locals(child));
    found
}
