"""Webhooks: messages whose signature proves who sent them, in by two schemes, and out to where they may go."""

from patchbook.connectors.webhooks.signature import SCHEMES, BadSignature, Message, verify

__all__ = ["SCHEMES", "BadSignature", "Message", "verify"]
