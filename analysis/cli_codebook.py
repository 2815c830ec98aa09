"""``baro codebook`` and ``baro topline``: what the columns of the files hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

import click
import polars as pl

from analysis.codebook import QUANTILES, Entry, WaveEntry, entries, find
from analysis.errors import printable
from analysis.estimates import STATUS, WHOLE, status_mark
from analysis.project import find_project
from analysis.spreadsheets import neutral

_ORIGINS = {
    "demonstration": "DONNÉES DE DÉMONSTRATION: drawn at random, not to be quoted",
    "reconstructed": "MICRODONNÉES RECONSTITUÉES from published counts: the rest is synthetic",
    "scenario": "SCÉNARIO: synthetic answers, not to be quoted",
}
_HIDDEN = "–"
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    help="text: shares in %; csv and json: as stored, every column.",
)
_LABEL = 44


@click.command()
@click.argument("survey")
@click.argument("names", metavar="[COLUMN]...", nargs=-1)
@click.option("--wave", "waves", multiple=True, help="A wave; may be repeated. All without it.")
@_FORMAT
def codebook(survey: str, names: tuple[str, ...], waves: tuple[str, ...], form: str) -> None:
    """List every column of SURVEY's files: waves, answers with counts, missing kinds, drift.

    COLUMN is a column of the files or a variable of survey.yml; all without it.
    """
    from analysis import pipeline

    definition, table = pipeline.codebook(find_project(), survey)
    pipeline.refuse_unknown(definition, waves)
    rows = pl.concat([find(table, n) for n in names]) if names else table
    rows = rows.filter(pl.col("wave").is_in(list(waves))) if waves else rows
    if form == "text":
        say_origin(rows["origin"])
        for entry in entries(rows):
            click.echo(_entry(entry))
        return
    _print(rows, form)


@click.command()
@click.argument("survey")
@click.argument("column")
@click.option("--wave", "waves", multiple=True, help="A wave; may be repeated. All without it.")
@click.option("--by", "domain", default=WHOLE, help="A domain of the survey: age, diplome…")
@_FORMAT
def topline(survey: str, column: str, waves: tuple[str, ...], domain: str, form: str) -> None:
    """Tabulate any COLUMN of SURVEY's files, weighted; or a variable of survey.yml.

    Shares are of valid answers, with n and intervals at 95 %; kinds of missing are apart.
    """
    from analysis import pipeline

    rows = pipeline.topline(find_project(), survey, column, domain, waves)
    if form == "text":
        _print_topline(rows)
    else:
        _print(rows, form)


def _print(rows: pl.DataFrame, form: str) -> None:
    """All columns, as stored."""
    if form == "json":
        click.echo(json.dumps(rows.to_dicts(), ensure_ascii=False, indent=1))
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows(
        [neutral(v) if isinstance(v, str) else v for v in row] for row in rows.iter_rows()
    )
    click.echo(text.getvalue(), nl=False)


def say_origin(origins: Iterable[str]) -> None:
    """A line for each kind of microdata that nobody gave."""
    found = set(origins)
    for origin, words in _ORIGINS.items():
        if origin in found:
            click.echo(words)


def _entry(entry: Entry) -> str:
    """A block: what the column is, then a line a text with its counts by wave, then drift."""
    kind = entry.type + (" (guessed)" if entry.guessed else "")
    title = " · ".join(x for x in (entry.column, entry.variable, entry.label, kind) if x)
    lines = [title]
    if not entry.technical:
        lines += _body(entry)
    return printable("\n".join(lines))


def _body(entry: Entry) -> list[str]:
    waves = list(entry.waves.values())
    lines = [_line("wave", [w.wave for w in waves]), _line("answers", [_count(w.n) for w in waves])]
    if any(w.youngest is not None for w in waves):
        ages = ["" if w.youngest is None else f"{w.youngest:g}+" for w in waves]
        lines.append(_line("youngest answering", ages))
    for text in entry.texts:
        lines.append(_line(f"  {text}", [_told(w, text) for w in waves]))
    if any(a.text == "" for w in waves for a in w.answers):
        lines.append(_line("  (rare texts)", [_told(w, "") for w in waves]))
    for name in ("mean", *QUANTILES):
        if any(name in w.numbers for w in waves):
            numbers = [w.numbers.get(name, (None,))[0] for w in waves]
            shown = [_HIDDEN if x is None else f"{x:.4g}" for x in numbers]
            lines.append(_line(f"  {name}", shown))
    for kind, text in dict.fromkeys((m.kind, m.text) for w in waves for m in w.missing):
        known = [{(m.kind, m.text): m.n for m in w.missing} for w in waves]
        counts = [_count(k[kind, text]) if (kind, text) in k else "" for k in known]
        lines.append(_line(f"  {kind}: {text}", counts))
    changed = {"new": "new: {text}", "gone": "gone: {other}", "respelled": "{other} -> {text}",
               "answering": "share answering {other} -> {text}",
               "youngest": "youngest answering {other} -> {text}",
               "constant": "everybody has {text}: most likely not asked"}  # fmt: skip
    for c in entry.changes:
        lines.append(f"  ! {c.wave} " + changed[c.kind].format(text=c.text, other=c.other))
    return lines


def _line(label: str, cells: list[str]) -> str:
    short = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
    return f"{short:{_LABEL}}" + "".join(f"{c:>8}" for c in cells)


def _count(n: int | None) -> str:
    return _HIDDEN if n is None else str(n)


def _told(wave: WaveEntry, text: str) -> str:
    found = next((a for a in wave.answers if a.text == text), None)
    return "" if found is None else _count(found.n)


def _print_topline(rows: pl.DataFrame) -> None:
    say_origin(rows["origin"])
    names = dict.fromkeys(x for x in (rows["column"][0], rows["variable"][0]) if x)
    click.echo(printable(" · ".join(names)))
    click.echo(f"{'wave':6} {'group':22} {'answer':34} {'%':>6}  {'95 % interval':>15} {'n':>6}"
               f" {'weighted':>9}  mark")  # fmt: skip
    for r in rows.filter(pl.col("part") != "missing").iter_rows(named=True):
        click.echo(printable(_answer_line(r)))
    missing = rows.filter(pl.col("part") == "missing")
    if missing.height:
        click.echo(f"{'no answer':64} {'n':>6} {'of':>6} {'weighted':>9}")
    for r in missing.iter_rows(named=True):
        head = f"{r['wave']:6} {_group(r):22} {r['kind']:34}"
        click.echo(printable(f"{head} {_count(r['n']):>6} {_count(r['base']):>6} {_sum(r):>9}"))
    for letter in sorted(set(rows["status"]) - {"A"}):
        click.echo(f"{status_mark(letter)} {STATUS[letter]}")


def _answer_line(r: dict[str, object]) -> str:
    scale = 100.0 if r["part"] == "answer" else 1.0
    value, low, high = (
        _HIDDEN if r[k] is None else f"{scale * float(str(r[k])):.1f}"
        for k in ("estimate", "ci_low", "ci_high")
    )
    text = str(r["text"]) or "mean"
    short = text if len(text) <= 34 else f"{text[:33]}…"
    span = _HIDDEN if _HIDDEN in (low, high) else f"{low} to {high}"
    n = _HIDDEN if r["n"] is None else str(r["n"])
    head = f"{r['wave']:6} {_group(r):22} {short:34}"
    mark = status_mark(str(r["status"]))
    return f"{head} {value:>6}  {span:>15} {n:>6} {_sum(r):>9}  {mark}".rstrip()


def _group(r: dict[str, object]) -> str:
    return "" if r["domain"] == WHOLE else str(r["domain_value"])


def _sum(r: dict[str, object]) -> str:
    return _HIDDEN if r["n_weighted"] is None else f"{float(str(r['n_weighted'])):.1f}"
