//! Names that were looked up and not found, and what is noted on the way: which declarations are used, and which names
//! an item may declare that could not be read.

use std::sync::Arc;

use crate::check::error::Mistake;
use crate::check::names::ScopeId;
use crate::check::program::{EnumId, Type};
use crate::check::{Checker, Frame};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
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

/// A name that was looked up, and not found.
pub(crate) struct Lookup<'a> {
    /// Where it is looked for, if it is the name of a declaration.
    pub scope: Option<ScopeId>,
    pub name: &'a Arc<str>,
    pub span: Span,
    pub wanted: Wanted,
    /// The type that it should have there.
    pub hint: Option<&'a Type>,
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
    pub told: Diagnostic,
    /// A scenario would have declared it that a wrong bracket ended.
    pub cut_off: bool,
}

impl Checker<'_> {
    pub(crate) fn report_missing(
        &mut self,
        frame: Option<&Frame>,
        Lookup { scope, name, span, wanted, hint }: Lookup,
        mistake: impl Mistake,
    ) {
        let told = mistake.diagnostic(self);
        let locals = frame.map_or(vec![], |f| self.names_around(f));
        self.findings.missing.push(Missing {
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
            self.findings.used.insert(span);
        }
    }

    /// Remembers the names that an item may declare which could not be read.
    pub(crate) fn note_unread(&mut self, file: FileId, item: &Item) {
        for word in words_declared(self.sources.text(item.span)) {
            self.findings.unread.insert((file, word.as_str().into()));
        }
    }
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
