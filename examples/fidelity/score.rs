//! Scores of predictions, overall and by group, as a table.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};
use indexmap::IndexMap;

/// A quantity that is predicted and measured.
pub struct Quantity {
    /// Heading of the score table.
    pub label: &'static str,
    /// Heading of the predictions' column, with the unit; empty for a quantity that only scores a part of another.
    pub column: &'static str,
}

/// One measured configuration.
pub struct Case {
    pub id: String,
    /// Kind of group (`model`, `system`) and which.
    pub groups: Vec<(&'static str, String)>,
    /// By quantity. `None`: not measured, or not to be judged.
    pub measured: Vec<Option<f64>>,
    /// By trial, then by quantity.
    pub predicted: Vec<Vec<Option<f64>>>,
    /// Why there is no prediction.
    pub skipped: Option<String>,
}

pub struct Report {
    pub quantities: Vec<Quantity>,
    pub cases: Vec<Case>,
}

/// How well one quantity is predicted in one group.
#[derive(Debug, PartialEq)]
pub struct Score {
    pub measured: usize,
    pub predicted: usize,
    pub mean_error: f64,
    pub median_error: f64,
    pub bias: f64,
    pub rank: f64,
    pub within: [f64; 3],
}

/// Bounds of the error that the last columns count.
const WITHIN: [f64; 3] = [0.1, 0.2, 0.5];

impl Score {
    /// Of predicted and measured values; `None` without any pair.
    pub fn of(pairs: &[(Option<f64>, f64)]) -> Option<Score> {
        let both: Vec<(f64, f64)> = pairs.iter().filter_map(|(p, m)| p.map(|p| (p, *m))).collect();
        if both.is_empty() {
            return None;
        }
        let n = both.len() as f64;
        let mut errors: Vec<f64> = both.iter().map(|(p, m)| (p / m - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        Some(Score {
            measured: pairs.len(),
            predicted: both.len(),
            mean_error: errors.iter().sum::<f64>() / n,
            median_error: median(&errors),
            bias: (both.iter().map(|(p, m)| (p / m).ln()).sum::<f64>() / n).exp(),
            rank: spearman(&both),
            within: WITHIN.map(|bound| errors.iter().filter(|e| **e <= bound).count() as f64 / n),
        })
    }
}

fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { (sorted[half - 1] + sorted[half]) / 2.0 }
}

/// Rank correlation; equal values share their mean rank.
fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let a = ranks(&pairs.iter().map(|p| p.0).collect::<Vec<_>>());
    let b = ranks(&pairs.iter().map(|p| p.1).collect::<Vec<_>>());
    let middle = (pairs.len() as f64 - 1.0) / 2.0;
    let product =
        |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - middle) * (y - middle)).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = start + order[start..].iter().take_while(|i| values[**i] == values[order[start]]).count();
        for i in &order[start..end] {
            ranks[*i] = (start + end - 1) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

impl Report {
    /// The predictions as CSV: trial, id, and one column a quantity.
    pub fn predictions(&self) -> String {
        let shown: Vec<usize> =
            (0..self.quantities.len()).filter(|q| !self.quantities[*q].column.is_empty()).collect();
        let headings = shown.iter().map(|q| self.quantities[*q].column).collect::<Vec<_>>().join(",");
        let mut text = format!("trial,id,{headings}\n");
        let trials = self.cases.first().map_or(0, |c| c.predicted.len());
        for (trial, case) in (0..trials).flat_map(|t| self.cases.iter().map(move |case| (t, case))) {
            let cell = |q: &usize| case.predicted[trial][*q].map_or(String::new(), |v| v.to_string());
            let cells = shown.iter().map(cell).collect::<Vec<_>>().join(",");
            text.push_str(&format!("{trial},{},{cells}\n", case.id));
        }
        text
    }

    fn groups(&self) -> IndexMap<(&str, &str), Vec<&Case>> {
        let mut groups: IndexMap<(&str, &str), Vec<&Case>> = IndexMap::new();
        groups.insert(("all", ""), self.cases.iter().collect());
        let kinds: Vec<&str> = self.cases.first().map_or(vec![], |c| c.groups.iter().map(|g| g.0).collect());
        for kind in kinds {
            for case in &self.cases {
                for (_, name) in case.groups.iter().filter(|g| g.0 == kind) {
                    groups.entry((kind, name)).or_default().push(case);
                }
            }
        }
        groups
    }

    fn skipped(&self) -> IndexMap<&str, usize> {
        let mut reasons: IndexMap<&str, usize> = IndexMap::new();
        for reason in self.cases.iter().filter_map(|c| c.skipped.as_deref()) {
            *reasons.entry(reason).or_default() += 1;
        }
        reasons
    }
}

const HEADINGS: [&str; 12] = [
    "group",
    "",
    "quantity",
    "n",
    "coverage",
    "MAPE",
    "median",
    "bias",
    "Spearman",
    "within 10%",
    "20%",
    "50%",
];

/// The scores of the first trial.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(HEADINGS);
        let percent = |x: f64| format!("{:.1}%", 100.0 * x);
        for ((kind, name), cases) in self.groups() {
            for (q, quantity) in self.quantities.iter().enumerate() {
                let pairs: Vec<_> =
                    cases.iter().filter_map(|c| c.measured[q].map(|m| (c.predicted[0][q], m))).collect();
                let Some(score) = Score::of(&pairs) else { continue };
                let mut row = vec![kind.to_string(), name.to_string(), quantity.label.to_string()];
                row.push(score.predicted.to_string());
                row.push(percent(score.predicted as f64 / score.measured as f64));
                row.extend([percent(score.mean_error), percent(score.median_error)]);
                row.extend([
                    format!("{:.3}", score.bias),
                    if score.rank.is_finite() { format!("{:.3}", score.rank) } else { "-".into() },
                ]);
                row.extend(score.within.map(percent));
                table.add_row(row);
            }
        }
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{}", table.trim_fmt())?;
        let skipped = self.skipped();
        let total: usize = skipped.values().sum();
        writeln!(f, "{} rows, {total} not predicted", self.cases.len())?;
        for (reason, count) in skipped {
            writeln!(f, "  {count}: {reason}")?;
        }
        Ok(())
    }
}
