"""``baro translate``: brings the catalogues of a language up to date, and says what waits."""

from __future__ import annotations

import click

from analysis.language import LANGUAGES, SOURCE
from analysis.project import find_project

LANG = click.option(
    "--lang",
    "languages",
    multiple=True,
    metavar="en",
    help="Another language beside French, below _site/en; may be repeated.",
)


@click.command()
@click.argument("language", type=click.Choice([n for n in LANGUAGES if n != SOURCE]))
@click.argument("pages", nargs=-1)
def translate(language: str, pages: tuple[str, ...]) -> None:
    """Write reports/LANGUAGE/*.po and surveys/*/LANGUAGE.po anew, and begin those of PAGES.

    Translations that are there stay; new texts wait for theirs; a text that changed gets its former
    translation, marked fuzzy. Then: baro build --lang LANGUAGE.
    """
    from analysis.translation import bring_up_to_date

    for name, waiting in bring_up_to_date(find_project(), language, pages):
        click.echo(f"{name}: {f'{waiting} to translate' if waiting else 'complete'}")
