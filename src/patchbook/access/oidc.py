"""Signing in through another company's OpenID Connect: authorisation code with PKCE, state and nonce.

What a provider says is believed only if it is signed with one of its keys, by an algorithm no shared secret can make,
for us, now, and in answer to what we asked (OpenID Connect Core 1.0, section 3.1.3.7; RFC 9700). Nobody is taken for
somebody because of an e-mail address: who somebody is, is the provider's own id of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Connection

from patchbook.access import sessions, store
from patchbook.access.grants import NoSuchPerson
from patchbook.access.providers import Provider, is_safe_url, provider, providers
from patchbook.access.session import SignedIn, digest, new_secret
from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.record import Record
from patchbook.errors import BadInput, NotAllowed
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import SYSTEM, Principal, Role
from patchbook.period import midnight

__all__ = ["Begun", "Provider", "SignInFailed", "begin", "finish", "link", "providers"]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key only the provider has. `none` and those by a shared secret are never among them."""

GOOD_FOR = timedelta(minutes=10)
"""How long somebody may take at the provider."""

LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10.0
MOST_BYTES = 1_000_000
LONGEST_SUBJECT = 255


class SignInFailed(NotAllowed):
    """A sign-in through a provider is not to be believed; the message says what was wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """Where to send somebody. The state goes into a cookie of theirs, to be compared with what comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)


def begin(record: Record, name: str, redirect_uri: str, *, at: datetime) -> Begun:
    """
    Begin a sign-in through a provider.

    Parameters
    ----------
    name
        Of one in `sign-in.json`.
    redirect_uri
        Where the provider sends them back to; registered with it.
    """
    settings = provider(record.folder, name)
    if not is_safe_url(redirect_uri):
        raise BadInput(f"People cannot be sent back to {redirect_uri!r}; it must begin with https://.")
    known = _discovered(settings)
    state = new_secret()
    with record.writing() as tx:
        store.add_sign_in_begun(tx, digest(state), name, redirect_uri, at, forget_before=at - GOOD_FOR)
    asked = [
        ("response_type", "code"),
        ("client_id", settings.client_id),
        ("redirect_uri", redirect_uri),
        ("scope", settings.scope),
        ("state", state),
        ("nonce", _derived(record, "nonce", state)),
        ("code_challenge", create_s256_code_challenge(_derived(record, "verifier", state))),
        ("code_challenge_method", "S256"),
    ]
    return Begun(url=add_params_to_uri(known["authorization_endpoint"], asked), state=state)


def finish(
    record: Record,
    name: str,
    state: str,
    code: str,
    *,
    issuer: str | None = None,
    replaces: str | None = None,
    at: datetime,
) -> SignedIn:
    """
    A new session for who came back from a provider; who is new here gets the roles of their groups.

    It opens its own transactions, none of them while it waits for the provider.

    Parameters
    ----------
    state, code, issuer
        As they came back: `state`, `code` and, from some providers, `iss`. That the state is the one in the visitor's
        cookie is for the caller to see to.
    replaces
        The secret of a session that ends with this sign-in.

    Raises
    ------
    SignInFailed
        Something about it is not to be believed, or nobody of these groups has a role here.
    """
    settings = provider(record.folder, name)
    with record.writing() as tx:
        redirect_uri = store.take_sign_in_begun(tx, digest(state), name, begun_after=at - GOOD_FOR)
    if redirect_uri is None:
        raise SignInFailed("This sign-in was not begun here, is used already, or took too long; begin again.")
    known = _discovered(settings)
    if issuer is not None and issuer != settings.issuer:
        raise _failed(settings, f"the answer is from {issuer!r}")
    if issuer is None and known.get("authorization_response_iss_parameter_supported") is True:
        raise _failed(settings, "the answer does not say who it is from")
    answer = _tokens(settings, known, code, redirect_uri, _derived(record, "verifier", state))
    claims = _believed(settings, known, answer, _derived(record, "nonce", state), at)
    with record.writing() as tx:
        person_id = _person(tx, settings, claims, at)
        return sessions.begin(tx, person_id, how=settings.source, replaces=replaces, at=at)


def link(tx: Connection, person_id: str, issuer: str, subject: str, *, by: Principal, at: datetime) -> None:
    """Say that somebody known here is the one a provider knows by this subject."""
    allow(tx, by, Deed.GRANT, at=at)
    if not store.is_person(tx, person_id):
        raise NoSuchPerson(person_id)
    taken = store.person_of_identity(tx, issuer, subject)
    if taken == person_id:
        return
    if taken is not None:
        raise BadInput(f"That identity is {taken!r} already; nobody can be two people.")
    store.add_identity(tx, issuer, subject, person_id, at)
    audit.record(tx, "link identity", person_id, kind="person", by=by.person_id, at=at)


def _derived(record: Record, what: str, state: str) -> str:
    """A secret of this sign-in that is stored nowhere: only who has the record's key can make it from the state."""
    made = hmac.digest(record.anchor.key, f"oidc {what} {state}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _discovered(settings: Provider) -> dict[str, Any]:
    """What a provider says of itself."""
    known = _fetched(settings, "GET", settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if known.get("issuer") != settings.issuer:
        raise _failed(settings, f"it says that it is {known.get('issuer')!r}")
    for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        url = known.get(endpoint)
        if not isinstance(url, str) or not is_safe_url(url):
            raise _failed(settings, f"its {endpoint} is {url!r}, and not https")
    return known


def _tokens(
    settings: Provider, known: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
) -> dict[str, Any]:
    """What the provider gives for the code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": settings.client_id,
    }
    methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    basic = None
    if settings.client_secret is not None:
        if "client_secret_basic" in methods:
            basic = httpx2.BasicAuth(quote(settings.client_id, safe=""), quote(settings.client_secret, safe=""))
        else:
            form["client_secret"] = settings.client_secret
    return _fetched(settings, "POST", known["token_endpoint"], data=form, auth=basic)


def _believed(
    settings: Provider, known: Mapping[str, Any], answer: Mapping[str, Any], nonce: str, at: datetime
) -> Mapping[str, Any]:
    """What the provider says of somebody, once everything about it is right."""
    id_token = answer.get("id_token")
    if not isinstance(id_token, str):
        raise _failed(settings, "its answer has no id_token")
    keys = _fetched(settings, "GET", known["jwks_uri"])
    try:
        read = jwt.decode(id_token, _public(keys), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            params={"nonce": nonce, "client_id": settings.client_id, "access_token": answer.get("access_token")},
        )
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _failed(settings, f"its id_token is not to be believed ({type(error).__name__}: {error})") from error
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise _failed(settings, "its id_token does not say who somebody is")
    return dict(claims)


def _public(keys: Mapping[str, Any]) -> KeySet:
    """The keys of a provider that can only verify: a shared secret has no place among them."""
    listed = keys.get("keys")
    usable = (
        [one for one in listed if isinstance(one, dict) and one.get("kty") in ("RSA", "EC", "OKP")]
        if isinstance(listed, list)
        else []
    )
    if not usable:
        raise ValueError("it shows no public key")
    return KeySet.import_key_set({"keys": usable})


def _person(tx: Connection, settings: Provider, claims: Mapping[str, Any], at: datetime) -> str:
    """Who this is here, with the roles their groups have now."""
    roles = frozenset(settings.roles[group] for group in _groups(settings, claims) if group in settings.roles)
    person_id = store.person_of_identity(tx, settings.issuer, claims["sub"])
    if person_id is None:
        person_id = _made(tx, settings, claims, roles, at)
    elif not store.is_employed(tx, person_id, at):
        raise _failed(settings, "the person is not employed here now")
    _follow(tx, settings, person_id, roles, at)
    return person_id


def _made(tx: Connection, settings: Provider, claims: Mapping[str, Any], roles: frozenset[Role], at: datetime) -> str:
    """Somebody new, of whom the record knows what the provider says."""
    if not roles:
        raise _failed(settings, "none of the person's groups has a role here")
    email = claims.get("email") if claims.get("email_verified") is True else None
    email = email.strip() if isinstance(email, str) and "@" in email else None
    if email and store.people_with_email(tx, email):
        raise _failed(settings, "somebody of the same e-mail address is here already; an admin has to link the two")
    name = claims.get("name")
    person_id = new_id("person")
    store.add_person(tx, person_id, name.strip() if isinstance(name, str) and name.strip() else person_id, email)
    store.employ(tx, person_id, midnight(at.date()), "signed in for the first time", at)
    store.add_identity(tx, settings.issuer, claims["sub"], person_id, at)
    audit.record(tx, "add person", person_id, kind="person", by=SYSTEM, at=at, after={"source": settings.source})
    return person_id


def _follow(tx: Connection, settings: Provider, person_id: str, roles: Iterable[Role], at: datetime) -> None:
    """Hold the roles the groups have, and let go of those they had; roles granted by hand stay as they are."""
    held = {Role(row.role): row.held_id for row in store.held_by(tx, person_id) if row.source == settings.source}
    new = [role for role in Role if role in set(roles) - set(held)]
    gone = [role for role in held if role not in set(roles)]
    for role in new:
        values = {"person_id": person_id, "role": role.value, "territory_id": None, "source": settings.source}
        store.add_held(tx, held_id=new_id("role"), **values, by=SYSTEM, at=at)
    for role in gone:
        store.drop_held(tx, held[role])
    if new or gone:
        before, after = (sorted(role.value for role in some) for some in (held, set(roles)))
        audit.record(
            tx,
            "follow groups",
            person_id,
            kind="person",
            by=SYSTEM,
            at=at,
            before={"roles": before},
            after={"roles": after, "source": settings.source},
        )


def _groups(settings: Provider, claims: Mapping[str, Any]) -> list[str]:
    found = claims.get(settings.groups_claim)
    listed = found if isinstance(found, list) else [found]
    return [group for group in listed if isinstance(group, str)]


def _fetched(settings: Provider, method: str, url: str, **options: Any) -> dict[str, Any]:
    """A document of a provider: not long, not late, and from nowhere but where it was asked for."""
    try:
        with (
            httpx2.Client(
                timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False, verify=_trusted()
            ) as client,
            client.stream(method, url, headers={"Accept": "application/json"}, **options) as answer,
        ):
            content = b""
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise _failed(settings, f"{url} answered more than {MOST_BYTES} bytes")
            status = answer.status_code
    except httpx2.HTTPError as error:
        raise _failed(settings, f"{url} does not answer ({type(error).__name__})") from error
    if status != 200:
        raise _failed(settings, f"{url} answered with status {status}")
    try:
        read = json.loads(content)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise _failed(settings, f"{url} answered no JSON object")
    return read


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities whose certificates are believed; `SSL_CERT_FILE` names those of a company of one's own."""
    return httpx2.create_ssl_context()


def _failed(settings: Provider, what: str) -> SignInFailed:
    return SignInFailed(f"The sign-in through {settings.name!r} failed: {what}.")
