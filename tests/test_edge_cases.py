"""Edges of a design and its estimators: each a refusal by name, or an answer worked out by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis import Design
from analysis.errors import BaroError

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


def test_a_lazy_frame_is_collected_and_anything_else_refused() -> None:
    lazy = Design(FRAME.lazy(), "w", strata="h", clusters="p")
    assert lazy.mean("y", "g").equals(of().mean("y", "g"))
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
