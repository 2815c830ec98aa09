"""YAML in which every scalar is text, every key is unique and every value knows its line.

``No`` stays "No", ``01`` stays "01", ``[Nsp]`` needs its quotes like everywhere in YAML.
Anchors and aliases are refused: a definition is read by people, line by line. So are tags, some of
which make other readers of YAML run code; here nothing but texts, lists and mappings is ever made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analysis.errors import BaroError, Problem, raise_all, refuse

_LONGEST = 4 << 20
_DEEPEST = 50
_YAML = "tag:yaml.org,2002:"  # written !!
_FAST: Any = getattr(yaml, "CSafeLoader", None)  # absent where PyYAML was built without libyaml
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A YAML file as plain dicts, lists and strings.

    file : as shown in messages
    data : the top-level mapping
    lines : path of keys and indices -> line in the file, from 1
    """

    file: str
    data: dict[str, Any]
    lines: dict[Path_, int]

    def place(self, path: Path_) -> str:
        """``file:line: key.key``, from the longest part of ``path`` that is in the file."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                dotted = ".".join(str(p) for p in path)
                return f"{self.file}:{self.lines[path[:end]]}" + (f": {dotted}" if dotted else "")
        return self.file


def read_yaml(path: Path, shown: str) -> Document:
    """The document at ``path``; raises :class:`BaroError` with every fault of its form."""
    try:
        if path.stat().st_size > _LONGEST:
            longest = f"{_LONGEST >> 20} MiB at most"
            raise refuse(shown, "the file is too long", longest, "put back the file as it was")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        found = f"byte {e.object[e.start]:#04x} is not UTF-8"
        raise refuse(f"{shown}:{line}", found, "", "save the file as UTF-8") from e
    except OSError as e:
        raise refuse(shown, f"cannot be read: {e.strerror}", "", f"create {shown}") from e
    try:
        node = _compose(text, shown)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        where = f"{shown}:{mark.line + 1}" if mark else shown
        raise refuse(where, f"not YAML: {e.problem or e.context}", "", "mend the line") from e
    except yaml.reader.ReaderError as e:
        where = f"{shown}:{text.count(chr(10), 0, e.position) + 1}"
        raise refuse(where, f"not YAML: {e.reason}", "", "remove the character") from e
    except RecursionError as e:
        raise refuse(shown, "brackets within brackets without end", "", "mend the file") from e
    if node is None:
        raise refuse(shown, "the file is empty", "key: value lines", "see docs/definition.md")
    reader = _Reader(shown)
    data = reader.plain(node, ())
    raise_all(reader.problems)
    if not isinstance(data, dict):
        raise refuse(shown, "not a mapping of keys", "key: value lines", "see docs/definition.md")
    return Document(shown, data, reader.lines)


def _compose(text: str, shown: str) -> yaml.Node | None:
    """The text as nodes: by libyaml, ten times faster, where it finds nothing wrong.

    What is wrong is told by PyYAML, so that messages are the same on every machine.
    """
    if _FAST is not None:
        try:
            return _composed(text, shown, _FAST)
        except yaml.YAMLError:
            pass
    return _composed(text, shown, yaml.SafeLoader)


def _composed(text: str, shown: str, loader: Any) -> yaml.Node | None:
    raise_all(
        Problem(
            f"{shown}:{_line(event.start_mark)}",
            found,
            "values written out",
            "write the value where it is used",
        )
        for event in _shallow(text, loader)
        if (found := _unwanted(event))
    )
    node: yaml.Node | None = yaml.compose(text, Loader=loader)
    return node


def _unwanted(event: yaml.Event) -> str:
    """An anchor, an alias or a tag; "" for anything else."""
    if isinstance(event, yaml.AliasEvent):
        return f"the alias *{event.anchor}"
    if isinstance(event, yaml.NodeEvent) and event.anchor:
        return f"the anchor &{event.anchor}"
    tag = str(getattr(event, "tag", None) or "")
    return f"the tag {tag.replace(_YAML, '!!')}" if tag else ""


def _shallow(text: str, loader: Any) -> Iterator[yaml.Event]:
    """The events of a text whose brackets stand within brackets a few times only.

    PyYAML takes time by the square of the depth. Raises RecursionError.
    """
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RecursionError
        yield event


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 1


class _Reader:
    """Turns nodes into plain values, collecting lines and duplicate keys on the way."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.lines: dict[Path_, int] = {}
        self.problems: list[Problem] = []

    def plain(self, node: yaml.Node, path: Path_) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, (*path, i)) for i, item in enumerate(node.value)]
        return self.mapping(node, path)

    def mapping(self, node: yaml.Node, path: Path_) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in out:
                first = self.lines[(*path, key)]
                self.problems.append(
                    Problem(
                        f"{self.shown}:{line}: {'.'.join(map(str, (*path, key)))}",
                        f'the key "{key}" is there twice (first on line {first})',
                        "each key once",
                        "remove or rename one of the two",
                    )
                )
                continue
            self.lines[(*path, key)] = line
            out[key] = self.plain(value_node, (*path, key))
        return out


__all__ = ["BaroError", "Document", "Path_", "read_yaml"]
