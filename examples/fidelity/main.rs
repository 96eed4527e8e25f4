//! How close are the solvers to measurements?
//!
//! ```text
//! cargo run --release --example fidelity -- serving MEASURED.csv --models models.json --systems systems.json --out pred.csv
//! cargo run --release --example fidelity -- training MEASURED.csv --systems hardware.json --out pred.csv
//! ```
//!
//! Every row goes through the solvers of the library: the rows become the axes of a sweep, compiled once. Prints the
//! score table and, with `--out`, writes the predictions. A row that cannot be expressed is counted, with the reason.
//! `--trials TRIALS.csv` tries other constants than the library's: `scripts/fit_*.py` fit them that way.

mod measured;
mod protocol;
mod score;
mod serving;
mod shapes;
mod training;
mod trials;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use measured::Table;
use score::Report;
use trials::Trials;

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
        /// Shapes of the models, by name.
        #[arg(long)]
        models: PathBuf,
        #[command(flatten)]
        files: Files,
    },
    /// Training runs: step time, memory. The model's shape is in the row.
    Training {
        #[command(flatten)]
        files: Files,
    },
}

#[derive(clap::Args)]
struct Files {
    measured: PathBuf,
    /// Datasheets of the systems or devices, by name.
    #[arg(long)]
    systems: PathBuf,
    /// Constants to try in place of the library's: headings like `vllm.host_step [ms]`, a line a trial.
    #[arg(long)]
    trials: Option<PathBuf>,
    /// Where the predictions go: trial, id and one column a quantity, units in the names.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Files {
    fn trials(&self, known: impl Fn(&str) -> bool) -> Result<Trials, String> {
        self.trials.as_ref().map_or(Ok(Trials::none()), |path| Trials::read(path, known))
    }
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
        Kind::Serving { models, files } => {
            let (models, systems) = (measured::json(&models)?, measured::json(&files.systems)?);
            let trials = files.trials(serving::is_calibration)?;
            finish(&serving::predict(&Table::read(&files.measured)?, &models, &systems, &trials)?, files.out)
        }
        Kind::Training { files } => {
            let systems = measured::json(&files.systems)?;
            let trials = files.trials(training::is_calibration)?;
            finish(&training::predict(&Table::read(&files.measured)?, &systems, &trials)?, files.out)
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
