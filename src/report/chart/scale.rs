//! Axes: the range that is shown, round numbers along it, and where a value stands.

use crate::outcome::figure::Axis;

/// A range of values in the unit of its axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    log: bool,
    step: f64,
}

impl Scale {
    /// The range that shows all values, in base units, on an axis. A range near zero begins there.
    pub fn of(axis: &Axis, values: impl Iterator<Item = f64>, wanted: usize) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.map(|v| v * axis.factor).filter(|v| v.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = if axis.log { (1.0, 10.0) } else { (0.0, 1.0) };
        }
        // Over a narrow range a logarithm is straight, and decades give no ticks.
        if axis.log && high > 1.5 * low { Scale::log(low, high) } else { Scale::linear(low, high, wanted) }
    }

    fn linear(mut low: f64, mut high: f64, wanted: usize) -> Self {
        if low > 0.0 && low < 0.4 * high {
            low = 0.0;
        } else if high < 0.0 && high > 0.4 * low {
            high = 0.0;
        }
        if low == high {
            let room = if low == 0.0 { 1.0 } else { low.abs() / 2.0 };
            (low, high) = (low - room, high + room);
        }
        let step = nice((high - low) / wanted.max(1) as f64);
        // A multiple of the step may miss the value that it stands for by a bit.
        let floor = low.min((low / step + 1e-9).floor() * step);
        let ceil = high.max((high / step - 1e-9).ceil() * step);
        Scale { low: floor, high: ceil, log: false, step }
    }

    fn log(low: f64, high: f64) -> Self {
        let room = ((high / low).log10() * 0.06).max(0.1);
        let (low, high) = (low / 10f64.powf(room), high * 10f64.powf(room));
        Scale { low, high, log: true, step: 0.0 }
    }

    /// Where a value stands, from 0 to 1.
    pub fn at(&self, value: f64) -> f64 {
        match self.log {
            true => (value / self.low).log10() / (self.high / self.low).log10(),
            false => (value - self.low) / (self.high - self.low),
        }
    }

    /// Round numbers with their texts: steps of 1, 2 or 5; on a log axis decades, with 2 and 5 where they are few.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let mut values = vec![];
        if self.log {
            let decades = (self.low.log10().floor() as i32)..=(self.high.log10().ceil() as i32);
            let span = (self.high / self.low).log10();
            let within: &[f64] = if span < 1.2 {
                &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0]
            } else if span < 2.6 {
                &[1.0, 2.0, 5.0]
            } else {
                &[1.0]
            };
            let every = (span / 7.0).ceil().max(1.0) as i32;
            for decade in decades.filter(|d| d % every == 0) {
                values.extend(within.iter().map(|m| m * 10f64.powi(decade)));
            }
            values.retain(|v| *v >= self.low * 0.999_999 && *v <= self.high * 1.000_001);
        } else {
            let count = ((self.high - self.low) / self.step).round() as usize;
            values.extend((0..=count.min(100)).map(|i| self.low + self.step * i as f64));
        }
        values.into_iter().map(|v| (v, self.text(v))).collect()
    }

    fn text(&self, value: f64) -> String {
        let step = if self.log { value.abs() } else { self.step };
        let value = if value.abs() < step * 1e-9 { 0.0 } else { value };
        let largest = if self.log { value.abs() } else { self.low.abs().max(self.high.abs()) };
        if value != 0.0 && !(1e-3..1e6).contains(&largest) {
            return scientific(value);
        }
        let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        let text = format!("{value:.decimals$}");
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
            false => text,
        }
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below a value.
fn nice(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let times = [1.0, 2.0, 5.0, 10.0].into_iter().find(|m| m * power >= value * 0.999_999);
    times.unwrap_or(10.0) * power
}

/// `2×10⁷`
fn scientific(value: f64) -> String {
    let text = format!("{value:.2e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let raised: String = exponent
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
            None => '⁻',
        })
        .collect();
    match mantissa {
        "1" => format!("10{raised}"),
        "-1" => format!("-10{raised}"),
        _ => format!("{mantissa}×10{raised}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(log: bool) -> Axis {
        Axis { label: String::new(), unit: String::new(), base: String::new(), factor: 1.0, log }
    }

    fn texts(values: &[f64], log: bool) -> String {
        let scale = Scale::of(&axis(log), values.iter().copied(), 5);
        scale.ticks().into_iter().map(|t| t.1).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts(&[1.0, 97.0], false), "0 20 40 60 80 100");
        assert_eq!(texts(&[0.81, 0.89], false), "0.8 0.82 0.84 0.86 0.88 0.9");
        assert_eq!(texts(&[-3.0, 4.0], false), "-4 -2 0 2 4");
        assert_eq!(texts(&[5.0, 5.0], false), "2 3 4 5 6 7 8");
        assert_eq!(texts(&[2e7, 9e7], false), "0 2×10⁷ 4×10⁷ 6×10⁷ 8×10⁷ 10⁸");
        assert_eq!(texts(&[1.0, 100.0], true), "1 2 5 10 20 50 100");
        assert_eq!(texts(&[0.001, 1e5], true), "0.01 1 100 10000");
        assert_eq!(texts(&[], true), "1 2 5 10");
    }

    #[test]
    fn every_value_is_in_range() {
        for values in [[0.0, 0.0], [-1.0, -0.9], [1e-12, 1e12], [3.0, 3.0001]] {
            for log in [false, true] {
                if log && values[0] <= 0.0 {
                    continue;
                }
                let scale = Scale::of(&axis(log), values.into_iter(), 6);
                assert!(values.iter().all(|v| (0.0..=1.0).contains(&scale.at(*v))), "{values:?} {scale:?}");
                assert!(scale.ticks().len() >= 2, "{values:?} {:?}", scale.ticks());
            }
        }
    }
}
