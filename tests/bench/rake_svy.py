"""One tool of raking.py: svy, in its own environment."""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

import polars as pl
import svy  # type: ignore[import-not-found]

path = Path(sys.argv[1])
frame = pl.read_parquet(path)
margins: dict[str, dict[str, float]] = {}
types = {"category": pl.String}
for name, category, population in pl.read_csv(
    path.with_name("margins.csv"), schema_overrides=types
).iter_rows():
    margins.setdefault(name, {})[category] = population
seconds = []
for _ in range(int(sys.argv[2])):
    start = perf_counter()
    sample = svy.Sample(frame, svy.Design(wgt="w"))
    raked = sample.weighting.rake(controls=margins, tol=1e-9, max_iter=1000)
    seconds.append(perf_counter() - start)
weights = raked.data["rk_wgt"][:1000].to_list()
cells = [(str(i), (w, 1.0)) for i, w in enumerate(weights)]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "cells": cells}))
