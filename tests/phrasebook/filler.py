"""Catalogues that are filled by rule, for tests that need one and not its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import polib

from analysis.phrasebook import Message, updated


def nonsense(text: str) -> str:
    """Words of no language, with the numbers of the text."""
    return " and ".join(["word", *re.findall(r"\d+(?:[.,\s]\d+)*", text)])


def filled(
    path: Path, shown: str, messages: Iterable[Message], said: Callable[[str], str] = nonsense
) -> None:
    """Write a catalogue of the messages, each translated as ``said`` gives it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(updated(path, shown, "en", messages)[0], "utf-8")
    fill(path, said)


def fill(path: Path, said: Callable[[str], str] = nonsense) -> None:
    """Translate every text of a catalogue as ``said`` gives it."""
    made = polib.pofile(str(path))
    for entry in made:
        entry.msgstr = said(entry.msgid)
    made.save(str(path))
