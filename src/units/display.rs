//! Quantities as people read them.

use crate::units::dimension::Dimension;
use crate::units::registry::{DisplayUnit, Registry, ResolvedUnit};

/// Digits that a person can use.
const DIGITS: usize = 4;

impl Registry {
    /// A value in base units with a unit that reads well, to four significant digits: `21.07 ms`, `3.35 TB/s`.
    /// `hint` fixes the unit.
    pub fn format(&self, value: f64, dimension: Dimension, hint: Option<&ResolvedUnit>) -> String {
        self.format_digits(value, dimension, hint, DIGITS)
    }

    /// Two values of one dimension in one unit, with as many digits as it takes to tell them apart.
    pub fn format_pair(
        &self,
        a: f64,
        b: f64,
        dimension: Dimension,
        hint: Option<&ResolvedUnit>,
    ) -> (String, String) {
        let chosen = hint.cloned().or_else(|| self.display_unit(dimension, a.abs().max(b.abs())).cloned());
        let both = |digits| {
            let text = |v| self.format_digits(v, dimension, chosen.as_ref(), digits);
            (text(a), text(b))
        };
        (DIGITS..=17).map(both).find(|(x, y)| x != y || a == b).unwrap_or_else(|| both(17))
    }

    /// Two values of one dimension, and the second less the first with its sign, all in one unit.
    pub fn format_change(
        &self,
        a: f64,
        b: f64,
        dimension: Dimension,
        hint: Option<&ResolvedUnit>,
    ) -> (String, String, String) {
        let hint = hint.filter(|h| h.dimension == dimension).cloned();
        let unit = hint.or_else(|| self.display_unit(dimension, a.abs().max(b.abs())).cloned());
        let (before, after) = self.format_pair(a, b, dimension, unit.as_ref());
        let sign = if b > a { "+" } else { "" };
        let difference = self.format_digits(b - a, dimension, unit.as_ref(), DIGITS - 1);
        (before, after, format!("{sign}{difference}"))
    }

    /// Values of one dimension in one unit: its name, and the numbers without it.
    pub fn format_column(&self, values: &[f64], dimension: Dimension) -> (String, Vec<String>) {
        let mut sizes: Vec<f64> = values.iter().map(|v| v.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let middle = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
        let (unit, text) = match self.display_unit(dimension, middle) {
            Some(unit) => (Some(unit), unit.text.to_string()),
            None => (None, self.base_unit(dimension)),
        };
        let shown = |v: &f64| number(unit.map_or(*v, |u| u.in_unit(*v)), DIGITS);
        (text, values.iter().map(shown).collect())
    }

    /// The unit for an axis whose greatest value is `greatest`: its name, and what a value in base units is times by.
    pub fn axis_unit(
        &self,
        dimension: Dimension,
        greatest: f64,
        hint: Option<&ResolvedUnit>,
    ) -> (String, f64) {
        let hint = hint.filter(|h| h.dimension == dimension);
        match hint.or_else(|| self.display_unit(dimension, greatest)) {
            Some(unit) => (unit.text.to_string(), unit.in_unit(1.0)),
            None => (self.base_unit(dimension), 1.0),
        }
    }

    fn format_digits(
        &self,
        value: f64,
        dimension: Dimension,
        hint: Option<&ResolvedUnit>,
        digits: usize,
    ) -> String {
        let unit = match hint.filter(|h| h.dimension == dimension) {
            Some(unit) => Some(unit),
            None => self.display_unit(dimension, value),
        };
        match unit {
            Some(unit) => join(&number(unit.in_unit(value), digits), &unit.text),
            None => join(&number(value, digits), &self.base_unit(dimension)),
        }
    }

    /// The largest display unit that the value is enough of; the smallest for less, the middle one for zero.
    fn display_unit(&self, dimension: Dimension, value: f64) -> Option<&ResolvedUnit> {
        let (_, named) = self.of_dimension(dimension)?;
        let display = &named.display;
        if value == 0.0 {
            let middle = display.iter().find(|d| d.unit.numerator == d.unit.denominator);
            return middle.or(display.first()).map(|d| &d.unit);
        }
        let fits = |d: &&DisplayUnit| {
            let number = d.unit.in_unit(value).abs();
            // Just below one of a unit still rounds up to it.
            number >= 0.99995 * d.from || number >= 1.0 && number.fract() == 0.0
        };
        display.iter().rev().find(fits).or(display.first()).map(|d| &d.unit)
    }
}

fn join(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_string(),
        "%" => format!("{number}%"),
        _ => format!("{number} {unit}"),
    }
}

/// A number to so many significant digits, whole numbers below a million in full, without trailing zeros.
pub(super) fn number(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs();
    if value.fract() == 0.0 && magnitude < 1e6 {
        // `+ 0.0` turns minus zero into zero.
        return format!("{:.0}", value + 0.0);
    }
    if (1e6..1e9).contains(&magnitude) {
        return grouped(&format!("{value:.0}"));
    }
    if !(1e-4..1e9).contains(&magnitude) {
        let text = format!("{value:.*e}", digits - 1);
        return match text.split_once('e') {
            Some((mantissa, exponent)) => format!("{}e{exponent}", trim(mantissa)),
            None => text,
        };
    }
    let exponent = magnitude.log10().floor() as i32;
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    trim(&format!("{value:.decimals$}")).to_string()
}

/// `10_000_000`: digits in threes, as the language reads them.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, c) in digits.chars().enumerate() {
        let left = digits.len() - index;
        if index > 0 && left.is_multiple_of(3) && !text.ends_with('-') {
            text.push('_');
        }
        text.push(c);
    }
    text
}

fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}
