"""One survey on its way: its definition, its data, and where each of its products stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from analysis.data import DataState, survey_data
from analysis.definition import Survey, load_survey
from analysis.ingest import RawFile, read_raw
from analysis.phrasebook import silent
from analysis.project import Project
from analysis.provenance import digest_value
from analysis.validate import WaveRows, validate_raw, validate_waves, wave_rows

# What is published of a survey, and has no part in what its raw columns hold.
_PUBLISHED: dict[str, object] = {
    "title": "", "short": "", "territory": "", "units": "", "source": "", "themes": {},
    "indicators": {}, "domains": {}, "breaks": (), "comparable": (), "rules": {}, "fiches": None,
    "note": "", "next_wave": "",
}  # fmt: skip
# The code that each stage runs, with what that code imports (a test compares).
DEFINITION = ("language", "expressions", "definition")
READ = (*DEFINITION, "ingest", "validate")
LEFT = (*READ, "harmonise")
WEIGHT = (*LEFT, "design", "variance", "estimators", "weights", "weighting")
SUMMARY = (*WEIGHT, "estimates", "rounding", "disclosure")
ESTIMATE = (*WEIGHT, "engines", "tabulation", "estimates")
STANDING = (*ESTIMATE, "rounding", "disclosure", "partitions", "contributors")
TABLE = (*DEFINITION, "design", "rounding", "disclosure", "estimates", "weights")
COLUMNS = (*WEIGHT, "estimates", "rounding", "disclosure", "codebook", "columns")


@dataclass
class SurveyBuild:
    """One survey on its way from raw files to the table of estimates.

    raw : file -> its text columns, kept for the waves that share it
    drawn : where files that nobody delivered stand, if not in the project
    """

    project: Project
    survey: Survey
    data: DataState
    raw: dict[str, pl.DataFrame] = field(default_factory=dict)
    drawn: Path | None = None

    @cached_property
    def figures(self) -> Survey:
        """All of the definition that estimates may depend on: no text that pages print.

        A stage that is given this cannot read what its digest leaves out.
        """
        return silent(self.survey)

    @cached_property
    def columns(self) -> Survey:
        """All of the definition that a description of raw columns may depend on."""
        return replace(self.figures, spec=self.figures.spec.model_copy(update=_PUBLISHED))

    @property
    def folder(self) -> Path:
        """``build/<survey>``."""
        return self.project.build / self.survey.id

    def origin(self, wave: str) -> str:
        """Whether a wave was observed, made from declared answers, or drawn at random."""
        w = self.survey.waves[wave]
        if w.file in self.data.found:
            return "observed"
        return w.made.kind if w.made else "demonstration"

    @property
    def origins(self) -> dict[str, str]:
        """The same for every wave."""
        return {w: self.origin(w) for w in self.survey.waves}

    def raw_path(self, file: str) -> Path:
        """The raw file: real where it was found, else the one that was made or drawn."""
        if file in self.data.found:
            return self.data.path(file)
        return (self.drawn or self.folder / "demonstration") / file

    def read(self, file: str) -> RawFile:
        """The raw file, read anew; every row of it belongs to a wave."""
        readers = [w for w in self.survey.waves.values() if w.file == file]
        dropped = frozenset().union(*(w.dropped for w in readers))
        raw = read_raw(self.raw_path(file), readers[0].dialect, file, dropped)
        validate_waves(self.survey, file, raw.frame)
        return raw

    def text_path(self, file: str) -> Path:
        """The raw file as text columns."""
        return self.folder / "raw" / f"{file}.parquet"

    def wave_path(self, wave: str) -> Path:
        """The harmonised wave."""
        return self.folder / "waves" / f"{wave}.parquet"

    def estimates_path(self, wave: str) -> Path:
        """The wave's estimates, before the rules of publication."""
        return self.project.estimated(self.survey.id, wave)

    def contributors_path(self, wave: str) -> Path:
        """Who stands behind each cell of the wave."""
        return self.folder / "contributors" / f"{wave}.parquet"

    def weights_path(self, weighting: str, wave: str) -> Path:
        """Identifier, starting and final weight of each respondent."""
        return self.folder / "weights" / weighting / f"{wave}.parquet"

    def summary_path(self, weighting: str, wave: str) -> Path:
        """What the pages may know of these weights."""
        return self.project.weights(self.survey.id, weighting, wave)

    def other_path(self, weighting: str, wave: str) -> Path:
        """The key indicators with the other weights, before the rules of publication."""
        return self.folder / "weights" / weighting / f"{wave}.estimates.parquet"

    def columns_path(self, wave: str) -> Path:
        """The wave's raw columns counted, before the rules of publication."""
        return self.folder / "columns" / f"{wave}.parquet"

    @cached_property
    def digests(self) -> Digests:
        """Of the definition, words included: those of waves are what published files name."""
        return Digests(self.survey)

    @cached_property
    def figure_digests(self) -> Digests:
        """The same of ``figures``."""
        return Digests(self.figures)

    @cached_property
    def column_digests(self) -> Digests:
        """The same of ``columns``."""
        return Digests(self.columns)

    def named(self, waves: Iterable[str], folder: Callable[[str], Path]) -> pl.DataFrame:
        """What waves gave, one below the other, with the hash of the definition of each.

        The hash is not kept with each: another word would be a reason to estimate again.
        """
        return pl.concat(
            pl.read_parquet(folder(w)).with_columns(definition_hash=pl.lit(self.digests.wave(w)))
            for w in waves
        )

    def margins(self, weighting: str, wave: str) -> list[dict[str, object]]:
        """See :func:`margins_of`."""
        return margins_of(self.survey, weighting, wave)

    def text(self, file: str) -> pl.DataFrame:
        """The text columns of a file, read once a build."""
        if file not in self.raw:
            self.raw[file] = pl.read_parquet(self.text_path(file))
        return self.raw[file]

    def rows(self, wave: str) -> WaveRows:
        """The wave's rows, valid as raw texts."""
        file = self.survey.waves[wave].file
        rows = wave_rows(self.figures, wave, self.text(file), file)
        validate_raw(self.survey, wave, rows)
        return rows


def survey_build(project: Project, survey_id: str) -> SurveyBuild:
    """The definition of a survey with the state of its data."""
    survey = load_survey(project.surveys, survey_id)
    return SurveyBuild(project, survey, survey_data(project, survey))


def margins_of(survey: Survey, weighting: str, wave: str) -> list[dict[str, object]]:
    """The margins of a weighting (none for ""), and the frame of the design, as plain data."""
    named = survey.spec.weighting[weighting].margins if weighting else ()
    frame = survey.spec.design.frame
    every = dict.fromkeys([*named, *([frame] if frame else [])])
    return [asdict(survey.margin(m, wave)) for m in every]


@dataclass(frozen=True)
class Digests:
    """Digests of a definition, each made once: every stage asks for some."""

    survey: Survey
    _waves: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _spec(self) -> dict[str, object]:
        return self.survey.spec.model_dump()

    @cached_property
    def whole(self) -> str:
        """Of all of it, margins and answers included."""
        waves = {k: w.model_dump() for k, w in self.survey.waves.items()}
        found = (self.survey.margins, self.survey.answers)
        tables = [{k: repr(t) for k, t in sorted(f.items())} for f in found]
        return digest_value([self._spec, waves, tables])

    def wave(self, wave: str) -> str:
        """Of everything that what is made of a wave may depend on."""
        if wave not in self._waves:
            survey = self.survey
            made_from = [self._spec, list(survey.waves), survey.waves[wave].model_dump()]
            margins = margins_of(survey, survey.published_weighting(wave), wave)
            self._waves[wave] = digest_value([*made_from, margins] if margins else made_from)
        return self._waves[wave]


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.aside")
    frame.write_parquet(aside, compression="zstd")
    aside.replace(path)
