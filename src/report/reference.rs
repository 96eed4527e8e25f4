//! The library as pages of the book: what `mlsys list --format markdown` prints.

use std::fmt::Write;

use indexmap::IndexMap;

use crate::outcome::Datum;
use crate::outcome::catalogue::{Entry, EntryField};

/// Which kinds share a page; all others are facts about the world around a plan.
const PAGES: &[(&str, &str, &[&str])] = &[
    ("solvers.md", "Solvers", &["solvers"]),
    ("functions.md", "Functions and tables", &["functions", "tables"]),
    ("types.md", "Types and enums", &["types", "enums"]),
    ("units.md", "Units and dimensions", &["units", "dimensions"]),
    ("hardware.md", "Hardware", &["hardware"]),
    ("models.md", "Models", &["models"]),
    ("systems.md", "Systems", &["systems", "nodes", "clusters", "racks", "fabrics", "storages"]),
];
const REST: (&str, &str) = ("facts.md", "Prices, grids, facilities, reliability");

/// Columns that tell entries of one kind apart, at most so many.
const COLUMNS: usize = 5;

/// The reference pages: file name and text.
pub fn pages(entries: &[Entry]) -> Vec<(String, String)> {
    let page_of = |kind: &str| PAGES.iter().position(|(_, _, kinds)| kinds.contains(&kind));
    let write = |file: &str, title: &str, of: &dyn Fn(&Entry) -> bool| {
        let chosen: Vec<&Entry> = entries.iter().filter(|e| of(e)).collect();
        (file.to_string(), page(title, &chosen))
    };
    let mut pages: Vec<(String, String)> = PAGES
        .iter()
        .enumerate()
        .map(|(index, (file, title, _))| write(file, title, &|e| page_of(&e.kind) == Some(index)))
        .collect();
    pages.push(write(REST.0, REST.1, &|e| page_of(&e.kind).is_none()));
    pages
}

/// One page.
pub fn page(title: &str, entries: &[&Entry]) -> String {
    let mut out = format!("<!-- Written by `mlsys list --format markdown`. -->\n\n# {title}\n");
    let mut kinds: IndexMap<&str, Vec<&Entry>> = IndexMap::new();
    for entry in entries {
        kinds.entry(&entry.kind).or_default().push(entry);
    }
    for (kind, entries) in kinds {
        let name = kind.replace('_', " ");
        let _ = writeln!(out, "\n## {}{}\n", name[..1].to_uppercase(), &name[1..]);
        match kind {
            "solvers" | "types" | "enums" => entries.iter().for_each(|e| in_full(&mut out, e)),
            "functions" | "tables" => entries.iter().for_each(|e| signature(&mut out, e)),
            _ => overview(&mut out, &entries),
        }
    }
    out.trim_end().to_string() + "\n"
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}

/// An entry that is a shape: its fields with their documentation.
fn in_full(out: &mut String, entry: &Entry) {
    let _ = writeln!(out, "### `{}`\n\nIn `{}`.\n", entry.name, entry.module);
    if !entry.doc.is_empty() {
        let _ = writeln!(out, "{}\n", entry.doc);
    }
    let _ = writeln!(out, "| | | |\n|---|---|---|");
    for field in &entry.fields {
        let _ =
            writeln!(out, "| `{}` | {} | {} |", field.name, code(&field.value.to_string()), cell(&field.doc));
    }
    out.push('\n');
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{}`", text.replace('|', "\\|").replace('\n', " ")) }
}

fn signature(out: &mut String, entry: &Entry) {
    let head = entry.signature.as_ref().unwrap_or(&entry.name);
    let _ = writeln!(out, "`{head}`\n: {}\n", if entry.doc.is_empty() { "-" } else { &entry.doc });
}

/// Entries that are facts: one line each, with its source.
fn overview(out: &mut String, entries: &[&Entry]) {
    let columns = columns(entries);
    let sourced = entries.iter().any(|e| e.source.is_some());
    let _ = write!(out, "| |");
    for column in &columns {
        let _ = write!(out, " {} |", column.replace('_', " "));
    }
    let _ = writeln!(out, "{}", if sourced { " source |" } else { "" });
    let _ = writeln!(out, "|{}", "---|".repeat(1 + columns.len() + usize::from(sourced)));
    for entry in entries {
        let _ = write!(out, "| `{}` |", entry.name.replace('|', "\\|"));
        for column in &columns {
            let found = entry.fields.iter().find(|f| f.name == *column);
            let _ = write!(out, " {} |", found.map_or(String::new(), |f| cell(&f.value.to_string())));
        }
        let source = entry.source.as_ref().map_or(String::new(), |s| cell(s));
        let _ = writeln!(out, "{}", if sourced { format!(" {source} |") } else { String::new() });
    }
}

/// The fields that most entries have, in the order of their declaration.
fn columns<'e>(entries: &[&'e Entry]) -> Vec<&'e str> {
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    let told = |field: &&EntryField| matches!(field.name.as_str(), "name" | "source" | "year");
    for entry in entries {
        for field in entry.fields.iter().filter(|f| !told(f)) {
            if matches!(field.value, Datum::Quantity { .. } | Datum::Text(_) | Datum::Bool(_)) {
                *counts.entry(&field.name).or_default() += 1;
            }
        }
    }
    let half = entries.len().div_ceil(2);
    counts.into_iter().filter(|(_, n)| *n >= half).map(|(name, _)| name).take(COLUMNS).collect()
}
