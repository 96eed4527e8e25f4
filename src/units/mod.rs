//! Dimensions, units, prefixes; reading and showing quantities. No unit is named in Rust: `src/std/units.mls` has them.

pub mod declare;
pub mod dimension;
mod display;
mod prefix;
pub mod registry;
