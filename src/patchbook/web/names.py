"""What people, territories and accounts are called, for pages: a query or two for all that a page names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.errors import NotFound
from patchbook.imports import actions as imports
from patchbook.ledger.tables import assignment
from patchbook.people import store as people
from patchbook.people.permission import in_scope, scope
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.territories.store import place

_ID = re.compile(r"[^\s,;:()“”\"']*[^\s,;:()“”\"'.]")
"""Whatever in a sentence could be an id."""


def people_named(tx: Connection, person_ids: Iterable[str | None]) -> dict[str, str]:
    """Id → name; ids the record does not know are called by their id."""
    wanted = sorted({one for one in person_ids if one})
    return {one: one for one in wanted} | people.names(tx, wanted)


def names_of(
    tx: Connection, ids: Iterable[str | None], *, seen_by: Principal | None = None, at: datetime
) -> dict[str, str]:
    """
    Id → name, for the people and the territories among these ids; two queries.

    Parameters
    ----------
    seen_by
        Name only what this person may see, for ids that they told and the record did not.
    """
    wanted = sorted({one for one in ids if one})
    seen = in_sight(seen_by, person=people.person.c.person_id, at=at) if seen_by is not None else None
    found = {who: one.name for who, one in people.find(tx, wanted, seen=seen).items()}
    for some in chunks([one for one in wanted if one not in found]):
        query = select(place.c.territory_id, place.c.name).where(
            place.c.territory_id.in_(some), *believed_at(place, at)
        )
        if seen_by is not None:
            query = scope(query, seen_by, territory=place.c.territory_id, at=at)
        found |= {row.territory_id: row.name for row in tx.execute(query)}
    return found


def ids_in(sentences: Iterable[str]) -> set[str]:
    """Whatever in sentences could be an id."""
    return {word for sentence in sentences for word in _ID.findall(sentence)}


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


def day_of(at: datetime | None) -> str:
    """An instant as a date field has it: the day in UTC, or nothing."""
    return "" if at is None else at.astimezone(UTC).date().isoformat()
