//! Points of a grid as a table that fits.

use std::fmt::Write;

use crate::outcome::Datum;
use crate::report::wrap::pack;

/// The widest cell; longer names are cut. Where there is room for all, they may be twice as long.
const CELL: usize = 24;
const WIDE: usize = 2 * CELL;

struct TableColumn {
    name: String,
    heading: String,
    cells: Vec<String>,
    number: bool,
}

/// Rows under headings with units, at most `width` wide. What is the same in all rows, and what does not fit, is said
/// below.
pub fn points(columns: &[String], units: &[String], rows: &[Vec<Datum>], more: u64, width: usize) -> String {
    let mut out = String::new();
    let total = |shown: &[TableColumn]| -> usize { shown.iter().map(|c| c.width() + 2).sum() };
    let split = |cell: usize| {
        let constant =
            |c: &TableColumn| rows.len() > 1 && more == 0 && c.cells.windows(2).all(|w| w[0] == w[1]);
        let all = (0..columns.len()).map(|at| column(columns, units, rows, at, cell));
        let (same, shown): (Vec<TableColumn>, Vec<TableColumn>) = all.partition(constant);
        if shown.is_empty() { (same, shown) } else { (shown, same) }
    };
    let (mut shown, same) =
        Some(split(WIDE)).filter(|(c, _)| total(c) <= width).unwrap_or_else(|| split(CELL));
    let mut left_out: Vec<String> = vec![];
    while shown.len() > 1 && total(&shown) > width {
        left_out.extend(shown.pop().map(|c| c.name));
    }
    left_out.reverse();
    let mut heading = String::new();
    for column in &shown {
        column.write(&mut heading, &column.heading);
    }
    let _ = writeln!(out, "{}", heading.trim_end());
    for row in 0..rows.len() {
        let mut text = String::new();
        for column in &shown {
            column.write(&mut text, &column.cells[row]);
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
    if more > 0 {
        let _ = writeln!(out, "  and {more} more");
    }
    let same: Vec<String> =
        same.iter().map(|c| format!("{} {}", c.name, c.whole(units_of(columns, units, &c.name)))).collect();
    if !same.is_empty() {
        below(&mut out, "in all rows:", &same, width);
    }
    if !left_out.is_empty() {
        below(&mut out, "not shown:", &left_out, width);
    }
    out
}

fn units_of<'u>(columns: &[String], units: &'u [String], name: &str) -> &'u str {
    columns.iter().position(|c| c == name).and_then(|at| units.get(at)).map_or("", String::as_str)
}

fn column(columns: &[String], units: &[String], rows: &[Vec<Datum>], at: usize, cell: usize) -> TableColumn {
    let name = columns[at].clone();
    // The last part of a path is enough where no other column ends in it.
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_string();
    let alone = columns.iter().filter(|c| last(c) == last(&name)).count() == 1;
    let plain_path = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    let short = if alone && plain_path { last(&name) } else { name.clone() };
    let unit = units.get(at).map_or("", String::as_str);
    let heading = if unit.is_empty() { short } else { format!("{short} ({unit})") };
    let text = |row: &Vec<Datum>| row.get(at).map_or(String::new(), |d| cut(&d.to_string(), cell));
    let number = rows.iter().any(|row| matches!(row.get(at), Some(Datum::Quantity { .. })));
    TableColumn { name, heading, cells: rows.iter().map(text).collect(), number }
}

impl TableColumn {
    fn width(&self) -> usize {
        let cells = self.cells.iter().chain([&self.heading]);
        cells.map(|c| c.chars().count()).max().unwrap_or(0)
    }

    fn write(&self, out: &mut String, text: &str) {
        let pad = self.width().saturating_sub(text.chars().count());
        let _ = match self.number {
            true => write!(out, "  {:pad$}{text}", ""),
            false => write!(out, "  {text}{:pad$}", ""),
        };
    }

    /// The value that all rows have, with its unit.
    fn whole(&self, unit: &str) -> String {
        let value = self.cells.first().cloned().unwrap_or_default();
        match unit {
            "" => value,
            "%" => format!("{value}%"),
            _ => format!("{value} {unit}"),
        }
    }
}

fn cut(text: &str, cell: usize) -> String {
    match text.chars().count() > cell {
        true => text.chars().take(cell - 2).chain("..".chars()).collect(),
        false => text.to_string(),
    }
}

fn below(out: &mut String, head: &str, items: &[String], width: usize) {
    let mut items = items.to_vec();
    items[0] = format!("{head} {}", items[0]);
    for text in pack(&items, ", ", width.saturating_sub(2)) {
        let _ = writeln!(out, "  {text}");
    }
}
