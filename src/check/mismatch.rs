//! When a value is not what is wanted: who wants what, what this is, and the likeliest fix.

use crate::check::error::{DimensionError, Mistake, TypeError};
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::units::dimension::Dimension;

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

    fn type_help(&self, wanted: &Type, found: &Type, value: &Expr) -> Option<String> {
        let text = self.sources.text(value.span);
        match (wanted, found) {
            (Type::Enum(id), Type::String) => {
                let members = &self.program.enumeration(*id).members;
                let ExprKind::Text(written) = &value.kind else { return None };
                let near = crate::suggest::nearest(written, members.keys().map(|m| &**m));
                let name = members.get_key_value(written).map(|(k, _)| &**k).or(near)?;
                Some(format!("members are written without quotes: `{name}`"))
            }
            (Type::String, _) => Some(format!("put text between quotes: `\"{text}\"`")),
            (Type::Record(id), Type::String) => {
                let name = &self.program.ty(*id).name;
                Some(format!("name a `{name}` without quotes, and bring it in with `use`"))
            }
            (Type::Bool, Type::Quantity(_)) => {
                Some(format!("compare it with something: `{text} > {}`", self.example_of(found)))
            }
            (_, Type::Solve(id)) => {
                let solver = self.program.solver(*id);
                let outputs = || solver.outputs.iter().map(|o| &solver.locals[o.index()]);
                let output = outputs().find(|l| l.ty.required() == wanted).or_else(|| outputs().next());
                let output = &output?.name;
                Some(format!("name one of its outputs: `{text}.{output}`"))
            }
            (Type::Record(id), Type::Record(other)) => {
                let wanted = &self.program.ty(*id).name;
                let field = self.program.ty(*other).fields.iter().find(|(_, f)| f.ty == Type::Record(*id));
                let (field, _) = field?;
                Some(format!("it has a `{wanted}` in its field `{field}`: `{text}.{field}`"))
            }
            (Type::List(a), Type::List(b)) => self.items_help(a, b, value),
            (Type::List(_), Type::Quantity(_))
                if matches!(value.kind, ExprKind::Binary { op: ast::BinaryOp::Subtract, .. }) =>
            {
                Some(format!("a range is written with two points: `{}`", text.replacen('-', "..", 1)))
            }
            (Type::List(_), _) => Some(format!("put it in a list: `[{text}]`")),
            (_, Type::List(_)) => Some(
                "give one value here; to try several, `sweep NAME = SOLVE over { input: [a, b] }`".into(),
            ),
            (Type::Quantity(_), Type::String) => {
                Some(format!("write it without quotes, as `{}`", self.example_of(wanted)))
            }
            _ => None,
        }
    }

    /// A list whose items are not what is wanted: plain numbers that lack their unit.
    fn items_help(&self, wanted: &Type, found: &Type, value: &Expr) -> Option<String> {
        let unit = match (wanted.required(), found.required()) {
            (Type::Quantity(wanted), Type::Quantity(found)) if found.is_scalar() => {
                self.program.registry.suggested_unit(*wanted)?
            }
            _ => return None,
        };
        Some(match &value.kind {
            ExprKind::List(items) if items.iter().all(is_literal) => {
                let items: Vec<String> =
                    items.iter().map(|i| format!("{} {unit}", self.sources.text(i.span))).collect();
                format!("add the unit to its items: `[{}]`", items.join(", "))
            }
            _ => format!("its items need a unit: `1 {unit}`, not `1`"),
        })
    }

    /// What would do, whatever was found.
    fn example_help(&self, wanted: &Type) -> String {
        match wanted {
            Type::Bool => "write a condition, such as `x < 25 ms`".into(),
            Type::Enum(_) | Type::Quantity(_) => {
                format!("write a value such as `{}`", self.example_of(wanted))
            }
            Type::Record(id) => {
                let name = &self.program.ty(*id).name;
                format!("give a `{name}`: the name of one, or `{name} {{ field: value }}`")
            }
            _ => format!("give {} instead", self.program.describe(wanted)),
        }
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

    /// What to write so that `found` becomes `wanted`: a unit, a factor, or the other meaning of a datasheet's word.
    fn likely_fix(&self, wanted: Dimension, found: Dimension, value: &Expr) -> Option<String> {
        let registry = &self.program.registry;
        let text = self.sources.text(value.span);
        if found.is_scalar() {
            let unit = registry.suggested_unit(wanted)?;
            return Some(if let ExprKind::Quantity { unit: written, value } = &value.kind {
                let number = registry.format(written.in_unit(*value), found, None);
                format!("write it with a unit of that dimension: `{number} {unit}`")
            } else if is_literal(value) {
                format!("add the unit: `{text} {unit}`")
            } else {
                format!("give it a unit, for instance `{} * (1 {unit})`", parenthesized(text, value))
            });
        }
        if wanted.is_scalar() {
            let unit = registry.suggested_unit(found)?;
            return Some(match &value.kind {
                ExprKind::Quantity { unit, value } => {
                    format!(
                        "a plain number is wanted: `{}`",
                        registry.format(unit.in_unit(*value), wanted, None)
                    )
                }
                _ => format!(
                    "divide by a unit to get a plain number: `{} / (1 {unit})`",
                    parenthesized(text, value)
                ),
            });
        }
        if found.multiply(wanted).is_ok_and(Dimension::is_scalar) {
            return Some(format!("turn it over: `1 / {}`", parenthesized(text, value)));
        }
        let factor = wanted.divide(found).ok()?;
        if let ExprKind::Quantity { value: base, unit } = &value.kind {
            // `3.35 TB` where a rate is wanted: the unit lacks its `/s`.
            let per = ["s", "param", "tok", "req"].into_iter().find(|per| {
                !text.contains('/')
                    && registry.unit(per).is_some_and(|u| unit.dimension.divide(u.dimension) == Ok(wanted))
            });
            if let Some(per) = per {
                return Some(format!("did you mean `{text}/{per}`?"));
            }
            if text.ends_with('B') && Some(wanted) == registry.dimension("Param") {
                let number = text.trim_end_matches(|c: char| c.is_alphabetic()).trim_end();
                return Some(format!(
                    "`B` is byte; for a count of parameters write `{number} billion param`"
                ));
            }
            let _ = base;
            // A written quantity is written anew.
            return None;
        }
        let factors: Vec<_> = factor.factors().collect();
        match factors.as_slice() {
            [(_, n, 1)] if *n > 0 => {
                Some(format!("multiply it by a quantity of dimension {}", registry.describe(factor)))
            }
            [(_, n, 1)] if *n < 0 => {
                let inverse = Dimension::SCALAR.divide(factor).ok()?;
                Some(format!("divide it by a quantity of dimension {}", registry.describe(inverse)))
            }
            _ => None,
        }
    }

    /// The likely fix, or at least a quantity that would do.
    fn dimension_help(&self, wanted: Dimension, found: Dimension, value: &Expr) -> String {
        self.likely_fix(wanted, found, value).unwrap_or_else(|| {
            let (example, registry) = (self.example_of(&Type::Quantity(wanted)), &self.program.registry);
            format!("give a quantity of dimension {}, such as `{example}`", registry.describe(wanted))
        })
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

    /// A value of this type as one would write it: `700 W`, `fp16`, `true`.
    pub(super) fn example_of(&self, ty: &Type) -> String {
        match ty.required() {
            Type::Quantity(d) if d.is_scalar() => "1".into(),
            Type::Quantity(d) => match self.program.registry.suggested_unit(*d) {
                Some(unit) => format!("1 {unit}"),
                None => "1".into(),
            },
            Type::Bool => "true".into(),
            Type::String => "\"text\"".into(),
            Type::Enum(id) => {
                self.program.enumeration(*id).members.keys().next().map_or("..".into(), |m| m.to_string())
            }
            Type::List(inner) => format!("[{}]", self.example_of(inner)),
            _ => "..".into(),
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

fn is_literal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Quantity { .. } => true,
        ExprKind::Unary { operand, .. } => is_literal(operand),
        _ => false,
    }
}

fn parenthesized(text: &str, e: &Expr) -> String {
    match &e.kind {
        ExprKind::Binary { .. } | ExprKind::If { .. } | ExprKind::Convert { .. } => format!("({text})"),
        _ => text.to_string(),
    }
}
