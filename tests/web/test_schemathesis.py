"""Whatever the API description allows, and what it does not: never a failure inside, always the answer described."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from builders.postgres import Server
from builders.web_company import NOW, a_company, principal_of
from patchbook import access
from patchbook.db import Record, create_record
from patchbook.people.permission import Deed
from patchbook.web import policy
from patchbook.web.app import create_app

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
EXAMPLES = 60 if TORTURE else 2
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
ASKED = ("ada", "nora", "ron")


@dataclass(frozen=True)
class Served:
    """One company behind the API, and tokens of some of its people."""

    app: FastAPI
    tokens: dict[str, str]
    statuses: dict[int, int] = field(default_factory=dict)


def served(record: Record) -> Served:
    a_company(record)
    tokens = {}
    for who in ASKED:
        with record.writing() as tx:
            tokens[who] = access.make_token(tx, "test", list(Deed), by=principal_of(who), at=NOW).secret
    return Served(app=create_app(record, clock=lambda: NOW), tokens=tokens)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> Iterator[list[Served]]:
    url = postgresql_server.new_database()
    records = [
        create_record(tmp_path_factory.mktemp("sqlite") / "data"),
        create_record(tmp_path_factory.mktemp("postgresql") / "data", url=url),
    ]
    found = [served(record) for record in records]
    yield found
    for one, record in zip(found, records, strict=True):
        one.app.state.jobs.close()
        record.close()
    postgresql_server.drop(url)


OPERATIONS = sorted(policy.POLICY)


@pytest.fixture(scope="module")
def described(both: list[Served]) -> dict[str, Any]:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", both[0].app)
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_described(name: str, both: list[Served], described: dict[str, Any]):
    operation = described[name]
    takes_something = bool(list(operation.iter_parameters()) or operation.body)
    modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if takes_something else [])]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @seed(2027)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def check(case: Any) -> None:
        for engine, who in ((0, "ada"), (0, "nora"), (0, "ron"), (1, "ada")):
            asked = both[engine]
            response = case.call(app=asked.app, headers={"Authorization": f"Bearer {asked.tokens[who]}"})
            case.validate_response(response, checks=CHECKS)

    check()


def test_every_operation_is_described(described: dict[str, Any]):
    assert sorted(described) == OPERATIONS
