//! Tables as comma-separated text.

use std::io::Write;
use std::sync::Mutex;

use crate::cli::tables::Draft;
use crate::run::data::export::{ColumnHead, ColumnKind, Head, Piece, Rows, Table};

pub struct Csv {
    columns: Vec<ColumnHead>,
    draft: Mutex<Draft>,
}

impl Csv {
    pub fn new(head: Head, mut draft: Draft) -> Result<Self, String> {
        let names = head.columns.iter().map(|c| match c.unit.as_str() {
            "" => quoted(&c.name),
            unit => quoted(&format!("{} [{unit}]", c.name)),
        });
        let line = names.collect::<Vec<_>>().join(",");
        draft.write_all(line.as_bytes()).and_then(|()| draft.write_all(b"\n")).map_err(|e| e.to_string())?;
        Ok(Csv { columns: head.columns, draft: Mutex::new(draft) })
    }
}

impl Table for Csv {
    fn encode(&self, rows: &Rows) -> Piece {
        let mut bytes = Vec::with_capacity(rows.len * self.columns.len() * 12);
        for row in 0..rows.len {
            for (index, (column, head)) in rows.columns.iter().zip(&self.columns).enumerate() {
                if index > 0 {
                    bytes.push(b',');
                }
                cell(column[row], &head.kind, &mut bytes);
            }
            bytes.push(b'\n');
        }
        Piece::Bytes(bytes)
    }

    fn append(&self, piece: Piece) -> Result<(), String> {
        let Piece::Bytes(bytes) = piece else { return Ok(()) };
        let mut draft = self.draft.lock().map_err(|e| e.to_string())?;
        draft.write_all(&bytes).map_err(|e| e.to_string())
    }

    fn finish(self: Box<Self>) -> Result<(), String> {
        self.draft.into_inner().map_err(|e| e.to_string())?.commit()
    }
}

/// One value; nothing where there is none. Numbers read back to the same bits.
fn cell(value: f64, kind: &ColumnKind, bytes: &mut Vec<u8>) {
    // Writing to memory cannot fail.
    let _ = match kind {
        _ if value.is_nan() => Ok(()),
        ColumnKind::Bool => write!(bytes, "{}", value != 0.0),
        ColumnKind::Text(texts) => match texts.get(value as usize) {
            Some(text) => bytes.write_all(quoted(text).as_bytes()),
            None => Ok(()),
        },
        ColumnKind::Number if value.fract() == 0.0 && value.abs() < 1e15 => write!(bytes, "{value:.0}"),
        ColumnKind::Number => write!(bytes, "{value:?}"),
    };
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_read_back() {
        for value in [0.1, 1.0, -0.0, 1e300, 5e-324, 123_456_789_012_345_680.0, 0.021_074_3, -8.25] {
            let mut bytes = vec![];
            cell(value, &ColumnKind::Number, &mut bytes);
            let text = String::from_utf8(bytes).expect("text");
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{text}");
        }
        let mut bytes = vec![];
        cell(f64::NAN, &ColumnKind::Number, &mut bytes);
        assert!(bytes.is_empty());
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
