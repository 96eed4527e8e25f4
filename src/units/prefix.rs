//! SI and IEC prefixes.

/// A prefix: its letters and its factor as a fraction, both exact.
pub struct Prefix {
    pub symbol: &'static str,
    pub numerator: f64,
    pub denominator: f64,
}

/// Which prefixes a unit takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Prefixes {
    #[default]
    None,
    Si,
    Iec,
    Both,
    /// Those above one: there is no thousandth of a byte.
    Multiples,
}

const fn prefix(symbol: &'static str, numerator: f64, denominator: f64) -> Prefix {
    Prefix { symbol, numerator, denominator }
}

/// Decimal prefixes; those below one as denominators, so that `1 ms` is exactly 1/1000.
pub const SI: &[Prefix] = &[
    prefix("k", 1e3, 1.0),
    prefix("M", 1e6, 1.0),
    prefix("G", 1e9, 1.0),
    prefix("T", 1e12, 1.0),
    prefix("P", 1e15, 1.0),
    prefix("E", 1e18, 1.0),
    prefix("Z", 1e21, 1.0),
    prefix("m", 1.0, 1e3),
    prefix("u", 1.0, 1e6),
    prefix("µ", 1.0, 1e6),
    prefix("μ", 1.0, 1e6),
    prefix("n", 1.0, 1e9),
    prefix("p", 1.0, 1e12),
    prefix("f", 1.0, 1e15),
];

/// Binary prefixes.
pub const IEC: &[Prefix] = &[
    prefix("Ki", 1024.0, 1.0),
    prefix("Mi", 1048576.0, 1.0),
    prefix("Gi", 1073741824.0, 1.0),
    prefix("Ti", 1099511627776.0, 1.0),
    prefix("Pi", 1125899906842624.0, 1.0),
    prefix("Ei", 1152921504606846976.0, 1.0),
];

impl Prefixes {
    /// The prefixes of this choice.
    pub fn all(self) -> impl Iterator<Item = &'static Prefix> {
        let (si, iec): (&[Prefix], &[Prefix]) = match self {
            Prefixes::None => (&[], &[]),
            Prefixes::Si => (SI, &[]),
            Prefixes::Iec => (&[], IEC),
            Prefixes::Both | Prefixes::Multiples => (SI, IEC),
        };
        si.iter().chain(iec).filter(move |p| self != Prefixes::Multiples || p.numerator > p.denominator)
    }

    /// By the word that declares it.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Prefixes::None),
            "si" => Some(Prefixes::Si),
            "iec" => Some(Prefixes::Iec),
            "both" => Some(Prefixes::Both),
            "multiples" => Some(Prefixes::Multiples),
            _ => None,
        }
    }
}
