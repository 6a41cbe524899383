"""How well probable duplicates are found: precision and recall on planted ones, and how long it takes.

    python -m benchmarks.duplicates [FILE TRUTH] [--rows 10000] [--splink] [--json]

FILE and TRUTH are what `patchbook sample accounts --out FILE --truth TRUTH` writes; without them it is run. Two copies
of one account are copies of each other too, so the planted pairs are closed: all pairs within a group of copies count
as true.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import polars as pl

from patchbook.accounts import read
from patchbook.accounts.duplicates import find_duplicates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("truth", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--splink", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.file and not asked.truth:
        parser.error("FILE needs TRUTH beside it, or nobody knows which of its accounts are copies")
    with tempfile.TemporaryDirectory() as folder:
        file, truth = (asked.file, asked.truth) if asked.file else sampled(Path(folder), asked.rows)
        accounts = read(file, geocode=False)
        planted = planted_pairs(truth)
    logging.disable(logging.WARNING)  # Splink tells a page of its training
    figures = []
    for method in ("rapidfuzz", "splink") if asked.splink else ("rapidfuzz",):
        start = time.perf_counter()
        found = find_duplicates(accounts.frame, method=method)
        seconds = time.perf_counter() - start
        pairs = {tuple(sorted(pair)) for pair in found.pairs.select("account_id", "duplicate_id").iter_rows()}
        right = len(pairs & planted)
        figures.append(
            {
                "method": method,
                "accounts": accounts.frame.height,
                "planted": len(planted),
                "found": len(pairs),
                "precision": round(right / len(pairs), 4) if pairs else None,
                "recall": round(right / len(planted), 4) if planted else None,
                "seconds": round(seconds, 2),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
        )
    if asked.json:
        print(json.dumps(figures))
        return
    for one in figures:
        print(
            f"{one['method']:10} {one['accounts']:,} accounts, {one['planted']:,} planted pairs: precision "
            f"{one['precision']}, recall {one['recall']}, {one['seconds']} s, {one['peak_mb']:,} MB"
        )


def sampled(folder: Path, rows: int) -> tuple[Path, Path]:
    file, truth = folder / "accounts.csv", folder / "truth.csv"
    sample = ["sample", "accounts", "--rows", str(rows), "--seed", "42", "--out", str(file), "--truth", str(truth)]
    command = [sys.executable, "-c", "from patchbook.cli import main; main()", *sample]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return file, truth


def planted_pairs(path: Path) -> set[tuple[str, ...]]:
    truth = pl.read_csv(path, infer_schema=False).filter(pl.col("fault") == "duplicate_of")
    parent: dict[str, str] = {}

    def head(account: str) -> str:
        while parent.get(account, account) != account:
            account = parent[account]
        return account

    for copy, original in truth.select("account_id", "detail").iter_rows():
        parent[head(copy)] = head(original)
    groups = defaultdict(list)
    for account in {*truth["account_id"], *truth["detail"]}:
        groups[head(account)].append(account)
    return {pair for group in groups.values() for pair in itertools.combinations(sorted(group), 2)}


if __name__ == "__main__":
    main()
