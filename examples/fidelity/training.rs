//! Measured training runs: each row is a point of a sweep over `std.solvers.training`.

use indexmap::{IndexMap, IndexSet};
use mlsys::report::terminal::{self, Style};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use serde_json::{Map, Value};

use crate::measured::{Row, Table};
use crate::score::{Case, Quantity, Report};

type Entries = Map<String, Value>;

const QUANTITIES: [Quantity; 2] = [
    Quantity { label: "step time", column: "pred_t_iter_s" },
    Quantity { label: "memory", column: "pred_mem_gb" },
];

/// Declarations and axes of one program: what rows share is declared once.
#[derive(Default)]
struct Scenario {
    hardware: IndexSet<String>,
    systems: IndexSet<String>,
    models: IndexSet<String>,
    /// By input, the value of every row.
    axes: IndexMap<&'static str, Vec<String>>,
    /// The case of every row.
    cases: Vec<usize>,
}

/// Predicts every row of a table of training runs.
pub fn predict(table: &Table, hardware: &Entries) -> Result<Report, String> {
    let mut cases: Vec<Case> = table.rows().map(case).collect();
    let mut scenario = Scenario::default();
    for (index, row) in table.rows().enumerate() {
        match scenario.inputs(row, hardware) {
            Ok(inputs) => scenario.add(index, inputs),
            Err(reason) => cases[index].skipped = Some(reason),
        }
    }
    if scenario.cases.is_empty() {
        return Ok(Report { quantities: QUANTITIES.into(), cases });
    }
    let path = "rows.mls".to_string();
    let memory = Memory::with(&path, scenario.text());
    let columns = Session::new(&memory, Options::default()).columns(&[path]).map_err(|outcome| {
        let render = |d| terminal::render(d, &outcome.sources, Style::default());
        outcome.diagnostics.iter().map(render).collect::<String>()
    })?;
    for (i, index) in scenario.cases.iter().enumerate() {
        let value = |column: usize, scale: f64| {
            columns[column].values.get(i).map(|v| v * scale).filter(|v| v.is_finite())
        };
        let case = &mut cases[*index];
        case.predicted = vec![value(0, 1.0), value(1, 1e-9)];
        if case.predicted.iter().any(Option::is_none) {
            case.skipped = Some("the solver has no finite answer".into());
        }
    }
    Ok(Report { quantities: QUANTITIES.into(), cases })
}

fn case(row: Row) -> Case {
    let kind = if row.is_true("is_moe") { "mixture of experts" } else { "dense" };
    Case {
        id: row.text("id").to_string(),
        groups: vec![
            ("kind", kind.to_string()),
            ("source", row.text("source").to_string()),
            ("hardware", row.text("hardware").to_string()),
        ],
        measured: vec![row.number("t_iter_s"), row.number("mem_gb")],
        predicted: vec![None; QUANTITIES.len()],
        skipped: None,
    }
}

impl Scenario {
    fn add(&mut self, case: usize, inputs: Vec<(&'static str, String)>) {
        self.cases.push(case);
        for (input, value) in inputs {
            self.axes.entry(input).or_default().push(value);
        }
    }

    /// The inputs of a row as the language writes them, or why it cannot be expressed.
    fn inputs(&mut self, row: Row, hardware: &Entries) -> Result<Vec<(&'static str, String)>, String> {
        let name = row.text("hardware");
        let sheet = hardware.get(name).ok_or(format!("hardware `{name}` is not in the systems file"))?;
        let need = |column: &str| row.number(column).ok_or(format!("no number in `{column}`"));
        let degree = |column: &str| row.number(column).filter(|n| *n >= 1.0).unwrap_or(1.0);
        if row.number("tp").is_none() || row.number("pp").is_none() {
            return Err("the parallel layout is not published".into());
        }
        let (tp, pp, cp) = (degree("tp"), degree("pp"), degree("cp"));
        let devices = need("n_dev")?;
        let replicas = (devices / (tp * pp * cp)).floor().max(1.0);
        let batch = need("gbs")?;
        let whole = (batch / replicas).max(1.0);
        let architecture = architecture(name, sheet);
        // On a TPU the column is per device, and the whole batch passes through at once.
        let micro = match row.number("mbs").filter(|m| *m > 0.0) {
            Some(m) if architecture != "tpu" => m,
            _ if pp > 1.0 => 1.0,
            _ => whole,
        };
        // The devices of an NVL72 rack share their links, however many a tray holds.
        let node = degree("devices_per_node");
        let domain = if name.contains("GB200") || name.contains("GB300") { node.max(72.0) } else { node };
        let overlap = |what: &str| row.text("comm_overlap").contains(what).to_string();
        Ok(vec![
            ("model", format!("m{}", self.models.insert_full(model(row)?).0)),
            ("system", self.system(name, sheet, architecture, domain)?),
            ("devices", devices.to_string()),
            ("sequence", format!("{} tok", need("seq")?)),
            ("global_batch", batch.to_string()),
            ("micro_batch", micro.to_string()),
            ("tensor_parallel", tp.to_string()),
            ("sequence_parallel", row.is_true("seq_par").to_string()),
            ("pipeline_parallel", pp.to_string()),
            ("virtual_stages", degree("vpp").to_string()),
            ("context_parallel", cp.to_string()),
            ("expert_parallel", degree("ep").to_string()),
            ("zero", format!("zero{}", row.number("zero").unwrap_or(0.0))),
            ("precision", precision(row.text("precision"))?.into()),
            ("recompute", recompute(row.text("recompute"))?.into()),
            ("attention", attention(row.text("attn_impl")).into()),
            ("overlap_data", overlap("dp")),
            ("overlap_tensor", overlap("tp")),
            ("overlap_pipeline", overlap("pp")),
            ("prefetch", (row.text("comm_overlap") != "zero3").to_string()),
            ("routed_domains", if row.text("model").starts_with("deepseek-v3") { "4" } else { "64" }.into()),
            ("power_cap", sheet["power_cap_fraction_of_tdp"].as_f64().unwrap_or(1.0).to_string()),
        ])
    }

    /// The name of a set of devices that share the fast links.
    fn system(
        &mut self,
        name: &str,
        sheet: &Value,
        architecture: &str,
        domain: f64,
    ) -> Result<String, String> {
        let number = |key: &str| {
            sheet[key].as_f64().filter(|n| *n > 0.0).ok_or(format!("hardware `{name}` has no `{key}`"))
        };
        let peaks = &sheet["peak_flops"];
        let peak = |precision: &str| peaks[precision].as_f64().filter(|n| *n > 0.0);
        let wide = peak("bf16").or(peak("fp16")).ok_or(format!("hardware `{name}` has no 16-bit peak"))?;
        let narrow: String = ["fp8", "fp4"]
            .iter()
            .filter_map(|p| peak(p).map(|rate| format!(", peak_flops_{p}: {rate} FLOP/s")))
            .collect();
        let declared = format!(
            "name: {name:?}, architecture: {architecture}, memory_bw: {} B/s, memory_capacity: {} B, peak_flops: {wide} FLOP/s{narrow}, scale_up_bw: {} B/s",
            number("hbm_bandwidth_bytes_per_s")?,
            number("hbm_capacity_bytes")?,
            number("scale_up_bandwidth_bytes_per_s_per_direction")?,
        );
        let device = self.hardware.insert_full(declared).0;
        let out = number("scale_out_bandwidth_bytes_per_s_per_direction")? * domain;
        let system = format!("hardware: h{device}, devices: {domain}, network_bw: {out} B/s");
        Ok(format!("s{}", self.systems.insert_full(system).0))
    }

    fn text(&self) -> String {
        let declare = |kind: &str, letter: &str, all: &IndexSet<String>| -> String {
            all.iter().enumerate().map(|(i, fields)| format!("{kind} {letter}{i} {{ {fields} }}\n")).collect()
        };
        let first: Vec<String> =
            self.axes.iter().map(|(input, values)| format!("{input}: {}", values[0])).collect();
        let axes: Vec<String> =
            self.axes.iter().map(|(input, values)| format!("  {input}: [{}]", values.join(", "))).collect();
        format!(
            "{}{}{}solve first = training {{ {} }}\nsweep rows = first over {{ zip {{\n{}\n}} }}\nshow rows.step_time\nshow rows.memory\n",
            declare("hardware", "h", &self.hardware),
            declare("system", "s", &self.systems),
            declare("model", "m", &self.models),
            first.join(", "),
            axes.join("\n"),
        )
    }
}

/// Fields of a row's model.
fn model(row: Row) -> Result<String, String> {
    let need = |column: &str| row.number(column).ok_or(format!("no number in `{column}`"));
    let (layers, hidden, heads, ffn) = (need("layers")?, need("hidden")?, need("heads")?, need("ffn")?);
    let mut fields = format!(
        "name: {:?}, layers: {layers}, hidden: {hidden}, heads: {heads}, gated_ffn: {}, vocab: {}",
        row.text("model"),
        row.is_true("gated_mlp"),
        row.number("vocab").unwrap_or(0.0),
    );
    if has_latent_attention(row.text("model")) {
        // Ranks and head dimensions of DeepSeek-V3, which Kimi K2 shares; the columns have no place for them.
        fields.push_str(
            ", mla: { q_lora_rank: 1536, kv_lora_rank: 512, qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128 }",
        );
    } else {
        let dim = row.number("head_dim").unwrap_or(hidden / heads);
        fields.push_str(&format!(", kv_heads: {}, head_dim: {dim}", row.number("kv_heads").unwrap_or(heads)));
    }
    let Some(experts) = row.number("n_experts").filter(|n| *n > 1.0) else {
        return Ok(fields + &format!(", ffn: {ffn}"));
    };
    let (picked, shared) = (need("experts_topk")?, row.number("n_shared_experts").unwrap_or(0.0));
    // The column is the width of one expert. First dense layers are as wide as what a token passes elsewhere.
    Ok(fields
        + &format!(
            ", ffn: {}, dense_layers: {}, moe: {{ experts: {experts}, experts_per_token: {picked}, ffn: {ffn}, shared_ffn: {} }}",
            (picked + shared) * ffn,
            row.number("n_dense_layers").unwrap_or(0.0),
            shared * ffn,
        ))
}

fn has_latent_attention(model: &str) -> bool {
    ["deepseek-v3", "deepseek-r1", "kimi-k2"].iter().any(|m| model.to_ascii_lowercase().starts_with(m))
}

fn precision(text: &str) -> Result<&'static str, String> {
    match text {
        "bf16" | "" => Ok("bf16"),
        "fp16" => Ok("fp16"),
        "fp32" => Ok("fp32"),
        "tf32" => Ok("tf32"),
        "fp4" | "nvfp4" | "mxfp4" => Ok("fp4"),
        fp8 if fp8.contains("fp8") => Ok("fp8"),
        other => Err(format!("precision `{other}`")),
    }
}

fn recompute(text: &str) -> Result<&'static str, String> {
    match text {
        "" | "none" => Ok("off"),
        "selective" => Ok("selective"),
        "full" => Ok("full"),
        "offload" => Ok("offload"),
        other => Err(format!("recompute `{other}`")),
    }
}

fn attention(text: &str) -> &'static str {
    match text {
        "standard" => "standard",
        "flash1" => "flash1",
        _ => "flash",
    }
}

/// Beginnings of names, and the architecture they stand for.
const ARCHITECTURES: [(&str, &str); 22] = [
    ("GB200", "blackwell"),
    ("GB300", "blackwell"),
    ("B200", "blackwell"),
    ("B300", "blackwell"),
    ("BLACKWELL", "blackwell"),
    ("H", "hopper"),
    ("GH200", "hopper"),
    ("A100", "ampere"),
    ("A800", "ampere"),
    ("AMPERE", "ampere"),
    ("V100", "volta"),
    ("L4", "ada"),
    ("MI2", "cdna2"),
    ("MI30", "cdna3"),
    ("MI32", "cdna3"),
    ("MI35", "cdna4"),
    ("TPU", "tpu"),
    ("GAUDI", "gaudi"),
    ("TRILLIUM", "tpu"),
    ("IRONWOOD", "tpu"),
    ("TRAIN", "trainium"),
    ("TRN", "trainium"),
];

/// From the name, else from the family of the sheet: the name tells more (H100 stands for Blackwell in some).
fn architecture(name: &str, sheet: &Value) -> &'static str {
    let known = |text: &str| {
        let text = text.to_ascii_uppercase();
        let word = text.trim_start_matches("NVIDIA-").trim_start_matches("DGX-").trim_start_matches("AMD-");
        ARCHITECTURES.iter().find(|(start, _)| word.starts_with(start)).map(|(_, known)| *known)
    };
    known(name).or_else(|| sheet["family"].as_str().and_then(known)).unwrap_or("other")
}
