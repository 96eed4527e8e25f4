//! A lowered file as a listing: each node with the expression it came from, and what becomes of it.

pub mod collect;
pub mod origin;
