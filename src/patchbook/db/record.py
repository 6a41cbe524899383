"""The record: where it is, how it is opened, and the one transaction everything happens in."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.pool import NullPool

from patchbook.db.anchor import Anchor
from patchbook.db.crash import crash_point
from patchbook.errors import BadInput, Conflict, NotFound

FOLDER_SETTING = "PATCHBOOK_DATA"
URL_SETTING = "PATCHBOOK_DATABASE_URL"
DEFAULT_FOLDER = "patchbook-data"
FILE = "patchbook.db"
OLDEST_POSTGRESQL = 150_000
BUSY_SECONDS = 30
WRITER_LOCK = 7_229_571
"""The advisory lock that makes writers queue on PostgreSQL, as they do on SQLite."""
LEADS_LOCK = 7_229_572
"""The same for decisions about leads, which queue by themselves."""


Remembered = TypeVar("Remembered")


class NoRecord(NotFound):
    """There is no record where one was looked for."""


class Busy(Conflict):
    """Another writer held the record for longer than one waits."""


class UnsafeDatabase(BadInput):
    """The database would lose what was acknowledged, or is too old to refuse overlaps."""


@dataclass(frozen=True)
class Record:
    """
    An open record: a database and the data folder beside it (snapshots, results, key and anchor of the audit trail).

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> record = create_record(Path(mkdtemp()) / "data")
    >>> with record.reading() as tx:
    ...     tx.execute(text("SELECT count(*) FROM event")).scalar()
    0
    """

    engine: Engine
    folder: Path
    _memory: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """
        One deed, one transaction: commits at the end, and leaves nothing behind on any error.

        Writers queue, on both engines, so what a deed read is still true when it writes. After the commit the head of
        the audit trail goes to the anchor file.
        """
        with self.engine.connect() as tx:
            tx.info.clear()
            tx.info["record"] = self
            with _begun(tx):
                if self.is_postgresql:
                    tx.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
                yield tx
                crash_point("before commit")
            crash_point("after commit")
            if (head := tx.info.pop("audit head", None)) is not None:
                self.anchor.append(*head)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of one moment: what others write meanwhile is not seen."""
        with self.engine.connect().execution_options(**self._reads) as tx:
            tx.info.clear()
            tx.info["record"] = self
            with tx.begin():
                yield tx

    @contextmanager
    def deciding(self) -> Iterator[Connection]:
        """
        One transaction about leads, which waits for other leads and never for a plan being published.

        On PostgreSQL leads have a queue of their own; what a decision needs to know of the rest it reads in
        `reading`. SQLite has one writer, so there it waits its turn with everybody else. It writes the tables of leads
        only: neither facts of the ledger nor the audit trail, which are one line that `writing` guards.
        """
        with self.engine.connect() as tx:
            tx.info.clear()
            tx.info["record"] = self
            with _begun(tx):
                if self.is_postgresql:
                    tx.execute(text(f"SELECT pg_advisory_xact_lock({LEADS_LOCK})"))
                yield tx
                crash_point("before commit of leads")
            crash_point("after commit of leads")

    def remembered(self, kind: Callable[[Record], Remembered]) -> Remembered:
        """What a room remembers of this record in this process, made the first time it is asked for."""
        with self._lock:
            found: Remembered | None = self._memory.get(kind)
            if found is None:
                found = self._memory[kind] = kind(self)
            return found

    @property
    def anchor(self) -> Anchor:
        """The file outside the database that holds heads of the audit trail."""
        return Anchor(self.folder)

    @property
    def is_postgresql(self) -> bool:
        """Whether a PostgreSQL server keeps it."""
        return self.engine.dialect.name == "postgresql"

    @property
    def _reads(self) -> dict[str, Any]:
        if self.is_postgresql:
            return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return {"reading": True}

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


@contextmanager
def part_of(tx: Connection) -> Iterator[None]:
    """
    A part of a deed that may fail alone: what it wrote goes, with the events it told the audit trail, and no more.

    Whoever catches the refusal goes on in the same transaction.
    """
    head = tx.info.get("audit head")
    try:
        with tx.begin_nested():
            yield
    except BaseException:
        tx.info.pop("audit head", None)
        if head is not None:
            tx.info["audit head"] = head
        raise


def hold_leads(tx: Connection) -> None:
    """Let a deed of `writing` change leads too: it waits for those who decide, and they for it, until it ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"SELECT pg_advisory_xact_lock({LEADS_LOCK})"))


def record_of(tx: Connection) -> Record:
    """The record a transaction belongs to."""
    found = tx.info["record"]
    assert isinstance(found, Record)
    return found


def create_record(folder: Path | str | None = None, *, url: str | None = None) -> Record:
    """
    Make a new record, or bring an existing one to this version's tables.

    Raises
    ------
    UnsafeDatabase
        The database is too old, or set to lose what it acknowledged.
    NoKey
        The record has an audit trail already, and its key is missing.
    """
    from patchbook.db.migrate import migrate

    place = data_folder(folder)
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o700)
    record = _connected(place, url)
    try:
        migrate(record.engine)
        if not record.anchor.has_key and _has_events(record):
            _ = (
                record.anchor.key
            )  # says where it should be: a new one would make another trail of the one that is there
        record.anchor.make_key(secrets.token_bytes(32))
    except BaseException:
        record.close()
        raise
    return record


def open_record(folder: Path | str | None = None, *, url: str | None = None) -> Record:
    """
    Open the record that is there.

    Parameters
    ----------
    folder
        The data folder; otherwise `PATCHBOOK_DATA`, otherwise `patchbook-data` here.
    url
        A database instead of the file in the folder; otherwise `PATCHBOOK_DATABASE_URL`.

    Raises
    ------
    NoRecord
        Nothing is there; the message says how to make one.
    Conflict
        Its tables are of another version of Patchbook.
    """
    from patchbook.db.migrate import refuse_other_versions

    place = data_folder(folder)
    if not place.is_dir() or (database_url(url) is None and not (place / FILE).is_file()):
        raise NoRecord(f"There is no record in {place}; make one with `patchbook init`, or name its folder.")
    record = _connected(place, url)
    refuse_other_versions(record.engine)
    return record


def data_folder(folder: Path | str | None = None, settings: Mapping[str, str] = os.environ) -> Path:
    """The data folder meant: the one named, the environment's, or `patchbook-data` here."""
    return Path(folder or settings.get(FOLDER_SETTING) or DEFAULT_FOLDER).absolute()


def database_url(url: str | None = None, settings: Mapping[str, str] = os.environ) -> URL | None:
    """The database meant, or None for the file in the data folder."""
    told = url or settings.get(URL_SETTING)
    if not told:
        return None
    try:
        read = make_url(told)
    except ArgumentError:
        raise BadInput(f"{URL_SETTING} is no database URL; write postgresql://user@host/name.") from None
    if read.get_backend_name() != "postgresql":
        raise BadInput(
            f"{URL_SETTING} names a {read.get_backend_name()} database; the record is kept in PostgreSQL,"
            " or in a SQLite file in the data folder when no URL is set."
        )
    return read.set(drivername="postgresql+psycopg")


def _connected(folder: Path, url: str | None) -> Record:
    server = database_url(url)
    engine = _sqlite(folder / FILE) if server is None else _postgresql(server)
    try:
        with engine.connect() as tx:
            _refuse_unsafe(tx)
    except UnsafeDatabase:
        engine.dispose()
        raise
    except OperationalError as error:
        engine.dispose()
        where = folder / FILE if server is None else server.set(password=None).render_as_string()
        raise BadInput(f"The record at {where} cannot be opened: {str(error.orig).splitlines()[0]}.") from error
    return Record(engine=engine, folder=folder)


def _sqlite(file: Path, **options: Any) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        poolclass=NullPool,
        connect_args={"timeout": BUSY_SECONDS},
        hide_parameters=True,  # what is kept of people and of secrets does not belong into a log of errors
        **options,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, by us
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE also meets the triggers on deletion
        connection.execute("PRAGMA cache_size = -64000")

    @event.listens_for(engine, "begin")
    def begin(tx: Connection) -> None:
        tx.exec_driver_sql("BEGIN" if tx.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    file.parent.chmod(0o700)
    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, connect_args={"options": "-c timezone=UTC"}, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError:
        raise BadInput(
            "PostgreSQL needs a driver that is not installed; run `pip install 'patchbook[postgres]'`."
        ) from None


def _refuse_unsafe(tx: Connection) -> None:
    """Refuse settings under which an acknowledged deed could be lost (promise P14)."""
    if tx.dialect.name == "postgresql":
        version = int(tx.execute(text("SHOW server_version_num")).scalar_one())
        if version < OLDEST_POSTGRESQL:
            raise UnsafeDatabase(f"The server is PostgreSQL {version // 10_000}; the record needs 15 or newer.")
        wanted = {"fsync": "on", "full_page_writes": "on"}
        found = {name: tx.execute(text(f"SHOW {name}")).scalar_one() for name in wanted}
        found["synchronous_commit"] = tx.execute(text("SHOW synchronous_commit")).scalar_one()
        if found["synchronous_commit"] != "off":
            wanted["synchronous_commit"] = found["synchronous_commit"]
        else:
            wanted["synchronous_commit"] = "on"
    else:
        wanted = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
        found = {name: str(tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in wanted}
    for name, value in wanted.items():
        if found[name] != value:
            raise UnsafeDatabase(
                f"The database has {name} = {found[name]}; the record needs {value}, or a power cut could lose"
                " what was acknowledged."
            )


def _has_events(record: Record) -> bool:
    with record.reading() as tx:
        return tx.execute(text("SELECT 1 FROM event LIMIT 1")).first() is not None


def _begun(tx: Connection) -> RootTransaction:
    """The transaction, once it is this writer's turn."""
    try:
        return tx.begin()
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        raise Busy("Somebody else has been writing to the record for a long time; try again in a moment.") from error
