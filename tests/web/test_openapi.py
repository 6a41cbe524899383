"""The description of the API is complete, is what is served, and is stored where a change of it is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import patchbook
from patchbook.db import create_record
from patchbook.web.app import create_app
from patchbook.web.lane import AT_DESK
from patchbook.web.policy import POLICY, Anybody

STORED = Path(patchbook.__file__).parents[2] / "docs" / "reference" / "openapi.json"


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    record = create_record(tmp_path_factory.mktemp("described") / "data")
    yield TestClient(create_app(record)).get("/api/v1/openapi.json").json()
    record.close()


def operations(document):
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_what_is_served_is_what_is_stored(document):
    assert document == json.loads(STORED.read_text(encoding="utf-8")), "look at the change, then run `make reference`"


def test_every_operation_says_what_it_does_and_who_may(document):
    found = operations(document)

    assert set(found) == set(POLICY)
    for name, (_, _, operation) in found.items():
        assert operation["description"].endswith("."), name
        assert operation["x-patchbook-deed"] == str(POLICY[name]), name
        assert "application/problem+json" in operation["responses"]["default"]["content"], name
        assert ("security" in operation) == (POLICY[name] is not Anybody.PUBLIC), name


def test_every_write_of_somebody_takes_an_idempotency_key_but_for_deeds_on_leads(document):
    for name, (method, _, operation) in operations(document).items():
        keys = [parameter for parameter in operation.get("parameters", []) if parameter["name"] == "Idempotency-Key"]
        takes = method != "GET" and POLICY[name] is not Anybody.PUBLIC and name not in AT_DESK
        assert len(keys) == takes, name


def test_every_body_refuses_what_it_does_not_know(document):
    for name, (_, _, operation) in operations(document).items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "$ref" in content["schema"]:
                schema = document["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
                assert schema["additionalProperties"] is False, name


def test_every_list_is_paged_or_whole(document):
    for name, (method, path, operation) in operations(document).items():
        if not name.startswith("list_"):
            continue
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert method == "GET", name
        assert {"after", "limit"} <= names or not {"after", "limit"} & names, path
