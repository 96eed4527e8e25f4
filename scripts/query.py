"""Queries the files of a sweep that ran in shares, with DuckDB: python3 scripts/query.py FOLDER

Needs duckdb (python3 -m venv v && v/bin/pip install duckdb). Reads FOLDER/grid.*.parquet where there are such files,
else FOLDER/grid.*.csv; docs/src/distributed.md shows how they are made.
"""

import glob
import sys

import duckdb

folder = sys.argv[1] if len(sys.argv) > 1 else "out"
parquet = bool(glob.glob(f"{folder}/grid.*.parquet"))
files = f"{folder}/grid.*.{'parquet' if parquet else 'csv'}"
# A column of a CSV carries its unit in its name.
latency, throughput = ("latency", "throughput") if parquet else ('"latency [s]"', '"throughput [1/s]"')

print(duckdb.sql(f"""
    select model, "system.hardware" as hardware, precision, count(*) as points,
           round(1000 * min({latency}), 2) as least_latency_ms,
           round(max({throughput}) filter (where {latency} < 0.05)) as most_below_50_ms
    from '{files}'
    group by all
    order by model, hardware, precision
"""))
