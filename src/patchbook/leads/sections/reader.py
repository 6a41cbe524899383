"""Reads the sections of one routing document: groups of settings by name, lists, and the values in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from patchbook.leads.sections.section import Setting
from patchbook.plans.parts import Parts, Values
from patchbook.plans.tree import Mapping, Node, line_of
from patchbook.plans.values import Wrong, shape


class SectionReader(Parts):
    """
    Reads one document; `problems` and `lines` fill while it does.

    A section uses `settings(node, place, where)` for a group whose keys are listed, `named` for names of one's own with
    a group each, `reported` around a value that may be wrong, and `report` for a problem it found itself.
    """

    def __init__(self, settings: Iterable[Setting] = ()) -> None:
        self._listed = tuple(settings)
        super().__init__(lambda where: {one.name: one for one in self._listed if one.where == where})

    def of_kind(self, kind: str, read: Callable[[Node, str, Setting], Any]) -> None:
        """Let a section read a kind of setting itself."""
        self._readers[kind] = read

    def named(self, node: Node, place: str, example: str) -> Iterator[tuple[str, str, Node, Node]]:
        """Each name of one's own with its place, its node and what stands below it; `example` shows one."""
        if not isinstance(node, Mapping):
            raise Wrong(f"a {shape(node)} stands here; write a name for each, as in {example}")
        for name, key_node, value in self.pairs_of(node, place):
            here = f"{place}.{name}"
            self.lines[here] = line_of(key_node)
            yield name, here, key_node, value

    def groups(self, node: Node, place: str, where: str, example: str) -> Iterator[tuple[str, Values]]:
        """Each name of one's own with the settings below it, for those that are whole."""
        for name, here, _, value in self.named(node, place, example):
            found, is_whole = self.settings(value, here, where)
            if is_whole:
                yield name, found
