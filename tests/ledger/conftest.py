"""A record for all tests of a file, and counting the statements a question takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Connection, event

from builders.ledger import a_company, assign
from builders.postgres import Server
from patchbook.db import Record, create_record


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """A record on each engine for tests that take back what they do: making one takes longer than asking it."""
    url = None
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql_server")
        url = server.new_database()
    record = create_record(tmp_path_factory.mktemp("ledger") / "data", url=url)
    yield record
    record.close()


@pytest.fixture(scope="module")
def told(ledger: Record) -> Record:
    """Acme and Apex in the north-west, Birch in the south-west, Cedar in the east; told in a deed of its own."""
    with ledger.writing() as tx:
        a_company(tx)
    with ledger.writing() as tx:
        assign(tx, {"acme": "north-west", "apex": "north-west", "birch": "south-west", "cedar": "east"})
    return ledger


@pytest.fixture
def market(told: Record) -> Iterator[Connection]:
    """A transaction in which a test may do what it likes; nothing of it stays."""
    with told.engine.connect() as tx:
        tx.info.clear()
        tx.info["record"] = told
        transaction = tx.begin()
        yield tx
        transaction.rollback()


@pytest.fixture
def statements() -> Callable[[Record | Connection], AbstractContextManager[list[str]]]:
    """The statements sent to a database while a block runs."""

    @contextmanager
    def counted(asked: Record | Connection) -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            if statement != "BEGIN":
                seen.append(statement)

        event.listen(asked.engine, "before_cursor_execute", note)
        yield seen
        event.remove(asked.engine, "before_cursor_execute", note)

    return counted
