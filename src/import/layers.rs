//! Which layers are of which kind. Only the numbers are kept: a `Model` does not say in which order they come.

use crate::import::blocks;
use crate::import::config::Config;
use crate::import::family::{Experts, Family, Mixer, Window};
use crate::import::json::{Json, Kind};
use crate::import::shape::LAYER_KEYS;

/// Layers by what they do. In most architectures each has a mixer and a feed-forward network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers {
    /// Attention over the whole context.
    pub attention: f64,
    /// Attention over a window.
    pub window: f64,
    pub linear: f64,
    pub mamba: f64,
    /// Layers with experts, and layers with a dense network.
    pub experts: f64,
    pub dense: f64,
    /// Mixers and feed-forward networks alternate: each layer is one of them.
    pub alternating: bool,
}

/// How many layers there are: as stated, or as many as their list names.
pub fn count(config: &mut Config, family: &Family) -> f64 {
    if family.experts == Experts::Shortcut {
        return 2.0 * config.need("layers", &["num_layers"]);
    }
    let listed = config.find(LISTS).and_then(Json::list).map(|list| list.len() as f64);
    match listed.filter(|_| config.find(LAYER_KEYS).is_none()) {
        Some(layers) => layers,
        None => config.need("layers", LAYER_KEYS),
    }
}

const LISTS: &[&str] = &["layer_types", "layers_block_type"];

/// Counts the mixers of `layers` layers. A window that the context never fills is none.
pub fn mixers(config: &mut Config, family: &Family, layers: f64, hidden: f64) -> Layers {
    let mut found = kinds(config, family, layers, hidden);
    let size = config.some(&["sliding_window", "sliding_window_size", "window_size"]);
    let context = config.some(&["max_position_embeddings"]);
    let own_heads = config.find(&["swa_num_key_value_heads", "global_head_dim"]).is_some();
    if let (Some(size), Some(context)) = (size, context)
        && size >= context
        && !own_heads
    {
        found.attention += std::mem::take(&mut found.window);
    }
    found
}

fn kinds(config: &mut Config, family: &Family, layers: f64, hidden: f64) -> Layers {
    if let Some(blocks) = blocks::read(config, hidden) {
        return Layers { attention: blocks.attention, ..Layers::default() };
    }
    if let Some(pattern) = config.find(&["hybrid_override_pattern"]) {
        return alternating(config, pattern, layers);
    }
    if let Some(types) = config.find(LISTS) {
        return listed(config, types, layers);
    }
    if let Some(pattern) = config.find(&["hybrid_layer_pattern"]) {
        let window = ones(config, "hybrid_layer_pattern", pattern, layers);
        return Layers { window, attention: layers - window, ..Layers::default() };
    }
    if let Some(full) = config.find(&["linear_attn_config.full_attn_layers"]).and_then(Json::list) {
        let attention = (full.len() as f64).min(layers);
        return Layers { attention, linear: layers - attention, ..Layers::default() };
    }
    if let Some(types) = config.find(&["attn_type_list"]) {
        let attention = ones(config, "attn_type_list", types, layers);
        return Layers { attention, linear: layers - attention, ..Layers::default() };
    }
    let interval = config.count(&["full_attention_interval"]);
    if let Some(interval) = interval {
        let attention = (layers / interval).floor();
        return Layers { attention, linear: layers - attention, ..Layers::default() };
    }
    if family.is_state_space() {
        return Layers { mamba: layers, ..Layers::default() };
    }
    if family.mixer == Mixer::Mamba2BesideAttention {
        return Layers { attention: layers, mamba: layers, ..Layers::default() };
    }
    if family.mixer != Mixer::Attention {
        let attention = hybrid_attention(config, layers);
        return Layers { attention, mamba: layers - attention, ..Layers::default() };
    }
    let window = windows(config, family, layers);
    Layers { window, attention: layers - window, ..Layers::default() }
}

/// `MEM*E`: Mamba, experts, attention, and `-` for a dense network.
fn alternating(config: &mut Config, pattern: &Json, layers: f64) -> Layers {
    let mut found = Layers { alternating: true, ..Layers::default() };
    let Some(text) = pattern.text() else {
        config.wrong::<()>(
            "hybrid_override_pattern",
            pattern,
            &format!("is {}, not a text", pattern.describe()),
        );
        return found;
    };
    for letter in text.chars() {
        match letter {
            'M' => found.mamba += 1.0,
            'E' => found.experts += 1.0,
            '*' => found.attention += 1.0,
            '-' => found.dense += 1.0,
            '|' => {}
            other => {
                config.unsupported(pattern, &format!("layers of kind `{other}`"));
                return found;
            }
        }
    }
    check_length(
        config,
        "hybrid_override_pattern",
        pattern,
        found.mamba + found.experts + found.attention + found.dense,
        layers,
    );
    found
}

/// A list with the kind of each layer.
fn listed(config: &mut Config, types: &Json, layers: f64) -> Layers {
    let mut found = Layers::default();
    let Some(items) = types.list() else {
        config.wrong::<()>("layer_types", types, &format!("is {}, not a list", types.describe()));
        return found;
    };
    for item in items {
        match item.text().unwrap_or_default() {
            "full_attention" | "attention" | "global" | "deepseek_sparse_attention" => found.attention += 1.0,
            "sliding_attention" | "chunked_attention" | "local" => found.window += 1.0,
            "linear_attention" => found.linear += 1.0,
            "mamba" | "mamba2" => found.mamba += 1.0,
            "moe" => (found.experts, found.alternating) = (found.experts + 1.0, true),
            "mlp" => (found.dense, found.alternating) = (found.dense + 1.0, true),
            other => {
                config.unsupported(item, &format!("layers of kind `{other}`"));
                return found;
            }
        }
    }
    check_length(config, "layer_types", types, items.len() as f64, layers);
    found
}

fn check_length(config: &mut Config, key: &str, json: &Json, found: f64, layers: f64) {
    if found != layers {
        config.wrong::<()>(key, json, &format!("is for {found} layers, but there are {layers}"));
    }
}

/// How many of a list's items are one.
fn ones(config: &mut Config, key: &str, list: &Json, layers: f64) -> f64 {
    let Some(items) = list.list() else {
        return config.wrong(key, list, &format!("is {}, not a list", list.describe())).unwrap_or(0.0);
    };
    check_length(config, key, list, items.len() as f64, layers);
    items.iter().filter(|item| item.number() == Some(1.0)).count() as f64
}

/// Layers of attention among those of a state space.
fn hybrid_attention(config: &mut Config, layers: f64) -> f64 {
    if let Some(indices) = config.find(&["attn_layer_indices"]).and_then(Json::list) {
        return (indices.len() as f64).min(layers);
    }
    let period = config.need("which layers are attention", &["attn_layer_period"]);
    let offset = config.some(&["attn_layer_offset"]).unwrap_or(0.0);
    every(period, offset, layers)
}

/// How many of 0..layers leave this rest when divided by the period.
fn every(period: f64, offset: f64, layers: f64) -> f64 {
    if offset >= layers { 0.0 } else { ((layers - 1.0 - offset) / period).floor() + 1.0 }
}

/// Every so many layers one sees the whole context.
const PERIODS: &[&str] = &["sliding_window_pattern", "_sliding_window_pattern", "global_attn_every_n_layers"];

/// Layers with a sliding window where no list names them.
fn windows(config: &mut Config, family: &Family, layers: f64) -> f64 {
    let sized = config.some(&["sliding_window", "window_size", "attention_chunk_size"]).is_some();
    if !sized || config.flag(&["use_sliding_window"]) == Some(false) {
        return 0.0;
    }
    match family.window {
        Window::Never => 0.0,
        Window::All => layers,
        Window::Late if config.flag(&["use_sliding_window"]) == Some(true) => {
            (layers - config.some(&["max_window_layers"]).unwrap_or(0.0)).max(0.0)
        }
        Window::Late => 0.0,
        Window::AllBut(n) => match config.find(PERIODS) {
            // `LLLG`: local and global layers, repeated.
            Some(Json { kind: Kind::Text(pattern), .. }) if !pattern.is_empty() => {
                let letters: Vec<char> = pattern.chars().collect();
                (0..layers as usize).filter(|i| letters[i % letters.len()] == 'L').count() as f64
            }
            Some(_) => {
                let n = config.count(PERIODS).unwrap_or(1.0);
                layers - (layers / n).floor()
            }
            None => layers - (layers / f64::from(n)).floor(),
        },
        Window::Chunks => match config.find(&["no_rope_layers"]) {
            // One where positions rotate, which is where attention is chunked.
            Some(list) if list.list().is_some_and(|l| !l.is_empty()) => {
                ones(config, "no_rope_layers", list, layers)
            }
            _ => {
                let n = config.count(&["no_rope_layer_interval"]).unwrap_or(4.0);
                layers - (layers / n).floor()
            }
        },
    }
}

/// How many of `layers` layers have experts.
pub fn with_experts(config: &mut Config, layers: f64) -> f64 {
    if let Some(list) = config.find(&["mlp_layer_types"]).and_then(Json::list) {
        let sparse = list.iter().filter(|kind| kind.text() == Some("sparse")).count();
        return (sparse as f64).min(layers);
    }
    if let Some(list) = config.find(&["moe_layer_freq"]).filter(|j| j.list().is_some()) {
        return ones(config, "moe_layer_freq", list, layers);
    }
    if let Some(list) = config.find(&["moe_layers"]).and_then(Json::list).filter(|l| !l.is_empty()) {
        return (list.len() as f64).min(layers);
    }
    if let Some(step) = config.count(&["interleave_moe_layer_step"]) {
        return (layers / step).floor();
    }
    if let Some(period) = config.count(&["expert_layer_period"]) {
        let offset = config.some(&["expert_layer_offset"]).unwrap_or(0.0);
        return every(period, offset, layers);
    }
    let dense = config
        .some(&["first_k_dense_replace", "moe_layer_start_index", "num_dense_layers"])
        .unwrap_or(0.0)
        .min(layers);
    let step = config.some(&["decoder_sparse_step", "moe_layer_interval", "moe_layer_freq"]).unwrap_or(1.0);
    let only: Vec<f64> = match config.find(&["mlp_only_layers"]).and_then(Json::list) {
        Some(list) => list.iter().filter_map(Json::number).collect(),
        None => vec![],
    };
    let last = config.find(&["moe_layer_end_index"]).and_then(Json::number).filter(|n| *n >= 0.0);
    // `moe_layer_freq` counts from layer 0, the others from the first layer as 1.
    let from = if config.find(&["moe_layer_freq"]).is_some() { 0.0 } else { 1.0 };
    let mut experts = 0.0;
    let mut layer = dense;
    while layer < layers {
        let chosen =
            (layer + from) % step == 0.0 && !only.contains(&layer) && last.is_none_or(|l| layer <= l);
        experts += f64::from(u8::from(chosen));
        layer += 1.0;
    }
    experts
}
