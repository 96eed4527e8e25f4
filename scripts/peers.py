"""What MLSys.im 0.3.0 takes for a sweep: python3 -m venv v && v/bin/pip install mlsysim==0.3.0 && v/bin/python scripts/peers.py"""

import time

start = time.process_time()
from mlsysim import Engine, Hardware, Models  # noqa: E402

loaded = time.process_time()
cloud = Hardware.Cloud
sweep = dict(
    model=Models.Language.Llama3_8B,
    hardware_list=[cloud.A100, cloud.H100, cloud.H200, cloud.B200],
    batch_sizes=list(range(1, 126)),
    precisions=["fp16", "fp8"],
)
rows = Engine.sweep(**sweep)
done = time.process_time()
rate = len(rows) / (done - loaded)
print(f"import {loaded - start:.1f} s of processor time, then {len(rows)} points in {done - loaded:.2f} s: {rate:.0f} points/s")
