"""What was taken into the record at one go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from patchbook.errors import NotFound


class Kind(StrEnum):
    """What an import holds."""

    ACCOUNTS = "accounts"
    PEOPLE = "people"
    OPPORTUNITIES = "opportunities"


class NoImport(NotFound):
    """There is no import of that id, or none of that kind yet."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """One import: how much was taken, how much was refused, and for accounts the snapshot that holds them."""

    import_id: str
    kind: Kind
    name: str
    """What the source is called in messages: the name of the file."""
    rows: int
    rejected: int
    """Cells and rows that could not be taken; `rejected_csv` lists them."""
    by: str
    at: datetime
    snapshot_id: str | None = None
    gone: int = 0
    """Accounts of the import before that this one does not have; `gone_csv` lists them. They keep their owners."""
    notes: tuple[str, ...] = ()
    """What a person should know, in plain words."""
    mapping: tuple[Mapping[str, object], ...] = ()
    """Column, field and reason of each column."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How an import of accounts differs from the one before, and from its source by what people decided."""

    import_id: str
    added: int
    """Accounts the import before did not have."""
    changed: int
    """Accounts of which a cell is another than before; `changed_csv` lists the cells."""
    merged: int
    """Duplicates that are no accounts of their own any more."""
    split_off: int
    """Accounts that are not under the parent their source names."""
    decisions: tuple[str, ...] = ()
    """The decisions that were honoured, whether they changed anything or not."""
    told_as: str | None = None
    """The snapshot of the accounts as their source tells them, where decisions made another of it."""
