"""The data: what is in the record, where a file is dropped, every import and its receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import polars as pl
from fastapi import Query
from fastapi.responses import FileResponse, JSONResponse, Response
from sqlalchemy import Connection
from starlette.background import BackgroundTask

from patchbook.accounts.reading import REJECTED_SCHEMA
from patchbook.db.record import Record
from patchbook.imports import actions as imports
from patchbook.imports import families, quality
from patchbook.imports.changes import SCHEMA as CHANGES_SCHEMA
from patchbook.imports.imported import Difference, Imported, Kind
from patchbook.imports.review import actions as review
from patchbook.imports.review import search
from patchbook.imports.upload import actions as uploads
from patchbook.imports.upload.preview import FIELDS_OF
from patchbook.imports.upload.upload import Upload
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.web.as_csv import frame_as_csv
from patchbook.web.edge import UPLOAD_LIMIT_BYTES
from patchbook.web.jobs import ENDED, Job, Jobs, JobStatus
from patchbook.web.models import After, InPath
from patchbook.web.names import people_named
from patchbook.web.page import Here, Looked, Nav, Pages

NAV = (Nav(title="Data", path="/data", section="Data", deed=Deed.IMPORT),)

router = Pages()

IMPORT = "import"
AGAIN = "again"
"""The subject of the job that takes the newest accounts in once more, as decided since."""

LISTED = 25
SHOWN = 20
"""Rows of a list that a receipt shows; all are in its CSV."""


@dataclass(frozen=True, kw_only=True)
class DataPage:
    """What is in the record, and what was taken in."""

    newest: Imported | None
    score: float | None
    pairs: int | None
    """Pairs nobody decided about; None where they have not been looked for."""
    families: int
    in_families: int
    not_honoured: int
    """Decisions that wait for the next import."""
    uploads: tuple[Upload, ...]
    imports: tuple[Imported, ...]
    next: str | None
    names: dict[str, str]
    """person_id → name."""
    most_bytes: int
    job: Job | None = None
    """The accounts being taken in again."""


def load(tx: Connection, *, after: str | None = None, job: Job | None = None, by: Principal, at: datetime) -> DataPage:
    """What the page shows."""
    listed = imports.imports(tx, after=after, limit=LISTED, by=by, at=at)
    waiting = uploads.waiting(tx, by=by, at=at)
    good = quality.quality(tx, by=by, at=at)
    pairs = review.waiting(tx, by=by, at=at)
    number, within = families.count(tx, by=by, at=at)
    return DataPage(
        newest=None if good is None else good.made,
        score=None if good is None else good.score,
        pairs=None if pairs is None else pairs.height,
        families=number,
        in_families=within,
        not_honoured=review.not_honoured(tx, by=by, at=at),
        uploads=waiting,
        imports=listed.rows,
        next=listed.next_cursor,
        names=people_named(tx, {one.by for one in listed.rows} | {one.by for one in waiting}),
        most_bytes=UPLOAD_LIMIT_BYTES,
        job=job,
    )


@dataclass(frozen=True, kw_only=True)
class ReceiptPage:
    """What came of one import."""

    made: Imported
    by: str
    differs: Difference | None
    rejected: tuple[dict[str, object], ...]
    """The first of what could not be taken: line, column, found, expected."""
    changed: tuple[dict[str, object], ...]
    """The first of what changed: account_id, change, field, before, after."""


def receipt(tx: Connection, import_id: str, *, by: Principal, at: datetime) -> ReceiptPage:
    """What the page of one import shows."""
    made = imports.get(tx, import_id, by=by, at=at)
    differs = imports.difference(tx, import_id, by=by, at=at)
    rejected: tuple[dict[str, object], ...] = ()
    changed: tuple[dict[str, object], ...] = ()
    path = imports.rejected_csv(tx, import_id, by=by, at=at)
    if made.rejected and path.is_file():
        first = pl.read_csv(path, schema=REJECTED_SCHEMA, n_rows=SHOWN).with_columns(
            pl.col("column", "found").fill_null("")
        )
        # As it stood in the file: the apostrophe is for spreadsheets.
        rejected = tuple({**row, "found": row["found"].removeprefix("'")} for row in first.to_dicts())
    if differs is not None and (path := imports.changed_csv(tx, import_id, by=by, at=at)).is_file():
        cells = pl.scan_csv(path, schema=CHANGES_SCHEMA).filter(pl.col("change") == "changed").head(SHOWN)
        changed = tuple(cells.collect().to_dicts())
    return ReceiptPage(
        made=made,
        by=people_named(tx, {made.by})[made.by],
        differs=differs,
        rejected=rejected,
        changed=changed,
    )


@router.page("/data", Deed.IMPORT)
def show(here: Looked, after: After = None) -> Response:
    """What is in the record, and what was taken in."""
    job = latest_job(here, AGAIN)
    running = job if job is not None and job.status not in ENDED else None
    return here.show("data.html", load(here.tx, after=after, job=running, by=here.person, at=here.at))


@router.page("/data/imports/{import_id}", Deed.IMPORT)
def show_receipt(import_id: InPath, here: Looked) -> Response:
    """What came of one import."""
    return here.show("data_receipt.html", receipt(here.tx, import_id, by=here.person, at=here.at))


@router.page("/data/imports/{import_id}/changed.csv", Deed.IMPORT)
def show_changed(import_id: InPath, here: Looked) -> Response:
    """Every cell an import of accounts changed, every account it added or no longer had."""
    path = imports.changed_csv(here.tx, import_id, by=here.person, at=here.at)
    return FileResponse(path, media_type="text/csv", filename=f"changed-{import_id}.csv")


@router.form("/data/again", Deed.IMPORT)
def take_again(here: Looked) -> Response:
    """Take the newest accounts in once more, as was decided since."""
    person, clock = here.person, here.request.app.state.clock
    record: Record = here.request.app.state.record
    imports.told_as(here.tx)  # refuses where there are no accounts

    def work(job: Job) -> str:
        job.progress = "Doing as was decided"
        with record.writing() as tx:
            made = imports.accounts_again(tx, by=person, at=clock())
        job.progress = "Looking for duplicates"
        search.pairs_of(record, str(made.snapshot_id))
        return made.import_id

    return begun(here, AGAIN, work, "/data")


@router.page("/data/progress", Deed.IMPORT)
def progress_again(here: Looked) -> Response:
    """How far taking the accounts in again is."""
    return progress_of(here, AGAIN)


@router.page("/data/template.csv", Deed.IMPORT)
def show_template(here: Looked, kind: Annotated[Kind, Query()] = Kind.ACCOUNTS) -> Response:
    """An empty file with every column a kind of import knows."""
    return frame_as_csv(pl.DataFrame(schema={field.name: pl.String for field in FIELDS_OF[kind]}), f"{kind}.csv")


def begun(here: Here, subject: str, work: Callable[[Job], Any], path: str) -> Response:
    """Begin a job that imports, unless it is under way already, and go where one sees how far it is."""
    allow(here.tx, here.person, Deed.IMPORT, at=here.at)
    response = here.done(path)
    running = latest_job(here, subject)
    if running is None or running.status in ENDED:
        jobs: Jobs = here.request.app.state.jobs
        job = jobs.add(IMPORT, subject, by=here.person.person_id, at=here.at)
        response.background = BackgroundTask(jobs.begin, job, work)
    return response


def latest_job(here: Here, subject: str) -> Job | None:
    """The job that imports this, if one was begun since the server started."""
    jobs: Jobs = here.request.app.state.jobs
    return next(iter(jobs.of(IMPORT, subject)), None)


def progress_of(here: Here, subject: str) -> Response:
    """How far a job that imports is, for <job-progress>: what it does, whether it ended, and where to go then."""
    allow(here.tx, here.person, Deed.IMPORT, at=here.at)
    job = latest_job(here, subject)
    if job is None:
        return JSONResponse({"status": "none", "says": "", "location": None})
    location = f"/data/imports/{job.detail}" if job.status is JobStatus.DONE else None
    says = (job.detail or "") if job.status in (JobStatus.REFUSED, JobStatus.FAILED) else job.progress
    return JSONResponse({"status": job.status.value, "says": says, "location": location})
