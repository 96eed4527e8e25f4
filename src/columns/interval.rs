//! What a node can be over a part of the points of a sweep: interval arithmetic that knows comparisons and poison.
//!
//! Rounding is monotone for the four operations, so corners bound them; other functions are widened a little.

use crate::columns::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp};
use crate::native::table::NATIVES;

/// The values that a node may have where it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interval {
    /// Undefined everywhere: a `require` fails, a value is absent.
    Never,
    Between(f64, f64),
}

pub const ANY: Interval = Interval::Between(f64::NEG_INFINITY, f64::INFINITY);

/// Rows of the joined axes: from, and up to but not including.
pub type Part = Vec<(usize, usize)>;

impl Interval {
    /// False everywhere, or undefined.
    pub fn never_holds(self) -> bool {
        matches!(self, Interval::Never | Interval::Between(_, 0.0))
    }
}

/// The intervals of `nodes`, which are in order of evaluation, over a part; `found` is by node index.
pub fn intervals(graph: &Graph, nodes: &[NodeId], part: &Part, found: &mut [Interval]) {
    for id in nodes {
        found[id.index()] = of(graph, found, part, *id);
    }
}

fn of(graph: &Graph, found: &[Interval], part: &Part, id: NodeId) -> Interval {
    let node = graph.node(id);
    if node.axes == 0 {
        return if node.value.is_nan() { Interval::Never } else { Interval::Between(node.value, node.value) };
    }
    let at = |id: NodeId| found[id.index()];
    match node.op {
        Op::Along(axis, list) => {
            let (from, to) = part[usize::from(axis)];
            let known = graph.list(list)[from..to].iter().filter(|v| !v.is_nan());
            known.fold(Interval::Never, |all, v| hull(all, Interval::Between(*v, *v)))
        }
        Op::Unary(op, a) => match at(a) {
            Interval::Never => Interval::Never,
            Interval::Between(low, high) => unary(op, low, high),
        },
        Op::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => logic(op, at(a), at(b)),
        Op::Binary(op, a, b) => match (at(a), at(b)) {
            (Interval::Between(a, b), Interval::Between(c, d)) => binary(op, (a, b), (c, d)),
            _ => Interval::Never,
        },
        Op::Select(c, a, b) => match at(c) {
            Interval::Never => Interval::Never,
            Interval::Between(0.0, 0.0) => at(b),
            Interval::Between(low, _) if low > 0.0 => at(a),
            _ => hull(at(a), at(b)),
        },
        Op::Marked(a, _) => at(a),
        Op::Interpolate(..) | Op::Search(..) => ANY,
        Op::Constant(_) | Op::Absent(_) | Op::Failed(_) => Interval::Never,
    }
}

fn hull(a: Interval, b: Interval) -> Interval {
    match (a, b) {
        (Interval::Never, other) | (other, Interval::Never) => other,
        (Interval::Between(a, b), Interval::Between(c, d)) => Interval::Between(a.min(c), b.max(d)),
    }
}

/// Rising functions, by name; others are not bounded.
fn unary(op: UnaryOp, low: f64, high: f64) -> Interval {
    match op {
        UnaryOp::Negate => Interval::Between(-high, -low),
        UnaryOp::Not => Interval::Between(1.0 - high, 1.0 - low),
        UnaryOp::Native(index) => {
            let native = &NATIVES[usize::from(index)];
            let crate::native::table::Kernel::Unary(f) = native.kernel else { return ANY };
            match native.name {
                "floor" | "ceil" | "round" | "trunc" | "count" => Interval::Between(f(low), f(high)),
                "exp" | "cbrt" => widened(f(low), f(high)),
                "sqrt" | "ln" | "log2" | "log10" if low > 0.0 => widened(f(low), f(high)),
                "abs" if low >= 0.0 => Interval::Between(low, high),
                "abs" => Interval::Between(0.0, high.max(-low)),
                _ => ANY,
            }
        }
    }
}

/// Room for a last bit that is off.
fn widened(low: f64, high: f64) -> Interval {
    if low.is_nan() || high.is_nan() {
        return ANY;
    }
    Interval::Between(low - low.abs() * 1e-12, high + high.abs() * 1e-12)
}

fn logic(op: BinaryOp, a: Interval, b: Interval) -> Interval {
    let decisive = if op == BinaryOp::And { 0.0 } else { 1.0 };
    let decided = Interval::Between(decisive, decisive);
    // One side is enough; the other may then be undefined.
    if a == decided || b == decided {
        return decided;
    }
    match (a, b) {
        (Interval::Between(a, b), Interval::Between(c, d)) if op == BinaryOp::And => {
            Interval::Between(a.min(c), b.min(d))
        }
        (Interval::Between(a, b), Interval::Between(c, d)) => Interval::Between(a.max(c), b.max(d)),
        _ => Interval::Between(0.0, 1.0),
    }
}

fn binary(op: BinaryOp, (a, b): (f64, f64), (c, d): (f64, f64)) -> Interval {
    let truth = |always: bool, never: bool| match (always, never) {
        (true, _) => Interval::Between(1.0, 1.0),
        (_, true) => Interval::Between(0.0, 0.0),
        _ => Interval::Between(0.0, 1.0),
    };
    match op {
        BinaryOp::Add => corners(&[a + c, b + d]),
        BinaryOp::Subtract => corners(&[a - d, b - c]),
        BinaryOp::Multiply => corners(&[a * c, a * d, b * c, b * d]),
        BinaryOp::Divide if c > 0.0 || d < 0.0 => corners(&[a / c, a / d, b / c, b / d]),
        BinaryOp::Power if a > 0.0 => {
            let powers = [libm::pow(a, c), libm::pow(a, d), libm::pow(b, c), libm::pow(b, d)];
            match corners(&powers) {
                Interval::Between(low, high) => widened(low, high),
                Interval::Never => ANY,
            }
        }
        BinaryOp::Min => Interval::Between(a.min(c), b.min(d)),
        BinaryOp::Max => Interval::Between(a.max(c), b.max(d)),
        BinaryOp::Less => truth(b < c, a >= d),
        BinaryOp::LessEqual => truth(b <= c, a > d),
        BinaryOp::Equal => truth(a == b && b == c && c == d, b < c || d < a),
        BinaryOp::NotEqual => truth(b < c || d < a, a == b && b == c && c == d),
        _ => ANY,
    }
}

fn corners(values: &[f64]) -> Interval {
    if values.iter().any(|v| v.is_nan()) {
        return ANY;
    }
    let fold = |f: fn(f64, f64) -> f64| values.iter().copied().reduce(f).unwrap_or(f64::NAN);
    Interval::Between(fold(f64::min), fold(f64::max))
}
