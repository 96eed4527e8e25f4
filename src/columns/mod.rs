//! Columns: a flat list of operations over them, and everything that computes one.
//!
//! Takes a graph and the points of a sweep, gives values: by evaluation in blocks, by bounds, by bisection. It knows
//! nothing of records, solves or statements.

pub mod bisect;
pub mod bounds;
pub mod graph;
pub mod kernel;
pub mod scan;

#[cfg(test)]
mod random_graph;
