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

    /// The engine of a run as the language writes it.
    pub fn engine(&self, engine: &str, run: Row) -> String {
        let Some(rule) = self.0.rows().filter(|rule| matches(*rule, run)).last() else {
            return engine.into();
        };
        let number = |column: &str, usual: f64| rule.number(column).unwrap_or(usual);
        let (poll, wait) = (number("poll_interval", 1.0), number("batch_wait", 0.0));
        format!("{engine} {{ poll_interval: {poll}, batch_wait: {wait} }}")
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
