"""What somebody gets who signed in, and for how long it is good. Pure: no database, no clock."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

IDLE = timedelta(hours=12)
"""A session not used for so long has ended."""

LONGEST = timedelta(days=7)
"""A session ends after this, used or not."""

TOKEN_START = "patchbook_"
"""What every API token begins with, so that one that leaked can be found by searching for it."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session just begun. The secret is shown once; the record keeps only its digest."""

    person_id: str
    secret: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Token:
    """An API token: what a program may do in somebody's name."""

    token_id: str
    person_id: str
    name: str
    scopes: frozenset[str]
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None
    used_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token just made. The secret is shown once; the record keeps only its digest."""

    token: Token
    secret: str = field(repr=False)


def new_secret(start: str = "") -> str:
    """256 random bits nobody can guess."""
    return start + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the record keeps of a secret: enough to know it again, too little to make it."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
