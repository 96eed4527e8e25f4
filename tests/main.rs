//! All integration tests in one binary.

mod library;
mod seed;
mod support;
