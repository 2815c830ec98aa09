"""``baro claims``: the figures that people quote, judged against the tables as last built."""

from __future__ import annotations

import json
from pathlib import Path

import click

from analysis.claims import Judged, Judgement, judge_files
from analysis.claims.output import Change, changes, csv_text, former
from analysis.errors import printable
from analysis.project import find_project

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
CHANGED = 3  # exit status of --fail-on-change; 1 is an error, 2 a wrong command line


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text",
    help="text: verdicts and sentences; csv and json: everything.",
)  # fmt: skip
@click.option("--since", type=click.Path(exists=True, path_type=Path), metavar="BUILD",
              help="List what changed since a former site, or its affirmations.json.")  # fmt: skip
@click.option("--fail-on-change", is_flag=True,
              help=f"With --since: end with status {CHANGED} where a verdict changed.")  # fmt: skip
@click.pass_context
def claims(
    ctx: click.Context, file: Path | None, form: str, since: Path | None, fail_on_change: bool
) -> None:
    """Judge the claims of FILE, or of every register in reports/claims.

    The tables of estimates are taken as last built: run baro build after a wave arrived.
    """
    if fail_on_change and since is None:
        raise click.UsageError("--fail-on-change needs --since BUILD")
    project = find_project()
    judged = judge_files(project, [file] if file else None)
    if since is None:
        click.echo(_shown(judged, form), nl=False)
        return
    found = list(changes(former(since), judged))
    click.echo(_changed(found, form), nl=False)
    if found and fail_on_change:
        ctx.exit(CHANGED)


def _shown(judged: Judgement, form: str) -> str:
    if form == "json":
        return json.dumps(judged.as_dict(), ensure_ascii=False, indent=1) + "\n"
    if form == "csv":
        return csv_text(judged, ",", ".").replace("\r\n", "\n")
    blocks = [_block(c) for c in judged.claims]
    blocks += ["contradiction: " + " ; ".join(c.said) + f"\n  {c.about}" for c in judged.conflicts]
    return printable("\n".join([*blocks, _tally(judged)])) + "\n"


def _block(c: Judged) -> str:
    """Code, verdict, quote, then what was found."""
    lines = [f"{c.id}  {c.label} (solidité : {c.strength})",
             f"  « {c.quote} » {c.speaker}, {c.date}; se lit : {c.band}"]  # fmt: skip
    for f in c.findings:
        lines.append(f"  {f.sentence}" + (f" Source : {f.source}" if f.source else ""))
        lines += [f"    autre : {x.what} {x.outcome}" + (f" ({x.why})" if x.why else "")
                  for x in f.looks]  # fmt: skip
    return "\n".join(lines)


def _tally(judged: Judgement) -> str:
    counts: dict[str, int] = {}
    for c in judged.claims:
        counts[c.label] = counts.get(c.label, 0) + 1
    said = ", ".join(f"{n} {label.lower()}" for label, n in counts.items())
    return f"{len(judged.claims)} claims: {said}"


def _changed(found: list[Change], form: str) -> str:
    if form == "json":
        return json.dumps([c.as_dict() for c in found], indent=1) + "\n"
    if form == "csv":
        rows = ["id,before,after", *(f"{c.id},{c.before},{c.after}" for c in found)]
        return "".join(f"{row}\n" for row in rows)
    return "".join(f"{c}\n" for c in found) or "no verdict changed\n"
