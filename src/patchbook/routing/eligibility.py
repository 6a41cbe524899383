"""
Who may have a lead now: always asked first, whoever found the person.

In this order: is there such a person, employed, not paused; do they have what the lead needs; are they there, or does
somebody act for them; do they work now; are they under their caps. The first that fails is the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from patchbook.period import told
from patchbook.routing.caps import over
from patchbook.routing.decision import Skipped
from patchbook.routing.questions.people import Standing, StandingOf
from patchbook.routing.route import Hours, Leave, Needs, Terms
from patchbook.routing.stage import Case
from patchbook.words import listed

LONGEST_LINE = 10
"""How many may act one for the other, or how far up a line of managers is gone."""


@dataclass(frozen=True, kw_only=True)
class Eligible:
    """Somebody who may have the lead."""

    person: Standing
    acts_for: Standing | None = None
    """The one who is on leave meanwhile."""
    skipped: tuple[Skipped, ...] = ()

    @property
    def says(self) -> str:
        """Their name, and for whom they act."""
        if self.acts_for is None or self.acts_for.away_until is None:
            return self.person.name
        return f"{self.person.name}, who acts for {self.acts_for.name} until {told(self.acts_for.away_until)}"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Somebody who may not have it now."""

    person_id: str
    standing: Standing | None
    skipped: tuple[Skipped, ...]
    is_barred: bool = False
    """They may not have it at any hour: gone, paused, or without what it needs."""
    works_from: datetime | None = None
    """When they work again, where hours are all that is in the way."""


def check(case: Case, person_id: str, terms: Terms, seen: frozenset[str] = frozenset()) -> Eligible | Refused:
    """Whether somebody, or who acts for them, may have the lead."""
    standing = case.world.ask(StandingOf(person_id))
    why = _barred(case, person_id, standing, terms)
    if standing is None or why is not None:
        return _refused(person_id, standing, why or f"There is no person {person_id!r}.", is_barred=True)
    if standing.away_until is not None:
        return _on_leave(case, standing, terms, seen)
    if not standing.is_working and terms.hours is not Hours.ANYWAY:
        when = f" until {told(standing.works_from)}" if standing.works_from is not None else ""
        refused = _refused(person_id, standing, f"{standing.name} does not work{when}.")
        return Refused(person_id=person_id, standing=standing, skipped=refused.skipped, works_from=standing.works_from)
    if terms.caps and (full := over(case, standing)) is not None:
        return _refused(person_id, standing, full)
    return Eligible(person=standing)


def _on_leave(case: Case, standing: Standing, terms: Terms, seen: frozenset[str]) -> Eligible | Refused:
    assert standing.away_until is not None
    away = f"{standing.name} is on leave until {told(standing.away_until)}"
    acting = standing.acting_id
    if terms.leave is Leave.NEXT or acting is None:
        return _refused(standing.person_id, standing, away + ("." if acting else ", and nobody acts for them."))
    if acting in seen or acting == standing.person_id or len(seen) >= LONGEST_LINE:
        return _refused(standing.person_id, standing, f"{away}, and who acts for them is away as well.")
    skipped = (Skipped(person_id=standing.person_id, why=f"{away}."),)
    found = check(case, acting, terms, seen | {standing.person_id})
    if isinstance(found, Refused):
        return Refused(
            person_id=standing.person_id,
            standing=standing,
            skipped=skipped + found.skipped,
            works_from=found.works_from,
        )
    return Eligible(person=found.person, acts_for=standing, skipped=skipped + found.skipped)


def _barred(case: Case, person_id: str, standing: Standing | None, terms: Terms) -> str | None:
    """What keeps somebody from ever having this lead, as a sentence."""
    if standing is None:
        return f"There is no person {person_id!r}."
    if not standing.is_employed:
        return f"{standing.name} is not employed."
    if standing.is_paused:
        return f"{standing.name} takes nothing for now."
    return _lacks(case, standing, case.route.needs) if terms.needs else None


def _lacks(case: Case, standing: Standing, needs: Needs) -> str | None:
    fields = case.lead.fields
    languages = (*needs.languages, *_of_lead(fields.get("language"), needs.language_of_lead))
    products = (*needs.products, *_of_lead(fields.get("product"), needs.product_of_lead))
    for verb, needed, has in (
        ("does not speak", languages, standing.languages),
        ("does not sell", products, standing.products),
        ("lacks the skill", needs.skills, standing.skills),
    ):
        known = {one.casefold() for one in has}
        if lacking := [one for one in dict.fromkeys(needed) if one.casefold() not in known]:
            return f"{standing.name} {verb} {listed(lacking)}."
    return None


def _of_lead(value: object, is_needed: bool) -> tuple[str, ...]:
    return (str(value),) if is_needed and value not in (None, "") else ()


def _refused(person_id: str, standing: Standing | None, why: str, *, is_barred: bool = False) -> Refused:
    skipped = (Skipped(person_id=person_id, why=why),)
    return Refused(person_id=person_id, standing=standing, skipped=skipped, is_barred=is_barred)
