//! How values, shares and changes are written on one line, in every report and every message.

use std::fmt;

use crate::outcome::Datum;

/// A value on one line, as the language writes it: `21.07 ms`, `true`, `none`, `[1, 2, 4]`; a record by its name.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Datum::Quantity { text, .. } | Datum::Text(text) => f.write_str(text),
            Datum::Bool(value) => write!(f, "{value}"),
            Datum::Absent => f.write_str("none"),
            Datum::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Datum::Table { rows, more, .. } => write!(f, "{} points", rows.len() as u64 + more),
            Datum::Record { type_name, .. } => f.write_str(self.name().unwrap_or(type_name)),
        }
    }
}

impl Datum {
    /// The `name` of a record that has one.
    pub fn name(&self) -> Option<&str> {
        let Datum::Record { fields, .. } = self else { return None };
        fields.iter().find_map(|(name, value)| match (name.as_str(), value) {
            ("name", Datum::Text(text)) => Some(text.as_str()),
            _ => None,
        })
    }
}

/// A fraction as percent, to three digits and without the sign for percent: `41.1`.
pub fn percent_text(fraction: f64) -> String {
    let percent = fraction * 100.0;
    if percent >= 1e6 {
        return format!("{percent:.1e}");
    }
    let text = match percent {
        p if p >= 99.95 => format!("{p:.0}"),
        p if p >= 9.995 => format!("{p:.1}"),
        0.0 => "0".into(),
        p if p >= 0.01 => format!("{p:.2}"),
        p => format!("{p:.1e}"),
    };
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

/// A relative change: `+11.4 %`, `-50 %`.
pub fn change_text(change: f64) -> String {
    let sign = if change < 0.0 { '-' } else { '+' };
    format!("{sign}{} %", percent_text(change.abs()))
}

/// A share of a whole: `74 %`, `0.4 %`, `<0.1 %`.
pub fn share_text(share: f64) -> String {
    match share * 100.0 {
        p if p >= 9.95 => format!("{p:.0} %"),
        p if p >= 0.095 => format!("{p:.1} %"),
        0.0 => "0 %".into(),
        _ => "<0.1 %".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{change_text, percent_text, share_text};
    use crate::outcome::Datum;

    #[test]
    fn values_are_written_as_the_language_writes_them() {
        let fields = vec![("name".to_string(), Datum::Text("H100".into()))];
        let named = Datum::Record { type_name: "Hardware".into(), fields };
        let list = Datum::List(vec![Datum::Bool(true), Datum::Absent, named]);
        assert_eq!(list.to_string(), "[true, none, H100]");
        let empty = Datum::Record { type_name: "Layout".into(), fields: vec![] };
        assert_eq!(empty.to_string(), "Layout");
    }

    #[test]
    fn percentages_have_three_digits() {
        assert_eq!([percent_text(0.411), percent_text(0.0), percent_text(1.0)], ["41.1", "0", "100"]);
        assert_eq!([change_text(-0.5), change_text(0.114)], ["-50 %", "+11.4 %"]);
        assert_eq!([share_text(0.74), share_text(0.0004), share_text(0.0)], ["74 %", "<0.1 %", "0 %"]);
    }
}
