"""Who looks at a map: whoever is signed in; what they may see of a plan is asked where it is read."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from sqlalchemy import Connection

from patchbook.people.principal import Principal
from patchbook.web.errors import NotSignedIn
from patchbook.web.signed_in import principal


def visitor(request: Request, tx: Connection, at: datetime) -> Principal:
    """
    The person who asks.

    Raises
    ------
    NotSignedIn
        Nobody does.
    """
    person = principal(request, tx, at)
    if person is None:
        raise NotSignedIn("Nobody is signed in; sign in and load the page again.")
    return person
