"""Accounts, people and opportunities taken into the record."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from patchbook.accounts import read
from patchbook.errors import BadInput, NotAllowed
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.people.principal import Grant, Principal, Role, system

MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
ADA = Principal(person_id="ada", grants=(Grant(Role.PLANNER),))
CSV = b"id;name;city;state;country;revenue\nA1;Acme;Boston;MA;US;100\nA2;Beta;Denver;CO;US;1.5x\nA3;Gamma;Miami;FL;US;70\n"


def test_accounts_are_kept_as_a_snapshot_and_what_could_not_be_taken_is_listed(record):
    with record.writing() as tx:
        made = imports.accounts(tx, CSV, name="crm.csv", by=ADA, at=MONDAY)

    assert (made.kind, made.name, made.rows, made.rejected, made.by) == (Kind.ACCOUNTS, "crm.csv", 3, 1, "ada")
    with record.reading() as tx:
        assert imports.latest(tx, "accounts") == made
        assert imports.get(tx, made.import_id, by=ADA, at=MONDAY) == made
        rejected = pl.read_csv(imports.rejected_csv(tx, made.import_id, by=ADA, at=MONDAY))
        assert rejected.select("line", "found").rows() == [(3, "1.5x")]
        assert imports.accounts_by_id(tx, ["A3", "A1", "none"])["name"].to_list() == ["Acme", "Gamma"]
    assert (record.folder / "snapshots" / f"{made.snapshot_id}.parquet").is_file()
