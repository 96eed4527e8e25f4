//! What is wrong with a declaration: its name, its form, or that nothing needs it.

use crate::check::Checker;
use crate::check::error::{Mistake, Text};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::{enumerate, nearest};

pub(in crate::check) enum DeclarationError {
    /// `let a = 1` twice.
    DuplicateName {
        name: Text,
        span: Span,
        first: Span,
    },
    /// Two scenarios `"night"`.
    DuplicateScenario {
        name: Text,
        span: Span,
    },
    /// `use` or `param` inside a scenario.
    NotInScenario {
        span: Span,
    },
    /// `a = b`, `b = a`.
    Cycle {
        names: Vec<Text>,
        uses: Vec<Span>,
        spans: Vec<Span>,
    },
    /// Thousands of values, each needing the next.
    ChainTooLong {
        name: Text,
        span: Span,
        limit: usize,
    },
    FunctionNeedsBody {
        name: Text,
        span: Span,
    },
    /// `fn mean(values: Scalar...) = ..`
    VariadicWithBody {
        span: Span,
    },
    NativeNeedsResult {
        span: Span,
    },
    TooManyGenerics {
        span: Span,
        limit: usize,
    },
    /// `--set nosuch=1`
    UnknownParam {
        name: Text,
        span: Span,
        params: Vec<Text>,
    },
    /// `param x: Time` without a default, not set.
    ParamNotSet {
        name: Text,
        span: Span,
        example: String,
    },
    UnusedImport {
        name: Text,
        span: Span,
    },
    UnusedParam {
        name: Text,
        span: Span,
    },
}

impl Mistake for DeclarationError {
    fn diagnostic(self, _: &Checker) -> Diagnostic {
        match self {
            DeclarationError::DuplicateName { name, span, first } => {
                Diagnostic::error("mls::duplicate-name", format!("`{name}` is declared twice"))
                    .label(span, "declared again")
                    .label(first, "first declared here")
                    .help("rename one of them, or override it: `NAME { field: value }`")
            }
            DeclarationError::DuplicateScenario { name, span } => {
                Diagnostic::error("mls::duplicate-name", format!("there are two scenarios \"{name}\""))
                    .label(span, "the second one")
                    .help("give each scenario its own name: reports tell them apart by it")
            }
            DeclarationError::NotInScenario { span } => {
                Diagnostic::error("mls::not-in-scenario", "this cannot stand inside a scenario")
                    .label(span, "belongs at the top of the file")
                    .help("move it out of the scenario: a file's names are visible in all its scenarios")
            }
            DeclarationError::Cycle { names, uses, spans } => cycle(&names, &uses, &spans),
            DeclarationError::ChainTooLong { name, span, limit } => Diagnostic::error(
                "mls::chain-too-long",
                format!("more than {limit} declarations wait for `{name}`"),
            )
            .label(span, "needed here")
            .help("declare values before the values that use them"),
            DeclarationError::FunctionNeedsBody { name, span } => {
                Diagnostic::error("mls::function-needs-body", format!("`fn {name}` has no body"))
                    .label(span, "what does it compute?")
                    .help("add `= expression`; only the library's native functions have none")
            }
            DeclarationError::VariadicWithBody { span } => Diagnostic::error(
                "mls::variadic-function",
                "only the library's native functions take any number of arguments",
            )
            .label(span, "any number of them")
            .help("take a list: `fn mean(values: [Scalar]) = ..`, called as `mean([1, 2, 3])`"),
            DeclarationError::NativeNeedsResult { span } => {
                Diagnostic::error("mls::function-needs-body", "a native function declares its result type")
                    .label(span, "add `-> TYPE`")
                    .help("there is no body to infer it from")
            }
            DeclarationError::TooManyGenerics { span, limit } => Diagnostic::error(
                "mls::too-many-generics",
                format!("a function has at most {limit} dimension parameters"),
            )
            .label(span, "one too many")
            .help("split the function"),
            DeclarationError::UnknownParam { name, span, params } => {
                let diagnostic = Diagnostic::error(codes::UNKNOWN_PARAM, format!("no `param {name}` to set"))
                    .label(span, "this value goes nowhere");
                let near = nearest(&name, params.iter().map(|n| &**n));
                match (near, params.is_empty()) {
                    (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
                    (None, true) => diagnostic.help("the file declares no `param`: only those can be set"),
                    (None, false) => diagnostic
                        .help(format!("the params are {}", enumerate(params.iter().map(|p| &**p), 16))),
                }
            }
            DeclarationError::ParamNotSet { name, span, example } => Diagnostic::error(
                "mls::param-not-set",
                format!("`param {name}` has no default and is not set"),
            )
            .label(span, "needs a value")
            .help(format!("run with `--set \"{name}={example}\"`, or give it a default: `= {example}`")),
            DeclarationError::UnusedImport { name, span } => {
                Diagnostic::warning("mls::unused-import", format!("`{name}` is not used"))
                    .label(span, "brought in, never read")
                    .help("remove it")
            }
            DeclarationError::UnusedParam { name, span } => {
                Diagnostic::warning("mls::unused-param", format!("`param {name}` is not used"))
                    .label(span, "setting it changes nothing")
                    .help("use it, or remove it")
            }
        }
    }
}

fn cycle(names: &[Text], uses: &[Span], spans: &[Span]) -> Diagnostic {
    // Begin at the name that stands first in the file, so that the message does not depend on who asked.
    let start = (0..names.len()).min_by_key(|i| spans[*i]).unwrap_or(0);
    let order: Vec<usize> = (0..names.len()).map(|i| (start + i) % names.len()).collect();
    let mut chain: Vec<String> = order.iter().map(|i| format!("`{}`", names[*i])).collect();
    chain.push(chain[0].clone());
    let message = match names {
        [only] => format!("`{only}` is defined by itself"),
        _ => format!("{} are defined by one another", enumerate(order.iter().map(|i| &*names[*i]), 8)),
    };
    let mut diagnostic = Diagnostic::error("mls::value-cycle", message);
    for i in &order {
        let next = &names[(i + 1) % names.len()];
        diagnostic = diagnostic.label(uses[*i], format!("`{}` needs `{next}`", names[*i]));
    }
    diagnostic.with_note(chain.join(" -> ")).help("give one of them a value of its own")
}
