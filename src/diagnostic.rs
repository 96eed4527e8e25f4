//! Diagnostics as plain data. Every stage makes them, `report/` alone renders them.

use crate::source::{Sources, Span};

/// How bad it is. `Error` stops the run with exit code 2; the rest are reported, and the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A plan cannot be run, or an assertion does not hold.
    Error,
    /// A `warn` that does not hold, or what is probably a mistake.
    Warning,
    /// What is worth knowing.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place and what is to be said of it. The first label of a diagnostic is where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be said of the place.
    pub text: String,
    /// What puts it right without a doubt; `check --fix` applies it.
    pub edit: Option<Edit>,
}

/// A change to a text: what stands at `span` becomes `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What takes its place.
    pub text: String,
}

/// One finding: what is wrong, where, why, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `mls::kebab-case`, explained in `codes.md`; never reused for another meaning.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line that stands alone: lower case, no full stop, names in backticks.
    pub message: String,
    /// Places, the one to look at first.
    pub labels: Vec<Label>,
    /// What the rule is for, or what was found on the way; one paragraph each.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without places.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning without places.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A note without places.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Diagnostic { code, severity, message: message.into(), labels: vec![], notes: vec![], help: None }
    }

    /// The same with one more place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), edit: None });
        self
    }

    /// The same with one more paragraph.
    pub fn with_note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// The same with a way out.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same with a way out, where there is one.
    pub fn maybe_help(mut self, text: Option<impl Into<String>>) -> Self {
        if let Some(text) = text {
            self.help = Some(text.into());
        }
        self
    }

    /// With a change, beside its first label, that puts it right without a doubt.
    pub fn edit(mut self, span: Span, text: impl Into<String>) -> Self {
        if let Some(label) = self.labels.first_mut() {
            label.edit = Some(Edit { span, text: text.into() });
        }
        self
    }

    /// The change that mends it, at its first label, where there is one.
    pub fn maybe_edit(self, span: Span, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.edit(span, text),
            None => self,
        }
    }

    /// The changes that put it right without a doubt.
    pub fn edits(&self) -> impl Iterator<Item = &Edit> {
        self.labels.iter().filter_map(|l| l.edit.as_ref())
    }

    /// The place to look, if the diagnostic has one.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|l| l.span)
    }
}

/// Where the stages put what they find.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    found: Vec<Diagnostic>,
}

impl Problems {
    /// One more.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Several more.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.found.extend(diagnostics);
    }

    /// Is one of them an error?
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|d| d.severity == Severity::Error)
    }

    /// Is one of them such a one?
    pub fn any(&self, is: impl Fn(&Diagnostic) -> bool) -> bool {
        self.found.iter().any(is)
    }

    /// Leaves only such.
    pub fn retain(&mut self, keep: impl Fn(&Diagnostic) -> bool) {
        self.found.retain(keep);
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, in the order of files and offsets, each once.
    pub fn into_sorted(mut self, sources: &Sources) -> Vec<Diagnostic> {
        let key = |d: &Diagnostic| d.span().map(|s| (sources.is_library(s), s.file, s.start, s.end));
        self.found.sort_by_key(key);
        let mut unique: Vec<Diagnostic> = Vec::with_capacity(self.found.len());
        for diagnostic in self.found {
            if !unique.contains(&diagnostic) {
                unique.push(diagnostic);
            }
        }
        unique
    }
}
