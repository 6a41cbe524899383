"""`webhooks`: the systems that send leads, and those that are told of decisions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from patchbook.connectors.webhooks import SCHEMES
from patchbook.connectors.webhooks.outside import UnsafeAddress, check
from patchbook.leads.sections.reader import SectionReader
from patchbook.leads.sections.section import Section, Setting
from patchbook.plans import values
from patchbook.plans.tree import Mapping, Node, Scalar
from patchbook.plans.values import Wrong, shape
from patchbook.webhooks.webhook import EVENTS, Source, Target, Webhooks, inside

MAP = "tag:yaml.org,2002:map"
Made = TypeVar("Made", Source, Target)

SOURCE, TARGET = "a webhook that comes in", "a webhook that goes out"

SETTINGS = (
    Setting(
        name="signed",
        where=SOURCE,
        kind="choice",
        choices=tuple(SCHEMES),
        default="standard",
        help="How messages are signed: as Standard Webhooks 1.0.0, or as version 3 of HubSpot.",
    ),
    Setting(
        name="fields",
        where=SOURCE,
        kind="fields to paths",
        default="all fields in `data`, in `properties` or at the top, by their own names",
        help="Field of the lead → where it stands in the message, with dots.",
    ),
    Setting(
        name="id",
        where=SOURCE,
        kind="text",
        default="the id of the message",
        help="Where the lead's id in that system stands.",
    ),
    Setting(
        name="items",
        where=SOURCE,
        kind="text",
        default="a message is one lead, or a list of them",
        help="Where the list of leads stands in a message that brings several.",
    ),
    Setting(
        name="url",
        where=SOURCE,
        kind="text",
        default="as it arrives here",
        help="The address the sender writes, where a proxy changes it; HubSpot signs it.",
    ),
    Setting(name="url", where=TARGET, kind="address", required=True, help="Where messages are sent, by https."),
    Setting(
        name="events",
        where=TARGET,
        kind="list of choices",
        choices=tuple(EVENTS),
        default="all",
        help="What it is told of.",
    ),
)


def read(node: Node, reader: SectionReader) -> Webhooks:
    """The section."""
    reader.of_kind("fields to paths", lambda node, *_: _paths(node, reader))
    reader.of_kind("address", lambda node, *_: _address(node))
    if not isinstance(node, Mapping):
        raise Wrong(f"a {shape(node)} stands here; write in: and out:, each with names of webhooks")
    sources: tuple[Source, ...] = ()
    targets: tuple[Target, ...] = ()
    for key, key_node, value in reader.pairs_of(node, "webhooks"):
        here = f"webhooks.{key}"
        if key == "in":
            with reader.reported(value, here, "in: "):
                sources = _each(value, reader, here, SOURCE, Source, "site: {id: reference}")
        elif key == "out":
            with reader.reported(value, here, "out: "):
                targets = _each(value, reader, here, TARGET, Target, "crm: {url: https://crm.example.com/in}")
        else:
            reader.report(key_node, here, f"{key!r} is neither in nor out, which is what webhooks are")
    return Webhooks(sources=sources, targets=targets)


SECTION = Section(
    name="webhooks",
    help="Systems that send leads by signed messages, and systems that are told of decisions.",
    read=read,
    default=Webhooks,
    settings=SETTINGS,
)


def _each(
    node: Node, reader: SectionReader, place: str, where: str, make: Callable[..., Made], example: str
) -> tuple[Made, ...]:
    made = []
    for name, here, key_node, value in reader.named(node, place, example):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
            reader.report(key_node, here, f"{name!r} is no name of a webhook; use small letters, digits and hyphens")
            continue
        if isinstance(value, Scalar) and not value.value:
            value = Mapping(tag=MAP, value=[], start_mark=value.start_mark, end_mark=value.end_mark)
        found, is_whole = reader.settings(value, here, where)
        if is_whole:
            made.append(make(name=name, **found))
    return tuple(made)


def _paths(node: Node, reader: SectionReader) -> dict[str, str]:
    if not isinstance(node, Mapping):
        raise Wrong(f"a {shape(node)} stands here; write pairs, as in email: contact.email")
    return {key: values.text(value) for key, _, value in reader.pairs_of(node, "fields")}


def _address(node: Node) -> str:
    written = values.text(node)
    try:
        check(written, inside=inside())
    except UnsafeAddress as error:
        raise Wrong(str(error).rstrip(".")) from None
    return written
