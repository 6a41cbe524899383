"""A real Spark on this machine gives the answers of this process, and says plainly what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import patchbook
from builders.assigning import TODAY, a_plan_to_assign
from patchbook.plans.assign import assign, spark
from patchbook.plans.assign.assigned import NotEmpty
from patchbook.plans.assign.spark import NoSpark
from patchbook.plans.file import load
from patchbook.rules import Context

PROGRAM = """
from datetime import date
from pathlib import Path

from patchbook.errors import PatchbookError
from patchbook.plans.assign import assign, spark
from patchbook.plans.file import load
from patchbook.rules import Context

def run(accounts, out):
    try:
        found = assign(plan, accounts, out, engine="local-spark", context=Context(today=date(2027, 2, 1)))
        print([took.accounts for took in found.layers], found.unassigned)
    except PatchbookError as error:
        print(error)

plan = load("plan.yaml", files=False)
with spark._session("local[*]"):
    run("accounts", "spark")
    run("nowhere", "nothing")
    run("no-id.parquet", "nothing")
"""
"""Python and Java are started anew, as from a terminal: what Java leaves open ends with the process. One session is
started for all three, and each finds it."""

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Java compiles less: what is quick to start, not what is quick for millions."""


def test_spark_gives_the_same_answers_and_tells_what_is_wrong_in_a_sentence(tmp_path):
    plan = load(a_plan_to_assign(tmp_path, rules=12, rows=600), files=False)
    whole = pl.read_parquet(tmp_path / "accounts/*.parquet")
    whole.with_columns(Number=pl.when(pl.col("Number") != "N7").then("Number")).write_parquet(
        tmp_path / "no-id.parquet"
    )
    found = assign(plan, str(tmp_path / "accounts"), str(tmp_path / "embedded"), context=Context(today=TODAY))

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(patchbook.__file__).parent.parent), "JAVA_TOOL_OPTIONS": QUICK},
        capture_output=True,
        text=True,
    )

    told = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert told[0] == f"{[took.accounts for took in found.layers]} {found.unassigned}"
    assert "Spark could not assign nowhere: [PATH_NOT_FOUND]" in told[1]
    assert told[2] == "Spark could not assign no-id.parquet: 1 accounts have no account_id; give each its own."
    by_spark = pl.read_parquet(tmp_path / "spark/*.parquet").sort("account_id")
    assert by_spark.equals(pl.read_parquet(tmp_path / "embedded/*.parquet").sort("account_id"))
    assert by_spark["rule"].n_unique() > 6


def test_without_java_one_sentence_says_what_spark_needs(tmp_path, monkeypatch):
    plan = load(a_plan_to_assign(tmp_path, rules=1, rows=30), files=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(NoSpark, match="install Java 17 or newer"):
        assign(plan, "accounts", str(tmp_path / "out"), engine="local-spark")


def test_without_pyspark_one_sentence_says_how_to_add_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with pytest.raises(NoSpark, match=r"pip install 'patchbook\[spark\]'"), spark._session("local[1]"):
        pass


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    plan = load(a_plan_to_assign(tmp_path, rules=1, rows=30), files=False)

    with pytest.raises(NotEmpty, match="is there already"):
        assign(plan, "accounts", str(tmp_path / "accounts"), engine="local-spark")
