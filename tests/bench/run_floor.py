"""One tool of estimation.py: what reading and grouping alone cost."""

from __future__ import annotations

import json
import sys
from time import perf_counter

import polars as pl

DOMAINS = ["d5", "d6", "d7", "d8", "d9", "d13"]
names = [c for c in pl.scan_parquet(sys.argv[1]).collect_schema() if c.startswith("y")]
sums = [(pl.col("w") * pl.col(c)).sum().alias(c) for c in names]
seconds = []
for _ in range(int(sys.argv[2])):
    start = perf_counter()
    for domain in DOMAINS:
        pl.scan_parquet(sys.argv[1]).group_by("h", "psu", domain).agg(sums).collect()
    seconds.append(perf_counter() - start)
print(json.dumps({"seconds": seconds, "peak_mb": 0, "cells": []}))
