//! The parts of a page: assertions, solves with their derivations, tables.

use std::collections::HashSet;
use std::fmt::Write;

use crate::diagnostic::Severity;
use crate::outcome::{AssertionOutcome, Datum, FileOutcome, Status};
use crate::report::groups::scenarios;
use crate::report::html::derivation::Drawn;
use crate::report::html::{explanation, text};
use crate::report::standing::headroom;
use crate::source::Sources;

pub fn assertions(out: &mut String, file: &FileOutcome, sources: &Sources) {
    if file.assertions.is_empty() {
        return;
    }
    out.push_str("<h2>Assertions</h2>\n");
    for scenario in scenarios(file) {
        let of: Vec<&AssertionOutcome> =
            file.assertions.iter().filter(|a| a.scenario.as_deref() == scenario).collect();
        if of.is_empty() {
            continue;
        }
        if let Some(scenario) = scenario {
            let _ = writeln!(out, "<h3>{}</h3>", text(scenario));
        }
        out.push_str(
            "<table class=\"assertions\">\n<thead><tr><th><span aria-hidden=\"true\"></span></th><th>assertion</th>\
             <th class=\"number\">value</th><th class=\"number\">limit</th><th class=\"number\">headroom</th></tr></thead>\n<tbody>\n",
        );
        of.iter().for_each(|a| row(out, a));
        out.push_str("</tbody>\n</table>\n");
        of.iter().filter_map(|a| a.failure.as_ref()).for_each(|f| explanation(out, f, sources));
    }
}

fn row(out: &mut String, assertion: &AssertionOutcome) {
    let (class, mark, word) = match (assertion.status, assertion.severity) {
        (Status::Pass, _) => ("good", "✓", "holds"),
        (Status::Infeasible, Severity::Error) => ("bad", "✗", "infeasible"),
        (Status::Infeasible, _) => ("warn", "!", "infeasible"),
        (Status::Fail, Severity::Error) => ("bad", "✗", "fails"),
        (Status::Fail, _) => ("warn", "!", "warning"),
        (Status::Invalid, _) => ("bad", "?", "cannot be decided"),
    };
    let message = match &assertion.message {
        Some(message) => format!("<br><span class=\"soft\">{}</span>", text(message)),
        None => String::new(),
    };
    let side = |side: &Option<Datum>| side.as_ref().map_or(String::new(), |d| text(&d.to_string()));
    let _ = writeln!(
        out,
        "<tr><td class=\"mark {class}\"><span role=\"img\" aria-label=\"{word}\">{mark}</span></td>\
         <td><code>{}</code>{message}</td><td class=\"number\" data-name=\"value\">{}</td>\
         <td class=\"number\" data-name=\"limit\">{}</td><td class=\"number {class}\" data-name=\"headroom\">{}</td></tr>",
        text(&assertion.text),
        side(&assertion.left),
        side(&assertion.right),
        headroom(assertion)
    );
}

/// Each solve with its outputs; an output unfolds into its equation and what stands in it.
pub fn solves(out: &mut String, index: usize, file: &FileOutcome) {
    if file.solves.is_empty() {
        return;
    }
    out.push_str("<h2>Solves</h2>\n");
    for (number, solve) in file.solves.iter().enumerate() {
        let scenario = match &solve.scenario {
            Some(scenario) => format!(", {}", text(scenario)),
            None => String::new(),
        };
        let _ = writeln!(
            out,
            "<h3><code>{}</code> <span class=\"soft\">{}{scenario}</span></h3>",
            text(&solve.name),
            text(&solve.solver)
        );
        for note in &solve.notes {
            let _ = writeln!(out, "<p class=\"soft\">{}</p>", text(note));
        }
        let key = (solve.name.clone(), solve.scenario.clone());
        out.push_str("<div class=\"tree\">\n");
        match file.derived.iter().find(|d| d.solve == key) {
            Some(derived) => {
                let prefix = format!("d{index}-{number}-");
                let mut drawn = Drawn { prefix, told: HashSet::new() };
                derived.outputs.iter().for_each(|d| drawn.node(out, d));
            }
            None => {
                for (name, value) in &solve.outputs {
                    let _ = writeln!(
                        out,
                        "<div class=\"leaf\">{} <span class=\"value\">{}</span></div>",
                        text(name),
                        text(&value.to_string())
                    );
                }
            }
        }
        out.push_str("</div>\n");
    }
}

/// Sweeps, and what `show` prints.
pub fn tables(out: &mut String, file: &FileOutcome) {
    if !file.shows.is_empty() {
        out.push_str("<h2>Shown</h2>\n");
    }
    for show in &file.shows {
        match &show.value {
            Datum::Table { .. } => {
                let _ = writeln!(out, "<h3><code>{}</code></h3>", text(&show.text));
                table(out, &show.value);
            }
            value => {
                let value = text(&value.to_string());
                let _ = writeln!(out, "<p><code>{}</code> = <strong>{value}</strong></p>", text(&show.text));
            }
        }
    }
    if !file.tables.is_empty() {
        out.push_str("<h2>Sweeps</h2>\n");
    }
    for (name, scenario, rows) in &file.tables {
        let scenario = scenario.as_ref().map_or(String::new(), |s| format!(", {}", text(s)));
        let count = file.sweeps.iter().find(|s| s.name == *name).map_or(0, |s| s.points);
        let _ = writeln!(
            out,
            "<details open><summary><code>{}</code> <span class=\"soft\">{count} points{scenario}</span></summary>",
            text(name)
        );
        table(out, rows);
        out.push_str("</details>\n");
    }
}

fn table(out: &mut String, datum: &Datum) {
    let Datum::Table { columns, units, rows, more } = datum else { return };
    let numeric = |column: usize| rows.iter().any(|r| matches!(r.get(column), Some(Datum::Quantity { .. })));
    out.push_str("<div class=\"scroll\"><table>\n<thead><tr>");
    for (index, name) in columns.iter().enumerate() {
        let class = if numeric(index) { " class=\"number\"" } else { "" };
        let unit = units.get(index).filter(|u| !u.is_empty()).map_or(String::new(), |u| format!(" ({u})"));
        let _ = write!(out, "<th{class}>{}</th>", text(&format!("{name}{unit}")));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let class = if numeric(index) { " class=\"number\"" } else { "" };
            let _ = write!(out, "<td{class}>{}</td>", text(&cell.to_string()));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
    if *more > 0 {
        let _ = writeln!(out, "<p class=\"soft\">... and {more} more</p>");
    }
}
