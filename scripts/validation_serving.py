#!/usr/bin/env python3
"""Writes scenarios/validation/serving.mls from measured runs and what the solver predicts for them.

    cargo run --release --example fidelity -- serving tests/data/serving/measured.csv --models tests/data/serving/models.json \\
      --systems tests/data/serving/systems.json --out predicted.csv
    python3 scripts/validation_serving.py predicted.csv > scenarios/validation/serving.mls && mlsys fmt scenarios/validation

Of each model, device and engine: the runs at the quarter, the half and three quarters of its errors of TPOT.
"""

import csv
import math
import sys
from pathlib import Path

from fit_serving import DATA, measured, protocol

MODELS = {
    "llama-3.1-70b": ("Llama 3.1 70B", "llama3_1_70b"), "deepseek-r1": ("DeepSeek-R1", "deepseek_r1"),
    "gpt-oss-120b": ("gpt-oss-120b", "gpt_oss_120b"), "minimax-m2.5": ("MiniMax-M2.5", "minimax_m2_5"),
    "qwen3-32b": ("Qwen3 32B", "qwen3_32b"), "qwen3.5-397b-a17b": ("Qwen3.5 397B-A17B", "qwen3_5_397b_a17b"),
}
ENGINES = {"vllm": "vLLM", "trtllm": "TensorRT-LLM", "sglang": "SGLang"}
HEADER = """# Published measurements of serving, and how close the solver comes: of each model, device and engine that was measured, the
# runs at the quarter, the half and three quarters of its errors of TPOT, written by scripts/validation_serving.py. So a
# quarter of all runs is further off than the last of each three, and the tolerances, the errors and two points more, say
# how far these are off, not how far others may be. The score of all runs is in docs/src/serving.md.
#
# InferenceX (SemiAnalysis) unless a title says otherwise. A run opens with a burst of `concurrency` prompts and issues
# `prompts_per_slot` times as many in all; lengths are the means of what was sent. The rows are in
# tests/data/serving/measured.csv under the identifiers given here, what scripts set of a scheduler in protocol.csv.
use std.calibration.engines.{sglang, trtllm, vllm}
use std.models.deepseek.deepseek_r1
use std.models.meta.llama3_1_70b
use std.models.minimax.minimax_m2_5
use std.models.openai.gpt_oss_120b
use std.models.qwen.{qwen3_32b, qwen3_5_397b_a17b}
use std.solvers.serving.serving
use std.systems.{dgx_b200, dgx_h100, dgx_h200}
"""


def scenario(row, found, rules):
    title, model = MODELS[row["model"]]
    device, precision, dp = row["system"].split("_")[0], row["precision"], int(row["dp"])
    name = "mxfp4" if model == "gpt_oss_120b" else "nvfp4" if precision == "fp4" else precision
    version = row["engine_version"] or "version not stated"
    source = "" if row["suite"] == "inferencex" else ", vendor run"
    print(f'\nscenario "{title} {name}, {row["gpus"]} {device.upper()}, {ENGINES[row["engine"]]} ({version}){source}: {row["id"]}" {{')
    poll, wait = protocol(row, rules)
    engine = row["engine"] + (f" {{ poll_interval: {poll:g} }}" if poll > 1 else f" {{ batch_wait: {wait:g} }}" if wait else "")
    weights = f", weights: {precision}"
    if model == "deepseek_r1" and precision == "fp4":
        weights = ", quantization: { weights: fp4, attention: bf16, attention_output: fp4, activations: fp4, scales: 0.0625 B/param }"
    layout = [f"{k}: {row[c]}" for k, c in (("tensor", "tp"), ("attention_data", "dp"), ("expert", "ep")) if int(row[c]) > 1]
    print(f"  solve run = serving {{\n    model: {model}, system: dgx_{device}, engine: {engine}", end="")
    print("" if model == "gpt_oss_120b" else weights, f", kv_cache: {row['kv_precision'] or 'bf16'}", sep="", end="")
    print(f", layout: {{ {', '.join(layout)} }}" if layout else "")
    print(f"    prompt: {row['isl_mean']} tok, output: {row['osl_mean']} tok, concurrency: {row['concurrency']} req, waiting: true", end="")
    print(f", prompts_per_slot: {row['prompts_per_slot']}\n  }}")
    for what, ours, theirs, unit in (
            ("tpot", "pred_tpot_ms", "measured_tpot_ms", "ms"), ("throughput_per_device", "pred_tok_s_gpu", "measured_tok_s_gpu", "tok/s"),
            ("ttft", "pred_ttft_ms", "measured_ttft_ms", "ms")):
        if what != "ttft" or row["ttft_ok"] == "True":
            off = abs(float(found[ours]) / float(row[theirs]) - 1)
            print(f"  assert run.{what} within {math.ceil(100 * off) + 2}% of {row[theirs]} {unit}")
    print("}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = {r["id"]: r for r in csv.DictReader(Path(sys.argv[1]).open(newline=""))}
    with open(DATA / "protocol.csv", newline="") as file:
        rules = list(csv.DictReader(file))
    groups = {}
    for row in measured():
        off = abs(float(found[row["id"]]["pred_tpot_ms"]) / float(row["measured_tpot_ms"]) - 1)
        groups.setdefault((row["model"], row["system"], row["engine"]), []).append((off, row["id"], row))
    print(HEADER, end="")
    for key in sorted(groups, key=lambda k: (list(MODELS).index(k[0]), k)):
        runs = sorted(groups[key], key=lambda r: r[:2])
        for share in (0.25, 0.5, 0.75):
            row = runs[int(share * (len(runs) - 1))][2]
            scenario(row, found[row["id"]], rules)


if __name__ == "__main__":
    main()
