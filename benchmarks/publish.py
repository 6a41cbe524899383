"""How long publishing a plan takes, beside a bare copy of as many rows into a table that refuses nothing.

    python -m benchmarks.publish [--accounts 1000000] [--people 1000] [--engine sqlite postgresql] [--json]

One transaction each. Every engine is measured in a process of its own, so the peak memory is its own; the server's
memory is not in it. The first publish fills an empty ledger; the second moves a tenth of the accounts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PEAK_GB = 1.5
"""Issue target for a million assignments."""

TESTS = Path(__file__).parent.parent / "tests"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--engine", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measured(asked.accounts, asked.people, Path(asked.alone), asked.url)))
        return
    figures = {engine: in_a_process(engine, asked.accounts, asked.people) for engine in asked.engine}
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"Publishing {asked.accounts:,} accounts to {asked.people:,} territories, one transaction")
    print(
        f"  {'':12} {'first s':>8} {'rows/s':>9} {'again s':>8} {'second s':>9} {'bare s':>7} {'times':>6}"
        f" {'peak MB':>8}"
    )
    columns = tuple(f"{name}_seconds" for name in ("first", "again", "second", "bare"))
    for engine, one in figures.items():
        first, again, second, plain = (one[name] for name in columns)
        rows, times, peak = one["rows_per_second"], one["times_bare"], one["peak_mb"]
        print(
            f"  {engine:<12} {first:>8.1f} {rows:>9,.0f} {again:>8.2f} {second:>9.1f} {plain:>7.1f} {times:>6.1f}"
            f" {peak:>8,.0f}"
        )
    print(f"  target: peak below {PEAK_GB:g} GB at 1,000,000")


def in_a_process(engine: str, accounts: int, people: int) -> dict[str, float]:
    """The figures of one engine, measured in a process of its own."""
    sys.path.insert(0, str(TESTS))
    from builders.postgres import a_server

    with tempfile.TemporaryDirectory() as folder, a_server() if engine == "postgresql" else nullcontext() as server:
        command = [sys.executable, "-m", "benchmarks.publish", "--alone", folder]
        command += ["--accounts", str(accounts), "--people", str(people)]
        if server is not None:
            command += ["--url", server.new_database()]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            sys.exit(done.stderr)
        found: dict[str, float] = json.loads(done.stdout)
        return found


def measured(accounts: int, people: int, folder: Path, url: str | None) -> dict[str, float]:
    """Publish twice, once more without a change, and copy as many bare rows."""
    sys.path.insert(0, str(TESTS))
    import polars as pl

    from builders.publishing import FEBRUARY, MARCH, NOW, PAT, a_plan
    from builders.publishing import people as employ
    from patchbook.db import create_record
    from patchbook.publishing import actions as publishing

    record = create_record(folder / "data", url=url)
    staff = [f"rep{number}" for number in range(people)]
    names = [f"Territory {number}" for number in range(people)]
    number = pl.int_range(accounts, eager=True)
    account_id = "account-" + number.cast(pl.String)
    one = pl.DataFrame({"account_id": account_id, "territory": pl.Series(names).gather(number % people)})
    moved = pl.when(number % 10 == 0).then((number + 1) % people).otherwise(number % people)
    two = one.with_columns(territory=pl.Series(names).gather(pl.select(moved).to_series()))
    with record.writing() as tx:
        employ(tx, *staff)
        first = a_plan(tx, "First", dict(zip(names, staff, strict=True)), one)
        second = a_plan(tx, "Second", dict(zip(names, staff, strict=True)), two)
    del one, two

    def publish(plan_id: str, on: datetime, at: datetime) -> float:
        start = time.perf_counter()
        with record.writing() as tx:
            publishing.publish(tx, plan_id, on=on, by=PAT, at=at)
        return time.perf_counter() - start

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = publish(first.plan_id, FEBRUARY, NOW)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again = publish(first.plan_id, FEBRUARY, NOW + timedelta(hours=1))
    other = publish(second.plan_id, MARCH, NOW + timedelta(hours=2))
    both = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    plain = bare(record, account_id.to_list(), people)
    record.close()
    return {
        "accounts": accounts,
        "first_seconds": seconds,
        "rows_per_second": accounts / seconds,
        "again_seconds": again,
        "second_seconds": other,
        "bare_seconds": plain,
        "times_bare": seconds / plain,
        "before_mb": before,
        "first_peak_mb": peak,
        "peak_mb": both,
    }


def bare(record: Any, account_ids: list[str], people: int) -> float:
    """Seconds to put rows of the same width into a table without key, index or rule: what the database itself takes."""
    day = datetime(2027, 2, 1, tzinfo=UTC)
    stamp = day if record.is_postgresql else int(day.timestamp() * 1_000_000)
    told = ("publish", "publication-0123456789abcdef", "Territory 1 is nearest and has room")
    rows = [
        (one, f"territory-{n % people:016d}", stamp, stamp, stamp, stamp, *told) for n, one in enumerate(account_ids)
    ]
    kind = "timestamptz" if record.is_postgresql else "bigint"
    columns = ", ".join(f"c{n} {kind if 2 <= n < 6 else 'text'}" for n in range(9))
    start = time.perf_counter()
    with record.writing() as tx:
        tx.exec_driver_sql(f"CREATE TABLE bare ({columns})")
        if record.is_postgresql:
            with tx.connection.driver_connection.cursor() as cursor, cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            tx.exec_driver_sql("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
