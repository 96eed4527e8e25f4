//! A plain number that a `let` names and whose uses want a unit: the `let` is the place to mend.

use crate::check::Checker;
use crate::check::program::{Expr, ExprKind, Global, GlobalKind};
use crate::diagnostic::{Diagnostic, Label};
use crate::source::Origin;
use crate::units::dimension::Dimension;

impl Checker<'_> {
    /// What is said of `value`, which should be of dimension `wanted`: of the `let` first if that lacks the unit.
    pub(crate) fn at_its_let(&self, told: Diagnostic, value: &Expr, wanted: Dimension) -> Diagnostic {
        match self.program.registry.suggested_unit(wanted) {
            Some(unit) if !wanted.is_scalar() => self.at_its_let_with(told, value, &unit),
            _ => told,
        }
    }

    pub(crate) fn at_its_let_with(&self, mut told: Diagnostic, value: &Expr, unit: &str) -> Diagnostic {
        let Some(global) = self.plain_let(value) else { return told };
        let written = global.value.span;
        let number = self.sources.text(written);
        told.labels.retain(|l| l.span != global.span);
        told.labels.insert(0, Label { span: written, text: "a number without a unit".into(), edit: None });
        told.help(format!("give it one where it is named: `let {} = {number} {unit}`", global.name))
    }

    /// The `let` of the user's that names a written number.
    fn plain_let(&self, value: &Expr) -> Option<&Global> {
        let global = match &value.kind {
            ExprKind::Global(id) => self.program.global(*id),
            ExprKind::Parenthesized(inner) => return self.plain_let(inner),
            _ => return None,
        };
        let plain =
            matches!(global.value.kind, ExprKind::Number(_)) && matches!(global.kind, GlobalKind::Let);
        let user = self.sources.file(global.span.file).origin == Origin::User;
        (plain && user).then_some(global)
    }
}
