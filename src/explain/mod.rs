//! Why a value is what it is, from the structure of its equations.

pub mod derivation;
pub mod page;
pub mod provenance;
pub mod question;
pub mod read;
pub mod reason;
pub mod terms;
pub mod wholes;
