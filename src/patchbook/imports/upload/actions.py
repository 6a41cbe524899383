"""Keep a file that is sent, say what its columns are, look at it, and take it in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from patchbook.accounts import read as read_accounts
from patchbook.accounts.peek import Written, peek
from patchbook.db.record import Record, record_of
from patchbook.imports import actions as imports
from patchbook.imports import quality
from patchbook.imports.imported import Imported, Kind
from patchbook.imports.review import search
from patchbook.imports.upload import store
from patchbook.imports.upload.preview import Preview, columns_of, previewed
from patchbook.imports.upload.upload import MOST_BYTES, MOST_WAITING, BadUpload, TooManyUploads, Upload
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal


class Stopped(Exception):
    """Somebody stopped an import before anything of it was written."""


def keep(
    tx: Connection, file: Path, *, name: str, kind: Kind, digest: bytes | None = None, by: Principal, at: datetime
) -> Upload:
    """
    Keep a file that was sent; it is moved away from where it is.

    The same file sent again by the same person is the same upload, as it was sent now.

    Parameters
    ----------
    digest
        The SHA-256 of the file, where it is known.

    Raises
    ------
    CannotRead
        It is no table at all, or is made to fill the memory; nothing is kept.
    TooManyUploads
        Too many files wait, or they are too large together.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    folder = record_of(tx).folder
    name = _name(name)
    named = file.rename(file.with_name(name)) if file.name != name else file
    peek(named)
    waiting = [one for one in tidy(folder, at) if one.import_id is None]
    size = named.stat().st_size
    if digest is None:
        with named.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
    whose = hashlib.sha256(digest + by.person_id.encode()).hexdigest()[:16]
    others = [one for one in waiting if one.upload_id != f"upload-{whose}"]
    if len(others) >= MOST_WAITING or sum(one.size for one in others) + size > MOST_BYTES:
        raise TooManyUploads(
            f"{len(others)} uploads wait to be taken in already; import or drop some of them, then upload {name} again."
        )
    made = Upload(upload_id=f"upload-{whose}", kind=kind, name=name, size=size, by=by.person_id, at=at)
    store.put(folder, made, named)
    return made


def get(tx: Connection, upload_id: str, *, by: Principal, at: datetime) -> Upload:
    """One upload."""
    allow(tx, by, Deed.IMPORT, at=at)
    return store.get(record_of(tx).folder, upload_id)


def waiting(tx: Connection, *, by: Principal, at: datetime) -> tuple[Upload, ...]:
    """The files that wait to be taken in, the newest first."""
    allow(tx, by, Deed.IMPORT, at=at)
    return tuple(one for one in store.uploads(record_of(tx).folder) if one.import_id is None and not one.is_over(at))


def describe(
    tx: Connection,
    upload_id: str,
    *,
    kind: Kind,
    columns: Mapping[str, str],
    written: Written,
    by: Principal,
    at: datetime,
) -> Upload:
    """
    Say what a file holds, what its columns are, and how it is written.

    Parameters
    ----------
    columns
        Column → field, or an empty text where it is a field of its own.

    Raises
    ------
    BadUpload
        Two columns are said to be one field.
    """
    upload = get(tx, upload_id, by=by, at=at)
    taken: dict[str, str] = {}
    for column, field in columns.items():
        if field and field in taken:
            raise BadUpload(f"{taken[field]!r} and {column!r} are both said to be {field}; only one column can be.")
        if field:
            taken[field] = column
    same = kind is upload.kind and written == upload.written
    return store.save(
        record_of(tx).folder, replace(upload, kind=kind, written=written, columns=dict(columns) if same else {})
    )


def preview(tx: Connection, upload_id: str, *, by: Principal, at: datetime) -> Preview:
    """The first rows of a file, and what each column is taken for."""
    upload = get(tx, upload_id, by=by, at=at)
    return previewed(upload, store.file_of(record_of(tx).folder, upload))


def drop(tx: Connection, upload_id: str, *, by: Principal, at: datetime) -> Upload:
    """Let go of a file; nothing of it was taken in."""
    upload = get(tx, upload_id, by=by, at=at)
    store.drop(record_of(tx).folder, upload_id)
    return upload


def take_in(
    record: Record,
    upload_id: str,
    *,
    progress: Callable[[str], None] = lambda said: None,
    is_stopped: Callable[[], bool] = lambda: False,
    by: Principal,
    clock: Callable[[], datetime],
) -> Imported:
    """
    Take an uploaded file in, as it was described; it is read while the record is free for others.

    Raises
    ------
    Stopped
        Somebody stopped it; nothing of it is written.
    BadInput
        The file cannot be read as it is described.
    """
    with record.reading() as tx:
        upload = get(tx, upload_id, by=by, at=clock())
    if upload.import_id is not None:
        with record.reading() as tx:
            return imports.get(tx, upload.import_id, by=by, at=clock())
    file = store.file_of(record.folder, upload)
    progress(f"Reading {upload.name}")
    columns = columns_of(upload, file)
    written = upload.written
    accounts = None
    if upload.kind is Kind.ACCOUNTS:
        accounts = read_accounts(
            file,
            columns=columns,
            encoding=written.encoding,
            delimiter=written.delimiter,
            sheet=written.sheet,
            as_of=clock().date(),
        )
    if is_stopped():
        raise Stopped
    progress("Writing it into the record")
    with record.writing() as tx:
        at = clock()
        if accounts is not None:
            made = imports.accounts(tx, accounts, name=upload.name, by=by, at=at)
        elif upload.kind is Kind.PEOPLE:
            made = imports.people(tx, file, name=upload.name, columns=columns, written=written, by=by, at=at)
        else:
            made = imports.opportunities(tx, file, name=upload.name, columns=columns, written=written, by=by, at=at)
    store.become(record.folder, upload, made.import_id)
    if made.snapshot_id is not None:
        progress("Looking for duplicates")
        search.pairs_of(record, made.snapshot_id)
        progress("Working out how good it is")
        with record.reading() as tx:
            quality.quality(tx, by=by, at=clock())  # so that nobody waits for it who opens a page
    return made


def tidy(folder: Path, at: datetime) -> list[Upload]:
    """Let go of uploads whose day is over; those that are left."""
    left = []
    for upload in store.uploads(folder):
        if upload.is_over(at):
            store.drop(folder, upload.upload_id)
        else:
            left.append(upload)
    return left


def _name(told: str) -> str:
    """The name of a file without a folder, short enough to be one anywhere."""
    name = told.replace("\\", "/").rsplit("/", 1)[-1].strip()
    name = "".join(sign for sign in name if sign.isprintable()).lstrip(".")
    if not name:
        raise BadUpload("The file has no name; give it one that ends in .csv, .xlsx or .parquet.")
    stem, dot, ending = name.rpartition(".")
    while len(name.encode()) > 150:
        stem = stem[:-1] if dot else stem
        name = f"{stem}{dot}{ending}" if dot and stem else name[:-1]
    return name
