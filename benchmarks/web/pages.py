"""How long the server takes for each page, and how much goes over the wire.

    python -m benchmarks.web.pages [--accounts 100000] [--times 15] [--folder FOLDER] [--json]

Every page is asked for over HTTP on this machine by one reader, signed in as a planner who sees everything: the first
time, which fills caches, is told apart. A folder keeps the market for the next run. Sizes are compressed, as a
browser gets them, without the map library.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx2

TARGET_MS = 150.0
TESTS = Path(__file__).parent.parent.parent / "tests"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(asked.folder or Path(folder), asked.accounts, asked.times)
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"Each page {asked.times} times, {asked.accounts:,} accounts")
    print(f"  {'':44} {'first ms':>9} {'p50 ms':>8} {'p95 ms':>8} {'kB':>7}")
    for path, one in figures.items():
        beyond = "  beyond" if one["p95_ms"] > TARGET_MS else ""
        shown = (
            f"  {path:<44} {one['first_ms']:>9.0f} {one['p50_ms']:>8.1f} {one['p95_ms']:>8.1f} {one['kilobytes']:>7.1f}"
        )
        print(shown + beyond)
    print(f"  target: p95 at most {TARGET_MS:g} ms")


def measured(folder: Path, accounts: int, times: int) -> dict[str, dict[str, float]]:
    """The figures of every page."""
    from benchmarks.web.market import NOW, a_market, kept_market
    from builders.serving import served

    market = kept_market(folder) or a_market(folder, accounts)
    account, person = market.examples()
    paths = [
        "/",
        "/inbox",
        "/plans",
        f"/plans/{market.draft}",
        f"/plans/{market.draft}/rules",
        f"/plans/{market.draft}/disruption",
        f"/plans/{market.draft}/frontier",
        f"/plans/{market.draft}/history",
        f"/comparison?plan_id={market.active}&plan_id={market.draft}",
        "/proposals",
        "/exceptions",
        "/challenges",
        "/publications",
        f"/ask?q={quote('Acme')}",
        f"/accounts/{quote(account, safe='')}",
        "/people",
        f"/people/{quote(person, safe='')}",
        "/people/calendar",
        "/routing",
        "/routing/queue",
        "/data",
        "/data/quality",
        "/data-dictionary",
        "/kickoff",
        "/rules-of-engagement",
        "/start",
        "/admin",
        "/admin/audit",
    ]
    figures: dict[str, dict[str, float]] = {}
    with served(market.record, NOW) as url, httpx2.Client(base_url=url, timeout=600, follow_redirects=True) as client:
        client.cookies.set("patchbook-session", market.session)
        client.headers["Accept"] = "text/html"
        for path in paths:
            took, size = [], 0
            for _ in range(times + 1):
                begun = time.perf_counter()
                answer = client.get(path)
                took.append((time.perf_counter() - begun) * 1000)
                answer.raise_for_status()
                size = answer.num_bytes_downloaded
            first, *rest = took
            rest.sort()
            name = path.replace(market.draft, "…").replace(market.active, "…")
            figures[name] = {
                "first_ms": first,
                "p50_ms": rest[len(rest) // 2],
                "p95_ms": rest[min(int(len(rest) * 0.95), len(rest) - 1)],
                "kilobytes": size / 1000,
            }
            print(f"  {name}: {figures[name]['p50_ms']:.0f} ms", file=sys.stderr)
    return figures


if __name__ == "__main__":
    main()
