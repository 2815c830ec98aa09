"""Faults planted in finished pages, as Quarto leaves them with status 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.errors import BaroError
from analysis.render import check_pages

# name: what stands in <main> (line 5 of the page), found, what to type
PLANTED = {
    "reference": ("<p>Voir <strong>?@fig-absente</strong>.</p>", "@fig-absente", "{#fig-absente}"),
    "citation": (
        '<p><span class="citation">(<strong>nul2020?</strong>)</span></p>',
        "@nul2020", "add nul2020",
    ),
    "citations": (
        "<p>(<strong>nul2020?</strong>; Roux 2021)</p>", "@nul2020", "add nul2020",
    ),
    "variable": ("<p><strong>?var:a.b</strong></p>", "the var a.b", "define a.b"),
    "meta": ("<p><strong>?meta:sujet</strong></p>", "the meta sujet", "define sujet"),
    "environment": ("<p><strong>?env:VILLE</strong></p>", "the env VILLE", "define VILLE"),
    "python": ("<p><code>{python} 1 + 1</code></p>", "{python} 1 + 1", "`jupyter: python3`"),
    "bare python": ("<p>Il y a {python} 1 + 1 pages.</p>", "is printed", "`{python} …`"),
    "shortcode": ("<p>{{&lt; bidule x &gt;}}</p>", "{{< bidule", "in a code span"),
    "block": ("<p>Texte ::: {.a}</p>", "::: is printed", "blank line"),
    "footnote": ("<p>Texte[^1]</p>", "[^1] is not defined", "write [^1]:"),
    "ids": ('<p id="a"></p><p id="a"></p>', '"a" is given twice', "a-2"),
    "traceback": ('<div class="cell-output cell-output-error"></div>', "traceback", "error: true"),
    "image": ('<img src="b.svg" alt="" /><img src="b.svg">', "text alternative: b.svg", "fig-alt"),
    "missing image": ('<img src="c.svg" alt="c">', "c.svg is not there", "correct the address"),
    "missing link": ('<a href="c.csv">c</a>', "c.csv is not there", "correct the address"),
    "srcset": ('<img src="b.svg" alt="" srcset="b.svg 1x, d.svg 2x">', "d.svg", "add the file"),
    "style": ('<link rel="stylesheet" href="d.css">', "d.css", "add the file"),
    "source": ('<a href="b.qmd">b</a>', "a link to b.qmd", "write b.html"),
    "anchor": ('<a href="#c">c</a>', "the id of #c", "{#c}"),
    "other anchor": ('<a href="autre.html#c">c</a>', "the id of autre.html#c", "{#c}"),
    "folder": ('<a href="f/">f</a>', "f/ is a folder", "write f/index.html"),
    "outside": ('<a href="../x.html">x</a>', "../x.html leaves the site", "relative"),
    "absolute": ('<a href="/b.svg">x</a>', "/b.svg leaves the site", "relative"),
}  # fmt: skip
STRICT = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'"
)
POLICY = {
    "style attribute": ('<p style="color: red">a</p>', 'style="color: red"', "use a class"),
    "style element": ("<style>p { color: red }</style>", "<style>", "use a class"),
    "script": ("<script>a()</script>", "a script within the page", "script of the site"),
    "handler": ('<p onclick="a()">a</p>', "onclick on <p>", "script of the site"),
    "address": ('<a href="javascript:a()">a</a>', "javascript: address", "script of the site"),
    "spaced address": ('<a href=" java\nscript:a()">a</a>', "javascript: address", "of the site"),
    "host": ('<link href="https://example.org/a.css" rel="stylesheet">', "another host", "_assets"),
    "script as data": ('<img src="data:text/html,a" alt="">', "from another host", "_assets"),
    "frame": ("<iframe></iframe>", "<iframe>", "script of the site"),
    "base": ("<base>", "<base>", "script of the site"),
    "form": ("<form></form>", "<form>", "script of the site"),
    "unforeseen script": ('<script src="b.js"></script>', "no script-src", "page.html"),
}
# A policy, and what is wrong with it.
POLICIES = {
    "": "0 policies",
    "default-src 'self'; base-uri 'none'; form-action 'none'": "default-src 'self'",
    "base-uri 'none'; form-action 'none'": "does not say default-src",
    "default-src 'none'; form-action 'none'": "does not say base-uri",
    "default-src 'none'; base-uri 'none'": "does not say form-action",
    f"{STRICT}; script-src 'self' 'unsafe-inline'": "script-src 'unsafe-inline'",
    f"{STRICT}; script-src 'self' 'unsafe-eval'": "script-src 'unsafe-eval'",
    f"{STRICT}; script-src https:": "script-src https:",
    f"{STRICT}; script-src *": "script-src *",
    f"{STRICT}; script-src 'self' data:": "script-src data:",
    f"{STRICT}; connect-src 'self'": "connect-src 'self'",
    f"{STRICT}; frame-src 'self'": "frame-src 'self'",
    STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"): "style-src 'unsafe-",
    f"img-src *; {STRICT}": "img-src *",
}
RIGHT = (
    '<p id="a">Pourquoi <strong>cela&nbsp;?</strong> <a href="#a">a</a> <a href="#">haut</a> '
    '<a href="autre.html#là">b</a> <a href="autre.html#l%C3%A0">b</a> <a href="mailto:a@b.c">m</a> '
    '<a href="https://example.org/">e</a> <img src="b.svg" alt=""> '
    "<code>{{&lt; var x &gt;}}</code> "
    '<a href="b%20c.csv?v=1">c</a> <img src="data:image/png;base64,AA==" alt="d"></p>'
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "f").mkdir(parents=True)
    for name in ("b.svg", "b c.csv", "b.js"):
        (folder / name).write_text("x", "utf-8")
    (folder / "autre.html").write_text(f'{head(STRICT)}<p id="là">x</p>', "utf-8")
    return folder


def head(policy: str) -> str:
    said = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return f"<head>{said if policy else ''}</head>"


def plant(out: Path, content: str, policy: str = STRICT) -> None:
    page = f"<!DOCTYPE html>\n<html>{head(policy)}\n<body>\n<main>\n{content}\n</main>\n</body>"
    (out / "page.html").write_text(f"{page}\n</html>\n", "utf-8")


@pytest.mark.parametrize("case", [*PLANTED, *POLICY])
def test_a_planted_fault(case: str, out: Path) -> None:
    content, found, remedy = {**PLANTED, **POLICY}[case]
    plant(out, content)
    with pytest.raises(BaroError) as caught:
        check_pages(out, policy=case in POLICY)
    (problem,) = caught.value.problems
    assert problem.where == "page.html:5"
    assert found in problem.found
    assert remedy in problem.remedy


def test_right_pages_pass(out: Path) -> None:
    plant(out, RIGHT)
    check_pages(out, policy=True)


def test_a_part_of_a_site_may_lead_to_the_pages_above_it(out: Path, tmp_path: Path) -> None:
    """Addresses and anchors up there are checked; above them the site ends all the same."""
    above = tmp_path / "above"
    above.mkdir()
    (above / "page.html").write_text('<h1 id="haut">x</h1>', "utf-8")
    (above / "d.csv").write_text("x", "utf-8")
    plant(out, '<a href="../page.html#haut">a</a> <a href="../d.csv">b</a>')
    check_pages(out, above=above)
    plant(out, '<a href="../page.html#bas">a</a> <a href="../no.csv">b</a> <a href="../../x">c</a>')
    with pytest.raises(BaroError) as caught:
        check_pages(out, above=above)
    assert [p.found for p in caught.value.problems] == [
        "nothing on the page has the id of ../page.html#bas",
        "the file ../no.csv is not there",
        "the address ../../x leaves the site",
    ]


def test_policy_is_asked_for(out: Path) -> None:
    plant(out, "".join(content for content, _, _ in POLICY.values()))
    check_pages(out)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_that_is_not_strict_is_refused(out: Path, policy: str) -> None:
    plant(out, "<p>a</p>", policy)
    with pytest.raises(BaroError) as caught:
        check_pages(out, policy=True)
    (problem,) = caught.value.problems
    assert POLICIES[policy] in problem.found
    assert "reports/_assets/page.html" in problem.remedy


def test_a_policy_stands_before_what_it_is_about_and_once(out: Path) -> None:
    late = f'<link rel="stylesheet" href="a.css">\n{head(STRICT)}'
    (out / "a.css").write_text("", "utf-8")
    for html, found in ((late, "a.css is loaded before"), (head(STRICT) * 2, "2 policies")):
        (out / "page.html").write_text(html, "utf-8")
        with pytest.raises(BaroError, match=found):
            check_pages(out, policy=True)


def test_scripts_are_allowed_where_the_policy_says_so(out: Path) -> None:
    plant(out, '<script src="b.js"></script>', f"{STRICT}; script-src 'self'")
    check_pages(out, policy=True)


def test_all_pages_at_once(out: Path) -> None:
    plant(out, "<p>?@fig-a et ?@fig-b</p>")
    (out / "deux.html").write_text('<a href="nul.html">a</a>', "utf-8")
    with pytest.raises(BaroError) as caught:
        check_pages(out)
    assert [p.where for p in caught.value.problems] == ["deux.html:1", "page.html:5", "page.html:5"]


def test_the_line_in_the_source(out: Path, tmp_path: Path) -> None:
    plant(out, "<p>?@fig-a</p>")
    (tmp_path / "page.qmd").write_text("---\ntitle: A\n---\n\n@fig-ab\n\nVoir @fig-a.\n", "utf-8")
    with pytest.raises(BaroError, match=r"^page\.qmd:7\n"):
        check_pages(out, sources=tmp_path)


def test_files_of_a_stylesheet(out: Path) -> None:
    plant(out, "<p>a</p>")
    (out / "f" / "a.css").write_text('a { b: url("../b.svg") }\n@import "c.css";', "utf-8")
    with pytest.raises(BaroError, match=r"^f/a\.css\n.*c\.css is not there"):
        check_pages(out)


def test_no_page_at_all(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="there is no page"):
        check_pages(tmp_path)
