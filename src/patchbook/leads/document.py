"""
The routing document: how leads find their owner, as a person wrote it in YAML.

All problems of a text are found and told together, each with its line. Every section is a file in `leads/sections/`; a
section that is not there means what its default says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from patchbook.errors import BadInput
from patchbook.leads.sections import SECTIONS
from patchbook.leads.sections.reader import SectionReader
from patchbook.plans.problems import Problem, first_of, in_order
from patchbook.plans.tree import Mapping as Group
from patchbook.plans.tree import Unreadable, compose, line_of
from patchbook.plans.values import shape
from patchbook.rules.source import nearest

NAME = "routing.yaml"
"""What a text is called whose file is not known."""


class BadRouting(BadInput):
    """A routing document has problems; the message is the first and how many follow, `problems` has them all."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        self.problems = in_order(problems)
        super().__init__(first_of(name, self.problems))


@dataclass(frozen=True, kw_only=True)
class RoutingDocument:
    """
    A routing document that can be meant.

    Examples
    --------
    >>> loads("").version
    0
    """

    version: int
    """Its number in the record; 0 where it is not kept there."""
    text: str
    sections: Mapping[str, Any]
    """Name of the section → what it means; sections that are not in the text are there with their default."""

    def __getitem__(self, section: str) -> Any:
        """What a section means."""
        return self.sections[section]


def loads(text: str, *, version: int = 0, name: str = NAME) -> RoutingDocument:
    """
    The document in a text.

    Raises
    ------
    BadRouting
        With every problem found; the message is the first, with its line.
    """
    if not text.strip():
        return RoutingDocument(version=version, text=text, sections={one.name: one.default() for one in SECTIONS})
    try:
        root = compose(text, what="routing document", empty=f"there is no section; there are {_names()}")
    except Unreadable as unreadable:
        raise BadRouting(name, (unreadable.problem,)) from None
    reader = SectionReader(setting for section in SECTIONS for setting in section.settings)
    sections = _sections(root, reader)
    if reader.problems:
        raise BadRouting(name, tuple(reader.problems))
    return RoutingDocument(version=version, text=text, sections=sections)


@lru_cache(maxsize=64)
def kept(version: int, text: str) -> RoutingDocument:
    """The document of a version that is in the record, read once."""
    return loads(text, version=version)


def _sections(root: Any, reader: SectionReader) -> dict[str, Any]:
    known = {section.name: section for section in SECTIONS}
    found: dict[str, Any] = {}
    if not isinstance(root, Group):
        reader.report(root, "", f"a {shape(root)} stands here; a routing document has the sections {_names()}")
        return found
    for key, key_node, value in reader.pairs_of(root, ""):
        section = known.get(key)
        if section is None:
            near = nearest(key, known)
            hint = f"; did you mean {near!r}?" if near else f"; there are {_names()}"
            reader.report(key_node, key, f"{key!r} is not a section of a routing document{hint}")
            continue
        reader.lines[key] = line_of(key_node)
        with reader.reported(value, key, f"{key}: "):
            found[key] = section.read(value, reader)
    return {name: found[name] if name in found else section.default() for name, section in known.items()}


def _names() -> str:
    return ", ".join(section.name for section in SECTIONS) or "none yet"
