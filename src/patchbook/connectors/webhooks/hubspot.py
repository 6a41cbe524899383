"""
Messages signed as HubSpot's version 3 says: HMAC-SHA256 over method, address, body and timestamp.

Headers `x-hubspot-signature-v3` (base64) and `x-hubspot-request-timestamp` (milliseconds since 1970); the secret is
that of the app.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from patchbook.connectors.webhooks.message import BadSignature, Message, is_any, refuse_stale

DECODED: Mapping[str, str] = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
"""What HubSpot writes plainly in the address it signs, though it may be sent encoded."""


def verify(message: Message, secrets: Sequence[str], at: datetime) -> str:
    """The id of a message signed with one of the secrets: HubSpot gives none, so it is the signature's digest."""
    given, stamp = message.header("x-hubspot-signature-v3"), message.header("x-hubspot-request-timestamp")
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 15:
        raise BadSignature("The header X-HubSpot-Request-Timestamp is no number of milliseconds.")
    refuse_stale(int(stamp) / 1000, at=at)
    if not is_any([given], [signature(secret, message, stamp) for secret in secrets]):
        raise BadSignature("The message is not signed with the secret of this webhook.")
    return f"hubspot-{hashlib.sha256(given.encode()).hexdigest()[:32]}"


def signature(secret: str, message: Message, stamp: str) -> str:
    """What HubSpot would sign such a message with."""
    url = message.url.partition("#")[0]
    for encoded, plain in DECODED.items():
        url = url.replace(encoded, plain).replace(encoded.lower(), plain)
    signed = message.method.encode() + url.encode() + message.body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
