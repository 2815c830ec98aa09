"""``baro estimate`` and ``baro simulate-register``: rows of any number, where they are."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.errors import printable, refuse

if TYPE_CHECKING:
    import polars as pl

    from analysis.engines import Engine

_ENGINES = ("polars", "duckdb", "spark")  # of analysis.engines, not imported for --help


class _Count(click.ParamType[int]):
    """A whole number, that may be written 1e8."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} is no number, e.g. 1e8", param, ctx)
        if number != int(number):
            self.fail(f"{value} is no whole number", param, ctx)
        return int(number)


def progress_of(what: str) -> Any:
    """What shows ``what k/n`` on a terminal, and nothing where nobody watches."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, whole: int) -> None:
        end = "\n" if done >= whole else ""
        click.echo(f"\r{what} {done:,}/{whole:,}{end}", err=True, nl=False)

    return show


def engine_options(default: str, help: str) -> Callable[[Any], Any]:
    """--engine with its options --master and --memory."""
    options = [
        click.option("--engine", type=click.Choice(_ENGINES), default=default or None,
                     show_default=bool(default), help=help),
        click.option("--master", default="", metavar="URL",
                     help="Of Spark; local[*] without it."),
        click.option("--memory", default="", metavar="SIZE",
                     help='Of DuckDB at most, e.g. "4GB".'),
    ]  # fmt: skip
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)


def chosen_engine(engine: str | None, master: str, memory: str) -> Engine | None:
    """The engine that was asked for; None for estimates in memory."""
    from analysis.engines import Engine

    if engine is None and (master or memory):
        option = f"--master {master}" if master else f"--memory {memory}"
        raise refuse(option, "no engine is named", "--engine spark or duckdb",
                     f"leave it out, or --engine {'spark' if master else 'duckdb'}")  # fmt: skip
    return Engine(engine, master, memory, progress_of("  queries")) if engine else None


@click.command("simulate-register")
@click.option("--rows", type=_Count(), required=True, help="Rows to make: 1e8.")
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="The folder to write; it must not exist.")  # fmt: skip
@click.option("--strata", type=_Count(), default=50, show_default=True, help="Strata.")
@click.option("--psus", type=_Count(), default=5_000, show_default=True, help="PSUs of all strata.")
@click.option("--levels", type=_Count(), default=1_000, show_default=True,
              help='Levels of the domain "commune".')  # fmt: skip
@click.option("--skewed", is_flag=True, help="Put 90 % of the rows in one stratum.")
@click.option("--replicates", is_flag=True, help="Add 80 replicate weights, r01 to r80.")
@click.option("--seed", type=_Count(), default=2024, show_default=True, help="Of the draw.")
def simulate_register(out: Path, **sizes: Any) -> None:
    """Make up a register of Parquet files, in bounded memory: no real person is in it."""
    from analysis.demonstration.register import Register, write_register

    size = write_register(Register(**sizes), out, progress_of("rows"))
    click.echo(f"{sizes['rows']:,} rows, {size / 1e6:,.0f} MB: {printable(str(out))}")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("variables", nargs=-1, required=True)
@click.option("--weight", required=True, metavar="COLUMN", help="Weights.")
@click.option("--strata", default="", metavar="COLUMN", help="Strata.")
@click.option("--clusters", default="", metavar="COLUMN", help="PSUs, nested in the strata.")
@click.option("--fpc", default="", metavar="COLUMN", help="PSUs there are in the stratum.")
@click.option("--lonely-psu", default="fail", show_default=True,
              type=click.Choice(["fail", "adjust", "average", "certainty", "collapse"]),
              help="What a stratum of one PSU counts.")  # fmt: skip
@click.option("--by", "domains", multiple=True, metavar="COLUMN",
              help="A domain beside the whole; may be repeated.")  # fmt: skip
@click.option("--measure", type=click.Choice(["mean", "proportion"]), default="mean",
              show_default=True, help="Means of numbers, or shares of categories.")  # fmt: skip
@engine_options("polars", "What reads the files and makes the sums.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="Write the table: .csv or .parquet.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def estimate(
    path: Path, variables: tuple[str, ...], domains: tuple[str, ...], measure: Any, engine: str,
    master: str, memory: str, out: Path | None, as_json: bool, weight: str, **columns: Any,
) -> None:  # fmt: skip
    """Estimate VARIABLES of the Parquet files at PATH, with intervals, wherever the rows are.

    Over everybody, and in each level of each --by. docs/scale.md.
    """
    from analysis import Design
    from analysis.engines import Engine, opened

    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise refuse(f"--out {out}", f'"{out.suffix}" is not written', ".csv or .parquet",
                     "--out table.csv")  # fmt: skip
    with opened(path, Engine(engine, master, memory)) as frame:
        design: Any = Design(frame, weight, progress=progress_of("groupings"), **columns)  # type: ignore[call-arg]
        found = design.tabulate(list(variables), list(domains), measure=measure)
    if out is not None:
        _write(found, out)
        click.echo(f"{found.height} estimates: {printable(str(out))}")
    elif as_json:
        click.echo(json.dumps(found.to_dicts(), ensure_ascii=False, indent=1, default=str))
    else:
        _show(found)


def _write(found: pl.DataFrame, path: Path) -> None:
    """The table, written aside and put in place whole."""
    import polars as pl

    from analysis.spreadsheets import neutral

    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=".table-") as aside:
        made = Path(aside) / path.name
        if path.suffix == ".csv":
            found.with_columns(
                pl.col(pl.String).map_elements(neutral, return_dtype=pl.String)
            ).write_csv(made)
        else:
            found.write_parquet(made)
        made.replace(path)


def _show(found: pl.DataFrame) -> None:
    shown = ["variable", "category", "domain", "domain_value", "estimate", "ci_low", "ci_high",
             "n", "n_weighted"]  # fmt: skip
    for row in found.select(shown).iter_rows(named=True):
        low, high = (f"{row[c]:.6g}" if row[c] is not None else "?" for c in ("ci_low", "ci_high"))
        estimate = "?" if row["estimate"] is None else f"{row['estimate']:.6g}"
        name = f"{row['variable']}={row['category']}" if row["category"] else row["variable"]
        where = f"{row['domain']}={row['domain_value']}"
        click.echo(printable(f"{name}  {where}  {estimate} [{low}, {high}]  n={row['n']:,} "
                             f"N={row['n_weighted']:,.0f}"))  # fmt: skip
