"""What a cell gave, as Markdown in the shape Quarto's filters meet at ``pre-ast``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from analysis.errors import refuse
from analysis.render.cells import FLOAT, Cell
from analysis.render.lint import div_problems
from analysis.render.source import Line

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_RUN = {"`": re.compile(r"`{3,}"), ":": re.compile(r"^:{3,}", re.M)}
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "application/javascript")
Bundle = Mapping[str, str]


def cell_markdown(cell: Cell, outputs: list[dict[str, Any]]) -> str:
    """The Markdown of a cell: its code when it is shown, and its outputs.

    Raises BaroError on an output the page cannot show (pictures, two outputs under one label).
    """
    if not cell.options["include"]:
        return ""
    shown = list(_shown(cell, outputs))
    if cell.options["output"] == "asis":
        return _fenced("", "{.python .cell-code}", cell) + "\n\n".join(
            _text(o) if o["output_type"] == "stream" else _markdown(cell, o["data"]) for o in shown
        )
    parts = [part for part in (_fenced("", "{.python .cell-code}", cell),) if part]
    prefix = FLOAT.match(cell.label)
    if prefix and len(shown) > 1:
        raise refuse(
            cell.opening.where,
            f'{len(shown)} outputs under one label "{cell.label}"',
            "one output",
            "give each its own cell and label, or take the label out",
        )
    parts += [_output(cell, output) for output in shown]
    return _div(_attributes(cell), "\n\n".join(parts)) if parts else ""


def _shown(cell: Cell, outputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Outputs that are shown, pieces of one stream put together."""
    held: dict[str, Any] | None = None
    for output in outputs if cell.options["output"] else []:
        stream = output["output_type"] == "stream"
        if stream and output["name"] == "stderr" and not cell.options["warning"]:
            continue
        if stream and held is not None and held["name"] == output["name"]:
            held = {**held, "text": held["text"] + output["text"]}
            continue
        if held is not None:
            yield held
        held = output if stream else None
        if not stream:
            yield output
    if held is not None:
        yield held


def _fenced(text: str, attributes: str, cell: Cell | None = None) -> str:
    if cell is not None:
        if not cell.on("echo") or not cell.code:
            return ""
        text = cell.code
    longest = max((len(run) for run in _RUN["`"].findall(text)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{attributes}\n{text}\n{ticks}\n"


def _attributes(cell: Cell) -> str:
    label = cell.label
    figure = label.startswith("fig-")
    name = str(cell.options.get("id", "")) or (f"cell-{label}" if figure else label)
    words = [f"#{name}"] if name else []
    words += [".cell", *(f".{word}" for word in cell.words("classes"))]
    if label.startswith("tbl-") and "tbl-cap" in cell.options:
        caption = str(cell.options["tbl-cap"]).replace("\\", "\\\\").replace('"', '\\"')
        words.append(f'tbl-cap="{" ".join(caption.split())}"')
    return " ".join(words)


def _output(cell: Cell, output: dict[str, Any]) -> str:
    stream = output["output_type"] == "stream"
    body = _stream(output) if stream else _markdown(cell, output["data"])
    kind = ".cell-output-" + (output["name"] if stream else "display")
    caption = " ".join(str(cell.options.get("fig-cap", "")).split())
    name = f"#{cell.label} " if cell.label.startswith("fig-") else ""
    return _div(f"{name}.cell-output {kind}", f"{body}\n\n{caption}" if caption else body)


def _stream(output: Mapping[str, Any]) -> str:
    return _fenced(_text(output).rstrip("\n"), "")


def _text(output: Mapping[str, Any]) -> str:
    return _ANSI.sub("", str(output["text"]))


def _markdown(cell: Cell, bundle: Bundle) -> str:
    """HTML wins over Markdown over LaTeX over plain text, as in Quarto."""
    if "text/html" in bundle:
        return _fenced(bundle["text/html"].strip("\n"), "{=html}")
    if "text/markdown" in bundle:
        return _checked(cell, bundle["text/markdown"])
    for kind in _PICTURES:
        if kind in bundle:
            raise refuse(
                cell.opening.where,
                f"the cell gives a {kind}",
                remedy="return HTML(…) with an inline <svg> that has its text alternative",
            )
    if "text/latex" in bundle:
        return bundle["text/latex"]
    return _fenced(_ANSI.sub("", bundle.get("text/plain", "")), "")


def _checked(cell: Cell, markdown: str) -> str:
    """Markdown a cell returned; an open block or fence in it would swallow what follows."""
    fences = len(re.findall(r"^(?:`{3,}|~{3,})", markdown, re.M))
    lines = [Line(text, cell.opening.file, cell.opening.number) for text in markdown.split("\n")]
    if fences % 2 or any(div_problems(lines)):
        raise refuse(
            cell.opening.where,
            "the cell returns Markdown with a block or fence left open",
            remedy="close every ::: and every ``` in what it returns",
        )
    return markdown


def _div(attributes: str, body: str) -> str:
    """A fenced block whose colons are more than any within, so that it reads as it nests."""
    longest = max((len(run) for run in _RUN[":"].findall(body)), default=2)
    colons = ":" * (longest + 1)
    return f"{colons} {{{attributes}}}\n{body}\n{colons}\n"
