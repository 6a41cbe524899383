"""
Messages signed as Standard Webhooks 1.0.0 says: HMAC-SHA256 over `id.timestamp.body`.

Headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature` (`v1,<base64>`, several parted by
blanks); a secret is `whsec_` and base64 of 24 to 64 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from patchbook.connectors.webhooks.message import BadSignature, Message, is_any, refuse_stale
from patchbook.errors import BadInput

PREFIX = "whsec_"
MOST_SIGNATURES = 10


class BadSecret(BadInput):
    """A secret is not one of this scheme."""


def verify(message: Message, secrets: Sequence[str], at: datetime) -> str:
    """The id of a message signed with one of the secrets."""
    name, stamp = message.header("webhook-id"), message.header("webhook-timestamp")
    given = message.header("webhook-signature").split()[:MOST_SIGNATURES]
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise BadSignature("The header webhook-timestamp is no number of seconds.")
    refuse_stale(int(stamp), at=at)
    right = [_signature(key_of(secret), name, stamp, message.body) for secret in secrets]
    if not is_any([one for one in given if one.startswith("v1,")], right):
        raise BadSignature("The message is not signed with the secret of this webhook.")
    return name


def signed(secret: str, name: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """
    The headers that sign a message of our own.

    Examples
    --------
    >>> from datetime import UTC
    >>> signed("whsec_" + "A" * 32, "msg_1", b"{}", at=datetime(2027, 1, 1, tzinfo=UTC))["webhook-timestamp"]
    '1798761600'
    """
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": _signature(key_of(secret), name, stamp, body),
    }


def key_of(secret: str) -> bytes:
    """
    The bytes a secret stands for.

    Raises
    ------
    BadSecret
        It is no base64 of 24 to 64 bytes; the secret itself is not repeated.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 24 <= len(key) <= 64:
        raise BadSecret(f"A secret of Standard Webhooks is {PREFIX} and base64 of 24 to 64 bytes; this one is not.")
    return key


def _signature(key: bytes, name: str, stamp: str, body: bytes) -> str:
    digest = hmac.new(key, b".".join((name.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
