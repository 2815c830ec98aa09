"""Wave 2023 of surveys/collectivites_ia for R: ``python -m tests.oracle.frame_rows``."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.definition import load_survey
from analysis.demonstration.making import made_answers

HERE = Path(__file__).parent
SURVEYS = HERE.parents[1] / "surveys"
ITEMS = ("langage", "image", "son", "predictif", "chatbot", "nsp")


def rows() -> pl.DataFrame:
    """Stratum and answers, as harmonised; those who were not asked for techniques cite none."""
    frame = made_answers(load_survey(SURVEYS, "collectivites_ia"), "2023")
    return frame.select(
        *(pl.col(c).cast(pl.String) for c in ("strate", "ia_deja", "ia_prevu", "rgpd",
                                              "cyberattaque")),
        *(pl.col(f"ia_tech_{k}").cast(pl.String).alias(k) for k in ITEMS),
    )  # fmt: skip


if __name__ == "__main__":
    rows().write_csv(HERE / "frame_rows.csv")
