"""A lead given to one person, or shared by a pool, on the terms of a stage: what the stages have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from patchbook.period import told
from patchbook.routing.caps import worth
from patchbook.routing.decision import Skipped, TurnTaken
from patchbook.routing.eligibility import LONGEST_LINE, Eligible, Refused, check
from patchbook.routing.question import World
from patchbook.routing.questions.people import LoadOf, Standing, StandingOf
from patchbook.routing.questions.pools import Member, Members, MembersOf, TurnsOf
from patchbook.routing.route import Choose, Hours, Leave, Nobody, PoolRules, Routing, Terms
from patchbook.routing.stage import Case, Result
from patchbook.routing.turn import turns_of
from patchbook.words import counted

_REGARDLESS = Terms(hours=Hours.ANYWAY, leave=Leave.COVER, caps=False, needs=False)


def to_person(case: Case, person_id: str, terms: Terms, *, because: str, territory_id: str | None = None) -> Result:
    """The person, or who acts for them, when they may have it; otherwise what the terms say."""
    found = check(case, person_id, terms)
    if isinstance(found, Eligible):
        return Result(
            says=f"It goes to {found.says}: {because}.",
            person_id=found.person.person_id,
            territory_id=territory_id,
            skipped=found.skipped,
        )
    return replace(_for_nobody(case, [found], terms, because, None), territory_id=territory_id)


def to_pool(case: Case, pool: str, terms: Terms, *, because: str, territory_id: str | None = None) -> Result:
    """Whoever of the pool may have it and is next; otherwise what the terms say."""
    members = case.world.ask(MembersOf(pool))
    if members is None:
        return Result(says=f"There is no pool {pool!r}.")
    if not members.members:
        return Result(says=f"The pool {members.name} has no members.")
    found = [check(case, member.person_id, terms) for member in members.members]
    refused = [one for one in found if isinstance(one, Refused)]
    standings = {
        member.person_id: one.person
        for member, one in zip(members.members, found, strict=True)
        if isinstance(one, Eligible)
    }
    skipped = tuple(each for one in found for each in one.skipped)
    if not standings:
        return replace(_for_nobody(case, refused, terms, because, members), territory_id=territory_id)
    return _shared(case, members, standings, skipped, because, territory_id)


def counted_turn(routing: Routing, world: World, pool: str, person_id: str, way: str) -> TurnTaken | None:
    """The turn that a lead which reached a member another way counts as, where the pool counts that way."""
    members = world.ask(MembersOf(pool))
    if members is None or person_id not in {member.person_id for member in members.members}:
        return None
    rules = routing.pool_rules(members.pool_id, members.name)
    if way not in rules.counts:
        return None
    turns = turns_of(world.ask(TurnsOf(members.pool_id)), members.members, rules).counted(person_id)
    says = f"In the pool {members.name} this counts as a turn, as leads that come by {way} do."
    return TurnTaken(pool_id=members.pool_id, person_id=person_id, says=says, state=turns.packed())


def _shared(
    case: Case,
    members: Members,
    standings: dict[str, Standing],
    skipped: Sequence[Skipped],
    because: str,
    territory_id: str | None,
) -> Result:
    rules = case.routing.pool_rules(members.pool_id, members.name)
    turns = turns_of(case.world.ask(TurnsOf(members.pool_id)), members.members, rules)
    least = _least_loaded(case, members.members, standings, rules)
    whose = turns.next(least)
    lag = float(turns.lag(whose, least))
    value = worth(case.lead, rules.value)
    cents = max(1, round(value * 100)) if value is not None else turns.usual_cents
    after = turns.given(whose, least, rules, cents=cents)
    name = standings[whose].name
    among = f"of {counted(len(standings), 'member')} of {members.name} who may have it"
    if rules.choose in (Choose.FEWEST_OPEN, Choose.LEAST_VALUE):
        what = "open work" if rules.choose is Choose.FEWEST_OPEN else "open value"
        why = f"{among}, {name} has the least {what}" + (" and is next in turn" if len(least) > 1 else "")
    elif rules.choose is Choose.VALUE:
        why = f"{among}, {name} has had the least value"
    elif len(standings) == 1:
        why = f"only {name} of {members.name} may have it"
    else:
        why = f"{among}, it is {name}'s turn ({_beside_their_share(lag)})"
    says = f"{why[0].upper()}{why[1:]}."
    taken = TurnTaken(pool_id=members.pool_id, person_id=whose, says=says, state=after.packed())
    return Result(
        says=f"It goes to {name}: {because}, and {why}.",
        person_id=standings[whose].person_id,
        territory_id=territory_id,
        skipped=tuple(skipped),
        turns=(taken,),
    )


def _beside_their_share(lag: float) -> str:
    if abs(lag) < 0.005:
        return "even with their share"
    return f"{abs(lag):.2f} {'behind' if lag > 0 else 'ahead of'} their share"


def _least_loaded(case: Case, members: Sequence[Member], standings: dict[str, Standing], rules: PoolRules) -> list[str]:
    """All who are equally the least loaded; all, where the pool shares in turn."""
    there = [member for member in members if member.person_id in standings]
    if rules.choose not in (Choose.FEWEST_OPEN, Choose.LEAST_VALUE):
        return [member.person_id for member in there]
    loads: dict[str, float] = {}
    for member in there:
        load = case.world.ask(LoadOf(member.person_id))
        figure = float(load.open) if rules.choose is Choose.FEWEST_OPEN else load.open_value_usd
        carries = member.weight * max(standings[member.person_id].share, 1e-6)
        loads[member.person_id] = round(figure / carries, 9)
    least = min(loads.values())
    return [person_id for person_id, load in loads.items() if load == least]


def _for_nobody(case: Case, refused: Sequence[Refused], terms: Terms, because: str, members: Members | None) -> Result:
    """What the terms say for when nobody may have it."""
    skipped = tuple(each for one in refused for each in one.skipped)
    first = refused[0].skipped[-1].why
    none = first[:-1]
    if members is not None:
        none = f"none of {counted(len(refused), 'member')} of {members.name} may have it now"
    why = f"{because[0].upper()}{because[1:]}, but {none}"
    waits = [one.works_from for one in refused if one.works_from is not None and not one.is_barred]
    if terms.hours is Hours.HOLD and waits:
        until = min(waits)
        return Result(says=f"{why}; it is held until {told(until)}.", skipped=skipped, ends=True, holds_until=until)
    if terms.if_nobody is Nobody.QUEUE:
        return Result(says=f"{why}; it goes to the queue.", skipped=skipped, ends=True)
    if terms.if_nobody is Nobody.ANYWAY:
        anyway = {one.person_id: one.standing for one in refused if not one.is_barred and one.standing is not None}
        if anyway and members is not None:
            return _shared(case, members, anyway, skipped, f"{because}, where all are away or full", None)
        if anyway:
            person_id, standing = next(iter(anyway.items()))
            return Result(says=f"{why}; it goes to {standing.name} anyway.", person_id=person_id, skipped=skipped)
    if terms.if_nobody is Nobody.MANAGER:
        return manager_of(case, [one.person_id for one in refused], f"{why}; ", skipped)
    return Result(says=f"{why}.", skipped=skipped)


def manager_of(case: Case, people: Sequence[str], before: str, skipped: Sequence[Skipped]) -> Result:
    """The nearest manager above the first of some people who has one that is there."""
    seen: set[str] = set(people)
    passed = list(skipped)
    for person_id in people:
        standing = case.world.ask(StandingOf(person_id))
        for _ in range(LONGEST_LINE):
            above = standing.manager_id if standing is not None else None
            if above is None or above in seen:
                break
            seen.add(above)
            found = check(case, above, _REGARDLESS)
            passed.extend(found.skipped)
            if isinstance(found, Eligible):
                of = case.world.ask(StandingOf(person_id))
                name = of.name if of is not None else person_id
                return Result(
                    says=f"{before}it goes to {found.says}, the manager of {name}.",
                    person_id=found.person.person_id,
                    skipped=tuple(passed),
                )
            standing = case.world.ask(StandingOf(above))
    return Result(says=f"{before}no manager can have it either.", skipped=tuple(passed))
