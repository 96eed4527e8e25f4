//! `mlsys completions`: a completion script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::output::print;

/// Print a completion script for a shell
#[derive(Args)]
pub struct Completions {
    /// The shell to complete for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub fn execute(self) -> u8 {
        let mut script = vec![];
        clap_complete::generate(self.shell, &mut crate::cli::Cli::command(), "mlsys", &mut script);
        print(&String::from_utf8_lossy(&script));
        0
    }
}
