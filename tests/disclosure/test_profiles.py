"""Published profiles of reliability at their edges, as their sources word them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analysis.definition.publication import Limits, Profile, Thresholds
from analysis.disclosure import doubtful, hidden
from analysis.disclosure.reliability import bounds

SHARE = "proportion; linearized; logit; deff=wr"
MEAN = "mean; linearized; wald; deff=wr"
CELL = {
    "method": SHARE, "n": 500, "n_kish": 400.0, "n_eff": 400.0, "cv": 0.05, "se": 0.02,
    "ci_low": 0.36, "ci_high": 0.44, "estimate": 0.4, "deff": 1.25, "df_domain": 400,
}  # fmt: skip
SCHEMA = {"method": pl.String, "n": pl.Int64, "df_domain": pl.Int64}
# profile, cell, hidden, marked
EDGES: list[tuple[Profile, dict[str, Any], bool, bool]] = [
    ("dhs", {"n": 24}, True, True),
    ("dhs", {"n": 25}, False, True),
    ("dhs", {"n": 49}, False, True),
    ("dhs", {"n": 50}, False, False),
    ("statcan", {"n": 9}, True, False),
    ("statcan", {"n": 10}, False, False),
    ("statcan", {"cv": 0.166}, False, False),
    ("statcan", {"cv": 0.167}, False, True),
    ("statcan", {"cv": 0.333}, False, True),
    ("statcan", {"cv": 0.334}, True, True),
    ("statcan", {"cv": None}, False, False),
    ("eu_silc", {"n": 19}, True, True),
    ("eu_silc", {"n": 20}, False, True),
    ("eu_silc", {"n": 50}, False, False),
    ("ine_chile", {"n": 59}, True, False),
    ("ine_chile", {"n": 60}, False, False),
    ("ine_chile", {"df_domain": 8}, True, False),
    ("ine_chile", {"df_domain": 9}, False, False),
    # 0.4^(2/3) / 9 = 0.06032; of 0.9, 0.1^(2/3) / 9 = 0.02394
    ("ine_chile", {"se": 0.0603}, False, False),
    ("ine_chile", {"se": 0.0604}, False, True),
    ("ine_chile", {"estimate": 0.9, "se": 0.0239}, False, False),
    ("ine_chile", {"estimate": 0.9, "se": 0.0240}, False, True),
    ("ine_chile", {"method": MEAN, "estimate": 30.0, "cv": 0.15}, False, False),
    ("ine_chile", {"method": MEAN, "estimate": 30.0, "cv": 0.151}, False, True),
    ("ine_chile", {"method": MEAN, "estimate": 30.0, "cv": 0.301}, True, True),
    ("ine_chile", {"cv": 0.9}, False, False),  # of a share the standard error decides
    (Thresholds(hide=Limits(df=9)), {"df_domain": 8}, True, False),
    (Thresholds(hide=Limits(df=9)), {"df_domain": 9}, False, False),
]


@pytest.mark.parametrize(("profile", "cell", "gone", "marked"), EDGES)
def test_a_profile_holds_at_its_edges(
    profile: Profile, cell: dict[str, Any], gone: bool, marked: bool
) -> None:
    frame = pl.DataFrame([CELL | cell], schema_overrides=SCHEMA | {"cv": pl.Float64})
    found = frame.select(h=hidden(profile), m=doubtful(profile)).row(0)
    assert found == (gone, marked)


@pytest.mark.parametrize("profile", ["nchs_2017", "dhs", "statcan", "eu_silc", "ine_chile"])
def test_each_bound_has_a_reason_in_words(profile: Profile) -> None:
    every = [*bounds(profile, "hide"), *bounds(profile, "mark")]
    assert every
    for bound in every:
        assert bound.reason[0].islower()
        assert any(c.isdigit() for c in bound.reason) or "erreur-type" in bound.reason
