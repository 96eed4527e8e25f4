//! `--format html`: one page that needs nothing else, for a design review. It reads without its script, which only
//! switches between light and dark.

mod derivation;
mod parts;

use std::fmt::Write;

use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::{FileOutcome, Outcome};
use crate::report::chart::svg;
use crate::report::groups::{one_line, printable};
use crate::report::markdown::html;
use crate::report::tally::Tally;
use crate::report::terminal;
use crate::report::terminal::Style;
use crate::source::Sources;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page. `outcome` has its derivations, tables and charts when the run worked them out.
pub fn render(outcome: &Outcome) -> String {
    let tally = Tally::of(outcome);
    let (class, mark) = verdict(&tally);
    let title = match outcome.files.as_slice() {
        [only] => one_line(&only.path),
        many => crate::report::human::plural(many.len(), "file"),
    };
    let title = text(&title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>mlsys: {title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n\
         <span class=\"verdict {class}\">{mark} {}</span>\n\
         <button id=\"theme\" type=\"button\" hidden>Dark</button>\n</header>\n<main>\n",
        chart_style(),
        text(&tally.text())
    );
    contents(&mut out, outcome);
    for (index, file) in outcome.files.iter().enumerate() {
        render_file(&mut out, index, file, outcome);
    }
    let _ = write!(
        out,
        "</main>\n<footer>mlsys {}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    );
    out
}

/// Of several files how each stands, and the way to it.
fn contents(out: &mut String, outcome: &Outcome) {
    if outcome.files.len() < 2 {
        return;
    }
    out.push_str("<nav><ul>\n");
    for (index, file) in outcome.files.iter().enumerate() {
        let tally = Tally::of_file(file);
        let (class, mark) = verdict(&tally);
        let _ = writeln!(
            out,
            "<li><span class=\"{class}\">{mark}</span> <a href=\"#file-{index}\">{}</a> <span class=\"soft\">{}</span></li>",
            text(&file.path),
            text(&tally.text())
        );
    }
    out.push_str("</ul></nav>\n");
}

/// The class and the mark of how something stands.
fn verdict(tally: &Tally) -> (&'static str, &'static str) {
    match (tally.bad(), tally.warnings > 0 || tally.is_empty()) {
        (true, _) => ("bad", "✗"),
        (false, true) => ("warn", "!"),
        (false, false) => ("good", "✓"),
    }
}

/// The colours of charts, switched as those of the page are. Paper is light.
fn chart_style() -> String {
    let (light, rest) = svg::STYLE.split_once('\n').unwrap_or((svg::STYLE, ""));
    let (dark, rules) = rest.split_once('\n').unwrap_or(("", rest));
    let values = |block: &str| {
        let (_, inside) = block.split_once(".mls-chart{").unwrap_or(("", block));
        inside.trim_end_matches('}').to_string()
    };
    let (day, night) = (values(light), values(dark));
    format!(
        "{light}\n@media (prefers-color-scheme:dark){{:root:not([data-theme=light]) .mls-chart{{{night}}}}}\n\
         :root[data-theme=dark] .mls-chart{{{night}}}\n@media print{{:root[data-theme=dark] .mls-chart{{{day}}}}}\n{rules}"
    )
}

fn render_file(out: &mut String, index: usize, file: &FileOutcome, outcome: &Outcome) {
    let sources = &outcome.sources;
    if outcome.files.len() > 1 {
        let _ = writeln!(out, "<section id=\"file-{index}\">\n<h2>{}</h2>", text(&file.path));
    } else {
        out.push_str("<section>\n");
    }
    for diagnostic in &file.diagnostics {
        explanation(out, diagnostic, sources);
    }
    parts::assertions(out, file, sources);
    let charts: Vec<_> = file.plots.iter().chain(&file.charts).collect();
    if !charts.is_empty() {
        out.push_str("<h2>Charts</h2>\n<div class=\"charts\">\n");
        for (number, plot) in charts.iter().enumerate() {
            let notes = plot.notes.iter().map(|n| text(n)).collect::<Vec<_>>().join("; ");
            let caption =
                if notes.is_empty() { String::new() } else { format!("<figcaption>{notes}</figcaption>") };
            let chart = svg::inline(plot, &format!("chart-{index}-{number}"));
            let _ = writeln!(out, "<figure>\n{chart}\n{caption}</figure>");
        }
        out.push_str("</div>\n");
    }
    parts::solves(out, index, file);
    parts::tables(out, file);
    out.push_str("</section>\n");
}

/// A diagnostic that unfolds: the place in the text, what is behind it, and what helps.
fn explanation(out: &mut String, diagnostic: &Diagnostic, sources: &Sources) {
    let (class, open) = match diagnostic.severity {
        Severity::Error => ("bad", " open"),
        Severity::Warning => ("warn", ""),
        Severity::Note => ("soft", ""),
    };
    // Sentences are wrapped by the reader's window, the picture of the place is not.
    let place = Diagnostic { notes: vec![], help: None, ..diagnostic.clone() };
    let place = printable(&terminal::render(&place, sources, Style::default()));
    let _ = writeln!(
        out,
        "<details{open}><summary class=\"{class}\">{}</summary><pre>{}</pre>",
        text(&diagnostic.message),
        html(place.trim_end())
    );
    if !diagnostic.notes.is_empty() {
        let notes = diagnostic.notes.iter().map(|note| format!("<li>{}</li>", text(note)));
        let _ = writeln!(out, "<ul class=\"notes\">{}</ul>", notes.collect::<String>());
    }
    if let Some(help) = &diagnostic.help {
        let mut lines = help.lines();
        let first = lines.next().unwrap_or_default();
        let changes: String = lines.map(|line| format!("<li><code>{}</code></li>", text(line))).collect();
        let list = if changes.is_empty() { changes } else { format!("<ul>{changes}</ul>") };
        let _ = writeln!(out, "<div class=\"help\">{}{list}</div>", text(first));
    }
    out.push_str("</details>\n");
}

fn text(source: &str) -> String {
    html(&one_line(source))
}
