"""
The routing document as far as it decides who gets a lead: routes, pools, caps and mail for everybody. Pure.

`leads/sections/` reads it from YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from patchbook.routing.engagement import Engagement
from patchbook.routing.lead import Kind, Lead, Motion
from patchbook.rules import Condition, Context, RuleBook
from patchbook.rules.column import MixedTypes

if TYPE_CHECKING:
    from patchbook.routing.stage import Stage


class Hours(StrEnum):
    """What to do with somebody outside their working hours."""

    NEXT = "next"
    """Pass them over."""
    HOLD = "hold"
    """Keep the lead waiting until they work, when nobody else can have it now."""
    ANYWAY = "anyway"
    """Give it to them all the same."""


class Leave(StrEnum):
    """What to do with somebody on leave."""

    COVER = "cover"
    """Whoever acts for them gets it; they are passed over where nobody does."""
    NEXT = "next"
    """Pass them over."""


class Nobody(StrEnum):
    """What to do when all who could have a lead are passed over."""

    NEXT = "next"
    """Go on to the next stage; after the last comes the queue."""
    QUEUE = "queue"
    """Put it in the orphan queue at once."""
    MANAGER = "manager"
    """The manager of the first who was passed over."""
    ANYWAY = "anyway"
    """Whoever comes first, hours, leave and caps aside; never somebody who has left, is paused, or cannot do it."""


class Choose(StrEnum):
    """Who of a pool's eligible members gets the next one."""

    TURN = "turn"
    """In turn, so that numbers keep to the weights."""
    VALUE = "value"
    """In turn, so that values keep to the weights: nobody gets the better leads only."""
    FEWEST_OPEN = "fewest open"
    """Whoever has least open work for their weight and share; ties in turn."""
    LEAST_VALUE = "least open value"
    """Whoever has least open value for their weight and share; ties in turn."""


class Absent(StrEnum):
    """What becomes of turns somebody could not take."""

    HOLD = "hold position"
    """They lapse; the member keeps their place in the order, and nothing more."""
    CATCH_UP = "catch up"
    """They are made up for afterwards, up to `catch_up_to`."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What somebody must have to be given a lead."""

    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    language_of_lead: bool = True
    """Whether they must speak the lead's language, where it names one."""
    product_of_lead: bool = False
    """Whether they must sell the lead's product, where it names one."""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """How much somebody may have at most; a full-time seat's number, scaled by each person's share."""

    name: str
    per: str
    """A figure of `questions.people.Load`: hour, day, week, month, open, open_value_usd."""
    at_most: float
    kinds: tuple[Kind, ...] = ()
    """The kinds it counts and holds for; none for all."""
    people: tuple[str, ...] = ()
    """Whom it holds for; none for all."""
    scaled: bool = True
    """Whether it shrinks and grows with the person's share."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what terms a stage gives a lead to somebody. Whoever has left or is paused never gets one."""

    hours: Hours = Hours.ANYWAY
    leave: Leave = Leave.COVER
    caps: bool = True
    """Whether caps hold."""
    needs: bool = True
    """Whether they must have what the lead and the route need."""
    if_nobody: Nobody = Nobody.NEXT


TO_THE_KNOWN = Terms(caps=False, needs=False)
"""For an account's owner and for a person named in the route: what is theirs stays theirs, at night and when full."""

BY_PLACE = Terms()
"""For whoever has the territory."""

SHARED = Terms(hours=Hours.NEXT, leave=Leave.NEXT)
"""For a pool, where somebody else can have it."""


@dataclass(frozen=True, kw_only=True)
class PoolRules:
    """How a pool shares what comes in."""

    choose: Choose = Choose.TURN
    absent: Absent = Absent.HOLD
    catch_up_to: int = 1
    """How many missed turns are made up for at most."""
    value: str = "amount_usd"
    """The field that says what a lead is worth, for `value`."""
    counts: frozenset[str] = frozenset()
    """Which leads that reach a member by another way count as a turn: `sticky`, `owner`, `manual`."""


@dataclass(frozen=True, kw_only=True)
class Taking:
    """Which leads a route is for; what is left open takes all."""

    kinds: tuple[Kind, ...] = ()
    motions: tuple[Motion, ...] = ()
    where: Condition | None = None

    def takes(self, lead: Lead, *, at: datetime) -> bool:
        """Whether a lead is one of them; `at` says which day `today` is."""
        return (
            (not self.kinds or lead.kind in self.kinds)
            and (not self.motions or lead.motion in self.motions)
            and (self.where is None or _holds(self.where, lead, at.date()))
        )


@dataclass(frozen=True, kw_only=True)
class Route:
    """Stages in order. The first that finds somebody decides; after the last comes the orphan queue."""

    name: str
    takes: Taking = Taking()
    needs: Needs = Needs()
    stages: tuple[Stage, ...]


@dataclass(frozen=True, kw_only=True)
class Routing:
    """All that decides who gets a lead, apart from the company itself. The first route that takes a lead wins."""

    routes: tuple[Route, ...]
    pools: Mapping[str, PoolRules] = field(default_factory=dict)
    """By id or name of the pool; one that is not there shares in turn."""
    caps: tuple[Cap, ...] = ()
    free_mail: frozenset[str] = frozenset()
    """Further domains of mail for everybody, beside those that are known."""
    engagement: Engagement = field(default_factory=Engagement)
    """Rules of engagement, which some stages go by."""

    def route_of(self, lead: Lead, *, at: datetime) -> Route | None:
        """The route that takes a lead."""
        return next((route for route in self.routes if route.takes.takes(lead, at=at)), None)

    def pool_rules(self, pool_id: str, name: str = "") -> PoolRules:
        """How a pool shares."""
        return self.pools.get(pool_id) or self.pools.get(name) or PoolRules()


def _holds(where: Condition, lead: Lead, today: date) -> bool:
    """Whether a condition is true of a lead; a value of another type than it asks for counts as missing."""
    try:
        return _book(where, today).match(lead.fields) is not None
    except MixedTypes:
        return False


@lru_cache(maxsize=2_000)
def _book(where: Condition, today: date) -> RuleBook:
    return RuleBook([where], context=Context(today=today))
