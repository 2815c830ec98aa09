"""SECURITY.md: the tests that it names are there; and what the whole package never does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

# Functions that run a text as code, or unpickle one; modules that exist to do so.
_CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
_ATTRIBUTES = {"system", "popen", "load_all", "unsafe_load", "full_load", "read_pickle"}
_MODULES = {"pickle", "marshal", "shelve", "dill", "code", "runpy"}
_YAML = {"load", "unsafe_load", "full_load", "load_all"}


def named(text: str) -> set[str]:
    """The tests of the table, as paths below tests/."""
    table = text.partition("## What is defended")[2].partition("## What is not")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    return {name for row in rows[1:] for name in re.findall(r"`([\w/.]+)`", row.split(" | ")[-1])}


def test_every_test_that_is_named_is_there(project_root: Path) -> None:
    names = named((project_root / "SECURITY.md").read_text("utf-8"))
    assert len(names) > 20
    assert [n for n in names if not (project_root / "tests" / n).exists()] == []


def test_every_line_of_the_table_names_a_test(project_root: Path) -> None:
    text = (project_root / "SECURITY.md").read_text("utf-8")
    table = text.partition("## What is defended")[2].partition("## What is not")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    assert [r for r in rows if not re.search(r"`[\w/.]+`", r.split(" | ")[-1])] == []


def risks(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in _MODULES)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _MODULES:
            yield str(node.module)
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in _CALLS:
            yield called.id
        if isinstance(called, ast.Attribute):
            of = called.value.id if isinstance(called.value, ast.Name) else ""
            if called.attr in _ATTRIBUTES or (of == "yaml" and called.attr in _YAML):
                yield f"{of}.{called.attr}"
        if any(k.arg == "shell" for k in node.keywords):
            yield "shell="


def test_no_module_runs_a_text(project_root: Path) -> None:
    """`re.compile` compiles a pattern, not code."""
    found = {
        str(path.relative_to(project_root)): said
        for path in sorted((project_root / "analysis").rglob("*.py"))
        if (said := list(risks(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "code",
    ["eval(x)", "exec(x)", "import pickle", "from pickle import loads", "os.system(x)",
     "yaml.load(x)", "subprocess.run(x, shell=True)", "pl.read_pickle(x)"],
)  # fmt: skip
def test_what_counts_as_running_a_text(code: str) -> None:
    assert list(risks(ast.parse(code)))


def test_no_script_of_a_page_makes_markup_or_code_of_a_text(project_root: Path) -> None:
    never = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|"
        r"setTimeout\(\s*['\"`]|createContextualFragment|\.srcdoc|DOMParser"
    )
    scripts = sorted((project_root / "reports" / "_assets").glob("*.js"))
    assert len(scripts) > 4
    assert [p.name for p in scripts if never.search(p.read_text("utf-8"))] == []
