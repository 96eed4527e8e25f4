//! What a benchmark's published scripts set of a scheduler, and the rows do not say.
//!
//! InferenceX runs SGLang on Blackwell with `--scheduler-recv-interval` 10, and 30 from 16 requests in flight; its runs of
//! Llama 3.1 70B on TensorRT-LLM hold prompts back (`batch_wait_timeout_iters`). Source: `benchmarks/` of
//! github.com/SemiAnalysisAI/InferenceX, September 2025 to April 2026.

use std::path::PathBuf;

use crate::measured::{Row, Table};

/// Of a table whose rows each match some runs; the last one that matches counts.
pub struct Rules(Table);

impl Rules {
    pub fn read() -> Result<Rules, String> {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/serving/protocol.csv"));
        Table::read(&path).map(Rules)
    }

    /// What an engine's `poll_interval` and `batch_wait` were in a run.
    pub fn scheduler(&self, run: Row) -> (f64, f64) {
        let rule = self.0.rows().filter(|rule| matches(*rule, run)).last();
        let number = |column: &str, usual: f64| rule.and_then(|r| r.number(column)).unwrap_or(usual);
        (number("poll_interval", 1.0), number("batch_wait", 0.0))
    }
}

/// An empty cell matches everything; models and systems match by how their names begin.
fn matches(rule: Row, run: Row) -> bool {
    let begins = |column: &str| run.text(column).starts_with(rule.text(column));
    let same = |column: &str| rule.text(column).is_empty() || rule.text(column) == run.text(column);
    let below = rule.number("tp_below").is_none_or(|bound| run.number("tp").unwrap_or(1.0) < bound);
    let crowded = run.number("concurrency").unwrap_or(0.0) >= rule.number("concurrency_from").unwrap_or(0.0);
    let named = ["model", "system"].into_iter().all(begins);
    named && ["suite", "engine", "precision", "isl", "osl"].into_iter().all(same) && below && crowded
}
