"""Every benchmark, one after the other, each in a process of its own: `make bench`.

    python -m benchmarks [--league FILE…]

The public league needs its instances, which are not ours to ship: name files or folders with `--league`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

LARGE = ("--units", "50000", "--seats", "100")
"""Most of the time goes into two of its peers, so it comes last."""

BENCHMARKS: tuple[tuple[str, ...], ...] = (
    ("demo",),
    ("territory",),
    ("counties",),
    ("frontier", "--units", "5000", "--seats", "25"),
    ("ensemble",),
    ("intake",),
    ("import_record",),
    ("geocode",),
    ("duplicates", "--splink"),
    ("rules",),
    ("matching",),
    ("deciding",),
    ("departure",),
    ("ledger",),
    ("publish",),
    ("seat_matching",),
    ("next_seat",),
    ("rebalance", "--cases", "gone", "split", "--mip-seconds", "0"),
    ("web.map",),
    ("territory", *LARGE),
)
"""Modules of this package with their arguments, in the order they are run; about twenty minutes on two cores."""


def main() -> int:
    """Run them all, and fail when one does."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--league", nargs="+", default=[], metavar="FILE")
    chosen = options.parse_args()
    league = [("league", *chosen.league)] if chosen.league else []
    failed = [" ".join(each) for each in (*BENCHMARKS, *league) if not passes(*each)]
    for name in failed:
        print(f"benchmarks.{name} failed", file=sys.stderr)
    return 1 if failed else 0


def passes(name: str, *arguments: str) -> bool:
    """Whether one benchmark runs to its end."""
    command = ["-m", f"benchmarks.{name}", *arguments]
    print(f"\n== python {' '.join(command)}", flush=True)
    return subprocess.run([sys.executable, *command]).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
