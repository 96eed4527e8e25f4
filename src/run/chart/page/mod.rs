//! Charts of a page that no `plot` asks for.

pub mod frontiers;
pub mod rooflines;
pub mod sums;
