"""Write what a change of people comes to, prove that it leaves nobody's account alone, and tell the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from patchbook.audit import actions as audit
from patchbook.changes.change import Change
from patchbook.changes.coverage import uncovered
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.principal import Principal
from patchbook.people.store import employment
from patchbook.territories.store import place, split
from patchbook.territories.territory import LeavesAGap
from patchbook.words import counted

ORDER: tuple[Table, ...] = (employment, place, staffing, override, cover, split, assignment)
"""Facts are laid in this order, so that nobody is given work before they are employed; what ends, ends after."""

Fact = Mapping[str, Any]


@dataclass
class Facts:
    """The facts a deed will lay and those it will end, gathered before any is written."""

    laid: dict[str, list[Fact]] = field(default_factory=dict)
    lifted: dict[str, list[Fact]] = field(default_factory=dict)

    def lay(self, table: Table, facts: Iterable[Fact]) -> None:
        """Gather facts to lay."""
        self.laid.setdefault(table.name, []).extend(facts)

    def lift(self, table: Table, keys: Iterable[Fact]) -> None:
        """Gather facts to end."""
        self.lifted.setdefault(table.name, []).extend(keys)

    def write(self, tx: Connection, at: datetime) -> tuple[int, int]:
        """
        Write them all; gives how many facts were closed and written.

        What is given to somebody else ends first, so that a deed records all it does at one instant.
        """
        done = [lift(tx, override, self.lifted[override.name], at=at)] if self.lifted.get(override.name) else []
        done += [lay(tx, table, self.laid[table.name], at=at) for table in ORDER if self.laid.get(table.name)]
        done += [
            lift(tx, table, self.lifted[table.name], at=at)
            for table in reversed(ORDER)
            if table is not override and self.lifted.get(table.name)
        ]
        return sum(one.closed for one in done), sum(one.written for one in done)


def done(
    tx: Connection,
    change: Change,
    facts: Facts,
    *,
    touched: Iterable[str] = (),
    subject: str,
    kind: str = "person",
    preview: bool,
    by: Principal,
    at: datetime,
) -> Change:
    """
    Write a change, unless it is only looked at before.

    Parameters
    ----------
    touched
        The territories whose accounts are proven to have somebody at every instant from the day on.

    Raises
    ------
    LeavesAGap
        Some account would have nobody; the transaction must not be committed.
    """
    if preview:
        return replace(change, is_preview=True)
    closed, written = facts.write(tx, at)
    refuse_gaps(tx, on=change.on, territory_ids=sorted(set(touched)))
    audit.record(tx, change.deed, subject, kind=kind, by=by.person_id, at=at, after=tellable(change))
    return replace(change, closed=closed, written=written)


def refuse_gaps(tx: Connection, *, on: datetime, territory_ids: list[str]) -> None:
    """Refuse what left accounts to nobody."""
    if gaps := uncovered(tx, on=on, territory_ids=territory_ids):
        accounts = len({gap.account_id for gap in gaps})
        raise LeavesAGap(
            f"{counted(accounts, 'account')} would have nobody, {gaps[0].account_id} first, {gaps[0].valid.says};"
            " name somebody who is employed then."
        )


def tellable(change: Change) -> dict[str, Any]:
    """A change in ids and figures, for the audit trail."""
    told: dict[str, Any] = {
        "on": change.on.isoformat(),
        "seats": [[one.seat.seat_id, str(one.before), str(one.after), str(one.valid)] for one in change.seats],
        "accounts_moved": change.accounts_moved,
    }
    if change.until is not None:
        told["until"] = change.until.isoformat()
    return told | change.made
