"""Drift: what is not as in the wave before that had the column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise

import polars as pl

_POINTS = 0.10  # change of the share answering that is reported
_YEARS = 2  # change of the youngest age that is reported
_NEAR = 0.85  # how alike two texts are that are taken for one
_EVERYBODY = 30  # respondents from which a single answer of all is reported
_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
Found = tuple[str, str, str, str]


def changes(told: pl.DataFrame, columns: pl.DataFrame, waves: list[str]) -> pl.DataFrame:
    """Rows of part "change": wave, column, kind, text and other (what was before).

    told : answers whose texts may be told, rare ones put together ; columns : the rows of part
    "column" ; waves : oldest first. Kinds: :data:`analysis.codebook.CHANGES`.
    """
    place = {w: i for i, w in enumerate(waves)}
    answers: dict[tuple[str, str], dict[str, str]] = {}
    hidden: set[tuple[str, str]] = set()
    listed = told.filter(pl.col("part") == "answer")
    for column, wave, text, code in listed.select("column", "wave", "text", "code").iter_rows():
        if text:
            answers.setdefault((column, wave), {})[text] = code
        else:
            hidden.add((column, wave))
    rows: list[dict[str, object]] = []
    facts = ("wave", "n", "base", "value", "distinct")
    for (column,), part in columns.group_by("column", maintain_order=True):
        known = sorted(part.iter_rows(named=True), key=lambda r: place[r["wave"]])
        texts = [answers.get((str(column), r["wave"]), {}) for r in known]
        most = max((len(t) for t in texts), default=0)
        found = [(*c,) for r, t in zip(known, texts, strict=True) for c in _alone(r, t, most)]
        for (a, old), (b, new) in pairwise(zip(known, texts, strict=True)):
            found += _between({k: a[k] for k in facts}, {k: b[k] for k in facts})
            if old and new:
                found += _texts(b["wave"], old, new)
        for wave, kind, text, other in found:
            same = {c: known[-1][c] for c in ("variable", "label", "type", "guessed")}
            rows.append({"wave": wave, "column": column, **same, "part": "change", "code": "",
                         "kind": kind, "text": text, "other": other})  # fmt: skip
    schema = {c: told.schema[c] for c in ("wave", "column", "variable", "label", "type", "guessed",
                                          "part", "code", "kind", "text", "other")}  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _alone(r: dict[str, object], texts: dict[str, str], most: int) -> Iterator[Found]:
    """One answer of everybody, where other waves have several: most likely nobody was asked."""
    whole = r["n"] == r["base"] and int(str(r["base"])) >= _EVERYBODY
    if whole and r["distinct"] == 1 and len(texts) == 1 and most > 1:
        yield str(r["wave"]), "constant", next(iter(texts)), ""


def _between(a: dict[str, object], b: dict[str, object]) -> Iterator[Found]:
    """Share answering and youngest age of one wave against the wave before."""
    before, now = (int(str(r["n"])) / int(str(r["base"])) for r in (a, b))
    if abs(now - before) >= _POINTS:
        yield str(b["wave"]), "answering", f"{now:.3f}", f"{before:.3f}"
    if a["value"] is not None and b["value"] is not None:
        old, new = float(str(a["value"])), float(str(b["value"]))
        if abs(new - old) >= _YEARS:
            yield str(b["wave"]), "youngest", f"{new:g}", f"{old:g}"


def _texts(wave: str, old: dict[str, str], new: dict[str, str]) -> Iterator[Found]:
    """Texts that came and went; a pair that means the same is one respelled text."""
    gone = [t for t in old if t not in new]
    for text in (t for t in new if t not in old):
        twin = next((g for g in gone if _same(g, old[g], text, new[text])), None)
        if twin is None:
            yield wave, "new", text, ""
        else:
            gone.remove(twin)
            yield wave, "respelled", text, twin
    for text in gone:
        yield wave, "gone", "", text


def _same(old: str, old_code: str, new: str, new_code: str) -> bool:
    """One category, or texts alike but for accents, case, signs and a few letters, not digits."""
    if old_code or new_code:
        return old_code == new_code
    a, b = _folded(old), _folded(new)
    if _DIGITS.findall(a) != _DIGITS.findall(b):
        return False
    return a == b or SequenceMatcher(None, a, b).ratio() >= _NEAR


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return _SIGNS.sub(" ", letters).strip()
