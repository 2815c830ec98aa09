"""One tool of estimation.py: this project."""

from __future__ import annotations

import json
import resource
import sys
from time import perf_counter

import polars as pl

from analysis import Design

DOMAINS = ["d5", "d6", "d7", "d8", "d9", "d13"]
frame = pl.read_parquet(sys.argv[1])
variables = [c for c in frame.columns if c.startswith("y")]
weights = [c for c in frame.columns if c.startswith("rw")]
seconds = []
for _ in range(int(sys.argv[2])):
    start = perf_counter()
    design = Design(frame, "w", strata="h", clusters="psu", replicate_weights=weights,
                    replication="bootstrap" if weights else "")  # fmt: skip
    made = design.tabulate(variables, DOMAINS)
    seconds.append(perf_counter() - start)
cells = [
    (f"{r['variable']}/{r['domain']}/{r['domain_value']}", (r["estimate"], r["se"]))
    for r in made.iter_rows(named=True)
]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "cells": cells}))
