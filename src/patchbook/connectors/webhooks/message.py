"""A message as it came over the wire, and how it is refused. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from patchbook.errors import NotAllowed

TOLERANCE_SECONDS = 300
"""How old a message may be, and how far in the future, as both schemes say; an older one could be a copy sent again."""


class BadSignature(NotAllowed):
    """A message is not signed as it must be."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One request that claims to be a webhook."""

    method: str = "POST"
    url: str
    """The whole address it was sent to, as the sender wrote it."""
    headers: Mapping[str, str]
    """Name in small letters → value."""
    body: bytes

    def header(self, name: str) -> str:
        """A header that must be there."""
        found = self.headers.get(name, "").strip()
        if not found:
            raise BadSignature(f"The message has no header {name}; a signed one does.")
        return found


def refuse_stale(seconds: float, *, at: datetime) -> None:
    """Refuse a message sent too long before or after an instant."""
    if not abs(at.timestamp() - seconds) <= TOLERANCE_SECONDS:
        raise BadSignature(
            f"The message was signed more than {TOLERANCE_SECONDS // 60} minutes before or after now; send it again,"
            " and look at both clocks."
        )


def is_any(given: Iterable[str], right: Iterable[str]) -> bool:
    """Whether one of the signatures given is right, in a time that does not tell how nearly."""
    expected = [one.encode() for one in right]
    found = [hmac.compare_digest(signature.encode(), one) for signature in given for one in expected]
    return any(found)
