"""Families: who is under whom, how that is known, and splitting off whoever does not belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.imports import families
from patchbook.imports.families import Family, Member
from patchbook.imports.review import actions as review
from patchbook.imports.review.decision import Decision, Verdict
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.web.as_csv import frame_as_csv
from patchbook.web.models import After, Search
from patchbook.web.names import people_named
from patchbook.web.page import Looked, Pages

router = Pages()

LISTED = 50
SPLITS_LISTED = 20

AnAccount = Annotated[str | None, Query(max_length=1000, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, kw_only=True)
class FamilyRow:
    """A family in the list."""

    family_id: str
    name: str | None
    accounts: int
    address: str


@dataclass(frozen=True, kw_only=True)
class FamiliesPage:
    """Families of two or more, the largest first."""

    rows: tuple[FamilyRow, ...]
    next: str | None
    text: str
    count: int
    accounts: int
    splits: tuple[Decision, ...]
    names: Mapping[str, str]
    not_honoured: int


@dataclass(frozen=True, kw_only=True)
class FamilyPage:
    """One family, and the member somebody is about to split off."""

    family: Family
    chosen: Member | None


def load(tx: Connection, text: str = "", *, after: str | None = None, by: Principal, at: datetime) -> FamiliesPage:
    """What the list shows."""
    found = families.families(tx, text, after=after, limit=LISTED, by=by, at=at)
    count, accounts = families.count(tx, by=by, at=at)
    splits = review.decisions(tx, (Verdict.SPLIT,), limit=SPLITS_LISTED, by=by, at=at).rows
    return FamiliesPage(
        rows=tuple(_row(row) for row in found.rows),
        next=found.next_cursor,
        text=text,
        count=count,
        accounts=accounts,
        splits=splits,
        names=people_named(tx, {name for one in splits for name in (one.by, one.undone_by) if name}),
        not_honoured=review.not_honoured(tx, by=by, at=at),
    )


def load_family(
    tx: Connection, family_id: str, account_id: str | None = None, *, by: Principal, at: datetime
) -> FamilyPage:
    """What the page of a family shows."""
    found = families.family(tx, family_id, by=by, at=at)
    chosen = next((one for one in found.members if one.account_id == account_id), None)
    return FamilyPage(family=found, chosen=chosen)


@router.page("/data/families", Deed.IMPORT)
def show(here: Looked, q: Search = "", after: After = None) -> Response:
    """Families of two or more."""
    return here.show("data_families.html", load(here.tx, q, after=after, by=here.person, at=here.at))


@router.page("/data/families.csv", Deed.IMPORT)
def show_csv(here: Looked) -> Response:
    """Every account that is in a family of two or more."""
    return frame_as_csv(families.all_members(here.tx, by=here.person, at=here.at), "families.csv")


@router.page("/data/families/family", Deed.IMPORT)
def show_family(
    here: Looked,
    family_id: Annotated[str, Query(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")],
    account_id: AnAccount = None,
) -> Response:
    """One family as a tree."""
    return here.show("data_family.html", load_family(here.tx, family_id, account_id, by=here.person, at=here.at))


@router.form("/data/families/split", Deed.IMPORT)
def split_off(
    here: Looked,
    account_id: Annotated[str, Form(min_length=1, max_length=1000)],
    family_id: Annotated[str, Form(min_length=1, max_length=1000)],
    why: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Decide that an account does not belong under its parent."""
    review.split_off(here.tx, account_id, why=why, by=here.person, at=here.at)
    said = f"{account_id} and whoever is below it are a family of their own from the next import on; it can be undone."
    return here.done(family_address(family_id), said)


def family_address(family_id: str) -> str:
    """Where a family is shown."""
    return "/data/families/family?" + urlencode({"family_id": family_id})


def _row(row: Mapping[str, Any]) -> FamilyRow:
    return FamilyRow(
        family_id=row["family_id"],
        name=row["name"],
        accounts=row["accounts"],
        address=family_address(row["family_id"]),
    )
