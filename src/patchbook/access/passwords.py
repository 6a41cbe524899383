"""Passwords: what is a good one, how it is kept, and signing in with it."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from patchbook.access import sessions, store
from patchbook.access.grants import NoSuchPerson
from patchbook.access.session import SignedIn, new_secret
from patchbook.audit import actions as audit
from patchbook.db.record import Record, record_of
from patchbook.errors import BadInput, NotAllowed
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal

SHORTEST = 8
LONGEST = 1000
TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""Argon2id with what OWASP's cheat sheet on storing passwords asks for at least: 19 MiB, two passes."""


class WeakPassword(BadInput):
    """A password somebody else would soon guess; the message says what a better one is."""


class WrongPassword(NotAllowed):
    """The e-mail address or the password is wrong; which of them, nobody is told."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong; an admin can set a new password.")


class TooManyTries(NotAllowed):
    """So many sign-ins have failed that the next must wait; the message says until when."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"{TRIES} sign-ins in this name have failed; try again after {until:%Y-%m-%d %H:%M:%S} UTC.")
        self.until = until


def set_password(
    tx: Connection, person_id: str, new: str, *, old: str | None = None, by: Principal, at: datetime
) -> None:
    """
    Give somebody a new password, which ends their sessions.

    Parameters
    ----------
    old
        The present password, needed by who changes their own; an admin sets a new one for anybody else.

    Raises
    ------
    WeakPassword
        It is too short, or one of those that are tried first.
    WrongPassword
        The old one is not right.
    """
    present = store.password_hash(tx, person_id)
    if person_id != by.person_id or by.token_scopes is not None or present is None:
        allow(tx, by, Deed.GRANT, at=at)
    elif old is None or not _is_right(present, old):
        raise WrongPassword
    if not store.is_person(tx, person_id):
        raise NoSuchPerson(person_id)
    refuse_weak(new, about=store.words_about(tx, person_id))
    store.put_password(tx, person_id, _HASHER.hash(_plain(new)), at)
    sessions.end_sessions(tx, person_id)
    audit.record(tx, "set password", person_id, kind="person", by=by.person_id, at=at)


def sign_in(record: Record, email: str, password: str, *, replaces: str | None = None, at: datetime) -> SignedIn:
    """
    A new session for who knows the password.

    It opens its own transactions: a failed try is counted although it is refused, and nobody waits for the record
    while a password is compared. A try counts as failed until it succeeds, so many at once gain nothing.

    Parameters
    ----------
    replaces
        The secret of a session that ends with this sign-in.

    Raises
    ------
    WrongPassword
        Nobody of that address has that password.
    TooManyTries
        Too many have failed lately, whether or not there is anybody of that address.
    """
    email = _plain(email).replace("\0", "")
    with record.writing() as tx:
        whom = attempt_digest(tx, email)
        tries = store.attempts(tx, whom, at - TRIES_WITHIN)
        waits = tries[-TRIES] + TRIES_WITHIN if len(tries) >= TRIES else None
        if waits is None:
            store.add_attempt(tx, whom, at, forget_before=at - TRIES_WITHIN)
        people = store.people_with_email(tx, email)
        person_id = people[0] if len(people) == 1 else None
        kept = store.password_hash(tx, person_id) if person_id is not None else None
    if waits is not None:
        raise TooManyTries(waits)
    is_right = _is_right(kept or _nobodys(), password)
    if person_id is None or kept is None or not is_right:
        raise WrongPassword
    with record.writing() as tx:
        if store.password_hash(tx, person_id) != kept or not store.is_employed(tx, person_id, at):
            raise WrongPassword
        store.drop_attempts(tx, whom)
        return sessions.begin(tx, person_id, how="password", replaces=replaces, at=at)


def refuse_weak(password: str, *, about: frozenset[str] = frozenset()) -> None:
    """
    Refuse a password that is short, among the most common, or made of what is known about its owner.

    Examples
    --------
    >>> refuse_weak("Password123")
    Traceback (most recent call last):
    ...
    patchbook.access.passwords.WeakPassword: This password is among the first anybody tries; choose another, such as \
four words that do not belong together.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise WeakPassword(f"A password of {len(plain)} characters is too short; use {SHORTEST} or more, better 15.")
    if len(plain) > LONGEST:
        raise WeakPassword(f"A password of {len(plain)} characters is too long; use at most {LONGEST}.")
    bare = _bare(plain)
    own = {word for one in about for word in (_bare(one), _bare(one.partition("@")[0])) if len(word) >= 3}
    tried_first = {bare, bare.strip("0123456789"), _undisguised(plain)} & (_common() | own)
    if tried_first or len(set(plain.casefold())) <= 3 or _is_a_walk(bare):
        raise WeakPassword(
            "This password is among the first anybody tries; choose another, such as four words that do not belong"
            " together."
        )


def attempt_digest(tx: Connection, email: str) -> str:
    """What a try is counted under: tells nothing to who reads the database."""
    typed = _plain(email).strip().casefold()
    return hmac.new(record_of(tx).anchor.key, f"attempt {typed}".encode(), hashlib.sha256).hexdigest()


def _is_right(hashed: str, password: str) -> bool:
    try:
        return len(password) <= LONGEST and _HASHER.verify(hashed, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """A hash no password fits, compared where there is nobody, so that both take as long."""
    return _HASHER.hash(new_secret())


def _plain(password: str) -> str:
    """One spelling of what looks the same, whatever keyboard it was typed on (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


_DISGUISES = str.maketrans("@$0134", "asoiea")


def _bare(text: str) -> str:
    """Letters and digits in lower case."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _undisguised(text: str) -> str:
    """The word behind `P@ssw0rd2024!`."""
    return _bare(text.casefold().rstrip("0123456789!?.#*$").translate(_DISGUISES))


@cache
def _common() -> frozenset[str]:
    """The words of `common_passwords.txt`."""
    text = files("patchbook.access").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(word for word in text.split() if not word.startswith("#"))


_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop")


def _is_a_walk(bare: str) -> bool:
    """Whether it is a walk along the keyboard, the alphabet or the numbers, there or back, perhaps repeated."""
    steps = {pair for row in _ROWS for way in (row, row[::-1]) for pair in pairwise(way)}
    walked = sum(1 for pair in pairwise(bare) if pair in steps or pair[0] == pair[1])
    return len(bare) > 1 and walked >= 0.7 * (len(bare) - 1)
