//! Type parameters: bound by the arguments that determine them.

use crate::check::error::{DimensionError, TypeError};
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::units::dimension::{Dimension, GENERICS};

impl Checker<'_> {
    /// One argument against a parameter's type, which may hold type parameters: those it determines are bound.
    pub(in crate::check) fn argument(
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
        let mut value = self.infer(frame, argument, None);
        settle_empty(&mut value);
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

    pub(in crate::check) fn bind_generic(
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

    pub(in crate::check) fn result_type(
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
}

/// `[]` where numbers are wanted: plain ones.
pub(super) fn settle_empty(list: &mut Expr) {
    if let ExprKind::List(items) = &list.kind
        && items.is_empty()
        && list.ty == Type::List(Box::new(Type::Unknown))
    {
        list.ty = Type::List(Box::new(Type::SCALAR));
    }
}

/// The dimension of a parameter that holds a type parameter.
pub(super) fn generic_dimension(ty: &Type) -> Option<Dimension> {
    match ty.required() {
        Type::Quantity(d) if d.is_generic() => Some(*d),
        _ => None,
    }
}

/// The dimension of a pattern, its type parameters replaced by their bindings. `None` when an exponent overflows.
fn pattern_value(pattern: Dimension, bound: &[Option<Dimension>; GENERICS]) -> Option<Dimension> {
    let base = pattern.substitute(&[Some(Dimension::SCALAR); GENERICS]).ok()?;
    (0..GENERICS).try_fold(base, |product, index| {
        let Some((n, d)) = pattern.generic_exponent(index) else { return Some(product) };
        let value = bound[index].unwrap_or(Dimension::SCALAR);
        product.multiply(value.power(n, d).ok()?).ok()
    })
}

/// Binds the one unbound type parameter of a pattern so that its dimension is `actual`, and answers the dimension.
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
