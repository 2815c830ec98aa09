"""The commands: what they print, on which stream, with which exit status."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import click
import polars as pl
import pytest

from analysis import __version__, cli, pipeline, preview
from analysis.cli import main
from analysis.estimates import SCHEMA, STATUS, read_estimates
from analysis.project import Project
from analysis.stages import Outcome
from tests.commands import baro, refused, well
from tests.conftest import copy_project

SURVEY = "barometre_numerique"
OLD, NEW = "barometre-du-numerique-2007-2020.csv.gz", "barometre-du-numerique-2022.csv.gz"
BARO = [sys.executable, "-c", "from analysis.cli import main; main()"]


@pytest.fixture
def here(demonstration: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The built project as the working directory, only to be read."""
    return enter(demonstration, monkeypatch)


@pytest.fixture
def here_observed(observed: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    return enter(observed, monkeypatch)


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    return enter(copy_project(tmp_path / "project"), monkeypatch)


def enter(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(project.root)
    return project


# --- in general ----------------------------------------------------------------------------------

COMMANDS = [
    "build", "claims", "codebook", "data", "data get", "diff", "disclosure", "estimate",
    "precision", "preview", "release", "sample", "schema", "simulate-register", "status", "table",
    "topline", "translate", "validate", "wave", "wave add", "wave check", "weights",
]  # fmt: skip


def commands(group: click.Group, above: str = "") -> list[str]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = commands(command, f"{name} ") if isinstance(command, click.Group) else []
        found += [above + name, *inner]
    return found


def test_every_command_is_known_here() -> None:
    assert commands(main) == COMMANDS


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_each_command_has_its_help(
    command: str, flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # help needs no project
    text = well(*command.split(), flag)
    assert text.startswith(f"Usage: main {command}".rstrip())
    summary = text.split("\n\n")[1].strip()
    assert summary.endswith(".")
    assert len(summary) > 20


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_says_what_it_does(command: str) -> None:
    found: click.Command = main
    for name in command.split():
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None
        found = inner
    options = [p for p in found.params if isinstance(p, click.Option)]
    assert [o.name for o in options if not o.help] == []


def test_a_command_waits_for_no_module_but_its_own() -> None:
    """What estimates, and what draws pages, is imported by the commands that need it."""
    code = "import sys, analysis.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    heavy = {"scipy", "plotly", "nbclient", "xlsxwriter", "analysis.pipeline", "analysis.briefing"}
    assert heavy.isdisjoint(done.stdout.split())


def test_the_version_is_that_of_the_package() -> None:
    assert well("--version") == f"baro, version {__version__}\n"


@pytest.mark.parametrize(
    "command",
    ["build", "status", "validate", f"table {SURVEY} smartphone", "data", "data get x", "preview"],
)
def test_outside_a_project_each_command_says_so(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    said = refused(*command.split())
    assert "no project here or above" in said
    assert "BARO_PROJECT" in said
    assert list(tmp_path.iterdir()) == []


def test_below_a_project_it_is_found(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here.surveys / SURVEY)
    assert "smartphone" in well("table", SURVEY, "smartphone")


def test_baro_project_names_it_from_elsewhere(
    here: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BARO_PROJECT", str(here.root))
    assert "smartphone" in well("table", SURVEY, "smartphone")


def test_baro_project_that_names_none_is_refused(
    here: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARO_PROJECT", str(tmp_path / "nothing"))
    assert refused("status").startswith(str(tmp_path / "nothing"))


def test_the_installed_program_says_one_message_and_no_traceback(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k != "BARO_PROJECT"}
    done = subprocess.run(
        [*BARO, "status"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n  -> ") == 1


def test_the_reader_of_a_pipe_may_stop_reading(here: Project) -> None:
    """As ``baro table … | head -1`` does."""
    command = [*BARO, "table", SURVEY, "smartphone", "--by", "age", "--format", "csv"]
    with subprocess.Popen(
        command, cwd=here.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as baro:
        assert baro.stdout
        assert baro.stderr
        baro.stdout.close()
        assert b"Traceback" not in baro.stderr.read()


# --- build, status -------------------------------------------------------------------------------


def test_build_with_nothing_to_do_says_so(own_demonstration: Project) -> None:
    stages = [s.name for s in pipeline.status(own_demonstration)]
    done = baro("build")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"0 stages run, {len(stages)} fresh: _site/index.html\n"
    assert well("build", "--quiet") == ""
    assert json.loads(well("build", "--json")) == {"ran": {}, "fresh": stages}


@pytest.mark.usefixtures("here")
def test_build_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Outcome({"table x": 1.5}, ["ingest x/y"])
    monkeypatch.setattr(pipeline, "build", lambda *_, **__: outcome)
    assert json.loads(well("build", "--json")) == {"ran": {"table x": 1.5}, "fresh": ["ingest x/y"]}


@pytest.mark.parametrize("command", ["build", "status"])
@pytest.mark.usefixtures("here")
def test_a_language_that_no_page_has_is_refused(command: str) -> None:
    assert '"en"' in refused(command, "--lang", "eng")


def test_translate_says_what_waits_in_each_catalogue(unbuilt: Project) -> None:
    assert "reports/en/index.po: complete\n" in well("translate", "en")
    page = unbuilt.reports / "index.qmd"
    page.write_text(page.read_text("utf-8") + "\nUne phrase.\n", "utf-8")
    assert "reports/en/index.po: 1 to translate\n" in well("translate", "en")
    assert 'msgid "Une phrase."' in (unbuilt.reports / "en" / "index.po").read_text("utf-8")


@pytest.mark.usefixtures("here")
def test_timings_are_shares_by_kind_of_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {"prepare x/1": 1.0, "prepare x/2": 2.0, "pages": 1.0}
    monkeypatch.setattr(pipeline, "build", lambda *_, **__: Outcome(seconds, []))
    lines = [line.split() for line in well("build", "--timings", "--quiet").splitlines()]
    assert lines == [
        ["prepare", "3.00", "s", "75.0", "%"],
        ["pages", "1.00", "s", "25.0", "%"],
    ]


def test_a_build_that_fails_prints_its_problems_in_json(unbuilt: Project) -> None:
    wave = unbuilt.surveys / SURVEY / "waves" / "2015.yml"
    wave.write_text(wave.read_text("utf-8").replace("mode:", "mood:"), "utf-8")
    done = baro("build", "--json")
    assert done.exit_code == 1
    problems = json.loads(done.stdout)["problems"]
    parts = {"where", "found", "expected", "remedy", "row", "respondent", "column", "value",
             "rule", "severity"}  # fmt: skip
    assert all(p.keys() == parts for p in problems)
    assert any("waves/2015.yml" in p["where"] and '"mode"' in p["expected"] for p in problems)
    assert "waves/2015.yml" in done.stderr


@pytest.mark.usefixtures("here")
def test_status_of_a_fresh_build() -> None:
    lines = well("status").splitlines()
    assert {line.split()[0] for line in lines} == {"fresh"}
    assert lines[-1] == "fresh  pages"


@pytest.mark.usefixtures("unbuilt")
def test_status_before_any_build() -> None:
    lines = well("status").splitlines()
    assert {line.split()[0] for line in lines} == {"stale"}
    assert lines[0] == f"stale  demonstrate {SURVEY}  (never finished)"
    assert lines[-1] == "stale  pages  (never finished; waits for downloads)"


def test_status_in_json(own_observed: Project) -> None:
    page = own_observed.reports / "index.qmd"
    page.write_text(page.read_text("utf-8") + "\nUne phrase.\n", "utf-8")
    states = json.loads(well("status", "--json"))
    assert [s for s in states if not s["fresh"]] == [
        {"stage": "pages", "fresh": False, "why": "changed: reports"}
    ]
    assert all(s["why"] == "" for s in states if s["fresh"])


# --- validate ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here_observed")
def test_validate_says_how_many_rows_are_right() -> None:
    done = baro("validate", SURVEY, "--wave", "2022")
    assert done.exit_code == 0
    assert done.stdout == f"{SURVEY}: 1 waves, 4184 rows, nothing wrong\n"
    assert baro("validate", "--wave", "2022", "--quiet").output == ""


@pytest.mark.usefixtures("here_observed")
def test_validate_in_json() -> None:
    found = json.loads(well("validate", SURVEY, "--wave", "2022", "--wave", "2009", "--json"))
    assert found == {"problems": [], "rows": {SURVEY: {"2022": 4184, "2009": 2220}}}


def test_validate_in_json_with_problems(own_observed: Project) -> None:
    file = own_observed.root / "data" / "barometre-numerique" / NEW
    text = gzip.decompress(file.read_bytes()).decode("windows-1252")
    spoilt = text.replace("POND", "POIDS", 1).replace("AGE6FUZ", "TRANCHE", 1)
    file.write_bytes(spoilt.encode("windows-1252"))
    done = baro("validate", "--wave", "2022", "--json")
    assert done.exit_code == 1
    problems = json.loads(done.stdout)["problems"]
    parts = {"where", "found", "expected", "remedy", "row", "respondent", "column", "value",
             "rule", "severity"}  # fmt: skip
    assert all(p.keys() == parts for p in problems)
    assert all(p["where"].startswith(NEW) for p in problems)
    missing = {f'the column "{c}" is missing' for c in ("POND", "AGE6FUZ")}
    assert {p["found"] for p in problems} == missing, "all of them"
    assert done.stderr.startswith(NEW)


@pytest.mark.usefixtures("here")
def test_validate_refuses_what_does_not_exist() -> None:
    assert f'did you mean "{SURVEY}"?' in refused("validate", "barometre_numerik")
    assert 'there is no wave "2021"' in refused("validate", SURVEY, "--wave", "2021")


# --- table ---------------------------------------------------------------------------------------


def cells(project: Project, indicator: str, domain: str, *waves: str) -> list[dict[str, Any]]:
    """The rows of the parquet file, which the command has to print."""
    found = pl.read_parquet(project.estimates(SURVEY)).filter(
        (pl.col("indicator") == indicator) & (pl.col("domain") == domain)
    )
    kept = found.filter(pl.col("wave").is_in(list(waves))) if waves else found
    return kept.sort("wave", "category", "domain_value").to_dicts()


CASES = [
    (("smartphone",), ("smartphone", "ensemble")),
    (("smartphone", "--wave", "2022"), ("smartphone", "ensemble", "2022")),
    (
        ("smartphone", "--wave", "2022", "--wave", "2015", "--by", "diplome"),
        ("smartphone", "diplome", "2015", "2022"),
    ),
    (("heures_ecran", "--by", "age"), ("heures_ecran", "age")),
    (("terminal_prefere",), ("terminal_prefere", "ensemble")),
]


@pytest.mark.parametrize(("asked", "kept"), CASES)
def test_table_in_json_is_the_parquet(
    here: Project, asked: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    rows = json.loads(well("table", SURVEY, *asked, "--format", "json"))
    assert rows == cells(here, *kept)
    assert rows
    assert list(rows[0]) == list(SCHEMA)
    assert {r["origin"] for r in rows} == {"demonstration"}


@pytest.mark.parametrize(("asked", "kept"), CASES)
def test_table_in_csv_is_the_parquet(
    here: Project, asked: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    text = well("table", SURVEY, *asked, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = cells(here, *kept)
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in expected] == rows, (
        "repr of a float is exact"
    )
    assert {r["origin"] for r in rows} == {"demonstration"}


@pytest.mark.parametrize(("asked", "kept"), CASES)
def test_table_in_text_shows_each_cell_of_the_parquet(
    here: Project, asked: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    first, label, population, head, *lines = well("table", SURVEY, *asked).splitlines()
    assert first.startswith("DONNÉES DE DÉMONSTRATION")
    assert label
    assert "base: " in population
    assert head.split()[:2] == ["wave", "group"]
    expected = cells(here, *kept)
    explained = {r["status"] for r in expected} - {"A"}
    assert len(lines) == len(expected) + len(explained)
    for line, row in zip(lines, expected, strict=False):
        words = line.split()
        mark = [] if row["status"] == "A" else [f"[{row['status'].lower()}]"]
        assert [words[0], *words[len(words) - 1 - len(mark) :]] == [
            row["wave"], str(row["n"]), *mark]  # fmt: skip
        scale = 1 if row["method"].startswith("mean") else 100
        if row["estimate"] is None:
            assert "–" in words
        else:
            ends = words[1 : len(words) - 1 - len(mark)]
            numbers = [w for w in ends if w.replace(".", "", 1).isdigit()]
            shown = [row[k] * scale for k in ("estimate", "ci_low", "ci_high", "se")]
            assert [float(n) for n in numbers[-4:]] == pytest.approx(shown, abs=0.0501)
    for letter, line in zip(sorted(explained), lines[len(expected) :], strict=True):
        assert line == f"[{letter.lower()}] {STATUS[letter]}"


def test_table_on_real_files_speaks_of_no_demonstration(here_observed: Project) -> None:
    for form in ("text", "csv", "json"):
        text = well("table", SURVEY, "smartphone", "--format", form)
        assert "monstration" not in text.lower()
    assert json.loads(text) == cells(here_observed, "smartphone", "ensemble")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("asked", "wrong", "near"),
    [
        ((SURVEY, "smartfone"), "smartfone", '"smartphone"'),
        (("barometre_numerik", "smartphone"), "barometre_numerik", f'"{SURVEY}"'),
        ((SURVEY, "smartphone", "--by", "diplomes"), "diplomes", '"diplome"'),
        ((SURVEY, "smartphone", "--wave", "2021"), "2021", "20"),
        ((SURVEY, "smartphone", "--wave", "2022", "--wave", "22"), "22", "2022"),
        ((SURVEY, "smartphone", "--by", ""), '""', "age"),
    ],
)
def test_table_names_the_nearest_that_exists(asked: tuple[str, ...], wrong: str, near: str) -> None:
    said = refused("table", *asked)
    assert wrong in said
    assert near in said.split("expected:")[1]


@pytest.mark.usefixtures("unbuilt")
def test_table_before_any_build_says_what_to_type() -> None:
    assert "-> run: baro build" in refused("table", SURVEY, "smartphone")


def test_table_of_an_indicator_that_is_no_longer_declared(own_demonstration: Project) -> None:
    read = own_demonstration.estimates(SURVEY)
    table = read_estimates(read)
    gone = table.filter(pl.col("indicator") == "smartphone").with_columns(
        indicator=pl.lit("smartphone_ancien")
    )
    pl.concat([table, gone]).write_parquet(read)
    said = refused("table", SURVEY, "smartphone_ancien")
    assert "no longer declared" in said
    assert "run: baro build" in said


# --- data ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_data_says_what_is_missing_and_how_to_get_it() -> None:
    text = well("data")
    assert [line.split()[:2] for line in text.splitlines() if "missing" in line] == [
        ["missing", f"{OLD}:"],
        ["missing", f"{NEW}:"],
    ]
    for word in ("ODbL 1.0", "https://opendatacommons.org", "CRÉDOC", "data.gouv.fr"):
        assert word in text
    assert f"baro data get {SURVEY}" in text
    assert "BARO_DATA" in text


def test_data_says_what_was_found_and_where(here_observed: Project) -> None:
    text = well("data")
    assert str(here_observed.root / "data" / "barometre-numerique") in text
    assert "missing" not in text
    assert sum(line.split()[0] == "found" for line in text.splitlines()) == 2
    assert sum(line.split()[0] == "made" for line in text.splitlines()) == 3  # and why, in a line
    assert "tested edition" not in text, "these are no real files"
    assert "ODbL 1.0" in text
    assert "data get" not in text


def test_data_in_json(own_observed: Project) -> None:
    (own_observed.root / "data" / "barometre-numerique" / OLD).unlink()
    survey, other = json.loads(well("data", "--json"))
    assert [(f["found"], f["made"]) for f in other["files"]] == [(False, True)] * 2
    assert {f["file"]: f["found"] for f in survey["files"]} == {OLD: False, NEW: True}
    assert survey["observed"] is False
    assert survey["folder"] == str(own_observed.root / "data" / "barometre-numerique")
    assert survey["licence"] == "ODbL 1.0"


def test_data_get_without_a_network_is_one_clear_sentence(
    unbuilt: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise URLError("Temporary failure in name resolution")

    monkeypatch.setattr(urllib.request, "urlopen", closed)
    said = refused("data", "get", SURVEY)
    assert said.splitlines() == [
        f"baro data get {SURVEY}",
        "  data.gouv.fr cannot be reached (Temporary failure in name resolution)",
        '  -> download "Baromètre du numérique" elsewhere and put the files below BARO_DATA',
    ]
    assert not (unbuilt.root / "data").exists()


def test_data_get_with_everything_there_asks_nobody(
    here_observed: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", None)
    done = baro("data", "get", SURVEY)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "nothing to download" in done.stderr
    assert baro("data", "get", SURVEY, "--quiet").output == ""


@pytest.mark.usefixtures("here")
def test_data_get_of_an_unknown_survey() -> None:
    assert f'did you mean "{SURVEY}"?' in refused("data", "get", "barometre_numerik")


def test_progress_is_for_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli._progress(quiet=False)(1024, 4096)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    cli._progress(quiet=True)(1024, 4096)
    assert capsys.readouterr().err == ""
    for received in (1024, 4096):
        cli._progress(quiet=False)(received, 4096)
    assert capsys.readouterr().err == "\r  1 kB  25 %\r  4 kB 100 %\n"


# --- preview -------------------------------------------------------------------------------------


def test_preview_hands_over_its_options(here: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    def noted(project: Project, port: int, _: object, renderer: str, languages: object) -> None:
        calls.append((project, port, renderer, languages))

    monkeypatch.setattr(preview, "preview", noted)
    well("preview")
    well("preview", "--port", "0", "--renderer", "embedded", "--lang", "en")
    assert calls == [(here, 8000, "auto", ()), (here, 0, "embedded", ("en",))]


@pytest.mark.parametrize("port", ["-1", "65536", "web"])
def test_preview_refuses_what_is_no_port(port: str) -> None:
    done = baro("preview", "--port", port)
    assert done.exit_code == 2
    assert "--port" in done.stderr


def test_nothing_is_left_by_commands_that_read(unbuilt: Project) -> None:
    before = sorted(p for p in unbuilt.root.rglob("*"))
    for command in (["status"], ["data"], ["validate", "--wave", "2022"]):
        assert baro(*command).exit_code == 0
    assert sorted(p for p in unbuilt.root.rglob("*")) == before
