//! Which weights are stored in which precision: `quantization_config`, or the `hf_quant_config.json` of ModelOpt.

use indexmap::IndexMap;

use crate::import::config::Config;
use crate::import::declaration::Declaration;
use crate::import::json::{Json, Object};

/// A scheme as the checkpoint states it.
struct Scheme {
    weights: &'static str,
    activations: &'static str,
    kv_cache: Option<&'static str>,
    /// Bytes of scale factors for each weight.
    scales: f64,
    /// Only the experts are quantised.
    experts_only: bool,
    /// Parts that are stored otherwise than `weights`, where every layer has a scheme of its own.
    parts: Vec<(&'static str, &'static str)>,
}

impl Scheme {
    const fn new(weights: &'static str, activations: &'static str, scales: f64) -> Self {
        Scheme { weights, activations, kv_cache: None, scales, experts_only: false, parts: Vec::new() }
    }
}

/// Parts of a model that a scheme may leave out.
#[derive(Default)]
struct Excluded {
    attention: bool,
    attention_output: bool,
    ffn: bool,
    experts: bool,
    shared_experts: bool,
}

/// Reads the quantisation into a field, if there is any. `beside` is the file of ModelOpt.
pub fn read(config: &mut Config, beside: Option<&Json>, layers: f64, into: &mut Declaration) {
    let (scheme, excluded) = match beside.and_then(|json| json.object()?.get("quantization")) {
        Some(json) => {
            let Some(object) = json.object() else {
                return config.wrong("quantization_config", json, "is not an object").unwrap_or(());
            };
            let excluded = exclusions(object, layers);
            (model_opt(config, object, json), excluded)
        }
        None => {
            let keys = ["quantization_config", "compression_config"];
            let Some(json) = config.find(&keys) else { return };
            let Some(object) = json.object() else {
                return config.wrong("quantization_config", json, "is not an object").unwrap_or(());
            };
            let excluded = exclusions(object, layers);
            (by_method(config, object, json), excluded)
        }
    };
    if let Some(scheme) = scheme {
        write(&scheme, &excluded, into);
    }
}

fn write(scheme: &Scheme, excluded: &Excluded, into: &mut Declaration) {
    let bf16 = || Some("bf16".to_string());
    let stored = || Some(scheme.weights.to_string());
    let left = |is_out: bool| if is_out { bf16() } else { None };
    let whole = scheme.experts_only;
    let weights = if whole { bf16() } else { stored() };
    let mut fields = vec![("weights", weights)];
    if !scheme.parts.is_empty() {
        fields.extend(scheme.parts.iter().map(|(part, stored)| (*part, Some((*stored).to_string()))));
    } else if whole {
        fields.push(("experts", stored()));
    } else {
        fields.push(("attention", left(excluded.attention)));
        let output = match (excluded.attention, excluded.attention_output) {
            (true, false) => stored(),
            (false, true) => bf16(),
            _ => None,
        };
        fields.push(("attention_output", output));
        fields.push(("ffn", left(excluded.ffn)));
        fields.push(("experts", left(excluded.experts)));
        fields.push(("shared_experts", left(excluded.shared_experts)));
    }
    fields.push(("scales", (scheme.scales > 0.0).then(|| format!("{} B/param", scheme.scales))));
    fields.push(("activations", (scheme.activations != "bf16").then(|| scheme.activations.to_string())));
    fields.push(("kv_cache", scheme.kv_cache.map(str::to_string)));
    into.record("quantization", &fields);
}

fn text<'j>(object: &'j Object, key: &str) -> Option<&'j str> {
    object.get(key)?.text()
}

/// Bytes of 16-bit scales, one for a group of weights.
fn group_scales(size: Option<f64>) -> f64 {
    size.filter(|n| *n > 0.0).map_or(0.0, |n| 2.0 / n)
}

fn by_method(config: &mut Config, object: &Object, json: &Json) -> Option<Scheme> {
    let bits = object.get("bits").and_then(Json::number);
    let group = object.get("group_size").and_then(Json::number);
    match text(object, "quant_method").map(str::to_lowercase).as_deref() {
        Some("fp8") => {
            let weight_only = text(object, "activation_scheme").is_none();
            Some(Scheme::new("fp8", if weight_only { "bf16" } else { "fp8" }, 0.0))
        }
        Some("fbgemm_fp8") => Some(Scheme::new("fp8", "fp8", 0.0)),
        Some("mxfp4") => Some(Scheme { experts_only: true, ..Scheme::new("fp4", "bf16", 1.0 / 32.0) }),
        Some("awq" | "gptq" | "auto-round") => integer(config, json, bits, group),
        Some("bitsandbytes") => match object.get("load_in_8bit").map(|j| &j.kind) {
            Some(crate::import::json::Kind::Bool(true)) => Some(Scheme::new("int8", "int8", 0.0)),
            _ => Some(Scheme::new("int4", "bf16", group_scales(Some(64.0)))),
        },
        Some("modelopt" | "modelopt_fp4") => model_opt(config, object, json),
        Some("compressed-tensors" | "compressed_tensors") => compressed_tensors(config, object, json),
        Some(other) => {
            config.unknown_precision(
                object.get("quant_method").unwrap_or(json),
                &format!("quantisation by `{other}`"),
            );
            None
        }
        // ModelOpt writes its algorithm without naming itself.
        None if object.contains_key("quant_algo") => model_opt(config, object, json),
        None => config.wrong("quantization_config", json, "comes without a `quant_method`"),
    }
}

fn integer(config: &mut Config, json: &Json, bits: Option<f64>, group: Option<f64>) -> Option<Scheme> {
    match bits {
        Some(4.0) => Some(Scheme::new("int4", "bf16", group_scales(group))),
        Some(8.0) => Some(Scheme::new("int8", "bf16", group_scales(group))),
        Some(other) => {
            config.unknown_precision(json, &format!("quantisation to {other} bits"));
            None
        }
        None => config.wrong("quantization_config", json, "comes without `bits`"),
    }
}

fn model_opt(config: &mut Config, object: &Object, json: &Json) -> Option<Scheme> {
    let group = object.get("group_size").and_then(Json::number);
    let algorithm = text(object, "quant_algo").unwrap_or_default().to_uppercase();
    let scheme = match algorithm.as_str() {
        "" => return config.wrong("quantization_config", json, "comes without a `quant_algo`"),
        "MIXED_PRECISION" => mixed(config, object, json),
        other => {
            let known = algorithm_named(other, group);
            if known.is_none() {
                let at = object.get("quant_algo").unwrap_or(json);
                config.unknown_precision(at, &format!("quantisation by `{other}`"));
            }
            known
        }
    }?;
    let cache = text(object, "kv_cache_quant_algo").map(str::to_uppercase);
    let kv_cache = match cache.as_deref() {
        Some("FP8") => Some("fp8"),
        Some("NVFP4") => Some("fp4"),
        Some("INT8") => Some("int8"),
        _ => None,
    };
    Some(Scheme { kv_cache, ..scheme })
}

fn algorithm_named(name: &str, group: Option<f64>) -> Option<Scheme> {
    Some(match name {
        "FP8" | "FP8_PER_CHANNEL_PER_TOKEN" | "FP8_PB_WO" | "FP8_BLOCK_SCALES" => {
            Scheme::new("fp8", "fp8", 0.0)
        }
        "NVFP4" => Scheme::new("fp4", "fp4", 1.0 / group.unwrap_or(16.0)),
        "NVFP4_AWQ" | "W4A16_NVFP4" => Scheme::new("fp4", "bf16", 1.0 / group.unwrap_or(16.0)),
        "W4A8_AWQ" => Scheme::new("int4", "fp8", group_scales(group)),
        "W4A16_AWQ" | "W4A16" => Scheme::new("int4", "bf16", group_scales(group)),
        "W8A8_SQ_PER_CHANNEL" => Scheme::new("int8", "int8", 0.0),
        "W8A16" => Scheme::new("int8", "bf16", 0.0),
        _ => return None,
    })
}

/// A scheme for each layer: the commonest of a part counts for all of it, and a part that is not listed is not quantised.
fn mixed(config: &mut Config, object: &Object, json: &Json) -> Option<Scheme> {
    let Some(listed) = object.get("quantized_layers").and_then(Json::object) else {
        return config.wrong("quantization_config", json, "comes without `quantized_layers`");
    };
    let mut found: IndexMap<&str, IndexMap<String, usize>> = IndexMap::new();
    for (name, entry) in listed {
        let algorithm = entry.object().and_then(|e| text(e, "quant_algo")).unwrap_or_default().to_uppercase();
        *found.entry(part_of(name)).or_default().entry(algorithm).or_default() += 1;
    }
    let scheme_of = |part: &str| {
        let (name, _) = found.get(part)?.iter().max_by_key(|(_, count)| **count)?;
        algorithm_named(name, None)
    };
    let parts = ["attention", "ffn", "experts", "shared_experts"];
    let largest = ["experts", "ffn", "attention", "weights"].iter().find_map(|part| scheme_of(part));
    let Some(largest) = largest else {
        config.unknown_precision(json, "quantisation by `MIXED_PRECISION`");
        return None;
    };
    let rest = scheme_of("weights").map_or("bf16", |scheme| scheme.weights);
    let stored = |part: &str| scheme_of(part).map_or("bf16", |scheme| scheme.weights);
    let others =
        parts.iter().map(|part| (*part, stored(part))).filter(|(_, stored)| *stored != rest).collect();
    Some(Scheme { parts: others, weights: rest, ..largest })
}

/// The part of a model that a layer with this name belongs to; `weights` stands for the rest.
fn part_of(name: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["shared_expert"]) {
        "shared_experts"
    } else if has(&["experts"]) {
        "experts"
    } else if has(&["linear_attn", "in_proj", "out_proj", "lm_head"]) {
        "weights"
    } else if has(&["attn", "q_proj", "k_proj", "v_proj", "o_proj", "qkv"]) {
        "attention"
    } else if has(&["mlp", "up_proj", "down_proj", "gate_proj"]) {
        "ffn"
    } else {
        "weights"
    }
}

fn compressed_tensors(config: &mut Config, object: &Object, json: &Json) -> Option<Scheme> {
    let groups = object.get("config_groups").and_then(Json::object);
    let Some(first) = groups.and_then(|g| g.values().next()).and_then(Json::object) else {
        return config.wrong("quantization_config", json, "comes without `config_groups`");
    };
    let format = |key: &str| {
        let part = first.get(key)?.object()?;
        let size = part.get("group_size").and_then(Json::number);
        Some((part.get("num_bits").and_then(Json::number)?, text(part, "type").unwrap_or("int"), size))
    };
    let name = |bits: f64, kind: &str| match (bits, kind) {
        (4.0, "float") => Some("fp4"),
        (8.0, "float") => Some("fp8"),
        (4.0, "int") => Some("int4"),
        (8.0, "int") => Some("int8"),
        (16.0, _) => Some("bf16"),
        _ => None,
    };
    let Some((bits, kind, size)) = format("weights") else {
        return config.wrong("quantization_config", json, "comes without the `num_bits` of its weights");
    };
    let Some(weights) = name(bits, kind) else {
        config.unknown_precision(json, &format!("quantisation to {bits} bits"));
        return None;
    };
    let activations = match format("input_activations") {
        Some((bits, kind, _)) => name(bits, kind).unwrap_or("bf16"),
        None => "bf16",
    };
    // NVFP4 and MXFP4 scale with one byte for a group, integers with two.
    let scales = if weights == "fp4" { group_scales(size) / 2.0 } else { group_scales(size) };
    let cache = object.get("kv_cache_scheme").and_then(Json::object);
    let cache_bits = cache.and_then(|c| c.get("num_bits")).and_then(Json::number);
    let kv_cache = if cache_bits == Some(8.0) { Some("fp8") } else { None };
    Some(Scheme { kv_cache, ..Scheme::new(weights, activations, scales) })
}

/// Parts whose modules are named as not quantised, in every layer or in most of them.
fn exclusions(object: &Object, layers: f64) -> Excluded {
    let keys =
        ["modules_to_not_convert", "exclude_modules", "ignore", "ignored_layers", "llm_int8_skip_modules"];
    let list = keys.iter().find_map(|key| object.get(*key)?.list()).unwrap_or(&[]);
    let patterns: Vec<&str> = list.iter().filter_map(Json::text).collect();
    let named = |is_part: &dyn Fn(&str) -> bool| {
        let found: Vec<&&str> = patterns.iter().filter(|p| is_part(p)).collect();
        let everywhere = found.iter().any(|p| p.contains('*') || layer_of(p).is_none());
        let numbered: std::collections::BTreeSet<u32> = found.iter().filter_map(|p| layer_of(p)).collect();
        // A `*` after a layer's number is of that layer only.
        let everywhere = everywhere && found.iter().any(|p| layer_of(p).is_none());
        everywhere || numbered.len() as f64 > layers / 2.0
    };
    let attention = |p: &str| p.contains("attn") || p.contains("attention");
    let one_projection = |p: &str| p.contains("proj") || p.contains("qkv");
    Excluded {
        attention: named(&|p| attention(p) && !p.contains("o_proj")),
        attention_output: named(&|p| attention(p) && (p.contains("o_proj") || !one_projection(p))),
        ffn: named(&|p| {
            p.contains("mlp") && !p.contains("expert") && (one_projection(p) || p.ends_with("mlp"))
        }),
        experts: named(&|p| p.contains("experts") && !p.contains("shared")),
        shared_experts: named(&|p| p.contains("shared_expert") && !p.contains("shared_expert_gate")),
    }
}

/// The number after `layers.`, if the name is of one layer.
fn layer_of(pattern: &str) -> Option<u32> {
    let (_, rest) = pattern.split_once("layers.")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
