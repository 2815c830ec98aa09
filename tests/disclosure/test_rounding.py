"""Counts rounded in place of hidden: the rule, what follows from it alone, and the attack."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.definition import Survey, load_survey
from analysis.definition.publication import Confidentiality
from analysis.disclosure import conceal, conceal_rounded, find_hidden, ruled
from analysis.disclosure.coarse import rounded_table
from analysis.disclosure.reach import Strata, wilson
from analysis.disclosure.standing import SCHEMA
from analysis.errors import BaroError
from analysis.estimates import read_estimates
from analysis.estimators.intervals import LEVEL, korn_graubard, proportion_interval
from analysis.project import Project
from analysis.rounding import (
    amount_step,
    base_step,
    coarse_alike,
    coarse_step,
    counts_alike,
    rounded_count,
    to_step,
)
from tests.commands import refused, well
from tests.disclosure.attacker import (
    LEVELS,
    STRATA,
    SURVEY,
    Attack,
    Printed,
    read,
    read_counts,
    spread,
    step,
)
from tests.disclosure.conftest import BASE
from tests.disclosure.counts import counts, odd

KEY = ["wave", "indicator", "category", "domain", "domain_value"]
OUTSIDE = {"2023": 75, "2024": 0}
PROTECT = 2
AS_IT_IS = ("--method", "suppress")


# ------------------------------------------------------------------------------------- the rule
@pytest.mark.parametrize("base", [3, 4, 5, 7, 10])
def test_a_count_is_rounded_to_the_nearest_multiple_and_its_range_is_known(base: int) -> None:
    for count in range(300):
        printed = rounded_count(count, base)
        assert printed % base == 0
        assert abs(printed - count) <= base / 2
        low, high = counts_alike(printed, base)
        assert [c for c in range(300 + base) if rounded_count(c, base) == printed] == list(
            range(low, high + 1)
        )


def test_halves_are_rounded_up() -> None:
    assert [rounded_count(c, 4) for c in (1, 2, 5, 6)] == [0, 4, 4, 8]


@pytest.mark.parametrize(("base", "n"), list(product([5, 10], [21, 23, 48, 116, 700, 4000])))
def test_a_share_tells_no_more_of_a_count_than_the_count_rounded(base: int, n: int) -> None:
    """What is printed so is exactly what the rule says, and never fewer counts than such a one."""
    told = rounded_count(n, base)
    printed = {c: to_step(c / n, coarse_step(c / n, told, base)) for c in range(n + 1)}
    for share in set(printed.values()):
        low, high = coarse_alike(share, told, base)
        alike = [c for c in printed if low - 1e-12 <= c / n <= high]
        assert alike == [c for c in printed if printed[c] == share]
        assert len(alike) >= (base - 1) // 2 + 1
        inside = min(alike) > 0 and max(alike) < n
        assert not inside or len(alike) >= base


def test_a_step_follows_from_the_printed_number_alone() -> None:
    for base in (5, 10):
        for told in range(0, 3000, base):
            low, high = counts_alike(told, base)
            found = base_step(told, base)
            assert found >= min(base / max(low, 1), 1.0) - 1e-12
            assert found == 1.0 or found in {k * 10**-d for d in (1, 2, 3) for k in (1, 2, 5)}
            assert high - low < base
    assert base_step(5, 5) == 1.0


def test_two_digits_stay_the_coarser_where_many_answered() -> None:
    assert coarse_step(0.36, 10_000, 5) == 0.01
    assert coarse_step(0.03, 10_000, 5) == 0.001
    assert coarse_step(0.03, 1_000, 5) == 0.01  # 5 of 998 are half a point, rounded up: a point


def test_an_amount_is_told_no_finer_than_a_base_of_its_respondents() -> None:
    assert amount_step(44.3, 290, 5) == 1.0
    assert amount_step(44.3, 30, 5) == 10.0
    assert to_step(44.3, 10.0) == 40.0
    assert (to_step(41.2, 10.0, -1), to_step(41.2, 10.0, 1)) == (40.0, 50.0)


def test_the_attackers_own_account_of_the_rule_agrees() -> None:
    for base, told in product((5, 10), range(0, 2000, 10)):
        assert spread(told, base) == counts_alike(told, base)
        assert step(told, base) == base_step(told, base) or told < 2.5 * base


# --------------------------------------------------------------- intervals follow from the share
def test_the_largest_variance_is_found() -> None:
    """Against every division of the share on a grid."""
    strata = Strata(np.array([0.7, 0.2, 0.1]), np.array([0.02, 0.003, 0.004]))
    grid = np.linspace(0, 1, 201)
    a, b = np.meshgrid(grid, grid)
    for p in (0.05, 0.3, 0.5, 0.9):
        c = (p - 0.7 * a - 0.2 * b) / 0.1
        there = (c >= 0) & (c <= 1)
        most = sum(e * q * (1 - q) for e, q in zip(strata.each, (a, b, c), strict=True))[
            there
        ].max()
        assert strata.variance(p) >= most - 1e-12
        assert strata.variance(p) == pytest.approx(most, rel=2e-3)


def test_wilsons_interval_is_the_published_one() -> None:
    """81 of 263, 95 %: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17:857, table I)."""
    low, high = wilson(81 / 263, 263, 1e9)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0.0, 20, 1e9)[0] == 0.0
    assert round(wilson(0.0, 20, 1e9)[1], 4) == 0.1611  # the same table: 0 of 20


def stands(counts_: list[int], sizes: list[int], population: list[float]) -> pl.DataFrame:
    """One share in strata of one view: each a level, and all of them the whole."""
    rows = [
        {"view": "", "atom": h, "levels": ["ensemble=ensemble", f"h={h}"], "respondents": sizes[h],
         "weight": population[h] / sizes[h], "population": population[h], "indicator": "x",
         "category": "", "kind": "share", "parts": False, "missing": False, "count": counts_[h],
         "base": sizes[h], "amount": 0.0, "largest": 0.0, "who_count": 7, "who_base": 9}
        for h in range(len(sizes))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA)


def estimated(counts_: list[int], sizes: list[int], population: list[float]) -> pl.DataFrame:
    """The whole's row, its error and interval as large strata would make them."""
    weight = np.array(population) / np.array(sizes)
    p = float((weight * counts_).sum() / sum(population))
    q = np.array(counts_) / np.array(sizes)
    part = np.array(population) / sum(population)
    se = float(np.sqrt((part**2 * q * (1 - q) / np.array(sizes)).sum()))
    return pl.DataFrame(
        {"wave": ["1"], "indicator": ["x"], "category": [""], "domain": ["ensemble"],
         "domain_value": ["ensemble"], "estimate": [p], "se": [se], "ci_low": [max(p - 2 * se, 0)],
         "ci_high": [min(p + 2 * se, 1)], "cv": [se / p if p else None], "deff": [1.1],
         "n_eff": [50.0], "n_kish": [40.0], "df": [sum(sizes) - 2], "df_domain": [sum(sizes) - 2],
         "n": [sum(sizes)], "n_weighted": [float(sum(population))],
         "method": ["proportion; linearized; logit; deff=wr"]},
        schema_overrides={"cv": pl.Float64, "df_domain": pl.Int64},
    )  # fmt: skip


def test_an_interval_tells_nothing_that_the_share_does_not() -> None:
    """Every pair of counts of two strata: whatever prints the same share prints the same row."""
    sizes, population = [30, 80], [3000.0, 900.0]
    seen: dict[float, tuple[object, ...]] = {}
    for pair in product(range(31), range(0, 81, 5)):
        rows = rounded_table(
            estimated([*pair], sizes, population), {"1": stands([*pair], sizes, population)}, 5
        )
        (row,) = rows.rows()
        assert seen.setdefault(rows["estimate"][0], row) == row
    assert len(seen) > 5


def test_an_estimated_interval_rounded_outward_would_tell_of_one_answer() -> None:
    """Why it is made anew: of 255, counts 0, 1 and 2 are printed as 0 %, to 2 points."""
    step_, upper = base_step(255, 5), []
    for count in (0, 1, 2):
        p = np.array([count / 255])
        assert to_step(float(p[0]), step_) == 0.0
        exact = korn_graubard(p, np.array([255.0]), LEVEL)
        usual = proportion_interval("logit", p, np.sqrt(p * (1 - p) / 254), np.array([254.0]),
                                    np.array([255.0]), LEVEL)  # fmt: skip
        upper.append(to_step(float((usual if count else exact)[1][0]), step_, 1))
    assert upper[0] < upper[1] == upper[2]


def test_an_interval_holds_the_share_and_is_printed_outward() -> None:
    rows = rounded_table(
        estimated([9, 20], [30, 80], [3000.0, 900.0]),
        {"1": stands([9, 20], [30, 80], [3000.0, 900.0])}, 5,
    )  # fmt: skip
    (r,) = rows.rows(named=True)
    assert (r["n"], r["estimate"]) == (110, 0.3)  # 28.8 % to 5 points
    assert r["ci_low"] < 9 / 30 * 3000 / 3900 < r["ci_high"]
    assert all(round(100 * r[c]) % 5 == 0 for c in ("se", "ci_low", "ci_high"))
    assert (r["deff"], r["n_eff"]) == (None, None)


# -------------------------------------------------------------------------------- the definition
def test_a_survey_that_suppresses_has_the_fingerprint_that_it_had() -> None:
    assert set(Confidentiality().model_dump()) == {"count", "protect", "near_census", "dominance"}
    told = Confidentiality(method="round", base=7).model_dump()
    assert (told["method"], told["base"]) == ("round", 7)


@pytest.mark.parametrize(
    ("said", "found", "remedy"),
    [("  method: round\n  base: 3\n", "printed as 0 is known to 1", "write base: 5"),
     ("  base: 5\n", "counts are not rounded", "add method: round")],
)  # fmt: skip
def test_a_base_that_protects_nobody_is_refused(
    said: str, found: str, remedy: str, demonstration: Project, tmp_path: Path
) -> None:
    shutil.copytree(demonstration.surveys / SURVEY, tmp_path / SURVEY)
    path = tmp_path / SURVEY / "survey.yml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\nconfidentiality:\n", f"\nconfidentiality:\n{said}"), "utf-8")
    with pytest.raises(BaroError) as error:
        load_survey(tmp_path, SURVEY)
    assert found in str(error.value)
    assert remedy in str(error.value)


# ------------------------------------------------------------------------------------ the search
@pytest.fixture(scope="module")
def survey(rounded: Project) -> Survey:
    return load_survey(rounded.surveys, SURVEY)


@pytest.fixture(scope="module")
def truth(rounded: Project) -> pl.DataFrame:
    """Estimates before anything was rounded."""
    return pl.concat(pl.read_parquet(rounded.estimated(SURVEY, w)) for w in ("2023", "2024"))


@pytest.fixture(scope="module")
def standing(rounded: Project) -> dict[str, pl.DataFrame]:
    folder = rounded.build / SURVEY / "contributors"
    return {w: pl.read_parquet(folder / f"{w}.parquet") for w in ("2023", "2024")}


@pytest.fixture(scope="module")
def small(rounded: Project) -> pl.DataFrame:
    """The figures that rest on one or two answers, or on all but so many."""
    return pl.read_parquet(rounded.hidden(SURVEY)).filter(pl.col("kind") == "rounded")


def test_a_rounding_that_leaves_too_little_open_hides_more(
    survey: Survey, truth: pl.DataFrame, standing: dict[str, pl.DataFrame]
) -> None:
    """Five protects by two. Where three are asked for, figures must go; nothing else changes."""
    asked = Confidentiality(method="round", base=5, protect=3)
    table = ruled(survey, truth, standing)
    found = find_hidden(SURVEY, asked, table, standing)
    told = conceal(table, found.frame(), standing, 5)
    gone = told.filter(pl.col("reason") == "secret statistique")
    assert found.samples  # counts of the codebook: 1 or 2 are printed as 0, known to two
    assert gone.height < table.height / 5
    kept = told.join(gone.select(KEY), on=KEY, how="anti")
    same = table.join(gone.select(KEY), on=KEY, how="anti")
    assert kept.drop("method").equals(same.drop("method"))


# -------------------------------------------------------------------------------------- the site
def test_every_count_of_every_file_is_a_multiple_of_the_base(rounded: Project) -> None:
    found = list(counts(rounded.site))
    assert len({f for f, _, _ in found}) > 40
    assert odd(found, BASE) == []


def test_an_exact_count_left_in_one_file_is_found(
    rounded: Project, truth: pl.DataFrame, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    shutil.copytree(rounded.site, site, ignore=shutil.ignore_patterns("barometre*", "fiche-b*"))
    path = site / "donnees" / SURVEY / "estimates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    exact = truth.filter(pl.col("n") % BASE != 0).row(0, named=True)
    (mine,) = (r for r in rows if all(r[k] == exact[k] for k in KEY))
    mine["n"] = str(exact["n"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert odd(counts(site), BASE) == [("estimates.csv", "n", exact["n"])]


def test_every_share_is_a_multiple_of_its_step(rounded: Project) -> None:
    shown = [p for p in read(rounded.site, BASE) if p.low is not None]
    assert len(shown) > 500
    table = read_estimates(rounded.estimates(SURVEY)).filter(
        pl.col("estimate").is_not_null() & (pl.col("indicator") != "agents")
    )
    for r in table.iter_rows(named=True):
        for c in ("estimate", "se", "ci_low", "ci_high"):
            if r[c] is not None:
                steps = r[c] / step(r["n"], BASE)
                assert abs(steps - round(steps)) < 1e-6, (r, c)


def test_what_would_be_another_equation_is_not_told(rounded: Project) -> None:
    table = read_estimates(rounded.estimates(SURVEY))
    assert table.select(pl.col("deff", "n_eff").is_null().all()).row(0) == (True, True)
    users = table.filter(pl.col("indicator") == "ia_tech_repondants")
    assert users.height == 12
    assert users.select(pl.col("n_weighted", "se", "ci_low").is_null().all()).row(0) == (True,) * 3
    everybody = table.filter((pl.col("indicator") == "ia_deja") & (pl.col("status") != "Q"))
    assert everybody["ci_low"].null_count() == 0


def test_the_same_people_have_the_same_number_under_every_name(rounded: Project) -> None:
    table = read_estimates(rounded.estimates(SURVEY)).filter(pl.col("status") != "Q")
    key = ["wave", "domain", "domain_value"]
    figures = [*key, "n", "estimate", "se", "ci_low", "ci_high"]
    one = table.filter(pl.col("indicator") == "ia_deja").select(figures)
    assert one.height > 10
    for name, code in (("ia_deja_reponses", "oui"), ("ia_situation", "en_place")):
        other = table.filter((pl.col("indicator") == name) & (pl.col("category") == code))
        assert other.select(figures).sort(key).equals(one.sort(key))


def test_readers_are_told(rounded: Project) -> None:
    site = rounded.site
    page = (site / "collectivites-ia.html").read_text("utf-8").replace("\u202f", " ")
    assert "Effectifs arrondis à 5" in page
    assert "environ 105 réponses" in page.replace("\u00a0", " ")
    method = (site / "methode.html").read_text("utf-8").replace("\u202f", " ")
    assert "arrondis au multiple de 5 le plus proche" in method
    for name in (f"{SURVEY}.datapackage.json", f"{SURVEY}/dcat.jsonld", f"{SURVEY}.ddi.xml",
                 f"{SURVEY}/structure.sdmx.xml"):  # fmt: skip
        text = (site / "donnees" / name).read_text("utf-8").replace("\u202f", " ")
        assert "Effectifs arrondis à 5" in text, name


def test_the_other_survey_is_as_it_was(rounded: Project, demonstration: Project) -> None:
    one, other = (read_estimates(p.estimates("barometre_numerique"))
                  for p in (rounded, demonstration))  # fmt: skip
    assert one.equals(other)


def test_the_command_says_how_much_was_rounded(
    rounded: Project, truth: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARO_PROJECT", str(rounded.root))
    said = well("disclosure", SURVEY, "--summary").splitlines()
    assert "method: counts rounded to 5, and figures to the step that such counts leave" in said
    moved = np.abs((truth["n"].to_numpy() + 2) // 5 * 5 - truth["n"].to_numpy())
    far = f"moved by {moved.mean():.1f} on average, 2.0 at most"
    assert f"  {truth.height:6}  counts of respondents, {far}" in said
    assert any("0 hidden so that none can be worked out" in line for line in said)
    assert json.loads(well("disclosure", SURVEY, "--json"))


def test_the_command_tells_what_rounding_would_do(
    rounded: Project, demonstration: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked of the survey that hides, the answer is that of the survey that rounds."""
    monkeypatch.setenv("BARO_PROJECT", str(rounded.root))
    rounds, hides = (well("disclosure", SURVEY, "--summary", *a) for a in ((), AS_IT_IS))
    monkeypatch.setenv("BARO_PROJECT", str(demonstration.root))
    assert well("disclosure", SURVEY, "--summary", "--method", "round") == rounds
    assert well("disclosure", SURVEY, "--summary") == hides
    assert rounds != hides
    assert "write base: 5" in refused("disclosure", SURVEY, "--method", "round", "--base", "3")


def test_raw_shares_are_quotients_of_the_counts_of_the_codebook(
    survey: Survey, truth: pl.DataFrame, rounded: Project
) -> None:
    """A share of the whole sample that was rounded itself would be a second rounding of a count."""
    raw = pl.read_parquet(rounded.build / SURVEY / "weights" / "cadre" / "2023.estimates.parquet")
    pattern = pl.DataFrame(schema=dict.fromkeys([*KEY, "kind"], pl.String))
    told = conceal_rounded(survey, raw, pattern, BASE)
    assert set(told["domain"]) <= {"ensemble"}
    yes = told.filter((pl.col("indicator") == "ia_deja_reponses") & (pl.col("category") == "oui"))
    count = read_counts(rounded.site)["2023", "ia_deja", "oui"]
    (row,) = yes.rows(named=True)
    assert row["n"] == 190
    assert row["estimate"] == pytest.approx(to_step(count / 190, step(190, BASE)))
    assert (told.filter(pl.col("method").str.starts_with("mentions"))["status"] == "Q").all()


def test_the_codebook_counts_answers_and_adds_them_up(
    rounded: Project, truth: pl.DataFrame
) -> None:
    book = pl.read_parquet(rounded.codebook(SURVEY))
    answers = book.filter((pl.col("part") == "answer") & (pl.col("code") != ""))
    assert answers["n"].null_count() == 0  # however small
    assert (answers["n"] == 0).any()
    sums = answers.group_by("column", "wave").agg(pl.col("n").sum(), pl.col("base").first())
    assert sums["n"].equals(sums["base"])
    missing = book.filter(pl.col("part") == "missing")
    assert missing.height > 20
    assert missing.select(pl.col("n", "n_weighted").is_null().all()).row(0) == (True, True)


# ------------------------------------------------------------------------------------ the attack
@pytest.fixture(scope="module")
def printed(rounded: Project) -> list[Printed]:
    return read(rounded.site, BASE)


def attack(rounded: Project, truth: pl.DataFrame, printed: list[Printed], wave: str) -> Attack:
    """Who answered is known to the last one, as it may be from elsewhere; what, from the site."""
    frame, answered = [0] * len(STRATA), [0] * len(STRATA)
    with (rounded.surveys / SURVEY / "margins" / "strates.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["wave"] == wave:
                frame[STRATA.index(row["strate"])] = int(row["population"])
    asked = truth.filter(
        (pl.col("wave") == wave) & (pl.col("indicator") == "ia_deja")
        & (pl.col("domain") == "strate")
    )  # fmt: skip
    for stratum, n in asked.select("domain_value", "n").iter_rows():
        answered[STRATA.index(stratum)] = n
    answered[STRATA.index("autre")] = OUTSIDE[wave]
    made = Attack(wave, answered, frame)
    made.learn(printed)
    made.learn_counts(read_counts(rounded.site), BASE)
    return made


def reach(made: Attack, cell: tuple[str, ...]) -> float:
    indicator, category, domain, value = cell
    at = [h for h in LEVELS[domain, value] if made.frame[h]]
    low, high = made.bounds(made.name(indicator, category), at, PROTECT)
    return high - low


@pytest.mark.parametrize("wave", ["2023", "2024"])
def test_no_small_cell_can_be_worked_out(
    rounded: Project, truth: pl.DataFrame, printed: list[Printed], small: pl.DataFrame, wave: str
) -> None:
    made = attack(rounded, truth, printed, wave)
    cells = small.filter(pl.col("wave") == wave).select(KEY[1:]).rows()
    assert len(cells) > 20
    assert [cell for cell in cells if reach(made, cell) < PROTECT] == []


def row_of(printed: list[Printed], *key: str) -> Printed:
    (found,) = (p for p in printed if (p.wave, p.indicator, p.category, *p.level) == key)
    return found


def leaking(truth: pl.DataFrame, key: tuple[str, ...], half: float, of: Printed) -> Printed:
    """The row with its true share, to a step of its own."""
    (r,) = truth.filter(
        pl.all_horizontal(pl.col(k) == v for k, v in zip(KEY, key, strict=True))
    ).rows(named=True)
    low, high = max(r["estimate"] - half, 0.0), min(r["estimate"] + half, 1.0)
    return replace(of, low=low, high=high)


def test_a_share_with_too_many_digits_is_found(
    rounded: Project, truth: pl.DataFrame, printed: list[Printed], small: pl.DataFrame
) -> None:
    """To a tenth of a point, in one file of many; and the digits alone are found too."""
    cell = small.filter((pl.col("wave") == "2023") & (pl.col("domain") == "type")).row(0)[1:5]
    key = ("2023", *cell)
    made = attack(rounded, truth, printed, "2023")
    assert reach(made, cell) >= PROTECT
    leak = leaking(truth, key, 0.0005, row_of(printed, *key))
    assert reach(attack(rounded, truth, [*printed, leak], "2023"), cell) < PROTECT
    share = (leak.low + leak.high) / 2 if leak.low is not None and leak.high is not None else 0.0
    steps = share / step(leak.n, BASE)
    assert abs(steps - round(steps)) > 1e-3


def test_two_totals_rounded_by_two_rules_are_found(
    rounded: Project, truth: pl.DataFrame, printed: list[Printed], standing: dict[str, pl.DataFrame]
) -> None:
    """All users, and users but for one group, to 5 here and to 3 and 4 there: the group is left."""
    made = attack(rounded, truth, printed, "2023")
    stratum = STRATA.index("c_100000")
    cell = ("ia_deja", "", "strate", "c_100000")
    assert reach(made, cell) >= PROTECT
    rows = standing["2023"].filter((pl.col("indicator") == "ia_deja") & (pl.col("weight") > 0))
    users = dict(rows.select(pl.col("levels").list.join(" "), "count").rows())
    every = sum(users.values())
    one = next(n for levels, n in users.items() if "strate=c_100000" in levels)
    name = made.name("ia_deja", "")
    for base in (3, 4, 5):
        for strata, total in (
            (range(8), every),
            ([h for h in range(8) if h != stratum], every - one),
        ):
            known = [(made.unknown(name, h), 1.0) for h in strata]
            made.say(known, *spread(rounded_count(total, base), base))
    assert reach(made, cell) < PROTECT
