"""
Whose turn it is in a pool, so that at any time everybody has had their share: Tijdeman's rule for the chairman problem.

R. Tijdeman, The chairman assignment problem, Discrete Mathematics 32 (1980), 323-330: among those who lag at least
1/(2n - 2) behind their share, take the one whose deadline comes first. Nobody is then ever further than 1 - 1/(2n - 2)
from their share, and no rule can promise less.

Each member has a counter, `at`: what they were given, divided by their weight. How far two members are apart is all
that matters, so who joins starts level with the rest, and who is away moves along with it. All numbers are whole ones,
in a unit that every weight divides; nothing is ever rounded while the same members are there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import Any, Literal

from patchbook.routing.questions.pools import Member
from patchbook.routing.route import Absent, Choose, PoolRules

Unit = Literal["leads", "value"]

IN_TURN = PoolRules()
"""How a pool shares of which nothing else is said."""

_GRID = 1 << 20
"""Parts of the unit, for the places where somebody who was away moves along and a division leaves a rest."""

_FINEST = 1000
"""Weights are told apart to a thousandth."""


@dataclass(frozen=True, kw_only=True)
class Counter:
    """One member's place."""

    person_id: str
    weight: int
    at: int
    """What was counted for them divided by their weight, in parts of `Turns.part`."""
    last: int
    """The number of the turn they had last; of two who are equal, the one whose turn is longer ago comes first."""
    given: int = 0
    """The turns that were counted for them, less those credited back."""
    allowance: int = 0
    """How many turns they may be off because of credits, catching up, or turns they had another way."""


@dataclass(frozen=True, kw_only=True)
class Turns:
    """The counters of one pool."""

    counters: tuple[Counter, ...]
    number: int = 0
    """Turns taken so far."""
    unit: Unit = "leads"
    sizes: int = 0
    """The sum of all that was given, in cents, where values are counted."""
    sized: int = 0
    """How many leads that sum is of."""

    @property
    def part(self) -> int:
        """What one turn of weight 1 counts."""
        return lcm(*(counter.weight for counter in self.counters)) * _GRID

    @property
    def usual_cents(self) -> int:
        """What a lead without a value is taken to be worth: the mean of those before it."""
        return max(1, self.sizes // self.sized) if self.sized else 100

    def next(self, available: Collection[str]) -> str:
        """
        Who of those available has the next turn. The same question always has the same answer.

        Examples
        --------
        >>> turns = turns_of(None, [Member(person_id="ann", weight=2), Member(person_id="bob")])
        >>> order = ""
        >>> for _ in range(6):
        ...     whose = turns.next(["ann", "bob"])
        ...     order, turns = order + whose[0], turns.given(whose, ["ann", "bob"])
        >>> order
        'abaaba'
        """
        there = self._among(available)
        if self.unit == "value":
            return min(there, key=lambda one: (one.at, one.last)).person_id
        if len(there) == 1:
            return there[0].person_id
        part, most = self.part, 2 * len(there) - 2
        weights, middle = _middle(there)
        lagging = [one for one in there if most * one.weight * (middle - one.at * weights + part) >= weights * part]
        return min(lagging, key=lambda one: (most * one.at + (most - 1) * (part // one.weight), one.last)).person_id

    def lag(self, person_id: str, available: Collection[str]) -> Fraction:
        """How many turns behind their share among those available a member is; below 0 they are ahead."""
        there = self._among(available)
        weights, middle = _middle(there)
        one = next(one for one in there if one.person_id == person_id)
        return Fraction(one.weight * (middle - one.at * weights), weights * self.part)

    def given(
        self, person_id: str, available: Collection[str], rules: PoolRules = IN_TURN, *, cents: int = 100
    ) -> Turns:
        """The counters after a turn; who was not available moves along, or may catch up, as the rules say."""
        size = cents if self.unit == "value" else 1
        part = self.part
        there = set(available)
        weights = sum(one.weight for one in self.counters if one.person_id in there)
        moved = []
        for one in self.counters:
            if one.person_id == person_id:
                step = size * part // one.weight
                one = replace(one, at=one.at + step, last=self.number, given=one.given + 1)
            elif one.person_id not in there and rules.absent is Absent.HOLD:
                one = replace(one, at=one.at + size * part // weights)
            moved.append(one)
        after = replace(
            self,
            counters=tuple(moved),
            number=self.number + 1,
            sizes=self.sizes + (size if self.unit == "value" else 0),
        )
        return after._within_reach(there, rules)

    def counted(self, person_id: str) -> Turns:
        """The counters after a member got a lead another way that counts as a turn."""
        return self._shifted(person_id, 1)

    def credited(self, person_id: str) -> Turns:
        """The counters after a bad lead was given back: the member is one behind again."""
        return self._shifted(person_id, -1)

    def packed(self) -> dict[str, Any]:
        """The counters as JSON, for `turns_of`."""
        least = min(one.at for one in self.counters)
        return {
            "unit": self.unit,
            "number": self.number,
            "sizes": [self.sizes, self.sized],
            "members": [
                [one.person_id, one.weight, str(one.at - least), one.last, one.given, one.allowance]
                for one in self.counters
            ],
        }

    def _among(self, available: Collection[str]) -> list[Counter]:
        there = [one for one in self.counters if one.person_id in available]
        if not there:
            raise ValueError("nobody is available")
        return there

    def _shifted(self, person_id: str, turns: int) -> Turns:
        size = self.usual_cents if self.unit == "value" else 1
        part = self.part
        counters = tuple(
            replace(
                one,
                at=one.at + turns * size * part // one.weight,
                given=one.given + turns,
                allowance=one.allowance + 1,
                last=self.number if turns > 0 else one.last,
            )
            if one.person_id == person_id
            else one
            for one in self.counters
        )
        return replace(self, counters=counters, number=self.number + (turns > 0))

    def _within_reach(self, available: Collection[str], rules: PoolRules) -> Turns:
        """
        Keep who is away within reach of those who are there, so that nobody comes back with more than one turn ahead.

        A member with an allowance may be off by that much more; it ends once they are back within reach.
        """
        part = self.part
        there = self._among(available)
        weights, middle = _middle(there)
        turn = weights * part * (self.usual_cents if self.unit == "value" else 1)
        lags = [one.weight * (middle - one.at * weights) for one in there if one.allowance == 0]
        low, high = (max(lags) - turn, min(lags) + turn) if lags else (-turn, turn)
        if low > high:
            low, high = -turn, turn
        kept = []
        for one in self.counters:
            lag = one.weight * (middle - one.at * weights)
            allowance = 0 if low <= lag <= high else one.allowance
            if one.person_id not in available:
                catches_up = rules.absent is Absent.CATCH_UP and lag > high
                allowance = max(allowance, rules.catch_up_to) if catches_up else allowance
                most, least = high + allowance * turn, low - allowance * turn
                if lag > most:
                    one = replace(one, at=-((most - one.weight * middle) // (one.weight * weights)))
                elif lag < least:
                    one = replace(one, at=(one.weight * middle - least) // (one.weight * weights))
            kept.append(one if one.allowance == allowance else replace(one, allowance=allowance))
        return replace(self, counters=tuple(kept))


def turns_of(packed: Mapping[str, Any] | None, members: Sequence[Member], rules: PoolRules = IN_TURN) -> Turns:
    """
    The counters that were kept, for the members and weights of now.

    Who is new starts level with the rest and after them; who has left is forgotten; where a weight changed, the member
    is as many turns behind or ahead as before, and never more than one.
    """
    unit: Unit = "value" if rules.choose is Choose.VALUE else "leads"
    weights = _whole(tuple(member.weight for member in members))
    people = [member.person_id for member in members]
    if packed is None or packed["unit"] != unit:
        counters = tuple(
            Counter(person_id=person_id, weight=weight, at=0, last=place - len(people))
            for place, (person_id, weight) in enumerate(zip(people, weights, strict=True))
        )
        return Turns(counters=counters, unit=unit)
    known = Turns(
        counters=tuple(
            Counter(person_id=one[0], weight=one[1], at=int(one[2]), last=one[3], given=one[4], allowance=one[5])
            for one in packed["members"]
        ),
        number=packed["number"],
        unit=unit,
        sizes=packed["sizes"][0],
        sized=packed["sizes"][1],
    )
    if [(one.person_id, one.weight) for one in known.counters] == list(zip(people, weights, strict=True)):
        return known
    return _rebased(known, people, weights)


def _rebased(known: Turns, people: Sequence[str], weights: Sequence[int]) -> Turns:
    """The same lags over other members and weights; a unit turn counts `part` in both."""
    before = {one.person_id: one for one in known.counters}
    stay = [before[person_id] for person_id in people if person_id in before]
    part = lcm(*weights) * _GRID
    total, middle = _middle(stay) if stay else (1, 0)
    size = known.usual_cents if known.unit == "value" else 1
    counters = []
    for place, (person_id, weight) in enumerate(zip(people, weights, strict=True)):
        one = before.get(person_id)
        if one is None:
            counters.append(Counter(person_id=person_id, weight=weight, at=0, last=known.number + place))
            continue
        lag = Fraction(one.weight * (middle - one.at * total), total * known.part)
        reach = Fraction((one.allowance + 1) * size)
        lag = max(-reach, min(reach, lag))
        counters.append(replace(one, weight=weight, at=-(lag * part / weight).__floor__()))
    return replace(known, counters=tuple(counters), number=known.number + len(people))


def _middle(there: Sequence[Counter]) -> tuple[int, int]:
    """The sum of the weights, and where all would be were all even, times that sum."""
    return sum(one.weight for one in there), sum(one.weight * one.at for one in there)


@lru_cache(maxsize=1_024)
def _whole(weights: tuple[float, ...]) -> tuple[int, ...]:
    """Weights as the smallest whole numbers of the same proportions."""
    exact = [max(Fraction(weight).limit_denominator(_FINEST), Fraction(1, _FINEST)) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    whole = [int(weight * scale) for weight in exact]
    common = gcd(*whole) or 1
    return tuple(weight // common for weight in whole)
