//! Dimensions: small copyable vectors of rational exponents over numbered base dimensions.
//!
//! The last [`GENERICS`] slots stand for the type parameters of the function being checked (`fn max<D>(..)`), so a
//! generic body is checked with the same algebra as any other. Names live in the [`registry`](crate::units::registry).

use std::hash::Hash;

/// Base dimensions a program may declare, the library's included.
pub const BASES: usize = 24;
/// Dimension parameters one function may have.
pub const GENERICS: usize = 4;
const SLOTS: usize = BASES + GENERICS;
/// Exponents are stored in sixtieths, so halves, thirds, quarters, fifths and sixths are exact.
const ONE: i32 = 60;

/// A product of powers of base dimensions. The default is dimensionless.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Dimension {
    exponents: [i16; SLOTS],
}

/// Why a power or product of dimensions does not exist: an exponent that is not a sixtieth, or beyond ±546.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExponentError;

impl Default for Dimension {
    fn default() -> Self {
        Self::SCALAR
    }
}

impl Dimension {
    pub const SCALAR: Dimension = Dimension { exponents: [0; SLOTS] };

    /// The base dimension in slot `index`, below [`BASES`].
    pub fn base(index: usize) -> Self {
        let mut exponents = [0; SLOTS];
        exponents[index] = ONE as i16;
        Dimension { exponents }
    }

    /// The type parameter `index`, below [`GENERICS`].
    pub fn generic(index: usize) -> Self {
        Self::base(BASES + index)
    }

    pub fn is_scalar(self) -> bool {
        self == Self::SCALAR
    }

    pub fn multiply(self, other: Self) -> Result<Self, ExponentError> {
        self.zip(other, |a, b| a.checked_add(b))
    }

    pub fn divide(self, other: Self) -> Result<Self, ExponentError> {
        self.zip(other, |a, b| a.checked_sub(b))
    }

    fn zip(self, other: Self, f: impl Fn(i16, i16) -> Option<i16>) -> Result<Self, ExponentError> {
        let mut exponents = self.exponents;
        for (e, o) in exponents.iter_mut().zip(other.exponents) {
            *e = f(*e, o).ok_or(ExponentError)?;
        }
        Ok(Dimension { exponents })
    }

    /// The power `numerator / denominator`.
    pub fn power(self, numerator: i32, denominator: i32) -> Result<Self, ExponentError> {
        let mut exponents = self.exponents;
        for e in exponents.iter_mut().filter(|e| **e != 0) {
            let scaled = i64::from(*e) * i64::from(numerator);
            if denominator == 0 || scaled % i64::from(denominator) != 0 {
                return Err(ExponentError);
            }
            *e = i16::try_from(scaled / i64::from(denominator)).map_err(|_| ExponentError)?;
        }
        Ok(Dimension { exponents })
    }

    /// The nonzero exponents of base dimensions, as (slot, numerator, denominator) in lowest terms. Generics come
    /// last, with slots from [`BASES`].
    pub fn factors(self) -> impl Iterator<Item = (usize, i32, i32)> {
        self.exponents.into_iter().enumerate().filter(|(_, e)| *e != 0).map(|(slot, e)| {
            let divisor = gcd(i32::from(e).abs(), ONE);
            (slot, i32::from(e) / divisor, ONE / divisor)
        })
    }

    /// True when a type parameter occurs.
    pub fn is_generic(self) -> bool {
        self.exponents[BASES..].iter().any(|e| *e != 0)
    }

    /// The exponent of type parameter `index` as (numerator, denominator), if it occurs.
    pub fn generic_exponent(self, index: usize) -> Option<(i32, i32)> {
        self.factors().find(|(slot, ..)| *slot == BASES + index).map(|(_, n, d)| (n, d))
    }

    /// Replaces type parameters by what `bound` says; one that is unbound stays.
    pub fn substitute(self, bound: &[Option<Dimension>; GENERICS]) -> Result<Self, ExponentError> {
        let mut result = self;
        result.exponents[BASES..].fill(0);
        for (index, binding) in bound.iter().enumerate() {
            if let Some((n, d)) = self.generic_exponent(index) {
                let value = binding.unwrap_or(Dimension::generic(index));
                result = result.multiply(value.power(n, d)?)?;
            }
        }
        Ok(result)
    }
}

fn gcd(a: i32, b: i32) -> i32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algebra() {
        let (data, time) = (Dimension::base(0), Dimension::base(1));
        let rate = data.divide(time).unwrap();
        assert_eq!(rate.multiply(time), Ok(data));
        assert_eq!(rate.power(1, 2).and_then(|d| d.power(2, 1)), Ok(rate));
        assert_eq!(rate.power(1, 7), Err(ExponentError));
        assert_eq!(rate.power(1, 0), Err(ExponentError));
        assert_eq!(data.power(600, 1), Err(ExponentError));
        assert_eq!(rate.factors().collect::<Vec<_>>(), [(0, 1, 1), (1, -1, 1)]);
    }

    #[test]
    fn generics_are_substituted() {
        let (data, d) = (Dimension::base(0), Dimension::generic(1));
        let squared = d.power(2, 1).unwrap();
        assert!(squared.is_generic());
        assert_eq!(squared.substitute(&[None, Some(data), None, None]), data.power(2, 1));
        assert_eq!(squared.substitute(&[None; GENERICS]), Ok(squared));
    }
}
