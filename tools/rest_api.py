"""Writes the pages of the reference about the REST API: the OpenAPI document, and the list of operations."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from patchbook.db import create_record
from patchbook.web.app import create_app

HEAD = """# REST API

{made}

`patchbook serve` answers under `/api/v1/` with JSON. The whole description, with every field, is
{{download}}`openapi.json <openapi.json>`, which the server gives at `/api/v1/openapi.json`.

**Who asks.** Send an API token as `Authorization: Bearer patchbook_…` (`patchbook token make`), or sign in with
`POST /api/v1/session` and keep the cookie; writes with a cookie must come from the same origin. The column *may* names
the deed an operation is; {{doc}}`../explanation/security` says which roles may do which. What one may not see is
answered as if it were not there.

**Refusals** are problem documents (`application/problem+json`, RFC 9457). `detail` is one sentence that says what was
found and what would be right; `type` names the kind for programs and stays the same.

| Status | |
|---|---|
| 401 | nobody is signed in, or the token is no longer good |
| 403 | no role held may do this |
| 404 | it is not there, or not for the one who asks |
| 409 | somebody changed it first, or its state does not allow it |
| 413 | the body is too large |
| 422 | the input is wrong, or no answer meets every constraint |
| 429, 503 | too many tries, or the record is busy; `Retry-After` says when to ask again |

**Lists** are pages: `limit` (up to 1000) says how many, `next` of one page is sent as `after` to get the following, and
the `Link` header has its whole address. Any list is CSV for `Accept: text/csv`, safe to open in a spreadsheet.

**Writes** take an `Idempotency-Key`: sent again within three days, the same request with the same key gets the same
answer and is not done twice; another request with that key is refused (422), and one while the first is still under
way too (409). Deeds on leads take no key: a lead is known by its source's id, and what decides again takes `read`, the
number of decisions one has seen, and is refused (409) where there are more.

**Dates** are ISO 8601; a date alone means its first instant in UTC. Periods are half-open. Changes of people take
`?preview=true`, which tells what would change and changes nothing.
"""


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of the application."""
    with tempfile.TemporaryDirectory() as folder:
        record = create_record(Path(folder) / "data")
        try:
            app = create_app(record)
            app.state.jobs.close()
            return app.openapi()
        finally:
            record.close()


def openapi() -> str:
    """The document as it is stored, so that a change of it is seen and reviewed."""
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def operations_page(made: str) -> str:
    """Every operation in a row, under the concept it belongs to."""
    tags: dict[str, list[str]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            about = " ".join(str(operation["description"]).split())
            row = f"| `{method.upper()} {path.removeprefix('/api/v1')}` | {about} | {operation['x-patchbook-deed']} |"
            tags.setdefault(operation["tags"][0], []).append(row)
    sections = [
        "\n".join([f"## {tag.capitalize()}\n", "| | | may |\n|---|---|---|", *rows, ""]) for tag, rows in tags.items()
    ]
    return "\n".join([HEAD.format(made=made), *sections])
