"""How long the ledger takes to answer, on SQLite and PostgreSQL, beside a bare look-up by an index.

    python -m benchmarks.ledger [--accounts 100000] [--rows 10] [--url URL] [--json]

Each account has --rows facts in its history: published once a quarter for as long as that takes, moved each time. A
book has 2,000 accounts. The facts are written into the record's own tables with all their constraints; then each
question is asked --questions times at dates and states of knowledge drawn by a seed, and the percentiles of the wall
time are told.

- owner: `owner(account, on)` with its reasons; owner as known: with a random `as_known_on` too.
- book: the whole book of one person, in pages of 1,000.
- company: the owner of every account at a date, streamed as Arrow batches.
- bare: one fact read by account from the same table by the driver itself, the least any answer could take.

PostgreSQL is started by the builder the tests use; --url names a database of your own instead, which must be empty.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from patchbook.db import Record, create_record
from patchbook.ledger import actions
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, staffing
from patchbook.people.principal import system
from patchbook.people.store import employment, person
from patchbook.period import microseconds
from patchbook.territories.store import place, seat, territory

BOOK = 2_000
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
QUARTER = timedelta(days=91)
WHY = {"cause": "publish", "source": "publication-1", "reason": "benchmark"}
BY = system()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10, help="facts of each account")
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--url")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    engines = ["postgresql"] if asked.url else asked.engines
    figures = [measured(engine, asked.accounts, asked.rows, asked.questions, asked.url) for engine in engines]
    print(json.dumps(figures) if asked.json else table(figures, asked.accounts, asked.rows))


def measured(engine: str, accounts: int, rows: int, questions: int, url: str | None) -> dict[str, Any]:
    """All figures of one engine."""
    with tempfile.TemporaryDirectory() as folder, a_database(engine, url) as found:
        record = create_record(Path(folder) / "data", url=found)
        start = time.perf_counter()
        last = write(record, accounts, rows)
        written = time.perf_counter() - start
        figures: dict[str, Any] = {"engine": engine, "accounts": accounts, "facts": accounts * rows}
        figures["facts_per_second"] = round(accounts * rows / written)
        figures.update(asked_all(record, accounts, questions, last))
        record.close()
        return figures


@contextmanager
def a_database(engine: str, url: str | None) -> Iterator[str | None]:
    if engine == "sqlite" or url:
        yield url
        return
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from builders.postgres import a_server

    with a_server() as server:
        yield server.new_database()


def write(record: Record, accounts: int, rows: int) -> datetime:
    """A territory for each 2,000 accounts, and `rows` facts for each account; gives the last date of change."""
    homes = [f"territory-{number:05d}" for number in range(max(2, accounts // BOOK))]
    people = [f"person-{number:05d}" for number in range(len(homes))]
    with record.writing() as tx:
        tx.execute(insert(person), [{"person_id": name, "name": name.title()} for name in people])
        work = [{"person_id": name, "valid_from": FIRST, "reason": "hired"} for name in people]
        lay(tx, employment, work, at=FIRST)
        tx.execute(insert(territory), [{"territory_id": name, "made_at": FIRST} for name in homes])
        places = [{"territory_id": name, "name": name.title(), "kind": "geographic"} for name in homes]
        lay(tx, place, [{**each, "valid_from": FIRST, "reason": "founded"} for each in places], at=FIRST)
        seats = [{"seat_id": f"{name}-owner", "territory_id": name, "role": "owner"} for name in homes]
        tx.execute(insert(seat), [{**each, "made_at": FIRST} for each in seats])
        filled = [
            {"seat_id": f"{home}-owner", "person_id": who, "valid_from": FIRST, **WHY}
            for home, who in zip(homes, people, strict=True)
        ]
        lay(tx, staffing, filled, at=FIRST)
    since = FIRST
    # The first plan is one fact an account, each further one two: what remains of the old one, and the new one.
    for plan in range((rows + 1) // 2):
        since = FIRST + plan * QUARTER
        facts = (
            {
                "account_id": f"account-{number:08d}",
                "territory_id": homes[(number // BOOK + plan) % len(homes)],
                "valid_from": since,
                **WHY,
            }
            for number in range(accounts)
        )
        with record.writing() as tx:
            lay(tx, assignment, facts, at=since)
    if rows % 2 == 0:
        plain_history(record, accounts, homes[0])
    if record.is_postgresql:  # as its autovacuum does a little later
        with record.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return since


def plain_history(record: Record, accounts: int, home: str) -> None:
    """One more fact for each account, from before the first plan."""
    until = FIRST - timedelta(days=1)
    facts = (
        {"account_id": f"account-{number:08d}", "territory_id": home, "valid_from": until, "valid_to": FIRST, **WHY}
        for number in range(accounts)
    )
    with record.writing() as tx:
        lay(tx, assignment, facts, at=FIRST)


def asked_all(record: Record, accounts: int, questions: int, last: datetime) -> dict[str, Any]:
    """Every question, asked of accounts, dates and states of knowledge drawn with a seed."""
    draw = random.Random(1)
    seats = max(2, accounts // BOOK)

    def an_account() -> str:
        return f"account-{draw.randrange(accounts):08d}"

    def a_date() -> datetime:
        return FIRST + (last - FIRST) * draw.random() + timedelta(hours=1)

    def a_book(tx: Any) -> int:
        count, after, who = 0, None, f"person-{draw.randrange(seats):05d}"
        while True:
            page = actions.book(tx, who, on=last, after=after, limit=1_000, by=BY, at=last)
            count, after = count + len(page.rows), page.next_cursor
            if after is None:
                return count

    with record.reading() as tx:
        bare = bare_look_up(record, tx)
        found: dict[str, Any] = {
            "bare_us": percentiles(lambda: bare(an_account(), a_date()), questions),
            "owner_us": percentiles(lambda: actions.owner(tx, an_account(), on=a_date(), by=BY, at=last), questions),
            "owner_as_known_us": percentiles(
                lambda: actions.owner(tx, an_account(), on=last, as_known_on=a_date(), by=BY, at=last), questions
            ),
            "history_us": percentiles(lambda: actions.history(tx, an_account(), by=BY, at=last), questions),
            "book_us": percentiles(lambda: a_book(tx), max(20, questions // 10)),
        }
        next(iter(actions.company(tx, on=last, by=BY, at=last)))  # loads the driver
        start = time.perf_counter()
        rows = sum(batch.num_rows for batch in actions.company(tx, on=last, by=BY, at=last))
        found["company_seconds"] = round(time.perf_counter() - start, 2)
        found["company_rows_per_second"] = round(rows / (time.perf_counter() - start))
        assert rows == accounts
        return found


def bare_look_up(record: Record, tx: Any) -> Callable[[str, datetime], Any]:
    """One fact of an account by the driver itself."""
    cursor = tx.connection.cursor()
    mark = "%s" if record.is_postgresql else "?"
    sql = (
        f"SELECT territory_id FROM assignment WHERE account_id = {mark} AND valid_from <= {mark} AND valid_to > {mark}"
    )

    def look_up(account: str, on: datetime) -> Any:
        told: Any = on if record.is_postgresql else microseconds(on)
        cursor.execute(sql, (account, told, told))
        return cursor.fetchone()

    return look_up


def percentiles(question: Callable[[], object], count: int) -> dict[str, int]:
    """Microseconds that half, 95 % and 99 % of the questions stayed below."""
    for _ in range(5):
        question()
    seen = []
    for _ in range(count):
        start = time.perf_counter()
        question()
        seen.append((time.perf_counter() - start) * 1e6)
    cuts = statistics.quantiles(seen, n=100)
    return {"p50": round(cuts[49]), "p95": round(cuts[94]), "p99": round(cuts[98])}


def table(figures: list[dict[str, Any]], accounts: int, rows: int) -> str:
    """The figures for people."""
    lines = [f"{accounts:,} accounts × {rows} facts", ""]
    lines.append(f"{'question':<22} {'engine':<11} {'p50 ms':>9} {'p95 ms':>9} {'p99 ms':>9}")
    for name in ("bare", "owner", "owner_as_known", "history", "book"):
        for each in figures:
            told = "".join(f" {each[f'{name}_us'][cut] / 1000:>9.2f}" for cut in ("p50", "p95", "p99"))
            lines.append(f"{name.replace('_', ' '):<22} {each['engine']:<11}{told}")
    for each in figures:
        company = f"{each['company_rows_per_second']:>12,} rows/s, whole company in {each['company_seconds']} s"
        lines.append(f"{'company at a date':<22} {each['engine']:<11}{company}")
        lines.append(f"{'written':<22} {each['engine']:<11}{each['facts_per_second']:>12,} facts/s")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
