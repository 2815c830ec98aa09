"""Demonstration data: valid by construction, the same at every run, for every survey there is."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from analysis.definition import Survey, load_survey, survey_ids
from analysis.demonstration import draw_wave, write_demonstration
from analysis.errors import BaroError
from analysis.estimates import conform
from analysis.harmonise import harmonise
from analysis.ingest import RawFile, read_raw
from analysis.tabulation import tabulate
from analysis.validate import validate_raw, validate_waves, wave_rows
from tests.surveys_maker import SURVEY_YML, WAVES, changed, small_survey

ROOT = Path(__file__).resolve().parents[1]


def read_all(survey: Survey, folder: Path) -> dict[str, RawFile]:
    dialects = {w.file: w.dialect for w in survey.waves.values()}
    return {file: read_raw(folder / file, d, file) for file, d in dialects.items()}


def through(survey: Survey, folder: Path, waves: tuple[str, ...] = ()) -> pl.DataFrame:
    """Raw files to the table of estimates, all or some waves."""
    raw = read_all(survey, folder)
    parts = []
    for wave in waves or tuple(survey.waves):
        file = survey.waves[wave].file
        validate_waves(survey, file, raw[file].frame)
        rows = wave_rows(survey, wave, raw[file].frame, file)
        validate_raw(survey, wave, rows)
        frame = harmonise(survey, wave, rows)
        parts.append(tabulate(survey, wave, frame, origin="demonstration", definition_hash="x"))
    return conform(pl.concat(parts))


# --- every survey of the repository -------------------------------------------------------------


@pytest.fixture(scope="module", params=survey_ids(ROOT / "surveys"))
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Survey, Path]:
    survey = load_survey(ROOT / "surveys", request.param)
    folder = tmp_path_factory.mktemp("demonstration")
    write_demonstration(survey, folder)
    return survey, folder


def test_a_survey_goes_end_to_end_from_its_definition(written: tuple[Survey, Path]) -> None:
    survey, folder = written
    table = through(survey, folder)
    assert set(table["origin"]) == {"demonstration"}
    assert set(table["wave"]) == set(survey.waves)
    assert set(table["indicator"]) == set(survey.spec.indicators)
    for wave in survey.waves:
        whole = table.filter(pl.col("wave") == wave, pl.col("domain") == "ensemble")
        assert set(whole["indicator"]) == set(survey.indicators_in(wave)), wave


def test_a_survey_is_drawn_the_same_twice(written: tuple[Survey, Path], tmp_path: Path) -> None:
    survey, folder = written
    for path in write_demonstration(survey, tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_every_declared_row_is_written(written: tuple[Survey, Path]) -> None:
    survey, folder = written
    sizes = [w.size or 400 for w in survey.waves.values()]
    raw = read_all(survey, folder)
    assert sum(f.frame.height for f in raw.values()) == sum(sizes)


# --- the small survey ---------------------------------------------------------------------------


def test_each_wave_is_written_in_its_dialect(tmp_path: Path) -> None:
    survey = small_survey(tmp_path)
    first, second = write_demonstration(survey, tmp_path)
    assert first.read_bytes().decode("utf-8").startswith("ID;W;SEXE;AGE;WEB;")
    assert second.read_bytes()[:2] == b"\x1f\x8b"
    assert gzip.decompress(second.read_bytes()).decode("windows-1252").startswith("ID,W,SEXE,AGE,")


def test_columns_are_named_as_in_the_file_of_the_wave(tmp_path: Path) -> None:
    drawn = draw_wave(small_survey(tmp_path), "2021")
    assert {"INTERNET", "ANNEE"} <= set(drawn.columns)
    assert "WEB" not in drawn.columns
    assert (drawn.height, drawn["ANNEE"].unique().to_list()) == (60, ["2021"])


def test_nobody_answers_outside_a_universe_and_everybody_within(tmp_path: Path) -> None:
    drawn = draw_wave(small_survey(tmp_path), "2019")
    asked = drawn["WEB"] == "Oui"
    assert (drawn.filter(~asked)["ACHAT"] == "NA").all()
    assert (drawn.filter(asked)["ACHAT"] != "NA").all()


def test_what_was_not_asked_holds_the_declared_fill(tmp_path: Path) -> None:
    drawn = draw_wave(small_survey(tmp_path), "2019")
    assert drawn["TAB"].unique().to_list() == ["Vide"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # another sign for what was not asked
        ('not_asked: ["NA"]', 'not_asked: [""]'),
        # nobody can say "don't know"
        ('  dont_know: ["[Nsp]"]\n', ""),
        # a range that no whole number fits
        ("range: [0, 168]", "range: [0.2, 0.9]"),
        # a universe made of a derived variable, itself made of one with a universe
        ("when: internet == oui", "when: classe == jeune"),
        # a design with a stratum, PSUs and a finite population
        ("sampling: quota,", "sampling: probability, strata: H, clusters: P, fpc: N,"),
        ("sampling: quota,", "sampling: probability, strata: H,"),
        ("sampling: quota,", "sampling: probability, clusters: P,"),
        # labels that the file of a wave could not hold otherwise than quoted
        ("categories: {bon: Bon,", 'categories: {bon: "a;b,\\"c\\"",'),
    ],
)
def test_variants_of_a_definition_go_end_to_end(tmp_path: Path, old: str, new: str) -> None:
    survey = small_survey(tmp_path, changed(old, new))
    write_demonstration(survey, tmp_path)
    assert through(survey, tmp_path).height > 0


def test_a_universe_within_a_universe(tmp_path: Path) -> None:
    """avis is asked of buyers, declared above those whom achat is asked of."""
    text = changed(
        "  internautes: {label: internautes",
        "  acheteurs: {label: acheteurs, when: achat == souvent}\n"
        "  internautes: {label: internautes",
    )
    text = changed("    column: SEXE\n", "    column: SEXE\n    universe: acheteurs\n", text)
    text = changed("  sexe: {label: Sexe, variable: sexe}\n", "", text)
    survey = small_survey(tmp_path, text)
    write_demonstration(survey, tmp_path)
    assert through(survey, tmp_path).height > 0


def test_waves_of_one_file_with_other_columns(tmp_path: Path) -> None:
    """Both waves in one file, a column renamed in one: the file's cells are never empty."""
    text = changed("    small-2019.csv: {title: Vague 2019}\n", "", SURVEY_YML)
    w2019 = changed("file: small-2019.csv", "file: small-2021.csv.gz", WAVES["2019"])
    w2019 = changed(
        'dialect: {encoding: utf-8, separator: ";", decimal: ","}',
        'rows: {column: ANNEE, value: "2019"}\n'
        'dialect: {encoding: windows-1252, separator: ",", decimal: "."}',
        w2019,
    )
    survey = small_survey(tmp_path, text, w2019=w2019)
    write_demonstration(survey, tmp_path)
    assert set(through(survey, tmp_path)["wave"]) == {"2019", "2021"}


def test_a_correction_that_leaves_a_category_without_text(tmp_path: Path) -> None:
    text = changed(
        "    categories: {bon: Bon, mauvais: Mauvais}\n",
        "    categories: {bon: Bon, mauvais: Mauvais}\n"
        '    corrections: [{waves: "2021", reason: x, recode: {Mauvais: bon}}]\n',
    )
    survey = small_survey(tmp_path, text)
    write_demonstration(survey, tmp_path)
    found = through(survey, tmp_path, ("2021",)).filter(indicator="opinion", domain="ensemble")
    assert dict(found.select("category", "estimate").iter_rows()) == {"bon": 1.0, "mauvais": 0.0}


def test_a_population_that_nobody_asked_can_fit_is_refused(tmp_path: Path) -> None:
    text = changed("    universe: internautes\n", "    universe: personne\n")
    text = changed(
        "  internautes: {label: internautes",
        "  personne: {label: personne, when: age > 200}\n  internautes: {label: internautes",
        text,
    )
    text = changed("    population: internautes\n", "    population: all\n", text)
    with pytest.raises(BaroError, match="no drawn respondent fits"):
        draw_wave(small_survey(tmp_path, text), "2019")
