"""The territory the published plan puts the lead into, and whoever has that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from patchbook.routing.decision import TurnTaken
from patchbook.routing.giving import to_person, to_pool
from patchbook.routing.questions.owners import OWNER, HolderOf
from patchbook.routing.questions.pools import Member, TurnsOf
from patchbook.routing.questions.territories import Placed, Placing, Territory
from patchbook.routing.route import BY_PLACE, Terms
from patchbook.routing.stage import Case, Result
from patchbook.routing.turn import turns_of
from patchbook.words import listed

MOST_NAMED = 4
"""So many territories that are alike are named in a sentence; of more the first three, and how many more."""


@dataclass(frozen=True, kw_only=True)
class ByTerritory:
    """Whoever has the lead's territory. Where the plan cannot tell between several, these take turns."""

    key: ClassVar[str] = "territory"
    help: ClassVar[str] = "Give it to whoever has the territory its fields fall into, by the rules of the plan."

    role: str = OWNER
    terms: Terms = BY_PLACE

    def decide(self, case: Case) -> Result:
        """The one who has the territory."""
        account_id = case.account.account_id if case.account is not None else None
        placed = case.world.ask(Placing(case.lead.fields, account_id))
        if not placed.territories:
            return Result(says=placed.says or "No territory takes it.")
        if len(placed.territories) == 1:
            return self._in(case, placed.territories[0], f"it falls into {placed.territories[0].name}{_why(placed)}")
        return self._in_turn(case, placed)

    def _in(self, case: Case, territory: Territory, because: str) -> Result:
        held = case.world.ask(HolderOf(territory.territory_id, self.role))
        if held is not None and held.person_id is not None:
            if held.because == "interim":
                because = f"{because}, whose seat is vacant, and they look after it meanwhile"
            return to_person(case, held.person_id, self.terms, because=because, territory_id=territory.territory_id)
        if held is not None and held.pool_id is not None:
            return to_pool(case, held.pool_id, self.terms, because=because, territory_id=territory.territory_id)
        says = f"{because[0].upper()}{because[1:]}, where nobody is {self.role}."
        return Result(says=says, territory_id=territory.territory_id)

    def _in_turn(self, case: Case, placed: Placed) -> Result:
        """Of the territories that can give it to somebody, the next in turn."""
        territories = sorted(placed.territories, key=lambda one: one.territory_id)
        names = listed([one.name for one in territories], MOST_NAMED)
        pool_id = "territories " + " ".join(one.territory_id for one in territories)
        members = [Member(person_id=one.territory_id) for one in territories]
        turns = turns_of(case.world.ask(TurnsOf(pool_id)), members)
        tried = {
            one.territory_id: self._in(case, one, f"of {names}, which are alike for it, it is the turn of {one.name}")
            for one in territories
        }
        giving = [territory_id for territory_id, result in tried.items() if result.person_id is not None]
        skipped = tuple(each for result in tried.values() for each in result.skipped)
        if not giving:
            held = [result for result in tried.values() if result.ends]
            says = f"It falls into {names} alike, and none of them can give it to anybody now."
            return replace(held[0], skipped=skipped) if held else Result(says=says, skipped=skipped)
        whose = turns.next(giving)
        state = turns.given(whose, giving).packed()
        result = tried[whose]
        taken = TurnTaken(pool_id=pool_id, person_id=whose, says=f"{names} take turns.", state=state)
        return replace(result, skipped=tuple(dict.fromkeys((*skipped, *result.skipped))), turns=(*result.turns, taken))


def _why(placed: Placed) -> str:
    if not placed.says:
        return ""
    says = placed.says.rstrip(".")
    return f" ({says[0].lower()}{says[1:]})" if says.startswith(("It ", "No ", "By ")) else f" ({says})"
