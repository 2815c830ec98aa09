"""One description of each column and each code, whatever the format."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.definition import load_survey
from analysis.disclosure.reliability import FIGURES
from analysis.estimates import SCHEMA, STATUS, read_estimates
from analysis.opendata.codes import codes
from analysis.opendata.columns import CELL, COLUMNS, EVERY, WAVE, having
from analysis.opendata.rows import cell_rows, method_codes, whole_rows
from analysis.opendata.sdmx import attributes, sdmx_code
from analysis.project import Project
from tests.sample import row, survey, table


def test_every_column_of_the_table_is_described_and_no_other() -> None:
    assert tuple(COLUMNS) == tuple(SCHEMA)
    assert all(c.title and c.text.endswith(".") for c in EVERY.values())


def test_every_column_of_the_table_is_in_a_csv_file() -> None:
    assert set(SCHEMA) == {*CELL, *WAVE} & set(SCHEMA)


def test_what_is_hidden_in_the_table_is_a_figure() -> None:
    assert {*FIGURES, "method"} <= set(having("figure"))


def test_no_two_columns_have_one_name_in_sdmx() -> None:
    ids = [*(COLUMNS[c].id for c in CELL), "CONF_STATUS", "UNIT_MEASURE"]
    assert len(set(ids)) == len(ids)
    assert {"OBS_STATUS", "N", "METHOD"} <= set(attributes().values())


@pytest.mark.parametrize("name", ["barometre_numerique", "collectivites_ia"])
def test_every_code_that_occurs_has_a_meaning(demonstration: Project, name: str) -> None:
    rows = whole_rows(read_estimates(demonstration.estimates(name)))
    known = {
        (c.column, c.within, c.code)
        for c in codes(load_survey(demonstration.surveys, name), rows)
        if c.label
    }
    for column, within in (("indicator", ""), ("category", "indicator"), ("domain", ""),
                           ("domain_value", "domain"), ("method", ""), ("status", ""),
                           ("origin", "")):  # fmt: skip
        inside = pl.col(within) if within else pl.lit("")
        pairs = cell_rows(rows).select(inside.alias("within"), pl.col(column).alias("code"))
        wanted = {(column, w, c) for w, c in pairs.unique().iter_rows() if c}
        assert wanted == {k for k in known if k[0] == column}


def test_an_indicator_says_its_unit_population_and_base() -> None:
    said = {c.code: c.text for c in codes(survey(), whole_rows(table())) if c.column == "indicator"}
    assert said["heures"].startswith("Unité : heures par semaine. Population : personnes de 12 ans")
    assert said["smartphone"].startswith("Unité : fraction. Population : personnes de 18 ans")
    assert said["smartphone"].endswith("Note d'essai.")


def test_the_population_of_an_indicator_is_told_by_wave_where_it_changes() -> None:
    spec = survey().spec.model_dump()["indicators"]
    spec["smartphone"]["population"] = {"2018-2019": "all", "2020-": "adultes"}
    found = codes(survey(indicators=spec), whole_rows(table()))
    (text,) = (c.text for c in found if c.code == "smartphone")
    assert "12 ans ou plus (2018, 2019) ; personnes de 18 ans ou plus (2020, 2022)," in text


def test_a_status_is_told_in_the_words_of_the_table() -> None:
    rows = whole_rows(table())
    said = {c.code: c.label for c in codes(survey(), rows) if c.column == "status"}
    assert said == {s: STATUS[s] for s in rows["status"].unique()}


def test_methods_with_the_same_initials_keep_codes_of_their_own() -> None:
    methods = ["mean; linearized; deff=wr", "median; linearized; deff=wr", "total"]
    assert method_codes(methods) == {
        "mean; linearized; deff=wr": "MLW", "median; linearized; deff=wr": "MLW2", "total": "T",
    }  # fmt: skip
    assert method_codes(reversed(methods)) == method_codes(methods)


def test_figures_are_rounded_as_published_and_never_minus_zero() -> None:
    data = pl.DataFrame(
        [row("smartphone", estimate=0.123456, se=0.00001) | {"ci_low": -0.00001}], schema=SCHEMA
    )
    (found,) = whole_rows(data).to_dicts()
    assert (found["estimate"], found["se"], str(found["ci_low"])) == (0.1235, 0.0, "0.0")


def test_no_two_codes_become_one_in_sdmx() -> None:
    told = ["", "a", "a.b", "a_b", "a-b", "ab", "é", "e", "a$b", "ae9", "_Z_"]
    made = [sdmx_code(c) for c in told]
    assert made[:4] == ["_Z", "a", "a@b", "a_b"]
    assert len(set(made)) == len(told)
