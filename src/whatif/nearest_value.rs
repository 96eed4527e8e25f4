//! The nearest value of an input with which a claim holds.
//!
//! A claim may hold in a window, or by steps: so first a grid of factors both ways, then ever finer between the last
//! value that fails and the first that holds. What is shown has few digits, rounded away from what fails, and is tried.

use crate::check::program::Type;
use crate::lower::perturb::input::{Input, InputPlace};
use crate::whatif::claim::Trial;

/// How far an input is changed: 16 times up or down.
const REACH: f64 = 16.0;
/// Values tried each way: so many at most, at least where a claim can hold in a window, and at least where it cannot.
const FINEST: usize = 2048;
const FINE: usize = 512;
const COARSE: usize = 16;
/// Work that may be spent on the values of an input each way; see `Lowerer::work`.
const WORK: u64 = 800;
/// Counts up to which every whole number is tried, and so far around larger ones.
const EVERY: f64 = 4096.0;
const AROUND: f64 = 512.0;
/// Of those that are tried one by one, so many of each way.
const NEAR: f64 = 8.0;
/// Another member counts as much as half as much again.
const MEMBER: f64 = 0.5;
/// Passes that narrow the edge down and the values of each; and halvings, one by one.
const PASSES: usize = 3;
const PARTS: usize = 16;
const HALVINGS: usize = 14;
/// Parts of the whole that are tried of a share that is 0.
const SHARES: u32 = 64;
/// Powers of two that a count is rounded to.
const ROUNDER: u32 = 7;
/// How far rounding may go beyond the edge: a part of the value, and of the change.
const SLACK: f64 = 1e-3;
const OF_CHANGE: f64 = 6e-3;

/// A value that makes a claim hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub value: f64,
    /// As it is written: `61.3%`, `16`, `fp8`.
    pub text: String,
    /// Relative to the value now; `None` for members, for flags, and where that is 0.
    pub change: Option<f64>,
    /// How large a change it is.
    pub size: f64,
}

impl Fix {
    fn number(input: &Input, value: f64, text: String) -> Self {
        let change = relative(input, value);
        let size = change.map_or(value, f64::abs);
        Fix { value, text, change, size }
    }

    fn member(value: f64, text: String) -> Self {
        Fix { value, text, change: None, size: MEMBER }
    }
}

fn relative(input: &Input, value: f64) -> Option<f64> {
    (input.value != 0.0).then(|| (value - input.value) / input.value.abs())
}

/// The values of one input that may do, the nearest first, and how far they have been tried.
pub struct InputSearch<'i, 'c, 'p> {
    pub input: &'i Input<'p>,
    trial: Trial<'c, 'p>,
    /// Of each value, how large a change it is.
    values: Vec<(f64, f64)>,
    next: usize,
    over: bool,
}

impl<'i, 'c, 'p> InputSearch<'i, 'c, 'p> {
    /// `members`: how many the enum of the input has.
    pub fn new(trial: Trial<'c, 'p>, input: &'i Input<'p>, members: usize) -> Self {
        let mut values: Vec<(f64, f64)> = match input.ty.required() {
            Type::Bool => vec![(MEMBER, 1.0 - input.value)],
            Type::Enum(_) => {
                let mut others: Vec<f64> =
                    (0..members).map(|m| m as f64).filter(|m| *m != input.value).collect();
                // The neighbour in the order of declaration is the smallest step.
                others.sort_by_key(|m| (m - input.value).abs() as u32);
                others.into_iter().map(|m| (MEMBER, m)).collect()
            }
            Type::Quantity(_) if input.value != 0.0 => {
                let both = [true, false].into_iter().flat_map(|up| values(&trial, input, up));
                both.map(|v| (((v - input.value) / input.value).abs(), v)).collect()
            }
            // Nothing says how far a quantity that is 0 should go, but of counts and shares that the user wrote.
            Type::Quantity(_) if matches!(input.place, InputPlace::Added { .. }) => vec![],
            Type::Quantity(_) if input.whole => (1..=REACH as u32).map(f64::from).map(|v| (v, v)).collect(),
            Type::Quantity(d) if d.is_scalar() => {
                (1..=SHARES).map(|k| f64::from(k) / f64::from(SHARES)).map(|v| (v, v)).collect()
            }
            _ => vec![],
        };
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        InputSearch { input, trial, values, next: 0, over: false }
    }

    /// What the values that were tried took.
    pub fn spent(&self) -> u64 {
        self.trial.spent()
    }

    /// Tries changes up to a size: the nearest value with which the claim is as wanted, found once.
    pub fn up_to(&mut self, size: f64, member: impl Fn(u32) -> Option<String>) -> Option<Fix> {
        let end = self.next + self.values[self.next..].partition_point(|(s, _)| *s <= size);
        // One by one, it pays to ask first.
        self.over |= self.next == 0 && end > 0 && !self.trial.matters();
        if self.over || end == self.next {
            return None;
        }
        let some: Vec<f64> = self.values[self.next..end].iter().map(|(_, v)| *v).collect();
        let Some(found) = self.trial.first(&some) else {
            self.next = end;
            return None;
        };
        self.over = true;
        let value = some[found];
        match self.input.ty.required() {
            Type::Bool => Some(Fix::member(value, (value == 1.0).to_string())),
            Type::Enum(_) => Some(Fix::member(value, member(value as u32)?)),
            _ => self.edge(self.next + found),
        }
    }

    /// From the first value that does, the edge: on its side, or on the other if that is nearer.
    fn edge(&self, found: usize) -> Option<Fix> {
        let own = self.input.value;
        let up = |v: f64| v > own;
        let (values, side) = (&self.values, up(self.values[found].1));
        let before = |at: usize, side: bool| {
            values[..at].iter().rev().map(|(_, v)| *v).find(|v| up(*v) == side).unwrap_or(own)
        };
        let one = edge(&self.trial, self.input, before(found, side), values[found].1);
        let next = values[found..].iter().map(|(_, v)| *v).find(|v| up(*v) != side);
        let other = next.filter(|v| self.trial.first(&[*v]).is_some());
        let other = other.and_then(|v| edge(&self.trial, self.input, before(found, !side), v));
        [one, other].into_iter().flatten().min_by(|a, b| a.size.total_cmp(&b.size))
    }
}

/// The values to try one way, nearest first.
fn values(trial: &Trial, input: &Input, up: bool) -> Vec<f64> {
    let own = input.value;
    let count = match (trial.is_cheap(), trial.is_narrow()) {
        (false, _) => COARSE,
        (true, narrow) => trial.affords(WORK).clamp(if narrow { FINE } else { COARSE }, FINEST),
    };
    let last = if up { own * REACH } else { own / REACH };
    let step = |k: usize| libm::pow(REACH, k as f64 / count as f64);
    let factors = (1..=count).map(|k| if up { own * step(k) } else { own / step(k) });
    if !input.whole {
        return factors.collect();
    }
    let away = if last > own { 1.0 } else { -1.0 };
    let reach = (last - own).abs().floor();
    let near = match trial.is_cheap() {
        true if last.abs().max(own.abs()) <= EVERY => reach,
        true => reach.min(AROUND),
        false => reach.min(NEAR),
    };
    let mut whole: Vec<f64> = (1..=near as usize).map(|k| own + away * k as f64).collect();
    // Farther away: by factors, and by steps of what the count is divisible by, as the plan may ask that of it.
    whole.extend(factors.map(|v| if up { v.floor() } else { v.ceil() }));
    let part = (own.abs() as u64 & (own.abs() as u64).wrapping_neg()) as f64;
    if part > 1.0 && reach / part <= if trial.is_cheap() { EVERY } else { NEAR } {
        whole.extend((1..=(reach / part) as usize).map(|k| own + away * part * k as f64));
    }
    whole.retain(|v| *v != own && *v != 0.0 && (v - own).abs() <= reach);
    whole.sort_by(|a, b| (a - own).abs().total_cmp(&(b - own).abs()));
    whole.dedup();
    whole
}

/// A value that is as wanted, narrowed down towards one that is not, and written with few digits.
fn edge(trial: &Trial, input: &Input, mut inner: f64, mut outer: f64) -> Option<Fix> {
    for _ in 0..if trial.is_cheap() { PASSES } else { HALVINGS } {
        let between = between(input, inner, outer, if trial.is_cheap() { PARTS } else { 2 });
        let close = !trial.is_cheap() && (outer - inner).abs() < 0.25 * slack(input, outer);
        if between.is_empty() || close {
            break;
        }
        let mut tried = vec![inner];
        tried.extend(&between);
        tried.push(outer);
        let first = trial.first(&between).unwrap_or(between.len());
        (inner, outer) = (tried[first], tried[first + 1]);
    }
    written(trial, input, outer)
}

/// How far from the edge a value may be.
fn slack(input: &Input, edge: f64) -> f64 {
    (SLACK * edge.abs()).min(OF_CHANGE * (edge - input.value).abs())
}

/// Counts beyond one that is nearest: multiples of two, four, and so on.
pub fn rounder(input: &Input, fix: &Fix) -> Vec<Fix> {
    let up = fix.value > input.value;
    let mut values: Vec<f64> = (1..=ROUNDER)
        .map(|k| {
            let part = f64::from(1u32 << k);
            if up { (fix.value / part).ceil() * part } else { (fix.value / part).floor() * part }
        })
        .collect();
    values.dedup();
    let reach =
        |v: &f64| *v > 0.0 && *v != fix.value && *v <= input.value * REACH && *v * REACH >= input.value;
    let fixed = |value: f64| Fix::number(input, value, format!("{value}"));
    values.into_iter().filter(reach).map(fixed).collect()
}

/// Values that cut the way from `inner` to `outer` into parts, in order.
fn between(input: &Input, inner: f64, outer: f64, parts: usize) -> Vec<f64> {
    let at = |k: usize| inner + (outer - inner) * k as f64 / parts as f64;
    if !input.whole {
        return (1..parts).map(at).filter(|v| *v != inner && *v != outer).collect();
    }
    let mut values: Vec<f64> = if (outer - inner).abs() <= parts as f64 {
        let towards = if outer > inner { 1.0 } else { -1.0 };
        (1..(outer - inner).abs() as usize).map(|k| inner + towards * k as f64).collect()
    } else {
        (1..parts).map(|k| at(k).round()).collect()
    };
    values.retain(|v| *v != inner && *v != outer);
    values.dedup();
    values
}

/// A value in the unit of the input, with as few digits as hold.
fn written(trial: &Trial, input: &Input, edge: f64) -> Option<Fix> {
    let unit = input.unit.as_ref();
    let own = unit.map_or(edge, |u| u.in_unit(edge));
    let up = edge > input.value;
    let mut texts: Vec<String> = match input.whole {
        true => vec![format!("{edge}")],
        false => (2..=12).map(|digits| rounded(own, digits, up)).collect(),
    };
    texts.push(format!("{own:?}"));
    texts.dedup();
    let value_of = |text: &String| -> Option<f64> {
        let number: f64 = text.parse().ok()?;
        Some(unit.map_or(number, |u| u.to_base(number)))
    };
    let near = |v: f64| (v - edge).abs() <= slack(input, edge);
    let candidates: Vec<(String, f64)> =
        texts.into_iter().filter_map(|t| value_of(&t).map(|v| (t, v))).filter(|(_, v)| near(*v)).collect();
    let values: Vec<f64> = candidates.iter().map(|(_, v)| *v).collect();
    let chosen = trial.first(&values)?;
    let (text, value) = candidates.into_iter().nth(chosen)?;
    let text = match unit {
        Some(unit) if &*unit.text == "%" => format!("{text}%"),
        Some(unit) => format!("{text} {}", unit.text),
        None => text,
    };
    Some(Fix::number(input, value, text))
}

/// A number to so many significant digits, away from zero or towards it. From a million on with an exponent.
fn rounded(value: f64, digits: i32, up: bool) -> String {
    let exponent = value.abs().log10().floor() as i32;
    let scale = libm::pow(10.0, f64::from(digits - 1 - exponent));
    let whole = if up { (value * scale).ceil() } else { (value * scale).floor() };
    // TrialRun thousands in the exponent, as people count.
    let thousands = if (-6..6).contains(&exponent) { 0 } else { exponent.div_euclid(3) * 3 };
    let decimals = digits - 1 - (exponent - thousands);
    let shown = whole * libm::pow(10.0, f64::from(-decimals));
    let mantissa = format!("{shown:.*}", decimals.max(0) as usize);
    if thousands == 0 { mantissa } else { format!("{mantissa}e{thousands}") }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn rounding_goes_one_way() {
        assert_eq!(rounded(1.23456, 3, true), "1.24");
        assert_eq!(rounded(1.23456, 3, false), "1.23");
        assert_eq!(rounded(987_654.0, 3, true), "988000");
        assert_eq!(rounded(-1.5555, 2, true), "-1.5");
        assert_eq!(rounded(4.12345e15, 4, true), "4.124e15");
        assert_eq!(rounded(42.9e9, 4, true), "42.90e9");
        assert_eq!(rounded(123.4e9, 2, false), "120e9");
        assert_eq!(rounded(0.001_234_5, 2, false), "0.0012");
    }
}
