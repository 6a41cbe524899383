"""Something that a look at the rules brought up, with a record that shows it and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of thing was found; each has a row in `docs/reference/rule-findings.md`."""

    CONTRADICTORY = "contradictory"
    SHADOWED = "shadowed"
    PARTLY_SHADOWED = "partly shadowed"
    GAP = "gap"
    OVERLAP = "overlap"
    REDUNDANT = "redundant"
    EMPTY_FIELD = "empty field"
    UNKNOWN_VALUE = "unknown value"
    UNUSED_VALUE = "unused value"
    NOT_PROVED = "not proved"


class Severity(StrEnum):
    """An error can never be meant; a warning seldom is; a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A record that shows a finding: a real account, or one made up for it."""

    record: Mapping[str, object]
    account_id: str | None = None
    """None where the record is made up."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to correct, to look at or to know."""

    kind: Kind
    severity: Severity
    rules: tuple[int, ...]
    """The numbers of the rules it is about, the one to change first."""
    says: str
    """One sentence."""
    fix: str | None = None
    """What would be right, in words."""
    condition: str | None = None
    """A condition in SQL: the rule as it could be written, or what a gap or an overlap holds."""
    witness: Witness | None = None
    accounts: int | None = None
    """How many accounts it touches; None without accounts."""
    line: int | None = None
    """The line of the plan file."""

    def __str__(self) -> str:
        return f"{self.says} {self.fix}" if self.fix else self.says
