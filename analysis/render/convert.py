"""Markdown to the finished page: pandoc, the project's filters, then ours."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from analysis.errors import raise_all, refuse
from analysis.render.config import Options, Project, filters, profiles, utf8_environment
from analysis.render.messages import filter_problems, log_problems
from analysis.render.metadata import page_metadata
from analysis.render.source import Document

_FILTER = Path(__file__).with_name("crossref.lua")
# As Quarto reads it: at pre-ast the id of a pipe table is text at the end of its caption.
_READER = "markdown-yaml_metadata_block-pandoc_title_block-table_attributes"


def pandoc_path() -> str:
    """The pandoc that comes with pypandoc_binary, whatever other one is on PATH.

    (``pypandoc.get_pandoc_path`` takes the newest of the machine; asked by two threads at once,
    it gives one of them the first it tries.)
    """
    import pypandoc

    name = "pandoc.exe" if os.name == "nt" else "pandoc"
    return str(Path(pypandoc.__file__).parent / "files" / name)


def convert(
    markdown: str, document: Document, project: Project, options: Options, page: Path
) -> None:
    """Write ``page``. Raises BaroError on what pandoc, a filter or the references refuse."""
    with tempfile.TemporaryDirectory(prefix="baro-") as name:
        work = Path(name)
        _prepare(work, options)
        arguments = _arguments(work, project, options)
        html = _run(arguments, markdown, work, project, document)
        _raise_found(work, document)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_bytes(html)


def _prepare(work: Path, options: Options) -> None:
    (work / "data").mkdir()  # pandoc's data folder: nothing of the user's own
    metadata = page_metadata(options)
    _write(work / "metadata.json", metadata)
    _write(
        work / "options.json",
        {
            "problems": str(work / "problems.json"),
            "crossref": options.crossref,
            "number_sections": options.flag("number-sections"),
            "number_depth": options.number("number-depth", 6),
            "bibliography": bool(options.listed("bibliography")) or "references" in metadata,
            "profiles": profiles(),
        },
    )


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def _arguments(work: Path, project: Project, options: Options) -> list[str]:
    flags = {
        "--number-sections": options.flag("number-sections"),
        "--section-divs": options.flag("section-divs"),
        "--toc": options.flag("toc"),
        "--citeproc": bool(options.listed("bibliography")),
    }
    chain = [*filters(project), _FILTER]
    return [
        *(pandoc_path(), "--from", _READER, "--to", "html5", "--standalone", "--mathml"),
        *("--syntax-highlighting=none", "--wrap=none", "--eol=lf"),
        *(f"--template={project.root.resolve() / options.listed('template')[0]}",),
        *(f"--metadata-file={work / 'metadata.json'}", f"--log={work / 'log.json'}"),
        *(f"--data-dir={work / 'data'}", f"--toc-depth={options.number('toc-depth', 3)}"),
        *(f"--css={name}" for name in options.listed("css")),
        *(f"--lua-filter={file.resolve()}" for file in chain),
        *(name for name, on in flags.items() if on),
    ]


def _run(
    arguments: list[str], markdown: str, work: Path, project: Project, document: Document
) -> bytes:
    done = subprocess.run(
        arguments,
        input=markdown.encode(),
        cwd=project.root,
        env={**utf8_environment(), "BARO_RENDER_OPTIONS": str(work / "options.json")},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise refuse(
            document.file,
            f"pandoc or a filter of the project refuses the page: {said}",
            remedy="do what this message says",
        )
    return done.stdout


def _raise_found(work: Path, document: Document) -> None:
    found = json.loads((work / "problems.json").read_text("utf-8"))
    log = json.loads((work / "log.json").read_text("utf-8"))
    raise_all([*filter_problems(found, document), *log_problems(log, document)])
