//! The units and dimensions that a program knows, and look-up by the name as written.

use std::sync::Arc;

use crate::NameMap;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::UnitExpr;
use crate::units::dimension::{BASES, Dimension};
use crate::units::prefix::Prefixes;

/// A declared unit: how much of the base unit it is, as a fraction whose parts are exact where the unit is.
#[derive(Clone, Debug)]
pub struct Unit {
    pub numerator: f64,
    pub denominator: f64,
    pub dimension: Dimension,
    pub prefixes: Prefixes,
    /// The name it was declared by, for aliases.
    pub canonical: Arc<str>,
    pub doc: Arc<str>,
    pub span: Span,
}

/// A unit as written after a number: `TB/s`, with prefixes and powers worked in.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedUnit {
    pub numerator: f64,
    pub denominator: f64,
    pub dimension: Dimension,
    pub text: Arc<str>,
}

impl ResolvedUnit {
    /// `value` of this unit, in base units.
    pub fn to_base(&self, value: f64) -> f64 {
        value * self.numerator / self.denominator
    }

    /// A value in base units, in this unit.
    pub fn in_unit(&self, value: f64) -> f64 {
        value * self.denominator / self.numerator
    }
}

/// A unit to show quantities in, and from how many of it on: `5 min` leaves 100 s in seconds, and 60 s is 1 min.
#[derive(Clone, Debug)]
pub struct DisplayUnit {
    pub unit: ResolvedUnit,
    pub from: f64,
}

/// A named dimension and how its quantities are shown.
#[derive(Clone, Debug)]
pub struct NamedDimension {
    pub dimension: Dimension,
    pub doc: Arc<str>,
    /// The unit of a base dimension.
    pub base_unit: Option<Arc<str>>,
    /// Units to show it in, rising.
    pub display: Vec<DisplayUnit>,
    /// The unit to propose where one is missing.
    pub suggest: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclareError {
    TooMany,
    Duplicate,
}

/// Why a written unit means nothing.
#[derive(Clone, Debug)]
pub enum UnitError {
    Unknown { name: Arc<str>, span: Span },
    Exponent { span: Span },
}

impl UnitError {
    pub fn diagnostic(&self, registry: &Registry) -> Diagnostic {
        match self {
            UnitError::Unknown { name, span } if scale(name).is_some() => {
                let (word, digits) = scale(name).unwrap_or_default();
                Diagnostic::error("mls::unknown-unit", format!("`{name}` by itself is no {word}"))
                    .label(*span, "read as a unit, because it follows a number")
                    .help(format!("write the word, `1 {word}`, or the digits, `{digits}`"))
            }
            UnitError::Unknown { name, span } if currency(name).is_some() => {
                let currency = currency(name).unwrap_or_default();
                Diagnostic::error("mls::unknown-unit", format!("`{currency}` is not declared as a unit"))
                    .label(*span, "what is it worth?")
                    .help(declare_currency(currency))
            }
            UnitError::Unknown { name, span } => {
                let diagnostic = Diagnostic::error("mls::unknown-unit", format!("there is no unit `{name}`"));
                match registry.suggest(name) {
                    Some(near) => {
                        let meaning = registry.meaning(&near).unwrap_or_default();
                        diagnostic
                            .label(*span, format!("did you mean `{near}`?"))
                            .help(format!("`{near}` is {meaning}; case matters: `B` is byte, `b` bit, `m` milli, `M` mega"))
                    }
                    None => diagnostic
                        .label(*span, "read as a unit, because it follows a number")
                        .help("`mlsys list units` shows all; with blanks on both sides, `/` and `*` join values: `80 GB / x`"),
                }
            }
            UnitError::Exponent { span } => {
                Diagnostic::error("mls::exponent", "this unit has an exponent that is too large")
                    .label(*span, "here")
                    .help("use a lower power")
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Registry {
    dimensions: NameMap<NamedDimension>,
    bases: Vec<Arc<str>>,
    units: NameMap<Unit>,
    /// Coherent derived units such as W, by dimension.
    coherent: Vec<(Dimension, Arc<str>)>,
}

impl Registry {
    pub fn declare_base_dimension(&mut self, name: &str) -> Result<Dimension, DeclareError> {
        if self.bases.len() >= BASES {
            return Err(DeclareError::TooMany);
        }
        let dimension = Dimension::base(self.bases.len());
        self.name_dimension(name, dimension)?;
        self.bases.push(name.into());
        Ok(dimension)
    }

    pub fn name_dimension(&mut self, name: &str, dimension: Dimension) -> Result<(), DeclareError> {
        if self.dimensions.contains_key(name) {
            return Err(DeclareError::Duplicate);
        }
        let named =
            NamedDimension { dimension, doc: "".into(), base_unit: None, display: vec![], suggest: None };
        self.dimensions.insert(name.into(), named);
        Ok(())
    }

    pub fn dimension(&self, name: &str) -> Option<Dimension> {
        self.dimensions.get(name).map(|d| d.dimension)
    }

    pub fn dimensions(&self) -> impl Iterator<Item = (&Arc<str>, &NamedDimension)> {
        self.dimensions.iter()
    }

    pub fn dimension_names(&self) -> impl Iterator<Item = &str> {
        self.dimensions.keys().map(|k| &**k)
    }

    pub(super) fn named_mut(&mut self, name: &str) -> Option<&mut NamedDimension> {
        self.dimensions.get_mut(name)
    }

    pub(super) fn of_dimension(&self, dimension: Dimension) -> Option<(&Arc<str>, &NamedDimension)> {
        self.dimensions.iter().find(|(_, d)| d.dimension == dimension)
    }

    /// Declares one spelling of a unit; answers the unit that has it already.
    pub fn declare_unit(&mut self, name: &str, unit: Unit) -> Result<(), Unit> {
        if let Some(old) = self.units.get(name) {
            return Err(old.clone());
        }
        self.units.insert(name.into(), unit);
        Ok(())
    }

    pub(super) fn set_coherent(&mut self, dimension: Dimension, name: Arc<str>) {
        self.coherent.push((dimension, name));
    }

    /// The unit that a base dimension is counted in.
    pub(super) fn set_base_unit(&mut self, dimension: Dimension, name: &Arc<str>) -> bool {
        let base = self.dimensions.values_mut().find(|d| d.dimension == dimension);
        match base {
            Some(named) if named.base_unit.is_none() => {
                named.base_unit = Some(name.clone());
                true
            }
            _ => false,
        }
    }

    pub fn units(&self) -> impl Iterator<Item = (&Arc<str>, &Unit)> {
        self.units.iter()
    }

    /// A unit by its name, with or without a prefix.
    pub fn unit(&self, name: &str) -> Option<Unit> {
        if let Some(unit) = self.units.get(name) {
            return Some(unit.clone());
        }
        // The longest prefix first, so that `Mi` is not read as `M` and `i..`.
        (1..=3).rev().find_map(|length| {
            let end = name.char_indices().nth(length).map(|(i, _)| i)?;
            let unit = self.units.get(&name[end..])?;
            let prefix = unit.prefixes.all().find(|p| p.symbol == &name[..end])?;
            Some(Unit {
                numerator: unit.numerator * prefix.numerator,
                denominator: unit.denominator * prefix.denominator,
                ..unit.clone()
            })
        })
    }

    /// A unit as written.
    pub fn resolve(&self, written: &UnitExpr) -> Result<ResolvedUnit, UnitError> {
        let (mut numerator, mut denominator) = (1.0, 1.0);
        let mut dimension = Dimension::SCALAR;
        let mut text = String::new();
        for factor in &written.factors {
            let name = &factor.name.text;
            let span = factor.name.span;
            let unit = self.unit(name).ok_or_else(|| UnitError::Unknown { name: name.clone(), span })?;
            let power = factor.exponent.unsigned_abs().min(1000) as i32;
            let (n, d) = (libm_powi(unit.numerator, power), libm_powi(unit.denominator, power));
            (numerator, denominator) = match factor.exponent >= 0 {
                true => (numerator * n, denominator * d),
                false => (numerator * d, denominator * n),
            };
            let raised = unit.dimension.power(factor.exponent, 1);
            dimension =
                raised.and_then(|r| dimension.multiply(r)).map_err(|_| UnitError::Exponent { span })?;
            match (text.is_empty(), factor.exponent > 0) {
                (_, false) => text.push('/'),
                (false, true) => text.push('*'),
                (true, true) => {}
            }
            text.push_str(name);
            if power > 1 {
                text.push_str(&format!("^{power}"));
            }
        }
        let usable = |x: f64| x.is_finite() && x > 0.0;
        if !usable(numerator) || !usable(denominator) || !usable(numerator / denominator) {
            return Err(UnitError::Exponent { span: written.span });
        }
        Ok(ResolvedUnit { numerator, denominator, dimension, text: text.as_str().into() })
    }

    /// The unit that a misspelt name most likely means: the same letters in another case, else the nearest.
    pub fn suggest(&self, name: &str) -> Option<String> {
        let mut spelled: Vec<String> = vec![];
        for (unit_name, unit) in &self.units {
            spelled.push(unit_name.to_string());
            // A slip never means a femto-anything.
            let usual = unit.prefixes.all().filter(|p| !matches!(p.symbol, "f" | "p" | "E" | "Z" | "Ei"));
            spelled.extend(usual.map(|p| format!("{}{unit_name}", p.symbol)));
        }
        // Of those that differ only in case, one that values are shown in: `25 MS` are milliseconds.
        let shown =
            |unit: &str| self.dimensions.values().flat_map(|d| &d.display).any(|d| *d.unit.text == *unit);
        let usual = spelled.iter().find(|s| s.eq_ignore_ascii_case(name) && shown(s)).cloned();
        usual.or_else(|| suggest::nearest(name, spelled.iter().map(String::as_str)).map(str::to_string))
    }

    /// What a unit measures, for help texts: `Data, 1 GB = 1000000000 B`.
    fn meaning(&self, name: &str) -> Option<String> {
        let unit = self.unit(name)?;
        let base = self.base_unit(unit.dimension);
        let factor = unit.numerator / unit.denominator;
        let dimension = self.describe(unit.dimension);
        if factor == 1.0 { Some(dimension) } else { Some(format!("{dimension}, {factor} {base}")) }
    }

    /// A dimension as people write it: `Data / Time`, `Power (Energy / Time)`, `a plain number`.
    pub fn describe(&self, dimension: Dimension) -> String {
        self.describe_with(dimension, &[])
    }

    /// The same inside a generic function, whose type parameters have these names.
    pub fn describe_with(&self, dimension: Dimension, generics: &[Arc<str>]) -> String {
        if dimension.is_scalar() {
            return "a plain number".into();
        }
        let name = |slot: usize| match slot.checked_sub(BASES) {
            Some(generic) => generics.get(generic).map_or("?".to_string(), |g| g.to_string()),
            None => self.bases.get(slot).map_or("?".to_string(), |b| b.to_string()),
        };
        let factors = product(dimension, name, " * ", " / ");
        match self.of_dimension(dimension) {
            Some((named, _)) if **named != *factors => format!("{named} ({factors})"),
            _ => factors,
        }
    }

    /// A dimension by its base dimensions: `Energy / Time`.
    pub fn factors(&self, dimension: Dimension) -> String {
        let name = |slot: usize| self.bases.get(slot).map_or("?".to_string(), |b| b.to_string());
        product(dimension, name, " * ", " / ")
    }

    /// The coherent unit of a dimension, as JSON names it: `s`, `B/s`, `W`, and nothing for a plain number.
    pub fn base_unit(&self, dimension: Dimension) -> String {
        if let Some((_, name)) = self.coherent.iter().find(|(d, _)| *d == dimension) {
            return name.to_string();
        }
        let name = |slot: usize| {
            let unit =
                self.bases.get(slot).and_then(|b| self.dimensions.get(b)).and_then(|d| d.base_unit.clone());
            unit.map_or("?".to_string(), |u| u.to_string())
        };
        product(dimension, name, "*", "/")
    }

    /// A unit to propose where one is missing.
    pub fn suggested_unit(&self, dimension: Dimension) -> Option<String> {
        if dimension.is_scalar() || dimension.is_generic() {
            return None;
        }
        let named = self.of_dimension(dimension).and_then(|(_, d)| d.suggest.clone());
        Some(named.map_or_else(|| self.base_unit(dimension), |s| s.to_string()))
    }
}

/// Currencies that prices are in, by their ISO 4217 codes.
const CURRENCIES: &[&str] = &[
    "AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "INR", "JPY", "KRW",
    "MXN", "NOK", "NZD", "PLN", "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "ZAR",
];

/// The currency of a name, which may have a prefix: `EUR`, `kEUR`.
pub fn currency(name: &str) -> Option<&'static str> {
    let is = |c: &&&str| *name == ***c || name.strip_prefix(['k', 'M']) == Some(**c);
    CURRENCIES.iter().find(is).copied()
}

/// How to make a unit of a currency.
pub fn declare_currency(name: &str) -> String {
    let worth = if name == "EUR" { "1.08" } else { ".." };
    format!("say what it is worth: `unit {name} = {worth} USD`; then `2.5 {name}/h` is a price")
}

/// The scale that a letter stands for elsewhere.
fn scale(letter: &str) -> Option<(&'static str, &'static str)> {
    match letter {
        "k" | "K" => Some(("thousand", "1_000")),
        "M" | "mn" | "mio" => Some(("million", "1_000_000")),
        "bn" | "G" => Some(("billion", "1_000_000_000")),
        _ => None,
    }
}

fn libm_powi(x: f64, n: i32) -> f64 {
    (0..n).fold(1.0, |product, _| product * x)
}

/// `a * b / c / d^2` from a dimension's factors.
fn product(dimension: Dimension, name: impl Fn(usize) -> String, times: &str, over: &str) -> String {
    let power = |slot: usize, n: i32, d: i32| match (n, d) {
        (1, 1) => name(slot),
        (n, 1) => format!("{}^{n}", name(slot)),
        (n, d) => format!("{}^({n}/{d})", name(slot)),
    };
    let above: Vec<String> =
        dimension.factors().filter(|f| f.1 > 0).map(|(s, n, d)| power(s, n, d)).collect();
    let below: Vec<String> =
        dimension.factors().filter(|f| f.1 < 0).map(|(s, n, d)| power(s, -n, d)).collect();
    match (above.is_empty(), below.is_empty()) {
        (_, true) => above.join(times),
        (true, false) => format!("1{over}{}", below.join(over)),
        (false, false) => format!("{}{over}{}", above.join(times), below.join(over)),
    }
}
