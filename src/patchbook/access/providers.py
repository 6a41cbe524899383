"""The companies that say who somebody is: read from `sign-in.json` in the data folder, their secrets from elsewhere."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from patchbook.errors import BadInput, NotFound
from patchbook.people.principal import Role

FILE = "sign-in.json"
SECRET_SETTING = "PATCHBOOK_OIDC_SECRET_"
_KNOWN = frozenset({"issuer", "client_id", "groups_claim", "roles", "scope"})


class BadProvider(BadInput):
    """The settings of a sign-in provider cannot be used; the message says which and what would be right."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider of OpenID Connect, and which of its groups holds which role here."""

    name: str
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    groups_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    scope: str = "openid email profile"

    @property
    def source(self) -> str:
        """What roles that follow this provider's groups are marked with."""
        return f"oidc:{self.name}"


def providers(folder: Path, settings: Mapping[str, str] = os.environ) -> dict[str, Provider]:
    """
    Name → provider; empty where none is set up.

    The file is `{"okta": {"issuer": "https://…", "client_id": "…", "roles": {"sales-ops": "planner"}}}`; the secret of
    `okta` is in the environment as `PATCHBOOK_OIDC_SECRET_OKTA`.
    """
    file = folder / FILE
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadProvider(f"{file} cannot be read ({error}); it must be JSON, one object for each provider.") from error
    if not isinstance(read, dict):
        raise BadProvider(f"{file} holds a {type(read).__name__}; it must be an object with one for each provider.")
    return {name: _provider(file, name, told, settings) for name, told in read.items()}


def provider(folder: Path, name: str, settings: Mapping[str, str] = os.environ) -> Provider:
    """The provider of that name."""
    known = providers(folder, settings)
    if name not in known:
        listed = f"there is {', '.join(sorted(known))}" if known else f"none is set up in {FILE}"
        raise NotFound(f"There is no sign-in provider {name!r}; {listed}.")
    return known[name]


def is_safe_url(url: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.username is not None or parts.password is not None or not host:
            return False
        if parts.scheme == "https":
            return True
        return parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _provider(file: Path, name: str, told: Any, settings: Mapping[str, str]) -> Provider:
    where = f"{file}, provider {name!r}"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise BadProvider(f"{where}: a name has small letters, digits and hyphens only, such as 'okta'.")
    if not isinstance(told, dict):
        raise BadProvider(f"{where}: found a {type(told).__name__}; it must be an object with issuer and client_id.")
    if "client_secret" in told:
        raise BadProvider(f"{where}: a secret does not belong into a file; set {_secret_name(name)} instead.")
    if unknown := sorted(set(told) - _KNOWN):
        raise BadProvider(f"{where}: {unknown[0]!r} is not known; there are {', '.join(sorted(_KNOWN))}.")
    for key in _KNOWN & set(told) - {"roles"} | {"issuer", "client_id"}:
        if not isinstance(told.get(key), str) or not told[key]:
            raise BadProvider(f"{where}: {key} must be a text.")
    if not is_safe_url(told["issuer"]):
        raise BadProvider(f"{where}: the issuer {told['issuer']!r} must begin with https://.")
    return Provider(
        name=name,
        client_secret=settings.get(_secret_name(name)) or None,
        **{**told, "roles": _roles(where, told.get("roles", {}))},
    )


def _roles(where: str, told: Any) -> Mapping[str, Role]:
    known = [role.value for role in Role]
    if not isinstance(told, dict) or not all(value in known for value in told.values()):
        raise BadProvider(f"{where}: roles must map groups to some of {', '.join(known)}.")
    return MappingProxyType({group: Role(value) for group, value in told.items()})


def _secret_name(name: str) -> str:
    return SECRET_SETTING + name.upper().replace("-", "_")
