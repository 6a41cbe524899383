"""Somebody who looks at pages, without a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from builders.plans import ADA, HIRED, TUESDAY, a_carved_plan, a_market
from builders.sharing import made_once
from patchbook import access
from patchbook.db.record import Record, create_record, open_record
from patchbook.people.principal import Role, system
from patchbook.plans import actions as plans

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


@pytest.fixture(scope="session")
def _made_market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "market", make_the_market)


def make_the_market(folder: Path) -> None:
    """The record of the market, with both its plans carved."""
    record = create_record(folder)
    a_market(record)
    first = a_carved_plan(record)
    with record.writing() as tx:
        for who, role in (("ada", Role.PLANNER), ("mia", Role.MANAGER), ("ann", Role.REP)):
            access.grant(tx, who, role, by=system(), at=HIRED)
        anew = plans.clone(tx, first.plan_id, "Anew", by=ADA, at=TUESDAY)
        document = anew.document.replace("compact: true", "compact: true, travel: 0.01")
        plans.change_document(tx, anew.plan_id, document, revision=1, by=ADA, at=TUESDAY)
    plans.carve_now(record, anew.plan_id, by=ADA, clock=lambda: TUESDAY)
    record.close()


@pytest.fixture
def market(tmp_path: Path, _made_market: Path) -> Iterator[Record]:
    """The market of `builders.plans`: its plan and a scenario, called Anew, both carved; Ada plans, Mia manages."""
    record = open_record(shutil.copytree(_made_market, tmp_path / "market"))
    yield record
    record.close()
