"""Parquet files as a frame of an engine; what is not installed is refused with what to type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from analysis.errors import BaroError, refuse


@contextmanager
def opened(path: Path, engine: str, *, master: str = "local[*]", memory: str = "") -> Iterator[Any]:
    """The Parquet file, or the files of a folder, as ``engine`` reads them; closed at the end.

    master : of Spark ; memory : of DuckDB at most, "" for its own default
    Raises :class:`analysis.errors.BaroError` where there is no such file, or no such engine.
    """
    files = _files(path, engine, master)
    if engine == "polars":
        yield pl.scan_parquet(files)
    elif engine == "duckdb":
        duckdb = _module("duckdb", "duckdb")
        connection = duckdb.connect()
        try:
            _limit(connection, memory, duckdb.Error)
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_progress_bar = false")  # it would stand in our output
            yield connection.read_parquet(files)
        finally:
            connection.close()
    else:
        sql = _module("pyspark.sql", "spark")
        session = sql.SparkSession.builder.master(master).appName("baro").getOrCreate()
        try:
            yield session.read.parquet(*files)
        finally:
            session.stop()


def _limit(connection: Any, memory: str, error: type[Exception]) -> None:
    if not memory:
        return
    try:
        connection.execute("SET memory_limit = ?", [memory])
    except error as fault:
        raise refuse(f"--memory {memory}", str(fault).partition("\n")[0], "a size",
                     "--memory 4GB") from fault  # fmt: skip


def _files(path: Path, engine: str, master: str) -> list[str]:
    """The files; a cluster may see files that this machine does not."""
    if engine == "spark" and not master.startswith("local"):
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
