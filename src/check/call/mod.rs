//! Calls: arguments by position and name, defaults.

mod builtin;
mod generic;
mod sensitivity;

use std::sync::Arc;

use crate::check::error::{CallError, NameError};
use crate::check::hints::missing_names::{Lookup, Wanted};
use crate::check::program::{Body, Entity, Expr, ExprKind, FunctionId, TableId};
use crate::check::{Checker, Frame, Role, Want};
use crate::native::table::{NATIVES, Special};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast;
use crate::syntax::ast::{Argument, Name};
use crate::units::dimension::GENERICS;

impl Checker<'_> {
    pub(super) fn infer_call(
        &mut self,
        frame: &mut Frame,
        function: &Name,
        arguments: &[Argument],
        spread: Option<Span>,
        span: Span,
    ) -> Expr {
        if let [Argument { name: None, value }, rest @ ..] = arguments
            && let Some(aggregate) = self.infer_aggregate(frame, function, value, rest, span)
        {
            return aggregate;
        }
        let entity = match self.lookup(frame.scope, &function.text) {
            Some(decl) => self.demand(decl, function.span),
            None if &*function.text == "members" => return self.call_members(frame, arguments, span),
            None if &*function.text == "sensitivity" => return self.call_sensitivity(frame, arguments, span),
            None if self.is_incomplete(frame.scope) => Entity::Unknown,
            None => {
                let names = self.visible_names(frame.scope);
                let callable = names.into_iter().filter(|n| !n.starts_with(char::is_uppercase)).collect();
                let (name, span) = (function.text.clone(), function.span);
                let mistake = NameError::UnknownFunction { name, span, names: callable };
                let lookup = Lookup {
                    scope: Some(frame.scope),
                    name: &function.text,
                    span,
                    wanted: Wanted::Function,
                    hint: None,
                };
                self.report_missing(None, lookup, mistake);
                Entity::Unknown
            }
        };
        match entity {
            Entity::Function(id) => self.call_function(frame, id, function, arguments, spread, span),
            Entity::Table(id) => self.call_table(frame, id, arguments, span),
            Entity::Unknown => {
                for argument in arguments {
                    self.infer(frame, &argument.value, None);
                }
                Expr::bad(span)
            }
            other => {
                self.report(NameError::NotAFunction {
                    name: function.text.clone(),
                    span: function.span,
                    entity: other,
                });
                Expr::bad(span)
            }
        }
    }

    fn call_function(
        &mut self,
        frame: &mut Frame,
        id: FunctionId,
        name: &Name,
        arguments: &[Argument],
        spread: Option<Span>,
        span: Span,
    ) -> Expr {
        let function = self.program.function(id).clone();
        if let Body::Native(index) = function.body {
            match NATIVES[index].special {
                Some(Special::Has) => return self.call_has(frame, arguments, span),
                Some(Special::Length) => return self.call_length(frame, arguments, span),
                Some(Special::Count) => return self.call_count(frame, id, arguments, span),
                None => {}
            }
        }
        if function.variadic {
            return self.call_variadic(frame, id, arguments, span);
        }
        let parameters = function.parameters;
        let mut given: Vec<Option<&ast::Expr>> = vec![None; parameters];
        let mut ok = true;
        for (position, argument) in arguments.iter().enumerate() {
            let slot = match &argument.name {
                None => Some(position),
                Some(n) => function.locals[..parameters].iter().position(|l| l.name == n.text),
            };
            match slot {
                Some(slot) if slot < parameters && given[slot].is_none() => {
                    if let Some(name) = &argument.name {
                        self.note_key(name.span, function.locals[slot].span);
                    }
                    given[slot] = Some(&argument.value)
                }
                Some(slot) if slot < parameters => {
                    let parameter = function.locals[slot].name.clone();
                    self.report(CallError::ArgumentTwice { name: parameter, span: argument.value.span });
                    ok = false;
                }
                _ => {
                    let parameters: Vec<Arc<str>> =
                        function.locals[..parameters].iter().map(|l| l.name.clone()).collect();
                    let near = argument.name.as_ref().and_then(|n| {
                        suggest::nearest(&n.text, parameters.iter().map(|p| &**p)).map(str::to_string)
                    });
                    self.report(CallError::NoSuchParameter {
                        function: function.name.clone(),
                        argument: argument.name.as_ref().map(|n| n.text.clone()),
                        span: argument.name.as_ref().map_or(argument.value.span, |n| n.span),
                        parameters,
                        near,
                        declared: function.span,
                    });
                    ok = false;
                }
            }
        }
        let implied: Vec<Option<ast::Expr>> = (0..parameters)
            .map(|slot| {
                let name = &function.locals[slot].name;
                let here = spread.filter(|_| given[slot].is_none() && self.in_sight(frame, name))?;
                Some(ast::Expr { kind: ast::ExprKind::Name(name.clone()), span: here })
            })
            .collect();
        let missing: Vec<Arc<str>> = (0..parameters)
            .filter(|s| given[*s].is_none() && implied[*s].is_none() && function.defaults[*s].is_none())
            .map(|s| function.locals[s].name.clone())
            .collect();
        if !missing.is_empty() && ok {
            self.report(CallError::MissingArguments {
                function: name.text.clone(),
                span,
                missing,
                declared: function.span,
            });
            ok = false;
        }
        let mut bound = [None; GENERICS];
        let mut checked = vec![];
        for slot in 0..parameters {
            let Some(argument) = given[slot].or(implied[slot].as_ref()) else {
                checked.push(None);
                continue;
            };
            let local = &function.locals[slot];
            let what = format!("parameter `{}` of `{}`", local.name, function.name);
            let value = self.argument(frame, argument, &local.ty, what, local.span, &mut bound);
            ok &= !value.ty.is_unknown();
            checked.push(Some(value));
        }
        let Some(ty) = self.result_type(&function.result, &bound, span).filter(|_| ok) else {
            return Expr::bad(span);
        };
        Expr { kind: ExprKind::Call { function: id, arguments: checked }, ty, span }
    }

    pub(super) fn call_table(
        &mut self,
        frame: &mut Frame,
        id: TableId,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let table = self.program.table(id).clone();
        if arguments.len() != table.axes.len() {
            self.report(CallError::ArgumentCount {
                function: table.name.clone(),
                span,
                wanted: table.axes.len(),
                found: arguments.len(),
            });
            return Expr::bad(span);
        }
        let mut checked = vec![];
        for (argument, axis) in arguments.iter().zip(&table.axes) {
            let what = format!("axis `{}` of table `{}`", axis.name, table.name);
            let role = Role::Declared { what, span: table.span };
            checked.push(self.check_want(frame, &argument.value, &Want { ty: &axis.ty, role }));
        }
        if checked.iter().any(|c| c.ty.is_unknown()) {
            return Expr::bad(span);
        }
        Expr { kind: ExprKind::Table { table: id, arguments: checked }, ty: table.result.clone(), span }
    }

    /// `name` means a value here.
    pub(super) fn in_sight(&mut self, frame: &Frame, name: &str) -> bool {
        frame.local(name).is_some()
            || self.point_name(frame, name, Span::new(crate::source::FileId(0), 0, 0)).is_some()
            || self.lookup(frame.scope, name).is_some()
    }
}
