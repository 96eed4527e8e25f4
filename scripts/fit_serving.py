#!/usr/bin/env python3
"""Fits the constants of src/std/calibration/kernels.mls and engines.mls: operator tables, then measured serving runs.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/fit_serving.py kernels     # the records of kernels.mls; the error of each curve on stderr
    venv/bin/python scripts/fit_serving.py engines     # the constants of engines.mls, and how well they fit
    venv/bin/python scripts/fit_serving.py cv          # leave one model, system, engine, suite out

Reads tests/data/serving, and nothing else. `step` and `serve` repeat the closed loop of src/std/solvers/serving*.mls over
arrays, one element a run. All fits are robust, on the log of the ratio, with every constant held near its prior, so that
what the data do not tell stays put. Nothing is written: the constants are copied into the library by hand, rounded.
"""

import csv
import gzip
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.optimize import least_squares

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests/data/serving"
ARCHITECTURE = {80: "ampere", 89: "ada", 90: "hopper", 100: "blackwell"}  # by compute capability
US = 1e-6

# ---- Kernels: operator latencies -> a floor and fractions of the peaks.

WEIGHT = {"bfloat16": 2, "fp8_block": 1, "nvfp4": 0.5625, "int4_wo": 0.53125, "w4a16_mxfp4": 0.53125}  # bytes, with scales
INPUT = {"bfloat16": 2, "fp8_block": 1, "nvfp4": 0.5625, "int4_wo": 2, "w4a16_mxfp4": 2}
# experts, experts per token, hidden, width of an expert
SHAPES = {
    "glm-5": (256, 8, 6144, 2048), "deepseek-v3": (256, 8, 7168, 2048), "kimi-k2.5": (384, 8, 7168, 2048),
    "minimax-m2.5": (256, 8, 3072, 1536), "qwen3-235b": (128, 8, 4096, 1536), "qwen3.5-397b": (512, 10, 4096, 1024),
    "gpt-oss-120b": (128, 4, 2880, 2880),
}
HEADINGS = {
    "universal": ("Hopper, Blackwell and Ampere together: for devices without curves of their own.", "H100, H200, B200, A100"),
    "ampere": ("A100. It has no fp8 or fp4 arithmetic: weights of these are read, inputs stay 16 bits.", "A100 SXM"),
    "ada": ("L40S: no NVLink, collectives over PCIe.", "L40S"),
    "hopper": ("H100 and H200.", "H100 SXM, H200 SXM"),
    "blackwell": ("B200.", "B200 SXM"),
}
# Fitted by `engines`: time of 4-bit experts with 16-bit inputs on Hopper over the table's kernel, and a step of a recurrent
# layer, us.
HOPPER_FP4, RECURRENT_DECODE = 0.855, 14.2


def systems():
    return json.loads((DATA / "systems.json").read_text())


def read(name):
    """Columns of a table; numbers where all of a column are."""
    with gzip.open(DATA / f"{name}.csv.gz", "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {}
    for key in rows[0]:
        texts = [r[key] for r in rows]
        try:
            columns[key] = np.array(texts, float)
        except ValueError:
            columns[key] = np.array(texts)
    return columns


def peak_of(sheet, dtype):
    """The peak FLOP/s of the inputs of a kernel, or None where the device has no such arithmetic."""
    kind = {"fp8_block": "fp8", "nvfp4": "fp4"}.get(dtype, "bf16")
    return sheet["peak_flops"][kind]


def curve(form, latency, start, sigma=0.5):
    """The constants of `form` that fit latencies (us), and the median error."""
    start = np.log(start)

    def residuals(x):
        ratio = np.log(form(*np.exp(x)) / latency)
        return np.concatenate([15 * ratio / np.sqrt(len(latency)), 0.3 * (x - start) / sigma])

    found = np.round(np.exp(least_squares(residuals, start, loss="soft_l1").x), 4)
    return found, float(np.median(np.abs(form(*found) / latency - 1)))


def roofline(ops, data):
    """Arithmetic and traffic (us at the peaks) that add up."""
    return lambda floor, compute, bandwidth: floor + ops / compute + data / bandwidth


def gemm_curve(t, dtype, peak, bw, link):
    ops = 2 * t["m"] * t["n"] * t["k"] / peak
    data = (t["n"] * t["k"] * WEIGHT[dtype] + t["m"] * t["k"] * INPUT[dtype] + 2 * t["m"] * t["n"]) / bw
    return curve(lambda floor, c, b: floor + np.hypot(ops / c, data / b), t["latency_us"], [4, 0.7, 0.8])


def experts_curve(t, dtype, peak, bw, link):
    experts, per_token, hidden, width = np.array([SHAPES[s] for s in t["shape"]], float).T
    width, rows = width / t["moe_tp"], t["tokens"] * per_token / t["moe_ep"]
    reached = experts / t["moe_ep"] * (1 - (1 - per_token / experts) ** t["tokens"])
    data = 3 * hidden * width * WEIGHT[dtype] * reached + 2 * (2 * hidden + 2 * width) * rows
    return curve(roofline(6 * hidden * width * rows / peak, data / bw), t["latency_us"], [35, 0.3, 0.9], 1)


def decode_curve(t, dtype, peak, bw, link):
    tokens = t["batch"] * t["context"]
    data = 2 * tokens * t["kv_heads"] * 128 * (1 if dtype == "fp8" else 2) / bw
    plain = roofline(4 * tokens * t["heads"] * 128 / peak, data)
    form = lambda floor, c, b, per_token: plain(floor, c, b) + 1e-3 * per_token * t["context"]
    return curve(form, t["latency_us"], [10, 0.5, 0.8, 0.03])


def prefill_curve(t, dtype, peak, bw, link):
    width = t["batch"] * t["head_dim"]
    ops = 2 * width * t["heads"] * t["seq"] ** 2 / peak
    return curve(roofline(ops, 4 * width * t["seq"] * (t["heads"] + t["kv_heads"]) / bw), t["latency_us"], [13, 0.6, 0.45])


def latent_decode_curve(t, dtype, peak, bw, link):
    """Latent of 512 numbers and a rotary key of 64."""
    tokens = t["batch"] * t["context"]
    ops, data = 2 * tokens * t["heads"] * 1088 / peak, tokens * 576 * (1 if dtype == "fp8" else 2) / bw
    return curve(roofline(ops, data), t["latency_us"], [14, 1, 0.8])


def latent_prefill_curve(t, dtype, peak, bw, link):
    """Keys of 192 numbers and values of 128."""
    rows = t["batch"] * t["context"] * t["heads"] * 320
    return curve(roofline(rows * t["context"] / peak, 4 * rows / bw), t["latency_us"], [16, 0.7, 0.5])


def reduce_time(floor, bandwidth, per_rank, ranks, wire):
    """One round, in which each rank reads all others' data, or two, in which each sums a part of it."""
    start = floor + per_rank * ranks
    return np.minimum(start + (ranks - 1) * wire / bandwidth, 2 * start + 2 * (ranks - 1) / ranks * wire / bandwidth)


def collective_curve(t, dtype, peak, bw, link):
    ranks, wire = t["ranks"], t["message_bytes"] / link
    gather = lambda floor, bandwidth, per_rank: floor + per_rank * ranks + (ranks - 1) / ranks * wire / bandwidth
    reduce = lambda *x: reduce_time(*x, ranks, wire)
    return curve(reduce if dtype == "all_reduce" else gather, t["latency_us"], [3, 0.65, 0.3], 1)


FORMS = {
    "gemm": gemm_curve, "experts": experts_curve, "decode": decode_curve, "prefill": prefill_curve,
    "latent_decode": latent_decode_curve, "latent_prefill": latent_prefill_curve, "collectives": collective_curve,
}


def fields(architecture):
    """The table and kind behind each field of a `Kernels` record."""
    native = architecture in ("blackwell", "universal")
    eight = "bfloat16" if architecture == "ampere" else "fp8_block"
    cache = "bfloat16" if architecture == "ampere" else "fp8"
    return {
        "gemm_bf16": ("gemm", "bfloat16"), "gemm_fp8": ("gemm", eight),
        "gemm_fp4": ("gemm", "nvfp4" if native else "int4_wo"), "gemm_int4": ("gemm", "int4_wo"),
        "experts_bf16": ("experts", "bfloat16"), "experts_fp8": ("experts", eight),
        "experts_fp4": ("experts", "nvfp4" if native else "w4a16_mxfp4"), "experts_int4": ("experts", "int4_wo"),
        "decode_bf16": ("decode", "bfloat16"), "decode_fp8": ("decode", cache), "prefill": ("prefill", "bfloat16"),
        "latent_decode_bf16": ("latent_decode", "bfloat16"), "latent_decode_fp8": ("latent_decode", "fp8"),
        "latent_prefill": ("latent_prefill", "bfloat16"), "all_reduce": ("collectives", "all_reduce"),
        "all_gather": ("collectives", "all_gather"), "all_to_all": ("collectives", "alltoall"),
    }


def fit_kernels():
    """Architecture -> field -> (constants, median error, points). A field without a table takes the universal curve."""
    sheets, tables = systems(), {name: read(name) for name in FORMS}
    done, records = {}, {}

    def fitted(architecture, table, kind):
        key = (architecture, table, kind)
        if key not in done:
            t = tables[table]
            member = lambda s: ARCHITECTURE[sheets[s]["sm_version"]]
            inside = {s for s in set(t["system"]) if peak_of(sheets[s], kind) and (
                member(s) == architecture or architecture == "universal" and member(s) != "ada")}
            here = np.isin(t["system"], list(inside)) & (t["op" if table == "collectives" else "dtype"] == kind)
            t = {k: v[here] for k, v in t.items()}
            sheet = [sheets[s] for s in t["system"]]
            of = lambda f: np.array([f(s) for s in sheet], float) * US  # per microsecond
            done[key] = None if not here.any() else (*FORMS[table](
                t, kind, of(lambda s: peak_of(s, kind)), of(lambda s: s["hbm_bandwidth_bytes_per_s"]),
                of(lambda s: s["nvlink_bandwidth_bytes_per_s_per_direction"])), int(here.sum()))
        return done[key]

    for architecture in HEADINGS:
        records[architecture] = {
            field: fitted(architecture, *behind) or fitted("universal", *behind) for field, behind in fields(architecture).items()}
        if architecture != "ampere":
            # 4-bit weights with 16-bit inputs are measured on A100 alone: the launch is that of the architecture's own GEMMs.
            for field in ("gemm_fp4", "gemm_int4"):
                (_, *rest), *behind = records[architecture][field]
                if fields(architecture)[field][1] == "int4_wo":
                    records[architecture][field] = [records[architecture]["gemm_bf16"][0][0], *rest], *behind
    return records


def print_kernels(records):
    for architecture, (title, devices) in HEADINGS.items():
        print(f'\n## {title}\nkernels {architecture}_kernels {{\n  name: "{architecture}"')
        print(f'  source: "operator tables of aiconfigurator-core 0.12.0 (Apache-2.0): {devices}"\n  version: "2026-11"')
        for field, (x, error, points) in records[architecture].items():
            if field.startswith("all_"):
                text = f"floor: {x[0]:.3g} us, per_rank: {x[2]:.3g} us, bandwidth: {x[1]:.3g}"
            else:
                scale = HOPPER_FP4 if (architecture, field) == ("hopper", "experts_fp4") else 1
                text = f"floor: {x[0] * scale:.3g} us, compute: {x[1] / scale:.3g}, bandwidth: {x[2] / scale:.3g}"
                text += f", per_token: {x[3]:.3g} ns/tok" if len(x) > 3 else ""
            print(f"  {field}: {{ {text} }}")
            print(f"{architecture:10} {field:20} {points:5} points, median error {100 * error:4.1f}%", file=sys.stderr)
        print("}")


# ---- Engines: measured runs -> what an engine adds to its kernels.

ENGINES = ["vllm", "trtllm", "sglang"]
# Where each constant starts, and how far (of its log) it is let go.
SHARED = {
    "hopper_fp4": (1, 0.2), "expert_factor": (1, 0.2), "recurrent_decode": (12, 0.2),
    "first_token_latency": (10, 0.5), "tokenize": (2, 0.5),
}
EACH = {"prefill_factor": (1.05, 0.05), "host_step": (0.25, 0.3), "host_per_sequence": (4, 0.35), "launch": (30, 0.5)}
# The step in progress, its own, and the next that runs before the engine has looked at its tokens.
FIRST_TOKEN_STEPS = 2.5
UNIT = {
    "host_step": " ms", "host_per_sequence": " us", "launch": " us", "first_token_latency": " ms", "tokenize": " us/tok",
    "recurrent_decode": " us",
}
# How engines fill memory: of the device, of what the weights leave, and of an answer before it is begun.
SCHEDULER = {False: {"usable": 0.9, "cache_share": 1, "kept": 0.6}, True: {"usable": 1, "cache_share": 0.9, "kept": 1}}
NAMES = list(SHARED) + [f"{e}.{k}" for e in ENGINES for k in EACH]
PRIOR = list(SHARED.values()) + [v for _ in ENGINES for v in EACH.values()]
STORED = {"bf16": 2, "fp8": 1, "fp4": 0.5625, "int4": 0.53125, "mxfp4": 0.53125}
PARTS = ["attention", "closing", "ffn", "experts", "plain"]


def quantized(name, model, weights):
    """Precision of each of PARTS when a checkpoint is said to be in `weights`."""
    if name.startswith("gpt-oss"):
        return ["bf16", "bf16", "bf16", "mxfp4", "bf16"]
    if not model.get("experts") or weights in ("bf16", "fp8"):
        return [weights] * 4 + ["bf16"]
    return ["bf16", "fp4" if name == "deepseek-r1" and weights == "fp4" else "bf16", weights, weights, "bf16"]


def inputs_of(weights, peaks):
    """Precision of a layer's inputs."""
    if weights == "mxfp4":
        return "fp8" if peaks["fp4"] else "bf16"
    return weights if weights != "int4" and peaks.get(weights) else "bf16"


def measured():
    with open(DATA / "measured.csv", newline="") as file:
        return list(csv.DictReader(file))


def protocol(row, rules):
    """Steps between looks at the queue, and steps that a prompt waits for others: the last rule that matches a run."""
    found = (1, 0)
    for rule in rules:
        begins = all(row[k].startswith(rule[k]) for k in ("model", "system"))
        same = all(rule[k] in ("", row[k]) for k in ("suite", "engine", "precision", "isl", "osl"))
        within = float(row["tp"]) < float(rule["tp_below"] or "inf") and float(row["concurrency"]) >= float(rule["concurrency_from"])
        if begins and same and within:
            found = float(rule["poll_interval"]), float(rule["batch_wait"])
    return found


def facts(rows, records, universal=False):
    """Columns of the runs, by name; kernels as arrays of their constants."""
    sheets, models, out = systems(), json.loads((DATA / "models.json").read_text()), []
    with open(DATA / "protocol.csv", newline="") as file:
        rules = list(csv.DictReader(file))
    for r in rows:
        m, s = models[r["model"]], sheets[r["system"]]
        get = lambda key: m.get(key, 0) or 0
        architecture = ARCHITECTURE[s["sm_version"]]
        record = records["universal" if universal else architecture]
        kernel = lambda field: np.array((list(record[field][0]) + [0])[:4])
        row = {k: float(r[v]) for k, v in {
            "prompt": "isl_mean", "output": "osl_mean", "load": "concurrency", "waves": "prompts_per_slot", "tp": "tp", "dp": "dp", "ep": "ep"}.items()}
        row |= {k: get(k) for k in (
            "layers", "hidden", "heads", "kv_heads", "head_dim", "vocab", "ffn", "experts", "top_k", "moe_ffn", "q_lora_rank",
            "kv_lora_rank", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim", "sliding_layers", "sliding_window", "linear_layers",
            "linear_key_heads", "linear_value_heads", "linear_key_head_dim", "linear_value_head_dim", "attn_output_gate")}
        precision = quantized(r["model"], m, r["precision"])
        for part, w in zip(PARTS, precision):
            i = inputs_of(w, s["peak_flops"])
            field = ("experts_" if part == "experts" else "gemm_") + w.replace("mxfp4", "fp4")
            row |= {part + "_weight": STORED[w], part + "_input": STORED[i], part + "_peak": s["peak_flops"][i],
                    part + "_scaled": i != "bf16" and r["engine"] != "trtllm", part + "_kernel": kernel(field)}
        cache = "fp8" if r["kv_precision"] == "fp8" else "bf16"
        at, closing, ffn, experts = (STORED[p] for p in precision[:4])
        # Per layer hidden * heads * value width are the output projection's, the rest of attention is the others'.
        output = get("layers") * get("hidden") * get("heads") * (get("v_head_dim") or get("head_dim"))
        dense = (get("params_attention") - output) * at + output * closing + (get("params_shared_and_router") + get("params_dense_ffn")) * ffn
        row |= {
            "bw": s["hbm_bandwidth_bytes_per_s"], "link": s["nvlink_bandwidth_bytes_per_s_per_direction"],
            "ram": s["hbm_capacity_bytes"], "peak": s["peak_flops"]["bf16"], "kv_bytes": STORED[cache],
            "dense_layers": get("first_dense_layers") if get("experts") else m["layers"],
            "shared_ffn": get("shared_ffn") if get("shared_experts") else 0, "latent": m["attention"] == "mla",
            "replicated": dense + get("params_embedding") * (2 if m["tie_embeddings"] else 4),
            "routed": get("params_routed_experts") * experts,
            "decode": kernel("decode_" + cache), "latent_decode": kernel("latent_decode_" + cache),
            **{k: kernel(k) for k in ("prefill", "latent_prefill", "all_reduce", "all_gather", "all_to_all")},
            "narrow": precision[3] == "mxfp4" and architecture == "hopper",
            "slower": r["engine"] == "trtllm" and not (precision[3] in ("fp4", "mxfp4") and s["peak_flops"]["fp4"]),
            "engine": ENGINES.index(r["engine"]), **SCHEDULER[r["engine"] == "trtllm"],
            **dict(zip(("poll_interval", "batch_wait"), protocol(r, rules))),
        }
        out.append(row)
    return SimpleNamespace(**{k: np.array([x[k] for x in out], float) for k in out[0]})


def some(f, here):
    return SimpleNamespace(**{k: v[here] for k, v in vars(f).items()})


def gemm(f, part, m, n, k):
    of = lambda what: getattr(f, f"{part}_{what}")
    floor, compute, bandwidth, _ = of("kernel").T
    data = (n * k * of("weight") + m * k * of("input") + 2 * m * n) / (f.bw * bandwidth)
    scaling = of("scaled") * (2 * US + 3 * m * k / (0.7 * f.bw))
    return floor * US + np.hypot(2 * m * n * k / (of("peak") * compute), data) + scaling


def added(f, kernel, ops, data):
    floor, compute, bandwidth, _ = kernel.T
    return floor * US + ops / (f.peak * compute) + data / (f.bw * bandwidth)


def all_reduce(f, data, ranks):
    floor, bandwidth, per_rank, _ = f.all_reduce.T
    return (ranks > 1) * reduce_time(floor * US, bandwidth, per_rank * US, ranks, data / f.link)


def gather(f, kernel, data, ranks):
    floor, bandwidth, per_rank, _ = kernel.T
    return (ranks > 1) * ((floor + per_rank * ranks) * US + (ranks - 1) / ranks * data / (f.link * bandwidth))


def step(f, c, decoding, context, prompts):
    """Time of one engine step. The names are those of the solver."""
    hidden, tp, dp, new = f.hidden, f.tp, f.dp, f.prompt
    group, b, n = tp * dp, decoding / dp, prompts / dp
    m, tokens = np.maximum(1, b + n * new), np.maximum(1, decoding + prompts * new)
    heads, kv_heads, dim = f.heads / tp, np.maximum(1, f.kv_heads / tp), f.head_dim
    some_decode, some_prompts = b > 0, n > 0

    def grouped(reach):
        seen = np.minimum(context, reach)
        read = 2 * b * seen * kv_heads * dim * f.kv_bytes
        each = added(f, f.decode, 4 * b * heads * seen * dim, read) + f.decode[:, 3] * 1e-9 * seen
        pairs = np.where(reach < new, np.minimum(new * reach - np.minimum(new, reach) ** 2 / 2, new**2 / 2), new**2 / 2)
        first = added(f, f.prefill, 4 * n * heads * dim * pairs, 4 * n * new * dim * (heads + kv_heads))
        return some_decode * each + some_prompts * first

    queries = heads * (1 + f.attn_output_gate)
    projections = gemm(f, "attention", m, (queries + 2 * kv_heads) * dim, hidden) + gemm(f, "closing", m, hidden, heads * dim)
    full = f.layers - f.linear_layers - f.sliding_layers
    attention = full * (projections + grouped(np.inf)) + f.sliding_layers * (projections + grouped(f.sliding_window))

    rank, rotary, key, value = f.kv_lora_rank, f.qk_rope_head_dim, f.qk_nope_head_dim, f.v_head_dim
    query_rank = np.maximum(1, f.q_lora_rank)
    down = gemm(f, "attention", m, f.q_lora_rank + rank + rotary, hidden) + gemm(f, "attention", m, heads * (key + rotary), query_rank)
    absorbed = 4 * US + 2 * b * heads * key * rank / (0.5 * f.peak) + 2 * heads * key * rank / (0.8 * f.bw)
    read = added(f, f.latent_decode, 2 * b * heads * context * (2 * rank + rotary), b * context * (rank + rotary) * f.kv_bytes)
    width = key + rotary + value
    up = gemm(f, "plain", n * new, heads * (key + value), np.maximum(1, rank))
    first = added(f, f.latent_prefill, n * heads * new**2 * width, 4 * n * new * heads * width)
    latent = down + gemm(f, "closing", m, hidden, heads * value) + some_decode * (read + 2 * absorbed) + some_prompts * (up + first)
    attention = np.where(f.latent > 0, f.layers * latent, attention)

    keys = f.linear_key_heads / tp * f.linear_key_head_dim
    values = f.linear_value_heads / tp * f.linear_value_head_dim
    state = values * f.linear_key_head_dim
    delta = gemm(f, "attention", m, 2 * keys + 2 * values + 2 * f.linear_value_heads / tp, hidden)
    delta = delta + gemm(f, "closing", m, hidden, np.maximum(1, values))
    delta = delta + some_decode * (c["recurrent_decode"] * US + 8 * b * state / (0.6 * f.bw))
    delta = delta + some_prompts * (60 * US + 0.04 * US * new + 12 * n * new * state / (0.15 * f.peak))

    def feed_forward(width):
        return gemm(f, "ffn", m, 2 * width / tp, hidden) + gemm(f, "ffn", m, hidden, np.maximum(1, width) / tp)

    moe_layers, count = f.layers - f.dense_layers, np.maximum(1, f.experts)
    width, arrivals = f.moe_ffn / (group / f.ep), tokens * f.top_k / f.ep
    reached = count / f.ep * (1 - (1 - f.top_k / count) ** tokens)
    floor, compute, bandwidth, _ = f.experts_kernel.T
    slower = np.where(f.slower > 0, c["expert_factor"], 1) * np.where(f.narrow > 0, c["hopper_fp4"], 1)
    data = 3 * reached * hidden * width * f.experts_weight + 2 * arrivals * (2 * hidden + 2 * width)
    experts = slower * (
        floor * US + 6 * arrivals * hidden * width / (f.experts_peak * compute) + data / (f.bw * bandwidth))
    experts = experts + gemm(f, "plain", m, count, hidden) + (f.shared_ffn > 0) * feed_forward(f.shared_ffn)

    reduce = all_reduce(f, 2 * m * hidden, tp)
    exchange = np.minimum(
        gather(f, f.all_gather, 2 * tokens * hidden, group),
        gather(f, f.all_to_all, 2 * tokens / group * np.minimum(f.top_k, group) * hidden, group))
    communication = (f.layers + f.dense_layers) * reduce + moe_layers * np.where(dp > 1, 2 * exchange, reduce)
    turned = np.where(f.latent > 0, heads * (key + rotary) + rank, (heads + 2 * kv_heads) * dim)
    active = f.dense_layers * f.ffn / tp + moe_layers * f.shared_ffn / tp
    moved = 16 * f.layers * hidden + 4 * (f.layers - f.linear_layers) * turned + 8 * f.linear_layers * values + 6 * active
    small = (4 * f.layers + f.linear_layers + 2 * f.dense_layers + 3 * moe_layers) * 2 * US + m * moved / (0.7 * f.bw)
    head = gemm(f, "plain", b + n, f.vocab / tp, hidden) + gather(f, f.all_gather, 2 * (b + n) * f.vocab, tp) + 10 * US
    return attention + f.linear_layers * delta + f.dense_layers * feed_forward(f.ffn) + moe_layers * experts + communication + small + head


def launches(f):
    """Kernels that the host launches for a prefill: as in `std.solvers.serving_step`."""
    attention = (f.layers - f.linear_layers) * np.where(f.latent > 0, 20, 10) + 50 * f.linear_layers
    return attention + 5 * f.dense_layers + (f.layers - f.dense_layers) * (15 + 4 * (f.shared_ffn > 0))


def serve(f, c):
    """TTFT, TPOT and tokens/s per device of a closed loop that opens with a burst."""
    of = {k: np.array([c[f"{e}.{k}"] for e in ENGINES])[f.engine.astype(int)] for k in EACH}
    prompt, output, group = f.prompt, f.output, f.tp * f.dp
    heads = np.maximum(1, f.kv_heads / f.tp)
    full = f.layers - f.linear_layers - f.sliding_layers
    numbers = np.where(f.latent > 0, f.layers * (f.kv_lora_rank + f.qk_rope_head_dim), 2 * full * heads * f.head_dim)
    context = prompt + f.kept * output
    cache = f.kv_bytes * (numbers * context + 2 * f.sliding_layers * heads * f.head_dim * np.minimum(context, f.sliding_window))
    weights = f.replicated / f.tp + f.routed / group
    slots = np.maximum(1, (f.usable * f.ram - 3e9 - weights) * f.cache_share / cache * f.dp)
    in_flight = np.minimum(f.load, slots)
    none = np.zeros_like(prompt)

    # Prompts that the scheduler takes in at once share steps.
    gathered = 1 + np.maximum(0, np.minimum(in_flight - 1, in_flight * np.maximum(f.poll_interval - 1, f.batch_wait) / output))
    budget, chunks = np.maximum(1, 8192 / prompt), np.maximum(1, prompt / 8192)
    together = np.minimum(np.maximum(gathered, in_flight / output), budget)
    host, launched = of["host_step"] * 1e-3, of["launch"] * US * launches(f) * chunks
    prefill = lambda prompts, extra=0: np.hypot(of["prefill_factor"] * step(f, c, none, none, prompts) + extra, launched)
    each, alone, read = prefill(together) / together, prefill(none + 1, host * chunks), c["tokenize"] * US * prompt
    # Of the opening burst as many as fit share a step.
    burst, crowd = 0.5 / f.waves, np.minimum(in_flight, budget)
    opening = np.maximum(0, (in_flight + crowd) / 2 * prefill(crowd) / crowd - alone + (in_flight - 1) / 2 * read) / f.waves
    stall = (1 - burst) * (in_flight - 1) * each / np.maximum(1, output - 1)
    lag = alone + read + ((gathered + np.minimum(gathered, budget)) / 2 - 1) * each + c["first_token_latency"] * 1e-3
    waits = np.where(f.poll_interval > 1, f.poll_interval / 2, 0) + f.batch_wait * (1 + gathered) / 2 / gathered
    late = FIRST_TOKEN_STEPS + waits + chunks - 1 + burst * np.maximum(0, in_flight / crowd - 1)

    active = in_flight
    for _ in range(3):
        decode = step(f, c, active, prompt + output / 2, none) + host + of["host_per_sequence"] * US * active / f.dp
        tpot = decode + stall
        busy = (in_flight - 1) * each / (output * tpot)
        queued = opening + (1 - 2 * burst) * busy / 2 * each * together
        ttft = lag + late * decode + queued
        active = in_flight * output * tpot / (ttft + output * tpot)
    ttft = ttft + (ttft + output * tpot) * np.maximum(0, f.load / slots - 1)
    throughput = f.load * output / (ttft + tpot * (output - 1)) / group
    return {"tpot": tpot * 1e3, "throughput": throughput, "ttft": ttft * 1e3}


def targets(rows):
    """What was measured; TTFT only of runs whose protocol is known."""
    column = lambda key: np.array([float(r[key] or "nan") for r in rows])
    clean = np.array([r["suite"] == "inferencex" and r["ttft_ok"] == "True" for r in rows])
    return {"tpot": column("measured_tpot_ms"), "throughput": column("measured_tok_s_gpu"),
            "ttft": np.where(clean, column("measured_ttft_ms"), np.nan)}


def thinned(rows, here, most=30):
    """About `most` runs of each configuration family of those `here`: the rest tell little more."""
    family = lambda r: tuple(r[k] for k in ("model", "system", "engine", "precision", "suite"))
    index = np.flatnonzero(here)
    size, seen, kept = Counter(family(rows[i]) for i in index), Counter(), []
    for i in index:
        key = family(rows[i])
        if seen[key] % max(1, size[key] // most) == 0:
            kept.append(i)
        seen[key] += 1
    return np.array(kept)


def fit_engines(f, rows, here):
    """The constants that fit the runs `here`; a family of n runs weighs the square root of n."""
    index = thinned(rows, here)
    f, rows = some(f, index), [rows[i] for i in index]
    goal = targets(rows)
    family = [tuple(r[k] for k in ("model", "system", "engine", "precision")) for r in rows]
    count = Counter(family)
    weight = np.sqrt([20 / count[k] for k in family])
    start, sigma = np.log([p[0] for p in PRIOR]), np.array([p[1] for p in PRIOR])

    def residuals(x):
        found = serve(f, dict(zip(NAMES, np.exp(x))))
        out = []
        for key, share, scale in (("tpot", 1, 0.08), ("throughput", 0.5, 0.08), ("ttft", 1, 0.4)):
            ratio = np.log(found[key] / goal[key]) / scale
            soft = np.sign(ratio) * np.sqrt(2 * (np.sqrt(1 + ratio**2) - 1))
            out.append(share * weight * np.where(np.isnan(ratio), 0, soft))
        return np.concatenate(out + [2 * (x - start) / sigma])

    return dict(zip(NAMES, map(float, np.exp(least_squares(residuals, start, max_nfev=12).x))))


def in_library():
    """The constants as they stand in engines.mls; those of kernels.mls are not of an engine."""
    text = (ROOT / "src/std/calibration/engines.mls").read_text()
    c = {"hopper_fp4": HOPPER_FP4, "recurrent_decode": RECURRENT_DECODE}
    c |= {k: float(re.search(rf"^  {k}: [\w /]+ = ([\d.]+)", text, re.M)[1]) for k in ("first_token_latency", "tokenize")}
    for engine, body in re.findall(r"^serving_engine (\w+) \{(.*?)^\}", text, re.M | re.S):
        said = dict(re.findall(r"^  (\w+): ([\d.]+)", body, re.M))
        c |= {f"{engine}.{k}": float(said.get(k, 1)) for k in EACH}
        c["expert_factor"] = float(said.get("expert_factor", c.get("expert_factor", 1)))
    return c


def score(found, goal, here):
    parts = []
    for key in ("tpot", "throughput", "ttft"):
        ok = here & ~np.isnan(goal[key]) & ~np.isnan(found[key])
        ratio = found[key][ok] / goal[key][ok]
        error = 100 * np.abs(ratio - 1)
        parts.append("-" if not ok.any() else f"{error.mean():.1f} / {np.median(error):.1f} ({np.exp(np.log(ratio).mean()):.2f})")
    return f"{here.sum():5} | " + " | ".join(f"{p:20}" for p in parts)


def table(title, found, goal, rows, *keys):
    print(f"\n{title}\n  {'mean / median % (bias)':24} | {'n':>5} | {'TPOT':20} | {'throughput':20} | {'TTFT':20}")
    print(f"  {'all':24} | {score(found, goal, np.ones(len(rows), bool))}")
    for key in keys:
        for name in sorted({r[key] for r in rows}):
            print(f"  {name:24} | {score(found, goal, np.array([r[key] == name for r in rows]))}")


def left_out(f, rows, key):
    """Each group predicted with constants that were fitted on the others."""
    found = {k: np.full(len(rows), np.nan) for k in ("tpot", "throughput", "ttft")}
    for name in sorted({r[key] for r in rows}):
        out = np.array([r[key] == name for r in rows])
        guess = serve(some(f, out), fit_engines(f, rows, ~out))
        for k in found:
            found[k][out] = guess[k]
    return found


def main():
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command not in ("kernels", "engines", "cv"):
        sys.exit(__doc__)
    records = fit_kernels()
    if command == "kernels":
        return print_kernels(records)
    rows = measured()
    f, goal = facts(rows, records), targets(rows)
    constants = fit_engines(f, rows, np.ones(len(rows), bool))
    if command == "engines":
        for name, value in constants.items():
            print(f"{name:28} {value:8.3g}{UNIT.get(name.split('.')[-1], '')}")
    prior = dict(zip(NAMES, [p[0] for p in PRIOR]))
    table("Priors: operator curves, nothing fitted on these runs", serve(f, prior), goal, rows)
    table("As in the library, rounded", serve(f, in_library()), goal, rows)
    table("Fitted on all", serve(f, constants), goal, rows, "model", "system", "engine", "suite")
    if command == "cv":
        table("Fitted on all, universal curves", serve(facts(rows, records, universal=True), constants), goal, rows, "system")
        for key in ("model", "system", "engine", "suite"):
            table(f"Leave one {key} out", left_out(f, rows, key), goal, rows, key)


if __name__ == "__main__":
    main()
