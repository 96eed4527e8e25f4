//! All integration tests in one binary.

mod seed;
mod support;
