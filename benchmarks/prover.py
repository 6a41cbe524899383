"""How long it takes to prove what is wrong with many rules, without accounts and beside them.

    python -m benchmarks.prover [--rules 2000] [--rows 100000] [--seed 1] [--json]

The rules are those of `benchmarks.rules`. Every search of the prover runs, on one processor, whose time is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

from benchmarks.rules import make_accounts, make_rules
from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove.case import Limits
from patchbook.rules.prove.proof import FINDINGS, made_ready
from patchbook.rules.schema import schema_of


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=2_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.rules, options.rows, options.seed)
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:<40}{figure:>14,.2f}" if isinstance(figure, float) else f"{name:<40}{figure:>14,}")


def measure(rules: int, rows: int, seed: int) -> dict[str, float | int]:
    """All figures of one run."""
    accounts = make_accounts(max(rows, 1_000), seed)
    schema = schema_of(accounts)
    texts = make_rules(rules, accounts, seed)
    start = time.process_time()
    ordered = OrderedRules.of([(f"T{number}", text) for number, text in enumerate(texts)], schema)
    figures: dict[str, float | int] = {"rules": rules, "parse seconds": time.process_time() - start}
    for name, frame in (("without accounts", None), (f"with {rows:,} accounts", accounts.head(rows))):
        if frame is not None and not rows:
            continue
        start = time.process_time()
        case = made_ready(ordered, frame, Limits(), frozenset())
        figures[f"{name}: space, seconds"] = time.process_time() - start
        found = []
        for search in FINDINGS:
            began = time.process_time()
            here = list(search(case))
            found += here
            figures[f"{name}: {search.__module__.rpartition('.')[2]}, seconds"] = time.process_time() - began
            figures[f"{name}: {search.__module__.rpartition('.')[2]}, findings"] = len(here)
        figures[f"{name}: all, seconds"] = time.process_time() - start
        figures[f"{name}: not proved"] = sum(finding.kind == "not proved" for finding in found)
    figures["memory MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


if __name__ == "__main__":
    main()
