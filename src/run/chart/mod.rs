//! The data of charts: from points, solves and sums.

pub mod plot;
pub mod raster;
