//! Files and modules that `use` and `import` name.

use crate::check::Checker;
use crate::check::error::{Mistake, Text};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{Library, ReadError, Span};
use crate::suggest::{enumerate, nearest};

pub(in crate::check) enum ModuleError {
    /// `a.mls` uses `b.mls` uses `a.mls`.
    ImportCycle {
        files: Vec<Text>,
        uses: Vec<Span>,
    },
    ImportTooDeep {
        path: Text,
        span: Option<Span>,
        limit: usize,
    },
    /// A file that is missing, not UTF-8, too large, a directory.
    Unreadable {
        path: Text,
        error: ReadError,
        from: Option<Span>,
        near: Option<String>,
    },
    /// `use std.hardwar.nvidia`
    UnknownModule {
        path: Text,
        span: Span,
        near: Option<String>,
        beside: Vec<String>,
    },
    /// `use std.hardware.nvidia.H1000`
    NotInModule {
        name: Text,
        span: Span,
        module: Text,
        names: Vec<Text>,
        elsewhere: Vec<String>,
    },
}

impl Mistake for ModuleError {
    fn diagnostic(self, checker: &Checker) -> Diagnostic {
        match self {
            ModuleError::ImportCycle { files, uses } => import_cycle(&files, &uses),
            ModuleError::ImportTooDeep { path, span, limit } => {
                let diagnostic = Diagnostic::error(
                    "mls::import-too-deep",
                    format!("`{path}` is at the end of a chain of more than {limit} files"),
                );
                let diagnostic = match span {
                    Some(span) => diagnostic.label(span, "used here"),
                    None => diagnostic,
                };
                diagnostic.help("use the files that you need directly")
            }
            ModuleError::Unreadable { path, error, from, near } => {
                unreadable(checker.library, &path, error, from, near)
            }
            ModuleError::UnknownModule { path, span, near, beside } => {
                let diagnostic =
                    Diagnostic::error("mls::unknown-module", format!("there is no module `{path}`"));
                let diagnostic = match &near {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "no such module"),
                };
                let last = path.rsplit('.').next().unwrap_or("");
                if let Some((name, module)) = checker.library.spelt_like(last) {
                    return diagnostic.help(format!("the library has `{name}`: `use {module}.{name}`"));
                }
                match beside.is_empty() {
                    false => {
                        diagnostic.help(format!("there are {}", enumerate(beside.iter().map(|b| &**b), 16)))
                    }
                    true => diagnostic
                        .help("`mlsys list modules` shows all; a file of yours is `use \"file.mls\"`"),
                }
            }
            ModuleError::NotInModule { name, span, module, names, elsewhere } => {
                let diagnostic =
                    Diagnostic::error("mls::unknown-import", format!("`{module}` does not declare `{name}`"));
                let diagnostic = match nearest(&name, names.iter().map(|n| &**n)) {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "not declared there"),
                };
                let near = nearest(&name, names.iter().map(|n| &**n));
                match elsewhere.first() {
                    Some(_) if near.is_some_and(|near| near.starts_with(&*name)) => {
                        diagnostic.help(format!("write `use {module}.{}`", near.unwrap_or(&name)))
                    }
                    Some(other) => diagnostic.help(format!("it is in `{other}`: `use {other}.{name}`")),
                    None => {
                        diagnostic.help(format!("it declares {}", enumerate(names.iter().map(|n| &**n), 16)))
                    }
                }
            }
        }
    }
}

fn import_cycle(files: &[Text], uses: &[Span]) -> Diagnostic {
    let chain: Vec<String> = files.iter().map(|f| format!("`{f}`")).collect();
    let mut diagnostic = Diagnostic::error("mls::import-cycle", "these files use one another in a circle");
    for (span, file) in uses.iter().zip(&files[1..]) {
        diagnostic = diagnostic.label(*span, format!("uses `{file}`"));
    }
    diagnostic
        .with_note(chain.join(" -> "))
        .help("move what both need into a third file, and use that one from each")
}

fn unreadable(
    library: &Library,
    path: &str,
    error: ReadError,
    from: Option<Span>,
    near: Option<String>,
) -> Diagnostic {
    let is_config = path.ends_with(".json");
    let (code, message, here, help) = match error {
        ReadError::NotFound => (
            codes::FILE_NOT_FOUND,
            format!("there is no file `{path}`"),
            "not found",
            match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if let Some((name, module)) = model(library, path) => {
                    format!("the library has `{name}`: `use {module}.{name}`, without quotes")
                }
                None if is_config => "an import takes a `config.json`, or the folder that holds one".into(),
                None if from.is_none() => "paths are relative to the folder you are in".into(),
                None => "paths are relative to the file that uses them".into(),
            },
        ),
        ReadError::NotUtf8 { offset } => (
            "mls::not-utf8",
            format!("`{path}` is not UTF-8 text: byte {offset} is no character"),
            "not a text",
            "save it as UTF-8; is it a binary file?".into(),
        ),
        ReadError::TooLarge { bytes, limit } => (
            "mls::file-too-large",
            format!("`{path}` has {bytes} bytes; the limit is {limit}"),
            "too large",
            match is_config {
                true => "the `config.json` of a model has a few kilobytes".into(),
                false => {
                    "a plan that large is generated: state the variation as a list or a sweep instead".into()
                }
            },
        ),
        ReadError::Other(reason) => (
            "mls::file-unreadable",
            format!("`{path}` cannot be read: {reason}"),
            "cannot be read",
            "check that it is a file and that you may read it".into(),
        ),
    };
    let diagnostic = Diagnostic::error(code, message).help(help);
    match from {
        Some(span) => diagnostic.label(span, here),
        None => diagnostic,
    }
}

/// The model of the library that a path of Hugging Face names.
fn model(library: &Library, path: &str) -> Option<(String, String)> {
    (!path.ends_with(".mls")).then(|| path.rsplit('/').next().and_then(|name| library.spelt_like(name)))?
}
