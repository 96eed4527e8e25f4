#!/usr/bin/env python3
"""Fits the constants of src/std/calibration/kernels.mls and engines.mls: operator tables, then measured serving runs.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/fit_serving.py kernels     # the curves of kernels.mls, the error of each
    venv/bin/python scripts/fit_serving.py engines     # the constants of engines.mls, and how well they fit
    venv/bin/python scripts/fit_serving.py cv          # leave one model, system, engine, suite out

Reads tests/data/serving. The library predicts: `mlsys` sweeps scripts/operators.mls over the rows of the tables, the
`fidelity` example solves the measured runs. All fits are robust, on the log of the ratio, with every constant held near
its prior, so that what the data do not tell stays put. `--write` replaces the numbers in the two modules.
"""

import gzip
import json
import tempfile
from collections import Counter
from pathlib import Path

from fitting import ROOT, Runs, arguments, csv, fitted, np, progress, rows_of, swept, write_module, written

DATA = ROOT / "tests/data/serving"
SYSTEMS = json.loads((DATA / "systems.json").read_text())
ARCHITECTURE = {80: "ampere", 89: "ada", 90: "hopper", 100: "blackwell"}  # by compute capability
ARCHITECTURES = ["universal", "ampere", "ada", "hopper", "blackwell"]

# ---- Kernels: operator latencies -> a floor and fractions of the peaks.

# The precision of weights, the peak that counts, and the checkpoint as the language has it.
QUANTIZATION = {
    "bfloat16": ("bf16", "bf16", "{ weights: bf16 }"),
    "fp8_block": ("fp8", "fp8", "{ weights: fp8, activations: fp8 }"),
    "nvfp4": ("fp4", "fp4", "{ weights: fp4, activations: fp4, scales: 0.0625 B/param }"),
    "int4_wo": ("int4", "bf16", "{ weights: int4, scales: 0.03125 B/param }"),
    "w4a16_mxfp4": ("fp4", "bf16", "{ weights: fp4, scales: 0.03125 B/param }"),
}
SHAPES = {
    name: dict(zip(("experts", "experts_per_token", "hidden", "width"), sizes)) for name, sizes in {
        "glm-5": (256, 8, 6144, 2048), "deepseek-v3": (256, 8, 7168, 2048), "kimi-k2.5": (384, 8, 7168, 2048),
        "minimax-m2.5": (256, 8, 3072, 1536), "qwen3-235b": (128, 8, 4096, 1536), "qwen3.5-397b": (512, 10, 4096, 1024),
        "gpt-oss-120b": (128, 4, 2880, 2880),
    }.items()
}
UNITS = {"floor": " us", "per_token": " ns/tok", "per_rank": " us"}
# Where the constants of a table's curve start, and how far (of their log) they are let go.
ROOFLINE = ("floor", "compute", "bandwidth")
LINKS = ("floor", "bandwidth", "per_rank")
CURVES = {
    "gemm": (ROOFLINE, [4, 0.7, 0.8], 0.5), "experts": (ROOFLINE, [35, 0.3, 0.9], 1),
    "decode": ((*ROOFLINE, "per_token"), [10, 0.5, 0.8, 0.03], 0.5), "prefill": (ROOFLINE, [13, 0.6, 0.45], 0.5),
    "latent_decode": (ROOFLINE, [14, 1, 0.8], 0.5), "latent_prefill": (ROOFLINE, [16, 0.7, 0.5], 0.5),
    "all_reduce": (LINKS, [3, 0.65, 0.3], 1), "all_gather": (LINKS, [3, 0.65, 0.3], 1),
    "all_to_all": (LINKS, [3, 0.65, 0.3], 1),
}


def table(name):
    """Rows of an operator table as the inputs of its operator, by kind: the system, the inputs, the latency in us."""
    found = {}
    with gzip.open(DATA / f"{name}.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            system, latency, kind = row.pop("system"), float(row.pop("latency_us")), row.pop("op", None) or row.pop("dtype")
            row = {k: str(v) for k, v in SHAPES[row.pop("shape")].items()} | row if "shape" in row else row
            row = {k: v + " B" if k == "message_bytes" else v for k, v in row.items()}
            found.setdefault(kind, []).append((system, row, latency))
    return found


TABLES = {n: table(n) for n in ("gemm", "experts", "decode", "prefill", "latent_decode", "latent_prefill", "collectives")}
for collective, kind in (("all_reduce", "all_reduce"), ("all_gather", "all_gather"), ("all_to_all", "alltoall")):
    TABLES[collective] = {"": TABLES["collectives"][kind]}


def peak(system, kind):
    return SYSTEMS[system]["peak_flops"][QUANTIZATION[kind][1] if kind in QUANTIZATION else "bf16"]


def hardware(system, kind):
    """A device's declaration; where the table's inputs have 16 bits, without narrower arithmetic."""
    sheet, wide = SYSTEMS[system], QUANTIZATION.get(kind, ("", "bf16"))[1]
    narrow = "" if wide == "bf16" else f", peak_flops_{wide}: {sheet['peak_flops'][wide]} FLOP/s"
    return (
        f"hardware {system} {{ name: \"{system}\", memory_bw: {sheet['hbm_bandwidth_bytes_per_s']} B/s, memory_capacity: 1 B, "
        f"peak_flops: {sheet['peak_flops']['bf16']} FLOP/s{narrow}, "
        f"scale_up_bw: {sheet['nvlink_bandwidth_bytes_per_s_per_direction']} B/s }}\n")


def fit_curve(program, architecture, name, kind):
    """A table's curve on an architecture: constants by name, median error, points. None where nothing was measured."""
    member = lambda s: ARCHITECTURE[SYSTEMS[s]["sm_version"]]
    inside = lambda s: peak(s, kind) and (member(s) == architecture or architecture == "universal" and member(s) != "ada")
    rows = [row for row in TABLES[name][kind] if inside(row[0])]
    if not rows:
        return None
    names, start, sigma = CURVES[name]
    said, precise = "", ""
    if kind in QUANTIZATION and name in ("gemm", "experts"):
        precise, said = "_" + QUANTIZATION[kind][0], f", quantization: {QUANTIZATION[kind][2]}"
    elif name in ("decode", "latent_decode"):
        precise = "_fp8" if kind == "fp8" else "_bf16"
        said = f", kv_cache: {precise[1:]}"
    first, latency = rows[0], np.array([row[2] for row in rows])
    inputs = "".join(f", {k}: {v}" for k, v in first[1].items())
    devices = "".join(hardware(s, kind) for s in dict.fromkeys(row[0] for row in rows))
    text = (ROOT / "scripts/operators.mls").read_text() + devices
    text += f"solve one = {name}_operator {{ hardware: {first[0]}{said}{inputs} }}"
    points = [{"hardware": system} | inputs for system, inputs, _ in rows]

    def predict(trials):
        paths = [{f"kernels.{name}{precise}.{n}": f"{v:.17g}{UNITS.get(n, '')}" for n, v in zip(names, x)} for x in trials]
        return swept(program, text, paths, points, "time [s]") * 1e6

    def residuals(x, found):
        return np.concatenate([15 * np.log(found / latency) / np.sqrt(len(latency)), 0.3 * (x - np.log(start)) / sigma])

    found = fitted(predict, residuals, start, loss="soft_l1")
    error = np.median(np.abs(predict([found])[0] / latency - 1))
    return dict(zip(names, found)), error, len(rows)


def tables_of(architecture):
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
        "latent_prefill": ("latent_prefill", "bfloat16"), "all_reduce": ("all_reduce", ""),
        "all_gather": ("all_gather", ""), "all_to_all": ("all_to_all", ""),
    }


def kernels(args):
    """Fits all curves. A field without a table takes the universal curve."""
    done, records = {}, {}

    def curve(*key):
        if key not in done:
            progress(" ".join(key))
            done[key] = fit_curve(args.mlsys, *key)
        return done[key]

    for architecture in ARCHITECTURES:
        own = {field: curve(architecture, *behind) or curve("universal", *behind) for field, behind in tables_of(architecture).items()}
        if architecture != "ampere":
            # 4-bit weights with 16-bit inputs are measured on A100 alone: the launch is that of the architecture's own GEMMs.
            for field in ("gemm_fp4", "gemm_int4"):
                constants, *rest = own[field]
                if tables_of(architecture)[field][1] == "int4_wo":
                    own[field] = constants | {"floor": own["gemm_bf16"][0]["floor"]}, *rest
        for field, (constants, error, points) in own.items():
            shown = ", ".join(f"{n} {written(v)}{UNITS.get(n, '')}" for n, v in constants.items())
            print(f"{architecture:10} {field:20} {points:5} points, median error {100 * error:4.1f}%  {shown}")
            # 4-bit experts on Hopper are faster in the runs than in the table: `engines` says by how much.
            if (architecture, field) != ("hopper", "experts_fp4"):
                records |= {(f"{architecture}_kernels", f"{field}.{n}"): v for n, v in constants.items()}
    return records


# ---- Engines: measured runs -> what an engine adds to its kernels.

ENGINES = ["vllm", "trtllm", "sglang"]
# Where each constant starts, how far (of its log) it is let go, and its unit.
SHARED = {
    "hopper_fp4": (1, 0.2, ""), "expert_factor": (1, 0.2, ""), "recurrent_decode": (12, 0.2, "us"),
    "first_token_latency": (10, 0.5, "ms"), "tokenize": (2, 0.5, "us/tok"),
}
EACH = {
    "prefill_factor": (1.05, 0.05, ""), "host_step": (0.25, 0.3, "ms"), "host_per_sequence": (4, 0.35, "us"),
    "launch": (30, 0.5, "us"),
}
PRIOR = SHARED | {f"{e}.{k}": v for e in ENGINES for k, v in EACH.items()}


def placed(constants, hopper):
    """The numbers of the library behind the constants: by record, path and unit. `hopper` is the table's curve of 4-bit
    experts there, which a factor slows down as a whole."""
    found = {}
    for name, value in constants.items():
        if name == "hopper_fp4":
            scaled = {n: v * value if n == "floor" else v / value for n, v in hopper.items()}
            found |= {("hopper_kernels", f"experts_fp4.{n}", UNITS.get(n, "").strip()): v for n, v in scaled.items()}
        elif name == "recurrent_decode":
            found["Kernels", "recurrent_decode.floor", "us"] = value
        elif name == "expert_factor":
            found["trtllm", name, ""] = value
        else:
            record, _, path = ("." + name).rpartition(".")
            found[record.strip(".") or "ServingEngine", path, PRIOR[name][2]] = value
    return found


class Serving(Runs):
    kind, quantities = "serving", ["pred_tpot_ms", "pred_tok_s_gpu", "pred_ttft_ms"]
    files = ["--models", DATA / "models.json", "--systems", DATA / "systems.json"]
    prior = {name: start for name, (start, _, _) in PRIOR.items()}
    heading = f"  {'mean / median % (bias)':24} | {'n':>5} | {'TPOT':20} | {'throughput':20} | TTFT\n"

    def __init__(self, program, hopper):
        super().__init__(program)
        self.hopper, self.rows = hopper, rows_of(DATA / "measured.csv")
        measured = lambda key: np.array([float(r[key] or "nan") for r in self.rows])
        # TTFT only of runs whose protocol is known.
        clean = (self.column("suite") == "inferencex") & (self.column("ttft_ok") == "True")
        ttft = np.where(clean, measured("measured_ttft_ms"), np.nan)
        self.goal = np.array([measured("measured_tpot_ms"), measured("measured_tok_s_gpu"), ttft]).T

    def trial(self, constants):
        """As the fidelity example takes constants: a default of a type is one of all its records."""
        of = {"ServingEngine": ENGINES, "Kernels": [f"{a}_kernels" for a in ARCHITECTURES]}
        return {
            f"{r}.{path}" + (f" [{unit}]" if unit else ""): value
            for (record, path, unit), value in placed(constants, self.hopper).items() for r in of.get(record, [record])}

    def family(self, i, *more):
        return tuple(self.rows[i][k] for k in ("model", "system", "engine", "precision", *more))

    def fit(self, here, most=30):
        """On about `most` runs of each configuration family of those `here`: the rest tell little more."""
        index, seen, kept = np.flatnonzero(here), Counter(), np.zeros(len(self.rows), bool)
        size = Counter(self.family(i, "suite") for i in index)
        for i in index:
            family = self.family(i, "suite")
            kept[i] = seen[family] % max(1, size[family] // most) == 0
            seen[family] += 1
        return super().fit(kept, max_nfev=12)

    def residuals(self, ratio, moved, here):
        """A family of n runs weighs the square root of n. TPOT counts most, then throughput, then TTFT, which is off by more."""
        families = [self.family(i) for i in np.flatnonzero(here)]
        count = Counter(families)
        weight = np.sqrt([20 / count[f] for f in families])[:, None] * [1, 0.5, 1]
        ratio = ratio / [0.08, 0.08, 0.4]
        soft = np.sign(ratio) * np.sqrt(2 * (np.sqrt(1 + ratio**2) - 1))
        held = 2 * moved / [sigma for _, sigma, _ in PRIOR.values()]
        return np.concatenate([(weight * np.where(np.isnan(ratio), 0, soft)).ravel(), held])

    def score(self, name, runs, scores):
        parts = [f"{mean:.1f} / {median:.1f} ({bias:.2f})" for _, mean, median, bias, _ in filter(None, scores)] + ["-"]
        return f"  {name:24} | {runs:5} | " + " | ".join(f"{p:20}" for p in parts[:3]).rstrip()


def main():
    args = arguments(__doc__, ["kernels", "engines", "cv"])
    if args.verb == "kernels":
        records = kernels(args)
        return args.write and write_module(args.mlsys, "kernels.mls", records)
    progress("4-bit experts on Hopper, as in the table")
    hopper, *_ = fit_curve(args.mlsys, "hopper", "experts", "w4a16_mxfp4")
    runs = Serving(args.fidelity, hopper)
    groups = {key: runs.column(key) for key in ("model", "system", "engine", "suite")}
    progress("all runs")
    constants = runs.fit(np.ones(len(runs.rows), bool))
    for name, value in constants.items():
        print(f"{name:28} {value:8.3g} {PRIOR[name][2]:6}   prior {runs.prior[name]}")
    runs.table("Priors: operator curves, nothing fitted on these runs", runs.at(runs.prior))
    runs.table("As in the library, rounded", runs.at({}))
    runs.table("Fitted on all", runs.at(constants), *groups.values())
    if args.verb == "cv":
        with tempfile.TemporaryDirectory() as folder:
            # Devices whose architecture is not known have no curves of their own.
            systems = Path(folder) / "systems.json"
            systems.write_text(json.dumps({s: sheet | {"sm_version": None} for s, sheet in SYSTEMS.items()}))
            universal = runs.at(constants, files=["--models", DATA / "models.json", "--systems", systems])
        runs.table("Fitted on all, universal curves", universal, groups["system"])
        for key, of in groups.items():
            runs.table(f"Leave one {key} out", runs.left_out(of), of)
    if args.write:
        for module, records in (("kernels.mls", ("hopper_kernels", "Kernels")), ("engines.mls", (*ENGINES, "ServingEngine"))):
            here = {(record, path): v for (record, path, _), v in placed(constants, hopper).items() if record in records}
            write_module(args.mlsys, module, here)


if __name__ == "__main__":
    main()
