"""Texts that readers see, names that become files, and places: none of them may act on anything.

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

LONGEST_LABEL = 300  # characters; our longest has 89, and a figure has room for no more
LONGEST_TEXT = 4_000
LONGEST_NAME = 60
PLAIN = f"a to z, digits and _, {LONGEST_NAME} at most: files and addresses are named after it"

# Keys below which stand names that the author chose: they say nothing of the text they lead to.
_NAMED = frozenset((
    "themes", "populations", "variables", "indicators", "domains", "rules", "weighting",
    "categories", "items", "tiles", "files", "breaks", "universe", "rename", "recode", "filled",
    "missing",
))  # fmt: skip
# Keys of texts that no reader sees: texts of raw files, expressions, names of columns and files.
_UNREAD = frozenset((
    "raw", "when", "expect", "numerator", "denominator", "recode", "filled", "missing", "value",
    "rename", "others", "ignored", "rows", "wave", "file", "folder", "chosen", "not_chosen",
    "separator",
))  # fmt: skip
_SHOWN = frozenset(("label", "reason", "note", "title", "text"))  # read below those too
_LABELS = frozenset((
    "label", "title", "short", "phrase", "units", "unit", "categories", "items", "themes",
    "territory", "mode",
))  # fmt: skip
_FILES = ("themes", "populations", "indicators", "domains")  # their names become those of files
_TAG = re.compile(r"</?[A-Za-z!][^<]*>|<script", re.IGNORECASE)
_FORMULA = re.compile(r"\s*[=@][\w+-]")
# What analysis/render/checks.py takes for a fault of a page, where a text would only quote it.
_QUARTO = re.compile(r"\{\{<|\{python\}|\?@\w|\?(?:var|meta|env):|\[\^[^\]\s]+\]|:::")
# In Markdown: the address of a link, attributes, the end of a line, which may end a paragraph.
_ATTACHED = re.compile(r"(?<=\])\([^()]*\)?|(?<=[\])`])\{(?!(?:lang=fr|\.[\w-]+)\})[^{}]*\}|\n")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINING = frozenset("\u00ad\u200c\u200d")  # hyphenation, scripts that join letters, emoji
_RETYPE = "type the text anew, without it"


def text_faults(documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Every text of survey.yml and of the waves that holds what no text should."""
    for document in documents.values():
        for path, text in _texts(document.data, ()):
            read = _is_read(document, path)
            fault, remedy = _fault(text, _fields(path)) if read else _driving_fault(text)
            if fault:
                where = document.place(path)
                yield Problem(where, f"{quoted(text)} holds {fault}", "words", remedy)


def shown_faults(document: Document) -> Iterator[Problem]:
    """The same of a file whose texts may be quotations: markup and formulas are shown as text."""
    for path, text in _texts(document.data, ()):
        fault, remedy = unsafe(text)
        if fault:
            yield Problem(document.place(path), f"{quoted(text)} holds {fault}", "words", remedy)


def unsafe(text: str) -> tuple[str, str]:
    """What a text that readers see holds that none may, and what to do; "" for neither."""
    fault, remedy = unsafe_characters(text)
    if fault:
        return fault, remedy
    sign = _QUARTO.search(text)
    if sign:
        return f"{sign[0]}, which Quarto reads as a command", "write it otherwise"
    return "", ""


def unsafe_characters(text: str) -> tuple[str, str]:
    """The same of characters and length alone, for texts that are Markdown."""
    unseen = next((c for c in _odd(text) if _drives(c) or _unseen(c)), "")
    if unseen:
        return f"the invisible character U+{ord(unseen):04X}", _RETYPE
    if len(text) > LONGEST_TEXT:
        return f"more than {LONGEST_TEXT} characters", "shorten it"
    return "", ""


def commands(text: str) -> list[str]:
    """What Quarto, pandoc or a browser would act on in a text that is Markdown, each once.

    Where links lead and attributes count; a class and the mark of French words do not.
    """
    found = (m[0] for p in (_QUARTO, _TAG, _ATTACHED) for m in p.finditer(text))
    return list(dict.fromkeys(found))


def name_faults(document: Document) -> Iterator[Problem]:
    """Names in survey.yml that become names of files, and those too long for one."""
    for section in (*_FILES, "variables", "rules", "weighting"):
        names = document.data.get(section)
        for name in names if isinstance(names, dict) else ():
            fits = names_files(name) if section in _FILES else len(name) <= LONGEST_NAME
            if not fits:
                yield Problem(document.place((section, name)),
                              f"{quoted(name)} cannot be a name of {section}", PLAIN,
                              "choose another name")  # fmt: skip


def names_files(name: str) -> bool:
    """Whether files and addresses may be named after it."""
    return len(name) <= LONGEST_NAME and re.fullmatch(r"\w+", name, re.ASCII) is not None


def place_faults(spec: SurveyFile, document: Document) -> Iterator[Problem]:
    """Raw files stand below the data folder, whatever a definition says; links lead to the web."""
    folder = spec.data.folder
    if folder.startswith(("/", "~", "\\")) or ":" in folder or ".." in re.split(r"[\\/]", folder):
        yield Problem(document.place(("data", "folder")), f"{quoted(folder)} leads elsewhere",
                      "a folder below the data folder",
                      "name it from there, and set BARO_DATA to its parent")  # fmt: skip
    for name in spec.data.files:
        yield from file_faults(document.place(("data", "files", name)), name)
    if not re.fullmatch(r"https?://[^\s\"'<>\\]+", spec.licence.url):
        yield Problem(document.place(("licence", "url")), f"{quoted(spec.licence.url)} is no link",
                      "an address that begins with https://", "correct it")  # fmt: skip
    if not re.fullmatch(r"[\w-]+", spec.data.slug, re.ASCII):
        yield Problem(document.place(("data", "slug")), f"{quoted(spec.data.slug)} is no slug",
                      "letters, digits and -, as in the address of the data set",
                      "copy it from there")  # fmt: skip


def file_faults(where: str, name: str) -> Iterator[Problem]:
    """The name of a raw file that is a path, or cannot be typed."""
    if re.search(r"[\\/]", name) or name.startswith(".") or not name:
        yield Problem(where, f"{quoted(name)} is a path", "a name without folders",
                      "put the file into data.folder, and write its name")  # fmt: skip
    elif any(_drives(c) or _unseen(c) or c in "\n\t" for c in name):
        yield Problem(where, f"{quoted(name)} holds an invisible character", "a name as it is read",
                      "rename the file, and write its name")  # fmt: skip


def _texts(data: object, path: Path_) -> Iterator[tuple[Path_, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for i, item in enumerate(data):
            yield from _texts(item, (*path, i))
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*path, key))


def _fields(path: Path_) -> list[str]:
    """The keys of the language in a path, without names that the author chose."""
    known: list[str] = []
    named = False
    for step in path:
        if not named and isinstance(step, str):
            known.append(step)
        named = not named and step in _NAMED
    return known


def _is_read(document: Document, path: Path_) -> bool:
    """Whether a text of a definition is for readers."""
    fields = _fields(path)
    if fields[-1] == "items":
        variable = document.data.get("variables", {}).get(path[1], {})
        return path[0] == "variables" and variable.get("type") != "index"  # else expressions
    return fields[-1] in _SHOWN or not _UNREAD.intersection(fields)


def _fault(text: str, fields: list[str]) -> tuple[str, str]:
    """What a text for readers holds that it should not, and what to do about it."""
    fault, remedy = unsafe(text)
    if fault:
        return fault, remedy
    raw = "; if the file holds it, write it under raw: and words as label:"
    if _TAG.search(text):
        return "HTML", f"remove it: pages are laid out by baro{raw}"
    if _FORMULA.match(text):
        return "a formula of a spreadsheet", f"start with a word{raw}"
    if fields[-1] in _LABELS and len(text) > LONGEST_LABEL:
        return f"more than {LONGEST_LABEL} characters", f"shorten it{raw}"
    return "", ""


def _driving_fault(text: str) -> tuple[str, str]:
    """The same of a text of a raw file, which may hold what readers need not see."""
    found = next((c for c in _odd(text) if _drives(c)), "")
    return (f"the invisible character U+{ord(found):04X}", _RETYPE) if found else ("", "")


def _odd(text: str) -> str:
    """The text where a character of it may be unseen; "" at once where none is."""
    return "" if text.isprintable() else text


def _drives(character: str) -> bool:
    """Whether it drives a terminal, turns the writing around, or is no character at all."""
    code = ord(character)
    never = code & 0xFFFE == 0xFFFE or unicodedata.category(character) in ("Cc", "Cs")
    return character in _TURNING or (never and character not in "\n\t")


def _unseen(character: str) -> bool:
    """Whether it draws nothing, and is not part of how some scripts are written."""
    return unicodedata.category(character) in ("Cf", "Zl", "Zp") and character not in _JOINING
