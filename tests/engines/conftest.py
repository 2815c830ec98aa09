"""The same rows in every engine that is here: polars' streaming engine, DuckDB, and Spark."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

MACHINE = ("polars", "duckdb")
ENGINES = (*MACHINE, "spark")
Opened = Callable[[pl.DataFrame], Any]


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A session of two cores; skipped, and said so, where there is no Java or no PySpark."""
    if shutil.which("java") is None or importlib.util.find_spec("pyspark") is None:
        pytest.skip("Spark is absent (java, pyspark)")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # not the python3 that is first in the path
    builder = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(params=ENGINES)
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """What hands rows to the engine, by way of Parquet files."""
    engine = request.param
    session = request.getfixturevalue("spark") if engine == "spark" else None
    connection = duckdb.connect()

    def opened(frame: pl.DataFrame) -> Any:
        name = tmp_path / "rows.parquet"
        frame.write_parquet(name)
        if engine == "polars":
            return pl.scan_parquet(name)
        return (
            connection.read_parquet(str(name)) if not session else session.read.parquet(str(name))
        )

    yield opened
    connection.close()
