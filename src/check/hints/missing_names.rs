//! Names that nothing declares, told when all is checked.
//!
//! One place that lacks a name is a slip there. But where all uses of a name lack it, and a declaration like it is used
//! by nobody, the slip is in the declaration: that is told once, and there. And a name that stands in an item which
//! could not be read may well be declared there: of that nothing is told.

use std::sync::Arc;

use crate::check::error::Mistake;
use crate::check::hints::idle::{Fit, Idle, is_known};
use crate::check::names::ScopeId;
use crate::check::program::{EnumId, Type};
use crate::check::{Checker, Frame};
use crate::codes;
use crate::diagnostic::{Diagnostic, Label};
use crate::source::{FileId, Span};
use crate::suggest;
use crate::syntax::ast::Item;

/// What a missing name should have been.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wanted {
    Value,
    Function,
    Type,
    /// A field of a record, an input or output of a solve.
    Field(Type),
    Member(EnumId),
}

/// A use of a name that nothing declares.
pub(crate) struct Missing {
    pub name: Arc<str>,
    pub span: Span,
    /// Where it is looked for, if it is the name of a declaration.
    pub scope: Option<ScopeId>,
    pub wanted: Wanted,
    /// The type that it should have there.
    pub hint: Option<Type>,
    /// Names of the body around it that are in sight.
    pub locals: Vec<(Arc<str>, Span)>,
    /// What is said of it alone.
    told: Diagnostic,
    /// A scenario would have declared it that a wrong bracket ended.
    cut_off: bool,
}

/// Uses that one diagnostic points at.
const SHOWN: usize = 3;

impl Checker<'_> {
    pub(crate) fn report_missing(
        &mut self,
        frame: Option<&Frame>,
        (scope, name, span): (Option<ScopeId>, &Arc<str>, Span),
        (wanted, hint): (Wanted, Option<&Type>),
        mistake: impl Mistake,
    ) {
        let told = mistake.diagnostic(self);
        let locals = frame.map_or(vec![], |f| self.names_around(f));
        self.missing.push(Missing {
            name: name.clone(),
            span,
            scope,
            wanted,
            hint: hint.cloned(),
            locals,
            told,
            cut_off: false,
        });
    }

    /// The locals in sight and the fields of the point, each with its declaration.
    fn names_around(&self, frame: &Frame) -> Vec<(Arc<str>, Span)> {
        let locals = frame.visible.iter().map(|(name, id)| (name.clone(), frame.locals[id.index()].span));
        let mut names: Vec<_> = locals.collect();
        if let Some(Type::Solve(id)) = frame.point.as_ref().map(|p| p.ty.required()) {
            let solver = self.program.solver(*id);
            names.extend(solver.slots().map(|s| &solver.locals[s.index()]).map(|l| (l.name.clone(), l.span)));
        }
        names
    }

    /// Notes that something declared at `span` is used.
    pub(crate) fn mark_used(&mut self, span: Span) {
        if !self.sources.is_library(span) {
            self.used.insert(span);
        }
    }

    /// Tells of all names that were missed.
    pub(crate) fn settle_missing(&mut self) {
        let mut missing = std::mem::take(&mut self.missing);
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

    /// Of a name that only a scenario declares, says so. Where brackets do not match, the scenario may have been cut
    /// short, and nothing is said.
    fn look_in_scenarios(&self, missing: &mut Missing) {
        if missing.wanted != Wanted::Value {
            return;
        }
        let inside = self.scopes.iter().filter(|s| s.scenario.is_some() && s.file == missing.span.file);
        let Some(decl) = inside.filter_map(|s| s.names.get(&missing.name)).next() else { return };
        let text = "declared here, in a scenario, and seen only there";
        let at = self.decls[decl.index()].span;
        missing.told.labels.push(Label { span: at, text: text.into() });
        missing.told.help = Some("move it out of its scenario, or move what uses it into it".into());
        missing.cut_off = self.problems.any(|p| p.code == codes::UNCLOSED_DELIMITER);
    }

    /// Whether an item that could not be read may declare it.
    fn may_be_declared(&self, missing: &Missing) -> bool {
        if self.unread.contains(&(missing.span.file, missing.name.clone())) {
            return true;
        }
        let mut scope = missing.scope;
        while let Some(id) = scope {
            let files = self.scopes[id.index()].globs.iter().map(|g| self.scopes[g.0.index()].file);
            let mut files = files.chain([self.scopes[id.index()].file]);
            if files.any(|f| self.unread.contains(&(f, missing.name.clone()))) {
                return true;
            }
            scope = self.scopes[id.index()].parent;
        }
        false
    }

    /// Remembers the names that an item may declare which could not be read.
    pub(crate) fn note_unread(&mut self, file: FileId, item: &Item) {
        for word in words_declared(self.sources.text(item.span)) {
            self.unread.insert((file, word.as_str().into()));
        }
    }

    /// The declaration that was meant by all the uses of `group`, if there is one that nobody uses.
    fn misnamed(&self, group: &[Missing], alone: bool) -> Option<Diagnostic> {
        let first = &group[0];
        let idle = self.idle(first);
        let names = || idle.iter().map(|i| &*i.name);
        let told = |at: &Idle| {
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
            suggest::nearest(&first.name, names()).and_then(|n| idle.iter().find(|i| *i.name == *n));
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
                let fits = |i: &Idle| group.iter().map(|m| self.use_fits(m, i)).reduce(Fit::and);
                let only = |fit: Fit| {
                    let mut found = idle.iter().filter(|i| fits(i) == Some(fit));
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
fn is_it_meant(missing: &Missing, only: &Idle) -> Diagnostic {
    missing.told.clone().label(only.span, format!("`{}` is never used: is it the one?", only.name))
}

/// The words of an unreadable item that it may declare: of a declaration of one name the second word of each line,
/// since it may have swallowed the next ones; of any other item all words. A stray mark in a word is left out.
fn words_declared(text: &str) -> Vec<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let pieces = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| c.is_whitespace() || "=:.,(){}[]\"".contains(c));
        parts.map(|p| p.chars().filter(|c| word(*c)).collect::<String>()).filter(|p| !p.is_empty()).collect()
    };
    let one_name =
        ["let", "param", "solve", "sweep", "optimize", "assert", "warn", "show", "plot", "fn", "solver"];
    let all = pieces(text);
    match all.first() {
        Some(first) if one_name.contains(&first.as_str()) => {
            text.lines().filter_map(|line| pieces(line).into_iter().nth(1)).collect()
        }
        _ => all,
    }
}
