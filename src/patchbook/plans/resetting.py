"""Other settings in a plan's document, with everything else of the text as it was: order, comments, spacing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml

from patchbook.plans.tree import Node, end_of, is_in_brackets

Path: TypeAlias = tuple[str | int, ...]
"""Where a setting stands: `("layers", 1, "carve", "seats")`."""


def reset(document: str, settings: Mapping[Path, Any]) -> str:
    """
    The document with these settings; None takes one out.

    Examples
    --------
    >>> print(reset("plan: P\\nseconds: 20  # is plenty\\n", {("seconds",): 5, ("seed",): 7}), end="")
    seed: 7
    plan: P
    seconds: 5  # is plenty
    >>> print(reset("layers: [{carve: {name: F, seats: 3}}]", {("layers", 0, "carve", "seats"): None}))
    layers: [{carve: {name: F}}]
    """
    for path, value in settings.items():
        root = yaml.compose(document, Loader=yaml.SafeLoader)
        if root is not None:
            document = _set(document, root, path, value)
    return document


def _set(text: str, node: Node, path: Path, value: Any) -> str:
    here, *rest = path
    if isinstance(node, yaml.SequenceNode):
        assert isinstance(here, int)
        return _set(text, node.value[here], tuple(rest), value)
    if not isinstance(node, yaml.MappingNode):
        return text
    for place, (key, found) in enumerate(node.value):
        if key.value != here:
            continue
        if rest:
            return _set(text, found, tuple(rest), value)
        if value is None:
            return without_setting(text, node, place)
        start, end = found.start_mark.index, end_of(text, found)
        # A list may stand as far left as its key; nothing else may.
        is_left = found.start_mark.line > key.start_mark.line and found.start_mark.column <= key.start_mark.column
        return text[:start] + ("  " if is_left else "") + _written(value) + text[end:]
    if value is None:
        return text
    for name in reversed(rest):
        value = {name: value}
    return _with(text, node, str(here), value)


def _with(text: str, node: Any, name: str, value: Any) -> str:
    """A setting more, before the first of the mapping."""
    if not node.value:
        start, end = node.start_mark.index, node.end_mark.index
        return f"{text[:start]}{{{name}: {_written(value)}}}{text[end:]}"
    first = node.value[0][0].start_mark
    after = ", " if is_in_brackets(node) else "\n" + " " * first.column
    return f"{text[: first.index]}{name}: {_written(value)}{after}{text[first.index :]}"


def without_setting(text: str, node: Any, place: int) -> str:
    """A setting of a mapping less, with the line or comma that set it apart; comments on lines of their own stay."""
    key, value = node.value[place]
    start, end = key.start_mark.index, end_of(text, value)
    line = text.rfind("\n", 0, start) + 1
    if not is_in_brackets(node) and len(node.value) > 1 and not text[line:start].strip():
        after = text.find("\n", end) + 1
        return text[:line] + text[after:] if after else text[: max(line - 1, 0)]
    if place + 1 < len(node.value):
        return text[:start] + text[node.value[place + 1][0].start_mark.index :]
    if place == 0:
        return text[:start] + "{}" + text[end:] if not is_in_brackets(node) else text[:start] + text[end:]
    return text[: end_of(text, node.value[place - 1][1])] + text[end:]


def _written(value: Any) -> str:
    """A value on one line."""
    told = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False)
    return told.strip()[1:-1]
