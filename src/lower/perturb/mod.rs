//! Inputs opened for a change: found, put on axes of their own, and what other values of them give.

pub mod input;
pub mod lanes;
pub mod opening;
pub mod probe;
pub mod sensitivity;
pub mod slope;
