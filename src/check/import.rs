//! `import "config.json"`: a configuration read as a record.

use crate::check::error::ModuleError;
use crate::check::program::Expr;
use crate::check::{Checker, Frame};
use crate::diagnostic::Diagnostic;
use crate::import;
use crate::import::{File, QUANTIZATION_FILE};
use crate::source::{Origin, ReadError, Span};
use crate::syntax;

impl Checker<'_> {
    /// The record is checked as text, so that an import in place is what `mlsys import` prints.
    pub(super) fn infer_import(&mut self, frame: &mut Frame, path: &str, span: Span) -> Expr {
        let from = self.sources.file(span.file).path.clone();
        let path = self.provider.resolve(&from, &import::config_path(path));
        let Some(declaration) = self.import_file(&path, Some(span)) else { return Expr::bad(span) };
        let text = declaration.expression();
        let file = self.sources.add(&format!("{path} as a model"), Origin::User, text.as_str());
        match syntax::parse_expression(file, &text) {
            Ok(record) => {
                let mut value = self.infer(frame, &record, None);
                value.span = span;
                value
            }
            Err(problems) => {
                self.problems.extend(problems);
                Expr::bad(span)
            }
        }
    }

    /// The declaration made of a configuration and the quantisation beside it; reports what is wrong with them.
    pub(super) fn import_file(&mut self, path: &str, from: Option<Span>) -> Option<import::Declaration> {
        let (id, text) = self.read_at_most(path, from, import::FILE_LIMIT)?;
        let beside = self.provider.resolve(path, QUANTIZATION_FILE);
        let quantization = match self.provider.read(&beside, import::FILE_LIMIT) {
            Ok(text) => Some((self.sources.add(&beside, Origin::User, text.as_str()), text)),
            Err(ReadError::NotFound) => None,
            Err(error) => {
                self.report(ModuleError::Unreadable { path: beside.into(), error, from, near: None });
                return None;
            }
        };
        let quantization = quantization.as_ref().map(|(id, text)| File { id: *id, path, text });
        let here = |d: Diagnostic| match from {
            Some(span) => d.label(span, "imported here"),
            None => d,
        };
        match import::import(File { id, path, text: &text }, quantization) {
            Ok(declaration) => {
                self.problems.extend(declaration.warnings.iter().cloned().map(here));
                Some(declaration)
            }
            Err(problems) => {
                self.problems.extend(problems.into_iter().map(here));
                None
            }
        }
    }
}
