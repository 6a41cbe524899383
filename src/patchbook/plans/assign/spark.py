"""Assigning in Spark: the compiled plan goes to each worker once, and each batch of Arrow is matched as it is here."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from patchbook.errors import BadInput
from patchbook.plans.assign.assigned import OUT_SCHEMA, Assigned, NotEmpty
from patchbook.plans.assign.layered import Layered
from patchbook.plans.plan import Plan
from patchbook.rules import Context
from patchbook.rules.functions.function import MissingField

BATCH_ROWS = 100_000
SPARK_SCHEMA = "account_id string, territory string, rule int, reason string"

_ANYWHERE = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
    "spark.sql.session.timeZone": "UTC",
}
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
}
"""A Spark of this process alone listens to nobody else; what goes wrong is told in one sentence, not in its log."""


class NoSpark(BadInput):
    """Spark is not installed, or has no Java to run on."""


class SparkFailed(BadInput):
    """Spark could not read the accounts, or stopped; the message is the first sentence of its own."""


def assign(plan: Plan, accounts: str, out: str, *, master: str, context: Context) -> Assigned:
    """Assign accounts with Spark, which reads and writes the Parquet itself."""
    if master.startswith("local") and Path(out).exists():
        raise NotEmpty(out)
    with _without_warnings(), _session(master) as session, _told_plainly(accounts, out):
        table = session.read.parquet(accounts)
        layered = Layered.of(plan, _like(table.schema), context)
        for column in layered.columns:
            if column not in table.columns:
                raise MissingField(f"The plan looks at {column!r}, and {accounts} has no such column.")
        job = _Job(session.sparkContext.broadcast(layered))
        table.select(*(f"`{name}`" for name in layered.columns)).mapInArrow(job, SPARK_SCHEMA).write.parquet(out)
        if master.startswith("local"):
            rules = pl.read_parquet(f"{out}/*.parquet", columns=["rule"])["rule"]
            return Assigned.of(plan, out, rules.value_counts().iter_rows())
        counts = session.read.schema(SPARK_SCHEMA).parquet(out).groupBy("rule").count().collect()
        return Assigned.of(plan, out, ((row["rule"], row["count"]) for row in counts))


class _Job:
    """What a worker does: match each batch. Workers import it, so that Patchbook is installed where they run."""

    def __init__(self, layered: Any) -> None:
        self._layered = layered

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        layered: Layered = self._layered.value
        schema = pa.schema([(name, pa.int32() if name == "rule" else pa.string()) for name in OUT_SCHEMA])
        for batch in batches:
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame), "a batch has columns"
            yield from layered.assign(frame).to_arrow().cast(schema).to_batches()


@contextmanager
def _without_warnings() -> Iterator[None]:
    """PySpark warns of pandas 3 wherever Arrow is used; no pandas object is made here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


@contextmanager
def _session(master: str) -> Iterator[Any]:
    """A session of the master; one that the caller had already stays open."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise NoSpark("Spark is not installed; add it with pip install 'patchbook[spark]'.") from None
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise NoSpark("Spark runs on Java, and there is none; install Java 17 or newer, or set JAVA_HOME.")
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # workers run what runs here
    had = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("patchbook assign").master(master)
    for name, value in {**_ANYWHERE, **(_LOCAL if master.startswith("local") else {})}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:  # whatever Java throws when it does not start
        raise SparkFailed(f"Spark at {master} could not be started: {_first_sentence(error)}") from error
    try:
        yield session
    finally:
        if had is None:
            session.stop()


@contextmanager
def _told_plainly(accounts: str, out: str) -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        if "PATH_ALREADY_EXISTS" in str(error):
            raise NotEmpty(out) from error
        raise SparkFailed(f"Spark could not assign {accounts}: {_first_sentence(error)}") from error


def _first_sentence(error: Exception) -> str:
    """What went wrong, without Java's stack; of an error in a worker, the sentence it ended with."""
    text = re.sub(r"\s*SQLSTATE: \w+\s*$", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [type(error).__name__]
    said = lines[0]
    if "Python worker" in said:
        said = lines[-1].partition(": ")[2] or lines[-1]
    elif said.startswith("An error occurred while calling") and len(lines) > 1:
        said = lines[1].removeprefix(": ")
    return said if said.endswith(".") else f"{said}."


def _like(schema: Any) -> pl.DataFrame:
    """No row, and the columns and types that Spark will hand over."""
    from pyspark.sql.pandas.types import to_arrow_schema

    frame = pl.from_arrow(to_arrow_schema(schema).empty_table())
    assert isinstance(frame, pl.DataFrame), "a table has columns"
    return frame
