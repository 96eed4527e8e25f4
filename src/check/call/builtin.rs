//! Functions with rules of their own: `max`, `has`, `members`, `len`, `count`.

use crate::check::call::generic::{generic_dimension, settle_empty};
use crate::check::error::{CallError, SweepError, TypeError};
use crate::check::program::{Entity, Expr, ExprKind, FunctionId, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::Argument;
use crate::units::dimension::GENERICS;

impl Checker<'_> {
    /// `max(a, b, c)` and `max(list)`: all of one dimension.
    pub(in crate::check) fn call_variadic(
        &mut self,
        frame: &mut Frame,
        id: FunctionId,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let function = self.program.function(id).clone();
        if arguments.is_empty() {
            let missing = vec![function.locals[0].name.clone()];
            let declared = function.span;
            self.report(CallError::MissingArguments { function: function.name, span, missing, declared });
            return Expr::bad(span);
        }
        let mut bound = [None; GENERICS];
        let mut values = vec![];
        let element = match &function.locals[0].ty {
            Type::List(element) => (**element).clone(),
            other => other.clone(),
        };
        let mut first: Option<Span> = None;
        for argument in arguments {
            if let Some(name) = &argument.name {
                self.report(CallError::NoNamedArguments { function: function.name.clone(), span: name.span });
            }
            let mut value = self.infer(frame, &argument.value, None);
            settle_empty(&mut value);
            if let Type::List(inner) = value.ty.clone() {
                // The list's items are the arguments.
                let item = Expr { kind: ExprKind::Bad, ty: *inner, span: value.span };
                let role = Role::Place("the items of this list");
                let checked = match generic_dimension(&element) {
                    Some(pattern) => self.bind_generic(frame, item, pattern, role, &mut bound),
                    None => item,
                };
                if checked.ty.is_unknown() {
                    value.ty = Type::Unknown;
                }
            } else {
                let role = match first {
                    Some(first) => Role::Declared {
                        what: format!("the first argument of `{}`", function.name),
                        span: first,
                    },
                    None => Role::Place("an argument"),
                };
                value = match generic_dimension(&element) {
                    Some(pattern) => self.bind_generic(frame, value, pattern, role, &mut bound),
                    None => self.coerce(frame, value, &Want { ty: &element, role }),
                };
            }
            first.get_or_insert(argument.value.span);
            values.push(value);
        }
        if values.iter().any(|v| v.ty.is_unknown()) {
            return Expr::bad(span);
        }
        let Some(ty) = self.result_type(&function.result, &bound, span) else { return Expr::bad(span) };
        Expr {
            kind: ExprKind::Call { function: id, arguments: values.into_iter().map(Some).collect() },
            ty,
            span,
        }
    }

    fn only_argument<'e>(
        &mut self,
        name: &str,
        arguments: &'e [Argument],
        span: Span,
    ) -> Option<&'e ast::Expr> {
        match arguments {
            [one] => Some(&one.value),
            _ => {
                self.report(CallError::ArgumentCount {
                    function: name.into(),
                    span,
                    wanted: 1,
                    found: arguments.len(),
                });
                None
            }
        }
    }

    pub(in crate::check) fn call_has(
        &mut self,
        frame: &mut Frame,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let Some(argument) = self.only_argument("has", arguments, span) else { return Expr::bad(span) };
        let value = self.infer(frame, argument, None);
        match &value.ty {
            Type::Unknown => return Expr::bad(span),
            Type::Optional(_) | Type::None => {}
            _ if self.sources.is_library(span) => {}
            _ => self.report(TypeError::NeverAbsent { span: value.span }),
        }
        Expr { kind: ExprKind::Has(Box::new(value)), ty: Type::Bool, span }
    }

    /// `members(Precision)`: all members of an enum.
    pub(in crate::check) fn call_members(
        &mut self,
        frame: &Frame,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let Some(argument) = self.only_argument("members", arguments, span) else { return Expr::bad(span) };
        let decl = match &argument.kind {
            ast::ExprKind::Name(name) => self.lookup(frame.scope, name),
            _ => None,
        };
        match decl.map(|decl| self.demand(decl, argument.span)) {
            Some(Entity::Enum(id)) => {
                let ty = Type::Enum(id);
                let member = |m| Expr { kind: ExprKind::Member(m), ty: ty.clone(), span };
                let items = (0..self.program.enumeration(id).members.len() as u32).map(member).collect();
                Expr { kind: ExprKind::List(items), ty: Type::List(Box::new(ty)), span }
            }
            Some(Entity::Unknown) => Expr::bad(span),
            _ => {
                let found = self.sources.text(argument.span).into();
                self.report(SweepError::NotAnEnumType { span: argument.span, found });
                Expr::bad(span)
            }
        }
    }

    pub(in crate::check) fn call_length(
        &mut self,
        frame: &mut Frame,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let Some(argument) = self.only_argument("len", arguments, span) else { return Expr::bad(span) };
        let value = self.infer(frame, argument, None);
        match &value.ty {
            Type::Unknown => Expr::bad(span),
            Type::List(_) => Expr { kind: ExprKind::Length(Box::new(value)), ty: Type::SCALAR, span },
            other => {
                let found = self.program.describe(other);
                self.report(TypeError::NotAList { span: value.span, found });
                Expr::bad(span)
            }
        }
    }

    /// `count(x)`: the number without the counting dimensions Token, Request and Param.
    pub(in crate::check) fn call_count(
        &mut self,
        frame: &mut Frame,
        id: FunctionId,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let Some(argument) = self.only_argument("count", arguments, span) else { return Expr::bad(span) };
        let value = self.infer(frame, argument, None);
        let Some((value, mut dimension)) = self.quantity(value, "`count`") else { return Expr::bad(span) };
        for name in ["Token", "Request", "Param"] {
            let Some(counted) = self.program.registry.dimension(name) else { continue };
            let slot = counted.factors().next().map(|(slot, ..)| slot);
            let exponent = dimension.factors().find(|(s, ..)| Some(*s) == slot);
            if let Some((_, n, d)) = exponent {
                match counted.power(n, d).and_then(|p| dimension.divide(p)) {
                    Ok(rest) => dimension = rest,
                    Err(_) => return Expr::bad(span),
                }
            }
        }
        let kind = ExprKind::Call { function: id, arguments: vec![Some(value)] };
        Expr { kind, ty: Type::Quantity(dimension), span }
    }
}
