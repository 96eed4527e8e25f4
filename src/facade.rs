//! A typed door for Rust callers: one roofline from plain structs.
//!
//! The numbers come from the same `.mls` solver that a scenario runs: the specification is written as a scenario and
//! run through a [`Session`]. Quantities are in base units, and named for them.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::outcome::Datum;
use crate::session::{Options, Session};
use crate::source::Memory;

/// A neural network. Either `parameters`, or both `inference_flops` and `size_bytes`, must be known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelSpec {
    pub name: String,
    pub parameters: Option<f64>,
    /// Operations of one inference; two per parameter when unknown.
    pub inference_flops: Option<f64>,
    /// Stored size where it does not follow from the parameters.
    pub size_bytes: Option<f64>,
}

/// A device. Peaks are dense; `peak_flops` is the fp16/bf16 figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HardwareSpec {
    pub name: String,
    pub memory_bw_bytes_per_s: f64,
    pub memory_capacity_bytes: f64,
    pub peak_flops_per_s: f64,
    /// Peaks of other precisions, by the name of the precision: `("fp8", 1979e12)`.
    pub other_peaks: Vec<(Precision, f64)>,
    pub tdp_w: Option<f64>,
    /// 10 us when unknown.
    pub dispatch_tax_s: Option<f64>,
}

/// A device in a system, with the memory that weights may take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SystemArchetype {
    pub name: String,
    pub hardware: HardwareSpec,
    /// The hardware's capacity when unknown.
    pub ram_bytes: Option<f64>,
}

/// A number format, as `std.types` has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    Fp32,
    Tf32,
    Bf16,
    #[default]
    Fp16,
    Fp8,
    Int8,
    Fp4,
    Int4,
}

impl Precision {
    /// The member's name in the language.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Fp32 => "fp32",
            Precision::Tf32 => "tf32",
            Precision::Bf16 => "bf16",
            Precision::Fp16 => "fp16",
            Precision::Fp8 => "fp8",
            Precision::Int8 => "int8",
            Precision::Fp4 => "fp4",
            Precision::Int4 => "int4",
        }
    }
}

/// What a solve is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolveOptions {
    pub batch: f64,
    pub precision: Precision,
    /// Fraction of the peak rate that kernels reach.
    pub efficiency: f64,
}

impl Default for SolveOptions {
    fn default() -> Self {
        SolveOptions { batch: 1.0, precision: Precision::default(), efficiency: 0.5 }
    }
}

/// What a solve answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerformanceProfile {
    pub latency_s: f64,
    pub latency_compute_s: f64,
    pub latency_memory_s: f64,
    pub latency_overhead_s: f64,
    pub throughput_per_s: f64,
    /// `compute` or `memory`.
    pub bottleneck: String,
    pub arithmetic_intensity_flop_per_byte: f64,
    pub energy_j: f64,
    pub memory_footprint_bytes: f64,
    pub peak_flops_actual_per_s: f64,
    pub peak_bw_actual_bytes_per_s: f64,
    pub feasible: bool,
    /// What the solver has to say, such as a precision without a peak of its own.
    pub notes: Vec<String>,
}

/// Runs the roofline of one device.
///
/// # Errors
/// The diagnostics of the run: an input out of range, a fact that is missing, a result that is not finite.
pub fn solve(
    model: &ModelSpec,
    system: &SystemArchetype,
    options: SolveOptions,
) -> Result<PerformanceProfile, Vec<Diagnostic>> {
    let memory = Memory::with("solve", scenario(model, system, options));
    let outcome = Session::new(&memory, Options::default()).run(&["solve".into()]);
    let solved = outcome.files.iter().flat_map(|f| &f.solves).next();
    match solved {
        Some(solve) if outcome.ok() => {
            let mut profile =
                PerformanceProfile { notes: solve.notes.clone(), ..PerformanceProfile::default() };
            for (name, datum) in &solve.outputs {
                profile.set(name, datum);
            }
            Ok(profile)
        }
        _ => Err(outcome.diagnostics),
    }
}

impl PerformanceProfile {
    fn set(&mut self, name: &str, datum: &Datum) {
        match (name, datum) {
            ("latency", Datum::Quantity { value, .. }) => self.latency_s = *value,
            ("latency_compute", Datum::Quantity { value, .. }) => self.latency_compute_s = *value,
            ("latency_memory", Datum::Quantity { value, .. }) => self.latency_memory_s = *value,
            ("latency_overhead", Datum::Quantity { value, .. }) => self.latency_overhead_s = *value,
            ("throughput", Datum::Quantity { value, .. }) => self.throughput_per_s = *value,
            ("arithmetic_intensity", Datum::Quantity { value, .. }) => {
                self.arithmetic_intensity_flop_per_byte = *value;
            }
            ("energy", Datum::Quantity { value, .. }) => self.energy_j = *value,
            ("memory_footprint", Datum::Quantity { value, .. }) => self.memory_footprint_bytes = *value,
            ("peak_flops_actual", Datum::Quantity { value, .. }) => self.peak_flops_actual_per_s = *value,
            ("peak_bw_actual", Datum::Quantity { value, .. }) => self.peak_bw_actual_bytes_per_s = *value,
            ("bottleneck", Datum::Text(text)) => self.bottleneck = text.clone(),
            ("feasible", Datum::Bool(value)) => self.feasible = *value,
            _ => {}
        }
    }
}

/// The specification as a scenario. Numbers are written so that they read back to the same bits.
fn scenario(model: &ModelSpec, system: &SystemArchetype, options: SolveOptions) -> String {
    let mut text = String::new();
    let hardware = &system.hardware;
    let _ = writeln!(text, "model m {{\n  name: {}", quoted(&model.name));
    field(&mut text, "parameters", model.parameters, "param");
    field(&mut text, "inference_flops", model.inference_flops, "flop");
    field(&mut text, "size", model.size_bytes, "B");
    let _ = writeln!(text, "}}\nhardware h {{\n  name: {}", quoted(&hardware.name));
    field(&mut text, "memory_bw", Some(hardware.memory_bw_bytes_per_s), "B/s");
    field(&mut text, "memory_capacity", Some(hardware.memory_capacity_bytes), "B");
    field(&mut text, "peak_flops", Some(hardware.peak_flops_per_s), "flop/s");
    for (precision, peak) in &hardware.other_peaks {
        if *precision != Precision::Fp16 {
            field(&mut text, &format!("peak_flops_{}", precision.name()), Some(*peak), "flop/s");
        }
    }
    field(&mut text, "tdp", hardware.tdp_w, "W");
    field(&mut text, "dispatch_tax", hardware.dispatch_tax_s, "s");
    let _ = writeln!(text, "}}\nsystem s {{\n  name: {}\n  hardware: h", quoted(&system.name));
    field(&mut text, "ram", system.ram_bytes, "B");
    text.push_str("}\nsolve answer = roofline {\n  model: m\n  system: s\n");
    field(&mut text, "batch", Some(options.batch), "");
    field(&mut text, "efficiency", Some(options.efficiency), "");
    let _ = writeln!(text, "  precision: {}\n}}", options.precision.name());
    text
}

fn field(text: &mut String, name: &str, value: Option<f64>, unit: &str) {
    if let Some(value) = value {
        // What is no number is written as one that no requirement lets through.
        let value = if value.is_finite() { value } else { -1.0 };
        let _ = writeln!(text, "  {name}: {value:e} {unit}");
    }
}

fn quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => result.extend(['\\', c]),
            '{' => result.push_str("{{"),
            '}' => result.push_str("}}"),
            c if c.is_control() => result.push(' '),
            c => result.push(c),
        }
    }
    result.push('"');
    result
}
