"""Every damage is refused in one clear message, at once, and nothing is written or changed.

Most run in this process. Those marked ``alone`` run in one of their own, with little memory and
little time: a refusal that takes either is none. Each stands on demonstration data, and on the
real file of 2022 where ``BARO_DATA`` has it.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from analysis.harmonise import harmonise
from analysis.pipeline import survey_build
from analysis.project import Project
from tests.damage import harness
from tests.damage.damages import DAMAGES
from tests.damage.registry import FILE, SURVEY, Case, Damage
from tests.damage.table import listed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="bounds of memory")
REFUSED = [d for d in DAMAGES if not d.harmless and not d.alone]
ALONE = [d for d in DAMAGES if d.alone]
HARMLESS = [d for d in DAMAGES if d.harmless]
LONGEST = 1000  # signs a problem

drawn = cache(harness.drawn)


@pytest.fixture(params=["drawn", "real"])
def content(request: pytest.FixtureRequest) -> bytes:
    """The raw file of 2022, drawn or real, as text."""
    if request.param == "drawn":
        return drawn()
    folder: Path = request.getfixturevalue("real_data")
    return gzip.decompress((folder / "barometre-numerique" / FILE).read_bytes())


@pytest.fixture
def case(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    return laid_out(content, tmp_path, monkeypatch)


def laid_out(content: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    case = harness.lay_out(folder, content)
    for name, value in harness.surroundings(case).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    return case


def check(damage: Damage, case: Case) -> None:
    damage.act(case)
    before = harness.around(case)
    said = harness.run(damage, case)
    assert said.code == 1, said
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err + said.out
    assert harness.around(case) == before
    assert len(said.problems) <= damage.most, said.err
    where, _, rest = said.problems[0].partition("\n")
    assert damage.where in where
    assert damage.says in rest
    for problem in said.problems:
        assert "\n  -> " in problem or "fail the same check" in problem, "what to do is said"
        assert len(problem) < LONGEST


@pytest.mark.parametrize("damage", REFUSED, ids=lambda d: d.id)
def test_a_damage_is_refused(damage: Damage, case: Case) -> None:
    check(damage, case)


@pytest.mark.parametrize("damage", ALONE, ids=lambda d: d.id)
def test_a_damage_is_refused_at_once_and_in_little_memory(
    damage: Damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = laid_out(b"", tmp_path, monkeypatch)
    check(damage, case)
    if case.file.is_file():
        case.file.unlink()  # some are large


@pytest.mark.parametrize("damage", HARMLESS, ids=lambda d: d.id)
def test_what_is_harmless_changes_no_answer(damage: Damage, case: Case) -> None:
    whole = harmonised(case)
    damage.act(case)
    said = harness.run(damage, case)
    assert said.code == 0, said.err
    assert harmonised(case).equals(whole)


def harmonised(case: Case) -> pl.DataFrame:
    """What every figure of 2022 is made from, respondents in order."""
    work = survey_build(Project(case.project), SURVEY)
    work.raw[FILE] = work.read(FILE).frame
    return harmonise(work.survey, "2022", work.rows("2022")).sort("id")


def test_there_are_damages_enough_and_each_is_listed(project_root: Path) -> None:
    assert len([d for d in DAMAGES if not d.harmless]) >= 45
    text = (project_root / "docs" / "damages.md").read_text("utf-8")
    assert listed(text) == [(d.kind, d.name) for d in DAMAGES], "run: make damages"
