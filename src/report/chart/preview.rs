//! Charts as characters, for a terminal.

use std::fmt::Write;

use crate::outcome::figure::{Bars, Figure, Mark, Plane, PlotOutcome, Series};
use crate::report::chart::scale::Scale;
use crate::report::chart::{axis_title, colours, legend};
use crate::report::groups::one_line;
use crate::report::terminal::Style;

/// Rows of the drawing.
const ROWS: usize = 16;
/// Columns left of it.
const LEFT: usize = 9;

/// A chart in at most as many columns as the style has.
pub fn render(plot: &PlotOutcome, style: Style) -> String {
    let mut out = format!("{}\n", one_line(&plot.title));
    match &plot.figure {
        Figure::Plane(plane) => draw_plane(&mut out, plane, style),
        Figure::Bars(bars) => draw_bars(&mut out, bars, style),
    }
    for note in &plot.notes {
        let _ = writeln!(out, "  {}", one_line(note));
    }
    out
}

fn mark(colour: Option<usize>, unicode: bool) -> char {
    let marks = if unicode {
        ['●', '■', '▲', '◆', '○', '□', '△', '◇']
    } else {
        ['o', 'x', '+', '*', '#', '%', '@', '&']
    };
    colour.map_or(if unicode { '·' } else { '.' }, |c| marks[c % marks.len()])
}

/// Points as letters over lines of dots.
struct Canvas {
    width: usize,
    /// A cell is a letter, or the dots of a line that cross it.
    letters: Vec<Option<char>>,
    dots: Vec<u8>,
    unicode: bool,
}

impl Canvas {
    fn new(width: usize, unicode: bool) -> Self {
        Canvas { width, letters: vec![None; width * ROWS], dots: vec![0; width * ROWS], unicode }
    }

    /// The cell of a place from 0 to 1 on both axes.
    fn put(&mut self, (x, y): (f64, f64), letter: char) {
        let column = ((x * (self.width - 1) as f64).round() as usize).min(self.width - 1);
        let row = (((1.0 - y) * (ROWS - 1) as f64).round() as usize).min(ROWS - 1);
        self.letters[row * self.width + column] = Some(letter);
    }

    /// One of the eight dots of a cell.
    fn dot(&mut self, (x, y): (f64, f64)) {
        if !(0.0..=1.0).contains(&x) || !(0.0..=1.0).contains(&y) {
            return;
        }
        let across = ((x * (self.width * 2 - 1) as f64).round() as usize).min(self.width * 2 - 1);
        let down = (((1.0 - y) * (ROWS * 4 - 1) as f64).round() as usize).min(ROWS * 4 - 1);
        let bit = [[0, 3], [1, 4], [2, 5], [6, 7]][down % 4][across % 2];
        self.dots[down / 4 * self.width + across / 2] |= 1 << bit;
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let steps = (((to.0 - from.0).abs() * self.width as f64 * 2.0)
            .max((to.1 - from.1).abs() * ROWS as f64 * 4.0))
        .ceil()
        .max(1.0);
        for step in 0..=steps as usize {
            let t = step as f64 / steps;
            self.dot((from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t));
        }
    }

    fn row(&self, row: usize) -> String {
        let cells = row * self.width..(row + 1) * self.width;
        let text: String = cells
            .map(|cell| match (self.letters[cell], self.dots[cell]) {
                (Some(letter), _) => letter,
                (None, 0) => ' ',
                (None, dots) if self.unicode => char::from_u32(0x2800 + u32::from(dots)).unwrap_or('.'),
                (None, _) => '.',
            })
            .collect();
        text.trim_end().to_string()
    }
}

fn draw_plane(out: &mut String, plane: &Plane, style: Style) {
    let width = style.width.saturating_sub(LEFT + 3).clamp(20, 100);
    let all = || plane.series.iter().flat_map(|s| &s.points);
    let (sx, sy) = (Scale::of(&plane.x, all().map(|p| p.x), 5), Scale::of(&plane.y, all().map(|p| p.y), 4));
    let place = |series: &Series| -> Vec<(f64, f64)> {
        series.points.iter().map(|p| (sx.at(p.x * plane.x.factor), sy.at(p.y * plane.y.factor))).collect()
    };
    let mut canvas = Canvas::new(width, style.unicode);
    let colours = colours(plane);
    // Lines and the cloud first: points stand above them.
    for series in &plane.series {
        let places = place(series);
        match series.mark {
            Mark::Line | Mark::Roof => places.windows(2).for_each(|w| canvas.line(w[0], w[1])),
            Mark::Steps => {
                for w in places.windows(2) {
                    let corner = if w[1].1 > w[0].1 { (w[1].0, w[0].1) } else { (w[0].0, w[1].1) };
                    canvas.line(w[0], corner);
                    canvas.line(corner, w[1]);
                }
            }
            Mark::Faint => places.iter().for_each(|p| canvas.dot(*p)),
            Mark::Points if places.len() > 400 => places.iter().for_each(|p| canvas.dot(*p)),
            Mark::Points => {}
        }
    }
    for (series, colour) in plane.series.iter().zip(&colours) {
        let lettered =
            matches!(series.mark, Mark::Line | Mark::Steps | Mark::Points) && series.points.len() <= 400;
        if lettered {
            place(series).into_iter().for_each(|p| canvas.put(p, mark(*colour, style.unicode)));
        }
    }
    let _ = writeln!(out, "  {}", one_line(&axis_title(&plane.y)));
    let ticks = sy.ticks();
    let wall = if style.unicode { '│' } else { '|' };
    for row in 0..ROWS {
        let low = 1.0 - (row as f64 + 0.5) / (ROWS - 1) as f64;
        let high = 1.0 - (row as f64 - 0.5) / (ROWS - 1) as f64;
        let label = ticks.iter().find(|(v, _)| (low..high).contains(&sy.at(*v))).map_or("", |t| &t.1);
        let _ = writeln!(out, "{}", format!("{label:>LEFT$} {wall}{}", canvas.row(row)).trim_end());
    }
    let (corner, floor) = if style.unicode { ('└', '─') } else { ('+', '-') };
    let _ = writeln!(out, "{:>LEFT$} {corner}{}", "", floor.to_string().repeat(width));
    let _ = writeln!(out, "{}", below(&sx, width));
    let title = one_line(&axis_title(&plane.x));
    let indent = LEFT + 2 + width.saturating_sub(title.chars().count());
    let _ = writeln!(out, "{:indent$}{title}", "");
    for index in legend(plane) {
        let series = &plane.series[index];
        let line = if style.unicode { '⠒' } else { '.' };
        let sign = if series.mark == Mark::Roof { line } else { mark(colours[index], style.unicode) };
        let _ = writeln!(out, "  {sign} {}", one_line(&series.name));
    }
}

/// The texts under the drawing, each under its value, none in another.
fn below(scale: &Scale, width: usize) -> String {
    let mut line: Vec<char> = vec![];
    for (value, label) in scale.ticks() {
        let length = label.chars().count();
        let middle = LEFT + 2 + (scale.at(value) * (width - 1) as f64).round() as usize;
        let start = middle.saturating_sub(length / 2);
        if start < line.len() + usize::from(!line.is_empty()) || start + length > LEFT + 3 + width {
            continue;
        }
        line.resize(start, ' ');
        line.extend(label.chars());
    }
    line.into_iter().collect()
}

fn draw_bars(out: &mut String, figure: &Bars, style: Style) {
    let name_of = |bar: &crate::outcome::figure::Bar| one_line(&bar.name);
    let names = figure.bars.iter().map(|b| name_of(b).chars().count()).max().unwrap_or(0).min(24);
    let texts = figure.bars.iter().map(|b| b.text.chars().count()).max().unwrap_or(0);
    let width = style.width.saturating_sub(names + texts + 6).max(10);
    let greatest = figure.bars.iter().map(|b| b.total).fold(0.0, f64::max);
    let mut parts: Vec<&str> = vec![];
    for (name, ..) in figure.bars.iter().flat_map(|b| &b.parts) {
        if !parts.contains(&name.as_str()) {
            parts.push(name);
        }
    }
    let fills = if style.unicode { ['█', '▓', '▒', '░'] } else { ['#', '=', '-', '.'] };
    for bar in &figure.bars {
        let mut drawn = String::new();
        let mut end = 0.0;
        for (name, value, _) in &bar.parts {
            end += if greatest > 0.0 { value / greatest * width as f64 } else { 0.0 };
            let index = parts.iter().position(|p| p == name).unwrap_or(0);
            let filled = drawn.chars().count();
            drawn
                .extend(std::iter::repeat_n(fills[index % 4], (end.round() as usize).saturating_sub(filled)));
        }
        let name: String = name_of(bar).chars().take(names).collect();
        let _ = writeln!(out, "  {name:names$}  {drawn:width$}  {:>texts$}", bar.text);
    }
    if parts.len() > 1 {
        for (index, name) in parts.iter().enumerate() {
            let shares = figure.bars.iter().map(|b| {
                let part: f64 =
                    b.parts.iter().filter(|(n, ..)| n == name).map(|p| p.1).fold(0.0, |all, part| all + part);
                if b.total != 0.0 { format!("{:.0} %", part / b.total * 100.0) } else { "0 %".into() }
            });
            let shares: Vec<String> = shares.collect();
            let _ = writeln!(out, "  {} {}  {}", fills[index % 4], one_line(name), shares.join(", "));
        }
    }
}
