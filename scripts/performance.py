"""Whole processes: time and peak memory, as docs/src/performance.md shows them.

    cargo build --release && python3 scripts/performance.py [target/release/mlsys]

Needs nothing but Python on Linux or macOS. Times are medians of wall time, `user` is time on all cores.
"""

import os
import subprocess
import sys
import tempfile
import time

MLSYS = sys.argv[1] if len(sys.argv) > 1 else "target/release/mlsys"
# Kilobytes on Linux, bytes on macOS.
MEGABYTE = 1024 if sys.platform == "linux" else 1024 * 1024

PLAN = """
use std.hardware.nvidia.{A100_SXM_80GB, B200, H100_SXM, H200_SXM}
use std.models.meta.llama3_70b
system pod { hardware: H100_SXM, devices: 8 }
solve one = roofline { model: llama3_70b, system: pod }
"""
GRID = """sweep grid = one over {
  batch: 1..%d
  efficiency: [i / 1250 for i in 1..1250]
  precision: [fp16, fp8]
  system.hardware: [H100_SXM, H200_SXM, A100_SXM_80GB, B200]
}
"""


def run(arguments, times=1):
    """Median wall time, median user time, peak memory in MB."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        child = subprocess.Popen([MLSYS, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        found.append((time.perf_counter() - start, usage.ru_utime, usage.ru_maxrss / MEGABYTE))
    middle = len(found) // 2
    return sorted(f[0] for f in found)[middle], sorted(f[1] for f in found)[middle], max(f[2] for f in found)


def show(name, measured, note=""):
    wall, user, peak = measured
    text = f"{wall * 1e3:.1f} ms" if wall < 1 else f"{wall:.2f} s"
    print(f"{name:<52} {text:>10}  user {user:6.2f} s  peak {peak:5.0f} MB  {note}")


def scenario(lines):
    text = PLAN
    for i in range(lines // 10):
        text += f"""# block {i}
param efficiency{i}: Scalar = {10 + i % 80}%
hardware gpu{i} = H100_SXM {{
  memory_bw: 0.{5 + i % 5} * H100_SXM.memory_bw
  tdp: {300 + i % 400} W
}}
let price{i} = {1 + i % 5}.5 USD/h
solve s{i} = one {{ system.hardware: gpu{i}, batch: {1 + i % 64}, efficiency: efficiency{i} }}
assert s{i}.latency < 10 s
assert s{i}.feasible, "fits {i}"
"""
    return text


with tempfile.TemporaryDirectory() as folder:

    def file(name, text):
        path = os.path.join(folder, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    show("run scenarios/capacity.mls", run(["run", "scenarios/capacity.mls"], 40))
    small = file("small.mls", PLAN + GRID % 1 + "assert all grid: latency < 1000 s\n")
    show("run, a sweep of 10,000 points", run(["run", small], 40))
    for lines in (25_000, 50_000, 100_000):
        path = file("long.mls", scenario(lines))
        show(f"check, {lines:,} lines", run(["check", path], 3))
    wide = PLAN + GRID % 100_000
    path = file("bounds.mls", wide + "assert all grid: latency < 100_000 s\n")
    show("run, 10^9 points asserted", run(["run", path]))
    path = file("computed.mls", wide + "assert all grid: latency - latency <= 0 s\n")
    measured = run(["run", path])
    show("run, 10^9 points asserted, every point computed", measured, f"{1000 / measured[1]:.0f} M points/s/core")
