"""How long taking accounts into the record takes, beside DuckDB's plain copy of the same file to Parquet.

    python -m benchmarks.import_record [FILE] [--rows 1000000] [--rounds 3] [--engines sqlite postgresql] [--json]

Without FILE, `patchbook sample` makes the accounts. An import reads, cleans, geocodes, finds families, keeps the
snapshot and what was rejected on the disk, and commits its row and its audit event; DuckDB parses and writes. Each run
is its own process, so the peak memory is its own; the runs alternate, and the best round of each counts, because other
work on the machine can only make a run slower.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.departure import a_record
from benchmarks.intake import DUCKDB, PEAK_GB, run, sampled
from patchbook.db import Record

TIMES = 3.0
"""Issue target: at most this many times DuckDB's plain copy."""

OURS = """
import sys, time, resource
start = time.perf_counter()
from datetime import UTC, datetime
from patchbook.accounts import read
from patchbook.db import open_record
from patchbook.imports import actions as imports
from patchbook.people.principal import system
record = open_record(sys.argv[2], url=sys.argv[3] if len(sys.argv) > 3 else None)
accounts = read(sys.argv[1])
with record.writing() as tx:
    made = imports.accounts(tx, accounts, by=system(), at=datetime.now(UTC))
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(seconds, peak, made.rows, time.process_time())
"""


def main() -> int:
    """Measure, print, and fail when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.file or sampled(Path(folder) / "accounts.csv", asked.rows)
        figures = [measured(engine, file, Path(folder), asked.rounds) for engine in asked.engines]
    if asked.json:
        print(json.dumps(figures))
    else:
        show(figures, asked.rounds)
    return 1 if any(row["times_duckdb"] > TIMES or row["peak_mb"] > PEAK_GB * 1024 for row in figures) else 0


def measured(engine: str, file: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """The figures of one engine."""
    plain = folder / engine
    plain.mkdir()
    with a_record(engine, plain / "record") as record:
        runs = [(imported(record, file), run(DUCKDB, file, str(plain))) for _ in range(rounds)]
    ours, theirs = (min(run[side] for run in runs) for side in (0, 1))
    busy = [min(run[side][3] for run in runs) for side in (0, 1)]
    return {
        "engine": engine,
        "rows": int(ours[2]),
        "seconds": round(ours[0], 2),
        "cpu_seconds": round(busy[0], 2),
        "peak_mb": round(max(run[0][1] for run in runs)),
        "duckdb_seconds": round(theirs[0], 2),
        "duckdb_cpu_seconds": round(busy[1], 2),
        "times_duckdb": round(ours[0] / theirs[0], 2),
        "times_duckdb_cpu": round(busy[0] / busy[1], 2),
    }


def imported(record: Record, file: Path) -> tuple[float, ...]:
    """Seconds, peak megabytes, rows and processor seconds of one import into a record without that snapshot."""
    for kept in (record.folder / "snapshots").glob("*"):
        kept.unlink()
    url = [record.engine.url.render_as_string(hide_password=False)] if record.is_postgresql else []
    return run(OURS, file, str(record.folder), *url)


def show(figures: list[dict[str, Any]], rounds: int) -> None:
    """The figures as a table."""
    print(f"{figures[0]['rows']:,} accounts from CSV into the record, best of {rounds}, each in its own process")
    print(f"  {'':46} {'wall s':>7} {'CPU s':>7} {'peak MB':>8} {'ratio':>6} {'of CPU':>6}")
    for row in figures:
        print(
            f"  {'Patchbook, ' + row['engine']:<46} {row['seconds']:>7.2f} {row['cpu_seconds']:>7.2f}"
            f" {row['peak_mb']:>8,} {row['times_duckdb']:>6.2f} {row['times_duckdb_cpu']:>6.2f}"
        )
        print(f"  {'DuckDB, plain copy':<46} {row['duckdb_seconds']:>7.2f} {row['duckdb_cpu_seconds']:>7.2f}")
    print(f"  target: at most {TIMES:g} times DuckDB by the wall clock; peak at most {PEAK_GB:g} GB")


if __name__ == "__main__":
    sys.exit(main())
