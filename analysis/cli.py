"""``baro``: the commands. Thin: each calls one function and prints what it returns."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import polars as pl

from analysis import __version__
from analysis.cli_codebook import say_origin
from analysis.cli_release import SINCE
from analysis.cli_scale import chosen_engine, engine_options
from analysis.cli_translate import LANG
from analysis.definition import load_survey, survey_ids
from analysis.errors import BaroError, Problem, nearest, raise_all, refuse
from analysis.estimates import STATUS, WHOLE, cells, read_estimates, status_mark
from analysis.interruption import held_back_in_polars
from analysis.nursery import BUILDS, Nursery, available
from analysis.project import Project, find_project
from analysis.provenance import write_aside
from analysis.spreadsheets import neutral

if TYPE_CHECKING:
    from analysis.pipeline.weights import WeightsFound

_RENDERER = click.option(
    "--renderer",
    type=click.Choice(["auto", "quarto", "embedded"]),
    default="auto",
    help="auto: Quarto where it is installed, else the embedded renderer.",
)
_QUIET = click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
_ENGINE = engine_options("", "What makes the sums of estimates; in memory without it.")
_AS_JSON = "barometre.json"
# Command -> the module that has it, read when it is asked for: each would slow all others down.
_ELSEWHERE = {
    "claims": "cli_claims", "codebook": "cli_codebook", "diff": "cli_release",
    "disclosure": "cli_disclosure", "estimate": "cli_scale", "precision": "cli_sampling",
    "release": "cli_release", "sample": "cli_sampling", "schema": "cli_schema",
    "simulate-register": "cli_scale", "topline": "cli_codebook", "translate": "cli_translate",
    "wave": "cli_wave",
}  # fmt: skip


def _note_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    """Keep where the group finds it: errors are printed as JSON too."""
    ctx.meta[_AS_JSON] = value
    return value


_JSON = click.option(
    "--json", "as_json", is_flag=True, callback=_note_json, help="Print JSON, for programs."
)
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    help="text: shares in %; csv and json: as stored, every column.",
)


class _Group(click.Group):
    """Turns a :class:`BaroError` into its message and exit status 1, never a traceback.

    Ctrl-C says "Aborted!", with no panic of what was at work.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Those of this module and those of others."""
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name; its module is imported."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"analysis.{_ELSEWHERE[cmd_name]}")
        return cast(click.Command, getattr(module, cmd_name.replace("-", "_")))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with held_back_in_polars():
                return super().invoke(ctx)
        except BaroError as e:
            if ctx.meta.get(_AS_JSON):
                click.echo(
                    json.dumps(
                        {"problems": [p.as_dict() for p in e.problems]},
                        ensure_ascii=False,
                        indent=1,
                    )
                )
            click.echo(str(e), err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="baro")
def main() -> None:
    """Survey microdata in, barometer reports that can be trusted out."""


@main.command()
@_RENDERER
@_QUIET
@_JSON
@LANG
@click.option("--timings", is_flag=True, help="Say how long each stage took.")
@SINCE
@_ENGINE
def build(
    renderer: str, quiet: bool, as_json: bool, languages: tuple[str, ...], timings: bool,
    since: Path | None, engine: str | None, master: str, memory: str,
) -> None:  # fmt: skip
    """Bring estimates and site up to date; do nothing where nothing changed."""
    project = find_project()
    with Nursery(preloaded=BUILDS) as nursery:
        if available():
            nursery.start()  # it imports while this process does
        from analysis import pipeline

        outcome = pipeline.build(
            project, _say(quiet or as_json), renderer=renderer, since=since, languages=languages,
            engine=chosen_engine(engine, master, memory), nursery=nursery,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps({"ran": outcome.seconds, "fresh": outcome.fresh}, indent=1))
        return
    if timings:
        _print_timings(outcome.seconds)
    if not quiet:
        done = f"{len(outcome.seconds)} stages run, {len(outcome.fresh)} fresh"
        click.echo(f"{done}: {project.shown(project.site)}/index.html", err=True)


def _print_timings(seconds: dict[str, float]) -> None:
    """Share of the time by kind of stage."""
    kinds: dict[str, float] = {}
    for name, s in seconds.items():
        kinds[name.split(" ")[0]] = kinds.get(name.split(" ")[0], 0.0) + s
    total = sum(kinds.values()) or 1.0
    for kind, s in kinds.items():
        click.echo(f"{kind:12} {s:7.2f} s {100 * s / total:5.1f} %")


@main.command()
@_RENDERER
@LANG
@SINCE
@_JSON
def status(renderer: str, languages: tuple[str, ...], since: Path | None, as_json: bool) -> None:
    """Show each stage: fresh or stale, and why."""
    from analysis import pipeline

    states = pipeline.status(find_project(), renderer, since, languages)
    if as_json:
        click.echo(
            json.dumps(
                [{"stage": s.name, "fresh": s.fresh, "why": s.why} for s in states], indent=1
            )
        )
        return
    for s in states:
        click.echo(
            f"{'fresh' if s.fresh else 'stale'}  {s.name}" + (f"  ({s.why})" if s.why else "")
        )


@main.command()
@click.argument("survey", required=False)
@click.option("--wave", "waves", multiple=True, help="A wave; may be repeated. All without it.")
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write failures.json, .csv and .html in this folder, also where nothing is wrong.",
)
@_QUIET
@_JSON
def validate(
    survey: str | None, waves: tuple[str, ...], folder: Path | None, quiet: bool, as_json: bool
) -> None:
    """Check definitions and raw rows of SURVEY (all without it); change nothing in the project."""
    from analysis import pipeline
    from analysis.failures import write_failures

    project = find_project()
    report: dict[str, dict[str, int]] = {}
    problems: list[Problem] = pipeline.clashes(project)
    for name, some in ({survey: waves} if survey else _in_surveys(project, waves)).items():
        _say(quiet or as_json)(f"{name}: validating")
        try:
            report[name] = pipeline.validate(project, name, some, problems.append)
        except BaroError as e:
            problems += e.problems
    if folder:
        for path in write_failures(problems, survey or "surveys", folder):
            _say(quiet or as_json)(f"wrote {project.shown(path)}")
    if any(p.severity == "stop" for p in problems):
        raise_all(sorted(problems, key=lambda p: p.severity))
    if as_json:
        warned = [p.as_dict() for p in problems]
        click.echo(json.dumps({"problems": warned, "rows": report}, ensure_ascii=False, indent=1))
        return
    for problem in problems:
        click.echo(f"to look at: {problem}", err=True)
    if not quiet:
        seen = f"{len(problems)} to look at" if problems else "nothing wrong"
        for name, sizes in report.items():
            click.echo(f"{name}: {len(sizes)} waves, {sum(sizes.values())} rows, {seen}")


def _in_surveys(project: Project, waves: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Every survey, or those that have some of the waves, which are all known to one of them."""
    every: dict[str, tuple[str, ...]] = {}
    for name in survey_ids(project.surveys):
        try:
            every[name] = tuple(load_survey(project.surveys, name).waves)
        except BaroError:
            every[name] = waves  # what is wrong with it is told when it is validated
    known = {w for found in every.values() for w in found}
    raise_all(
        Problem("surveys", f'no survey has a wave "{w}"', nearest(w, known), "name one of them")
        for w in waves
        if w not in known
    )
    meant = {name: tuple(w for w in waves if w in found) for name, found in every.items()}
    return {name: some for name, some in meant.items() if some or not waves}


@main.command()
@click.argument("survey")
@click.argument("indicator")
@click.option("--by", "domain", default=WHOLE, help="A domain of the survey: age, diplome…")
@click.option("--wave", "waves", multiple=True, help="A wave; may be repeated. All without it.")
@_FORMAT
@_ENGINE
def table(
    survey: str, indicator: str, domain: str, waves: tuple[str, ...], form: str,
    engine: str | None, master: str, memory: str,
) -> None:  # fmt: skip
    """Print rows of the table of estimates, as last built.

    With --engine the table is brought up to date first, by that engine (docs/scale.md).
    """
    project = find_project()
    if by := chosen_engine(engine, master, memory):
        from analysis import pipeline

        pipeline.estimated(project, survey, by, _say(form != "text"))
    definition = load_survey(project.surveys, survey, drafts="leave out")
    rows = cells(read_estimates(project.estimates(survey)), indicator, waves=waves, domain=domain)
    if form == "json":
        click.echo(json.dumps(rows.to_dicts(), ensure_ascii=False, indent=1))
    elif form == "csv":
        click.echo(_csv(rows), nl=False)
    else:
        percent = definition.percent(indicator) if indicator in definition.spec.indicators else True
        _print_rows(rows, _header(project, survey, indicator), percent)


def _csv(rows: pl.DataFrame) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(
        [neutral(v) if isinstance(v, str) else v for v in row] for row in rows.iter_rows()
    )
    return text.getvalue()


def _header(project: Project, survey: str, indicator: str) -> str:
    definition = load_survey(project.surveys, survey, drafts="leave out")
    if indicator not in definition.spec.indicators:
        raise refuse(
            f"surveys/{survey}/survey.yml",
            f'"{indicator}" was built, but is no longer declared',
            nearest(indicator, definition.spec.indicators),
            "run: baro build",
        )
    i = definition.spec.indicators[indicator]
    waves = definition.waves_of(indicator)
    population = definition.population(indicator, waves[-1]).label
    return f"{i.label}\npopulation: {population}; base: {i.base}; source: {definition.spec.source}"


def _print_rows(rows: pl.DataFrame, header: str, percent: bool) -> None:
    say_origin(rows["origin"])
    click.echo(header)
    scale, unit = (100.0, " %") if percent else (1.0, "")
    click.echo(
        f"{'wave':6} {'group':34} {'estimate':>10}  {'95 % interval':>19} {'se':>7} {'n':>6}  mark"
    )
    for r in rows.iter_rows(named=True):
        group = " / ".join(x for x in (r["domain_value"], r["category"]) if x)
        if r["estimate"] is None:
            shown = f"{'–':>10}  {'–':>19} {'–':>7}"
        else:
            e, low, high, se = (
                _scaled(r[k], scale) for k in ("estimate", "ci_low", "ci_high", "se")
            )
            shown = f"{e + unit:>10}  {f'{low} to {high}':>19} {se:>7}"
        click.echo(
            f"{r['wave']:6} {group:34} {shown} {r['n']:6}  {status_mark(r['status'])}".rstrip()
        )
    for letter in sorted(set(rows["status"]) - {"A"}):
        click.echo(f"{status_mark(letter)} {STATUS[letter]}")


def _scaled(value: float | None, scale: float) -> str:
    return "–" if value is None else f"{scale * value:.1f}"


@main.command()
@click.argument("survey")
@click.option("--wave", "waves", multiple=True, help="A wave; may be repeated. All without it.")
@click.option("--weighting", "names", multiple=True, help="A declared weighting. All without it.")
@click.option("--export", type=click.Path(dir_okay=False), help="Write the weights to a CSV file.")
@_QUIET
@_JSON
def weights(
    survey: str, waves: tuple[str, ...], names: tuple[str, ...], export: str | None, quiet: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Print what the declared weightings of SURVEY do to margins, weights and key figures.

    --export writes identifier, base weight and final weight of every respondent, and whether
    somebody gave these answers (origin).
    """
    from analysis import pipeline

    found = pipeline.weigh(find_project(), survey, names, waves, _say(quiet or as_json))
    if export:
        _export(found, Path(export))
    if as_json:
        report = [asdict(f.summary) | {"key": f.key.to_dicts()} for f in found]
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for f in found:
        say_origin([f.summary.origin])
        click.echo(f.summary)
        _print_key(f.key)


def _print_key(key: pl.DataFrame) -> None:
    """Published and other estimates side by side."""
    if key.height:
        click.echo(f"{'key figure':34} {'published':>24} {'other weights':>24} {'move':>6}")
    for r in key.iter_rows(named=True):
        scale = 1.0 if (r["method"] or "").startswith("mean") else 100.0
        published, other = (
            f"{_scaled(r[v], scale)} ({_scaled(r[a], scale)} to {_scaled(r[b], scale)})"
            for v, a, b in (("estimate", "ci_low", "ci_high"), ("other", "other_low", "other_high"))
        )
        known = r["estimate"] is not None and r["other"] is not None
        move = f"{round(scale * (r['other'] - r['estimate']), 1) + 0.0:+.1f}" if known else "–"
        label = " / ".join(x for x in (r["indicator"], r["category"]) if x)
        click.echo(f"{label:34} {published:>24} {other:>24} {move:>6}")


def _export(found: list[WeightsFound], path: Path) -> None:
    """The weights of every respondent, whole or not at all."""
    rows = pl.concat(
        f.rows.select(
            pl.lit(f.summary.weighting).alias("weighting"),
            pl.lit(f.summary.wave).alias("wave"),
            "id",
            "base_weight",
            "final_weight",
            pl.lit(f.summary.origin).alias("origin"),
        )
        for f in found
    )
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError(2, "there is no such folder")
        write_aside(path, _csv(rows).encode())
    except OSError as e:
        raise refuse(f"--export {path}", f"cannot be written: {e.strerror}", "",
                     "name a file in a folder that exists") from e  # fmt: skip


@main.group(invoke_without_command=True)
@_JSON
@click.pass_context
def data(ctx: click.Context, as_json: bool) -> None:
    """Say which raw files were found, where, under which licence."""
    if ctx.invoked_subcommand:
        return
    from analysis.data import describe

    project = find_project()
    found = [
        describe(project, load_survey(project.surveys, s, drafts="leave out"))
        for s in survey_ids(project.surveys)
    ]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for survey in found:
        _print_data(survey)


def _print_data(survey: dict[str, Any]) -> None:
    click.echo(f"{survey['survey']}: {survey['title']}\n  folder: {survey['folder']}")
    for file in survey["files"]:
        found = "found  " if file["found"] else "made   " if file["made"] else "missing"
        edition = " (tested edition)" if file["tested_edition"] else ""
        click.echo(f"  {found}  {file['file']}{edition}: {file['title']}")
    click.echo(
        f"  licence: {survey['licence']}, {survey['licence_url']}\n  {survey['attribution']}"
    )
    if any(file["made"] for file in survey["files"]):
        click.echo("  made from declared answers where no microdata are found: nobody gave them")
    if not all(file["found"] or file["made"] for file in survey["files"]):
        click.echo(
            f"  without them the report shows demonstration data\n"
            f'  to get them: baro data get {survey["survey"]}, or download "{survey["dataset"]}" '
            f"from {survey['publisher']} into the folder above (BARO_DATA names its parent)"
        )


@data.command("get")
@click.argument("survey")
@_QUIET
def data_get(survey: str, quiet: bool) -> None:
    """Download the missing raw files of SURVEY and check them."""
    from analysis.data import download

    project = find_project()
    definition = load_survey(project.surveys, survey)
    download(project, definition, _say(quiet), _progress(quiet))


def _progress(quiet: bool) -> Callable[[int, int], None]:
    """A line rewritten in place, on a terminal only."""

    def show(received: int, expected: int) -> None:
        if not quiet and sys.stderr.isatty():
            share = f"{100 * received / expected:3.0f} %" if expected else ""
            click.echo(f"\r  {received >> 10} kB {share}", nl=received == expected, err=True)

    return show


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="0 takes a free port.",
)
@_RENDERER
@LANG
@_QUIET
def preview(port: int, renderer: str, languages: tuple[str, ...], quiet: bool) -> None:
    """Serve the site on this machine and rebuild it when a source changes."""
    from analysis.preview import preview as run

    run(find_project(), port, _say(quiet), renderer, languages)


def _say(quiet: bool) -> Callable[[str], None]:
    return (lambda _: None) if quiet else (lambda line: click.echo(line, err=True))
