"""One tool of estimation.py: svy, in its own environment."""

import json
import sys
from time import perf_counter

import polars as pl
import svy  # type: ignore[import-not-found]

DOMAINS = ["d5", "d6", "d7", "d8", "d9", "d13"]
frame = pl.read_parquet(sys.argv[1])
variables = [c for c in frame.columns if c.startswith("y")]
seconds = []
for _ in range(int(sys.argv[2])):
    start = perf_counter()
    sample = svy.Sample(frame, svy.Design(stratum="h", psu="psu", wgt="w"))
    found = {}
    for name in variables:
        found[name, ""] = sample.estimation.mean(name, drop_nulls=True)
        for domain in DOMAINS:
            found[name, domain] = sample.estimation.mean(name, by=domain, drop_nulls=True)
    seconds.append(perf_counter() - start)
cells = []
for (name, domain), made in found.items():
    for r in made.to_dicts():
        value = r["by_level"][0] if domain else "ensemble"
        cells.append((f"{name}/{domain or 'ensemble'}/{value}", (r["est"], r["se"])))
print(json.dumps({"seconds": seconds, "peak_mb": 0, "cells": cells}))
