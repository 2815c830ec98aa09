"""Contrasts and trends against R svycontrast on svyby(covmat = TRUE) (goldens by tests.R)."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.estimators.adjust import adjusted
from analysis.variance import covariance, scores
from tests.oracle.samples import EXACT, GOLDENS, agree, design, domain, goldens

LEAN = 1e-12  # sparse and dense scores give the same sums, in another order
CASES = goldens("contrast").partition_by("design", "measure", "y", "by", "dom", as_dict=True)
TRENDS = goldens("trend").partition_by("design", "breaks", "slopes", as_dict=True)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_agrees_with_r(case: tuple[str, Any, str, str, str]) -> None:
    name, measure, y, by, dom = case
    d = design(name)
    yes = [c for c in ("Yes", "yes") if c in d.frame[y].to_list()]
    found = d.contrast(
        y, by, "all", domain(dom), measure=measure, df="domain",
        denominator="x" if measure == "ratio" else None,
        category=yes if measure == "proportion" else None,
    )  # fmt: skip
    golden = CASES[case]
    pairs = golden.select("a", "b").cast(pl.String).rows()
    assert found.select(f"{by}_a", f"{by}_b").cast(pl.String).rows() == pairs
    for column in ("estimate_a", "estimate_b", "difference", "se"):
        assert found[column].to_numpy() == pytest.approx(golden[column].to_numpy(), rel=EXACT)


@pytest.mark.parametrize("case", TRENDS, ids=lambda c: "-".join(map(str, c)))
def test_trend_agrees_with_r(case: tuple[str, int, Any]) -> None:
    name, first, slopes = case
    terms = {"slope": "slope", "break": f"break {first}", "change": f"change of slope {first}"}
    if slopes == "separate":
        terms["slope"] = "slope 2018–2019"
    for r in TRENDS[case].iter_rows(named=True):
        breaks = [first] if first else []
        found = design(name).trend(r["y"], "wave", breaks, domain(r["dom"]), slopes=slopes)
        row = found.row(by_predicate=pl.col("term") == terms[r["term"]], named=True)
        agree(row["estimate"], r["estimate"])
        agree(row["se"], r["se"])


@pytest.mark.parametrize("how", ["holm", "bh", "bonferroni"])
def test_families_agree_with_r(how: Any) -> None:
    golden = goldens("adjust")
    p, expected = (golden[c].cast(pl.Float64).fill_null(np.nan).to_numpy() for c in ("p", how))
    assert adjusted(p, how) == pytest.approx(expected, rel=EXACT, nan_ok=True)


def test_adjusted_are_monotone_ties_equal_and_nan_kept_out() -> None:
    p = np.array([0.04, np.nan, 0.01, 0.04, 0.5])
    for how in ("holm", "bh", "bonferroni"):
        made = adjusted(p, how)
        order = np.argsort(p[~np.isnan(p)])
        assert (np.diff(made[~np.isnan(made)][order]) >= 0).all()
        assert made[0] == made[3]
        assert np.isnan(made[1])
        assert made[2] == pytest.approx(0.04)  # of 4 tests, not 5
    assert adjusted(np.array([]), "holm").size == 0


def test_overlapping_waves_have_a_covariance_and_separate_ones_none() -> None:
    panel, apart = (
        design(name).contrast("y", "wave", "sequential").with_columns(
            alone=(pl.col("se_a") ** 2 + pl.col("se_b") ** 2).sqrt()) for name in ("panel", "apart")
    )  # fmt: skip
    assert (panel["se"] < 0.6 * panel["alone"]).all()  # the PSUs differ more than they change
    assert apart["se"].to_numpy() == pytest.approx(apart["alone"].to_numpy(), rel=1e-12)


def test_cells_are_those_of_the_single_calls() -> None:
    d = design("clus1")
    rows = d.contrast("c", "g", "first", measure="proportion", category="Yes")
    cells = d.proportion("c", by="g").filter(pl.col("category") == "Yes")
    for side, keys in (("a", ["E", "E"]), ("b", ["H", "M"])):
        at = [cells["g"].to_list().index(k) for k in keys]
        assert rows[f"estimate_{side}"].to_list() == pytest.approx(cells["estimate"][at].to_list())
        assert rows[f"se_{side}"].to_list() == pytest.approx(cells["se"][at].to_list())
        assert rows[f"n_{side}"].to_list() == cells["n"][at].to_list()


def test_pairs_within_each_level_are_those_of_the_domain() -> None:
    d = design("panel")
    both = d.contrast("y", "wave", [(2018, 2022)], within="b", adjust="holm")
    alone = d.contrast("y", "wave", [(2018, 2022)], pl.col("b") == "yes")
    assert both["b"].to_list() == ["no", "yes"]
    assert both["se"][1] == pytest.approx(alone["se"][0])
    assert (both["p_adjusted"] >= both["p_value"]).all()
    assert alone["p_adjusted"][0] is None
    assert "adjust=holm" in both["method"][0]


def test_several_columns_make_one_cell() -> None:
    found = design("panel").contrast("y", ["b", "wave"], [(("no", 2018), ("yes", 2018))])
    assert found.select("b_a", "wave_a", "b_b", "wave_b").row(0) == ("no", 2018, "yes", 2018)


def hard() -> Design:
    frame = pl.DataFrame({
        "w": [1.0] * 9, "psu": [1, 2, 3, 1, 2, 3, 4, 4, 5], "g": list("aaabbbccd"),
        "y": [1.0, 0, 1, 0, 0, 0, 1, 0, None], "k": [0.3] * 9,
    })  # fmt: skip
    return Design(frame, "w", clusters="psu")


def test_what_cannot_be_tested_says_why_and_is_null() -> None:
    rows = hard().contrast("y", "g", "first", adjust="holm")
    assert rows["note"].to_list() == [
        "b does not vary: the standard error is that of the other alone",
        "b rests on fewer than two PSUs, or is empty in a replicate",
        "nobody is in the base of b",
    ]
    assert rows["p_value"].is_null().to_list() == [False, True, True]
    assert rows["p_adjusted"][0] == rows["p_value"][0]  # a family of one
    still = hard().contrast("k", "g", [("a", "b")]).row(0, named=True)
    assert still["note"] == "neither cell varies: no standard error"
    assert still["se"] is None
    assert not any(np.isnan(rows.select(pl.selectors.float().fill_null(0)).to_numpy()).ravel())


def test_contrast_refuses_by_name() -> None:
    d = design("panel")
    for call, words in (
        ({"pairs": [(2018, 2020)]}, "there is no level 2020 of by"),
        ({"pairs": [(2018, 2018)]}, "two different levels"),
        ({"pairs": "last"}, '"last" is not known'),
        ({"measure": "median"}, '"median" is not known'),
        ({"measure": "ratio"}, 'measure="ratio", denominator='),
        ({"denominator": "x"}, "a denominator for a ratio"),
        ({"category": "yes"}, "has no categories"),
        ({"adjust": "fdr"}, '"fdr" is not known'),
        ({"within": "wave"}, "also in within"),
        ({"where": pl.col("wave") == 2018}, "give no pair"),
    ):
        with pytest.raises(BaroError, match=words):
            d.contrast("y", "wave", **call)
    with pytest.raises(BaroError, match='did you mean "yes"'):
        d.contrast("b", "wave", measure="proportion", category="yess")


def test_a_straight_series_has_its_slope_and_no_departure() -> None:
    rows = design("panel").frame.with_columns(
        line=2 * (pl.col("wave") - 2018) + pl.col("y") - pl.col("y").mean().over("wave")
    )
    d = Design(rows.with_columns(w=1.0), "w", strata="h", clusters="psu")
    found = d.trend("line")
    assert found["term"].to_list() == ["slope", "departure"]
    assert found["estimate"][0] == pytest.approx(2)
    assert found["p_value"][1] == pytest.approx(1)
    assert found["df_num"].to_list() == [None, 2]


def test_positions_of_waves() -> None:
    rows = design("panel").frame.with_columns(
        text=pl.col("wave").cast(pl.String), day=pl.date(pl.col("wave"), 1, 1),
        name="v" + pl.col("wave").cast(pl.String),
    )  # fmt: skip
    d = Design(rows, "w", strata="h", clusters="psu")
    slope = d.trend("y")["estimate"][0]
    at = {f"v{y}": float(y) for y in (2018, 2019, 2021, 2022)}
    assert d.trend("y", "text")["estimate"][0] == pytest.approx(slope)
    assert d.trend("y", "day")["estimate"][0] == pytest.approx(slope)
    assert d.trend("y", "name", at=at)["estimate"][0] == pytest.approx(slope)
    with pytest.raises(BaroError, match="give at="):
        d.trend("y", "name")
    with pytest.raises(BaroError, match="no position for v2022"):
        d.trend("y", "name", at={k: v for k, v in at.items() if k != "v2022"})


def test_trend_refuses_and_says_why_by_name() -> None:
    d = design("panel")
    for breaks in ([2018], [2020]):
        with pytest.raises(BaroError, match="name the first wave after the break"):
            d.trend("y", breaks=breaks)
    few = d.trend("y", breaks=[2019], slopes="separate")  # one wave before the break
    assert set(few["note"]) == {"too few waves for these lines"}
    assert few["p_value"].null_count() == few.height
    exact = d.trend("y", breaks=[2021], slopes="separate")
    assert exact["note"][-1] == "as many waves as coefficients"


@pytest.mark.parametrize(
    ("how", "name"), [("holm", "holm"), ("bh", "fdr_bh"), ("bonferroni", "bonferroni")]
)
def test_trends_of_a_call_are_one_family(how: Any, name: str) -> None:
    rows = design("panel").trend(["y", "x"], breaks=[2021], within="b", adjust=how)
    assert rows.height == 12  # slope, break and departure of two variables in two groups
    expected = multipletests(rows["p_value"].to_numpy(), method=name)[1]
    assert rows["p_adjusted"].to_numpy() == pytest.approx(expected, rel=EXACT)
    assert (rows["p_adjusted"] > rows["p_value"]).any()
    assert set(rows["method"].str.split("; ").list.last()) == {f"adjust={how}"}


def test_trends_that_could_not_be_tested_are_in_no_family() -> None:
    rows = design("panel").trend("y", breaks=[2021], slopes="separate", adjust="bonferroni")
    assert rows["note"][-1] == "as many waves as coefficients"
    assert rows["p_adjusted"][-1] is None
    others = rows.head(-1)
    expected = np.minimum(others["p_value"].to_numpy() * others.height, 1)
    assert others["p_adjusted"].to_numpy() == pytest.approx(expected, rel=EXACT)
    assert design("panel").trend("y")["p_adjusted"].null_count() == 2  # none asked for
    with pytest.raises(BaroError, match='"fdr" is not known'):
        design("panel").trend("y", adjust="fdr")  # type: ignore[arg-type]
    named = Design(design("panel").frame.rename({"b": "p_adjusted"}), "w", strata="h",
                   clusters="psu")  # fmt: skip
    with pytest.raises(BaroError, match="p_adjusted"):
        named.trend("y", within="p_adjusted")


def votes(lonely: Any) -> Design:
    """Units of unequal probabilities without replacement, one alone in its stratum."""
    frame = pl.read_csv(GOLDENS.parent / "designs" / "election.csv")
    alone = frame.with_columns(one=pl.int_range(pl.len()) == 7)
    return Design(alone, fpc="p", strata="one", pps="brewer", lonely_psu=lonely)


@pytest.mark.parametrize("block", [7, 1 << 20])
@pytest.mark.parametrize("name", ["strat", "clus1", "clus2", "nhanes", "panel", "adjust"])
def test_sparse_scores_have_the_covariance_of_dense_ones(
    name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = votes("adjust") if name == "adjust" else design(name)
    random = np.random.default_rng(3)
    n = d.frame.height
    code, mix = random.integers(-1, 3, n), random.normal(size=(3, 2))
    sparse = scores.in_cells(d.weights * random.normal(10, 1, n), code, 3)
    expected = covariance(sparse.toarray(), d)
    monkeypatch.setattr(scores, "_BLOCK", block)
    close = LEAN * np.abs(expected).max()
    assert covariance(sparse, d) == pytest.approx(expected, rel=LEAN, abs=close)
    assert covariance(sparse.toarray(), d) == pytest.approx(expected, rel=LEAN, abs=close)
    mixed = covariance(scores.Combined(sparse, mix), d)
    assert mixed == pytest.approx(mix.T @ expected @ mix, rel=LEAN, abs=10 * close)


def test_a_total_that_cannot_vary_has_no_variance_left_by_rounding() -> None:
    frame = pl.DataFrame({"w": [1.7] * 1000, "y": [0.1] * 1000, "g": ["a"] * 1000})
    d = Design(frame, "w")
    code = np.zeros(1000, dtype=np.int64)
    found = covariance(scores.in_cells(d.weights * 0.1, code, 2), d)
    assert np.sqrt(found).max() <= 1e-12 * (d.weights * 0.1).sum()
