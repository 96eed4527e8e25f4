//! Charts in `--format json`: their data, in base units.

use schemars::JsonSchema;
use serde::Serialize;

use crate::outcome::figure::{Axis, Figure, Mark, PlotOutcome, Series};

#[derive(Serialize, JsonSchema)]
pub struct Plot {
    pub scenario: Option<String>,
    pub title: String,
    /// The horizontal axis; of bars, that of their length.
    pub x: PlotAxis,
    pub y: Option<PlotAxis>,
    pub series: Vec<PlotSeries>,
    pub bars: Vec<PlotBar>,
    pub notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct PlotAxis {
    pub label: String,
    /// The base unit; absent for plain numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub log: bool,
}

#[derive(Serialize, JsonSchema)]
pub struct PlotSeries {
    pub name: String,
    /// `points`, `line`, `frontier`, `cloud` (what the frontier lies before) or `roof`.
    pub kind: String,
    /// Horizontal and vertical, in base units.
    pub points: Vec<(f64, f64)>,
}

#[derive(Serialize, JsonSchema)]
pub struct PlotBar {
    pub name: String,
    pub value: f64,
    /// What it is the sum of.
    pub parts: Vec<(String, f64)>,
}

pub fn plot(plot: &PlotOutcome) -> Plot {
    let (x, y, drawn, bars) = match &plot.figure {
        Figure::Plane(plane) => {
            (axis(&plane.x), Some(axis(&plane.y)), plane.series.iter().map(series).collect(), vec![])
        }
        Figure::Bars(figure) => {
            let bars = figure.bars.iter().map(|bar| PlotBar {
                name: bar.name.clone(),
                value: bar.total,
                parts: bar.parts.iter().map(|(name, value, _)| (name.clone(), *value)).collect(),
            });
            (axis(&figure.axis), None, vec![], bars.collect())
        }
    };
    let (scenario, title, notes) = (plot.scenario.clone(), plot.title.clone(), plot.notes.clone());
    Plot { scenario, title, x, y, series: drawn, bars, notes }
}

fn axis(axis: &Axis) -> PlotAxis {
    let unit = (!axis.base.is_empty()).then(|| axis.base.clone());
    PlotAxis { label: axis.label.clone(), unit, log: axis.log }
}

fn series(series: &Series) -> PlotSeries {
    let kind = match series.mark {
        Mark::Points => "points",
        Mark::Line => "line",
        Mark::Steps => "frontier",
        Mark::Faint => "cloud",
        Mark::Roof => "roof",
    };
    let points = series.points.iter().map(|p| (p.x, p.y)).collect();
    PlotSeries { name: series.name.clone(), kind: kind.into(), points }
}
