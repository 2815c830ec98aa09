"""Methods, units, soft margins, replicates; and why weights do not exist, said in full."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize

from analysis.errors import BaroError
from analysis.estimation import Design
from tests.weighting.samples import design, people, refused, targets

FRAME = people()
THREE = targets(FRAME, "sex", "age", "region")
W = FRAME["w"].to_numpy()


def sums(weights: Any, *columns: str) -> dict[Any, float]:
    table = FRAME.with_columns(_w=weights).group_by(columns).agg(pl.col("_w").sum())
    return {r[:-1] if len(columns) > 1 else r[0]: r[-1] for r in table.iter_rows()}


def test_the_design_stays_as_it_was() -> None:
    d = design()
    made = d.calibrate(THREE)
    np.testing.assert_array_equal(d.weights, W)
    assert (d.reports, d.calibrations) == ((), ())
    assert (len(made.reports), len(made.calibrations)) == (1, 1)
    assert made.df == d.df


def test_poststratification_by_hand() -> None:
    made = design().calibrate({"sex": {"F": 3e4, "M": 1e4}}, "poststratification")
    women = (FRAME["sex"] == "F").to_numpy()
    np.testing.assert_allclose(made.weights[women], W[women] * 3e4 / W[women].sum(), rtol=1e-13)
    np.testing.assert_allclose(made.weights[~women], W[~women] * 1e4 / W[~women].sum(), rtol=1e-13)


def test_raking_is_iterative_proportional_fitting() -> None:
    expected = W.copy()
    for _ in range(200):
        for column, margin in THREE.items():
            found = sums(expected, column)
            expected = expected * np.array([margin[c] / found[c] for c in FRAME[column]])
    np.testing.assert_allclose(design().calibrate(THREE).weights, expected, rtol=1e-10)


def chi_square(g: Any) -> Any:
    return (g - 1) ** 2


def entropy(g: Any) -> Any:
    return g * np.log(g) - g + 1


@pytest.mark.parametrize(
    ("method", "bounds", "distance"),
    [
        ("linear", None, chi_square),
        ("raking", None, entropy),
        ("truncated_linear", (0.84, 1.362), chi_square),
        ("linear", (0.84, 1.362), chi_square),
        ("raking", (0.84, 1.362), entropy),
    ],
)
def test_no_other_weights_are_closer(method: Any, bounds: Any, distance: Any) -> None:
    """A general optimizer, on the ratios of the profiles, arrives at the same weights."""
    names = list(THREE)
    profile = FRAME.group_by(names).agg(pl.col("w").sum()).sort(names)
    d = profile["w"].to_numpy() / W.sum()
    x = np.column_stack([(profile[c] == k).to_numpy() for c, m in THREE.items() for k in m])
    t = np.array([v for m in THREE.values() for v in m.values()]) / W.sum()
    low, high = bounds or (1e-3, 10.0)
    search: Any = optimize.minimize
    best = search(
        lambda g: d @ distance(g), np.ones(len(d)), method="SLSQP", tol=1e-13,
        bounds=[(low, high)] * len(d), options={"maxiter": 500},
        constraints={"type": "eq", "fun": lambda g: ((d * g) @ x - t)[[0, 1, 2, 3, 5, 6]]},
    )  # fmt: skip
    made = design().calibrate(THREE, method, bounds=bounds)
    found = FRAME.with_columns(g=made.weights / W).group_by(names).agg(pl.col("g").first())
    g = found.sort(names)["g"].to_numpy()
    np.testing.assert_allclose(g, best.x, atol=1e-5)
    assert d @ distance(g) <= d @ distance(best.x) + 1e-9
    if bounds:
        assert ((g < low + 1e-9) | (g > high - 1e-9)).any()  # the bounds do hold some back


@pytest.mark.parametrize("method", ["logit", "truncated_linear"])
def test_usual_bounds(method: Any) -> None:
    made = design().calibrate(THREE, method)
    assert "within 0.4 and 2.5" in made.report.method
    np.testing.assert_array_equal(
        made.weights, design().calibrate(THREE, method, bounds=(0.4, 2.5)).weights
    )


@pytest.mark.parametrize(("method", "bounds", "told"), [
    ("rake", None, ['"rake" is not known', 'did you mean "raking"?']),
    ("raking", (1.2, 3.0), ["0 <= lower < 1 < upper"]),
    ("raking", (0.2, 0.9), ["0 <= lower < 1 < upper"]),
    ("raking", (-0.1, 2.0), ["0 <= lower < 1 < upper"]),
    ("raking", (0.5,), ["0 <= lower < 1 < upper"]),
    ("raking", 2.5, ["0 <= lower < 1 < upper"]),
    ("raking", (float("nan"), 2.0), ["0 <= lower < 1 < upper"]),
    ("logit", (0.5, np.inf), ["an upper bound without end"]),
    ("poststratification", (0.5, 2.0), ["post-stratification has one ratio a cell"]),
])  # fmt: skip
def test_odd_methods_and_bounds(method: Any, bounds: Any, told: list[str]) -> None:
    refused(lambda: design().calibrate(THREE, method, bounds=bounds), "calibrate: ", *told)


def test_one_sided_bounds() -> None:
    made = design().calibrate(THREE, "linear", bounds=(0.85, np.inf))
    assert (made.weights / W).min() == pytest.approx(0.85, rel=1e-12)
    assert sums(made.weights, "age") == pytest.approx(THREE["age"], rel=1e-9)


def test_poststratification_wants_one_margin() -> None:
    d = design()
    sex = {"sex": THREE["sex"]}
    cases: list[tuple[Any, Any]] = [
        (THREE, {}),
        ({"income": 1e6}, {}),
        (sex, {"soft": {"sex": 1}}),
        (sex, {"unit": "hh"}),
    ]
    for margins, more in cases:
        call = partial(d.calibrate, margins, "poststratification", **more)
        refused(call, "one margin")


# ---- weights that do not exist -----------------------------------------------------------------


def test_linear_weights_below_zero_are_refused() -> None:
    far = {"sex": THREE["sex"], "age": {"18-39": 2e4, "40-64": 1e3, "65+": 0.0}}
    far["age"]["65+"] = sum(THREE["sex"].values()) - 2.1e4
    error = refused(lambda: design().calibrate({"age": far["age"], "income": 9e6}, "linear"))
    assert "would be negative" in str(error)
    assert 'method="raking"' in str(error)


def bounds_in(text: str) -> list[tuple[float, float]]:
    found = re.findall(r"bounds=\(([\d.]+), ([\d.]+)\)", text)
    return [(float(a), float(b)) for a, b in found]


@pytest.mark.parametrize("method", ["logit", "truncated_linear", "raking", "linear"])
@pytest.mark.parametrize(
    ("bounds", "factor"), [((0.9, 1.1), 1), ((0.99, 3.0), 0.85), ((0.2, 1.05), 1)]
)
def test_tight_bounds_are_told_the_nearest_ones(
    method: Any, bounds: tuple[float, float], factor: float
) -> None:
    frame = FRAME.with_columns(pl.col("w") / factor)
    d, before = Design(frame, "w"), frame["w"].to_numpy()
    told_so = f"no ratios within ({bounds[0]:g}, {bounds[1]:g}) meet the margins"
    call = partial(d.calibrate, THREE, method, bounds=bounds)
    error = refused(call, "calibrate: bounds", told_so)
    told = set(bounds_in(str(error)))
    assert told
    for low, high in told:
        assert low <= bounds[0]
        assert high >= bounds[1]
        assert low == bounds[0] or high == bounds[1] or len(told) == 1
        wider = (max(low - 0.004, 0.0), high + 0.004)
        ratio = d.calibrate(THREE, method, bounds=wider).weights / before
        assert wider[0] - 1e-12 <= ratio.min()
        assert ratio.max() <= wider[1] + 1e-12
        inner = (low + 0.004 * (low != bounds[0]), high - 0.004 * (high != bounds[1]))
        with pytest.raises(BaroError):
            d.calibrate(THREE, method, bounds=inner)


def test_bounds_that_must_both_move() -> None:
    far = {"age": {"18-39": 5e4, "40-64": 1e3, "65+": 1e3}}
    d = design()
    error = refused(lambda: d.calibrate(far, "logit", bounds=(0.9, 1.1)), "calibrate: bounds")
    ((low, high),) = set(bounds_in(str(error)))
    d.calibrate(far, "logit", bounds=(low, high + 0.01))


def test_contradictions_name_the_culprits() -> None:
    """The crossed margin leaves fewer women than the margin of sex asks for."""
    crossed = targets(FRAME, ("sex", "region"))[("sex", "region")]
    women = {k: v * (0.5 if k[0] == "F" else 1) for k, v in crossed.items()}
    lost = sum(crossed.values()) - sum(women.values())
    women[("M", "E")] += lost
    margins = {"sex": THREE["sex"], ("sex", "region"): women, "age": THREE["age"]}
    methods: tuple[Any, ...] = ("raking", "logit")
    for method in methods:
        call = partial(design().calibrate, margins, method)
        told = ("margins that agree with each other", "merge categories on both sides")
        error = refused(call, "margin sex, F", *told)
        named = {p.where for p in error.problems}
        assert named <= {
            f"calibrate: margin {m}" for m in ("sex, F", "sex, M", "sex x region, M x E")
        }
        share = re.search(r"margin sex, F\s+.*can reach ([\d.]+) times", str(error))
        assert share
        assert float(share[1]) == pytest.approx(0.5, rel=1e-3)


def test_nested_categories_that_contradict_each_other() -> None:
    frame = FRAME.with_columns(band=pl.when(pl.col("age") == "65+").then(pl.lit("old"))
                               .otherwise(pl.lit("young")))  # fmt: skip
    age = THREE["age"]
    band = {"old": age["65+"] * 1.2, "young": age["18-39"] + age["40-64"] - age["65+"] * 0.2}
    error = refused(lambda: Design(frame, "w").calibrate({"age": age, "band": band}))
    assert any("65+" in p.where or "old" in p.where for p in error.problems)


def test_margins_that_leave_some_respondents_nothing() -> None:
    frame = FRAME.with_columns(
        kind=pl.when(pl.col("sex") == "F").then(pl.lit("a")).otherwise(pl.col("region"))
    )
    sex = THREE["sex"]
    kinds = {"a": sex["F"], "E": sex["M"] / 2, "N": sex["M"] / 2, "S": 0.0}
    odd = frame.with_columns(
        kind=pl.when(pl.col("kind") == "S").then(pl.lit("a")).otherwise("kind")
    )
    del kinds["S"]
    call = partial(Design(odd, "w").calibrate, {"sex": sex, "kind": kinds})
    refused(call, "margin sex, M; margin kind, a", "leave no population to these respondents")


def test_a_number_out_of_reach() -> None:
    refused(lambda: design().calibrate({"sex": THREE["sex"], "income": 1e12}), "margin income",
            "times its population at the nearest")  # fmt: skip


def test_a_category_that_vanishes_in_a_replicate() -> None:
    rare = FRAME.with_columns(
        region=pl.when(pl.col("psu") == 4).then(pl.lit("DOM")).otherwise("region")
    )
    margins = targets(rare, "region", "sex")
    plain = Design(rare, "w", clusters="psu", strata="h")
    plain.calibrate(margins)
    d = plain.replicates("jkn")
    error = refused(lambda: d.calibrate(margins), "replicate ", "margin region, DOM",
                    "nobody of it has a weight", "merge the category with another")  # fmt: skip
    assert len(error.problems) == 1


# ---- units -------------------------------------------------------------------------------------


def household_targets() -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Margins of persons and of households under weights that households share."""
    rng = np.random.default_rng(4)
    shared = (W.reshape(-1, 2) * rng.uniform(0.8, 1.3, (len(W) // 2, 1))).ravel()
    return targets(FRAME, "sex", "age", weights=shared), targets(
        FRAME, "tenure", weights=shared / 2
    )


@pytest.mark.parametrize("method", ["raking", "linear", "logit", "truncated_linear"])
def test_members_of_a_unit_share_their_weight(method: Any) -> None:
    persons, households = household_targets()
    made = design().calibrate(persons, method, unit="hh", unit_margins=households)
    pairs = made.weights.reshape(-1, 2)
    np.testing.assert_allclose(pairs[:, 0], pairs[:, 1], rtol=1e-13)
    assert sums(made.weights, "sex") == pytest.approx(persons["sex"], rel=1e-9)
    assert sums(made.weights / 2, "tenure") == pytest.approx(households["tenure"], rel=1e-9)
    table = made.report.margins.filter(margin="tenure")
    assert table["n"].sum() == FRAME["hh"].n_unique()
    assert table["after"].to_list() == pytest.approx(
        [households["tenure"][c] for c in table["category"]], rel=1e-9
    )


def test_totals_of_persons_and_of_units_are_apart() -> None:
    persons, households = household_targets()
    off = {"tenure": {"own": 1.0, "rent": 2.0}, "region": {"E": 1.0, "N": 1.0, "S": 2.0}}
    refused(lambda: design().calibrate(persons, unit="hh", unit_margins=off),
            "margins tenure and region", "their units sum to 3 and 4")  # fmt: skip
    scaled = design().calibrate(persons, unit="hh", unit_margins=households,
                                total=sum(persons["sex"].values()))  # fmt: skip
    assert sums(scaled.weights / 2, "tenure") == pytest.approx(households["tenure"], rel=1e-9)


def test_odd_units() -> None:
    sex = {"sex": THREE["sex"]}
    refused(lambda: design().calibrate(sex, unit="menage"), "calibrate: unit menage",
            "there is no such column")  # fmt: skip
    refused(lambda: design().calibrate(sex, unit_margins=sex), "no unit is named")
    uneven = FRAME.with_columns(pl.col("w") + (pl.int_range(len(W)) == 5))
    refused(lambda: Design(uneven, "w").calibrate(sex, unit="hh"), "unit hh, row 5",
            "1 units whose members have different weights")  # fmt: skip
    lost = FRAME.with_columns(pl.when(pl.int_range(len(W)) != 7).then("hh"))
    refused(lambda: Design(lost, "w").calibrate(sex, unit="hh"), "unit hh, row 8",
            "1 respondents without a unit")  # fmt: skip


# ---- soft margins ------------------------------------------------------------------------------


def test_soft_margins_by_their_definition() -> None:
    """They minimize the distance + sum of cost * gap^2 / (2 target), the others being met."""
    soft, cost = targets(FRAME, "region")["region"], 4.0
    soft = {"E": soft["E"] * 1.3, "N": soft["N"] * 0.8, "S": soft["S"] * 0.9}
    soft = {c: t * sum(THREE["sex"].values()) / sum(soft.values()) for c, t in soft.items()}
    made = design().calibrate(
        {"sex": THREE["sex"], "region": soft}, "linear", soft={"region": cost}
    )
    assert sums(made.weights, "sex") == pytest.approx(THREE["sex"], rel=1e-9)
    x = np.column_stack([(FRAME["sex"] == c).to_numpy() for c in ("F", "M")]).astype(float)
    z = np.column_stack([(FRAME["region"] == c).to_numpy() for c in soft]).astype(float)
    t_x, t_z = np.array([THREE["sex"][c] for c in ("F", "M")]), np.array(list(soft.values()))
    # minimize sum d (g-1)^2 / 2 + sum c (t_z - z'dg)^2 / (2 t_z) under x'dg = t_x
    dz, dx = W[:, None] * z, W[:, None] * x
    hessian = np.diag(W) + cost * (dz / t_z) @ dz.T
    system = np.block([[hessian, dx], [dx.T, np.zeros((2, 2))]])
    right = np.r_[W + cost * dz.sum(axis=1), t_x]
    g = np.linalg.solve(system, right)[: len(W)]
    np.testing.assert_allclose(made.weights / W, g, rtol=1e-9)


def test_the_cost_says_how_close() -> None:
    region = {"E": 1e4, "N": 1e4}
    region["S"] = sum(THREE["sex"].values()) - 2e4
    gaps = []
    for cost in (1e-6, 0.1, 1.0, 10.0, 1e6):
        made = design().calibrate({"sex": THREE["sex"], "region": region}, soft={"region": cost})
        table = made.report.margins.filter(margin="region")
        gaps.append(float(np.abs(table["gap"].to_numpy()).max()))
    assert gaps == sorted(gaps, reverse=True)
    free = sums(design().calibrate({"sex": THREE["sex"]}).weights, "region")
    assert max(abs(free[c] / t - 1) for c, t in region.items()) == pytest.approx(gaps[0], rel=1e-3)
    assert gaps[-1] < 1e-5


def test_soft_margins_may_contradict_the_others() -> None:
    region = {"E": 1e5, "N": 2e5, "S": 3e5}  # of another size than the population of sex
    made = design().calibrate({"sex": THREE["sex"], "region": region}, soft={"region": 1.0})
    assert sums(made.weights, "sex") == pytest.approx(THREE["sex"], rel=1e-9)
    crossed = design().calibrate({"sex": THREE["sex"], ("age", "region"): targets(
        FRAME, ("age", "region"))[("age", "region")]}, soft={("age", "region"): 5.0})  # fmt: skip
    assert crossed.report.margins.filter(pl.col("soft") == 5.0).height == 9


# ---- variances ---------------------------------------------------------------------------------


def test_a_total_that_is_a_margin_does_not_vary() -> None:
    for d in (design(strata="h", clusters="psu"),
              design(strata="h", clusters="psu").replicates("jkn")):  # fmt: skip
        made = d.calibrate({**THREE, "income": targets(FRAME, "income")["income"]})
        assert made.total("income")["se"][0] < 1e-8 * made.total("income")["estimate"][0]
        assert max(made.proportion("sex")["se"]) < 1e-9
        assert made.mean("y")["se"][0] > 0


def test_calibration_on_what_explains_y_makes_it_surer() -> None:
    frame = FRAME.with_columns(y=5 + 0.01 * pl.col("income") + 0.1 * pl.col("y"))
    d = Design(frame, "w", strata="h", clusters="psu")
    sex = {"sex": THREE["sex"]}
    known = targets(frame, "income")
    alone, helped = d.calibrate(sex), d.calibrate({**sex, **known})
    assert helped.mean("y")["se"][0] < 0.2 * alone.mean("y")["se"][0]


def test_soft_margins_are_credited_by_their_cost() -> None:
    """A cost of nothing is no margin; a large one is a margin."""
    d = design(strata="h", clusters="psu")
    known = {"sex": THREE["sex"], "income": targets(FRAME, "income")["income"]}

    def se(**more: Any) -> float:
        return float(d.calibrate(known, "linear", **more).total("income")["se"][0])

    free = d.calibrate({"sex": THREE["sex"]}, "linear").total("income")["se"][0]
    assert se(soft={"income": 1e-9}) == pytest.approx(free, rel=1e-4)
    assert se() < se(soft={"income": 1e6}) < se(soft={"income": 1e-3}) < free


@pytest.mark.parametrize("kind", ["jkn", "bootstrap"])
@pytest.mark.parametrize("method", ["raking", "linear", "logit"])
def test_replicates_and_residuals_agree(kind: Any, method: Any) -> None:
    d = design(strata="h", clusters="psu")
    linear = d.calibrate(THREE, method).mean(["y", "income"])["se"].to_numpy()
    made = d.replicates(kind, n=1000 if kind == "bootstrap" else None)
    spread = made.calibrate(THREE, method).mean(["y", "income"])["se"].to_numpy()
    np.testing.assert_allclose(spread, linear, rtol=0.12)  # 24 PSUs, and 1,000 draws


def test_each_replicate_meets_the_margins() -> None:
    made = design(strata="h", clusters="psu").replicates("jkn").calibrate(THREE)
    assert made.replication is not None
    for weights in made.replication.weights.T:
        assert sums(weights, "age") == pytest.approx(THREE["age"], rel=1e-9)


def test_replicates_come_before_calibration() -> None:
    made = design(strata="h", clusters="psu").calibrate(THREE)
    refused(lambda: made.replicates("jkn"), "replicates first")


def test_many_respondents_are_few_profiles() -> None:
    n = 300_000
    rng = np.random.default_rng(2)
    frame = pl.DataFrame({"w": rng.uniform(1, 3, n), "a": rng.integers(0, 40, n).astype(str),
                          "b": rng.integers(0, 30, n).astype(str)})  # fmt: skip
    margins = targets(frame, "a", "b", weights=frame["w"].to_numpy() * rng.uniform(0.8, 1.2, n))
    made = Design(frame, "w").calibrate(margins)
    assert len(made.calibrations[0].profiles) == 1200
    assert np.abs(made.report.margins["gap"].to_numpy()).max() < 1e-9
