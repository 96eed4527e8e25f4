//! Charts as SVG, written by hand: no library draws so little.
//!
//! Colours are classes: a page gives them their values for light and dark, a file carries [`STYLE`].

use std::fmt::Write;

use crate::outcome::figure::{Figure, Mark, Plane, PlotOutcome, ROOF_OF, Series};
use crate::report::chart::scale::Scale;
use crate::report::chart::svg_bars::bars;
use crate::report::chart::{axis_title, colours, legend};
use crate::report::groups::one_line;
use crate::report::markdown::html;

/// How the classes look, on a light and on a dark page. The colours keep apart for the colour-blind, and from the page
/// by a contrast of 3 to 1.
pub const STYLE: &str = include_str!("style.css");

/// The width of a chart, in pixels.
pub const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;
/// The size of its text, in pixels.
pub const SIZE: f64 = 12.0;
/// A title is larger, and bold: that takes a seventh more room.
const HEAD: f64 = 14.0 * 8.0 / 7.0;
/// At the left of the axis, at least; and what stands there besides its numbers.
const LEFT: f64 = 62.0;
const BESIDE: f64 = 32.0;
const RIGHT: f64 = 16.0;
const BOTTOM: f64 = 46.0;

/// A chart to stand alone in a file.
pub fn file(plot: &PlotOutcome) -> String {
    let svg = inline(plot, "chart");
    let open = svg.find('>').map_or(0, |i| i + 1);
    format!(
        "{}<style>{STYLE}</style><rect class=\"page\" width=\"100%\" height=\"100%\"/>{}\n",
        &svg[..open],
        &svg[open..]
    )
}

/// A chart to stand in a page. `id` is its own there.
pub fn inline(plot: &PlotOutcome, id: &str) -> String {
    match &plot.figure {
        Figure::Plane(plane) => self::plane(plane, &plot.title, id),
        Figure::Bars(figure) => bars(figure, &plot.title, id),
    }
}

/// The root element up to its content, with what a screen reader says.
pub fn open(out: &mut String, height: f64, id: &str, title: &str, description: &str) {
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"mls-chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-title {id}-description\">\n<title id=\"{id}-title\">{}</title>\n\
         <desc id=\"{id}-description\">{}</desc>\n",
        text(title),
        text(description)
    );
    let _ = writeln!(
        out,
        "<text class=\"head\" x=\"8\" y=\"20\">{}</text>",
        text(&fit(title, WIDTH - 16.0, HEAD))
    );
}

fn plane(plane: &Plane, title: &str, id: &str) -> String {
    let mut out = String::new();
    let entries = legend(plane);
    let rows = legend_rows(entries.iter().map(|i| plane.series[*i].name.as_str()));
    let top = 34.0 + 18.0 * rows.len() as f64;
    let height = HEIGHT + 18.0 * rows.len() as f64;
    open(&mut out, height, id, title, &describe(plane));
    let colours = with_roofs(plane, colours(plane));
    let mut next = entries.iter();
    for (row, names) in rows.iter().enumerate() {
        for (x, _) in names {
            let Some(index) = next.next() else { break };
            key(&mut out, &plane.series[*index], colours[*index], (*x, 40.0 + 18.0 * row as f64));
        }
    }
    let all = || plane.series.iter().flat_map(|s| &s.points);
    let (sx, sy) = (Scale::of(&plane.x, all().map(|p| p.x), 6), Scale::of(&plane.y, all().map(|p| p.y), 5));
    let widest = sy.ticks().iter().map(|(_, label)| width(label, SIZE)).fold(0.0, f64::max);
    let (left, bottom) = (LEFT.max(widest + BESIDE), height - BOTTOM);
    let frame = Frame { sx, sy, left, top, bottom, fx: plane.x.factor, fy: plane.y.factor };
    frame.axes(&mut out, plane);
    for (series, colour) in plane.series.iter().zip(&colours) {
        frame.series(&mut out, series, *colour);
    }
    frame.labels(&mut out, plane);
    out.push_str("</svg>");
    out
}

/// The same with a colour for each roof, where there are several: that of the first solve under it.
fn with_roofs(plane: &Plane, mut colours: Vec<Option<usize>>) -> Vec<Option<usize>> {
    let roofs: Vec<usize> = (0..plane.series.len()).filter(|i| plane.series[*i].mark == Mark::Roof).collect();
    for roof in roofs.iter().filter(|_| roofs.len() > 1) {
        let name = plane.series[*roof].name.trim_start_matches(ROOF_OF);
        let under = |s: &Series| s.mark != Mark::Roof && !s.name.is_empty() && name.starts_with(&s.name);
        // Of `one` and `one { batch: 2 }` the longer name is meant.
        let solve = (0..plane.series.len())
            .filter(|i| under(&plane.series[*i]))
            .max_by_key(|i| plane.series[*i].name.len());
        colours[*roof] = solve.and_then(|i| colours[i]);
    }
    colours
}

/// Where values stand on the sheet.
struct Frame {
    sx: Scale,
    sy: Scale,
    left: f64,
    top: f64,
    bottom: f64,
    fx: f64,
    fy: f64,
}

impl Frame {
    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.across(x * self.fx), self.up(y * self.fy))
    }

    fn across(&self, x: f64) -> f64 {
        self.left + self.sx.at(x) * (WIDTH - self.left - RIGHT)
    }

    fn up(&self, y: f64) -> f64 {
        self.bottom - self.sy.at(y) * (self.bottom - self.top)
    }

    fn axes(&self, out: &mut String, plane: &Plane) {
        let (left, top, bottom, right) = (self.left, self.top, self.bottom, WIDTH - RIGHT);
        let mut free = f64::NEG_INFINITY;
        for (value, label) in self.sx.ticks() {
            let x = self.across(value);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>"
            );
            // A text that would run into the one before is left out; its line stays.
            let half = width(&label, SIZE) / 2.0;
            if x - half > free {
                let _ = writeln!(
                    out,
                    "<text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
                    bottom + 16.0
                );
                free = x + half + 4.0;
            }
        }
        for (value, label) in self.sy.ticks() {
            let y = self.up(value);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>"
            );
            let _ = writeln!(
                out,
                "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                left - 6.0,
                y + 4.0
            );
        }
        let _ = writeln!(out, "<path class=\"axis\" d=\"M{left} {top:.1}V{bottom:.1}H{right}\"/>");
        let middle = (left + right) / 2.0;
        let across = text(&fit(&axis_title(&plane.x), right - left, SIZE));
        let _ = writeln!(
            out,
            "<text class=\"label\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{across}</text>",
            bottom + 36.0
        );
        let middle = (top + bottom) / 2.0;
        let up = text(&fit(&axis_title(&plane.y), bottom - top, SIZE));
        let _ = writeln!(
            out,
            "<text class=\"label\" transform=\"translate(14 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{up}</text>"
        );
    }

    fn series(&self, out: &mut String, series: &Series, colour: Option<usize>) {
        let class = class(colour);
        let places: Vec<(f64, f64)> = series.points.iter().map(|p| self.at(p.x, p.y)).collect();
        let line = match series.mark {
            Mark::Line | Mark::Roof => polyline(&places),
            Mark::Steps => steps(&places, &series.points),
            Mark::Points | Mark::Faint => String::new(),
        };
        if !line.is_empty() {
            let kind = if series.mark == Mark::Roof { "roof" } else { "line" };
            let _ = writeln!(out, "<path class=\"{kind} {class}\" d=\"{line}\"/>");
        }
        if series.mark == Mark::Roof {
            return;
        }
        // So many marks are only seen together: one path, and no words.
        if series.points.iter().all(|p| p.text.is_empty())
            || (series.mark == Mark::Faint && places.len() > 400)
        {
            let dots: String = places.iter().map(|(x, y)| format!("M{x:.1} {y:.1}h0")).collect();
            let _ = writeln!(out, "<path class=\"dots {class}\" d=\"{dots}\"/>");
            return;
        }
        let faint = if series.mark == Mark::Faint { " faint" } else { "" };
        for ((x, y), point) in places.iter().zip(&series.points) {
            let _ = writeln!(
                out,
                "<path class=\"mark {class}{faint}\" d=\"{}\"><title>{}</title></path>",
                shape(colour, *x, *y),
                text(&words(&series.name, &point.text))
            );
        }
    }

    /// Names beside single points, where they run into nothing.
    fn labels(&self, out: &mut String, plane: &Plane) {
        let points: Vec<(f64, f64)> = plane
            .series
            .iter()
            .filter(|s| s.mark != Mark::Roof)
            .flat_map(|s| &s.points)
            .map(|p| self.at(p.x, p.y))
            .collect();
        let mut taken: Vec<[f64; 4]> =
            points.iter().map(|(x, y)| [x - 5.0, y - 5.0, x + 5.0, y + 5.0]).collect();
        for series in plane.series.iter().filter(|s| s.mark == Mark::Points && !s.name.is_empty()) {
            let [point] = series.points.as_slice() else { continue };
            let (x, y) = self.at(point.x, point.y);
            let long = width(&series.name, SIZE);
            let places = [
                (x + 9.0, y + 16.0),
                (x + 9.0, y - 8.0),
                (x - 9.0 - long, y - 8.0),
                (x - 9.0 - long, y + 16.0),
            ];
            let boxed = |(x, y): (f64, f64)| [x, y - SIZE, x + long, y + 3.0];
            let free = places.into_iter().find(|place| {
                let b = boxed(*place);
                b[0] > self.left
                    && b[2] < WIDTH - RIGHT
                    && b[1] > self.top
                    && b[3] < self.bottom
                    && !taken.iter().any(|t| b[0] < t[2] && t[0] < b[2] && b[1] < t[3] && t[1] < b[3])
            });
            if let Some(place) = free {
                taken.push(boxed(place));
                let _ = writeln!(
                    out,
                    "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    place.0,
                    place.1,
                    text(&series.name)
                );
            }
        }
    }
}

fn polyline(places: &[(f64, f64)]) -> String {
    let mut out = String::new();
    for (index, (x, y)) in places.iter().enumerate() {
        let _ = write!(out, "{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" });
    }
    out
}

/// Steps whose corner lies on the worse side: between two points of a frontier one has what the worse of them gives.
fn steps(places: &[(f64, f64)], points: &[crate::outcome::figure::Spot]) -> String {
    let mut out = String::new();
    for (index, (x, y)) in places.iter().enumerate() {
        let rises = index > 0 && points[index].y > points[index - 1].y;
        let _ = match (index, rises) {
            (0, _) => write!(out, "M{x:.1} {y:.1}"),
            (_, true) => write!(out, "H{x:.1}V{y:.1}"),
            (_, false) => write!(out, "V{y:.1}H{x:.1}"),
        };
    }
    out
}

fn words(name: &str, point: &str) -> String {
    match (name.is_empty(), point.is_empty() || point.starts_with(name)) {
        (true, _) => point.to_string(),
        (false, true) if point.is_empty() => name.to_string(),
        (false, true) => point.to_string(),
        (false, false) => format!("{name}: {point}"),
    }
}

/// The class of [`STYLE`] that draws in a colour by its index; grey without one.
pub fn class(colour: Option<usize>) -> String {
    colour.map_or("grey".into(), |c| format!("c{c}"))
}

/// Circle, square, diamond, triangle: shapes tell series apart where colours do not.
fn shape(colour: Option<usize>, x: f64, y: f64) -> String {
    match colour.unwrap_or(0) % 4 {
        0 => format!("M{:.1} {y:.1}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", x - 4.0),
        1 => format!("M{:.1} {:.1}h7v7h-7z", x - 3.5, y - 3.5),
        2 => format!("M{x:.1} {:.1}l5 5l-5 5l-5 -5z", y - 5.0),
        _ => format!("M{x:.1} {:.1}l5 8.5h-10z", y - 5.5),
    }
}

fn key(out: &mut String, series: &Series, colour: Option<usize>, (x, y): (f64, f64)) {
    let class = class(colour);
    match series.mark {
        Mark::Roof => {
            let _ = writeln!(out, "<path class=\"roof {class}\" d=\"M{:.1} {:.1}h14\"/>", x, y - 4.0);
        }
        _ => {
            if matches!(series.mark, Mark::Line | Mark::Steps) {
                let _ = writeln!(out, "<path class=\"line {class}\" d=\"M{:.1} {:.1}h14\"/>", x, y - 4.0);
            }
            let _ = writeln!(out, "<path class=\"mark {class}\" d=\"{}\"/>", shape(colour, x + 7.0, y - 4.0));
        }
    }
    let name = text(&fit(&series.name, WIDTH - x - 30.0, SIZE));
    let _ = writeln!(out, "<text class=\"name\" x=\"{:.1}\" y=\"{y:.1}\">{name}</text>", x + 19.0);
}

/// Names of a legend in rows: where each begins.
pub fn legend_rows<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Vec<(f64, &'n str)>> {
    let mut rows: Vec<Vec<(f64, &str)>> = vec![];
    let mut x = f64::INFINITY;
    for name in names {
        let long = 34.0 + width(name, SIZE);
        if x + long > WIDTH - 8.0 {
            rows.push(vec![]);
            x = 8.0;
        }
        if let Some(row) = rows.last_mut() {
            row.push((x, name));
        }
        x += long;
    }
    rows
}

/// What the chart shows, for those who do not see it.
fn describe(plane: &Plane) -> String {
    let count: usize = plane.series.iter().filter(|s| s.mark != Mark::Roof).map(|s| s.points.len()).sum();
    let mut out = format!("{} against {}, {count} points", axis_title(&plane.y), axis_title(&plane.x));
    let named: Vec<&str> = legend(plane).iter().map(|i| plane.series[*i].name.as_str()).collect();
    if !named.is_empty() {
        let _ = write!(out, ": {}", named.join("; "));
    }
    out
}

/// The width of a text, about: letters are of different widths, and we have no font.
pub fn width(text: &str, size: f64) -> f64 {
    let unit = |c: char| match c {
        'i' | 'l' | 'j' | 't' | 'f' | '.' | ',' | ':' | ' ' | '(' | ')' | '/' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
        'A'..='Z' => 0.7,
        c if (c as u32) >= 0x2e80 => 1.0,
        _ => 0.58,
    };
    text.chars().map(unit).sum::<f64>() * size
}

/// A text cut to a width.
pub fn fit(source: &str, room: f64, size: f64) -> String {
    let source = one_line(source);
    if width(&source, size) <= room {
        return source;
    }
    let mut out = String::new();
    for c in source.chars() {
        out.push(c);
        if width(&out, size) > room - size {
            break;
        }
    }
    out.trim_end().to_string() + "…"
}

/// A text of a plan on one line, escaped for HTML and SVG.
pub fn text(source: &str) -> String {
    html(&one_line(source))
}
