//! Natives that answer a list: spacings of numbers, divisors.

/// The longest list that one of them makes.
const LIMIT: usize = 100_000;
/// Divisors are looked for up to the square root of this.
const DIVIDED: f64 = 1e12;

/// The items, or why there are none.
pub type Items = Result<Vec<f64>, &'static str>;

/// The whole numbers that divide `n` without rest, rising.
pub fn divisors(arguments: &[f64]) -> Items {
    let [n] = *arguments else { return Err("takes one number") };
    if !(n >= 1.0 && n.fract() == 0.0 && n <= DIVIDED) {
        return Err("needs a whole number from 1 to 1e12");
    }
    let n = n as u64;
    let low: Vec<u64> = (1..).take_while(|d| d * d <= n).filter(|d| n.is_multiple_of(*d)).collect();
    let high = low.iter().rev().map(|d| n / d).filter(|d| d * d > n);
    Ok(low.iter().copied().chain(high).map(|d| d as f64).collect())
}

/// `low`, twice that, and so on, up to `high`.
pub fn doubling(arguments: &[f64]) -> Items {
    let [low, high] = *arguments else { return Err("takes two numbers") };
    if !(low > 0.0 && high >= low && high.is_finite()) {
        return Err("goes from a value above zero up to one that is not less");
    }
    Ok(std::iter::successors(Some(low), |x| Some(x * 2.0)).take_while(|x| *x <= high).collect())
}

/// `count` values from `low` to `high`, both included, as far apart from each other.
pub fn linspace(arguments: &[f64]) -> Items {
    let [low, high, count] = *arguments else { return Err("takes three numbers") };
    spaced(low, high, count, |part| low + (high - low) * part)
}

/// `count` values from `low` to `high`, both included, each the same multiple of the one before.
pub fn logspace(arguments: &[f64]) -> Items {
    let [low, high, count] = *arguments else { return Err("takes three numbers") };
    if !(low > 0.0 && high > 0.0) {
        return Err("needs both ends above zero");
    }
    spaced(low, high, count, |part| low * libm::pow(high / low, part))
}

fn spaced(low: f64, high: f64, count: f64, at: impl Fn(f64) -> f64) -> Items {
    if !(count >= 2.0 && count.fract() == 0.0 && count <= LIMIT as f64) {
        return Err("needs a whole number of values, from 2 to 100000");
    }
    if !(low.is_finite() && high.is_finite()) {
        return Err("needs finite ends");
    }
    let last = count - 1.0;
    // The ends are exact.
    let item = |i: usize| match i as f64 {
        0.0 => low,
        i if i == last => high,
        i => at(i / last),
    };
    Ok((0..count as usize).map(item).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacings() {
        assert_eq!(divisors(&[12.0]), Ok(vec![1.0, 2.0, 3.0, 4.0, 6.0, 12.0]));
        assert_eq!(divisors(&[49.0]), Ok(vec![1.0, 7.0, 49.0]));
        assert!(divisors(&[2.5]).is_err() && divisors(&[0.0]).is_err() && divisors(&[f64::NAN]).is_err());
        assert_eq!(doubling(&[1.0, 9.0]), Ok(vec![1.0, 2.0, 4.0, 8.0]));
        assert!(doubling(&[0.0, 9.0]).is_err());
        assert_eq!(linspace(&[1.0, 2.0, 3.0]), Ok(vec![1.0, 1.5, 2.0]));
        assert_eq!(logspace(&[1.0, 100.0, 3.0]), Ok(vec![1.0, 10.0, 100.0]));
        assert!(logspace(&[1.0, 100.0, 1.0]).is_err());
    }
}
