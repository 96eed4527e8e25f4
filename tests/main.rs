//! All integration tests in one binary, in rooms as the sources are. `tests/README.md` says where the tests of a source
//! file are.

/// Texts: what is accepted, refused and laid out, and what sweeps and `sensitivity` compute.
mod language {
    mod codes;
    mod diagnostics;
    mod format;
    mod independent;
    mod infeasible;
    mod ranges;
    mod sensitivity;
    mod sweeps;
}

/// Solvers and models of the library against published numbers.
mod solvers {
    pub mod models;
    mod overload;
    mod roofline;
    mod scenarios;
    mod serving;
    mod training;
    mod training_grid;
}

/// Which change of an input makes an assertion hold, or fail.
mod whatif {
    mod failing;
    mod margins;
    mod suggest;
}

/// Where values come from.
mod explain {
    pub mod calculator;
    mod derivations;
    mod trees;
}

/// One run in every format.
mod reports {
    mod contract;
    mod formats;
    mod human;
    mod pages;
    mod plots;
}

/// The program `mlsys`, one command a file.
mod cli {
    mod commands;
    mod diff;
    mod export;
    pub mod golden;
    mod init;
    mod several;
    mod targets;
    mod watch;
}

/// The library as a whole, what `import` adds to it, and the functions for Rust programs.
mod library {
    mod facade;
    mod fitting;
    mod import;
    mod served;
    mod whole;
}

/// Enormous, hostile and random input.
mod robustness {
    mod limits;
    mod mutations;
    mod properties;
}

/// The repository: the order of the rooms, the book, the workflows.
mod house {
    mod book;
    pub mod layers;
    mod workflows;
}

mod support;
