"""A disk that loses its power: SQLite on it, through the same engine, tables and statements as the record.

Only what was synced is sure to be there afterwards; of what was written since, each sector may or may not be.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import event

from patchbook.db import Record
from patchbook.db.record import FILE, _sqlite

SECTOR = 512
_names = count(1)


class PowerCut(Exception):
    """The lights went out."""


@dataclass
class Disk:
    """What is on the platter, what is still on its way, and when the power goes."""

    chance: random.Random
    cut_at: int | None = None
    """The operation at which the power goes; never when None."""
    operations: int = 0
    is_dead: bool = False
    synced: dict[str, bytearray] = field(default_factory=dict)
    waiting: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    deleted: dict[str, bytearray] = field(default_factory=dict)

    def operate(self) -> None:
        """Count one operation, and let the power go when its time has come."""
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            self.is_dead = True
        if self.is_dead:
            raise apsw.IOError("the power is off")

    def open(self, path: str) -> None:
        if path not in self.synced:
            file = Path(path)
            self.synced[path] = bytearray(file.read_bytes() if file.exists() else b"")
            self.waiting[path] = []

    def write(self, path: str, data: bytes, offset: int) -> None:
        self.waiting[path].append((offset, data))

    def truncate(self, path: str, size: int) -> None:
        self.waiting[path].append((size, b""))

    def sync(self, path: str) -> None:
        for offset, data in self.waiting[path]:
            _put(self.synced[path], offset, data)
        self.waiting[path] = []

    def delete(self, path: str, is_synced: bool) -> None:
        """A name taken away may come back, unless the folder was synced."""
        content = self.synced.pop(path, None)
        self.waiting.pop(path, None)
        if content is not None and not is_synced:
            self.deleted[path] = content

    def after(self, folder: Path) -> None:
        """Write what is found when the power is back into another folder."""
        files = {**{path: content for path, content in self.deleted.items() if self.chance.random() < 0.5}}
        files |= self.synced
        for path, content in files.items():
            found = bytearray(content)
            luck = self.chance.random()
            for offset, data in self.waiting.get(path, []):
                if not data:
                    if self.chance.random() < luck:
                        _put(found, offset, data)
                    continue
                for start in range(0, len(data), SECTOR):
                    if self.chance.random() < luck:
                        _put(found, offset + start, data[start : start + SECTOR])
            (folder / Path(path).name).write_bytes(found)


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if not data:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(b"\0" * (offset - len(content)))
    content[offset : offset + len(data)] = data


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        self.path = name if isinstance(name, str) else name.filename()
        self.disk = disk
        super().__init__("", name, flags)
        disk.open(self.path)

    def xWrite(self, data: Any, offset: int) -> None:
        self.disk.operate()
        super().xWrite(data, offset)
        self.disk.write(self.path, bytes(data), offset)

    def xTruncate(self, size: int) -> None:
        self.disk.operate()
        super().xTruncate(size)
        self.disk.truncate(self.path, size)

    def xSync(self, flags: int) -> None:
        self.disk.operate()
        self.disk.sync(self.path)


class _FileSystem(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.name = f"powercut{next(_names)}"
        super().__init__(self.name, "")

    def xOpen(self, name: Any, flags: Any) -> _File:
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, is_synced: bool) -> None:
        self.disk.operate()
        super().xDelete(name, is_synced)
        self.disk.delete(name, is_synced)


@contextmanager
def a_record_on(disk: Disk, folder: Path, *, synchronous: str = "FULL") -> Iterator[Record]:
    """The record in this folder, on that disk; somebody else has it open all the while, as where a server runs."""
    system = _FileSystem(disk)
    made: list[_Connection] = []

    def connect() -> _Connection:
        made.append(_Connection(str(folder / FILE), system.name))
        return made[-1]

    engine = _sqlite(folder / FILE, creator=connect)

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint = 40")

    keeper = _Connection(str(folder / FILE), system.name)
    keeper.execute("PRAGMA journal_mode = WAL")
    keeper.execute("SELECT count(*) FROM event").fetchall()
    try:
        yield Record(engine=engine, folder=folder)
    finally:
        for connection in (*made, keeper):
            connection.close()
        system.unregister()


class _Connection:
    """What SQLAlchemy needs of a connection, over apsw: Python's own module cannot use another file system."""

    isolation_level: None = None

    def __init__(self, path: str, system: str) -> None:
        with _translated():
            self._apsw = apsw.Connection(path, vfs=system)

    def cursor(self) -> _Cursor:
        return _Cursor(self._apsw)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> _Cursor:
        return self.cursor().execute(statement, values)

    def create_function(self, name: str, places: int, function: Callable[..., Any], *, deterministic: bool) -> None:
        self._apsw.create_scalar_function(name, function, places, deterministic=deterministic)

    def commit(self) -> None:
        if self._apsw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._apsw.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        with _translated():
            self._apsw.close(True)


class _Cursor:
    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self.description: tuple[Any, ...] | None = None
        self.rowcount = -1
        self.lastrowid = 0
        self._rows: list[Any] = []

    def execute(self, statement: str, values: Sequence[Any] = ()) -> _Cursor:
        return self.executemany(statement, [values])

    def executemany(self, statement: str, many: Sequence[Sequence[Any]]) -> _Cursor:
        self.description, self.rowcount = None, 0

        def look(cursor: apsw.Cursor, _: str, __: Any) -> bool:
            found = cursor.get_description()
            self.description = tuple((one[0], *[None] * 6) for one in found) or None
            return True

        self._cursor.exec_trace = look
        with _translated():
            for values in many:
                before = self._connection.total_changes()
                self._rows = list(self._cursor.execute(statement, tuple(values)))
                if self._connection.total_changes() != before:
                    self.rowcount += self._connection.changes()
            self.lastrowid = self._connection.last_insert_rowid()
        return self

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        size = size or self.arraysize
        shown, self._rows = self._rows[:size], self._rows[size:]
        return shown

    def fetchall(self) -> list[Any]:
        shown, self._rows = self._rows, []
        return shown

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []


@contextmanager
def _translated() -> Iterator[None]:
    """Errors as Python's own module raises them."""
    try:
        yield
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error
