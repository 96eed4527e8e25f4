//! Why a value is what it is, from the structure of its equations; and what would make an assertion hold.

pub mod alternatives;
pub mod asked;
mod claim;
pub mod derivation;
pub mod difference;
mod hunt;
mod items;
mod limit;
mod opened;
mod operands;
pub mod page;
mod parts;
pub mod passing;
mod points;
mod provenance;
mod reason;
mod search;
mod steps;
pub mod suggestion;
mod tables;
pub mod terms;
mod text;
mod whole;
