"""Claims told in English: the same verdicts and numbers, nothing French but what is quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.briefing import Claims
from analysis.claims import (
    Judgement,
    Register,
    Sheet,
    judge,
    judge_files,
    load_registers,
    register_messages,
    translated_registers,
)
from analysis.claims.output import read_judgement
from analysis.claims.results import VERDICTS
from analysis.claims.units import unit
from analysis.claims.words import LABELS, LABELS_EN, day, exact, in_unit, label, span
from analysis.errors import BaroError
from analysis.language import speaking
from analysis.phrasebook import survey_messages, translated
from analysis.project import Project
from tests.claims.maker import claim, estimate, table, write
from tests.claims.test_language import CASES, CONSTANTS
from tests.phrasebook.filler import filled, nonsense
from tests.sample import row, survey

# Accents, or words that stand in French sentences only. Names of the sample have none.
_FRENCH = re.compile(r"[éèêàçù«»\u202f]|\b(?:les?|des?|du|une?|qui|pour|par|sont|dans|entre)\b")


def english(folder: Path, file: Path, said: Callable[[str], str] = nonsense) -> list[Register]:
    """The registers of a file with a catalogue filled by ``said``."""
    registers = load_registers({file: file.name}, {"essai": survey()})
    project = Project(folder)
    for register in registers:
        path = project.register_catalogue(register.spec.name, "en")
        filled(path, project.shown(path), register_messages(register), said)
    return translated_registers(registers, project, "en")


def both(folder: Path, claims: dict[str, Any], *rows: dict[str, Any]) -> tuple[Judgement, ...]:
    """The claims judged in French, then in English."""
    s, project = survey(), Project(folder)
    path = project.catalogue(s.id, "en")
    filled(path, project.shown(path), survey_messages(s))
    file = write(folder, claims, constants=CONSTANTS)
    french = judge(load_registers({file: file.name}, {s.id: s}), {s.id: Sheet(s, table(*rows))})
    with speaking("en"):
        sheet = Sheet(s, table(*rows), translated(s, project, "en"))
        return french, judge(english(folder, file), {s.id: sheet})


def numbers(text: str) -> list[str]:
    """Their digits; the English of the sample has no number of its own."""
    kept = re.sub(r"(?<=\d)[\s\u202f,.](?=\d)", "", text)
    return sorted(re.findall(r"\d+", kept))


# ------------------------------------------------------------------------------------- figures
@pytest.fixture
def speaks_english() -> Iterator[None]:
    with speaking("en"):
        yield


@pytest.mark.usefixtures("speaks_english")
@pytest.mark.parametrize(
    ("value", "named", "said"),
    [
        (0.255, "%", "25.5%"),
        (0.09, "%", "9%"),
        (27e6, "euros", "€27\u00a0million"),
        (3e9, "euros", "€3\u00a0billion"),
        (-27e6, "euros", "\u2212€27\u00a0million"),
        (150, "euros", "€150"),
        (2500, "euros", "€2,500"),
        (2.15e6, "users", "2.15\u00a0million\u00a0users"),
        (1e6, "users", "1\u00a0million\u00a0users"),
        (9500, "users", "9,500\u00a0users"),
        (3, "fois", "3\u00a0times"),
        (0.08, "points", "8\u00a0percentage points"),
        (float("inf"), "%", "no limit"),
    ],
)
def test_a_value_in_its_unit(value: float, named: str, said: str) -> None:
    assert in_unit(value, unit(named), 2) == said


@pytest.mark.usefixtures("speaks_english")
def test_days_shares_and_intervals() -> None:
    assert day("2024-12-01") == "1\u00a0December\u00a02024"
    assert exact(0.09, unit("%")) == "9.0%"
    assert span(0.24, 0.269, unit("%")) == "24.0–26.9"
    assert span(-0.576, -0.553, unit("%")) == "\u221257.6 to \u221255.3"
    assert span(61.5e6, 62.5e6, unit("euros")) == "€61.5–€62.5\u00a0million"


@pytest.mark.usefixtures("speaks_english")
def test_every_verdict_has_its_words() -> None:
    said = {verdict: label(verdict) for verdict in VERDICTS}
    assert len(set(said.values())) == len(VERDICTS)
    assert not any(_FRENCH.search(words) for words in said.values())
    assert said == LABELS_EN
    with speaking("fr"):
        assert {verdict: label(verdict) for verdict in VERDICTS} == LABELS


# ------------------------------------------------------------------------------------ verdicts
def told(judged: Judgement) -> str:
    """Every word of a claim that a page prints, but for what was said."""
    c = judged.claims[0]
    looks = [w for f in c.findings for x in f.looks for w in (x.what, x.outcome, x.why)]
    doubts = [d for f in c.findings for d in f.doubts]
    return "\n".join([c.label, c.band, *(f.sentence for f in c.findings), *looks, *doubts])


@pytest.mark.parametrize("name", CASES)
def test_a_verdict_is_the_same_in_english_with_the_same_numbers(name: str, tmp_path: Path) -> None:
    says, check, rows, expected = CASES[name]
    french, other = both(tmp_path, {"A": claim(says, estimate(**check))}, *rows)
    one, two = french.claims[0], other.claims[0]
    assert (one.verdict, two.verdict) == (expected, expected)
    assert one.strength == two.strength
    assert [(f.value, f.low, f.high) for f in one.findings] == [
        (f.value, f.low, f.high) for f in two.findings
    ]
    assert numbers(told(other)) == numbers(told(french))
    assert not _FRENCH.search(told(other)), told(other)


SUM = {"arithmetic": {"formula": "B / A - 1", "meaning": "Une baisse.", "alternatives": [
    {"formula": "B - A", "why": "la différence", "unit": "euros"}]}}  # fmt: skip
OTHERS: dict[str, dict[str, Any]] = {
    "sum": SUM,
    "relation": {"arithmetic": {"formula": "A + B <= A", "unit": "euros"}},
    "holds": {"arithmetic": {"formula": "B < A", "unit": "euros"}},
    "published": {"published": {"value": "56,5 %", "label": "Une part", "source": "insee",
                                "n": "120", "sampling": "quota", "population": "les villes"}},
    "from a source": {"published": {"value": "60 %", "label": "Une part", "source": "insee"}},
    "quoted": {"quoted": "Rien à comparer."},
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_other_checks_are_told_in_english(name: str, tmp_path: Path) -> None:
    given = {
        "C": claim("baisse de 56 %", OTHERS[name]),
        "A": claim("62 millions d’euros", {"quoted": "Rien."}),
        "B": claim("27 millions d’euros", {"quoted": "Rien."}),
    }
    french, other = both(tmp_path, given, row("smartphone"))
    assert [c.verdict for c in french.claims] == [c.verdict for c in other.claims]
    assert numbers(told(other)) == numbers(told(french))
    assert not _FRENCH.search(told(other)), told(other)


def test_the_claims_of_the_project_have_the_same_verdicts_in_english(
    demonstration: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BARO_PROJECT", raising=False)
    french, other = read_judgement(demonstration.claims), judge_files(demonstration, language="en")
    assert [(c.id, c.verdict, c.strength, c.against) for c in french.claims] == [
        (c.id, c.verdict, c.strength, c.against) for c in other.claims
    ]
    for one, two in zip(french.claims, other.claims, strict=True):
        assert [(f.value, f.low, f.high, f.n) for f in one.findings] == [
            (f.value, f.low, f.high, f.n) for f in two.findings
        ]
        for f, g in zip(one.findings, two.findings, strict=True):
            assert numbers(f.sentence) == numbers(g.sentence), two.id
        assert numbers(one.band) == numbers(two.band), two.id


# ---------------------------------------------------------------------------------- catalogues
def test_a_translation_that_tells_another_number_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": claim("13 millions", {"quoted": "Rien depuis 2018."})})
    wrong = {"13 millions": "30 million", "Rien depuis 2018.": "Nothing since 2019."}
    with pytest.raises(BaroError) as found:
        english(tmp_path, file, lambda text: wrong.get(text, nonsense(text)))
    said = [(p.where, p.found) for p in found.value.problems]
    assert [where for where, _ in said] == [
        "reports/en/claims/essai.po: claims.A.checks.1.quoted.text",
        "reports/en/claims/essai.po: claims.A.says",
    ]
    assert '"30 million" has the numbers 30' in said[1][1]


def test_numbers_may_be_set_as_english_sets_them(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": claim("10 000,5 heures", {"quoted": "Rien."})})
    made = english(tmp_path, file, lambda text: {"10 000,5 heures": "10,000.5 hours"}.get(
        text, nonsense(text)))  # fmt: skip
    assert made[0].say("10 000,5 heures") == "10,000.5 hours"


@pytest.mark.parametrize(
    ("french", "said"),
    [("49,7 %", "49.7%"), ("10 000", "10,000"), ("1.000,5", "1,000.5"), ("2022", "2022")],
)
def test_figures_without_words_need_no_translation(tmp_path: Path, french: str, said: str) -> None:
    file = write(tmp_path, {"A": claim(french, {"quoted": "Rien."})})
    made = english(tmp_path, file)[0]
    assert french not in {m.text for m in register_messages(made)}
    with speaking("en"):
        assert made.say(french) == said
    assert made.say(french).replace("\u00a0", " ").replace("\u202f", " ") == french


def test_a_register_without_a_catalogue_is_refused_with_the_command(tmp_path: Path) -> None:
    file = write(tmp_path, {"A": claim("61 %", {"quoted": "Rien."})})
    registers = load_registers({file: file.name}, {"essai": survey()})
    with pytest.raises(BaroError, match=r"reports/en/claims/essai\.po(?s:.*)baro translate en"):
        translated_registers(registers, Project(tmp_path), "en")
    assert translated_registers(registers, Project(tmp_path), "fr") == registers


# --------------------------------------------------------------------------------------- pages
@pytest.fixture
def page(tmp_path: Path) -> Iterator[Claims]:
    """One claim whose translation has signs of markup."""
    given = {"A": claim("61 %", estimate(), quote="Un & deux", place="Deuxième table ronde")}
    file = write(tmp_path, given)
    s, said = survey(), {"Un & deux": 'One & "two" < three'}
    path = Project(tmp_path).catalogue(s.id, "en")
    filled(path, path.name, survey_messages(s))
    sheet = Sheet(s, table(row("smartphone", estimate=0.61)))
    french = judge(load_registers({file: file.name}, {s.id: s}), {s.id: sheet})
    with speaking("en"):
        made = english(tmp_path, file, lambda text: said.get(text, nonsense(text)))
        sheet = replace(sheet, translation=translated(s, Project(tmp_path), "en"))
        yield Claims(judge(made, {s.id: sheet}), french)


def test_a_quote_stays_french_with_its_meaning_beside_it(page: Claims) -> None:
    for piece in (str(page.cards()), str(page.quote("A"))):
        assert '<blockquote class="avis" lang="fr"><p>«\u00a0Un &amp; deux\u00a0»</p>' in piece
        assert "In English: “One &amp; &quot;two&quot; &lt; three”" in piece
    assert '<span lang="fr">«\u00a0Deuxième table ronde\u00a0»</span>' in str(page.cards())
    assert '<small lang="fr">«\u00a0Un &amp; deux\u00a0»</small>' in str(page.table("T"))
    assert '<span lang="fr">Compte rendu</span>' in str(page.sources())


def test_what_is_around_a_quote_is_english(page: Claims) -> None:
    pieces = [page.cards(), page.filters(), page.tally(), page.table("T"), page.quote("A"),
              page.phrases(["A"]), page.sources()]  # fmt: skip
    for piece in pieces:
        text = re.sub(r'<(\w+)[^>]* lang="fr">.*?</\1>', "", str(piece))
        text = text.replace("(Baromètre)", "")  # who did the sums
        assert not re.search(r"[éèêàçù«»\u202f]", text), text


def test_files_for_download_are_the_french_ones(page: Claims) -> None:
    with speaking("fr"):
        sizes = re.findall(r"\d+", str(Claims(page.published or page.judged).downloads()))
    assert re.findall(r"\d+", str(page.downloads())) == sizes


def test_a_quote_leads_to_the_cards_in_the_language_that_they_are_in(page: Claims) -> None:
    assert '<a href="chiffres.html#A">Confirmed</a></p>' in str(page.quote("A"))
    french = Claims(page.judged, page.published, "../chiffres.html")
    assert (
        '<a href="../chiffres.html#A" hreflang="fr">Confirmed</a> (in French)</p>'
        in str(french.quote("A"))
    )  # fmt: skip


def test_claims_that_were_judged_on_other_estimates_are_refused(
    own_demonstration: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own_demonstration.claims
    path.write_text(path.read_text("utf-8").replace('"arithmetic_wrong"', '"confirmed"', 1))
    with speaking("en"), pytest.raises(BaroError, match="baro build"):
        Claims.of()
    with speaking("fr"):
        assert Claims.of().published is None
