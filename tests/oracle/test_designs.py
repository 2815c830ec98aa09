"""Estimator x design x domain x replication x lonely rule against R survey (designs.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize, stats

from analysis.errors import BaroError
from analysis.estimation import Design

HERE = Path(__file__).parent
# R prints 15 digits; what is left is the order of the sums. Bounds asked for: 1e-8 and 1e-7.
ESTIMATE, SE = 1e-10, 1e-9
# R's "logit" passes through svyglm, which iterates to 1e-8; "beta" through qbeta.
INTERVAL = 1e-7
NOTHING = 1e-8  # a standard error that is 0 up to rounding, relative to the estimate

GOLDEN = pl.read_csv(HERE / "designs.csv", schema_overrides={"category": pl.String})
INTERVALS = pl.read_csv(HERE / "intervals.csv")
RSCALES = pl.read_csv(HERE / "designs" / "rscales.csv")["rscales"].to_list()


def replicates(kind: str, n: int, **more: Any) -> dict[str, Any]:
    return {"replicate_weights": [f"{kind}{i + 1}" for i in range(n)], "replication": kind, **more}


SCHOOLS = {"weight": "pw", "fpc": "fpc"}
NESTED: dict[str, Any] = {"weight": "w", "strata": "h", "clusters": "psu"}
TWO: dict[str, Any] = {"strata": ["h", "k"], "clusters": ["psu", "ssu"], "fpc": ["N1", "N2"]}
VOTES = {"fpc": "p"}
DESIGNS: dict[str, tuple[str, dict[str, Any]]] = {
    "strat": ("strat", {**SCHOOLS, "strata": "stype"}),
    "strat_wr": ("strat", {"weight": "pw", "strata": "stype"}),
    "clus1": ("clus1", {**SCHOOLS, "clusters": "dnum"}),
    "clus2": ("clus2", {"clusters": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]}),
    "srs": ("srs", SCHOOLS),
    "nhanes": ("nhanes", {"weight": "WTMEC2YR", "strata": "SDMVSTRA", "clusters": "SDMVPSU"}),
    "fpc": ("fpc", {"weight": "weight", "strata": "stratid", "clusters": "psuid", "fpc": "Nh"}),
    "mu284": ("mu284", {"clusters": ["id1", "id2"], "fpc": ["n1", "n2"]}),
    "hospital": ("hospital", {"weight": "weighta", "strata": "oblevel", "fpc": "tothosp"}),
    "hospital_two": ("hospital", {"weight": "weighta", "clusters": ["oblevel", "hospno"],
                                  "fpc": ["levels", "tothosp"]}),
    "random_wr": ("random", NESTED),
    "random_fpc": ("random", {**NESTED, "fpc": "N1"}),
    "random_two": ("random", {"weight": "w", **TWO}),
    "random_free": ("random", TWO),
    "election_wr": ("election", {"weight": "wt"}),
    "election_brewer": ("election", {**VOTES, "pps": "brewer"}),
    "election_hr": ("election", {**VOTES, "pps": "hr"}),
    "election_hr_known": ("election", {**VOTES, "pps": "hr", "pps_squares": "S"}),
    "pps_two": ("twopps", {**TWO, "fpc": ["p", "f2"], "fpc_as": "fractions", "pps": "brewer"}),
    "scd_brr": ("scd", {"weight": "w", "replicate_weights": ["r1", "r2", "r3", "r4"],
                        "replication": "brr"}),
    "clus1_jk1": ("clus1", {"weight": "pw", "replication": "jk1",
                            "replicate_weights": [f"r{i}" for i in range(1, 16)]}),
    "pairs_brr": ("pairs", {"weight": "w", **replicates("brr", 8)}),
    "pairs_fay": ("pairs", {"weight": "w", **replicates("fay", 8, fay=0.3)}),
    "pairs_jkn": ("pairs", {"weight": "w", **replicates("jkn", 14, rscales=RSCALES)}),
    "pairs_bootstrap": ("pairs", {"weight": "w", **replicates("bootstrap", 30)}),
    "pairs_sdr": ("pairs", {"weight": "w", **replicates("sdr", 24)}),
    "lonely_wr": ("lonely", NESTED),
    "lonely_fpc": ("lonely", {**NESTED, "fpc": "N1"}),
    "lonely_two": ("alone", {"weight": "w", **TWO}),
}  # fmt: skip
CASES = GOLDEN.select("design", "lonely", "estimator").unique(maintain_order=True).rows()


@cache
def data(name: str) -> pl.DataFrame:
    frame = pl.read_csv(HERE / "designs" / f"{name}.csv")
    if name == "nhanes":
        female = pl.col("keep")
        answer = pl.when(pl.col("y") == 1).then(pl.lit("yes")).when(pl.col("y") == 0)
        frame = frame.with_columns(x=2 + female, z=1 + female, a=answer.then(pl.lit("no")))
    return frame


@cache
def design(name: str, lonely: Any) -> Design:
    table, arguments = DESIGNS[name]
    return Design(data(table), lonely_psu=lonely, **arguments)


def estimated(d: Design, estimator: str, **options: Any) -> pl.DataFrame:
    """All domains of the golden, as one frame with a column ``domain``."""
    call = {
        "mean": lambda **k: d.mean(["y", "z"], **k),
        "total": lambda **k: d.total(["y", "z"], **k),
        "ratio": lambda **k: d.ratio("z", "x", **k),
        "proportion": lambda **k: d.proportion("a", **k),
    }[estimator]
    parts = [call(**options).with_columns(domain=pl.lit("all"))]
    if "g" in d.frame.columns:
        by = call(by="g", **options)
        parts.append(by.with_columns(domain=pl.lit("g:") + pl.col("g").cast(pl.String)).drop("g"))
    if "keep" in d.frame.columns:
        parts.append(
            call(where=pl.col("keep") == 1, **options).with_columns(domain=pl.lit("where"))
        )
    return pl.concat(parts)


@pytest.mark.parametrize(("name", "lonely", "estimator"), CASES)
def test_agrees_with_r(name: str, lonely: str, estimator: str) -> None:
    d = design(name, lonely)
    ours = estimated(d, estimator)
    own = estimated(d, estimator, df="domain").select("variable", "category", "domain", "df")
    golden = GOLDEN.filter(design=name, lonely=lonely, estimator=estimator).with_columns(
        pl.col("category").fill_null("")
    )
    both = golden.join(ours, on=["variable", "category", "domain"], suffix="_ours").join(
        own.rename({"df": "own"}), on=["variable", "category", "domain"]
    )
    assert both.height == golden.height
    for r in both.iter_rows(named=True):
        where = (name, lonely, estimator, r["variable"], r["category"], r["domain"])
        assert r["estimate_ours"] == pytest.approx(r["estimate"], rel=ESTIMATE), where
        assert (r["n_ours"], r["df_ours"]) == (r["n"], r["df"]), where
        assert r["own"] == r["df_domain"], where
        if lonely == "adjust" and estimator == "total":
            continue  # see test_adjust_centres
        if r["se_ours"] is None:
            assert r["own"] == 0, where
            continue
        if lonely == "average" and r["domain"] == "g:west":  # nobody of it in the lonely strata:
            assert r["se_ours"] == pytest.approx(r["se"] * (8 / 6) ** 0.5, rel=SE), where
            continue  # R forgets them, we do not: docs/methods/lonely-psu.md
        tiny = NOTHING * abs(r["estimate"])
        assert r["se_ours"] == pytest.approx(r["se"], rel=SE, abs=tiny), where


@pytest.mark.parametrize("reference", ["wr", "wor"])
@pytest.mark.parametrize("name", [n for n, _, e in CASES if e == "mean"])
def test_design_effects_of_means(name: str, reference: str) -> None:
    golden = GOLDEN.filter(pl.col(f"deff_{reference}").is_not_null(), design=name, estimator="mean",
                           lonely=GOLDEN.filter(design=name)["lonely"][0])  # fmt: skip
    d = design(name, golden["lonely"][0]) if golden.height else design(name, "certainty")
    both = golden.join(estimated(d, "mean", deff=reference), on=["variable", "domain"])
    assert both.height == golden.height
    for r in both.filter(pl.col("deff").is_not_null()).iter_rows(named=True):
        expected = pytest.approx(r[f"deff_{reference}"], rel=1e-8)
        assert r["deff"] == expected, (r["variable"], r["domain"])


KINDS: dict[str, Any] = {
    "xlogit": "xlogit", "logit": "logit", "asin": "asin", "beta": "korn_graubard", "mean": "wald",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"), INTERVALS.select("design", "kind").unique(maintain_order=True).rows()
)
def test_intervals_of_proportions(name: str, kind: str) -> None:
    d = design(name, "fail")
    for r in INTERVALS.filter(design=name, kind=kind).iter_rows(named=True):
        if kind == "beta" and r["df"] == "design" and r["domain"] == "where":
            continue  # R's takes the domain's degrees of freedom whatever df says
        where = pl.col("keep") == 1 if r["domain"] == "where" else None
        found = d.proportion("a", where=where, ci=KINDS[kind], df=r["df"], level=r["level"])
        row = found.row(by_predicate=pl.col("category") == r["category"], named=True)
        ends = pytest.approx([r["ci_low"], r["ci_high"]], rel=INTERVAL)
        assert [row["ci_low"], row["ci_high"]] == ends, r


def score(t: float, p: float, q: float, n_eff: float) -> float:
    return (p - t) ** 2 - q**2 * t * (1 - t) / n_eff


@pytest.mark.parametrize("name", ["strat", "random_two", "clus1_jk1"])
def test_wilson_inverts_the_score_test(name: str) -> None:
    """R 4.1-1 has none: the ends solve (p - t)^2 = q^2 t (1 - t) / n_eff."""
    found = design(name, "fail").proportion("a", ci="wilson", level=0.9)
    for r in found.iter_rows(named=True):
        p, q = r["estimate"], stats.t.ppf(0.95, r["df"])
        ends = [optimize.brentq(score, low, high, args=(p, q, p * (1 - p) / r["se"] ** 2))
                for low, high in ((1e-9, p), (p, 1 - 1e-9))]  # fmt: skip
        assert [r["ci_low"], r["ci_high"]] == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_interval_of_a_mean_is_wald(level: float) -> None:
    r = design("clus2", "fail").mean("y", level=level).row(0, named=True)
    reach = stats.t.ppf((1 + level) / 2, r["df"]) * r["se"]
    assert [r["ci_low"], r["ci_high"]] == pytest.approx([r["estimate"] - reach,
                                                         r["estimate"] + reach])  # fmt: skip


def unit_totals(frame: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    """Weighted totals of the PSUs, by stratum: an independent way to the variance."""
    return frame.group_by("h", "psu").agg(e=(pl.col("w") * value.fill_null(0)).sum())


def within(e: np.ndarray, fraction: float) -> float:
    return (1 - fraction) * len(e) * float(e.var(ddof=1))


@pytest.mark.parametrize("fpc", [False, True])
@pytest.mark.parametrize("variable", ["y", "x"])
def test_adjust_centres(variable: str, fpc: bool) -> None:
    """A lonely PSU is compared with the mean PSU; R 4.1-1 compares it with 0."""
    frame = data("lonely")
    units = unit_totals(frame, pl.col(variable))
    variance = uncentred = 0.0
    for (h,), part in units.group_by("h"):
        e = part["e"].to_numpy()
        fraction = len(e) / frame.filter(h=h)["N1"][0] if fpc else 0.0
        if len(e) > 1:
            variance += within(e, fraction)
            uncentred += within(e, fraction)
        else:
            variance += (1 - fraction) * float(e[0] - units["e"].mean()) ** 2
            uncentred += (1 - fraction) * float(e[0]) ** 2
    name = "lonely_fpc" if fpc else "lonely_wr"
    se = design(name, "adjust").total(variable)["se"][0]
    assert se == pytest.approx(variance**0.5, rel=1e-12)
    r = GOLDEN.filter(design=name, lonely="adjust", estimator="total", variable=variable,
                      domain="all")["se"]  # fmt: skip
    if len(r):
        assert r[0] == pytest.approx(uncentred**0.5, rel=1e-12)
        assert se != pytest.approx(r[0], rel=0.01)


def test_collapse_is_the_design_with_joined_strata() -> None:
    """h01 and h02 have one PSU each: they are joined, and only they."""
    joined = data("lonely").with_columns(
        psu=pl.col("h") + "-" + pl.col("psu").cast(pl.String),
        h=pl.when(pl.col("h") == "h01").then(pl.lit("h02")).otherwise("h"),
        N1=pl.when(pl.col("h").is_in(["h01", "h02"]))
        .then(pl.col("N1").filter(pl.col("h") == "h01").first()
              + pl.col("N1").filter(pl.col("h") == "h02").first())
        .otherwise("N1"),
    )  # fmt: skip
    designs: list[dict[str, Any]] = [{}, {"fpc": "N1"}]
    for more in designs:
        ours = Design(data("lonely"), lonely_psu="collapse", **NESTED, **more)
        other = Design(joined, **NESTED, **more)
        assert ours.df == other.df == design("lonely_wr", "certainty").df + 1
        for call in ("mean", "total"):
            a, b = (getattr(d, call)(["y", "x"], by="g") for d in (ours, other))
            assert a["se"].to_list() == pytest.approx(b["se"].to_list(), rel=1e-12)


def test_fail_names_the_strata() -> None:
    with pytest.raises(BaroError) as caught:
        design("lonely_wr", "fail")
    told = str(caught.value)
    assert "stratum h01" in told
    assert "stratum h02" in told
    assert 'lonely_psu="adjust"' in told


def test_census_strata_add_nothing() -> None:
    frame = data("random").with_columns(N1=pl.col("psu").n_unique().over("h"))
    d = Design(frame, **NESTED, fpc="N1")
    found = d.total(["x", "y"], by="g")
    assert found["se"].to_list() == [0.0] * found.height
    two = Design(frame, "w", **{**TWO, "fpc": ["N1", "N2"]})
    assert two.total("x")["se"][0] > 0  # the second stage is still a sample


@pytest.mark.parametrize("name", ["clus2", "mu284", "hospital_two", "random_two"])
def test_fractions_say_the_same_as_counts(name: str) -> None:
    table, arguments = DESIGNS[name]
    frame, given = data(table), dict(arguments)
    counts = design(name, "fail")
    shares = {f"f{s}": stage.probability[stage.unit] for s, stage in enumerate(counts.stages)}
    given["fpc"] = list(shares)
    frame = frame.with_columns(**{k: pl.Series(v) for k, v in shares.items()})
    other = Design(frame, fpc_as="fractions", **given)
    for call in ("mean", "total"):
        a, b = (getattr(d, call)(["y", "z"]) for d in (counts, other))
        assert a["se"].to_list() == pytest.approx(b["se"].to_list(), rel=1e-9)
        assert a["estimate"].to_list() == pytest.approx(b["estimate"].to_list(), rel=1e-12)


def test_goldens_say_what_made_them() -> None:
    assert set(GOLDEN["survey"]) == set(INTERVALS["survey"]) == {"4.1.1"}
    assert set(GOLDEN["design"]) == set(DESIGNS)
