"""A post-stratified sample of a finite population against R survey (goldens made by frame.R)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.definition import load_survey
from analysis.demonstration import draw_wave
from analysis.harmonise import harmonise
from analysis.ingest import ROW
from analysis.tabulation import tabulate
from analysis.validate import validate_raw, wave_rows
from tests.oracle.frame_rows import SURVEYS, rows

HERE = Path(__file__).parent
GOLDEN = pl.read_csv(HERE / "frame.csv", schema_overrides={"level": pl.String})
CLOSE = 1e-9  # R prints 15 digits; 1e-7 was asked for
ENDS = 1e-7  # svyciprop fits its logit by iterations that stop at 1e-8
INDICATORS = {"ia_deja": "ia_deja_reponses", "ia_prevu": "ia_prevu_reponses",
              "rgpd": "rgpd_reponses", "cyberattaque": "cyberattaque_reponses",
              "ia_tech": "ia_tech_mentions"}  # fmt: skip


@cache
def table() -> dict[tuple[str, ...], dict[str, Any]]:
    """The whole way: raw rows of the wave, validated, harmonised, weighted on the frame."""
    survey = load_survey(SURVEYS, "collectivites_ia")
    for name, i in survey.spec.indicators.items():  # R was asked for what is not published too
        survey.spec.indicators[name] = i.model_copy(update={"domains": None})
    texts = draw_wave(survey, "2023").with_row_index(ROW, offset=2)
    raw = wave_rows(survey, "2023", texts, "enquete-2023.csv")
    validate_raw(survey, "2023", raw)
    frame = harmonise(survey, "2023", raw)
    made = tabulate(survey, "2023", frame, origin="reconstructed", definition_hash="")
    key = ("indicator", "category", "domain", "domain_value")
    return {tuple(r[k] for k in key): r for r in made.iter_rows(named=True)}


def test_r_was_given_these_rows() -> None:
    """Else: python -m tests.oracle.frame_rows, then Rscript frame.R."""
    assert pl.read_csv(HERE / "frame_rows.csv").equals(rows())


@pytest.mark.parametrize("domain", ["ensemble", "perimetre", "strate", "type"])
def test_agrees_with_r(domain: str) -> None:
    compared = 0
    for r in GOLDEN.filter(domain=domain).iter_rows(named=True):
        found = table()[INDICATORS[r["variable"]], r["answer"], domain, r["level"]]
        where = f"{r['variable']} {r['answer']} {domain} {r['level']}"
        assert found["estimate"] == pytest.approx(r["estimate"], rel=CLOSE, abs=1e-14), where
        assert found["se"] == pytest.approx(r["se"], rel=CLOSE, abs=1e-14), where
        assert found["df"] == r["df"] == 116 - 8, where
        if r["ci_low"] is not None:
            ends = (found["ci_low"], found["ci_high"])
            assert ends == pytest.approx((r["ci_low"], r["ci_high"]), rel=ENDS), where
        compared += 1
    assert compared >= 15


def test_the_frame_weighs_each_answer_by_its_stratum() -> None:
    """N_h of the frame, n_h of the answers; whoever is outside weighs nothing."""
    whole = table()["ia_deja", "", "ensemble", "ensemble"]
    assert (whole["n"], whole["n_weighted"]) == (116, pytest.approx(36_318))
    small = table()["ia_deja", "", "perimetre", "petites"]
    assert (small["n"], small["n_weighted"]) == (9, pytest.approx(31_762))
    assert ("ia_deja", "", "strate", "autre") not in table()


def test_no_answer_of_few_is_precise() -> None:
    """Nine times no for 31,762 communes: Clopper and Pearson's upper bound, 1 - 0.025^(1/9)."""
    small = table()["ia_deja", "", "strate", "c_moins_3500"]
    assert (small["estimate"], small["ci_low"]) == (0.0, 0.0)
    assert small["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 9), rel=1e-6)
