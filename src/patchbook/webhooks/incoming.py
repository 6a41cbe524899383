"""A signed message as the leads it brings. Pure: the clock and the secrets are arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patchbook.connectors.webhooks import Message, verify
from patchbook.errors import BadInput
from patchbook.leads.fields import storable
from patchbook.webhooks.webhook import Source

MOST_BYTES = 256 * 1024
MOST_LEADS = 1_000
MOST_CHARACTERS = 10_000
"""Of one field."""

_MISSING = object()


class BadMessage(BadInput):
    """A message is signed as it must be, and cannot be read."""


class TooLong(BadMessage):
    """A message is longer than a webhook may be."""


@dataclass(frozen=True, kw_only=True)
class Brought:
    """One lead as a message tells it, its fields not cleaned yet."""

    source_id: str
    fields: Mapping[str, str]


def leads_of(message: Message, source: Source, secrets: Sequence[str], *, at: datetime) -> tuple[Brought, ...]:
    """
    The leads a message brings, if it is from who it says.

    Raises
    ------
    BadSignature
        It is not; nothing of it was read.
    BadMessage
        It is no JSON, or holds no lead where the settings say one stands.
    """
    if len(message.body) > MOST_BYTES:
        raise TooLong(f"The message has {len(message.body):,} bytes; a webhook has at most {MOST_BYTES:,}.")
    name = verify(source.signed, message, secrets, at=at)
    try:
        read = json.loads(message.body)
    except (ValueError, RecursionError):
        raise BadMessage("The message is no JSON; send an object, as application/json.") from None
    items = _items(read, source)
    return tuple(_brought(item, source, name if len(items) == 1 else f"{name}/{n}") for n, item in enumerate(items))


def _items(read: Any, source: Source) -> list[Mapping[str, Any]]:
    found = _at(read, source.items) if source.items else read
    items = found if isinstance(found, list) else [found]
    where = f" at {source.items!r}" if source.items else ""
    if len(items) > MOST_LEADS:
        raise BadMessage(f"The message brings {len(items):,} leads; send at most {MOST_LEADS:,} at a time.")
    if not items or not all(isinstance(item, dict) for item in items):
        raise BadMessage(f"The message holds no object{where}; a lead is one, or a list of them.")
    return items


def _brought(item: Mapping[str, Any], source: Source, otherwise: str) -> Brought:
    told = _at(item, source.id) if source.id else _MISSING
    source_id = _text(told) or otherwise
    if source.fields:
        found = {name: _text(_at(item, path)) for name, path in source.fields.items()}
    else:
        found = {name: _text(value) for name, value in _plain(item).items()}
    return Brought(source_id=source_id, fields={name: value for name, value in found.items() if value is not None})


def _plain(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where fields usually stand: in `data`, or in `properties`, or at the top."""
    for name in ("data", "properties"):
        if isinstance(item.get(name), dict):
            return {key: _value(value) for key, value in item[name].items()}
    return item


def _value(told: Any) -> Any:
    """HubSpot wraps the value of a property in an object."""
    return told["value"] if isinstance(told, dict) and "value" in told else told


def _at(read: Any, path: str) -> Any:
    """What stands at `a.b.0.c`."""
    for part in path.split("."):
        if isinstance(read, dict):
            read = read.get(part, _MISSING)
        elif isinstance(read, list) and part.isdigit() and int(part) < len(read):
            read = read[int(part)]
        else:
            return _MISSING
    return read


def _text(value: Any) -> str | None:
    """A value as a cell of a file would say it; an object or nothing is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = "; ".join(value)
    if isinstance(value, str | int | float):
        return storable(str(value)).strip()[:MOST_CHARACTERS] or None
    return None
