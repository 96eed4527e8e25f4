//! Numbers as they are written: so many of a power of ten of a unit.
//!
//! Sums of steps in binary miss the numbers that a plan writes: 10% and two steps of 10% are not 30% to the last bit.
//! Here they are counted as whole numbers of a power of ten, and get their value as a literal does.

/// Significant digits of a number that counts as written.
const DIGITS: usize = 15;
/// Digits of one that counts as written though its last bits differ: the same number in another unit, or computed.
const NEAR_DIGITS: usize = 12;
/// How far such a number may be off, as a part of the largest number around it.
const NEAR: f64 = 1e-14;
/// The powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
/// Below this, whole numbers and powers of ten of them are exact.
const EXACT: i128 = 1 << 53;

/// A unit as a fraction of the base unit, as a resolved unit has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub numerator: f64,
    pub denominator: f64,
}

impl Scale {
    /// Of plain numbers and base units.
    pub const ONE: Scale = Scale { numerator: 1.0, denominator: 1.0 };

    fn to_base(self, value: f64) -> f64 {
        value * self.numerator / self.denominator
    }

    /// A value in base units, in this unit.
    pub fn in_unit(self, value: f64) -> f64 {
        value * self.denominator / self.numerator
    }
}

/// `mantissa * 10^exponent`, in some unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decimal {
    mantissa: i128,
    exponent: i32,
}

impl Decimal {
    /// The number that was written for `base`, in base units; `near` takes one whose last bits differ, too.
    fn written(base: f64, scale: Scale, near: bool) -> Option<Decimal> {
        let value = scale.in_unit(base);
        if !value.is_finite() {
            return None;
        }
        let read = |digits: usize| {
            let text = format!("{value:.*e}", digits - 1);
            let number: f64 = text.parse().ok()?;
            let (mantissa, exponent) = text.split_once('e')?;
            let places = mantissa.split_once('.').map_or(0, |(_, p)| p.len() as i32);
            let mantissa: i128 = mantissa.replace('.', "").parse().ok()?;
            let exponent: i32 = exponent.parse().ok()?;
            Some((scale.to_base(number), Decimal { mantissa, exponent: exponent - places }.shortened()))
        };
        let exact = read(DIGITS).filter(|(number, _)| *number == base);
        let close =
            || read(NEAR_DIGITS).filter(|(number, _)| near && (number - base).abs() <= NEAR * base.abs());
        exact.or_else(close).map(|(_, decimal)| decimal)
    }

    fn shortened(mut self) -> Decimal {
        while self.mantissa != 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.exponent += 1;
        }
        if self.mantissa == 0 { Decimal { mantissa: 0, exponent: 0 } } else { self }
    }

    /// The mantissa, counted in a power of ten that is not above the exponent's.
    fn counted_in(self, exponent: i32) -> Option<i128> {
        if self.mantissa == 0 {
            return Some(0);
        }
        let places = u32::try_from(self.exponent - exponent).ok()?;
        self.mantissa.checked_mul(10_i128.checked_pow(places)?)
    }

    fn value(self) -> f64 {
        if self.mantissa.abs() <= EXACT && self.exponent.unsigned_abs() < POWERS.len() as u32 {
            let power = POWERS[self.exponent.unsigned_abs() as usize];
            let mantissa = self.mantissa as f64;
            return if self.exponent < 0 { mantissa / power } else { mantissa * power };
        }
        format!("{}e{}", self.mantissa, self.exponent).parse().unwrap_or(f64::NAN)
    }
}

/// Numbers in equal steps: those that a plan writes, where it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    low: f64,
    by: f64,
    /// Steps from the first number to the last.
    pub count: f64,
    /// The first number and the step in a power of ten of the unit.
    written: Option<(i128, i128, i32, Scale)>,
}

impl Steps {
    /// From `low` up to `high` by `by`, all in base units and written in a unit. The count is negative or NaN where
    /// there is nothing between them.
    pub fn new(low: f64, high: f64, by: f64, scale: Scale) -> Steps {
        let count = ((high - low) / by + 1e-9).floor();
        let plain = Steps { low, by, count, written: None };
        Self::written(plain, high, scale).unwrap_or(plain)
    }

    fn written(self, high: f64, scale: Scale) -> Option<Steps> {
        let first = Decimal::written(self.low, scale, false)?;
        let step = Decimal::written(self.by, scale, true).filter(|step| step.mantissa > 0)?;
        let exponent = match first.mantissa {
            0 => step.exponent,
            _ => first.exponent.min(step.exponent),
        };
        let (from, by) = (first.counted_in(exponent)?, step.counted_in(exponent)?);
        let last = Decimal::written(high, scale, true).and_then(|last| {
            let exponent = exponent.min(last.exponent);
            let (from, by) = (first.counted_in(exponent)?, step.counted_in(exponent)?);
            Some(last.counted_in(exponent)?.checked_sub(from)?.div_euclid(by) as f64)
        });
        let count = last.unwrap_or(self.count);
        // No step on the way is beyond what can be counted.
        (count.is_finite() && by.checked_mul(count as i128)?.checked_add(from)? <= i128::MAX / 2)
            .then_some(Steps { count, written: Some((from, by, exponent, scale)), ..self })
    }

    /// The number after so many steps.
    pub fn at(&self, steps: f64) -> f64 {
        match self.written {
            Some((from, by, exponent, scale)) => {
                scale.to_base(Decimal { mantissa: from + by * steps as i128, exponent }.value())
            }
            None => self.low + self.by * steps,
        }
    }
}

/// A step of a power of ten of the unit that goes from `low` to `high` in one to ten million steps.
pub fn fine_step(low: f64, high: f64, scale: Scale) -> f64 {
    let width = format!("{:e}", scale.in_unit(high) - scale.in_unit(low));
    let exponent: i32 = width.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    scale.to_base(Decimal { mantissa: 1, exponent: exponent - 6 }.value())
}

/// A computed number as the one that a plan would write for it, if its last bits alone differ; `size` is the largest
/// of the numbers that it was computed from.
pub fn as_written(base: f64, size: f64, scale: Scale) -> f64 {
    let value = scale.in_unit(base);
    let digit = format!("{:e}", scale.in_unit(size).abs());
    let Some(exponent) = digit.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()) else { return base };
    let exponent = exponent - NEAR_DIGITS as i32 + 1;
    let unit = Decimal { mantissa: 1, exponent: exponent.abs() }.value();
    let count = if exponent < 0 { value * unit } else { value / unit }.round();
    if count.is_nan() || count.abs() >= EXACT as f64 {
        return base;
    }
    let written = scale.to_base(Decimal { mantissa: count as i128, exponent }.shortened().value());
    if (written - base).abs() <= NEAR * size.abs() { written } else { base }
}

/// Units in the last place by which a computed whole number may be off.
const LAST_PLACES: f64 = 16.0;
/// The part of one that it may be off at most, however large.
const AT_MOST: f64 = 1e-3;

/// The whole number that `x` is but for its last bits; else `x`.
pub fn whole(x: f64) -> f64 {
    let nearest = x.round();
    let slack = (LAST_PLACES * f64::EPSILON * x.abs()).min(AT_MOST);
    if (x - nearest).abs() <= slack { nearest } else { x }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCALES: [Scale; 6] = [
        Scale::ONE,
        Scale { numerator: 1.0, denominator: 100.0 },
        Scale { numerator: 1.0, denominator: 1e3 },
        Scale { numerator: 1.0, denominator: 1e9 },
        Scale { numerator: 1e12, denominator: 1.0 },
        Scale { numerator: 3600.0, denominator: 1.0 },
    ];

    fn literal(mantissa: i64, places: u32, scale: Scale) -> f64 {
        let value: f64 = format!("{mantissa}e-{places}").parse().expect("a number");
        value * scale.numerator / scale.denominator
    }

    proptest! {
        #[test]
        fn steps_hit_what_is_written(
            low in -100_000..100_000i64, step in 1..10_000i64, count in 0..500i64, places in 0..7u32, unit in 0..6usize,
        ) {
            let scale = SCALES[unit];
            let at = |k: i64| literal(low + step * k, places, scale);
            let steps = Steps::new(at(0), at(count), literal(step, places, scale), scale);
            prop_assert_eq!(steps.count, count as f64);
            for k in 0..=count {
                prop_assert_eq!(steps.at(k as f64), at(k));
            }
        }

        #[test]
        fn spacings_hit_what_is_written(low in 0..10_000i64, step in 1..1_000i64, places in 0..5u32, unit in 0..6usize) {
            let scale = SCALES[unit];
            let at = |k: i64| literal(low + step * k, places, scale);
            for k in 0..=20 {
                let computed = at(0) + (at(20) - at(0)) * (k as f64 / 20.0);
                prop_assert_eq!(as_written(computed, at(20), scale), at(k));
            }
        }

        #[test]
        fn whole_numbers_are_left_alone(x in -1e15..1e15f64) {
            let near = whole(x);
            prop_assert!(near == x || near == x.round() && (near - x).abs() <= 1e-3);
        }
    }

    #[test]
    fn what_is_not_decimal_steps_in_binary() {
        let third = 1.0 / 3.0;
        let steps = Steps::new(third, 2.0, third, Scale::ONE);
        assert_eq!((steps.count, steps.at(1.0)), (5.0, third + third));
        assert_eq!(as_written(third, 1.0, Scale::ONE), third);
        assert!(Steps::new(3.0, 1.0, 1.0, Scale::ONE).count < 0.0);
    }

    #[test]
    fn fine_steps_are_powers_of_ten() {
        assert_eq!(fine_step(0.0, 1.0, Scale { numerator: 1.0, denominator: 100.0 }), 1e-6);
        assert_eq!(fine_step(0.0, 0.5, Scale::ONE), 1e-7);
    }

    #[test]
    fn noise_is_no_part_of_a_whole() {
        assert_eq!((whole(100.0 * 1.1), whole(0.29 * 100.0)), (110.0, 29.0));
        assert_eq!((whole(2.000_000_1), whole(1e15 + 0.5)), (2.000_000_1, 1e15 + 0.5));
    }
}
