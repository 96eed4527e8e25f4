//! Layers of different sizes: the `block_configs` of models that a search has thinned out (Puzzle, Nemotron-NAS).
//!
//! Weights and work grow with the width of a feed-forward network, so that the mean over all layers stands for them.

use crate::import::config::Config;
use crate::import::json::{Json, Kind, Object};

/// What the blocks come to.
pub struct Blocks {
    /// Layers that have attention, and the queries that share a key in each.
    pub attention: f64,
    pub queries_per_key: Option<f64>,
    /// Mean width of the feed-forward network, layers without one counting as zero.
    pub ffn: f64,
}

/// Reads the blocks; `None` where there are none.
pub fn read(config: &mut Config, hidden: f64) -> Option<Blocks> {
    let json = config.find(&["block_configs"])?;
    let blocks = json.list()?;
    let mut found = Blocks { attention: 0.0, queries_per_key: None, ffn: 0.0 };
    for block in blocks {
        let part = |name: &str| block.object().and_then(|b| b.get(name)).and_then(Json::object);
        let (Some(attention), Some(ffn)) = (part("attention"), part("ffn")) else {
            return config.wrong("block_configs", block, "is no block of `attention` and `ffn`");
        };
        if is_set(attention, "replace_with_linear") || is_set(ffn, "replace_with_linear") {
            config.unsupported(block, "blocks that are one linear layer");
            return None;
        }
        if !is_set(attention, "no_op") {
            let group = attention.get("n_heads_in_group").and_then(Json::number).filter(|n| *n >= 1.0);
            if found.queries_per_key.is_some() && found.queries_per_key != group {
                config.unsupported(block, "layers with different numbers of key-value heads");
                return None;
            }
            found.attention += 1.0;
            found.queries_per_key = group;
        }
        if !is_set(ffn, "no_op") {
            let Some(factor) = ffn.get("ffn_mult").and_then(Json::number).filter(|n| *n > 0.0) else {
                return config.wrong("block_configs", block, "comes without its `ffn_mult`");
            };
            found.ffn += width(factor, hidden);
        }
    }
    found.ffn /= blocks.len().max(1) as f64;
    Some(found)
}

fn is_set(object: &Object, key: &str) -> bool {
    matches!(object.get(key).map(|j| &j.kind), Some(Kind::Bool(true)))
}

/// Two thirds of the factor, as there are three matrices, up to the next multiple of 256.
fn width(factor: f64, hidden: f64) -> f64 {
    ((2.0 * factor * hidden / 3.0).floor() / 256.0).ceil() * 256.0
}
