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

from fitting import ROOT, Runs, arguments, np, progress, rows_of, write_module

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
WEIGHT = 0.1  # of a prior, against runs that are 5% off


class Training(Runs):
    kind, quantities, files = "training", ["pred_t_iter_s"], ["--systems", DATA / "hardware.json"]
    prior, heading = {key: prior for key, (_, prior) in CONSTANTS.items()}, ""

    def __init__(self, program):
        super().__init__(program)
        self.rows = [r for r in rows_of(DATA / "measured.csv") if r["t_iter_s"] and r["is_moe"] == "0" and r["tp"]]
        self.goal = self.column("t_iter_s").astype(float)[:, None]
        self.families = np.array([HARDWARE[r["hardware"]]["family"] for r in self.rows])

    def trial(self, constants):
        """As the fidelity example takes constants: a default is one of all families."""
        return {
            f"{r}.{path}{CONSTANTS[record, path][0]}": value
            for (record, path), value in constants.items() for r in (FAMILIES.values() if record == ALL else [record])}

    def residuals(self, ratio, moved, here):
        sources = self.column("source")[here]
        count = Counter(sources)
        weight = np.array([count[s] ** -0.25 for s in sources])
        return np.concatenate([weight * 0.05 * np.sqrt(np.log1p((ratio[:, 0] / 0.05) ** 2)), WEIGHT * moved])

    def score(self, name, _, scores):
        n, mean, median, bias, near = scores[0]
        return f"  {name[:48]:48} n {n:3}  MAPE {mean:5.1f}%  median {median:5.1f}%  bias {bias:.3f}  within 10% {near:3.0f}%"


def with_shares_of(constants, family, donors):
    """A family with the geometric mean of its donors' shares."""
    mean = lambda share: math.exp(np.mean([math.log(constants[FAMILIES[d], share]) for d in donors]))
    return constants | {(FAMILIES[family], share): mean(share) for share in ("gemm", "attention")}


def main():
    args = arguments(__doc__, ["fit", "cv"])
    runs = Training(args.fidelity)
    sources, families, devices = runs.column("source"), runs.families, runs.column("hardware")
    progress("all runs")
    constants = runs.fit(np.ones(len(sources), bool))
    for (record, path), value in constants.items():
        print(f"{record:20} {path:16} {value:8.4f}   prior {runs.prior[record, path]}")
    runs.table("As in the library, rounded", runs.at({}), sources)
    runs.table("Fitted on all", runs.at(constants), sources)
    if args.verb == "cv":
        runs.table("Leave one source out", runs.left_out(sources), sources)
        runs.table("Leave one hardware family out (the priors stand for it)", runs.left_out(families), families)
        runs.table("Leave one device out", runs.left_out(devices), devices)
        gpus = lambda found: np.where(families[:, None] == "TPU", np.nan, found)
        other = lambda c, family: with_shares_of(c, family, [{"A100": "H100", "H100": "A100"}.get(family, family)])
        two = lambda c, family: with_shares_of(c, family, [f for f in FAMILIES if f != family])
        mean = with_shares_of(constants, "A100", ["A100", "H100"]) | {
            key: value for key, value in with_shares_of(constants, "H100", ["A100", "H100"]).items() if key[0] == "hopper_training"}
        runs.table("A GPU family with the other's shares", gpus(runs.left_out(families, other)), families)
        runs.table("A family with the mean of the other two", runs.left_out(families, two), families)
        runs.table("A GPU family with the mean of both", gpus(runs.at(mean)), families)
    if args.write:
        write_module(args.mlsys, "training.mls", constants)


if __name__ == "__main__":
    main()
