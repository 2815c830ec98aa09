"""LimeSurvey exports: headings that hold the question, two header rows, answer codes.

Answer codes are replaced by their labels where the survey's structure (``.lss``, "Survey
structure" in LimeSurvey's export menu) stands beside the file under the same name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

from analysis.errors import refuse
from analysis.ingest.raw import ROW, RawFile, check_names

_TECHNICAL = {"id", "lastpage", "startlanguage"}
_HEADING = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\s*[.:]\s+(\S.*)", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
_MAX_STRUCTURE = 64 << 20
_FIXED = {
    "Y": {"Y": "Oui", "N": "Non"},
    "G": {"F": "Femme", "M": "Homme"},
    "M": {"Y": "Oui", "": "Non"},
}


def as_limesurvey(raw: RawFile, structure: Path | None, shown: str) -> RawFile:
    """``raw`` under the codes of its questions, where it is an export of LimeSurvey."""
    raw = _two_headers(raw, shown)
    raw = _split_headings(raw, shown)
    if not set(raw.frame.columns) >= _TECHNICAL:
        return raw
    if structure is not None:
        raw = _labelled(raw, structure)
    return replace(raw, detected=(*raw.detected, f"{shown}: export of LimeSurvey"))


def _two_headers(raw: RawFile, shown: str) -> RawFile:
    """A VV export: the questions in the first row, their codes in the second."""
    first = raw.frame.drop(ROW).row(0)
    if not set(first) >= _TECHNICAL or set(raw.frame.columns) >= _TECHNICAL:
        return raw
    check_names(list(first), shown)
    labels = dict(zip(first, raw.frame.columns[1:], strict=True))
    frame = raw.frame[1:]
    if frame.is_empty():
        raise refuse(shown, "two header rows and no row", "respondents", "export it again")
    names = dict(zip(frame.columns[1:], first, strict=True))
    return replace(raw, frame=frame.rename(names), labels=raw.labels | labels)


def _split_headings(raw: RawFile, shown: str) -> RawFile:
    """A heading "Q1. How old are you?" is the column Q1 with a label."""
    found = {c: _HEADING.fullmatch(c) for c in raw.frame.columns if c != ROW}
    codes = {c: m[1] for c, m in found.items() if m}
    if not {c.lower() for c in codes.values()} | set(raw.frame.columns) >= _TECHNICAL:
        return raw
    check_names([codes.get(c, c) for c in found], shown)
    labels = {m[1]: m[2] for m in found.values() if m}
    return replace(raw, frame=raw.frame.rename(codes), labels=raw.labels | labels)


def _labelled(raw: RawFile, structure: Path) -> RawFile:
    shown = structure.name
    with structure.open("rb") as f:
        content = f.read(_MAX_STRUCTURE + 1)
    # LimeSurvey writes UTF-8: in UTF-16, which has NUL bytes, a DOCTYPE would pass unseen
    forbidden = any(sign in content for sign in (b"<!DOCTYPE", b"<!ENTITY", b"\0"))
    if len(content) > _MAX_STRUCTURE or forbidden:
        raise refuse(
            shown, "no structure of LimeSurvey", "an .lss file as exported", "export it again"
        )
    try:
        tree = ElementTree.fromstring(content)
    except ElementTree.ParseError as e:
        raise refuse(shown, f"not readable: {e}", "an .lss file", "export it again") from e
    questions = _rows(tree, "questions") + _rows(tree, "subquestions")
    texts = {r.get("qid", ""): r.get("question", "") for r in _rows(tree, "question_l10ns")}
    answers = _answers(tree)
    frame, labels = raw.frame, dict(raw.labels)
    for q in (q for q in questions if q.get("parent_qid", "0") in ("", "0")):
        code, qid = q.get("title", ""), q.get("qid", "")
        known = answers.get(qid, {}) or _FIXED.get(q.get("type", ""), {})
        for column in (c for c in frame.columns if c == code or c.startswith(f"{code}[")):
            labels.setdefault(column, _TAGS.sub("", q.get("question", "") or texts.get(qid, "")))
            if known and not column.endswith("[other]"):
                frame = frame.with_columns(pl.col(column).replace(known))
    return replace(raw, frame=frame, labels=labels)


def _answers(tree: ElementTree.Element) -> dict[str, dict[str, str]]:
    """Question id -> answer code -> label."""
    texts = {r.get("aid", ""): r.get("answer", "") for r in _rows(tree, "answer_l10ns")}
    made: dict[str, dict[str, str]] = {}
    for r in _rows(tree, "answers"):
        label = r.get("answer", "") or texts.get(r.get("aid", ""), "")
        made.setdefault(r.get("qid", ""), {})[r.get("code", "")] = _TAGS.sub("", label).strip()
    return made


def _rows(tree: ElementTree.Element, table: str) -> list[dict[str, str]]:
    return [
        {cell.tag: (cell.text or "").strip() for cell in row}
        for row in tree.findall(f"./{table}/rows/row")
    ]
