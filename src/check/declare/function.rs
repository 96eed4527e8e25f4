//! `fn` and `solver`: parameters, bodies, results.

use crate::check::error::DeclarationError;
use crate::check::names::ScopeId;
use crate::check::program::{
    Body, Entity, Expr, Function, FunctionId, Local, Solver, SolverId, Statement, Type,
};
use crate::check::{Checker, Frame, Role, Want};
use crate::native::table as native;
use crate::syntax::ast;
use crate::syntax::ast::{Item, Name, ParamDecl, SolverStatement};
use crate::units::dimension::GENERICS;

impl Checker<'_> {
    /// Parameters of a function or inputs of a solver, bound in the frame, with their defaults.
    fn check_parameters(
        &mut self,
        frame: &mut Frame,
        owner: &str,
        params: &[ParamDecl],
    ) -> Vec<Option<Expr>> {
        let mut defaults = vec![];
        for param in params {
            if let Some(first) = frame.local(&param.name.text) {
                let first = frame.locals[first.index()].span;
                let name = param.name.text.clone();
                self.report(DeclarationError::DuplicateName { name, span: param.name.span, first });
            }
            let generics = frame.generics.clone();
            let mut ty = self.resolve_type(frame.scope, &generics, &param.ty);
            let default = param.default.as_ref().map(|default| {
                let what = format!("parameter `{}` of `{owner}`", param.name.text);
                let role = Role::Declared { what, span: param.ty.span };
                let default = self.check_want(frame, default, &Want { ty: &ty, role });
                if !default.ty.is_unknown() {
                    self.mark_agreed(param.name.span);
                }
                default
            });
            if param.variadic {
                ty = Type::List(Box::new(ty));
            }
            let mut local = self.local(&param.name, &param.doc, ty);
            local.unit = default.as_ref().and_then(|d| self.unit_of(&frame.locals, d));
            frame.bind(local);
            defaults.push(default);
        }
        defaults
    }

    pub(super) fn check_function(&mut self, scope: ScopeId, item: &Item, function: &ast::Function) -> Entity {
        let mut frame = Frame::new(scope);
        frame.generics = function.generics.iter().map(|g| g.text.clone()).collect();
        if frame.generics.len() > GENERICS {
            self.report(DeclarationError::TooManyGenerics {
                span: function.generics[GENERICS].span,
                limit: GENERICS,
            });
            return Entity::Unknown;
        }
        let defaults = self.check_parameters(&mut frame, &function.name.text, &function.params);
        let generics = frame.generics.clone();
        let declared = function.result.as_ref().map(|ty| (self.resolve_type(scope, &generics, ty), ty.span));
        let parameters = frame.locals.len();
        let (body, result) = match &function.body {
            Some(body) => {
                if let Some(variadic) = function.params.iter().find(|p| p.variadic) {
                    self.report(DeclarationError::VariadicWithBody { span: variadic.ty.span });
                    return Entity::Unknown;
                }
                let checked = match &declared {
                    Some((ty, span)) => {
                        let what = format!("the result of `{}`", function.name.text);
                        let role = Role::Declared { what, span: *span };
                        self.check_want(&mut frame, body, &Want { ty, role })
                    }
                    None => self.infer(&mut frame, body, None),
                };
                let result = declared.map_or_else(|| checked.ty.clone(), |(ty, _)| ty);
                (Body::Expression(checked), result)
            }
            None => match (self.native(&function.name, parameters), declared) {
                (Some(index), Some((ty, _))) => (Body::Native(index), ty),
                (Some(_), None) => {
                    self.report(DeclarationError::NativeNeedsResult { span: function.name.span });
                    return Entity::Unknown;
                }
                (None, _) => return Entity::Unknown,
            },
        };
        let id = FunctionId(self.program.functions.len() as u32);
        self.program.functions.push(Function {
            name: function.name.text.clone(),
            doc: item.doc.clone(),
            span: function.name.span,
            generics: frame.generics,
            locals: frame.locals,
            parameters,
            defaults,
            variadic: function.params.last().is_some_and(|p| p.variadic),
            result,
            body,
        });
        Entity::Function(id)
    }

    /// The native of this name. Only the library can declare one.
    fn native(&mut self, name: &Name, parameters: usize) -> Option<usize> {
        let found = native::find(&name.text).filter(|_| self.sources.is_library(name.span));
        match found {
            Some(index) if native::NATIVES[index].parameters() == parameters => Some(index),
            _ => {
                self.report(DeclarationError::FunctionNeedsBody { name: name.text.clone(), span: name.span });
                None
            }
        }
    }

    pub(super) fn check_solver(&mut self, scope: ScopeId, item: &Item, solver: &ast::Solver) -> Entity {
        let mut frame = Frame::new(scope);
        let defaults = self.check_parameters(&mut frame, &solver.name.text, &solver.params);
        let inputs = frame.locals.len();
        let (mut body, mut outputs) = (vec![], vec![]);
        for statement in &solver.body {
            match statement {
                SolverStatement::Require { condition, message, span } => {
                    let condition =
                        self.check_condition(&mut frame, condition, "the condition of a `require`");
                    let message = message.as_ref().map(|m| self.check_message(&mut frame, m));
                    body.push(Statement::Require { condition, message, span: *span });
                }
                SolverStatement::Note { condition, message, span } => {
                    let condition = self.check_condition(&mut frame, condition, "the condition of a `note`");
                    let message = self.check_message(&mut frame, message);
                    body.push(Statement::Note { condition, message, span: *span });
                }
                SolverStatement::Infeasible { condition, message, span } => {
                    let condition =
                        self.check_condition(&mut frame, condition, "the condition of an `infeasible`");
                    let message = self.check_message(&mut frame, message);
                    body.push(Statement::Infeasible { condition, message, span: *span });
                }
                SolverStatement::Let(l) | SolverStatement::Out(l) => {
                    if let Some(first) = frame.local(&l.name.text) {
                        let first = frame.locals[first.index()].span;
                        let name = l.name.text.clone();
                        self.report(DeclarationError::DuplicateName { name, span: l.name.span, first });
                    }
                    let value = self.check_let_value(&mut frame, l);
                    let unit = self.unit_of(&frame.locals, &value);
                    let ty = value.ty.clone();
                    let doc = l.doc.clone();
                    let slot =
                        frame.bind(Local { name: l.name.text.clone(), doc, ty, span: l.name.span, unit });
                    if matches!(statement, SolverStatement::Out(_)) {
                        outputs.push(slot);
                    }
                    body.push(Statement::Define { slot, value });
                }
            }
        }
        let id = SolverId(self.program.solvers.len() as u32);
        self.program.solvers.push(Solver {
            name: solver.name.text.clone(),
            doc: item.doc.clone(),
            span: solver.name.span,
            locals: frame.locals,
            inputs,
            defaults,
            body,
            outputs,
        });
        Entity::Solver(id)
    }
}
