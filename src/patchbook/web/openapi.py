"""The description of the API, made from the code: what is served, stored in the docs, and tested against."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from patchbook.web import policy
from patchbook.web.errors import PROBLEM, Problem
from patchbook.web.idempotency import HEADER, SAFE
from patchbook.web.lane import AT_DESK
from patchbook.web.policy import Anybody

ABOUT = """Territories, plans, people, and who owned what, when and why.

Errors are problem documents (RFC 9457) whose `detail` is one sentence. Lists are paged: send `next` as `after`. Any
list is CSV for `Accept: text/csv`. Every write takes an `Idempotency-Key`: sent again, it is answered as before. Deeds
on leads take none, and say what they do when they are sent again.
What one may not see is answered as if it were not there."""


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token."},
        "session": {"type": "apiKey", "in": "cookie", "name": "patchbook-session", "description": "A session."},
    }
    for path in document["paths"].values():
        for method, operation in path.items():
            _complete(method.upper(), operation)
    app.openapi_schema = document
    return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Say of an operation what is true of all."""
    refused = {"description": "Refused; the detail says why.", "content": {PROBLEM: {"schema": _REFERENCE}}}
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = refused
    who = policy.POLICY.get(operation["operationId"])
    if who is not None and who is not Anybody.PUBLIC:
        operation["security"] = [{"token": []}, {"session": []}]
        if method not in SAFE and operation["operationId"] not in AT_DESK:
            operation.setdefault("parameters", []).append(_KEY)
    if who is not None:
        operation["x-patchbook-deed"] = str(who)


_REFERENCE = {"$ref": "#/components/schemas/Problem"}

_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Chosen by the caller; the same key and request get the same answer, and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
