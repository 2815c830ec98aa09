"""The table of estimates: its columns, its file, and what a lookup refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.errors import BaroError
from analysis.estimates import (
    KEY,
    SCHEMA,
    STATUS,
    WHOLE,
    cell,
    cells,
    conform,
    read_estimates,
    write_estimates,
)

ROW: dict[str, Any] = {
    "survey": "small", "wave": "2021", "indicator": "internautes", "category": "",
    "domain": WHOLE, "domain_value": WHOLE, "estimate": 0.5, "se": 0.1, "ci_low": 0.3,
    "ci_high": 0.7, "cv": 0.2, "deff": 1.1, "n_eff": 90.0, "n_kish": 95.0, "df": 99,
    "df_domain": 99, "n": 100, "n_weighted": 98.5, "method": "proportion", "status": "A",
    "reason": "", "origin": "observed", "definition_hash": "abc",
}  # fmt: skip


def table(*changes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([ROW | c for c in changes or ({},)], schema_overrides=SCHEMA)


WOMEN = {"domain": "sexe", "domain_value": "femme", "estimate": 0.4}
MEN = {"domain": "sexe", "domain_value": "homme", "status": "Q", "estimate": None}
BEFORE = {"wave": "2019", "estimate": 0.6}
SOME = table({}, WOMEN, MEN, BEFORE)


def test_every_status_and_column_is_documented() -> None:
    import analysis.estimates as module

    assert set(STATUS) == {"A", "B", "D", "U", "Q"}
    assert all(name in (module.__doc__ or "") for name in SCHEMA)


def test_the_table_is_sorted_typed_and_in_order() -> None:
    shuffled = SOME.select(reversed(SOME.columns)).with_columns(pl.col("n").cast(pl.Int32))
    found = conform(shuffled.reverse())
    assert dict(found.schema) == SCHEMA
    assert found.select(KEY).rows() == sorted(found.select(KEY).rows())


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(BaroError, match="columns missing: se, deff"):
        conform(SOME.drop("se", "deff"))


def test_a_cell_twice_is_refused() -> None:
    with pytest.raises(BaroError, match=r"internautes, , ensemble, ensemble\) occurs 2 times"):
        conform(table({}, {"estimate": 0.9}))


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "estimates.parquet"
    write_estimates(SOME, path)
    assert read_estimates(path).equals(conform(SOME))
    assert [p.name for p in path.parent.iterdir()] == ["estimates.parquet"]


def test_a_table_that_is_refused_leaves_the_one_that_was(tmp_path: Path) -> None:
    path = tmp_path / "estimates.parquet"
    write_estimates(SOME, path)
    with pytest.raises(BaroError):
        write_estimates(table({}, {}), path)
    assert read_estimates(path).height == 4


def test_a_table_that_was_never_built(tmp_path: Path) -> None:
    with pytest.raises(BaroError, match="run: baro build"):
        read_estimates(tmp_path / "estimates.parquet")


@pytest.mark.parametrize("content", [b"", b"PAR1 and then nothing"])
def test_a_damaged_table_is_to_be_built_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "estimates.parquet"
    path.write_bytes(content)
    with pytest.raises(BaroError, match="run: baro build"):
        read_estimates(path)


def test_cells_of_an_indicator() -> None:
    assert cells(SOME, "internautes")["wave"].to_list() == ["2021", "2019"]
    assert cells(SOME, "internautes", waves=("2019",))["estimate"].to_list() == [0.6]
    assert cells(SOME, "internautes", domain="sexe").height == 2


def test_a_cell_is_one_row() -> None:
    assert cell(SOME, "internautes", "2021")["estimate"] == 0.5
    assert cell(SOME, "internautes", "2021", "sexe", "femme")["estimate"] == 0.4


@pytest.mark.parametrize(
    ("key", "column", "said"),
    [
        (("internaute", "2021"), "indicator", 'did you mean "internautes"?'),
        (("internautes", "2020"), "wave", 'did you mean "2021"?'),
        (("internautes", "2021", "sex"), "domain", 'did you mean "sexe"?'),
        (("internautes", "2021", "sexe", "femmes"), "domain_value", 'did you mean "femme"?'),
        (("internautes", "2021", "ensemble", "ensemble", "oui"), "category", "known: "),
    ],
)
def test_what_does_not_exist_is_given_the_nearest(
    key: tuple[str, ...], column: str, said: str
) -> None:
    with pytest.raises(BaroError) as caught:
        cell(SOME, *key)
    (problem,) = caught.value.problems
    assert problem.where == f"table of estimates: {column}"
    assert said in problem.expected
    assert problem.remedy


def test_a_suppressed_cell_cannot_be_quoted() -> None:
    with pytest.raises(BaroError) as caught:
        cell(SOME, "internautes", "2021", "sexe", "homme")
    (problem,) = caught.value.problems
    assert problem.where == "internautes, 2021, sexe = homme"
    assert problem.expected == STATUS["Q"]
    assert problem.remedy == "quote a larger group"
