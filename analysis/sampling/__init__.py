"""Stratified samples before the field: frame, allocation, draw, expected precision.

Left of the wall: a frame is a list of units. docs/methods/sampling.md has the formulas.
"""

from analysis.sampling.allocation import Rule, allocate, bounds, check_shares, check_sizes, planned
from analysis.sampling.assumptions import Assumed, assume
from analysis.sampling.draw import Drawn, default_seed, draw
from analysis.sampling.frame import Frame, read_frame
from analysis.sampling.output import Files, sample_files, write_sample
from analysis.sampling.precision import (
    Expected,
    Plan,
    by_stratum,
    expected,
    margin,
    smallest_size,
    whole,
)
from analysis.sampling.strata import Domain, Strata, Stratum, read_counts

__all__ = [
    "Assumed", "Domain", "Drawn", "Expected", "Files", "Frame", "Plan", "Rule", "Strata", "Stratum",
    "allocate", "assume", "bounds", "by_stratum", "check_shares", "check_sizes", "default_seed",
    "draw", "expected", "margin", "planned", "read_counts", "read_frame", "sample_files",
    "smallest_size", "whole", "write_sample",
]  # fmt: skip
