"""The files of a survey on a page: type and size, what each holds, licence, how to cite them."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import analysis
from analysis.briefing.book import Book
from analysis.briefing.pieces import Html, text
from analysis.errors import refuse
from analysis.language import Words, say
from analysis.opendata.names import File, listed, media
from analysis.project import find_project
from analysis.tables import donnees
from analysis.wording import colon, file_size, quoted, sampling_note, semicolon, typeset
from analysis.wording.citation import Citation

_GROUPS = {
    "results": Words("Résultats", "Results"),
    "descriptions": Words("Descriptions", "Descriptions"),
    "open": Words("Jeu de données ouvertes", "Open data set"),
}
_STARTS = ("du ", "de ", "en ", "le ", "entre ")  # of dates that stand in a sentence as they are


def link(folder: Path, name: str, words: str) -> str:
    """A link that tells type and size; refuses a file that was not made."""
    path = folder / name
    if not path.is_file():
        raise refuse(f"donnees/{name}", "the file has not been made", "", "run: baro build")
    kind, size = media(name)[2], file_size(path.stat().st_size)
    kind += say("", " in French")
    return f'<a href="{donnees()}{escape(name)}" download>{text(words)} ({kind}, {size})</a>'


def main_links(book: Book, donnees: Path | None = None) -> Html:
    """The workbook and the three files of the whole survey, in one line.

    donnees : the folder they are in; that of the project around the working directory without it
    """
    folder = donnees or find_project().reports / "donnees"
    results = (f for f in listed(book.survey) if f.group == "results")
    made = (link(folder, f.path, f.title) for f in results)
    return Html(f'<p class="liens">{" ".join(made)}</p>')


def files(book: Book) -> Html:
    """Each file with its type, size and content; those of single indicators folded away."""
    folder, known = find_project().reports / "donnees", listed(book.survey)
    lists = "".join(
        f"<h4>{title}</h4><ul>{''.join(_item(folder, f) for f in known if f.group == group)}</ul>"
        for group, title in _GROUPS.items()
    )
    return Html(lists + _by_indicator(book, folder))


def _item(folder: Path, file: File) -> str:
    said = f"<br><small>{text(file.text)}</small>"
    return f"<li>{link(folder, file.path, file.title)}{said}</li>"


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
