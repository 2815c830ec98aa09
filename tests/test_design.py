"""What a design holds, and every refusal by name."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from analysis.design import SampleDesign
from analysis.errors import BaroError, Problem

# Six people: stratum a of two PSUs, stratum b of two PSUs whose numbers are those of a.
PEOPLE = pl.DataFrame(
    {
        "w": [1.0, 2.0, 1.0, 0.0, 3.0, 1.0],
        "h": ["a", "a", "a", "b", "b", "b"],
        "psu": [1, 1, 2, 1, 2, 2],
        "N": [10, 10, 10, 2, 2, 2],
    }
)


def changed(**columns: list[Any]) -> pl.DataFrame:
    return PEOPLE.with_columns(**{k: pl.Series(v, strict=False) for k, v in columns.items()})


def refused(frame: pl.DataFrame, weight: str = "w", **design: str) -> tuple[Problem, ...]:
    with pytest.raises(BaroError) as caught:
        SampleDesign(frame, weight, **design)  # type: ignore[arg-type]
    for problem in caught.value.problems:
        assert problem.where.startswith("design")
        assert problem.remedy
    return caught.value.problems


def test_without_strata_everybody_is_a_psu_of_one_stratum() -> None:
    d = SampleDesign(PEOPLE, "w")
    assert (d.df, d.element) == (4, True)  # one weighs nothing: R survey::degf gives 4 too
    assert d.psu_counts.tolist() == [6]
    assert d.population_counts is None
    assert d.weights.tolist() == [1, 2, 1, 0, 3, 1]


def test_strata_of_elements() -> None:
    d = SampleDesign(PEOPLE, "w", strata="h")
    assert (d.df, d.element) == (3, True)  # R survey::degf too
    assert d.psu_counts.tolist() == [3, 3]
    assert d.stratum_names == ["a", "b"]


def test_the_same_number_in_two_strata_is_two_psus() -> None:
    d = SampleDesign(PEOPLE, "w", strata="h", clusters="psu")
    assert (d.df, d.element) == (1, False)  # R survey::degf too: nobody of b/1 weighs anything
    assert d.psu_counts.tolist() == [2, 2]
    assert [int(d.psu_stratum[p]) for p in d.psu] == [0, 0, 0, 1, 1, 1]
    assert len({*d.psu.tolist()}) == 4


def test_names_that_hold_a_slash_are_not_confused() -> None:
    """ "a/b" + "c" and "a" + "b/c" are two PSUs of two strata."""
    frame = pl.DataFrame(
        {"w": [1.0] * 4, "h": ["a/b", "a/b", "a", "a"], "psu": ["c", "d", "b/c", "d"]}
    )
    d = SampleDesign(frame, "w", strata="h", clusters="psu")
    assert d.psu_counts.tolist() == [2, 2]
    assert [int(d.psu_stratum[p]) for p in d.psu] == [0, 0, 1, 1]


def test_clusters_without_strata() -> None:
    d = SampleDesign(PEOPLE, "w", clusters="psu")
    assert d.psu_counts.tolist() == [2]


def test_population_counts_are_read_by_stratum() -> None:
    counts = SampleDesign(PEOPLE, "w", strata="h", clusters="psu", fpc="N").population_counts
    assert counts is not None
    assert counts.tolist() == [10, 2]


def test_text_columns_are_read_as_numbers() -> None:
    frame = PEOPLE.with_columns(pl.col("w", "N").cast(pl.String))
    d = SampleDesign(frame, "w", strata="h", clusters="psu", fpc="N")
    assert d.weights.sum() == 8


@pytest.mark.parametrize("role", ["weight", "strata", "clusters", "fpc"])
def test_an_unknown_column_is_given_the_nearest(role: str) -> None:
    frame = PEOPLE.rename({"w": "poids"})
    names = {"weight": "poids", role: "poid"}
    (problem,) = refused(frame, **names)
    assert problem.where == "design: poid"
    assert problem.expected == 'did you mean "poids"?'


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, "missing or no number"),
        (float("nan"), "missing or no number"),
        (float("inf"), "missing or no number"),
        (-0.1, "negative"),
    ],
)
def test_a_weight_that_is_none_is_named_with_its_row(value: float | None, fault: str) -> None:
    (problem,) = refused(changed(w=[1.0, 1.0, value, 1.0, value, 1.0]))
    assert problem.where == "design: weight w, row 3"
    assert problem.found == f"2 weights are {fault}"
    assert problem.expected == "numbers, 0 or more"


def test_a_weight_of_text_is_refused() -> None:
    (problem,) = refused(changed(w=["1", "2", "lourd", "1", "1", "1"]))
    assert problem.where == "design: weight w, row 3"


def test_weights_that_are_all_zero_are_refused() -> None:
    (problem,) = refused(changed(w=[0.0] * 6))
    assert problem.found == "all weights are 0"


def test_nobody_is_refused() -> None:
    (problem,) = refused(PEOPLE.clear())
    assert problem.found == "no respondent"


def test_one_person_alone_is_refused() -> None:
    (problem,) = refused(PEOPLE.head(1))
    assert "a single PSU" in problem.found


def test_every_stratum_of_a_single_psu_is_named() -> None:
    frame = changed(h=["a", "a", "a", "b", "c", "c"], psu=[1, 1, 1, 1, 1, 2])
    assert [p.where for p in refused(frame, strata="h", clusters="psu")] == [
        "design: stratum a",
        "design: stratum b",
    ]


@pytest.mark.parametrize("role", ["strata", "clusters"])
def test_a_gap_in_strata_or_clusters_is_named_with_its_row(role: str) -> None:
    (problem,) = refused(changed(g=["a", "a", None, "b", None, "b"]), **{role: "g"})
    assert problem.where == "design: g, row 3"
    assert problem.found == "2 rows have no value"


@pytest.mark.parametrize(
    ("counts", "where", "found"),
    [
        ([10, 10, 10, 1, 1, 1], "design: N, stratum b", "N_h = 1 is below n_h = 2"),
        ([10, 10, 10, -5, -5, -5], "design: N, stratum b", "N_h = -5 is below n_h = 2"),
        ([10, 10, 12, 2, 2, 2], "design: N, stratum a", "N_h is 10, 12"),
        ([10, 10, None, 2, 2, 2], "design: N, stratum a", "N_h is missing or no number"),
        ([None] * 3 + [2, 2, 2], "design: N, stratum a", "N_h is missing or no number"),
        ([float("inf")] * 3 + [2] * 3, "design: N, stratum a", "N_h is missing or no number"),
        (["dix"] * 3 + ["2"] * 3, "design: N, stratum a", "N_h is missing or no number"),
    ],
)
def test_population_counts_that_cannot_be(counts: list[Any], where: str, found: str) -> None:
    (problem,) = refused(changed(N=counts), strata="h", clusters="psu", fpc="N")
    assert (problem.where, problem.found) == (where, found)


def test_every_stratum_with_a_wrong_count_is_named() -> None:
    frame = changed(N=[10, 11, 10, 1, 1, 1])
    assert len(refused(frame, strata="h", clusters="psu", fpc="N")) == 2


def test_a_count_equal_to_the_sample_is_a_census() -> None:
    d = SampleDesign(changed(N=[3] * 6), "w", strata="h", fpc="N")
    assert d.population_counts is not None
