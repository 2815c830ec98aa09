"""One tool of estimation.py: svy, in its own environment."""

import json
import resource
import sys
from time import perf_counter

import polars as pl
import svy  # type: ignore[import-not-found]

DOMAINS = ["d5", "d6", "d7", "d8", "d9", "d13"]
frame = pl.read_parquet(sys.argv[1])
variables = [c for c in frame.columns if c.startswith("y")]
n = sum(c.startswith("rw") for c in frame.columns)
options: dict[str, bool | str] = {"drop_nulls": True}
if n:  # the conventions of this project: R - 1, and around the estimate of the whole sample
    weights = svy.BootstrapWgts(prefix="rw", n_reps=n, scale=1 / (n - 1))
    options |= {"method": "replication", "variance_center": "estimate"}
seconds = []
for _ in range(int(sys.argv[2])):
    start = perf_counter()
    design = svy.Design(stratum="h", psu="psu", wgt="w", rep_wgts=weights if n else None)
    sample = svy.Sample(frame, design)
    found = {}
    for name in variables:
        found[name, ""] = sample.estimation.mean(name, **options)
        for domain in DOMAINS:
            found[name, domain] = sample.estimation.mean(name, by=domain, **options)
    seconds.append(perf_counter() - start)
cells = []
for (name, domain), made in found.items():
    for r in made.to_dicts():
        value = r["by_level"][0] if domain else "ensemble"
        cells.append((f"{name}/{domain or 'ensemble'}/{value}", (r["est"], r["se"])))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "cells": cells}))
