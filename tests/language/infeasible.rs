//! What rests on a solve that describes no machine that runs: it is shown, and does not pass.

use mlsys::outcome::{AssertionOutcome, Datum, Outcome, Status};

use crate::support::{codes, run_plainly};

/// 100 GB do not fit into 80; 50 GB do.
const PLAN: &str = "
type Box { ram: Data = 80 GB, speed: Data / Time = 1 TB/s }
box shelf { }
solver job(size: Data, box: Box = shelf, parts: Scalar = 1) {
  out memory = size / parts
  out feasible = memory <= box.ram
  infeasible not feasible, \"{memory} do not fit into {box.ram}\"
  out time = memory / box.speed
}
solve big = job { size: 100 GB }
solve small = big { size: 50 GB }
sweep grid = big over { size: 10 GB..200 GB by 10 GB, parts: [1, 2] }
";

fn outcome(text: &str) -> Outcome {
    run_plainly(&format!("{PLAN}{text}"))
}

fn statuses(text: &str) -> Vec<Status> {
    assertions(&outcome(text)).iter().map(|a| a.status).collect()
}

fn assertions(outcome: &Outcome) -> Vec<&AssertionOutcome> {
    outcome.files.iter().flat_map(|f| &f.assertions).collect()
}

/// The number of the only `show`.
fn shown(text: &str) -> f64 {
    let outcome = outcome(text);
    let value = outcome.files.iter().flat_map(|f| &f.shows).map(|s| s.value.clone()).next();
    match value {
        Some(Datum::Quantity { value, .. }) => value,
        other => panic!("{other:?}: {:#?}", outcome.diagnostics),
    }
}

#[test]
fn an_assertion_over_an_infeasible_solve_fails_with_the_reason() {
    let outcome = outcome("assert big.time < 1 s\nassert small.time < 1 s\n");
    assert_eq!(outcome.exit_code(false), 1);
    let [big, small] = assertions(&outcome)[..] else { panic!("two assertions") };
    assert_eq!((big.status, small.status), (Status::Infeasible, Status::Pass));
    assert_eq!(big.infeasible, ["100 GB do not fit into 80 GB"]);
    let failure = big.failure.as_ref().expect("a failure");
    assert_eq!(failure.code, "mls::infeasible");
    assert!(failure.labels.iter().any(|l| l.text.contains("100 GB do not fit into 80 GB")), "{failure:#?}");
}

#[test]
fn what_holds_nevertheless_is_decided_as_usual() {
    use Status::{Fail, Pass};
    let text = "assert big.memory < 200 GB\nassert big.memory < 90 GB\nassert not big.feasible\nassert big.feasible\n";
    assert_eq!(statuses(text), [Pass, Fail, Pass, Fail]);
}

#[test]
fn marks_go_through_values_functions_and_other_solves() {
    let text = "
fn double(t: Time) -> Time = 2 * t
solver bill(time: Time) { out cost = time * 2 USD/h }
let both = big.time + small.time
solve price = bill { time: big.time }
assert both < 1 s
assert double(big.time) < 1 s
assert price.cost < 1 USD
assert max([small.time, big.time]) < 1 s
assert big { parts: 2 }.time < 1 s
";
    use Status::{Infeasible, Pass};
    assert_eq!(statuses(text), [Infeasible, Infeasible, Infeasible, Infeasible, Pass]);
}

#[test]
fn a_choice_rests_on_what_it_chooses() {
    use Status::{Infeasible, Pass};
    let text = "
assert if big.feasible then big.time < 1 s else true
assert not big.feasible or big.time < 1 s
assert big.time < 1 s or big.memory < 1 GB
assert not (big.feasible and big.time > 1 s)
assert all grid: not feasible or time < 1 s
assert all grid: if feasible then time < 1 s else true
";
    assert_eq!(statuses(text), [Pass, Pass, Infeasible, Pass, Pass, Pass]);
}

#[test]
fn points_of_sweeps_that_are_infeasible_are_left_out_and_counted() {
    assert_eq!(shown("show max(grid.time)"), 0.08);
    assert_eq!(shown("let best = grid maximize time\nshow best.size"), 80e9);
    // 10 to 80 GB whole and 5 to 80 GB in two parts, in steps of 5: (8 * 45 + 16 * 42.5) / 24.
    assert!((shown("show mean(grid.time) to ms") - 0.043333).abs() < 1e-5);
    assert_eq!(shown("show percentile(grid.time, 100%)"), 0.08);
    assert_eq!(shown("let three = grid top 3 by time\nshow max(three.memory)"), 80e9);
    assert_eq!(shown("show smallest n in 1..8 where big { parts: n }.time < 1 s"), 2.0);
    let told = outcome("show max(grid.time)");
    let note = told.diagnostics.iter().find(|d| d.code == "mls::note").expect("a note");
    assert!(note.message.starts_with("16 of 40 points are infeasible and left out"), "{}", note.message);
}

#[test]
fn claims_over_sweeps_do_not_pass_by_infeasible_points() {
    use Status::{Fail, Infeasible, Pass};
    let text = "
assert all grid: time < 1 s
assert all grid: time < 70 ms
assert all grid where feasible: time < 1 s
assert all grid where not feasible: memory > 80 GB
assert any grid: time > 90 ms
assert any grid where not feasible: time > 90 ms
assert any grid: time > 70 ms
";
    assert_eq!(statuses(text), [Infeasible, Fail, Pass, Pass, Fail, Infeasible, Pass]);
    let all = outcome("sweep wide = big over { size: [100 GB, 200 GB] }\nshow max(wide.time)\n");
    assert!(codes(&all).contains(&"mls::infeasible"), "{:#?}", all.diagnostics);
    assert_eq!(all.exit_code(false), 2);
}

#[test]
fn an_infeasible_solve_that_nothing_asserts_over_is_warned_of() {
    let lonely = run_plainly(&PLAN.replace("solve small = big { size: 50 GB }\nsweep", "sweep"));
    assert_eq!(codes(&lonely), ["mls::infeasible"]);
    assert_eq!(lonely.exit_code(false), 0);
    assert_eq!(codes(&outcome("assert not big.feasible\n")), Vec::<&str>::new());
    let solve = lonely.files.iter().flat_map(|f| &f.solves).find(|s| s.name == "big").expect("a solve");
    assert_eq!(solve.infeasible, ["100 GB do not fit into 80 GB"]);
}

#[test]
fn the_library_says_what_cannot_run() {
    let text = "
use std.hardware.nvidia.H100_SXM
use std.models.meta.{llama3_1_8b, llama3_1_405b, llama3_70b}
use std.systems.{dgx_h100, dgx_h200}
solve weights = roofline { model: llama3_1_405b, system: dgx_h100 }
solve rate = serving { model: llama3_1_8b, system: dgx_h200, prompt: 1800 tok, output: 200 tok, arrival_rate: 300 req/s }
solve cache = serving { model: llama3_1_405b, system: dgx_h100, layout: { tensor: 8 }, prompt: 1000 tok, output: 100 tok, concurrency: 1 req }
solve waits = serving { model: llama3_70b, system: dgx_h200, weights: fp8, prompt: 8000 tok, output: 500 tok, concurrency: 200 req }
solve steps = training { model: llama3_70b, system: dgx_h100, devices: 8, global_batch: 64, sequence: 8192 tok }
assert weights.latency < 1 s
assert rate.ttft_p99 < 100 s
assert rate.max_request_rate > 1 req/s
assert rate.devices == 1
assert cache.tpot < 1 s
assert waits.tpot < 10 s
assert waits { waiting: true }.tpot < 10 s
assert steps.step_time < 1000 s
assert steps.memory > 80 GB
";
    let outcome = run_plainly(text);
    let found: Vec<(String, Status)> =
        assertions(&outcome).iter().map(|a| (a.text.clone(), a.status)).collect();
    use Status::{Infeasible, Pass};
    let expected = [Infeasible, Infeasible, Pass, Pass, Infeasible, Infeasible, Pass, Infeasible, Pass];
    assert_eq!(found.iter().map(|(_, s)| *s).collect::<Vec<_>>(), expected, "{found:?}");
}
