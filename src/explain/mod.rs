//! Why a value is what it is, from the structure of its equations.

pub mod terms;
