"""What a setting of a plan file is: its key, where it stands, what kind of value it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Where = Literal[
    "a plan",
    "a measure",
    "a group",
    "a list or table",
    "a named layer",
    "a rule",
    "a carve",
    "keep",
    "seats",
    "mix",
    "contiguous",
    "match",
    "house",
    "a lock",
    "an assertion",
]


Kind = Literal[
    "text",
    "path",
    "list of paths",
    "date",
    "number",
    "positive number",
    "whole number",
    "share",
    "yes or no",
    "choice",
    "field",
    "condition",
    "expression",
    "measure",
    "list of measures",
    "fields to names",
    "fields and weights",
    "measures",
    "groups",
    "lists or tables",
    "names to paths",
    "layers",
    "locks",
    "assertions",
    "seats",
    "keep",
    "mix",
    "contiguous",
    "match",
    "pairs of accounts",
]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One key of a plan file."""

    name: str
    where: Where
    kind: Kind
    help: str
    """One sentence for a planner."""
    default: str = ""
    """What holds without it, as the reference shows it."""
    required: bool = False
    choices: tuple[str, ...] = ()
    attribute: str = ""
    """The attribute of the plan model, where it is called otherwise."""
