"""What only Spark has: shuffles that cost, and tasks that fail and are run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.engines import HeldDesign
from analysis.engines.passes import totals_plan
from analysis.estimation import Design
from tests.engines.made import rows
from tests.engines.test_parity import same


@pytest.mark.parametrize("cluster", ["", "psu"])
def test_one_shuffle_a_grouping(spark: Any, tmp_path: Path, cluster: str) -> None:
    """Rows are summed where they are first: one shuffle, or two with PSUs (by PSU, by stratum)."""
    rows(200).write_parquet(tmp_path / "rows.parquet")
    frame = spark.read.parquet(str(tmp_path / "rows.parquet"))
    sample = HeldDesign(frame, "weight", strata="stratum", clusters=cluster)
    terms = sample.terms()
    sample.measures("mean", ["yes", "size"], None, terms)
    plan = totals_plan(sample.rows, sample.keys, sample.cluster, terms, ["few"]).to_native()
    text = plan._jdf.queryExecution().executedPlan().toString()
    assert text.count("Exchange hashpartitioning") == (2 if cluster else 1)
    assert text.count("partial_sum") >= text.count("Exchange"), "sums are made before each shuffle"


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_tasks_that_fail_are_made_again(spark: Any, tmp_path: Path) -> None:
    from pyspark import TaskContext
    from pyspark.sql import functions

    failed = tmp_path / "failed"  # an accumulator forgets what a task that fails has added
    failed.mkdir()

    def lost_once(value):  # Spark would read annotations
        context = TaskContext.get()
        assert context is not None
        if context.attemptNumber() == 0:
            (failed / str(context.partitionId())).touch()
            raise RuntimeError("this worker is lost")
        return value

    given = rows(400)
    given.write_parquet(tmp_path / "rows.parquet")
    frame = spark.read.parquet(str(tmp_path / "rows.parquet"))
    frail = frame.withColumn("size", functions.udf(lost_once, "double")("size"))
    options: Any = {"strata": "stratum", "clusters": "psu"}
    found = Design(frail, "weight", **options).mean("size", by="accent")
    same(found, Design(given, "weight", **options).mean("size", by="accent"))
    assert list(failed.iterdir()), "no task failed: nothing was tried"
