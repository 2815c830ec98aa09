"""``baro disclosure``: which figures are not published, or published with caution, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import click
import numpy as np
import polars as pl

from analysis.cli_rounding import rounding_lines
from analysis.definition import Survey, load_survey
from analysis.definition.publication import Confidentiality
from analysis.definition.secrecychecks import secrecy_faults
from analysis.disclosure import PATTERN
from analysis.disclosure.coarse import SHARES
from analysis.errors import nearest, printable, raise_all, refuse
from analysis.estimates import SECRET, WHOLE, read_estimates
from analysis.pipeline.secrecy import as_if
from analysis.pipeline.work import survey_build
from analysis.project import Project, find_project

_WHY = {"small": "few answers behind it", "linked": "would give another away"}
_SHOWN = ("wave", "indicator", "category", "domain", "domain_value", "status", "reason", "for")


@click.command()
@click.argument("survey")
@click.option("--wave", "waves", multiple=True, help="A wave; may be repeated. All without it.")
@click.option("--indicator", "names", multiple=True, help="An indicator; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Figures marked as unreliable too.")
@click.option("--summary", is_flag=True, help="How many for which reason, and no list.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option(
    "--method",
    type=click.Choice(["suppress", "round"]),
    help="As if survey.yml said so under confidentiality:.",
)
@click.option("--base", type=click.IntRange(3, 100), help="With --method round: 5 without it.")
def disclosure(
    survey: str, waves: tuple[str, ...], names: tuple[str, ...], everything: bool, summary: bool,
    as_json: bool, method: str | None, base: int | None,
) -> None:  # fmt: skip
    """List the figures of SURVEY that are not published, and why, as last built.

    For those who make the report: of a figure hidden for confidentiality it tells whether the rule
    is about it or whether it only protects another, which readers must not learn.
    """
    project = find_project()
    spec = load_survey(project.surveys, survey, drafts="leave out")
    if method or base:
        spec = _otherwise(spec, method, base)
        whole, pattern = as_if(survey_build(project, survey), _rule(spec))
    else:
        whole, pattern = read_estimates(project.estimates(survey)), _pattern(project, survey)
    table = _chosen(whole, waves, names)
    rows = _with_part(table, pattern)
    rows = rows.filter(pl.col("status").is_in(["Q", "U"] if everything else ["Q"]))
    if as_json:
        click.echo(json.dumps(rows.select(_SHOWN).to_dicts(), ensure_ascii=False, indent=1))
        return
    if not summary:
        for r in rows.iter_rows(named=True):
            click.echo(printable(_line(r)))
    click.echo(printable(_tally(rows, table.height)))
    for line in _method(project, spec, table, pattern):
        click.echo(printable(line))


def _rule(survey: Survey) -> Confidentiality:
    return survey.spec.confidentiality or Confidentiality()


def _otherwise(survey: Survey, method: str | None, base: int | None) -> Survey:
    """The survey with another method, held to what survey.yml would be held to."""
    rule = _rule(survey)
    changed = rule.model_copy(update={"method": method or rule.method, "base": base})
    made = replace(survey, spec=survey.spec.model_copy(update={"confidentiality": changed}))
    raise_all(secrecy_faults(lambda *keys: f"disclosure: {keys[-1]}", made))
    return made


def _chosen(table: pl.DataFrame, waves: tuple[str, ...], names: tuple[str, ...]) -> pl.DataFrame:
    for column, wanted in (("wave", waves), ("indicator", names)):
        known = table[column].unique().sort().to_list()
        for name in wanted:
            if name not in known:
                raise refuse(f"disclosure: {column}", f'there is no "{name}" here',
                             nearest(name, known), "correct the name")  # fmt: skip
        table = table.filter(pl.col(column).is_in(list(wanted))) if wanted else table
    return table


def _method(
    project: Project, survey: Survey, table: pl.DataFrame, pattern: pl.DataFrame
) -> Iterator[str]:
    """How small figures are kept from readers; nothing where none is confidential."""
    if survey.rounding:
        parts = (p for w in survey.waves if (p := project.estimated(survey.id, w)).is_file())
        estimated = pl.concat(pl.read_parquet(p) for p in parts)
        yield from rounding_lines(table, estimated, pattern, survey.rounding)
    elif survey.spec.confidentiality:
        yield "method: small figures hidden, and the fewest others with them"
    if survey.spec.confidentiality:
        yield from _left(table)


def _left(table: pl.DataFrame) -> Iterator[str]:
    """What readers are left with: figures, how many without reserve, how sure."""
    shown = table.filter(pl.col("status") != "Q")
    sure = shown.filter(pl.col("status") != "U").height
    share = pl.any_horizontal(pl.col("method").str.starts_with(k) for k in SHARES)
    width = shown.filter(share).select(100 * (pl.col("ci_high") - pl.col("ci_low")))
    middle = width.drop_nulls().to_series().to_numpy()
    said = (
        f", shares with intervals of {np.median(middle):.0f} points (median)" if len(middle) else ""
    )
    yield f"  {shown.height:6}  figures told, {sure} of them without reserve{said}"


def _pattern(project: Project, survey: str) -> pl.DataFrame:
    path = project.hidden(survey)
    return pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema=PATTERN)


def _with_part(table: pl.DataFrame, pattern: pl.DataFrame) -> pl.DataFrame:
    """The table with what a confidential figure is hidden for, in ``for``."""
    key = ["wave", "indicator", "category", "domain", "domain_value"]
    small = pattern.filter(pl.col("kind").is_in(["small", "rounded"])).select(*key, small=True)
    found = table.join(small, on=key, how="left", maintain_order="left")
    own = pl.when(pl.col("small")).then(pl.lit(_WHY["small"])).otherwise(pl.lit(_WHY["linked"]))
    secret = pl.col("reason") == SECRET
    return found.with_columns(pl.when(secret).then(own).otherwise(pl.lit("")).alias("for"))


def _line(r: dict[str, str]) -> str:
    group = "" if r["domain"] == WHOLE else f"  {r['domain']} = {r['domain_value']}"
    name = ".".join(x for x in (r["indicator"], r["category"]) if x)
    why = f"{r['reason']}: {r['for']}" if r["for"] else r["reason"]
    return f"{r['wave']}  [{r['status'].lower()}]  {name}{group}  {why}"


def _tally(rows: pl.DataFrame, of: int) -> str:
    counted = rows.group_by("status", "reason").len()
    counted = counted.sort("status", "len", "reason", descending=[False, True, False])
    lines = [f"  {n:6}  [{s.lower()}]  {why}" for s, why, n in counted.iter_rows()]
    return "\n".join([f"{rows.height} of {of} figures:", *lines])
