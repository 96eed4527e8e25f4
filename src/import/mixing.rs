//! What mixes tokens beside plain attention: sparse and linear attention, state spaces.

use crate::import::config::Config;
use crate::import::declaration::{Declaration, grouped};
use crate::import::family::{Family, Mixer};
use crate::import::layers::Layers;

/// Reads whichever of them the model has.
pub fn read(config: &mut Config, family: &Family, hidden: f64, kinds: &Layers, into: &mut Declaration) {
    sparse_attention(config, into);
    linear_attention(config, family, hidden, kinds, into);
    mamba(config, family, hidden, kinds, into);
}

fn sparse_attention(config: &mut Config, into: &mut Declaration) {
    let blocks = config.count(&["sparse_attention_config.sparse_topk_blocks"]);
    let block = config.count(&["sparse_attention_config.sparse_block_size"]);
    let in_blocks = blocks.zip(block).map(|(blocks, size)| blocks * size);
    let Some(top_k) = config.count(&["index_topk"]).or(in_blocks) else { return };
    let heads = config.need(
        "sparse_attention.index_heads",
        &["index_n_heads", "sparse_attention_config.sparse_num_index_heads"],
    );
    let dim = config.need(
        "sparse_attention.index_head_dim",
        &["index_head_dim", "sparse_attention_config.sparse_index_dim"],
    );
    into.record(
        "sparse_attention",
        &[
            ("top_k", Some(format!("{} tok", grouped(top_k)))),
            ("index_heads", Some(grouped(heads))),
            ("index_head_dim", Some(grouped(dim))),
        ],
    );
}

fn linear_attention(
    config: &mut Config,
    family: &Family,
    hidden: f64,
    kinds: &Layers,
    into: &mut Declaration,
) {
    if kinds.linear == 0.0 {
        return;
    }
    if family.lightning {
        let heads = config.need("heads", &["num_attention_heads"]);
        let dim = config.count(&["head_dim"]).unwrap_or((hidden / heads).round());
        let (heads, dim) = (Some(grouped(heads)), Some(grouped(dim)));
        let fields = [
            ("layers", Some(grouped(kinds.linear))),
            ("key_heads", heads.clone()),
            ("value_heads", heads),
            ("key_head_dim", dim.clone()),
            ("value_head_dim", dim),
            ("conv_kernel", Some("0".to_string())),
        ];
        into.record("linear_attention", &fields);
        into.because("lightning attention");
        return;
    }
    const HEADS: &str = "linear_attn_config.num_heads";
    const DIM: &str = "linear_attn_config.head_dim";
    let mut need = |fact, key, shared| Some(grouped(config.need(fact, &[key, shared])));
    let fields = [
        ("layers", Some(grouped(kinds.linear))),
        ("key_heads", need("linear_attention.key_heads", "linear_num_key_heads", HEADS)),
        ("value_heads", need("linear_attention.value_heads", "linear_num_value_heads", HEADS)),
        ("key_head_dim", need("linear_attention.key_head_dim", "linear_key_head_dim", DIM)),
        ("value_head_dim", need("linear_attention.value_head_dim", "linear_value_head_dim", DIM)),
        (
            "conv_kernel",
            config
                .count(&["linear_conv_kernel_dim", "linear_attn_config.short_conv_kernel_size"])
                .filter(|k| *k != 4.0)
                .map(grouped),
        ),
    ];
    into.record("linear_attention", &fields);
}

/// State-space layers; the first Mamba is one head for each inner channel.
fn mamba(config: &mut Config, family: &Family, hidden: f64, kinds: &Layers, into: &mut Declaration) {
    if kinds.mamba == 0.0 {
        return;
    }
    let state = config.need("mamba.state_size", &["ssm_state_size", "state_size", "mamba_d_state"]);
    let kernel = config.count(&["conv_kernel", "mamba_d_conv"]).filter(|k| *k != 4.0);
    let expand = config.factor(&["expand", "mamba_expand"]);
    let expanded = expand.map(|e| (e * hidden).round());
    let (heads, head_dim, groups, rank) = if family.mixer == Mixer::Mamba1 {
        let rank = match config.find(&["time_step_rank", "mamba_dt_rank"]) {
            Some(json) if json.text() == Some("auto") => Some((hidden / 16.0).ceil()),
            Some(_) => config.count(&["time_step_rank", "mamba_dt_rank"]),
            None => None,
        };
        if rank.is_none() {
            config.lack("mamba.dt_rank", "time_step_rank");
        }
        let stated =
            if family.is_state_space() { config.count(&["d_inner", "intermediate_size"]) } else { None };
        let inner = stated.or(expanded);
        if inner.is_none() {
            config.lack("mamba.heads", "expand");
        }
        (inner.unwrap_or(1.0), 1.0, None, rank)
    } else {
        let heads = config.need("mamba.heads", &["mamba_num_heads", "mamba_n_heads", "num_heads"]);
        let automatic = config.text(&["mamba_d_head"]) == Some("auto");
        let head_dim = match (automatic, expanded) {
            (true, Some(inner)) => (inner / heads).round(),
            _ => config.need("mamba.head_dim", &["mamba_head_dim", "mamba_d_head", "head_dim"]),
        };
        (heads, head_dim, config.count(&["n_groups", "mamba_n_groups"]).filter(|g| *g > 1.0), None)
    };
    into.record(
        "mamba",
        &[
            ("layers", Some(grouped(kinds.mamba))),
            ("heads", Some(grouped(heads))),
            ("head_dim", Some(grouped(head_dim))),
            ("state_size", Some(grouped(state))),
            ("groups", groups.map(grouped)),
            ("conv_kernel", kernel.map(grouped)),
            ("dt_rank", rank.map(grouped)),
        ],
    );
}
