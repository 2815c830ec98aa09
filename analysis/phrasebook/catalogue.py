"""A gettext catalogue (PO), looked up and brought up to date; :mod:`polib` reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import polib

from analysis.definition.textchecks import commands, unsafe_characters
from analysis.errors import Problem, quoted, raise_all, refuse
from analysis.language import NAMES

_PLACES = re.compile(r"\{\d+\}|\$[\w.()-]+\$|\{\{<.*?>\}\}")
_ALIKE = 0.75  # how much a text must be like one that went, for its translation to be proposed
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Message:
    """A text to be translated.

    text : what the source says; ``{1}``, ``{2}`` stand for what is computed
    where : file and line, or file and key
    computed : what ``{1}``, ``{2}`` stand for, for the translator
    context : tells apart two uses of one text, where they need different translations
    """

    text: str
    where: str
    computed: tuple[str, ...] = ()
    context: str = ""


Say = Callable[[Message], str]  # what is said of a text in the other language


@dataclass
class Catalogue:
    """The translations of one file; what is missing is collected, and told by :meth:`problems`."""

    shown: str
    language: str
    entries: dict[tuple[str, str], polib.POEntry]
    _used: set[tuple[str, str]] = field(default_factory=set)
    _wrong: list[Problem] = field(default_factory=list)

    def find(self, message: Message) -> str:
        """The translation; the text itself where there is none, which is remembered."""
        key = next((k for k in ((message.context, message.text), ("", message.text))
                    if k in self.entries), None)  # fmt: skip
        if key is None:
            return self._missing(message, "has no entry")
        self._used.add(key)
        entry = self.entries[key]
        if not entry.msgstr:
            return self._missing(message, "is not translated")
        if entry.fuzzy:
            return self._missing(message, "was translated when it read otherwise (fuzzy)")
        self._wrong += self._unlike(message.text, entry)
        return str(entry.msgstr)

    def _unlike(self, text: str, entry: polib.POEntry) -> Iterator[Problem]:
        """What a translation must have in common with its text: what is computed, its ends."""
        where = f"{self.shown}:{entry.linenum}"
        wanted, given = (set(_PLACES.findall(t)) for t in (text, entry.msgstr))
        if wanted != given:
            odd = ", ".join(sorted(wanted ^ given))
            yield Problem(where, f"{odd} stands in one of msgid and msgstr", "the same in both",
                          "carry every {n} and $name$ over")  # fmt: skip
        if _ends(text) != _ends(entry.msgstr):
            yield Problem(where, "a space at an end of one of msgid and msgstr", "the same in both",
                          "begin and end msgstr as msgid")  # fmt: skip

    def _missing(self, message: Message, what: str) -> str:
        name = NAMES[self.language]
        self._wrong.append(
            Problem(
                message.where,
                f"{quoted(message.text)} {what} in {self.shown}",
                f"its {name}",
                f"run: baro translate {self.language}; then write its msgstr (and remove fuzzy)",
            )
        )
        return message.text

    def problems(self) -> list[Problem]:
        """What is missing or wrong, then the entries that nothing says any more."""
        gone = [e for k, e in self.entries.items() if k not in self._used]
        return [
            *self._wrong,
            *(
                Problem(
                    f"{self.shown}:{e.linenum}",
                    f"{quoted(e.msgid)} is no longer said",
                    "",
                    f"run: baro translate {self.language}, which sets it aside",
                )
                for e in gone
            ),
        ]


def _ends(text: str) -> tuple[bool, bool]:
    """Whether a text begins and ends with a space, as a part of a sentence may."""
    return text[:1].isspace(), text[-1:].isspace()


def read_catalogue(path: Path, shown: str, language: str) -> Catalogue:
    """The catalogue at ``path``.

    Raises :class:`analysis.errors.BaroError` where it is not there, is no catalogue, or holds what
    no text should.
    """
    if not path.is_file():
        raise refuse(shown, "there is no such catalogue", f"one in {NAMES[language]}",
                     f"run: baro translate {language}")  # fmt: skip
    found = _parsed(path, shown)
    entries = {(e.msgctxt or "", e.msgid): e for e in found if not e.obsolete}
    return Catalogue(shown, language, entries)


def _parsed(path: Path, shown: str) -> polib.POFile:
    try:
        found = polib.pofile(
            str(path), encoding="utf-8", wrapwidth=_WIDTH, check_for_duplicates=True
        )
    except (OSError, ValueError) as e:
        said = str(e).removeprefix("Syntax error in po file ").removeprefix(str(path))
        raise refuse(shown, f"no gettext catalogue: {said.strip()}", "msgid and msgstr, in quotes",
                     "mend the line, or put the file back as it was") from e  # fmt: skip
    raise_all(p for e in found for p in _text_faults(f"{shown}:{e.linenum}", e))
    return found


def _text_faults(where: str, entry: polib.POEntry) -> Iterator[Problem]:
    """What no text should hold, and in a translation what a browser or Quarto would act on.

    Translations of a page become part of its source: one that brings a command would run it.
    """
    for name, text in (("msgid", entry.msgid), ("msgstr", entry.msgstr)):
        fault, remedy = unsafe_characters(text)
        if fault:
            yield Problem(where, f"{name} {quoted(text)} holds {fault}", "words", remedy)
    known = commands(entry.msgid)
    for command in (c for c in commands(entry.msgstr) if c not in known):
        yield Problem(where, f"msgstr {quoted(entry.msgstr)} holds {quoted(command)}",
                      "the words of msgid in another language, and nothing that acts",
                      "remove it")  # fmt: skip


def updated(path: Path, shown: str, language: str, messages: Iterable[Message]) -> tuple[str, int]:
    """A catalogue with an entry for each message, and how many wait for a translation.

    Translations that are there stay. A text that changed a little gets its former translation,
    marked fuzzy, which a build refuses. What is no longer said is kept at the end, set aside
    (``#~``), so that a text that comes back finds its translation.
    """
    before = _parsed(path, shown) if path.is_file() else polib.POFile()
    known = {(e.msgctxt or "", e.msgid): e for e in before}
    made = polib.POFile(wrapwidth=_WIDTH)
    made.metadata = {"Language": language, "MIME-Version": "1.0",
                     "Content-Type": "text/plain; charset=UTF-8",
                     "Content-Transfer-Encoding": "8bit"}  # fmt: skip
    several = _by_text(messages)
    for context, text in [k for k in known if k[0] and ("", k[1]) in several]:
        several[context, text] = several["", text]  # told apart by the translator
    left = [e for k, e in known.items() if k not in several and e.msgstr]
    for key, found in several.items():
        made.append(_entry(key, found, known.get(key), left))
    for entry in left:
        entry.obsolete, entry.occurrences = True, []
        entry.comment, entry.flags = "", []
        made.append(entry)
    waiting = sum(not e.msgstr or e.fuzzy for e in made if not e.obsolete)
    return f"{made!s}".rstrip("\n") + "\n", waiting


def _by_text(messages: Iterable[Message]) -> dict[tuple[str, str], list[Message]]:
    found: dict[tuple[str, str], list[Message]] = {}
    for m in messages:
        found.setdefault((m.context, m.text), []).append(m)
    return found


def _place(message: Message) -> str:
    """Where a text is from: its key in a definition; its file, without a line that may move."""
    file, _, key = message.where.partition(": ")
    return key.replace(" ", "_") or file.rpartition(":")[0]


def _entry(
    key: tuple[str, str],
    found: Sequence[Message],
    known: polib.POEntry | None,
    left: Sequence[polib.POEntry],
) -> polib.POEntry:
    context, text = key
    first = found[0]
    said = "\n".join(f"{{{n}}} = {c}" for n, c in enumerate(first.computed, 1))
    entry = polib.POEntry(msgid=text, msgctxt=context or None, comment=said)
    entry.occurrences = [(_place(first), "")]
    entry.tcomment = known.tcomment if known else ""
    if known and known.msgstr:
        entry.msgstr = known.msgstr
        entry.flags = [] if known.obsolete else list(known.flags)
        return entry
    near = get_close_matches(text, [e.msgid for e in left], 1, _ALIKE)
    if near:
        entry.msgstr = next(e.msgstr for e in left if e.msgid == near[0])
        entry.flags = ["fuzzy"]
    return entry
