//! How close are the solvers to measurements?
//!
//! ```text
//! cargo run --release --example fidelity -- serving MEASURED.csv --models models.json --systems systems.json --out pred.csv
//! cargo run --release --example fidelity -- training MEASURED.csv --systems hardware.json --out pred.csv
//! ```
//!
//! Every row goes through the solvers of the library: the rows become the axes of one sweep, compiled once. Prints the
//! score table and, with `--out`, writes the predictions. A row that cannot be expressed is counted, with the reason.

mod measured;
mod protocol;
mod score;
mod serving;
mod shapes;
mod training;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use measured::Table;
use score::Report;

#[derive(Parser)]
#[command(name = "fidelity", about = "Scores the solvers on measured rows")]
struct Arguments {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Served language models: TTFT, TPOT, throughput.
    Serving {
        measured: PathBuf,
        /// Shapes of the models, by name.
        #[arg(long)]
        models: PathBuf,
        /// Datasheets of the systems, by name.
        #[arg(long)]
        systems: PathBuf,
        /// Where the predictions go: id and one column a quantity, units in the names.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Training runs: step time, memory. The model's shape is in the row.
    Training {
        measured: PathBuf,
        /// Datasheets of the devices, by name.
        #[arg(long)]
        systems: PathBuf,
        /// Where the predictions go: id and one column a quantity, units in the names.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().kind) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("fidelity: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(kind: Kind) -> Result<(), String> {
    match kind {
        Kind::Serving { measured, models, systems, out } => {
            let table = Table::read(&measured)?;
            let report = serving::predict(&table, &measured::json(&models)?, &measured::json(&systems)?)?;
            finish(&report, out)
        }
        Kind::Training { measured, systems, out } => {
            let report = training::predict(&Table::read(&measured)?, &measured::json(&systems)?)?;
            finish(&report, out)
        }
    }
}

fn finish(report: &Report, out: Option<PathBuf>) -> Result<(), String> {
    if let Some(path) = out {
        std::fs::write(&path, report.predictions()).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    match write!(std::io::stdout(), "{report}") {
        // The reader has seen enough.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|e| e.to_string()),
    }
}
