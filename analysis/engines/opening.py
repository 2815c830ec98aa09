"""Parquet files as a frame of an engine; what is not installed is refused with what to type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from analysis.engines.frames import Progress
from analysis.errors import BaroError, Problem, nearest, raise_all, refuse

ENGINES = ("polars", "duckdb", "spark")


@dataclass(frozen=True, slots=True)
class Engine:
    """What reads the rows and makes the sums.

    name : one of ``ENGINES`` ; master : of Spark, "" for this machine
    memory : of DuckDB at most, "" for its own default ; progress : called as queries end
    Raises :class:`analysis.errors.BaroError` for another name, and for an option of another engine.
    """

    name: str
    master: str = ""
    memory: str = ""
    progress: Progress | None = None

    def __post_init__(self) -> None:
        """Refuse names that are none, and what the engine would ignore."""
        if self.name not in ENGINES:
            raise refuse(f"engine {self.name}", "there is no such engine",
                         nearest(self.name, ENGINES), "name one of them")  # fmt: skip
        options = (("--master", self.master, "spark"), ("--memory", self.memory, "duckdb"))
        raise_all(
            Problem(f"{option} {given}", f"{self.name} knows no such option", f"--engine {of}",
                    f"leave it out, or --engine {of}")
            for option, given, of in options if given and self.name != of
        )  # fmt: skip

    @property
    def session(self) -> str:
        """Where Spark runs."""
        return self.master or "local[*]"


@contextmanager
def opened(path: Path, engine: Engine) -> Iterator[Any]:
    """The Parquet file, or the files of a folder, as an engine reads them; closed at the end.

    Raises :class:`analysis.errors.BaroError` where there is no such file, or no such engine.
    """
    files = _files(path, engine)
    if engine.name == "polars":
        yield pl.scan_parquet(files)
    elif engine.name == "duckdb":
        duckdb = _module("duckdb", "duckdb")
        connection = duckdb.connect()
        try:
            _limit(connection, engine.memory, duckdb.Error)
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_progress_bar = false")  # it would stand in our output
            yield connection.read_parquet(files)
        finally:
            connection.close()
    else:
        sql = _module("pyspark.sql", "spark")
        there = sql.SparkSession.getActiveSession()  # whoever has one keeps it
        session = (
            there or sql.SparkSession.builder.master(engine.session).appName("baro").getOrCreate()
        )
        try:
            yield session.read.parquet(*files)
        finally:
            if there is None:
                session.stop()


def _limit(connection: Any, memory: str, error: type[Exception]) -> None:
    if not memory:
        return
    try:
        connection.execute("SET memory_limit = ?", [memory])
    except error as fault:
        raise refuse(f"--memory {memory}", str(fault).partition("\n")[0], "a size",
                     "--memory 4GB") from fault  # fmt: skip


def _files(path: Path, engine: Engine) -> list[str]:
    """The files; a cluster may see files that this machine does not."""
    if engine.name == "spark" and not engine.session.startswith("local"):
        return [str(path)]
    found = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not found or not found[0].is_file():
        raise refuse(str(path), "no Parquet file is there", "a .parquet file, or a folder of some",
                     "name another path")  # fmt: skip
    return [str(file) for file in found]


def _module(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise _missing(extra) from error


def _missing(extra: str) -> BaroError:
    return refuse(f"--engine {extra}", "it is not installed", f"the extra barometre[{extra}]",
                  f"pip install 'barometre[{extra}]', or --engine polars")  # fmt: skip
