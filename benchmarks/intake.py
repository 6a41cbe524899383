"""How long taking accounts in takes, beside DuckDB's plain copy of the same file to Parquet.

    python -m benchmarks.intake [FILE] [--rows 1000000] [--rounds 3] [--json]

Without FILE, `patchbook sample` makes the accounts. Each run is its own process, so the peak memory is its own; the
two alternate, and the best round of each counts, because other work on the machine can only make a run slower.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TIMES = 4.0
"""Issue target: at most this many times DuckDB's plain copy."""
PEAK_GB = 3.0

OURS = """
import sys, time, resource
start = time.perf_counter()
from patchbook.accounts import read, save
accounts = read(sys.argv[1])
save(accounts, sys.argv[2])
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(seconds, peak, accounts.frame.height, time.process_time())
"""

DUCKDB = """
import sys, time, resource
start = time.perf_counter()
import duckdb
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
connection.execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}/plain.parquet' (FORMAT parquet)")
seconds = time.perf_counter() - start
rows = connection.execute(f"SELECT count(*) FROM '{sys.argv[2]}/plain.parquet'").fetchall()[0][0]
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows, time.process_time())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.file or sampled(Path(folder) / "accounts.csv", asked.rows)
        rounds = [(run(OURS, file, folder), run(DUCKDB, file, folder)) for _ in range(asked.rounds)]
    ours = min(mine for mine, _ in rounds)
    plain = min(theirs for _, theirs in rounds)
    figures = {
        "rows": int(ours[2]),
        "patchbook_seconds": round(ours[0], 2),
        "patchbook_peak_mb": round(max(mine[1] for mine, _ in rounds)),
        "patchbook_cpu_seconds": round(min(mine[3] for mine, _ in rounds), 2),
        "duckdb_seconds": round(plain[0], 2),
        "duckdb_peak_mb": round(max(theirs[1] for _, theirs in rounds)),
        "duckdb_cpu_seconds": round(min(theirs[3] for _, theirs in rounds), 2),
        "times_duckdb": round(ours[0] / plain[0], 2),
        "times_duckdb_cpu": round(min(mine[3] for mine, _ in rounds) / min(theirs[3] for _, theirs in rounds), 2),
        "all_rounds": [[round(mine[0], 2), round(theirs[0], 2)] for mine, theirs in rounds],
    }
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"{figures['rows']:,} accounts, best of {asked.rounds}, CSV to Parquet, each in its own process")
    print(f"  {'':46} {'wall s':>7} {'CPU s':>7} {'peak MB':>8}")
    for label, name in (
        ("Patchbook, typed, geocoded, families, snapshot", "patchbook"),
        ("DuckDB, plain copy", "duckdb"),
    ):
        wall, busy, peak = (figures[f"{name}_{what}"] for what in ("seconds", "cpu_seconds", "peak_mb"))
        print(f"  {label:<46} {wall:>7.2f} {busy:>7.2f} {peak:>8,}")
    print(
        f"  ratio {figures['times_duckdb']} by the wall clock, {figures['times_duckdb_cpu']} of processor time "
        f"(target: at most {TIMES:g}; peak at most {PEAK_GB:g} GB)"
    )


def run(program: str, file: Path, folder: str, *more: str) -> tuple[float, ...]:
    """Seconds, peak megabytes, rows and processor seconds of one program."""
    # Modules are compiled once and kept, as where Patchbook is installed, whatever this shell says of bytecode.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(file), folder, *more],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    return tuple(map(float, done.stdout.split()))


def sampled(path: Path, rows: int) -> Path:
    command = ["-m", "patchbook", "sample", "accounts", "--rows", str(rows), "--seed", "42", "--out", str(path)]
    from_script = "from patchbook.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", from_script, *command[2:]], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"Cannot make the sample: {done.stderr}")
    return path


if __name__ == "__main__":
    main()
