"""A document as lines that remember where they were written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from analysis.errors import Problem, refuse
from analysis.render.yamlread import Yaml, read_yaml

Zone = Literal["prose", "fence", "comment"]
INCLUDE = re.compile(r"^\s*\{\{<\s*include\s+(\S+?)\s*>\}\}\s*$")
_FENCE = re.compile(r"^(?P<indent>(?:[ \t]|>)*)(?P<mark>`{3,}|~{3,})(?P<info>.*)$")
_EXECUTABLE = re.compile(r"^\{+(?P<language>\w+)(?P<rest>[ ,].*)?\}+$")
_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document, or of a file it includes."""

    text: str
    file: str
    number: int
    zone: Zone = "prose"

    @property
    def where(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.number}"

    @property
    def bare(self) -> str:
        """The text with its code spans blanked: what Markdown reads as markup."""
        return _CODE_SPAN.sub(lambda m: " " * len(m[0]), self.text)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block ```` ```{language} ```` that is to be run: its first line and its inside."""

    opening: Line
    language: str
    rest: str
    inside: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """A run of Markdown."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A .qmd: its front matter, its lines with inclusions in place, and its pieces in order."""

    path: Path
    file: str
    front: Yaml
    lines: tuple[Line, ...]
    pieces: tuple[Prose | Fence, ...]
    problems: tuple[Problem, ...]


def split_lines(text: str) -> list[str]:
    """Lines as an editor counts them (``splitlines`` also cuts at form feeds and U+2028)."""
    return text.replace("\r\n", "\n").split("\n")


def read_document(path: Path, root: Path, file: str) -> Document:
    """Read ``path`` (shown as ``file``), follow its inclusions, cut it into prose and cells.

    Raises BaroError when the front matter cannot be read; other problems are collected.
    """
    lines = split_lines(path.read_text("utf-8-sig"))
    front, first = _front_matter(lines, file)
    problems: list[Problem] = []
    body = [Line(text, file, n) for n, text in enumerate(lines[first:], first + 1)]
    whole = list(_included(body, path, root, (path.resolve(),), problems))
    pieces = tuple(_pieces(whole, problems))
    flat = tuple(_flat(pieces))
    return Document(path, file, front, flat, pieces, tuple(problems))


def _front_matter(lines: list[str], file: str) -> tuple[Yaml, int]:
    """The front matter and the number of lines it takes."""
    if not lines or lines[0].rstrip() != "---":
        return Yaml(file), 0
    for end, text in enumerate(lines[1:], 1):
        if text.rstrip() in ("---", "..."):
            return read_yaml("\n".join(lines[1:end]), file, 2), end + 1
    raise refuse(f"{file}:1", "the front matter is not closed", remedy="write --- below its keys")


def _included(
    lines: Iterable[Line], path: Path, root: Path, chain: tuple[Path, ...], problems: list[Problem]
) -> Iterator[Line]:
    closer = ""
    for line in lines:
        closer = _closer_after(line.text, closer)
        target = None if closer else INCLUDE.match(line.text)
        if target is None:
            yield line
            continue
        name = target[1]
        inner = (root / name.lstrip("/")) if name.startswith("/") else path.parent / name
        found = _inclusion_problem(line, name, inner, root, chain)
        if found is None:
            file = inner.resolve().relative_to(root.resolve()).as_posix()
            text = split_lines(inner.read_text("utf-8-sig"))
            included = [Line(t, file, n) for n, t in enumerate(text, 1)]
            yield from _included(included, inner, root, (*chain, inner.resolve()), problems)
        else:
            problems.append(found)


def _inclusion_problem(
    line: Line, name: str, inner: Path, root: Path, chain: tuple[Path, ...]
) -> Problem | None:
    if not inner.is_file():
        return Problem(
            line.where,
            f'the included file "{name}" is not there',
            remedy=f"correct the path in {{{{< include {name} >}}}} (relative to {line.file}), "
            "or write the file",
        )
    if not inner.resolve().is_relative_to(root.resolve()):
        return Problem(
            line.where,
            f'the included file "{name}" is outside the project',
            remedy="move it beside the documents, with a name that starts with _",
        )
    if inner.resolve() in chain:
        return Problem(line.where, f'"{name}" includes itself', remedy="take the inclusion out")
    if inner.read_text("utf-8-sig").startswith("---\n"):
        return Problem(
            line.where,
            f'the included file "{name}" has a front matter',
            remedy=f"take it out of {name}",
        )
    return None


def _closer_after(text: str, closer: str) -> str:
    """The fence that is open after this line (its mark), given the one open before it."""
    fence = _FENCE.match(text)
    if fence is None:
        return closer
    mark, info = fence["mark"], fence["info"].strip()
    if closer:
        closes = mark[0] == closer[0] and len(mark) >= len(closer) and not info
        return "" if closes else closer
    return "" if mark[0] == "`" and "`" in info else mark


def _pieces(lines: list[Line], problems: list[Problem]) -> Iterator[Prose | Fence]:
    prose: list[Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = _fence_end(lines, at)
        if end is None:
            stop = _comment_end(lines, at)
            zone: Zone = "comment" if stop > at + 1 else "prose"
            prose += [replace(part, zone=zone) for part in lines[at:stop]]
            at = stop
            continue
        if end == len(lines):
            problems.append(_unclosed(line))
        cell = _cell(lines[at : end + 1])
        if cell is None:
            prose += [replace(part, zone="fence") for part in lines[at : end + 1]]
        else:
            yield Prose(tuple(prose))
            yield cell
            prose = []
        at = end + 1
    yield Prose(tuple(prose))


def _fence_end(lines: list[Line], at: int) -> int | None:
    """Place of the line that closes the fence opened at ``at``; None when none is opened there."""
    closer = _closer_after(lines[at].text, "")
    if not closer:
        return None
    for end in range(at + 1, len(lines)):
        if not _closer_after(lines[end].text, closer):
            return end
    return len(lines)


def _comment_end(lines: list[Line], at: int) -> int:
    """Place after the HTML comment that starts in line ``at`` and goes on in the next lines."""
    text = lines[at].bare
    if text.rfind("<!--") <= text.rfind("-->"):
        return at + 1
    for end in range(at + 1, len(lines)):
        if "-->" in lines[end].text:
            return end + 1
    return at + 1


def _unclosed(line: Line) -> Problem:
    mark = line.text.strip()
    ticks = (re.match(r"`+|~+", mark) or [mark])[0]
    return Problem(
        line.where,
        f"{mark} is not closed: all that follows is taken for code",
        remedy=f"write {ticks} on a line of its own after the code",
    )


def _cell(block: list[Line]) -> Fence | None:
    opening = _FENCE.match(block[0].text)
    found = _EXECUTABLE.match(opening["info"].strip()) if opening else None
    if found is None:
        return None
    return Fence(block[0], found["language"], (found["rest"] or "").strip(), tuple(block[1:-1]))


def _flat(pieces: Iterable[Prose | Fence]) -> Iterator[Line]:
    for piece in pieces:
        if isinstance(piece, Prose):
            yield from piece.lines
        else:
            fenced = (piece.opening, *piece.inside)
            yield from (replace(line, zone="fence") for line in fenced)


def locate(lines: Iterable[Line], file: str, *needles: str) -> str:
    """``file:line`` where one of the needles stands as a whole word; the file alone if nowhere."""
    kept = list(lines)
    for needle in needles:
        before = r"(?<![\w-])" if needle[0].isalnum() else ""
        after = r"(?![\w-])" if needle[-1].isalnum() else ""
        pattern = re.compile(before + re.escape(needle) + after)
        for line in kept:
            if pattern.search(line.text):
                return line.where
    return file
