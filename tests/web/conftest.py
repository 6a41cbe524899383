"""The company of `builders.web_company`, served; and clients that are somebody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from builders.web_company import NOW, a_company, principal_of
from patchbook import access
from patchbook.db import Record, open_record
from patchbook.people.permission import Deed
from patchbook.web.app import answer_from, create_app


class Clock:
    """Tells what it is told to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def company(record: Record) -> Record:
    a_company(record)
    return record


@pytest.fixture(scope="session")
def _made_app(_made_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application; which record it answers from is told for each test."""
    return create_app(open_record(shutil.copytree(_made_sqlite, tmp_path_factory.mktemp("app") / "data")))


@pytest.fixture
def app(_made_app: FastAPI, company: Record, clock: Clock) -> Iterator[FastAPI]:
    answer_from(_made_app, company, clock)
    yield _made_app
    _made_app.state.jobs.close()


Clients = Callable[..., TestClient]


@pytest.fixture
def client(app: FastAPI, company: Record) -> Iterator[Clients]:
    """`client("ron")` asks as Ron, by a token that may all he may; `client()` as nobody."""
    with ExitStack() as stack:

        def made(who: str | None = None, *, scopes: list[Deed] | None = None) -> TestClient:
            headers = {"Authorization": f"Bearer {token_of(company, who, scopes)}"} if who else {}
            return stack.enter_context(TestClient(app, base_url="http://testserver/api/v1", headers=headers))

        yield made


def token_of(record: Record, who: str, scopes: list[Deed] | None = None) -> str:
    with record.writing() as tx:
        made = access.make_token(tx, "test", scopes or list(Deed), by=principal_of(who), at=NOW)
    return made.secret
