//! The data of charts: from points, solves and sums.

mod axis;
mod bars;
mod cloud;
pub mod page;
pub mod plot;
mod raster;
mod roofline;

use crate::columns::graph::NodeId;
use crate::lower::lowerer::Stop;

/// Why there is no chart.
pub enum NoChart {
    /// A value in it is undefined.
    Undefined(NodeId),
    /// Something that has been reported.
    Reported,
}

impl From<Stop> for NoChart {
    fn from(_: Stop) -> Self {
        NoChart::Reported
    }
}
