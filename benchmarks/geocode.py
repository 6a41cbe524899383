"""How long geocoding takes, how much memory it needs, and how far it is from true coordinates.

    python -m benchmarks.geocode [--rows 1000000] [--truth FILE] [--json]

Accounts are made by `patchbook sample` and geocoded from what they would tell: their ZIP, city and state; their city
and state only; their coordinates only. Each runs in its own process, so that the peak memory is its own; the seconds
include reading the gazetteer. Memory is read from /proc, so this runs on Linux.

--truth names a CSV with LATITUDE, LONGITUDE, ZIP, CITY, STATE (the HIFLD list of Fortune 500 headquarters has them);
the error of each method is measured on it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

KINDS = {
    "postal_code, city, state": ("postal_code", "city", "state"),
    "city, state": ("city", "state"),
    "coordinates": ("latitude", "longitude"),
}

RUN = """
import re, sys, time, polars as pl
def peak():  # of this program alone; what getrusage tells may be the parent's
    return int(re.search("VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) / 1024
frame = pl.read_parquet(sys.argv[1], columns=sys.argv[2].split(","))
before = peak()
from patchbook.geography.geocode import geocode
start, busy = time.perf_counter(), time.process_time()
placed = geocode(frame)
seconds, busy = time.perf_counter() - start, time.process_time() - busy
print(seconds, busy, peak(), before, placed["latitude"].count() / len(placed))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = {"rows": asked.rows, "runs": speeds(asked.rows), "errors": errors(asked.truth) if asked.truth else []}
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"{'from':<26} {'seconds':>8} {'CPU s':>8} {'peak MB':>8} {'placed':>8}   ({asked.rows:,} accounts)")
    for run in figures["runs"]:
        seconds = f"{run['seconds']:>8.2f} {run['cpu_seconds']:>8.2f}"
        print(f"{run['from']:<26} {seconds} {run['peak_mb']:>8.0f} {run['placed']:>8.1%}")
    for error in figures["errors"]:
        print(
            f"{error['from']:<26} median {error['median_km']:.2f} km, p90 {error['p90_km']:.2f} km, "
            f"within the estimate {error['within_estimate']:.0%} of {error['accounts']}"
        )


def speeds(rows: int) -> list[dict[str, object]]:
    """One run for each kind of input."""
    from patchbook.accounts.sample import sample_accounts

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accounts.parquet"
        sample_accounts(rows, seed=1).accounts.write_parquet(file)
        found = []
        for kind, columns in KINDS.items():
            command = [sys.executable, "-c", RUN, str(file), ",".join(columns)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, busy, peak, before, placed = map(float, printed.split())
            found.append(
                {
                    "from": kind,
                    "seconds": seconds,
                    "cpu_seconds": busy,
                    "peak_mb": peak,
                    "input_mb": before,
                    "placed": placed,
                }
            )
        return found


def errors(truth: Path) -> list[dict[str, object]]:
    """How far each kind of lookup is from the true coordinates of a list."""
    import numpy as np
    import polars as pl

    from patchbook.geography.distance import great_circle_km
    from patchbook.geography.geocode import geocode

    table = pl.read_csv(truth, infer_schema=False)
    table = table.rename({name: name.lstrip("\ufeff") for name in table.columns})
    latitude, longitude = (table[name].cast(pl.Float64).to_numpy() for name in ("LATITUDE", "LONGITUDE"))
    asked = table.select(postal_code="ZIP", city="CITY", state="STATE")
    found = []
    for columns in (("postal_code",), ("city", "state"), ("state",)):
        placed = geocode(asked.select(columns), density=False)
        apart = great_circle_km(latitude, longitude, placed["latitude"].to_numpy(), placed["longitude"].to_numpy())
        known = np.isfinite(apart)
        found.append(
            {
                "from": ", ".join(columns),
                "accounts": int(known.sum()),
                "median_km": float(np.median(apart[known])),
                "p90_km": float(np.quantile(apart[known], 0.9)),
                "within_estimate": float((apart <= placed["geocode_precision_km"].to_numpy())[known].mean()),
            }
        )
    return found


if __name__ == "__main__":
    main()
