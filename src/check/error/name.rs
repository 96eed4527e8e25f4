//! Names that stand for nothing, or for something else than their place wants.

use crate::check::Checker;
use crate::check::error::{Mistake, Text, article};
use crate::check::program::{Entity, EnumId};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{Library, Span};
use crate::suggest::{enumerate, nearest};
use crate::syntax::nearest_keyword;
use crate::units::registry::{currency, declare_currency};

pub(in crate::check) enum NameError {
    /// `latncy`
    UnknownName {
        name: Text,
        span: Span,
        names: Vec<Text>,
        /// A name like it, and where it is declared.
        similar: Option<(Text, Span)>,
    },
    /// `llama-3-70b`
    Hyphenated {
        written: Span,
        name: String,
        module: String,
    },
    /// `80 GB / s`
    UnitAsName {
        name: Text,
        span: Span,
    },
    /// `80 GB/x` where `x` is declared.
    UnitHidesName {
        name: Text,
        span: Span,
        /// From the blank before `/` or `*` to the name.
        sign: Span,
        declared: Span,
    },
    /// `where devices <= limit` where a point has `limit`, and so has the file.
    PointHidesName {
        name: Text,
        span: Span,
        declared: Span,
    },
    /// `--set slo=abc`
    SettingUnreadable {
        name: Text,
        span: Span,
        /// `--set slo`
        setting: Text,
        /// What the `param` takes, and a value of it.
        wanted: String,
        example: String,
    },
    UnknownFunction {
        name: Text,
        span: Span,
        names: Vec<Text>,
    },
    /// `fp17` where a `Precision` is meant.
    UnknownMember {
        name: Text,
        span: Span,
        enumeration: EnumId,
    },
    UnknownType {
        name: Text,
        span: Span,
        near: Option<String>,
        /// Where that is declared.
        similar: Option<Span>,
        value: bool,
    },
    /// `hardwre x { .. }`
    UnknownKind {
        name: Text,
        span: Span,
        type_name: Text,
        near: Option<String>,
        /// Where that is declared.
        similar: Option<Span>,
        kinds: Vec<String>,
    },
    /// `roofline { batch }` without a `batch` in scope.
    NothingInScope {
        name: Text,
        span: Span,
        example: String,
    },
    /// A type or function where a value is meant.
    NotAName {
        name: Text,
        span: Span,
        entity: Entity,
    },
    NotAFunction {
        name: Text,
        span: Span,
        entity: Entity,
    },
}

impl Mistake for NameError {
    fn diagnostic(self, checker: &Checker) -> Diagnostic {
        match self {
            NameError::Hyphenated { written, name, module } => {
                Diagnostic::error("mls::unknown-name", "a name has no `-`")
                    .label(written, format!("the library calls it `{name}`"))
                    .help(format!("write `{name}`, after `use {module}.{name}`"))
            }
            NameError::UnitAsName { name, span } => {
                Diagnostic::error("mls::unknown-name", format!("`{name}` is a unit, not a value"))
                    .label(span, "a unit stands after a number")
                    .help(format!(
                        "write the whole unit without blanks: `80 GB/{name}`, or give it a number: `1 {name}`"
                    ))
            }
            NameError::SettingUnreadable { name, span, setting, wanted, example } => {
                let param = setting.trim_start_matches("--set ");
                let text = if wanted == "String" { format!("\"{name}\"") } else { example };
                Diagnostic::error("mls::unknown-name", format!("`{name}` is no value for `param {param}`"))
                    .label(span, "not declared in the file")
                    .help(format!("it takes {}: `--set '{param}={text}'`", article(&wanted)))
            }
            NameError::UnitHidesName { name, span, sign, declared } => {
                let operator = checker.sources.text(sign);
                let joined = format!(" {operator} {name}");
                Diagnostic::error(
                    "mls::unit-hides-name",
                    format!("`{name}` is read as a unit here, and not as the `{name}` that is declared"),
                )
                .label(span, "a unit of plain numbers")
                .label(declared, format!("this `{name}` is not read"))
                .help(format!("blanks on both sides make it a value: `{operator} {name}`"))
                .edit(sign.to(span), joined)
            }
            NameError::PointHidesName { name, span, declared } => Diagnostic::warning(
                "mls::name-hidden",
                format!("`{name}` is the point's own here, and not the `{name}` that is declared"),
            )
            .label(span, "of each point")
            .label(declared, format!("this `{name}` is not read"))
            .help(format!("to read the other, give it a name that no point has: `{name}_limit`")),
            NameError::UnknownName { name, span, names, similar } => {
                let diagnostic = unknown_name(checker.library, &name, span, &names);
                match similar {
                    Some((near, at)) => diagnostic.label(at, format!("`{near}` is declared here")),
                    None => diagnostic,
                }
            }
            NameError::UnknownFunction { name, span, names } => {
                let diagnostic =
                    Diagnostic::error("mls::unknown-name", format!("there is no function `{name}`"));
                if let Some(help) = function_of_habit(&name) {
                    return diagnostic.label(span, "of another language").help(help);
                }
                match nearest(&name, names.iter().map(|n| &**n)) {
                    Some(near) => diagnostic
                        .label(span, format!("did you mean `{near}`?"))
                        .help("`mlsys list functions` shows all functions"),
                    None => diagnostic
                        .label(span, "not declared")
                        .help("`mlsys list functions` shows the library's; `fn name(x: Time) -> Time = ..` makes one"),
                }
            }
            NameError::UnknownMember { name, span, enumeration } => {
                let declared = checker.program.enumeration(enumeration);
                let diagnostic = Diagnostic::error(
                    "mls::unknown-member",
                    format!("`{name}` is not a member of `{}`", declared.name),
                );
                let members = || declared.members.keys().map(|m| &**m);
                let diagnostic = match nearest(&name, members()) {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "no such member"),
                };
                diagnostic.help(format!("`{}` is one of {}", declared.name, enumerate(members(), 16)))
            }
            NameError::UnknownType { name, span, near, similar, value } => {
                let diagnostic =
                    Diagnostic::error("mls::unknown-type", format!("there is no type or dimension `{name}`"));
                let diagnostic = match &near {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "not declared"),
                };
                let diagnostic = match similar {
                    Some(at) => diagnostic.label(at, "declared here"),
                    None => diagnostic,
                };
                if let Some(unit) = checker.program.registry.unit(&name) {
                    let dimension = checker.program.registry.describe(unit.dimension);
                    diagnostic.help(format!("`{name}` is a unit; a type is its dimension: {dimension}"))
                } else if value {
                    diagnostic.help("that is the name of a value; a type is wanted here")
                } else {
                    diagnostic
                        .help("dimensions are listed by `mlsys list dimensions`, types by `mlsys list types`")
                }
            }
            NameError::UnknownKind { name, span, type_name, near, similar, kinds } => {
                let diagnostic = Diagnostic::error(codes::UNKNOWN_KIND, format!("there is no kind `{name}`"));
                match (&near, nearest_keyword(&name)) {
                    (Some(near), _) => similar
                        .into_iter()
                        .fold(diagnostic.label(span, format!("did you mean `{near}`?")), |d, at| {
                            d.label(at, "its type is declared here")
                        })
                        .help(format!("there are {}", enumerate(kinds.iter().map(|k| &**k), 16))),
                    (None, Some(keyword)) => diagnostic
                        .label(span, format!("did you mean `{keyword}`?"))
                        .help(format!("write `{keyword}`")),
                    (None, None) => diagnostic
                        .label(span, format!("no type `{type_name}` is declared"))
                        .help(format!("there are {}", enumerate(kinds.iter().map(|k| &**k), 16))),
                }
            }
            NameError::NothingInScope { name, span, example } => Diagnostic::error(
                "mls::unknown-name",
                format!("no `{name}` is in scope to take the value from"),
            )
            .label(span, "a name alone means the value of that name")
            .help(format!("give it a value: `{name}: {example}`")),
            NameError::NotAName { name, span, entity } => {
                let (what, help) = kind_of(entity);
                Diagnostic::error("mls::not-a-value", format!("`{name}` is {what}, not a value"))
                    .label(span, what)
                    .help(help.replace("NAME", &name))
            }
            NameError::NotAFunction { name, span, entity } => {
                let (what, help) = kind_of(entity);
                Diagnostic::error("mls::not-a-function", format!("`{name}` is {what}, not a function"))
                    .label(span, what)
                    .help(help.replace("NAME", &name))
            }
        }
    }
}

/// Why an entity is not what its use makes it.
fn kind_of(entity: Entity) -> (&'static str, &'static str) {
    match entity {
        Entity::Type(_) => ("a type", "make a value of it: `NAME { field: value }`"),
        Entity::Enum(_) => ("an enum", "name one of its members"),
        Entity::Function(_) => ("a function", "call it: `NAME(..)`"),
        Entity::Table(_) => ("a table", "look a value up in it: `NAME(x)`"),
        Entity::Solver(_) => ("a solver", "give it its inputs in braces: `NAME { input: value }`"),
        Entity::Module(_) => ("a module", "name something in it: `NAME.thing`"),
        Entity::Value(_) => ("a value", "leave out the parentheses"),
        Entity::Unit => ("a unit", "units stand after a number"),
        Entity::Unknown => ("unknown", ""),
    }
}

/// The word for what other languages write so.
pub(in crate::check) fn word_of_habit(name: &str) -> Option<&'static str> {
    match name {
        "True" | "TRUE" => Some("true"),
        "False" | "FALSE" => Some("false"),
        "None" | "null" | "NULL" | "nil" | "undefined" | "NaN" => Some("none"),
        _ => None,
    }
}

/// What stands for a function of another language.
fn function_of_habit(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "range" | "arange" => Some("a range is `1..10`, or `10..100 by 10`"),
        "if" | "iif" => Some("write `if condition then a else b`"),
        "average" | "avg" => Some("write `mean(list)`"),
        "roundup" | "ceiling" => Some("write `ceil(x)`"),
        "rounddown" | "int" => Some("write `floor(x)`"),
        "length" | "size" => Some("write `len(list)`, or `count(grid)` for the points of a sweep"),
        "log" => Some("say which: `ln(x)`, `log2(x)` or `log10(x)`"),
        "print" | "println" => Some("write `show x`"),
        "and" | "or" | "not" => Some("write `a and b`, `a or b`, `not a`"),
        _ => None,
    }
}

fn unknown_name(library: &Library, name: &str, span: Span, names: &[Text]) -> Diagnostic {
    let diagnostic = Diagnostic::error("mls::unknown-name", format!("`{name}` is not declared"));
    if let Some(word) = word_of_habit(name) {
        return diagnostic.label(span, format!("here that is `{word}`")).help(format!("write `{word}`"));
    }
    // The models and devices of the seed are known by short names; planners mean those of the library proper.
    let (seed, modules): (Vec<_>, Vec<_>) = library.find(name).into_iter().partition(|m| m == "std.seed");
    let variants = library.variants(name);
    let help = match (modules.first(), variants.first(), seed.first()) {
        (Some(module), ..) => Some(format!("the library has it: `use {module}.{name}`")),
        (None, Some((first, module)), _) => {
            let names = enumerate(variants.iter().map(|(n, _)| n.as_str()), 4);
            Some(format!("the library has {names}: `use {module}.{first}`"))
        }
        (None, None, Some(module)) => Some(format!("the library has it: `use {module}.{name}`")),
        _ => None,
    };
    if let Some(help) = help {
        return diagnostic.label(span, "not in sight").help(help);
    }
    if let Some(currency) = currency(name) {
        return diagnostic.label(span, "not a unit yet").help(declare_currency(currency));
    }
    if let Some(near) = nearest(name, names.iter().map(|n| &**n)) {
        return diagnostic
            .label(span, format!("did you mean `{near}`?"))
            .help(format!("write `{near}`, or declare `{name}`"));
    }
    match library.nearest_value(name) {
        Some((near, module)) => diagnostic
            .label(span, format!("did you mean `{near}`?"))
            .help(format!("the library has `{near}`: `use {module}.{near}`")),
        None => diagnostic.label(span, "nothing of this name is in sight").help(
            "declare it with `let`, or bring it in with `use`; `mlsys list` shows what the library has",
        ),
    }
}
