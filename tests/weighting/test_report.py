"""What the reports say, on weights small enough to check by eye."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from analysis.estimation import Design
from analysis.weighting.report import SHARES, kish
from tests.weighting.samples import design, people, refused, targets

FRAME = people()


def test_kish() -> None:
    assert kish(np.array([1.0, 1, 1, 1])) == (1, 4)
    deff, n_eff = kish(np.array([1.0, 3, 0]))  # 0 is not counted: 16 / 10 of 2
    assert n_eff == pytest.approx(1.6)
    assert deff == pytest.approx(2 / 1.6)
    w = FRAME["w"].to_numpy()
    assert kish(w)[0] == pytest.approx(1 + np.var(w) / np.mean(w) ** 2, rel=1e-12)


def test_no_step_no_report() -> None:
    refused(lambda: design().report, "the weights are those of the frame")


def test_of_a_calibration() -> None:
    margins = targets(FRAME, "sex", ("age", "region"), "income")
    made = design().calibrate(margins, "logit", soft={"income": 5.0})
    report = made.report
    assert (report.step, report.converged) == ("calibration", True)
    assert report.method == "logit, ratios within 0.4 and 2.5"
    assert 0 < report.iterations < 50
    table = report.margins
    assert table.columns == ["margin", "category", "n", "before", "target", "after", "gap", "soft"]
    women = (FRAME["sex"] == "F").to_numpy()
    row = table.filter(margin="sex", category="F").row(0, named=True)
    assert row["n"] == women.sum()
    assert row["before"] == pytest.approx(FRAME["w"].to_numpy()[women].sum(), rel=1e-12)
    assert row["target"] == pytest.approx(margins["sex"]["F"], rel=1e-12)
    assert row["after"] == pytest.approx(made.weights[women].sum(), rel=1e-12)
    assert abs(row["gap"]) < 1e-9
    assert row["soft"] is None
    number = table.filter(margin="income").row(0, named=True)
    assert (number["category"], number["n"], number["soft"]) == ("", None, 5.0)
    assert number["after"] == pytest.approx(made.weights @ FRAME["income"].to_numpy(), rel=1e-12)
    assert table.filter(margin="age x region").height == 9


def test_ratios_and_largest_weights() -> None:
    made = design().calibrate(targets(FRAME, "sex", "age"))
    w = FRAME["w"].to_numpy()
    ratio = made.weights / w
    assert made.report.ratios["share"].to_list() == list(SHARES)
    assert made.report.ratios["ratio"][0] == pytest.approx(ratio.min())
    assert made.report.ratios["ratio"][-1] == pytest.approx(ratio.max())
    assert made.report.ratios["weight"][4] == pytest.approx(np.median(made.weights))
    top = made.report.largest.row(0, named=True)
    place = int(np.argmax(made.weights))
    assert top["row"] == place + 1
    assert top["after"] == made.weights[place]
    assert top["ratio"] == pytest.approx(ratio[place])
    assert made.report.deff == pytest.approx((kish(w)[0], kish(made.weights)[0]))
    assert made.report.n_eff == pytest.approx((kish(w)[1], kish(made.weights)[1]))


def test_thin_categories_and_bounds_are_noted() -> None:
    rare = FRAME.with_columns(
        region=pl.when(pl.int_range(len(FRAME)) < 4).then(pl.lit("DOM")).otherwise("region")
    )
    margins = targets(rare, "region", "sex")
    made = Design(rare, "w").calibrate(margins)
    assert any(n.startswith("region, DOM: 4 respondents carry ") for n in made.report.notes)
    pinched = design().calibrate(
        targets(FRAME, "sex", "age", "region"), "raking", bounds=(0.84, 1.362)
    )
    ratio = pinched.weights / FRAME["w"].to_numpy()
    low, high = int((ratio < 0.84 + 1e-9).sum()), int((ratio > 1.362 - 1e-9).sum())
    assert low + high > 0
    told = f"{low} respondents at the lower bound, {high} at the upper"
    assert told in pinched.report.notes


def test_reads_as_text() -> None:
    text = str(design().calibrate(targets(FRAME, "sex")).report)
    for part in ("calibration: raking; converged after", "margin", "deff", "n_eff"):
        assert part in text
    assert "trimming: at most 5*median" in str(design().trim("5*median").report)


def test_every_step_keeps_its_report() -> None:
    frame = FRAME.with_columns(resp=pl.int_range(len(FRAME)) % 4 != 0)
    made = (
        Design(frame, "w").adjust_nonresponse("resp", classes="sex")
        .calibrate(targets(frame, "sex")).trim("3*median")
    )  # fmt: skip
    assert [r.step for r in made.reports] == ["nonresponse", "calibration", "trimming"]
    assert made.report is made.reports[-1]
