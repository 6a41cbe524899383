"""Groups of settings read from YAML nodes, with every problem collected on the way: what all files of ours share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

from patchbook.plans import values
from patchbook.plans.problems import Problem
from patchbook.plans.tree import Mapping, Node, Scalar, Sequence, line_of
from patchbook.plans.values import Wrong, shape
from patchbook.rules.condition import Condition
from patchbook.rules.parse import parse
from patchbook.rules.source import BadRule, nearest

Values = dict[str, Any]
"""Attribute of the model → value, for the settings that are there and right."""


class Listed(Protocol):
    """One setting, as a list of settings names it."""

    @property
    def kind(self) -> str:
        """What kind of value it takes."""
        ...

    @property
    def help(self) -> str:
        """One sentence."""
        ...

    @property
    def required(self) -> bool:
        """Whether it must be there."""
        ...

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it takes, where these are few."""
        ...

    @property
    def attribute(self) -> str:
        """The attribute of the model, where it is called otherwise."""
        ...


class Parts:
    """Reads groups of settings; `problems` and `lines` fill while it does."""

    def __init__(self, settings_of: Callable[[Any], Any]) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self._settings_of = settings_of
        self._readers: dict[str, Callable[[Node, str, Any], Any]] = {
            "text": lambda node, *_: values.text(node),
            "list of texts": lambda node, *_: tuple(values.text(item) for item in items(node, or_one=True)),
            "date": lambda node, *_: values.day(node),
            "number": lambda node, *_: values.amount(node),
            "positive number": lambda node, *_: values.positive_number(node),
            "whole number": lambda node, *_: values.whole_number(node),
            "share": lambda node, *_: values.share(node),
            "yes or no": lambda node, *_: values.yes_or_no(node),
            "choice": lambda node, _, setting: values.choice(node, setting.choices),
            "list of choices": lambda node, _, setting: tuple(
                values.choice(item, setting.choices) for item in items(node, or_one=True)
            ),
            "condition": lambda node, *_: checked(node, _read_once),
        }

    def settings(self, node: Node, place: str, where: str) -> tuple[Values, bool]:
        """The settings of one part of the file, and whether all that are required are there and right."""
        known: dict[str, Listed] = self._settings_of(where)
        if not isinstance(node, Mapping):
            names = ", ".join(known)
            self.report(node, place, f"{where} is a group of settings ({names}), not a {shape(node)}")
            return {}, False
        found: Values = {}
        failed: set[str] = set()
        for key, key_node, value in self.pairs_of(node, place):
            setting = known.get(key)
            if setting is None:
                near = nearest(key, known)
                hint = f"; did you mean {near!r}?" if near else f"; it has {', '.join(known)}"
                if node.flow_style and isinstance(value, Scalar) and not value.value:
                    hint = "; text that holds a comma stands in quotes"
                self.report(key_node, place, f"{key!r} is not a setting of {where}{hint}")
                # A misspelt setting is not missing as well.
                failed.add(near or "")
                continue
            here = f"{place}.{key}" if place else key
            self.lines[here] = line_of(key_node)
            ok = False
            with self.reported(value, here, f"{key}: "):
                found[setting.attribute or key] = self._readers[setting.kind](value, here, setting)
                ok = True
            if not ok:
                failed.add(key)
        for name, setting in known.items():
            if setting.required and (setting.attribute or name) not in found and name not in failed:
                self.report(node, place, f"{where} needs {name!r}: {setting.help[0].lower()}{setting.help[1:]}")
        required = {setting.attribute or name for name, setting in known.items() if setting.required}
        return found, required <= set(found)

    def pairs_of(self, node: Mapping, place: str) -> Iterator[tuple[str, Node, Node]]:
        """The settings of a group; one that is there twice is reported and its first value holds."""
        first: dict[str, Node] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, Scalar):
                self.report(key_node, place, f"a {shape(key_node)} stands where the name of a setting is expected")
                continue
            key = str(key_node.value)
            if key in first:
                line = line_of(first[key])
                self.report(key_node, place, f"{key!r} is there twice, first in line {line}; keep one")
                continue
            first[key] = key_node
            yield key, key_node, value

    @contextmanager
    def reported(self, node: Node, place: str, before: str) -> Iterator[None]:
        """Turn what is wrong inside into a problem of this node, and go on."""
        try:
            yield
        except Wrong as wrong:
            self.report(node, place, f"{before}{wrong}")
        except BadRule as error:
            self.report(node, place, f"{before}{str(error).rstrip('.')}", rank=1)

    def report(self, node: Node, place: str, message: str, *, rank: int = 0) -> None:
        """Add a problem of a node."""
        self.problems.append(Problem(message=message, place=place, line=line_of(node), rank=rank))


def items(node: Node, *, or_one: bool = False) -> list[Node]:
    """The items of a list."""
    if isinstance(node, Sequence):
        return list(node.value)
    if or_one and isinstance(node, Scalar):
        return [node]
    raise Wrong(f"a {shape(node)} stands here; give a list")


def checked(node: Node, parser: Callable[[str], object]) -> str:
    """The text of a condition or expression that can be parsed."""
    written = values.text(node)
    parser(written)
    return written


@lru_cache(maxsize=20_000)
def _read_once(text: str) -> Condition:
    """The condition of a text; one plan has most of its rules in common with the next."""
    return parse(text)
