"""Intervals of shares of mentions: between 0 and 1, and never a point where chance had a part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analysis.demonstration import draw_wave
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.tabulation import tabulate
from analysis.validate import wave_rows
from tests.framed_maker import ANSWERS_1, MARGIN, towns

HAS = """\
small,has,oui,4,,published,x
large,has,oui,5,,published,x
other,has,non,2,,published,x
"""


def mentions(
    folder: Path, *lines: str, margin: str = MARGIN
) -> dict[tuple[str, str], dict[str, Any]]:
    """(item, size) -> the row; everybody of the frame has it and answers."""
    kept = "".join(
        x + "\n" for x in ANSWERS_1.splitlines() if ",has," not in x and ",tools," not in x
    )
    survey = towns(folder, answers=kept + HAS + "".join(x + "\n" for x in lines), margin=margin)
    raw = draw_wave(survey, "1").with_row_index(ROW, offset=2)
    frame = harmonise(survey, "1", wave_rows(survey, "1", raw, "t1.csv"))
    made = tabulate(survey, "1", frame, origin="reconstructed", definition_hash="x")
    rows = made.filter(pl.col("indicator") == "mentions").iter_rows(named=True)
    return {(r["category"], r["domain_value"]): r for r in rows}


def clopper(p: float, n: float) -> tuple[float, float]:
    x = p * n
    low = stats.beta.ppf(0.025, x, n - x + 1) if p > 0 else 0.0
    high = stats.beta.ppf(0.975, x + 1, n - x) if p < 1 else 1.0
    return float(low), float(high)


def test_the_logit_stays_within_0_and_1(tmp_path: Path) -> None:
    found = mentions(tmp_path, ",tools,a,,0.2,assumed,x", ",tools,b,,1,assumed,x")
    for r in found.values():
        assert 0 <= r["ci_low"] <= r["estimate"] <= r["ci_high"] <= 1
    r = found["a", "ensemble"]
    p, se, t = r["estimate"], r["se"], stats.t.ppf(0.975, 9 - 2)
    assert se > 0
    reach = t * se / (p * (1 - p))
    ends = [1 / (1 + np.exp(-(np.log(p / (1 - p)) + s * reach))) for s in (-1, 1)]
    assert [r["ci_low"], r["ci_high"]] == pytest.approx(ends, rel=1e-9)


def test_what_nobody_or_everybody_cites(tmp_path: Path) -> None:
    found = mentions(tmp_path, ",tools,a,,1,assumed,x")
    n = (4 * 10 + 5 * 2) ** 2 / (4 * 10**2 * (1 - 4 / 40) + 5 * 2**2 * (1 - 5 / 10))
    for item, p in (("a", 1.0), ("c", 0.0)):
        r = found[item, "ensemble"]
        assert (r["estimate"], r["n_kish"]) == (p, pytest.approx(n))
        assert (r["ci_low"], r["ci_high"]) == pytest.approx(clopper(p, n), rel=1e-9)


def test_where_all_cite_the_same_two(tmp_path: Path) -> None:
    """Half of the mentions each; no variance, and yet nine answers are no certainty."""
    found = mentions(tmp_path, ",tools,a,,1,assumed,x", ",tools,b,,1,assumed,x")
    r = found["a", "large"]
    assert (r["estimate"], r["se"]) == (0.5, 0.0)
    n = 5 / (1 - 5 / 10)
    assert r["n_kish"] == pytest.approx(n)
    assert (r["ci_low"], r["ci_high"]) == pytest.approx(clopper(0.5, n), rel=1e-9)


def test_a_census_is_closed_on_its_value(tmp_path: Path) -> None:
    """All 5 of 5 large towns."""
    margin = MARGIN.replace("1,large,10", "1,large,5")
    found = mentions(tmp_path, ",tools,a,,0.6,assumed,x", ",tools,b,,1,assumed,x", margin=margin)
    r = found["a", "large"]
    assert r["estimate"] == pytest.approx(3 / 8)
    assert (r["se"], r["n_kish"]) == (0.0, None)
    assert r["ci_low"] == r["ci_high"] == r["estimate"]
