"""One value of a plan file, from the text a person wrote; anything else is refused with what would be right."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date

from patchbook.plans.tree import Node, Scalar, Sequence


class Wrong(Exception):
    """A value cannot be meant; the message says what was found and what would be right."""


def text(node: Node) -> str:
    """The text as written: `NO` stays NO, whatever YAML thinks of it."""
    if not isinstance(node, Scalar):
        raise Wrong(f"a {shape(node)} stands here; give one text")
    if not node.style and node.value in ("", "~", "null"):
        raise Wrong("a value is missing")
    if not node.value.strip():
        raise Wrong("the text is empty")
    return str(node.value)


def number(node: Node) -> float:
    """A finite number."""
    written = text(node)
    try:
        value = float(written.replace("_", "") if written[:1].isdigit() else written)
    except ValueError:
        raise Wrong(f"{written!r} is not a number; write it as 1800 or 0.5") from None
    if not math.isfinite(value):
        raise Wrong(f"{written!r} is not a finite number")
    return value


def positive_number(node: Node) -> float:
    """A number above 0."""
    value = number(node)
    if value <= 0:
        raise Wrong(f"{text(node)} is not above 0")
    return value


def amount(node: Node) -> float:
    """A number of at least 0."""
    value = number(node)
    if value < 0:
        raise Wrong(f"{text(node)} is below 0; 0 is the least")
    return value


def whole_number(node: Node) -> int:
    """A whole number of at least 0."""
    written = text(node)
    if not written.isascii() or not written.isdigit():
        raise Wrong(f"{written!r} is not a whole number of 0 or more")
    return int(written)


def share(node: Node) -> float:
    """A part of a whole, 0 to 1, from `15%` or `0.15`."""
    written = text(node).strip()
    is_percent = written.endswith("%")
    try:
        value = float(written.removesuffix("%"))
    except ValueError:
        raise Wrong(f"{written!r} is not a share; write it as 5% or 0.05") from None
    value = value / 100 if is_percent else value
    if not 0 <= value <= 1:
        hint = f"; did you mean {written}%?" if not is_percent and 1 < value <= 100 else ""
        raise Wrong(f"{written} is outside 0% to 100%{hint}")
    return value


def yes_or_no(node: Node) -> bool:
    """True or false, from true, yes, on, false, no or off."""
    written = text(node).lower()
    if written in ("true", "yes", "on"):
        return True
    if written in ("false", "no", "off"):
        return False
    raise Wrong(f"{text(node)!r} is neither yes nor no")


def day(node: Node) -> date:
    """A date, from 2027-02-01."""
    try:
        return date.fromisoformat(text(node))
    except ValueError:
        raise Wrong(f"{text(node)!r} is not a date; write it as 2027-02-01") from None


def choice(node: Node, choices: Collection[str]) -> str:
    """One of a few words."""
    written = text(node)
    if written not in choices:
        raise Wrong(f"{written!r} is none of {', '.join(choices)}")
    return written


def shape(node: Node) -> str:
    """What a node is, in a planner's words."""
    if isinstance(node, Scalar):
        return "text"
    return "list" if isinstance(node, Sequence) else "group of settings"
