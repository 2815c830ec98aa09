"""The page "Version": what this edition was made from, and how anybody verifies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.definition import Survey
from analysis.release.document import details, document, notices, origins, paragraph, section, terms
from analysis.release.manifest import NAME, MadeFrom, SurveyMade
from analysis.tables import Row, html_table
from analysis.wording import file_size, integer, made, typeset

PAGE = "version"
_RENDERERS = {"embedded": "intégré (pandoc et Jupyter)", "quarto": "Quarto"}


def version_document(facts: MadeFrom, surveys: Sequence[Survey]) -> str:
    """``version.qmd``; the same facts give the same page."""
    return document(
        PAGE,
        "Version",
        "De quoi cette édition est faite : données d’entrée, définitions, code, bibliothèques ; "
        "comment la vérifier.",
        notices(facts, surveys),
        "Cette édition, et comment la vérifier",
        "Les mêmes données, les mêmes définitions et le même code redonnent les mêmes fichiers, "
        "octet pour octet. Voici de quoi le vérifier.",
        (_edition(facts), _inputs(facts, surveys), _definitions(facts, surveys),
         _environment(facts), _verify()),
    )  # fmt: skip


def _edition(facts: MadeFrom) -> str:
    said = terms((
        ("Édition", facts.edition.name),
        ("Date déclarée", facts.edition.date),
        ("Code", f"Baromètre {facts.code.version}, empreinte {facts.code.digest}"),
        ("Empreinte de l’édition", facts.fingerprint),
    ))  # fmt: skip
    note = (
        "L’empreinte de l’édition résume tout ce qui est sur cette page. Deux éditions qui ont la "
        "même sont faites des mêmes données, des mêmes définitions et du même code."
    )
    return section("edition", "L’édition", said, paragraph(note))


def _inputs(facts: MadeFrom, surveys: Sequence[Survey]) -> str:
    rows = [row for s in surveys for row in _files(s, facts.surveys[s.id])]
    files = html_table("Fichiers de microdonnées reçus, par enquête",
                       ("Fichier", "Taille", "SHA-256"), rows) if rows else ""  # fmt: skip
    said = "".join(paragraph(words) for s in surveys for words in _made(s, origins(facts, s.id)))
    note = (
        "Les fichiers de microdonnées sont nommés par leur empreinte et leur taille. Leur contenu "
        "n’est pas publié."
    )
    return section("donnees", "Les données d’entrée", files, paragraph(note) if rows else "", said)


def _files(survey: Survey, facts: SurveyMade) -> Iterator[Row]:
    if facts.microdata:
        yield Row(typeset(survey.spec.title), heading=True)
    for name, file in facts.microdata.items():
        yield Row(name, (file_size(file.bytes), file.sha256))


def _made(survey: Survey, found: set[str]) -> Iterator[str]:
    """A sentence for each kind of answers that nobody gave."""
    for origin in made(found):
        yield f"{survey.spec.title} – {origin.title[:1].lower()}{origin.title[1:]}."


def _definitions(facts: MadeFrom, surveys: Sequence[Survey]) -> str:
    rows = [
        Row(typeset(s.spec.title), (integer(len(s.waves)), facts.surveys[s.id].definition))
        for s in surveys
    ]
    table = html_table("Définitions des enquêtes", ("Enquête", "Vagues", "Empreinte"), rows)
    note = f"L’empreinte de chaque fichier des définitions et des pages est dans {NAME}."
    return section("definitions", "Les définitions", table, paragraph(note))


def _environment(facts: MadeFrom) -> str:
    env = facts.environment
    said = terms((
        ("Python", env.python),
        ("Fabrication des pages", _RENDERERS.get(facts.renderer, facts.renderer)),
        ("Fichier de verrouillage (requirements.lock)", env.lock),
        ("Graines du hasard", ", ".join(f"{k} {v}" for k, v in facts.seeds.items()
                                        if k != "demonstration" or _drawn(facts))),
    ))  # fmt: skip
    rows = [Row(name, (version,)) for name, version in env.libraries.items()]
    table = html_table("Bibliothèques, par ordre alphabétique", ("Bibliothèque", "Version"), rows)
    return section("environnement", "Le code et son environnement", said,
                   details(f"{integer(len(rows))} bibliothèques", table))  # fmt: skip


def _drawn(facts: MadeFrom) -> bool:
    """Whether any answer was drawn at random."""
    return any(origins(facts, survey) - {"observed"} for survey in facts.surveys)


def _verify() -> str:
    steps = (
        f'Le fichier <a href="{NAME}">{NAME}</a> donne la taille et l’empreinte SHA-256 de chaque '
        "fichier du site. Tout outil qui calcule une empreinte permet de comparer un fichier.",
        "Avec le code et les mêmes microdonnées, <code>baro release --verify DOSSIER</code> "
        "recalcule toutes les empreintes, refait le site à côté et dit ce qui diffère.",
        "<code>baro diff ANCIENNE NOUVELLE</code> compare les chiffres de deux éditions. La page "
        '<a href="revisions.html">Révisions</a> en montre le résultat.',
    )
    listed = "".join(f"<li>{step}</li>" for step in steps)
    note = (
        "Les fichiers PDF dépendent aussi du navigateur et des polices qui les impriment. Le "
        f"navigateur est nommé à part dans {NAME}."
    )
    return section("verifier", "Vérifier", f"<ol>{listed}</ol>", paragraph(note))
