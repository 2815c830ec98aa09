"""What pages say in English: numbers, lines, findings, and that no sentence was left out."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from analysis.briefing import Audit, Briefing
from analysis.briefing.book import Book
from analysis.briefing.corrections import Correction, log_html
from analysis.definition.publication import Limits, Named, Thresholds
from analysis.disclosure.reliability import NO_ERROR, bounds
from analysis.errors import BaroError
from analysis.estimates import SECRET, STATUS
from analysis.language import Words, say, speaking, spoken
from analysis.wording import (
    champ,
    changes,
    file_size,
    integer,
    interval,
    lecture,
    listed,
    made,
    meanings,
    method_html,
    number,
    percent,
    points,
    quoted,
    share,
    source,
    subtitle,
    typeset,
    unpublished,
    winners,
)
from analysis.wording.reasons import reason_words
from tests.sample import estimate, survey, table

ANALYSIS = Path(__file__).parents[2] / "analysis"
# What pages in English are made with. The rest of the briefing is for pages in French only.
SPOKEN = (
    *("explorer", "fiches", "wording", "charts"),
    *(f"claims/{name}.py" for name in ("arithmetic", "evidence", "judge", "published", "words")),
    *(f"dictionary/{name}.py" for name in ("entry", "pages", "words")),
    *(f"release/{name}.py" for name in ("document", "pages", "revisions", "version")),
    *(
        f"briefing/{name}.py"
        for name in (
            *("__init__", "assembly", "audit", "catalogue", "corrections", "figures"),
            *("figures_change", "figures_shares", "files", "pieces", "printed", "published"),
            *("cards", "claims", "sentences", "weights"),
        )
    ),
)
_FRENCH = re.compile(
    r"[éèêàâçùîôœ«»]|\b(?:les?|des?|du|la|une|pas|sur|pour|par|aux?|est|sont|dans|vague|Aucune?)\b"
)
# Looked for in French text only, or names: no reader meets them as words of a sentence.
_MEANT = {
    "Baromètre",
    "Baromètre ",
    " si il ",
    " s’il ",
    "«",
    "»",
    r"«\s*",
    r"\s*»",
    r"\s+([;!?:])(?=\s|$|[.»)])",
}
_READERS = (
    "MEANINGS",
    "_AGES",
    "_FIELDS",
    "_LEADS",
    "_LOOK",
    "_PERSONS",
    "_STARTS",
)  # that texts are read with


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.fixture
def b() -> Briefing:
    return Briefing(Book(survey(), table()))


# ------------------------------------------------------------------------- why nothing is shown
_LIMITS = Limits(n=5, n_kish=30.5, n_eff=30, df=9, width=0.3, cv=0.166)
_PROFILES = (*get_args(Named), Thresholds(hide=_LIMITS, mark=_LIMITS))
_REASONS = {b.reason for p in _PROFILES for what in ("hide", "mark") for b in bounds(p, what)}


@pytest.mark.parametrize("reason", sorted(_REASONS | {NO_ERROR, SECRET}))
def test_every_reason_has_its_english_with_its_threshold(reason: str) -> None:
    said = reason_words(reason)
    assert not _FRENCH.search(said)
    assert re.findall(r"[\d.]+", said) == re.findall(r"[\d.]+", reason.replace(",", "."))


def test_reasons_are_said_in_the_language_of_the_page() -> None:
    assert reason_words("moins de 30 réponses") == "fewer than 30 answers"
    assert reason_words("coefficient de variation de plus de 16,6 %") == (
        "coefficient of variation above 16.6%"
    )
    assert reason_words("") == ""
    hidden = estimate(estimate=None, status="Q", reason=SECRET)
    assert unpublished(hidden) == "not published: statistical confidentiality"
    with speaking("fr"):
        assert unpublished(hidden) == "non publié\u202f: secret statistique"
    with pytest.raises(KeyError):
        reason_words("pas de chance")


# ------------------------------------------------------------------------------- the language
def test_one_language_is_spoken_and_the_one_before_comes_back() -> None:
    assert (say("oui", "yes"), str(Words("non", "no"))) == ("yes", "no")
    with speaking("fr"):
        assert (say("oui", "yes"), str(Words("non", "no"))) == ("oui", "non")
    assert spoken() == "en"
    with pytest.raises(ZeroDivisionError), speaking("fr"):
        _ = 1 / 0
    assert spoken() == "en"


def test_pages_are_french_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.language._speaking", [])  # as in the kernel of a page
    assert spoken() == "en"
    monkeypatch.delenv("BARO_LANG")
    assert spoken() == "fr"


def test_a_language_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BaroError, match=r'"eng"(?s:.*)"en"'), speaking("eng"):
        pass
    assert os.environ["BARO_LANG"] == "en"


# ------------------------------------------------------------------------------------ numbers
def test_numbers_are_english() -> None:
    assert number(1234567.891, 2) == "1,234,567.89"
    assert integer(4184) == "4,184"
    assert number(-3.26, 1) == "\u22123.3"
    assert percent(0.2546) == "25%"
    assert percent(0.1234, 1) == "12.3%"
    assert interval(0.2401, 0.2692) == "24.0% to 26.9%"
    assert [file_size(n) for n in (12, 3210, 4_560_000)] == [
        "1\u00a0kB",
        "3\u00a0kB",
        "4.6\u00a0MB",
    ]


@pytest.mark.parametrize(
    ("difference", "written"),
    [(0.196, "20 percentage points"), (0.012, "1 percentage point"), (0, "0 percentage points")],
)
def test_the_english_plural_takes_all_but_one(difference: float, written: str) -> None:
    assert points(difference) == written.replace(" ", "\u00a0", 1)


def test_text_is_set_without_french_spaces() -> None:
    assert typeset("the survey's waves: 2,000 to 20,000") == "the survey’s waves: 2,000 to 20,000"
    assert quoted("yes") == "“yes”"
    assert listed(["a", "b", "c"]) == "a, b and c"


# -------------------------------------------------------------------------- lines and findings
def test_lines_under_a_figure() -> None:
    cell = estimate(estimate=0.61, ci_low=0.59, ci_high=0.63)
    said = lecture(survey(), cell)
    assert said.startswith("Reading: in 2022, 61% of ")
    assert said.endswith("95% interval: 59.0% to 63.0%.")
    group = lecture(survey(), estimate(domain="age", domain_value="jeune"))
    assert group.startswith("Reading, group “")
    assert subtitle(survey(), "smartphone", "2022").count(", in % of ") == 1
    assert champ(survey(), "smartphone", "2022").startswith("Population: ")
    assert "; own calculations (Baromètre)." in source(survey(), ("2018", "2022"), ["observed"])
    assert "2018 to 2022" in source(survey(), ("2018", "2022"), ["observed"])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.25, "one in four adults says"),
        (0.4, "two in five adults say"),
        (0.47, "47% of adults say"),
    ],
)
def test_the_start_of_a_headline(value: float, said: str) -> None:
    cell = estimate(estimate=value, ci_low=value - 0.02, ci_high=value + 0.02)
    assert share(cell, "adult", "adults", ("says", "say")) == said


def test_findings() -> None:
    moves = [("A", 1), ("B", -1), ("C", 1)]
    assert changes(moves, "groups") == "up for A and C, down for B"
    assert changes([("A", 1), ("B", 1)], "groups") == "up for all 2 groups"
    assert changes([(n, 1) for n in "ABCD"] + [("E", 0)], "groups") == "up for 4 of 5 groups"
    assert winners([("A", 1), ("B", 1)], ("no", "yes")) == "“yes” prevails everywhere"
    assert winners([("A", 1), ("B", -1)], ("no", "yes")) == (
        "“yes” prevails for A, “no” prevails for B"
    )


def test_sentences_for_prose(b: Briefing) -> None:
    assert b.value("smartphone", interval=True) == "61% (59.0% to 63.0%)"
    assert b.value("smartphone", population=True).startswith("61% of ")
    assert b.extremes("smartphone", "age").startswith("from ")
    assert b.change("smartphone") == (
        "did not change significantly between 2020 and 2022 (60%, then 61%)"
    )
    assert b.dividing("smartphone", {"age": "age"}) == "The gaps by age"


def test_every_mark_has_its_meaning() -> None:
    letters = {letter.lower() for letter in STATUS} - {"a"}
    assert set(meanings()) == letters | {"n"}
    assert not any(_FRENCH.search(words) for words in meanings().values())


def test_what_was_not_observed_says_so() -> None:
    for origin in made(["demonstration", "reconstructed", "scenario"]):
        for words in (origin.name, origin.title, origin.short, origin.warning):
            assert words
            assert not _FRENCH.search(words)


def test_the_method_is_told_in_english() -> None:
    """The definition of the sample is in French: what is not its own words is not."""
    told = method_html(survey(), "2022", [estimate()])
    for title in ("Who is asked", "Weighting", "Intervals", "Differences", "What is not published"):
        assert f"<h3>{title}</h3>" in told
    assert "\u202f" not in told


# --------------------------------------------------------------------------- nothing forgotten
def test_the_accessibility_statement_names_the_state_widths_and_days_in_english() -> None:
    looks = ("320 pixels de large, thème sombre",)
    audit = Audit("2026-11-01", "Chrome 120", "0.1.0", ("index.html", "methode.html"), looks)
    assert audit.state == "not compliant"
    assert audit.results.startswith("On 1 November 2026, 14 automatic checks on 2 pages")
    assert "<li>320 pixels wide, dark theme</li>" in audit.environment().markup
    every = (audit.lead, audit.conformity, audit.dated, audit.publisher("X"), audit.contact(""),
             audit.table().markup, audit.shortcomings().markup)  # fmt: skip
    assert [said for said in every if _FRENCH.search(said)] == []


def test_what_the_log_of_corrections_says_is_marked_as_french() -> None:
    entry = Correction(date="2026-03-15", what="Une erreur.", effect="Un point.", figures=("X",))
    html = str(log_html((entry,)))
    assert '<time datetime="2026-03-15">15 March 2026</time>' in html
    assert '<dt>What changed</dt><dd lang="fr">Une erreur.</dd>' in html
    assert html.count('<dd lang="fr">') == html.count("<dt>") == 3


def _sources() -> Iterator[Path]:
    for name in SPOKEN:
        path = ANALYSIS / name
        yield from sorted(path.glob("*.py")) if path.is_dir() else [path]


def _without_english(source: Path) -> Iterator[tuple[int, str]]:
    """French texts of a module that stand in no ``say`` and no ``Words``, with their lines."""
    tree = ast.parse(source.read_text("utf-8"))
    beside: set[int] = set()
    for node in ast.walk(tree):
        called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if called in ("say", "Words", "refuse", "compile"):
            beside |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            beside.add(id(node.value))  # a docstring
        if isinstance(node, ast.Assign) and any(
            getattr(t, "id", "") in _READERS for t in node.targets
        ):
            beside |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        words = node.value if isinstance(node, ast.Constant) and id(node) not in beside else ""
        if isinstance(words, str) and _FRENCH.search(words) and words not in _MEANT:
            yield getattr(node, "lineno", 0), words


@pytest.mark.parametrize("source", [*_sources()], ids=lambda p: p.relative_to(ANALYSIS).as_posix())
def test_no_french_sentence_is_without_its_english(source: Path) -> None:
    assert list(_without_english(source)) == []


def test_a_sentence_without_its_english_would_be_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""Des mots."""\nx = say("Aucune", "No")\ny = f"{x} des adultes"\n', "utf-8")
    assert list(_without_english(module)) == [(3, " des adultes")]
