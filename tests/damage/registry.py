"""What a damage is: one way in which what is given to ``baro`` is wrong, and what must be said."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SURVEY = "barometre_numerique"
FILE = "barometre-du-numerique-2022.csv.gz"
OTHER = "barometre-du-numerique-2007-2020.csv.gz"
ENCODING = "windows-1252"
VALIDATE = ("validate", SURVEY, "--wave", "2022")
Table = list[list[str]]
Act = Callable[["Case"], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A project with the raw file of 2022 whole, in a folder of its own, to be damaged.

    project : holds ``surveys/`` and ``_site/`` ; data : the folder of the raw files
    content : the text of the file of 2022, uncompressed
    """

    project: Path
    data: Path
    content: bytes

    @property
    def file(self) -> Path:
        """The raw file of 2022."""
        return self.data / FILE

    @property
    def survey(self) -> Path:
        """Its definition."""
        return self.project / "surveys" / SURVEY

    def arguments(self, command: tuple[str, ...]) -> list[str]:
        """``command`` with ``FILE`` as the path of the raw file."""
        return [a.replace("FILE", str(self.file)) for a in command]


@dataclass(frozen=True, slots=True)
class Damage:
    """One way in which something is wrong.

    kind : structure, encoding, … ; name : in words ; act : what does it
    where, says : what the place, and the rest of the message, must hold ; "" where harmless
    most : how many problems it may give ; alone : it needs a process with bounds of its own
    command : the arguments of ``baro``, ``FILE`` being the raw file
    """

    kind: str
    name: str
    act: Act
    where: str
    says: str
    most: int
    alone: bool
    command: tuple[str, ...]

    @property
    def harmless(self) -> bool:
        """Whether the file must be read as if nothing had been done."""
        return not self.says

    @property
    def id(self) -> str:
        """For pytest."""
        return f"{self.kind}-{self.name}".replace(" ", "_")


DAMAGES: list[Damage] = []


def damage(
    kind: str,
    says: str = "",
    where: str = "",
    *,
    most: int = 1,
    alone: bool = False,
    command: tuple[str, ...] = VALIDATE,
) -> Callable[[Act], Act]:
    """Register a function, whose name is that of the damage."""

    def register(act: Act) -> Act:
        name = act.__name__.replace("_", " ")
        DAMAGES.append(Damage(kind, name, act, where, says, most, alone, command))
        return act

    return register


def rows(change: Callable[[Table], object]) -> Act:
    """What changes the rows of the raw file, the first being the header."""

    def act(case: Case) -> None:
        table = list(csv.reader(io.StringIO(case.content.decode(ENCODING), newline="")))
        change(table)
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(table)
        case.file.write_bytes(out.getvalue().encode(ENCODING))

    return _named(act, change)


def text(change: Callable[[bytes], bytes]) -> Act:
    """What changes the bytes of the raw file, uncompressed."""
    return _named(lambda case: _write(case.file, change(case.content)), change)


def packed(change: Callable[[bytes], bytes]) -> Act:
    """What changes the bytes of the raw file, compressed."""

    def act(case: Case) -> None:
        case.file.write_bytes(change(gzip.compress(case.content, 1, mtime=0)))

    return _named(act, change)


def definition(name: str, path: str = "") -> Callable[[Callable[[str], str]], Act]:
    """What changes a text of the definition, below the survey's folder."""

    def decorate(change: Callable[[str], str]) -> Act:
        def act(case: Case) -> None:
            file = case.survey / name
            before = file.read_text("utf-8")
            after = change(before)
            assert after != before, "the damage does nothing"
            (case.survey / path if path else file).write_text(after, "utf-8")

        return _named(act, change)

    return decorate


survey = definition("survey.yml")
wave = definition("waves/2022.yml")
margin = definition("margins/agglomeration.csv")


def once(old: str, new: str) -> Callable[[str], str]:
    """Replace the only ``old`` of a text."""

    def change(text: str) -> str:
        assert text.count(old) == 1, f"{text.count(old)} times {old!r}"
        return text.replace(old, new)

    return change


def put(table: Table, row: int, column: str, value: str) -> None:
    """Write one cell; rows are numbered as in the file, whose header is row 1."""
    table[row - 1][table[0].index(column)] = value


def put_all(table: Table, column: str, value: Callable[[str], str]) -> None:
    """Write a whole column."""
    at = table[0].index(column)
    for row in table[1:]:
        row[at] = value(row[at])


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _named(act: Act, after: Callable[..., object]) -> Act:
    act.__name__ = after.__name__
    return act
