"""What every page of a change shows: its steps, its fields, and what it would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy import Connection

from patchbook.changes import Change
from patchbook.errors import PatchbookError
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.web.names import ids_in, names_of, with_names
from patchbook.web.pages.people_changes.told import Choices, Step, Told, fields_sent, told_of

Sent = Annotated[dict[str, str], Depends(fields_sent)]
"""What the form of a change holds."""


@dataclass(frozen=True, kw_only=True)
class ChangePage:
    """A change before it is made."""

    title: str
    lead: str
    action: str
    back: tuple[str, str]
    verb: str
    steps: tuple[Step, ...]
    sent: dict[str, str]
    person: Profile | None
    choices: Choices
    seats: tuple[tuple[str, str], ...] = ()
    """Seats to choose from, or those that are handed over."""
    parents: tuple[tuple[str, str], ...] = ()
    """Territories below which a new one can be peeled off its neighbours."""
    leads: int = 0
    """Open leads with the person."""
    is_at_once: bool = False
    """Whether it holds from today or before."""
    told: Told | None = None
    refusal: str | None = None


def looked_at(
    tx: Connection, deed: Callable[[], Change], *, extra: dict[str, str] | None = None, by: Principal, at: datetime
) -> tuple[Told | None, str | None]:
    """What a change would do, or the sentence that says why it cannot be; with the names of what one may see."""
    try:
        return told_of(tx, deed(), extra=extra, at=at), None
    except PatchbookError as refusal:
        sentence = str(refusal)
        return None, with_names(sentence, names_of(tx, ids_in([sentence]), seen_by=by, at=at) | (extra or {}))
