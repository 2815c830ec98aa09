"""The language that pages are written in: one at a time, French unless a build says otherwise.

Whatever a page says is written in every language side by side, where it is said:
``say("Aucune valeur publiée.", "No value is published.")``. Neither can be left out, so that no
page falls back on another language without anybody noticing. What a definition or a page's source
says is translated by catalogues, see :mod:`analysis.translation`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from analysis.errors import nearest, refuse

SOURCE = "fr"
NAMES = {"fr": "Français", "en": "English"}
LANGUAGES = tuple(NAMES)
_VARIABLE = "BARO_LANG"  # how the kernels of pages, which are other processes, are told


_speaking: list[str] = []  # within each other; the environment is asked a million times slower


def spoken() -> str:
    """The language of what is being written.

    Raises :class:`analysis.errors.BaroError` where ``BARO_LANG`` names none that is known.
    """
    if _speaking:
        return _speaking[-1]
    return _told()


def _told() -> str:
    named = os.environ.get(_VARIABLE) or SOURCE
    if named not in LANGUAGES:
        raise refuse(_VARIABLE, f'no pages are written in "{named}"', nearest(named, LANGUAGES),
                     f"set it to {' or '.join(LANGUAGES)}, or unset it")  # fmt: skip
    return named


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in a language until the end of the block, here and in processes started meanwhile."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = language
    spoken_before = len(_speaking)
    try:
        _speaking.append(_told())
        yield
    finally:
        del _speaking[spoken_before:]
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


def say(fr: str, en: str) -> str:
    """The one of the two that is in the language being spoken."""
    return en if spoken() == "en" else fr


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in every language, kept until it is known which is spoken (``str``)."""

    fr: str
    en: str

    def __str__(self) -> str:
        return say(self.fr, self.en)
