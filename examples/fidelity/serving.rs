//! Measured servers: each row is a point of a sweep over `std.solvers.serving`.

use std::fmt::Write;

use indexmap::{IndexMap, IndexSet};
use mlsys::diagnostic::Severity;
use mlsys::outcome::Column;
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use serde_json::{Map, Value};

use crate::measured::{Row, Table};
use crate::protocol::Rules;
use crate::score::{Case, Quantity, Report};
use crate::shapes;

type Entries = Map<String, Value>;

const QUANTITIES: [Quantity; 4] = [
    Quantity { label: "TTFT", column: "pred_ttft_ms" },
    Quantity { label: "TPOT", column: "pred_tpot_ms" },
    Quantity { label: "throughput", column: "pred_tok_s_gpu" },
    // The protocol of this suite is known, which is what a first token depends on.
    Quantity { label: "TTFT, InferenceX", column: "" },
];

/// Inputs of one row, in the order of [`AXES`], as the language writes them.
struct Point {
    case: usize,
    system: String,
    values: Vec<String>,
}

const AXES: [&str; 13] = [
    "system.hardware",
    "engine",
    "quantization",
    "kv_cache",
    "prompt",
    "output",
    "concurrency",
    "prompts_per_slot",
    "layout.tensor",
    "layout.pipeline",
    "layout.attention_data",
    "layout.expert",
    "kernels",
];

/// Predicts every row of a table that has InferenceX' columns.
pub fn predict(table: &Table, models: &Entries, systems: &Entries) -> Result<Report, String> {
    let rules = Rules::read()?;
    let mut cases = vec![];
    let mut groups: IndexMap<String, Vec<Point>> = IndexMap::new();
    for row in table.rows() {
        let mut case = case(row);
        match values(row, models, systems, &rules) {
            Ok(values) => {
                let point = Point { case: cases.len(), system: row.text("system").to_string(), values };
                groups.entry(row.text("model").to_string()).or_default().push(point);
            }
            Err(reason) => case.skipped = Some(reason),
        }
        cases.push(case);
    }
    for (model, points) in &groups {
        match shapes::model("m", model, &models[model]) {
            Ok(declared) => fill(points, &declared, systems, &mut cases),
            Err(reason) => points.iter().for_each(|p| cases[p.case].skipped = Some(reason.clone())),
        }
    }
    Ok(Report { quantities: QUANTITIES.into(), cases })
}

/// Solves the points of one model. Where the solver refuses them, halves of them are tried, down to the point that is the reason.
fn fill(points: &[Point], model: &str, systems: &Entries, cases: &mut [Case]) {
    match program(points, model, systems).and_then(solve) {
        Ok(columns) => {
            for (i, point) in points.iter().enumerate() {
                let case = &mut cases[point.case];
                let value =
                    |c: &Column, scale: f64| c.values.get(i).map(|v| v * scale).filter(|v| v.is_finite());
                let ttft = value(&columns[0], 1e3);
                case.predicted = vec![ttft, value(&columns[1], 1e3), value(&columns[2], 1.0), ttft];
                if case.predicted.iter().any(Option::is_none) {
                    case.skipped = Some("the solver has no finite answer".into());
                }
            }
        }
        Err(reason) if points.len() == 1 => cases[points[0].case].skipped = Some(reason),
        Err(_) => {
            let (first, second) = points.split_at(points.len() / 2);
            fill(first, model, systems, cases);
            fill(second, model, systems, cases);
        }
    }
}

fn case(row: Row) -> Case {
    let above_zero = |column: &str| row.number(column).filter(|n| *n > 0.0);
    let ttft =
        above_zero("measured_ttft_ms").filter(|_| row.text("ttft_ok").is_empty() || row.is_true("ttft_ok"));
    let known = ttft.filter(|_| row.text("suite") == "inferencex");
    let groups = ["suite", "model", "system", "engine"].map(|kind| (kind, row.text(kind).to_string()));
    Case {
        id: row.text("id").to_string(),
        groups: groups.into(),
        measured: vec![ttft, above_zero("measured_tpot_ms"), above_zero("measured_tok_s_gpu"), known],
        predicted: vec![None; QUANTITIES.len()],
        skipped: None,
    }
}

/// The inputs of a row, or why it cannot be expressed.
fn values(row: Row, models: &Entries, systems: &Entries, rules: &Rules) -> Result<Vec<String>, String> {
    row.counts(&["isl", "osl", "isl_mean", "osl_mean", "concurrency", "tp", "pp", "dp", "ep", "gpus"])?;
    let (model, system) = (row.text("model"), row.text("system"));
    let shape = models.get(model).ok_or(format!("model `{model}` is not in the models file"))?;
    let sheet = systems.get(system).ok_or(format!("system `{system}` is not in the systems file"))?;
    let engine = match row.text("engine") {
        "vllm" => "vllm",
        "trtllm" | "tensorrt-llm" | "tensorrt_llm" => "trtllm",
        "sglang" => "sglang",
        other => return Err(format!("engine `{other}` has no profile")),
    };
    let need = |name: &str, other: &str| {
        row.number(name).or_else(|| row.number(other)).ok_or(format!("no number in `{name}`"))
    };
    let degree = |name: &str| row.number(name).filter(|n| *n >= 1.0).unwrap_or(1.0);
    let (mut tp, pp, dp) = (degree("tp"), degree("pp"), degree("dp"));
    let gpus = row.number("gpus").unwrap_or(tp * pp * dp);
    if tp * pp * dp != gpus {
        // Some count the attention groups inside the tensor-parallel ones.
        tp = gpus / (pp * dp);
        if tp < 1.0 || tp.fract() != 0.0 {
            return Err("tp, pp and dp do not give the number of GPUs".into());
        }
    }
    let quantization = shapes::quantization(model, shape, row.text("precision"))?;
    let kv_cache = match row.text("kv_precision") {
        "fp8" | "fp8_e4m3" => "fp8",
        "" | "auto" | "bf16" | "fp16" => "bf16",
        other => return Err(format!("KV cache in `{other}`")),
    };
    let waves = row.number("prompts_per_slot").unwrap_or(1e9).max(1.0);
    Ok(vec![
        shapes::name("h", systems, system),
        rules.engine(engine, row),
        quantization,
        kv_cache.into(),
        format!("{} tok", need("isl_mean", "isl")?.max(1.0)),
        format!("{} tok", need("osl_mean", "osl")?.max(1.0)),
        format!("{} req", need("concurrency", "concurrency")?),
        waves.to_string(),
        tp.to_string(),
        pp.to_string(),
        dp.to_string(),
        degree("ep").min(tp * dp).to_string(),
        shapes::kernels(sheet).into(),
    ])
}

/// The scenario: a model, the hardware of these points, and a sweep whose axes advance together.
fn program(points: &[Point], model: &str, systems: &Entries) -> Result<String, String> {
    let mut text = String::from(
        "use std.solvers.serving.serving\nuse std.calibration.engines.{vllm, trtllm, sglang}\n\
         use std.calibration.kernels.{ada_kernels, ampere_kernels, blackwell_kernels, hopper_kernels, universal_kernels}\n",
    );
    let used: IndexSet<&str> = points.iter().map(|p| p.system.as_str()).collect();
    for system in used {
        text.push_str(&shapes::hardware(&shapes::name("h", systems, system), system, &systems[system])?);
    }
    text.push_str(model);
    let first = &points[0].values;
    let inputs: Vec<String> = AXES.iter().zip(first).skip(1).map(|(a, v)| format!("{a}: {v}")).collect();
    let _ = writeln!(
        text,
        "solve first = serving {{ model: m, system: {{ hardware: {} }}, {} }}",
        first[0],
        inputs.join(", ")
    );
    let _ = writeln!(text, "sweep rows = first over {{ zip {{");
    for (axis, name) in AXES.iter().enumerate() {
        let values: Vec<&str> = points.iter().map(|p| p.values[axis].as_str()).collect();
        let _ = writeln!(text, "  {name}: [{}]", values.join(", "));
    }
    let _ = writeln!(text, "}} }}");
    for output in ["ttft", "tpot", "throughput_per_device"] {
        let _ = writeln!(text, "show rows.{output}");
    }
    Ok(text)
}

/// The columns of a scenario, or what is wrong with it.
fn solve(text: String) -> Result<Vec<Column>, String> {
    let path = "rows.mls".to_string();
    let memory = Memory::with(&path, text);
    Session::new(&memory, Options::default()).columns(&[path]).map_err(|outcome| {
        let first = outcome.diagnostics.iter().find(|d| d.severity == Severity::Error);
        first.map_or("the solver refuses it".into(), |d| d.message.clone())
    })
}
