"""Replicate weights made from a design: identities that hold exactly, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.variance.hadamard import hadamard

ORACLE = Path(__file__).parents[1] / "oracle" / "designs"
NESTED: dict[str, Any] = {"weight": "w", "strata": "h", "clusters": "psu"}
EXACT = 1e-9  # linear identities: only the order of the sums differs
DRAWN = 0.06  # 4,000 bootstrap replicates: a variance is known to about 3 %


def data(name: str) -> pl.DataFrame:
    return pl.read_csv(ORACLE / f"{name}.csv")


def se(d: Design, call: str = "total", by: str | None = "g") -> list[float]:
    found: list[float] = getattr(d, call)(["x", "z"], by=by)["se"].to_list()
    return found


@pytest.mark.parametrize("minimum", [1, 2, 3, 4, 9, 12, 17, 20, 25, 28, 36, 37, 44, 50, 60, 105])
def test_hadamard_matrices_are_balanced(minimum: int) -> None:
    h = hadamard(minimum)
    assert minimum <= len(h) <= minimum + 8
    assert np.array_equal(h.T @ h, len(h) * np.eye(len(h)))
    assert set(np.unique(h)) <= {1.0, -1.0}
    assert (h[0] == 1).all()
    assert (h[:, 0] == 1).all()


@pytest.mark.parametrize("order", [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48])
def test_hadamard_orders_at_hand(order: int) -> None:
    assert len(hadamard(order)) == order


@pytest.mark.parametrize("made", [("brr", {}), ("fay", {"fay": 0.3}), ("fay", {"fay": 0.5}),
                                  ("jkn", {})])  # fmt: skip
def test_totals_have_their_linearized_variance(made: tuple[Any, dict[str, Any]]) -> None:
    """Two PSUs a stratum, full orthogonal balance: McCarthy (1969)."""
    d = Design(data("pairs"), **NESTED)
    replicated = d.replicates(made[0], **made[1])
    assert se(replicated) == pytest.approx(se(d), rel=EXACT)
    assert replicated.df == d.df == 7


def test_jackknife_carries_the_fpc() -> None:
    strata = Design(data("random"), **NESTED, fpc="N1")
    assert se(strata.replicates("jkn")) == pytest.approx(se(strata), rel=EXACT)
    one = Design(data("clus1"), "pw", clusters="dnum", fpc="fpc")
    assert se(one.replicates("jk1")) == pytest.approx(se(one), rel=EXACT)
    assert one.replicates("jk1").df == one.df


def sorted_columns(weights: np.ndarray) -> np.ndarray:
    return weights[:, np.lexsort(np.round(weights, 9)[::-1])]


@pytest.mark.parametrize(("name", "kind", "column", "arguments"), [
    ("pairs", "jkn", "jkn", NESTED),
    ("clus1", "jk1", "r", {"weight": "pw", "clusters": "dnum"}),
])  # fmt: skip
def test_jackknife_weights_are_those_of_r(
    name: str, kind: Any, column: str, arguments: dict[str, Any]
) -> None:
    frame = data(name)
    replication = Design(frame, **arguments).replicates(kind).replication
    assert replication is not None
    of_r = frame.select(pl.col(f"^{column}[0-9]+$")).to_numpy()
    assert sorted_columns(replication.weights) == pytest.approx(sorted_columns(of_r), rel=1e-12)


@pytest.mark.parametrize("fpc", [{}, {"fpc": "N1"}])
def test_bootstrap_finds_the_variance_of_totals(fpc: dict[str, Any]) -> None:
    d = Design(data("random"), **NESTED, **fpc)
    drawn = d.replicates("bootstrap", n=4000, seed=3)
    assert se(drawn, by=None) == pytest.approx(se(d, by=None), rel=DRAWN)
    assert drawn.replication is not None
    assert (drawn.replication.weights >= 0).all()
    assert drawn.replication.scale == pytest.approx(1 / 3999)


def test_bootstrap_is_repeated_by_its_seed() -> None:
    d = Design(data("random"), **NESTED)
    one, same, other = (d.replicates("bootstrap", n=50, seed=s) for s in (1, 1, 2))
    assert se(one) == se(same)
    assert se(one) != se(other)
    assert d.replication is None


def test_successive_differences() -> None:
    """Half the sum of the squared differences, the last PSU followed by the first."""
    frame = data("random")
    d = Design(frame, **NESTED).replicates("sdr")
    totals = frame.group_by("h", "psu", maintain_order=True).agg(
        e=(pl.col("w") * pl.col("x")).sum()
    )
    variance = 0.0
    for (_,), part in totals.group_by("h"):
        e = part["e"].to_numpy()
        variance += 0.5 * float(((e - np.roll(e, -1)) ** 2).sum())
    assert d.total("x")["se"][0] ** 2 == pytest.approx(variance, rel=EXACT)


def test_successive_differences_of_a_trend_are_small() -> None:
    n = 900
    frame = pl.DataFrame({"w": np.ones(n), "y": np.arange(n) + 10 * np.sin(np.arange(n))})
    plain = Design(frame, "w")
    sorted_ = plain.replicates("sdr")
    assert sorted_.replication is not None
    factors = np.unique(np.round(sorted_.replication.weights, 12))
    assert sorted_.replication.weights.shape[1] == 160
    assert factors.tolist() == pytest.approx([1 - 2**-0.5, 1, 1 + 2**-0.5])
    assert sorted_.mean("y")["se"][0] < 0.2 * plain.mean("y")["se"][0]


def test_random_groups_are_unbiased_where_strata_are_odd() -> None:
    d = Design(data("random"), **NESTED)
    squares = [
        np.array(se(d.replicates("fay", fay=0.5, seed=s, random_groups=True), by=None)) ** 2
        for s in range(150)
    ]
    assert np.mean(squares, axis=0) == pytest.approx(np.array(se(d, by=None)) ** 2, rel=0.15)


def test_certainty_and_collapsed_strata_have_replicates() -> None:
    rules: list[Any] = ["certainty", "collapse"]
    for rule in rules:
        d = Design(data("lonely"), **NESTED, lonely_psu=rule)
        assert se(d.replicates("jkn"), by=None) == pytest.approx(se(d, by=None), rel=EXACT)


def test_the_method_says_how() -> None:
    d = Design(data("pairs"), **NESTED).replicates("fay", fay=0.4)
    assert d.mean("x")["method"][0].startswith("mean; replication (fay)")


RANDOM = {"frame": "random", **NESTED}
LONELY = {"frame": "lonely", **NESTED}
TWO = {"clusters": ["psu", "ssu"], "fpc": ["N1", "N2"], "strata": ["h", "k"]}


@pytest.mark.parametrize(("arguments", "kind", "more", "told"), [
    (RANDOM, "brr", {}, "stratum h"),
    (RANDOM, "brr", {"random_groups": True}, "negative weights"),
    (RANDOM, "jk1", {}, "6 strata"),
    (RANDOM, "jk2", {}, "did you mean"),
    (RANDOM, "fay", {"fay": 1.0}, "0 <= fay < 1"),
    (RANDOM, "jkn", {"n": 80}, "the design decides"),
    (RANDOM, "bootstrap", {"n": 1}, "n >= 2"),
    ({**RANDOM, "fpc": "N1"}, "sdr", {}, "has an fpc"),
    ({**RANDOM, "fpc": "N1"}, "brr", {}, 'choose "jkn"'),
    ({**RANDOM, **TWO}, "jkn", {}, "several stages"),
    ({**LONELY, "lonely_psu": "adjust"}, "jkn", {}, "stratum h01"),
    ({**LONELY, "lonely_psu": "average"}, "bootstrap", {}, "stratum h02"),
    ({"frame": "election", "fpc": "p", "pps": "brewer"}, "bootstrap", {}, "PPS"),
    ({"frame": "scd", "weight": "w", "strata": ["y"], "lonely_psu": "certainty"}, "jkn", {},
     "no stratum has two PSUs"),
])  # fmt: skip
def test_refusals(arguments: dict[str, Any], kind: Any, more: dict[str, Any], told: str) -> None:
    given = dict(arguments)
    d = Design(data(given.pop("frame")), **given)
    with pytest.raises(BaroError) as caught:
        d.replicates(kind, **more)
    assert told in str(caught.value)
    assert all(p.remedy for p in caught.value.problems)


def test_replicates_are_made_once_and_of_a_size() -> None:
    d = Design(data("pairs"), **NESTED).replicates("brr")
    with pytest.raises(BaroError, match="has replicate weights already"):
        d.replicates("jkn")
    large = Design(pl.DataFrame({"w": np.ones(20_000)}), "w")
    with pytest.raises(BaroError, match="take 3 GB"):
        large.replicates("jk1")
