"""From raw files to the site: which stages there are, and what each is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from analysis.codebook import read_codebook
from analysis.columns import known_domain
from analysis.definition import Survey, shared_names, survey_ids
from analysis.demonstration import write_demonstration
from analysis.errors import raise_all
from analysis.estimates import WHOLE, write_estimates
from analysis.harmonise import harmonise
from analysis.ingest import companions
from analysis.nursery import BUILDS, Nursery, available
from analysis.pipeline.claims import claims_stage
from analysis.pipeline.columns import (
    check_name,
    codebook_stage,
    describe_stage,
    one_table,
    toplines,
)
from analysis.pipeline.estimating import estimate_stage
from analysis.pipeline.inputs import release_made_from
from analysis.pipeline.publishing import RELEASE, downloads_stage, files_stage, pages_stage
from analysis.pipeline.rules import rules_stage
from analysis.pipeline.secrecy import secrecy_inputs, secrecy_needed, secrecy_stages, told
from analysis.pipeline.validation import clashes, refuse_unknown, validate
from analysis.pipeline.weights import (
    WeightsFound,
    comparison,
    wanted,
    weight_stages,
    weights_found,
    weights_needed,
)
from analysis.pipeline.work import (
    LEFT,
    READ,
    TABLE,
    SurveyBuild,
    survey_build,
    write_parquet,
)
from analysis.project import Project
from analysis.provenance import digest_code, digest_path, digest_value, digest_versions
from analysis.publish import Printing, Publication, recover_site
from analysis.release.manifest import MadeFrom
from analysis.render import quarto_path
from analysis.stages import Outcome, Stage, StageState, alone, run_stages, stage_states
from analysis.translation import languages_of

if TYPE_CHECKING:
    from analysis.engines import Engine

__all__ = [
    "SurveyBuild", "build", "clashes", "codebook", "estimated", "plan", "refuse_unknown",
    "release_facts", "status", "survey_build", "topline", "validate", "weigh",
]  # fmt: skip


def build(
    project: Project,
    say: Callable[[str], None] = lambda _: None,
    *,
    renderer: str = "auto",
    only_estimates: bool = False,
    languages: Sequence[str] = (),
    since: Path | None = None,
    pdf: Path | Printing = "print",
    engine: Engine | None = None,
    nursery: Nursery | None = None,
) -> Outcome:
    """Bring the whole site up to date; ``languages`` besides French, which is always made.

    since : the folder of a former release, for "Révisions" ; pdf : see :class:`Publication`
    engine : what estimates, where rows are more than matrices in memory can hold
    nursery : what processes are forked from, where it has been started already
    Raises :class:`analysis.errors.BaroError`; the site of the last good build then stays.
    """
    others = languages_of(languages)
    own = nullcontext(nursery) if nursery else Nursery(preloaded=BUILDS)
    with alone(project), own as nursery:
        recover_site(project)
        publication = Publication(_renderer(renderer), since, pdf, others)
        stages = plan(project, say, publication, only_estimates, nursery, engine)
        # It imports while other stages run.
        pages = nursery.start if available() and not only_estimates else lambda: None
        return run_stages(project, stages, say, pages)


def status(
    project: Project,
    renderer: str = "auto",
    since: Path | None = None,
    languages: Sequence[str] = (),
) -> list[StageState]:
    """Every stage of a build with these languages, fresh or stale, and why."""
    publication = Publication(_renderer(renderer), since, languages=languages_of(languages))
    return list(stage_states(project, plan(project, lambda _: None, publication)))


def release_facts(
    project: Project, renderer: str, since: Path | None, languages: Sequence[str] = ()
) -> MadeFrom:
    """What a release of this project would be made from, as its files are now."""
    works = [survey_build(project, s) for s in survey_ids(project.surveys)]
    publication = Publication(renderer, since, languages=languages_of(languages))
    return release_made_from(project, works, publication, RELEASE)


def _renderer(named: str) -> str:
    """The renderer that is used: for "auto", Quarto where it is installed."""
    return ("quarto" if quarto_path() else "embedded") if named == "auto" else named


def weigh(
    project: Project,
    survey_id: str,
    weightings: tuple[str, ...] = (),
    waves: tuple[str, ...] = (),
    say: Callable[[str], None] = lambda _: None,
) -> list[WeightsFound]:
    """The declared weightings of waves, computed where they are not up to date.

    Raises :class:`BaroError` for margins that are wrong or cannot be met: nothing is written then.
    """
    work = survey_build(project, survey_id)
    refuse_unknown(work.survey, waves)
    pairs = wanted(work.survey, weightings, waves)
    ends = [s for n, w in pairs for s in weights_needed(work.survey, n, w)]
    with alone(project):
        run_stages(project, _needed(survey_stages(work, say), ends), say)
        return [weights_found(work, n, w) for n, w in pairs]


def estimated(
    project: Project, survey_id: str, engine: Engine, say: Callable[[str], None] = lambda _: None
) -> None:
    """Bring the table of estimates of a survey up to date, its sums made by an engine."""
    work = survey_build(project, survey_id)
    with alone(project):
        stages = survey_stages(work, say, engine)
        run_stages(project, _needed(stages, [f"table {survey_id}"]), say)


def codebook(
    project: Project, survey_id: str, say: Callable[[str], None] = lambda _: None
) -> tuple[Survey, pl.DataFrame]:
    """The definition and the codebook of a survey, made where it is not up to date."""
    work = survey_build(project, survey_id)
    with alone(project):
        run_stages(project, _needed(survey_stages(work, say), [f"codebook {survey_id}"]), say)
        return work.survey, read_codebook(project.codebook(survey_id))


def topline(
    project: Project, survey_id: str, name: str, domain: str = WHOLE,
    waves: tuple[str, ...] = (), say: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:  # fmt: skip
    """One column or variable tabulated, see :func:`analysis.columns.topline`.

    Raises :class:`BaroError` for names that are not known, columns never listed by value, and
    where no wave has the column.
    """
    work = survey_build(project, survey_id)
    refuse_unknown(work.survey, waves)
    known_domain(work.survey, domain)
    chosen = waves or tuple(work.survey.waves)
    with alone(project):
        ends = [f"prepare {survey_id}/{w}" for w in chosen]
        run_stages(project, _needed(survey_stages(work, say), ends), say)
        check_name(work, name, chosen)
        return one_table(name, toplines(work, name, domain, chosen))


def _needed(stages: list[Stage], ends: list[str]) -> list[Stage]:
    """The stages of those names and all that they wait for, in order."""
    after = {s.name: s.after for s in stages}
    names: set[str] = set()
    rest = list(ends)
    while rest:
        name = rest.pop()
        names.add(name)
        rest += after[name]
    return [s for s in stages if s.name in names]


def plan(
    project: Project,
    say: Callable[[str], None],
    publication: Publication,
    only_estimates: bool = False,
    nursery: Nursery | None = None,
    engine: Engine | None = None,
) -> list[Stage]:
    """The stages of every survey, then the pages.

    nursery : what kernels, and writers of files, are forked from ; engine : what estimates
    """
    works = [survey_build(project, s) for s in survey_ids(project.surveys)]
    raise_all(shared_names(w.survey for w in works))
    stages = [stage for work in works for stage in survey_stages(work, say, engine)]
    if only_estimates:
        return stages
    claims = claims_stage(project, works, say)
    stages += [*claims, *(files_stage(work, nursery) for work in works)]
    stages.append(downloads_stage(project, works, tuple(s.name for s in claims)))
    return [*stages, pages_stage(project, works, publication, say, nursery)]


def survey_stages(
    work: SurveyBuild, say: Callable[[str], None], engine: Engine | None = None
) -> list[Stage]:
    """Ingest a file, prepare, weigh and estimate a wave, then the tables."""
    survey = work.survey
    files = dict.fromkeys(w.file for w in survey.waves.values())
    stages = [_demonstrate(work)] if work.data.drawn else []
    stages += [_ingest(work, f, say) for f in files]
    for wave in survey.waves:
        stages += [_prepare(work, wave), *weight_stages(work, wave)]
        stages.append(estimate_stage(work, wave, engine))
        stages.append(describe_stage(work, wave))
    comparisons = [comparison(work, name) for name, w in survey.spec.weighting.items() if w.key]
    stages += rules_stage(work, say)
    stages += secrecy_stages(work)
    return [*stages, _table(work), *comparisons, codebook_stage(work)]


def _demonstrate(work: SurveyBuild) -> Stage:
    survey, folder, files = work.figures, work.folder / "demonstration", work.data.drawn
    how = "drawing demonstration data" if work.data.missing else "making rows of declared answers"
    return Stage(
        f"demonstrate {survey.id}",
        f"{survey.id}: no microdata found, {how}",
        lambda: {
            "definition": work.figure_digests.whole,
            "files": digest_value(files),
            "code": digest_code("demonstration", *LEFT),
            "versions": digest_versions("numpy", "polars"),
        },
        tuple(folder / f for f in files),
        lambda: _discard(write_demonstration(survey, folder, files)),
    )


def _ingest(work: SurveyBuild, file: str, say: Callable[[str], None]) -> Stage:
    waves = [w for w in work.survey.waves.values() if w.file == file]

    def run() -> None:
        raw = work.read(file)
        for sentence in raw.detected:
            say(f"  {sentence}")
        write_parquet(raw.frame, work.text_path(file))
        work.raw[file] = raw.frame

    return Stage(
        f"ingest {work.survey.id}/{file}",
        f"{work.survey.id}: reading {file}",
        lambda: {
            file: digest_path(work.raw_path(file)),
            "labels": digest_value([digest_path(p) for p in companions(work.raw_path(file))]),
            "dialect": digest_value([w.dialect.model_dump() for w in waves]),
            "waves": digest_value([w.rows.model_dump() for w in waves if w.rows]),
            "dropped": digest_value([sorted(w.dropped) for w in waves]),
            "code": digest_code(*READ),
            "versions": digest_versions("polars", "fastexcel", "pyreadstat"),
        },
        (work.text_path(file),),
        run,
        (f"demonstrate {work.survey.id}",) if file in work.data.drawn else (),
    )


def _prepare(work: SurveyBuild, wave: str) -> Stage:
    survey, file = work.figures, work.survey.waves[wave].file

    def inputs() -> dict[str, str]:
        spec = survey.spec
        meaning = [
            spec.id,
            spec.weight,
            spec.design.model_dump(),
            spec.missing.model_dump(),
            {k: v.model_dump() for k, v in spec.variables.items()},
            {k: v.model_dump() for k, v in survey.multiples.items()},
            {k: v.model_dump() for k, v in spec.populations.items()},
            list(survey.waves),
        ]
        return {
            "raw file": digest_path(work.text_path(file)),
            "survey.yml": digest_value(meaning),
            f"waves/{wave}.yml": digest_value(survey.waves[wave].model_dump()),
            "code": digest_code(*LEFT),
            "versions": digest_versions("polars", "pandera"),
        }

    return Stage(
        f"prepare {survey.id}/{wave}",
        f"{survey.id}: validating and harmonising {wave}",
        inputs,
        (work.wave_path(wave),),
        lambda: write_parquet(harmonise(survey, wave, work.rows(wave)), work.wave_path(wave)),
        (f"ingest {survey.id}/{file}",),
    )


def _table(work: SurveyBuild) -> Stage:
    survey, target = work.survey, work.project.estimates(work.survey.id)
    parts = [work.estimates_path(w) for w in survey.waves]

    def run() -> None:
        write_estimates(told(work, work.named(survey.waves, work.estimates_path)), target)

    return Stage(
        f"table {survey.id}",
        f"{survey.id}: rules of publication, table of estimates",
        lambda: {
            "estimates": digest_value([digest_path(p) for p in parts]),
            "definition": work.digests.whole,
            "code": digest_code(*TABLE),
            "versions": digest_versions("polars"),
            **secrecy_inputs(work),
        },
        (target,),
        run,
        (
            *(f"estimate {survey.id}/{w}" for w in survey.waves),
            *secrecy_needed(work),
            *((f"rules {survey.id}",) if survey.spec.rules else ()),
        ),
    )


def _discard(_: object) -> None:
    return None
