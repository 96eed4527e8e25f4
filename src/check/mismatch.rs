//! When a value is not what is wanted: who wants what, and what this is.

use crate::check::error::{DimensionError, Mistake, TypeError};
use crate::check::hints::likely_fix::is_literal;
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    /// The value as the wanted type: optionals are wrapped and unwrapped; anything else that differs is reported.
    pub(super) fn coerce(&mut self, frame: &Frame, value: Expr, want: &Want) -> Expr {
        if fits(&value.ty, want.ty) {
            self.mark_fitting(&value, want);
            return value;
        }
        if let Type::Optional(inner) = &value.ty
            && fits(inner, want.ty)
        {
            self.mark_fitting(&value, want);
            return self.unwrapped(value);
        }
        self.report_mismatch(frame, &value, want);
        Expr::bad(value.span)
    }

    fn report_mismatch(&mut self, frame: &Frame, value: &Expr, want: &Want) {
        let (what, declared) = match &want.role {
            Role::Declared { what, span } => (what.clone(), Some(*span)),
            Role::Place(what) => (what.to_string(), None),
        };
        let found_type = value.ty.required();
        let told = match (want.ty.required(), found_type) {
            (Type::Quantity(wanted), Type::Quantity(found)) => {
                let mistake = DimensionError::DimensionMismatch {
                    what,
                    declared,
                    wanted: *wanted,
                    found: *found,
                    span: value.span,
                    origin: self.origin_of(frame, value),
                    help: Some(self.dimension_help(*wanted, *found, value)),
                    generics: frame.generics.clone(),
                };
                let told = mistake.diagnostic(self);
                if found.is_scalar() { self.at_its_let(told, value, *wanted) } else { told }
            }
            (wanted, found) => {
                let mistake = TypeError::TypeMismatch {
                    what,
                    origin: self.origin_of(frame, value),
                    declared,
                    wanted: self.program.describe(wanted),
                    found: self.program.describe(found),
                    help: self.type_help(wanted, found, value).or_else(|| Some(self.example_help(wanted))),
                    span: value.span,
                };
                mistake.diagnostic(self)
            }
        };
        self.report_misfit(told, value, want);
    }

    /// Both operands of `+`, `<` and their like, when their dimensions differ.
    pub(super) fn report_operands(
        &mut self,
        frame: &Frame,
        operator: &'static str,
        op_span: Span,
        left: &Expr,
        right: &Expr,
    ) {
        let (Type::Quantity(a), Type::Quantity(b)) = (&left.ty, &right.ty) else { return };
        // The plain number is the one to mend, wherever it stands.
        let help = if a.is_scalar() && is_literal(left) {
            self.likely_fix(*b, *a, left)
        } else {
            self.likely_fix(*a, *b, right)
        };
        let help = help.unwrap_or_else(|| match is_literal(right) {
            true => format!("write a quantity like the left side, such as `{}`", self.example_of(&left.ty)),
            false => "one of the two is not what was meant: name another value, or convert it".into(),
        });
        let help = Some(help);
        let error = DimensionError::OperandMismatch {
            operator,
            op_span,
            left: (left.span, *a),
            right: (right.span, *b),
            origins: [self.origin_of(frame, left), self.origin_of(frame, right)],
            help,
            generics: frame.generics.clone(),
        };
        let told = error.diagnostic(self);
        let told = match (a.is_scalar(), b.is_scalar()) {
            (true, false) if !is_literal(right) => self.at_its_let(told, left, *b),
            (false, true) if !is_literal(left) => self.at_its_let(told, right, *a),
            _ => told,
        };
        self.problems.push(told);
    }

    /// Where an expression's dimension was declared, if it is a name or a field.
    fn origin_of(&self, frame: &Frame, e: &Expr) -> Option<(Span, String)> {
        match &e.kind {
            ExprKind::Parenthesized(inner) | ExprKind::Unwrap(inner) => self.origin_of(frame, inner),
            ExprKind::Local(id) => {
                let local = frame.locals.get(id.index())?;
                Some((local.span, format!("`{}` is declared here", local.name)))
            }
            ExprKind::Global(id) => {
                let global = self.program.global(*id);
                Some((global.span, format!("`{}` is declared here", global.name)))
            }
            ExprKind::Field { base, field } => {
                let Type::Record(id) = base.ty.required() else { return None };
                let record = self.program.ty(*id);
                let (name, field) = record.fields.get_index(*field as usize)?;
                Some((field.span, format!("`{name}` is declared here, in `{}`", record.name)))
            }
            ExprKind::Slot { base, slot } => {
                let Type::Solve(id) = &base.ty else { return None };
                let solver = self.program.solver(*id);
                let local = solver.locals.get(slot.index())?;
                Some((local.span, format!("`{}` is defined here, in `{}`", local.name, solver.name)))
            }
            _ => None,
        }
    }

    /// `80 Gb` where bytes are meant: bits are for links, not for capacities.
    pub(super) fn warn_bits_for_bytes(&mut self, value: f64, unit: &ast::UnitExpr, hint: Option<&Type>) {
        let Some(Type::Quantity(dimension)) = hint.map(Type::required) else { return };
        let registry = &self.program.registry;
        if crate::units::declare::looks_like_bits_for_bytes(unit, registry, *dimension) {
            let written = self.sources.text(unit.span).to_string();
            let meant = match written.strip_suffix("bit") {
                Some(prefix) => format!("{prefix}B"),
                None => format!("{}B", written.trim_end_matches('b')),
            };
            self.report(DimensionError::BitsForBytes { span: unit.span, value, written, meant });
        }
    }
}

fn fits(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Unknown, _) | (_, Type::Unknown) => true,
        (Type::None, Type::Optional(_)) => true,
        (Type::Optional(a), Type::Optional(b)) => fits(a, b),
        (a, Type::Optional(b)) => fits(a, b),
        (Type::List(a), Type::List(b)) => fits(a, b),
        (a, b) => a == b,
    }
}
