//! Files that measurements come in: CSV with a header, JSON objects by name.

use std::path::Path;

use serde_json::{Map, Value};

/// A CSV file.
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One row of it.
#[derive(Clone, Copy)]
pub struct Row<'t> {
    table: &'t Table,
    cells: &'t [String],
}

impl Table {
    pub fn read(path: &Path) -> Result<Self, String> {
        let failed = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
        Table::parse(&text).map_err(|e| failed(&e))
    }

    /// Short rows are read as if their last cells were empty.
    pub fn parse(text: &str) -> Result<Self, csv::Error> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let headings = reader.headers()?.iter().map(str::to_string).collect();
        let rows = reader
            .records()
            .map(|r| r.map(|r| r.iter().map(str::to_string).collect()))
            .collect::<Result<_, _>>()?;
        Ok(Table { headings, rows })
    }

    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }
}

impl<'t> Row<'t> {
    /// A cell's text, empty when there is no such column.
    pub fn text(self, column: &str) -> &'t str {
        let index = self.table.headings.iter().position(|h| h == column);
        index.and_then(|i| self.cells.get(i)).map_or("", |cell| cell.trim())
    }

    /// A cell's number; `None` when it is empty or no finite number.
    pub fn number(self, column: &str) -> Option<f64> {
        self.text(column).parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// An error when one of these cells has a text that is no number: nothing stands in for it.
    pub fn counts(self, columns: &[&str]) -> Result<(), String> {
        const ABSENT: [&str; 5] = ["", "nan", "none", "null", "na"];
        let wrong = columns.iter().find(|column| {
            let text = self.text(column).to_lowercase();
            self.number(column).is_none() && !ABSENT.contains(&text.as_str())
        });
        wrong.map_or(Ok(()), |column| Err(format!("no number in `{column}`: `{}`", self.text(column))))
    }

    /// True for the spellings that data frames write.
    pub fn is_true(self, column: &str) -> bool {
        matches!(self.text(column), "True" | "true" | "TRUE" | "1" | "1.0")
    }
}

/// A JSON object of objects.
pub fn json(path: &Path) -> Result<Map<String, Value>, String> {
    let failed = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
    match serde_json::from_str(&text).map_err(|e| failed(&e))? {
        Value::Object(entries) => Ok(entries),
        _ => Err(format!("{}: not an object of entries by name", path.display())),
    }
}
