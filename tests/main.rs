//! All integration tests in one binary.

mod facade;
mod library;
mod seed;
mod support;
