"""``baro claims``: formats, another file, what changed since a build, exit codes, staleness."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analysis import pipeline
from analysis.claims.output import read_judgement
from analysis.cli import main
from analysis.cli_claims import CHANGED
from analysis.errors import BaroError
from analysis.project import Project
from tests.claims.maker import claim, write


def baro(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["claims", *arguments])


@pytest.fixture
def here(own_observed: Project) -> Project:
    """A project with drawn data in the place of real ones, so that verdicts are given."""
    return own_observed


def register(project: Project) -> Path:
    return project.reports / "claims" / "assises-2024.yml"


def test_text_says_verdict_quote_sentence_and_tally(here: Project) -> None:
    done = baro()
    assert done.exit_code == 0, done.output
    assert "C06  Calcul juste" in done.output
    assert "27\u00a0M€ ÷ 62\u00a0M€" in done.output
    assert "contradiction: C01, Damien Michallet" in done.output
    assert done.output.strip().splitlines()[-1].startswith("53 claims: ")


def test_json_and_csv_hold_every_claim(here: Project) -> None:
    data = json.loads(baro("--format", "json").output)
    assert len(data["claims"]) == 53
    rows = list(csv.DictReader(io.StringIO(baro("--format", "csv").output)))
    assert [r["code"] for r in rows] == [c["id"] for c in data["claims"]]
    assert rows[1]["verdict"] == "Calcul juste"
    assert float(rows[1]["valeur"]) == pytest.approx(-0.564516)


def test_formulas_in_quotes_are_neutralised(here: Project, tmp_path: Path) -> None:
    path = write(tmp_path, {"A": claim("25 %", {"quoted": "=1+1"}, quote="=HYPERLINK(1) 25 %")})
    rows = list(csv.DictReader(io.StringIO(baro(str(path), "--format", "csv").output)))
    assert rows[0]["citation"].startswith("'=")
    assert rows[0]["constat"].startswith("'=")


def test_another_file_is_judged_alone(here: Project, tmp_path: Path) -> None:
    check = {"arithmetic": {"formula": "adultes / adultes"}}
    path = write(tmp_path, {"A": claim("100 %", check)})
    done = baro(str(path), "--format", "json")
    assert [c["verdict"] for c in json.loads(done.output)["claims"]] == ["arithmetic_right"]


def test_faults_of_a_file_are_told_with_status_1(here: Project, tmp_path: Path) -> None:
    done = baro(str(write(tmp_path, {"A": claim("beaucoup", {"quoted": "x"})})))
    assert done.exit_code == 1
    assert "not read as a figure" in done.stderr


def test_nothing_changed_since_the_site_just_built(here: Project) -> None:
    done = baro("--since", str(here.site), "--fail-on-change")
    assert (done.exit_code, done.output) == (0, "no verdict changed\n")


def test_a_change_is_listed_and_ends_with_its_own_status(here: Project) -> None:
    old = here.root / "ancien.json"
    old.write_text((here.site / "donnees" / "affirmations.json").read_text("utf-8"), "utf-8")
    text = register(here).read_text("utf-8")
    register(here).write_text(text.replace("says: diminue de 56 %", "says: diminue de 40 %"))
    done = baro("--since", str(old))
    assert done.exit_code == 0
    assert done.output == "C06: Calcul juste -> Impossible tel que c’est dit\n"
    failed = baro("--since", str(old), "--fail-on-change", "--format", "json")
    assert failed.exit_code == CHANGED
    assert json.loads(failed.output) == [
        {"id": "C06", "before": "arithmetic_right", "after": "arithmetic_wrong"}
    ]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"claims": 3}', "\x00"])
def test_what_is_no_former_build_is_refused(here: Project, content: str) -> None:
    path = here.root / "x.json"
    path.write_text(content, "utf-8")
    done = baro("--since", str(path))
    assert done.exit_code == 1
    assert "no file of judged claims" in done.stderr


def test_failing_on_change_needs_something_to_compare_with() -> None:
    assert baro("--fail-on-change").exit_code == 2


def test_the_site_holds_what_the_build_judged(here: Project) -> None:
    published = read_judgement(here.site / "donnees" / "affirmations.json")
    assert published == read_judgement(here.claims)
    text = (here.site / "donnees" / "affirmations.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfcode;citation;")


def test_a_touched_register_is_judged_again_and_nothing_is_estimated(
    here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.pipeline.publishing.publish_site", lambda *_: None)
    text = register(here).read_text("utf-8")
    register(here).write_text(text.replace("says: diminue de 56 %", "says: diminue de 40 %"))
    said: list[str] = []
    done = pipeline.build(here, said.append)
    assert list(done.seconds) == ["claims", "downloads", "pages"]
    assert "  verdict of C06: Calcul juste -> Impossible tel que c’est dit" in said


def test_a_fault_in_a_register_ends_the_build_and_leaves_the_site(here: Project) -> None:
    before = (here.site / "chiffres.html").read_bytes()
    text = register(here).read_text("utf-8")
    register(here).write_text(text.replace("indicator: acces_insuffisant", "indicator: acces"))
    with pytest.raises(BaroError, match="acces_insuffisant"):
        pipeline.build(here)
    assert (here.site / "chiffres.html").read_bytes() == before


def test_schema_of_registers() -> None:
    done = CliRunner().invoke(main, ["schema", "--claims"])
    assert json.loads(done.output)["title"] == "reports/claims/<register>.yml"
    assert CliRunner().invoke(main, ["schema", "--claims", "--wave"]).exit_code == 2
