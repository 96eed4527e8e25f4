//! What an equation reads, unfolded: operands, list items, points, iterations, tables.

pub mod grid_points;
pub mod iteration;
pub mod list_items;
pub mod operands;
pub mod table_knots;
