"""What is said to readers whom per cents, axes and jargon keep out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.briefing import Briefing, page_head
from analysis.briefing.book import Book
from analysis.briefing.published import reproduced
from analysis.charts import People
from analysis.errors import BaroError
from analysis.wording import one_in
from tests.sample import estimate, survey, table

NB, NN = "\u00a0", "\u202f"
HEAD = "wave,indicator,category,domain,domain_value,published,unit,source,note\n"


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.25, (1, 4)), (0.255, (1, 4)), (0.315, (1, 3)), (0.48, (1, 2)), (0.61, (3, 5)),
     (0.54, (1, 2)), (0.43, (2, 5)), (0.72, (7, 10)), (0.05, (1, 10)), (0.95, (9, 10)),
     (0.10, (1, 10)), (0.87, (9, 10)), (0.67, (2, 3))],
)  # fmt: skip
def test_shares_are_said_in_people(share: float, said: tuple[int, int]) -> None:
    some, every = one_in(estimate("smartphone", "2022", share))
    assert (some, every) == said
    assert abs(some / every - share) <= 0.05 + 1e-12


@pytest.mark.parametrize(("share", "why"), [(0.04, "of people"), (0.96, "of people"),
                                            (None, "not published")])  # fmt: skip
def test_nobody_and_everybody_are_not_rounded_to(share: float | None, why: str) -> None:
    with pytest.raises(BaroError, match=why):
        one_in(estimate("smartphone", "2022", share))


def test_a_sentence_agrees_with_its_number() -> None:
    b = Briefing(Book(survey(), table()))
    words = (("adulte", "adultes"), ("a un téléphone", "ont un téléphone"))
    assert b.simple("smartphone", *words) == f"Environ 3{NB}adultes sur{NB}5 ont un téléphone."
    jeune = b.simple("smartphone", *words, domain="age", group="jeune")
    assert jeune == f"Environ 9{NB}adultes sur{NB}10 ont un téléphone."
    drawn = Briefing(Book(survey(), table("demonstration"))).simple("smartphone", *words)
    assert drawn.endswith("(données de démonstration).")


def test_people_are_one_image_with_as_many_filled_as_said() -> None:
    svg = People("gens", 2, 5, "Environ 2 <adultes> sur 5").svg()
    assert svg.count('<circle class="mk"') == svg.count('<path class="mk"') == 2
    assert svg.count('<circle class="u"') == 3
    assert "Environ 2 &lt;adultes&gt; sur 5" in svg
    assert svg.count('role="img"') == 1
    assert "style=" not in svg


def test_the_short_method_links_to_the_whole() -> None:
    html = Briefing(Book(survey(), table())).method_brief().markup
    assert 'href="methode.html#essai"' in html
    assert f"1{NN}200 personnes" in html
    assert "à titre indicatif" in html


def test_the_head_of_a_page_shows_each_notice_once() -> None:
    drawn = Briefing(Book(survey(), table("demonstration")))
    html = page_head("A & B", "Titre", "Chapeau", drawn, drawn).markup
    assert html.count('class="demo"') == 1
    assert "A &amp; B" in html


def test_printed_figures_are_compared_to_the_rounding(tmp_path: Path) -> None:
    """The table has 61 % and 31.94 hours; half a unit is agreement, more is not."""
    file = tmp_path / "published.csv"
    lines = ["smartphone,,ensemble,ensemble,61,%", "smartphone,,age,jeune,91,%",
             "heures,,ensemble,ensemble,32,h"]  # fmt: skip
    file.write_text(HEAD + "".join(f"2022,{line},http://x,\n" for line in lines), "utf-8")
    said = reproduced(Book(survey(), table()), file)
    assert re.match(r"3 chiffres imprimés .* : 2 sont retrouvés", said)
    assert "rien n’est comparé" in reproduced(Book(survey(), table("demonstration")), file)


@pytest.mark.parametrize(
    ("line", "said"),
    [("2022,nothing,,ensemble,ensemble,61,%,http://x,", "nothing"),
     ("2022,smartphone,,ensemble,ensemble,soixante,%,http://x,", "no number")],
)  # fmt: skip
def test_printed_figures_that_are_wrong_are_refused(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "published.csv"
    file.write_text(f"{HEAD}{line}\n", "utf-8")
    with pytest.raises(BaroError, match=said):
        reproduced(Book(survey(), table()), file)
    with pytest.raises(BaroError, match="not there"):
        reproduced(Book(survey(), table()), tmp_path / "absent.csv")


# --- how the pages are written ----------------------------------------------------------------
PLAIN = {"illectronisme": 25, "methode": 25, "accessibilite": 25, "_fiche": 25,
         "illectronisme-falc": 14}  # fmt: skip
_CELL = re.compile(r"(?s)^---\n.*?\n---\n|```.*?```|\{\{<.*?>\}\}|:::.*?\n|\{#[\w-]+\}|\]\([^)]*\)")


def sentences(source: str) -> list[str]:
    """The prose of a document, cut at full stops, list items and paragraphs; a value is a word."""
    prose = re.sub(r"`\{python\}[^`]*`", "X", _CELL.sub(" ", source))
    parts = re.split(r"(?<=[.!?])\**\s|\n\s*\n|\n(?=[-#:]|\d\.)|[:;]\s", prose)
    return [" ".join(p.split()) for p in parts if p.strip()]


@pytest.mark.parametrize("page", PLAIN)
def test_sentences_are_short(page: str, project_root: Path) -> None:
    source = (project_root / "reports" / f"{page}.qmd").read_text("utf-8")
    long = [s for s in sentences(source) if len(s.split()) > PLAIN[page]]
    assert len(sentences(source)) > 8
    assert long == []


def test_the_easy_page_has_no_per_cent_and_says_who_read_it(project_root: Path) -> None:
    source = (project_root / "reports" / "illectronisme-falc.qmd").read_text("utf-8")
    assert "%" not in source
    assert "b.value(" not in source
    assert "pas encore" in source
