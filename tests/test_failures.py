"""The failure report: three files with the same problems, safe to open."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import Problem
from analysis.failures import COLUMNS, write_failures
from analysis.project import Project

HOSTILE = '=HYPERLINK("http://x")'
PROBLEMS = [
    Problem("f.csv: row 3, column SEXE", "no category", "did you mean?", "recode it", row=3,
            respondent="r-3", column="SEXE", value="<script>alert(1)</script>",
            rule="category sexe"),
    Problem("f.csv: row 9", "too fast", row=9, value=HOSTILE, rule="speeders", severity="warn"),
]  # fmt: skip


def test_three_files_hold_the_same_problems(tmp_path: Path) -> None:
    paths = write_failures(PROBLEMS, "enquête", tmp_path / "report")
    assert [p.name for p in paths] == ["failures.json", "failures.csv", "failures.html"]
    found = json.loads(paths[0].read_text("utf-8"))
    assert (found["checked"], found["stops"], found["warnings"]) == ("enquête", 1, 1)
    assert found["problems"][0]["respondent"] == "r-3"
    with paths[1].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert list(rows[0]) == list(COLUMNS)
    assert [(r["row"], r["rule"], r["severity"]) for r in rows] == [
        ("3", "category sexe", "stop"), ("9", "speeders", "warn")]  # fmt: skip
    html = paths[2].read_text("utf-8")
    assert html.count("<tr>") == 3
    assert "1 bloquants, 1 à regarder" in html


def test_nothing_in_a_report_runs(tmp_path: Path) -> None:
    _, table, page = write_failures(PROBLEMS, "</title><script>", tmp_path)
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert html.index("Content-Security-Policy") < html.index("<style>")
    with table.open(encoding="utf-8-sig", newline="") as file:
        values = [r["value"] for r in csv.DictReader(file, delimiter=";")]
    assert not any(v.startswith(("=", "+", "-", "@")) for v in values)


def test_a_report_without_problems_replaces_that_of_yesterday(tmp_path: Path) -> None:
    write_failures(PROBLEMS, "enquête", tmp_path)
    write_failures([], "enquête", tmp_path)
    assert json.loads((tmp_path / "failures.json").read_text("utf-8"))["problems"] == []
    assert "Rien à signaler" in (tmp_path / "failures.html").read_text("utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "failures.csv", "failures.html", "failures.json"]  # fmt: skip


def test_the_command_writes_the_report_and_fails(own_observed: Project, tmp_path: Path) -> None:
    file = own_observed.root / "data" / "barometre-numerique" / "barometre-du-numerique-2022.csv.gz"
    text = gzip.decompress(file.read_bytes()).decode("windows-1252")
    spoilt = text.replace("Femme", "Fille").replace("Homme", "Garçon")
    file.write_bytes(spoilt.encode("windows-1252"))
    done = CliRunner().invoke(main, ["validate", "--wave", "2022", "--report", str(tmp_path)])
    assert done.exit_code == 1
    found = json.loads((tmp_path / "failures.json").read_text("utf-8"))
    assert found["stops"] == len(found["problems"]) == 2
    assert {(p["column"], p["value"]) for p in found["problems"]} == {
        ("SEXE", "Fille"), ("SEXE", "Garçon")}  # fmt: skip
    assert all(p["row"] and p["respondent"] for p in found["problems"])
    assert "failures.html" in done.stderr
