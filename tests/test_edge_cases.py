"""Edges of a design and its estimators: each a refusal by name, or an answer worked out by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

from analysis import Design
from analysis.design.replicates import check_replication
from analysis.engines import HeldDesign
from analysis.errors import BaroError
from analysis.variance import suits

FRAME = pl.DataFrame(
    {
        "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "z": [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 8.0],
        "a": ["x", "x", "y", "y", "x", "y", "x", "y"],
        "g": ["u"] * 4 + ["v"] * 4,
        "h": ["1"] * 4 + ["2"] * 4,
        "p": list("abcdefgh"),
        "w": [1.0, 2.0] * 4,
    }
)
GROUPED = ["mean", "proportion", "total", "ratio", "quantile", "tabulate", "contrast"]
ALL = [*GROUPED, "association", "regress"]


def of(**columns: Any) -> Design:
    return Design(FRAME.with_columns(**columns), "w", strata="h", clusters="p")


def call(name: str, d: Design, y: Any = "y", a: Any = "a", by: Any = "g", where: Any = None) -> Any:
    calls: dict[str, Callable[[], Any]] = {
        "mean": lambda: d.mean(y, by, where),
        "proportion": lambda: d.proportion(a, by, where),
        "total": lambda: d.total(y, by, where),
        "ratio": lambda: d.ratio(y, "z", by, where),
        "quantile": lambda: d.quantile(y, 0.5, by, where),
        "tabulate": lambda: d.tabulate(a, by, where, measure="proportion"),
        "contrast": lambda: d.contrast(y, by, where=where),
        "association": lambda: d.association(a, by, where),
        "regress": lambda: d.regress(f"{y} ~ z", where=where),
    }
    return calls[name]()


def refused(act: Callable[[], Any], words: str = "") -> None:
    with pytest.raises(BaroError) as error:
        act()
    for problem in error.value.problems:
        assert problem.where
        assert problem.found
        assert problem.remedy
    assert words in str(error.value)


def answered(found: Any) -> pl.DataFrame:
    """The frame, which holds null and never NaN."""
    assert isinstance(found, pl.DataFrame)
    for column in found.get_columns():
        assert not (column.dtype.is_float() and column.is_nan().any()), column.name
    return found


# --- domains -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "where", [pl.col("y") > 100, pl.lit(None), pl.lit(None, dtype=pl.Boolean), pl.lit(value=False)]
)
def test_an_empty_domain_is_refused(name: str, where: pl.Expr) -> None:
    refused(lambda: call(name, of(), where=where), "nobody is in the domain")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "where",
    [pl.col("nope") > 1, pl.col("g"), pl.col("y"), pl.col("g") > 1, pl.col("y", "z") > 2,
     (pl.col("y") > 1).head(3), "y > 1", True],
)  # fmt: skip
def test_what_is_no_condition_is_refused(name: str, where: Any) -> None:
    refused(lambda: call(name, of(), where=where), "estimate: where")


def test_where_it_yields_null_nobody_is_in() -> None:
    found = of().mean("y", where=pl.when(pl.col("y") > 4).then(statement=True))
    assert found["estimate"][0] == pytest.approx((5 + 12 + 7 + 16) / 6)
    assert found["n"][0] == 4


@pytest.mark.parametrize("name", ["mean", "proportion", "total", "ratio", "quantile"])
def test_a_level_on_one_psu_has_no_standard_error(name: str) -> None:
    found = answered(call(name, of(), by="p"))
    assert found["estimate"].null_count() == 0
    for column in ("se", "ci_low", "ci_high", "cv"):
        assert found[column].null_count() == found.height


def test_a_contrast_of_levels_on_one_psu_says_why_it_has_none() -> None:
    found = answered(of().contrast("y", "p", [("a", "c")]))
    assert found["difference"].item() == 2
    assert found["se"].item() is None
    assert "fewer than two PSUs" in found["note"].item()


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_group_is_in_none(missing: float | None) -> None:
    group = pl.when(pl.col("y") > 2).then(1.0).otherwise(pl.lit(missing, dtype=pl.Float64))
    found = answered(of(g=group).mean("y", "g"))
    assert found.select("g", "n").rows() == [(1.0, 6)]
    refused(lambda: of(g=pl.lit(missing, dtype=pl.Float64)).mean("y", "g"), "nobody")


# --- values --------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_an_all_missing_number(missing: float | None) -> None:
    d = of(y=pl.lit(missing, dtype=pl.Float64))
    for name in ("mean", "ratio", "quantile"):
        found = answered(call(name, d))
        assert found.select("estimate", "se", "n").rows() == [(None, None, 0)] * 2
    assert answered(d.total("y")).select("estimate", "se", "n").rows() == [(0, None, 0)]
    assert answered(d.contrast("y", "g"))["note"].item() == "nobody is in the base of a"
    refused(lambda: d.regress("y ~ z"), "nobody")


@pytest.mark.parametrize("dtype", [pl.String, pl.Null, pl.Categorical, pl.Boolean])
@pytest.mark.parametrize("name", ["proportion", "tabulate", "association"])
def test_an_all_missing_category_is_refused(name: str, dtype: Any) -> None:
    refused(lambda: call(name, of(a=pl.lit(None, dtype=dtype))), "nobody")


@pytest.mark.parametrize("ci", ["logit", "wilson", "korn_graubard", "xlogit", "asin", "wald"])
def test_zero_and_one_have_an_interval_within_them(ci: Any) -> None:
    found = answered(of(c=(pl.col("g") == "u").cast(pl.Int8)).proportion("c", "g", ci=ci))
    n_eff = 6**2 / 10  # Kish's (sum w)^2 / sum w^2 of a group
    bound = 0.025 ** (1 / n_eff)  # Clopper-Pearson at 100 %
    rows = found.select("category", "g", "estimate", "se", "ci_low", "ci_high").rows()
    assert rows == [
        ("0", "u", 0.0, 0.0, 0.0, pytest.approx(1 - bound)),
        ("0", "v", 1.0, 0.0, pytest.approx(bound), 1.0),
        ("1", "u", 1.0, 0.0, pytest.approx(bound), 1.0),
        ("1", "v", 0.0, 0.0, 0.0, pytest.approx(1 - bound)),
    ]


@pytest.mark.parametrize(
    "made",
    [pl.col("a") == "x", (pl.col("a") == "x").cast(pl.Int8), pl.col("a").cast(pl.Categorical),
     pl.col("a").cast(pl.Enum(["y", "x", "never"]))],
)  # fmt: skip
def test_columns_of_classes_of_every_type(made: pl.Expr) -> None:
    d = of(c=made)
    shares = sorted(answered(d.proportion("c"))["estimate"].to_list())
    assert shares == pytest.approx([5 / 12, 7 / 12])
    assert sorted(answered(d.mean("y", "c"))["estimate"].to_list()) == pytest.approx(
        [17 / 5, 39 / 7]
    )
    assert d.association("c", "g").p_value == pytest.approx(of().association("a", "g").p_value)
    assert answered(d.tabulate("y", "c")).height == 3
    assert d.regress("y ~ C(c)").n == 8


@pytest.mark.parametrize("made", [pl.concat_list("y"), pl.struct("y"), pl.duration(days=1)])
@pytest.mark.parametrize("place", ["y", "a", "by"])
@pytest.mark.parametrize("name", GROUPED)
def test_what_is_neither_number_nor_class_is_refused(name: str, place: str, made: pl.Expr) -> None:
    d = of(c=made)
    used = {"y": name not in ("proportion", "tabulate"), "a": name in ("proportion", "tabulate")}
    if used.get(place, True):
        refused(lambda: call(name, d, **{place: "c"}), "estimate: c")
    refused(lambda: d.regress("y ~ C(c)"), "estimate: c")


# --- designs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weight",
    [pl.lit(-1.0), pl.lit("abc"), pl.lit(float("nan")), pl.lit(None), pl.lit(float("inf")),
     pl.lit(0.0), pl.lit("abc").cast(pl.Categorical), pl.date(2020, 1, 1), pl.struct("y"),
     pl.concat_list("y"), pl.lit(1.7e308)],
)  # fmt: skip
def test_weights_that_cannot_be_are_refused(weight: pl.Expr) -> None:
    refused(lambda: of(w=weight), "design: weight w")


def test_whoever_weighs_nothing_is_in_no_base() -> None:
    d = of(w=pl.when(pl.col("g") == "u").then(0.0).otherwise(pl.col("w")))
    for name, v in {"mean": 40 / 6, "total": 40.0, "ratio": 40 / 40, "quantile": 6.0}.items():
        found = answered(call(name, d))
        assert found["n"].to_list() == [0, 4], name
        assert found["se"][0] is None
        assert found["estimate"].to_list() == [0.0 if name == "total" else None, pytest.approx(v)]


@pytest.mark.parametrize("count", [3, 0, -1, float("nan"), float("inf"), None, "abc"])
def test_population_counts_that_cannot_be_are_refused(count: Any) -> None:
    frame = FRAME.with_columns(N=pl.lit(count))
    for kind in ("counts", "fractions"):
        refused(lambda k=kind: Design(frame, "w", strata="h", fpc="N", fpc_as=k), "stratum 1")  # type: ignore[misc]


@pytest.mark.parametrize("option", ["lonely_psu", "sampling", "fpc_as"])
def test_an_unknown_option_of_a_design_is_refused(option: str) -> None:
    options: dict[str, Any] = {option: "averag"}
    refused(lambda: Design(FRAME, "w", strata="h", **options), f"design: {option}")


def test_one_stratum_is_a_simple_sample() -> None:
    found = Design(FRAME.with_columns(w=1.0), "w", strata=[]).mean("y")
    values = FRAME["y"].to_numpy()
    assert found["estimate"][0] == pytest.approx(4.5)
    assert found["se"][0] == pytest.approx(values.std(ddof=1) / np.sqrt(8))


def test_one_row_is_refused_or_has_no_standard_error() -> None:
    refused(lambda: Design(FRAME.head(1), "w"), "single PSU")
    refused(lambda: Design(FRAME.head(0), "w"), "no respondent")
    d = Design(FRAME.head(1), "w", lonely_psu="certainty")
    for name in ("mean", "proportion", "total", "ratio", "quantile"):
        found = answered(call(name, d))
        assert found.select("estimate", "se", "n").rows() == [
            (0.5 if name == "ratio" else 1, None, 1)
        ]
    refused(lambda: d.contrast("y", "g"), "contrast: pairs")
    refused(lambda: d.regress("y ~ z"), "too few PSUs")
    assert not np.isfinite(d.association("a", "g").statistic or np.nan)


def test_a_lazy_frame_stays_lazy_and_anything_else_is_refused() -> None:
    lazy: Any = Design(FRAME.lazy(), "w", strata="h", clusters="p")
    assert isinstance(lazy, HeldDesign)
    assert_frame_equal(lazy.mean("y", "g"), of().mean("y", "g"), rel_tol=1e-12, abs_tol=0)
    frame: Any = {"y": [1.0]}
    refused(lambda: Design(frame, "w"), "a polars frame")


@pytest.mark.parametrize("lonely", ["fail", "collapse"])
def test_ten_thousand_strata(lonely: Any) -> None:
    size, rng = 10_000, np.random.default_rng(1)
    y, w = rng.normal(3, 1, (size, 2)), rng.uniform(1, 2, (size, 2))
    frame = pl.DataFrame({"h": np.repeat(np.arange(size), 2), "y": y.ravel(), "w": w.ravel()})
    start = time.perf_counter()
    found = Design(frame, "w", strata="h", lonely_psu=lonely).mean("y")
    assert time.perf_counter() - start < 5
    mean = (w * y).sum() / w.sum()
    e = w * (y - mean) / w.sum()
    assert found["estimate"][0] == pytest.approx(mean, rel=1e-12)
    assert found["se"][0] == pytest.approx(np.sqrt(((e[:, 0] - e[:, 1]) ** 2).sum()), rel=1e-10)
    assert found["df"][0] == size


# --- no variance ---------------------------------------------------------------------------

INTERVALS = ["logit", "wilson", "korn_graubard", "xlogit", "asin", "wald"]


def agreeing(size: int, **columns: Any) -> pl.DataFrame:
    """Ten PSUs in two strata, of ``size`` respondents, half of them yes; weights by PSU.

    Thirds and tenths do not sum exactly: se is 1e-18 unless something is done.
    """
    place = np.arange(10 * size)
    psu, person = place // size, place % size
    return pl.DataFrame(
        {"h": psu % 2, "p": psu, "g": person % 4 // 2, "N": 5, "w": (0.1 + psu / 3) ** 2,
         "yes": (person % 2).astype(float), "v": 1e6 + (person % 2) * 0.7}
    ).with_columns(**columns)  # fmt: skip


def clopper_pearson(p: float, n: float) -> list[float]:
    """Beta quantiles: the binomial tails beyond the ends are 2.5 %."""
    x = p * n
    return [stats.beta(x, n - x + 1).ppf(0.025), stats.beta(x + 1, n - x).ppf(0.975)]


@pytest.mark.parametrize("replicates", [None, "jkn", "bootstrap"])
@pytest.mark.parametrize("ci", INTERVALS)
@pytest.mark.parametrize("size", [4, 12])
def test_psus_that_agree_on_a_share_leave_an_exact_interval(
    size: int, ci: Any, replicates: Any
) -> None:
    """8 df of 10 PSUs: Kish's n times (t(n - 1) / t(8))^2; both passes, with replicates too."""
    frame = agreeing(size)
    d = Design(frame, "w", strata="h", clusters="p")
    assert suits(d, 2, 2) == (size == 12)
    d = d.replicates(replicates) if replicates else d
    for by in (None, "g"):
        n = 10 * size / (1 if by is None else 2)
        w = frame["w"].unique().to_numpy()
        kish = n / 10 * w.sum() ** 2 / (w**2).sum()
        few = kish * (stats.t(n - 1).ppf(0.975) / stats.t(8).ppf(0.975)) ** 2
        for r in answered(d.proportion("yes", by, ci=ci)).iter_rows(named=True):
            assert r["estimate"] == pytest.approx(0.5, rel=1e-12)
            assert (r["se"], r["deff"], r["n_eff"]) == (0.0, None, None)
            ends = pytest.approx(clopper_pearson(0.5, few), rel=1e-9)
            assert [r["ci_low"], r["ci_high"]] == ends


@pytest.mark.parametrize("size", [4, 12])
def test_psus_that_agree_on_a_mean_leave_no_noise(size: int) -> None:
    d = Design(agreeing(size), "w", strata="h", clusters="p")
    for name in ("mean", "ratio"):
        found = d.mean("v", "g") if name == "mean" else d.ratio("v", "yes", "g")
        assert found["se"].to_list() == [0.0, 0.0]
        assert found["ci_low"].to_list() == found["estimate"].to_list()


@pytest.mark.parametrize("size", [4, 12])
def test_strata_that_are_all_yes_or_all_no_leave_an_exact_interval(size: int) -> None:
    frame = agreeing(size, yes=pl.col("h"), w=pl.lit(1 / 3))
    found = Design(frame, "w", strata="h", clusters="p").proportion("yes").row(0, named=True)
    n = 10 * size
    few = n * (stats.t(n - 1).ppf(0.975) / stats.t(8).ppf(0.975)) ** 2
    assert (found["se"], found["deff"]) == (0.0, None)
    ends = pytest.approx(clopper_pearson(0.5, few), rel=1e-9)
    assert [found["ci_low"], found["ci_high"]] == ends


@pytest.mark.parametrize("step", [1e-3, 1e-6, 1e-8])
def test_psus_that_nearly_agree_keep_their_variance(step: float) -> None:
    """The formula in fractions, without any rounding."""
    frame = agreeing(4, v=pl.col("yes") + pl.col("p") * step)
    w, v = ([Fraction(a) for a in frame[c].to_list()] for c in ("w", "v"))
    whole = sum(w, Fraction(0))
    mean = sum((a * b for a, b in zip(w, v, strict=True)), Fraction(0)) / whole
    variance = Fraction(0)
    for h in (0, 1):
        e = [sum((w[i] * (v[i] - mean) for i in range(40) if i // 4 == p), Fraction(0)) / whole
             for p in range(10) if p % 2 == h]  # fmt: skip
        variance += Fraction(5, 4) * sum(
            ((a - sum(e, Fraction(0)) / 5) ** 2 for a in e), Fraction(0)
        )
    found = Design(frame, "w", strata="h", clusters="p").mean("v")["se"][0]
    assert found == pytest.approx(float(variance) ** 0.5, rel=1e-5)


@pytest.mark.parametrize("equal", [2.0, 1 / 3])
def test_a_total_of_a_constant_in_equal_psus_has_no_noise(equal: float) -> None:
    frame = agreeing(4, w=pl.lit(equal), one=pl.lit(0.1))
    found = Design(frame, "w", strata="h", clusters="p").total("one")
    assert found["estimate"][0] == pytest.approx(40 * equal * 0.1)
    assert found.select("se", "deff").rows() == [(0.0, None)]


def test_a_large_total_with_a_small_spread_keeps_its_variance() -> None:
    """N^2 s^2 / n with s^2 = 3/4 of 1 (one yes in four), N = 2 n."""
    frame = pl.DataFrame({"w": [2.0] * 4, "v": [1e7, 1e7, 1e7, 1e7 + 1]})
    found = Design(frame, "w").total("v")
    assert found["se"][0] == pytest.approx((64 * 0.25 / 4) ** 0.5, rel=1e-9)
    assert found["deff"][0] == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("ci", INTERVALS)
@pytest.mark.parametrize("size", [4, 12])
def test_a_census_is_known(size: int, ci: Any) -> None:
    """All 5 PSUs of each stratum: a share within 0 and 1, and both ends, are points."""
    frame = agreeing(size, none=pl.lit(0), every=pl.lit(1), some=pl.col("p") < 3)
    d = Design(frame, "w", strata="h", clusters="p", fpc="N")
    found = answered(d.proportion(["none", "every", "some", "yes"], "g", ci=ci))
    assert set(found["se"]) == {0.0}
    assert found["ci_low"].to_list() == found["ci_high"].to_list() == found["estimate"].to_list()
    for name in ("mean", "total"):
        found = answered(getattr(d, name)("v", "g"))
        assert found["se"].to_list() == [0.0, 0.0]
        assert found["ci_low"].to_list() == found["estimate"].to_list()


@pytest.mark.parametrize("size", [4, 12])
def test_a_stratum_taken_whole_is_known_beside_one_that_is_sampled(size: int) -> None:
    """Told from one another by the design: in both, everybody says no, or PSUs agree."""
    frame = agreeing(size, none=pl.lit(0), N=pl.when(pl.col("h") == 0).then(5).otherwise(50))
    d = Design(frame, "w", strata="h", clusters="p", fpc="N")
    for variable in ("none", "yes"):
        whole, sampled = d.proportion(variable, "h").head(2).iter_rows(named=True)
        assert whole["ci_low"] == whole["ci_high"] == whole["estimate"]
        assert sampled["ci_high"] - sampled["ci_low"] > 0.05
        assert (whole["se"], sampled["se"]) == (0.0, 0.0)
    everybody = d.proportion("none").row(0, named=True)
    assert everybody["ci_high"] > everybody["ci_low"]  # some of them were sampled


def test_one_psu_of_a_census_is_known() -> None:
    d = Design(agreeing(4), "w", strata="h", clusters="p", fpc="N")
    for found in (d.mean("v", "p"), d.total("v", "p"), d.ratio("v", "yes", "p")):
        assert found["se"].to_list() == [0.0] * 10
    sampled = Design(agreeing(4, N=pl.lit(6)), "w", strata="h", clusters="p", fpc="N")
    assert sampled.mean("v", "p")["se"].null_count() == 10


@pytest.mark.parametrize(("second", "known"), [(4, True), (40, False), (None, False)])
def test_a_census_is_one_of_every_stage(second: int | None, known: bool) -> None:
    frame = agreeing(4, M=pl.lit(second), i=pl.int_range(pl.len()), none=pl.lit(0))
    fpc = ["N"] if second is None else ["N", "M"]
    d = Design(frame, "w", strata="h", clusters=["p", "i"], fpc=fpc)
    low, high = d.proportion("none").select("ci_low", "ci_high").row(0)
    assert (low == high) == known
    assert (d.mean("v")["se"][0] == 0) == known


def test_a_share_that_replicates_hold_is_known_unless_its_psus_agree() -> None:
    """Half-samples that keep the share at 1/2, as replicates calibrated on it do."""
    frame = pl.DataFrame({"y": [1, 0, 1, 0], "p": [1, 1, 2, 2], "w": [1.0] * 4,
                          "r1": [2.0, 2.0, 0.0, 0.0], "r2": [0.0, 0.0, 2.0, 2.0]})  # fmt: skip
    given: dict[str, Any] = {"replicate_weights": ["r1", "r2"], "replication": "brr"}
    held = Design(frame, "w", **given).proportion("y").row(1, named=True)
    assert (held["se"], held["ci_low"], held["ci_high"]) == (0.0, 0.5, 0.5)
    chance = Design(frame, "w", clusters="p", **given).proportion("y").row(1, named=True)
    few = 4 * (stats.t(3).ppf(0.975) / stats.t(1).ppf(0.975)) ** 2
    ends = pytest.approx(clopper_pearson(0.5, few), rel=1e-9)
    assert [chance["ci_low"], chance["ci_high"]] == ends


@pytest.mark.parametrize("ci", INTERVALS)
def test_a_share_that_a_calibration_holds_is_known(ci: Any) -> None:
    held = of().calibrate({"a": {"x": 30.0, "y": 70.0}}, "linear")
    share = held.proportion("a", ci=ci).row(0, named=True)
    assert share["estimate"] == pytest.approx(0.3, rel=1e-12)
    assert (share["se"], share["deff"]) == (0.0, 0.0)
    assert share["ci_low"] == share["ci_high"] == share["estimate"]
    free = held.proportion("g", ci=ci).row(0, named=True)
    assert free["ci_high"] - free["ci_low"] > 0.1


# --- replication ---------------------------------------------------------------------------


@pytest.mark.parametrize("fay", [0, 0.5])
def test_a_fay_that_would_not_be_used_is_refused(fay: float) -> None:
    frame = FRAME.with_columns(r1=pl.col("w"), r2=pl.col("w") * 1.5)
    given: dict[str, Any] = {"replicate_weights": ["r1", "r2"], "fay": fay}
    refused(lambda: Design(frame, "w", replication="brr", **given), "brr")
    refused(lambda: of().replicates("jkn", fay=fay), "jkn")
    refused(lambda: check_replication("", "", "", None, None, None, fay), "no replicate weights")
    assert Design(frame, "w", replication="fay", **given).df >= 0


def test_the_usual_fay_is_no_demand() -> None:
    assert of().replicates("jkn", fay=0.3).replication is not None


# --- names and options ---------------------------------------------------------------------

INTERNAL = [
    "estimate", "se", "level of by", "variable", "category", "domain", "domain_value", "",
    "weight", "n", "df", "method", "quantile", "note", "difference", "index", "code",
]  # fmt: skip
CLAIMED = {"estimate", "se", "variable", "category", "n", "df", "method"}


@pytest.mark.parametrize("column", INTERNAL)
def test_a_variable_named_like_an_internal_column(column: str) -> None:
    d = of(**{column: pl.col("y"), "also" + column: pl.col("a")})
    for name in ("mean", "total", "ratio", "quantile", "contrast"):
        found, plain = answered(call(name, d, y=column)), call(name, of())
        assert found.drop("variable").equals(plain.drop("variable")), name
    assert d.proportion(column).height == 8
    assert answered(d.tabulate(column, "g"))["estimate"].to_list() == pytest.approx(
        [56 / 12, 16 / 6, 40 / 6]
    )


@pytest.mark.parametrize("column", INTERNAL)
def test_a_group_named_like_an_internal_column(column: str) -> None:
    d = of(**{column: pl.col("g")})
    for name in ("mean", "proportion", "total", "ratio", "quantile"):
        if column in CLAIMED or (name == "quantile" and column == "quantile"):
            refused(lambda n=name: call(n, d, by=column), f'"{column}"')  # type: ignore[misc]
        else:
            found = answered(call(name, d, by=column))
            assert found.rename({column: "g"}).equals(call(name, of()))
    assert answered(d.tabulate("y", column))["estimate"].to_list() == pytest.approx(
        [56 / 12, 16 / 6, 40 / 6]
    )
    assert d.association("a", column).p_value == pytest.approx(of().association("a", "g").p_value)
    if column in ("estimate", "se", "n"):
        refused(lambda: d.contrast("y", column), f"{column}_a")
    else:
        assert answered(d.contrast("y", column))["difference"].item() == pytest.approx(4)
    if column in {*CLAIMED, "note", "difference"} - {"estimate", "n"}:
        refused(lambda: d.contrast("y", "a", within=column), f'"{column}"')


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_column_is_refused_with_the_nearest(name: str) -> None:
    refused(lambda: call(name, of(), y="yy", a="yy"), 'did you mean "y"?')


@pytest.mark.parametrize("name", [*GROUPED, "association"])
def test_an_unknown_group_is_refused_with_the_nearest(name: str) -> None:
    refused(lambda: call(name, of(), by="gg"), 'did you mean "g"?')


@pytest.mark.parametrize("name", GROUPED)
@pytest.mark.parametrize("names", [[], 3, [3]])
def test_no_variable_is_refused(name: str, names: Any) -> None:
    refused(lambda: call(name, of(), y=names, a=names))


@pytest.mark.parametrize("name", GROUPED)
def test_what_is_named_twice_is_refused(name: str) -> None:
    if name != "ratio":
        refused(lambda: call(name, of(), y=["y", "y"], a=["a", "a"]), "twice")
    refused(lambda: call(name, of(), by=["g", "g"]), "twice")
    refused(lambda: of().ratio(["y", "y"], ["z", "z"]), "twice")


def test_a_numerator_over_two_denominators() -> None:
    found = answered(of().ratio(["y", "y"], ["z", "y"]))
    assert found["variable"].to_list() == ["y/z", "y/y"]
    assert found["estimate"].to_list() == pytest.approx([56 / 54, 1])


@pytest.mark.parametrize("level", [0, 1, -1, 95, float("nan"), "0.9", None])
def test_a_level_outside_zero_and_one_is_refused(level: Any) -> None:
    d = of()
    for act in (d.mean, d.proportion, d.total, d.quantile):
        refused(lambda f=act: f("y", level=level), "estimate: level")  # type: ignore[misc]
    for other in (lambda: d.ratio("y", "z", level=level), lambda: d.contrast("y", "g", level=level),
                  lambda: d.regress("y ~ z", level=level),
                  lambda: d.tabulate("y", "g", level=level)):  # fmt: skip
        refused(other, "estimate: level")


@pytest.mark.parametrize(
    "options", [{"df": "desing"}, {"ci": "logitt"}, {"deff": "wrr"}], ids=lambda o: next(iter(o))
)
def test_an_unknown_option_is_refused_with_the_nearest(options: dict[str, Any]) -> None:
    refused(lambda: of().proportion("a", **options), "did you mean")


@pytest.mark.parametrize("pairs", ["al", [], [("u",)], ["u"], 3, None, [("u", "u")], [("u", "t")]])
def test_what_is_no_pair_of_levels_is_refused(pairs: Any) -> None:
    refused(lambda: of().contrast("y", "g", pairs), "contrast: pairs")


@pytest.mark.parametrize("shares", ["abc", None, [[]], 2])
def test_what_is_no_share_is_refused(shares: Any) -> None:
    refused(lambda: of().quantile("y", shares), "quantile: shares")
