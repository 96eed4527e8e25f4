//! Sweeps while a program is lowered: axes, points, and what is asked of all points.

pub mod axes;
pub mod feasible_points;
pub mod fold;
pub mod optimize;
pub mod percentile;
pub mod pick;
pub mod query;
pub mod sweep;
