//! How an assertion stands, in the words of every report: the value, and how far it is from its limit.

use crate::outcome::text::percent_text;
use crate::outcome::{AssertionOutcome, Bound, Datum, Status};

/// `14.72 ms, 41.1 % headroom`
pub fn standing(assertion: &AssertionOutcome) -> String {
    if assertion.status == Status::Invalid {
        return "cannot be decided".into();
    }
    if assertion.status == Status::Infeasible && assertion.points.is_none() {
        return match &assertion.left {
            Some(left) => format!("infeasible ({left})"),
            None => "infeasible".into(),
        };
    }
    if let Some((holding, all)) = assertion.points {
        return match holding {
            _ if all == 1 => "at one point".into(),
            0 => format!("at none of {all} points"),
            holding if holding == all => format!("at all {all} points"),
            holding => format!("at {holding} of {all} points"),
        };
    }
    let Some(left) = &assertion.left else { return String::new() };
    match distance(assertion) {
        Some(distance) => format!("{left}, {distance}"),
        None if assertion.named && assertion.status == Status::Pass => Datum::Bool(true).to_string(),
        None => left.to_string(),
    }
}

/// `41.1 % headroom`, `67.2 % over`, `12 % short`, `3.1 % off, 5 % allowed`
pub fn distance(assertion: &AssertionOutcome) -> Option<String> {
    if assertion.status == Status::Infeasible {
        return Some("infeasible".into());
    }
    let margin = assertion.margin?;
    let percent = |part: f64| format!("{} %", percent_text(part));
    Some(match (assertion.bound?, assertion.status) {
        (Bound::Within, _) => {
            let off = relative_distance(assertion)?;
            format!("{} off, {} allowed", percent(off), percent(margin + off))
        }
        (_, Status::Pass) => format!("{} headroom", percent(margin.max(0.0))),
        (_, _) if margin == 0.0 => "at the limit".into(),
        (Bound::Upper, _) => format!("{} over", percent(margin.abs())),
        (Bound::Lower, _) => format!("{} short", percent(margin.abs())),
    })
}

/// The same in a column that is called headroom: `41.1 %`, `67.2 % over`; and of a sweep, at how many points.
pub fn headroom(assertion: &AssertionOutcome) -> String {
    match assertion.points {
        Some(_) => standing(assertion),
        None => distance(assertion).unwrap_or_default().trim_end_matches(" headroom").to_string(),
    }
}

/// How far the value is from what it should be near to, as a share of that.
fn relative_distance(assertion: &AssertionOutcome) -> Option<f64> {
    let (Some(Datum::Quantity { value: x, .. }), Some(Datum::Quantity { value: y, .. })) =
        (&assertion.left, &assertion.right)
    else {
        return None;
    };
    let reference = if *y != 0.0 { y.abs() } else { x.abs() };
    (reference > 0.0).then(|| (x - y).abs() / reference)
}
