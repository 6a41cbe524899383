"""Erasing what is personal of somebody who left."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks

from patchbook.access.erasure import erase, scrub
from patchbook.web.models import InPath, Out
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, Served, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["people"])


class ErasedOut(Out):
    """What was erased, and where history that is never changed still names somebody."""

    person_id: str
    rows: int
    in_history: list[str]
    is_complete: bool


@router.post("/people/{person_id}/erasure", status_code=201)
def erase_person(
    person_id: InPath, later: BackgroundTasks, record: Served, tx: Transaction, person: SignedIn, at: Now
) -> ErasedOut:
    """Erase what is personal of somebody who left; the database is rewritten without it after the answer."""
    erased = erase(tx, person_id, by=person, at=at)
    later.add_task(scrub, record)
    return ErasedOut.of(erased)
