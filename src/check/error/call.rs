//! Arguments of functions.

use crate::check::Checker;
use crate::check::error::{Mistake, Text, plural};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::enumerate;

pub(in crate::check) enum CallError {
    MissingArguments {
        function: Text,
        span: Span,
        missing: Vec<Text>,
        declared: Span,
    },
    ArgumentTwice {
        name: Text,
        span: Span,
    },
    NoSuchParameter {
        function: Text,
        argument: Option<Text>,
        span: Span,
        parameters: Vec<Text>,
        near: Option<String>,
        declared: Span,
    },
    ArgumentCount {
        function: Text,
        span: Span,
        wanted: usize,
        found: usize,
    },
    NoNamedArguments {
        function: Text,
        span: Span,
    },
}

impl Mistake for CallError {
    fn diagnostic(self, _: &Checker) -> Diagnostic {
        match self {
            CallError::MissingArguments { function, span, missing, declared } => {
                let names = enumerate(missing.iter().map(|m| &**m), 8);
                let count = plural(missing.len(), "argument");
                Diagnostic::error("mls::missing-argument", format!("`{function}` lacks {count}"))
                    .label(span, format!("needs {names}"))
                    .label(declared, "declared here")
                    .help(format!("add {names}"))
            }
            CallError::ArgumentTwice { name, span } => {
                Diagnostic::error("mls::duplicate-argument", format!("`{name}` is given twice"))
                    .label(span, "given again")
                    .help("remove one of the two")
            }
            CallError::NoSuchParameter { function, argument, span, parameters, near, declared } => {
                let names = enumerate(parameters.iter().map(|p| &**p), 16);
                let help = match parameters.is_empty() {
                    true => "it takes no arguments".to_string(),
                    false => format!("it takes {names}"),
                };
                let diagnostic = match argument {
                    Some(argument) => {
                        let label =
                            near.map_or("no such parameter".into(), |n| format!("did you mean `{n}`?"));
                        Diagnostic::error(
                            "mls::unknown-argument",
                            format!("`{function}` has no parameter `{argument}`"),
                        )
                        .label(span, label)
                    }
                    None => Diagnostic::error(
                        "mls::too-many-arguments",
                        format!("`{function}` takes {}", plural(parameters.len(), "argument")),
                    )
                    .label(span, "one too many"),
                };
                diagnostic.label(declared, "declared here").help(help)
            }
            CallError::ArgumentCount { function, span, wanted, found } => Diagnostic::error(
                "mls::argument-count",
                format!("`{function}` takes {}, not {found}", plural(wanted, "argument")),
            )
            .label(span, format!("{found} given"))
            .help("`mlsys list functions` shows what each function takes"),
            CallError::NoNamedArguments { function, span } => Diagnostic::error(
                "mls::unknown-argument",
                format!("the arguments of `{function}` have no names"),
            )
            .label(span, "a name")
            .help("write the values alone"),
        }
    }
}
