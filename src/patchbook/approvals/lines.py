"""Lines of management: who is above whom. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Lines:
    """Everybody's manager, by id. A loop, which the people room refuses, would end where it closes."""

    manager_of: Mapping[str, str | None]

    def above(self, person_id: str | None) -> tuple[str, ...]:
        """
        The managers above somebody, nearest first.

        Examples
        --------
        >>> Lines({"rep": "lead", "lead": "head", "head": None}).above("rep")
        ('lead', 'head')
        """
        line: list[str] = []
        person = self.manager_of.get(person_id) if person_id else None
        while person is not None and person not in line:
            line.append(person)
            person = self.manager_of.get(person)
        return tuple(line)

    def below(self, person_id: str) -> frozenset[str]:
        """
        Somebody and everybody below them.

        Examples
        --------
        >>> sorted(Lines({"rep": "lead", "lead": "head", "head": None}).below("lead"))
        ['lead', 'rep']
        """
        found, waiting = {person_id}, [person_id]
        while waiting:
            for report in self._reports[waiting.pop()]:
                if report not in found:
                    found.add(report)
                    waiting.append(report)
        return frozenset(found)

    @cached_property
    def _reports(self) -> defaultdict[str, list[str]]:
        reports = defaultdict(list)
        for person, manager in self.manager_of.items():
            if manager is not None:
                reports[manager].append(person)
        return reports
