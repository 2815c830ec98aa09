"""Declared weightings: margins as CSV, what is refused, what they do to weights and figures."""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from analysis import pipeline
from analysis.cli import _export, main
from analysis.definition import Survey, load_survey
from analysis.definition.models import CalibrationMethod
from analysis.demonstration import draw_wave
from analysis.errors import BaroError
from analysis.estimates import WHOLE, read_estimates
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.pipeline.weights import WeightsFound
from analysis.project import Project
from analysis.tabulation import tabulate
from analysis.validate import WaveRows
from analysis.weighting.declared import (
    base_design,
    declared_design,
    ratio_bins,
    start_design,
    summarise,
    wave_design,
    weight_rows,
)
from analysis.weighting.distances import METHODS
from analysis.weights import FEWEST, read_summary, write_summary
from tests.surveys_maker import SURVEY_YML, changed, write_survey

SURVEY = "barometre_numerique"
HEAD = "sexe,classe,population,source,year,base,note\n"
END = ",Insee,2018,12 ans ou plus,"
ROWS = [f"femme,jeune,1000{END}", f"femme,vieux,2000{END}", f"homme,jeune,1500{END}",
        f"homme,vieux,1500{END}"]  # fmt: skip
GOOD = HEAD + "".join(f"{r}\n" for r in ROWS)
WEB = f"sexe,population,source,year,base\nfemme,3000{END[:-1]}\nhomme,3100{END[:-1]}\n"
ONE = """\
weighting:
  pop:
    label: Calage d'essai
    margins: [groupes]
    waves: "2021"
    reason: essai
    key: [internautes, heures]
"""
CLOSE = 1e-9  # relative gap at which a margin counts as met


def made(folder: Path, weighting: str = ONE, spec: str = SURVEY_YML, **margins: str) -> Survey:
    """The small survey with a weighting; ``name="…"`` gives margins/<name>.csv its text."""
    surveys = write_survey(folder, spec + weighting)
    (surveys / "small" / "margins").mkdir(exist_ok=True)
    for name, text in ({"groupes": GOOD} | margins).items():
        (surveys / "small" / "margins" / f"{name}.csv").write_bytes(text.encode())
    return load_survey(surveys, "small")


def refused(folder: Path, weighting: str = ONE, spec: str = SURVEY_YML, **margins: str) -> str:
    """The message that the definition is refused with; every problem of it says what to type."""
    with pytest.raises(BaroError) as e:
        made(folder, weighting, spec, **margins)
    assert all(p.remedy for p in e.value.problems)
    return str(e.value)


def frame_of(survey: Survey) -> pl.DataFrame:
    """Demonstration rows of 2021, harmonised."""
    texts = draw_wave(survey, "2021").rename({"INTERNET": "WEB"}, strict=False)
    return harmonise(survey, "2021", WaveRows(texts.with_row_index(ROW), "small", "."))


# --- margins as CSV ------------------------------------------------------------------------------


def test_a_margin_is_read_with_its_source_year_and_base(tmp_path: Path) -> None:
    table = made(tmp_path).margins["groupes"]
    assert table.columns == ("sexe", "classe")
    assert table.categories[1] == ("femme", "vieux")
    assert (table.populations, table.total) == ((1000, 2000, 1500, 1500), 6000)
    assert (table.year, table.base, table.sources) == ("2018", "12 ans ou plus", ("Insee",))


@pytest.mark.parametrize("how", ["crlf", "bom", "semicolon", "blank lines", "other order"])
def test_how_the_file_is_written_does_not_matter(tmp_path: Path, how: str) -> None:
    text = {
        "crlf": GOOD.replace("\n", "\r\n"),
        "bom": "\ufeff" + GOOD,
        "semicolon": GOOD.replace(",", ";"),
        "blank lines": GOOD.replace("\n", "\n\n") + ",,,,,,\n",
        "other order": "\n".join(",".join([*r.split(",")[2:], *r.split(",")[:2]])
                                 for r in GOOD.splitlines()),
    }[how]  # fmt: skip
    found = made(tmp_path, groupes=text).margins["groupes"]
    assert dict(zip(found.categories, found.populations, strict=True)) == {
        ("femme", "jeune"): 1000, ("femme", "vieux"): 2000,
        ("homme", "jeune"): 1500, ("homme", "vieux"): 1500,
    }  # fmt: skip


def with_row(number: int, row: str) -> str:
    """The good file with one of its lines (1: the header) replaced."""
    lines = GOOD.splitlines()
    lines[number - 1] = row
    return "\n".join(lines) + "\n"


HOSTILE = {
    "empty": ("", ": the file is empty|the file is empty"),
    "blank": ("\n \n", "the file is empty"),
    "header only": (HEAD, "no category"),
    "no source": (with_row(1, "sexe,classe,population,origin,year,base,note"),
                  r':1\n  there is no column "source"'),
    "unknown column": (with_row(1, HEAD.replace("classe", "clase").strip()),
                       r':1\n  "clase" is not a variable\n  expected: did you mean "classe"'),
    "numeric column": (with_row(1, HEAD.replace("classe", "age").strip()),
                       '"age" is of type numeric'),
    "column twice": (with_row(1, HEAD.replace("classe", "sexe").strip()), "is there twice"),
    "no variable": ("population,source,year,base\n5,a,2018,b\n", "no column is a variable"),
    "spaces in a number": (with_row(2, f"femme,jeune,29 600 000{END}"),
                           r':2\n  population: the text "29 600 000"\n.*\n  -> type 29600000\n?'),
    "no-break spaces": (with_row(2, f"femme,jeune,29\u202f600\u00a0000{END}"),
                        "-> type 29600000"),
    "decimal comma": (with_row(2, f'femme,jeune,"12,5"{END}'), r"-> type 12\.5"),
    "thousands": (with_row(2, f'femme,jeune,"1,200,300"{END}'), "-> type 1200300"),
    "letters": (with_row(2, f"femme,jeune,beaucoup{END}"), '"beaucoup"'),
    "none": (with_row(2, f"femme,jeune,{END}"), ":2\n  no population"),
    "nan": (with_row(2, f"femme,jeune,nan{END}"), 'the text "nan"'),
    "infinite": (with_row(2, f"femme,jeune,1e999{END}"), "1e999"),
    "negative": (with_row(2, f"femme,jeune,-5{END}"),
                 ":2\n  population: -5\n  expected: 0 or more"),
    "all 0": (re.sub(r"\d+,Insee", "0,Insee", GOOD), "sum to 0"),
    "unknown category": (with_row(3, f"femme,vieu,2000{END}"),
                         r':3\n  classe: "vieu" is not a category\n.* did you mean "vieux"'),
    "label": (with_row(3, f"Femme,vieux,2000{END}"),
              r'"Femme" is the label.*\n.*\n  -> type femme'),
    "kind of missing": (with_row(3, f"dont_know,vieux,2000{END}"), "is not a category"),
    "twice": (with_row(3, ROWS[0]),
              r":3\n  the category femme x jeune is there twice \(first on line 2"),
    "short row": (with_row(3, "femme,vieux,2000"), ":3\n  3 values\n  expected: 7"),
    "no year": (with_row(3, "femme,vieux,2000,Insee,,12 ans ou plus,"), ":3\n  no year"),
    "year in words": (with_row(3, "femme,vieux,2000,Insee,hier,12 ans ou plus,"), '"hier"'),
    "two years": (with_row(3, "femme,vieux,2000,Insee,2019,12 ans ou plus,"),
                  'year: "2019", and "2018" on line 2'),
    "two bases": (with_row(3, "femme,vieux,2000,Insee,2018,tous,"), 'base: "tous", and'),
    "open quote": (with_row(3, 'femme,"vieux,2000'), "not CSV"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_margin_is_refused_by_name(tmp_path: Path, name: str) -> None:
    text, said = HOSTILE[name]
    message = refused(tmp_path, groupes=text)
    assert message.startswith("surveys/small/margins/groupes.csv")
    assert re.search(said, message), message


def test_bytes_that_are_no_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    surveys = write_survey(tmp_path, SURVEY_YML + ONE)
    (surveys / "small" / "margins").mkdir()
    content = GOOD.replace("Insee", "Données").encode("cp1252")
    (surveys / "small" / "margins" / "groupes.csv").write_bytes(content)
    with pytest.raises(BaroError, match=r"groupes.csv:2\n  byte 0xe9 is not UTF-8"):
        load_survey(surveys, "small")


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    two = ONE.replace("[groupes]", "[groupes, web]").replace("heures]", "heure]")
    bad = with_row(2, f"femme,jeune,1 000{END}").replace("homme,vieux,1500", "homme,vieux,-1")
    message = refused(tmp_path, two, groupes=bad, web=WEB.replace("homme", "hommes"))
    assert message.count("\n  -> ") == 4
    for said in ("groupes.csv:2", "groupes.csv:5", "web.csv:3", '"heure" is not an indicator'):
        assert said in message


# --- weighting: in survey.yml --------------------------------------------------------------------

DECLARED = {
    "no file": (("[groupes]", "[groupe]"),
                r'no margins/groupe.csv\n  expected: did you mean "groupes"'),
    "path": (("[groupes]", "[../groupes]"), "there is no margins/../groupes.csv"),
    "unknown key": (("label:", "labell:"), "labell"),
    "method": (("    key", "    method: rakeing\n    key"), "rakeing"),
    "role": (("    key", "    role: publié\n    key"), "publié"),
    "wave": (('"2021"', '"2020"'), '"2020" is not a wave'),
    "no reason": (("    reason: essai\n", ""), "1 waves of 2, and no reason"),
    "start": (("    key", "    start: sexe\n    key"), '"sexe" holds no base weights'),
    "raw start": (("    key", "    start: W\n    key"), "-> start: weight, which is W"),
    "bounds": (("    key", "    bounds: [1.1, 2]\n    key"), "0 <= lower < 1 < upper"),
    "bounds and cells": (("    key", "    bounds: [0.5, 2]\n    method: poststratification\n"
                          "    key"),
                         "bounds with method: poststratification"),
    "soft": (("    key", "    soft: {web: 10}\n    key"), '"web" is no margin of it'),
    "soft cost": (("    key", "    soft: {groupes: 0}\n    key"), "a cost of 0"),
    "waves of margins": (('"2021"', "all"), "tablette, in margins/tab.csv, is not in wave 2019"),
}  # fmt: skip


@pytest.mark.parametrize("name", DECLARED)
def test_a_declaration_that_cannot_hold_is_refused(tmp_path: Path, name: str) -> None:
    (old, new), said = DECLARED[name]
    text, more = ONE.replace(old, new, 1), {}
    if name == "waves of margins":
        text = text.replace("[groupes]", "[groupes, tab]")
        more = {"tab": f"tablette,population,source,year,base\noui,1{END[:-1]}\nnon,1{END[:-1]}\n"}
    message = refused(tmp_path, text, **more)
    assert message.startswith("surveys/small/survey.yml")
    assert re.search(said, message), message


def test_counts_that_differ_are_refused_where_they_are_taken_as_counts(tmp_path: Path) -> None:
    two = ONE.replace("[groupes]", "[groupes, web]\n    total: population")
    message = refused(tmp_path, two, web=WEB)
    assert "margins/groupes.csv and margins/web.csv" in message
    assert "sum to 6,000 and 6,100" in message
    assert "total: respondents" in message
    scaled = made(tmp_path, ONE.replace("[groupes]", "[groupes, web]"), web=WEB)
    assert set(scaled.margins) == {"groupes", "web"}


def test_post_stratification_takes_one_margin(tmp_path: Path) -> None:
    two = ONE.replace("[groupes]", "[groupes, web]\n    method: poststratification")
    assert "cross them in one file" in refused(tmp_path, two, web=WEB)


def test_one_published_weighting_a_wave(tmp_path: Path) -> None:
    published = ONE.replace("    key", "    role: published\n    key")
    twice = published + published.partition("\n")[2].replace("pop:", "pop2:")
    assert "published in 2021, as pop is" in refused(tmp_path, twice)


def test_methods_are_those_of_the_calibration() -> None:
    assert set(get_args(CalibrationMethod)) == set(METHODS)


# --- what it does --------------------------------------------------------------------------------


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    return made(tmp_path)


def shares(frame: pl.DataFrame, weights: np.ndarray) -> dict[tuple[str, ...], float]:
    keys = frame.select(pl.col("sexe", "classe").cast(pl.String)).with_columns(w=weights)
    sums = keys.group_by("sexe", "classe").sum()
    return {(a, b): w / weights.sum() for a, b, w in sums.iter_rows()}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("start", ["equal", "weight"])
def test_every_method_meets_the_margins(tmp_path: Path, method: str, start: str) -> None:
    bounds = "    bounds: [0.2, 5]\n" if method in ("logit", "truncated_linear") else ""
    text = ONE.replace("    key", f"    method: {method}\n    start: {start}\n{bounds}    key")
    survey = made(tmp_path, text)
    frame = frame_of(survey)
    design = declared_design(survey, "2021", "pop", frame)
    assert shares(frame, design.weights) == pytest.approx(
        {("femme", "jeune"): 1 / 6, ("femme", "vieux"): 1 / 3, ("homme", "jeune"): 1 / 4,
         ("homme", "vieux"): 1 / 4}, rel=CLOSE)  # fmt: skip
    total = frame.height if start == "equal" else frame["weight"].sum()
    assert design.weights.sum() == pytest.approx(total, rel=CLOSE)


def test_base_weights_may_be_a_numeric_variable(tmp_path: Path) -> None:
    text = ONE.replace("    key", "    start: age\n    key")
    survey = made(tmp_path, text)
    frame = frame_of(survey)
    assert start_design(survey, "2021", "pop", frame).weights.tolist() == frame["age"].to_list()


def test_counts_give_weights_that_sum_to_the_population(tmp_path: Path) -> None:
    survey = made(tmp_path, ONE.replace("    key", "    total: population\n    key"))
    design = declared_design(survey, "2021", "pop", frame_of(survey))
    assert design.weights.sum() == pytest.approx(6000, rel=CLOSE)


def test_respondents_without_a_population_are_refused_in_words_of_the_definition(
    tmp_path: Path,
) -> None:
    survey = made(tmp_path, groupes="".join(GOOD.splitlines(keepends=True)[:-1]))
    with pytest.raises(BaroError) as e:
        declared_design(survey, "2021", "pop", frame_of(survey))
    (problem,) = e.value.problems
    where = "surveys/small/survey.yml: weighting.pop, wave 2021: margins/groupes.csv, homme x vieux"
    assert problem.where == where
    assert "and no population" in problem.found
    assert problem.remedy


def test_respondents_without_an_answer_are_named_before_anything_is_computed(
    survey: Survey,
) -> None:
    kinds = pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("refused"))
    frame = frame_of(survey)
    frame = frame.with_columns(sexe=kinds.otherwise(pl.col("sexe").cast(pl.String)))
    with pytest.raises(BaroError) as error:
        declared_design(survey, "2021", "pop", frame)
    (problem,) = error.value.problems
    assert problem.where.endswith("weighting.pop, wave 2021: sexe")
    assert problem.found == f'1 respondents without an answer, the first "{frame["id"][3]}"'
    assert "drop: in waves/2021.yml" in problem.remedy


def test_tight_bounds_are_refused_with_what_to_type_in_the_file(tmp_path: Path) -> None:
    skewed = GOOD.replace("femme,jeune,1000", "femme,jeune,50000")
    text = ONE.replace("    key", "    bounds: [0.9, 1.1]\n    key")
    survey = made(tmp_path, text, groupes=skewed)
    with pytest.raises(BaroError, match=r"-> bounds: \[0[\d.]*, [\d.]+\]") as e:
        declared_design(survey, "2021", "pop", frame_of(survey))
    assert "bounds=" not in str(e.value)


def test_an_alternative_leaves_the_published_figures_alone(survey: Survey, tmp_path: Path) -> None:
    frame = frame_of(survey)
    plain = made(tmp_path / "plain", "")
    kept = tabulate(survey, "2021", frame, origin="x", definition_hash="h")
    assert kept.equals(tabulate(plain, "2021", frame, origin="x", definition_hash="h"))
    other = tabulate(survey, "2021", frame, origin="x", definition_hash="h", weighting="pop")
    assert set(other["indicator"]) == {"internautes", "heures"}
    assert other["method"].str.ends_with("; weights=pop").all()
    both = kept.join(other, on=["indicator", "category", "domain", "domain_value"])
    moved = (both["estimate"] - both["estimate_right"]).to_numpy()
    assert np.abs(moved).max() > 0.001


def test_a_published_weighting_gives_every_figure_its_weights(tmp_path: Path) -> None:
    survey = made(tmp_path, ONE.replace("    key", "    role: published\n    key"))
    frame = frame_of(survey)
    design = declared_design(survey, "2021", "pop", frame)
    assert (wave_design(survey, "2021", frame).weights == design.weights).all()
    assert (wave_design(survey, "2019", frame).weights == frame["weight"].to_numpy()).all()
    table = tabulate(survey, "2021", frame, origin="x", definition_hash="h")
    assert table["method"].str.ends_with("; weights=pop").all()
    (row,) = table.filter(pl.col("indicator") == "tablettes", pl.col("domain") == WHOLE).iter_rows(
        named=True
    )
    asked = (frame["tablette"].cast(pl.String) != "not_asked").to_numpy()
    yes = (frame["tablette"].cast(pl.String) == "oui").to_numpy()
    w = design.weights
    assert row["estimate"] == pytest.approx((w * yes).sum() / (w * asked).sum(), rel=1e-12)
    before = tabulate(survey, "2021", frame, origin="x", definition_hash="h", weighting="pop")
    assert before["method"].str.ends_with("; weights=start of pop").all()


def test_calibration_is_credited_in_the_variance(tmp_path: Path) -> None:
    """A variable of the margin has no variance left."""
    spec = changed("numerator: internet == oui", "numerator: sexe == femme")
    survey = made(tmp_path, spec=spec)
    made_ = tabulate(
        survey, "2021", frame_of(survey), origin="x", definition_hash="h", weighting="pop"
    )
    (row,) = made_.filter(
        pl.col("indicator") == "internautes", pl.col("domain") == WHOLE
    ).iter_rows(named=True)
    assert row["estimate"] == pytest.approx(0.5, rel=CLOSE)
    assert (row["se"] or 0.0) < 1e-6


def test_a_survey_may_have_no_weight_of_its_own(tmp_path: Path) -> None:
    spec = changed("weight: W", "weight: equal")
    survey = made(tmp_path, ONE.replace("    key", "    role: published\n    key"), spec)
    assert "W" not in draw_wave(survey, "2021").columns
    frame = frame_of(survey)
    assert set(frame["weight"]) == {1.0}
    design = wave_design(survey, "2021", frame)
    assert shares(frame, design.weights)["homme", "jeune"] == pytest.approx(0.25, rel=CLOSE)
    refusal = ONE.replace("    key", "    start: weight\n    key")
    assert "start: equal" in refused(tmp_path / "other", refusal, spec)


# --- what is told of it --------------------------------------------------------------------------


def test_the_summary_holds_the_margins_and_comes_back_from_its_file(
    survey: Survey, tmp_path: Path
) -> None:
    frame = frame_of(survey)
    before, after = (
        start_design(survey, "2021", "pop", frame),
        declared_design(survey, "2021", "pop", frame),
    )
    s = summarise(survey, "2021", "pop", before, after, "observed")
    assert [r.category for r in s.margins] == list(survey.margins["groupes"].categories)
    assert sum(r.n for r in s.margins) == sum(b.n for b in s.bins) == s.n == frame.height
    for r in s.margins:
        assert r.after == pytest.approx(r.target, rel=CLOSE)
    assert sum(r.published for r in s.margins) == pytest.approx(frame["weight"].sum())
    assert s.start.deff == 1.0
    assert s.after.n_eff == pytest.approx(after.weights.sum() ** 2 / (after.weights**2).sum())
    w = base_design(survey, "2021", frame).weights
    assert s.published.deff == pytest.approx(len(w) * (w**2).sum() / w.sum() ** 2)
    write_summary(s, tmp_path / "s.json")
    assert read_summary(tmp_path / "s.json") == s
    (tmp_path / "s.json").write_text("{}")
    for path in (tmp_path / "s.json", tmp_path / "none.json"):
        with pytest.raises(BaroError, match="run: baro build"):
            read_summary(path)


def test_the_summary_names_no_respondent(survey: Survey) -> None:
    frame = frame_of(survey).with_columns(id=pl.format("person-{}", pl.int_range(pl.len())))
    before, after = (
        start_design(survey, "2021", "pop", frame),
        declared_design(survey, "2021", "pop", frame),
    )
    s = summarise(survey, "2021", "pop", before, after, "observed")
    assert "person-" not in repr(s)
    assert all(w.n is None or w.n >= FEWEST for w in s.largest)
    assert all(b.n >= FEWEST for b in s.bins)


@pytest.mark.parametrize("seed", range(5))
def test_bins_of_ratios_are_whole_and_none_is_small(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ratio = rng.lognormal(0, rng.uniform(0.01, 1.0), int(rng.integers(5, 400)))
    bins = list(ratio_bins(ratio))
    assert sum(b.n for b in bins) == len(ratio)
    assert min(b.n for b in bins) >= FEWEST
    assert len(bins) <= 14
    assert (bins[0].low, bins[-1].high) == (None, None)
    assert all(a.high == b.low for a, b in pairwise(bins))
    for b in bins:
        low, high = b.low or -np.inf, b.high or np.inf
        assert b.n == ((ratio >= low) & (ratio < high)).sum()


def test_equal_ratios_make_one_bin() -> None:
    (one,) = ratio_bins(np.ones(20))
    assert one.n == 20


def test_rows_of_weights_are_those_of_the_respondents(survey: Survey) -> None:
    frame = frame_of(survey)
    before, after = (
        start_design(survey, "2021", "pop", frame),
        declared_design(survey, "2021", "pop", frame),
    )
    rows = weight_rows(frame, before, after)
    assert rows.columns == ["id", "base_weight", "final_weight", "ratio"]
    assert rows["id"].to_list() == frame["id"].to_list()
    made_ = (rows["base_weight"] * rows["ratio"]).to_numpy()
    assert made_ == pytest.approx(rows["final_weight"].to_numpy(), rel=1e-12)


# --- in the project ------------------------------------------------------------------------------


def baro(*args: str) -> str:
    done = CliRunner().invoke(main, ["weights", SURVEY, *args])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_the_weights_of_the_build_are_printed(own_demonstration: Project) -> None:
    text = baro("--wave", "2022", "--weighting", "insee", "--quiet")
    assert text.startswith("DONNÉES DE DÉMONSTRATION")
    assert "insee, 2022: 4184 respondents" in text
    assert "homme x de_25_a_39" in text
    assert re.search(r"after +deff \d\.\d{3}  n_eff \d+", text)
    assert len(re.findall(r"^\w+ +[\d.]+ \([\d.]+ to [\d.]+\)", text, re.M)) == 12
    whole = baro("--quiet")
    assert whole.count("respondents, ") == 8
    assert own_demonstration.build.is_dir()


@pytest.mark.usefixtures("own_demonstration")
def test_the_weights_as_json() -> None:
    (found,) = json.loads(baro("--wave", "2020", "--weighting", "insee_pond", "--json"))
    assert (found["wave"], found["weighting"], found["origin"]) == (
        "2020", "insee_pond", "demonstration")  # fmt: skip
    assert len(found["margins"]) == 17
    assert {k["indicator"] for k in found["key"]} >= {"smartphone", "maitrise_insuffisante"}


def test_the_weights_are_exported(own_demonstration: Project) -> None:
    file = own_demonstration.root / "w.csv"
    baro("--wave", "2022", "--weighting", "insee_pond", "--export", str(file), "--quiet")
    with file.open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert list(rows[0]) == ["weighting", "wave", "id", "base_weight", "final_weight", "origin"]
    assert {r["origin"] for r in rows} == {"demonstration"}
    frame = pl.read_parquet(own_demonstration.build / SURVEY / "waves" / "2022.parquet")
    assert [r["id"] for r in rows] == frame["id"].to_list()
    assert [float(r["base_weight"]) for r in rows] == frame["weight"].to_list()
    assert sum(float(r["final_weight"]) for r in rows) == pytest.approx(frame["weight"].sum())


def test_an_export_is_safe_in_a_spreadsheet(survey: Survey, tmp_path: Path) -> None:
    frame = frame_of(survey).with_columns(id=pl.lit("=1+1"))
    before, after = (
        start_design(survey, "2021", "pop", frame),
        declared_design(survey, "2021", "pop", frame),
    )
    found = WeightsFound(
        summarise(survey, "2021", "pop", before, after, "observed"),
        weight_rows(frame, before, after),
        pl.DataFrame(),
    )
    _export([found], tmp_path / "w.csv")
    lines = (tmp_path / "w.csv").read_text("utf-8").splitlines()
    assert {r[2] for r in csv.reader(lines)} == {"id", "'=1+1"}


PUBLISHED = ONE.replace(
    "    key", "    role: published\n    method: poststratification\n    total: population\n    key"
)


def test_a_post_stratified_survey_from_its_definition_to_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a survey without weights of its own, post-stratified on its frame, would be declared."""
    spec = changed("weight: W", "weight: equal")
    text = PUBLISHED.replace('"2021"', "all").replace("    reason: essai\n", "")
    made(tmp_path, text, spec)
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("BARO_DATA", str(tmp_path / "none"))
    project = Project(tmp_path)
    done = pipeline.build(project, only_estimates=True).seconds
    assert [s for s in done if s.startswith(("weight", "compare", "comparison"))] == [
        "weight small/pop/2019", "compare small/pop/2019", "weight small/pop/2021",
        "compare small/pop/2021", "comparison small/pop",
    ]  # fmt: skip
    table = read_estimates(project.estimates("small"))
    whole = table.filter(pl.col("indicator") == "internautes", pl.col("domain") == WHOLE)
    assert whole["n_weighted"].to_list() == pytest.approx([6000, 6000], rel=CLOSE)
    assert table["method"].str.ends_with("; weights=pop").all()
    before = read_estimates(project.comparison("small", "pop"))
    assert before["method"].str.ends_with("; weights=start of pop").all()
    assert set(before["indicator"]) == {"internautes", "heures"}
    found = read_summary(project.weights("small", "pop", "2021"))
    assert found.published == found.after


def test_validate_weighs_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, groupes="".join(GOOD.splitlines(keepends=True)[:-1]))
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.setenv("BARO_DATA", str(tmp_path / "none"))
    with pytest.raises(BaroError, match=r"wave 2021: margins/groupes\.csv, homme x vieux"):
        pipeline.validate(Project(tmp_path), "small")


def spoil(project: Project, old: str, new: str) -> None:
    path = project.surveys / SURVEY / "margins" / "sexe_age.csv"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_margins_that_are_wrong_stop_the_command_and_write_nothing(
    own_demonstration: Project,
) -> None:
    spoil(own_demonstration, "5919848", "5 919 848")
    file = own_demonstration.root / "w.csv"
    done = CliRunner().invoke(main, ["weights", SURVEY, "--export", str(file)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"surveys/{SURVEY}/margins/sexe_age.csv:4\n" in done.stderr
    assert "-> type 5919848" in done.stderr
    assert not file.exists()


def test_margins_that_nobody_can_meet_stop_the_build_and_leave_the_site(
    own_observed: Project,
) -> None:
    lines = (own_observed.surveys / SURVEY / "margins" / "sexe_age.csv").read_text().splitlines()
    spoil(own_observed, lines[3] + "\n", "")
    page = (own_observed.site / "ponderation.html").read_bytes()
    weights = own_observed.build / SURVEY / "weights" / "insee" / "2018.parquet"
    before = weights.read_bytes()
    done = CliRunner().invoke(main, ["build", "--quiet"])
    assert done.exit_code == 1
    assert "weighting.insee, wave 2018: margins/sexe_age.csv, homme x de_25_a_39" in done.stderr
    assert "respondents, and no population" in done.stderr
    assert (own_observed.site / "ponderation.html").read_bytes() == page
    assert weights.read_bytes() == before


@pytest.mark.usefixtures("own_demonstration")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--weighting", "inse"], 'did you mean "insee"'),
        (["--wave", "2012"], "waves of insee: 2018-, insee_pond: 2018-"),
        (["--wave", "2021"], 'there is no wave "2021"'),
        (["--wave", "2022", "--export", "no/such/w.csv"], "there is no such folder"),
    ],
)
def test_what_is_not_there_is_refused_by_name(args: list[str], said: str) -> None:
    done = CliRunner().invoke(main, ["weights", SURVEY, "--quiet", *args])
    assert done.exit_code == 1
    assert said in done.stderr
    assert "\n  -> " in done.stderr


# --- the page ------------------------------------------------------------------------------------


def test_the_page_shows_margins_ratios_spread_and_key_figures(built_site: Path) -> None:
    html = (built_site / "ponderation.html").read_text("utf-8")
    for caption in ("Les chiffres clés selon la pondération, 2022",
                    "Structure de l’échantillon et de la population, en %, 2022",
                    "Ce que coûtent des poids inégaux, 2022", "Les plus grands poids"):  # fmt: skip
        found = [c for c in re.findall(r"<caption>([^<]*)", html) if c.startswith(caption)]
        assert found, caption
        assert all("données de démonstration" in c for c in found), caption
    assert html.count('class="panels dots bars"') == 2
    assert "donnés à titre indicatif" in html
    assert 'aria-current="page">Pondération' in html
    assert len(html.encode()) < 100_000


def test_the_index_links_to_the_page(built_site: Path) -> None:
    html = (built_site / "index.html").read_text("utf-8")
    assert html.count('href="ponderation.html"') >= 2


def test_the_page_tells_the_other_figures_of_the_table(demonstration: Project) -> None:
    html = (demonstration.site / "ponderation.html").read_text("utf-8")
    other = read_estimates(demonstration.comparison(SURVEY, "insee"))
    cell = other.filter(
        pl.col("indicator") == "smartphone", pl.col("wave") == "2022", pl.col("domain") == WHOLE
    )
    shown = f"{100 * cell['estimate'][0]:.1f}".replace(".", ",")
    assert f"{shown}\u00a0% (" in html


# --- real data -----------------------------------------------------------------------------------

# Weighted without POND, from the open file of 2022: shares in %, tolerance of rounding.
REAL = {"smartphone": 85.7, "sans_internet_fixe": 18.8, "maitrise_insuffisante": 24.7,
        "achat_en_ligne": 74.9}  # fmt: skip


def test_real_figures_with_other_weights(real_project: Project) -> None:
    table = read_estimates(real_project.comparison(SURVEY, "insee"))
    rows = table.filter(pl.col("wave") == "2022", pl.col("domain") == WHOLE)
    found = dict(rows.select("indicator", 100 * pl.col("estimate")).iter_rows())
    assert {k: found[k] for k in REAL} == pytest.approx(REAL, abs=0.05)


def test_real_weights_meet_the_margins_of_insee(real_project: Project) -> None:
    for name in ("insee", "insee_pond"):
        for wave in ("2018", "2019", "2020", "2022"):
            s = read_summary(real_project.weights(SURVEY, name, wave))
            assert all(r.after == pytest.approx(r.target, rel=CLOSE) for r in s.margins)
            assert s.n == {"2018": 2214, "2019": 2259, "2020": 4029, "2022": 4184}[wave]


def test_real_figures_with_published_weights_are_those_of_the_table(
    real_project: Project, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARO_DATA", str(real_data))
    (found,) = pipeline.weigh(real_project, SURVEY, ("insee",), ("2022",))
    published = read_estimates(real_project.estimates(SURVEY)).filter(
        pl.col("wave") == "2022", pl.col("domain") == WHOLE
    )
    known = dict(published.select("indicator", "estimate").iter_rows())
    for row in found.key.iter_rows(named=True):
        assert row["estimate"] == known[row["indicator"]]
