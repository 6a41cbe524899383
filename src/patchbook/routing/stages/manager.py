"""The manager of the first person who was passed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.giving import manager_of
from patchbook.routing.stage import Case, Result


@dataclass(frozen=True, kw_only=True)
class Manager:
    """The nearest manager of somebody who could not have it."""

    key: ClassVar[str] = "manager"
    help: ClassVar[str] = "Give it to the manager of the first person who was passed over."

    def decide(self, case: Case) -> Result:
        """The nearest manager who is there."""
        people = list(dict.fromkeys(one.person_id for one in case.skipped))
        if not people:
            return Result(says="Nobody was passed over, so there is nobody's manager to ask.")
        found = manager_of(case, people, "", ())
        return found if found.person_id is None else _told(found)


def _told(found: Result) -> Result:
    return Result(says=f"{found.says[0].upper()}{found.says[1:]}", person_id=found.person_id, skipped=found.skipped)
