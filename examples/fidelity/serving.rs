//! Measured servers: each row is a point of a sweep over `std.solvers.serving`.

use std::fmt::Write;

use indexmap::IndexMap;
use mlsys::engine::outcome::Column;
use mlsys::report::terminal::{self, Style};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use serde_json::{Map, Value};

use crate::measured::{Row, Table};
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
    let mut cases = vec![];
    let mut points: IndexMap<String, Vec<Point>> = IndexMap::new();
    for row in table.rows() {
        let mut case = case(row);
        match values(row, models, systems) {
            Ok(values) => {
                let point = Point { case: cases.len(), values };
                points.entry(row.text("model").to_string()).or_default().push(point);
            }
            Err(reason) => case.skipped = Some(reason),
        }
        cases.push(case);
    }
    let text = program(&points, models, systems)?;
    let columns = solve(text)?;
    for (group, columns) in points.values().zip(columns.chunks(3)) {
        for (i, point) in group.iter().enumerate() {
            let case = &mut cases[point.case];
            let value = |c: &Column, scale: f64| c.values.get(i).map(|v| v * scale).filter(|v| v.is_finite());
            let ttft = value(&columns[0], 1e3);
            case.predicted = vec![ttft, value(&columns[1], 1e3), value(&columns[2], 1.0), ttft];
            if case.predicted.iter().any(Option::is_none) {
                case.skipped = Some("the solver has no finite answer".into());
            }
        }
    }
    Ok(Report { quantities: QUANTITIES.into(), cases })
}

fn case(row: Row) -> Case {
    let ttft =
        row.number("measured_ttft_ms").filter(|_| row.text("ttft_ok").is_empty() || row.is_true("ttft_ok"));
    let known = ttft.filter(|_| row.text("suite") == "inferencex");
    let groups = ["suite", "model", "system", "engine"].map(|kind| (kind, row.text(kind).to_string()));
    Case {
        id: row.text("id").to_string(),
        groups: groups.into(),
        measured: vec![ttft, row.number("measured_tpot_ms"), row.number("measured_tok_s_gpu"), known],
        predicted: vec![None; QUANTITIES.len()],
        skipped: None,
    }
}

/// The inputs of a row, or why it cannot be expressed.
fn values(row: Row, models: &Entries, systems: &Entries) -> Result<Vec<String>, String> {
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
        engine.into(),
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

/// The scenario: models, hardware, and one sweep a model whose axes advance together.
fn program(
    points: &IndexMap<String, Vec<Point>>,
    models: &Entries,
    systems: &Entries,
) -> Result<String, String> {
    let mut text = String::from(
        "use std.solvers.serving.serving\nuse std.calibration.engines.{vllm, trtllm, sglang}\n\
         use std.calibration.kernels.{ada_kernels, ampere_kernels, blackwell_kernels, hopper_kernels, universal_kernels}\n",
    );
    for (system, sheet) in systems {
        text.push_str(&shapes::hardware(&shapes::name("h", systems, system), system, sheet)?);
    }
    for (model, group) in points {
        let name = shapes::name("m", models, model);
        text.push_str(&shapes::model(&name, model, &models[model])?);
        let first = &group[0].values;
        let inputs: Vec<String> = AXES.iter().zip(first).skip(1).map(|(a, v)| format!("{a}: {v}")).collect();
        let _ = writeln!(
            text,
            "solve {name}_first = serving {{ model: {name}, system: {{ hardware: {} }}, {} }}",
            first[0],
            inputs.join(", ")
        );
        let _ = writeln!(text, "sweep {name}_rows = {name}_first over {{ zip {{");
        for (axis, name) in AXES.iter().enumerate() {
            let values: Vec<&str> = group.iter().map(|p| p.values[axis].as_str()).collect();
            let _ = writeln!(text, "  {name}: [{}]", values.join(", "));
        }
        let _ = writeln!(text, "}} }}");
        for output in ["ttft", "tpot", "throughput_per_device"] {
            let _ = writeln!(text, "show {name}_rows.{output}");
        }
    }
    Ok(text)
}

fn solve(text: String) -> Result<Vec<Column>, String> {
    let path = "rows.mls".to_string();
    let memory = Memory::with(&path, text);
    Session::new(&memory, Options::default()).columns(&[path]).map_err(|outcome| {
        let style = Style::default();
        outcome.diagnostics.iter().map(|d| terminal::render(d, &outcome.sources, style)).collect()
    })
}
