//! The `mlsys` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mlsys::cli::main()
}
