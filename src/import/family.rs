//! What a configuration leaves to the code of its architecture: facts by `model_type`.
//!
//! Facts are those of the configuration and model classes of Hugging Face transformers, and of the code published
//! with a model. An architecture that is not here is an error: its configuration alone does not tell them.

/// Facts of one architecture.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    names: &'static [&'static str],
    /// Feed-forward layers have a gate: three matrices.
    pub gated: bool,
    /// Embedding and head share one table where the configuration does not say.
    pub tied: bool,
    /// As many key-value heads as heads where the configuration does not say.
    pub multi_head: bool,
    /// The queries carry an output gate.
    pub attention_gate: bool,
    /// Layers of linear attention have the heads of the others, and no convolution.
    pub lightning: bool,
    pub window: Window,
    pub experts: Experts,
    /// Feed-forward layers are four times as wide as the hidden state where the configuration does not say.
    pub ffn_is_4_hidden: bool,
    pub positions: Positions,
    pub mixer: Mixer,
    /// Numbers that published configurations leave to the configuration class.
    pub defaults: &'static [(&'static str, f64)],
}

/// Which layers have a sliding window, where no list says it layer by layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// `sliding_window` is not read.
    Never,
    /// All layers, when there is a size.
    All,
    /// All from `max_window_layers` on, when `use_sliding_window` is set.
    Late,
    /// All but every n-th; n is `sliding_window_pattern`, or this.
    AllBut(u32),
    /// Chunks of `attention_chunk_size` in all but every fourth layer.
    Chunks,
}

/// Where the facts of experts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Experts {
    /// `moe_intermediate_size` is theirs, `intermediate_size` that of dense layers.
    OwnWidth,
    /// `intermediate_size` is theirs.
    DenseWidth,
    /// As before, and one shared expert of the same width; dense layers are `intermediate_size_mlp` wide.
    Llama4,
    /// Run across two layers of attention and dense networks, which `num_layers` counts as one; some do nothing.
    Shortcut,
    /// Run beside a dense network of `intermediate_size` in every layer, when `enable_moe_block` is set.
    BesideDense,
}

/// Learned tables of positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    None,
    Learned,
    /// Two rows more than positions.
    LearnedPlus2,
}

/// What stands in for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mixer {
    Attention,
    Mamba1,
    Mamba2,
    /// Mamba-2 and attention in every layer, side by side.
    Mamba2BesideAttention,
}

/// The commonest: gated, untied, every fact stated.
const LLAMA: Family = Family {
    names: &["llama"],
    gated: true,
    tied: false,
    multi_head: true,
    attention_gate: false,
    lightning: false,
    window: Window::Never,
    experts: Experts::OwnWidth,
    ffn_is_4_hidden: false,
    positions: Positions::None,
    mixer: Mixer::Attention,
    defaults: &[],
};
const QWEN: Family = Family { multi_head: false, window: Window::Late, ..LLAMA };
const GPT_2: Family = Family {
    names: &["gpt2", "gpt_bigcode"],
    gated: false,
    tied: true,
    ffn_is_4_hidden: true,
    positions: Positions::Learned,
    ..LLAMA
};
const GEMMA: Family = Family { multi_head: false, tied: true, defaults: &[("head_dim", 256.0)], ..LLAMA };

/// The published configurations of the larger sizes state these only where they differ.
const GEMMA_3: &[(&str, f64)] = &[
    ("vocab_size", 262_208.0),
    ("num_attention_heads", 8.0),
    ("num_key_value_heads", 4.0),
    ("head_dim", 256.0),
    ("max_position_embeddings", 131_072.0),
];

const FAMILIES: &[Family] = &[
    LLAMA,
    Family {
        names: &[
            "baichuan",
            "internlm",
            "internlm2",
            "internlm3",
            "olmo",
            "olmo2",
            "olmo_hybrid",
            "granite",
            "xverse",
            "exaone",
            "orion",
            "solar",
            "bitnet",
        ],
        ..LLAMA
    },
    Family {
        names: &["chatglm", "glm", "glm4", "glm4v", "seed_oss", "hunyuan_v1_dense", "stablelm", "helium"],
        multi_head: false,
        ..LLAMA
    },
    Family { names: &["smollm3", "ernie4_5", "ernie4_5_moe", "cohere"], tied: true, ..LLAMA },
    Family {
        names: &["mistral", "ministral", "ministral3"],
        multi_head: false,
        window: Window::All,
        ..LLAMA
    },
    Family { names: &["phi3", "phi3_v", "phi4mm", "phi4_multimodal"], window: Window::All, ..LLAMA },
    Family {
        names: &["mixtral"],
        multi_head: false,
        window: Window::All,
        experts: Experts::DenseWidth,
        ..LLAMA
    },
    Family {
        names: &["minimax_m2", "gpt_oss", "dbrx"],
        multi_head: false,
        experts: Experts::DenseWidth,
        ..LLAMA
    },
    Family {
        names: &["minimax", "minimax_text_01", "minimax_m1"],
        multi_head: false,
        lightning: true,
        experts: Experts::DenseWidth,
        ..LLAMA
    },
    Family {
        names: &["minimax_m3", "minimax_m3_vl"],
        multi_head: false,
        experts: Experts::DenseWidth,
        ..LLAMA
    },
    Family { names: &["grok-1"], multi_head: false, tied: true, experts: Experts::DenseWidth, ..LLAMA },
    Family { names: &["phimoe"], window: Window::All, experts: Experts::DenseWidth, ..LLAMA },
    Family {
        names: &["olmoe", "granitemoe", "granitemoeshared", "hunyuan_v1_moe", "hunyuan", "flex_olmo", "aria"],
        experts: Experts::DenseWidth,
        ..LLAMA
    },
    Family { names: &["granitemoehybrid"], experts: Experts::DenseWidth, mixer: Mixer::Mamba2, ..LLAMA },
    Family { names: &["bamba"], multi_head: false, mixer: Mixer::Mamba2, ..LLAMA },
    Family { names: &["olmo3", "exaone4", "exaone_moe"], window: Window::AllBut(4), ..LLAMA },
    Family { names: &["cohere2"], tied: true, window: Window::AllBut(4), ..LLAMA },
    Family {
        names: &[
            "deepseek",
            "deepseek_v2",
            "deepseek_v3",
            "deepseek_v32",
            "kimi_k2",
            "glm4_moe",
            "glm4_moe_lite",
            "glm4v_moe",
            "glm_moe_dsa",
            "dots1",
            "bailing_moe",
            "bailing_moe_v2",
            "mimo_v2_flash",
            "kimi_linear",
            "step3p5",
            "step3p7",
            "mistral4",
            "solar_open",
        ],
        multi_head: false,
        ..LLAMA
    },
    Family { names: &["longcat_flash"], experts: Experts::Shortcut, ..LLAMA },
    Family { names: &["afmoe"], attention_gate: true, window: Window::AllBut(4), ..LLAMA },
    Family { names: &["youtu"], tied: true, ..LLAMA },
    Family { names: &["nemotron-nas", "deci"], ..LLAMA },
    Family { names: &["minicpm", "minicpm3"], tied: true, ..LLAMA },
    Family {
        names: &[
            "qwen2",
            "qwen2_moe",
            "qwen3",
            "qwen3_moe",
            "qwen2_vl",
            "qwen2_5_vl",
            "qwen3_vl",
            "qwen3_vl_moe",
            "mimo",
            "qwen2_5_omni",
            "qwen3_omni_moe",
        ],
        ..QWEN
    },
    Family { names: &["qwen3_next", "qwen3_5", "qwen3_5_moe"], attention_gate: true, ..QWEN },
    Family {
        names: &["llama4"],
        multi_head: false,
        window: Window::Chunks,
        experts: Experts::Llama4,
        ..LLAMA
    },
    Family { names: &["gemma"], ..GEMMA },
    Family { names: &["gemma2"], window: Window::AllBut(2), ..GEMMA },
    Family { names: &["gemma3"], window: Window::AllBut(6), defaults: GEMMA_3, ..GEMMA },
    Family { names: &["gemma4"], experts: Experts::BesideDense, ..GEMMA },
    GPT_2,
    Family { names: &["bloom"], positions: Positions::None, ..GPT_2 },
    Family { names: &["mpt"], positions: Positions::None, ..GPT_2 },
    Family { names: &["falcon", "RefinedWeb", "RefinedWebModel"], positions: Positions::None, ..GPT_2 },
    Family { names: &["gptj", "codegen"], tied: false, positions: Positions::None, ..GPT_2 },
    Family { names: &["gpt_neo"], window: Window::AllBut(2), ..GPT_2 },
    Family { names: &["opt"], ffn_is_4_hidden: false, positions: Positions::LearnedPlus2, ..GPT_2 },
    Family { names: &["gpt_neox", "phi", "persimmon", "arcee"], gated: false, ..LLAMA },
    Family { names: &["nemotron", "apertus"], gated: false, multi_head: false, ..LLAMA },
    Family {
        names: &["starcoder2"],
        gated: false,
        tied: true,
        multi_head: false,
        window: Window::All,
        ..LLAMA
    },
    Family { names: &["nemotron_h"], gated: false, multi_head: false, mixer: Mixer::Mamba2, ..LLAMA },
    Family {
        names: &["jamba"],
        multi_head: false,
        experts: Experts::DenseWidth,
        mixer: Mixer::Mamba1,
        ..LLAMA
    },
    Family { names: &["falcon_h1"], multi_head: false, mixer: Mixer::Mamba2BesideAttention, ..LLAMA },
    Family { names: &["mamba"], tied: true, mixer: Mixer::Mamba1, ..LLAMA },
    Family { names: &["falcon_mamba"], tied: true, mixer: Mixer::Mamba1, ..LLAMA },
    Family { names: &["mamba2"], tied: false, mixer: Mixer::Mamba2, ..LLAMA },
];

impl Family {
    /// True for models that have no attention at all.
    pub fn is_state_space(&self) -> bool {
        self.names.iter().any(|n| matches!(*n, "mamba" | "mamba2" | "falcon_mamba"))
    }
}

/// The architecture of this `model_type`; those of nested configurations end in `_text`.
pub fn find(model_type: &str) -> Option<&'static Family> {
    let name = model_type.strip_suffix("_text").unwrap_or(model_type);
    FAMILIES.iter().find(|family| family.names.contains(&name))
}

/// All names, for did-you-mean.
pub fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().flat_map(|family| family.names.iter().copied())
}
