"""The files of a survey on a page: type and size, what each holds, licence, how to cite them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import analysis
from analysis.briefing.book import Book
from analysis.briefing.pieces import Html, text
from analysis.dictionary import names
from analysis.errors import refuse
from analysis.language import Words, say
from analysis.project import find_project
from analysis.tables import donnees, package
from analysis.wording import colon, file_size, quoted, sampling_note, semicolon, typeset
from analysis.wording.citation import Citation

_WHOLE = (
    ("{id}.xlsx", Words("Classeur accessible", "Accessible workbook"), Words(
        "Un tableau par thème, avec couverture, sommaire et notes. L’ensemble de la population "
        "dans toutes les vagues, les groupes dans les deux dernières.",
        "One table a theme, with cover, contents and notes. The whole population in all waves, "
        "groups in the last two.")),
    ("{id}.csv", Words("Toutes les valeurs publiées", "All published values"), Words(
        "Chaque indicateur, chaque groupe, chaque vague, en codes et en nombres.",
        "Every indicator, every group, every wave, in codes and numbers.")),
    ("{id}_indicateurs.csv", Words("Les indicateurs", "Indicators"), Words(
        "Libellé, population, base, unité, note et source de chacun.",
        "Label, population, base, unit, note and source of each.")),
    ("{id}_codes.csv", Words("Les codes", "Codes"), Words(
        "Ce que veut dire chaque code des autres fichiers.",
        "What each code of the other files means.")),
)  # fmt: skip
_METADATA = (
    ("package", Words("Métadonnées des fichiers, Data Package",
                      "Metadata of the files, Data Package"), Words(
        "Licence, source, taille, empreinte et colonnes, pour les programmes.",
        "Licence, source, size, hash and columns, for programs.")),
    ("csv", Words("Dictionnaire des colonnes", "Dictionary of columns"), Words(
        "Chaque colonne des fichiers d’origine, vague par vague, avec ses effectifs.",
        "Every column of the original files, wave by wave, with its counts.")),
    ("ddi", Words("Dictionnaire, DDI-Codebook 2.5", "Dictionary, DDI-Codebook 2.5"), Words(
        "Le même, dans le format des archives de données.",
        "The same, in the format of data archives.")),
    ("schema", Words("Variables harmonisées, Table Schema",
                     "Harmonised variables, Table Schema"), Words(
        "Nom, type et catégories des variables, sans aucune réponse.",
        "Name, type and categories of the variables, without any answer.")),
)  # fmt: skip

_STARTS = ("du ", "de ", "en ", "le ", "entre ")  # of dates that stand in a sentence as they are


def link(folder: Path, name: str, words: str) -> str:
    """A link that tells type and size; refuses a file that was not made."""
    path = folder / name
    if not path.is_file():
        raise refuse(f"donnees/{name}", "the file has not been made", "", "run: baro build")
    kind, size = path.suffix[1:].upper(), file_size(path.stat().st_size)
    kind += say("", " in French")
    return f'<a href="{donnees()}{escape(name)}" download>{text(words)} ({kind}, {size})</a>'


def main_links(book: Book, donnees: Path | None = None) -> Html:
    """The workbook and the three files of the whole survey, in one line.

    donnees : the folder they are in; that of the project around the working directory without it
    """
    folder = donnees or find_project().reports / "donnees"
    made = (link(folder, name.format(id=book.survey.id), str(words)) for name, words, _ in _WHOLE)
    return Html(f'<p class="liens">{" ".join(made)}</p>')


def files(book: Book) -> Html:
    """Each file with its type, size and content; those of single indicators folded away."""
    folder, survey = find_project().reports / "donnees", book.survey
    known = names(survey) | {"package": package.name(survey)}
    whole = ((name.format(id=survey.id), str(words), str(said)) for name, words, said in _WHOLE)
    metadata = ((known[key], str(words), str(said)) for key, words, said in _METADATA)
    lists = "".join(
        f"<h4>{title}</h4><ul>{''.join(_item(folder, *of) for of in listed)}</ul>"
        for title, listed in ((say("Résultats", "Results"), whole), ("Descriptions", metadata))
    )
    return Html(lists + _by_indicator(book, folder))


def _item(folder: Path, name: str, words: str, said: str) -> str:
    return f"<li>{link(folder, name, words)}<br><small>{text(said)}</small></li>"


def _by_indicator(book: Book, folder: Path) -> str:
    published = set(book.table["indicator"].unique().to_list())
    themes = "".join(_theme(book, folder, theme, published) for theme in book.survey.spec.themes)
    summary = say(
        f"Un fichier par indicateur, qui se lit seul ({len(published)} fichiers)",
        f"One file an indicator, which can be read by itself ({len(published)} files)",
    )
    return f"<details><summary>{summary}</summary>{themes}</details>"


def _theme(book: Book, folder: Path, theme: str, published: set[str]) -> str:
    spec = book.survey.spec
    items = "".join(
        f"<li>{link(folder, f'{name}.csv', indicator.label)}</li>"
        for name, indicator in spec.indicators.items()
        if indicator.theme == theme and name in published
    )
    return f"<p><b>{text(spec.themes[theme])}</b></p><ul>{items}</ul>" if items else ""


def facts(book: Book) -> Html:
    """Waves, when the last one was in the field, the next one, licence, kind of sample."""
    lines = "".join(f"<dt>{text(k)}</dt><dd>{v}</dd>" for k, v in _facts(book))
    return Html(f"<dl>{lines}</dl>")


def _facts(book: Book) -> Iterator[tuple[str, str]]:
    spec, waves = book.survey.spec, tuple(book.survey.waves)
    several = say("de {} à {}", "from {} to {}").format(waves[0], waves[-1])
    span = waves[0] if len(waves) == 1 else f"{len(waves)}, {several}"
    yield say("Vagues", "Waves"), text(span)
    latest = say(f"vague {book.wave}, interrogée", f"wave {book.wave}, interviewed")
    yield say("Mise à jour", "Last updated"), text(f"{latest} {_when(book)}")
    yield (
        say("Prochaine vague", "Next wave"),
        text(spec.next_wave or say("non annoncée", "not announced")),
    )
    licence = f'<a href="{escape(spec.licence.url)}">{text(spec.licence.name)}</a>'
    named = f"{say('à nommer', 'to be named')}{colon()} {text(spec.licence.attribution)}"
    yield "Licence", f"{licence}{semicolon()} {named}"
    yield "Source", text(spec.source)
    yield say("Précision", "Precision"), text(sampling_note(book.survey))


def _when(book: Book) -> str:
    """The field dates in a sentence: "du 15 juin au 15 juillet 2022", "en juin 2022"."""
    said = str(book.survey.waves[book.wave].field)
    plain = not said.startswith(_STARTS)
    return say(f"en {said}" if plain else said, said)


def cite(book: Book) -> Html:
    """How to cite: a sentence, then the same for reference managers, folded away."""
    cited = Citation(book.survey, tuple(book.survey.waves), book.origins(),
                     analysis.__version__, book.digest)  # fmt: skip
    forms = "".join(
        f"<details><summary>{title}</summary>"
        f'<pre class="scroll" role="group" tabindex="0" aria-label="{title}">'
        f"<code>{escape(typed, quote=False)}</code></pre></details>"
        for title, typed in (("BibTeX", cited.bibtex()), ("CSL-JSON", cited.csl()))
    )
    return Html(f"<p>{quoted(escape(typeset(cited.text()), quote=False))}</p>{forms}")
