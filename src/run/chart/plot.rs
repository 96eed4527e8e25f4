//! `plot`: the data of a chart, from the points of a grid, from solves, from sums.

use std::rc::Rc;

use crate::check::program::{Expr, Goal, LocalId, Plot, PlotAxis, PlotKind, PlotRoof, PlotSeries, Type};
use crate::columns::graph::NodeId;
use crate::columns::scan::{Block, Scan};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, GridValue, SolveValue, Value};
use crate::outcome::Datum;
use crate::outcome::figure::{Axis, Bar, Bars, Figure, Mark, Plane, PlotOutcome, ROOF_OF, Series, Spot};
use crate::run::assertion::all_points::label;
use crate::run::assertion::snippet_whole;
use crate::run::chart::raster::{CELLS, Cut, Hit, Raster, Reading, SERIES, Survey};
use crate::run::data::datum::datum;
use crate::run::summands::parts;
use crate::run::undefined_value;
use crate::source::Span;
use crate::units::dimension::Dimension;
use crate::units::registry::ResolvedUnit;

/// Series with a colour of their own.
const COLOURS: usize = 8;

/// Why there is no chart: the cause, when it is a value that is undefined, or what has been said already.
pub enum NoChart {
    Poisoned(NodeId),
    Told,
}

impl From<Stop> for NoChart {
    fn from(_: Stop) -> Self {
        NoChart::Told
    }
}

/// What goes along one side of a chart of points.
#[derive(Clone, Copy)]
struct Side<'p> {
    value: &'p Expr,
    goal: Option<Goal>,
    log: bool,
    /// It is an axis of the sweep.
    swept: bool,
}

impl<'p> From<&'p PlotAxis> for Side<'p> {
    fn from(axis: &'p PlotAxis) -> Self {
        Side { value: &axis.value, goal: axis.goal, log: axis.log, swept: axis.swept }
    }
}

/// The points of a grid by the two goals of a `pareto`, and the frontier among them.
pub fn frontier<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &'p Expr,
    goals: &'p [(Goal, Expr)],
    env: &Rc<Env<'p>>,
) -> Result<PlotOutcome, NoChart> {
    let [x, y] = goals else { return Err(NoChart::Told) };
    let side = |(goal, value): &'p (Goal, Expr)| Side { value, goal: Some(*goal), log: false, swept: false };
    let (figure, notes, title) = points(lowerer, grid.span, (grid, side(y), side(x)), None, env)?;
    Ok(PlotOutcome { scenario: None, title, figure, notes, span: grid.span })
}

/// The chart of a `plot` statement.
pub fn evaluate<'p>(
    lowerer: &mut Lowerer<'p>,
    plot: &'p Plot,
    env: &Rc<Env<'p>>,
    scenario: Option<String>,
) -> Result<PlotOutcome, NoChart> {
    let (figure, notes, named) = match &plot.kind {
        PlotKind::Points { grid, y, x, by } => {
            points(lowerer, plot.span, (grid, (&**y).into(), (&**x).into()), by.as_deref(), env)?
        }
        PlotKind::Roofline(roofs) => {
            let mut solves = vec![];
            for roof in roofs {
                let name = snippet_whole(lowerer.sources.text(roof.solve.span));
                let place = place(lowerer, roof, env)?;
                solves.push((name, place));
            }
            (Figure::Plane(roofline(lowerer, &solves)), vec![], "roofline".to_string())
        }
        PlotKind::Bars(values) => {
            let bars = bars(lowerer, values, env)?;
            (Figure::Bars(bars), vec![], names(lowerer, values))
        }
    };
    let title = match &plot.title {
        Some(title) => lowerer.message(title, env)?,
        None => named,
    };
    Ok(PlotOutcome { scenario, title, figure, notes, span: plot.span })
}

fn names(lowerer: &Lowerer, values: &[Expr]) -> String {
    values.iter().map(|e| snippet_whole(lowerer.sources.text(e.span))).collect::<Vec<_>>().join(", ")
}

fn points<'p>(
    lowerer: &mut Lowerer<'p>,
    span: Span,
    (grid, y, x): (&'p Expr, Side<'p>, Side<'p>),
    by: Option<&'p PlotSeries>,
    env: &Rc<Env<'p>>,
) -> Result<(Figure, Vec<String>, String), NoChart> {
    let name = snippet_whole(lowerer.sources.text(grid.span));
    let Value::Grid(points) = lowerer.lower(grid, env)? else { return Err(NoChart::Told) };
    let cloud = Cloud::new(lowerer, &points, (x, y), by)?;
    let survey = cloud.survey(lowerer);
    if let Some(point) = survey.poisoned {
        return Err(undefined(lowerer, &points, point, &[x.value, y.value]));
    }
    if survey.keys.len() > SERIES {
        lowerer.findings.problems.push(
            Diagnostic::error("mls::too-many-series", "this plot would have too many series")
                .label(span, format!("more than {SERIES}"))
                .help("tell series apart by something of fewer values, or leave out `by`"),
        );
        return Err(NoChart::Told);
    }
    let mut notes = vec![];
    if survey.dropped > 0 {
        notes.push(format!(
            "left out, at or below zero, where a log axis has no place: {}",
            points_text(survey.dropped)
        ));
    }
    if survey.count == 0 {
        notes.push("no points".into());
    }
    let series = if survey.is_whole() {
        cloud.exact(lowerer, &survey)?
    } else {
        notes.push(format!("{}, drawn as the cells of a raster that hold any", points_text(survey.count)));
        cloud.raster(lowerer, &survey)?
    };
    let (xs, ys) = (cloud.axis(lowerer, x, survey.x), cloud.axis(lowerer, y, survey.y));
    let title = format!("{name}: {} against {}", ys.label, xs.label);
    Ok((Figure::Plane(Plane { x: xs, y: ys, series }), notes, title))
}

fn points_text(count: u64) -> String {
    if count == 1 { "1 point".into() } else { format!("{count} points") }
}

/// Why a value has none at a point.
fn undefined<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &Rc<GridValue<'p>>,
    point: u64,
    values: &[&'p Expr],
) -> NoChart {
    let found = values.iter().find_map(|e| lowerer.poison_at(grid, point, Some(e)).ok());
    found.map_or(NoChart::Told, NoChart::Poisoned)
}

/// The points of a grid, as a chart asks for them.
struct Cloud<'p> {
    grid: Rc<GridValue<'p>>,
    lengths: Vec<usize>,
    member: Option<NodeId>,
    roots: Vec<NodeId>,
    by: Key<'p>,
    reading: Reading,
    /// The horizontal axis is one of the sweep: its points follow each other.
    swept: bool,
}

/// What tells series apart.
enum Key<'p> {
    None,
    /// An axis: its place, how many points one step of its joined axis is, how many steps that has, the value by step.
    Axis {
        axis: usize,
        stride: u64,
        length: u64,
        rows: Vec<u32>,
    },
    Value(&'p Expr),
}

impl Key<'_> {
    /// Of a lane of a block.
    fn of(&self, block: &Block, lane: usize) -> u64 {
        match self {
            Key::None => 0,
            Key::Axis { stride, length, rows, .. } => {
                u64::from(rows[(block.point(lane) / stride % length) as usize])
            }
            Key::Value(_) => block.column(2)[lane].to_bits(),
        }
    }
}

impl<'p> Cloud<'p> {
    fn new(
        lowerer: &mut Lowerer<'p>,
        grid: &Rc<GridValue<'p>>,
        (x, y): (Side<'p>, Side<'p>),
        by: Option<&'p PlotSeries>,
    ) -> Result<Self, NoChart> {
        let points = lowerer.points(grid.sweep)?;
        let member = lowerer.membership(grid)?;
        let mut roots = vec![];
        let values = [Some(x.value), Some(y.value)];
        let value_of = |by: &'p PlotSeries| if let PlotSeries::Value(e) = by { Some(e) } else { None };
        for e in values.into_iter().chain([by.and_then(value_of)]).flatten() {
            let value = lowerer.over_points(grid.sweep, e)?;
            roots.push(undefined_value::column(&value).ok_or(NoChart::Told)?);
        }
        let by = match by {
            None => Key::None,
            Some(PlotSeries::Value(e)) => Key::Value(e),
            Some(PlotSeries::Axis(axis)) => {
                let values = &points.axes[*axis];
                let stride = points.lengths[values.group + 1..].iter().map(|l| *l as u64).product();
                let length = points.lengths[values.group] as u64;
                Key::Axis { axis: *axis, stride, length, rows: values.rows.clone() }
            }
        };
        let goals = x.goal.zip(y.goal);
        let reading = Reading { log: (x.log, y.log), goals };
        let (grid, lengths) = (grid.clone(), points.lengths.clone());
        Ok(Cloud { grid, lengths, member, roots, by, reading, swept: x.swept })
    }

    fn scan<'g>(&self, lowerer: &'g Lowerer<'p>) -> Scan<'g, 'p> {
        Scan::new(&lowerer.graph, lowerer.program, &self.lengths, self.member, &self.roots)
    }

    fn survey(&self, lowerer: &Lowerer<'p>) -> Survey {
        let (by, reading) = (&self.by, self.reading);
        let parts = self.scan(lowerer).run(Survey::default, |survey, block| {
            survey.add(block, reading, |lane| by.of(block, lane));
        });
        parts.into_iter().fold(Survey::default(), |all, part| all.then(part, self.reading.goals))
    }

    /// Series in the order of their axis, or of their value.
    fn series(&self, lowerer: &mut Lowerer<'p>, survey: &Survey) -> Result<Vec<(u64, String)>, NoChart> {
        let mut keys = survey.keys.clone();
        match &self.by {
            Key::Value(_) => keys.sort_by(|a, b| f64::from_bits(*a).total_cmp(&f64::from_bits(*b))),
            _ => keys.sort_unstable(),
        }
        let mut named = vec![];
        for key in keys {
            let name = match &self.by {
                Key::None => String::new(),
                Key::Axis { axis, .. } => {
                    let points = lowerer.points(self.grid.sweep)?;
                    let ty = &lowerer.declared(self.grid.sweep).axes[*axis].ty;
                    let value = &points.axes[*axis].values[key as usize];
                    text(&label(lowerer, value, ty))
                }
                Key::Value(e) => {
                    let value = lowerer.constant(f64::from_bits(key), None);
                    text(&datum(lowerer, &value, &e.ty, None))
                }
            };
            named.push((key, name));
        }
        Ok(named)
    }

    /// Every point by itself, and the frontier if there is one.
    fn exact(&self, lowerer: &mut Lowerer<'p>, survey: &Survey) -> Result<Vec<Series>, NoChart> {
        let mut found = vec![];
        let named = self.series(lowerer, survey)?;
        for (index, (key, name)) in named.iter().enumerate() {
            let hits: Vec<Hit> = survey.hits.iter().filter(|h| h.key == *key).copied().collect();
            let mut points = vec![];
            for hit in &hits {
                points.push(self.spot(lowerer, hit)?);
            }
            let rising = {
                let mut xs: Vec<f64> = points.iter().map(|p: &Spot| p.x).collect();
                xs.sort_by(f64::total_cmp);
                xs.windows(2).all(|w| w[0] < w[1])
            };
            let mark = match self.reading.goals {
                Some(_) => Mark::Faint,
                None if self.swept && rising && points.len() > 1 => Mark::Line,
                None => Mark::Points,
            };
            if mark == Mark::Line {
                points.sort_by(|a, b| a.x.total_cmp(&b.x));
            }
            add(&mut found, index, Series { name: name.clone(), mark, points });
        }
        self.frontiers(lowerer, survey, &named, &mut found)?;
        Ok(found)
    }

    /// The cells that hold a point, and the frontier if there is one.
    fn raster(&self, lowerer: &mut Lowerer<'p>, survey: &Survey) -> Result<Vec<Series>, NoChart> {
        let named = self.series(lowerer, survey)?;
        let across = Cut::new(survey.x, self.reading.log.0, CELLS.0);
        let up = Cut::new(survey.y, self.reading.log.1, CELLS.1);
        let (by, (log_x, log_y)) = (&self.by, self.reading.log);
        let parts = self.scan(lowerer).run(Raster::default, |raster, block| {
            let (xs, ys) = (block.column(0), block.column(1));
            for lane in 0..block.len() {
                let (x, y) = (xs[lane], ys[lane]);
                let key = by.of(block, lane);
                let Some(series) = named.iter().position(|(k, _)| *k == key) else { continue };
                if !((log_x && x <= 0.0) || (log_y && y <= 0.0)) {
                    raster.set(series, up.cell(y) * CELLS.0 + across.cell(x));
                }
            }
        });
        let raster = parts.into_iter().fold(Raster::default(), Raster::union);
        let mark = if self.reading.goals.is_some() { Mark::Faint } else { Mark::Points };
        let mut found = vec![];
        for (index, (_, name)) in named.iter().enumerate() {
            let spot = |cell: usize| Spot {
                x: across.middle(cell % CELLS.0),
                y: up.middle(cell / CELLS.0),
                text: String::new(),
            };
            let points = raster.cells(index).map(spot).collect();
            add(&mut found, index, Series { name: name.clone(), mark, points });
        }
        self.frontiers(lowerer, survey, &named, &mut found)?;
        Ok(found)
    }

    fn frontiers(
        &self,
        lowerer: &mut Lowerer<'p>,
        survey: &Survey,
        named: &[(u64, String)],
        found: &mut Vec<Series>,
    ) -> Result<(), NoChart> {
        if self.reading.goals.is_none() {
            return Ok(());
        }
        for (key, name) in named {
            let Some(index) = survey.keys.iter().position(|k| k == key) else { continue };
            let mut points = vec![];
            for hit in &survey.fronts[index].hits {
                points.push(self.spot(lowerer, hit)?);
            }
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            let name = if name.is_empty() { "frontier".to_string() } else { name.clone() };
            found.push(Series { name, mark: Mark::Steps, points });
        }
        Ok(())
    }

    fn spot(&self, lowerer: &mut Lowerer<'p>, hit: &Hit) -> Result<Spot, NoChart> {
        let text = lowerer.place_of(self.grid.sweep, hit.point)?;
        Ok(Spot { x: hit.x, y: hit.y, text })
    }

    fn axis(&self, lowerer: &Lowerer<'p>, axis: Side<'p>, range: (f64, f64)) -> Axis {
        let label = snippet_whole(lowerer.sources.text(axis.value.span));
        let hint = unit_of(lowerer, self.grid.sweep, axis.value);
        let Type::Quantity(dimension) = axis.value.ty else { return plain(label) };
        measured(lowerer, label, dimension, range.0.abs().max(range.1.abs()), hint.as_ref(), axis.log)
    }
}

/// Adds a series; those without a colour of their own share one.
fn add(found: &mut Vec<Series>, index: usize, series: Series) {
    if index < COLOURS {
        found.push(series);
    } else if let Some(rest) = found.get_mut(COLOURS).filter(|s| s.name == "others") {
        rest.points.extend(series.points);
    } else {
        let mark = if series.mark == Mark::Faint { Mark::Faint } else { Mark::Points };
        found.push(Series { name: "others".into(), mark, points: series.points });
    }
}

/// The unit that the author of a value chose.
fn unit_of<'p>(
    lowerer: &Lowerer<'p>,
    sweep: crate::check::program::SweepId,
    e: &'p Expr,
) -> Option<ResolvedUnit> {
    use crate::check::program::ExprKind;
    match (&e.kind, &lowerer.declared(sweep).base.ty) {
        (ExprKind::Convert { unit, .. }, _) => Some(unit.clone()),
        (ExprKind::Slot { slot, .. }, Type::Solve(id)) => {
            lowerer.program.solver(*id).locals.get(slot.index())?.unit.clone()
        }
        _ => None,
    }
}

fn plain(label: String) -> Axis {
    Axis { label, unit: String::new(), base: String::new(), factor: 1.0, log: false }
}

/// An axis in the unit that suits its greatest value.
pub fn measured(
    lowerer: &Lowerer,
    label: String,
    dimension: Dimension,
    greatest: f64,
    hint: Option<&ResolvedUnit>,
    log: bool,
) -> Axis {
    let registry = &lowerer.program.registry;
    let greatest = if greatest.is_finite() { greatest } else { 0.0 };
    let (unit, factor) = registry.axis_unit(dimension, greatest, hint);
    Axis { label, unit, base: registry.base_unit(dimension), factor, log }
}

fn text(datum: &Datum) -> String {
    match datum {
        Datum::Quantity { text, .. } | Datum::Text(text) => text.clone(),
        Datum::Bool(value) => if *value { "yes" } else { "no" }.into(),
        _ => "none".into(),
    }
}

/// Where a solve stands: its intensity, peak and bandwidth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    intensity: (f64, Dimension),
    peak: (f64, Dimension),
    bandwidth: f64,
}

/// Reads the place of a solve on its roofline.
pub fn place<'p>(lowerer: &mut Lowerer<'p>, roof: &'p PlotRoof, env: &Rc<Env<'p>>) -> Result<Place, NoChart> {
    let Value::Solve(solve) = lowerer.lower(&roof.solve, env)? else { return Err(NoChart::Told) };
    stand(lowerer, &solve, [roof.intensity, roof.peak, roof.bandwidth])
}

/// The same of a solve and the slots of its intensity, peak and bandwidth.
pub fn stand<'p>(
    lowerer: &mut Lowerer<'p>,
    solve: &Rc<SolveValue<'p>>,
    slots: [LocalId; 3],
) -> Result<Place, NoChart> {
    let results = lowerer.results(solve)?;
    let solver = lowerer.program.solver(solve.solver);
    let mut read = [(0.0, Dimension::SCALAR); 3];
    for (slot, read) in slots.iter().zip(&mut read) {
        let value = results.get(slot.index()).unwrap_or(Value::Absent);
        let node = undefined_value::column(&value).ok_or(NoChart::Told)?;
        let number = lowerer.graph.value(node);
        if number.is_nan() {
            return Err(NoChart::Poisoned(node));
        }
        let Type::Quantity(dimension) = solver.locals[slot.index()].ty else { return Err(NoChart::Told) };
        *read = (number, dimension);
    }
    Ok(Place { intensity: read[0], peak: read[1], bandwidth: read[2].0 })
}

/// Solves on their rooflines: a roof for each pair of peak and bandwidth, a point for each solve.
pub fn roofline(lowerer: &Lowerer, solves: &[(String, Place)]) -> Plane {
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
    let x = measured(lowerer, "arithmetic intensity".into(), intensity, high, None, true);
    let y = measured(lowerer, "attainable rate".into(), peak, greatest, None, true);
    Plane { x, y, series }
}

fn bars<'p>(lowerer: &mut Lowerer<'p>, values: &'p [Expr], env: &Rc<Env<'p>>) -> Result<Bars, NoChart> {
    let mut bars = vec![];
    let mut dimension = Dimension::SCALAR;
    for e in values {
        let node = lowerer.node(e, env)?;
        let total = lowerer.graph.value(node);
        if total.is_nan() {
            return Err(NoChart::Poisoned(node));
        }
        if let Type::Quantity(d) = e.ty {
            dimension = d;
        }
        let name = snippet_whole(lowerer.sources.text(e.span));
        let terms = parts(lowerer, e, env);
        bars.push(bar_of(lowerer, name, (terms, total, dimension)));
    }
    let greatest = bars.iter().map(|b| b.total.abs()).fold(0.0, f64::max);
    let axis = measured(lowerer, String::new(), dimension, greatest, None, false);
    Ok(Bars { axis, bars })
}

/// A value as the sum of its terms.
pub fn bar_of(
    lowerer: &Lowerer,
    name: String,
    (terms, total, dimension): (Vec<(String, f64)>, f64, Dimension),
) -> Bar {
    let shown = |value: f64| lowerer.program.registry.format(value, dimension, None);
    let parts = terms.into_iter().map(|(name, value)| (name, value, shown(value))).collect();
    Bar { name, text: shown(total), total, parts }
}
