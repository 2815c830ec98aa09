"""The design of a finite population: strata, counts and who is outside, from a frame."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.definition import Survey
from analysis.demonstration.making import made_answers
from analysis.errors import BaroError
from analysis.weighting.declared import base_design, declared_design, other_design, wave_design
from tests.framed_maker import ANSWERS_1, MARGIN, SURVEY_YML, towns, wave_yml

ONE_LARGE = """\
size,variable,answer,count,share,basis,source
small,respondents,,4,,published,x
large,respondents,,1,,published,x
other,respondents,,2,,published,x
small,has,oui,1,,published,x
small,has,non,3,,published,x
large,has,oui,1,,published,x
other,has,oui,2,,published,x
,plan,oui,,1,assumed,x
,staff,1,,1,assumed,x
,tools,a,,1,assumed,x
"""


def frame_of(survey: Survey, wave: str = "1") -> pl.DataFrame:
    return made_answers(survey, wave).with_columns(weight=pl.lit(1.0), id=pl.int_range(pl.len()))


def test_strata_counts_and_weights_come_from_the_frame(tmp_path: Path) -> None:
    survey = towns(tmp_path)
    frame = frame_of(survey)
    design = wave_design(survey, "1", frame)
    weights = dict(zip(frame["size"].cast(pl.String), design.weights, strict=True))
    assert weights == {"small": pytest.approx(10), "large": pytest.approx(2), "other": 0.0}
    left = 1 - design.stages[0].probability[design.psu]
    taken = dict(zip(frame["size"].cast(pl.String), left, strict=True))
    assert taken == {"small": pytest.approx(0.9), "large": pytest.approx(0.5),
                     "other": pytest.approx(0)}  # fmt: skip
    assert design.df == 9 - 2, "neither the people nor the stratum outside count"


def test_each_wave_has_its_own_counts(tmp_path: Path) -> None:
    survey = towns(tmp_path)
    for wave, total in (("1", 50), ("2", 53)):
        design = declared_design(survey, wave, "frame", frame_of(survey, wave))
        assert design.weights.sum() == pytest.approx(total)


def test_raw_figures_keep_who_is_outside(tmp_path: Path) -> None:
    survey = towns(tmp_path)
    frame = frame_of(survey)
    raw = other_design(survey, "1", "frame", frame)
    assert raw.weights.tolist() == [1.0] * 11
    assert raw.df == 10
    assert base_design(survey, "1", frame).weights.sum() == 9


def test_a_stratum_that_the_frame_lacks_is_named(tmp_path: Path) -> None:
    """Every one at once; a kind of missing is no stratum either."""
    margin = "\n".join(x for x in MARGIN.splitlines() if "other" not in x) + "\n"
    survey = towns(tmp_path, margin=margin)
    frame = frame_of(survey).with_columns(
        size=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("dont_know")).otherwise("size")
    )
    with pytest.raises(BaroError) as e:
        base_design(survey, "1", frame)
    assert [(p.where, p.found) for p in e.value.problems] == [
        ("surveys/towns/margins/strata.csv: wave 1",
         'no stratum "dont_know", which 1 respondents are in'),
        ("surveys/towns/margins/strata.csv: wave 1",
         'no stratum "other", which 2 respondents are in'),
    ]  # fmt: skip
    assert "population 0: outside the frame" in str(e.value)


def test_more_respondents_than_units_is_refused(tmp_path: Path) -> None:
    survey = towns(tmp_path, margin=MARGIN.replace("1,large,10", "1,large,4"))
    with pytest.raises(BaroError, match=r"large"):
        wave_design(survey, "1", frame_of(survey))


@pytest.mark.parametrize("lonely", ["adjust", "average", "certainty", "collapse"])
def test_a_stratum_of_one_respondent(tmp_path: Path, lonely: str) -> None:
    """Refused by name unless the definition says what to do."""
    wave = wave_yml("1").replace("size: 11", "size: 7")
    one = {"answers": ONE_LARGE, "wave_1": wave}
    alone = towns(tmp_path / "a", **one)
    with pytest.raises(BaroError, match="a single PSU"):
        _ = wave_design(alone, "1", frame_of(alone)).components
    yml = SURVEY_YML.replace("frame: strata,", f"frame: strata, lonely_psu: {lonely},")
    said = towns(tmp_path / "b", yml=yml, **one)
    design = wave_design(said, "1", frame_of(said))
    assert design.lonely_psu == lonely
    assert design.components
    assert design.weights.sum() == pytest.approx(50)


def test_nobody_outside_is_needed(tmp_path: Path) -> None:
    """A frame may have a line of population 0 that nobody is in."""
    answers = ANSWERS_1.replace("other,respondents,,2,", "other,respondents,,0,").replace(
        "other,has,oui,2", "other,has,oui,0"
    )
    wave = wave_yml("1").replace("size: 11", "size: 9")
    survey = towns(tmp_path, answers=answers, wave_1=wave)
    assert wave_design(survey, "1", frame_of(survey)).weights.sum() == pytest.approx(50)
