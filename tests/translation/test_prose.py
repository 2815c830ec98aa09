"""A page's source in another language: what is a text, what is code; lines stay in place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.phrasebook import Message
from analysis.translation.code import translated_code
from analysis.translation.markup import translated_line
from analysis.translation.prose import translated_page

REPORTS = Path(__file__).parents[2] / "reports"


class Briefing:
    """Stands for a briefing: tells how it was called."""

    wave = "2022"

    def value(self, name: str, **_: object) -> str:
        return f"<{name}>"

    def share(self, name: str, one: str, many: str, verbs: tuple[str, str]) -> str:
        return f"{name}: {one}, {many}, {verbs[0]}, {verbs[1]}"


class Noted(list[Message]):
    """Notes what it is asked, and leaves it as it is."""

    def __call__(self, message: Message) -> str:
        self.append(message)
        return message.text


def told(code: str) -> list[str]:
    found = Noted()
    translated_code(code, str, found)
    return [m.text for m in found]


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('b.by_domain("cle", "indicateur", ["age"], title="Un titre")', ["Un titre"]),
        ('b.value("ia_deja", "2023", domain="perimetre", group="hors_petites")', []),
        ('b.cards(("ia_deja, strate = epci", "des gens"))', ["des gens"]),
        (
            'b.share("x", "adulte", "adultes", ("est", "sont"))',
            ["adulte", "adultes", "est", "sont"],
        ),
        (
            'c.tallied(avis, (tenus, "tient", "tiennent"))',
            ["tient", "tiennent"],
        ),
        ('{"age": "l’âge", "diplome": "le diplôme"}', ["l’âge", "le diplôme"]),
        ('{"ordinateur": "Ordinateur"}', ["Ordinateur"]),
        ('Claims.of().quote("C02")', []),
        ("f\"En {b.wave}, {b.value('x')} des gens\"", ["En {1}, {2} des gens"]),
        ('f"{b.wave}"', []),
        ("b.opening(", []),  # what cannot be read is the renderer's to refuse
    ],
)
def test_words_are_told_from_codes(code: str, texts: list[str]) -> None:
    assert told(code) == texts


@pytest.mark.parametrize(
    ("code", "english", "value"),
    [
        ('f"En {b.wave}, {b.value(\'x\')} é"', "In {1}, {2}: {{braces}} 'quoted' \"twice\"",
         "In 2022, <x>: {{braces}} 'quoted' \"twice\""),
        ('"é"', "it's {not} computed", "it's {not} computed"),
        ('f"En {b.wave} é"', "{1}, {1}", "2022, 2022"),
        ('f"En {1234.5:.0f} é {b.wave!r}"', "{2} {1}", "'2022' 1234"),
        ('("é" f" {b.wave}"\n " suite")', "after {1}", "after 2022"),
    ],
)  # fmt: skip
def test_translated_code_gives_the_translation(code: str, english: str, value: str) -> None:
    made = translated_code(code, str, lambda _: english)
    assert eval(made, {"b": Briefing()}) == value
    assert made.count("\n") == code.count("\n")


def test_words_of_a_call_are_translated_where_they_stand() -> None:
    english = {"adulte": "adult", "adultes": "adults", "est": "is", "sont": "are"}
    made = translated_code('b.share("x", "adulte", "adultes", ("est", "sont"))', str,
                           lambda m: english[m.text])  # fmt: skip
    assert eval(made, {"b": Briefing()}) == "x: adult, adults, is, are"


PAGE = """\
---
title: "Un « titre » : deux"
tri: true
---

```{python}
#| label: preparation
#| fig-cap: "Une légende"
b = 1
```

## Des `{python} b.value("x")` gens {#ancre}

Première phrase,
sur deux lignes.

- Un [lien](autre.html){.bouton}
- Deux

Terme
: Sa définition

::: {.sommaire aria-label="Dans cette page"}
`{python} b.seul`
:::

<!-- un
commentaire -->

```text
Ni ceci
```
"""


def test_each_text_of_a_page_is_told_once_in_order() -> None:
    found = Noted()
    translated_page(PAGE, "reports/p.qmd", found)
    assert [(m.text, m.where.rpartition(":")[2]) for m in found] == [
        ("Un « titre » : deux", "2"), ("Une légende", "8"), ("Des {1} gens", "12"),
        ("Première phrase, sur deux lignes.", "14"), ("Un [lien](autre.html){.bouton}", "17"),
        ("Deux", "18"), ("Terme", "20"), ("Sa définition", "21"), ("Dans cette page", "23"),
    ]  # fmt: skip
    assert found[2].computed == ('b.value("x")',)


def test_a_page_is_rewritten_in_place() -> None:
    made, problems = translated_page(PAGE, "p", lambda m: m.text.upper())
    lines = made.split("\n")
    assert problems == []
    assert len(lines) == len(PAGE.split("\n"))
    assert lines[1] == 'title: "UN « TITRE » : DEUX"'
    assert lines[11] == '## DES `{python} b.value("x")` GENS {#ancre}'
    assert lines[13:15] == ["PREMIÈRE PHRASE, SUR DEUX LIGNES.", ""]
    assert lines[22] == '::: {.sommaire aria-label="DANS CETTE PAGE"}'
    assert lines[23] == "`{python} b.seul`"
    assert "un\ncommentaire" in made
    assert "Ni ceci" in made


def test_blocks_keep_what_stands_before_them() -> None:
    source = "---\ntitle: A\n---\nun\n\n- deux\n\n    trois\n\n> quatre\n> cinq\n"
    made, _ = translated_page(source, "p", lambda m: m.text.upper())
    assert made == ('---\ntitle: "A"\n---\nUN\n\n- DEUX\n\n    TROIS\n\n> QUATRE\n> CINQ\n')


def test_what_cannot_be_translated_is_refused_with_its_line() -> None:
    _, problems = translated_page("Texte\n\n| a | b |\n\n{{< include x.qmd >}}\n", "p.qmd", str)
    assert [p.where for p in problems] == ["p.qmd:3", "p.qmd:5"]


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("### Accessibilité et clarté", "### X {#accessibilité-et-clarté}"),
        ("## L’essentiel, ici", "## X {#lessentiel-ici}"),
        ("## Autre {#mien .classe}", "## X {#mien .classe}"),
    ],
)
def test_a_heading_keeps_its_id(line: str, made: str) -> None:
    assert translated_page(line, "p", lambda _: "X")[0] == made


@pytest.mark.parametrize("path", sorted(REPORTS.glob("[a-z]*.qmd")), ids=lambda p: p.stem)
def test_pages_of_the_project_keep_their_lines_and_what_they_compute(path: Path) -> None:
    source = path.read_text("utf-8")
    made, _ = translated_page(source, path.name, lambda m: m.text)
    assert len(made.split("\n")) == len(source.split("\n"))
    inline = re.compile(r"`\{python\} ([^`]+)`")
    for before, after in zip(inline.findall(source), inline.findall(made), strict=True):
        assert before.split("(")[0] == after.split("(")[0]


# ------------------------------------------------------------------------------------- markup
@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("<title>$pagetitle$ | Site</title>", "<title>$PAGETITLE$ | SITE</title>"),
        ("<h1>$title$</h1>", "<h1>$title$</h1>"),
        ('<nav aria-label="Pages">', '<nav aria-label="PAGES">'),
        ("<p>a <b>b</b> c</p>", "<p>A <b>B</b> C</p>"),
        ('<meta content="width=device-width">', '<meta content="width=device-width">'),
        ("<script>var a = 1;</script>", "<script>var a = 1;</script>"),
        ("$if(tri)$", "$if(tri)$"),
    ],
)
def test_texts_of_markup(line: str, made: str) -> None:
    assert translated_line(line, "x", lambda m: m.text.upper()) == made
