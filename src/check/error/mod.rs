//! What the checker finds, as data, and how it is said: one enum for each kind of thing that can be wrong.

mod call;
mod declaration;
mod dimension;
mod module;
mod name;
mod plot;
mod record;
mod sweep;
mod table;
mod types;

pub(super) use crate::check::error::call::CallError;
pub(super) use crate::check::error::declaration::DeclarationError;
pub(super) use crate::check::error::dimension::DimensionError;
pub(super) use crate::check::error::module::ModuleError;
pub(super) use crate::check::error::name::{NameError, word_of_habit};
pub(super) use crate::check::error::plot::PlotError;
pub(super) use crate::check::error::record::RecordError;
pub(super) use crate::check::error::sweep::SweepError;
pub(super) use crate::check::error::table::TableError;
pub(super) use crate::check::error::types::TypeError;

use std::sync::Arc;

use crate::check::Checker;
use crate::diagnostic::Diagnostic;

type Text = Arc<str>;

/// One mistake; the documentation of each variant shows the text that makes it.
pub(super) trait Mistake {
    fn diagnostic(self, checker: &Checker) -> Diagnostic;
}

impl Checker<'_> {
    pub(super) fn report(&mut self, mistake: impl Mistake) {
        let diagnostic = mistake.diagnostic(self);
        self.problems.push(diagnostic);
    }
}

fn plural(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, _) => format!("1 {noun}"),
        (n, "axis") => format!("{n} axes"),
        (n, _) => format!("{n} {noun}s"),
    }
}

/// `Hardware` with its article, descriptions that have one as they are.
fn article(described: &str) -> String {
    if described.starts_with("a ") || described.starts_with("the ") || described == "none" {
        return described.to_string();
    }
    match described {
        "Bool" => "true or false".into(),
        "String" => "text".into(),
        _ if described.starts_with('[') => format!("a list {described}"),
        _ => format!("`{described}`"),
    }
}
