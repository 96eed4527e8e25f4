//! Units: algebra, reading, showing.
