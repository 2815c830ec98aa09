"""PDF of printable pages: who asks for one, the same bytes, tags and language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis import pdf
from analysis.errors import BaroError
from analysis.pdf import browser_path, print_pages, printable, undated

PAGE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Une note</title></head>
<body><main><h1>Une note</h1><p>Un paragraphe, <a class="x" href="autre.html#là">une page</a>,
<a href="#fin">sa fin</a>, <a href="https://example.org/a.html">ailleurs</a>,
<a href="../plus-haut.html">plus haut</a>.</p>
<p id="fin">Fin.</p></main></body></html>
"""


def test_a_page_asks_in_its_header(tmp_path: Path) -> None:
    (tmp_path / "note.qmd").write_text("---\ntitle: x\nimprimable: true\n---\n\nimprimable: true\n")
    (tmp_path / "page.qmd").write_text("---\ntitle: x\n---\n\nimprimable: true\n")
    assert printable(tmp_path) == ["note"]
    head, _, body = (tmp_path / "note.qmd").read_text().partition("\n---\n")
    assert head.endswith("pdf: pdf/note.pdf")
    assert "imprimable: true" in body
    assert (tmp_path / "page.qmd").read_text().endswith("imprimable: true\n")


def test_dates_and_browser_leave_no_trace_and_no_byte_moves() -> None:
    content = (
        rb"1 0 obj <</Creator (Mozilla \(X11\) Chrome/156)/CreationDate (D:20261129212445+00'00')"
        rb"/ModDate (D:20261129212446+01'00')>> endobj"
    )
    made = undated(content)
    assert len(made) == len(content)
    assert b"Mozilla" not in made
    assert b"2026" not in made
    assert made.count(b"(D:19700101000000+00'00')") == 2


def test_elements_are_counted_anew_in_their_order() -> None:
    """Chromium starts at one node more when a script ran before the tags were made."""
    early = b"/ID (node00000092) /ID (node00000103) /Headers [(node00000103) (node00000092)]"
    late = early.replace(b"92", b"93").replace(b"103", b"104")
    assert undated(early) == undated(late)
    assert undated(early) == (
        b"/ID (node00000000) /ID (node00000001) /Headers [(node00000001) (node00000000)]"
    )


def test_it_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARO_PDF", "none")
    assert browser_path() == ""


def test_a_browser_that_prints_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "browser_path", lambda: "true")
    (tmp_path / "note.html").write_text(PAGE)
    with pytest.raises(BaroError, match="printed nothing"):
        print_pages(tmp_path, ["note"], lambda _: None)
    assert list(tmp_path.glob("pdf/*")) == []


@pytest.mark.browser
def test_the_same_page_gives_the_same_tagged_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BARO_PDF")
    if not browser_path():
        pytest.skip("no Chromium on PATH: what it prints")
    made = []
    settings = {"a": ("UTC", "C"), "un autre dossier, é": ("Pacific/Kiritimati", "fr_FR.UTF-8")}
    for folder, (zone, locale) in settings.items():
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("LANG", locale)
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "note.html").write_text(PAGE)
        print_pages(tmp_path / folder, ["note"], lambda _: None)
        made.append((tmp_path / folder / "pdf" / "note.pdf").read_bytes())
        assert sorted(p.name for p in (tmp_path / folder).iterdir()) == ["note.html", "pdf"]
    assert made[0] == made[1]
    assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", made[0])
    assert b"/Lang (fr)" in made[0]
    assert b"/StructTreeRoot" in made[0]
    assert re.findall(rb"/URI \(([^)]*)\)", made[0]) == [
        b"../autre.html#l%C3%A0", b"https://example.org/a.html", b"../../plus-haut.html",
    ]  # fmt: skip
    for trace in (b"file:", b"site.invalid", str(tmp_path).encode()):
        assert trace not in made[0]
    start = int(re.findall(rb"startxref\n(\d+)", made[0])[-1])
    assert made[0][start:].startswith(b"xref"), "no byte moved"
