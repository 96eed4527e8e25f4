//! Random graphs over random axes: every point of a scan has the bits of the same operations run for it alone.

use proptest::prelude::*;

use crate::columns::graph::{BinaryOp, Graph, NodeId, Op};
use crate::columns::random_graph::{Recipe, build, lengths, program, recipes, values};
use crate::columns::scan::Scan;
use crate::columns::scan::count::Tally;
use crate::columns::scan::observer::Shard;

/// A condition on the points: some node compared with another.
fn condition(graph: &mut Graph<'static>, nodes: &[NodeId], (a, b): (usize, usize)) -> NodeId {
    let (a, b) = (nodes[a % nodes.len()], nodes[b % nodes.len()]);
    graph.push(Op::Binary(BinaryOp::LessEqual, a, b), None, None, &program())
}

#[derive(Clone)]
struct Case {
    lengths: Vec<usize>,
    recipes: Vec<Recipe>,
    member: Option<(usize, usize)>,
    roots: Vec<usize>,
    shard: Option<Shard>,
}

/// The bits of a number. No number is no number, whatever its sign.
fn bits(x: f64) -> u64 {
    if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() }
}

/// Points in the order visited, with the bits of the roots; and the first that are not decided, by stretch.
fn scanned(case: &Case) -> (Vec<(u64, Vec<u64>)>, Vec<u64>) {
    let mut graph = Graph::default();
    graph.watch.shard = case.shard;
    let lengths = case.lengths.clone();
    let nodes = build(&mut graph, &case.recipes, |graph, seed| {
        let axis = seed % lengths.len();
        Op::Along(axis as u8, graph.add_list(values(lengths[axis], seed)))
    });
    let member = case.member.map(|which| condition(&mut graph, &nodes, which));
    let roots: Vec<NodeId> = case.roots.iter().map(|r| nodes[r % nodes.len()]).collect();
    let program = program();
    let scan = Scan::new(&graph, &program, &lengths, member, &roots);
    let parts = scan.run(
        || (vec![], vec![]),
        |(points, undecided): &mut (Vec<(u64, Vec<u64>)>, Vec<u64>), block| {
            undecided.extend(block.undecided);
            for lane in 0..block.len() {
                let bits = (0..roots.len()).map(|r| bits(block.column(r)[lane])).collect();
                points.push((block.point(lane), bits));
            }
        },
    );
    parts.into_iter().fold((vec![], vec![]), |mut all, part| {
        all.0.extend(part.0);
        all.1.extend(part.1);
        all
    })
}

/// The same, each point alone at width 1.
fn alone(case: &Case) -> (Vec<(u64, Vec<u64>)>, Vec<u64>) {
    let points = Scan::points(&case.lengths);
    let (from, to) = case.shard.map_or((0, points), |s| s.range(points));
    let (mut found, mut undecided) = (vec![], vec![]);
    for point in from..to {
        let setting = Scan::setting(&case.lengths, point);
        let mut graph = Graph::default();
        let nodes = build(&mut graph, &case.recipes, |_, seed| {
            let axis = seed % case.lengths.len();
            Op::Constant(values(case.lengths[axis], seed)[setting[axis]].to_bits())
        });
        let member = case.member.map_or(1.0, |which| {
            let id = condition(&mut graph, &nodes, which);
            graph.value(id)
        });
        if member == 1.0 {
            let bits = case.roots.iter().map(|r| graph.value(nodes[r % nodes.len()])).map(bits).collect();
            found.push((point, bits));
        } else if member.is_nan() {
            undecided.push(point);
        }
    }
    (found, undecided)
}

/// A tally, by bounds and blocks.
fn tallied(case: &Case, which: (usize, usize)) -> Tally {
    let mut graph = Graph::default();
    graph.watch.shard = case.shard;
    let lengths = case.lengths.clone();
    let nodes = build(&mut graph, &case.recipes, |graph, seed| {
        let axis = seed % lengths.len();
        Op::Along(axis as u8, graph.add_list(values(lengths[axis], seed)))
    });
    let member = case.member.map(|which| condition(&mut graph, &nodes, which));
    let asked = condition(&mut graph, &nodes, which);
    Tally::of(&graph, &program(), &lengths, member, Some(asked))
}

/// The same, counted one by one.
fn counted(case: &Case, (a, b): (usize, usize)) -> Tally {
    let count = case.recipes.len();
    let case = Case { roots: vec![a % count, b % count], ..case.clone() };
    let (found, undecided) = alone(&case);
    let mut tally = Tally::default();
    let mut poisoned: Vec<u64> = undecided;
    for (point, bits) in found {
        let (a, b) = (f64::from_bits(bits[0]), f64::from_bits(bits[1]));
        tally.points += 1;
        if a.is_nan() || b.is_nan() {
            poisoned.push(point);
        } else if a <= b {
            tally.first_holding.get_or_insert(point);
        } else {
            tally.failing += 1;
            tally.first_failing.get_or_insert(point);
        }
    }
    tally.poisoned = poisoned.into_iter().min();
    tally
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn scan_has_the_bits_of_each_point_alone(
        lengths in lengths(),
        recipes in recipes(),
        member in prop::option::of((0..1000usize, 0..1000usize)),
        roots in prop::collection::vec(0..1000usize, 0..4),
        shard in prop::option::of((1..5u64, 1..5u64)),
    ) {
        let shard = shard.map(|(a, b)| Shard { index: a.min(b), count: a.max(b) });
        let case = Case { lengths, recipes, member, roots, shard };
        let (found, undecided) = scanned(&case);
        let (expected, all_undecided) = alone(&case);
        prop_assert_eq!(found, expected);
        prop_assert_eq!(undecided.first(), all_undecided.first());
        prop_assert!(undecided.iter().all(|u| all_undecided.contains(u)));
    }

    #[test]
    fn tally_is_what_counting_gives(
        lengths in lengths(),
        recipes in recipes(),
        member in prop::option::of((0..1000usize, 0..1000usize)),
        which in (0..1000usize, 0..1000usize),
        shard in prop::option::of((1..5u64, 1..5u64)),
    ) {
        let shard = shard.map(|(a, b)| Shard { index: a.min(b), count: a.max(b) });
        let case = Case { lengths, recipes, member, roots: vec![], shard };
        prop_assert_eq!(tallied(&case, which), counted(&case, which));
    }
}

#[test]
fn shards_are_all_points_once() {
    for points in [0, 1, 5, 16, 1_000_003, 1 << 48] {
        for count in [1, 2, 7, 16, 1000] {
            let mut at = 0;
            for index in 1..=count {
                let (from, to) = Shard { index, count }.range(points);
                assert_eq!(from, at);
                at = to;
            }
            assert_eq!(at, points);
        }
    }
}
