"""Files sent and not taken in yet: looked at, their columns said to be what they are, then imported beside the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from patchbook.accounts.peek import Written
from patchbook.accounts.reading import CannotRead
from patchbook.accounts.text import UnknownEncoding
from patchbook.db.record import Record
from patchbook.errors import BadInput
from patchbook.imports.imported import Kind
from patchbook.imports.upload import actions as uploads
from patchbook.imports.upload.preview import Preview
from patchbook.imports.upload.upload import BadUpload, Upload
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.web.jobs import ENDED, Job, JobStatus
from patchbook.web.models import InPath
from patchbook.web.multipart import is_form, read_form
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.data import begun, latest_job, progress_of

router = Pages()

DELIMITERS = ((",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"), (":", "colon"))
ENCODINGS = ("utf-8", "windows-1252", "iso-8859-15", "windows-1250", "windows-1251", "utf-16", "shift_jis", "gb18030")


@dataclass(frozen=True, kw_only=True)
class UploadPage:
    """A file before it is taken in."""

    upload: Upload
    preview: Preview | None
    fault: str | None
    """Why it cannot be read as it is described."""
    job: Job | None
    """The import that runs, or that was refused."""
    is_running: bool
    delimiter: str | None
    """The delimiter found, in words."""
    delimiters: tuple[tuple[str, str], ...] = DELIMITERS
    encodings: tuple[str, ...] = ENCODINGS


def load(tx: Connection, upload_id: str, *, job: Job | None = None, by: Principal, at: datetime) -> UploadPage:
    """What the page of an upload shows."""
    upload = uploads.get(tx, upload_id, by=by, at=at)
    is_running = job is not None and job.status not in ENDED
    preview, fault = None, None
    if upload.import_id is None:
        try:
            preview = uploads.preview(tx, upload_id, by=by, at=at)
        except (CannotRead, UnknownEncoding) as refused:
            fault = str(refused)
    if job is not None and job.status in (JobStatus.REFUSED, JobStatus.FAILED):
        fault = job.detail
    found = preview.delimiter if preview is not None else None
    return UploadPage(
        upload=upload,
        preview=preview,
        fault=fault,
        job=job,
        is_running=is_running,
        delimiter=dict(DELIMITERS).get(found or "", found),
    )


@router.form("/data/uploads", Deed.IMPORT, upload=True)
def upload(
    here: Looked,
    request: Request,
    kind: Annotated[Kind | None, Query()] = None,
    name: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """Keep a file: the body is the file itself, or a form that has it in a field."""
    file: Path = request.state.upload
    content_type = request.headers.get("content-type", "")
    digest: bytes | None = request.state.upload_digest
    if is_form(content_type):
        sent = read_form(file, content_type, file.with_name("sent"))
        if sent.file is None or not sent.name:
            raise BadUpload("No file was chosen; choose one, then upload it.")
        file, name, digest = sent.file, sent.name, None
        kind = _kind(sent.fields.get("kind", Kind.ACCOUNTS.value))
    made = uploads.keep(
        here.tx,
        file,
        name=name or "upload.csv",
        kind=kind or Kind.ACCOUNTS,
        digest=digest,
        by=here.person,
        at=here.at,
    )
    return here.done(f"/data/uploads/{made.upload_id}")


@router.page("/data/uploads", Deed.IMPORT)
def show_all(here: Looked) -> Response:
    """The files that wait are listed with the imports."""
    return RedirectResponse("/data#uploads", 303)


@router.page("/data/uploads/{upload_id}", Deed.IMPORT)
def show(upload_id: InPath, here: Looked) -> Response:
    """A file before it is taken in; afterwards its receipt."""
    page = load(here.tx, upload_id, job=latest_job(here, upload_id), by=here.person, at=here.at)
    if page.upload.import_id is not None and not page.is_running:
        return RedirectResponse(f"/data/imports/{page.upload.import_id}", 303)
    return here.show("data_upload.html", page, block="preview")


@router.form("/data/uploads/{upload_id}", Deed.IMPORT)
def describe(
    upload_id: InPath,
    here: Looked,
    kind: Annotated[Kind, Form()],
    column: Annotated[list[str] | None, Form(max_length=2000)] = None,
    field: Annotated[list[str] | None, Form(max_length=2000)] = None,
    encoding: Annotated[str, Form(max_length=40)] = "",
    delimiter: Annotated[str, Form(max_length=1)] = "",
    sheet: Annotated[str, Form(max_length=200)] = "",
    then: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Say what the file holds and what its columns are, and take it in where that was asked for."""
    described = uploads.describe(
        here.tx,
        upload_id,
        kind=kind,
        columns=dict(zip(column or [], field or [], strict=False)),
        written=Written(encoding=encoding or None, delimiter=delimiter or None, sheet=sheet or None),
        by=here.person,
        at=here.at,
    )
    address = f"/data/uploads/{described.upload_id}"
    if then != "import":
        return here.done(address)
    preview = uploads.preview(here.tx, upload_id, by=here.person, at=here.at)
    if preview.missing is not None:
        raise BadUpload(preview.missing)
    record: Record = here.request.app.state.record
    person, clock = here.person, here.request.app.state.clock

    def work(job: Job) -> str | None:
        def progress(says: str) -> None:
            job.progress = says

        try:
            made = uploads.take_in(
                record, upload_id, progress=progress, is_stopped=job.stop.is_set, by=person, clock=clock
            )
        except uploads.Stopped:
            return None
        return made.import_id

    return begun(here, upload_id, work, address)


@router.page("/data/uploads/{upload_id}/progress", Deed.IMPORT)
def progress(upload_id: InPath, here: Looked) -> Response:
    """How far an import is."""
    return progress_of(here, upload_id)


@router.form("/data/uploads/{upload_id}/stop", Deed.IMPORT)
def stop(upload_id: InPath, here: Looked) -> Response:
    """Stop an import, as long as nothing of it is written."""
    allow(here.tx, here.person, Deed.IMPORT, at=here.at)
    job = latest_job(here, upload_id)
    if job is not None:
        job.stop.set()
    return here.done(f"/data/uploads/{upload_id}", "Stopped; nothing was taken in unless it was being written already.")


@router.form("/data/uploads/{upload_id}/drop", Deed.IMPORT)
def drop(upload_id: InPath, here: Looked) -> Response:
    """Let go of a file without taking it in."""
    dropped = uploads.drop(here.tx, upload_id, by=here.person, at=here.at)
    return here.done("/data", f"{dropped.name} is dropped; nothing of it was taken in.")


def _kind(told: str) -> Kind:
    try:
        return Kind(told)
    except ValueError:
        raise BadInput(f"A file holds {', '.join(Kind)}, not {told[:40]!r}.") from None
