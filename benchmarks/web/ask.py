"""How long the server takes to answer the pages that tell who owns what, with many accounts.

    python -m benchmarks.web.ask [--accounts 100000] [--rounds 40] [--json]

A record on SQLite with a person for each 2,000 accounts, every account with a name, domain, telephone number, postal
code and potential; each page is asked for by the planner through the whole application, without a network. The
percentiles are of the wall time of a request, after the first two, which make ready what the process then keeps; the
first is told too. On a machine that does other things as well, the median of processor time says more.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from fastapi.testclient import TestClient
from sqlalchemy import insert

from benchmarks.ledger import QUARTER, write
from patchbook import access
from patchbook.access.store import role_held
from patchbook.db import create_record
from patchbook.imports import actions as imports
from patchbook.people.principal import system
from patchbook.web.app import create_app

WORDS = ("acme", "globex", "initech", "umbrella", "stark", "wayne", "hooli", "north", "west", "steel", "foods", "labs")
PLANNER = "person-00000"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measured(asked.accounts, asked.rounds)
    print(json.dumps(figures, indent=2) if asked.json else table(figures, asked.accounts))


def measured(accounts: int, rounds: int) -> list[dict[str, Any]]:
    """A line a page."""
    with tempfile.TemporaryDirectory() as folder:
        record = create_record(Path(folder) / "data")
        now = write(record, accounts, 1) + QUARTER
        draw = random.Random(1)
        with record.writing() as tx:
            imports.accounts(tx, companies(accounts, draw), name="companies", by=system(), at=now)
            held = {"held_id": "planner", "person_id": PLANNER, "role": "planner", "territory_id": None, "source": ""}
            tx.execute(insert(role_held), [{**held, "by": "system", "at": now}])
            session = access.begin(tx, PLANNER, how="benchmark", at=now).secret
        client = TestClient(create_app(record, clock=lambda: now), follow_redirects=False)
        client.headers["Accept"] = "text/html"
        client.cookies.set("patchbook-session", session)
        part = {"HX-Request": "true"}

        def number() -> int:
            return draw.randrange(accounts)

        pages: dict[str, tuple[Callable[[], str], dict[str, str]]] = {
            "suggest by name": (lambda: f"/ask?q={draw.choice(WORDS)}+{draw.choice(WORDS)}", part),
            "suggest by one letter": (lambda: f"/ask?q={draw.choice('abcdefgh')}", part),
            "suggest by phone": (lambda: f"/ask?q=555+{number():07}", part),
            "ask": (lambda: f"/ask?q={draw.choice(WORDS)}", {}),
            "account": (lambda: f"/accounts/account-{number():08d}", {}),
            "account on a day": (lambda: f"/accounts/account-{number():08d}?on=2020-03-01", part),
            "people": (lambda: "/people", {}),
            "person": (lambda: f"/people/person-{number() * max(2, accounts // 2000) // accounts:05d}", {}),
            "calendar": (lambda: "/people/calendar", {}),
            "territories": (lambda: "/territories", {}),
        }
        figures = [timed(client, name, address, headers, rounds) for name, (address, headers) in pages.items()]
        record.close()
    return figures


def companies(accounts: int, draw: random.Random) -> pl.DataFrame:
    """Companies with made-up names, and all that one can ask by."""
    names = [f"{draw.choice(WORDS)} {draw.choice(WORDS)} {number}" for number in range(accounts)]
    return pl.DataFrame(
        {
            "account_id": [f"account-{number:08d}" for number in range(accounts)],
            "name": names,
            "domain": [f"{name.replace(' ', '-')}.example.com" for name in names],
            "phone": [f"+1 555 {number:07}" for number in range(accounts)],
            "postal_code": [f"{number % 99_999:05}" for number in range(accounts)],
            "country": ["US"] * accounts,
            "potential_usd": [float(draw.randrange(1_000, 100_000)) for _ in range(accounts)],
        }
    )


def timed(
    client: TestClient, name: str, address: Callable[[], str], headers: dict[str, str], rounds: int
) -> dict[str, Any]:
    """The times of one page, in milliseconds."""
    took, worked = [], []
    for _ in range(rounds + 2):
        path = address()
        start, begun = time.perf_counter(), time.process_time()
        answer = client.get(path, headers=headers)
        took.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - begun))
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:300])
    warm = sorted(took[2:])
    return {
        "page": name,
        "first_ms": round(took[0], 1),
        "cpu_ms": round(statistics.median(worked[2:]), 1),
        "median_ms": round(statistics.median(warm), 1),
        "p95_ms": round(warm[int(0.95 * (len(warm) - 1))], 1),
    }


def table(figures: list[dict[str, Any]], accounts: int) -> str:
    """The figures for people."""
    lines = [f"{accounts:,} accounts", f"{'page':<24}{'median':>10}{'p95':>10}{'cpu':>10}{'first':>10}"]
    for one in figures:
        told = "".join(f"{one[name]:>7} ms" for name in ("median_ms", "p95_ms", "cpu_ms", "first_ms"))
        lines.append(f"{one['page']:<24}{told}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
