//! Random graphs over random boxes: no kernel gives a value that lies outside its bounds.

use proptest::prelude::*;

use crate::columns::bounds::Intervals;
use crate::columns::bounds::interval::Interval;
use crate::columns::graph::{Graph, NodeId, Op};
use crate::columns::random_graph::{build, program, recipes, values};

/// Of one axis: how many values it has, and the first and last one in the box.
type Extent = (usize, usize, usize);

fn extents() -> impl Strategy<Value = Vec<Extent>> {
    let extent = (1..24usize, any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
        |(length, from, to)| {
            let (from, to) = (from.index(length), to.index(length));
            (length, from.min(to), from.max(to))
        },
    );
    prop::collection::vec(extent, 1..4)
}

fn contains(bounds: Interval, value: f64) -> bool {
    match value.is_nan() {
        true => bounds.everywhere().is_none(),
        false => bounds.anywhere().is_some_and(|(low, high)| low <= value && value <= high),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn bounds_hold_what_kernels_give(
        extents in extents(),
        recipes in recipes(),
        points in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 3), 24),
    ) {
        let program = program();
        let lengths: Vec<usize> = extents.iter().map(|(length, ..)| *length).collect();
        let mut graph = Graph::default();
        let nodes = build(&mut graph, &recipes, |graph, seed| {
            let axis = seed % lengths.len();
            Op::Along(axis as u8, graph.add_list(values(lengths[axis], seed)))
        });
        let all: Vec<NodeId> = graph.ids().collect();
        let mut intervals = Intervals::new(&graph, &program, &all, &lengths);
        intervals.fill(|axis| (extents[axis].1, extents[axis].2));
        let whole: Vec<Interval> = nodes.iter().map(|id| intervals.get(*id)).collect();
        intervals.fill_apart(|axis| (extents[axis].1, extents[axis].2));
        let apart: Vec<Interval> = nodes.iter().map(|id| intervals.get(*id)).collect();
        for point in points {
            let setting: Vec<usize> = extents
                .iter()
                .zip(&point)
                .map(|((_, from, to), index)| from + index.index(to - from + 1))
                .collect();
            let mut alone = Graph::default();
            let own = build(&mut alone, &recipes, |_, seed| {
                let axis = seed % lengths.len();
                Op::Constant(values(lengths[axis], seed)[setting[axis]].to_bits())
            });
            for (at, id) in own.iter().enumerate() {
                let value = alone.value(*id);
                for (bounds, which) in [(whole[at], "whole"), (apart[at], "apart")] {
                    prop_assert!(
                        contains(bounds, value),
                        "{value} at {setting:?} is outside of {bounds:?} ({which}): {:?}",
                        graph.node(nodes[at]).op
                    );
                }
            }
        }
    }
}
