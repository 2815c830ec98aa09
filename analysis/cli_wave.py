"""``baro wave``: a new wave arrives, and what is left before it can be built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.definition import survey_ids
from analysis.errors import printable
from analysis.project import find_project

if TYPE_CHECKING:
    from analysis.arrival import Added

_SHOWN = 12


def _note_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    ctx.meta["barometre.json"] = value
    return value


_JSON = click.option(
    "--json", "as_json", is_flag=True, callback=_note_json, help="Print JSON, for programs."
)


@click.group()
def wave() -> None:
    """Add a wave: compare its file, draft its definition, say what is left to decide."""


@wave.command()
@click.argument("survey")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wave", "name", default="", help="Its name, where the file does not tell it.")
@_JSON
def add(survey: str, file: Path, name: str, as_json: bool) -> None:
    """Compare FILE with SURVEY and its last wave; draft waves/<wave>.yml and a report.

    Reads CSV, gzip, zip, Parquet, Excel, SPSS, Stata, SAS and exports of LimeSurvey.
    """
    from analysis.arrival import add_wave
    from analysis.arrival.report import report_json

    project = find_project()
    added = add_wave(project, survey, file, name)
    if as_json:
        click.echo(report_json(added.arrived), nl=False)
        return
    _print_findings(added)
    _print_end(added, project.shown(added.draft), project.shown(added.report))


def _print_findings(added: Added) -> None:
    a = added.arrived
    against = f"compared with {a.prior}" if a.prior else "compared with the definition alone"
    click.echo(f"{a.survey} {a.wave}: {a.file}, {a.rows} rows, {a.columns} columns, {against}")
    for sentence in a.detected:
        click.echo(f"  {printable(sentence)}")
    for kind, found in a.kinds.items():
        click.echo(f"{kind} ({len(found)})")
        for f in found[:_SHOWN]:
            click.echo(f"  {f.where} : {f.seen}" + (f" [{f.expected}]" if f.expected else ""))
        if len(found) > _SHOWN:
            click.echo(f"  … and {len(found) - _SHOWN} more in the report")


def _print_end(added: Added, draft: str, report: str) -> None:
    before = f"{report.removesuffix('.html')}.yml.before"
    said = {
        "kept": " (left as it stood: nothing new to ask)",
        "merged": f" (your answers are kept; as it was: {before})",
    }
    click.echo(f"report: {report}\ndraft:  {draft}{said.get(added.kept, '')}")
    n = len(added.arrived.draft.open)
    click.echo(f"{n} lines to fill in or confirm; then: baro wave check {added.arrived.survey}")


@wave.command()
@click.argument("survey", required=False)
@click.option("--wave", "name", default="", help="One wave; every draft without it.")
@_JSON
@click.pass_context
def check(ctx: click.Context, survey: str | None, name: str, as_json: bool) -> None:
    """Say what is left to decide; with nothing left, check the rows as the build will."""
    from analysis.arrival import check_wave, open_lines

    project = find_project()
    left: dict[str, dict[str, list[dict[str, str]]]] = {}
    for one in [survey] if survey else survey_ids(project.surveys):
        found = open_lines(project, one, name)
        left[one] = {w: [{"where": x.where, "value": x.value} for x in o] for w, o in found.items()}
        for w, lines in found.items():
            if not lines:
                rows = check_wave(project, one, w)
                click.echo(f"{one} {w}: nothing left, {rows} rows; run: baro build", err=as_json)
    if as_json:
        click.echo(json.dumps({"open": left}, ensure_ascii=False, indent=1))
    else:
        _print_left(left)
    if any(lines for waves in left.values() for lines in waves.values()):
        ctx.exit(1)


def _print_left(left: dict[str, dict[str, list[dict[str, str]]]]) -> None:
    for survey, waves in left.items():
        if not waves:
            click.echo(f"{survey}: no wave is being drafted")
        for name, lines in waves.items():
            if lines:
                click.echo(f"{survey} {name}: {len(lines)} lines to fill in or confirm")
            for line in lines:
                click.echo(f"  {printable(line['where'])}: {printable(line['value'])}")
