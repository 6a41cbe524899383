"""A page of a list: its rows, and where the next one begins.

Lists are paged by cursor: the key of the last row seen, not a count of rows, so that a list that grows meanwhile
neither repeats a row nor leaves one out, and nothing is said of rows the reader may not see.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from patchbook.errors import BadInput
from patchbook.period import from_microseconds

LONGEST = 1000
USUAL = 100
LARGEST = 2**63 - 1
"""The largest number a database keeps."""

Row = TypeVar("Row")


class BadPage(BadInput):
    """A page was asked for that cannot be: of no rows, of too many, or after a cursor no list gave."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursor to ask for those after them; None at the end."""

    rows: tuple[Row, ...]
    next_cursor: str | None = None


def limit_of(limit: int) -> int:
    """The number of rows asked for, if a page can have so many."""
    if isinstance(limit, bool) or not 1 <= limit <= LONGEST:
        raise BadPage(f"A page of {limit} rows was asked for; ask for 1 to {LONGEST}.")
    return limit


def cursor_of(*key: str | int) -> str:
    """
    The cursor of the row with this key.

    Examples
    --------
    >>> key_of(cursor_of("acme", 7), str, int)
    ('acme', 7)
    """
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def key_of(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The key a cursor was made of, whose parts must be of these kinds."""
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or not all(map(_can_be_kept, key)):
        raise BadPage(f"{cursor[:60]!r} is no cursor of this list; use the one its last page gave.")
    return tuple(key)


def moment_of(cursor: str | None) -> tuple[datetime, str] | None:
    """The instant and the id that a list went on from, where it is in order of both; None for its beginning."""
    if cursor is None:
        return None
    count, last = key_of(cursor, int, str)
    return from_microseconds(count), last


def _can_be_kept(part: Any) -> bool:
    """Whether a database could hold it: no cursor of ours has a longer number, or half a character."""
    if isinstance(part, int):
        return -LARGEST <= part <= LARGEST
    return "\0" not in part and not any("\ud800" <= sign <= "\udfff" for sign in part)


def page_of(rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[str | int, ...]]) -> Page[Row]:
    """
    The page of up to `limit` rows, when one more was read to see whether there are more.

    Examples
    --------
    >>> page = page_of(["ann", "bob", "cyd"], 2, lambda name: (name,))
    >>> page.rows, page.next_cursor == cursor_of("bob")
    (('ann', 'bob'), True)
    """
    shown = tuple(rows[:limit])
    return Page(shown, cursor_of(*key(shown[-1])) if len(rows) > limit else None)
