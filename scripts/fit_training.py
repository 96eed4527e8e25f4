#!/usr/bin/env python3
"""Fits the constants of src/std/calibration/training.mls on published training runs.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python scripts/fit_training.py fit        # the constants, and how well they fit
    venv/bin/python scripts/fit_training.py cv         # and what is left out: a source, a device, a family

Reads the dense runs of tests/data/training/measured.csv that have a step time and a layout; the library predicts them,
through the `fidelity` example. The fit is robust (a Cauchy loss on the log of the ratio: runs that are 20% off pull
little), a source of n runs weighs the square root of n, and every constant is held near its prior, so that what the data
do not tell stays put. `--write` replaces the numbers in the module.
"""

import json
import math
from collections import Counter

from fitting import ROOT, arguments, fidelity, fitted, np, progress, rows_of, write_module

DATA = ROOT / "tests/data/training"
HARDWARE = json.loads((DATA / "hardware.json").read_text())
FAMILIES = {"A100": "ampere_training", "H100": "hopper_training", "TPU": "tpu_training"}
ALL = "TrainingCalibration"  # whose default it is

# The record and number behind a constant, its unit, and what it is held to.
CONSTANTS = {
    ("ampere_training", "gemm"): ("", 0.75),
    ("hopper_training", "gemm"): ("", 0.65),
    ("tpu_training", "gemm"): ("", 0.88),
    ("ampere_training", "attention"): ("", 0.60),  # FlashAttention-2 paper: 0.5 to 0.73 on A100
    ("hopper_training", "attention"): ("", 0.35),
    ("tpu_training", "attention"): ("", 0.25),
    (ALL, "early_attention"): ("", 0.50),  # FlashAttention 1 relative to 2, its paper: about half
    (ALL, "score_traffic"): (" [B]", 9.0),
    (ALL, "elementwise"): ("", 1.2),
    (ALL, "tensor_exposed"): ("", 0.25),
    (ALL, "straggling"): ("", 0.005),
    (ALL, "full_sharded"): ("", 0.75),
    (ALL, "selective"): ("", 0.13),  # MaxText `minimal`
    (ALL, "offload"): ("", 0.10),  # MaxText host offload
}
PRIOR = {key: prior for key, (_, prior) in CONSTANTS.items()}
WEIGHT = 0.1  # of a prior, against runs that are 5% off


def trial(constants):
    """The constants as the fidelity example takes them: a default is one of all families."""
    return {
        f"{r}.{path}{CONSTANTS[record, path][0]}": f"{value:.17g}"
        for (record, path), value in constants.items() for r in (FAMILIES.values() if record == ALL else [record])}


class Runs:
    """Dense runs, and what the library says of them."""

    def __init__(self, program):
        self.program = program
        self.rows = [r for r in rows_of(DATA / "measured.csv") if r["t_iter_s"] and r["is_moe"] == "0" and r["tp"]]
        column = lambda of: np.array([of(r) for r in self.rows])
        self.measured = column(lambda r: float(r["t_iter_s"]))
        self.sources, self.devices = column(lambda r: r["source"]), column(lambda r: r["hardware"])
        self.families = column(lambda r: HARDWARE[r["hardware"]]["family"])

    def predict(self, trials, here=None):
        rows = [r for i, r in enumerate(self.rows) if here is None or here[i]]
        return fidelity(self.program, "training", rows, trials, ["pred_t_iter_s"], "--systems", DATA / "hardware.json")[..., 0]

    def at(self, constants, here=None):
        return self.predict([trial(constants)], here)[0]

    def fit(self, here):
        """The constants that fit the runs `here`."""
        measured, sources = self.measured[here], self.sources[here]
        count, start = Counter(sources), np.log(list(PRIOR.values()))
        weight = np.array([count[s] ** -0.25 for s in sources])

        def residuals(x, found):
            ratio = np.log(found / measured) / 0.05
            return np.concatenate([weight * 0.05 * np.sqrt(np.log1p(ratio**2)), WEIGHT * (x - start)])

        predict = lambda points: self.predict([trial(dict(zip(PRIOR, p))) for p in points], here)
        return dict(zip(PRIOR, map(float, fitted(predict, residuals, np.exp(start), max_nfev=60))))

    def table(self, title, predicted, groups):
        print(f"\n{title}\n  {'all':48} {score(predicted, self.measured)}")
        for name in sorted(set(groups[~np.isnan(predicted)])):
            here = groups == name
            print(f"  {name[:48]:48} {score(predicted[here], self.measured[here])}", flush=True)

    def left_out(self, groups, then=lambda constants, name: constants):
        """Each group predicted with constants that were fitted on the others, and changed by `then`."""
        predicted = np.full(len(self.rows), np.nan)
        for name in sorted(set(groups)):
            progress(f"without {name}")
            out = groups == name
            predicted[out] = self.at(then(self.fit(~out), name), out)
        return predicted


def score(predicted, measured):
    known = ~np.isnan(predicted)
    ratio = predicted[known] / measured[known]
    error, bias = np.abs(ratio - 1), np.exp(np.mean(np.log(ratio)))
    return f"n {len(error):3}  MAPE {100 * error.mean():5.1f}%  median {100 * np.median(error):5.1f}%  bias {bias:.3f}  within 10% {100 * np.mean(error <= 0.1):3.0f}%"


def with_shares_of(constants, family, donors):
    """A family with the geometric mean of its donors' shares."""
    mean = lambda share: math.exp(np.mean([math.log(constants[FAMILIES[d], share]) for d in donors]))
    return constants | {(FAMILIES[family], share): mean(share) for share in ("gemm", "attention")}


def main():
    args = arguments(__doc__, ["fit", "cv"])
    runs = Runs(args.fidelity)
    progress("all runs")
    constants = runs.fit(np.ones(len(runs.rows), bool))
    for (record, path), value in constants.items():
        print(f"{record:20} {path:16} {value:8.4f}   prior {PRIOR[record, path]}")
    runs.table("As in the library, rounded", runs.at({}), runs.sources)
    runs.table("Fitted on all", runs.at(constants), runs.sources)
    if args.verb == "cv":
        runs.table("Leave one source out", runs.left_out(runs.sources), runs.sources)
        runs.table("Leave one hardware family out (the priors stand for it)", runs.left_out(runs.families), runs.families)
        runs.table("Leave one device out", runs.left_out(runs.devices), runs.devices)
        gpu = runs.families != "TPU"
        other = lambda c, name: with_shares_of(c, name, [f for f in ("A100", "H100") if f != name]) if name != "TPU" else c
        two = lambda c, name: with_shares_of(c, name, [f for f in FAMILIES if f != name])
        runs.table("A GPU family with the other's shares", np.where(gpu, runs.left_out(runs.families, other), np.nan), runs.families)
        runs.table("A family with the mean of the other two", runs.left_out(runs.families, two), runs.families)
        both = [with_shares_of(constants, family, ["A100", "H100"]) for family in ("A100", "H100")]
        mean = constants | {key: v for changed in both for key, v in changed.items() if v != constants[key]}
        runs.table("A GPU family with the mean of both", np.where(gpu, runs.at(mean), np.nan), runs.families)
    if args.write:
        write_module(args.mlsys, "training.mls", constants)


if __name__ == "__main__":
    main()
