//! Fields of records, and inputs of solvers.

use crate::check::Checker;
use crate::check::error::{Mistake, Text, article, plural};
use crate::check::program::{Program, SolverId, Type, TypeId};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest::{enumerate, nearest};

pub(in crate::check) enum RecordError {
    /// `tdp: 1 W` twice in one record.
    DuplicateField {
        path: String,
        span: Span,
        first: Span,
    },
    UnknownField {
        name: Text,
        span: Span,
        ty: Type,
    },
    UnknownInput {
        name: Text,
        span: Span,
        solver: SolverId,
    },
    /// `one { latency: 1 s }`
    OutputOverridden {
        name: Text,
        span: Span,
        solver: Text,
    },
    MissingFields {
        ty: TypeId,
        missing: Vec<Text>,
        span: Span,
    },
    MissingInputs {
        solver: Text,
        missing: Vec<Text>,
        /// A value of each.
        examples: Vec<String>,
        span: Span,
        declared: Span,
    },
    SolverNeedsInputs {
        name: Text,
        span: Span,
        first: Option<Text>,
    },
    NotASolve {
        span: Span,
        found: String,
    },
    /// `{ a: 1 }` where nothing says of which type.
    RecordWithoutType {
        span: Span,
        wanted: Option<String>,
    },
    /// `5 { a: 1 }`
    NotOverridable {
        span: Span,
        found: String,
    },
    NoFields {
        span: Span,
        name: Text,
        found: String,
    },
    /// `{ a.b }`
    FieldNeedsValue {
        span: Span,
    },
    SpreadNotHere {
        span: Span,
    },
}

impl Mistake for RecordError {
    fn diagnostic(self, checker: &Checker) -> Diagnostic {
        match self {
            RecordError::DuplicateField { path, span, first } => {
                Diagnostic::error("mls::duplicate-field", format!("field `{path}` is given twice"))
                    .label(span, "given again")
                    .label(first, "first given here")
                    .help("remove one of the two")
            }
            RecordError::UnknownField { name, span, ty } => checker.unknown_field(&name, span, &ty),
            RecordError::UnknownInput { name, span, solver } => {
                let solver = checker.program.solver(solver);
                let inputs = || solver.locals[..solver.inputs].iter().map(|l| &*l.name);
                let diagnostic = Diagnostic::error(
                    "mls::unknown-input",
                    format!("`{}` has no input `{name}`", solver.name),
                );
                let own = solver.locals[..solver.inputs].iter().map(|l| (&*l.name, &l.ty));
                let near = nearest(&name, inputs()).map(str::to_string);
                let diagnostic = match near.or_else(|| checker.program.inside(own, &name)) {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "no such input"),
                };
                diagnostic.help(format!("its inputs are {}", enumerate(inputs(), 24)))
            }
            RecordError::OutputOverridden { name, span, solver } => Diagnostic::error(
                "mls::output-overridden",
                format!("`{name}` is computed by `{solver}` and cannot be set"),
            )
            .label(span, "an output")
            .help("change the inputs that it depends on instead"),
            RecordError::MissingFields { ty, missing, span } => {
                let record = checker.program.ty(ty);
                let count = plural(missing.len(), "field");
                let mut diagnostic =
                    Diagnostic::error("mls::missing-field", format!("this `{}` lacks {count}", record.name))
                        .label(span, format!("needs {}", enumerate(missing.iter().map(|m| &**m), 8)));
                for name in missing.iter().take(3) {
                    if let Some(field) = record.fields.get(name) {
                        let ty = checker.program.describe(&field.ty);
                        diagnostic =
                            diagnostic.label(field.span, format!("`{name}` is {ty}, without a default"));
                    }
                }
                let kind = crate::check::record_kind(&record.name);
                let lines: Vec<String> = missing
                    .iter()
                    .take(4)
                    .map(|m| format!("`{m}: {}`", example(&checker.program, &record.fields[m].ty)))
                    .collect();
                diagnostic.help(format!(
                    "add {}; or derive from one that has them: `{kind} NAME = BASE {{ .. }}`",
                    lines.join(", ")
                ))
            }
            RecordError::MissingInputs { solver, missing, examples, span, declared } => {
                let count = plural(missing.len(), "input");
                let names = enumerate(missing.iter().map(|m| &**m), 8);
                let given: Vec<String> =
                    missing.iter().zip(examples).take(6).map(|(m, e)| format!("{m}: {e}")).collect();
                let example = given.join(", ");
                Diagnostic::error("mls::missing-input", format!("`{solver}` lacks {count}"))
                    .label(span, format!("needs {names}"))
                    .label(declared, "declared here")
                    .help(format!("give it in the braces: `{solver} {{ {example} }}`"))
            }
            RecordError::SolverNeedsInputs { name, span, first } => {
                let input = first.map_or(String::new(), |f| format!("{f}: .."));
                Diagnostic::error("mls::missing-input", format!("the solver `{name}` needs its inputs"))
                    .label(span, "no inputs given")
                    .help(format!("write `{name} {{ {input} }}`"))
            }
            RecordError::NotASolve { span, found } => Diagnostic::error(
                "mls::not-a-solve",
                format!("`solve` needs a solver with its inputs; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("write `solve NAME = roofline { .. }`, or `let NAME = ..` for any other value"),
            RecordError::RecordWithoutType { span, wanted } => {
                let diagnostic = Diagnostic::error(
                    "mls::record-without-type",
                    "nothing says of which type this record is",
                );
                match wanted {
                    Some(wanted) => diagnostic.label(span, format!("a record, but {wanted} is wanted here")),
                    None => diagnostic.label(span, "a record of unknown type"),
                }
                .help("write the type before the braces, `Curve { .. }`, or declare it, `let x: Curve = { .. }`")
            }
            RecordError::NotOverridable { span, found } => {
                Diagnostic::error("mls::not-overridable", format!("{found} has no fields to override"))
                    .label(span, "not a record, solve or solver")
                    .help("braces after an expression override fields of a record or inputs of a solver")
            }
            RecordError::NoFields { span, name, found } => {
                Diagnostic::error("mls::no-fields", format!("{found} has no field `{name}`"))
                    .label(span, "only records and solves have fields")
                    .help("remove the field, or name a record before the dot")
            }
            RecordError::FieldNeedsValue { span } => {
                Diagnostic::error("mls::field-needs-value", "a nested field needs a value")
                    .label(span, "only a single name may stand alone")
                    .help("write `path.to.field: value`")
            }
            RecordError::SpreadNotHere { span } => Diagnostic::error(
                "mls::spread-not-here",
                "`...` only fills the inputs of a solver or function",
            )
            .label(span, "nothing to fill")
            .help("remove it, or name the fields"),
        }
    }
}

impl Checker<'_> {
    fn unknown_field(&self, name: &str, span: Span, ty: &Type) -> Diagnostic {
        let names: Vec<&str> = match ty {
            Type::Record(id) => self.program.ty(*id).fields.keys().map(|k| &**k).collect(),
            Type::Solve(id) => {
                let solver = self.program.solver(*id);
                solver
                    .outputs
                    .iter()
                    .map(|o| &*solver.locals[o.index()].name)
                    .chain(solver.locals[..solver.inputs].iter().map(|l| &*l.name))
                    .collect()
            }
            _ => vec![],
        };
        let described = match ty {
            Type::Record(id) => format!("`{}`", self.program.ty(*id).name),
            other => self.program.describe(other),
        };
        let diagnostic =
            Diagnostic::error("mls::unknown-field", format!("{described} has no field `{name}`"));
        if let Some(declared) = self.hidden_let(ty, name) {
            return diagnostic
                .label(span, "not an output")
                .label(declared, "this `let` stays inside its solver")
                .help("write `out` instead of `let` there to make it visible");
        }
        let diagnostic = match nearest(name, names.iter().copied()) {
            Some(near) => {
                let diagnostic = diagnostic.label(span, format!("did you mean `{near}`?"));
                match self.field_at(ty, near).filter(|at| !self.sources.is_library(*at)) {
                    Some(at) => diagnostic.label(at, format!("`{near}` is declared here")),
                    None => diagnostic,
                }
            }
            None => match self.program.inside(self.program.parts(ty), name) {
                Some(path) => diagnostic.label(span, format!("did you mean `{path}`?")),
                None => diagnostic.label(span, "no such field"),
            },
        };
        diagnostic.help(format!("it has {}", enumerate(names, 24)))
    }

    /// Where a field of a record, or an input or output of a solve, is declared.
    fn field_at(&self, ty: &Type, name: &str) -> Option<Span> {
        match ty {
            Type::Record(id) => self.program.ty(*id).fields.get(name).map(|f| f.span),
            Type::Solve(id) => {
                self.program.solver(*id).locals.iter().find(|l| &*l.name == name).map(|l| l.span)
            }
            _ => None,
        }
    }
}

impl Program {
    /// The fields of a record, or the inputs and outputs of a solve, with their types.
    fn parts<'a>(&'a self, ty: &Type) -> Box<dyn Iterator<Item = (&'a str, &'a Type)> + 'a> {
        match ty {
            Type::Record(id) => Box::new(self.ty(*id).fields.iter().map(|(name, f)| (&**name, &f.ty))),
            Type::Solve(id) => Box::new(self.solver(*id).locals.iter().map(|l| (&*l.name, &l.ty))),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// `PART.FIELD`, where a record among `parts` has the field `name`, or one of which `name` is a longer form:
    /// `layout.tensor` for `tensor_parallel`.
    fn inside<'a>(&self, parts: impl Iterator<Item = (&'a str, &'a Type)>, name: &str) -> Option<String> {
        let mut longer = None;
        for (part, ty) in parts {
            let Type::Record(id) = ty.required() else { continue };
            for field in self.ty(*id).fields.keys() {
                if **field == *name {
                    return Some(format!("{part}.{field}"));
                }
                if name.strip_prefix(&**field).is_some_and(|rest| rest.starts_with('_')) && longer.is_none() {
                    longer = Some(format!("{part}.{field}"));
                }
            }
        }
        longer
    }
}

fn example(program: &Program, ty: &Type) -> String {
    match ty.required() {
        Type::Quantity(d) if !d.is_scalar() => {
            program.registry.suggested_unit(*d).map_or("..".into(), |unit| format!("1 {unit}"))
        }
        Type::Quantity(_) => "1".into(),
        Type::String => "\"..\"".into(),
        _ => "..".into(),
    }
}
