"""A part of the tree moves under another manager on a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from patchbook.changes import store
from patchbook.changes.change import Change, SeatChange
from patchbook.changes.rights import refuse_unseen
from patchbook.changes.writing import Facts, done
from patchbook.db.metadata import new_id
from patchbook.ledger.tables import staffing
from patchbook.people import actions as people_actions
from patchbook.people import store as people
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import Period, told
from patchbook.territories import actions as territory_actions
from patchbook.territories import store as territories
from patchbook.territories.seats import facts as seat_facts
from patchbook.territories.seats import refuse_gap
from patchbook.territories.staffing import vacant
from patchbook.territories.store import place
from patchbook.territories.territory import Staffed
from patchbook.words import counted


def reorganisation(
    tx: Connection,
    territory_id: str,
    parent_id: str | None,
    *,
    on: datetime,
    reports_to: str | None = None,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Move a territory and all below it under another from a day on; accounts and seats stay where they are.

    Vacant seats that the old managers look after pass to the new ones.

    Parameters
    ----------
    reports_to
        Whom the people in it who report to the manager above it report to from now; otherwise they are only listed.

    Raises
    ------
    TreeCycle
        The new parent lies below the territory.
    """
    allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=territory_id)
    allow(tx, by, Deed.CHANGE_PEOPLE, at=at, territory=parent_id)
    if reports_to is not None:
        refuse_unseen(tx, [reports_to], by=by, at=at)
    before, after = territory_actions.moved(tx, territory_id, parent_id, on=on)
    within = Period(on, after[-1].valid.end)
    subtree = territories.below(tx, territory_id, on)
    old, new = (_managers(tx, parent, on) for parent in (before[0].parent_id, parent_id))
    there = territories.staffed(tx, within, territory_ids=subtree)
    source = new_id("change")
    facts = Facts()
    facts.lay(place, [territory_actions.fact(one, "reorganisation") for one in after])
    changed, pieces = _interims(tx, there, set(old) - set(new), new)
    refuse_gap(tx, pieces)
    facts.lay(staffing, seat_facts(pieces, cause="reorganisation", source=source, reason="reorganisation"))
    team = sorted({one.filler.person_id for one in there if one.filler.person_id is not None})
    reporting = [one for one in people.find(tx, team).values() if old and one.manager_id == old[0]]
    accounts = sum(store.accounts_on(tx, on, subtree).values())
    was, is_ = (managers[0] if managers else "nobody" for managers in (old, new))
    notes = []
    if reporting and reports_to is None and was != is_:
        notes.append(
            f"{counted(len(reporting), 'person still reports', 'people still report')} to {was},"
            f" {reporting[0].person_id} first."
        )
    change = Change(
        deed="reorganisation",
        person_id=None,
        on=on,
        until=None if within.is_open else within.end,
        summary=(
            f"{territory_id} and {counted(len(subtree) - 1, 'territory', 'territories')} below it move on {told(on)},"
            f" with {counted(len(team), 'person', 'people')} and {counted(accounts, 'account')};"
            f" above them is {is_} instead of {was}.",
        ),
        seats=tuple(changed),
        notes=tuple(notes),
        accounts_before=accounts,
        accounts_after=accounts,
        made={"change_id": source, "territory_id": territory_id},
    )
    change = done(
        tx, change, facts, touched=subtree, subject=territory_id, kind="territory", preview=preview, by=by, at=at
    )
    if not preview and reports_to is not None:
        for profile in reporting:
            if profile.person_id != reports_to:
                people_actions.keep_changed(tx, profile, {"manager_id": reports_to}, by=by, at=at)
    return change


def _managers(tx: Connection, parent_id: str | None, on: datetime) -> list[str]:
    """Who manages what hangs below a territory, nearest first."""
    if parent_id is None:
        return []
    line = [one.territory_id for one in reversed(territories.path(tx, parent_id, on))]
    return territories.managers_of(tx, line, on)


def _interims(
    tx: Connection, there: list[Staffed], gone: set[str], new: list[str]
) -> tuple[list[SeatChange], list[Staffed]]:
    """Vacant seats looked after by managers who no longer are above them, and who looks after them then."""
    employed = people.employments(tx, new)
    changed, pieces = [], []
    for one in there:
        if one.filler.interim_id not in gone or one.filler.interim_id is None:
            continue
        for who, valid in vacant(one.valid, new, employed):
            pieces.append(Staffed(seat=one.seat, filler=who, valid=valid, cause="", source="", reason=""))
            changed.append(SeatChange(seat=one.seat, before=one.filler, after=who, valid=valid))
    return changed, pieces
