"""What is counted, hidden, rounded and told of confidential answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import analysis.contributors as maker
from analysis.contributors import contributors
from analysis.definition import Survey, load_survey
from analysis.definition.publication import Confidentiality
from analysis.disclosure import PATTERN, conceal, find_hidden, publishable
from analysis.disclosure.standing import SCHEMA, level
from analysis.disclosure.suppress import Pattern, Sensitive, Tables
from analysis.errors import BaroError
from analysis.estimates import SECRET, read_estimates
from analysis.project import Project
from analysis.rounding import alike, between, rounded_share
from tests.commands import refused, well

SURVEY = "collectivites_ia"
KEY = ["indicator", "category", "domain", "domain_value"]


@pytest.fixture(scope="module")
def survey(demonstration: Project) -> Survey:
    return load_survey(demonstration.surveys, SURVEY)


@pytest.fixture(scope="module")
def frame(demonstration: Project) -> pl.DataFrame:
    """The answers of 2023, one row a respondent."""
    return pl.read_parquet(demonstration.build / SURVEY / "waves" / "2023.parquet")


@pytest.fixture(scope="module")
def standing(survey: Survey, frame: pl.DataFrame) -> pl.DataFrame:
    return contributors(survey, "2023", frame)


@pytest.fixture(scope="module")
def table(demonstration: Project) -> pl.DataFrame:
    return read_estimates(demonstration.estimates(SURVEY))


def test_contributors_are_those_of_the_answers(frame: pl.DataFrame, standing: pl.DataFrame) -> None:
    assert standing.schema == pl.Schema(SCHEMA)
    yes = frame.filter(pl.col("ia_deja").cast(pl.String) == "oui")
    wanted = dict(yes.group_by(pl.col("strate").cast(pl.String)).len().iter_rows())
    found = standing.filter((pl.col("indicator") == "ia_deja") & (pl.col("category") == ""))
    assert found["respondents"].sum() == frame.height == 191
    for levels, count in found.select("levels", "count").iter_rows():
        (stratum,) = [x.removeprefix("strate=") for x in levels if x.startswith("strate=")]
        assert count == wanted.get(stratum, 0)


def test_the_same_people_have_one_fingerprint(standing: pl.DataFrame) -> None:
    """Who uses AI, under four names; and the union of two answers is the sum of their prints."""

    def who(indicator: str, category: str, what: str = "who_count") -> int:
        rows = standing.filter(
            (pl.col("indicator") == indicator) & (pl.col("category") == category)
        )
        return int(rows[what][0])

    users = who("ia_deja", "")
    assert users == who("ia_deja_reponses", "oui") == who("ia_situation", "en_place")
    assert users == who("ia_tech_repondants", "image", "who_base")
    assert users != who("ia_deja_reponses", "non")
    union = (who("ia_deja_reponses", "oui") + who("ia_deja_reponses", "non")) % 2**64
    assert union == who("ia_deja_exprimees", "", "who_base")


def test_a_population_is_known_where_it_was_counted(standing: pl.DataFrame) -> None:
    one = standing.filter(pl.col("levels").list.contains("strate=metropole")).row(0, named=True)
    assert (one["respondents"], one["population"]) == (18, 21.0)
    assert one["weight"] == pytest.approx(21 / 18)


def test_the_finest_domain_stands_for_those_it_refines(
    survey: Survey, frame: pl.DataFrame, standing: pl.DataFrame, demonstration: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Strata tell types and perimeters apart: the same is hidden as with all domains at once."""
    monkeypatch.setattr(maker, "MOST", 3)
    linked = contributors(survey, "2023", frame)
    assert set(linked["view"]) == {"strate"}
    rows = publishable(survey, pl.read_parquet(_estimates(demonstration, "2023")))
    ways = [find_hidden(SURVEY, Confidentiality(), rows, {"2023": s}) for s in (standing, linked)]
    assert ways[0].figures == ways[1].figures
    assert len(ways[0].figures) > 50


def _estimates(project: Project, wave: str) -> Path:
    return project.build / SURVEY / "estimates" / f"{wave}.parquet"


def test_what_is_unreliable_in_one_wave_is_told_in_another(
    survey: Survey, demonstration: Project
) -> None:
    """Only secrets are hidden in all waves; who hides a small figure may use it all the same."""
    frame = pl.read_parquet(demonstration.build / SURVEY / "waves" / "2024.parquet")
    rows = publishable(survey, pl.read_parquet(_estimates(demonstration, "2024")))
    found = find_hidden(SURVEY, Confidentiality(), rows,
                        {"2024": contributors(survey, "2024", frame)})  # fmt: skip
    unreliable = {
        (r["indicator"], r["category"], level(r["domain"], r["domain_value"]))
        for r in rows.filter(pl.col("status") == "Q").iter_rows(named=True)
    }
    no_secret = unreliable - found.small["2024"]
    assert len(no_secret) > 10
    assert not no_secret & found.figures


def test_what_is_hidden_is_hidden_in_every_wave(table: pl.DataFrame) -> None:
    secret = table.filter(pl.col("reason") == SECRET)
    for _, cells in table.join(secret.select(KEY).unique(), on=KEY).group_by(KEY):
        assert set(cells["status"]) == {"Q"}


def test_a_hidden_row_tells_nothing_of_its_value(table: pl.DataFrame) -> None:
    hidden = table.filter(pl.col("status") == "Q")
    figures = ["estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish"]
    assert hidden.height > 100
    assert hidden.select(pl.col(figures).is_null().all()).row(0) == (True,) * 8
    assert not hidden["method"].str.contains("korn").any()
    assert (hidden["reason"] != "").all()


def test_shares_keep_two_digits(table: pl.DataFrame) -> None:
    shown = table.filter(
        (pl.col("status") != "Q") & pl.col("method").str.starts_with("proportion")
    )["estimate"].to_numpy()
    rarer = np.minimum(shown, 1 - shown)
    steps = np.where(rarer >= 0.0999, 0.01, 0.001)
    assert np.allclose(shown / steps, np.round(shown / steps), atol=1e-6)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.011129, 0.011), (0.0887, 0.089), (0.2727, 0.27), (0.4444, 0.44), (0.9768, 0.977),
     (0.0004, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0996, 0.1), (0.5, 0.5)],
)  # fmt: skip
def test_a_share_is_rounded_by_its_rarer_side(share: float, shown: float) -> None:
    assert rounded_share(np.array([share]))[0] == pytest.approx(shown)
    low, high = alike(shown)
    assert low - 1e-12 <= share <= high + 1e-12 or share == 0.0996  # rounded up a digit


def test_the_middle_of_an_interval_is_its_share() -> None:
    """Logit of p +- 0.5, rounded: p must be found again."""
    p = 0.3
    ends = [1 / (1 + np.exp(-(np.log(p / (1 - p)) + d))) for d in (-0.5, 0.5)]
    low, high = between(*(float(rounded_share(np.array([e]))[0]) for e in ends))
    assert low < p < high
    assert high - low < 0.012  # each end is known to half a point


@pytest.mark.parametrize(("low", "high"), [(0.97, 0.9998), (0.0002, 0.03)])
def test_an_end_that_is_printed_as_all_or_nobody_says_nothing(low: float, high: float) -> None:
    """Its logit is infinite: the middle is bounded by the other end alone."""
    ends = between(low, high)
    middle = np.mean([np.log(x / (1 - x)) for x in (low, high)])
    assert ends[0] <= 1 / (1 + np.exp(-middle)) <= ends[1]
    assert (ends[1] == 1.0) if high > 0.5 else (ends[0] == 0.0)


def test_a_row_whose_base_is_hidden_is_left_out(table: pl.DataFrame) -> None:
    one = table.filter(pl.col("domain") == "strate").head(1)
    r = one.row(0, named=True)
    pattern = pl.DataFrame(
        [("", r["indicator"], "", r["domain"], r["domain_value"], "row")], PATTERN, orient="row"
    )
    left = conceal(table, pattern, {})
    gone = pl.all_horizontal(pl.col(k) == r[k] for k in ("indicator", "domain", "domain_value"))
    assert left.filter(gone).is_empty()
    assert table.filter(gone).height > 0


def test_a_figure_that_nothing_can_hide_ends_the_build(
    survey: Survey, standing: pl.DataFrame, demonstration: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search itself is tested in test_suppress.py; here what is said when it fails."""

    def nothing(tables: Tables, cells: Sequence[Sensitive]) -> Pattern:
        return Pattern(tables.free.copy(), unsafe=[len(cells) - 1])

    monkeypatch.setattr("analysis.disclosure.confidential.protect", nothing)
    rows = publishable(survey, pl.read_parquet(_estimates(demonstration, "2023")))
    with pytest.raises(BaroError) as error:
        find_hidden(SURVEY, Confidentiality(), rows, {"2023": standing})
    said = str(error.value)
    assert "surveys/collectivites_ia/survey.yml: confidentiality, wave 2023" in said
    assert "can be worked out whatever else is hidden" in said
    assert "for larger groups only" in said


# ------------------------------------------------------------------------------------ the command
@pytest.fixture
def here(demonstration: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARO_PROJECT", str(demonstration.root))


@pytest.mark.usefixtures("here")
def test_the_command_lists_what_is_hidden_and_why() -> None:
    said = well("disclosure", SURVEY, "--wave", "2023", "--indicator", "ia_deja")
    first = "2023  [q]  ia_deja  strate = c_100000  secret statistique: few answers behind it"
    assert first in said.splitlines()
    assert "strate = departement  secret statistique: would give another away" in said
    assert "of 16 figures:" in said


@pytest.mark.usefixtures("here")
def test_the_command_counts_and_speaks_to_programs(table: pl.DataFrame) -> None:
    hidden = table.filter(pl.col("status") == "Q").height
    assert well("disclosure", SURVEY, "--summary").startswith(f"{hidden} of {table.height} figures")
    rows = json.loads(well("disclosure", SURVEY, "--all", "--json"))
    assert {r["status"] for r in rows} == {"Q", "U"}
    assert all(r["reason"] for r in rows)


@pytest.mark.usefixtures("here")
def test_the_command_names_what_it_does_not_know() -> None:
    assert "ia_deja" in refused("disclosure", SURVEY, "--indicator", "ia_dejaa")
    assert 'there is no "2032" here' in refused("disclosure", SURVEY, "--wave", "2032")
