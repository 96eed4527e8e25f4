//! Configurations of Hugging Face models as `model` declarations.
#![cfg(feature = "cli")]

use std::path::PathBuf;

use mlsys::outcome::{Datum, Outcome};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

use crate::solvers::models::{check, rows};
use crate::support::codes;

/// The committed configurations, by folder: `hf_configs/openai--gpt-oss-120b/config.json` and its like.
fn published() -> (Memory, Vec<String>) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/hf_configs");
    let mut memory = Memory::default();
    let mut names = vec![];
    for row in rows(include_str!("../data/hf_configs/parameters.csv")) {
        for file in ["config.json", "hf_quant_config.json"] {
            if let Ok(text) = std::fs::read_to_string(root.join(row[0]).join(file)) {
                memory.add(&format!("{}/{file}", row[0]), text);
            }
        }
        names.push(row[0].to_string());
    }
    (memory, names)
}

fn import(memory: &Memory, path: &str) -> String {
    let imported = Session::new(memory, Options::default()).import(path, Some("m"));
    imported.unwrap_or_else(|Outcome { diagnostics: problems, .. }| panic!("{path}: {problems:#?}")).text
}

/// The values that a scenario shows.
fn shown(memory: &Memory, text: &str) -> Vec<Datum> {
    let mut memory = memory.clone();
    memory.add("main.mls", text);
    let outcome = Session::new(&memory, Options::default()).run(&["main.mls".into()]);
    assert!(outcome.diagnostics.is_empty(), "{text}: {:#?}", outcome.diagnostics);
    outcome.files.into_iter().flat_map(|f| f.shows).map(|s| s.value).collect()
}

fn number(datum: &Datum) -> f64 {
    match datum {
        Datum::Quantity { value, .. } => *value,
        other => panic!("not a number: {other:?}"),
    }
}

/// The diagnostics of a configuration, by code.
fn refused(config: &str) -> Vec<&'static str> {
    let memory = Memory::with("config.json", config);
    match Session::new(&memory, Options::default()).import("config.json", None) {
        Ok(imported) => panic!("{config} came to {}", imported.text),
        Err(Outcome { diagnostics: problems, .. }) => {
            assert!(problems.iter().all(|p| p.help.is_some() && !p.labels.is_empty()), "{problems:#?}");
            problems.iter().map(|p| p.code).collect()
        }
    }
}

#[test]
fn published_configurations_import() {
    let (memory, names) = published();
    assert_eq!(names.len(), 18);
    let text: Vec<String> = names.iter().map(|name| import(&memory, name)).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn imported_parameters_agree_with_published_ones() {
    let (memory, _) = published();
    for row in rows(include_str!("../data/hf_configs/parameters.csv")) {
        let text = format!("model m = import \"{}\"\nshow m.parameters, m.active_parameters\n", row[0]);
        let values = shown(&memory, &text);
        check(row[0], number(&values[0]), row[1], 0.01);
        if !row[2].is_empty() {
            check(row[0], number(&values[1]), row[2], 0.01);
        }
    }
}

#[test]
fn an_import_in_place_is_what_is_printed() {
    let (memory, names) = published();
    for name in names {
        let printed = shown(&memory, &format!("{}\nshow m\n", import(&memory, &name)));
        let in_place = shown(&memory, &format!("model m = import \"{name}/config.json\"\nshow m\n"));
        assert_eq!(format!("{printed:?}"), format!("{in_place:?}"), "{name}");
    }
}

#[test]
fn other_families_import() {
    let models: serde_json::Value =
        serde_json::from_str(include_str!("../data/families.json")).expect("JSON");
    for model in models.as_array().expect("a list") {
        let name = model["name"].as_str().expect("a name");
        let memory = Memory::with("config.json", model["config"].to_string());
        let text = "model m = import \"config.json\"\nshow m.parameters, m.active_parameters\n";
        let values = shown(&memory, text);
        check(name, number(&values[0]), &model["parameters"].to_string(), 0.01);
        if !model["active"].is_null() {
            check(name, number(&values[1]), &model["active"].to_string(), 0.01);
        }
    }
}

/// Sparse attention by blocks, dense and expert layers of two widths, and all of it inside a wrapper for images.
#[test]
fn a_wrapper_imports_its_language_model() {
    let config = r#"{"model_type": "minimax_m3_vl", "vision_config": {}, "text_config": {"hidden_size": 64, "num_hidden_layers": 4,
        "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 32, "dense_intermediate_size": 128,
        "shared_intermediate_size": 32, "num_local_experts": 8, "num_experts_per_tok": 2, "moe_layer_freq": [0, 1, 1, 1],
        "vocab_size": 1000, "tie_word_embeddings": false, "sparse_attention_config": {"sparse_topk_blocks": 16,
        "sparse_block_size": 128, "sparse_num_index_heads": 4, "sparse_index_dim": 16}}}"#;
    insta::assert_snapshot!(import(&Memory::with("config.json", config), "config.json"));
}

#[test]
fn blocks_that_no_mean_stands_for_are_refused() {
    let block = r#"{"attention": {"n_heads_in_group": 8, "no_op": false}, "ffn": {"ffn_mult": 2.625}}"#;
    let config = |second: &str| {
        format!(
            r#"{{"model_type": "nemotron-nas", "hidden_size": 512, "num_hidden_layers": 2, "num_attention_heads": 8, "vocab_size": 1000,
            "block_configs": [{block}, {second}]}}"#
        )
    };
    let text = import(&Memory::with("config.json", config(block)), "config.json");
    assert!(text.contains("ffn: 1024 ") && text.contains("kv_heads: 1"), "{text}");
    for (second, code) in [
        (block.replace('8', "4"), "mls::import-unsupported"),
        (block.replace("\"no_op\": false", "\"replace_with_linear\": true"), "mls::import-unsupported"),
        (block.replace("ffn_mult", "width"), "mls::import-bad-value"),
        ("{}".to_string(), "mls::import-bad-value"),
    ] {
        assert!(refused(&config(&second)).contains(&code), "{second}: {:?}", refused(&config(&second)));
    }
}

#[test]
fn what_is_not_known_is_not_guessed() {
    assert_eq!(
        refused(r#"{"model_type": "t5", "d_model": 512, "num_layers": 6, "num_heads": 8, "d_ff": 2048}"#)
            .len(),
        2
    );
    assert_eq!(refused(r#"{"model_type": "llama"}"#), ["mls::import-missing-fact"]);
    assert_eq!(refused(r#"{"hidden_size": 8}"#), ["mls::import-missing-fact"]);
    assert_eq!(refused(r#"{"model_type": 7}"#).len(), 2);
    assert_eq!(refused("[1]"), ["mls::malformed-json"]);
    for broken in
        ["", "{", "nul", "{\"a\" 1}", "{\"a\": 01x}", "{\"a\": \"\\q\"}", "{\"a\": \"\\ud800\"", "{} {}"]
    {
        assert_eq!(refused(broken), ["mls::malformed-json"], "{broken}");
    }
    assert_eq!(refused(&"[".repeat(100_000)), ["mls::malformed-json"]);
}

#[test]
fn values_that_make_no_model_are_refused() {
    let sound = r#"{"model_type": "mixtral", "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8,
        "num_key_value_heads": 2, "intermediate_size": 128, "vocab_size": 1000, "num_local_experts": 8, "num_experts_per_tok": 2}"#;
    import(&Memory::with("config.json", sound), "config.json");
    // Python writes what JSON lacks.
    let python = sound.replace("1000", "1000, \"time_step_limit\": [0.0, Infinity]");
    import(&Memory::with("config.json", python), "config.json");
    for (right, wrong) in [
        ("\"hidden_size\": 64", "\"hidden_size\": 0"),
        ("\"hidden_size\": 64", "\"hidden_size\": -64"),
        ("\"hidden_size\": 64", "\"hidden_size\": 1e400"),
        ("\"hidden_size\": 64", "\"hidden_size\": NaN"),
        ("\"hidden_size\": 64", "\"hidden_size\": \"64\""),
        ("\"hidden_size\": 64", "\"hidden_size\": 64.5"),
        ("\"hidden_size\": 64", "\"hidden_size\": [64, 65]"),
        ("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 1000000000"),
        ("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 16"),
        ("\"num_experts_per_tok\": 2", "\"num_experts_per_tok\": 9"),
        ("\"vocab_size\": 1000", "\"vocab_size\": 1000, \"layer_types\": [\"full_attention\"]"),
        ("\"vocab_size\": 1000", "\"vocab_size\": 1000, \"quantization_config\": 4"),
    ] {
        assert_eq!(refused(&sound.replace(right, wrong)), ["mls::import-bad-value"], "{wrong}");
    }
    let missing = sound.replace("\"num_key_value_heads\": 2,", "");
    assert_eq!(refused(&missing), ["mls::import-missing-fact"]);
    for unknown in
        ["\"layer_types\": [\"conv\", \"conv\", \"conv\", \"conv\"]", "\"num_kv_shared_layers\": 2"]
    {
        let config = sound.replace("\"vocab_size\": 1000", &format!("\"vocab_size\": 1000, {unknown}"));
        assert_eq!(refused(&config), ["mls::import-unsupported"], "{unknown}");
    }
}

#[test]
fn a_mistake_in_the_file_is_shown_with_the_import() {
    let mut memory =
        Memory::with("main.mls", "model m = import \"m/config.json\"\nmodel n = import \"nowhere\"\n");
    memory.add("m/config.json", "{\n  \"model_type\": \"qwne3\",\n  \"hidden_size\": 64\n}\n");
    let outcome = Session::new(&memory, Options::default()).run(&["main.mls".into()]);
    assert_eq!(
        codes(&outcome),
        ["mls::file-not-found", "mls::import-missing-fact", "mls::unknown-architecture"]
    );
    assert_eq!(outcome.exit_code(false), 2);
    let style = mlsys::report::terminal::Style::default();
    let text: Vec<String> = outcome
        .diagnostics
        .iter()
        .map(|d| mlsys::report::terminal::render(d, &outcome.sources, style))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

/// The shape does not depend on it, so the import goes on.
#[test]
fn an_unknown_quantisation_is_a_warning() {
    let config = include_str!("../data/hf_configs/Qwen--Qwen3-8B/config.json");
    let config = config.replacen('{', "{\"quantization_config\": {\"quant_method\": \"magic\"}, ", 1);
    let memory = Memory::with("config.json", config);
    let Ok(imported) = Session::new(&memory, Options::default()).import("config.json", None) else {
        panic!("refused");
    };
    let found: Vec<_> = imported.warnings.iter().map(|w| (w.code, w.severity.name())).collect();
    assert_eq!(found, [("mls::unknown-quantization", "warning")]);
    assert!(!imported.text.contains("quantization"), "{}", imported.text);
}

/// The precision of each part, from the ways in which checkpoints state it.
#[test]
fn quantised_parts_are_named() {
    let base = r#""model_type": "deepseek_v3", "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8,
        "intermediate_size": 128, "moe_intermediate_size": 32, "n_routed_experts": 8, "num_experts_per_tok": 2,
        "n_shared_experts": 1, "first_k_dense_replace": 1, "kv_lora_rank": 16, "qk_nope_head_dim": 8,
        "qk_rope_head_dim": 4, "v_head_dim": 8, "vocab_size": 1000"#;
    let schemes = [
        r#"{"quant_method": "fp8", "activation_scheme": "dynamic"}"#,
        r#"{"quant_method": "awq", "bits": 4, "group_size": 128}"#,
        r#"{"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head", "model.layers.0.self_attn.q_b_proj",
            "model.layers.1.self_attn.q_b_proj", "model.layers.2.self_attn.q_b_proj", "model.layers.3*"]}"#,
        r#"{"quant_algo": "NVFP4", "exclude_modules": ["model.layers.*.self_attn*", "model.layers.0.mlp.down_proj"]}"#,
        r#"{"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int",
            "group_size": 32}, "input_activations": null}}, "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*",
            "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"]}"#,
        r#"{"quant_algo": "MIXED_PRECISION", "kv_cache_quant_algo": "FP8", "quantized_layers": {
            "model.layers.0.linear_attn.out_proj": {"quant_algo": "FP8"}, "model.layers.1.self_attn.o_proj": {"quant_algo": "NVFP4"},
            "model.layers.1.self_attn.q_proj": {"quant_algo": "FP8"}, "model.layers.2.self_attn.q_proj": {"quant_algo": "FP8"},
            "model.layers.1.mlp.experts.0.up_proj": {"quant_algo": "W4A16_NVFP4", "group_size": 16}}}"#,
    ];
    let lines: Vec<String> = schemes
        .iter()
        .map(|scheme| {
            let config = format!("{{{base}, \"quantization_config\": {scheme}}}");
            let text = import(&Memory::with("config.json", config), "config.json");
            text.lines().find(|l| l.contains("quantization:")).expect("a quantisation").trim().to_string()
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
