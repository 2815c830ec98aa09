"""The page of the claims and the brief: whole without a script, safe, within their budgets."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis.briefing import Claims
from analysis.claims import Sheet, judge, load_registers
from analysis.errors import BaroError
from analysis.project import Project
from tests.claims.maker import claim, estimate, table, write
from tests.sample import row, survey


class Cards(HTMLParser):
    """Cards of a page: id, verdict and text of each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cards: dict[str, dict[str, str]] = {}
        self.current = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "article":
            self.current = found["id"] or ""
            self.cards[self.current] = {k: v or "" for k, v in found.items()} | {"text": ""}

    def handle_endtag(self, tag: str) -> None:
        self.current = "" if tag == "article" else self.current

    def handle_data(self, data: str) -> None:
        if self.current:
            self.cards[self.current]["text"] += data


@pytest.fixture(scope="module")
def page(demonstration: Project) -> str:
    return (demonstration.site / "chiffres.html").read_text("utf-8")


def test_every_claim_has_a_card_with_its_address(page: str) -> None:
    cards = Cards(page).cards
    assert sorted(cards) == [f"C{k:02}" for k in range(1, 54)]
    for code, card in cards.items():
        assert f'<a href="#{code}">{code}</a>' in page
        assert {"data-verdict", "data-auteur", "data-theme"} <= set(card)
        assert len(card["text"]) > 60


def test_everything_is_there_without_a_script(page: str) -> None:
    assert re.findall(r"<(?:article|section)[^>]* hidden", page) == []
    assert page.count(" hidden>") == 1  # the filters, which need one
    assert '<div class="filtres"' in page
    script = Path("reports/_assets/chiffres.js")
    assert f'src="_assets/{script.name}" defer' in page
    assert "script-src 'self';" in page


def test_the_script_is_small(project_root: Path) -> None:
    assert (project_root / "reports" / "_assets" / "chiffres.js").stat().st_size <= 5000


def test_contradictions_are_on_the_page(page: str) -> None:
    section = page[page.index('class="conflits"') :]
    for figure in ("13 millions", "14 millions", "62 millions", "41 millions"):
        assert figure in section.split("</section>")[0]


def test_drawn_data_have_no_verdict_and_say_so(page: str, demonstration: Project) -> None:
    assert 'class="demo"' in page
    card = Cards(page).cards["C02"]
    assert card["data-verdict"] == "no_verdict"
    assert "pas de verdict" in card["text"]
    assert not re.search(r"\d+,\d\s%", card["text"].replace("\u00a0", " "))
    barometer = (demonstration.site / "barometre-numerique.html").read_text("utf-8")
    assert re.search(
        r'class="verdict"><a href="chiffres.html#C02">Données de démonstration', barometer
    )


def test_the_brief_is_in_plain_sentences(demonstration: Project) -> None:
    """Under 25 words each, in what is written rather than quoted or listed."""
    html = (demonstration.site / "avis-csnp.html").read_text("utf-8")
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r"<table.*?</table>", "", main, flags=re.S)
    blocks = re.findall(r"<(?:p|li)\b[^>]*>(.*?)</(?:p|li)>", main, flags=re.S)
    for block in blocks:
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", block))
        if "Source" in text or "(CSNP), avis « Pour" in text or "DREES" in text:
            continue  # what is cited
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            words = [w for w in sentence.split() if re.search(r"\w", w)]
            assert len(words) <= 25, sentence


def claims(folder: Path, **given: dict) -> Claims:
    path = write(folder, given)
    s = survey()
    registers = load_registers({path: path.name}, {s.id: s})
    return Claims(judge(registers, {s.id: Sheet(s, table(row("smartphone", estimate=0.61)))}))


HOSTILE = '<script>alert(1)</script> & "25 %"'


def test_words_of_a_register_are_no_markup(tmp_path: Path) -> None:
    found = claims(tmp_path, A=claim("61 %", estimate(note=HOSTILE), quote=HOSTILE, note=HOSTILE))
    pieces = [found.cards(), found.quote("A"), found.table("T"), found.filters(), found.tally(),
              found.contradictions(), found.sources()]  # fmt: skip
    for piece in pieces:
        assert "<script" not in str(piece)
    assert "&lt;script&gt;" in str(found.cards())


def test_figures_for_prose(tmp_path: Path) -> None:
    given = {"A": claim("61 %", estimate()), "B": claim("25 %", {"quoted": "Rien."})}
    found = claims(tmp_path, **given)
    assert found.said("A") == "61\u00a0%"
    assert found.found("A") == "61,0\u00a0%"
    assert found.verdict("A") == "confirmé"
    assert found.count("", "confirmed") == "1"
    parts = [(("confirmed",), "tient", "tiennent"), (("contradicted",), "est faux", "sont faux")]
    assert found.tallied("", *parts) == "1 tient"
    with pytest.raises(BaroError, match="did you mean"):
        found.one("AA")
    with pytest.raises(BaroError, match="nothing was found"):
        found.found("B")
    with pytest.raises(BaroError, match="confirmed"):
        found.count("", "confirmd")
    with pytest.raises(BaroError, match="there are none"):
        found.table("T", "rien")


def test_signs_stand_beside_words(tmp_path: Path) -> None:
    html = str(claims(tmp_path, A=claim("61 %", estimate())).cards())
    assert '<span aria-hidden="true">✓</span> Confirmé' in html
