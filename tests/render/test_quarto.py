"""How the real Quarto is called and believed, with a stand-in for the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from analysis.errors import BaroError
from analysis.render import quarto_path, render_project

# Writes what it was given beside the stage, and a page with the content of $FAKE_PAGE.
FAKE = """#!{python}
import json, os, pathlib, sys
pathlib.Path("../call.json").write_text(json.dumps({{
    "arguments": sys.argv[1:], "python": os.environ["QUARTO_PYTHON"], "folder": os.getcwd(),
    "params": [json.load(open(a)) for a in sys.argv if a.endswith("params.yml")]}}))
out = pathlib.Path(sys.argv[sys.argv.index("--output-dir") + 1])
print("[1/1] neuf.qmd", file=sys.stderr)
print(os.environ.get("FAKE_SAYS", ""), file=sys.stderr)
if os.environ["FAKE_PAGE"]:
    (out / "neuf.html").write_text(os.environ["FAKE_PAGE"])
sys.exit(int(os.environ.get("FAKE_STATUS", "0")))
"""


@pytest.fixture
def fake(stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    command = tmp_path / "bin" / "quarto"
    command.parent.mkdir()
    command.write_text(FAKE.format(python=sys.executable), "utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent))
    monkeypatch.setenv("FAKE_PAGE", "<p>Page</p>")
    body = "```{python}\n#| tags: [parameters]\nannee = 1\n```\n\nVoir @fig-a.\n"
    (stage / "neuf.qmd").write_text(f"---\ntitle: Neuf\n---\n\n{body}", "utf-8")
    return stage


def test_call(fake: Path, tmp_path: Path) -> None:
    result = render_project(fake, tmp_path / "site", params={"annee": 2020}, python="/a/python")
    assert quarto_path() == str(tmp_path / "bin" / "quarto")
    assert result.renderer == "quarto"
    assert result.pages == (tmp_path / "site" / "neuf.html",)
    call = json.loads((tmp_path / "call.json").read_text("utf-8"))
    assert call["arguments"][:3] == ["render", ".", "--output-dir"]
    assert call["python"] == "/a/python"
    assert Path(call["folder"]) == fake
    assert call["params"] == [{"annee": 2020}]


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [
        ("FAKE_STATUS", "1", r"neuf\.qmd\n  quarto render ends with status 1"),
        ("FAKE_SAYS", "Error running filter a.lua:", r"neuf\.qmd\n  a filter fails: .*a\.lua"),
        ("FAKE_PAGE", "", r"quarto wrote no neuf\.html"),
        ("FAKE_PAGE", "<p>?@fig-a</p>", r"neuf\.qmd:10\n  the reference @fig-a leads nowhere"),
    ],
)
def test_failures(
    fake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: str,
    found: str,
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(BaroError, match=found):
        render_project(fake, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_faults_of_the_text_are_found_before_quarto_runs(fake: Path, tmp_path: Path) -> None:
    (fake / "neuf.qmd").write_text("---\ntitle: A\n---\n\n{{< bidule >}}\n", "utf-8")
    with pytest.raises(BaroError, match=r"neuf\.qmd:5\n"):
        render_project(fake, tmp_path / "site")
    assert not (tmp_path / "call.json").exists()


def test_no_quarto(stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (stage / "neuf.qmd").write_text("---\ntitle: A\n---\n\nA\n", "utf-8")
    assert quarto_path() is None
    with pytest.raises(BaroError, match="there is no quarto command"):
        render_project(stage, tmp_path / "site", renderer="quarto")
