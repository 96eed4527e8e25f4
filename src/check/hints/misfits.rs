//! Values that do not fit what is declared for them, reported when all is checked: where none of several values of a
//! field, input or parameter fits its type, the diagnostic points at the declaration.

use crate::check::program::{Expr, Type};
use crate::check::{Checker, Role, Want};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A value that does not fit its declaration.
pub(crate) struct Misfit {
    what: String,
    declared: Span,
    wanted: String,
    found: String,
    span: Span,
    /// What is said of it alone.
    told: Diagnostic,
}

/// Values that one diagnostic points at.
const SHOWN: usize = 3;

impl Checker<'_> {
    /// Notes that a value fits what is declared at `declared`.
    pub(crate) fn mark_agreed(&mut self, declared: Span) {
        if !self.sources.is_library(declared) {
            self.findings.agreed.insert(declared);
        }
    }

    /// Notes the same of a value that is wanted by `want`.
    pub(crate) fn mark_fitting(&mut self, value: &Expr, want: &Want) {
        if let Role::Declared { span, .. } = want.role
            && !value.ty.is_unknown()
        {
            self.mark_agreed(span);
        }
    }

    pub(crate) fn report_misfit(&mut self, told: Diagnostic, value: &Expr, want: &Want) {
        match &want.role {
            Role::Declared { what, span } if !self.sources.is_library(*span) => {
                let describe = |ty: &Type| self.program.describe(ty.required());
                let (wanted, found) = (describe(want.ty), describe(&value.ty));
                let (what, declared, span) = (what.clone(), *span, value.span);
                self.findings.misfits.push(Misfit { what, declared, wanted, found, span, told });
            }
            _ => self.problems.push(told),
        }
    }

    /// Reports all values that do not fit.
    pub(crate) fn settle_misfits(&mut self) {
        let mut groups: Vec<Vec<Misfit>> = vec![];
        for misfit in std::mem::take(&mut self.findings.misfits) {
            match groups.iter_mut().find(|g| g[0].declared == misfit.declared) {
                Some(group) => group.push(misfit),
                None => groups.push(vec![misfit]),
            }
        }
        for group in groups {
            let line = |m: &Misfit| self.sources.line_column(m.span).0;
            let several = group.iter().any(|m| line(m) != line(&group[0]));
            if several && !self.findings.agreed.contains(&group[0].declared) {
                self.problems.push(nothing_fits(&group));
            } else {
                self.problems.extend(group.into_iter().map(|m| m.told));
            }
        }
    }
}

/// None of the values of something fits.
fn nothing_fits(group: &[Misfit]) -> Diagnostic {
    let Misfit { what, declared, wanted, found, told, .. } = &group[0];
    let alike = group.iter().all(|m| m.found == *found);
    let message = match alike {
        true => format!("{what} is {wanted}, but all that is given for it is {found}"),
        false => format!("{what} is {wanted}, but nothing that is given for it is"),
    };
    let label = format!("{wanted}, declared here");
    let diagnostic = Diagnostic::error(told.code, message).label(*declared, label);
    let diagnostic = group.iter().take(SHOWN).fold(diagnostic, |d, m| d.label(m.span, m.found.clone()));
    let help = told.help.as_deref().unwrap_or("give it values of its type");
    diagnostic.help(format!("if the values are right, declare it as what they are; if not, {help}"))
}
