//! Native functions: leftmost, because the checker must know which exist and the engine must run them.

pub mod decimal;
pub mod list;
mod queue;
pub mod table;
