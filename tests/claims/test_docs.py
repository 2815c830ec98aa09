"""docs/claims.md and docs/methods/claims.md: what they print is what the code does."""

from __future__ import annotations

import json
import re
from math import inf
from pathlib import Path

import pytest
import yaml

from analysis.claims import load_registers
from analysis.claims.rules import Evidence, outcome
from analysis.claims.stated import stated
from analysis.definition import load_survey


def rows(text: str, head: str) -> list[list[str]]:
    """The rows of the table that begins with ``head``."""
    lines = text[text.index(head) :].splitlines()[2:]
    table = [line for line in lines[: lines.index("")] if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def number(cell: str) -> float:
    value = float(re.sub(r"[^\d.]", "", cell))
    return value / 100 if "%" in cell else value * 1e6 if "million" in cell else value


def test_the_bands_of_the_method_page(project_root: Path) -> None:
    text = (project_root / "docs" / "methods" / "claims.md").read_text("utf-8")
    found = rows(text, "| said | from | to | rule |")
    assert len(found) > 12
    for said, low, high, _ in found:
        s = stated(said)
        assert s.low == pytest.approx(number(low) if low else -inf, rel=2e-4), said
        assert s.high == pytest.approx(number(high) if high else inf, rel=2e-4), said


def test_the_examples_of_the_method_page(project_root: Path) -> None:
    text = (project_root / "docs" / "methods" / "claims.md").read_text("utf-8")
    found = rows(text, "| said | estimate (se) | verdict | why |")
    assert len(found) == 5
    for said, estimate, verdict, _ in found:
        p, se = (float(x) / 100 for x in re.findall(r"[\d.]+", estimate.replace("%", "")))
        low, high = Evidence(p, p, p, se, 3000, "logit").interval(0.95)
        assert outcome(stated(said), Evidence(p, low, high, se, 3000, "logit")) == verdict, said


def test_every_way_of_writing_a_figure_of_the_language_page_is_read(project_root: Path) -> None:
    text = (project_root / "docs" / "claims.md").read_text("utf-8")
    for written, _ in rows(text, "| written | read as |"):
        for example in re.findall(r"`([^`]+)`", written):
            if "+ a figure" not in written and not example.endswith(" de"):
                stated(example)


def test_the_register_of_the_language_page_is_one(project_root: Path, tmp_path: Path) -> None:
    text = (project_root / "docs" / "claims.md").read_text("utf-8")
    block = re.findall(r"```yaml\n(.*?)```", text, flags=re.S)[0]
    data = yaml.load(block, yaml.BaseLoader)
    data["claims"]["D02"] = data["claims"]["D01"] | {"says": "la moitié"}  # named in the example
    path = tmp_path / "debat-2025.yml"
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")  # which is YAML
    survey = load_survey(project_root / "surveys", "barometre_numerique")
    found = load_registers({path: path.name}, {survey.id: survey})
    assert list(found[0].spec.claims) == ["D01", "D02"]
