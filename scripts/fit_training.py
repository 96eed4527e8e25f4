#!/usr/bin/env python3
"""Fits the constants of src/std/calibration/training.mls on published training runs.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/fit_training.py            # fit, scores, and what is left out: a source, a device, a family

Reads tests/data/training/measured.csv and hardware.json, and nothing else. `predict` repeats the equations of
src/std/solvers/training.mls over arrays, one element a run, for the dense runs that have a step time and a layout.
The fit is robust (a Cauchy loss on the log of the ratio: runs that are 20% off pull little), a source of n runs weighs
the square root of n, and every constant is held near its prior, so that what the data do not tell stays put.
Nothing is written: the constants are copied into the library by hand, rounded.
"""

import csv
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

DATA = Path(__file__).parent.parent / "tests/data/training"
FAMILIES = ["A100", "H100", "TPU"]

# Where each constant starts, and what it is held to.
PRIOR = {
    "gemm_A100": 0.75,  # share of the matrix peak
    "gemm_H100": 0.65,
    "gemm_TPU": 0.88,
    "attention_A100": 0.60,  # share of the bf16 peak in fused attention; FlashAttention-2 paper: 0.5 to 0.73 on A100
    "attention_H100": 0.35,
    "attention_TPU": 0.25,
    "early_attention": 0.50,  # FlashAttention 1 relative to 2, its paper: about half
    "score_bytes": 9.0,  # memory traffic of one attention score that is not fused
    "elementwise": 1.2,  # traffic of element-wise kernels over the count
    "tensor_exposed": 0.25,  # what is left of tensor-parallel collectives that overlap
    "straggler": 0.005,  # a doubling of the devices beyond eight
    "fsdp_full": 0.75,  # forward work that full recomputation repeats with FSDP
    "tpu_minimal": 0.13,  # MaxText `minimal`
    "offload": 0.10,  # MaxText host offload
}
FIXED = {"memory": 0.80, "scale_up": 0.85, "scale_out": 0.90, "hop": 2e-6, "beside": 0.19, "standard_gemm": 0.80}
WEIGHT = 0.1  # of a prior, against runs that are 5% off


def number(text, default):
    return float(text) if text not in ("", None) else default


def load():
    with open(DATA / "measured.csv", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["t_iter_s"] and r["is_moe"] == "0" and r["tp"]]
    return rows, json.loads((DATA / "hardware.json").read_text())


def arrays(rows, hardware):
    """Columns of the runs, by name."""
    records = []
    for r in rows:
        sheet = hardware[r["hardware"]]
        devices, tp, pp, cp = (number(r[k], 1) for k in ("n_dev", "tp", "pp", "cp"))
        dp = max(1, math.floor(devices / (tp * pp * cp)))
        batch = number(r["gbs"], 1)
        micro = number(r["mbs"], 0)
        if sheet["family"] == "TPU" or (micro == 0 and pp == 1):
            micro = batch / dp
        heads, dim = number(r["heads"], 1), number(r["head_dim"], 1)
        wide = sheet["peak_flops"]["bf16"]
        peak = sheet["peak_flops"].get(r["precision"]) or wide
        overlap = r["comm_overlap"]
        records.append({
            "family": FAMILIES.index(sheet["family"]), "devices": devices, "tp": tp, "pp": pp, "cp": cp, "dp": dp,
            "batch": batch, "micro": max(min(max(micro, 1), batch / dp), 1e-9), "domain": number(r["devices_per_node"], 8),
            "virtual": max(1, number(r["vpp"], 1)), "wide": wide, "peak": peak, "narrow": peak > wide,
            "hbm": sheet["hbm_bandwidth_bytes_per_s"],
            "inside": sheet["scale_up_bandwidth_bytes_per_s_per_direction"],
            "outside": sheet["scale_out_bandwidth_bytes_per_s_per_direction"],
            "cap": sheet["power_cap_fraction_of_tdp"],
            "layers": number(r["layers"], 1), "hidden": number(r["hidden"], 1), "heads": heads, "q": heads * dim,
            "kv": number(r["kv_heads"], heads) * dim, "ffn": number(r["ffn"], 1), "gates": 2 + number(r["gated_mlp"], 0),
            "vocab": number(r["vocab"], 0), "seq": number(r["seq"], 1), "zero": number(r["zero"], 0),
            "sp": r["seq_par"] == "1", "bf16": r["precision"] == "bf16",
            "recompute": ["none", "selective", "full", "offload"].index(r["recompute"] or "none"),
            "standard": r["attn_impl"] == "standard", "early": r["attn_impl"] == "flash1",
            "odp": "dp" in overlap, "otp": "tp" in overlap, "opp": "pp" in overlap, "legacy": overlap == "zero3",
            "measured": number(r["t_iter_s"], math.nan),
        })
    return {k: np.array([x[k] for x in records], float) for k in records[0]}


def predict(a, c):
    """Step times. The names are those of the solver."""
    pick = np.where
    family = a["family"].astype(int)
    tpu = family == 2
    gemm = np.array([c["gemm_" + f] for f in FAMILIES])[family] * a["cap"] ** 0.6
    fused = np.array([c["attention_" + f] for f in FAMILIES])[family] * a["cap"] ** 0.6 * pick(a["early"] > 0, c["early_attention"], 1)
    memory, inside, outside = c["memory"] * a["hbm"], c["scale_up"] * a["inside"], c["scale_out"] * a["outside"]
    tp, pp, cp, dp, layers, hidden = a["tp"], a["pp"], a["cp"], a["dp"], a["layers"], a["hidden"]
    zero, domain, virtual = a["zero"], a["domain"], a["virtual"]
    share = lambda n: (n - 1) / n
    exposed = lambda sent, work: np.maximum(sent - work, 0) + c["beside"] * np.minimum(sent, work)

    sequences = np.minimum(a["micro"], a["batch"] / dp)
    m = np.maximum(1, np.ceil(a["batch"] / (dp * sequences) - 1e-6))
    rows = sequences * a["seq"] / cp
    stage = 1 / pp
    weights = layers * (hidden * (2 * a["q"] + 2 * a["kv"]) + a["gates"] * hidden * a["ffn"])

    operands = 2 * (rows * (4 * hidden * layers + weights / hidden / tp) + weights / tp)
    gemm_forward = stage * (2 * rows * weights / tp / (a["peak"] * gemm) + operands / memory)
    square = sequences * a["seq"] ** 2 / cp / tp * layers
    fused_core = 2 * square * a["q"] / (a["wide"] * fused)
    standard_core = 4 * square * a["q"] / (c["standard_gemm"] * a["wide"]) + c["score_bytes"] * square * a["heads"] / memory
    core = stage * pick(a["standard"] > 0, standard_core, fused_core)
    touched = 2 * rows * (11 * hidden * layers / pick(a["sp"] > 0, tp, 1) + layers * (a["gates"] * a["ffn"] + 4 * a["q"]) / tp)
    touched = touched + a["narrow"] * 1.5 * rows * layers * (2 * hidden + (a["q"] + a["ffn"]) / tp)
    elementwise = stage * c["elementwise"] * touched / memory

    reduce = 2 * share(tp) * 2 * rows * hidden / pick(tp <= domain, inside, outside) + pick(tp > 1, 2 * c["hop"], 0)
    tensor = stage * 2 * layers * reduce * pick(tpu | (a["otp"] > 0), c["tensor_exposed"], 1)
    ring = 4 * rows * layers * a["kv"] / tp * (cp - 1) * stage / pick(tp * cp <= domain, inside, outside)
    forward = gemm_forward + core + elementwise + tensor + exposed(ring, core)

    selective = pick(tpu, c["tpu_minimal"] * forward, pick(a["standard"] > 0, core,
        pick(zero == 3, 0.5 * (gemm_forward + elementwise), 0.5 * (core + elementwise))))
    kind = a["recompute"]
    again = pick(kind == 2, forward * pick(zero == 3, c["fsdp_full"], 1), pick(kind == 1, selective, pick(kind == 3, c["offload"] * forward, 0)))
    core_backward = core * pick(a["standard"] > 0, 2, 2.5)
    backward = 2 * gemm_forward + core_backward + 2 * elementwise + tensor * pick(a["sp"] > 0, 1.25, 1) + exposed(2 * ring, 2.5 * core) + again

    vocab = a["vocab"] / tp
    head = 2 * rows * vocab * hidden / (a["wide"] * gemm) + (2 * (rows * vocab + vocab * hidden + rows * hidden) + 6 * rows * vocab) / memory
    forward, backward = forward + head, backward + 2 * head

    near = (tp * cp < domain) & (pp * tp <= domain)
    handover = pick(pp > 1, 2 * virtual * (4 * rows * hidden / tp / pick(near, c["scale_out"] * a["inside"], outside) + c["hop"]), 0) * pick(a["opp"] > 0, 0.1, 1)
    slot = forward + backward + handover
    busy = (m + (pp - 1) / virtual) * slot

    own = (stage * weights + pick(pp > 1, 1, 2) * hidden * a["vocab"]) / tp
    copies = dp * cp
    sharers = np.minimum(copies, np.maximum(1, domain / (tp * pp)))
    bandwidth = pick(tpu | (copies * tp * pp <= domain), inside, np.minimum(inside, outside * sharers))
    wire = pick((a["bf16"] > 0) & (zero < 2) & ~tpu & (a["odp"] == 0), 4, 2)
    sent = (wire + pick(zero == 0, wire, 2)) * own * share(copies) / bandwidth
    hiding = (forward + backward) * pick(pp > 1, np.minimum(m, 2), 1)
    left = pick(a["odp"] > 0, np.maximum(sent - hiding, 0) + c["beside"] * np.minimum(sent, backward), sent)
    piece = 4 * own / np.maximum(1, np.minimum(copies, domain / tp)) / outside
    slices = pick(tpu & (a["devices"] > domain), np.maximum(piece - backward / 2, 0) + 0.1 * piece, 0)
    gather = 2 * own * share(copies) / bandwidth + pick(a["legacy"] > 0, 12 * 14e-6 * (copies - 1) * layers * stage, 0)
    together = lambda sent, work: work + exposed(sent, work)
    streamed = m * pick(a["legacy"] > 0, forward + backward + 3 * gather, together(gather, forward) + together(2 * gather, backward))
    sharded = pick(pp > 1, busy + 0.9 * gather, streamed)
    optimizer = 30 * own / pick(zero == 0, 1, copies) / memory
    step = pick((zero == 3) & (copies > 1), sharded, busy + pick(zero == 3, 0, left)) + slices + optimizer
    return step * (1 + c["straggler"] * np.log2(np.maximum(1, a["devices"] / 8)))


def fit(a, sources, names=tuple(PRIOR)):
    """The constants that fit these runs."""
    count = Counter(sources)
    weight = np.array([count[s] ** -0.25 for s in sources])
    start = np.log([PRIOR[n] for n in names])

    def residuals(x):
        c = FIXED | PRIOR | dict(zip(names, np.exp(x)))
        ratio = np.log(predict(a, c) / a["measured"]) / 0.05
        return np.concatenate([weight * 0.05 * np.sqrt(np.log1p(ratio**2)), WEIGHT * (x - start)])

    found = least_squares(residuals, start, max_nfev=60).x
    return FIXED | PRIOR | {n: float(v) for n, v in zip(names, np.exp(found))}


def score(predicted, measured):
    error = np.abs(predicted / measured - 1)
    bias = np.exp(np.mean(np.log(predicted / measured)))
    return f"n {len(error):3}  MAPE {100 * error.mean():5.1f}%  median {100 * np.median(error):5.1f}%  bias {bias:.3f}  within 10% {100 * np.mean(error <= 0.1):3.0f}%"


def table(title, predicted, a, groups):
    print(f"\n{title}\n  {'all':48} {score(predicted, a['measured'])}")
    for name in sorted(set(groups)):
        here = groups == name
        print(f"  {name[:48]:48} {score(predicted[here], a['measured'][here])}")


def left_out(a, sources, groups):
    """Each group predicted with constants that were fitted on the others."""
    predicted = np.zeros(len(groups))
    for name in sorted(set(groups)):
        out = groups == name
        without = fit({k: v[~out] for k, v in a.items()}, sources[~out])
        predicted[out] = predict({k: v[out] for k, v in a.items()}, without)
    return predicted


def inherited(a, sources, families, donors):
    """Each family with the geometric mean of its donors' shares, fitted without it: what hardware without runs of its own gets."""
    predicted = np.full(len(families), np.nan)
    for name, others in donors.items():
        out = families == name
        c = fit({k: v[~out] for k, v in a.items()}, sources[~out])
        for share in ("gemm_", "attention_"):
            c[share + name] = math.exp(np.mean([math.log(c[share + o]) for o in others]))
        predicted[out] = predict({k: v[out] for k, v in a.items()}, c)
    return predicted


def between(a, sources, families):
    """The two GPU families with the mean of both, as `other_training` has it."""
    c = fit(a, sources)
    for share in ("gemm_", "attention_"):
        c[share + "A100"] = c[share + "H100"] = math.sqrt(c[share + "A100"] * c[share + "H100"])
    return np.where(families == "TPU", np.nan, predict(a, c))


def main():
    rows, hardware = load()
    a = arrays(rows, hardware)
    sources = np.array([r["source"] for r in rows])
    families = np.array([hardware[r["hardware"]]["family"] for r in rows])
    constants = fit(a, sources)
    for name in PRIOR:
        print(f"{name:16} {constants[name]:8.4f}   prior {PRIOR[name]}")
    table("Fitted on all", predict(a, constants), a, sources)
    table("Leave one source out", left_out(a, sources, sources), a, sources)
    table("Leave one hardware family out (the priors stand for it)", left_out(a, sources, families), a, families)
    devices = np.array([r["hardware"] for r in rows])
    table("Leave one device out", left_out(a, sources, devices), a, devices)
    rules = {
        "A GPU family with the other's shares": inherited(a, sources, families, {"A100": ["H100"], "H100": ["A100"]}),
        "A family with the mean of the other two": inherited(
            a, sources, families, {"A100": ["H100", "TPU"], "H100": ["A100", "TPU"], "TPU": ["A100", "H100"]}
        ),
        "A GPU family with the mean of both": between(a, sources, families),
    }
    for title, guess in rules.items():
        known = ~np.isnan(guess)
        table(title, guess[known], {k: v[known] for k, v in a.items()}, families[known])


if __name__ == "__main__":
    main()
