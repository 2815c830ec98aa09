"""What is wrong in a document is said with its file, its line and what to type instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import BaroError
from analysis.render import load_project, render_document

Write = Callable[..., Path]

# name: body (its first line is line 5), line of the fault, found, what to type
STATIC = {
    "open block": ("::: {.note}\nTexte.\n", 5, "::: {.note} is not closed", "write :::"),
    "stray closing": ("Texte.\n\n:::\n", 7, "closes nothing", "take this line out"),
    "open cell": ("```{python}\n1\n", 5, "```{python} is not closed", "write ``` on a line"),
    "open fence": ("Texte.\n\n```\ncode\n", 7, "``` is not closed", "write ``` on a line"),
    "other language": ("```{r}\n1\n```\n", 5, "a cell in r", "rewrite it in Python"),
    "options in braces": ("```{python, echo=FALSE}\n1\n```\n", 5, "echo=FALSE", "`#| echo: true`"),
    "double braces": ("```{{python}}\n1\n```\n", 5, "double braces", "```python"),
    "indented cell": ("- a\n\n  ```{python}\n  1\n  ```\n", 7, "indented", "first column"),
    "unknown option": ("```{python}\n#| fig-capt: a\n1\n```\n", 6, '"fig-capt"', '"fig-cap"'),
    "wrong option": ("```{python}\n#| echo: oui\n1\n```\n", 6, 'echo is "oui"', "`echo: true`"),
    "errors shown": ("```{python}\n#| error: true\n1\n```\n", 6, "error is true", "`error: false`"),
    "option syntax": ('```{python}\n#| label: "a\n1\n```\n', 6, "not YAML", "close every quote"),
    "label": ("```{python}\n#| label: a b\n1\n```\n", 6, 'label "a b"', "`fig-taux`"),
    "caption": ("```{python}\n#| tbl-cap: a\n1\n```\n", 6, "tbl-cap", "`#| label: tbl-…`"),
    "labels twice": (
        "```{python}\n#| label: fig-a\n1\n```\n\n```{python}\n#| label: fig-a\n2\n```\n",
        10, '"fig-a" is given twice (first at essai.qmd:5)', '"fig-a-2"',
    ),
    "ids twice": ("## A {#a}\n\n[b]{#a .c}\n", 7, '"a" is given twice', '"a-2"'),
    "reserved id": ("::: {#cau-x}\nA\n:::\n", 5, '"cau-x"', '"bloc-cau-x"'),
    "heading 1": ("# Un\n", 5, "level 1: # Un", "write ## Un"),
    "second front matter": ("A\n\n---\nb: c\n---\n", 7, "second front matter", "blank line"),
    "shortcode": ("{{< vra x >}}\n", 5, 'shortcode "vra" does not exist', '"var"'),
    "open shortcode": ("{{< var\nvague >}}\n", 5, "not closed on its line", "`>}}`"),
    "variable": ("A {{< var vgue >}}\n", 5, '"vgue" in _variables.yml', 'did you mean "vague"?'),
    "variable kind": ("{{< var enquete >}}\n", 5, "is not a text", "enquete.1"),
    "meta": ("{{< meta titre >}}\n", 5, 'no "titre" in the front matter', '"title"'),
    "env": ("{{< env ESSAI_NUL >}}\n", 5, "no ESSAI_NUL", '{{< env ESSAI_NUL "default" >}}'),
    "include": ("{{< include _a.qmd >}}\n", 5, '"_a.qmd" is not there', "{{< include _a.qmd >}}"),
    "include in a line": ("A {{< include _a.qmd >}}\n", 5, "within a line", "a line of its own"),
    "no kernel": ("A `{python} 1`\n", 5, "without a cell", "`jupyter: python3`"),
    "open expression": ("```{python}\n1\n```\n\n`{python} 1\n", 9, "not closed", "on one line"),
    "expression in code": (
        "```{python}\n1\n```\n\n```\n`{python} 1`\n```\n", 10, "in a code block", "outside",
    ),
    "link": ("[a](b.qmd#c)\n", 5, "a link to b.qmd", "write b.html#c"),
    "footnote": ("A[^1]\n", 5, "[^1] is not defined", "`[^1]: its text`"),
    "unused footnote": ("A\n\n[^1]: B\n", 7, "nowhere in the text", "write [^1]"),
}  # fmt: skip
CONVERTED = {
    "reference": ("A\n\nVoir @fig-a et @tbl-b.\n", 7, "@tbl-b leads nowhere", "{#tbl-b}"),
    "near reference": ("Voir @eq-mx.\n\n$$\nx\n$$ {#eq-m}\n", 5, "@eq-mx", '"eq-m"'),
    "section": ("## A {#sec-a .unnumbered}\n\n@sec-a\n", 7, "without a number", ".unnumbered"),
    "lost reference": (
        "[figures @eq-a et @eq-a]\n\n$$\nx\n$$ {#eq-a}\n", 5, "is lost", "[-@fig-b]",
    ),
    "mixed": ("[@eq-a; @roux2021]\n\n$$\nx\n$$ {#eq-a}\n", 5, "in one bracket", "one bracket"),
    "citation": ("Voir @nul2020.\n", 5, "@nul2020 is not in the bibliography", "add it"),
    "image": ('![](_assets/nul.svg){fig-alt="a"}\n', 5, "nul.svg", "correct the path"),
    "alternative": ("![A](_assets/carre.svg){#fig-a}\n", 5, "text alternative", '{fig-alt="…"}'),
    "bare image": ("A ![](_assets/carre.svg)\n", 5, "text alternative", '{fig-alt="…"}'),
    "callout": ("::: {.callout-tip}\nA\n:::\n", 5, ".callout-tip", "::: {.encadre}"),
    "tabs": ("::: {.panel-tabset}\n## A\n:::\n", 5, ".panel-tabset", "<details>"),
    "columns": ("::: {layout-ncol=2}\nA\n:::\n", 5, "layout-ncol", "a class of your own"),
    "margin": ("A [b]{.aside}\n", 5, ".aside", "a class of your own"),
    "two conditions": (
        '::: {.content-visible when-format="html" when-meta="a"}\nA\n:::\n',
        5, "exactly one condition", "nest two blocks",
    ),
    "condition": ('::: {.content-visible when-fmt="html"}\nA\n:::\n', 5, "when-fmt", "when-format"),
    "classes lost": (
        '::: {.content-visible .a when-format="html"}\nA\n:::\n', 5, "are lost", "inside",
    ),
    "nested": (
        "::: {#fig-a}\n\n:::: {#tbl-b}\n| a |\n|---|\n\nB\n::::\n\nA\n:::\n",
        7, "#tbl-b", "its own",
    ),
    "table": ("| a |\n|---|\n| b |\n\n: C {#tbl-a .b}\n", 9, "{#tbl-a", "alone at its end"),
    "glued block": ("A\n::: {.b}\nC\n:::\n", 6, "middle of a paragraph", "blank line before"),
    "formula": ("A $\\frac{$ b\n", 5, "pandoc warns", "formula"),
}  # fmt: skip
RUN = {
    "statement": (
        "```{python}\n#| label: a\n\nx = 1\nraise ValueError('non')\n```\n",
        9, "ValueError: non", "correct `raise ValueError('non')`",
    ),
    "function": (
        "```{python}\ndef f():\n    return 1 / 0\n```\n\n```{python}\na = 1\nf(\n)\n```\n",
        12, "ZeroDivisionError", "correct `f(`",
    ),
    "syntax": ("```{python}\na = 1\nx = (1,\n```\n", 7, "SyntaxError: incomplete", "`x = (1,`"),
    "result": (
        "```{python}\nclass A:\n    def _repr_html_(self): raise LookupError('vide')\nA()\n```\n",
        7, "LookupError: vide", "raise LookupError('vide')`",
    ),
    "result of a class above": (
        "```{python}\nclass A:\n    def _repr_html_(self): raise LookupError('vide')\n```\n\n"
        "```{python}\na = A()\n\na\n```\n",
        13, "LookupError: vide", "correct `a` (the cell starts at essai.qmd:10)",
    ),
    "expression": (
        "```{python}\nd = {}\n```\n\nA `{python} d['b']`\n",
        9, "KeyError: 'b'", "correct the expression",
    ),
    "expression result": (
        "```{python}\nclass A:\n    def _repr_html_(self): raise LookupError('vide')\n```\n\n"
        "`{python} A()`\n",
        10, "LookupError: vide", "correct the expression",
    ),
    "dead": ("```{python}\nimport os; os._exit(3)\n```\n", 5, "kernel died", "take out"),
    "picture": (
        "```{python}\nfrom IPython.display import SVG\nSVG('<svg xmlns=\"a\"></svg>')\n```\n",
        5, "image/svg+xml", "inline <svg>",
    ),
    "two outputs": (
        "```{python}\n#| label: fig-a\nprint(1)\n2\n```\n", 5, "2 outputs", "its own cell",
    ),
    "open output": (
        "```{python}\nfrom IPython.display import Markdown\nMarkdown('::: {.a}')\n```\n",
        5, "left open", "close every :::",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", [*STATIC, *CONVERTED, *RUN])
def test_a_fault_in_the_body(case: str, write: Write, tmp_path: Path) -> None:
    body, line, found, remedy = {**STATIC, **CONVERTED, **RUN}[case]
    with pytest.raises(BaroError) as caught:
        render_document(write(body), tmp_path / "page.html")
    here = [p for p in caught.value.problems if p.where == f"essai.qmd:{line}"]
    told = "\n".join(str(problem) for problem in here)
    assert found in told, str(caught.value)
    assert remedy in "\n".join(problem.remedy for problem in here), str(caught.value)
    assert not (tmp_path / "page.html").exists()


FRONT = {
    "open quote": ('title: "A', 2, "not YAML", "close every quote"),
    "twice": ("title: A\ntitle: B", 3, "given twice (first at line 2)", "keep one"),
    "no title": ("sujet: A", 2, "no title", "`title"),
    "type": ("title: A\nformat:\n  html:\n    toc: oui", 5, 'toc is "oui"', "`toc: true`"),
    "unknown": ("title: A\nformat:\n  html:\n    tocc: true", 5, '"tocc"', '"toc"'),
    "other format": ("title: A\nformat: pdf", 3, "the format pdf", "`format: html`"),
    "refused": ("title: A\ncode-fold: true", 3, "code-fold is outside", "take it out"),
    "date": ("title: A\ndate: today", 3, '"today" is not a date', "`date: 2024-12-31`"),
    "date format": ("title: A\ndate: 2024-01-01\ndate-format: D MOIS", 3, '"MOIS"', "date-format"),
    "bibliography": (
        "title: A\nbibliography: a.json",
        3,
        '"a.json" is not there',
        "correct the path",
    ),
    "shortcode": ('title: "{{< var vague >}}"', 2, "in title", "write its value"),
    "tag": ("title: !r x", 2, "the tag !r", "write the value"),
    "filters": ("title: A\nfilters: [a.lua]", 3, "filters in a document", "_quarto.yml"),
}


@pytest.mark.parametrize("case", FRONT)
def test_a_fault_in_the_front_matter(case: str, write: Write, tmp_path: Path) -> None:
    front, line, found, remedy = FRONT[case]
    with pytest.raises(BaroError) as caught:
        render_document(write("Texte.\n", title=front), tmp_path / "page.html")
    told = "\n".join(str(p) for p in caught.value.problems if p.where == f"essai.qmd:{line}")
    assert found in told, str(caught.value)
    assert remedy in told, str(caught.value)


def test_all_faults_at_once(write: Write, tmp_path: Path) -> None:
    with pytest.raises(BaroError) as caught:
        render_document(write("# Un\n\n{{< var a >}}\n\n[a](b.qmd)\n"), tmp_path / "page.html")
    places = [problem.where for problem in caught.value.problems]
    assert places == ["essai.qmd:5", "essai.qmd:7", "essai.qmd:9"]


def test_a_fault_in_an_included_file(write: Write, stage: Path, tmp_path: Path) -> None:
    (stage / "_assets" / "_faute.qmd").write_text("Un.\n\n# Deux\n\n{{< var nul >}}\n", "utf-8")
    with pytest.raises(BaroError) as caught:
        render_document(write("{{< include _assets/_faute.qmd >}}\n"), tmp_path / "page.html")
    places = [problem.where for problem in caught.value.problems]
    assert places == ["_assets/_faute.qmd:3", "_assets/_faute.qmd:5"]


def test_an_inclusion_of_itself(write: Write, tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="includes itself"):
        render_document(write("{{< include essai.qmd >}}\n"), tmp_path / "page.html")


def test_an_inclusion_from_outside(write: Write, tmp_path: Path) -> None:
    (tmp_path / "dehors.qmd").write_text("Un.\n", "utf-8")
    with pytest.raises(BaroError, match=r"essai\.qmd:5\n.*outside the project"):
        render_document(write("{{< include ../dehors.qmd >}}\n"), tmp_path / "page.html")


def test_open_front_matter(stage: Path, tmp_path: Path) -> None:
    (stage / "a.qmd").write_text("---\ntitle: A\n", "utf-8")
    with pytest.raises(BaroError, match=r"a\.qmd:1\n.*not closed\n  -> write ---"):
        render_document(stage / "a.qmd", tmp_path / "page.html")


PROJECT_FILE = {
    "minimal": ("    minimal: true\n", "", "has no minimal", "`minimal: true`"),
    "math": ("method: mathml", "method: katex", 'is "katex"', "`html-math-method: mathml`"),
    "website": ("type: default", "type: website", '"website"', "`type: default`"),
    "filter": ("    at: pre-ast\n", "", "does not run at pre-ast", "`at: pre-ast`"),
    "template": ("_assets/page.html", "_assets/nul.html", '"_assets/nul.html"', "correct the path"),
    "crossref": ("tbl-title:", "tbl-titre:", '"tbl-titre"', '"tbl-title"'),
}


@pytest.mark.parametrize("case", PROJECT_FILE)
def test_a_fault_in_the_project_file(case: str, stage: Path) -> None:
    old, new, found, remedy = PROJECT_FILE[case]
    file = stage / "_quarto.yml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BaroError, match=r"_quarto\.yml:\d+\n") as caught:
        load_project(stage)
    assert found in str(caught.value)
    assert remedy in str(caught.value)


def test_settings_elsewhere(stage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stage / "_quarto-public.yml").write_text("toc: true\n", "utf-8")
    load_project(stage)
    monkeypatch.setenv("QUARTO_PROFILE", "public, essai")
    with pytest.raises(BaroError, match=r"_quarto-public\.yml\n.*outside _quarto\.yml"):
        load_project(stage)


def test_no_project_file(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="there is no project file"):
        load_project(tmp_path)


def test_a_template_that_leaks_scripts(stage: Path) -> None:
    file = stage / "_assets" / "page.html"
    file.write_text(file.read_text("utf-8") + "$header-includes$\n", "utf-8")
    lines = len(file.read_text("utf-8").splitlines())
    with pytest.raises(BaroError, match=rf"_assets/page\.html:{lines}\n.*header-includes"):
        load_project(stage)


def test_a_filter_that_refuses(write: Write, stage: Path, tmp_path: Path) -> None:
    file = stage / "_assets" / "report.lua"
    file.write_text("io.stderr:write('il manque un titre')\nos.exit(1)\n", "utf-8")
    with pytest.raises(BaroError, match=r"essai\.qmd\n.*il manque un titre"):
        render_document(write("Texte.\n"), tmp_path / "page.html")


def test_an_unknown_parameter(write: Write, tmp_path: Path) -> None:
    body = "```{python}\n#| tags: [parameters]\nannee = 1\n```\n"
    with pytest.raises(BaroError, match=r"essai\.qmd:5\n.*\"ane\"") as caught:
        render_document(write(body), tmp_path / "page.html", params={"ane": 2})
    assert 'did you mean "annee"?' in str(caught.value)


def test_a_python_without_kernel(write: Write, tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="does not start") as caught:
        render_document(
            write("```{python}\n1\n```\n"), tmp_path / "page.html", python="/nowhere/python"
        )
    assert "install ipykernel for /nowhere/python" in str(caught.value)
