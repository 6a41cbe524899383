"""Names in place of ids, in sentences of the record that are kept in ids because they outlive names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.people import store as people
from patchbook.people.permission import scope
from patchbook.people.principal import Principal
from patchbook.people.sight import in_sight
from patchbook.territories.store import place

_ID = re.compile(r"[^\s,;:()“”\"']*[^\s,;:()“”\"'.]")


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


def named(sentence: str, names: Mapping[str, str]) -> str:
    """
    A sentence with names in place of ids.

    Examples
    --------
    >>> named("P7 is away; P12 acts for them on 3 accounts.", {"P7": "Ann Lee", "P12": "Bo Wu"})
    'Ann Lee is away; Bo Wu acts for them on 3 accounts.'
    """
    return _ID.sub(lambda word: names.get(word[0], word[0]), sentence)


def day_of(at: datetime | None) -> str:
    """An instant as a date field has it: the day in UTC, or nothing."""
    return "" if at is None else at.astimezone(UTC).date().isoformat()
