"""How long the server takes for the pages about rules, with many accounts and a long rule book.

    python -m benchmarks.web.rules [--accounts 100000] [--rules 2000] [--seed 1] [--json]

Times are of the whole request inside this process, without a network: first look after a start apart, then every page
again and again while the prover runs beside it, and once it is done.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from fastapi.testclient import TestClient

from benchmarks.rules import make_accounts, make_rules
from patchbook import access
from patchbook.db import create_record
from patchbook.imports import actions as imports
from patchbook.people.principal import Role, system
from patchbook.plans import actions as plans
from patchbook.plans import rule_actions
from patchbook.web.app import create_app
from patchbook.web.pages.rules.proofs import PROOFS

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
TIMES = 30


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    figures = measure(options.accounts, options.rules, options.seed)
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{options.accounts:,} accounts, {options.rules:,} rules; milliseconds")
    for name, figure in figures.items():
        print(f"  {name:44}{figure:12,.1f}")


def measure(accounts: int, rules: int, seed: int) -> dict[str, float]:
    """All figures of one run, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        record = create_record(Path(folder) / "record")
        frame = make_accounts(accounts, seed)
        table = frame.with_columns(("A" + pl.col("id").cast(pl.String)).alias("account_id"))
        texts = make_rules(rules, frame, seed)
        with record.writing() as tx:
            people = b"person_id,name,email,role\npia,Pia,pia@example.com,Planner\n"
            imports.people(tx, people, name="people.csv", employed_from=NOW, by=system(), at=NOW)
            imports.accounts(tx, table.write_csv().encode(), name="accounts.csv", by=system(), at=NOW)
            access.grant(tx, "pia", Role.PLANNER, by=system(), at=NOW)
            plan = plans.start(tx, "Benchmark", _document(texts), by=system(), at=NOW)
            begun = access.begin(tx, "pia", how="benchmark", at=NOW)
        client = TestClient(create_app(record, clock=lambda: NOW), headers={"Sec-Fetch-Site": "same-origin"})
        client.cookies.set("patchbook-session", begun.secret)
        return _figures(client, record, plan.plan_id)


def _figures(client: TestClient, record, plan_id: str) -> dict[str, float]:  # type: ignore[no-untyped-def]
    path = f"/plans/{plan_id}/rules"

    def asked(more: str) -> Callable[[], None]:
        def ask() -> None:
            answer = client.get(path + more)
            assert answer.status_code == 200, answer.text[:500]

        return ask

    found = {"first look after a start": timed(asked(""))}
    looks = {
        "rules": "",
        "the last page": "?find=Rule%2019",
        "one layer": "/layers/1500",
        "live count": "/condition?where=employees+%3E+500+AND+state+%3D+%27TX%27&number=1500",
        "values of a field": "/values?field=state",
        "impact of a move": "/change?deed=move&layer=1500&to=3",
    }
    for name, more in looks.items():
        found |= _spread(f"{name}, prover beside", asked(more))
    with record.reading() as tx:
        standing = rule_actions.look(tx, plan_id, by=system(), at=NOW).standing
    found["prover"] = timed(lambda: PROOFS.of(standing, subject=plan_id, wait_seconds=600))
    for name, more in {**looks, "problems": "/problems", "test box": "/test?account_id=A7"}.items():
        found |= _spread(name, asked(more))
    move = {"deed": "move", "layer": "1500", "to": "3", "revision": "1"}
    found["a move"] = timed(lambda: client.post(path, data=move, follow_redirects=False))
    return found


def _spread(name: str, work: Callable[[], object]) -> dict[str, float]:
    times = [timed(work) for _ in range(TIMES)]
    return {f"{name}, p50": statistics.median(times), f"{name}, p95": statistics.quantiles(times, n=20)[18]}


def timed(work: Callable[[], object]) -> float:
    """The milliseconds it took."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _document(texts: list[str]) -> str:
    rules = "".join(
        f"  - rule: {{territory: Rule {number}, where: {json.dumps(text)}}}\n" for number, text in enumerate(texts)
    )
    return f"plan: Benchmark\naccounts: accounts.csv\nlayers:\n{rules}  - house: rest\n"


if __name__ == "__main__":
    main()
