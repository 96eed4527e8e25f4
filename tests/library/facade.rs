//! The typed door gives what a scenario gives.

use mlsys::facade::{HardwareSpec, Precision};
use mlsys::{ModelSpec, SolveOptions, SystemArchetype, solve};

fn h100() -> SystemArchetype {
    let hardware = HardwareSpec {
        name: "H100 \"SXM\" {x}".into(),
        memory_bw_bytes_per_s: 3.35e12,
        memory_capacity_bytes: 85899345920.0,
        peak_flops_per_s: 989e12,
        other_peaks: vec![(Precision::Fp8, 1979e12)],
        tdp_w: Some(700.0),
        dispatch_tax_s: None,
    };
    SystemArchetype { name: "one".into(), hardware, ram_bytes: None }
}

#[test]
fn a_profile_is_that_of_the_solver() {
    let model = ModelSpec { name: "8B".into(), parameters: Some(8e9), ..ModelSpec::default() };
    let options = SolveOptions { batch: 4.0, precision: Precision::Fp8, ..SolveOptions::default() };
    let profile = solve(&model, &h100(), options).expect("a valid plan");
    assert_eq!(profile.latency_memory_s, 8e9 / 3.35e12);
    assert_eq!(profile.latency_compute_s, 2.0 * 8e9 * 4.0 / (0.5 * 1979e12));
    assert_eq!(profile.bottleneck, "memory");
    assert!(profile.feasible && profile.notes.is_empty());
    let fallback = SolveOptions { precision: Precision::Int4, ..options };
    assert_eq!(solve(&model, &h100(), fallback).expect("a valid plan").notes.len(), 1);
}

#[test]
fn what_is_out_of_range_is_an_error() {
    let model = ModelSpec { name: "x".into(), parameters: Some(f64::NAN), ..ModelSpec::default() };
    let problems = solve(&model, &h100(), SolveOptions::default()).expect_err("no model");
    assert!(problems.iter().any(|p| p.code == "mls::require-failed"), "{problems:?}");
}
