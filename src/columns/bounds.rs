//! The least and greatest value of nodes over a box of points, by interval arithmetic.
//!
//! Rounding is monotone, so bounds that are computed like the values themselves hold for the values as they are
//! computed, to the last bit; functions of libm, which may be off by their last bit, get wider bounds. What is shown to
//! be finite runs through kernels that need not look for poison, and a condition that is shown to hold, or not to hold,
//! in a whole box need not be evaluated there. Nothing else depends on it: what cannot be shown is computed.

use crate::check::program::{Program, Table, TableId};
use crate::columns::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp, operands};
use crate::native::table::NATIVES;

/// The least and greatest value of a node; `None` where it may not be finite.
pub type Bounds = Option<(f64, f64)>;

const FALSE: (f64, f64) = (0.0, 0.0);
const TRUE: (f64, f64) = (1.0, 1.0);
const EITHER: (f64, f64) = (0.0, 1.0);

/// Relative distance that makes up for what libm is off.
const SLACK: f64 = 1e-15;
/// The same for what is interpolated, also between logarithms.
const TABLE_SLACK: f64 = 1e-12;

/// The bounds of some nodes, filled for one box after another.
pub struct Intervals<'g, 'p> {
    graph: &'g Graph<'p>,
    program: &'g Program,
    steps: Vec<Step>,
    known: Vec<Bounds>,
    /// Short axes: their values are kept apart where a box as a whole shows too little.
    short: Vec<usize>,
    cases: usize,
}

/// Values of an axis that is short, and of all short axes together.
const SHORT: usize = 16;
const CASES: usize = 64;
/// Steps that may be taken for one box.
const EFFORT: usize = 1 << 15;

#[derive(Clone, Copy)]
struct Step {
    id: NodeId,
    /// Where its operands are among the steps.
    operands: [u32; 3],
    /// Of an axis: the values rise or fall all along.
    monotone: bool,
}

impl<'g, 'p> Intervals<'g, 'p> {
    /// `nodes` in order of evaluation, with all that they read.
    pub fn new(graph: &'g Graph<'p>, program: &'g Program, nodes: &[NodeId], lengths: &[usize]) -> Self {
        let place = |id: NodeId| nodes.binary_search(&id).unwrap_or(0) as u32;
        let step = |id: &NodeId| {
            let op = graph.node(*id).op;
            let monotone = match op {
                Op::Along(_, list) => {
                    let values = graph.list(list);
                    values.is_sorted() || values.is_sorted_by(|a, b| a >= b)
                }
                _ => false,
            };
            Step { id: *id, operands: operands(op).map(|o| o.map_or(0, place)), monotone }
        };
        let steps = nodes.iter().map(step).collect();
        let (mut short, mut cases) = (vec![], 1);
        for (axis, length) in lengths.iter().enumerate().rev() {
            let more = cases * length;
            if *length <= SHORT && more <= CASES && more * nodes.len() <= EFFORT {
                cases = more;
                short.push(axis);
            }
        }
        Intervals { graph, program, steps, known: vec![None; nodes.len()], short, cases }
    }

    /// Bounds that are computed when a box is filled both ways.
    pub fn effort(&self) -> usize {
        self.steps.len() * (1 + self.cases)
    }

    /// The same with the values of short axes apart: a choice between them, and what is absent for some, is then known.
    pub fn fill_apart(&mut self, range: impl Fn(usize) -> (usize, usize)) {
        let ranges: Vec<(usize, usize)> = self.short.iter().map(|axis| range(*axis)).collect();
        let mut at: Vec<usize> = ranges.iter().map(|(from, _)| *from).collect();
        let mut all: Option<Vec<Bounds>> = None;
        loop {
            let short = std::mem::take(&mut self.short);
            self.fill(|axis| match short.iter().position(|a| *a == axis) {
                Some(which) => (at[which], at[which]),
                None => range(axis),
            });
            self.short = short;
            match &mut all {
                None => all = Some(self.known.clone()),
                Some(all) => {
                    for (all, one) in all.iter_mut().zip(&self.known) {
                        *all = all.zip(*one).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
                    }
                }
            }
            // The next case: an odometer over the short axes.
            let Some(turn) = (0..at.len()).find(|which| at[*which] < ranges[*which].1) else { break };
            at[turn] += 1;
            at[..turn].iter_mut().zip(&ranges).for_each(|(at, (from, _))| *at = *from);
        }
        self.known = all.unwrap_or_default();
    }

    /// Fills in the bounds over a box: of each axis the values from one position to another, the last included.
    pub fn fill(&mut self, range: impl Fn(usize) -> (usize, usize)) {
        for at in 0..self.steps.len() {
            let step = self.steps[at];
            let found = self.of(step, &range);
            self.known[at] = found.filter(|(low, high)| low.is_finite() && high.is_finite());
        }
    }

    /// The bounds of one of the nodes.
    pub fn get(&self, id: NodeId) -> Bounds {
        let at = self.steps.binary_search_by_key(&id, |s| s.id).ok()?;
        self.known[at]
    }

    fn of(&self, step: Step, range: &impl Fn(usize) -> (usize, usize)) -> Bounds {
        let node = self.graph.node(step.id);
        let [a, b, c] = step.operands.map(|at| self.known[at as usize]);
        match node.op {
            Op::Constant(_) | Op::Absent(_) | Op::Failed(_) => Some((node.value, node.value)),
            Op::Along(axis, list) => {
                let (from, to) = range(usize::from(axis));
                let values = &self.graph.list(list)[from..=to];
                match step.monotone {
                    true => Some(hull([values[0], values[values.len() - 1]])),
                    false => Some(hull(values.iter().copied())),
                }
            }
            Op::Unary(op, _) => unary(op, a?),
            Op::Binary(BinaryOp::And, ..) if a == Some(FALSE) || b == Some(FALSE) => Some(FALSE),
            Op::Binary(BinaryOp::Or, ..) if a == Some(TRUE) || b == Some(TRUE) => Some(TRUE),
            Op::Binary(op, ..) => binary(op, a?, b?),
            Op::Marked(..) => a,
            Op::Search(..) => None,
            Op::Select(..) => match a? {
                FALSE => c,
                (low, high) if low > 0.0 || high < 0.0 => b,
                _ => Some((b?.0.min(c?.0), b?.1.max(c?.1))),
            },
            Op::Interpolate(table, _, y) => {
                self.interpolate(table, a?, if y.is_some() { Some(b?) } else { None })
            }
        }
    }

    fn interpolate(&self, table: TableId, x: (f64, f64), y: Bounds) -> Bounds {
        let table: &Table = self.program.table(table);
        let (from, to) = knots(&table.axes[0].knots, x);
        let (width, (first, last)) = match (y, table.axes.get(1)) {
            (Some(y), Some(axis)) => (axis.knots.len(), knots(&axis.knots, y)),
            _ => (1, (0, 0)),
        };
        let rows =
            (from..=to).flat_map(|i| table.values[i * width + first..=i * width + last].iter().copied());
        let (low, high) = hull(rows);
        let slack = TABLE_SLACK * low.abs().max(high.abs());
        Some((low - slack, high + slack))
    }
}

/// The knots around a range.
fn knots(knots: &[f64], (low, high): (f64, f64)) -> (usize, usize) {
    let last = knots.len() - 1;
    (knots.partition_point(|k| *k <= low).saturating_sub(1), knots.partition_point(|k| *k <= high).min(last))
}

fn unary(op: UnaryOp, (low, high): (f64, f64)) -> Bounds {
    let rising = |f: fn(f64) -> f64| Some((f(low), f(high)));
    match op {
        UnaryOp::Negate => Some((-high, -low)),
        UnaryOp::Not => Some((1.0 - high, 1.0 - low)),
        UnaryOp::Native(index) => match NATIVES[usize::from(index)].name {
            "abs" if low >= 0.0 => Some((low, high)),
            "abs" if high <= 0.0 => Some((-high, -low)),
            "abs" => Some((0.0, high.max(-low))),
            "floor" => rising(f64::floor),
            "ceil" => rising(f64::ceil),
            "round" => rising(f64::round),
            "trunc" => rising(f64::trunc),
            "count" => Some((low, high)),
            "sqrt" if low >= 0.0 => rising(f64::sqrt),
            "cbrt" => wider(rising(libm::cbrt)),
            "exp" => wider(rising(libm::exp)),
            "ln" if low > 0.0 => wider(rising(libm::log)),
            "log2" if low > 0.0 => wider(rising(libm::log2)),
            "log10" if low > 0.0 => wider(rising(libm::log10)),
            _ => None,
        },
    }
}

fn binary(op: BinaryOp, a: (f64, f64), b: (f64, f64)) -> Bounds {
    let corners = |f: fn(f64, f64) -> f64| Some(hull([f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)]));
    let decided = |yes: bool, no: bool| match (yes, no) {
        (true, _) => Some(TRUE),
        (_, true) => Some(FALSE),
        _ => Some(EITHER),
    };
    let apart = a.1 < b.0 || b.1 < a.0;
    let same = a.0 == a.1 && a == b;
    match op {
        BinaryOp::Add => Some((a.0 + b.0, a.1 + b.1)),
        BinaryOp::Subtract => Some((a.0 - b.1, a.1 - b.0)),
        BinaryOp::Multiply => corners(|x, y| x * y),
        BinaryOp::Divide if b.0 > 0.0 || b.1 < 0.0 => corners(|x, y| x / y),
        BinaryOp::Min => Some((a.0.min(b.0), a.1.min(b.1))),
        BinaryOp::Max => Some((a.0.max(b.0), a.1.max(b.1))),
        BinaryOp::Less => decided(a.1 < b.0, a.0 >= b.1),
        BinaryOp::LessEqual => decided(a.1 <= b.0, a.0 > b.1),
        BinaryOp::Equal => decided(same, apart),
        BinaryOp::NotEqual => decided(apart, same),
        BinaryOp::And => Some((a.0.min(b.0), a.1.min(b.1))),
        BinaryOp::Or => Some((a.0.max(b.0), a.1.max(b.1))),
        // A power of positive numbers is monotone in both.
        BinaryOp::Power if a.0 > 0.0 => wider(corners(libm::pow)),
        BinaryOp::Native(index) if a.0 > 0.0 && NATIVES[usize::from(index)].name == "pow" => {
            wider(corners(libm::pow))
        }
        BinaryOp::Divide | BinaryOp::Power | BinaryOp::Native(_) => None,
    }
}

/// Bounds that hold for results that are off by their last bit.
fn wider(bounds: Bounds) -> Bounds {
    let (low, high) = bounds?;
    let off = |x: f64| x.abs() * SLACK + f64::MIN_POSITIVE;
    Some((low - off(low), high + off(high)))
}

/// The least and greatest of some values; not finite if one of them is not.
fn hull(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    values.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        if v.is_nan() {
            (f64::NAN, f64::NAN)
        } else if low.is_nan() {
            (low, high)
        } else {
            (low.min(v), high.max(v))
        }
    })
}
