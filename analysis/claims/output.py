"""Judgements in files: JSON for programs, CSV for spreadsheets; and what changed since a build."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.claims.results import Judged, Judgement, from_dict
from analysis.claims.words import LABELS
from analysis.definition import CLAIMS_FILE
from analysis.errors import refuse
from analysis.provenance import write_aside
from analysis.spreadsheets import neutral

NAME = CLAIMS_FILE
CSV_COLUMNS = (
    "code", "citation", "auteur", "fonction", "theme", "occasion", "date", "document",
    "chiffre_cite", "se_lit", "population_dite", "verdict", "solidite", "constat", "source",
    "population", "periode", "valeur", "borne_basse", "borne_haute", "repondants", "note",
)  # fmt: skip


def json_text(judged: Judgement) -> str:
    """The whole judgement; the same judgement gives the same text."""
    return json.dumps(judged.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def csv_text(judged: Judgement, delimiter: str = ";", decimal: str = ",") -> str:
    """A line for each claim, with the finding that decides; formulas neutralised."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_record(c, decimal) for c in judged.claims)
    return out.getvalue()


def _record(c: Judged, decimal: str) -> list[str]:
    f = c.main
    words = (
        c.id, c.quote, c.speaker, c.function, c.theme, c.occasion, c.date, c.source, c.said, c.band,
        c.population, c.label, c.strength, f.sentence, f.source, f.population, f.period,
    )  # fmt: skip
    numbers = ["" if x is None else f"{x:.6g}".replace(".", decimal)
               for x in (f.value, f.low, f.high)]  # fmt: skip
    n = "" if f.n is None else str(f.n)
    return [*map(neutral, words), *numbers, n, neutral(" ".join(filter(None, (f.note, c.note))))]


def write_judgement(judged: Judgement, path: Path) -> None:
    """Write the JSON, whole or not at all."""
    write_aside(path, json_text(judged).encode())


def read_judgement(path: Path) -> Judgement:
    """The judgement in a file of :func:`write_judgement`; refuses what is none."""
    try:
        return from_dict(json.loads(path.read_text("utf-8")))
    except FileNotFoundError as e:
        raise refuse(path.name, "the claims have not been judged", "", "run: baro build") from e
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise refuse(path.name, "is no file of judged claims", f"donnees/{NAME}.json of a build",
                     "name a folder that baro build made") from e  # fmt: skip


def write_claims(judged: Judgement, folder: Path) -> None:
    """Write ``affirmations.json`` and ``affirmations.csv`` into the folder of downloads."""
    (folder / f"{NAME}.json").write_text(json_text(judged), "utf-8")
    (folder / f"{NAME}.csv").write_bytes(csv_text(judged).encode("utf-8-sig"))


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that is no longer what it was; "" where the claim was not, or is no more."""

    id: str
    before: str
    after: str

    def __str__(self) -> str:
        known = {"": "–"} | LABELS
        return f"{self.id}: {known[self.before]} -> {known[self.after]}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"id": self.id, "before": self.before, "after": self.after}


def changes(before: Judgement, after: Judgement) -> Iterator[Change]:
    """Verdicts that changed, claims that came, claims that went."""
    old, new = ({c.id: c.verdict for c in j.claims} for j in (before, after))
    for code in dict.fromkeys((*new, *old)):
        if old.get(code) != new.get(code):
            yield Change(code, old.get(code, ""), new.get(code, ""))


def former(build: Path) -> Judgement:
    """The judgement of a former build: its site's folder, or the JSON itself."""
    places = (build, build / "donnees" / f"{NAME}.json", build / f"{NAME}.json")
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        raise refuse(f"--since {build}", f"no donnees/{NAME}.json there", "the site of a build",
                     "name a folder that baro build made, or its JSON")  # fmt: skip
    return read_judgement(found)
