"""Rubin's rules against R mitools::MIcombine (goldens made by imputation.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.estimators.imputation import combine_imputations

HERE = Path(__file__).parent
# Small algebra on the same analyses; the standard errors of a logit pass through R's glm, whose
# last weights are those of the step before (1e-8).
ESTIMATE, SE, DF = 1e-8, 1e-7, 1e-6
GOLDEN = pl.read_csv(HERE / "imputation.csv", infer_schema_length=None)
ANALYSES = pl.read_csv(HERE / "imputation_analyses.csv")


@cache
def designs() -> list[Design]:
    frame = pl.read_csv(HERE / "regression" / "nhanes.csv").filter(pl.col("race").is_in([1, 2]))
    draws = pl.read_csv(HERE / "imputation_draws.csv")
    made = []
    for j in range(1, 6):
        chol = frame["chol"].to_numpy().copy().astype(float)
        chol[draws["row"].to_numpy() - 1] = draws[f"m{j}"].to_numpy()
        whole = frame.with_columns(chol=pl.Series(chol))
        made.append(Design(whole, "w", strata="stratum", clusters="psu"))
    return made


def golden(kind: str, complete: bool = True) -> pl.DataFrame:
    rule = pl.col("df_complete").is_not_null() if complete else pl.col("df_complete").is_null()
    return GOLDEN.filter((pl.col("kind") == kind) & rule)


def close(found: pl.DataFrame, r: pl.DataFrame) -> None:
    for column, tolerance in (("estimate", ESTIMATE), ("se", SE), ("df", DF),
                              ("ci_low", SE), ("ci_high", SE)):  # fmt: skip
        assert found[column].to_numpy() == pytest.approx(r[column].to_numpy(), rel=tolerance)


def triples(df: float | None) -> list[tuple[Any, Any, float | None]]:
    made = []
    for _, one in ANALYSES.group_by("imputation", maintain_order=True):
        ordered = one.sort("i", "j")
        k = ordered["i"].max()
        assert isinstance(k, int)
        covariance = ordered["covariance"].to_numpy().reshape(k, k)
        made.append((ordered.filter(j=1)["estimate"].to_numpy(), covariance, df))
    return made


def test_frames_agree_with_r() -> None:
    found = combine_imputations([d.mean("chol", by="race") for d in designs()])
    close(found, golden("mean"))
    assert found["race"].to_list() == [1, 2]
    assert found["method"][0] == "mean; combined over 5 imputations; wald"


def test_regressions_agree_with_r() -> None:
    fits = [d.regress("chol ~ C(age) + C(race)", "binomial") for d in designs()]
    found = combine_imputations(fits)
    close(found, golden("logit"))
    ratio = np.exp(found["estimate"].to_numpy())
    assert found["odds_ratio"].to_numpy() == pytest.approx(ratio)
    assert found["term"].to_list() == list(fits[0].terms)
    assert (found["p_value"] < 1).all()


def test_triples_agree_with_r() -> None:
    found = combine_imputations(triples(golden("logit")["df_complete"][0]))
    r = golden("logit")
    assert found.estimate == pytest.approx(r["estimate"].to_numpy(), rel=1e-12)
    assert found.se == pytest.approx(r["se"].to_numpy(), rel=1e-12)
    assert found.df == pytest.approx(r["df"].to_numpy(), rel=1e-10)
    assert (found.df < r["df_mitools"].to_numpy()).all()  # see docs/methods/imputation.md
    whole = pl.read_csv(HERE / "imputation_covariance.csv").sort("i", "j")["covariance"].to_numpy()
    assert found.covariance.ravel() == pytest.approx(whole, rel=1e-10)


def test_large_samples_have_rubin_s_first_degrees_of_freedom() -> None:
    frames = [d.mean("chol", by="race") for d in designs()]
    large = [(f["estimate"].to_numpy(), np.diag(f["se"].to_numpy() ** 2), None) for f in frames]
    found = combine_imputations(large)
    r = golden("mean", complete=False)
    for column in ("df", "df_mitools"):
        assert found.df == pytest.approx(r[column].to_numpy(), rel=DF)


def test_without_missing_values_nothing_changes() -> None:
    frame = designs()[0].mean("chol", by="race")
    found = combine_imputations([frame] * 4)
    assert found["se"].to_numpy() == pytest.approx(frame["se"].to_numpy(), rel=1e-12)
    assert found["fmi"].to_list() == [0.0, 0.0]
    assert found["df"].to_numpy() == pytest.approx(16 * 17 / 19, rel=1e-12)


def test_order_of_imputations_and_rows_does_not_matter() -> None:
    frames = [d.mean("chol", by="race") for d in designs()]
    a = combine_imputations(frames)
    b = combine_imputations([frames[0], *(f.reverse() for f in frames[:0:-1])])
    assert a["se"].to_numpy() == pytest.approx(b["se"].to_numpy(), rel=1e-12)


def test_logit_intervals_stay_between_0_and_1() -> None:
    frames = [d.proportion("chol", by="race") for d in designs()]
    found = combine_imputations(frames, ci="logit")
    assert ((found["ci_low"] > 0) & (found["ci_high"] < 1)).all()
    assert set(found["category"]) == {"0.0", "1.0"}


def test_cells_without_a_standard_error_stay_without_one() -> None:
    frame = designs()[0].mean("chol", by="race")
    odd = frame.with_columns(se=pl.when(pl.col("race") == 1).then(None).otherwise(pl.col("se")))
    found = combine_imputations([frame, odd])
    assert found["se"].is_null().to_list() == [True, False]


@pytest.mark.parametrize(
    ("analyses", "words"),
    [
        ([], "0 imputations"),
        ([(1.0, 1.0, 3)], "1 imputations"),
        ([(1.0, 1.0, 3), 4], "mixture"),
        ([4, 5], "a int"),
        ([(1.0, 1.0), (1.0, 1.0)], "a tuple"),
        ([([1.0, 2.0], [1.0, 2.0], 3)] * 2, "covariance (1, 2)"),
        ([(1.0, float("nan"), 3)] * 2, "not numbers"),
        ([(1.0, 1.0, 0)] * 2, "degree of freedom"),
        ([([1.0], [[1.0]], 3), ([1.0, 2.0], np.eye(2), 3)], "2 estimates"),
        ([pl.DataFrame({"a": [1]})] * 2, "without estimate"),
    ],
)
def test_refusals(analyses: Any, words: str) -> None:
    with pytest.raises(BaroError) as caught:
        combine_imputations(analyses)
    assert words in str(caught.value)
    assert caught.value.problems[0].remedy


def test_other_cells_are_refused_by_name() -> None:
    frame = designs()[0].mean("chol", by="race")
    with pytest.raises(BaroError, match="it lacks variable = chol, category = , race = 2"):
        combine_imputations([frame, frame.head(1)])
    with pytest.raises(BaroError, match="only it has"):
        combine_imputations([frame.head(1), frame])
    with pytest.raises(BaroError, match="columns"):
        combine_imputations([frame, frame.drop("cv")])
    with pytest.raises(BaroError, match="ci"):
        combine_imputations([frame, frame], ci="logti")


def test_goldens_say_what_made_them() -> None:
    assert set(GOLDEN["mitools"].cast(pl.String)) == {"2.4"}
