//! What the library holds, as `mlsys list` and the reference show it.

use std::sync::Arc;

use crate::check;
use crate::check::program::{Body, Entity, Function, GlobalKind, Local, Program, Table, Type};
use crate::check::{CheckedLibrary, Declared};
use crate::diagnostic::Problems;
use crate::lower::lowerer::Lowerer;
use crate::outcome::{Datum, Outcome};
use crate::run::data::datum::datum;
use crate::source::{Library, Memory, Sources};

/// One thing that the library declares.
#[derive(Clone, Debug)]
pub struct Entry {
    /// In the plural, as `mlsys list` takes it: `hardware`, `models`, `solvers`, `units`.
    pub kind: String,
    /// As it is declared.
    pub name: String,
    /// `std.hardware.nvidia`; empty for units and dimensions.
    pub module: String,
    /// Its `##` comment.
    pub doc: String,
    /// A record's fields, a solver's inputs and outputs, an enum's members.
    pub fields: Vec<EntryField>,
    /// `sqrt<D>(x: D^2) -> D`
    pub signature: Option<String>,
    /// The `source` field.
    pub source: Option<String>,
}

#[derive(Clone, Debug)]
/// A part of an entry.
pub struct EntryField {
    /// As it is declared.
    pub name: String,
    /// A value, or a description such as `Data / Time`.
    pub value: Datum,
    /// Its `##` comment.
    pub doc: String,
}

/// Every entry of the library, in the order of its modules.
pub fn catalogue(library: &Arc<Library>) -> Vec<Entry> {
    let (library, sources, _) = whole(library);
    let mut lowerer = Lowerer::new(&library.program, &sources);
    let mut entries: Vec<Entry> = vec![];
    for declaration in &library.declarations {
        entries.extend(entry(declaration, &library.program, &mut lowerer));
    }
    entries.extend(dimensions(&library.program));
    entries.extend(units(&library.program));
    entries
}

/// What is wrong with the library: nothing, which a test checks.
pub fn problems(library: &Arc<Library>) -> Outcome {
    let (library, sources, mut problems) = whole(library);
    // Every value is also evaluated: a zoo entry that divides by zero is as wrong as one that does not check.
    let mut lowerer = Lowerer::new(&library.program, &sources);
    for declaration in &library.declarations {
        if let Entity::Value(id) = declaration.entity {
            let global = library.program.global(id);
            if let Ok((value, _)) = lowerer.global(id) {
                datum(&mut lowerer, &value, &global.ty, None);
            }
        }
    }
    problems.extend(std::mem::take(&mut lowerer.problems));
    let diagnostics = problems.into_sorted(&sources);
    drop(lowerer);
    Outcome { sources, files: vec![], diagnostics }
}

fn whole(library: &Arc<Library>) -> (CheckedLibrary, Sources, Problems) {
    let (mut sources, mut problems) = (Sources::default(), Problems::default());
    let memory = Memory::default().on_library(Some(library.clone()));
    let library = check::check_library(&memory, &mut sources, &mut problems);
    (library, sources, problems)
}

fn entry<'p>(declaration: &Declared, program: &'p Program, lowerer: &mut Lowerer<'p>) -> Option<Entry> {
    let mut entry = Entry {
        kind: String::new(),
        name: declaration.name.to_string(),
        module: declaration.module.clone(),
        doc: String::new(),
        fields: vec![],
        signature: None,
        source: None,
    };
    match declaration.entity {
        Entity::Value(id) => {
            let global = program.global(id);
            entry.doc = global.doc.to_string();
            let (value, _) = lowerer.global(id).ok()?;
            let shown = datum(lowerer, &value, &global.ty, global.unit.as_ref());
            match (global.kind, shown) {
                (GlobalKind::Record, Datum::Record { type_name, fields }) => {
                    entry.kind = plural(&check::record_kind(&type_name));
                    entry.source = fields.iter().find_map(|(name, value)| match (name.as_str(), value) {
                        ("source", Datum::Text(text)) => Some(text.clone()),
                        _ => None,
                    });
                    entry.fields = fields.into_iter().map(|(name, value)| field(name, value, "")).collect();
                }
                (_, shown) => {
                    entry.kind = "values".into();
                    entry.fields = vec![field("value".into(), shown, "")];
                }
            }
        }
        Entity::Type(id) => {
            let ty = program.ty(id);
            entry.kind = "types".into();
            entry.doc = ty.doc.to_string();
            for (name, declared) in &ty.fields {
                let mut text = program.describe(&declared.ty);
                if let Some(default) = &declared.default {
                    text = format!("{text} = {}", lowerer.sources.text(default.span));
                }
                entry.fields.push(field(name.to_string(), Datum::Text(text), &declared.doc));
            }
        }
        Entity::Enum(id) => {
            let enumeration = program.enumeration(id);
            entry.kind = "enums".into();
            entry.doc = enumeration.doc.to_string();
            for (name, member) in &enumeration.members {
                entry.fields.push(field(name.to_string(), Datum::Text(String::new()), &member.doc));
            }
        }
        Entity::Function(id) => {
            let function = program.function(id);
            entry.kind = "functions".into();
            entry.doc = function.doc.to_string();
            entry.signature = Some(signature(function, program, lowerer.sources));
        }
        Entity::Table(id) => {
            let table = program.table(id);
            entry.kind = "tables".into();
            entry.doc = table.doc.to_string();
            entry.signature = Some(table_signature(table, program));
        }
        Entity::Solver(id) => {
            let solver = program.solver(id);
            entry.kind = "solvers".into();
            entry.doc = solver.doc.to_string();
            for (index, input) in solver.locals[..solver.inputs].iter().enumerate() {
                let mut text = format!("input: {}", program.describe(&input.ty));
                if let Some(default) = &solver.defaults[index] {
                    text = format!("{text} = {}", lowerer.sources.text(default.span));
                }
                entry.fields.push(described(input, text));
            }
            for slot in &solver.outputs {
                let output = &solver.locals[slot.index()];
                entry.fields.push(described(output, format!("output: {}", program.describe(&output.ty))));
            }
        }
        Entity::Module(_) | Entity::Unit | Entity::Unknown => return None,
    }
    Some(entry)
}

fn described(local: &Local, text: String) -> EntryField {
    field(local.name.to_string(), Datum::Text(text), &local.doc)
}

fn field(name: String, value: Datum, doc: &str) -> EntryField {
    EntryField { name, value, doc: doc.into() }
}

/// `hardware`, `models`, `storage_prices`: words that are their own plural stay.
fn plural(kind: &str) -> String {
    if kind.ends_with("ware") || kind.ends_with('s') { kind.to_string() } else { format!("{kind}s") }
}

fn describe(program: &Program, ty: &Type, generics: &[Arc<str>]) -> String {
    match ty {
        Type::Quantity(d) if d.is_scalar() => "Scalar".into(),
        Type::Quantity(d) => program.registry.describe_with(*d, generics),
        Type::Optional(inner) => format!("{}?", describe(program, inner, generics)),
        Type::List(inner) => format!("[{}]", describe(program, inner, generics)),
        other => program.describe(other),
    }
}

fn signature(function: &Function, program: &Program, sources: &Sources) -> String {
    let parameters: Vec<String> = function.locals[..function.parameters]
        .iter()
        .enumerate()
        .map(|(index, local)| {
            let ty = match (&local.ty, function.variadic) {
                (Type::List(inner), true) => format!("{}...", describe(program, inner, &function.generics)),
                (ty, _) => describe(program, ty, &function.generics),
            };
            match &function.defaults[index] {
                Some(default) => format!("{}: {ty} = {}", local.name, sources.text(default.span)),
                None => format!("{}: {ty}", local.name),
            }
        })
        .collect();
    let generics = match function.generics.is_empty() {
        true => String::new(),
        false => format!("<{}>", function.generics.join(", ")),
    };
    let result = describe(program, &function.result, &function.generics);
    let native = if matches!(function.body, Body::Native(_)) { "  (native)" } else { "" };
    format!("{}{generics}({}) -> {result}{native}", function.name, parameters.join(", "))
}

fn table_signature(table: &Table, program: &Program) -> String {
    let axes: Vec<String> =
        table.axes.iter().map(|a| format!("{}: {}", a.name, describe(program, &a.ty, &[]))).collect();
    format!("{}({}) -> {}", table.name, axes.join(", "), describe(program, &table.result, &[]))
}

fn dimensions(program: &Program) -> Vec<Entry> {
    let registry = &program.registry;
    registry
        .dimensions()
        .map(|(name, named)| Entry {
            kind: "dimensions".into(),
            name: name.to_string(),
            module: String::new(),
            doc: named.doc.to_string(),
            fields: vec![
                field("definition".into(), Datum::Text(registry.factors(named.dimension)), ""),
                field("base unit".into(), Datum::Text(registry.base_unit(named.dimension)), ""),
            ],
            signature: None,
            source: None,
        })
        .collect()
}

fn units(program: &Program) -> Vec<Entry> {
    let registry = &program.registry;
    let mut entries: Vec<Entry> = vec![];
    for (name, unit) in registry.units() {
        if *name != unit.canonical {
            if let Some(entry) = entries.iter_mut().find(|e| *e.name == *unit.canonical) {
                match entry.fields.iter_mut().find(|f| f.name == "aliases") {
                    Some(EntryField { value: Datum::Text(text), .. }) => *text = format!("{text}, {name}"),
                    _ => entry.fields.push(field("aliases".into(), Datum::Text(name.to_string()), "")),
                }
            }
            continue;
        }
        let factor = unit.numerator / unit.denominator;
        let base = registry.base_unit(unit.dimension);
        entries.push(Entry {
            kind: "units".into(),
            name: name.to_string(),
            module: String::new(),
            doc: unit.doc.to_string(),
            fields: vec![
                field("is".into(), Datum::Text(format!("{factor} {base}").trim_end().to_string()), ""),
                field("of".into(), Datum::Text(registry.describe(unit.dimension)), ""),
            ],
            signature: None,
            source: None,
        });
    }
    entries
}

/// The library's modules by dotted name, with the first line of each.
pub fn modules(library: &Library) -> Vec<(String, String)> {
    let heading = |text: &str| {
        let line = text.lines().next().unwrap_or("");
        line.trim_start_matches('#').trim().to_string()
    };
    library.modules().map(|m| (m.name.clone(), heading(&m.text))).collect()
}
