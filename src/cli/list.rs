//! `mlsys list`: what the library has.

use std::fmt::Write;

use clap::{Args, ValueEnum};
use indexmap::IndexMap;

use super::output::{Color, complain, print, stdout_style};
use crate::catalogue::{Entry, catalogue, modules};
use crate::engine::outcome::Datum;
use crate::report::contract;
use crate::report::human::line;
use crate::report::reference;
use crate::report::table::table;
use crate::suggest::nearest;

/// Show what the library has: hardware, models, systems, solvers, units and more
#[derive(Args)]
pub struct List {
    /// The kind of thing: hardware, models, systems, solvers, functions, types, units, dimensions, modules, ...
    kind: Option<String>,
    /// One entry, shown in full with its source
    name: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table, or one entry in full
    Human,
    /// An array of entries, values in base units
    Json,
    /// The reference of the book
    Markdown,
}

impl List {
    pub fn execute(self) -> u8 {
        let entries = catalogue();
        let mut kinds: IndexMap<&str, Vec<&Entry>> = IndexMap::new();
        for entry in &entries {
            kinds.entry(&entry.kind).or_default().push(entry);
        }
        kinds.sort_keys();
        let chosen: Vec<&Entry> = match (&self.kind, &self.name) {
            (None, _) if self.format == Format::Human => {
                print(&overview(&kinds));
                return 0;
            }
            (None, _) => entries.iter().collect(),
            (Some(kind), _) if kind == "modules" => {
                print(&module_table());
                return 0;
            }
            (Some(kind), name) => {
                match kinds.get(kind.as_str()).or_else(|| kinds.get(format!("{kind}s").as_str())) {
                    Some(of_kind) => match name {
                        None => of_kind.clone(),
                        Some(name) => match of_kind.iter().find(|e| e.name == *name) {
                            Some(entry) => vec![entry],
                            None => return unknown(name, of_kind.iter().map(|e| e.name.as_str()), kind),
                        },
                    },
                    // `mlsys list H100_SXM`: a name without its kind.
                    None => match entries.iter().filter(|e| e.name == *kind).collect::<Vec<_>>() {
                        found if !found.is_empty() => found,
                        _ => {
                            let names = kinds
                                .keys()
                                .copied()
                                .chain(["modules"])
                                .chain(entries.iter().map(|e| e.name.as_str()));
                            return unknown(kind, names, "");
                        }
                    },
                }
            }
        };
        let single =
            self.name.is_some() || self.kind.as_ref().is_some_and(|k| chosen.iter().all(|e| e.name == *k));
        match self.format {
            Format::Human if single => chosen.iter().for_each(|entry| print(&in_full(entry))),
            Format::Human => print(&overview_of(&chosen)),
            Format::Json => {
                let array: Vec<serde_json::Value> = chosen.iter().map(|e| as_json(e)).collect();
                print(&format!("{}\n", serde_json::to_string_pretty(&array).expect("entries are JSON")));
            }
            Format::Markdown => print(&reference::page(self.kind.as_deref().unwrap_or("Library"), &chosen)),
        }
        0
    }
}

fn unknown<'n>(name: &str, names: impl Iterator<Item = &'n str>, kind: &str) -> u8 {
    let near = nearest(name, names).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
    let what = if kind.is_empty() { "nothing".into() } else { format!("nothing among `{kind}`") };
    complain(&format!("error: {what} is called `{name}`{near}\n"));
    2
}

fn overview(kinds: &IndexMap<&str, Vec<&Entry>>) -> String {
    let mut rows: Vec<Vec<String>> = kinds
        .iter()
        .map(|(kind, entries)| {
            let some: Vec<&str> = entries.iter().take(4).map(|e| e.name.as_str()).collect();
            let more = if entries.len() > 4 { ", ..." } else { "" };
            vec![kind.to_string(), entries.len().to_string(), format!("{}{more}", some.join(", "))]
        })
        .collect();
    rows.push(vec!["modules".into(), modules().len().to_string(), "what `use` can name".into()]);
    let table = table(&["kind", "", "for instance"], &rows, stdout_style(Color::Auto).width);
    format!("{table}\n\nmlsys list KIND shows one kind, mlsys list KIND NAME one entry with its source\n")
}

fn module_table() -> String {
    let rows: Vec<Vec<String>> = modules().into_iter().map(|(name, about)| vec![name, about]).collect();
    format!("{}\n", table(&["module", "what it holds"], &rows, stdout_style(Color::Auto).width))
}

/// Columns that tell entries of one kind apart, at most so many.
const COLUMNS: usize = 4;

fn overview_of(entries: &[&Entry]) -> String {
    let width = stdout_style(Color::Auto).width;
    if entries.iter().any(|e| e.signature.is_some()) {
        let mut out = String::new();
        for entry in entries {
            let _ = writeln!(out, "{}", entry.signature.as_ref().unwrap_or(&entry.name));
            if let Some(first) = entry.doc.lines().next() {
                let _ = writeln!(out, "    {first}");
            }
        }
        return out;
    }
    let mut names: IndexMap<&str, usize> = IndexMap::new();
    for entry in entries {
        for field in &entry.fields {
            let plain = matches!(field.value, Datum::Quantity { .. } | Datum::Text(_) | Datum::Bool(_));
            let told = matches!(field.name.as_str(), "name" | "source" | "year");
            if plain && !told && !matches!(entry.kind.as_str(), "solvers" | "types" | "enums") {
                *names.entry(&field.name).or_default() += 1;
            }
        }
    }
    // Fields that most entries have come first; ties stay in the order of declaration.
    let half = entries.len().div_ceil(2);
    let columns: Vec<&str> =
        names.iter().filter(|(_, n)| **n >= half).map(|(name, _)| *name).take(COLUMNS).collect();
    let about = columns.is_empty();
    let mut headings = vec!["name"];
    headings.extend(&columns);
    if about {
        headings.push("what it is");
    }
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let cell = |column: &&str| {
                let field = entry.fields.iter().find(|f| f.name == **column);
                field.map_or("-".into(), |f| line(&f.value))
            };
            let mut row = vec![entry.name.clone()];
            row.extend(columns.iter().map(cell));
            if about {
                row.push(entry.doc.lines().next().unwrap_or("").to_string());
            }
            row
        })
        .collect();
    format!("{}\n", table(&headings, &rows, width))
}

fn in_full(entry: &Entry) -> String {
    let mut out = String::new();
    let head = entry.signature.as_ref().unwrap_or(&entry.name);
    let place = if entry.module.is_empty() { String::new() } else { format!("  ({})", entry.module) };
    let _ = writeln!(out, "{head}{place}");
    for doc in entry.doc.lines() {
        let _ = writeln!(out, "  {doc}");
    }
    let width = entry.fields.iter().map(|f| f.name.chars().count()).max().unwrap_or(0);
    for field in &entry.fields {
        let _ = writeln!(out, "  {:width$}  {}", field.name, line(&field.value));
        for doc in field.doc.lines() {
            let _ = writeln!(out, "  {:width$}  # {doc}", "");
        }
    }
    if !entry.module.is_empty() && !PRELUDE_KINDS.contains(&entry.kind.as_str()) {
        let _ = writeln!(out, "\n  use {}.{}", entry.module, entry.name);
    }
    out
}

/// Kinds that a scenario sees without `use`.
const PRELUDE_KINDS: &[&str] = &["types", "enums", "functions", "solvers"];

fn as_json(entry: &Entry) -> serde_json::Value {
    let fields: serde_json::Map<String, serde_json::Value> = entry
        .fields
        .iter()
        .map(|f| (f.name.clone(), serde_json::to_value(contract::value(&f.value)).unwrap_or_default()))
        .collect();
    serde_json::json!({
        "kind": entry.kind, "name": entry.name, "module": entry.module, "doc": entry.doc,
        "signature": entry.signature, "source": entry.source, "fields": fields,
    })
}
