//! Calls: arguments by position and name, defaults, type parameters.

use std::sync::Arc;

use crate::check::error::{CallError, DimensionError, NameError, SweepError, TypeError};
use crate::check::hints::missing_names::Wanted;
use crate::check::program::{Body, Entity, Expr, ExprKind, FunctionId, TableId, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::diagnostic::Diagnostic;
use crate::native::table::{NATIVES, Special};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast;
use crate::syntax::ast::{Argument, Name};
use crate::units::dimension::{Dimension, GENERICS};

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
                self.report_missing(
                    None,
                    (Some(frame.scope), &function.text, span),
                    (Wanted::Function, None),
                    mistake,
                );
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

    /// One argument against a parameter's type, which may hold type parameters: those it determines are bound.
    fn argument(
        &mut self,
        frame: &mut Frame,
        argument: &ast::Expr,
        parameter: &Type,
        what: String,
        declared: Span,
        bound: &mut [Option<Dimension>; GENERICS],
    ) -> Expr {
        let role = Role::Declared { what, span: declared };
        if let Type::List(element) = parameter
            && let Some(pattern) = generic_dimension(element)
        {
            return self.list_argument(frame, argument, pattern, role, bound);
        }
        let Some(pattern) = generic_dimension(parameter) else {
            return self.check_want(frame, argument, &Want { ty: parameter, role });
        };
        let value = self.infer(frame, argument, None);
        self.bind_generic(frame, value, pattern, role, bound)
    }

    /// A list whose items determine a type parameter.
    fn list_argument(
        &mut self,
        frame: &mut Frame,
        argument: &ast::Expr,
        pattern: Dimension,
        role: Role,
        bound: &mut [Option<Dimension>; GENERICS],
    ) -> Expr {
        let value = self.infer(frame, argument, None);
        match value.ty.clone() {
            Type::List(inner) => {
                let item = Expr { kind: ExprKind::Bad, ty: *inner, span: value.span };
                let checked = self.bind_generic(frame, item, pattern, role, bound);
                if checked.ty.is_unknown() { Expr::bad(value.span) } else { value }
            }
            Type::Unknown => value,
            other => {
                let found = self.program.describe(&other);
                self.report(TypeError::NotAList { span: value.span, found });
                Expr::bad(value.span)
            }
        }
    }

    fn bind_generic(
        &mut self,
        frame: &mut Frame,
        value: Expr,
        pattern: Dimension,
        role: Role,
        bound: &mut [Option<Dimension>; GENERICS],
    ) -> Expr {
        let span = value.span;
        let Some((value, actual)) = self.quantity(value, "this call") else { return Expr::bad(span) };
        match unify(pattern, actual, bound) {
            Some(wanted) if wanted == actual => value,
            Some(wanted) => {
                let want = Want { ty: &Type::Quantity(wanted), role };
                self.coerce(frame, value, &want)
            }
            None => {
                self.report(DimensionError::ExponentRange { span });
                Expr::bad(span)
            }
        }
    }

    fn result_type(
        &mut self,
        result: &Type,
        bound: &[Option<Dimension>; GENERICS],
        span: Span,
    ) -> Option<Type> {
        match result {
            Type::Quantity(d) if d.is_generic() => match pattern_value(*d, bound) {
                Some(dimension) => Some(Type::Quantity(dimension)),
                None => {
                    self.report(DimensionError::ExponentRange { span });
                    None
                }
            },
            Type::Optional(inner) => self.result_type(inner, bound, span).map(Type::optional),
            Type::List(inner) => self.result_type(inner, bound, span).map(|t| Type::List(Box::new(t))),
            other => Some(other.clone()),
        }
    }

    /// `max(a, b, c)` and `max(list)`: all of one dimension.
    fn call_variadic(
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

    fn call_has(&mut self, frame: &mut Frame, arguments: &[Argument], span: Span) -> Expr {
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
    fn call_members(&mut self, frame: &Frame, arguments: &[Argument], span: Span) -> Expr {
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

    /// `sensitivity(x)`: a list of `Elasticity`; `sensitivity(x, input)`: one number.
    fn call_sensitivity(&mut self, frame: &mut Frame, arguments: &[Argument], span: Span) -> Expr {
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

    fn call_length(&mut self, frame: &mut Frame, arguments: &[Argument], span: Span) -> Expr {
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
    fn call_count(&mut self, frame: &mut Frame, id: FunctionId, arguments: &[Argument], span: Span) -> Expr {
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

    fn call_table(&mut self, frame: &mut Frame, id: TableId, arguments: &[Argument], span: Span) -> Expr {
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

/// The dimension of a parameter that holds a type parameter.
fn generic_dimension(ty: &Type) -> Option<Dimension> {
    match ty.required() {
        Type::Quantity(d) if d.is_generic() => Some(*d),
        _ => None,
    }
}

/// What a pattern comes to: its type parameters replaced by their bindings. `None` when an exponent overflows.
fn pattern_value(pattern: Dimension, bound: &[Option<Dimension>; GENERICS]) -> Option<Dimension> {
    let base = pattern.substitute(&[Some(Dimension::SCALAR); GENERICS]).ok()?;
    (0..GENERICS).try_fold(base, |product, index| {
        let Some((n, d)) = pattern.generic_exponent(index) else { return Some(product) };
        let value = bound[index].unwrap_or(Dimension::SCALAR);
        product.multiply(value.power(n, d).ok()?).ok()
    })
}

/// Binds the one unbound type parameter of a pattern so that it comes to `actual`, and answers what it comes to.
fn unify(
    pattern: Dimension,
    actual: Dimension,
    bound: &mut [Option<Dimension>; GENERICS],
) -> Option<Dimension> {
    let open = (0..GENERICS).find(|i| bound[*i].is_none() && pattern.generic_exponent(*i).is_some());
    if let Some(index) = open {
        let (n, d) = pattern.generic_exponent(index)?;
        let rest = pattern_value(pattern, bound)?;
        // D^(n/d) = actual / rest
        bound[index] = actual.divide(rest).ok()?.power(d, n).ok();
        bound[index]?;
    }
    pattern_value(pattern, bound)
}

fn reads_locals(e: &Expr) -> bool {
    let mut found = matches!(e.kind, ExprKind::Local(_));
    e.for_each_child(&mut |child| found = found || reads_locals(child));
    found
}
