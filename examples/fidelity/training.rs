//! Measured training runs: each row is a point of a sweep over `std.solvers.training`.

use indexmap::{IndexMap, IndexSet};
use mlsys::report::terminal::{self, Style};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use serde_json::{Map, Value};

use crate::measured::{Row, Table};
use crate::score::{Case, Quantity, Report};
use crate::trials::Trials;

type Entries = Map<String, Value>;

const QUANTITIES: [Quantity; 2] = [
    Quantity { label: "step time", column: "pred_t_iter_s" },
    Quantity { label: "memory", column: "pred_mem_gb" },
];

/// True for a record whose constants a trial may change.
pub fn is_calibration(record: &str) -> bool {
    record.ends_with("_training")
}

/// Declarations and axes of one program, the rows of one architecture: what they share is declared once.
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
pub fn predict(table: &Table, hardware: &Entries, trials: &Trials) -> Result<Report, String> {
    let mut cases: Vec<Case> = table.rows().map(|row| case(row, trials.len())).collect();
    let mut scenarios: IndexMap<&str, Scenario> = IndexMap::new();
    for (index, row) in table.rows().enumerate() {
        let name = row.text("hardware");
        let known = hardware.get(name).ok_or(format!("hardware `{name}` is not in the systems file"));
        let added = known.and_then(|sheet| {
            let architecture = architecture(name, sheet);
            let scenario = scenarios.entry(architecture).or_default();
            scenario.inputs(row, sheet, architecture).map(|inputs| scenario.add(index, inputs))
        });
        cases[index].skipped = added.err();
    }
    for (architecture, scenario) in scenarios.iter().filter(|(_, s)| !s.cases.is_empty()) {
        scenario.fill(architecture, trials, &mut cases)?;
    }
    Ok(Report { quantities: QUANTITIES.into(), cases })
}

fn case(row: Row, trials: usize) -> Case {
    let kind = if row.is_true("is_moe") { "mixture of experts" } else { "dense" };
    Case {
        id: row.text("id").to_string(),
        groups: vec![
            ("kind", kind.to_string()),
            ("source", row.text("source").to_string()),
            ("hardware", row.text("hardware").to_string()),
        ],
        measured: vec![row.number("t_iter_s"), row.number("mem_gb")],
        predicted: vec![vec![None; QUANTITIES.len()]; trials],
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

    /// Solves the rows at every trial.
    fn fill(&self, architecture: &str, trials: &Trials, cases: &mut [Case]) -> Result<(), String> {
        let record = format!("{architecture}_training");
        let tried = trials.axes(&[("calibration", &record)]);
        let path = "rows.mls".to_string();
        let memory = Memory::with(&path, self.text(architecture, &tried.text));
        let columns = Session::new(&memory, Options::default()).columns(&[path]).map_err(|outcome| {
            let render = |d| terminal::render(d, &outcome.sources, Style::default());
            outcome.diagnostics.iter().map(render).collect::<String>()
        })?;
        for (i, index) in self.cases.iter().enumerate() {
            let case = &mut cases[*index];
            for (predicted, place) in case.predicted.iter_mut().zip(&tried.place) {
                let value = |column: usize, scale: f64| {
                    let at = place * self.cases.len() + i;
                    columns[column].values.get(at).map(|v| v * scale).filter(|v| v.is_finite())
                };
                *predicted = vec![value(0, 1.0), value(1, 1e-9)];
            }
            if case.predicted.iter().flatten().any(Option::is_none) {
                case.skipped = Some("the solver has no finite answer".into());
            }
        }
        Ok(())
    }

    /// The inputs of a row as the language writes them, or why it cannot be expressed.
    fn inputs(
        &mut self,
        row: Row,
        sheet: &Value,
        architecture: &str,
    ) -> Result<Vec<(&'static str, String)>, String> {
        row.counts(&["n_dev", "layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocab", "seq"])?;
        row.counts(&["n_experts", "experts_topk", "n_shared_experts", "n_dense_layers", "gbs", "mbs"])?;
        row.counts(&["tp", "pp", "vpp", "cp", "ep", "dp"])?;
        let name = row.text("hardware");
        let need = |column: &str| row.number(column).ok_or(format!("no number in `{column}`"));
        let degree = |column: &str| row.number(column).filter(|n| *n >= 1.0).unwrap_or(1.0);
        if row.number("tp").is_none() || row.number("pp").is_none() {
            return Err("the parallel layout is not published".into());
        }
        let (tp, pp, cp) = (degree("tp"), degree("pp"), degree("cp"));
        // Devices that hold no whole replica wait.
        let replicas = (need("n_dev")? / (tp * pp * cp) + 1e-6).floor();
        if replicas < 1.0 {
            return Err(format!("{tp} x {pp} x {cp} devices hold one replica: more than there are"));
        }
        let devices = replicas * tp * pp * cp;
        let batch = need("gbs")?;
        let whole = (batch / replicas).max(1.0);
        // On a TPU the column is per device, and the whole batch passes through at once.
        let micro = match row.number("mbs").filter(|m| *m > 0.0) {
            Some(m) if architecture != "tpu" => m,
            _ if pp > 1.0 => 1.0,
            _ => whole,
        };
        let domain = domain(row, name, architecture, devices);
        let overlap = |what: &str| row.text("comm_overlap").contains(what).to_string();
        let attention = attention(row.text("attn_impl"));
        Ok(vec![
            ("model", format!("m{}", self.models.insert_full(model(row)?).0)),
            ("system", self.system(name, sheet, architecture, domain)?),
            ("devices", devices.to_string()),
            ("sequence", format!("{} tok", need("seq")?)),
            ("global_batch", batch.to_string()),
            ("micro_batch", micro.to_string()),
            ("layout.tensor", tp.to_string()),
            ("layout.sequence_parallel", row.is_true("seq_par").to_string()),
            ("layout.pipeline", pp.to_string()),
            ("layout.virtual_stages", degree("vpp").to_string()),
            ("layout.context", cp.to_string()),
            ("layout.expert", degree("ep").to_string()),
            ("zero", zero(row)?.into()),
            ("precision", precision(row.text("precision"))?.into()),
            ("recompute", recompute(row.text("recompute"))?.into()),
            ("attention", attention.into()),
            ("overlap_data", overlap("dp")),
            ("overlap_tensor", overlap("tp")),
            ("overlap_pipeline", overlap("pp")),
            ("overlap_expert", overlap("ep")),
            ("prefetch", (row.text("comm_overlap") != "zero3").to_string()),
            // Stacks that kept their scores trained with dropout.
            ("dropout", (attention == "standard").to_string()),
            ("routed_domains", if row.text("model").starts_with("deepseek-v3") { "4" } else { "64" }.into()),
            ("power_cap", power_cap(sheet)?.to_string()),
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
        let optional = |key: &str| sheet[key].as_f64().filter(|n| *n > 0.0);
        let number = |key: &str| optional(key).ok_or(format!("hardware `{name}` has no `{key}`"));
        let peaks = &sheet["peak_flops"];
        let peak = |precision: &str| peaks[precision].as_f64().filter(|n| *n > 0.0);
        let wide = peak("bf16").or(peak("fp16")).ok_or(format!("hardware `{name}` has no 16-bit peak"))?;
        let narrow: String = ["fp8", "fp4"]
            .iter()
            .filter_map(|p| peak(p).map(|rate| format!(", peak_flops_{p}: {rate} FLOP/s")))
            .collect();
        let inside = optional("scale_up_bandwidth_bytes_per_s_per_direction");
        let outside = optional("scale_out_bandwidth_bytes_per_s_per_direction");
        let declared = format!(
            "name: {:?}, architecture: {architecture}, memory_bw: {} B/s, memory_capacity: {} B, peak_flops: {wide} FLOP/s{narrow}{}",
            plain(name),
            number("hbm_bandwidth_bytes_per_s")?,
            number("hbm_capacity_bytes")?,
            inside.map(|rate| format!(", scale_up_bw: {rate} B/s")).unwrap_or_default(),
        );
        let device = self.hardware.insert_full(declared).0;
        let out = outside.map(|rate| format!(", network_bw: {} B/s", rate * domain)).unwrap_or_default();
        let system = format!("hardware: h{device}, devices: {domain}{out}");
        Ok(format!("s{}", self.systems.insert_full(system).0))
    }

    fn text(&self, architecture: &str, trials: &str) -> String {
        let declare = |kind: &str, letter: &str, all: &IndexSet<String>| -> String {
            all.iter().enumerate().map(|(i, fields)| format!("{kind} {letter}{i} {{ {fields} }}\n")).collect()
        };
        let axes: Vec<String> =
            self.axes.iter().map(|(input, values)| format!("  {input}: [{}]", values.join(", "))).collect();
        format!(
            "use std.calibration.training.training_calibration_of\n{}{}{}solve first = training {{\n  model: m0, system: s0, devices: 1, global_batch: 1, calibration: training_calibration_of({architecture})\n}}\nsweep rows = first over {{ {trials}zip {{\n{}\n}} }}\nshow rows.step_time\nshow rows.memory\n",
            declare("hardware", "h", &self.hardware),
            declare("system", "s", &self.systems),
            declare("model", "m", &self.models),
            axes.join("\n"),
        )
    }
}

/// Devices that share the fast links: those of a node where it is printed, 72 in an NVL72 rack however many a tray holds.
fn domain(row: Row, name: &str, architecture: &str, devices: f64) -> f64 {
    let node = row.number("devices_per_node").filter(|n| *n >= 1.0);
    let least = if name.contains("GB200") || name.contains("GB300") { 72.0 } else { 1.0 };
    let usual = if architecture == "tpu" { devices } else { 8.0 };
    node.unwrap_or(usual).max(least)
}

/// Fields of a row's model.
fn model(row: Row) -> Result<String, String> {
    let need = |column: &str| {
        row.number(column).filter(|n| *n > 0.0).ok_or(format!("no number above zero in `{column}`"))
    };
    let (layers, hidden, heads, ffn) = (need("layers")?, need("hidden")?, need("heads")?, need("ffn")?);
    let split = row.number("tp").filter(|n| *n >= 1.0).unwrap_or(1.0);
    if heads % split != 0.0 {
        return Err(format!("{heads} heads do not split evenly among {split} devices"));
    }
    let pieces = ["pp", "vpp"].map(|c| row.number(c).unwrap_or(1.0).max(1.0)).iter().product::<f64>();
    if pieces > layers {
        return Err(format!("{layers} layers in {pieces} pieces of a pipeline"));
    }
    let mut fields = format!(
        "name: {:?}, layers: {layers}, hidden: {hidden}, heads: {heads}, gated_ffn: {}, vocab: {}",
        plain(row.text("model")),
        row.is_true("gated_mlp"),
        row.number("vocab").unwrap_or(0.0).max(0.0),
    );
    let kv_heads = row.number("kv_heads").filter(|n| *n >= 1.0).unwrap_or(heads);
    let dim = row.number("head_dim").filter(|n| *n >= 1.0).unwrap_or(hidden / heads);
    let experts = row.number("n_experts").filter(|n| *n > 1.0);
    if experts.is_some() && kv_heads == heads && heads * dim > hidden {
        // Mixtures whose heads are wider than the model and share no keys have latent attention; the columns have no
        // place for its ranks. These are DeepSeek-V3's, which the models after it share.
        fields.push_str(
            ", mla: { q_lora_rank: 1536, kv_lora_rank: 512, qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128 }",
        );
    } else {
        fields.push_str(&format!(", kv_heads: {kv_heads}, head_dim: {dim}"));
    }
    let Some(experts) = experts else {
        return Ok(fields + &format!(", ffn: {ffn}"));
    };
    let ranks = row.number("ep").filter(|n| *n >= 1.0).unwrap_or(1.0);
    if experts % ranks != 0.0 {
        return Err(format!("{experts} experts do not split evenly among {ranks} devices"));
    }
    let picked = need("experts_topk")?;
    let shared = row.number("n_shared_experts").unwrap_or(0.0).max(0.0);
    // The column is the width of one expert. First dense layers are as wide as what a token passes elsewhere.
    Ok(fields
        + &format!(
            ", ffn: {}, dense_layers: {}, moe: {{ experts: {experts}, experts_per_token: {picked}, ffn: {ffn}, shared_ffn: {} }}",
            (picked + shared) * ffn,
            row.number("n_dense_layers").unwrap_or(0.0).max(0.0),
            shared * ffn,
        ))
}

/// A name as a string of the language may hold it.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '{' | '}' | '"' | '\\') && !c.is_control()).collect()
}

fn power_cap(sheet: &Value) -> Result<f64, String> {
    match sheet["power_cap_fraction_of_tdp"].as_f64() {
        Some(cap) if cap > 0.0 && cap <= 1.0 => Ok(cap),
        Some(cap) => Err(format!("power cap {cap} of the design power")),
        None => Ok(1.0),
    }
}

fn zero(row: Row) -> Result<&'static str, String> {
    match row.number("zero") {
        None => Ok("zero0"),
        Some(0.0) => Ok("zero0"),
        Some(1.0) => Ok("zero1"),
        Some(2.0) => Ok("zero2"),
        Some(3.0) => Ok("zero3"),
        Some(other) => Err(format!("ZeRO stage {other}")),
    }
}

fn precision(text: &str) -> Result<&'static str, String> {
    match text.to_ascii_lowercase().as_str() {
        "bf16" | "" => Ok("bf16"),
        "fp16" => Ok("fp16"),
        "fp32" => Ok("fp32"),
        "tf32" => Ok("tf32"),
        fp4 if fp4.contains("fp4") => Ok("fp4"),
        fp8 if fp8.contains("fp8") => Ok("fp8"),
        other => Err(format!("precision `{other}`")),
    }
}

fn recompute(text: &str) -> Result<&'static str, String> {
    match text.to_ascii_lowercase().as_str() {
        "" | "none" | "off" => Ok("off"),
        full if full.starts_with("full") => Ok("full"),
        offload if offload.contains("offload") => Ok("offload"),
        selective if selective.starts_with("selective") || selective.starts_with("minimal") => {
            Ok("selective")
        }
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

/// Beginnings of the words of a name, and the architecture they stand for.
const ARCHITECTURES: [(&str, &str); 27] = [
    ("GB200", "blackwell"),
    ("GB300", "blackwell"),
    ("B100", "blackwell"),
    ("B200", "blackwell"),
    ("B300", "blackwell"),
    ("BLACKWELL", "blackwell"),
    ("H100", "hopper"),
    ("H200", "hopper"),
    ("H800", "hopper"),
    ("H20", "hopper"),
    ("GH200", "hopper"),
    ("HOPPER", "hopper"),
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
    ("TRILLIUM", "tpu"),
    ("IRONWOOD", "tpu"),
    ("GAUDI", "gaudi"),
    ("TRAIN", "trainium"),
    ("TRN", "trainium"),
];

/// From the name, else from the family of the sheet: the name tells more (H100 stands for Blackwell in some).
fn architecture(name: &str, sheet: &Value) -> &'static str {
    let known = |text: &str| {
        let text = text.to_ascii_uppercase();
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.find_map(|word| {
            ARCHITECTURES.iter().find(|(start, _)| word.starts_with(start)).map(|(_, known)| *known)
        })
    };
    known(name).or_else(|| sheet["family"].as_str().and_then(known)).unwrap_or("other")
}

#[cfg(test)]
mod tests;
