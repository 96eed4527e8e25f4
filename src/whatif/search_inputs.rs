//! All inputs of a claim searched together, small changes of every one before large changes of any.
//!
//! What is shown are the nearest changes, so farther ones need not be looked for once there are enough.

use rayon::prelude::*;

use crate::check::program::{Program, Type};
use crate::lower::perturb::input::Input;
use crate::lower::perturb::lanes::{Lane, Lanes};
use crate::lower::perturb::opening::groups;
use crate::lower::perturb::probe::ExprKey;
use crate::whatif::claim::{Claim, Trial};
use crate::whatif::nearest_value::{Fix, InputSearch};

/// Sizes of changes after which it is looked whether there are enough. The last is all there is.
const SIZES: [f64; 5] = [0.1, 0.3, 0.6, 2.0, 15.0];
/// As long as nothing has been found, so many times the budget may be spent.
const PATIENCE: u64 = 4;
/// Fewer trials of an input one by one tell little.
const TRIALS: u64 = 20;

/// What was searched.
pub struct Reach {
    /// Changes larger than this were not tried: it took too long.
    pub size: Option<f64>,
    /// Inputs that were not: the condition has to be evaluated anew for each value of theirs, and that takes long.
    pub skipped: usize,
    /// Changes with which the claim holds, but that were not tried on the whole run.
    pub unproven: usize,
}

impl Reach {
    /// How much was left out: `changes beyond 3x were not tried, and 12 more inputs were not tried: that takes long in
    /// this plan`.
    pub fn text(&self) -> Option<String> {
        let skipped = match self.skipped {
            0 => None,
            1 => Some("one more input was not tried".to_string()),
            n => Some(format!("{n} more inputs were not tried")),
        };
        let large = self.size.map(|size| format!("changes beyond {}x were not tried", 1.0 + size));
        let unproven = match self.unproven {
            0 => None,
            1 => Some("one more change was not run".to_string()),
            n => Some(format!("{n} more changes were not run")),
        };
        let parts: Vec<String> = large.into_iter().chain(skipped).chain(unproven).collect();
        (!parts.is_empty()).then(|| format!("{}: that takes long in this plan", parts.join(", and ")))
    }
}

/// Inputs of a claim, and what searching them may take.
pub struct SearchSpace<'i, 'p> {
    /// Inputs of which many values can be tried at the price of a few.
    pub open: Vec<(&'i Input<'p>, Lane<'i, 'p>)>,
    /// The others.
    pub rest: &'i [Input<'p>],
    /// What one evaluation of the claim takes, and what all may.
    pub price: u64,
    pub budget: u64,
}

/// Hands out the nearest values of the inputs with which the claim is as wanted, the smallest changes first, until
/// `enough` says so.
pub fn search_inputs<'i, 'p>(
    claim: &'i Claim<'p>,
    field: SearchSpace<'i, 'p>,
    wanted: bool,
    mut enough: impl FnMut(Vec<(&'i Input<'p>, Fix)>) -> bool,
) -> Reach {
    let SearchSpace { open, rest: inputs, price, budget } = field;
    let literals: Vec<ExprKey> = inputs.iter().map(|input| ExprKey::of(input.literal)).collect();
    let groups = groups(&literals);
    let opened: Vec<Option<Lanes<'p>>> = groups
        .par_iter()
        .map(|group| claim.open(&group.iter().map(|index| inputs[*index].clone()).collect::<Vec<_>>()))
        .collect();
    let lane_of = |input: &'i Input<'p>, lane| {
        InputSearch::new(Trial::new(claim, input, wanted, Some(lane)), input, members(claim, input))
    };
    let mut searches: Vec<InputSearch> = open.into_iter().map(|(input, lane)| lane_of(input, lane)).collect();
    let mut alone: Vec<(&'i Input<'p>, bool)> = vec![];
    for (group, lanes) in groups.iter().zip(&opened) {
        for (axis, index) in group.iter().enumerate() {
            let input = &inputs[*index];
            match lanes {
                // The lowering with open inputs must agree with the claim as it stands.
                Some(lanes) if !lanes.is_fixed(axis) && lanes.now(0) == f64::from(u8::from(!wanted)) => {
                    searches.extend(lanes.along(0, axis).map(|lane| lane_of(input, lane)));
                }
                _ => alone.push((input, lanes.as_ref().is_some_and(|lanes| lanes.is_fixed(axis)))),
            }
        }
    }
    // What the user wrote before what the library says.
    alone.sort_by_key(|(input, _)| input.of_library);
    let affordable = (budget / (price.max(1) * TRIALS)) as usize;
    let skipped = alone.len().saturating_sub(affordable);
    alone.truncate(affordable);
    searches.extend(alone.into_iter().map(|(input, shapes)| {
        let trial = match shapes {
            true => Trial::shaping(claim, input, wanted),
            false => Trial::new(claim, input, wanted, None),
        };
        InputSearch::new(trial, input, members(claim, input))
    }));
    let mut any = false;
    for (step, size) in SIZES.iter().enumerate() {
        let found = searches.par_iter_mut().filter_map(|search| {
            let fix = search.up_to(*size, |index| member(claim.program, search.input, index))?;
            Some((search.input, fix))
        });
        let mut found: Vec<(&'i Input<'p>, Fix)> = found.collect();
        found.sort_by(|a, b| a.1.size.total_cmp(&b.1.size));
        any |= !found.is_empty();
        if !found.is_empty() && enough(found) {
            return Reach { size: None, skipped, unproven: 0 };
        }
        let spent: u64 = searches.iter().map(InputSearch::spent).sum();
        let allowed = if any { budget } else { PATIENCE * budget };
        if spent > allowed && step + 1 < SIZES.len() {
            return Reach { size: Some(*size), skipped, unproven: 0 };
        }
    }
    Reach { size: None, skipped, unproven: 0 }
}

fn members(claim: &Claim, input: &Input) -> usize {
    match input.ty.required() {
        Type::Enum(id) => claim.program.enumeration(*id).members.len(),
        _ => 0,
    }
}

fn member(program: &Program, input: &Input, index: u32) -> Option<String> {
    match input.ty.required() {
        Type::Enum(id) => {
            program.enumeration(*id).members.get_index(index as usize).map(|(name, _)| name.to_string())
        }
        _ => None,
    }
}
