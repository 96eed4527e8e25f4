//! The points of a grid as a chart: its series, and the frontier among them.

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, Goal, PlotAxis, PlotSeries, Type};
use crate::columns::graph::NodeId;
use crate::columns::scan::{Block, Scan};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, GridValue, Value};
use crate::outcome::figure::{Axis, Figure, Mark, Plane, PlotOutcome, Series, Spot};
use crate::run::chart::NoChart;
use crate::run::chart::axis::{measured_axis, plain_axis, unit_of};
use crate::run::chart::raster::{CELLS, Cut, Hit, Raster, Reading, SERIES, Survey};
use crate::run::data::datum::datum;
use crate::run::data::setting::label;
use crate::run::undefined_value;
use crate::source::Span;

/// Series with a colour of their own.
const COLOURS: usize = 8;

/// What one side of a chart of points measures.
#[derive(Clone, Copy)]
pub struct Coordinate<'p> {
    value: &'p Expr,
    goal: Option<Goal>,
    log: bool,
    /// It is an axis of the sweep.
    swept: bool,
}

impl<'p> From<&'p PlotAxis> for Coordinate<'p> {
    fn from(axis: &'p PlotAxis) -> Self {
        Coordinate { value: &axis.value, goal: axis.goal, log: axis.log, swept: axis.swept }
    }
}

/// Points of a grid to draw.
pub struct PlottedPoints<'p> {
    pub grid: &'p Expr,
    pub y: Coordinate<'p>,
    pub x: Coordinate<'p>,
    /// What tells series apart.
    pub by: Option<&'p PlotSeries>,
}

/// The points of a grid by the two goals of a `pareto`, and the frontier among them.
pub fn frontier<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &'p Expr,
    goals: &'p [(Goal, Expr)],
    env: &Rc<Env<'p>>,
) -> Result<PlotOutcome, NoChart> {
    let [x, y] = goals else { return Err(NoChart::Reported) };
    let side =
        |(goal, value): &'p (Goal, Expr)| Coordinate { value, goal: Some(*goal), log: false, swept: false };
    let (figure, notes, title) =
        points(lowerer, grid.span, &PlottedPoints { grid, y: side(y), x: side(x), by: None }, env)?;
    Ok(PlotOutcome { scenario: None, title, figure, notes, span: grid.span })
}

/// The chart, its notes, and its title where the plot has none.
pub fn points<'p>(
    lowerer: &mut Lowerer<'p>,
    span: Span,
    plotted: &PlottedPoints<'p>,
    env: &Rc<Env<'p>>,
) -> Result<(Figure, Vec<String>, String), NoChart> {
    let PlottedPoints { grid, y, x, .. } = *plotted;
    let name = one_line(lowerer.sources, grid);
    let Value::Grid(points) = lowerer.lower(grid, env)? else { return Err(NoChart::Reported) };
    let cloud = Cloud::new(lowerer, &points, plotted)?;
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
        return Err(NoChart::Reported);
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
    found.map_or(NoChart::Reported, NoChart::Undefined)
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
        plotted: &PlottedPoints<'p>,
    ) -> Result<Self, NoChart> {
        let PlottedPoints { y, x, by, .. } = *plotted;
        let points = lowerer.points(grid.sweep)?;
        let member = lowerer.membership(grid)?;
        let mut roots = vec![];
        let values = [Some(x.value), Some(y.value)];
        let value_of = |by: &'p PlotSeries| if let PlotSeries::Value(e) = by { Some(e) } else { None };
        for e in values.into_iter().chain([by.and_then(value_of)]).flatten() {
            let value = lowerer.over_points(grid.sweep, e)?;
            roots.push(undefined_value::column(&value).ok_or(NoChart::Reported)?);
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
                    label(lowerer, value, ty).to_string()
                }
                Key::Value(e) => {
                    let value = lowerer.constant(f64::from_bits(key), None);
                    datum(lowerer, &value, &e.ty, None).to_string()
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

    fn axis(&self, lowerer: &Lowerer<'p>, axis: Coordinate<'p>, range: (f64, f64)) -> Axis {
        let label = one_line(lowerer.sources, axis.value);
        let hint = unit_of(lowerer, self.grid.sweep, axis.value);
        let Type::Quantity(dimension) = axis.value.ty else { return plain_axis(label) };
        measured_axis(lowerer, label, dimension, range.0.abs().max(range.1.abs()), hint.as_ref(), axis.log)
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
