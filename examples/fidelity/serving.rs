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
use crate::trials::Trials;

type Entries = Map<String, Value>;

const QUANTITIES: [Quantity; 4] = [
    Quantity { label: "TTFT", column: "pred_ttft_ms" },
    Quantity { label: "TPOT", column: "pred_tpot_ms" },
    Quantity { label: "throughput", column: "pred_tok_s_gpu" },
    // The protocol of this suite is known, which is what a first token depends on.
    Quantity { label: "TTFT, InferenceX", column: "" },
];

/// Engines whose constants the library has, by the names that it gives them.
const ENGINES: [&str; 3] = ["vllm", "trtllm", "sglang"];

/// What the points of one sweep share.
#[derive(PartialEq, Eq, Hash)]
struct Shared {
    model: String,
    /// The records that a trial changes.
    engine: &'static str,
    kernels: &'static str,
}

/// Inputs of one row, in the order of [`AXES`], as the language writes them.
struct Point {
    case: usize,
    system: String,
    values: Vec<String>,
}

const AXES: [&str; 13] = [
    "system.hardware",
    "engine.poll_interval",
    "engine.batch_wait",
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
];

/// True for a record whose constants a trial may change.
pub fn is_calibration(record: &str) -> bool {
    ENGINES.contains(&record) || record.ends_with("_kernels")
}

/// Predicts every row of a table that has InferenceX' columns, at every trial.
pub fn predict(
    table: &Table,
    models: &Entries,
    systems: &Entries,
    trials: &Trials,
) -> Result<Report, String> {
    let rules = Rules::read()?;
    let mut cases = vec![];
    let mut groups: IndexMap<Shared, Vec<Point>> = IndexMap::new();
    for row in table.rows() {
        let mut case = case(row, trials.len());
        match values(row, models, systems, &rules) {
            Ok((shared, values)) => {
                let point = Point { case: cases.len(), system: row.text("system").to_string(), values };
                groups.entry(shared).or_default().push(point);
            }
            Err(reason) => case.skipped = Some(reason),
        }
        cases.push(case);
    }
    for (shared, points) in &groups {
        match shapes::model("m", &shared.model, &models[&shared.model]) {
            Ok(declared) => fill(points, shared, &declared, systems, trials, &mut cases),
            Err(reason) => points.iter().for_each(|p| cases[p.case].skipped = Some(reason.clone())),
        }
    }
    Ok(Report { quantities: QUANTITIES.into(), cases })
}

/// Solves the points that share these. Where the solver refuses them, halves of them are tried, down to the point that is the reason.
fn fill(
    points: &[Point],
    shared: &Shared,
    model: &str,
    systems: &Entries,
    trials: &Trials,
    cases: &mut [Case],
) {
    let tried = trials.axes(&[("engine", shared.engine), ("kernels", shared.kernels)]);
    match program(points, shared, model, systems, &tried.text).and_then(solve) {
        Ok(columns) => {
            for (i, point) in points.iter().enumerate() {
                let case = &mut cases[point.case];
                for (predicted, place) in case.predicted.iter_mut().zip(&tried.place) {
                    let value = |c: &Column, scale: f64| {
                        c.values.get(place * points.len() + i).map(|v| v * scale).filter(|v| v.is_finite())
                    };
                    let ttft = value(&columns[0], 1e3);
                    *predicted = vec![ttft, value(&columns[1], 1e3), value(&columns[2], 1.0), ttft];
                }
                if case.predicted.iter().flatten().any(Option::is_none) {
                    case.skipped = Some("the solver has no finite answer".into());
                }
            }
        }
        Err(reason) if points.len() == 1 => cases[points[0].case].skipped = Some(reason),
        Err(_) => {
            let (first, second) = points.split_at(points.len() / 2);
            fill(first, shared, model, systems, trials, cases);
            fill(second, shared, model, systems, trials, cases);
        }
    }
}

fn case(row: Row, trials: usize) -> Case {
    let above_zero = |column: &str| row.number(column).filter(|n| *n > 0.0);
    let ttft =
        above_zero("measured_ttft_ms").filter(|_| row.text("ttft_ok").is_empty() || row.is_true("ttft_ok"));
    let known = ttft.filter(|_| row.text("suite") == "inferencex");
    let groups = ["suite", "model", "system", "engine"].map(|kind| (kind, row.text(kind).to_string()));
    Case {
        id: row.text("id").to_string(),
        groups: groups.into(),
        measured: vec![ttft, above_zero("measured_tpot_ms"), above_zero("measured_tok_s_gpu"), known],
        predicted: vec![vec![None; QUANTITIES.len()]; trials],
        skipped: None,
    }
}

/// The inputs of a row, or why it cannot be expressed.
fn values(
    row: Row,
    models: &Entries,
    systems: &Entries,
    rules: &Rules,
) -> Result<(Shared, Vec<String>), String> {
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
    let (poll_interval, batch_wait) = rules.scheduler(row);
    let values = vec![
        shapes::name("h", systems, system),
        poll_interval.to_string(),
        batch_wait.to_string(),
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
    ];
    Ok((Shared { model: model.into(), engine, kernels: shapes::kernels(sheet) }, values))
}

/// The scenario: a model, the hardware of these points, and a sweep of all points at every trial.
fn program(
    points: &[Point],
    shared: &Shared,
    model: &str,
    systems: &Entries,
    trials: &str,
) -> Result<String, String> {
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
        "solve first = serving {{ model: m, system: {{ hardware: {} }}, engine: {}, kernels: {}, {} }}",
        first[0],
        shared.engine,
        shared.kernels,
        inputs.join(", ")
    );
    let _ = writeln!(text, "sweep rows = first over {{ {trials}zip {{");
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
