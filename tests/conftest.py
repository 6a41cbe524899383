"""What holds for every test: none is skipped, and none depends on luck or on how busy the machine is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import Connection

from builders.compiled_once import compile_once
from builders.nothing_skipped import (  # noqa: F401 - hooks of pytest
    pytest_collectreport,
    pytest_runtest_logreport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
from builders.postgres import Server, a_server
from builders.ram_disk import use_ram_disk
from builders.sharing import made_once
from patchbook.db import Record, create_record, open_record

if TYPE_CHECKING:
    from patchbook.demo.workspace import Workspace

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("searching", deadline=None, database=None, max_examples=1000)
settings.load_profile("steady")
"""`make test` draws the same examples each time; `make test ARGS=--hypothesis-profile=searching` looks for new ones."""


def pytest_configure() -> None:
    """Before anything temporary is made or printed, in every process that shares the run."""
    use_ram_disk()
    compile_once()
    os.environ.pop("COLUMNS", None)  # readline tells it to processes that are begun, and they would fold lines


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """One real server for the whole session; a run shared among processes has one for each."""
    with a_server() as server:
        yield server


@pytest.fixture(scope="session")
def _made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "made", lambda folder: create_record(folder).close())


@pytest.fixture(scope="session")
def _made_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("made") / "data"
    url = postgresql_server.new_database()
    create_record(folder, url=url).close()
    return folder, url.rsplit("/", 1)[1]


@pytest.fixture
def sqlite_record(tmp_path: Path, _made_sqlite: Path) -> Iterator[Record]:
    """An empty record in a SQLite file."""
    record = open_record(shutil.copytree(_made_sqlite, tmp_path / "sqlite-data"))
    yield record
    record.close()


@pytest.fixture
def postgresql_record(
    tmp_path: Path, _made_postgresql: tuple[Path, str], postgresql_server: Server
) -> Iterator[Record]:
    """An empty record in a PostgreSQL database."""
    with _copied(_made_postgresql, postgresql_server, tmp_path / "postgresql-data") as record:
        yield record


@contextmanager
def _copied(made: tuple[Path, str], server: Server, folder: Path) -> Iterator[Record]:
    """A copy of a record on PostgreSQL, dropped at the end."""
    url = server.new_database(like=made[1])
    record = open_record(shutil.copytree(made[0], folder), url=url)
    yield record
    record.close()
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def record(request: pytest.FixtureRequest) -> Record:
    """An empty record, once on each engine: what is true of one is true of the other."""
    found: Record = request.getfixturevalue(f"{request.param}_record")
    return found


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def _company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The company of `builders.roles`, made once for each engine."""
    from builders.roles import a_company

    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgresql_server").new_database()
    record = create_record(tmp_path_factory.mktemp("company") / "data", url=url)
    with record.writing() as tx:
        a_company(tx)
    yield record
    record.close()


@pytest.fixture
def company_tx(_company: Record) -> Iterator[Connection]:
    """A transaction in that company, on each engine; whatever a test does in it is undone."""
    with _company.engine.connect() as tx:
        tx.info.clear()
        tx.info["record"] = _company
        with tx.begin() as begun:
            yield tx
            begun.rollback()


@pytest.fixture(scope="session")
def _made_sqlite_sellers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from builders.leads import a_company

    def make(folder: Path) -> None:
        record = create_record(folder)
        a_company(record)
        record.close()

    return made_once(tmp_path_factory, "leads", make)


@pytest.fixture(scope="session")
def _made_postgresql_sellers(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> tuple[Path, str]:
    from builders.leads import a_company

    folder = tmp_path_factory.mktemp("leads") / "data"
    url = postgresql_server.new_database()
    record = create_record(folder, url=url)
    a_company(record)
    record.close()
    return folder, url.rsplit("/", 1)[1]


@pytest.fixture
def sqlite_sellers(tmp_path: Path, _made_sqlite_sellers: Path) -> Iterator[Record]:
    """The company of `builders.leads`, made once and copied, in a SQLite file."""
    record = open_record(shutil.copytree(_made_sqlite_sellers, tmp_path / "sqlite-leads"))
    yield record
    record.close()


@pytest.fixture
def postgresql_sellers(
    tmp_path: Path, _made_postgresql_sellers: tuple[Path, str], postgresql_server: Server
) -> Iterator[Record]:
    """The same in a PostgreSQL database."""
    with _copied(_made_postgresql_sellers, postgresql_server, tmp_path / "postgresql-leads") as record:
        yield record


@pytest.fixture(params=["sqlite", "postgresql"])
def sellers(request: pytest.FixtureRequest) -> Record:
    """People, a published plan and a pool that leads come to, on each engine."""
    found: Record = request.getfixturevalue(f"{request.param}_sellers")
    return found


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The demo's workspace as of DEMO_NOW, made once; whoever changes anything takes `demo_record`."""
    from builders.demo_workspace import a_workspace, found

    folder = made_once(tmp_path_factory, "demo-workspace", a_workspace)
    workspace = found(folder)
    assert workspace is not None
    return workspace


@pytest.fixture
def demo_record(tmp_path: Path, demo_workspace: Workspace) -> Iterator[Record]:
    """A copy of the workspace's record, in a SQLite file."""
    from builders.demo_workspace import copied

    record = open_record(copied(demo_workspace, tmp_path / "demo").record)
    yield record
    record.close()
