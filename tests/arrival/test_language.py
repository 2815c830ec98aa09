"""A new wave of a survey with multiple and ranked answers, dates and indices."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from tests.rich_maker import FILES, HEADER, ROWS, write_rich
from tests.surveys_maker import csv_bytes


def test_nothing_but_mode_and_dates_is_left_to_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rich(tmp_path)
    (tmp_path / "_quarto.yml").touch()
    rows = [[f"{row[0]}_{k}", *row[1:]] for k in range(40) for row in ROWS]
    (tmp_path / "data" / "riche").mkdir(parents=True)
    for file in FILES.values():
        (tmp_path / "data" / "riche" / file).write_bytes(csv_bytes([HEADER, *rows], ","))
    (tmp_path / "d.csv").write_bytes(csv_bytes([HEADER, *rows], ","))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BARO_DATA", raising=False)
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    found = CliRunner().invoke(main, ["wave", "add", "riche", "d.csv", "--wave", "2024"])
    assert found.exit_code == 0, found.output
    draft = (tmp_path / "surveys" / "riche" / "waves" / "2024.yml").read_text("utf-8")
    keys = {line.split(":")[0] for line in draft.splitlines() if not line.startswith(("#", " "))}
    assert "rename" not in keys
    assert "drop" not in keys
    assert "recode" not in keys
    assert "2 lines to fill in or confirm" in found.output
