//! The shape of a model from the keys of its configuration.

use crate::import::blocks;
use crate::import::config::Config;
use crate::import::declaration::{Declaration, grouped};
use crate::import::family::{Experts, Family, Positions};
use crate::import::json::Json;
use crate::import::layers;
use crate::import::layers::Layers;
use crate::import::mixing;

/// More layers than any model has; beyond it a number is a mistake.
const LAYERS: f64 = 100_000.0;

pub const LAYER_KEYS: &[&str] = &["num_hidden_layers", "n_layer", "n_layers", "num_layers"];

/// Facts that no count of a `Model` covers, with what to call them.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("hidden_size_per_layer_input", "embeddings of their own for every layer"),
    ("num_kv_shared_layers", "layers that share the keys and values of others"),
    ("use_double_wide_mlp", "layers of two widths"),
    ("use_cla", "attention across layers"),
    ("is_encoder_decoder", "an encoder beside the decoder"),
    ("add_cross_attention", "cross-attention"),
];

/// Reads the shape into fields.
pub fn read(config: &mut Config, family: &Family, into: &mut Declaration) {
    refuse(config);
    let layers = layers::count(config, family);
    if layers > LAYERS {
        config.bad(LAYER_KEYS, "is more layers than any model has");
        return;
    }
    let hidden = config.need("hidden", &["hidden_size", "n_embd", "d_model", "n_embed"]);
    into.number("layers", layers);
    into.number("hidden", hidden);
    let mut kinds = layers::mixers(config, family, layers, hidden);
    if kinds.attention + kinds.window > 0.0 {
        heads(config, family, hidden, &kinds, into);
    }
    let width = feed_forward(config, family, hidden, layers, &mut kinds, into);
    into.number("vocab", config.need("vocab", &["vocab_size", "padded_vocab_size"]));
    embeddings(config, family, into);
    attention_kinds(config, &kinds, layers, into);
    mixing::read(config, family, hidden, &kinds, into);
    experts(config, width, layers, &kinds, into);
}

fn refuse(config: &mut Config) {
    for (key, what) in UNSUPPORTED {
        if config.flag(&[key]) == Some(false) {
            continue;
        }
        let zero = config.find(&[key]).is_some_and(|json| json.number() == Some(0.0));
        if let Some(json) = config.find(&[key]).filter(|_| !zero) {
            config.unsupported(json, what);
        }
    }
    let projected = config.count(&["word_embed_proj_dim"]);
    if let (Some(width), Some(json)) = (projected, config.find(&["word_embed_proj_dim"]))
        && config.count(&["hidden_size"]).is_some_and(|hidden| hidden != width)
    {
        config.unsupported(json, "embeddings narrower than the hidden state");
    }
}

/// Heads of the layers that see the whole context, and how their keys and values come about.
fn heads(config: &mut Config, family: &Family, hidden: f64, kinds: &Layers, into: &mut Declaration) {
    let heads = config.need("heads", &["num_attention_heads", "n_head", "n_heads", "num_heads"]);
    into.number("heads", heads);
    if config.find(&["kv_lora_rank"]).is_some() {
        latent(config, into);
        return;
    }
    match blocks::read(config, hidden).and_then(|blocks| blocks.queries_per_key) {
        Some(group) => into.number("kv_heads", (heads / group).round().max(1.0)),
        None => key_value_heads(config, family, heads, into),
    }
    let global = config.find(&["global_head_dim"]).is_some() && kinds.window > 0.0;
    let keys: &[&str] = if global {
        &["global_head_dim"]
    } else {
        &["head_dim", "attention_head_dim", "kv_channels", "n_head_dim"]
    };
    let head_dim = config.count(keys);
    into.maybe("head_dim", head_dim);
    if head_dim.is_none() && hidden % heads != 0.0 && config.is_sound() {
        config.lack("head_dim", "head_dim");
    }
    let value = config.count(&["v_head_dim"]).filter(|v| Some(*v) != head_dim);
    into.maybe("value_head_dim", value);
}

fn key_value_heads(config: &mut Config, family: &Family, heads: f64, into: &mut Declaration) {
    const STATED: &[&str] = &[
        "num_global_key_value_heads",
        "num_key_value_heads",
        "multi_query_group_num",
        "attn_config.kv_n_heads",
    ];
    let grouped = config.flag(&["new_decoder_architecture"]) == Some(true);
    if config.flag(&["multi_query"]) == Some(true) && !grouped {
        into.number("kv_heads", 1.0);
        into.because("multi-query attention");
        return;
    }
    let given = match (grouped, config.flag(&["multi_query"])) {
        (true, _) => config.count(&["num_kv_heads", "n_head_kv"]),
        (false, Some(_)) => None,
        (false, None) => config.count(STATED),
    };
    match given {
        Some(given) if given > heads => {
            config.bad(STATED, &format!("is more key-value heads than the {heads} heads"));
        }
        Some(given) => into.number("kv_heads", given),
        None if family.multi_head => {
            into.number("kv_heads", heads);
            into.because("not stated: one for each head");
        }
        None => config.lack("kv_heads", "num_key_value_heads"),
    }
}

/// Multi-head latent attention.
fn latent(config: &mut Config, into: &mut Declaration) {
    let rank = config.count(&["q_lora_rank"]);
    let kv_rank = config.need("mla.kv_lora_rank", &["kv_lora_rank"]);
    let nope = config.need("mla.qk_nope_head_dim", &["qk_nope_head_dim"]);
    let rope = config.need("mla.qk_rope_head_dim", &["qk_rope_head_dim"]);
    let value = config.need("mla.v_head_dim", &["v_head_dim"]);
    into.record(
        "mla",
        &[
            ("q_lora_rank", rank.map(grouped)),
            ("kv_lora_rank", Some(grouped(kv_rank))),
            ("qk_nope_head_dim", Some(grouped(nope))),
            ("qk_rope_head_dim", Some(grouped(rope))),
            ("v_head_dim", Some(grouped(value))),
        ],
    );
}

/// What is known of the experts before it is known which layers have them.
struct Width {
    count: f64,
    per_token: f64,
    ffn: f64,
    shared: f64,
    latent: Option<f64>,
    comment: Option<String>,
}

const PER_TOKEN: &[&str] = &[
    "num_experts_per_tok",
    "num_experts_per_token",
    "experts_per_token",
    "top_k_experts",
    "moe_topk",
    "moe_k",
    "ffn_config.moe_top_k",
];
const INTERMEDIATE: &[&str] = &["intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size", "d_ff"];

/// The dense width, and the experts where there are any; says how many layers have which.
fn feed_forward(
    config: &mut Config,
    family: &Family,
    hidden: f64,
    layers: f64,
    kinds: &mut Layers,
    into: &mut Declaration,
) -> Option<Width> {
    let width = expert_width(config, family);
    if !kinds.alternating && !family.is_state_space() {
        kinds.experts = match (&width, family.experts) {
            (Some(_), Experts::BesideDense) => layers,
            (Some(_), Experts::Shortcut) => layers / 2.0,
            (Some(_), _) => layers::with_experts(config, layers),
            (None, _) => 0.0,
        };
        let also_dense = width.is_some() && family.experts == Experts::Shortcut;
        kinds.dense = if also_dense { layers } else { layers - kinds.experts };
    }
    if kinds.dense > 0.0 {
        dense_width(config, family, hidden, into);
    }
    if !family.gated && (kinds.dense > 0.0 || kinds.experts > 0.0) {
        into.flag("gated_ffn", false);
    }
    width
}

fn dense_width(config: &mut Config, family: &Family, hidden: f64, into: &mut Declaration) {
    if let Some(ratio) = config.factor(&["expansion_ratio", "ffn_ratio"]) {
        into.number("ffn", (ratio * hidden).round());
        into.because(format!("{ratio} times the hidden size"));
        return;
    }
    if let Some(blocks) = blocks::read(config, hidden) {
        into.number("ffn", blocks.ffn);
        into.because("the mean of all layers, which differ");
        return;
    }
    let keys: &[&'static str] = match family.experts {
        Experts::Llama4 => &["intermediate_size_mlp"],
        _ if config.some(&["dense_intermediate_size"]).is_some() => &["dense_intermediate_size"],
        // Granite's dense layers are what its mixtures share.
        Experts::DenseWidth if config.some(&["shared_intermediate_size"]).is_some() => {
            &["shared_intermediate_size"]
        }
        _ => INTERMEDIATE,
    };
    if family.ffn_is_4_hidden && config.find(keys).is_none() {
        into.number("ffn", 4.0 * hidden);
        into.because("not stated: four times the hidden size");
        return;
    }
    into.number("ffn", config.need("ffn", keys));
}

fn expert_width(config: &mut Config, family: &Family) -> Option<Width> {
    if family.experts == Experts::BesideDense && config.flag(&["enable_moe_block"]) != Some(true) {
        return None;
    }
    let count = config.some(&[
        "n_routed_experts",
        "num_local_experts",
        "num_experts",
        "moe_num_experts",
        "ffn_config.moe_num_experts",
    ]);
    let count = count.filter(|n| *n > 1.0)?;
    let per_token = config.need("moe.experts_per_token", PER_TOKEN);
    if per_token > count {
        config.bad(PER_TOKEN, &format!("is more experts than the {count} there are"));
    }
    const OWN: &[&str] = &["moe_intermediate_size", "expert_ffn_hidden_size"];
    const SHARED_WIDTH: &[&str] =
        &["moe_intermediate_size", "ffn_config.ffn_hidden_size", "intermediate_size"];
    let ffn = match family.experts {
        Experts::OwnWidth | Experts::BesideDense | Experts::Shortcut => config.need("moe.ffn", OWN),
        Experts::DenseWidth | Experts::Llama4 => config.need("moe.ffn", SHARED_WIDTH),
    };
    let (shared, mut comment) = shared_width(config, family, ffn);
    let idle = config.some(&["zero_expert_num"]).unwrap_or(0.0);
    let working = per_token * count / (count + idle);
    if idle > 0.0 {
        comment = Some(format!("{per_token} of {}, of which {idle} do nothing", count + idle));
    }
    let latent = config.count(&["moe_latent_size", "routed_expert_hidden_size"]);
    Some(Width { count, per_token: working, ffn, shared, latent, comment })
}

/// Width of what every token passes through beside its experts.
fn shared_width(config: &mut Config, family: &Family, ffn: f64) -> (f64, Option<String>) {
    match family.experts {
        Experts::Llama4 => return (ffn, Some("the architecture has one shared expert".into())),
        Experts::BesideDense => {
            let comment = "the dense network beside the experts counts as shared".to_string();
            return (config.need("moe.shared_ffn", &["intermediate_size"]), Some(comment));
        }
        _ => {}
    }
    if let Some(whole) =
        config.some(&["shared_expert_intermediate_size", "shared_intermediate_size", "share_expert_dim"])
    {
        return (whole, None);
    }
    let count = config.some(&[
        "n_shared_experts",
        "num_shared_experts",
        "num_shared_expert",
        "moe_num_shared_experts",
    ]);
    let each = config.some(&["moe_shared_expert_intermediate_size"]).unwrap_or(ffn);
    match count {
        Some(count) if count > 1.0 => (count * each, Some(format!("{count} shared experts of {each}"))),
        Some(_) => (each, None),
        None => (0.0, None),
    }
}

fn embeddings(config: &mut Config, family: &Family, into: &mut Declaration) {
    let stated = config.flag(&["tie_word_embeddings", "tie_embedding", "tie_embedding_weights"]);
    if stated.unwrap_or(family.tied) {
        into.flag("tied_embeddings", true);
        if stated.is_none() {
            into.because("not stated: the architecture ties them");
        }
    }
    let context = config.some(&[
        "max_position_embeddings",
        "n_positions",
        "max_sequence_length",
        "max_seq_len",
        "seq_length",
        "n_ctx",
    ]);
    match (family.positions, context) {
        (Positions::None, _) => {}
        (Positions::Learned, Some(context)) => into.number("learned_positions", context),
        (Positions::LearnedPlus2, Some(context)) => into.number("learned_positions", context + 2.0),
        (_, None) => config.lack("learned_positions", "max_position_embeddings"),
    }
    if let Some(context) = context {
        into.tokens("context_length", context);
    }
}

/// How many layers are of which kind, and the window of those that have one.
fn attention_kinds(config: &mut Config, kinds: &Layers, layers: f64, into: &mut Declaration) {
    let others = kinds.window + kinds.linear + kinds.mamba;
    if kinds.attention != layers - others {
        into.number("attention_layers", kinds.attention);
    }
    let gate = config.flag(&["attn_output_gate"]);
    if gate == Some(true) {
        into.flag("attention_gate", true);
    }
    if config.flag(&["attention_k_eq_v"]) == Some(true) {
        into.flag("value_is_key", true);
    }
    if kinds.window == 0.0 {
        return;
    }
    let chunked =
        config.find(&["attention_chunk_size"]).is_some() && config.find(&["sliding_window"]).is_none();
    let keys: &[&'static str] = if chunked {
        &["attention_chunk_size"]
    } else {
        &["sliding_window", "sliding_window_size", "window_size"]
    };
    let size = config.need("window.size", keys);
    let own = own_heads(config);
    let mut fields =
        vec![("size", Some(format!("{} tok", grouped(size)))), ("layers", Some(grouped(kinds.window)))];
    fields.extend(own);
    into.record("window", &fields);
    if chunked {
        into.because("attends within chunks of this size");
    }
}

/// Heads of windowed layers where they differ from the others.
fn own_heads(config: &mut Config) -> Vec<(&'static str, Option<String>)> {
    let global = |c: &Config, key: &str| c.find(&[key]).is_some();
    let heads = config.count(&["swa_num_attention_heads"]);
    let kv_heads = match global(config, "num_global_key_value_heads") {
        true => config.count(&["num_key_value_heads"]),
        false => config.count(&["swa_num_key_value_heads"]),
    };
    let head_dim = match global(config, "global_head_dim") {
        true => config.count(&["head_dim"]),
        false => config.count(&["swa_head_dim"]),
    };
    let value = config.count(&["swa_v_head_dim"]);
    let field = |name, value: Option<f64>| (name, value.map(grouped));
    vec![
        field("heads", heads),
        field("kv_heads", kv_heads),
        field("head_dim", head_dim),
        field("value_head_dim", value),
    ]
}

fn experts(config: &mut Config, width: Option<Width>, layers: f64, kinds: &Layers, into: &mut Declaration) {
    let Some(width) = width else {
        if kinds.experts > 0.0 {
            config.lack("moe.experts", "n_routed_experts");
        } else if kinds.alternating && kinds.dense > 0.0 {
            into.number("dense_layers", kinds.dense);
        }
        return;
    };
    if kinds.dense > 0.0 {
        into.number("dense_layers", kinds.dense);
    }
    if kinds.experts != layers - kinds.dense {
        into.number("moe_layers", kinds.experts);
    }
    into.record(
        "moe",
        &[
            ("experts", Some(grouped(width.count))),
            ("experts_per_token", Some(grouped(width.per_token))),
            ("ffn", Some(grouped(width.ffn))),
            ("shared_ffn", (width.shared > 0.0).then(|| grouped(width.shared))),
            ("latent", width.latent.map(grouped)),
        ],
    );
    if let Some(comment) = width.comment {
        into.because(comment);
    }
}

/// What the file has besides the language model's own layers, for the declaration's comment.
pub fn left_out(config: &Config) -> Vec<String> {
    let mut left = vec![];
    if config.find(&["vision_config", "vision_tower", "mm_vision_tower"]).is_some() || config.is_nested() {
        left.push("parts for images, sound and video".to_string());
    }
    let predicted = ["num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers"];
    if config.find(&predicted).and_then(Json::number).is_some_and(|n| n > 0.0) {
        left.push("multi-token-prediction layers".to_string());
    }
    left
}
