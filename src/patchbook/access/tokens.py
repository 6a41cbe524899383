"""API tokens: what a program may do in somebody's name, until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection

from patchbook.access import store
from patchbook.access.grants import NoSuchPerson, principal
from patchbook.access.session import TOKEN_START, NewToken, Token, digest, new_secret
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal

DAYS = 90
MOST_DAYS = 366
LONGEST_NAME = 200


def make_token(
    tx: Connection,
    name: str,
    scopes: Collection[str],
    *,
    days: int = DAYS,
    person_id: str | None = None,
    by: Principal,
    at: datetime,
) -> NewToken:
    """
    A new token in one's own name, or for an admin in another's; its secret is in the answer and nowhere else.

    Parameters
    ----------
    name
        What it is for, so that it can be found when it is to be revoked.
    scopes
        The deeds it may do, at most those its person may: `see`, `import`, …
    """
    whose = person_id or by.person_id
    if by.token_scopes is not None:
        raise NotAllowed("A token makes no tokens; sign in to make one.")
    if whose != by.person_id:
        allow(tx, by, Deed.GRANT, at=at)
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadInput(f"A token's name has {len(name.strip())} characters; give it 1 to {LONGEST_NAME}.")
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"A token cannot be good for {days} days; choose 1 to {MOST_DAYS}.")
    known = {deed.value for deed in Deed}
    if unknown := sorted(set(scopes) - known):
        raise BadInput(f"There is no deed {unknown[0]!r}; a token is limited to some of {', '.join(sorted(known))}.")
    if not scopes:
        raise BadInput("A token that may do nothing is none; name at least one deed, such as 'see'.")
    if not store.is_person(tx, whose):
        raise NoSuchPerson(whose)
    secret = new_secret(TOKEN_START)
    token = Token(
        token_id=new_id("token"),
        person_id=whose,
        name=name.strip(),
        scopes=frozenset(str(scope) for scope in scopes),
        made_at=at,
        ends_at=at + timedelta(days=days),
    )
    store.add_token(tx, token, digest(secret))
    what = {"person_id": whose, "scopes": sorted(token.scopes), "ends_at": token.ends_at}
    audit.record(tx, "make token", token.token_id, kind="token", by=by.person_id, at=at, after=what)
    return NewToken(token=token, secret=secret)


def token_principal(tx: Connection, secret: str, *, at: datetime) -> Principal | None:
    """Whose token this is, limited to its deeds; None where it is unknown, revoked, over, or its person has left."""
    token = store.token_with(tx, digest(secret))
    if token is None or token.revoked_at is not None or token.ends_at <= at:
        return None
    person = principal(tx, token.person_id, at=at)
    if not store.is_employed(tx, token.person_id, at):
        return None
    return Principal(person_id=person.person_id, grants=person.grants, token_scopes=token.scopes)


def tokens(tx: Connection, *, person_id: str | None = None, by: Principal, at: datetime) -> tuple[Token, ...]:
    """Somebody's tokens, newest first: one's own, or for an admin anybody's."""
    whose = person_id or by.person_id
    if whose != by.person_id:
        allow(tx, by, Deed.GRANT, at=at)
    return store.tokens_of(tx, whose)


def revoke_token(tx: Connection, token_id: str, *, by: Principal, at: datetime) -> None:
    """
    End a token now: one's own, or for an admin anybody's; a token ends none of its person's that may more than itself.

    Who may not, learns no more than who named one that is not there.
    """
    token = store.token_named(tx, token_id)
    may = token is not None and (_is_own(token, by) or _may_grant(tx, by, at))
    if token is None or not may:
        raise NotFound(f"There is no token {token_id!r}.")
    if token.revoked_at is not None:
        return
    store.revoke_token(tx, token_id, at)
    audit.record(tx, "revoke token", token_id, kind="token", by=by.person_id, at=at)


def _is_own(token: Token, by: Principal) -> bool:
    return token.person_id == by.person_id and (by.token_scopes is None or token.scopes <= by.token_scopes)


def _may_grant(tx: Connection, by: Principal, at: datetime) -> bool:
    try:
        allow(tx, by, Deed.GRANT, at=at)
    except NotAllowed:
        return False
    return True
