"""Names as an attacker would give them, put into every field of a record that pages show."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import polars as pl

from patchbook.db.record import Record
from patchbook.imports import actions as imports
from patchbook.imports import snapshots
from patchbook.imports.imported import Kind
from patchbook.people.principal import Principal

HOSTILE = (
    '<img src=x onerror="window.hit=1">',
    '"><script>window.hit=1</script>',
    "=cmd|' /C calc'!A0",
    "\u202eeman desrever\u202c",
    "javascript:window.hit=1",
    "{{ 7 * 7 }}${7*7}",
    "Nam" + "e" * 9_997,
)
"""What is meant to run, to be a formula, to turn the text around, or to break the page by its length."""

SHOWN = ("name", "city", "street", "industry", "notes")


def make_hostile(record: Record, *, by: Principal, at: datetime) -> None:
    """Give people, plans, comments and leads such names in the tables themselves, and import accounts with them."""
    file = record.folder / "patchbook.db"
    with sqlite3.connect(file) as tx:
        for table, key, column in (
            ("person", "person_id", "name"),
            ("plan", "plan_id", "name"),
            ("comment", "comment_id", "text"),
            ("exception", "exception_id", "reason"),
            ("proposal", "proposal_id", "why"),
            ("opportunity", "opportunity_id", "name"),
            ("import_run", "import_id", "name"),
            ("challenge", "challenge_id", "note"),
            ("pool", "pool_id", "name"),
            ("activity", "activity_id", "note"),
            ("holdover_extension", "extension_id", "why"),
        ):
            _rename(tx, table, key, column)
        _leads(tx)
    for path in (record.folder / "results").rglob("*.parquet"):
        _rename_accounts(path)
    _import_hostile(record, by=by, at=at)


def named(number: int, what: str) -> str:
    """The hostile name of the thing of this number, still told apart from others."""
    hostile = HOSTILE[number % len(HOSTILE)]
    return f"{hostile} {what}"


def _rename(tx: sqlite3.Connection, table: str, key: str, column: str) -> None:
    there = {row[1] for row in tx.execute(f'PRAGMA table_info("{table}")')}
    if column not in there:
        return
    for number, (one,) in enumerate(tx.execute(f'SELECT {key} FROM "{table}" ORDER BY {key}').fetchall()):
        tx.execute(f'UPDATE "{table}" SET {column} = ? WHERE {key} = ?', (named(number, one), one))


def _leads(tx: sqlite3.Connection) -> None:
    for number, (one, fields) in enumerate(tx.execute("SELECT lead_id, fields FROM lead ORDER BY lead_id").fetchall()):
        told = {**json.loads(fields), "company": named(number, one), "contact": named(number + 1, "")}
        tx.execute("UPDATE lead SET fields = ? WHERE lead_id = ?", (json.dumps(told), one))


def _rename_accounts(path: Path) -> None:
    """The same in the accounts a carve kept."""
    frame = pl.read_parquet(path)
    if {"account_id", "name"} <= set(frame.columns):
        _hostile(frame).write_parquet(path)


def _import_hostile(record: Record, *, by: Principal, at: datetime) -> None:
    """The newest accounts once more, with hostile names: a file of accounts is named by content, and may not change."""
    with record.writing() as tx:
        newest = imports.latest(tx, Kind.ACCOUNTS)
        assert newest is not None
        frame = pl.read_parquet(snapshots.path_of(record, str(newest.snapshot_id)))
        wanted = ("account_id", *SHOWN, "domain", "state", "potential_usd", "parent_id")
        kept = [name for name in wanted if name in frame.columns]
        imports.accounts(tx, _hostile(frame.select(kept)), name=HOSTILE[0], by=by, at=at)


def _hostile(frame: pl.DataFrame) -> pl.DataFrame:
    shown = [name for name in SHOWN if name in frame.columns and frame.schema[name] == pl.String]
    new = pl.Series([named(number, "") for number in range(frame.height)])
    return frame.with_columns(pl.when(pl.col(name).is_not_null()).then(new).alias(name) for name in shown)
