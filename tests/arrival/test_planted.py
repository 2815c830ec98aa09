"""A file of 2023 with planted defects: each is reported, few lines are typed, figures are right."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from analysis import pipeline
from analysis.arrival import Added, add_wave, check_wave, open_lines
from analysis.definition import load_survey
from analysis.definition.models import Dialect
from analysis.errors import BaroError
from analysis.estimates import WHOLE, read_estimates
from analysis.ingest import read_raw
from analysis.project import Project
from analysis.provenance import digest_path
from tests.arrival.planted import NEW_QUESTION, Planted, encoded, plant, texts_of

SURVEY = "barometre_numerique"
FILE_2022 = "barometre-numerique/barometre-du-numerique-2022.csv.gz"
MOST_LINES = 9  # "under ten lines"
TOLERANCE = 1e-9  # the same sums in another order

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def planted(real_data: Path) -> Planted:
    return plant(read_raw(real_data / FILE_2022, Dialect(), "2022").frame)


@pytest.fixture
def project(real_project: Project, tmp_path: Path, real_data: Path, monkeypatch) -> Project:
    """The project with its estimates from the real microdata, in a folder of its own."""
    own = tmp_path / "own"
    shutil.copytree(real_project.root, own)
    monkeypatch.setenv("BARO_DATA", str(real_data))
    monkeypatch.chdir(own)
    return Project(own)


def add(project: Project, content: bytes, name: str = "Enquête 2023.csv") -> Added:
    file = project.root.parent / name
    file.write_bytes(content)
    return add_wave(project, SURVEY, file)


def found(added: Added, kind: str) -> str:
    """Everything under headings that begin with ``kind``, as one text."""
    findings = (f for f in added.arrived.draft.findings if f.kind.startswith(kind))
    return "\n".join(f"{f.where} | {f.seen} | {f.expected}" for f in findings)


def complete(path: Path) -> int:
    """Confirm every proposal and fill in the blank; how many lines were typed."""
    before = path.read_text("utf-8").splitlines()
    after = [re.sub(r' \?("?)$', r"\1", line) for line in before]
    after = ["field: du 1er au 30 juin 2023" if line == 'field: "?"' else line for line in after]
    path.write_text("\n".join(after) + "\n", "utf-8")
    return sum(a != b for a, b in zip(before, after, strict=True))


def test_every_planted_defect_is_in_the_report(project: Project, planted: Planted) -> None:
    added = add(project, planted.content)
    rows = {k: str(v[0]) for k, v in planted.rows.items()}
    assert "EQUIP_TABLETTE" in found(added, "Colonne renommée")
    assert "enceinte_connectee" in found(added, "Colonne disparue")
    assert "NETFLIX" in found(added, "Colonne disparue")
    assert NEW_QUESTION in found(added, "Colonne nouvelle")
    assert "FEMME" in found(added, "Libellé réécrit")
    assert "NON DIPLOME" in found(added, "Libellé réécrit")
    assert "chef d’entreprise" in found(added, "Libellé réécrit")
    assert "Baccalauréat ou équivalent" in found(added, "Libellé nouveau")
    assert "Baccalauréat" in found(added, "Libellé disparu")
    assert "mail_pro" in found(added, "Remplie sans être posée")
    assert "frein_equipement" in found(added, "Remplie sans être posée")
    assert f"{rows['repeated']}-" in found(added, "Lignes : ligne répétée")
    assert rows["shifted"] in found(added, "Lignes : ligne décalée")
    assert rows["age"] in found(added, "Lignes : valeur impossible de age")
    assert rows["weight"] in found(added, "Lignes : poids")
    assert "telephone_fixe" in found(added, "Saut sans rupture déclarée")
    assert "deff" in found(added, "Poids")
    page = added.report.read_text("utf-8")
    for text in ("EQUIP_TABLETTE", "FEMME", NEW_QUESTION, "telephone_fixe", '<html lang="fr">'):
        assert text in page
    assert "://" not in page, "no address: nothing is fetched"
    assert "ia_usage:\n  label: IA_USAGE" in page, "the new question, to be pasted in survey.yml"


def test_under_ten_lines_are_typed_and_the_figures_are_right(
    project: Project, planted: Planted
) -> None:
    before = read_estimates(project.estimates(SURVEY))
    added = add(project, planted.content)
    with pytest.raises(BaroError) as refused:
        pipeline.build(project, only_estimates=True)
    lines = open_lines(project, SURVEY)["2023"]
    assert len(refused.value.problems) == len(lines) <= MOST_LINES
    assert all("2023.yml:" in p.where and p.remedy for p in refused.value.problems)
    assert read_estimates(project.estimates(SURVEY)).equals(before)

    assert complete(added.draft) <= MOST_LINES
    assert check_wave(project, SURVEY, "2023") == planted.clean.height
    pipeline.build(project, only_estimates=True)
    table = read_estimates(project.estimates(SURVEY))
    old = table.filter(pl.col("wave") != "2023")
    assert old.drop("definition_hash").equals(before.drop("definition_hash"))
    assert_figures(table.filter(pl.col("wave") == "2023"), planted.clean)


def share(weight: pl.Series, member: pl.Series) -> float:
    w = weight.to_numpy()
    return float((w * member.to_numpy()).sum() / w.sum())


def assert_figures(table: pl.DataFrame, clean: pl.DataFrame) -> None:
    """Against the weighted shares of the file before anything was planted."""
    assert "enceinte_connectee" not in set(table["indicator"])
    weight = clean["POND"].cast(pl.Float64)
    whole = table.filter(pl.col("domain") == WHOLE)
    for indicator, column in (("telephone_fixe", "TELFIXE"), ("tablette", "TABLETTE")):
        expected = share(weight, clean[column] == "Oui")
        (estimate,) = whole.filter(pl.col("indicator") == indicator)["estimate"]
        assert estimate == pytest.approx(expected, abs=TOLERANCE)
    women = clean["SEXE"] == "Femme"
    bac = clean["DIPL5"] == "BAC"
    smartphone = table.filter(pl.col("indicator") == "smartphone")
    for member, value in ((women, "femme"), (bac, "bac")):
        w = weight.filter(member)
        expected = share(w, clean["SMARTPHO"].filter(member) == "Oui")
        (estimate,) = smartphone.filter(pl.col("domain_value") == value)["estimate"]
        assert estimate == pytest.approx(expected, abs=TOLERANCE), value
    adults = clean["AGE"].cast(pl.Float64) >= 18
    w = weight.filter(adults)
    expected = share(w, clean["FREINWEB1"].filter(adults) == "Oui")
    (estimate,) = whole.filter(pl.col("indicator") == "equipement_absent")["estimate"]
    assert estimate == pytest.approx(expected, abs=TOLERANCE)


def test_a_clean_file_asks_for_its_mode_and_its_dates_only(
    project: Project, real_data: Path
) -> None:
    raw = read_raw(real_data / FILE_2022, Dialect(), "2022").frame
    added = add(project, encoded(texts_of(raw)))
    assert list(added.arrived.draft.open) == [("mode",), ("field",)]


def test_a_second_add_keeps_what_was_typed(project: Project, planted: Planted) -> None:
    added = add(project, planted.content)
    text = added.draft.read_text("utf-8")
    typed = text.replace("TABLETTE: EQUIP_TABLETTE ?", "TABLETTE: EQUIP_TABLETTE")
    typed = typed.replace('field: "?"', "field: en juin 2023  # vu avec le producteur")
    added.draft.write_text(typed, "utf-8")
    again = add(project, planted.content)
    assert again.kept == "kept"
    assert added.draft.read_text("utf-8") == typed
    other = add(project, planted.content.replace(b"NON DIPLOME", b"AUCUN TITRE"), "v2-2023.csv")
    assert other.kept == "merged"
    merged = added.draft.read_text("utf-8")
    assert "field: en juin 2023\n" in merged
    assert "TABLETTE: EQUIP_TABLETTE\n" in merged
    assert "AUCUN TITRE: " in merged
    assert other.report.with_suffix(".yml.before").read_text("utf-8") == typed
    complete(added.draft)
    with pytest.raises(BaroError, match="complete"):
        add(project, planted.content)


def test_nothing_else_changes(project: Project, planted: Planted) -> None:
    definition = digest_path(project.surveys / SURVEY / "survey.yml")
    stages = digest_path(project.build / "stages")
    add(project, planted.content)
    assert digest_path(project.surveys / SURVEY / "survey.yml") == definition
    assert digest_path(project.build / "stages") == stages
    left = load_survey(project.surveys, SURVEY, drafts="leave out")
    assert "2023" not in left.waves
