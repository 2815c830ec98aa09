"""The page of data and the log of corrections: links, sizes, citations, metadata."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from analysis.briefing import Briefing
from analysis.briefing.book import Book
from analysis.briefing.corrections import log_html, read_log
from analysis.definition import load_survey, survey_ids
from analysis.errors import BaroError
from analysis.opendata import write_open_data
from analysis.opendata.columns import EVERY
from analysis.opendata.names import listed, media
from analysis.opendata.package import COLUMNS
from analysis.project import Project
from analysis.tables.delimited import write_downloads
from analysis.tables.workbook import write_workbook
from analysis.wording import file_size
from analysis.wording.citation import Citation, short_digest
from tests.sample import SPEC, survey, table

NB = "\u00a0"
TEXTS = {name: c.text for name, c in EVERY.items()}
LOG = """corrections:
  - date: 2026-03-15
    what: "La base du smartphone comptait les <mineurs>."
    effect: "61,0 % au lieu de 60,2 % en 2022"
    figures: [smartphone, "Figure 3"]
  - date: 2025-11-02
    what: Une légende
    effect: aucun
    figures: essai.csv
"""


# --- citations -----------------------------------------------------------------------------------


def cited(origin: str = "observed", **changes: Any) -> Citation:
    return Citation(survey(**changes), ("2018", "2022"), (origin,), "1.2.3", "abc123def456")


def test_a_citation_names_who_when_what_edition_and_licence() -> None:
    said = cited().text()
    for words in ("Institut (2022).", "2018 à 2022", "Baromètre 1.2.3, définition abc123def456",
                  "ODbL 1.0"):  # fmt: skip
        assert words in said
    (item,) = json.loads(cited().csl())
    assert item["type"] == "dataset"
    assert item["issued"] == {"date-parts": [[2022]]}
    assert item["author"] == [{"literal": "Institut"}]
    assert item["license"] == "ODbL 1.0"


@pytest.mark.parametrize("origin", ["demonstration", "reconstructed", "scenario"])
def test_a_citation_of_what_nobody_answered_says_so_in_every_form(origin: str) -> None:
    word = {"demonstration": "démonstration", "reconstructed": "reconstituées",
            "scenario": "synthétiques"}[origin]  # fmt: skip
    for said in (cited(origin).text(), cited(origin).bibtex(), cited(origin).csl()):
        assert word in said


def test_bibtex_survives_hostile_names() -> None:
    licence = SPEC["licence"] | {"attribution": r"A & B {\input x} 100 % #1 _y $z ~ ^ \\"}
    made = cited(licence=licence).bibtex()
    plain = re.sub(r"\\[{}&%$#_]|\\text\w+\{\}", "", made)
    assert plain.count("{") == plain.count("}")
    assert not re.search(r"[&%$#~^]", plain)
    assert made.startswith("@misc{essai_2022,\n")
    assert "\\input" not in made


def test_the_digest_does_not_depend_on_order_or_repetition() -> None:
    assert short_digest(["b", "a", "b"]) == short_digest(["a", "b"])
    assert short_digest(["a"]) != short_digest(["b"])
    assert Book(survey(), table()).digest == short_digest(["abc123"])


# --- the log of corrections ----------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "corrections.yml"
    path.write_text(text, "utf-8")
    return path


def test_each_correction_gives_day_change_effect_and_figures(tmp_path: Path) -> None:
    html = str(log_html(read_log(written(tmp_path, LOG))))
    assert re.findall(r'<time datetime="([^"]+)">([^<]+)<', html) == [
        ("2026-03-15", "Le 15 mars 2026"), ("2025-11-02", "Le 2 novembre 2025")]  # fmt: skip
    assert "&lt;mineurs&gt;" in html
    assert f"61,0{NB}% au lieu de 60,2{NB}%" in html
    assert "<li>smartphone</li><li>Figure 3</li>" in html
    assert "<li>essai.csv</li>" in html


def test_an_empty_log_is_said_to_be_empty(tmp_path: Path, project_root: Path) -> None:
    assert "Aucune correction" in str(log_html(read_log(written(tmp_path, "corrections: []\n"))))
    read_log(project_root / "reports" / "corrections.yml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-03-15", "15/03/2026", r"corrections\.yml:2.*date(.|\n)*a day, as 2022-06-15"),
        ("2026-03-15", "2024-03-15", r"yml:6: corrections\.1\.date(.|\n)*the newest first"),
        ("    effect: aucun\n", "", 'the key "effect" is missing'),
        ("    effect:", "    efect:", 'did you mean "effect"'),
        ("figures: essai.csv", "figures: []", "figures"),
        ("what: Une légende", 'what: ""', "what"),
    ],
)
def test_a_log_is_read_strictly(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in LOG
    with pytest.raises(BaroError, match=said):
        read_log(written(tmp_path, LOG.replace(old, new)))


def test_the_template_of_the_docs_can_be_read(tmp_path: Path, project_root: Path) -> None:
    docs = (project_root / "docs" / "corrections.md").read_text("utf-8")
    (template,) = re.findall(r"```yaml\n(.*?)```", docs, re.S)
    assert len(read_log(written(tmp_path, template))) == 1


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("donnees")
    write_downloads(table(), survey(), made)
    write_workbook(table(), survey(), made)
    write_open_data(survey(), table(), made)
    return made


def test_the_package_tells_size_hash_and_columns_of_each_file(folder: Path) -> None:
    said = json.loads((folder / "essai.datapackage.json").read_text("utf-8"))
    assert said["licenses"] == [{"name": "ODbL 1.0", "path": "https://example.org/odbl"}]
    own = [*folder.glob("essai[._]*"), *(folder / "essai").iterdir()]
    assert {r["path"] for r in said["resources"]} == {
        p.relative_to(folder).as_posix() for p in own} - {
        "essai.datapackage.json", "essai/dcat.jsonld"}  # fmt: skip
    for resource in said["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        if resource.get("type") == "table":
            check_columns(resource, content)


def check_columns(resource: dict[str, Any], content: bytes) -> None:
    """Each value is of its declared type, read as the dialect says."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    rows = list(csv.DictReader(text, delimiter=resource["dialect"]["delimiter"]))
    fields = {f["name"]: f for f in resource["schema"]["fields"]}
    assert list(rows[0]) == list(fields)
    known = COLUMNS if resource["dialect"]["delimiter"] == ";" else TEXTS
    assert all(f["description"] == known[f["name"]] for f in fields.values())
    for row in rows:
        for name, value in row.items():
            if value and fields[name]["type"] == "number":
                float(value.replace(fields[name].get("decimalChar", "."), "."))
            if value and fields[name]["type"] == "integer":
                int(value)


def test_a_file_that_was_not_made_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARO_PROJECT", str(tmp_path))
    (tmp_path / "surveys").mkdir()
    (tmp_path / "_quarto.yml").touch()
    with pytest.raises(BaroError, match=r"donnees/essai\.xlsx(.|\n)*run: baro build"):
        Briefing(Book(survey(), table())).files()


@pytest.mark.parametrize(
    ("changes", "said"), [({}, "non annoncée"), ({"next_wave": "printemps 2027"}, "printemps 2027")]
)
def test_facts_give_the_dates_of_waves_and_none_of_a_build(
    changes: dict[str, str], said: str
) -> None:
    html = str(Briefing(Book(survey(**changes), table())).facts())
    assert f"<dt>Prochaine vague</dt><dd>{said}</dd>" in html
    assert "vague 2022, interrogée en juin 2022" in html
    assert '<a href="https://example.org/odbl">ODbL 1.0</a>' in html
    assert set(re.findall(r"\b20\d\d\b", html)) <= {"2018", "2022", "2027"}


def test_the_page_links_to_every_file_of_a_survey_with_its_type_and_size(
    built_site: Path, project_root: Path
) -> None:
    surveys = [load_survey(project_root / "surveys", s)
               for s in survey_ids(project_root / "surveys")]  # fmt: skip
    assert len(surveys) >= 2
    html = unescape((built_site / "donnees.html").read_text("utf-8"))
    links = dict(re.findall(r'<a href="donnees/([^"]+)" download>([^<]+)</a>', html))
    donnees = built_site / "donnees"
    files = {p.relative_to(donnees).as_posix(): p for p in donnees.rglob("*") if p.is_file()}
    theirs = {
        n for n in files for s in surveys
        if not n.endswith(".js")  # of the charts of pages, loaded by them
        and (n.startswith((s.id, "affirmations")) or n.removesuffix(".csv") in s.spec.indicators)
    }  # fmt: skip
    assert len(theirs) > 100
    assert set(links) == theirs
    for name in theirs:
        end = f"({media(name)[2]}, {file_size(files[name].stat().st_size)})"
        assert links[name].endswith(end), name


def test_no_file_of_a_survey_is_missing_from_its_package(demonstration: Project) -> None:
    folder = demonstration.site / "donnees"
    for name in survey_ids(demonstration.surveys):
        said = json.loads((folder / f"{name}.datapackage.json").read_text("utf-8"))
        own = [*folder.glob(f"{name}[._]*"), *(folder / name).iterdir()]
        told = {folder / r["path"] for r in said["resources"]}
        assert told == set(own) - {
            folder / f"{name}.datapackage.json", folder / name / "dcat.jsonld"}  # fmt: skip
        known = listed(load_survey(demonstration.surveys, name))
        assert {folder / f.path for f in known} == set(own)


def test_the_page_holds_both_citations_and_every_mark(built_site: Path) -> None:
    html = unescape((built_site / "donnees.html").read_text("utf-8"))
    assert html.count("@misc{") == html.count('"type": "dataset"') == 2
    assert re.findall(r"<dt>\[(.)\]</dt>", html) == ["b", "d", "u", "q", "n"]
