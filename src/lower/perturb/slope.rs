//! How steep a value is in an input: per cent for per cent.
//!
//! A difference over a small step tells where the value moves smoothly. Where it jumps, as with counts that are rounded
//! to whole replicas, or has teeth, as with slots that are rounded down, the step would be told and not the trend: there
//! the input is halved and doubled instead.

/// Relative steps of a difference: the one that tells, one so small that only a jump is seen in it, and one so wide that
/// teeth are not.
const STEP: f64 = 1e-4;
const CLOSER: f64 = 1e-6;
const WIDER: f64 = 1e-2;
/// Both are the same to this share, or this much.
const SAME: f64 = 0.02;
const LITTLE: f64 = 1e-4;
/// By how much a jump looks steeper over the smaller step, at least. It is a hundred times, if the rest is level.
const STEEPER: f64 = 3.0;
/// By how much a tooth is steeper than the whole saw, at least, and how steep that is.
const TOOTH: f64 = 4.0;
const STEEP: f64 = 1.0;
/// What counts as another direction.
const SOME: f64 = 0.05;
/// Differences are not exact beyond this part.
const EXACT: f64 = 1e7;
/// What the input is divided and multiplied by around a jump.
const FACTOR: f64 = 2.0;

/// How steep a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    pub elasticity: f64,
    /// The value jumps here: this is between half and twice the input.
    pub doubled: bool,
}

/// The slope of a value that is `own` where the input is `value`. `at` evaluates it with other inputs; what cannot be
/// evaluated is no number. `None` where nothing around can.
pub fn slope(own: f64, value: f64, whole: bool, mut at: impl FnMut(&[f64]) -> Vec<f64>) -> Option<Slope> {
    let steps = [STEP, CLOSER, WIDER];
    let around: Vec<f64> = steps.iter().flat_map(|s| [value * (1.0 + s), value * (1.0 - s)]).collect();
    let found = at(&around);
    let near: Vec<Option<f64>> =
        steps.iter().zip(found.chunks(2)).map(|(step, found)| difference(own, *step, found)).collect();
    match near.as_slice() {
        [Some(step), Some(close), wide] if !jumps(*step, *close) && !wide.is_some_and(|w| saws(*step, w)) => {
            let same = (step - close).abs() <= SAME * step.abs().max(close.abs()) + LITTLE;
            // With a bend within the step, the smaller one is right.
            let elasticity = if same { *step } else { *close };
            let elasticity = rounded(elasticity);
            let level = Slope { elasticity, doubled: false };
            // A count of something stays where it is for a while: between two steps it is level.
            let count = elasticity == 0.0 && own.fract() == 0.0;
            Some(if count { stairs(own, value, whole, at).unwrap_or(level) } else { level })
        }
        _ => {
            let (elasticity, _) = doubled(own, value, whole, at)?;
            Some(Slope { elasticity: rounded(elasticity), doubled: true })
        }
    }
}

/// What is 1 by the equation is 1, and what is nothing is no negative zero.
fn rounded(elasticity: f64) -> f64 {
    (elasticity * EXACT).round() / EXACT + 0.0
}

/// The slope of a count, which is one at half and twice the input too.
fn stairs(own: f64, value: f64, whole: bool, at: impl FnMut(&[f64]) -> Vec<f64>) -> Option<Slope> {
    let (elasticity, counts) = doubled(own, value, whole, at)?;
    (counts && elasticity != 0.0).then_some(Slope { elasticity: rounded(elasticity), doubled: true })
}

fn jumps(step: f64, close: f64) -> bool {
    close.abs() > STEEPER * step.abs() && close.abs() > LITTLE
}

/// One tooth goes where the saw does not go.
fn saws(step: f64, wide: f64) -> bool {
    let against = step * wide < 0.0 && step.abs().min(wide.abs()) > SOME;
    against || (step.abs() > TOOTH * wide.abs() && step.abs() > STEEP)
}

/// Over both sides; over one where the other has no value, as beyond 100 %. By logarithms where the sign stays: then
/// what goes with a power of the input has that power, exactly.
fn difference(own: f64, step: f64, found: &[f64]) -> Option<f64> {
    let [up, down] = found else { return None };
    let (high, low, far, near) = match (up.is_finite(), down.is_finite()) {
        (true, true) => (*up, *down, 1.0 + step, 1.0 - step),
        (true, false) => (*up, own, 1.0 + step, 1.0),
        (false, true) => (own, *down, 1.0, 1.0 - step),
        (false, false) => return None,
    };
    let elasticity = match high / low > 0.0 {
        true => libm::log1p((high - low) / low) / libm::log1p((far - near) / near),
        false => (high - low) / own / (far - near),
    };
    Some(elasticity).filter(|e| e.is_finite())
}

/// Between half and twice the input, on one side only where the other has no value; and whether the value is a whole
/// number at both ends.
fn doubled(own: f64, value: f64, whole: bool, mut at: impl FnMut(&[f64]) -> Vec<f64>) -> Option<(f64, bool)> {
    let half = value / FACTOR;
    let inputs = [value * FACTOR, if whole { half.ceil() } else { half }];
    let found = at(&inputs);
    let mut ends: Vec<(f64, f64)> = inputs.into_iter().zip(found).filter(|(_, v)| v.is_finite()).collect();
    if ends.len() < 2 {
        ends.push((value, own));
    }
    let [(x, f), (y, g)] = ends.as_slice() else { return None };
    let elasticity = match f / g > 0.0 {
        true => libm::log(f / g) / libm::log(x / y),
        false => (f - g) / own / ((x - y) / value),
    };
    let counts = f.fract() == 0.0 && g.fract() == 0.0;
    Some((elasticity, counts)).filter(|(e, _)| e.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{Slope, slope};

    fn of(value: f64, whole: bool, f: impl Fn(f64) -> f64) -> Option<Slope> {
        slope(f(value), value, whole, |inputs| inputs.iter().map(|v| f(*v)).collect())
    }

    fn near(found: Option<Slope>, elasticity: f64, doubled: bool) {
        let found = found.expect("there is one");
        assert!((found.elasticity - elasticity).abs() < 1e-3 && found.doubled == doubled, "{found:?}");
    }

    #[test]
    fn smooth_values() {
        near(of(3.0, false, |x| 5.0 * x * x), 2.0, false);
        near(of(3.0, true, |x| 7.0 / x), -1.0, false);
        near(of(-3.0, false, |x| x), 1.0, false);
        near(of(3.0, false, |_| 4.0), 0.0, false);
    }

    /// Devices in whole replicas of 32, and micro batches that must be whole.
    #[test]
    fn counts_in_steps() {
        near(of(2048.0, true, |x| 1.0 / (x / 32.0 + 1e-6).floor()), -1.0, true);
        near(of(2050.0, true, |x| 1.0 / (x / 32.0 + 1e-6).floor()), 0.0, false);
        near(of(8.0, true, |x| (x - 1e-6).ceil()), 1.0, true);
        near(of(1.0, true, |x| if x.fract() == 0.0 { x } else { f64::NAN }), 1.0, true);
    }

    /// How many servers a rate takes: level between two steps, and yet it grows with the rate.
    #[test]
    fn counts_of_something() {
        near(of(10_000.0, false, |rate| (rate / 7.0).ceil()), 1.0, true);
        near(of(1000.0, false, |_| 3.0), 0.0, false);
        // What does not decide does not: a latency is no count.
        near(of(2.0, false, |x| x.max(5.5)), 0.0, false);
    }

    /// Slots are rounded down, and what is left over is waste: each tooth rises, the saw falls.
    #[test]
    fn teeth() {
        let slots = |memory: f64| memory / (memory / 0.001).floor() / memory;
        near(of(80.0, false, |m| slots(m) * (1.0 + 20.0 * (m / 0.05).fract())), -1.0, true);
        // A pole is steep, and no saw.
        near(of(0.9, false, |x| 1.0 / (1.0 - x)), 9.0, false);
    }

    #[test]
    fn ends_and_bends() {
        // Not above 100 %.
        near(of(1.0, false, |x| if x > 1.0 { f64::NAN } else { x * x }), 2.0, false);
        // A bend next to the value.
        near(of(1.0, false, |x| x.max(1.00005)), 0.0, false);
        near(of(1.0001, false, |x| x.max(1.00005)), 1.0, false);
        assert_eq!(of(1.0, false, |x| if x == 1.0 { 1.0 } else { f64::NAN }), None);
    }
}
