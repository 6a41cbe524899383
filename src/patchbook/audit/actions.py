"""Write down what was done, in the transaction that does it; and read it again."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, literal, or_, select, true

from patchbook.accounts.csv_out import write_csv
from patchbook.audit import store
from patchbook.audit.event import Event
from patchbook.audit.store import event
from patchbook.db.page import USUAL, Page, key_of, limit_of, page_of
from patchbook.db.record import record_of
from patchbook.errors import BadInput
from patchbook.people.permission import (
    Deed,
    allow,
    allow_somewhere,
    in_people_scope,
    in_scope,
    may,
    visible_plans,
)
from patchbook.people.principal import Principal


class NotPlain(BadInput):
    """Something cannot be written down so that it reads the same on every database."""


FIRST = "0" * 64
"""What the first event of a chain follows."""


def record(
    tx: Connection,
    deed: str,
    subject: str,
    *,
    kind: str,
    by: str,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str | None = None,
) -> int:
    """
    Append one event to the trail and give its number.

    Parameters
    ----------
    deed
        What was done, as a word of the glossary: `publish`, `departure`, `approve`.
    subject, kind
        The id of what it was done to, and what that is: `plan`, `person`, `territory`.
    by
        The id of who did it. Ids only, here and in `before` and `after`: the chain outlives a person's erasure.
    """
    last = tx.execute(select(event.c.number, event.c.digest).order_by(event.c.number.desc()).limit(1)).first()
    number, previous = (1, FIRST) if last is None else (last.number + 1, last.digest)
    told = {
        "number": number,
        "at": at.astimezone(UTC),
        "by": plain(by),
        "deed": plain(deed),
        "kind": plain(kind),
        "subject": plain(subject),
        "before": None if before is None else plain(before),
        "after": None if after is None else plain(after),
        "why": plain(why),
        "previous": previous,
    }
    digest = digest_of(record_of(tx).anchor.key, told)
    tx.execute(insert(event).values(**told, digest=digest))
    tx.info["audit head"] = (number, digest)
    return int(number)


def trail(
    tx: Connection,
    *,
    subject: str | None = None,
    kind: str | None = None,
    deed: str | None = None,
    person_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = USUAL,
    by: Principal,
    at: datetime,
) -> Page[Event]:
    """
    What was done, newest first.

    Admins see all of it. Others see what they did themselves, and what was done to the territories, people and plans
    they may see; who signed in and who was granted what is for admins alone.

    Parameters
    ----------
    subject, kind
        Only what was done to this, or to things of this kind.
    person_id
        Only what this person did.
    since, until
        Only what was done from the one instant on and before the other.
    """
    seen = limit_of(limit)
    before = None if after is None else int(key_of(after, int)[0])
    query = store.events(subject=subject, kind=kind, deed=deed, by=person_id, since=since, until=until, before=before)
    query = query.where(_visible(by, at))
    return page_of(store.read(tx, query.limit(seen + 1)), seen, lambda event: (event.number,))


def export(tx: Connection, path: Path, *, by: Principal, at: datetime) -> Path:
    """The whole trail as CSV a spreadsheet can open without running anything; for admins."""
    allow(tx, by, Deed.SEE_AUDIT, at=at)
    return write_csv(store.as_frame(tx), path)


ACCESS_DEEDS = (
    *("first admin", "grant", "revoke", "follow groups", "link identity", "set password"),
    *("sign in", "sign out", "make token", "revoke token", "end sessions", "erase"),
)
"""Deeds about who may come in and do what."""


def _visible(by: Principal, at: datetime) -> ColumnElement[bool]:
    """Which events somebody may see."""
    if may(by, Deed.SEE_AUDIT):
        return true()
    allow_somewhere(by, Deed.SEE)
    subject, kind = store.event.c.subject, store.event.c.kind
    return or_(
        store.event.c.by == by.person_id,
        and_(
            store.event.c.deed.not_in(ACCESS_DEEDS),
            or_(
                and_(kind == "territory", in_scope(by, territory=subject, at=at)),
                and_(kind == "person", in_people_scope(by, person_id=subject, at=at)),
                and_(kind == "plan", subject.in_(visible_plans(by, at=at)), literal(by.is_everywhere)),
            ),
        ),
    )


def digest_of(key: bytes, told: Mapping[str, Any]) -> str:
    """The keyed digest of an event, which the next event repeats."""
    return digest_of_text(key, **{**told, "before": text_of(told["before"]), "after": text_of(told["after"])})


def digest_of_text(
    key: bytes,
    *,
    number: int,
    at: datetime,
    by: str,
    deed: str,
    kind: str,
    subject: str,
    before: str,
    after: str,
    why: str | None,
    previous: str,
) -> str:
    """The same, where `before` and `after` are texts already; written out by hand, because a trail is long."""
    text = (
        f'{{"after":{after},"at":"{at.isoformat()}","before":{before},"by":{_quoted(by)},"deed":{_quoted(deed)},'
        f'"kind":{_quoted(kind)},"number":{number},"previous":{_quoted(previous)},"subject":{_quoted(subject)},'
        f'"why":{"null" if why is None else _quoted(why)}}}'
    )
    return hmac.digest(key, text.encode(), "sha256").hex()


text_of = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""A document as the one text it is digested as."""

_quoted: Callable[[str], str] = json.encoder.encode_basestring


def plain(value: Any) -> Any:
    """
    A value as both databases give it back: what is digested when written is what is digested when verified.

    PostgreSQL keeps numbers by their value, so a whole number stays one however it was written.

    Examples
    --------
    >>> plain({"accounts": ("a1", "a2"), "percent": 50.0, "on": date(2027, 2, 1)})
    {'accounts': ['a1', 'a2'], 'percent': 50, 'on': '2027-02-01'}

    Raises
    ------
    NotPlain
        It is nothing a document of JSON can hold.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and _has_half_a_character(value)):
            raise NotPlain(f"{value[:60]!r} has a character that cannot be kept; leave it out.")
        return str(value.value) if isinstance(value, Enum) else value
    if isinstance(value, float) and isfinite(value):
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(name)): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value)]
    raise NotPlain(f"{value!r} cannot be kept in the audit trail; ids, numbers, dates and lists of them can.")


def _has_half_a_character(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
