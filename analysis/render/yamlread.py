"""YAML as Quarto reads it (1.2), with the line of every key.

Only ``true``, ``false`` and ``null`` are typed; every other scalar stays text, so that
``01``, ``No`` and ``1.10`` print as they were written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from analysis.errors import refuse

_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_YAML = "tag:yaml.org,2002:"  # written !!
_KINDS = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value", "merge")
_DEEPEST, _MOST = 50, 10_000  # aliases unfold: a few lines can stand for a thousand million values
_REMEDY = (
    'close every quote, put a text that holds ": " or " #" between quotes, '
    "and indent with spaces, two a level"
)


@dataclass(frozen=True, slots=True)
class Yaml:
    """A mapping and where its keys stand.

    file : shown in messages
    data : the values
    lines : line (from 1) of each key, by its path
    """

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    first: int = 1

    def where(self, *path: str) -> str:
        """``file:line`` of a key, or of the nearest key above it that is written."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.file}:{self.lines.get(path, self.first)}"

    def section(self, *path: str) -> dict[str, Any]:
        """The mapping at ``path``; empty where there is none."""
        value: Any = self.data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def read_yaml(text: str, file: str, first: int = 1) -> Yaml:
    """Parse a mapping whose first line is line ``first`` of ``file``.

    Raises BaroError on bad syntax, a key given twice, a tag, or anything but a mapping.
    """
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, file, first) from None
    except yaml.YAMLError as error:
        raise refuse(f"{file}:{first}", f"this is not YAML: {error}", remedy=_REMEDY) from None
    finally:
        loader.dispose()
    if root is None:
        return Yaml(file, first=first)
    if not isinstance(root, yaml.MappingNode):
        raise refuse(f"{file}:{first}", "this is not a list of keys", "key: value", _REMEDY)
    out = Yaml(file, first=first)
    out.data.update(_mapping(root, out, ()))
    return out


def _syntax(error: yaml.MarkedYAMLError, file: str, first: int) -> Exception:
    inside = "scalar" in (error.context or "")
    mark = error.context_mark if inside and error.context_mark else error.problem_mark
    line = first + (mark.line if mark else 0)
    said = ", ".join(part for part in (error.context, error.problem) if part)
    return refuse(f"{file}:{line}", f"this is not YAML: {said}", remedy=_REMEDY)


def _value(node: yaml.Node, out: Yaml, path: tuple[str, ...]) -> Any:
    out.lines.setdefault(path, out.first + node.start_mark.line)
    if node.tag.removeprefix(_YAML) not in _KINDS:
        tag = node.tag.replace(_YAML, "!!")
        raise refuse(out.where(*path), f"the tag {tag}", remedy="write the value itself")
    if len(path) > _DEEPEST or len(out.lines) > _MOST:
        raise refuse(out.where(*path), "values within values without end", remedy="write them out")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, out, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(n, out, (*path, str(i))) for i, n in enumerate(node.value, 1)]
    text = str(node.value)
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return _CONSTANTS.get(text.lower(), text) if plain else text


def _mapping(node: yaml.MappingNode, out: Yaml, path: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), out.first + key_node.start_mark.line
        if key in found:
            raise refuse(
                f"{out.file}:{line}",
                f'the key "{key}" is given twice (first at line {out.lines[(*path, key)]})',
                remedy="keep one of the two",
            )
        out.lines[(*path, key)] = line
        found[key] = _value(value_node, out, (*path, key))
    return found


def dig(data: Mapping[str, Any], dotted: str) -> Any:
    """The value at ``a.b.2`` (list places count from 1); KeyError where there is none."""
    value: Any = data
    for key in dotted.split("."):
        if isinstance(value, Mapping):
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and 0 < int(key) <= len(value):
            value = value[int(key) - 1]
        else:
            raise KeyError(dotted)
    return value


def paths(data: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Every dotted path of a mapping, for "did you mean"."""
    out = []
    for key, value in data.items():
        out.append(prefix + key)
        if isinstance(value, Mapping):
            out += paths(value, f"{prefix}{key}.")
    return out
