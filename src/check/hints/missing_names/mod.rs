//! Names that nothing declares, reported when all is checked.
//!
//! One place that lacks a name is a slip there. But where all uses of a name lack it, and a declaration like it is never
//! used, the slip is in the declaration: one diagnostic points there. And a name that stands in an item which could not
//! be read may well be declared there: it raises no diagnostic.

mod lookup;
mod unused;

pub(crate) use crate::check::hints::missing_names::lookup::{Lookup, Missing, Wanted};

use crate::check::Checker;
use crate::check::hints::missing_names::unused::{Fit, Unused, is_known};
use crate::codes;
use crate::diagnostic::{Diagnostic, Label};
use crate::suggest;

/// Uses that one diagnostic points at.
const SHOWN: usize = 3;

impl Checker<'_> {
    /// Reports all names that were missed.
    pub(crate) fn settle_missing(&mut self) {
        let mut missing = std::mem::take(&mut self.findings.missing);
        missing.retain(|m| !self.may_be_declared(m));
        for one in &mut missing {
            self.look_in_scenarios(one);
        }
        missing.retain(|m| !m.cut_off);
        let mut groups: Vec<Vec<Missing>> = vec![];
        for one in missing {
            let same = |g: &&mut Vec<Missing>| {
                let first = &g[0];
                first.name == one.name && first.wanted == one.wanted && first.span.file == one.span.file
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.push(one),
                None => groups.push(vec![one]),
            }
        }
        let alone = groups.len() == 1;
        for group in groups {
            match self.misnamed(&group, alone) {
                Some(diagnostic) => self.problems.push(diagnostic),
                None => self.problems.extend(group.into_iter().map(|m| m.told)),
            }
        }
    }

    /// Points at the scenario that alone declares a name. Where brackets do not match, the scenario may have been cut
    /// short, and nothing is reported.
    fn look_in_scenarios(&self, missing: &mut Missing) {
        if missing.wanted != Wanted::Value {
            return;
        }
        let inside = self.scopes.iter().filter(|s| s.scenario.is_some() && s.file == missing.span.file);
        let Some(decl) = inside.filter_map(|s| s.names.get(&missing.name)).next() else { return };
        let text = "declared here, in a scenario, and seen only there";
        let at = self.decls[decl.index()].span;
        missing.told.labels.push(Label { span: at, text: text.into(), edit: None });
        missing.told.help = Some("move it out of its scenario, or move what uses it into it".into());
        missing.cut_off = self.problems.any(|p| p.code == codes::UNCLOSED_DELIMITER);
    }

    /// Whether an item that could not be read may declare it.
    fn may_be_declared(&self, missing: &Missing) -> bool {
        if self.findings.unread.contains(&(missing.span.file, missing.name.clone())) {
            return true;
        }
        let mut scope = missing.scope;
        while let Some(id) = scope {
            let files = self.scopes[id.index()].globs.iter().map(|g| self.scopes[g.0.index()].file);
            let mut files = files.chain([self.scopes[id.index()].file]);
            if files.any(|f| self.findings.unread.contains(&(f, missing.name.clone()))) {
                return true;
            }
            scope = self.scopes[id.index()].parent;
        }
        false
    }

    /// The declaration that was meant by all the uses of `group`, if there is one without a use.
    fn misnamed(&self, group: &[Missing], alone: bool) -> Option<Diagnostic> {
        let first = &group[0];
        let unused = self.unused(first);
        let names = || unused.iter().map(|i| &*i.name);
        let told = |at: &Unused| {
            let shown = group.iter().take(SHOWN);
            let here = if at.span < first.span { "below" } else { "elsewhere" };
            let label = format!("is this the `{}` that is used {here}?", first.name);
            let diagnostic = Diagnostic {
                message: format!("{}, and `{}` is never used", first.told.message, at.name),
                labels: vec![],
                ..first.told.clone()
            };
            shown
                .fold(diagnostic.label(at.span, label), |d, m| {
                    d.label(m.span, format!("`{}` is used here", m.name))
                })
                .help(format!("give both the same name: `{}` or `{}`", first.name, at.name))
        };
        let similar =
            suggest::nearest(&first.name, names()).and_then(|n| unused.iter().find(|i| *i.name == *n));
        let several = group.iter().any(|m| m.span != first.span);
        match similar {
            Some(at)
                if several || is_known(self.library, &first.name) && !is_known(self.library, &at.name) =>
            {
                Some(told(at))
            }
            Some(_) => None,
            None if first.told.code == codes::UNKNOWN_KIND => None,
            // One of quite another name is meant only if it alone fits all the uses.
            None => {
                let fits = |i: &Unused| group.iter().map(|m| self.use_fits(m, i)).reduce(Fit::and);
                let only = |fit: Fit| {
                    let mut found = unused.iter().filter(|i| fits(i) == Some(fit));
                    found.next().filter(|_| alone && found.next().is_none())
                };
                match only(Fit::Yes) {
                    Some(only) if several || only.pointless => Some(told(only)),
                    Some(only) => Some(is_it_meant(first, only)),
                    None => only(Fit::Maybe).filter(|i| i.pointless).map(|only| is_it_meant(first, only)),
                }
            }
        }
    }
}

/// A use that lacks its name, and the one declaration that could be meant.
fn is_it_meant(missing: &Missing, only: &Unused) -> Diagnostic {
    missing.told.clone().label(only.span, format!("`{}` is never used: is it the one?", only.name))
}
