"""What became of a plan: its revisions, and the journal of edits, with who and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.errors import NotFound
from patchbook.people import store as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.store import RecordedEdit
from patchbook.web.models import After, InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.plans import KINDS
from patchbook.words import counted

ROWS = 50
CLONED = "cloned it from "

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Version:
    """What made one revision."""

    revision: int
    what: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One edit of the journal."""

    number: int
    what: str
    why: str | None
    by: str
    at: datetime
    is_overruled: bool
    undone_by: str | None
    undone_at: datetime | None
    counts: bool
    """Whether it is an edit of the carve the plan has now, and not undone."""


@dataclass(frozen=True, kw_only=True)
class HistoryPage:
    """What the page of a plan's history shows."""

    plan_id: str
    name: str
    status: str
    kind: str
    revision: int
    versions: tuple[Version, ...]
    """Oldest first."""
    next: str | None
    edits: tuple[Entry, ...]
    next_edit: str | None


def load(
    tx: Connection, plan_id: str, *, after: str | None = None, edit: str | None = None, by: Principal, at: datetime
) -> HistoryPage:
    """A plan's revisions and its journal, a page of each."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    versions = plans.changes(tx, plan_id, after=after, limit=ROWS, by=by, at=at)
    journal = plans.journal(tx, plan_id, after=edit, limit=ROWS, by=by, at=at)
    ids = {one.by for one in versions.rows} | {one.by for one in journal.rows}
    ids |= {one.undone_by for one in journal.rows if one.undone_by}
    ids |= {one.payload["person"] for one in journal.rows if one.payload.get("person")}
    names = people.names(tx, sorted(ids))
    return HistoryPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        revision=plan.revision,
        versions=tuple(
            Version(revision=one.revision, what=_what(tx, one.what, by, at), by=names.get(one.by, one.by), at=one.at)
            for one in versions.rows
        ),
        next=versions.next_cursor,
        edits=tuple(
            Entry(
                number=one.number,
                what=said(one, names),
                why=one.why,
                by=names.get(one.by, one.by),
                at=one.at,
                is_overruled=bool(one.payload.get("overruled")),
                undone_by=names.get(one.undone_by, one.undone_by) if one.undone_by else None,
                undone_at=one.undone_at,
                counts=not one.undone and one.result_id == plan.result_id,
            )
            for one in journal.rows
        ),
        next_edit=journal.next_cursor,
    )


def _what(tx: Connection, what: str, by: Principal, at: datetime) -> str:
    """What made a revision, with the plan it is cloned from by its name where that may be seen."""
    told, cloned, plan_id = what.partition(CLONED)
    if told or not cloned:
        return what
    try:
        return f"{CLONED}{plans.get(tx, plan_id, by=by, at=at).name}"
    except NotFound:
        return "cloned it"


def said(one: RecordedEdit, names: dict[str, str]) -> str:
    """An edit in one line."""
    told = one.payload
    accounts = told.get("accounts", ())
    some = accounts[0] if len(accounts) == 1 else counted(len(accounts), "account")
    person = names.get(told.get("person") or "", told.get("person"))
    return {
        "move": lambda: f"Moved {some} to {told['to']}",
        "lock": lambda: f"Locked {some}",
        "unlock": lambda: f"Unlocked {some}",
        "rename": lambda: f"Called {told['territory']} {told['to']}",
        "add": lambda: f"Added {told['territory']}" + (f" for {person}" if person else ""),
        "remove": lambda: (
            f"Took away {told['territory']}" + (f", its accounts to {told['to']}" if told.get("to") else "")
        ),
        "merge": lambda: f"Merged {', '.join(told['territories'])} into {told['into']}",
        "split": lambda: f"Split {told['territory']} in {len(told['parts']) + 1}",
        "staff": lambda: f"Gave {told['territory']} to {person}",
        "vacant": lambda: f"Left {told['territory']} vacant",
    }.get(one.kind, lambda: one.kind.capitalize())()


@router.page("/plans/{plan_id}/history", Deed.SEE_EVERYONE)
def show(
    plan_id: InPath,
    here: Looked,
    after: After = None,
    edit: Annotated[str | None, Query(max_length=1000, pattern=r"^[^\x00]*$")] = None,
) -> Response:
    """What became of a plan."""
    page = load(here.tx, plan_id, after=after, edit=edit, by=here.person, at=here.at)
    return here.show("plan_history.html", page)
