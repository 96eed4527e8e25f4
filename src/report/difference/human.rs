//! A comparison for people.

use std::fmt::Write;

use crate::outcome::difference::{ChangeKind, FactChange, GridChange, ScenarioDifference, Turn};
use crate::outcome::text::change_text;
use crate::report::difference::{Compared, chosen, name, sides, standing, text, unchanged, verb, verdict};
use crate::report::human::{paint, plural};
use crate::report::terminal::Style;

/// Inputs, results and assertions that are not what they were, scenario by scenario.
pub fn render(compared: &Compared, style: Style) -> String {
    let mut out = String::new();
    let arrow = arrow(style);
    let _ =
        writeln!(out, "{}", paint(style, "1", &format!("{} {arrow} {}", compared.before, compared.after)));
    for part in compared.difference.parts.iter().filter(|p| p.tells()) {
        out.push('\n');
        if let Some(scenario) = &part.scenario {
            let _ = writeln!(out, "{}", paint(style, "1", &format!("scenario \"{scenario}\"")));
        }
        render_part(&mut out, part, compared, style);
    }
    out.push('\n');
    let same = unchanged(compared.difference);
    if !same.is_empty() {
        let _ = writeln!(out, "{same}");
    }
    let color = if compared.difference.newly_fails(true) { "31;1" } else { "32" };
    let _ = writeln!(out, "{}", paint(style, color, &verdict(compared.difference)));
    out
}

fn arrow(style: Style) -> &'static str {
    if style.unicode { "→" } else { "->" }
}

fn render_part(out: &mut String, part: &ScenarioDifference, compared: &Compared, style: Style) {
    if !part.inputs.is_empty() {
        let _ = writeln!(out, "inputs");
        changes(out, &part.inputs.iter().collect::<Vec<_>>(), style);
    }
    if !(part.results.is_empty() && part.grids.is_empty()) {
        let (shown, left) = chosen(&part.results, compared);
        let _ = writeln!(out, "results");
        changes(out, &shown, style);
        part.grids.iter().for_each(|g| grid(out, g, style));
        if left > 0 {
            let _ = writeln!(out, "  ... {} that moved less; --all shows them", plural(left, "more result"));
        }
    }
    if !part.flips.is_empty() {
        let _ = writeln!(out, "assertions");
    }
    for flip in &part.flips {
        let (mark, ascii, color) = match (flip.turn, flip.counts()) {
            (Turn::NewlyFails | Turn::StillFails, true) => ("✗", "FAIL", "31"),
            (Turn::NewlyFails | Turn::StillFails, false) => ("!", "warn", "33"),
            (Turn::NewlyPasses, _) => ("✓", "ok", "32"),
            (Turn::Changed, _) => ("~", "~", "36"),
            (Turn::Added, _) => ("+", "+", "36"),
            (Turn::Removed, _) => ("-", "-", "36"),
        };
        let mark = paint(style, color, if style.unicode { mark } else { ascii });
        let verb = paint(style, color, verb(flip.turn));
        let text = text(flip).replace("->", arrow(style));
        let standing = standing(flip).replace("->", arrow(style));
        let _ = writeln!(out, "  {mark} {verb}: {text}");
        if !standing.is_empty() {
            let _ = writeln!(out, "      {}", paint(style, "2", &standing));
        }
    }
}

/// One change as the columns of a line.
struct Line {
    name: String,
    values: String,
    difference: String,
    share: String,
}

impl Line {
    fn of(change: &FactChange, style: Style) -> Self {
        let (before, after) = sides(change);
        let values = match (change.what, &change.before) {
            (ChangeKind::Declaration, None) => "new".into(),
            (ChangeKind::Declaration, Some(_)) => "gone".into(),
            _ => format!("{before} {} {after}", arrow(style)),
        };
        let difference = change.difference.as_ref().map_or(String::new(), |(_, text)| text.clone());
        let share = change.relative.map_or(String::new(), change_text);
        Line { name: name(change), values, difference, share }
    }

    /// Of the line drawn in columns of these widths.
    fn width(&self, [name, values, difference]: [usize; 3]) -> usize {
        let wide = |width: usize, text: &str| width.max(text.chars().count());
        let head = 2 + wide(name, &self.name) + 2 + wide(values, &self.values);
        let moved = 2 + wide(difference, &self.difference) + 2 + self.share.chars().count();
        if self.difference.is_empty() { head } else { head + moved }
    }
}

/// Name, before and after, and the difference in columns; what is wide goes below its name.
fn changes(out: &mut String, changes: &[&FactChange], style: Style) {
    let lines: Vec<Line> = changes.iter().map(|c| Line::of(c, style)).collect();
    let fitting = || lines.iter().filter(|l| l.width([0; 3]) <= style.width);
    let width = |of: fn(&Line) -> &String| fitting().map(|l| of(l).chars().count()).max().unwrap_or(0);
    let columns = [width(|l| &l.name), width(|l| &l.values), width(|l| &l.difference)];
    // Columns that would not all fit are not aligned.
    let [names, values, differences] =
        if fitting().all(|l| l.width(columns) <= style.width) { columns } else { [columns[0], 0, 0] };
    for (change, line) in changes.iter().zip(&lines) {
        let moved = format!("{:differences$}  {}", line.difference, line.share);
        let moved = paint(style, "2", moved.trim_end());
        let both = &line.values;
        if line.width([names, 0, 0]) <= style.width {
            let text = format!("  {:names$}  {both:values$}  {moved}", line.name);
            let _ = writeln!(out, "{}", text.trim_end());
        } else if both.chars().count() + 4 + line.difference.len() + 2 + line.share.len() + 2 <= style.width {
            let _ = writeln!(out, "  {}", line.name);
            let _ = writeln!(out, "{}", format!("    {both}  {moved}").trim_end());
        } else {
            let (before, after) = sides(change);
            let _ = writeln!(out, "  {}", line.name);
            let _ = writeln!(out, "    {}", paint(style, "31", &format!("- {before}")));
            let _ = writeln!(out, "    {}", paint(style, "32", &format!("+ {after}")));
        }
    }
}

fn grid(out: &mut String, grid: &GridChange, style: Style) {
    let (before, after) = grid.points;
    let count = |n: u64| plural(usize::try_from(n).unwrap_or(usize::MAX), "point");
    if before != after {
        let _ = writeln!(out, "  {}  {} {} {}", grid.name, count(before), arrow(style), count(after));
        return;
    }
    let _ = writeln!(out, "  {}  at {}:", grid.name, count(after));
    let names = grid.columns.iter().map(|c| c.name.chars().count()).max().unwrap_or(0);
    for column in &grid.columns {
        let _ = match &column.greatest {
            Some((share, place)) => writeln!(
                out,
                "    {:names$}  {} changed, at most {} at {place}",
                column.name,
                column.changed,
                change_text(*share)
            ),
            None => writeln!(out, "    {:names$}  {} changed", column.name, column.changed),
        };
    }
}
