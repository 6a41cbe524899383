"""Somebody who looks at pages, without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from patchbook import access
from patchbook.db.record import Record

HEADERS = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}

Visitors = Callable[..., TestClient]


@pytest.fixture
def record(sqlite_record: Record) -> Record:
    """Pages are put together from what the API gives on both engines; on one they are looked at."""
    return sqlite_record


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[Visitors]:
    """`visitor("ron")` looks as Ron, signed in; `visitor()` as nobody. Redirects are not followed."""
    record: Record = app.state.record
    with ExitStack() as stack:

        def made(who: str | None = None) -> TestClient:
            client = TestClient(app, base_url="http://testserver", headers=HEADERS, follow_redirects=False)
            if who is not None:
                with record.writing() as tx:
                    begun = access.begin(tx, who, how="test", at=app.state.clock())
                client.cookies.set("patchbook-session", begun.secret)
            return stack.enter_context(client)

        yield made
