//! Rooflines: a roof for each pair of peak and bandwidth, a point for each solve.

use std::rc::Rc;

use crate::check::program::{LocalId, PlotRoof, Type};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, SolveValue, Value};
use crate::outcome::figure::{Mark, Plane, ROOF_OF, Series, Spot};
use crate::run::chart::NoChart;
use crate::run::chart::axis::measured_axis;
use crate::run::undefined_value;
use crate::units::dimension::Dimension;

/// A solve on its roofline: its arithmetic intensity, and the peak and bandwidth of the roof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RooflinePoint {
    intensity: (f64, Dimension),
    peak: (f64, Dimension),
    bandwidth: f64,
}

/// The solve of a `plot roofline`.
pub fn plotted_solve<'p>(
    lowerer: &mut Lowerer<'p>,
    roof: &'p PlotRoof,
    env: &Rc<Env<'p>>,
) -> Result<RooflinePoint, NoChart> {
    let Value::Solve(solve) = lowerer.lower(&roof.solve, env)? else { return Err(NoChart::Reported) };
    roofline_point(lowerer, &solve, [roof.intensity, roof.peak, roof.bandwidth])
}

/// A solve and the slots of its intensity, peak and bandwidth.
pub fn roofline_point<'p>(
    lowerer: &mut Lowerer<'p>,
    solve: &Rc<SolveValue<'p>>,
    slots: [LocalId; 3],
) -> Result<RooflinePoint, NoChart> {
    let results = lowerer.results(solve)?;
    let solver = lowerer.program.solver(solve.solver);
    let mut read = [(0.0, Dimension::SCALAR); 3];
    for (slot, read) in slots.iter().zip(&mut read) {
        let value = results.get(slot.index()).unwrap_or(Value::Absent);
        let node = undefined_value::column(&value).ok_or(NoChart::Reported)?;
        let number = lowerer.graph.value(node);
        if number.is_nan() {
            return Err(NoChart::Undefined(node));
        }
        let Type::Quantity(dimension) = solver.locals[slot.index()].ty else { return Err(NoChart::Reported) };
        *read = (number, dimension);
    }
    Ok(RooflinePoint { intensity: read[0], peak: read[1], bandwidth: read[2].0 })
}

/// Solves on their rooflines: a roof for each pair of peak and bandwidth, a point for each solve.
pub fn roofline(lowerer: &Lowerer, solves: &[(String, RooflinePoint)]) -> Plane {
    let mut roofs: Vec<(f64, f64)> = vec![];
    for (_, place) in solves {
        if !roofs.contains(&(place.peak.0, place.bandwidth)) {
            roofs.push((place.peak.0, place.bandwidth));
        }
    }
    // Half a decade of room around the points and the ridges.
    let ridges = roofs.iter().map(|(peak, bandwidth)| peak / bandwidth);
    let xs: Vec<f64> = solves
        .iter()
        .map(|(_, p)| p.intensity.0)
        .chain(ridges)
        .filter(|x| *x > 0.0 && x.is_finite())
        .collect();
    let room = 10f64.sqrt();
    let low = xs.iter().copied().fold(f64::INFINITY, f64::min) / room;
    let high = xs.iter().copied().fold(0.0, f64::max) * room;
    let mut series = vec![];
    for (peak, bandwidth) in &roofs {
        let ridge = peak / bandwidth;
        let spot = |x: f64| Spot { x, y: (x * bandwidth).min(*peak), text: String::new() };
        let under: Vec<&str> = solves
            .iter()
            .filter(|(_, p)| (p.peak.0, p.bandwidth) == (*peak, *bandwidth))
            .map(|(name, _)| name.as_str())
            .collect();
        let name = format!("{ROOF_OF}{}", under.join(", "));
        series.push(Series { name, mark: Mark::Roof, points: vec![spot(low), spot(ridge), spot(high)] });
    }
    for (name, place) in solves {
        let (x, peak) = (place.intensity.0, place.peak.0);
        let y = (x * place.bandwidth).min(peak);
        let bound = if x * place.bandwidth < peak { "left of the ridge" } else { "right of the ridge" };
        let points = vec![Spot { x, y, text: format!("{name}, {bound}") }];
        series.push(Series { name: name.clone(), mark: Mark::Points, points });
    }
    let greatest = roofs.iter().map(|r| r.0).fold(0.0, f64::max);
    let (intensity, peak) = match solves.first() {
        Some((_, place)) => (place.intensity.1, place.peak.1),
        None => (Dimension::SCALAR, Dimension::SCALAR),
    };
    let x = measured_axis(lowerer, "arithmetic intensity".into(), intensity, high, None, true);
    let y = measured_axis(lowerer, "attainable rate".into(), peak, greatest, None, true);
    Plane { x, y, series }
}
