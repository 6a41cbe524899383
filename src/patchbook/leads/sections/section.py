"""What a section of the routing document is: its settings, how it is read, and what holds without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patchbook.leads.sections.reader import SectionReader
    from patchbook.plans.tree import Node


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One key of a group of settings in a section."""

    name: str
    where: str
    """The group it stands in, as a planner would say: `a pool`, `a route`."""
    kind: str
    """`text`, `list of texts`, `number`, `positive number`, `whole number`, `share`, `yes or no`, `date`, `choice`,
    `list of choices`, `condition`, or a kind the section reads itself."""
    help: str
    """One sentence for a planner."""
    default: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    attribute: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of the routing document."""

    name: str
    help: str
    """One sentence for a planner."""
    read: Callable[[Node, SectionReader], Any]
    """From the node of the section to what it means; problems go to the reader's `report`, or are raised as `Wrong`."""
    default: Callable[[], Any]
    """What holds where the document has no such section."""
    settings: tuple[Setting, ...] = ()
