"""A plan's document with one layer changed, and everything else as it was written: comments, order and spelling.

Layers are counted as they stand in the document, from 0; the catch-alls of groups do not stand there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from patchbook.errors import Conflict
from patchbook.plans import tree
from patchbook.plans.problems import BadPlanFile
from patchbook.plans.resetting import without_setting
from patchbook.plans.tree import Node, Scalar, Sequence, Unreadable

_PLAIN = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_ ()<>=.+*/$&'-]*[A-Za-z0-9_()'])?")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_DASH_INDENT = 2


class CannotRewrite(Conflict):
    """A layer is written in a way that only a person can change without losing something."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"The layer in line {line} of the document is written in a way that is not changed here without losing"
            " something; change the document itself."
        )


class LastLayer(Conflict):
    """The only layer of a plan cannot be taken away."""


@dataclass(frozen=True, kw_only=True)
class _Item:
    """A layer in the text."""

    node: Node
    gap: int
    """Where what stands between this layer and the one before begins."""
    begin: int
    """Where its own comment begins, or else its dash's line."""
    end: int
    """Where the line after it begins."""


@dataclass(frozen=True, kw_only=True)
class _Layers:
    """The layers of a document, a block of lines each."""

    text: str
    items: tuple[_Item, ...]
    end: int
    """Where a layer after the last would begin."""
    indent: int
    """Blanks before a dash."""

    def item(self, number: int) -> _Item:
        if not 0 <= number < len(self.items):
            raise Conflict(f"The document has {len(self.items)} layers; there is none at place {number + 1}.")
        return self.items[number]


def moved(document: str, number: int, to: int) -> str:
    """
    The document with a layer at another place among the layers.

    Parameters
    ----------
    to
        Its place afterwards.
    """
    layers = _layers(document)
    item, _ = layers.item(number), layers.item(to)
    order = [one for one in layers.items if one is not item]
    order.insert(to, item)
    # What stands apart from any layer, such as a headline, stays where it is.
    lines = [
        layers.text[place.gap : place.begin] + layers.text[one.begin : one.end]
        for place, one in zip(layers.items, order, strict=True)
    ]
    return layers.text[: layers.items[0].gap] + "".join(lines) + layers.text[layers.end :]


def without(document: str, number: int) -> str:
    """The document without a layer and the comment right above it."""
    layers = _layers(document)
    item = layers.item(number)
    if len(layers.items) == 1:
        raise LastLayer("A plan has at least one layer; add another before this one goes.")
    return layers.text[: item.begin] + layers.text[item.end :]


def with_new(document: str, at: int, kind: str, settings: Mapping[str, str]) -> str:
    """
    The document with one layer more.

    Parameters
    ----------
    at
        Its place among the layers.
    kind
        rule, carve or house.
    settings
        What is to stand in it, in order.

    Examples
    --------
    >>> east = {"territory": "East", "where": "state = 'GA'"}
    >>> print(with_new("layers:\\n  - house: rest\\n", 0, "rule", east), end="")
    layers:
      - rule:
          territory: East
          where: state = 'GA'
      - house: rest
    """
    layers = _layers(document)
    place = layers.items[at].begin if at < len(layers.items) else layers.end
    pad = " " * layers.indent
    if settings:
        lines = "".join(
            f"{pad}    {name}: {_written(value, indent=layers.indent + 6)}\n" for name, value in settings.items()
        )
        new = f"{pad}- {kind}:\n{lines}"
    else:
        new = f"{pad}- {kind}: rest\n"
    return layers.text[:place] + new + layers.text[place:]


def with_setting(document: str, number: int, name: str, value: str | None) -> str:
    """
    The document with a setting of a layer changed, added, or with None taken away.

    Examples
    --------
    >>> document = "layers:\\n  - rule: {territory: East, where: state = 'GA'} # ours\\n"
    >>> print(with_setting(document, 0, "where", "state IN ('GA', 'FL')"), end="")
    layers:
      - rule: {territory: East, where: "state IN ('GA', 'FL')"} # ours
    """
    layers = _layers(document)
    item = layers.item(number)
    if not isinstance(item.node, tree.Mapping) or len(item.node.value) != 1:
        raise CannotRewrite(tree.line_of(item.node))
    kind, group = item.node.value[0]
    if isinstance(group, Scalar):
        return _grown(layers.text, str(kind.value), group, name, value)
    if not isinstance(group, tree.Mapping):
        raise CannotRewrite(tree.line_of(item.node))
    place = next((at for at, (key, _) in enumerate(group.value) if key.value == name), None)
    if place is None:
        return layers.text if value is None else _with_more(layers.text, group, name, value)
    if value is None:
        return _with_less(layers.text, group, place)
    key, old = group.value[place]
    if not isinstance(old, Scalar):
        raise CannotRewrite(tree.line_of(old))
    begin, end = old.start_mark.index, tree.end_of(layers.text, old)
    if begin == old.end_mark.index:
        begin = end = key.end_mark.index + 1
        return f"{layers.text[:begin]} {_written(value, indent=None)}{layers.text[end:]}"
    indent = None if tree.is_in_brackets(group) else key.start_mark.column + _DASH_INDENT
    return layers.text[:begin] + _written(value, indent=indent) + layers.text[end:]


def _layers(document: str) -> _Layers:
    """Where each layer stands; a list in brackets is given a line for each first."""
    text = document.removeprefix("\ufeff")
    text = text if text.endswith("\n") else text + "\n"
    key, sequence = _sequence(text)
    if tree.is_in_brackets(sequence):
        text = _in_lines(text, sequence)
        key, sequence = _sequence(text)
    first_line = text.find("\n", key.end_mark.index) + 1
    if not isinstance(sequence, Sequence) or tree.is_in_brackets(sequence):  # an empty list in brackets
        return _Layers(text=text, items=(), end=first_line, indent=_DASH_INDENT)
    items: list[_Item] = []
    gap = first_line
    for node in sequence.value:
        dash = node.start_mark.index - 1
        while dash >= 0 and text[dash] in " \n\r":
            dash -= 1
        line = text.rfind("\n", 0, dash) + 1
        if text[dash] != "-" or text[line:dash].strip() or line < gap:
            raise CannotRewrite(tree.line_of(node))
        end = text.find("\n", tree.end_of(text, node)) + 1
        items.append(_Item(node=node, gap=gap, begin=_with_comment(text, gap, line), end=end))
        gap = end
    return _Layers(text=text, items=tuple(items), end=gap, indent=sequence.start_mark.column)


def _sequence(text: str) -> tuple[Node, Node]:
    try:
        root = tree.compose(text)
    except Unreadable as unreadable:
        raise BadPlanFile("plan.yaml", [unreadable.problem]) from None
    for key, value in root.value if isinstance(root, tree.Mapping) else ():
        if key.value == "layers" and isinstance(value, Sequence):
            return key, value
    raise Conflict("The document has no list of layers; change the document itself.")


def _in_lines(text: str, sequence: Node) -> str:
    """The same with each item of a list in brackets on lines of its own."""
    begin, end = sequence.start_mark.index, sequence.end_mark.index
    pad = " " * _DASH_INDENT
    shown = [text[node.start_mark.index : node.end_mark.index] for node in sequence.value]
    lines = [f"\n{pad}- " + re.sub(r"\n[ ]*", f"\n{pad * 3}", one) for one in shown]
    if not lines:
        return text
    return text[:begin].rstrip(" ") + "".join(lines) + text[end:]


def _with_comment(text: str, gap: int, line: int) -> int:
    """Where the comment right above a line begins."""
    while line > gap:
        before = text.rfind("\n", 0, line - 1) + 1
        if not text[before:line].lstrip().startswith("#"):
            break
        line = before
    return line


def _grown(text: str, kind: str, scalar: Node, name: str, value: str | None) -> str:
    """A layer written as one word, `house: rest` or `named: big.csv`, with a setting."""
    if value is None:
        return text
    begin, end = scalar.start_mark.index, scalar.end_mark.index
    if kind == "named" and name == "file":
        return text[:begin] + _written(value, indent=None) + text[end:]
    before = f"file: {text[begin:end]}, " if kind == "named" else ""
    return f"{text[:begin]}{{{before}{name}: {_written(value, indent=None)}}}{text[end:]}"


def _with_more(text: str, group: Node, name: str, value: str) -> str:
    if tree.is_in_brackets(group):
        end = group.end_mark.index - 1
        while text[end - 1] in " \n,":
            end -= 1
        joint = ", " if group.value else ""
        return f"{text[:end]}{joint}{name}: {_written(value, indent=None)}{text[end:]}"
    column = group.value[0][0].start_mark.column
    end = text.find("\n", tree.end_of(text, group)) + 1
    return f"{text[:end]}{' ' * column}{name}: {_written(value, indent=column + _DASH_INDENT)}\n{text[end:]}"


def _with_less(text: str, group: Node, place: int) -> str:
    key, _ = group.value[place]
    line = text.rfind("\n", 0, key.start_mark.index) + 1
    follows_a_dash = not tree.is_in_brackets(group) and text[line : key.start_mark.index].strip()
    if len(group.value) == 1 or follows_a_dash:
        raise CannotRewrite(tree.line_of(key))
    return without_setting(text, group, place)


def _written(value: str, *, indent: int | None) -> str:
    """
    A text as YAML; where `indent` says how far it may be set in, one of several lines keeps its lines.

    Examples
    --------
    >>> print(_written("employees > 9", indent=None), _written("a, b", indent=None), _written("NULL", indent=None))
    employees > 9 "a, b" "NULL"
    """
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "  ").strip()
    if _PLAIN.fullmatch(value) and value.lower() != "null":
        return value
    lines = value.split("\n")
    if len(lines) > 1 and indent is not None and not _ESCAPED.search(value):
        shown = "\n".join(" " * indent + line.rstrip() if line.strip() else "" for line in lines)
        return f"|-\n{shown}"
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
