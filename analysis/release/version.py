"""The page "Version": what this edition was made from, and how anybody verifies it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.definition import Survey
from analysis.language import Words, say
from analysis.release.document import details, document, notices, origins, paragraph, section, terms
from analysis.release.manifest import NAME, MadeFrom, SurveyMade
from analysis.tables import Row, html_table
from analysis.wording import file_size, integer, made, typeset

PAGE = "version"
_RENDERERS = {
    "embedded": Words("intégré (pandoc et Jupyter)", "embedded (pandoc and Jupyter)"),
    "quarto": Words("Quarto", "Quarto"),
}
_SUM = Words("Empreinte", "Fingerprint")


def version_document(facts: MadeFrom, surveys: Sequence[Survey]) -> str:
    """``version.qmd``; the same facts give the same page."""
    return document(
        PAGE,
        "Version",
        say(
            "De quoi cette édition est faite : données d’entrée, définitions, code, "
            "bibliothèques ; comment la vérifier.",
            "What this edition is made from: input data, definitions, code, libraries; how to "
            "verify it.",
        ),
        notices(facts, surveys),
        say("Cette édition, et comment la vérifier", "This edition, and how to verify it"),
        say(
            "Les mêmes données, les mêmes définitions et le même code redonnent les mêmes "
            "fichiers, octet pour octet. Voici de quoi le vérifier.",
            "The same data, the same definitions and the same code give the same files again, "
            "byte for byte. This is what it takes to verify it.",
        ),
        (_edition(facts), _inputs(facts, surveys), _definitions(facts, surveys),
         _environment(facts), _verify()),
    )  # fmt: skip


def _edition(facts: MadeFrom) -> str:
    version, digest = facts.code.version, facts.code.digest
    said = terms((
        (say("Édition", "Edition"), facts.edition.name),
        (say("Date déclarée", "Declared date"), facts.edition.date),
        ("Code", say(f"Baromètre {version}, empreinte {digest}",
                     f"Baromètre {version}, fingerprint {digest}")),
        (say("Empreinte de l’édition", "Fingerprint of the edition"), facts.fingerprint),
    ))  # fmt: skip
    note = say(
        "L’empreinte de l’édition résume tout ce qui est sur cette page. Deux éditions qui ont la "
        "même sont faites des mêmes données, des mêmes définitions et du même code.",
        "The fingerprint of the edition sums up all that is on this page. Two editions with the "
        "same one are made from the same data, the same definitions and the same code.",
    )
    return section("edition", say("L’édition", "The edition"), said, paragraph(note))


def _inputs(facts: MadeFrom, surveys: Sequence[Survey]) -> str:
    rows = [row for s in surveys for row in _files(s, facts.surveys[s.id])]
    caption = say(
        "Fichiers de microdonnées reçus, par enquête", "Files of microdata received, by survey"
    )
    head = (say("Fichier", "File"), say("Taille", "Size"), "SHA-256")
    files = html_table(caption, head, rows) if rows else ""
    said = "".join(paragraph(words) for s in surveys for words in _made(s, origins(facts, s.id)))
    note = say(
        "Les fichiers de microdonnées sont nommés par leur empreinte et leur taille. Leur contenu "
        "n’est pas publié.",
        "Files of microdata are named by their fingerprint and their size. Their content is not "
        "published.",
    )
    title = say("Les données d’entrée", "Input data")
    return section("donnees", title, files, paragraph(note) if rows else "", said)


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
    head = (say("Enquête", "Survey"), say("Vagues", "Waves"), str(_SUM))
    table = html_table(say("Définitions des enquêtes", "Definitions of the surveys"), head, rows)
    note = say(
        f"L’empreinte de chaque fichier des définitions et des pages est dans {NAME}.",
        f"The fingerprint of each file of definitions and pages is in {NAME}.",
    )
    return section("definitions", say("Les définitions", "Definitions"), table, paragraph(note))


def _environment(facts: MadeFrom) -> str:
    env = facts.environment
    seeds = (f"{k} {v}" for k, v in facts.seeds.items() if k != "demonstration" or _drawn(facts))
    said = terms((
        ("Python", env.python),
        (say("Fabrication des pages", "Making of pages"),
         str(_RENDERERS.get(facts.renderer, facts.renderer))),
        (say("Fichier de verrouillage (requirements.lock)", "Lock file (requirements.lock)"),
         env.lock),
        (say("Graines du hasard", "Random seeds"), ", ".join(seeds)),
    ))  # fmt: skip
    rows = [Row(name, (version,)) for name, version in env.libraries.items()]
    caption = say("Bibliothèques, par ordre alphabétique", "Libraries, in alphabetical order")
    table = html_table(caption, (say("Bibliothèque", "Library"), "Version"), rows)
    many = integer(len(rows))
    return section(
        "environnement",
        say("Le code et son environnement", "The code and its environment"),
        said,
        details(say(f"{many} bibliothèques", f"{many} libraries"), table),
    )


def _drawn(facts: MadeFrom) -> bool:
    """Whether any answer was drawn at random."""
    return any(origins(facts, survey) - {"observed"} for survey in facts.surveys)


def _verify() -> str:
    # The list of files stands beside the French pages, for all languages.
    manifest = f'<a href="{say("", "../")}{NAME}">{NAME}</a>'
    steps = (
        say(
            f"Le fichier {manifest} donne la taille et l’empreinte SHA-256 de chaque fichier du "
            "site. Tout outil qui calcule une empreinte permet de comparer un fichier.",
            f"The file {manifest} gives the size and the SHA-256 fingerprint of each file of the "
            "site. Any tool that computes a fingerprint can be used to compare a file.",
        ),
        say(
            "Avec le code et les mêmes microdonnées, <code>baro release --verify DOSSIER</code> "
            "recalcule toutes les empreintes, refait le site à côté et dit ce qui diffère.",
            "With the code and the same microdata, <code>baro release --verify FOLDER</code> "
            "computes all fingerprints again, makes the site anew beside it and tells what "
            "differs.",
        ),
        say(
            "<code>baro diff ANCIENNE NOUVELLE</code> compare les chiffres de deux éditions. La "
            'page <a href="revisions.html">Révisions</a> en montre le résultat.',
            "<code>baro diff OLD NEW</code> compares the figures of two editions. The page "
            '<a href="revisions.html">Revisions</a> shows the result.',
        ),
    )
    listed = "".join(f"<li>{step}</li>" for step in steps)
    note = say(
        "Les fichiers PDF dépendent aussi du navigateur et des polices qui les impriment. Le "
        f"navigateur est nommé à part dans {NAME}.",
        "PDF files also depend on the browser and the fonts that print them. The browser is named "
        f"apart in {NAME}.",
    )
    return section("verifier", say("Vérifier", "Verify"), f"<ol>{listed}</ol>", paragraph(note))
