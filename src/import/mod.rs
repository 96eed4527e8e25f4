//! Hugging Face configurations as `model` declarations.
//!
//! Knows JSON and the names that model publishers use; what a fact means for time and memory is written in
//! `src/std`. Reads no files: texts come in, a declaration or diagnostics go out. Nothing is guessed: a fact that
//! neither the file nor the architecture's code states is an error that names it.

mod blocks;
mod config;
mod declaration;
mod family;
mod json;
mod layers;
mod mixing;
mod quantization;
mod shape;

use crate::import::config::Config;
pub use crate::import::declaration::Declaration;

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::suggest;

/// The file of ModelOpt that lies beside a configuration.
pub const QUANTIZATION_FILE: &str = "hf_quant_config.json";

/// Configurations are small; a larger file is something else.
pub const FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// One file of a model.
#[derive(Clone, Copy, Debug)]
pub struct File<'t> {
    pub id: FileId,
    pub path: &'t str,
    pub text: &'t str,
}

/// The file that a path means: itself, or the `config.json` in the folder that it names.
pub fn config_path(path: &str) -> String {
    if path == "-" || path.ends_with(".json") {
        return path.to_string();
    }
    let folder = path.trim_end_matches('/');
    if folder.is_empty() && !path.is_empty() {
        "/config.json".into()
    } else {
        format!("{folder}/config.json")
    }
}

/// The declaration that a configuration comes to.
pub fn import(file: File, quantization: Option<File>) -> Result<Declaration, Vec<Diagnostic>> {
    let root = json::parse(file.id, file.text).map_err(|problem| vec![problem])?;
    let beside = quantization.map(|f| json::parse(f.id, f.text)).transpose();
    let beside = beside.map_err(|problem| vec![problem])?;
    let Some(mut config) = Config::new(&root) else {
        let found = root.describe();
        let problem =
            Diagnostic::error("mls::malformed-json", format!("a configuration is an object, not {found}"))
                .label(root.span.head(), "the file starts here")
                .help("`import` reads the `config.json` of a Hugging Face model");
        return Err(vec![problem]);
    };
    let Some(family) = family_of(&mut config) else { return Err(config.finish()) };
    config.defaults = family.defaults;
    let mut declaration = Declaration::default();
    identity(&config, file.path, &mut declaration);
    shape::read(&mut config, family, &mut declaration);
    if family.attention_gate && config.flag(&["attn_output_gate"]).is_none() {
        declaration.flag("attention_gate", true);
        declaration.because("not stated: the architecture has it");
    }
    let layers = config.some(shape::LAYER_KEYS).unwrap_or(1.0);
    quantization::read(&mut config, beside.as_ref(), layers, &mut declaration);
    declaration.left_out = shape::left_out(&config);
    if !config.is_sound() {
        return Err(config.finish());
    }
    declaration.warnings = config.finish();
    Ok(declaration)
}

/// The architecture, by the `model_type` of the language model.
fn family_of(config: &mut Config) -> Option<&'static family::Family> {
    let found = config.text(&["model_type"]).and_then(family::find);
    if found.is_none() {
        match config.find(&["model_type"]) {
            Some(json) => unknown(config, json),
            None => config.lack("architecture", "model_type"),
        }
        for (fact, keys) in COMMON {
            config.need(fact, keys);
        }
    }
    found
}

/// Facts that every language model has, and the keys that usually state them.
const COMMON: &[(&str, &[&str])] = &[
    ("layers", shape::LAYER_KEYS),
    ("hidden", &["hidden_size", "n_embd", "d_model"]),
    ("heads", &["num_attention_heads", "n_head", "n_heads", "num_heads"]),
    ("ffn", &["intermediate_size", "moe_intermediate_size", "ffn_dim", "n_inner"]),
    ("vocab", &["vocab_size"]),
];

/// An architecture whose code is not known here: names what its configuration leaves open.
fn unknown(config: &mut Config, json: &json::Json) {
    let name = json.text().unwrap_or_default();
    let label = match suggest::nearest(name, family::names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "not an architecture that is known here".into(),
    };
    let mut open = vec!["whether feed-forward layers have a gate (`gated_ffn`)"];
    if config.flag(&["tie_word_embeddings"]).is_none() {
        open.push("whether embedding and head share one table (`tied_embeddings`)");
    }
    if config.find(&["layer_types"]).is_none() {
        open.push("which layers have a window or no attention (`window.layers`, `attention_layers`)");
    }
    if config.find(&["num_experts", "num_local_experts", "n_routed_experts"]).is_some() {
        open.push(
            "which layers have experts (`dense_layers`, `moe_layers`) and what they share (`moe.shared_ffn`)",
        );
    }
    config.problems.push(
        Diagnostic::error("mls::unknown-architecture", format!("the architecture `{name}` is not known"))
            .label(json.span, label)
            .with_note(format!("its configuration leaves to its code: {}", open.join("; ")))
            .help("write the `model` by hand, with these facts and the sizes of the file"),
    );
}

/// Name, source and architecture.
fn identity(config: &Config, path: &str, declaration: &mut Declaration) {
    let architecture = config.find(&["architectures"]).and_then(|list| list.list()?.first()?.text());
    let repository = repository(path).or_else(|| {
        let named = config.text(&["_name_or_path"]).filter(|n| !n.is_empty())?;
        Some(named.trim_matches('/').to_string())
    });
    let name = match &repository {
        Some(repository) => repository.rsplit('/').next().unwrap_or(repository).to_string(),
        None => config.text(&["model_type"]).unwrap_or_default().to_string(),
    };
    declaration.identifier = declaration::identifier(&name);
    declaration.text("name", &name);
    let source = match &repository {
        Some(repository) if repository.contains('/') && !repository.starts_with('.') => repository.clone(),
        _ => name,
    };
    declaration.text("source", &format!("{source} config.json"));
    if let Some(architecture) = architecture {
        declaration.text("architecture", architecture);
    }
}

/// `Qwen--Qwen3-8B/config.json` lies in a folder named after its repository, as copies of the hub do.
fn repository(path: &str) -> Option<String> {
    // `HEAD~1:models/llama/config.json` lies where the file does; `C:` is no revision.
    let path = path.split_once(':').filter(|(revision, _)| revision.len() > 1).map_or(path, |(_, file)| file);
    let mut folders = path.rsplit('/').skip(1).filter(|f| !f.is_empty() && *f != "." && *f != "..");
    let folder = folders.next()?;
    // `models--Qwen--Qwen3-8B/snapshots/0123abcd/config.json`, in the cache.
    let cached = path.split('/').find_map(|part| part.strip_prefix("models--"));
    let name = cached.unwrap_or(folder);
    Some(name.replacen("--", "/", 1))
}
