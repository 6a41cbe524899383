"""Every benchmark, one after the other, each in a process of its own: `make bench`.

    python -m benchmarks [--league FILE…]

The public league needs its instances, which are not ours to ship: name files or folders with `--league`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

BENCHMARKS = ("demo", "territory", "rules", "geocode", "intake")
"""Modules of this package, in the order they are run."""


def main() -> int:
    """Run them all, and fail when one does."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--league", nargs="+", default=[], metavar="FILE")
    chosen = options.parse_args()
    failed = [name for name in BENCHMARKS if not passes(name)]
    if chosen.league and not passes("league", *chosen.league):
        failed.append("league")
    for name in failed:
        print(f"benchmarks.{name} failed", file=sys.stderr)
    return 1 if failed else 0


def passes(name: str, *arguments: str) -> bool:
    """Whether one benchmark runs to its end."""
    if find_spec(f"benchmarks.{name}") is None:
        return False
    print(f"== benchmarks.{name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments]).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
