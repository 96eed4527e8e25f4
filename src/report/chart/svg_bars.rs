//! Sums as bars: what each is made of, side by side.

use std::fmt::Write;

use crate::outcome::figure::{Bar, Bars};
use crate::report::chart::COLOURS;
use crate::report::chart::svg::{SIZE, WIDTH, class, fit, legend_rows, open, text, width};

const BAR: f64 = 22.0;
const ROW: f64 = 50.0;
const EDGE: f64 = 8.0;

/// One bar a value, one colour a term.
pub fn bars(figure: &Bars, title: &str, id: &str) -> String {
    let mut names: Vec<&str> = vec![];
    for (name, ..) in figure.bars.iter().flat_map(|b| &b.parts) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let short: Vec<String> = names.iter().map(|n| fit(n, WIDTH / 2.0 - 40.0, SIZE)).collect();
    let rows = legend_rows(short.iter().map(String::as_str));
    let top = 36.0 + 18.0 * rows.len() as f64;
    let height = top + ROW * figure.bars.len() as f64 + 6.0;
    let mut out = String::new();
    open(&mut out, height, id, title, &describe(figure));
    let mut index = 0;
    for (row, entries) in rows.iter().enumerate() {
        for (x, name) in entries {
            let y = 40.0 + 18.0 * row as f64;
            let class = class((index < COLOURS).then_some(index));
            let _ = writeln!(
                out,
                "<rect class=\"part {class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\"/>",
                y - 10.0
            );
            let _ = writeln!(
                out,
                "<text class=\"name\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
                x + 18.0,
                text(name)
            );
            index += 1;
        }
    }
    let greatest = figure.bars.iter().map(|b| b.total).fold(0.0, f64::max);
    for (row, bar) in figure.bars.iter().enumerate() {
        draw(&mut out, bar, greatest, top + ROW * row as f64, &names);
    }
    out.push_str("</svg>");
    out
}

fn draw(out: &mut String, bar: &Bar, greatest: f64, y: f64, names: &[&str]) {
    let room = WIDTH - 2.0 * EDGE;
    let value = width(&bar.text, SIZE);
    let name = text(&fit(&bar.name, room - value - 12.0, SIZE));
    let _ = writeln!(out, "<text class=\"name\" x=\"{EDGE}\" y=\"{:.1}\">{name}</text>", y + 12.0);
    let right = WIDTH - EDGE;
    let shown = text(&bar.text);
    let _ = writeln!(
        out,
        "<text class=\"tick\" x=\"{right}\" y=\"{:.1}\" text-anchor=\"end\">{shown}</text>",
        y + 12.0
    );
    let mut x = EDGE;
    for (name, part, shown) in &bar.parts {
        let long = if greatest > 0.0 { (part / greatest * room).max(0.0) } else { 0.0 };
        let index = names.iter().position(|n| n == name).filter(|i| *i < COLOURS);
        let share = if bar.total != 0.0 { part / bar.total * 100.0 } else { 0.0 };
        let _ = writeln!(
            out,
            "<rect class=\"part {}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{BAR}\"><title>{}</title></rect>",
            class(index),
            y + 18.0,
            long.max(0.8),
            text(&format!("{name} {shown}, {share:.1} %"))
        );
        let label = format!("{share:.0} %");
        if long > width(&label, SIZE) + 8.0 && bar.parts.len() > 1 {
            let _ = writeln!(
                out,
                "<text class=\"inside\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                x + long / 2.0,
                y + 18.0 + BAR / 2.0 + 4.0
            );
        }
        x += long;
    }
}

fn describe(figure: &Bars) -> String {
    let of = |bar: &Bar| {
        let parts: Vec<String> = bar.parts.iter().map(|(name, _, shown)| format!("{name} {shown}")).collect();
        format!("{} {} = {}", bar.name, bar.text, parts.join(" + "))
    };
    figure.bars.iter().map(of).collect::<Vec<_>>().join("; ")
}
