//! Along which axis the failures of an assertion lie: `fails for batch >= 64 on H100; passes everywhere on H200`.

use crate::check::program::{Expr, SweepAxis, Type};
use crate::columns::scan::Scan;
use crate::lower::grid::axes::AxisValues;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{GridValue, Value};
use crate::run::undefined_value;

/// Values of an axis that a line names.
const NAMED: usize = 6;
/// Cells of all tables of two axes together, and points of a grid, up to which two axes are looked at together.
const CELLS: usize = 1 << 14;
const POINTS: u64 = 1 << 24;

/// Failing points and all points.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    fails: u64,
    all: u64,
}

/// Whether the points of a cell hold, fail, or differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Empty,
    Holds,
    Fails,
    Mixed,
}

impl Count {
    fn verdict(self) -> Verdict {
        match self {
            Count { all: 0, .. } => Verdict::Empty,
            Count { fails: 0, .. } => Verdict::Holds,
            Count { fails, all } if fails == all => Verdict::Fails,
            _ => Verdict::Mixed,
        }
    }
}

/// One axis, its values in the order in which they are named.
struct Axis<'a, 'p> {
    declared: &'p SweepAxis,
    values: &'a AxisValues<'p>,
    /// Indices of values; rising when they are numbers.
    order: Vec<usize>,
    numeric: bool,
}

/// Lines that say where the failures lie.
pub fn boundary<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
) -> Result<Vec<String>, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let declared = &lowerer.declared(grid.sweep).axes;
    let axes: Vec<Axis<'_, 'p>> =
        declared.iter().zip(&points.axes).map(|(d, v)| Axis::new(lowerer, d, v)).collect();
    let pairs: Vec<(usize, usize)> = match Scan::points(&points.lengths) <= POINTS {
        true => pairs(&axes),
        false => vec![],
    };
    let (singles, tables) = count(lowerer, grid, condition, &axes, &pairs)?;
    // One axis that tells all points apart.
    for (axis, counts) in axes.iter().zip(&singles) {
        if let Some(line) = axis.split(lowerer, counts) {
            return Ok(vec![line]);
        }
    }
    for ((a, b), table) in pairs.iter().zip(&tables) {
        if let Some(line) = split_by_two(lowerer, &axes[*a], &axes[*b], table) {
            return Ok(vec![line]);
        }
    }
    Ok(axes.iter().zip(&singles).filter_map(|(axis, counts)| axis.partly(lowerer, counts)).collect())
}

/// Pairs of axes to look at together: what names a device or format first, and a number along it.
fn pairs(axes: &[Axis]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = (0..axes.len())
        .flat_map(|a| (0..axes.len()).map(move |b| (a, b)))
        .filter(|(a, b)| a != b && axes[*a].order.len() <= NAMED && axes[*a].order.len() > 1)
        .filter(|(a, b)| axes[*b].order.len() > 1 && (axes[*b].numeric || a < b))
        .collect();
    pairs.sort_by_key(|(a, b)| (axes[*a].numeric, !axes[*b].numeric));
    let mut cells = 0;
    pairs.retain(|(a, b)| {
        cells += axes[*a].order.len() * axes[*b].order.len();
        cells <= CELLS
    });
    pairs
}

type Counts = Vec<Vec<Count>>;

/// Failures by the values of each axis, and of each pair.
fn count<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    condition: &'p Expr,
    axes: &[Axis<'_, 'p>],
    pairs: &[(usize, usize)],
) -> Result<(Counts, Counts), Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let value = lowerer.over_points(grid.sweep, condition)?;
    let node = undefined_value::column(&value).ok_or(Stop)?;
    let node = lowerer.sound(node);
    let lengths = &points.lengths;
    let scan = Scan::new(&lowerer.graph, lowerer.program, lengths, member, &[node]);
    let sizes: Vec<usize> = axes.iter().map(Axis::size).collect();
    // By the rows of joined axes first: those are counted up, and their values looked up once.
    let empty = || -> (Counts, Counts) {
        (
            lengths.iter().map(|l| vec![Count::default(); *l]).collect(),
            pairs.iter().map(|(a, b)| vec![Count::default(); sizes[*a] * sizes[*b]]).collect(),
        )
    };
    let rows: Vec<(usize, &[u32])> = axes.iter().map(|a| (a.values.group, &*a.values.rows)).collect();
    let parts = scan.run(empty, |(singles, tables), block| {
        let mut setting = vec![0; lengths.len()];
        for (lane, holds) in block.column(0).iter().enumerate() {
            let one = Count { fails: u64::from(*holds == 0.0), all: 1 };
            let mut rest = block.point(lane);
            for group in (0..lengths.len()).rev() {
                setting[group] = (rest % lengths[group] as u64) as usize;
                rest /= lengths[group] as u64;
                singles[group][setting[group]].add(one);
            }
            for ((a, b), table) in pairs.iter().zip(tables.iter_mut()) {
                let value = |axis: usize| rows[axis].1[setting[rows[axis].0]] as usize;
                table[value(*a) * sizes[*b] + value(*b)].add(one);
            }
        }
    });
    let (mut by_row, mut tables) = empty();
    for (singles, pairs) in parts {
        let all = by_row.iter_mut().chain(tables.iter_mut()).flatten();
        all.zip(singles.into_iter().chain(pairs).flatten()).for_each(|(a, b)| a.add(b));
    }
    let singles = axes.iter().map(|axis| {
        let mut counts = vec![Count::default(); axis.size()];
        for (row, count) in by_row[axis.values.group].iter().enumerate() {
            counts[axis.values.rows[row] as usize].add(*count);
        }
        counts
    });
    Ok((singles.collect(), tables))
}

impl Count {
    fn add(&mut self, other: Count) {
        self.fails += other.fails;
        self.all += other.all;
    }
}

impl<'a, 'p> Axis<'a, 'p> {
    fn new(lowerer: &Lowerer<'p>, declared: &'p SweepAxis, values: &'a AxisValues<'p>) -> Self {
        let number = |v: &Value<'p>| match v {
            Value::Node(id) => lowerer.graph.value(*id),
            _ => f64::NAN,
        };
        let numbers: Vec<f64> = values.values.iter().map(number).collect();
        let is_quantity = matches!(declared.ty.required(), Type::Quantity(_));
        let numeric = is_quantity && numbers.iter().all(|n| n.is_finite());
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        if numeric {
            order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        }
        Axis { declared, values, order, numeric }
    }

    fn size(&self) -> usize {
        self.order.len()
    }

    fn show(&self, lowerer: &mut Lowerer<'p>, index: usize) -> String {
        lowerer.show(&self.values.values[index], &self.declared.ty, None)
    }

    /// `on` a device, `at` a value.
    fn preposition(&self) -> &'static str {
        if matches!(self.declared.ty.required(), Type::Record(_)) { "on" } else { "at" }
    }

    /// Some of its values as they are named: `NVIDIA H100 SXM`, `precision fp8, fp16`.
    fn names(&self, lowerer: &mut Lowerer<'p>, indices: &[usize]) -> String {
        let mut texts: Vec<String> = indices.iter().take(NAMED).map(|i| self.show(lowerer, *i)).collect();
        if indices.len() > NAMED {
            let last = self.show(lowerer, indices[indices.len() - 1]);
            texts.push(format!(".. {last}"));
        }
        match self.declared.ty.required() {
            Type::Record(_) => texts.join(", "),
            _ => format!("{} {}", self.declared.name, texts.join(", ")),
        }
    }

    /// Where the failures are, if every value holds or fails as a whole and some fail: `batch >= 64`.
    fn failing(&self, lowerer: &mut Lowerer<'p>, verdicts: &[Verdict]) -> Option<String> {
        let present: Vec<usize> =
            self.order.iter().copied().filter(|i| verdicts[*i] != Verdict::Empty).collect();
        if present.iter().any(|i| verdicts[*i] == Verdict::Mixed) {
            return None;
        }
        let failing: Vec<usize> =
            present.iter().copied().filter(|i| verdicts[*i] == Verdict::Fails).collect();
        if failing.is_empty() {
            return None;
        }
        let count = failing.len();
        if self.numeric && count < present.len() && present.len() > 2 {
            let name = &self.declared.name;
            if present.ends_with(&failing) {
                return Some(format!("for {name} >= {}", self.show(lowerer, failing[0])));
            }
            if present.starts_with(&failing) {
                return Some(format!("for {name} <= {}", self.show(lowerer, failing[count - 1])));
            }
        }
        Some(format!("{} {}", self.preposition(), self.names(lowerer, &failing)))
    }

    /// A line when this axis alone tells the failures from the rest.
    fn split(&self, lowerer: &mut Lowerer<'p>, counts: &[Count]) -> Option<String> {
        let verdicts: Vec<Verdict> = counts.iter().map(|c| c.verdict()).collect();
        let holding: Vec<usize> =
            self.order.iter().copied().filter(|i| verdicts[*i] == Verdict::Holds).collect();
        if holding.is_empty() {
            return None;
        }
        let failing = self.failing(lowerer, &verdicts)?;
        Some(match failing.starts_with("for") {
            true => format!("fails {failing}, passes otherwise"),
            false => {
                let holding = self.names(lowerer, &holding);
                format!("fails everywhere {failing}; passes everywhere {} {holding}", self.preposition())
            }
        })
    }

    /// A line when some values hold or fail as a whole.
    fn partly(&self, lowerer: &mut Lowerer<'p>, counts: &[Count]) -> Option<String> {
        let of = |verdict| -> Vec<usize> {
            self.order.iter().copied().filter(|i| counts[*i].verdict() == verdict).collect()
        };
        let (failing, holding) = (of(Verdict::Fails), of(Verdict::Holds));
        let at = self.preposition();
        let mut parts = vec![];
        if !failing.is_empty() && failing.len() < counts.len() {
            parts.push(format!("fails everywhere {at} {}", self.names(lowerer, &failing)));
        }
        if !holding.is_empty() {
            parts.push(format!("passes everywhere {at} {}", self.names(lowerer, &holding)));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// A line when each value of `a` has its own part of `b` that fails.
fn split_by_two<'p>(
    lowerer: &mut Lowerer<'p>,
    a: &Axis<'_, 'p>,
    b: &Axis<'_, 'p>,
    table: &[Count],
) -> Option<String> {
    // What happens along `b`, and the values of `a` where it does.
    let mut cases: Vec<(String, Vec<usize>)> = vec![];
    for index in &a.order {
        let row = &table[index * b.size()..][..b.size()];
        let verdicts: Vec<Verdict> = row.iter().map(|c| c.verdict()).collect();
        let present = || verdicts.iter().filter(|v| **v != Verdict::Empty);
        let text = match () {
            () if present().count() == 0 => continue,
            () if present().all(|v| *v == Verdict::Holds) => "passes everywhere".to_string(),
            () if present().all(|v| *v == Verdict::Fails) => "fails everywhere".to_string(),
            () => format!("fails {}", b.failing(lowerer, &verdicts)?),
        };
        match cases.iter_mut().find(|(t, _)| *t == text) {
            Some((_, values)) => values.push(*index),
            None => cases.push((text, vec![*index])),
        }
    }
    // The failures first.
    cases.sort_by_key(|(text, _)| text.starts_with("passes"));
    let lines: Vec<String> = cases
        .into_iter()
        .map(|(text, values)| {
            let values = a.names(lowerer, &values);
            format!("{text} {} {values}", a.preposition())
        })
        .collect();
    Some(lines.join("; "))
}
