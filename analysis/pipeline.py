"""From raw files to the site: which stages there are, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from analysis.data import DataState, survey_data
from analysis.definition import Survey, load_survey, survey_ids
from analysis.demonstration import write_demonstration
from analysis.disclosure import publishable
from analysis.errors import BaroError, Problem, nearest, quoted, raise_all
from analysis.estimates import write_estimates
from analysis.harmonise import harmonise
from analysis.ingest import RawFile, read_raw
from analysis.project import Project
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.publish import publish_downloads, publish_site, recover_site
from analysis.render import quarto_path
from analysis.stages import Outcome, Stage, StageState, alone, run_stages, stage_states
from analysis.tabulation import tabulate
from analysis.validate import WaveRows, validate_raw, validate_waves, wave_rows

# The code that each stage runs, with what that code imports (a test compares).
_DEFINITION = ("expressions", "definition")
_READ = (*_DEFINITION, "ingest", "validate")
_LEFT = (*_READ, "harmonise")
_ESTIMATE = (*_LEFT, "design", "variance", "estimators", "tabulation", "estimates")
_TABLE = (*_DEFINITION, "disclosure", "estimates")
_DOWNLOADS = (*_DEFINITION, "estimates", "wording", "tables")
_PAGES = (*_DOWNLOADS, "charts", "briefing", "render", "publish")


@dataclass
class SurveyBuild:
    """One survey on its way from raw files to the table of estimates.

    raw : file -> its text columns, kept for the waves that share it
    """

    project: Project
    survey: Survey
    data: DataState
    raw: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """``build/<survey>``."""
        return self.project.build / self.survey.id

    def raw_path(self, file: str) -> Path:
        """The raw file: real where it was found, else the demonstration's."""
        folder = self.data.folder if self.data.observed else self.folder / "demonstration"
        return folder / file

    def read(self, file: str) -> RawFile:
        """The raw file, read anew; every row of it belongs to a wave."""
        dialect = next(w.dialect for w in self.survey.waves.values() if w.file == file)
        raw = read_raw(self.raw_path(file), dialect, file)
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
        return self.folder / "estimates" / f"{wave}.parquet"

    def definition_hash(self, wave: str) -> str:
        """Digest of everything in the definition that a wave's estimates may depend on."""
        return digest_value(
            [
                self.survey.spec.model_dump(),
                list(self.survey.waves),
                self.survey.waves[wave].model_dump(),
            ]
        )

    def text(self, file: str) -> pl.DataFrame:
        """The text columns of a file, read once a build."""
        if file not in self.raw:
            self.raw[file] = pl.read_parquet(self.text_path(file))
        return self.raw[file]

    def rows(self, wave: str) -> WaveRows:
        """The wave's rows, valid as raw texts."""
        file = self.survey.waves[wave].file
        rows = wave_rows(self.survey, wave, self.text(file), file)
        validate_raw(self.survey, wave, rows)
        return rows


def build(
    project: Project,
    say: Callable[[str], None] = lambda _: None,
    *,
    renderer: str = "auto",
    only_estimates: bool = False,
) -> Outcome:
    """Bring the whole site up to date.

    Raises :class:`analysis.errors.BaroError`; the site of the last good build then stays.
    """
    with alone(project):
        recover_site(project)
        return run_stages(project, plan(project, say, renderer, only_estimates), say)


def status(project: Project, renderer: str = "auto") -> list[StageState]:
    """Every stage, fresh or stale, and why."""
    return list(stage_states(project, plan(project, lambda _: None, renderer)))


def validate(project: Project, survey_id: str, waves: tuple[str, ...] = ()) -> dict[str, int]:
    """Check the raw rows of waves; their number by wave.

    Raises one :class:`BaroError` with the failures of all waves. Nothing is written in the
    project: where there are no microdata, demonstration data are drawn aside and checked.
    """
    work = survey_build(project, survey_id)
    _refuse_unknown(work.survey, waves)
    with TemporaryDirectory(prefix="baro-") as folder:
        if not work.data.observed:
            write_demonstration(work.survey, Path(folder))
            work = replace(work, data=replace(work.data, folder=Path(folder), missing=()))
        return _check_waves(work, waves or tuple(work.survey.waves))


def _refuse_unknown(survey: Survey, waves: tuple[str, ...]) -> None:
    raise_all(
        Problem(
            f"surveys/{survey.id}/waves",
            f"there is no wave {quoted(w)}",
            nearest(w, survey.waves),
            "name one of the waves",
        )
        for w in waves
        if w not in survey.waves
    )


def _check_waves(work: SurveyBuild, waves: tuple[str, ...]) -> dict[str, int]:
    """Every file read once, every wave of a readable file checked; the rows by wave."""
    sizes: dict[str, int] = {}
    problems: list[Problem] = []
    for file in dict.fromkeys(work.survey.waves[w].file for w in waves):
        try:
            work.raw[file] = work.read(file).frame
        except BaroError as e:
            problems += e.problems
            continue
        for wave in (w for w in waves if work.survey.waves[w].file == file):
            try:
                sizes[wave] = harmonise(work.survey, wave, work.rows(wave)).height
            except BaroError as e:
                problems += e.problems
    raise_all(problems)
    return sizes


def survey_build(project: Project, survey_id: str) -> SurveyBuild:
    """The definition of a survey with the state of its data."""
    survey = load_survey(project.surveys, survey_id)
    return SurveyBuild(project, survey, survey_data(project, survey))


def plan(
    project: Project, say: Callable[[str], None], renderer: str, only_estimates: bool = False
) -> list[Stage]:
    """The stages of every survey, then the pages."""
    works = [survey_build(project, s) for s in survey_ids(project.surveys)]
    stages = [stage for work in works for stage in survey_stages(work, say)]
    if only_estimates:
        return stages
    stages.append(_downloads(project, works))
    return [*stages, _pages(project, works, renderer, say)]


def survey_stages(work: SurveyBuild, say: Callable[[str], None]) -> list[Stage]:
    """Ingest a file, prepare and estimate a wave, then the table and its downloads."""
    survey = work.survey
    files = dict.fromkeys(w.file for w in survey.waves.values())
    stages = [] if work.data.observed else [_demonstrate(work)]
    stages += [_ingest(work, f, say) for f in files]
    stages += [s for wave in survey.waves for s in (_prepare(work, wave), _estimate(work, wave))]
    return [*stages, _table(work)]


def _demonstrate(work: SurveyBuild) -> Stage:
    survey, folder = work.survey, work.folder / "demonstration"
    return Stage(
        f"demonstrate {survey.id}",
        f"{survey.id}: no microdata found, drawing demonstration data",
        lambda: {
            "definition": _definition_digest(survey),
            "code": digest_code("demonstration", *_LEFT),
            "versions": digest_versions("numpy", "polars"),
        },
        tuple(folder / f for f in {w.file for w in survey.waves.values()}),
        lambda: _discard(write_demonstration(survey, folder)),
    )


def _ingest(work: SurveyBuild, file: str, say: Callable[[str], None]) -> Stage:
    waves = [w for w in work.survey.waves.values() if w.file == file]

    def run() -> None:
        raw = work.read(file)
        for sentence in raw.detected:
            say(f"  {sentence}")
        _write_parquet(raw.frame, work.text_path(file))
        work.raw[file] = raw.frame

    return Stage(
        f"ingest {work.survey.id}/{file}",
        f"{work.survey.id}: reading {file}",
        lambda: {
            file: digest_path(work.raw_path(file)),
            "dialect": digest_value([w.dialect.model_dump() for w in waves]),
            "waves": digest_value([w.rows.model_dump() for w in waves if w.rows]),
            "code": digest_code(*_READ),
            "versions": digest_versions("polars"),
        },
        (work.text_path(file),),
        run,
        () if work.data.observed else (f"demonstrate {work.survey.id}",),
    )


def _prepare(work: SurveyBuild, wave: str) -> Stage:
    survey, file = work.survey, work.survey.waves[wave].file

    def inputs() -> dict[str, str]:
        spec = survey.spec
        meaning = [
            spec.id,
            spec.weight,
            spec.design.model_dump(),
            spec.missing.model_dump(),
            {k: v.model_dump() for k, v in spec.variables.items()},
            {k: v.model_dump() for k, v in spec.populations.items()},
            list(survey.waves),
        ]
        return {
            "raw file": digest_path(work.text_path(file)),
            "survey.yml": digest_value(meaning),
            f"waves/{wave}.yml": digest_value(survey.waves[wave].model_dump()),
            "code": digest_code(*_LEFT),
            "versions": digest_versions("polars", "pandera"),
        }

    return Stage(
        f"prepare {survey.id}/{wave}",
        f"{survey.id}: validating and harmonising {wave}",
        inputs,
        (work.wave_path(wave),),
        lambda: _write_parquet(harmonise(survey, wave, work.rows(wave)), work.wave_path(wave)),
        (f"ingest {survey.id}/{file}",),
    )


def _estimate(work: SurveyBuild, wave: str) -> Stage:
    survey, target = work.survey, work.estimates_path(wave)
    origin = "observed" if work.data.observed else "demonstration"

    def run() -> None:
        frame = pl.read_parquet(work.wave_path(wave))
        _write_parquet(
            tabulate(
                survey, wave, frame, origin=origin, definition_hash=work.definition_hash(wave)
            ),
            target,
        )

    return Stage(
        f"estimate {survey.id}/{wave}",
        f"{survey.id}: estimating {wave}",
        lambda: {
            "wave": digest_path(work.wave_path(wave)),
            "definition": work.definition_hash(wave),
            "origin": origin,
            "code": digest_code(*_ESTIMATE),
            "versions": digest_versions("polars", "numpy", "scipy"),
        },
        (target,),
        run,
        (f"prepare {survey.id}/{wave}",),
    )


def _table(work: SurveyBuild) -> Stage:
    survey, target = work.survey, work.project.estimates(work.survey.id)
    parts = [work.estimates_path(w) for w in survey.waves]

    def run() -> None:
        write_estimates(publishable(survey, pl.concat(pl.read_parquet(p) for p in parts)), target)

    return Stage(
        f"table {survey.id}",
        f"{survey.id}: rules of publication, table of estimates",
        lambda: {
            "estimates": digest_value([digest_path(p) for p in parts]),
            "definition": _definition_digest(survey),
            "code": digest_code(*_TABLE),
            "versions": digest_versions("polars"),
        },
        (target,),
        run,
        tuple(f"estimate {survey.id}/{w}" for w in survey.waves),
    )


def _downloads(project: Project, works: list[SurveyBuild]) -> Stage:
    surveys = [w.survey for w in works]
    return Stage(
        "downloads",
        "writing the CSV files",
        lambda: {
            "tables": digest_value([digest_path(project.estimates(s.id)) for s in surveys]),
            "definitions": digest_value([_definition_digest(s) for s in surveys]),
            "code": digest_code(*_DOWNLOADS),
            "versions": digest_versions("polars"),
        },
        (project.reports / "donnees",),
        lambda: publish_downloads(project, surveys),
        tuple(f"table {s.id}" for s in surveys),
    )


def _pages(
    project: Project, works: list[SurveyBuild], renderer: str, say: Callable[[str], None]
) -> Stage:
    found = "quarto" if quarto_path() else "embedded"
    used = found if renderer == "auto" else renderer

    def inputs() -> dict[str, str]:
        made_from = {
            "reports": digest_path(project.reports),
            "renderer": used,
            "_quarto.yml": digest_path(project.root / "_quarto.yml"),
            "code": digest_code(*_PAGES),
            "versions": digest_versions("polars", "pypandoc_binary", "nbclient", "ipykernel"),
        }
        for work in works:
            table = project.estimates(work.survey.id)
            made_from[f"table {work.survey.id}"] = digest_path(table)
            made_from[f"definition {work.survey.id}"] = _definition_digest(work.survey)
        return made_from

    return Stage(
        "pages",
        "pages: rendering and checking",
        inputs,
        (project.site,),
        lambda: publish_site(project, [w.survey for w in works], used, say),
        ("downloads",),
    )


def _definition_digest(survey: Survey) -> str:
    waves = {k: w.model_dump() for k, w in survey.waves.items()}
    return digest_value([survey.spec.model_dump(), waves])


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.aside")
    frame.write_parquet(aside, compression="zstd")
    aside.replace(path)


def _discard(_: object) -> None:
    return None
