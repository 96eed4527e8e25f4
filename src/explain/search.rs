//! The nearest value of an input with which a claim holds.
//!
//! A claim may hold in a window, or by steps: so first a fine grid of factors both ways, then ever finer between the last
//! value that fails and the first that holds. What is shown has few digits, rounded away from what fails, and is tried.

use super::claim::Trial;
use super::input::Input;
use crate::check::program::Type;

/// How far an input is changed: 16 times up or down.
const REACH: f64 = 16.0;
/// Values tried each way: so many in one pass, fewer one by one.
const FINE: usize = 512;
const COARSE: usize = 24;
/// Counts up to which every whole number is tried.
const EVERY: f64 = 4096.0;
/// Passes that narrow the edge down, and the values of each.
const PASSES: usize = 3;
const PARTS: usize = 32;
/// How far rounding may go beyond the edge.
const SLACK: f64 = 1e-3;

/// A value that makes a claim hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub value: f64,
    /// As it is written: `61.3%`, `16`, `fp8`.
    pub text: String,
    /// Relative to the value now; `None` for members and flags.
    pub change: Option<f64>,
}

/// The value nearest to the input's own with which the claim holds. `member` names a member of the input's enum.
pub fn nearest(trial: &Trial, input: &Input, member: impl Fn(u32) -> Option<String>) -> Option<Fix> {
    match input.ty.required() {
        Type::Bool => {
            let other = 1.0 - input.value;
            let text = if other == 1.0 { "true" } else { "false" };
            trial.holds(&[other])[0].then(|| Fix { value: other, text: text.into(), change: None })
        }
        Type::Enum(_) => {
            let mut members: Vec<u32> = (0..).take_while(|m| member(*m).is_some()).collect();
            members.retain(|m| f64::from(*m) != input.value);
            // The neighbour in the order of declaration is the smallest step.
            members.sort_by_key(|m| (f64::from(*m) - input.value).abs() as u32);
            let values: Vec<f64> = members.iter().map(|m| f64::from(*m)).collect();
            let first = trial.holds(&values).iter().position(|holds| *holds)?;
            let text = member(members[first])?;
            Some(Fix { value: values[first], text, change: None })
        }
        Type::Quantity(_) if input.value != 0.0 => {
            let ways = |cheap| [grid(input, cheap, true), grid(input, cheap, false)];
            // One by one, it pays to ask first.
            if !trial.is_cheap() && !trial.matters() {
                return None;
            }
            let fine = ways(trial.is_cheap());
            let (ways, holds) = match trial.attempt(&fine.concat()) {
                Some(holds) => (fine, holds),
                None if !trial.matters() => return None,
                None => {
                    let coarse = ways(false);
                    let holds = trial.holds(&coarse.concat());
                    (coarse, holds)
                }
            };
            let (up, down) = holds.split_at(ways[0].len());
            let fixes =
                ways.iter().zip([up, down]).filter_map(|(values, holds)| edge(trial, input, values, holds));
            fixes.min_by(|a, b| a.change.unwrap_or(0.0).abs().total_cmp(&b.change.unwrap_or(0.0).abs()))
        }
        _ => None,
    }
}

/// The values to try one way, nearest first.
fn grid(input: &Input, cheap: bool, up: bool) -> Vec<f64> {
    let own = input.value;
    let count = if cheap { FINE } else { COARSE };
    let last = if up { own * REACH } else { own / REACH };
    if !input.whole {
        let step = |k: usize| libm::pow(REACH, k as f64 / count as f64);
        return (1..=count).map(|k| if up { own * step(k) } else { own / step(k) }).collect();
    }
    if last.abs().max(own.abs()) <= EVERY && cheap {
        let distance = if up { (last - own).abs() } else { (own - last).abs() };
        let towards = if (last - own) > 0.0 { 1.0 } else { -1.0 };
        return (1..=distance.floor() as usize).map(|k| own + towards * k as f64).collect();
    }
    let step = |k: usize| libm::pow(REACH, k as f64 / count as f64);
    let mut values: Vec<f64> =
        (1..=count).map(|k| if up { (own * step(k)).floor() } else { (own / step(k)).ceil() }).collect();
    values.dedup();
    values.retain(|v| *v != own && *v != 0.0);
    values
}

/// The first value that holds, narrowed down and written with few digits.
fn edge(trial: &Trial, input: &Input, values: &[f64], holds: &[bool]) -> Option<Fix> {
    let first = holds.iter().position(|h| *h)?;
    let mut outer = values[first];
    let mut inner = if first == 0 { input.value } else { values[first - 1] };
    for _ in 0..PASSES {
        let between = between(input, inner, outer);
        if between.is_empty() {
            break;
        }
        let mut tried = vec![inner];
        tried.extend(&between);
        tried.push(outer);
        let holds = trial.holds(&between);
        let first = holds.iter().position(|h| *h).unwrap_or(between.len());
        (inner, outer) = (tried[first], tried[first + 1]);
    }
    written(trial, input, outer)
}

/// Values between two, in order from `inner`.
fn between(input: &Input, inner: f64, outer: f64) -> Vec<f64> {
    let at = |k: usize| inner + (outer - inner) * k as f64 / PARTS as f64;
    if !input.whole {
        return (1..PARTS).map(at).filter(|v| *v != inner && *v != outer).collect();
    }
    let mut values: Vec<f64> = if (outer - inner).abs() <= PARTS as f64 {
        let towards = if outer > inner { 1.0 } else { -1.0 };
        (1..(outer - inner).abs() as usize).map(|k| inner + towards * k as f64).collect()
    } else {
        (1..PARTS).map(|k| at(k).round()).collect()
    };
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
    let near = |v: f64| (v - edge).abs() <= SLACK * edge.abs();
    let candidates: Vec<(String, f64)> =
        texts.into_iter().filter_map(|t| value_of(&t).map(|v| (t, v))).filter(|(_, v)| near(*v)).collect();
    let values: Vec<f64> = candidates.iter().map(|(_, v)| *v).collect();
    let chosen = trial.holds(&values).iter().position(|holds| *holds)?;
    let (text, value) = candidates.into_iter().nth(chosen)?;
    let text = match unit {
        Some(unit) if &*unit.text == "%" => format!("{text}%"),
        Some(unit) => format!("{text} {}", unit.text),
        None => text,
    };
    Some(Fix { value, text, change: Some((value - input.value) / input.value.abs()) })
}

/// A number to so many significant digits, away from zero or towards it. From a million on with an exponent.
fn rounded(value: f64, digits: i32, up: bool) -> String {
    let exponent = value.abs().log10().floor() as i32;
    let scale = libm::pow(10.0, f64::from(digits - 1 - exponent));
    let whole = if up { (value * scale).ceil() } else { (value * scale).floor() };
    // Whole thousands in the exponent, as people count.
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
