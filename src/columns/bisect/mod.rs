//! Bisection: the first step from one end of a range at which a condition holds.
//!
//! The condition should change once, from false to true. Where it is seen to change more often, every step of a short
//! range is tried, and of a long one there is no answer. The search goes lane by lane with one question to all lanes at
//! a time: the condition is evaluated with its number as an [axis], or lowered anew for each number.

pub mod axis;

#[cfg(test)]
mod tests;

/// Steps of a range in which every value is tried when the condition is seen to change more than once.
const EXACT: f64 = 4096.0;
/// Where, on either side of the step that was found, it is asked whether the condition changes once.
const BEFORE: [f64; 3] = [0.25, 0.5, 0.75];
const AFTER: f64 = 0.5;

use crate::native::decimal::Steps;

/// Numbers in equal steps, counted from the end that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchRange {
    /// The largest number is wanted, not the smallest.
    pub largest: bool,
    /// The numbers, rising.
    pub steps: Steps,
}

impl SearchRange {
    /// The number so many steps from the end that is wanted.
    pub fn position(&self, steps: f64) -> f64 {
        self.steps.at(if self.largest { self.steps.count - steps } else { steps })
    }

    /// Questions of a search in which the condition changes once.
    pub fn questions(&self) -> usize {
        2 + BEFORE.len() + 1 + libm::ceil(libm::log2(self.steps.count.max(2.0))) as usize
    }
}

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FirstStep {
    /// The condition holds first after so many steps.
    At(f64),
    /// It holds at neither end.
    Nowhere,
    /// It holds at one step, and at another it is not as `expected` if it changed once; there are too many to try all.
    NotMonotone { step: f64, other: f64, expected: bool },
}

/// Searches steps from 0 on, in each lane. `holds` says of one step in each lane whether the condition holds there.
pub fn first_steps<E>(
    steps: f64,
    lanes: usize,
    mut holds: impl FnMut(&[f64]) -> Result<Vec<bool>, E>,
) -> Result<Vec<FirstStep>, E> {
    let (mut low, mut high) = (vec![0.0; lanes], vec![steps; lanes]);
    let at_once = holds(&low)?;
    if at_once.iter().all(|holds| *holds) {
        return Ok(vec![FirstStep::At(0.0); lanes]);
    }
    let at_end = holds(&high)?;
    let open = |lane: usize| at_end[lane] && !at_once[lane];
    while (0..lanes).any(|lane| open(lane) && high[lane] - low[lane] > 1.0) {
        let middle: Vec<f64> = low.iter().zip(&high).map(|(l, h)| ((l + h) / 2.0).floor()).collect();
        for (lane, holds) in holds(&middle)?.into_iter().enumerate() {
            let edge = if holds { &mut high[lane] } else { &mut low[lane] };
            *edge = middle[lane];
        }
    }
    let mut found: Vec<FirstStep> = (0..lanes)
        .map(|lane| match (at_once[lane], at_end[lane]) {
            (true, _) => FirstStep::At(0.0),
            (_, false) => FirstStep::Nowhere,
            _ => FirstStep::At(high[lane]),
        })
        .collect();
    // Steps on either side that must agree, if the condition changes once.
    let before = BEFORE.map(|share| (low.iter().map(|l| (l * share).floor()).collect::<Vec<_>>(), false));
    let after = (high.iter().map(|h| (h + (steps - h) * AFTER).floor()).collect(), true);
    for (places, expected) in before.into_iter().chain([after]) {
        let in_doubt = |lane: usize| open(lane) && matches!(found[lane], FirstStep::At(_));
        if !(0..lanes).any(in_doubt) {
            break;
        }
        for (lane, holds) in holds(&places)?.into_iter().enumerate() {
            if open(lane)
                && holds != expected
                && let FirstStep::At(step) = found[lane]
            {
                found[lane] = FirstStep::NotMonotone { step, other: places[lane], expected };
            }
        }
    }
    if steps <= EXACT {
        try_all(steps, &mut found, holds)?;
    }
    Ok(found)
}

/// Of the lanes whose condition changes more than once: the first step at which it holds.
fn try_all<E>(
    steps: f64,
    found: &mut [FirstStep],
    mut holds: impl FnMut(&[f64]) -> Result<Vec<bool>, E>,
) -> Result<(), E> {
    for k in 1..=steps as usize {
        let unsettled = |step: &FirstStep| matches!(step, FirstStep::NotMonotone { .. });
        if !found.iter().any(unsettled) {
            break;
        }
        let k = k as f64;
        let here = holds(&vec![k; found.len()])?;
        for (step, holds) in found.iter_mut().zip(here) {
            if holds && unsettled(step) {
                *step = FirstStep::At(k);
            }
        }
    }
    Ok(())
}
