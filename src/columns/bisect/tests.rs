//! Conditions that change once, or more often: what a search answers, and that lanes do not see one another.

use std::convert::Infallible;

use proptest::prelude::*;

use crate::columns::bisect::{EXACT, FirstStep, first_steps};

/// Searches conditions that are written out step by step; also how often each was asked.
fn search(conditions: &[Vec<bool>]) -> Vec<FirstStep> {
    let steps = conditions[0].len() as f64 - 1.0;
    let ask = |steps: &[f64]| -> Result<Vec<bool>, Infallible> {
        Ok(steps.iter().zip(conditions).map(|(k, holds)| holds[*k as usize]).collect())
    };
    let Ok(found) = first_steps(steps, conditions.len(), ask);
    found
}

proptest! {
    #[test]
    fn one_change_is_found(steps in 1..20_000usize, at in any::<prop::sample::Index>()) {
        let at = at.index(steps + 2);
        let condition: Vec<bool> = (0..=steps).map(|k| k >= at).collect();
        let expected = if at > steps { FirstStep::Nowhere } else { FirstStep::At(at as f64) };
        prop_assert_eq!(search(&[condition]), vec![expected]);
    }

    #[test]
    fn lanes_answer_as_each_does_alone(
        conditions in (2..200usize).prop_flat_map(|steps| {
            prop::collection::vec(prop::collection::vec(any::<bool>(), steps), 1..5)
        }),
    ) {
        let alone: Vec<FirstStep> =
            conditions.iter().flat_map(|condition| search(std::slice::from_ref(condition))).collect();
        prop_assert_eq!(search(&conditions), alone);
    }

    #[test]
    fn what_is_found_holds(condition in prop::collection::vec(any::<bool>(), 2..200)) {
        match search(std::slice::from_ref(&condition))[0] {
            FirstStep::At(step) => prop_assert!(condition[step as usize]),
            FirstStep::Nowhere => prop_assert!(!condition[0] && !condition[condition.len() - 1]),
            FirstStep::NotMonotone { .. } => prop_assert!(false, "every step of a short range is tried"),
        }
    }
}

#[test]
fn several_changes_in_a_long_range_are_no_answer() {
    let steps = 2 * EXACT as usize;
    let condition: Vec<bool> =
        (0..=steps).map(|k| (steps / 9..steps / 7).contains(&k) || k >= steps / 2).collect();
    let found = search(&[condition]);
    assert!(matches!(found[0], FirstStep::NotMonotone { expected: false, .. }), "{found:?}");
}
