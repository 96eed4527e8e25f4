"""What tests/data/sweeps/sweeps.mls must come to, computed without mlsys: python3 scripts/sweeps.py

Writes tests/data/sweeps/grid.csv (every point of `grid`) and tests/data/sweeps/shows.json (what the scenario shows, in
its order, in base units). Needs Python 3.9 and nothing else. The equations are those of the roofline as Williams,
Waterman and Patterson state them; the figures of the hardware are typed in again.
"""

import csv
import json
import math
from itertools import product
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "tests" / "data" / "sweeps"

FAST = {"name": "Fast", "bw": 3.35e12, "peak": 989e12, "fp8": 1979e12, "tdp": 700.0, "tax": 10e-6}
SMALL = {"name": "Small", "bw": 300e9, "peak": 121e12, "fp8": None, "tdp": 72.0, "tax": 20e-6}
PARAMETERS = 8.03e9
RAM = 12e9
BYTES = {"fp16": 2.0, "fp8": 1.0, "fp4": 0.5}


def roofline(batch, precision, efficiency, hardware):
    peak = hardware["fp8"] if precision == "fp8" and hardware["fp8"] else hardware["peak"]
    flops = 2 * PARAMETERS * batch
    weights = PARAMETERS * BYTES[precision]
    compute = flops / (efficiency * peak)
    memory = weights / hardware["bw"]
    latency = max(compute, memory) + hardware["tax"]
    return {
        "batch": batch,
        "precision": precision,
        "efficiency": efficiency,
        "hardware": hardware["name"],
        "latency_compute": compute,
        "latency_memory": memory,
        "latency": latency,
        "throughput": batch / latency,
        "bottleneck": "memory" if memory > compute else "compute",
        "arithmetic_intensity": flops / weights,
        "energy": hardware["tdp"] * latency,
        "feasible": weights <= RAM,
    }


def percentile(values, share):
    """Between neighbours it interpolates (the `linear` method of numpy)."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low, high = math.floor(at), math.ceil(at)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def pareto(points):
    """Least latency against most throughput: those that no other point beats at both."""
    def beaten(p):
        return any(
            q["latency"] <= p["latency"] and q["throughput"] >= p["throughput"]
            and (q["latency"], q["throughput"]) != (p["latency"], p["throughput"])
            for q in points
        )
    kept, seen = [], set()
    for point in points:
        key = (point["latency"], point["throughput"])
        if key not in seen and not beaten(point):
            seen.add(key)
            kept.append(point)
    return kept


def column(points, name):
    return [p[name] for p in points]


def main():
    axes = product(range(1, 401, 4), BYTES, (0.30, 0.45, 0.625), (FAST, SMALL))
    grid = [p for p in (roofline(*values) for values in axes) if p["batch"] != 13 and p["feasible"]]
    shows = [len(grid), sum(p["latency"] < 20e-3 and p["bottleneck"] == "memory" for p in grid)]
    latencies, throughputs = column(grid, "latency"), column(grid, "throughput")
    shows += [min(latencies), max(latencies), sum(latencies) / len(grid), sum(column(grid, "energy"))]
    shows += [percentile(throughputs, 0.5), percentile(latencies, 0.99), percentile(throughputs, 0.125)]
    best = max((p for p in grid if p["latency"] < 20e-3), key=lambda p: p["throughput"])
    shows += [best[k] for k in ("batch", "efficiency", "latency", "throughput")]
    least = min((p for p in grid if p["throughput"] > 500), key=lambda p: p["energy"])
    shows += [least[k] for k in ("batch", "efficiency", "energy")]
    ranked = sorted(grid, key=lambda p: -p["throughput"])
    rising = sorted(grid, key=lambda p: p["throughput"])
    shows += [sum(column(ranked[:7], "latency")), sum(column(rising[:5], "latency"))]
    frontier = pareto(grid)
    shows += [len(frontier), sum(column(frontier, "throughput"))]

    tied = [
        roofline(batch, "fp16", efficiency, hardware)
        for (hardware, efficiency) in ((FAST, 0.5), (SMALL, 0.55))
        for batch in (2**k for k in range(10))
    ]
    shows += [len(tied), sum(column(tied, "latency")), max(column(tied, "throughput"))]

    def divisors(n):
        return [d for d in range(1, n + 1) if n % d == 0]

    layouts = []
    for devices in (24, 64):
        for tensor in divisors(8):
            for pipeline in (p for p in divisors(devices // tensor) if p < 20):
                bubble = (pipeline - 1) / (pipeline + 7)
                layouts.append((1 / tensor * (1 + bubble) + 3e-3 * tensor, devices, tensor, pipeline))
    quickest = min(layouts, key=lambda l: l[0])
    shows += [len(layouts), sum(l[0] for l in layouts), *quickest[1:], quickest[0]]

    with open(FOLDER / "grid.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, grid[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(grid)
    (FOLDER / "shows.json").write_text(json.dumps(shows, indent=1) + "\n")


if __name__ == "__main__":
    main()
