"""Nobody works out a hidden answer from the site; and the attack finds what is planted."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from analysis.definition import Survey, load_survey
from analysis.estimates import read_estimates
from analysis.project import Project
from analysis.wording import group_label
from tests.disclosure.attacker import (
    LEVELS,
    STRATA,
    SURVEY,
    Attack,
    Printed,
    read,
    read_counts,
)
from tests.disclosure.scanner import Secret, leaks, written

KEY = ["wave", "indicator", "category", "domain", "domain_value"]
OUTSIDE = {"2023": 75, "2024": 0}  # « autre », of 191 and 289 answers


@pytest.fixture(scope="module")
def survey(demonstration: Project) -> Survey:
    return load_survey(demonstration.surveys, SURVEY)


@pytest.fixture(scope="module")
def printed(demonstration: Project) -> list[Printed]:
    return read(demonstration.site)


@pytest.fixture(scope="module")
def truth(demonstration: Project) -> pl.DataFrame:
    """Estimates before anything was hidden: what the attack looks for."""
    parts = sorted((demonstration.build / SURVEY / "estimates").glob("*.parquet"))
    return pl.concat(pl.read_parquet(p) for p in parts)


@pytest.fixture(scope="module")
def small(demonstration: Project) -> pl.DataFrame:
    """The figures that rest on one or two answers, or on all but so many."""
    return pl.read_parquet(demonstration.hidden(SURVEY)).filter(pl.col("kind") == "small")


def attack(project: Project, printed: list[Printed], wave: str) -> Attack:
    """Everything known of the wave: frame, who answered, all rows, the counts of the codebook."""
    frame = [0] * len(STRATA)
    with (project.surveys / SURVEY / "margins" / "strates.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["wave"] == wave:
                frame[STRATA.index(row["strate"])] = int(row["population"])
    answered = [0] * len(STRATA)
    for p in printed:
        if (p.wave, p.indicator, p.level[0]) == (wave, "ia_deja", "strate"):
            answered[STRATA.index(p.level[1])] = p.n
    answered[STRATA.index("autre")] = OUTSIDE[wave]
    made = Attack(wave, answered, frame)
    made.learn(printed)
    made.learn_counts(read_counts(project.site))
    return made


def strata(made: Attack, domain: str, value: str) -> list[int]:
    return [h for h in LEVELS[domain, value] if made.frame[h]]


def cells_of(small: pl.DataFrame, wave: str) -> list[tuple[str, ...]]:
    """(indicator, category, domain, value) of the small cells of a wave."""
    found = small.filter(pl.col("wave") == wave).select(KEY[1:]).rows()
    assert len(found) > 20
    return found


def too_tight(made: Attack, cell: tuple[str, ...], survey: Survey) -> list[object]:
    """The cell with its bounds where they are closer than the survey declares; else nothing."""
    rule = survey.spec.confidentiality
    assert rule is not None
    indicator, category, domain, value = cell
    at = strata(made, domain, value)
    low, high = made.bounds(made.name(indicator, category), at, rule.protect)
    return [] if high - low >= rule.protect else [(*cell, low, high)]


@pytest.mark.parametrize("wave", ["2023", "2024"])
def test_no_small_cell_can_be_worked_out(
    demonstration: Project, survey: Survey, printed: list[Printed], small: pl.DataFrame, wave: str
) -> None:
    """Each stays uncertain by the declared number of respondents, to whoever knows everything."""
    made = attack(demonstration, printed, wave)
    assert not [f for cell in cells_of(small, wave) for f in too_tight(made, cell, survey)]


@pytest.mark.parametrize("wave", ["2023", "2024"])
def test_standard_errors_do_not_help(
    demonstration: Project, survey: Survey, printed: list[Printed], small: pl.DataFrame, wave: str
) -> None:
    """Printed as they are, they would: p (1 - p) of a large hidden stratum stands out."""
    found, used = [], 0
    for cell in cells_of(small, wave):
        made = attack(demonstration, printed, wave)
        if made.base(cell[0]):
            continue
        used += made.learn_errors(made.name(*cell[:2]), printed)
        found += too_tight(made, cell, survey)
    assert used > 50
    assert not found


def test_a_standard_error_of_the_full_variance_is_found(
    demonstration: Project, printed: list[Printed], truth: pl.DataFrame
) -> None:
    """The whole population's error as estimated, not as published: rgpd, 1 of 6 in c_3500."""
    whole = ("2023", "rgpd_reponses", "oui", "perimetre", "hors_petites")
    (row,) = truth.filter(
        pl.all_horizontal(pl.col(k) == v for k, v in zip(KEY, whole, strict=True))
    ).rows(named=True)
    made = attack(demonstration, printed, "2023")
    one = made.name("rgpd_reponses", "oui")
    leak = Printed(*whole[:3], ("perimetre", "hors_petites"), row["n"], None, None, row["se"])
    made.learn_errors(one, [leak])  # nothing is said to be hidden: the true p (1 - p) of each
    low, high = made.bounds(one, [STRATA.index("c_3500")], 2)
    assert high - low < 2


def test_small_cells_are_not_printed(printed: list[Printed], truth: pl.DataFrame) -> None:
    """Recounted from the estimates: where weights are equal, a share times n is a count."""
    shown = {(p.wave, p.indicator, p.category, *p.level) for p in printed if p.low is not None}
    strate = truth.filter(
        (pl.col("domain") == "strate")
        & pl.col("method").str.starts_with("proportion")
        & ~pl.col("category").is_in(["dont_know", "nonresponse"])
    ).with_columns(count=(pl.col("estimate") * pl.col("n")).round(0))
    few = strate.filter(pl.col("count").is_between(1, 2))
    assert few.height > 30
    assert not {tuple(r) for r in few.select(KEY).rows()} & shown


# ---------------------------------------------------------------------------------- planted leaks
CELL = ("2023", "ia_deja", "", "strate", "c_100000")


def reach(made: Attack) -> float:
    low, high = made.bounds("ia_deja=oui", [STRATA.index("c_100000")], 2)
    return high - low


def _key(p: Printed) -> tuple[str, str, str, tuple[str, str]]:
    return p.wave, p.indicator, p.category, p.level


def true_share(truth: pl.DataFrame, *key: str) -> float:
    (found,) = truth.filter(
        pl.all_horizontal(pl.col(k) == v for k, v in zip(KEY, key, strict=True))
    ).rows(named=True)
    return float(found["estimate"])


def test_a_total_that_reveals_is_found(
    demonstration: Project, printed: list[Printed], truth: pl.DataFrame
) -> None:
    """The figures hidden to protect others, printed after all: subtraction does the rest."""
    made = attack(demonstration, printed, "2023")
    assert reach(made) >= 2
    again = []
    for p in printed:
        hidden = p.low is None and p.level != ("strate", "c_100000")
        if (p.wave, p.indicator) == ("2023", "ia_deja") and hidden:
            share = true_share(truth, p.wave, p.indicator, p.category, *p.level)
            again.append(Printed(*_key(p), p.n, share - 1e-5, share + 1e-5))
        else:
            again.append(p)
    assert reach(attack(demonstration, again, "2023")) < 2


def test_a_percentage_with_its_n_is_found(demonstration: Project, printed: list[Printed]) -> None:
    """Techniques by stratum, even without a value, print how many use AI there: their base."""
    row = Printed("2023", "ia_tech_repondants", "image", ("strate", "c_100000"), 2, None, None)
    assert reach(attack(demonstration, [*printed, row], "2023")) == 0


def test_two_waves_are_found(
    demonstration: Project, printed: list[Printed], truth: pl.DataFrame
) -> None:
    """« En hausse de 13 points » tells the former value to whoever has the latter."""
    before, after = (true_share(truth, w, *CELL[1:]) for w in ("2023", "2024"))
    points = round(100 * (after - before))
    share = after - points / 100
    row = Printed(*CELL[:3], ("strate", "c_100000"), 5, share - 0.005, share + 0.005)
    assert reach(attack(demonstration, [*printed, row], "2023")) == 0


@pytest.fixture(scope="module")
def secrets(demonstration: Project, survey: Survey, truth: pl.DataFrame) -> list[Secret]:
    """Hidden shares of groups, as they would be printed."""
    table = read_estimates(demonstration.estimates(SURVEY))
    gone = table.filter((pl.col("status") == "Q") & (pl.col("domain") != "ensemble")).select(KEY)
    hidden = truth.join(gone, on=KEY).filter(pl.col("method").str.starts_with("proportion"))
    return [
        Secret(tuple(r[k] for k in KEY), group_label(survey, r["domain"], r["domain_value"]),
               written(r["estimate"]))
        for r in hidden.iter_rows(named=True)
    ]  # fmt: skip


def of_the_survey(survey: Survey, name: str) -> bool:
    """Whether a file is about it: the other survey has regions too, of another kind."""
    stem = Path(name).stem
    others = ("barometre", "fiche-barometre", "codebook-barometre", "illectronisme", "avis-csnp")
    if stem.startswith(others) or "explorer/barometre" in name or stem == "equipement-usages":
        return False
    table = name.startswith("donnees/") and name.endswith(".csv")
    return not table or stem in survey.spec.indicators or stem.startswith(SURVEY)


@pytest.fixture(scope="module")
def published(demonstration: Project, survey: Survey) -> dict[str, set[str]]:
    """Every number that is printed of a group: values, intervals, numbers of respondents."""
    found: dict[str, set[str]] = {}
    for r in read_estimates(demonstration.estimates(SURVEY)).iter_rows(named=True):
        if r["domain"] == "ensemble":
            continue
        group = group_label(survey, r["domain"], r["domain_value"])
        told = found.setdefault(group, set())
        told |= {str(r["n"]), r["wave"], f"{r['n_weighted']:.0f}"}
        for c in ("estimate", "ci_low", "ci_high", "se"):
            told |= written(r[c]) if r[c] is not None else set()
    return found


def test_no_file_of_the_site_prints_a_hidden_share(
    demonstration: Project, survey: Survey, secrets: list[Secret], published: dict[str, set[str]]
) -> None:
    assert len(secrets) > 100
    found = [
        leak for leak in leaks(demonstration.site, secrets, published)
        if of_the_survey(survey, leak[0])
    ]  # fmt: skip
    assert [(f, s.figure, text[:200]) for f, s, text in found] == []


def test_the_open_data_hold_no_figure_of_a_hidden_cell(
    demonstration: Project, truth: pl.DataFrame
) -> None:
    folder = demonstration.site / "donnees" / SURVEY
    table = read_estimates(demonstration.estimates(SURVEY))
    hidden = table.filter(pl.col("status") == "Q").select(KEY)
    assert hidden.height > 100
    sdmx = pl.read_csv(gzip.decompress((folder / "estimates.sdmx.csv.gz").read_bytes()))
    rows = sdmx.filter(pl.col("OBS_STATUS") == "Q")
    assert rows.height == hidden.height
    assert rows["OBS_VALUE"].is_null().all()
    for frame in (pl.read_csv(folder / "estimates.csv", infer_schema_length=None),
                  pl.read_parquet(folder / "estimates.parquet")):  # fmt: skip
        keys = frame.with_columns(pl.col("wave").cast(pl.String), pl.col("category").fill_null(""))
        mine = keys.join(hidden, on=KEY, how="semi")
        assert mine.height == hidden.height
        figures = ("estimate", "se", "ci_low", "ci_high", "cv", "deff", "n_eff", "n_kish", "method")
        for column in figures:
            told = mine[column].drop_nulls().cast(pl.String)
            assert (told == "").all(), column


@pytest.fixture
def copy(demonstration: Project, tmp_path: Path) -> Path:
    """One page and one chart of the site, to plant leaks in."""
    (tmp_path / "donnees").mkdir()
    shutil.copy(demonstration.site / "collectivites-ia.html", tmp_path)
    (chart,) = (demonstration.site / "donnees").glob(f"{SURVEY}-strates-*.js")
    shutil.copy(chart, tmp_path / "donnees")
    return tmp_path


def departements(secrets: list[Secret]) -> list[Secret]:
    return [s for s in secrets if s.figure == ("2023", "ia_deja", "", "strate", "departement")]


def test_a_tooltip_of_a_chart_is_found(
    copy: Path, secrets: list[Secret], published: dict[str, set[str]]
) -> None:
    (path,) = (copy / "donnees").glob("*.js")
    assert leaks(copy, secrets, published) == []
    text = path.read_text("utf-8")
    start, end = text.index("{"), text.rindex("}") + 1
    figure = json.loads(text[start:end])
    dots = figure["data"][0]
    dots["text"].append("36 %")
    dots["x"].append(36.0)
    dots["y"][1].append("Départements")
    planted = json.dumps(figure, ensure_ascii=False)
    path.write_text(text[:start] + planted + text[end:], "utf-8")
    assert leaks(copy, departements(secrets), published)


def test_an_alternative_text_is_found(
    copy: Path, secrets: list[Secret], published: dict[str, set[str]]
) -> None:
    page = copy / "collectivites-ia.html"
    text = page.read_text("utf-8")
    said = text.replace("<svg", "<svg><title>Départements\u202f: 36\u00a0%.</title></svg><svg", 1)
    page.write_text(said, "utf-8")
    assert leaks(copy, departements(secrets), published)
