//! Written types to [`Type`]s.

use std::sync::Arc;

use crate::check::Checker;
use crate::check::error::{DimensionError, NameError, TypeError};
use crate::check::hints::missing_names::{Lookup, Wanted};
use crate::check::names::ScopeId;
use crate::check::program::{Entity, Type};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{TypeExpr, TypeExprKind};
use crate::units::dimension::Dimension;

/// Types that are no declaration.
const BUILT_IN: &[&str] = &["Scalar", "Bool", "String"];

impl Checker<'_> {
    pub(super) fn resolve_type(&mut self, scope: ScopeId, generics: &[Arc<str>], ty: &TypeExpr) -> Type {
        match &ty.kind {
            TypeExprKind::Bad => Type::Unknown,
            TypeExprKind::One => Type::SCALAR,
            TypeExprKind::Name(name) => self.resolve_type_name(scope, generics, name, ty.span),
            TypeExprKind::Optional(inner) => self.resolve_type(scope, generics, inner).optional(),
            TypeExprKind::List(inner) => Type::List(Box::new(self.resolve_type(scope, generics, inner))),
            TypeExprKind::Product(a, b) => self.combine(scope, generics, a, b, Dimension::multiply, ty.span),
            TypeExprKind::Quotient(a, b) => self.combine(scope, generics, a, b, Dimension::divide, ty.span),
            TypeExprKind::Power(base, n, d) => {
                let Some(base) = self.resolve_dimension(scope, generics, base) else { return Type::Unknown };
                match base.power(*n, *d) {
                    Ok(dimension) => Type::Quantity(dimension),
                    Err(_) => {
                        self.report(DimensionError::ExponentRange { span: ty.span });
                        Type::Unknown
                    }
                }
            }
        }
    }

    fn combine(
        &mut self,
        scope: ScopeId,
        generics: &[Arc<str>],
        a: &TypeExpr,
        b: &TypeExpr,
        f: fn(Dimension, Dimension) -> Result<Dimension, crate::units::dimension::ExponentError>,
        span: Span,
    ) -> Type {
        let a = self.resolve_dimension(scope, generics, a);
        let b = self.resolve_dimension(scope, generics, b);
        let (Some(a), Some(b)) = (a, b) else { return Type::Unknown };
        match f(a, b) {
            Ok(dimension) => Type::Quantity(dimension),
            Err(_) => {
                self.report(DimensionError::ExponentRange { span });
                Type::Unknown
            }
        }
    }

    /// A type that must be a dimension, because it is a factor.
    fn resolve_dimension(
        &mut self,
        scope: ScopeId,
        generics: &[Arc<str>],
        ty: &TypeExpr,
    ) -> Option<Dimension> {
        match self.resolve_type(scope, generics, ty) {
            Type::Quantity(dimension) => Some(dimension),
            Type::Unknown => None,
            other => {
                let found = self.program.describe(&other);
                self.report(TypeError::NotADimension { span: ty.span, found });
                None
            }
        }
    }

    fn resolve_type_name(
        &mut self,
        scope: ScopeId,
        generics: &[Arc<str>],
        name: &Arc<str>,
        span: Span,
    ) -> Type {
        if let Some(index) = generics.iter().position(|g| g == name) {
            return Type::Quantity(Dimension::generic(index));
        }
        match &**name {
            "Scalar" => return Type::SCALAR,
            "Bool" => return Type::Bool,
            "String" => return Type::String,
            _ => {}
        }
        if let Some(decl) = self.lookup(scope, name) {
            match self.demand(decl, span) {
                Entity::Type(id) => return Type::Record(id),
                Entity::Enum(id) => return Type::Enum(id),
                Entity::Unknown => return Type::Unknown,
                // A value may share its name with a dimension: they never meet.
                _ => {}
            }
        }
        if let Some(dimension) = self.program.registry.dimension(name) {
            self.note_dimension(span, name);
            return Type::Quantity(dimension);
        }
        let near = self.nearest_type(scope, generics, name);
        let value = self.find(scope, name).is_some();
        let similar = near.as_deref().and_then(|n| self.declared_at(scope, n));
        let mistake = NameError::UnknownType { name: name.clone(), span, near, similar, value };
        let lookup = Lookup { scope: Some(scope), name, span, wanted: Wanted::Type, hint: None };
        self.report_missing(None, lookup, mistake);
        Type::Unknown
    }

    fn nearest_type(&self, scope: ScopeId, generics: &[Arc<str>], name: &str) -> Option<String> {
        let mut names: Vec<String> = BUILT_IN.iter().map(|s| s.to_string()).collect();
        names.extend(generics.iter().map(|g| g.to_string()));
        names.extend(self.program.registry.dimension_names().map(|n| n.to_string()));
        // Types and enums are written in CamelCase, values are not.
        let camel = |n: &Arc<str>| n.chars().next().is_some_and(char::is_uppercase);
        names.extend(self.visible_names(scope).iter().filter(|n| camel(n)).map(|n| n.to_string()));
        suggest::nearest(name, names.iter().map(String::as_str)).map(str::to_string)
    }
}
