//! Charts: the same data as SVG and as characters.

pub mod preview;
mod scale;
pub mod svg;
mod svg_bars;

use crate::outcome::figure::{Mark, Plane, Series};

/// Colours, and shapes of points, that tell series apart.
pub const COLOURS: usize = 8;

/// Which colour a series has: series of one name share it. `None` for what is drawn in grey.
fn colours(plane: &Plane) -> Vec<Option<usize>> {
    let mut names: Vec<&str> = vec![];
    let neutral = |s: &Series| {
        s.mark == Mark::Roof || s.name == "others" || (s.mark == Mark::Faint && s.name.is_empty())
    };
    plane
        .series
        .iter()
        .map(|series| {
            if neutral(series) {
                return None;
            }
            let index = names.iter().position(|n| *n == series.name).unwrap_or_else(|| {
                names.push(&series.name);
                names.len() - 1
            });
            (index < COLOURS).then_some(index)
        })
        .collect()
}

/// The series that a legend names, each name once.
fn legend(plane: &Plane) -> Vec<usize> {
    let mut shown: Vec<usize> = vec![];
    for (index, series) in plane.series.iter().enumerate() {
        let known = |i: &usize| plane.series[*i].name == series.name;
        // The frontier stands for its series where there is one.
        match shown.iter().position(known) {
            Some(at) if series.mark == Mark::Steps => shown[at] = index,
            Some(_) => {}
            None if series.name.is_empty() || series.points.is_empty() => {}
            None => shown.push(index),
        }
    }
    if let [only] = shown.as_slice()
        && plane.series[*only].mark == Mark::Points
        && plane.series.len() == 1
    {
        return vec![];
    }
    shown
}

/// `latency (ms)`
fn axis_title(axis: &crate::outcome::figure::Axis) -> String {
    match (axis.label.is_empty(), axis.unit.is_empty()) {
        (_, true) => axis.label.clone(),
        (true, false) => axis.unit.clone(),
        (false, false) => format!("{} ({})", axis.label, axis.unit),
    }
}
