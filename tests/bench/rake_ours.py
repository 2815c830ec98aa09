"""One tool of raking.py: this project."""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

import polars as pl

from analysis import Design

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
    weights = Design(frame, "w").calibrate(margins).weights
    seconds.append(perf_counter() - start)
cells = [(str(i), (w, 1.0)) for i, w in enumerate(weights[:1000].tolist())]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "cells": cells}))
