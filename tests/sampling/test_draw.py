"""The draw: who comes in, how often, and that nothing but the seed decides."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from analysis.errors import BaroError
from analysis.estimation import Design
from analysis.sampling import Frame, Plan, default_seed, draw, expected, sample_files, whole
from analysis.sampling.precision import margin
from tests.sampling.makers import frame_of, text, towns

RUNS = 3_000
# Seeds are fixed, so nothing here is up to chance; bounds are those of one run in 10,000.
SIGMA = 4.0


def people(*sizes: int) -> str:
    rows = [[f"{h}{i}", h] for h, n in zip("abcd", sizes, strict=False) for i in range(n)]
    return text([["id", "h"], *rows])


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """Strata a, b, c of 60, 30 and 8."""
    return frame_of(tmp_path_factory.mktemp("draw"), people(60, 30, 8))


SIZES = (12, 10, 8)


def ids(frame: Frame, seed: int, sizes: tuple[int, ...] = SIZES, **more: Any) -> list[str]:
    return [frame.ids[d.unit] for d in draw(frame, sizes, seed, **more)]


def test_each_stratum_gives_its_number_and_nobody_twice(frame: Frame) -> None:
    found = ids(frame, 1)
    assert len(set(found)) == len(found) == sum(SIZES)
    assert Counter(i[0] for i in found) == {"a": 12, "b": 10, "c": 8}


def test_the_same_seed_the_same_units_and_another_seed_others(frame: Frame) -> None:
    assert ids(frame, 7) == ids(frame, 7)
    assert set(ids(frame, 7)) != set(ids(frame, 8))


def test_every_unit_comes_as_often_as_its_probability(frame: Frame) -> None:
    seen = Counter(i for seed in range(RUNS) for i in ids(frame, seed))
    p = {"a": 12 / 60, "b": 10 / 30, "c": 1.0}
    for name in frame.ids:
        share = p[name[0]]
        spread = (RUNS * share * (1 - share)) ** 0.5
        assert abs(seen[name] - RUNS * share) <= SIGMA * spread, name


def test_every_pair_is_as_likely(tmp_path: Path) -> None:
    """Two of five: ten pairs, chi-square with 9 degrees of freedom."""
    five = frame_of(tmp_path, people(5))
    seen = Counter(tuple(sorted(ids(five, seed, (2,)))) for seed in range(RUNS))
    assert len(seen) == 10
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4


def test_strata_are_drawn_independently(tmp_path: Path) -> None:
    """Two strata alike: the places drawn in one say nothing of those in the other."""
    two = frame_of(tmp_path, people(4, 4))
    seen = Counter(tuple(i[1] for i in ids(two, seed, (1, 1))) for seed in range(RUNS))
    assert len(seen) == 16
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4


def test_neither_the_order_of_the_rows_nor_other_strata_matter(tmp_path: Path) -> None:
    lines = people(60, 30, 8).splitlines()
    straight = frame_of(tmp_path, "\n".join(lines))
    turned = frame_of(tmp_path, "\n".join([lines[0], *reversed(lines[1:])]))
    assert ids(straight, 3) == ids(turned, 3)
    without = frame_of(tmp_path, people(60))
    assert ids(without, 3, (12,)) == [i for i in ids(straight, 3) if i.startswith("a")]


def test_a_larger_sample_holds_the_smaller(frame: Frame) -> None:
    assert set(ids(frame, 5)) < set(ids(frame, 5, (20, 10, 8)))


def test_the_reserve_goes_on_in_the_same_order(frame: Frame) -> None:
    drawn = draw(frame, SIZES, 5, 0.5)
    assert [frame.ids[d.unit] for d in drawn if not d.reserve] == ids(frame, 5)
    kept = Counter(frame.ids[d.unit][0] for d in drawn if d.reserve)
    assert kept == {"a": 6, "b": 5}  # the third stratum is taken whole: none is left
    more = ids(frame, 5, (18, 15, 8))
    assert {frame.ids[d.unit] for d in drawn} == set(more)
    assert [d.order for d in drawn if d.stratum == 0] == list(range(1, 19))


@pytest.mark.parametrize(("n", "share", "more"), [(12, 0.1, 2), (10, 0.1, 1), (10, 0.3, 3)])
def test_a_part_of_a_unit_in_reserve_is_a_unit(
    n: int, share: float, more: int, frame: Frame
) -> None:
    drawn = draw(frame, (n, 2, 2), 5, share)
    assert sum(d.reserve for d in drawn if d.stratum == 0) == more


@pytest.mark.parametrize(("seed", "reserve"), [(-1, 0.0), (1 << 63, 0.0), (1, -0.5),
                                               (1, float("nan")), (1, float("inf"))])  # fmt: skip
def test_seeds_and_reserves_that_are_none(seed: int, reserve: float, frame: Frame) -> None:
    with pytest.raises(BaroError, match=r"--seed|--reserve") as e:
        draw(frame, SIZES, seed, reserve)
    assert "\n  -> " in str(e.value)


def test_the_seed_nobody_chose_is_of_the_survey_and_the_wave() -> None:
    seeds = {default_seed(s, w) for s in ("a", "b") for w in ("", "2024", "2025")}
    assert len(seeds) == 6
    assert all(0 <= s < 1 << 32 for s in seeds)


# --- units of certainty --------------------------------------------------------------------------


def test_units_of_certainty_are_taken_with_weight_1(tmp_path: Path) -> None:
    rows = [[f"{h}{i}", h, "oui" if i < 3 and h == "a" else ""] for h in "ab" for i in range(20)]
    sure = frame_of(tmp_path, text([["id", "h", "sure"], *rows]), certainty="sure")
    assert [(s.name, s.population) for s in sure.strata.strata] == [
        ("a", 17), ("a (certainty)", 3), ("b", 20),
    ]  # fmt: skip
    for seed in range(20):
        drawn = draw(sure, (5, 3, 5), seed)
        assert {sure.ids[d.unit] for d in drawn if d.stratum == 1} == {"a0", "a1", "a2"}
    written = table(sample_files(sure, np.array([5, 3, 5]), drawn, {}).table)
    taken = [r for r in written if r["stratum"] == "a (certainty)"]
    assert [(r["role"], r["design_weight"]) for r in taken] == [("certainty", "1.0")] * 3


# --- the file ------------------------------------------------------------------------------------


def table(content: bytes, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=separator))


def test_probabilities_weights_and_roles(frame: Frame) -> None:
    files = sample_files(frame, np.array(SIZES), draw(frame, SIZES, 5, 0.5), {"seed": 5})
    rows = table(files.table)
    assert list(rows[0]) == ["id", "h", "stratum", "N_h", "n_h", "role", "draw_order",
                             "inclusion_probability", "design_weight"]  # fmt: skip
    sample = [r for r in rows if r["role"] == "sample"]
    for r in sample:
        assert float(r["inclusion_probability"]) == int(r["n_h"]) / int(r["N_h"])
        assert float(r["design_weight"]) == int(r["N_h"]) / int(r["n_h"])
    assert sum(float(r["design_weight"]) for r in sample) == pytest.approx(98)
    reserve = [r for r in rows if r["role"] == "reserve"]
    assert {(r["inclusion_probability"], r["design_weight"]) for r in reserve} == {("", "")}
    assert len(sample) + len(reserve) == len(rows)


def test_the_record_tells_the_draw_and_seals_it(frame: Frame) -> None:
    files = sample_files(frame, np.array(SIZES), draw(frame, SIZES, 5), {"seed": 5})
    record = json.loads(files.record)
    assert record["seed"] == 5
    assert record["made_by"].startswith("barometre ")
    assert record["sample_sha256"] == hashlib.sha256(files.table).hexdigest()
    assert record["frame"] == {"file": "frame.csv", "sha256": frame.lines.sha256,
                               "encoding": "utf-8", "units": 98}  # fmt: skip
    assert record["strata"][1] == {
        "stratum": "b", "N_h": 30, "n_h": 10, "reserve": 0,
        "inclusion_probability": 10 / 30, "design_weight": 3.0,
    }  # fmt: skip


def test_a_frame_of_36308_units_in_any_order(tmp_path: Path) -> None:
    sizes = np.array([36, 28, 124, 12, 24, 40, 13, 12])
    files = []
    for shuffled in (None, 1):
        frame = frame_of(tmp_path, towns(shuffled), "strate")
        assert len(frame.ids) == 36_308
        files.append(sample_files(frame, sizes, draw(frame, sizes, 2024), {}))
    assert files[0].table == files[1].table
    rows = table(files[0].table, ";")
    assert len(rows) == 289
    assert sum(float(r["design_weight"]) for r in rows) == pytest.approx(36_308, rel=1e-12)


# --- what was foreseen comes true ----------------------------------------------------------------

SHARES = {"a": 20 / 60, "b": 24 / 30, "c": 2 / 8}


def answers(frame: Frame) -> dict[str, int]:
    """1 for the first of each stratum, so many that the shares are SHARES."""
    n = Counter(i[0] for i in frame.ids)
    return {i: int(int(i[1:]) < SHARES[i[0]] * n[i[0]] - 1e-9) for i in frame.ids}


def plan_of(frame: Frame, sizes: tuple[int, ...], response: float = 1.0) -> Plan:
    p = np.array([SHARES[s.base] for s in frame.strata.strata])
    return Plan(frame.strata.strata, np.array(sizes), p, np.full(3, response))


def weighted(frame: Frame, sizes: tuple[int, ...], seed: int) -> pl.DataFrame:
    content = sample_files(frame, np.array(sizes), draw(frame, sizes, seed), {}).table
    y = answers(frame)
    return pl.DataFrame(
        [{"y": y[r["id"]], "w": float(r["design_weight"]), "h": r["stratum"], "N": int(r["N_h"])}
         for r in table(content)]
    )  # fmt: skip


def test_samples_drawn_again_and_again_scatter_as_foreseen(frame: Frame) -> None:
    found = expected(plan_of(frame, SIZES), [whole(frame.strata.strata)])[0]
    samples = [weighted(frame, SIZES, seed) for seed in range(RUNS)]
    p = np.array([np.average(s["y"].to_numpy(), weights=s["w"].to_numpy()) for s in samples])
    assert abs(p.mean() - found.p) <= SIGMA * found.se / RUNS**0.5
    assert p.std(ddof=1) == pytest.approx(found.se, rel=SIGMA / (2 * RUNS) ** 0.5)


def test_design_estimates_what_was_foreseen(frame: Frame) -> None:
    found = expected(plan_of(frame, SIZES), [whole(frame.strata.strata)])[0]
    squares, df = [], set()
    for seed in range(200):
        d = Design(weighted(frame, SIZES, seed), weight="w", strata="h", fpc="N")
        row = d.mean("y")
        squares.append(row["se"][0] ** 2)
        df.add(row["df"][0])
    spread = np.std(squares, ddof=1) / len(squares) ** 0.5
    assert abs(np.mean(squares) - found.se**2) <= SIGMA * spread
    assert df == {sum(SIZES) - 3}


def test_an_expanded_sample_has_the_standard_error_foreseen(frame: Frame) -> None:
    """Values with mean p and variance S_h^2 in each stratum, given to Design."""
    plan = plan_of(frame, SIZES)
    parts = []
    for s, n, p in zip(plan.strata, SIZES, plan.p, strict=True):
        u = np.arange(n) - (n - 1) / 2
        sd = np.sqrt(s.population * p * (1 - p) / (s.population - 1))
        y = p + sd * u / u.std(ddof=1)
        parts.append(pl.DataFrame({"y": y, "h": s.name, "N": s.population, "w": s.population / n}))
    row = Design(pl.concat(parts), weight="w", strata="h", fpc="N").mean("y")
    found = expected(plan, [whole(plan.strata)])[0]
    assert found.se == pytest.approx(row["se"][0], rel=1e-10)
    half = (row["ci_high"][0] - row["ci_low"][0]) / 2
    assert margin(plan, (True,) * 3) == pytest.approx(half, rel=1e-10)


def test_nonresponse_at_random_scatters_as_foreseen(tmp_path: Path) -> None:
    """Half of 240, 120 and 40 answer: (1 - r) / (n r) of the variance is not foreseen, 1 to 3 %."""
    frame = frame_of(tmp_path, people(600, 300, 80))
    sizes = (240, 120, 40)
    found = expected(plan_of(frame, sizes, 0.5), [whole(frame.strata.strata)])[0]
    y, rng = answers(frame), np.random.default_rng(5)
    values = []
    for seed in range(RUNS):
        by: dict[int, list[int]] = {0: [], 1: [], 2: []}
        for d in draw(frame, sizes, seed):
            if rng.random() < 0.5:
                by[d.stratum].append(y[frame.ids[d.unit]])
        values.append(sum(N * float(np.mean(by[h])) for h, N in enumerate((600, 300, 80))) / 980)
    assert np.std(values, ddof=1) == pytest.approx(found.se, rel=SIGMA / (2 * RUNS) ** 0.5 + 0.015)
