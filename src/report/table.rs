//! Tables that fit a terminal.

use comfy_table::{ContentArrangement, Table};

/// Rows under headings, at most `width` wide; long cells are wrapped.
pub fn table(headings: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.min(usize::from(u16::MAX)) as u16);
    if !headings.is_empty() {
        table.set_header(headings);
    }
    for row in rows {
        table.add_row(row);
    }
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}
