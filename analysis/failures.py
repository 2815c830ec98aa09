"""The failure report: every problem of a check as JSON for programs, CSV and HTML for people.

It may quote what a respondent answered: it stays with whoever has the microdata, and is never
part of the site.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from analysis.errors import Problem
from analysis.localpage import local_page
from analysis.provenance import write_aside
from analysis.spreadsheets import neutral

COLUMNS = ("severity", "where", "row", "respondent", "column", "value", "rule", "found",
           "expected", "remedy")  # fmt: skip
_HEADS = ("Gravité", "Où", "Ligne", "Répondant", "Colonne", "Valeur", "Règle", "Constat", "Attendu",
          "À faire")  # fmt: skip
_WORDS = {"stop": "bloquant", "warn": "à regarder"}
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:1rem auto;max-width:72rem;padding:0 1rem}"
    "div{overflow-x:auto}table{border-collapse:collapse}caption{text-align:left;padding:.5rem 0}"
    "th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}"
)


def write_failures(problems: Sequence[Problem], checked: str, folder: Path) -> list[Path]:
    """Write failures.json, failures.csv and failures.html; each aside first, then renamed.

    checked : what was checked, in words. With no problem the files say so: a report of yesterday
    must not pass for today's.
    """
    texts = {
        "failures.json": _json(problems, checked),
        "failures.csv": _csv(problems),
        "failures.html": _html(problems, checked),
    }
    for name, text in texts.items():
        write_aside(folder / name, text.encode("utf-8"))
    return [folder / name for name in texts]


def _json(problems: Sequence[Problem], checked: str) -> str:
    stops = sum(p.severity == "stop" for p in problems)
    found = {"checked": checked, "stops": stops, "warnings": len(problems) - stops,
             "problems": [p.as_dict() for p in problems]}  # fmt: skip
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _csv(problems: Sequence[Problem]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for problem in problems:
        parts = problem.as_dict()
        writer.writerow([neutral("" if parts[c] is None else str(parts[c])) for c in COLUMNS])
    return "\ufeff" + out.getvalue()


def _html(problems: Sequence[Problem], checked: str) -> str:
    stops = sum(p.severity == "stop" for p in problems)
    title = f"Contrôles : {checked}"
    summary = f"{stops} bloquants, {len(problems) - stops} à regarder"
    return local_page(
        title,
        _STYLE,
        f"<h1>{escape(title)}</h1>\n<p>{summary if problems else 'Rien à signaler.'}</p>\n"
        f"{_table(problems, summary) if problems else ''}",
    )


def _table(problems: Sequence[Problem], caption: str) -> str:
    heads = "".join(f'<th scope="col">{h}</th>' for h in _HEADS)
    rows = "\n".join(_row(p) for p in problems)
    return (
        f'<div tabindex="0" role="region" aria-label="Constats"><table>'
        f"<caption>{caption}</caption>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    )


def _row(problem: Problem) -> str:
    parts = problem.as_dict() | {"severity": _WORDS[problem.severity]}
    cells = (escape("" if parts[c] is None else str(parts[c])) for c in COLUMNS)
    return "<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"
