"""Some settings of a plan's document changed where they stand: comments, order and everything else stay as written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import yaml

from patchbook.plans import tree, writing
from patchbook.plans.documents import parsed
from patchbook.plans.plan import Plan

Place: TypeAlias = tuple[str | int, ...]
"""Where a setting stands: `("layers", 1, "carve", "keep", "owners")`."""


class _Unfitting(Exception):
    """A setting cannot be changed where it stands; the plan is written anew."""


def adjusted(document: str, wanted: Plan, changes: Mapping[Place, Any]) -> str:
    """
    The document with some settings otherwise, so that it means the wanted plan.

    Where the text cannot be changed in place without meaning something else, the plan is written anew, and its comments
    are gone.

    Parameters
    ----------
    wanted
        The plan the document describes after the changes.
    changes
        Place → value; None takes the setting away.

    Examples
    --------
    >>> text = "plan: P\\naccounts: a.csv\\nlayers:\\n  - carve:\\n      name: Field # mine\\n      travel: 2\\n"
    >>> from dataclasses import replace
    >>> plan = parsed(text)
    >>> wanted = replace(plan, layers=(replace(plan.layers[0], travel=0.5),))
    >>> print(adjusted(text, wanted, {("layers", 0, "carve", "travel"): 0.5}).splitlines()[-2:])
    ['      name: Field # mine', '      travel: 0.5']
    """
    meant = writing.dump(wanted)
    try:
        text = _edited(document, changes)
        if writing.dump(parsed(text)) == meant:
            return text
    except (_Unfitting, ValueError, yaml.YAMLError):
        pass
    locks = yaml.safe_load(document).get("locks")
    return meant + (f"locks: {_scalar(locks)}\n" if isinstance(locks, str) else "")


def _edited(document: str, changes: Mapping[Place, Any]) -> str:
    for place, value in changes.items():  # each in the text the one before left, so that marks stay true
        root = yaml.compose(document, Loader=yaml.SafeLoader)
        if root is None:
            raise _Unfitting
        document = _with(document, root, place, value)
    return document


def _with(text: str, node: tree.Node, place: Place, value: Any) -> str:
    for depth, step in enumerate(place):
        if isinstance(node, tree.Sequence) and isinstance(step, int):
            node = node.value[step]
            continue
        if not isinstance(node, tree.Mapping):
            raise _Unfitting
        found = next((pair for pair in node.value if pair[0].value == step), None)
        if found is None:
            return text if value is None else _added(text, node, _nested(place[depth:], value))
        if depth == len(place) - 1 and value is None:
            return _removed(text, node, found)
        node = found[1]
    if not isinstance(node, tree.Scalar):
        raise _Unfitting
    return f"{text[: node.start_mark.index]}{_scalar(value)}{text[node.end_mark.index :]}"


def _added(text: str, mapping: tree.Mapping, setting: str) -> str:
    """The setting after the first of a block, or first between brackets."""
    if mapping.flow_style:
        inside = mapping.start_mark.index + 1
        return f"{text[:inside]}{setting}{', ' if mapping.value else ''}{text[inside:]}"
    name, first = mapping.value[0]
    if not isinstance(first, tree.Scalar) and not first.flow_style:
        raise _Unfitting
    end = text.find("\n", first.end_mark.index)
    end = len(text) if end < 0 else end
    return f"{text[:end]}\n{' ' * name.start_mark.column}{setting}{text[end:]}"


def _removed(text: str, mapping: tree.Mapping, pair: tuple[tree.Node, tree.Node]) -> str:
    if len(mapping.value) == 1 or not isinstance(pair[1], tree.Scalar):
        raise _Unfitting
    at = mapping.value.index(pair)
    start, end = pair[0].start_mark.index, pair[1].end_mark.index
    if mapping.flow_style:
        if at + 1 < len(mapping.value):
            end = mapping.value[at + 1][0].start_mark.index
        else:
            start = mapping.value[at - 1][1].end_mark.index
        return text[:start] + text[end:]
    if at == 0:
        raise _Unfitting
    line = text.rfind("\n", 0, start)
    end = text.find("\n", end)
    return text[:line] + (text[end:] if end >= 0 else "\n")


def _nested(place: Place, value: Any) -> str:
    """`keep: {owners: ignore}` for a setting whose group is not there yet."""
    first, *others = place
    inside = _scalar(value)
    for name in reversed(others):
        inside = f"{{{name}: {inside}}}"
    return f"{first}: {inside}"


def _scalar(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, width=10**6).removesuffix("\n").removesuffix("\n...")
