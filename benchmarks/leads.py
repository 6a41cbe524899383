"""How fast `POST /leads` answers with the decision on the disk, while another process publishes a plan.

    python -m benchmarks.leads [--accounts 1000000] [--rules 2000] [--rate 100] [--seconds 60]
                               [--engine postgresql sqlite] [--json]

A server of its own is asked at a fixed rate over HTTP. A request counts from when it should have been sent, whether or
not one before it was still being answered, so a stall is seen in all the requests it kept waiting. Half of the leads
are of accounts the record knows, half are placed by the rules. In the middle another process publishes a plan that
moves every tenth account.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import Any

TARGET_MS = 100.0
TESTS = Path(__file__).parent.parent / "tests"
CLIENTS = 64
PEOPLE = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=2_000)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--engine", nargs="+", default=["postgresql", "sqlite"], choices=["sqlite", "postgresql"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--publish", nargs=2, metavar=("FOLDER", "PLAN"), help=argparse.SUPPRESS)
    parser.add_argument("--serve", nargs=2, metavar=("FOLDER", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    if asked.publish:
        publish(*asked.publish)
        return
    if asked.serve:
        from patchbook.web.app import serve_record

        serve_record(asked.serve[0], port=int(asked.serve[1]), say=lambda text: None)
        return
    from builders.postgres import a_server

    figures = {}
    for engine in asked.engine:
        with (
            tempfile.TemporaryDirectory() as folder,
            a_server() if engine == "postgresql" else nullcontext() as server,
        ):
            url = server.new_database() if server is not None else None
            figures[engine] = measured(Path(folder) / "data", url, asked)
    if asked.json:
        print(json.dumps(figures))
        return
    print(
        f"POST /leads at {asked.rate} a second for {asked.seconds} s, {asked.accounts:,} accounts,"
        f" {asked.rules:,} rules, while a plan is published"
    )
    print(f"  {'':12} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>9} {'failed':>7} {'publish s':>10}  plans")
    for engine, one in figures.items():
        plans = ", ".join(f"{count:,}" for count in one["versions"].values())
        print(
            f"  {engine:<12} {one['p50_ms']:>8.1f} {one['p99_ms']:>8.1f} {one['max_ms']:>9.1f} {one['failed']:>7,}"
            f" {one['publish_seconds']:>10.1f}  {plans};"
            f" {one['replayed_equal']:,} of {one['decisions']:,} come out again"
        )
    print(f"  target: p99 at most {TARGET_MS:g} ms and no failure on PostgreSQL")


def measured(folder: Path, url: str | None, asked: argparse.Namespace) -> dict[str, Any]:
    """The figures of one engine."""
    secret, second = a_market(folder, url, asked.accounts, asked.rules)
    environment = dict(os.environ)
    if url:
        environment["PATCHBOOK_DATABASE_URL"] = url
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.leads"]
    serving = subprocess.Popen([*command, "--serve", str(folder), str(port)], env=environment)
    try:
        warm(port, secret)
        begun = time.perf_counter()
        publishing: list[subprocess.Popen[bytes]] = []
        ended: list[float] = []

        def publish_beside() -> None:
            time.sleep(asked.seconds / 6)
            start = time.perf_counter()
            publishing.append(subprocess.Popen([*command, "--publish", str(folder), second], env=environment))
            publishing[0].wait()
            ended.append(time.perf_counter() - start)

        beside = threading.Thread(target=publish_beside)
        beside.start()
        took, failed = load(port, secret, asked.rate, asked.seconds, begun)
        beside.join()
    finally:
        serving.terminate()
        serving.wait()
    took.sort()
    middle, most = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    print(f"  {len(took):,} answered: p50 {middle:.1f} ms, p99 {most:.1f} ms, {failed:,} failed", file=sys.stderr)
    return {
        "p50_ms": middle,
        "p99_ms": most,
        "max_ms": took[-1] * 1000,
        "failed": failed,
        "publish_seconds": ended[0],
        **looked_at(folder, url),
    }


def a_market(folder: Path, url: str | None, accounts: int, rules: int) -> tuple[str, str]:
    """A record with a published plan of rules and another approved one; a token, and the other plan's id."""
    import polars as pl
    from sqlalchemy import insert

    from builders.leads import PAT, approved_of
    from builders.publishing import people as employ
    from patchbook import access
    from patchbook.access.store import role_held
    from patchbook.db import create_record
    from patchbook.imports import actions as imports
    from patchbook.people.permission import Deed
    from patchbook.publishing import actions as publishing

    now = datetime.now(UTC)
    record = create_record(folder, url=url)
    number = pl.int_range(accounts, eager=True)
    zips = (number * 7919 % 99_000 + 600).cast(pl.String).str.zfill(5)
    frame = pl.DataFrame(
        {
            "account_id": "A" + number.cast(pl.String),
            "name": "Company " + number.cast(pl.String),
            "domain": "company" + number.cast(pl.String) + ".com",
            "country": pl.Series(["US"]).new_from_index(0, accounts),
            "postal_code": zips,
        }
    )
    step = 99_500 // rules + 1
    place = (frame["postal_code"].cast(pl.Int64) // step).clip(0, rules - 1)
    names = [f"T{one}" for one in range(rules)]
    conditions = {
        name: f"postal_code >= '{one * step:05}' AND postal_code < '{(one + 1) * step:05}'"
        for one, name in enumerate(names)
    }
    staff = [f"rep{one}" for one in range(PEOPLE)]
    with record.writing() as tx:
        employ(tx, *staff, "pat", "root")
        held = {"territory_id": None, "source": "", "by": "system", "at": now}
        rows = [
            {"held_id": f"role-{who}", "person_id": who, "role": role, **held}
            for who, role in (("pat", "planner"), ("root", "admin"))
        ]
        tx.execute(insert(role_held), rows)
        secret = access.make_token(tx, "load", list(Deed), by=PAT, at=now).secret
        imports.accounts(tx, frame, name="accounts", by=PAT, at=now)
        staffed = {name: staff[one % PEOPLE] for one, name in enumerate(names)}
        texts = pl.Series(names)
        one = frame.select("account_id").with_columns(territory=texts.gather(place))
        moved = pl.select(pl.when(number % 10 == 0).then((place + 1) % rules).otherwise(place)).to_series()
        two = frame.select("account_id").with_columns(territory=texts.gather(moved))
        first = approved_of(tx, "First", staffed, one, conditions, at=now)
        turned = dict(zip(conditions, [*list(conditions.values())[1:], conditions[names[0]]], strict=True))
        second = approved_of(tx, "Second", staffed, two, turned, at=now)
    with record.writing() as tx:
        publishing.publish(tx, first, on=now - timedelta(days=30), by=PAT, at=now)
    record.close()
    return secret, second


def publish(folder: str, plan_id: str) -> None:
    """Publish the second plan from an hour ago."""
    from builders.leads import PAT
    from patchbook.db import open_record
    from patchbook.publishing import actions as publishing

    record = open_record(folder)
    now = datetime.now(UTC)
    with record.writing() as tx:
        publishing.publish(tx, plan_id, on=now - timedelta(hours=1), by=PAT, at=now)
    record.close()


def lead(number: int) -> bytes:
    """A lead as a form sends it: every second of an account that is known."""
    said = {"company": f"Company {number * 37}", "website": f"https://www.company{number * 37}.com", "country": "US"}
    if number % 2:
        said = {"company": f"Unheard {number}", "country": "US", "zip": f"{number * 7919 % 99_000 + 600:05}"}
    said["email"] = f"somebody{number}@gmail.com"
    return json.dumps({"source": "load", "source_id": str(number), "fields": said}).encode()


def warm(port: int, secret: str) -> None:
    """Wait until the server answers, its plan made ready."""
    for number in range(600):
        try:
            if ask(http.client.HTTPConnection("127.0.0.1", port, timeout=300), secret, -1 - number) in (200, 201):
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The server never answered.")


def ask(connection: http.client.HTTPConnection, secret: str, number: int) -> int:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/leads", lead(abs(number)) if number >= 0 else lead(10**6 - number), headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def load(port: int, secret: str, rate: int, seconds: int, begun: float) -> tuple[list[float], int]:
    """Ask at a fixed rate; how long each took from when it was due, and how many failed."""
    due: Queue[tuple[int, float] | None] = Queue()
    took: list[float] = []
    failures: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while (next_one := due.get()) is not None:
            number, when = next_one
            try:
                status = ask(connection, secret, number)
            except (OSError, http.client.HTTPException):
                status = 0
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            took.append(time.perf_counter() - when)
            if status != 201:
                failures.append(status)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for number in range(rate * seconds):
        when = begun + number / rate
        time.sleep(max(0.0, when - time.perf_counter()))
        due.put((number, when))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    if failures:
        print(f"  failed: {dict(Counter(failures))}", file=sys.stderr)
    return took, len(failures)


def looked_at(folder: Path, url: str | None) -> dict[str, Any]:
    """How many decisions there are of each plan, and how many come out the same when they are made again."""
    from sqlalchemy import func, select

    from builders.leads import PAT
    from patchbook.db import open_record
    from patchbook.leads import replaying
    from patchbook.leads.tables import decision

    record = open_record(folder, url=url)
    with record.reading() as tx:
        query = select(decision.c.publication_id, func.count()).group_by(decision.c.publication_id)
        versions = {str(row[0]): int(row[1]) for row in tx.execute(query)}
        verified = replaying.verify(tx, by=PAT, at=datetime.now(UTC))
    record.close()
    return {"versions": versions, "decisions": verified.decisions, "replayed_equal": verified.equal}


if __name__ == "__main__":
    main()
