"""Catalogues: what is missing or stale is refused at its place, and updating loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from analysis.errors import BaroError
from analysis.phrasebook import Catalogue, Message, read_catalogue, updated

SHOWN = "reports/en/page.po"
PO = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8"

msgid "Bonjour"
msgstr "Hello"

msgid "En {1}, {2}"
msgstr "In {1}, {2}"

msgid "Vide"
msgstr ""

#, fuzzy
msgid "Vieux"
msgstr "Old"

msgctxt "populations.all.label"
msgid "Nord"
msgstr "north"

msgid "Nord"
msgstr "North"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return written(tmp_path, PO)


def written(folder: Path, text: str) -> Catalogue:
    (folder / "page.po").write_text(text, "utf-8")
    return read_catalogue(folder / "page.po", SHOWN, "en")


def said(catalogue: Catalogue, *texts: str) -> list[str]:
    return [catalogue.find(Message(t, f"reports/page.qmd:{n}")) for n, t in enumerate(texts, 1)]


def test_what_is_there_is_found(catalogue: Catalogue) -> None:
    assert said(catalogue, "Bonjour", "En {1}, {2}") == ["Hello", "In {1}, {2}"]


def test_a_context_goes_before_the_text_alone(catalogue: Catalogue) -> None:
    own = Message("Nord", "x", context="populations.all.label")
    other = Message("Nord", "x", context="domains.zone.label")
    assert (catalogue.find(own), catalogue.find(other)) == ("north", "North")


def test_every_missing_text_is_told_with_its_place_and_what_to_type(catalogue: Catalogue) -> None:
    assert said(catalogue, "Absent", "Vide", "Vieux") == ["Absent", "Vide", "Vieux"]
    missing = [p for p in catalogue.problems() if p.where.startswith("reports/page.qmd")]
    assert [p.where for p in missing] == [f"reports/page.qmd:{n}" for n in (1, 2, 3)]
    for problem, word in zip(missing, ("has no entry", "is not translated", "fuzzy"), strict=True):
        assert word in problem.found
    assert all(SHOWN in p.found for p in missing)
    assert all("baro translate en" in p.remedy for p in missing)


def test_what_is_no_longer_said_is_told_with_its_line(catalogue: Catalogue) -> None:
    said(catalogue, "Bonjour", "En {1}, {2}", "Vide", "Vieux", "Nord")
    gone = [p for p in catalogue.problems() if "no longer said" in p.found]
    assert [(p.where, "Nord" in p.found) for p in gone] == [(f"{SHOWN}:17", True)]


@pytest.mark.parametrize("translation", ["In {1}", "In {1}, {2}, {3}"])
def test_what_is_computed_must_be_carried_over(tmp_path: Path, translation: str) -> None:
    catalogue = written(tmp_path, PO.replace("In {1}, {2}", translation))
    said(catalogue, "En {1}, {2}")
    wrong = [p for p in catalogue.problems() if "msgid and msgstr" in p.found]
    assert len(wrong) == 1
    assert wrong[0].where.startswith(SHOWN)


def test_the_spaces_around_a_part_of_a_sentence_must_be_carried_over(tmp_path: Path) -> None:
    catalogue = written(tmp_path, PO.replace('"Bonjour"', '" Bonjour"'))
    said(catalogue, " Bonjour")
    assert sum("a space at an end" in p.found for p in catalogue.problems()) == 1


@pytest.mark.parametrize("text", ["this is no catalogue", 'msgid "a"\nmsgstr\n'])
def test_what_is_no_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BaroError, match="no gettext catalogue"):
        written(tmp_path, text)


def test_a_catalogue_that_is_not_there_is_refused_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="baro translate en"):
        read_catalogue(tmp_path / "none.po", SHOWN, "en")


# ------------------------------------------------------------------------------- hostile texts
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hel\u202elo", "U+202E"),
        ("Hel\u2066lo", "U+2066"),
        ("Hel\u200blo", "U+200B"),
        ("Hel\x1b[31mlo", "U+001B"),
        ("Hel\x00lo", "U+0000"),
        ("Hello " * 700, "more than 4000 characters"),
        ("`{python} open('/etc/passwd').read()`", "{python}"),
        ("{{< env HOME >}}", "{{<"),
        ("::: {.x}", ":::"),
        ("[Hello](https://example.org)", "https://example.org"),
        ("[Hello](javascript:alert(1))", "javascript"),
        ("[Hello]{onclick=alert}", "onclick"),
        ("`<b>`{=html}", "{=html}"),
        ("Hello\\n\\n# Title", "\\n"),
        ("<script src='x.js'></script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
    ],
)
def test_a_translation_that_hides_or_runs_something_is_refused_with_its_line(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(BaroError) as found:
        written(tmp_path, PO.replace('"Hello"', f'"{text}"'))
    assert {p.where for p in found.value.problems} == {f"{SHOWN}:4"}
    assert told in str(found.value)
    assert str(found.value).replace("\n", "").isprintable()  # a message drives no terminal


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("[Bon](a.html){.bouton}", "[Good](a.html){.bouton}"),
        ("Bonjour", "[Bonjour]{lang=fr}"),
        ("[3,5]{.seuil} (deux)", "(two) [3.5]{.seuil}"),
        ("une sur deux", "[1 in 2]{.cite}"),
        ("a < b", "a < b"),
    ],
)
def test_markup_that_the_text_has_may_be_carried_over(
    tmp_path: Path, french: str, english: str
) -> None:
    text = PO.replace('"Bonjour"', f'"{french}"').replace('"Hello"', f'"{english}"')
    assert said(written(tmp_path, text), french) == [english]


def test_a_text_that_hides_something_is_refused_as_its_translation_is(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match=r"msgid .*U\+202E"):
        written(tmp_path, PO.replace('"Bonjour"', '"Bon\u202ejour"'))


def test_bringing_up_to_date_reads_no_hostile_catalogue_either(tmp_path: Path) -> None:
    (tmp_path / "page.po").write_text(PO.replace('"Old"', '"O\u202eld"'), "utf-8")
    with pytest.raises(BaroError, match=r"U\+202E"):
        brought(tmp_path, ["Vieux"])


def test_what_the_text_holds_its_translation_may_hold(tmp_path: Path) -> None:
    """A footnote, a soft hyphen, letters that need a joiner: words, as in French."""
    text = PO.replace('"Bonjour"', '"Bonjour[^1]"').replace('"Hello"', '"Hel\u00adlo[^1]"')
    assert said(written(tmp_path, text), "Bonjour[^1]") == ["Hel\u00adlo[^1]"]


# ----------------------------------------------------------------------------------- bringing up
def brought(folder: Path, texts: Sequence[str]) -> tuple[Catalogue, int]:
    path = folder / "page.po"
    text, waiting = updated(path, SHOWN, "en", [Message(t, "reports/page.qmd:1") for t in texts])
    path.write_text(text, "utf-8")
    return read_catalogue(path, SHOWN, "en"), waiting


def translate(folder: Path, before: str, after: str) -> None:
    path = folder / "page.po"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace(f'msgid "{before}"\nmsgstr ""', f'msgid "{before}"\nmsgstr "{after}"')
    )


def test_a_new_catalogue_waits_for_everything(tmp_path: Path) -> None:
    catalogue, waiting = brought(tmp_path, ["Un", "Deux", "Un"])
    assert waiting == 2
    assert list(catalogue.entries) == [("", "Un"), ("", "Deux")]


def test_translations_stay_and_a_text_that_comes_back_finds_its_own(tmp_path: Path) -> None:
    brought(tmp_path, ["Un", "Deux"])
    translate(tmp_path, "Un", "One")
    assert brought(tmp_path, ["Un", "Trois"])[1] == 1
    assert brought(tmp_path, ["Trois"])[1] == 1  # "Un" is set aside
    catalogue, waiting = brought(tmp_path, ["Un", "Trois"])
    assert (catalogue.find(Message("Un", "x")), waiting) == ("One", 1)


def test_a_text_that_changed_a_little_gets_its_former_translation_marked(tmp_path: Path) -> None:
    brought(tmp_path, ["Une personne sur quatre est loin"])
    translate(tmp_path, "Une personne sur quatre est loin", "One person in four is far")
    catalogue, waiting = brought(tmp_path, ["Une personne sur trois est loin"])
    entry = catalogue.entries["", "Une personne sur trois est loin"]
    assert (entry.msgstr, entry.fuzzy, waiting) == ("One person in four is far", True, 1)


def test_updating_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    brought(tmp_path, ["Un", "Deux"])
    translate(tmp_path, "Un", "One")
    brought(tmp_path, ["Deux"])
    once = (tmp_path / "page.po").read_bytes()
    brought(tmp_path, ["Deux"])
    assert (tmp_path / "page.po").read_bytes() == once
    assert b"#~ msgid" in once


def test_entries_told_apart_by_hand_stay(tmp_path: Path) -> None:
    (tmp_path / "page.po").write_text(PO, "utf-8")
    catalogue, _ = brought(tmp_path, ["Nord"])
    assert catalogue.find(Message("Nord", "x", context="populations.all.label")) == "north"
    assert catalogue.find(Message("Nord", "x")) == "North"
