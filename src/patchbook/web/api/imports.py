"""Imports: accounts, people and opportunities from files."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response

from patchbook.accounts import Accounts
from patchbook.accounts import read as read_accounts
from patchbook.errors import BadInput
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.web.models import InPath, Listed, Out, Paged, When
from patchbook.web.route import UPLOAD, Route
from patchbook.web.signed_in import Clock, Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["imports"])

_FILE = {"schema": {"type": "string", "format": "binary"}}
UPLOADED = {
    UPLOAD: True,
    "requestBody": {
        "required": True,
        "description": "The file itself.",
        "content": {"text/csv": _FILE, "application/octet-stream": _FILE},
    },
}

AS_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


class ImportedOut(Out):
    """One import: how much was taken, how much was refused."""

    import_id: str
    kind: Kind
    name: str
    rows: int
    rejected: int
    by: str
    at: datetime
    snapshot_id: str | None
    gone: int
    notes: list[str]
    mapping: list[dict[str, Any]]


@router.get("/imports")
def list_imports(
    tx: Transaction, person: SignedIn, at: Now, paging: Paged, kind: Kind | None = None
) -> Listed[ImportedOut]:
    """What was imported, the newest first."""
    found = imports.imports(tx, kind=kind, after=paging.after, limit=paging.limit, by=person, at=at)
    return paging.listed(ImportedOut, found)


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A file that came in; accounts are read already, since that takes a while and others want to write."""

    kind: Kind
    name: str
    source: Path | Accounts
    columns: dict[str, str | None] | None


def uploaded(
    request: Request,
    at: Clock,
    kind: Annotated[Kind, Query(description="What the file holds.")],
    name: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00/\\]+$")] = "upload.csv",
    columns: Annotated[
        str | None,
        Query(max_length=10_000, description='Field → column as JSON, where a guess is wrong: {"name": "Company"}.'),
    ] = None,
) -> Uploaded:
    """The file, before the transaction begins."""
    file: Path = request.state.upload
    path = file.rename(file.with_name(f"upload{Path(name).suffix[:10]}"))
    told = _columns(columns)
    if kind is not Kind.ACCOUNTS:
        return Uploaded(kind=kind, name=name, source=path, columns=told)
    read = read_accounts(path, columns=told, as_of=at.date())
    return Uploaded(kind=kind, name=name, source=replace(read, name=name), columns=told)


@router.post("/imports", status_code=201, openapi_extra=UPLOADED)
def import_file(
    what: Annotated[Uploaded, Depends(uploaded)],
    tx: Transaction,
    person: SignedIn,
    at: Now,
    employed_from: Annotated[When | None, Query(description="For people: since when.")] = None,
) -> ImportedOut:
    """Take a file in; the body is the file. What could not be taken is listed, and nothing is half taken."""
    if isinstance(what.source, Accounts):
        made = imports.accounts(tx, what.source, name=what.name, by=person, at=at)
    elif what.kind is Kind.PEOPLE:
        made = imports.people(
            tx, what.source, name=what.name, columns=what.columns, employed_from=employed_from, by=person, at=at
        )
    else:
        made = imports.opportunities(tx, what.source, name=what.name, columns=what.columns, by=person, at=at)
    return ImportedOut.of(made)


@router.get("/imports/{import_id}")
def get_import(import_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> ImportedOut:
    """One import."""
    return ImportedOut.of(imports.get(tx, import_id, by=person, at=at))


@router.get("/imports/{import_id}/rejected.csv", response_class=Response, responses=AS_CSV)
def get_rejected(import_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> FileResponse:
    """What could not be taken, with the reason for each."""
    return FileResponse(imports.rejected_csv(tx, import_id, by=person, at=at), media_type="text/csv")


@router.get("/imports/{import_id}/gone.csv", response_class=Response, responses=AS_CSV)
def get_gone(import_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> FileResponse:
    """Accounts of the import before that this one does not have."""
    return FileResponse(imports.gone_csv(tx, import_id, by=person, at=at), media_type="text/csv")


def _columns(told: str | None) -> dict[str, str | None] | None:
    if told is None:
        return None
    try:
        read = json.loads(told)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict) or not all(isinstance(value, str | None) for value in read.values()):
        raise BadInput('columns is no JSON object of texts; write for example {"name": "Company"}.')
    return read
