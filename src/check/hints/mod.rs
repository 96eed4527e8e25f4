//! Guesses at what was meant where a name or a value does not fit.

pub mod idle;
pub mod misfits;
pub mod missing_names;
pub mod unitless_lets;
