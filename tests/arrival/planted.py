"""A file of 2023 made from the rows of 2022, with defects planted in it, each in known rows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from analysis.ingest import ROW

SEED = 2023
NEW_QUESTION = "IA_USAGE"


@dataclass
class Planted:
    """The file, and what was done to it.

    clean : the rows as an error-free producer would deliver them, for a direct computation
    rows : defect -> rows of the file
    """

    content: bytes
    clean: pl.DataFrame
    rows: dict[str, list[int]] = field(default_factory=dict)


def texts_of(raw: pl.DataFrame) -> pl.DataFrame:
    """The rows of 2022 as those of another sample of 2023: other people, other weights."""
    rng = np.random.default_rng(SEED)
    frame = raw.filter(pl.col("ANNEE") == "2022").drop(ROW)
    frame = frame[rng.choice(frame.height, 3000, replace=False)]
    weights = [f"{x:.6f}" for x in frame["POND"].cast(pl.Float64) * rng.uniform(0.9, 1.1, 3000)]
    ids = [f"2023{i:09d}" for i in range(frame.height)]
    return frame.with_columns(
        pl.lit("2023").alias("ANNEE"), pl.Series("IDENT", ids), pl.Series("POND", weights)
    )


def encoded(frame: pl.DataFrame, encoding: str = "utf-8-sig") -> bytes:
    """As a French Excel writes it: semicolons, decimal comma."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(frame.columns)
    comma = frame.with_columns(pl.col("POND" if "POND" in frame.columns else "POIDS")
                               .str.replace(".", ",", literal=True))  # fmt: skip
    writer.writerows(comma.iter_rows())
    return out.getvalue().encode(encoding)


def plant(raw: pl.DataFrame) -> Planted:
    """The file with every defect."""
    frame = texts_of(raw)
    rng = np.random.default_rng(SEED)
    # a jump: 400 people lose their smartphone (and what is asked of its owners)
    frame = frame.with_columns(
        pl.when(pl.int_range(pl.len()) < 500)
        .then(pl.lit("Non"))
        .otherwise("TELFIXE")
        .alias("TELFIXE")
    )
    clean = frame
    frame = frame.rename({"TABLETTE": "EQUIP_TABLETTE"}).drop("ENCEINTE", "NETFLIX")
    # respelled: accents, case, apostrophe, blanks; and one that nobody can be sure of
    frame = frame.with_columns(
        pl.col("DIPL5").replace(
            {"Non diplômé": "NON DIPLOME", "BAC": "Baccalauréat ou équivalent"}
        ),
        pl.col("PCS8EGO").replace({
            "Agri. exploitant, artisan, commerçant, chef d'entreprise":
            "Agri. exploitant, artisan,  commerçant, chef d’entreprise"}),
        pl.col("SEXE").str.to_uppercase(),
    )  # fmt: skip
    # a new question; a question of 2020 filled in without being asked
    new = rng.choice(["Oui", "Non", "Ne sait pas"], frame.height, p=[0.3, 0.6, 0.1])
    frame = frame.with_columns(pl.Series(NEW_QUESTION, new), pl.lit("Non").alias("MAILPRO"))
    # the universe of a question to adults: everybody now
    frame = frame.with_columns(
        pl.when(pl.col("FREINWEB1") == "NA")
        .then(pl.lit("Non"))
        .otherwise("FREINWEB1")
        .alias("FREINWEB1")
    )
    rows: dict[str, list[int]] = {}
    values = [list(r) for r in frame.iter_rows()]
    at = {c: i for i, c in enumerate(frame.columns)}
    rows["repeated"] = [_append(values, list(values[k])) for k in (10, 20, 30)]
    rows["shifted"] = [_append(values, _shift(list(values[40]), at["SEXE"]))]
    values[rows["shifted"][0] - 2][at["IDENT"]] = "20239000001"
    rows["age"] = [_append(values, [*values[50]])]
    values[-1][at["IDENT"]], values[-1][at["AGE"]] = "20239000002", "212"
    values[-1][at["POND"]] = "1.234"
    rows["weight"] = [_append(values, [*values[60]])]
    values[-1][at["IDENT"]], values[-1][at["POND"]] = "20239000003", "-0.5"
    made = pl.DataFrame(values, schema=dict.fromkeys(frame.columns, pl.String), orient="row")
    return Planted(encoded(made), clean, rows)


def _append(values: list[list[str]], row: list[str]) -> int:
    """The row's number in the file."""
    values.append(row)
    return len(values) + 1


def _shift(row: list[str], start: int) -> list[str]:
    """A field too many in the middle: the last one falls off."""
    return [*row[:start], "", *row[start:-1]]
