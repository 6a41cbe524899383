"""The company of `builders.leads`, made once for each engine and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.leads import a_company
from builders.postgres import Server
from patchbook.db import Record, create_record, open_record


@pytest.fixture(scope="session")
def _sqlite_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leads") / "data"
    record = create_record(folder)
    a_company(record)
    record.close()
    return folder


@pytest.fixture(scope="session")
def _postgresql_company(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("leads") / "data"
    url = postgresql_server.new_database()
    record = create_record(folder, url=url)
    a_company(record)
    record.close()
    return folder, url.rsplit("/", 1)[1]


@pytest.fixture
def sqlite_company(tmp_path: Path, _sqlite_company: Path) -> Iterator[Record]:
    record = open_record(shutil.copytree(_sqlite_company, tmp_path / "sqlite-leads"))
    yield record
    record.close()


@pytest.fixture
def postgresql_company(
    tmp_path: Path, _postgresql_company: tuple[Path, str], postgresql_server: Server
) -> Iterator[Record]:
    folder, template = _postgresql_company
    url = postgresql_server.new_database(like=template)
    record = open_record(shutil.copytree(folder, tmp_path / "postgresql-leads"), url=url)
    yield record
    record.close()
    postgresql_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def company(request: pytest.FixtureRequest) -> Record:
    """People, a published plan and a pool that leads come to, on each engine."""
    found: Record = request.getfixturevalue(f"{request.param}_company")
    return found
