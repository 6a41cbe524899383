"""The whole record as one file, written while others work; and a record made from it, on either database.

The file is a ZIP archive: one Parquet table a database table, as of one instant, in a form that says nothing of the
database it came from; the snapshots, results and lists beside it; the anchor of the audit trail as far as the tables
go; and a manifest. The key of the audit trail is in it only where asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any

from pyarrow.lib import ArrowException
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from patchbook.accounts.csv_out import FolderNotWritable
from patchbook.db import backup_tables
from patchbook.db.anchor import KEY_SETTING, Anchor
from patchbook.db.migrate import newest_version
from patchbook.db.record import FILE, Record, create_record, data_folder
from patchbook.db.schema import all_tables
from patchbook.errors import BadInput, Conflict

FORMAT = 1
MANIFEST = "manifest.json"
ANCHOR = "audit.anchor"
KEY = "audit.key"

LEFT_OUT = frozenset({"session", "attempt", "sign_in_begun", "work_outside_employment"})
"""Tables that hold for hours at most: who restores signs in again."""


class BadBackup(BadInput):
    """A file is no backup, or not a whole one."""


class KeyMissing(BadInput):
    """The key of the audit trail is neither in the backup nor told."""


class NotEmpty(Conflict):
    """There is a record already where one is to be restored."""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What a backup holds."""

    file: Path
    at: datetime
    version: str
    """The migration its tables are of."""
    tables: Mapping[str, int]
    """Table → rows."""
    blobs: int
    """Files of the data folder."""
    events: int
    head: str | None
    """The digest of the last event."""
    key_fingerprint: str
    holds_key: bool


def backup(record: Record, to: Path | str, *, with_key: bool = False, at: datetime) -> Backup:
    """
    Write the whole record to one file, as it is at one instant; others may read and write meanwhile.

    Parameters
    ----------
    with_key
        Whether the key of the audit trail goes in too. Without it a restore needs the key from elsewhere; with it
        whoever has the file can make a trail that passes for genuine.
    """
    to = Path(to).absolute()
    key = record.anchor.key
    with _whole_file(to) as part, record.reading() as tx, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        events, head = _head(tx)
        counts = {}
        for table in all_tables().sorted_tables:
            if table.name not in LEFT_OUT:
                with archive.open(f"tables/{table.name}.parquet", "w", force_zip64=True) as out:
                    counts[table.name] = backup_tables.write(tx, table, out)
        blobs = list(_blobs(record.folder, but=to))
        for path in blobs:
            archive.write(path, f"files/{path.relative_to(record.folder).as_posix()}")
        archive.writestr(ANCHOR, _anchor(record.anchor, events))
        if with_key:
            archive.writestr(KEY, key)
        made = Backup(
            file=to,
            at=at,
            version=newest_version(),
            tables=counts,
            blobs=len(blobs),
            events=events,
            head=head,
            key_fingerprint=fingerprint(key),
            holds_key=with_key,
        )
        archive.writestr(MANIFEST, _told(made))
    return made


def restore(
    file: Path | str, folder: Path | str | None = None, *, url: str | None = None, key: bytes | None = None
) -> Record:
    """
    A record made from a backup, in a folder and database that hold none; nothing is left half-restored.

    Parameters
    ----------
    url
        A PostgreSQL database instead of a file in the folder; a backup of either restores into either.
    key
        The key of the audit trail, where the backup does not hold it.

    Raises
    ------
    NotEmpty
        There is a record in the folder or the database already.
    KeyMissing
        The backup holds no key and none is told, or it is another one.
    BadBackup
        The file is no backup, is cut off, or its audit trail does not hold together.
    """
    place = data_folder(folder)
    with _opened(Path(file)) as archive:
        held = _manifest(archive, Path(file))
        key = _key(archive, held, place, key)
        place.mkdir(parents=True, exist_ok=True)
        Anchor(place).make_key(key)
        record = create_record(place, url=url)
        try:
            _fill(record, archive, held)
        except BaseException:
            record.close()
            (place / _RESTORED).unlink(missing_ok=True)
            raise
    return record


def fingerprint(key: bytes) -> str:
    """What tells one key from another without giving it away."""
    return hashlib.sha256(b"patchbook audit key\n" + key).hexdigest()[:16]


def _head(tx: Connection) -> tuple[int, str | None]:
    event = all_tables().tables["event"]
    row = tx.execute(select(event.c.number, event.c.digest).order_by(event.c.number.desc()).limit(1)).first()
    return (0, None) if row is None else (row.number, row.digest)


def _blobs(folder: Path, *, but: Path) -> Iterator[Path]:
    """Files of the data folder: no database, key or anchor, nothing half written, no backup (it may hold the key)."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != but and not _is_own(path.relative_to(folder).parts) and not _is_backup(path):
            yield path


def _is_own(parts: Sequence[str]) -> bool:
    """Whether a place in the data folder is the record's own, and no place for a file beside it."""
    return parts[0].startswith((FILE, "audit.")) or any(part.startswith(".") for part in parts)


def _is_backup(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _anchor(anchor: Anchor, events: int) -> bytes:
    """The lines of the anchor file up to the last event the tables hold: others wrote on meanwhile."""
    if not anchor.file.exists():
        return b""
    lines = anchor.file.read_bytes().splitlines(keepends=True)
    return b"".join(line for line in lines if line.split(b" ")[0].isdigit() and int(line.split(b" ")[0]) <= events)


def _told(made: Backup) -> str:
    told = {"format": FORMAT, **asdict(made), "at": made.at.isoformat()}
    del told["file"]
    return json.dumps(told, indent=1, sort_keys=True) + "\n"


@contextmanager
def _whole_file(to: Path) -> Iterator[IO[bytes]]:
    """A file that has its name only once it is whole and on the disk."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part")
    except OSError as error:
        raise FolderNotWritable(to, error.strerror or "the folder refuses") from error
    try:
        with os.fdopen(handle, "w+b") as part:
            yield part
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(to)
        _sync(to.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except FileNotFoundError:
        raise BadBackup(f"There is no file {file}.") from None
    except (zipfile.BadZipFile, OSError):
        raise BadBackup(f"{file} is no backup, or was cut off; take another one.") from None
    with archive:
        yield archive


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        held: dict[str, Any] = json.loads(archive.read(MANIFEST))
        damaged = archive.testzip()
    except (KeyError, ValueError, RecursionError, RuntimeError, zipfile.BadZipFile, zlib.error):
        raise BadBackup(f"{file} is no backup of Patchbook: it has no {MANIFEST} that can be read.") from None
    if damaged is not None:
        raise BadBackup(f"{damaged} in {file} is damaged; take another backup.")
    if not isinstance(held, dict):
        raise BadBackup(f"{file} is no backup of Patchbook: its {MANIFEST} is no object.")
    if held.get("format") != FORMAT or held.get("version") != newest_version():
        raise BadBackup(
            f"{file} was written by another version of Patchbook (tables {held.get('version')}, format"
            f" {held.get('format')}); restore it with that version and bring it up to date with `patchbook init`."
        )
    _refuse_incomplete(archive, held, file)
    return held


def _refuse_incomplete(archive: zipfile.ZipFile, held: Mapping[str, Any], file: Path) -> None:
    """Refuse, before anything is written, a backup without some of its parts, or with parts for elsewhere."""
    names = archive.namelist()
    if missing := sorted({"tables", "events", "head", "key_fingerprint", "holds_key"} - set(held)):
        raise BadBackup(f"The {MANIFEST} of {file} does not tell {missing[0]}; take another backup.")
    if not isinstance(held["tables"], dict):
        raise BadBackup(f"The {MANIFEST} of {file} does not list its tables; take another backup.")
    parts = [f"tables/{table}.parquet" for table in held["tables"]]
    for part in (*parts, ANCHOR, *([KEY] if held["holds_key"] else [])):
        if part not in names:
            raise BadBackup(f"{file} lacks its {part}; take another backup.")
    for name in names:
        where = PurePosixPath(name).parts
        if where[:1] != ("files",):
            continue
        to = PurePath(*where[1:])
        if len(where) < 2 or to.is_absolute() or to.drive or ".." in to.parts:
            raise BadBackup(f"The backup holds {name!r}, which would lie outside the data folder.")
        if name.endswith("/") or _is_own(where[1:]):
            raise BadBackup(f"The backup holds {name!r}, which is no file beside a record.")


def _key(archive: zipfile.ZipFile, held: Mapping[str, Any], place: Path, told: bytes | None) -> bytes:
    """The key the trail was made with, from the caller, the backup, the environment or the folder."""
    key = told
    if key is None and held["holds_key"]:
        key = archive.read(KEY)
    if key is None:
        if not os.environ.get(KEY_SETTING) and not (place / KEY).exists():
            raise KeyMissing(
                f"The backup does not hold the key of the audit trail; give the {KEY} of the old data folder, put it in"
                f" {place}, or set {KEY_SETTING}."
            )
        key = Anchor(place).key
    if fingerprint(key) != held["key_fingerprint"]:
        raise KeyMissing(
            f"The key told is not the one this record's audit trail was made with (fingerprint {fingerprint(key)},"
            f" the backup's is {held['key_fingerprint']})."
        )
    if (place / KEY).exists() and (place / KEY).read_bytes() != key:
        raise NotEmpty(f"{place} holds the key of another record; name an empty folder.")
    return key


def _fill(record: Record, archive: zipfile.ZipFile, held: Mapping[str, Any]) -> None:
    from patchbook.audit.verify import verify

    with record.writing() as tx:
        _refuse_full(tx, record)
        for table in all_tables().sorted_tables:
            if table.name in held["tables"]:
                try:
                    with archive.open(f"tables/{table.name}.parquet") as source:
                        rows = backup_tables.read(tx, table, source)
                except (ArrowException, KeyError, ValueError, OverflowError, DBAPIError) as error:
                    raise BadBackup(
                        f"The backup's table {table.name} cannot be read ({type(error).__name__}); take another backup."
                    ) from error
                if rows != held["tables"][table.name]:
                    raise BadBackup(
                        f"The backup holds {rows:,} rows of {table.name}, not {held['tables'][table.name]:,}."
                    )
        found = verify(tx, record.folder, anchors=_beside(record, archive))
        if found.what is not None or _head(tx) != (held["events"], held["head"]):
            raise BadBackup(f"The audit trail of the backup does not hold together: {found.what or 'its end differs'}")
        _unpack(archive, record.folder)
    (record.folder / _RESTORED).replace(record.anchor.file)
    _sync(record.folder)


_RESTORED = ".audit.anchor.restored"


def _beside(record: Record, archive: zipfile.ZipFile) -> Path:
    """The backup's anchor file, beside where it will be once everything else is there."""
    path = record.folder / _RESTORED
    with open(path, "wb") as out:
        out.write(archive.read(ANCHOR))
        out.flush()
        os.fsync(out.fileno())
    return path


def _refuse_full(tx: Connection, record: Record) -> None:
    for table in all_tables().sorted_tables:
        rows = tx.execute(select(func.count()).select_from(table)).scalar_one()
        if rows:
            where = "the database" if record.is_postgresql else str(record.folder)
            raise NotEmpty(
                f"There is a record in {where} already ({rows:,} rows of {table.name}); restore into an empty one."
            )


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    for name in archive.namelist():
        parts = PurePosixPath(name).parts
        if parts[:1] != ("files",):
            continue
        to = folder.joinpath(*parts[1:])
        to.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as source, open(to, "wb") as out:
            shutil.copyfileobj(source, out)
            out.flush()
            os.fsync(out.fileno())
