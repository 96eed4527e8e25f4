//! Sweeps and what is asked of their points.

mod aggregate;
mod point;
mod query;
mod sweep;
