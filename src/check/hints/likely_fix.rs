//! What to write instead of a value that does not fit: a unit, a factor, a field, an example.

use crate::check::Checker;
use crate::check::program::{Expr, ExprKind, Type};
use crate::syntax::ast;
use crate::units::dimension::Dimension;

impl Checker<'_> {
    /// What to write so that a value of type `found` becomes one of type `wanted`.
    pub(crate) fn type_help(&self, wanted: &Type, found: &Type, value: &Expr) -> Option<String> {
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
    pub(crate) fn example_help(&self, wanted: &Type) -> String {
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

    /// What to write so that `found` becomes `wanted`: a unit, a factor, or the other meaning of a datasheet's word.
    pub(crate) fn likely_fix(&self, wanted: Dimension, found: Dimension, value: &Expr) -> Option<String> {
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
        if let ExprKind::Quantity { unit, .. } = &value.kind {
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
    pub(crate) fn dimension_help(&self, wanted: Dimension, found: Dimension, value: &Expr) -> String {
        self.likely_fix(wanted, found, value).unwrap_or_else(|| {
            let (example, registry) = (self.example_of(&Type::Quantity(wanted)), &self.program.registry);
            format!("give a quantity of dimension {}, such as `{example}`", registry.describe(wanted))
        })
    }

    /// A value of this type as one would write it: `700 W`, `fp16`, `true`.
    pub(crate) fn example_of(&self, ty: &Type) -> String {
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
}

/// Whether a number is written out.
pub(crate) fn is_literal(e: &Expr) -> bool {
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
