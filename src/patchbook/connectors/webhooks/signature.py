"""Whether a message is from who it says: the schemes there are, and what they have in common. Pure; no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from patchbook.connectors.webhooks import hubspot, standard
from patchbook.connectors.webhooks.message import BadSignature, Message

__all__ = ["SCHEMES", "BadSignature", "Message", "verify"]

SCHEMES: Mapping[str, Callable[[Message, Sequence[str], datetime], str]] = {
    "standard": standard.verify,
    "hubspot": hubspot.verify,
}
"""Scheme → what verifies a message by some secrets at an instant, and gives the message's id."""


def verify(scheme: str, message: Message, secrets: Sequence[str], *, at: datetime) -> str:
    """
    The id of a message that is signed with one of the secrets, and not long ago.

    Several secrets let one be exchanged for another without a message refused in between.

    Raises
    ------
    BadSignature
        A header is missing, the message is too old or from the future, or no secret signed it.
    """
    return SCHEMES[scheme](message, secrets, at)
