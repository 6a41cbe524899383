"""What people and accounts are called, for pages: one query for all that a page names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from patchbook.db.believed import believed_at
from patchbook.errors import NotFound
from patchbook.imports import actions as imports
from patchbook.ledger.tables import assignment
from patchbook.people import store as people
from patchbook.people.permission import in_scope
from patchbook.people.principal import Principal


def people_named(tx: Connection, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Id → name; ids the record does not know are called by their id."""
    wanted = sorted({one for one in person_ids if one})
    found = people.find(tx, wanted) if wanted else {}
    return {one: found[one].name if one in found else one for one in wanted}


def accounts_named(tx: Connection, account_ids: Iterable[str]) -> dict[str, str]:
    """Id → name in the newest import; accounts it does not have are called by their id."""
    wanted = sorted(set(account_ids))
    names = dict.fromkeys(wanted, "")
    try:
        rows = imports.accounts_by_id(tx, wanted) if wanted else None
    except NotFound:
        rows = None
    if rows is not None and "name" in rows.columns:
        names |= {account_id: name or "" for account_id, name in rows.select("account_id", "name").iter_rows()}
    return {account_id: name or account_id for account_id, name in names.items()}


def accounts_open_to(tx: Connection, account_ids: Iterable[str], *, by: Principal, at: datetime) -> frozenset[str]:
    """Those accounts that lie where somebody sees; a deal held over lets them see the deal, not its account's page."""
    wanted = frozenset(account_ids)
    if by.is_everywhere or not wanted:
        return wanted
    mine = in_scope(by, territory=assignment.c.territory_id, at=at)
    query = select(assignment.c.account_id).where(
        assignment.c.account_id.in_(wanted), *believed_at(assignment, at), mine
    )
    return frozenset(tx.execute(query).scalars())


def with_names(sentence: str, names: Mapping[str, str]) -> str:
    """
    A sentence of the record, which names people by their ids, with what they are called instead.

    Examples
    --------
    >>> with_names("P10 asks for A1 to go to P1.", {"P1": "Ann", "P10": "Bo"})
    'Bo asks for A1 to go to Ann.'
    """
    if not names:
        return sentence
    ids = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])@?({ids})(?![\w-])", lambda found: names[found.group(1)], sentence)
