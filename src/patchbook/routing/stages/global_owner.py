"""Whoever owns a family of accounts in all its countries, or its site in this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from patchbook.routing.engagement import FAMILY, GLOBAL
from patchbook.routing.giving import to_person
from patchbook.routing.questions.engagement import FamilyOf
from patchbook.routing.questions.owners import OWNER
from patchbook.routing.questions.people import StandingOf
from patchbook.routing.route import TO_THE_KNOWN, Terms
from patchbook.routing.stage import Case, Result
from patchbook.routing.stages.by_motion import holder
from patchbook.words import counted, listed


@dataclass(frozen=True, kw_only=True)
class GlobalOwner:
    """A multinational: one person owns it all, others its sites by country, and the answer names both."""

    key: ClassVar[str] = "global owner"
    help: ClassVar[str] = "Give what comes from a family of accounts to its global owner, or to the owner of the site."

    regional_first: bool = False
    """Whether the owner of the site gets it, and the global owner only where the site has none."""
    terms: Terms = TO_THE_KNOWN

    def decide(self, case: Case) -> Result:
        """The global owner, where the account belongs to a family that has one."""
        if case.account is None:
            return Result(says="There is no account, so no family it belongs to.")
        family = case.world.ask(FamilyOf(case.account.account_id))
        everywhere = holder(case, GLOBAL)
        if everywhere is None and family is not None:
            everywhere = holder(case, FAMILY)
        if everywhere is None or everywhere.person_id is None:
            return Result(says=f"{case.account.name} belongs to no family that somebody owns as a whole.")
        here = holder(case, OWNER)
        size = "a family"
        if family is not None:
            where = f" in {listed(family.countries)}" if family.countries else ""
            size = f"a family of {counted(family.sites, 'account')}{where}"
        beside = ""
        if here is not None and here.person_id is not None and here.person_id != everywhere.person_id:
            beside = f"; {named(case, here.person_id)} owns this site"
        if self.regional_first and here is not None and here.person_id is not None:
            because = (
                f"{case.account.name} is a site of {size}, whose global owner is {named(case, everywhere.person_id)}"
            )
            return to_person(case, here.person_id, self.terms, because=because, territory_id=here.territory_id)
        because = f"{case.account.name} belongs to {size} that is theirs everywhere{beside}"
        return to_person(case, everywhere.person_id, self.terms, because=because, territory_id=everywhere.territory_id)


def named(case: Case, person_id: str) -> str:
    """What somebody is called in a sentence."""
    standing = case.world.ask(StandingOf(person_id))
    return standing.name if standing is not None else person_id
