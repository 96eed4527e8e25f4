//! What the checker finds, as data, and how it is said.

use std::sync::Arc;

use super::Checker;
use super::program::{Entity, EnumId, INTENSITY, Program, SolverId, Type, TypeId};
use crate::diagnostic::Diagnostic;
use crate::library;
use crate::source::{ReadError, Span};
use crate::suggest::{enumerate, nearest};
use crate::syntax::nearest_keyword;
use crate::units::dimension::Dimension;

type Text = Arc<str>;

/// One mistake; each variant's documentation shows the text that makes it.
pub(super) enum CheckError {
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
    /// `tdp: 1 W` twice in one record.
    DuplicateField {
        path: String,
        span: Span,
        first: Span,
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
    /// `latncy`
    UnknownName {
        name: Text,
        span: Span,
        names: Vec<Text>,
        /// `80 GB / s`: it names a unit.
        unit: bool,
        /// A name like it, and where it is declared.
        similar: Option<(Text, Span)>,
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
        span: Span,
        declared: Span,
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
    /// `roofline { batch }` without a `batch` in scope.
    NothingInScope {
        name: Text,
        span: Span,
        example: String,
    },
    /// `{ a.b }`
    FieldNeedsValue {
        span: Span,
    },
    SpreadNotHere {
        span: Span,
    },
    /// A field, argument or annotation of another dimension.
    DimensionMismatch {
        what: String,
        declared: Option<Span>,
        wanted: Dimension,
        found: Dimension,
        span: Span,
        origin: Option<(Span, String)>,
        help: Option<String>,
        generics: Vec<Text>,
    },
    /// `3 s + 2 B`
    OperandMismatch {
        operator: &'static str,
        op_span: Span,
        left: (Span, Dimension),
        right: (Span, Dimension),
        origins: [Option<(Span, String)>; 2],
        help: Option<String>,
        generics: Vec<Text>,
    },
    TypeMismatch {
        what: String,
        origin: Option<(Span, String)>,
        declared: Option<Span>,
        wanted: String,
        found: String,
        span: Span,
        help: Option<String>,
    },
    TypesDiffer {
        what: &'static str,
        first: (Span, String),
        second: (Span, String),
    },
    NotComparable {
        span: Span,
        left: (Span, String),
        right: (Span, String),
        equality: bool,
    },
    NotANumber {
        span: Span,
        found: String,
        operator: &'static str,
    },
    NotAList {
        span: Span,
        found: String,
    },
    NotAnEnum {
        span: Span,
        found: String,
    },
    NotADimension {
        span: Span,
        found: String,
    },
    NotAValue {
        span: Span,
        found: String,
    },
    NotASolve {
        span: Span,
        found: String,
    },
    SolverNeedsInputs {
        name: Text,
        span: Span,
        first: Option<Text>,
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
    CannotConvert {
        span: Span,
        found: String,
        unit: Span,
        wanted: String,
    },
    ExponentNotPlain {
        span: Span,
        found: String,
    },
    ExponentNotKnown {
        span: Span,
        base: Span,
        found: String,
    },
    ExponentRange {
        span: Span,
    },
    NeverAbsent {
        span: Span,
    },
    FloatEquality {
        span: Span,
        left: Text,
        right: Text,
        negated: bool,
    },
    BitsForBytes {
        span: Span,
        value: f64,
        written: String,
        meant: String,
    },
    MatchNotExhaustive {
        span: Span,
        missing: Vec<Text>,
    },
    ArmUnreachable {
        name: Option<Text>,
        span: Span,
    },
    IterateCount {
        span: Span,
        limit: u32,
    },
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
    TooManyGenerics {
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
    TableShape {
        span: Span,
        axes: usize,
    },
    TableNotRising {
        span: Span,
    },
    TableRowsDiffer {
        span: Span,
        first: Span,
    },
    LogOfNonPositive {
        span: Span,
    },
    NotConstant {
        span: Span,
        what: &'static str,
    },
    UnusedImport {
        name: Text,
        span: Span,
    },
    /// `sweep g = 5 over { .. }`
    NotSweepable {
        span: Span,
        found: String,
    },
    AxisCount {
        span: Span,
        found: usize,
        limit: usize,
    },
    /// `members(5)`
    NotAnEnumType {
        span: Span,
        found: String,
    },
    /// An axis that replaces what an earlier one set.
    AxisReplaces {
        name: String,
        span: Span,
        inner: String,
        first: Span,
    },
    /// An axis of a zip that reads another of it.
    ZipReads {
        name: String,
        span: Span,
        read: String,
        other: Span,
    },
    /// `one where latency < 1 s`
    NotAGrid {
        span: Span,
        found: String,
    },
    /// `max(grid)`
    GridNeedsColumn {
        span: Span,
        function: Text,
    },
    /// `plot grid: maximize throughput against latency`
    HalfFrontier {
        span: Span,
    },
    /// `plot grid: throughput against latency by system`
    NotASeries {
        span: Span,
        found: String,
        axes: Vec<Text>,
    },
    /// `plot roofline 3 ms`
    NotOnARoofline {
        span: Span,
        found: String,
    },
    /// `plot roofline one` of a solver that has no intensity
    NoRoofline {
        span: Span,
        solver: SolverId,
    },
    /// `plot bars one.latency, one.energy`
    MixedBars {
        span: Span,
        found: String,
        first: Span,
        expected: String,
    },
    /// `largest n in [1, 2] where ..`
    SearchNeedsRange {
        span: Span,
    },
    /// `largest t in 1 s..5 s where ..` without `by`
    SearchNeedsStep {
        span: Span,
    },
    UnusedParam {
        name: Text,
        span: Span,
    },
}

impl Checker<'_> {
    pub(super) fn report(&mut self, error: CheckError) {
        let diagnostic = match error {
            CheckError::UnknownField { name, span, ty } => self.unknown_field(&name, span, &ty),
            other => other.diagnostic(&self.program),
        };
        self.problems.push(diagnostic);
    }

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
            None => diagnostic.label(span, "no such field"),
        };
        diagnostic.help(format!("it has {}", enumerate(names, 24)))
    }
}

impl Checker<'_> {
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

impl CheckError {
    fn diagnostic(self, program: &Program) -> Diagnostic {
        let describe = |d: Dimension, generics: &[Text]| program.registry.describe_with(d, generics);
        fn error(code: &'static str, message: impl Into<String>) -> Diagnostic {
            Diagnostic::error(code, message)
        }
        match self {
            CheckError::DuplicateName { name, span, first } => {
                error("mls::duplicate-name", format!("`{name}` is declared twice"))
                    .label(span, "declared again")
                    .label(first, "first declared here")
                    .help("rename one of them, or override it: `NAME { field: value }`")
            }
            CheckError::DuplicateScenario { name, span } => {
                error("mls::duplicate-name", format!("there are two scenarios \"{name}\""))
                    .label(span, "the second one")
                    .help("give each scenario its own name: reports tell them apart by it")
            }
            CheckError::DuplicateField { path, span, first } => {
                error("mls::duplicate-field", format!("field `{path}` is given twice"))
                    .label(span, "given again")
                    .label(first, "first given here")
                    .help("remove one of the two")
            }
            CheckError::NotInScenario { span } => {
                error("mls::not-in-scenario", "this cannot stand inside a scenario")
                    .label(span, "belongs at the top of the file")
                    .help("move it out of the scenario: a file's names are visible in all its scenarios")
            }
            CheckError::Cycle { names, uses, spans } => cycle(&names, &uses, &spans),
            CheckError::ChainTooLong { name, span, limit } => {
                error("mls::chain-too-long", format!("more than {limit} declarations wait for `{name}`"))
                    .label(span, "needed here")
                    .help("declare values before the values that use them")
            }
            CheckError::ImportCycle { files, uses } => import_cycle(&files, &uses),
            CheckError::ImportTooDeep { path, span, limit } => {
                let diagnostic = error(
                    "mls::import-too-deep",
                    format!("`{path}` is at the end of a chain of more than {limit} files"),
                );
                let diagnostic = match span {
                    Some(span) => diagnostic.label(span, "used here"),
                    None => diagnostic,
                };
                diagnostic.help("use the files that you need directly")
            }
            CheckError::Unreadable { path, error, from, near } => unreadable(&path, error, from, near),
            CheckError::UnknownModule { path, span, near, beside } => {
                let diagnostic = error("mls::unknown-module", format!("there is no module `{path}`"));
                let diagnostic = match &near {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "no such module"),
                };
                match beside.is_empty() {
                    false => {
                        diagnostic.help(format!("there are {}", enumerate(beside.iter().map(|b| &**b), 16)))
                    }
                    true => diagnostic
                        .help("`mlsys list modules` shows all; a file of yours is `use \"file.mls\"`"),
                }
            }
            CheckError::NotInModule { name, span, module, names, elsewhere } => {
                let diagnostic =
                    error("mls::unknown-import", format!("`{module}` does not declare `{name}`"));
                let diagnostic = match nearest(&name, names.iter().map(|n| &**n)) {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "not declared there"),
                };
                match elsewhere.first() {
                    Some(other) => diagnostic.help(format!("it is in `{other}`: `use {other}.{name}`")),
                    None => {
                        diagnostic.help(format!("it declares {}", enumerate(names.iter().map(|n| &**n), 16)))
                    }
                }
            }
            CheckError::UnknownParam { name, span, params } => {
                let diagnostic = error("mls::unknown-param", format!("no `param {name}` to set"))
                    .label(span, "this value goes nowhere");
                let near = nearest(&name, params.iter().map(|n| &**n));
                match (near, params.is_empty()) {
                    (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
                    (None, true) => diagnostic.help("the file declares no `param`: only those can be set"),
                    (None, false) => diagnostic
                        .help(format!("the params are {}", enumerate(params.iter().map(|p| &**p), 16))),
                }
            }
            CheckError::ParamNotSet { name, span, example } => {
                error("mls::param-not-set", format!("`param {name}` has no default and is not set"))
                    .label(span, "needs a value")
                    .help(format!(
                        "run with `--set \"{name}={example}\"`, or give it a default: `= {example}`"
                    ))
            }
            CheckError::UnknownName { name, span, unit: true, .. } => {
                error("mls::unknown-name", format!("`{name}` is a unit, not a value"))
                    .label(span, "a unit stands after a number")
                    .help(format!(
                        "write the whole unit without blanks: `80 GB/{name}`, or give it a number: `1 {name}`"
                    ))
            }
            CheckError::UnknownName { name, span, names, similar, .. } => {
                let diagnostic = unknown_name(&name, span, &names);
                match similar {
                    Some((near, at)) => diagnostic.label(at, format!("`{near}` is declared here")),
                    None => diagnostic,
                }
            }
            CheckError::UnknownFunction { name, span, names } => {
                let diagnostic = error("mls::unknown-name", format!("there is no function `{name}`"));
                match nearest(&name, names.iter().map(|n| &**n)) {
                    Some(near) => diagnostic
                        .label(span, format!("did you mean `{near}`?"))
                        .help("`mlsys list functions` shows all functions"),
                    None => diagnostic
                        .label(span, "not declared")
                        .help("`mlsys list functions` shows the library's; `fn name(x: Time) -> Time = ..` makes one"),
                }
            }
            CheckError::UnknownMember { name, span, enumeration } => {
                let declared = program.enumeration(enumeration);
                let diagnostic =
                    error("mls::unknown-member", format!("`{name}` is not a member of `{}`", declared.name));
                let members = || declared.members.keys().map(|m| &**m);
                let diagnostic = match nearest(&name, members()) {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "no such member"),
                };
                diagnostic.help(format!("`{}` is one of {}", declared.name, enumerate(members(), 16)))
            }
            CheckError::UnknownType { name, span, near, similar, value } => {
                let diagnostic =
                    error("mls::unknown-type", format!("there is no type or dimension `{name}`"));
                let diagnostic = match &near {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "not declared"),
                };
                let diagnostic = match similar {
                    Some(at) => diagnostic.label(at, "declared here"),
                    None => diagnostic,
                };
                if value {
                    diagnostic.help("that is the name of a value; a type is wanted here")
                } else {
                    diagnostic
                        .help("dimensions are listed by `mlsys list dimensions`, types by `mlsys list types`")
                }
            }
            CheckError::UnknownKind { name, span, type_name, near, similar, kinds } => {
                let diagnostic = error("mls::unknown-kind", format!("there is no kind `{name}`"));
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
            CheckError::UnknownField { name, span, .. } => {
                error("mls::unknown-field", format!("no field `{name}`")).label(span, "no such field")
            }
            CheckError::UnknownInput { name, span, solver } => {
                let solver = program.solver(solver);
                let inputs = || solver.locals[..solver.inputs].iter().map(|l| &*l.name);
                let diagnostic =
                    error("mls::unknown-input", format!("`{}` has no input `{name}`", solver.name));
                let diagnostic = match nearest(&name, inputs()) {
                    Some(near) => diagnostic.label(span, format!("did you mean `{near}`?")),
                    None => diagnostic.label(span, "no such input"),
                };
                diagnostic.help(format!("its inputs are {}", enumerate(inputs(), 24)))
            }
            CheckError::OutputOverridden { name, span, solver } => error(
                "mls::output-overridden",
                format!("`{name}` is computed by `{solver}` and cannot be set"),
            )
            .label(span, "an output")
            .help("change the inputs that it depends on instead"),
            CheckError::MissingFields { ty, missing, span } => {
                let record = program.ty(ty);
                let count = plural(missing.len(), "field");
                let mut diagnostic =
                    error("mls::missing-field", format!("this `{}` lacks {count}", record.name))
                        .label(span, format!("needs {}", enumerate(missing.iter().map(|m| &**m), 8)));
                for name in missing.iter().take(3) {
                    if let Some(field) = record.fields.get(name) {
                        let ty = program.describe(&field.ty);
                        diagnostic =
                            diagnostic.label(field.span, format!("`{name}` is {ty}, without a default"));
                    }
                }
                let kind = super::record_kind(&record.name);
                let lines: Vec<String> = missing
                    .iter()
                    .take(4)
                    .map(|m| format!("`{m}: {}`", example(program, &record.fields[m].ty)))
                    .collect();
                diagnostic.help(format!(
                    "add {}; or derive from one that has them: `{kind} NAME = BASE {{ .. }}`",
                    lines.join(", ")
                ))
            }
            CheckError::MissingInputs { solver, missing, span, declared } => {
                let count = plural(missing.len(), "input");
                let names = enumerate(missing.iter().map(|m| &**m), 8);
                let example = missing.first().map_or(String::new(), |m| format!("{m}: .."));
                error("mls::missing-input", format!("`{solver}` lacks {count}"))
                    .label(span, format!("needs {names}"))
                    .label(declared, "declared here")
                    .help(format!("give it in the braces: `{solver} {{ {example} }}`"))
            }
            CheckError::RecordWithoutType { span, wanted } => {
                let diagnostic =
                    error("mls::record-without-type", "nothing says of which type this record is");
                match wanted {
                    Some(wanted) => diagnostic.label(span, format!("a record, but {wanted} is wanted here")),
                    None => diagnostic.label(span, "a record of unknown type"),
                }
                .help("write the type before the braces, `Curve { .. }`, or declare it, `let x: Curve = { .. }`")
            }
            CheckError::NotOverridable { span, found } => {
                error("mls::not-overridable", format!("{found} has no fields to override"))
                    .label(span, "not a record, solve or solver")
                    .help("braces after an expression override fields of a record or inputs of a solver")
            }
            CheckError::NoFields { span, name, found } => {
                error("mls::no-fields", format!("{found} has no field `{name}`"))
                    .label(span, "only records and solves have fields")
                    .help("remove the field, or name a record before the dot")
            }
            CheckError::NothingInScope { name, span, example } => {
                error("mls::unknown-name", format!("no `{name}` is in scope to take the value from"))
                    .label(span, "a name alone means the value of that name")
                    .help(format!("give it a value: `{name}: {example}`"))
            }
            CheckError::FieldNeedsValue { span } => {
                error("mls::field-needs-value", "a nested field needs a value")
                    .label(span, "only a single name may stand alone")
                    .help("write `path.to.field: value`")
            }
            CheckError::SpreadNotHere { span } => {
                error("mls::spread-not-here", "`...` only fills the inputs of a solver or function")
                    .label(span, "nothing to fill")
                    .help("remove it, or name the fields")
            }
            CheckError::DimensionMismatch { what, declared, wanted, found, span, origin, help, generics } => {
                let (wanted_text, found_text) = (describe(wanted, &generics), describe(found, &generics));
                let mut diagnostic = error(
                    "mls::dimension-mismatch",
                    format!("{what} is {wanted_text}; this is {found_text}"),
                )
                .label(span, found_text);
                if let Some(declared) = declared {
                    diagnostic = diagnostic.label(declared, format!("{wanted_text}, declared here"));
                }
                if let Some((span, text)) = origin {
                    diagnostic = diagnostic.label(span, text);
                }
                diagnostic.maybe_help(help)
            }
            CheckError::OperandMismatch { operator, op_span, left, right, origins, help, generics } => {
                let (a, b) = (describe(left.1, &generics), describe(right.1, &generics));
                let verb = if operator.starts_with('`') && "`+``-`".contains(operator) {
                    "add up"
                } else {
                    "compare"
                };
                let message = match verb {
                    "add up" => format!("{operator} needs operands of one dimension; these are {a} and {b}"),
                    _ => format!("{operator} compares values of one dimension; these are {a} and {b}"),
                };
                let mut diagnostic = error("mls::dimension-mismatch", message)
                    .label(op_span, "these do not go together")
                    .label(left.0, a)
                    .label(right.0, b);
                for (span, text) in origins.into_iter().flatten() {
                    diagnostic = diagnostic.label(span, text);
                }
                diagnostic.maybe_help(help)
            }
            CheckError::TypeMismatch { what, origin, declared, wanted, found, span, help } => {
                let mut diagnostic = error(
                    "mls::type-mismatch",
                    format!("{what} is {}; this is {}", article(&wanted), article(&found)),
                )
                .label(span, article(&found));
                if let Some(declared) = declared {
                    diagnostic = diagnostic.label(declared, format!("{wanted}, declared here"));
                }
                if let Some((span, text)) = origin {
                    diagnostic = diagnostic.label(span, text);
                }
                diagnostic.maybe_help(help)
            }
            CheckError::TypesDiffer { what, first, second } => {
                error("mls::type-mismatch", format!("the {what} have different types"))
                    .label(second.0, article(&second.1))
                    .label(first.0, article(&first.1))
                    .help("make them all of one type and dimension")
            }
            CheckError::NotComparable { span, left, right, equality } => {
                let verb = if equality { "compared" } else { "ordered" };
                error(
                    "mls::not-comparable",
                    format!("{} and {} cannot be {verb}", article(&left.1), article(&right.1)),
                )
                .label(span, "here")
                .label(left.0, article(&left.1))
                .label(right.0, article(&right.1))
                .help("quantities of one dimension can be ordered; texts, booleans and members of one enum can be equal")
            }
            CheckError::NotANumber { span, found, operator } => error(
                "mls::type-mismatch",
                format!("{operator} works on numbers; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("use a number or a quantity here; of a record or solve, name the field"),
            CheckError::NotAList { span, found } => {
                error("mls::type-mismatch", format!("a list is wanted here; this is {}", article(&found)))
                    .label(span, article(&found))
                    .help("a list is `[a, b, c]`, a range `1..8`, or `[f(x) for x in list]`")
            }
            CheckError::NotAnEnum { span, found } => {
                error("mls::type-mismatch", format!("`match` works on enums; this is {}", article(&found)))
                    .label(span, article(&found))
                    .help("use `if .. then .. else ..` for anything else")
            }
            CheckError::NotADimension { span, found } => {
                error("mls::type-mismatch", format!("{found} cannot be multiplied or divided in a type"))
                    .label(span, "not a dimension")
                    .help("only dimensions have products: `Data / Time`")
            }
            CheckError::NotAValue { span, found } => {
                error("mls::not-a-value", format!("{found} is no value by itself"))
                    .label(span, "needs more")
                    .help("give a solver its inputs in braces; give `none` a type")
            }
            CheckError::NotASolve { span, found } => error(
                "mls::not-a-solve",
                format!("`solve` needs a solver with its inputs; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("write `solve NAME = roofline { .. }`, or `let NAME = ..` for any other value"),
            CheckError::SolverNeedsInputs { name, span, first } => {
                let input = first.map_or(String::new(), |f| format!("{f}: .."));
                error("mls::missing-input", format!("the solver `{name}` needs its inputs"))
                    .label(span, "no inputs given")
                    .help(format!("write `{name} {{ {input} }}`"))
            }
            CheckError::NotAName { name, span, entity } => {
                let (what, help) = kind_of(entity);
                error("mls::not-a-value", format!("`{name}` is {what}, not a value"))
                    .label(span, what)
                    .help(help.replace("NAME", &name))
            }
            CheckError::NotAFunction { name, span, entity } => {
                let (what, help) = kind_of(entity);
                error("mls::not-a-function", format!("`{name}` is {what}, not a function"))
                    .label(span, what)
                    .help(help.replace("NAME", &name))
            }
            CheckError::CannotConvert { span, found, unit, wanted } => error(
                "mls::dimension-mismatch",
                format!("this is {found}; the unit after `to` is for {wanted}"),
            )
            .label(span, found)
            .label(unit, wanted)
            .help("`to` changes the unit a value is shown in, never its dimension"),
            CheckError::ExponentNotPlain { span, found } => {
                error("mls::exponent", format!("an exponent is a plain number; this is {found}"))
                    .label(span, found)
                    .help("divide it by a unit: `(x / (1 s))`")
            }
            CheckError::ExponentNotKnown { span, base, found } => error(
                "mls::exponent",
                format!("a power of {found} needs an exponent that is a written number"),
            )
            .label(span, "known only at run time, or not a simple fraction")
            .label(base, found)
            .help("the dimension of the result depends on it: raise a ratio of two such values instead"),
            CheckError::ExponentRange { span } => error(
                "mls::exponent",
                "this dimension has an exponent that is too large or not a simple fraction",
            )
            .label(span, "here")
            .help("exponents are sixtieths between -546 and 546; a lower power will do for any physics"),
            CheckError::NeverAbsent { span } => {
                Diagnostic::warning("mls::never-absent", "this value is never absent")
                    .label(span, "not optional")
                    .help("remove the `??` and its fallback, or the `has`")
            }
            CheckError::FloatEquality { span, left, right, negated } => {
                let operator = if negated { "!=" } else { "==" };
                Diagnostic::warning(
                    "mls::float-equality",
                    format!("`{operator}` compares computed numbers exactly"),
                )
                .label(span, "equal to the last bit, or not at all")
                .help(match negated {
                    true => format!("allow for rounding: `not ({left} within 0.1% of {right})`"),
                    false => format!("allow for rounding: `{left} within 0.1% of {right}`"),
                })
            }
            CheckError::BitsForBytes { span, value, written, meant } => Diagnostic::warning(
                "mls::bits-for-bytes",
                format!("`{written}` is bits: {value} {written} is {} {meant}", value / 8.0),
            )
            .label(span, "`b` is bit, `B` is byte")
            .help(format!("if bytes are meant, write `{value} {meant}`")),
            CheckError::MatchNotExhaustive { span, missing } => {
                let names = enumerate(missing.iter().map(|m| &**m), 16);
                error("mls::match-not-exhaustive", format!("this `match` says nothing of {names}"))
                    .label(span, format!("may also be {names}"))
                    .help("add an arm for each, or `else: value`")
            }
            CheckError::ArmUnreachable { name, span } => {
                let what = name.map_or("`else`".to_string(), |n| format!("`{n}`"));
                error("mls::unreachable-arm", format!("{what} is already covered by an arm above"))
                    .label(span, "never taken")
                    .help("remove it")
            }
            CheckError::IterateCount { span, limit } => error(
                "mls::iterate-count",
                format!("`iterate` takes a written whole number from 1 to {limit}"),
            )
            .label(span, "how often")
            .help("write `iterate 4 from x = start: next`; it is unrolled, so the count is fixed"),
            CheckError::MissingArguments { function, span, missing, declared } => {
                let names = enumerate(missing.iter().map(|m| &**m), 8);
                let count = plural(missing.len(), "argument");
                error("mls::missing-argument", format!("`{function}` lacks {count}"))
                    .label(span, format!("needs {names}"))
                    .label(declared, "declared here")
                    .help(format!("add {names}"))
            }
            CheckError::ArgumentTwice { name, span } => {
                error("mls::duplicate-argument", format!("`{name}` is given twice"))
                    .label(span, "given again")
                    .help("remove one of the two")
            }
            CheckError::NoSuchParameter { function, argument, span, parameters, near, declared } => {
                let names = enumerate(parameters.iter().map(|p| &**p), 16);
                let help = match parameters.is_empty() {
                    true => "it takes no arguments".to_string(),
                    false => format!("it takes {names}"),
                };
                let diagnostic = match argument {
                    Some(argument) => {
                        let label =
                            near.map_or("no such parameter".into(), |n| format!("did you mean `{n}`?"));
                        error("mls::unknown-argument", format!("`{function}` has no parameter `{argument}`"))
                            .label(span, label)
                    }
                    None => error(
                        "mls::too-many-arguments",
                        format!("`{function}` takes {}", plural(parameters.len(), "argument")),
                    )
                    .label(span, "one too many"),
                };
                diagnostic.label(declared, "declared here").help(help)
            }
            CheckError::ArgumentCount { function, span, wanted, found } => error(
                "mls::argument-count",
                format!("`{function}` takes {}, not {found}", plural(wanted, "argument")),
            )
            .label(span, format!("{found} given"))
            .help("`mlsys list functions` shows what each function takes"),
            CheckError::NoNamedArguments { function, span } => {
                error("mls::unknown-argument", format!("the arguments of `{function}` have no names"))
                    .label(span, "a name")
                    .help("write the values alone")
            }
            CheckError::TooManyGenerics { span, limit } => error(
                "mls::too-many-generics",
                format!("a function has at most {limit} dimension parameters"),
            )
            .label(span, "one too many")
            .help("split the function"),
            CheckError::FunctionNeedsBody { name, span } => {
                error("mls::function-needs-body", format!("`fn {name}` has no body"))
                    .label(span, "what does it compute?")
                    .help("add `= expression`; only the library's native functions have none")
            }
            CheckError::VariadicWithBody { span } => error(
                "mls::variadic-function",
                "only the library's native functions take any number of arguments",
            )
            .label(span, "any number of them")
            .help("take a list: `fn mean(values: [Scalar]) = ..`, called as `mean([1, 2, 3])`"),
            CheckError::NativeNeedsResult { span } => {
                error("mls::function-needs-body", "a native function declares its result type")
                    .label(span, "add `-> TYPE`")
                    .help("there is no body to infer it from")
            }
            CheckError::TableShape { span, axes } => {
                let form = if axes == 2 { "`[x: [y: value, ..], ..]`" } else { "`[x: value, ..]`" };
                error("mls::table-shape", format!("a table of {} is {form}", plural(axes, "axis")))
                    .label(span, "not of that form")
                    .help("give one row for each knot; a table has one or two axes")
            }
            CheckError::TableNotRising { span } => {
                error("mls::table-not-rising", "the keys of a table must rise")
                    .label(span, "not above the key before it")
                    .help("sort the rows, and give each key once")
            }
            CheckError::TableRowsDiffer { span, first } => {
                error("mls::table-shape", "every row of a table has the same keys")
                    .label(span, "other keys than the first row")
                    .label(first, "the table begins here")
                    .help("fill the gaps: interpolation needs a full grid")
            }
            CheckError::LogOfNonPositive { span } => {
                error("mls::table-shape", "a `log` axis or value must be above zero everywhere")
                    .label(span, "zero or less in here")
                    .help("remove `log`, or the row at zero")
            }
            CheckError::NotConstant { span, what } => {
                error("mls::not-constant", format!("{what} is a written number"))
                    .label(span, "computed")
                    .help("tables are data: write the number; compute with `fn`")
            }
            CheckError::NotSweepable { span, found } => error(
                "mls::not-sweepable",
                format!("a sweep varies a solve or a record; this is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("write `sweep grid = SOLVE over { batch: [1, 2, 4] }`"),
            CheckError::AxisCount { span, found, limit } => {
                error("mls::axis-count", format!("a sweep has 1 to {limit} axes, not {found}"))
                    .label(span, plural(found, "axis"))
                    .help("write `over { batch: [1, 2, 4], precision: [fp16, fp8] }`")
            }
            CheckError::NotAnEnumType { span, found } => {
                error("mls::not-an-enum", format!("`members` lists an enum; `{found}` is none"))
                    .label(span, "not the name of an enum")
                    .help("write `members(Precision)`")
            }
            CheckError::AxisReplaces { name, span, inner, first } => {
                error("mls::axis-replaces", format!("axis `{name}` replaces what axis `{inner}` sets"))
                    .label(span, format!("replaces all of `{name}`"))
                    .label(first, "without effect then")
                    .help(format!("write `{name}` before `{inner}`"))
            }
            CheckError::ZipReads { name, span, read, other } => {
                error("mls::zip-reads", format!("`{name}` depends on `{read}`, which advances with it"))
                    .label(span, format!("reads `{read}`"))
                    .label(other, "in the same `zip`")
                    .help(format!(
                        "take `{name}` out of the `zip`: it then takes its values for each `{read}`"
                    ))
            }
            CheckError::NotAGrid { span, found } => error(
                "mls::not-a-grid",
                format!("this asks something of the points of a sweep; here is {}", article(&found)),
            )
            .label(span, article(&found))
            .help("name a `sweep`, or part of one: `grid where latency < 25 ms`"),
            CheckError::GridNeedsColumn { span, function } => {
                error("mls::grid-needs-column", format!("`{function}` of a grid needs one of its columns"))
                    .label(span, "all columns")
                    .help(format!(
                        "write `{function}(grid.latency)`, or `{function}((grid where C).latency)`"
                    ))
            }
            CheckError::HalfFrontier { span } => error(
                "mls::half-frontier",
                "a frontier needs a direction on both axes",
            )
            .label(span, "is more better, or less?")
            .help("write `maximize` or `minimize` before it; without directions, all points are drawn alike"),
            CheckError::NotASeries { span, found, axes } => {
                let axes = enumerate(axes.iter().map(|a| &**a), 6);
                error("mls::not-a-series", format!("{} cannot tell series apart", article(&found)))
                    .label(span, article(&found))
                    .help(format!("name an axis of the sweep ({axes}), or a number, boolean, text or member"))
            }
            CheckError::NotOnARoofline { span, found } => {
                error("mls::not-on-a-roofline", format!("a roofline shows solves, not {}", article(&found)))
                    .label(span, article(&found))
                    .help("name a `solve`, or a point of a sweep")
            }
            CheckError::NoRoofline { span, solver } => {
                let name = &program.solver(solver).name;
                error("mls::no-roofline", format!("a solve of `{name}` has no place on a roofline"))
                    .label(span, "its outputs do not say")
                    .help(format!(
                        "a solver gives the place by an output `{INTENSITY}` and two rates whose quotient has its dimension"
                    ))
            }
            CheckError::MixedBars { span, found, first, expected } => error(
                "mls::dimension-mismatch",
                format!("bars are of one dimension: {expected}, not {found}"),
            )
            .label(span, found)
            .label(first, expected)
            .help("draw values of another dimension in a `plot bars` of their own"),
            CheckError::SearchNeedsRange { span } => {
                error("mls::search-needs-range", "a search goes through a range")
                    .label(span, "not a range")
                    .help("write `largest n in 1..4096 where f(n) < limit`")
            }
            CheckError::SearchNeedsStep { span } => {
                error("mls::search-needs-step", "a search over quantities needs to know how fine")
                    .label(span, "no step")
                    .help("add it: `1 s..60 s by 10 ms`")
            }
            CheckError::UnusedImport { name, span } => {
                Diagnostic::warning("mls::unused-import", format!("`{name}` is not used"))
                    .label(span, "brought in, never read")
                    .help("remove it")
            }
            CheckError::UnusedParam { name, span } => {
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

fn unreadable(path: &str, error: ReadError, from: Option<Span>, near: Option<String>) -> Diagnostic {
    let is_config = path.ends_with(".json");
    let (code, message, here, help) = match error {
        ReadError::NotFound => (
            "mls::file-not-found",
            format!("there is no file `{path}`"),
            "not found",
            match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if is_config => "an import takes a `config.json`, or the folder that holds one".into(),
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

fn unknown_name(name: &str, span: Span, names: &[Text]) -> Diagnostic {
    let diagnostic = Diagnostic::error("mls::unknown-name", format!("`{name}` is not declared"));
    let modules = library::find(name);
    if let Some(module) = modules.first() {
        return diagnostic
            .label(span, "not in sight")
            .help(format!("the library has it: `use {module}.{name}`"));
    }
    if let Some(near) = nearest(name, names.iter().map(|n| &**n)) {
        return diagnostic
            .label(span, format!("did you mean `{near}`?"))
            .help(format!("write `{near}`, or declare `{name}`"));
    }
    let library = library::all_names();
    match nearest(name, library.iter().map(|(n, _)| n.as_str())) {
        Some(near) => {
            let module = library.iter().find(|(n, _)| n == near).map_or("", |(_, m)| m.as_str());
            diagnostic
                .label(span, format!("did you mean `{near}`?"))
                .help(format!("the library has `{near}`: `use {module}.{near}`"))
        }
        None => diagnostic.label(span, "nothing of this name is in sight").help(
            "declare it with `let`, or bring it in with `use`; `mlsys list` shows what the library has",
        ),
    }
}

fn plural(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, _) => format!("1 {noun}"),
        (n, "axis") => format!("{n} axes"),
        (n, _) => format!("{n} {noun}s"),
    }
}

/// `Hardware` with its article, descriptions that have one as they are.
fn article(described: &str) -> String {
    if described.starts_with("a ") || described.starts_with("the ") || described == "none" {
        return described.to_string();
    }
    match described {
        "Bool" => "true or false".into(),
        "String" => "text".into(),
        _ if described.starts_with('[') => format!("a list {described}"),
        _ => format!("`{described}`"),
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
