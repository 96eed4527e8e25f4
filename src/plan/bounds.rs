//! Which nodes are finite at every point of a sweep, shown by interval arithmetic from the values of the axes.
//!
//! Those run through kernels that need not look for poison. Nothing else depends on it: what cannot be shown is tested.

use super::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp};

/// The least and greatest value of a node over all points; `None` where it may not be finite.
pub type Bounds = Option<(f64, f64)>;

/// The bounds of `nodes`, which are in order of evaluation. Answers a list by node index.
pub fn bounds(graph: &Graph, nodes: &[NodeId]) -> Vec<Bounds> {
    let mut known: Vec<Bounds> = vec![None; graph.len()];
    for id in nodes {
        known[id.index()] = of(graph, &known, *id).filter(|(low, high)| low.is_finite() && high.is_finite());
    }
    known
}

fn of(graph: &Graph, known: &[Bounds], id: NodeId) -> Bounds {
    let at = |id: NodeId| known[id.index()];
    match graph.node(id).op {
        Op::Constant(bits) => Some((f64::from_bits(bits), f64::from_bits(bits))),
        Op::Along(_, list) => {
            let values = graph.list(list);
            // A NaN would not show in minimum and maximum.
            let finite = values.iter().all(|v| v.is_finite());
            finite.then(|| hull(values.iter().copied()))
        }
        Op::Unary(UnaryOp::Negate, a) => at(a).map(|(low, high)| (-high, -low)),
        Op::Unary(UnaryOp::Not, a) => at(a).map(|(low, high)| (1.0 - high, 1.0 - low)),
        Op::Unary(UnaryOp::Native(_), _) => None,
        Op::Binary(op, a, b) => binary(op, at(a)?, at(b)?),
        Op::Select(c, a, b) => {
            at(c)?;
            let (a, b) = (at(a)?, at(b)?);
            Some((a.0.min(b.0), a.1.max(b.1)))
        }
        Op::Interpolate(..) | Op::Absent(_) | Op::Failed(_) => None,
    }
}

fn binary(op: BinaryOp, a: (f64, f64), b: (f64, f64)) -> Bounds {
    let corners = |f: fn(f64, f64) -> f64| Some(hull([f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)]));
    match op {
        BinaryOp::Add => Some((a.0 + b.0, a.1 + b.1)),
        BinaryOp::Subtract => Some((a.0 - b.1, a.1 - b.0)),
        BinaryOp::Multiply => corners(|x, y| x * y),
        BinaryOp::Divide if b.0 > 0.0 || b.1 < 0.0 => corners(|x, y| x / y),
        BinaryOp::Min => Some((a.0.min(b.0), a.1.min(b.1))),
        BinaryOp::Max => Some((a.0.max(b.0), a.1.max(b.1))),
        BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::And
        | BinaryOp::Or => Some((0.0, 1.0)),
        // A power of positive numbers is monotone in both.
        BinaryOp::Power if a.0 > 0.0 => corners(libm::pow),
        BinaryOp::Divide | BinaryOp::Power | BinaryOp::Native(_) => None,
    }
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
