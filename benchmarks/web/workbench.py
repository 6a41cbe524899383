"""What the server takes for the workbench of a large plan: the page, its parts, and a move of 500 accounts.

    python -m benchmarks.web.workbench [--accounts 100000 1000000] [--territories 200] [--times 15] [--json]

Requests go through the whole application, without a network. Before each page the plan is moved on by an edit, so that
"after a move" is the first page that shows it; "again" is any other.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

TESTS = Path(__file__).parent.parent.parent / "tests"
MOVED = 500
PAGE_MS = 150.0
"""Issue target for 100,000 accounts: p95 of each page."""
MOVE_MS = 50.0
"""Issue target for a move of 500 of 100,000 accounts."""
FORM = {"Patchbook-Form": "1", "Accept": "application/json"}
PART = {"HX-Request": "true"}
PLAN = "plan-large"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, nargs="+", default=[100_000])
    parser.add_argument("--territories", type=int, default=200)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    figures = {accounts: measured(accounts, asked.territories, asked.times) for accounts in asked.accounts}
    if asked.json:
        print(json.dumps(figures))
        return
    for accounts, found in figures.items():
        print(f"The workbench of {accounts:,} accounts in {asked.territories:,} territories, server time in ms")
        print(f"  {'':44} {'p50':>8} {'p95':>8}")
        for name, (half, most) in found["ms"].items():
            print(f"  {name:<44} {half:>8.1f} {most:>8.1f}")
        print(f"  the first page after a start {found['first_ms']:,.0f} ms; HTML {found['page_kb']:.0f} kB compressed")
    print(f"  targets at 100,000: pages p95 ≤ {PAGE_MS:g} ms, a move of {MOVED} ≤ {MOVE_MS:g} ms")


def measured(accounts: int, territories: int, times: int) -> dict[str, Any]:
    """The figures of one size."""
    from fastapi.testclient import TestClient

    from builders.publishing import NOW, PAT
    from patchbook import access
    from patchbook.access.store import role_held
    from patchbook.db import create_record
    from patchbook.web.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        record = create_record(Path(folder) / "data")
        with record.writing() as tx:
            a_large_plan(tx, accounts, territories)
            held = {"held_id": "role-pat", "person_id": "pat", "role": "planner", "source": "", "by": "system"}
            tx.execute(role_held.insert(), [{**held, "at": NOW}])
            begun = access.begin(tx, PAT.person_id, how="benchmark", at=NOW)
        app = create_app(record, clock=lambda: NOW)
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        with TestClient(app, base_url="http://testserver", headers=headers, follow_redirects=False) as client:
            client.cookies.set("patchbook-session", begun.secret)
            found = asked_for(client, accounts, territories, times)
        record.close()
    return found


def asked_for(client: Any, accounts: int, territories: int, times: int) -> dict[str, Any]:
    """What each request takes."""
    base = f"/plans/{PLAN}"
    taken: dict[str, list[float]] = {}

    def timed(name: str, ask: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        answer = ask()
        taken.setdefault(name, []).append(1000 * (time.perf_counter() - start))
        assert answer.status_code == 200, answer.text[:500]
        return answer

    draw = np.random.default_rng(1)
    first = timed("first", lambda: client.get(base))
    for turn in range(times):
        giver = int(draw.integers(territories))
        ids = [f"account-{giver + territories * n:07d}" for n in range(accounts // territories)][:MOVED]
        data = {"accounts": "\n".join(ids), "to": f"Territory {(giver + 1) % territories}"}
        timed("the effect of a move of 500", lambda data=data: client.post(f"{base}/effect", data=data, headers=PART))
        timed(
            "a move of 500: guardrails, edit, answer",
            lambda data=data: client.post(f"{base}/moves", data={**data, "overrule": "measured"}, headers=FORM),
        )
        timed("what follows a move: figures, tree, rows", lambda: client.get(f"{base}/standing", headers=PART))
        timed("owners of the map after a move", lambda: client.get(f"{base}/ownership"))
        timed("the page", lambda: client.get(base))
        timed("rows, another page", lambda turn=turn: client.get(f"{base}/rows?page={turn + 2}", headers=PART))
        timed("rows by potential", lambda: client.get(f"{base}/rows?sort=measure_potential&down=yes", headers=PART))
        timed("rows by territory", lambda: client.get(f"{base}/rows?sort=territory", headers=PART))
        timed("rows by name", lambda: client.get(f"{base}/rows?sort=name", headers=PART))
        timed("rows found by name", lambda turn=turn: client.get(f"{base}/rows?q=Company+{turn + 10}", headers=PART))
    del taken["first"][1:]
    return {
        "first_ms": taken.pop("first")[0],
        "page_kb": len(gzip.compress(first.content)) / 1000,
        "ms": {name: (float(np.median(ms)), float(np.quantile(ms, 0.95))) for name, ms in taken.items()},
    }


def a_large_plan(tx: Any, accounts: int, territories: int) -> None:
    """A draft of that size, made without a carve: territories about centres in the United States, a rep each."""
    from builders import publishing as made
    from patchbook.db.record import record_of
    from patchbook.plans import results, store

    draw = np.random.default_rng(2)
    names = [f"Territory {number}" for number in range(territories)]
    owner = np.arange(accounts) % territories
    placed = pl.DataFrame(
        {
            "account_id": "account-" + pl.Series(np.arange(accounts)).cast(pl.String).str.zfill(7),
            "territory": pl.Series(names).gather(owner),
        }
    )
    staff = [f"rep{number}" for number in range(territories)]
    result = made.carved("Large", dict(zip(names, staff, strict=True)), placed, {})
    potential = draw.lognormal(8, 1, accounts)
    north, east = draw.uniform(28, 47, territories), draw.uniform(-120, -75, territories)
    held = np.bincount(owner, potential, territories)
    before = np.where(draw.random(accounts) < 0.1, (owner + 1) % territories, owner)
    result = replace(
        result,
        accounts=result.accounts.with_columns(
            name=pl.Series([f"Company {number}" for number in draw.permutation(accounts)]),
            latitude=pl.Series(north[owner] + draw.normal(0, 0.7, accounts)),
            longitude=pl.Series(east[owner] + draw.normal(0, 0.9, accounts)),
            measure_potential=pl.Series(potential),
        ),
        assignments=result.assignments.with_columns(previous_owner=pl.Series(staff).gather(before)),
        territories=result.territories.with_columns(
            potential_target=pl.Series(held * draw.uniform(0.96, 1.04, territories))
        ),
    )
    made.people(tx, "pat", *staff)
    store.add(
        tx,
        made.RecordedPlan(
            plan_id=PLAN,
            name="Large",
            document=made.DOCUMENT.format(name="Large"),
            owner_id="pat",
            made_by="pat",
            made_at=made.NOW,
            result_id=results.keep(result, record_of(tx).folder),
            snapshot_id="accounts-0000000000000000",
        ),
        what="started it",
    )


if __name__ == "__main__":
    main()
