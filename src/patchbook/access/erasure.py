"""Erasing somebody who left: what is known of them goes, that somebody was there stays.

History keeps the id, which means nobody once the name is gone. The audit trail never held more, so it still verifies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from patchbook.access import erasing, store
from patchbook.access.grants import NoSuchPerson
from patchbook.access.passwords import attempt_digest
from patchbook.audit import actions as audit
from patchbook.comments.store import blot_out
from patchbook.db import kept
from patchbook.db.record import Record, hold_leads, record_of
from patchbook.errors import Conflict
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import told
from patchbook.plans.store import forget

ERASED = "Erased person"
"""The name of everybody who was erased."""

_TABLES_OF_FILES = (".parquet", ".csv", ".json", ".jsonl", ".yaml", ".md", ".html", ".txt")


class StillHere(Conflict):
    """Only who has left can be erased."""


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What erasing somebody changed, and where their name or e-mail address still is, which nobody may change."""

    person_id: str
    rows: int
    """Rows changed or deleted."""

    in_history: tuple[str, ...]
    """`table.column` where a reason of history, or an id, names them."""

    in_files: tuple[Path, ...]
    """Files of the data folder that name them, such as a snapshot of accounts with a column of owners."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing in the record names them any more; backups made before are for their keeper to delete."""
        return not self.in_history and not self.in_files


def erase(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> Erased:
    """
    Erase somebody who left.

    Their name, addresses, home, skills and everything else known of them goes, with passwords, sessions, tokens, roles
    and what they wrote in comments; where others wrote their name or address, it is blotted out. Call `scrub` after it
    is committed: until then the old bytes are still in the files of the database.

    Raises
    ------
    StillHere
        They are employed, or will be.
    """
    allow(tx, by, Deed.ADMINISTER, at=at)
    if not store.is_person(tx, person_id):
        raise NoSuchPerson(person_id)
    until = erasing.employed_until(tx, person_id, at)
    if until is not None:
        end = "" if until.year >= 9999 else f" until {told(until)}"
        raise StillHere(f"{person_id!r} is employed{end}; only who has left can be erased, so a departure comes first.")
    words = erasing.words_of(tx, person_id) - {ERASED}
    rows = erasing.blank(tx, person_id, ERASED)
    rows += erasing.drop_access(tx, person_id, [attempt_digest(tx, word) for word in words])
    rows += blot_out(tx, person_id, at=at)
    rows += forget(tx, person_id)
    kept.forget_all(tx)
    hold_leads(tx)  # they are blotted out in leads too
    rows += erasing.blot_out_everywhere(tx, words)
    audit.record(tx, "erase", person_id, kind="person", by=by.person_id, at=at, after={"rows": rows})
    return Erased(
        person_id=person_id,
        rows=rows,
        in_history=tuple(erasing.left_in(tx, words)),
        in_files=tuple(_naming(record_of(tx).folder, frozenset(word.lower() for word in words))),
    )


def scrub(record: Record) -> None:
    """
    Rewrite the database, so that no page of it, and no log beside it, holds what was deleted.

    On PostgreSQL this rewrites every table; what its archive and its write-ahead log hold goes as the server lets go of
    them.
    """
    erasing.rewrite(record)


def _naming(folder: Path, words: frozenset[str]) -> Iterator[Path]:
    """The files of the data folder that hold one of these words."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in _TABLES_OF_FILES and _names(file, words):
            yield file


def _names(file: Path, words: frozenset[str]) -> bool:
    if file.suffix == ".parquet":
        frame = pl.scan_parquet(file)
        texts = [name for name, kind in frame.collect_schema().items() if kind == pl.String]
        if not texts or not words:
            return False
        held = pl.any_horizontal(
            pl.col(name).str.to_lowercase().str.contains_any(sorted(words)).any().fill_null(False) for name in texts
        )
        return bool(frame.select(held).collect().item())
    content = file.read_bytes().decode(errors="replace").lower()
    return any(word in content for word in words)
