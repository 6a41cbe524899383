"""
Send a message to an address somebody typed in, without being used to reach what is inside.

The name is looked up once, every address it has must be a public one, and the connection goes to the address that was
checked, so a name that changes its mind in between gains nothing. No redirects, one port, little time, small answers.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpx2

from patchbook.errors import BadInput

TIMEOUT_SECONDS = 15.0
PORT = 443

Look = Callable[[str, int], Sequence[str]]
"""Host and port → its addresses."""


class UnsafeAddress(BadInput):
    """An address must not be sent to; the message says why."""


class Unreachable(Exception):
    """Nobody answered; it can be tried again."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the other side said."""

    status: int
    retry_after_seconds: float | None = None


def look_up(host: str, port: int) -> Sequence[str]:
    """Every address a name has, as the system's resolver says."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host} cannot be looked up") from error
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    inside: Collection[str] = (),
    look: Look = look_up,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """
    Post a message, and say what was answered.

    Parameters
    ----------
    inside
        `host:port` that an administrator allows though they are inside; there plain http will do.

    Raises
    ------
    UnsafeAddress
        The address is not https on port 443, or leads inside.
    Unreachable
        Nobody answered in time.
    """
    host, port, is_inside = _checked(url, inside)
    addresses = look(host, port)
    if not addresses:
        raise Unreachable(f"{host} has no address")
    for address in addresses:
        if not is_inside and not is_public(address):
            raise UnsafeAddress(f"{host} is at {address}, which is not a public address; webhooks go outside only.")
    parts = urlsplit(url)
    where = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    pinned = parts._replace(netloc=f"{where}:{port}", fragment="").geturl()
    told = {**headers, "host": parts.netloc, "user-agent": "Patchbook", "content-type": "application/json"}
    try:
        with (
            httpx2.Client(
                timeout=timeout_seconds, follow_redirects=False, trust_env=False, verify=_trusted()
            ) as client,
            client.stream("POST", pinned, content=body, headers=told, extensions={"sni_hostname": host}) as answer,
        ):
            # What else the answer says is not read: it could come a byte at a time for ever.
            return Answer(status=answer.status_code, retry_after_seconds=_wait(answer.headers.get("retry-after")))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise Unreachable(f"{host} does not answer ({type(error).__name__})") from error


def check(url: str, *, inside: Collection[str] = ()) -> None:
    """Refuse an address that could never be sent to, before anything is looked up."""
    host, _, is_inside = _checked(url, inside)
    if not is_inside and (_is_number(host) or host.lower() == "localhost" or "." not in host.strip(".")):
        raise UnsafeAddress(
            f"The webhook address {url!r} must name a public host, such as https://hooks.example.com/in."
        )


def is_public(address: str) -> bool:
    """
    Whether an address is one of the open internet: not private, shared, of this machine, reserved or for many at once.

    Examples
    --------
    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        hidden = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if hidden is None and found in _TRANSLATED:
            hidden = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if hidden is not None and not is_public(str(hidden)):
            return False
    return found.is_global and not found.is_multicast


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def _checked(url: str, inside: Collection[str]) -> tuple[str, int, bool]:
    """Host, port, and whether an administrator allowed it though it may be inside."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnsafeAddress(f"{url!r} is no address; write one such as https://hooks.example.com/in.") from None
    port = port or (PORT if parts.scheme == "https" else 80)
    is_inside = f"{host}:{port}" in inside
    if parts.scheme not in (("https", "http") if is_inside else ("https",)) or not host:
        raise UnsafeAddress(f"The webhook address {url!r} must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddress("A webhook address holds no name or password; the signature says who sends.")
    if port != PORT and not is_inside:
        raise UnsafeAddress(f"The webhook address {url!r} names port {port}; webhooks go to port {PORT}.")
    return host, port, is_inside


def _is_number(host: str) -> bool:
    """Whether a host is an address in one of the many ways of writing it, rather than a name."""
    return ":" in host or all(part.isalnum() and part[:1].isdigit() for part in host.strip(".").split("."))


def _wait(told: str | None) -> float | None:
    return float(told) if told is not None and told.isascii() and told.isdigit() and len(told) < 8 else None


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities whose certificates are believed; `SSL_CERT_FILE` names those of a company of one's own."""
    return httpx2.create_ssl_context()
