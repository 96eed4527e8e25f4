//! The command line: one file a command. Results go to standard output, diagnostics to standard error.

mod check;
mod completions;
mod csv;
mod diff;
mod explain;
mod figures;
mod fix;
mod fmt;
mod git;
mod import;
mod init;
mod list;
mod output;
#[cfg(feature = "parquet")]
mod parquet;
mod progress;
mod report;
mod run;
mod tables;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::disk::Disk;

/// Check ML hardware plans: models, hardware and systems with real units, solved and asserted.
#[derive(Parser)]
#[command(name = "mlsys", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    /// Read the library from this folder instead of the one built in: to try a changed equation without building
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    library: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Explain(explain::Explain),
    Diff(diff::Diff),
    Check(check::Check),
    Fmt(fmt::Fmt),
    List(list::List),
    Import(import::Import),
    Init(init::Init),
    Completions(completions::Completions),
}

/// Parses the arguments and runs the command. Exit codes: 0 all holds, 1 an assertion failed, 2 the input is invalid,
/// 130 interrupted.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let disk = match cli.library.as_deref().map_or_else(|| Ok(Disk::default()), Disk::with_library) {
        Ok(disk) => disk,
        Err(message) => {
            output::complain(&format!("error: {message}\n"));
            return ExitCode::from(2);
        }
    };
    let code = match cli.command {
        Command::Run(command) => command.execute(&disk),
        Command::Explain(command) => command.execute(&disk),
        Command::Diff(command) => command.execute(&disk),
        Command::Check(command) => command.execute(&disk),
        Command::Fmt(command) => command.execute(&disk),
        Command::List(command) => command.execute(&disk),
        Command::Import(command) => command.execute(&disk),
        Command::Init(command) => command.execute(),
        Command::Completions(command) => command.execute(),
    };
    ExitCode::from(code)
}
