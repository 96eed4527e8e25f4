//! The sweeps of two runs, point by point where they have the same points.

use crate::diff::near;
use crate::outcome::difference::{ColumnChange, GridChange, ScenarioDifference};
use crate::outcome::{Datum, FileOutcome, SweepOutcome};

/// Fills in the sweeps of a part. What only one side has is reported as a declaration.
pub fn compare(before: &FileOutcome, after: &FileOutcome, part: &mut ScenarioDifference) {
    for new in after.sweeps.iter().filter(|s| s.scenario == part.scenario) {
        let Some(old) = before.sweeps.iter().find(|s| s.name == new.name && s.scenario == new.scenario)
        else {
            continue;
        };
        let points = (old.points, new.points);
        let columns = if same_points(old, new) { columns(old, new) } else { vec![] };
        if points.0 != points.1 || !columns.is_empty() {
            part.grids.push(GridChange { name: new.name.clone(), points, columns });
        } else {
            part.same.results += 1;
        }
    }
}

/// The same values along the same axes, and none left out by a condition on one side only.
fn same_points(old: &SweepOutcome, new: &SweepOutcome) -> bool {
    let axes = |sweep: &SweepOutcome| -> Vec<Vec<Datum>> {
        let count = sweep.axes.len();
        sweep.columns.iter().take(count).map(|c| c.values.clone()).collect()
    };
    old.points == new.points && !old.columns.is_empty() && axes(old) == axes(new)
}

fn columns(old: &SweepOutcome, new: &SweepOutcome) -> Vec<ColumnChange> {
    let count = new.axes.len();
    let mut found = vec![];
    for column in &new.columns[count..] {
        let Some(other) = old.columns.iter().find(|c| c.name == column.name) else { continue };
        let (mut changed, mut greatest): (usize, Option<(f64, usize)>) = (0, None);
        for (point, (a, b)) in other.values.iter().zip(&column.values).enumerate() {
            match (a, b) {
                (Datum::Quantity { value: a, .. }, Datum::Quantity { value: b, .. }) => {
                    if near(*a, *b) {
                        continue;
                    }
                    let share = (b - a) / a.abs();
                    if share.is_finite() && greatest.is_none_or(|(g, _)| share.abs() > g.abs()) {
                        greatest = Some((share, point));
                    }
                }
                _ if a == b => continue,
                _ => {}
            }
            changed += 1;
        }
        if changed > 0 {
            let greatest = greatest.map(|(share, point)| (share, place(new, point)));
            found.push(ColumnChange { name: column.name.clone(), changed, greatest });
        }
    }
    found
}

/// `batch 64, precision fp8`
fn place(sweep: &SweepOutcome, point: usize) -> String {
    let axes = sweep.columns.iter().zip(&sweep.axes);
    let shown = axes.map(|(column, (name, values))| {
        let value = &column.values[point];
        // The values of an axis have their texts.
        let known = values.iter().find(|v| crate::diff::same(v, value)).unwrap_or(value);
        format!("{name} {known}")
    });
    shown.collect::<Vec<_>>().join(", ")
}
