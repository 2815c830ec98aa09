"""The small survey with sixty respondents a wave and columns that no variable reads."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from analysis.columns import assemble, describe_wave, topline
from analysis.definition import Survey
from analysis.harmonise import harmonise
from analysis.ingest import read_raw
from analysis.validate import validate_raw, wave_rows
from tests.surveys_maker import SURVEY_YML, csv_bytes, small_survey

N = 60
DECLARED = {
    "2019": ["ID", "W", "SEXE", "AGE", "WEB", "ACHAT", "AVIS", "HEURES", "TAB"],
    "2021": ["ID", "W", "SEXE", "AGE", "INTERNET", "ACHAT", "AVIS", "HEURES", "TAB", "ANNEE"],
}
Columns = dict[str, Sequence[str]]


def respondent(i: int, wave: str) -> list[str]:
    """Weights 1 and 2 in turn; ages 12 to 71; two in three use internet."""
    weight = "1" if i % 2 else "2"
    web, achat = ("Non", "NA") if i % 3 == 0 else ("Oui", "Jamais")
    made = [f"p{i}", weight, "Homme" if i % 2 else "Femme", str(12 + i), web, achat, "Bon", "10"]
    return [*made, "Vide"] if wave == "2019" else [*made, "Oui", "2021"]


class Made:
    """The survey in a folder, with the raw and the harmonised rows of its waves."""

    def __init__(self, folder: Path, extra: dict[str, Columns], yml: str = SURVEY_YML) -> None:
        self.survey: Survey = small_survey(folder, yml)
        self.raw: dict[str, pl.DataFrame] = {}
        self.frames: dict[str, pl.DataFrame] = {}
        for wave, columns in extra.items():
            self._read(folder, wave, columns)

    def _read(self, folder: Path, wave: str, columns: Columns) -> None:
        spec = self.survey.waves[wave]
        more = list(zip(*columns.values(), strict=True)) if columns else [()] * N
        rows = [[*respondent(i, wave), *more[i]] for i in range(N)]
        separator, encoding = (";", "utf-8") if wave == "2019" else (",", "cp1252")
        content = csv_bytes([[*DECLARED[wave], *columns], *rows], separator, encoding)
        path = folder / spec.file
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        self.raw[wave] = read_raw(path, spec.dialect, spec.file).frame
        found = wave_rows(self.survey, wave, self.raw[wave], spec.file)
        validate_raw(self.survey, wave, found)
        self.frames[wave] = harmonise(self.survey, wave, found)

    def described(self) -> pl.DataFrame:
        """The rows before any rule."""
        return pl.concat(
            describe_wave(self.survey, w, self.raw[w], self.frames[w], origin="observed",
                          definition_hash="x") for w in self.raw
        )  # fmt: skip

    def book(self) -> pl.DataFrame:
        """The codebook."""
        return assemble(self.survey, self.described())

    def topline(self, name: str, domain: str = "ensemble", wave: str = "2019") -> pl.DataFrame:
        """One column tabulated."""
        return topline(self.survey, wave, self.raw[wave], self.frames[wave], name, domain,
                       origin="observed", definition_hash="x")  # fmt: skip


def made(folder: Path, wave_2021: Columns | None = None, /, **columns: Sequence[str]) -> Made:
    """2019 with these columns; 2021 too where it is given any."""
    extra: dict[str, Columns] = {"2019": columns}
    return Made(folder, extra if wave_2021 is None else {**extra, "2021": wave_2021})


def answers(book: pl.DataFrame, column: str, wave: str = "2019") -> dict[str, int | None]:
    """Text -> n of the answers of a column."""
    rows = book.filter(column=column, wave=wave, part="answer")
    return dict(rows.select("text", "n").iter_rows())
