"""Texts that readers see, and places of files: nothing in them may act on a page or a machine.

Pages escape what they print, and tables disarm formulas; a label that needs it is a mistake all
the same, or an attack, and is refused before anything is made of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from analysis.definition.models import SurveyFile
from analysis.definition.yamltext import Document, Path_
from analysis.errors import Problem, quoted

_UNREAD = frozenset(
    [
        "raw",
        "when",
        "numerator",
        "denominator",
        "recode",
        "filled",
        "missing",
        "value",
        "values",
        "items",
        "rename",
        "others",
        "ignored",
        "rows",
        "wave",
        "file",
        "folder",
    ]
)
_TAG = re.compile(r"</?[A-Za-z!][^<]*>|<script", re.IGNORECASE)
_FORMULA = re.compile(r"\s*[=@][\w+-]")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text_faults(documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Every text of survey.yml and of the waves that holds what no text should."""
    for document in documents.values():
        for path, text in _texts(document.data, ()):
            fault, remedy = _fault(text, path)
            if fault:
                where = document.place(path)
                yield Problem(where, f"{quoted(text)} holds {fault}", "words", remedy)


def place_faults(spec: SurveyFile, document: Document) -> Iterator[Problem]:
    """Raw files stand below the data folder, whatever a definition says."""
    folder = spec.data.folder
    if folder.startswith(("/", "~", "\\")) or ":" in folder or ".." in re.split(r"[\\/]", folder):
        yield Problem(document.place(("data", "folder")), f"{quoted(folder)} leads elsewhere",
                      "a folder below the data folder",
                      "name it from there, and set BARO_DATA to its parent")  # fmt: skip
    for name in spec.data.files:
        if re.search(r"[\\/\0]", name) or name.startswith("."):
            yield Problem(document.place(("data", "files", name)), f"{quoted(name)} is a path",
                          "a name without folders",
                          "put the file into data.folder, and write its name")  # fmt: skip


def _texts(data: object, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for i, item in enumerate(data):
            yield from _texts(item, (*path, i))
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*path, key))


def _fault(text: str, path: Path_) -> tuple[str, str]:
    """What a text holds that it should not, and what to do about it; "" for neither."""
    unseen = next((c for c in text if c in _TURNING or _drives(c)), "")
    if unseen:
        name = f"U+{ord(unseen):04X}"
        return f"the invisible character {name}", "type the text anew"
    if _UNREAD.intersection(str(p) for p in path):
        return "", ""
    raw = "; if the file holds it, write it under raw: and words as label:"
    if _TAG.search(text):
        return "HTML", f"remove it: pages are laid out by baro{raw}"
    if _FORMULA.match(text):
        return "a formula of a spreadsheet", f"start with a word{raw}"
    return "", ""


def _drives(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) == "Cc"
