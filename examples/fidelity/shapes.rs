//! Models and systems of the JSON files, as the language declares them.

use serde_json::{Map, Value};

/// A name for the entry of this key: the language's names have no dots and dashes.
pub fn name(prefix: &str, entries: &Map<String, Value>, key: &str) -> String {
    format!("{prefix}{}", entries.keys().position(|k| k == key).unwrap_or(entries.len()))
}

fn number(entry: &Value, keys: &[&str]) -> Option<f64> {
    keys.iter().find_map(|k| entry.get(k)).and_then(Value::as_f64).filter(|n| *n > 0.0)
}

/// Fields of a record, those that are known.
fn fields(entry: &Value, names: &[(&str, &[&str], &str)]) -> String {
    let known = |(field, keys, unit): &(&str, &[&str], &str)| {
        number(entry, keys).map(|n| format!("{field}: {n}{unit}"))
    };
    names.iter().filter_map(known).collect::<Vec<_>>().join(", ")
}

/// A title as a string of the language may hold it.
fn plain(title: &str) -> String {
    title.chars().filter(|c| !matches!(c, '{' | '}' | '"' | '\\') && !c.is_control()).collect()
}

/// A model's declaration.
pub fn model(name: &str, title: &str, entry: &Value) -> Result<String, String> {
    if let Some(key) = ["layers", "hidden", "heads", "vocab"].iter().find(|k| number(entry, &[k]).is_none()) {
        return Err(format!("model `{title}` has no `{key}`"));
    }
    let mut text = format!("model {name} {{ name: {:?}, ", plain(title));
    text.push_str(&fields(
        entry,
        &[
            ("layers", &["layers"], ""),
            ("hidden", &["hidden"], ""),
            ("heads", &["heads"], ""),
            ("kv_heads", &["kv_heads"], ""),
            ("vocab", &["vocab"], ""),
            ("ffn", &["ffn"], ""),
        ],
    ));
    let flag = |key: &str| entry.get(key).and_then(Value::as_bool);
    if flag("tie_embeddings") == Some(true) {
        text.push_str(", tied_embeddings: true");
    }
    if flag("gated_ffn") == Some(false) {
        text.push_str(", gated_ffn: false");
    }
    if flag("attn_output_gate") == Some(true) {
        text.push_str(", attention_gate: true");
    }
    let latent = number(entry, &["kv_lora_rank"]).is_some();
    if let Some(dim) = number(entry, &["head_dim"]).filter(|_| !latent) {
        text.push_str(&format!(", head_dim: {dim}"));
    }
    let dense = entry.get("first_dense_layers").and_then(Value::as_f64).unwrap_or(0.0);
    let records: [(&str, &str, String); 6] = [
        ("mla", "kv_lora_rank", latent_fields(entry)),
        ("moe", "experts", expert_fields(entry)),
        (
            "window",
            "sliding_layers",
            fields(entry, &[("size", &["sliding_window"], " tok"), ("layers", &["sliding_layers"], "")]),
        ),
        ("sparse_attention", "index_topk", sparse_fields(entry)),
        ("linear_attention", "linear_layers", linear_fields(entry)),
        ("mamba", "mamba_layers", mamba_fields(entry)),
    ];
    for (field, key, inner) in records.iter().filter(|(_, key, _)| number(entry, &[key]).is_some()) {
        debug_assert!(!inner.is_empty(), "{key} is among the fields of {field}");
        text.push_str(&format!(", {field}: {{ {inner} }}"));
    }
    if number(entry, &["experts"]).is_some() {
        text.push_str(&format!(", dense_layers: {dense}"));
    }
    text.push_str(" }\n");
    Ok(text)
}

fn latent_fields(entry: &Value) -> String {
    const NAMES: [&str; 5] =
        ["q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"];
    NAMES
        .iter()
        .filter_map(|n| number(entry, &[n]).map(|v| format!("{n}: {v}")))
        .collect::<Vec<_>>()
        .join(", ")
}

fn expert_fields(entry: &Value) -> String {
    let mut text = fields(
        entry,
        &[("experts", &["experts"], ""), ("experts_per_token", &["top_k"], ""), ("ffn", &["moe_ffn"], "")],
    );
    if number(entry, &["shared_experts"]).is_some()
        && let Some(width) = number(entry, &["shared_ffn"])
    {
        text.push_str(&format!(", shared_ffn: {width}"));
    }
    text
}

fn sparse_fields(entry: &Value) -> String {
    fields(
        entry,
        &[
            ("top_k", &["index_topk", "index_top_k"], " tok"),
            ("index_heads", &["index_heads", "index_n_heads"], ""),
            ("index_head_dim", &["index_head_dim"], ""),
        ],
    )
}

fn linear_fields(entry: &Value) -> String {
    let mut text = fields(
        entry,
        &[
            ("layers", &["linear_layers"], ""),
            ("key_heads", &["linear_key_heads"], ""),
            ("value_heads", &["linear_value_heads"], ""),
            ("key_head_dim", &["linear_key_head_dim"], ""),
            ("value_head_dim", &["linear_value_head_dim"], ""),
            ("conv_kernel", &["linear_conv_kernel"], ""),
        ],
    );
    if entry.get("linear_state_dtype").and_then(Value::as_str) == Some("bf16") {
        text.push_str(", state_precision: bf16");
    }
    text
}

fn mamba_fields(entry: &Value) -> String {
    fields(
        entry,
        &[
            ("layers", &["mamba_layers"], ""),
            ("heads", &["mamba_heads", "mamba_num_heads"], ""),
            ("head_dim", &["mamba_head_dim"], ""),
            ("state_size", &["mamba_state_size", "ssm_state_size"], ""),
            ("groups", &["mamba_groups", "n_groups"], ""),
            ("conv_kernel", &["mamba_conv_kernel", "conv_kernel"], ""),
        ],
    )
}

/// A device's declaration.
pub fn hardware(name: &str, title: &str, entry: &Value) -> Result<String, String> {
    let peak = |precision: &str| entry.get("peak_flops").and_then(|p| number(p, &[precision]));
    let need = |key: &str| number(entry, &[key]).ok_or(format!("system `{title}` has no `{key}`"));
    let wide = peak("bf16").or_else(|| peak("fp16")).ok_or(format!("system `{title}` has no bf16 peak"))?;
    let mut text = format!(
        "hardware {name} {{ name: {:?}, memory_bw: {} B/s, memory_capacity: {} B, peak_flops: {wide} FLOP/s",
        plain(title),
        need("hbm_bandwidth_bytes_per_s")?,
        need("hbm_capacity_bytes")?,
    );
    for precision in ["fp8", "fp4", "int8"] {
        if let Some(rate) = peak(precision) {
            text.push_str(&format!(", peak_flops_{precision}: {rate} FLOP/s"));
        }
    }
    let rest = fields(
        entry,
        &[
            ("scale_up_bw", &["nvlink_bandwidth_bytes_per_s_per_direction"], " B/s"),
            ("scale_out_bw", &["inter_node_bandwidth_bytes_per_s_per_direction"], " B/s"),
            ("scale_up_domain", &["nvlink_domain_gpus", "gpus_per_node"], ""),
            ("tdp", &["tdp_watts"], " W"),
        ],
    );
    if !rest.is_empty() {
        text.push_str(&format!(", {rest}"));
    }
    text.push_str(" }\n");
    Ok(text)
}

/// The kernel curves of a device's generation; those of all where it has none.
pub fn kernels(entry: &Value) -> &'static str {
    match number(entry, &["sm_version"]).map(|v| v as u32) {
        Some(80..=87) => "ampere_kernels",
        Some(89) => "ada_kernels",
        Some(90) => "hopper_kernels",
        Some(100..) => "blackwell_kernels",
        _ => "universal_kernels",
    }
}

/// Which parts of a checkpoint are quantised. What a repository called "FP8" or "NVFP4" holds differs by model: these
/// are the checkpoints that the benchmarks run.
pub fn quantization(model: &str, entry: &Value, precision: &str) -> Result<String, String> {
    let (weights, activations, scales) = match precision {
        "bf16" | "fp16" => return Ok("{ weights: bf16 }".into()),
        "fp8" => ("fp8", "fp8", "0 B/param"),
        "fp4" | "nvfp4" => ("fp4", "fp4", "0.0625 B/param"),
        "mxfp4" => ("fp4", "bf16", "0.03125 B/param"),
        "int4" => ("int4", "bf16", "0.03125 B/param"),
        "int8" => ("int8", "int8", "0 B/param"),
        other => return Err(format!("weights in `{other}`")),
    };
    let mixture = number(entry, &["experts"]).is_some();
    if !mixture || matches!(weights, "fp8" | "int8") {
        return Ok(format!("{{ weights: {weights}, activations: {activations}, scales: {scales} }}"));
    }
    if model.starts_with("gpt-oss") {
        return Ok("{ weights: fp4, attention: bf16, activations: bf16, scales: 0.03125 B/param }".into());
    }
    let output = if model.starts_with("deepseek-r1") && weights == "fp4" { "fp4" } else { "bf16" };
    let shared = if model.starts_with("kimi") { "bf16" } else { weights };
    Ok(format!(
        "{{ weights: {weights}, attention: bf16, attention_output: {output}, shared_experts: {shared}, \
         activations: {activations}, scales: {scales} }}"
    ))
}
