"""Calibration where the rows are: weights, estimates and variances are those of memory.

Those in memory are held to R survey in tests/oracle; those here to 1e-10 of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analysis.errors import BaroError
from analysis.estimation import Design
from tests.engines.conftest import MACHINE, Opened
from tests.engines.made import rows
from tests.engines.test_parity import COMPARED, DESCRIBED, DESIGNS, SAME, TESTED, compared

TOTAL = 3500.0  # about the sum of the weights
MARGINS: Any = {
    "accent": {"x": 0.30, "y": 0.36, "é": 0.34},
    "truth": {True: 0.68, False: 0.32},
    ("day", "yes"): {("2024-01-01", "0"): 0.15, ("2024-01-01", "1"): 0.19,
                     ("2024-01-02", "0"): 0.18, ("2024-01-02", "1"): 0.17,
                     ("2024-01-03", "0"): 0.16, ("2024-01-03", "1"): 0.15},
}  # fmt: skip
CELLS: Any = {("accent", "truth"): {("x", "true"): 0.20, ("x", "false"): 0.11, ("y", "true"): 0.23,
                                    ("y", "false"): 0.09, ("é", "true"): 0.27,
                                    ("é", "false"): 0.10}}  # fmt: skip
WAYS: dict[str, Callable[[Any], Any]] = {
    "raking": lambda d: d.calibrate(MARGINS, total=TOTAL),
    "raking within bounds": lambda d: d.calibrate(MARGINS, total=TOTAL, bounds=(0.7, 1.9)),
    "linear": lambda d: d.calibrate(MARGINS, "linear", total=TOTAL),
    "logit": lambda d: d.calibrate(MARGINS, "logit", total=TOTAL),
    "truncated linear": lambda d: d.calibrate(MARGINS, "truncated_linear", total=TOTAL),
    "post-stratification": lambda d: d.calibrate(CELLS, "poststratification", total=TOTAL),
    "soft": lambda d: d.calibrate(MARGINS, total=TOTAL, soft={"truth": 3.0}),
    "twice": lambda d: d.calibrate(CELLS, total=TOTAL).calibrate(
        {"yes": {0: 0.5, 1: 0.5}}, "linear", total=TOTAL
    ),
}  # fmt: skip
CALLS = (*DESCRIBED, *COMPARED, *TESTED)
FEW = ("mean of a domain", "proportion", "total", "contrast within", "Wald")
SPARK = {"psus, fpc": ("mean by",), "replicates": ("total",)}


def both(held: Opened, design: str, way: str, frame: pl.DataFrame) -> tuple[Any, Any]:
    made = (Design(f, "weight", **DESIGNS[design]) for f in (frame, held(frame)))
    here, there = (WAYS[way](d) for d in made)
    return here, there


def check(held: Opened, design: str, way: str, calls: Iterable[str]) -> None:
    here, there = both(held, design, way, rows())
    compared(here, there, calls, f"{design}, {way}")


# Residuals change no rule for lonely PSUs: the one that reads other PSUs stands for all.
@pytest.mark.parametrize("design", [d for d in DESIGNS if "lonely" not in d] + ["lonely: average"])
@pytest.mark.parametrize("held", ["polars"], indirect=True)
def test_every_design_and_call(held: Opened, design: str) -> None:
    check(held, design, "raking", CALLS)


@pytest.mark.parametrize("design", ["strata", "psus", "replicates"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("held", ["polars"], indirect=True)
def test_every_way(held: Opened, way: str, design: str) -> None:
    check(held, design, way, FEW)


@pytest.mark.parametrize("design", ["strata, fpc", "psus", "replicates", "lonely: adjust"])
@pytest.mark.parametrize("way", ["twice", "logit"])
@pytest.mark.parametrize("held", ["duckdb"], indirect=True)
def test_with_duckdb(held: Opened, way: str, design: str) -> None:
    check(held, design, way, FEW if way == "twice" else ("quantiles of domains", "Rao-Scott F"))


@pytest.mark.parametrize("design", SPARK)
@pytest.mark.parametrize("held", ["spark"], indirect=True)
def test_with_spark(held: Opened, design: str) -> None:
    check(held, design, "logit", SPARK[design])


@pytest.mark.parametrize("design", ["strata", "psus"])
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_a_total_that_is_a_margin_does_not_vary(held: Opened, design: str) -> None:
    """What rounding leaves of sums of squares is no standard error."""
    _, there = both(held, design, "raking", rows())
    found = there.total("always", by="accent")
    assert found["estimate"].to_list() == pytest.approx(
        [TOTAL * p for p in MARGINS["accent"].values()]
    )
    assert found["se"].to_list() == [0, 0, 0]
    assert there.mean("yes", by="accent")["se"].min() > 0


@pytest.mark.parametrize("way", ["raking", "logit"])
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_the_report_of_memory(held: Opened, way: str) -> None:
    here, there = both(held, "strata", way, rows())
    assert_frame_equal(there.report.margins, here.report.margins, rel_tol=SAME, abs_tol=SAME)
    assert there.report.notes == here.report.notes
    assert there.report.method == here.report.method
    for name in ("deff", "n_eff"):
        assert getattr(there.report, name) == pytest.approx(getattr(here.report, name), rel=SAME)


@pytest.mark.parametrize("method", ["linear", "raking"])
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_weights_of_a_sample_brought_to_a_population(held: Opened, method: Any) -> None:
    """Ratios of thousands: what bounds an exponential is no bound of a straight line."""
    here, there = (
        Design(f, "weight", strata="stratum").calibrate(MARGINS, method, total=8e6)
        for f in (rows(), held(rows()))
    )
    compared(here, there, ["total", "contrast of totals"], method)


@pytest.mark.parametrize("design", ["strata", "psus"])
@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_weights_that_a_step_brings_to_0(held: Opened, design: str) -> None:
    """Who has none is in no base any more, and still counts in the residuals of the step before."""
    few: Any = {"accent": {"x": 0.01, "y": 0.5, "é": 0.49}, "truth": {True: 0.95, False: 0.05}}
    frame = rows()
    here, there = (
        Design(f, "weight", **DESIGNS[design])
        .calibrate({"yes": {0: 1600.0, 1: 1900.0}})
        .calibrate(few, "truncated_linear", total=TOTAL, bounds=(0, 4))
        for f in (frame, held(frame))
    )
    assert ((here.weights == 0) & (frame["weight"] > 0).to_numpy()).sum() > 20
    compared(here, there, ["mean by", "total", "quantiles", "contrast", "Wald"], design)


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_who_weighs_nothing_needs_no_category(held: Opened) -> None:
    nobody = pl.col("weight") == 0
    half = pl.when(nobody).then(float("nan")).otherwise(pl.col("yes") / 2)
    frame = rows().with_columns(accent=pl.when(~nobody).then("accent"),
                                yes=pl.when(nobody).then(7).otherwise("yes"),
                                half=half)  # fmt: skip
    assert frame["accent"].null_count() > 0
    here, there = (
        d.calibrate({"half": {0.0: 0.4, 0.5: 0.6}}, total=TOTAL)
        for d in both(held, "psus", "raking", frame)
    )
    compared(here, there, ["mean by", "contrast within"], "psus")


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["é", "y", "x"])], ids=str)
@pytest.mark.parametrize("held", ["polars"], indirect=True)
def test_categories_that_are_no_text(held: Opened, dtype: Any) -> None:
    frame = rows().with_columns(pl.col("accent").cast(dtype))
    here, there = both(held, "psus", "raking", frame)
    compared(here, there, ["mean by", "total"], "psus")


@pytest.mark.parametrize("held", MACHINE, indirect=True)
def test_columns_named_as_our_own(held: Opened) -> None:
    names = {"stratum": "s0", "psu": "u", "weight": "W0", "accent": "k0", "truth": "cell",
             "few": "p", "yes": "m", "size": "mass", "answer": "c0"}  # fmt: skip
    frame = rows().rename(names)
    margins = {"k0": MARGINS["accent"], "cell": MARGINS["truth"], "p": {0: 0.3, 1: 0.4, 2: 0.3}}
    frame = frame.with_columns(pl.col("p").fill_null(1))
    here, there = (
        Design(f, "W0", strata="s0", clusters="u").calibrate(margins, total=TOTAL)
        for f in (frame, held(frame))
    )
    for call in (lambda d: d.mean(["m", "mass"], by=["k0", "c0"]),
                 lambda d: d.contrast("m", "c0", measure="total")):  # fmt: skip
        compared(here, there, {"own": call}, "own names")


@pytest.mark.parametrize("held", MACHINE, indirect=True)
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda d: d.calibrate({"accent": {"x": 1e3, "y": 1e3}}), "respondents, and no population"),
        (lambda d: d.calibrate({"few": {"0": 1e3, "1": 1e3, "2": 1e3}}), "have no value of"),
        (lambda d: d.calibrate({"nowhere": {"x": 1.0}}), "there is no column"),
        (lambda d: d.calibrate({"accent": {"x": 9.0, "y": 2e3, "é": 1e3}, "truth": {True: 3e3,
         False: 9.0}}, "linear"), "weights would be negative"),
        (lambda d: d.calibrate({"truth": {True: 1e3, False: 2e3}}, bounds=(0.9, 1.1)), "no ratios"),
        (lambda d: d.calibrate({"accent": {"x": 1.0, "y": 1.0, "é": 1.0}, "truth": {True: 2.0,
         False: 2.0}}), "correct one of them"),
        (lambda d: d.calibrate(MARGINS, "poststratification", total=TOTAL), "one margin"),
        (lambda d: d.calibrate(MARGINS, "newton"), '"newton" is not known'),
    ],
)  # fmt: skip
def test_refused_in_the_words_of_memory(held: Opened, call: Any, said: str) -> None:
    """With the respondents counted, and not the cells; memory also says the first row of them."""
    told = []
    for frame in (rows(), held(rows())):
        with pytest.raises(BaroError) as refusal:
            call(Design(frame, "weight", strata="stratum"))
        told.append([(p.where.partition(", row")[0], p.found, p.expected, p.remedy)
                     for p in refusal.value.problems])  # fmt: skip
    assert told[0] == told[1]
    assert said in str(told[1])


@pytest.mark.parametrize("held", MACHINE, indirect=True)
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda d: d.calibrate({"size": 1e4}), "calibrate on the total of a number"),
        (lambda d: d.calibrate(MARGINS, unit="psu", total=TOTAL), "calibrate with a unit"),
        (lambda d: d.calibrate(MARGINS, total=TOTAL).trim(5.0), "trim"),
        (lambda d: d.report, "the weights are those of the frame"),
    ],
)
def test_refused_by_name(held: Opened, call: Any, said: str) -> None:
    with pytest.raises(BaroError, match=said):
        call(Design(held(rows(200)), "weight"))


@pytest.mark.parametrize("design", ["strata", "psus", "replicates"])
@pytest.mark.parametrize("held", ["polars"], indirect=True)
def test_no_respondent_is_brought_here(
    held: Opened, design: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = rows(6000)
    tall: list[int] = []
    brought = pl.collect_all

    def seen(*plans: Any, **options: Any) -> list[pl.DataFrame]:
        made = brought(*plans, **options)
        tall.extend(t.height for t in made)
        return made

    monkeypatch.setattr(pl, "collect_all", seen)
    there = WAYS["post-stratification"](Design(held(frame), "weight", **DESIGNS[design]))
    assert there.mean("size", by="few")["se"].min() > 0
    assert there.contrast("size", "few")["se"].min() > 0
    strata, cells, levels = 3, 6, 3
    assert max(tall) <= strata * max(cells * (cells + 1) // 2, cells * levels, levels**2)
