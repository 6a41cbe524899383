"""From a refusal to an answer: one table says which HTTP status each kind of error has (RFC 9457 problem documents)."""

from __future__ import annotations

import inspect
import logging
import re
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from patchbook.access.oidc import SignInFailed
from patchbook.access.passwords import TooManyTries, WrongPassword
from patchbook.db.record import Busy
from patchbook.errors import BadInput, Conflict, Infeasible, NotAllowed, NotFound, PatchbookError

PROBLEM = "application/problem+json"

log = logging.getLogger("patchbook.web")


class NotSignedIn(NotAllowed):
    """Nobody is signed in, or what they signed in with is no longer good."""


class FromElsewhere(NotAllowed):
    """A page of another site tried to write with this browser's session."""


class NoSuchPage(NotFound):
    """There is nothing at this address."""


class WrongMethod(BadInput):
    """The address is there, but not for this method."""

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address takes {allowed or 'other methods'}, not this one.")
        self.allowed = allowed


class TooLarge(BadInput):
    """The body is larger than what is taken here."""


class NotUnderstood(BadInput):
    """The request does not have the form the API description gives."""

    def __init__(self, message: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or []


class Refused(Conflict):
    """The database itself refuses: it would have held two facts that contradict each other."""


STATUSES: Mapping[type[PatchbookError], int] = {
    NotSignedIn: 401,
    WrongPassword: 401,
    SignInFailed: 401,
    TooManyTries: 429,
    FromElsewhere: 403,
    NotAllowed: 403,
    NotFound: 404,
    WrongMethod: 405,
    Busy: 503,
    Conflict: 409,
    TooLarge: 413,
    BadInput: 422,
    Infeasible: 422,
    PatchbookError: 422,
}
"""Kind of error → HTTP status; the nearest ancestor named here counts."""

PASSING = frozenset({401, 413, 429, 503})
"""Statuses that say nothing about the deed; asked again, the answer may be another."""


class Problem(BaseModel):
    """What went wrong, in one sentence, and what kind of thing it is (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A stable name of the kind of problem, such as `urn:patchbook:error:not-found`.")
    title: str = Field(description="What this kind of problem is.")
    status: int
    detail: str = Field(description="What was found, where, and what would be right.")
    request_id: str = Field(description="Names this request in the server's log.")
    errors: list[dict[str, str]] = Field(default=[], description="Each field at fault, where there are several.")


def status_of(error: PatchbookError) -> int:
    """The HTTP status of a refusal."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def problem(error: PatchbookError, request_id: str) -> Problem:
    """The document that tells a refusal."""
    kind = type(error)
    about = (inspect.getdoc(kind) or kind.__name__).splitlines()[0]
    return Problem(
        type=f"urn:patchbook:error:{re.sub(r'(?<!^)(?=[A-Z])', '-', kind.__name__).lower()}",
        title=about,
        status=status_of(error),
        detail=str(error) or about,
        request_id=request_id,
        errors=error.errors if isinstance(error, NotUnderstood) else [],
    )


def answer(error: PatchbookError, request: Request) -> JSONResponse:
    """The answer that tells a refusal."""
    told = problem(error, request_id(request))
    headers = {"WWW-Authenticate": "Bearer"} if told.status == 401 else {}
    if told.status in (429, 503):
        headers["Retry-After"] = str(getattr(error, "retry_after_seconds", 5))
    if isinstance(error, WrongMethod):
        headers["Allow"] = error.allowed
    return JSONResponse(told.model_dump(), told.status, headers, media_type=PROBLEM)


def meant(error: Exception) -> PatchbookError | None:
    """The refusal an exception of a library stands for, or None where it is a fault of ours."""
    if isinstance(error, PatchbookError):
        return error
    if isinstance(error, RequestValidationError):
        return _not_understood(error)
    if isinstance(error, HTTPException):
        return _of_starlette(error)
    if isinstance(error, IntegrityError):
        return Refused(f"The record refuses this: {_said_by_database(error)}. Look at what is there now and try again.")
    if isinstance(error, DataError):
        return NotUnderstood("A value in the request cannot be kept by the database; correct it and try again.")
    return None


def request_id(request: Request) -> str:
    """The name of this request in answers and in the log."""
    found = request.scope.get("patchbook.request_id")
    return str(found) if found else new_request_id()


def new_request_id() -> str:
    """A name for a request."""
    return f"request-{secrets.token_hex(8)}"


def add_handlers(app: FastAPI, handler: Any) -> None:
    """Let one handler answer everything that can be refused."""
    for kind in (PatchbookError, RequestValidationError, HTTPException, IntegrityError, DataError):
        app.add_exception_handler(kind, handler)


def _not_understood(error: RequestValidationError) -> NotUnderstood:
    faults = [{"where": _place(fault["loc"]), "what": str(fault["msg"])[:300]} for fault in list(error.errors())[:50]]
    first = faults[0]
    more = f" ({len(faults) - 1} more below)" if len(faults) > 1 else ""
    return NotUnderstood(f"{first['where']}: {first['what']}{more}.", faults)


def _place(location: tuple[Any, ...]) -> str:
    where, *path = (str(part) for part in location)
    return " ".join([where, ".".join(path)]).strip()[:200]


def _of_starlette(error: HTTPException) -> PatchbookError:
    if error.status_code == 404:
        return NoSuchPage("There is nothing at this address; /api/v1/openapi.json lists what there is.")
    if error.status_code == 405:
        return WrongMethod((error.headers or {}).get("Allow", ""))
    if error.status_code == 413:
        return TooLarge(str(error.detail))
    return NotUnderstood(str(error.detail))


def _said_by_database(error: IntegrityError) -> str:
    """The first line of what the database says, without the values in it."""
    said = str(error.orig).splitlines()[0].strip()
    return said.removeprefix("ERROR:").strip().rstrip(".")[:300]
