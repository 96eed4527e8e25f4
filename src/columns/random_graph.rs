//! Random graphs over random axes, for tests.

use proptest::prelude::*;

use crate::check::program::{Program, Table, TableAxis, TableId, Type};
use crate::columns::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp};
use crate::native::table::find;
use crate::source::{FileId, Span};

/// How a node is made: an operation, and which of the nodes before it are its operands.
pub type Recipe = (u8, usize, usize, usize);

const NUMBERS: &[f64] = &[0.0, 1.0, -1.0, 2.0, 0.5, 3.7, -8.25, 1e300, 1e-300, 1e9];

/// Builds the nodes of some recipes. `axis` says what stands for the values of an axis.
pub fn build(
    graph: &mut Graph<'static>,
    recipes: &[Recipe],
    mut axis: impl FnMut(&mut Graph<'static>, usize) -> Op,
) -> Vec<NodeId> {
    let program = program();
    let mut nodes: Vec<NodeId> = vec![];
    for (at, (kind, a, b, c)) in recipes.iter().enumerate() {
        let pick = |index: usize| nodes[index % at.max(1)];
        let native = |name: &str| find(name).expect("a native") as u16;
        let op = match kind % 36 {
            _ if at == 0 => Op::Constant(NUMBERS[a % NUMBERS.len()].to_bits()),
            0 | 1 => Op::Constant(NUMBERS[a % NUMBERS.len()].to_bits()),
            2..=5 => axis(graph, *a),
            6 => Op::Unary(UnaryOp::Negate, pick(*a)),
            7 => Op::Unary(UnaryOp::Native(native("sqrt")), pick(*a)),
            8 => Op::Unary(UnaryOp::Native(native("ln")), pick(*a)),
            9 | 10 => Op::Binary(BinaryOp::Add, pick(*a), pick(*b)),
            11 => Op::Binary(BinaryOp::Subtract, pick(*a), pick(*b)),
            12 | 13 => Op::Binary(BinaryOp::Multiply, pick(*a), pick(*b)),
            14 => Op::Binary(BinaryOp::Divide, pick(*a), pick(*b)),
            15 => Op::Binary(BinaryOp::Power, pick(*a), pick(*b)),
            16 => Op::Binary(BinaryOp::Min, pick(*a), pick(*b)),
            17 => Op::Binary(BinaryOp::Max, pick(*a), pick(*b)),
            18 => Op::Binary(BinaryOp::Less, pick(*a), pick(*b)),
            19 => {
                let left = graph.push(Op::Binary(BinaryOp::Less, pick(*a), pick(*b)), None, None, &program);
                let right =
                    graph.push(Op::Binary(BinaryOp::LessEqual, pick(*b), pick(*c)), None, None, &program);
                Op::Binary(BinaryOp::And, left, right)
            }
            20 => Op::Failed(*a as u32 % 3),
            24..=29 => {
                let names =
                    ["abs", "floor", "round", "cbrt", "exp", "log2", "log10", "sign", "trunc", "ceil"];
                Op::Unary(UnaryOp::Native(native(names[b % names.len()])), pick(*a))
            }
            30 => Op::Binary(BinaryOp::Equal, pick(*a), pick(*b)),
            31 => Op::Binary(BinaryOp::Native(native("pow")), pick(*a), pick(*b)),
            32 => Op::Interpolate(TableId(0), pick(*a), None),
            33 => Op::Interpolate(TableId(1), pick(*a), Some(pick(*b))),
            34 => {
                let left =
                    graph.push(Op::Binary(BinaryOp::NotEqual, pick(*a), pick(*b)), None, None, &program);
                let right = graph.push(Op::Binary(BinaryOp::Less, pick(*b), pick(*c)), None, None, &program);
                let either = graph.push(Op::Binary(BinaryOp::Or, left, right), None, None, &program);
                Op::Unary(UnaryOp::Not, either)
            }
            _ => {
                let condition =
                    graph.push(Op::Binary(BinaryOp::LessEqual, pick(*a), pick(*b)), None, None, &program);
                Op::Select(condition, pick(*b), pick(*c))
            }
        };
        nodes.push(graph.push(op, None, None, &program));
    }
    nodes
}

/// The values of an axis: some numbers, the seed choosing which.
pub fn values(length: usize, seed: usize) -> Vec<f64> {
    (0..length).map(|i| NUMBERS[(i * 7 + seed) % NUMBERS.len()] + (i / NUMBERS.len()) as f64).collect()
}

pub fn recipes() -> impl Strategy<Value = Vec<Recipe>> {
    prop::collection::vec((any::<u8>(), 0..1000usize, 0..1000usize, 0..1000usize), 4..60)
}

pub fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        prop::collection::vec(1..7usize, 1..5),
        // Longer than a block, at every place.
        (1..4usize, 1..1500usize, 1..4usize).prop_map(|(a, b, c)| vec![a, b, c]),
        (1..2500usize).prop_map(|a| vec![a]),
        (1..1300usize, 1..5usize).prop_map(|(a, b)| vec![a, b]),
        (1..5usize, 1..3usize, 1..1300usize).prop_map(|(a, b, c)| vec![a, b, c]),
    ]
}

/// A program with two tables: of one axis between logarithms, and of two.
pub fn program() -> Program {
    let axis = |log: bool, knots: &[f64]| TableAxis {
        name: "axis".into(),
        ty: Type::Bool,
        log,
        knots: knots.to_vec(),
    };
    let table = |axes: Vec<TableAxis>, log_result: bool, values: &[f64]| Table {
        name: "table".into(),
        doc: "".into(),
        span: Span { file: FileId(0), start: 0, end: 0 },
        axes,
        result: Type::Bool,
        log_result,
        values: values.to_vec(),
    };
    let one = table(vec![axis(true, &[0.1, 1.0, 5.0, 1e9])], true, &[1e-200, 3.0, 2.0, 1e250]);
    let two = vec![axis(false, &[-2.0, 0.0, 3.0]), axis(true, &[0.5, 4.0])];
    let two = table(two, false, &[1.0, -7.25, 0.3, 11.0, -0.1, 1e3]);
    Program { tables: vec![one, two], ..Program::default() }
}
