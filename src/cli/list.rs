//! `mlsys list`: what the library has.

use std::fmt::Write;

use clap::{Args, ValueEnum};
use indexmap::IndexMap;

use crate::catalogue::{catalogue, modules};
use crate::cli::output::{Color, complain, print, stdout_style};
use crate::disk::Disk;
use crate::library;
use crate::outcome::Datum;
use crate::outcome::catalogue::Entry;
use crate::report::contract;
use crate::report::reference;
use crate::report::table::table;
use crate::report::wrap::wrap;
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
    pub fn execute(self, disk: &Disk) -> u8 {
        let library = library::of(disk);
        let entries = catalogue(library);
        let modules = modules(library);
        let is_module = |name: &str| modules.iter().any(|(module, _)| module == name);
        let mut kinds: IndexMap<&str, Vec<&Entry>> = IndexMap::new();
        for entry in &entries {
            kinds.entry(&entry.kind).or_default().push(entry);
        }
        // What there is most of comes first.
        kinds.sort_by(|a, x, b, y| y.len().cmp(&x.len()).then_with(|| a.cmp(b)));
        let chosen: Vec<&Entry> = match (&self.kind, &self.name) {
            (None, _) if self.format == Format::Human => {
                print(&overview(&kinds, modules.len()));
                return 0;
            }
            (None, _) => entries.iter().collect(),
            (Some(kind), name) if kind == "modules" || is_module(kind) => {
                let module = name.as_deref().or(is_module(kind).then_some(kind.as_str()));
                match module {
                    None => {
                        print(&self.modules(modules));
                        return 0;
                    }
                    Some(module) if is_module(module) => {
                        entries.iter().filter(|e| e.module == *module).collect()
                    }
                    Some(other) => {
                        let names = modules.iter().map(|(name, _)| name.as_str());
                        return unknown(other, names, kind);
                    }
                }
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
                    // `mlsys list H100_SXM`: a name without its kind. `mlsys list prices`: all kinds of prices.
                    None => match named(&entries, kind) {
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
            Format::Human => print(&by_kind(&chosen)),
            Format::Json => {
                print(&json(&chosen.iter().map(|e| as_json(e)).collect::<Vec<_>>()));
            }
            Format::Markdown => print(&reference::page(self.kind.as_deref().unwrap_or("Library"), &chosen)),
        }
        0
    }

    fn modules(&self, all: Vec<(String, String)>) -> String {
        match self.format {
            Format::Human => {
                let rows: Vec<Vec<String>> = all.into_iter().map(|(name, about)| vec![name, about]).collect();
                let table = table(&["module", "what it holds"], &rows, stdout_style(Color::Auto).width);
                format!("{table}\n\nmlsys list MODULE shows what one declares\n")
            }
            Format::Json => {
                let entry = |(name, doc): &(String, String)| serde_json::json!({"kind": "modules", "name": name, "doc": doc});
                json(&all.iter().map(entry).collect::<Vec<_>>())
            }
            Format::Markdown => {
                let rows: String = all.iter().map(|(name, about)| format!("- `{name}`: {about}\n")).collect();
                format!("# Modules\n\n{rows}")
            }
        }
    }
}

/// Entries of a name, or of the kinds that end in a word.
fn named<'e>(entries: &'e [Entry], word: &str) -> Vec<&'e Entry> {
    let found: Vec<&Entry> = entries.iter().filter(|e| e.name == *word).collect();
    if !found.is_empty() {
        return found;
    }
    let ending = format!("_{}", word.trim_end_matches('s'));
    entries.iter().filter(|e| e.kind.trim_end_matches('s').ends_with(&ending)).collect()
}

fn json(entries: &[serde_json::Value]) -> String {
    format!("{}\n", serde_json::to_string_pretty(entries).expect("entries are JSON"))
}

fn unknown<'n>(name: &str, names: impl Iterator<Item = &'n str>, kind: &str) -> u8 {
    let near = nearest(name, names).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
    let what = if kind.is_empty() { "nothing".into() } else { format!("nothing among `{kind}`") };
    complain(&format!("error: {what} is called `{name}`{near}\n`mlsys list` shows what there is\n"));
    2
}

fn overview(kinds: &IndexMap<&str, Vec<&Entry>>, modules: usize) -> String {
    let mut rows: Vec<Vec<String>> = kinds
        .iter()
        .map(|(kind, entries)| {
            let some: Vec<&str> = entries.iter().take(4).map(|e| e.name.as_str()).collect();
            let more = if entries.len() > 4 { ", ..." } else { "" };
            vec![kind.to_string(), entries.len().to_string(), format!("{}{more}", some.join(", "))]
        })
        .collect();
    rows.push(vec!["modules".into(), modules.to_string(), "what `use` can name".into()]);
    let table = table(&["kind", "", "for instance"], &rows, stdout_style(Color::Auto).width);
    format!("{table}\n\nmlsys list KIND shows one kind, mlsys list KIND NAME one entry with its source\n")
}

/// What an entry is, in one sentence.
fn about(entry: &Entry) -> String {
    let paragraph = entry.doc.split("\n\n").next().unwrap_or("");
    let text = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.find(". ") {
        Some(end) => text[..=end].to_string(),
        None => text,
    }
}

/// A table for each kind.
fn by_kind(entries: &[&Entry]) -> String {
    let mut kinds: IndexMap<&str, Vec<&Entry>> = IndexMap::new();
    for entry in entries {
        kinds.entry(&entry.kind).or_default().push(entry);
    }
    if let [(_, only)] = kinds.iter().collect::<Vec<_>>().as_slice() {
        return overview_of(only);
    }
    let parts: Vec<String> = kinds.iter().map(|(kind, of)| format!("{kind}\n{}", overview_of(of))).collect();
    parts.join("\n")
}

/// Columns that tell entries of one kind apart, at most so many.
const COLUMNS: usize = 4;

fn overview_of(entries: &[&Entry]) -> String {
    let width = stdout_style(Color::Auto).width;
    if entries.iter().any(|e| e.signature.is_some()) {
        let mut out = String::new();
        for entry in entries {
            let _ = writeln!(out, "{}", signature(entry.signature.as_ref().unwrap_or(&entry.name), width));
            for text in wrap(&about(entry), width.saturating_sub(4)) {
                let _ = writeln!(out, "{}", format!("    {text}").trim_end());
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
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|entry| {
            let cell = |column: &&str| {
                let field = entry.fields.iter().find(|f| f.name == **column);
                field.map_or("-".into(), |f| f.value.to_string())
            };
            let mut row = vec![entry.name.clone()];
            row.extend(columns.iter().map(cell));
            if about {
                row.push(self::about(entry));
            }
            row
        })
        .collect();
    let mut headings = vec!["name"];
    headings.extend(&columns);
    if about {
        headings.push("what it is");
    }
    let rows = if about { rows } else { fitting(&mut headings, rows, width) };
    let table = table(&headings, &rows, width);
    format!("{table}\n\nmlsys list {} NAME shows one in full\n", entries[0].kind)
}

/// A signature in lines of this width; a parameter stays beside its type.
fn signature(text: &str, width: usize) -> String {
    const GLUE: &str = "\u{1}";
    let parts = [": ", " = ", " / ", " * ", "-> "]
        .iter()
        .fold(text.to_string(), |text, mark| text.replace(mark, &mark.replace(' ', GLUE)));
    let lines: Vec<String> =
        wrap(&parts, width.saturating_sub(8)).into_iter().map(|l| l.replace(GLUE, " ")).collect();
    lines.join("\n        ")
}

/// Cells up to this long stay on one line.
const CELL: usize = 18;

/// As many columns as fit without breaking a word or a short cell.
fn fitting(headings: &mut Vec<&str>, mut rows: Vec<Vec<String>>, width: usize) -> Vec<Vec<String>> {
    let length = |text: &str| match text.chars().count() {
        short if short <= CELL => short,
        _ => text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0),
    };
    let natural = |headings: &[&str], rows: &[Vec<String>]| -> usize {
        let column =
            |at: usize| rows.iter().map(|r| length(&r[at])).max().unwrap_or(0).max(length(headings[at]));
        (0..headings.len()).map(|at| column(at) + 2).sum()
    };
    while headings.len() > 2 && natural(headings, &rows) > width {
        headings.pop();
        rows.iter_mut().for_each(|row| row.truncate(headings.len()));
    }
    rows
}

fn in_full(entry: &Entry) -> String {
    let mut out = String::new();
    let head = entry.signature.as_ref().unwrap_or(&entry.name);
    let place = if entry.module.is_empty() { String::new() } else { format!("  ({})", entry.module) };
    let room = stdout_style(Color::Auto).width;
    let _ = writeln!(out, "{}", signature(&format!("{head}{place}"), room));
    for paragraph in entry.doc.split("\n\n").filter(|p| !p.is_empty()) {
        for text in wrap(paragraph, room.saturating_sub(2)) {
            let _ = writeln!(out, "  {text}");
        }
        out.push('\n');
    }
    let width = entry.fields.iter().map(|f| f.name.chars().count()).max().unwrap_or(0);
    for field in &entry.fields {
        let room = room.saturating_sub(width + 4).max(30);
        let mut texts = wrap(&field.value.to_string(), room);
        if !field.doc.is_empty() {
            texts.extend(wrap(&field.doc, room - 2).into_iter().map(|text| format!("# {text}")));
        }
        texts.retain(|text| !text.is_empty());
        for (index, text) in texts.iter().enumerate() {
            let name = if index == 0 { field.name.as_str() } else { "" };
            let _ = writeln!(out, "  {name:width$}  {text}");
        }
        if texts.is_empty() {
            let _ = writeln!(out, "  {}", field.name);
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
