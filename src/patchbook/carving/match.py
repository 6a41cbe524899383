"""People to territories at the least cost, with each territory's runner-up and what that would cost the whole.

The matching is an assignment problem, solved by the shortest augmenting paths of Jonker and Volgenant as SciPy has
them (Crouse 2016, On implementing 2D rectangular assignment algorithms, doi:10.1109/TAES.2016.140952). The runner-up
of a territory is who has it in the best matching that forbids today's pair. Instead of solving anew for each, the
cheapest chain of changes through the pair is found over costs from which potentials are taken off: the same answer,
exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from patchbook.carving._kernels.matching import cheapest_rounds
from patchbook.carving.problem import BoolArray, FloatArray, IntArray
from patchbook.errors import BadInput
from patchbook.words import counted, listed


class NoMatching(BadInput):
    """There is no way to give everybody a territory, or every territory somebody, that they may have."""

    def __init__(self, message: str, *, people: IntArray, territories: IntArray) -> None:
        super().__init__(message)
        self.people = people
        """Who is too few, or has too few to choose from."""
        self.territories = territories
        """The territories concerned."""


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Who gets which territory, and who else might."""

    person_of: IntArray
    """(territories,) the person, or -1 where it stays vacant."""
    territory_of: IntArray
    """(people,) the territory, or -1 where they get none."""
    cost: float
    """What all the pairs cost together."""
    runner_up: IntArray
    """(territories,) who has it in the best matching without today's pair; -1 where that leaves it vacant."""
    runner_up_cost: FloatArray
    """(territories,) what that matching costs more than the best; infinite where there is none."""


def match(
    cost: FloatArray,
    *,
    vacant: FloatArray | None = None,
    idle: FloatArray | None = None,
    people: Sequence[str] = (),
    territories: Sequence[str] = (),
) -> Matching:
    """
    The cheapest matching: as many pairs as there are people or territories, whichever are fewer.

    Parameters
    ----------
    cost
        (people, territories) what a pair costs, in any one unit; infinite where it may not be.
    vacant
        (territories,) what it costs to leave a territory vacant, where there are more of them than people; 0 without.
    idle
        (people,) what it costs to give a person none, where there are more people; 0 without.
    people, territories
        What they are called, for the refusal.

    Raises
    ------
    NoMatching
        Somebody, or some territory, is left over that may not be; the message names which.

    Examples
    --------
    >>> found = match(np.array([[1.0, 4.0], [2.0, 9.0]]))
    >>> found.person_of.tolist(), found.cost, found.runner_up.tolist(), found.runner_up_cost.tolist()
    ([1, 0], 6.0, [0, 1], [4.0, 4.0])
    """
    everyone, places = cost.shape
    if not everyone or not places:
        raise NoMatching(
            "There is nobody, or no territory, to match.", people=np.arange(everyone), territories=np.arange(places)
        )
    whole = np.zeros((max(everyone, places),) * 2)
    whole[:everyone, :places] = cost
    whole[everyone:, :places] = 0.0 if vacant is None else vacant
    whole[:everyone, places:] = 0.0 if idle is None else np.asarray(idle)[:, None]
    _refuse_impossible(np.isfinite(whole), everyone, places, people, territories)
    _, chosen = linear_sum_assignment(whole)
    gap = _gaps(whole, chosen)
    kin = np.where(np.arange(len(whole)) >= everyone, 0, -1)
    extra, last = np.empty(len(whole)), np.empty(len(whole), np.int64)
    cheapest_rounds(gap, kin, extra, last)
    pair_of = np.argsort(chosen)[:places]
    runner_up = np.where(last[pair_of] < everyone, last[pair_of], -1)
    return Matching(
        person_of=np.where(pair_of < everyone, pair_of, -1),
        territory_of=np.where(chosen[:everyone] < places, chosen[:everyone], -1),
        cost=float(whole[np.arange(len(whole)), chosen].sum()),
        runner_up=runner_up,
        runner_up_cost=extra[pair_of],
    )


def _gaps(whole: FloatArray, chosen: IntArray) -> FloatArray:
    """
    (pairs, pairs) what it costs the pair's person to take another pair's territory, with potentials taken off.

    Potentials are the cheapest chains that end at each pair (Bellman and Ford); no chain can be cheapened for ever,
    since the matching is the best. With them nothing costs less than 0, and rounds cost what they did.
    """
    pairs = np.arange(len(whole))
    moving = whole[:, chosen] - whole[pairs, chosen][:, None]
    potential = np.zeros(len(whole))
    slack = 1e-12 * max(1.0, float(np.abs(moving[np.isfinite(moving)]).max(initial=0.0)))
    for _ in pairs:
        shorter = np.minimum(potential, (moving + potential[:, None]).min(axis=0))
        if (potential - shorter).max() <= slack:
            break
        potential = shorter
    return np.ascontiguousarray(np.maximum(moving + potential[:, None] - potential, 0.0))


def _refuse_impossible(
    may: BoolArray, everyone: int, places: int, people: Sequence[str], territories: Sequence[str]
) -> None:
    """
    Nothing where a matching is possible; else the refusal, with a set that has too few to choose from.

    By Hall's theorem there is such a set exactly where no matching is possible; from what a greatest matching leaves
    over, it is all that alternating paths reach.
    """
    to_place = np.asarray(maximum_bipartite_matching(csr_array(may), perm_type="column"))
    if (to_place >= 0).all():
        return
    by_territory = everyone >= places
    if by_territory:
        may = may.T
        to_place = np.asarray(maximum_bipartite_matching(csr_array(may), perm_type="column"))
    holder = np.full(len(may), -1)
    holder[to_place[to_place >= 0]] = np.flatnonzero(to_place >= 0)
    left, seen = [int(np.flatnonzero(to_place < 0)[0])], np.zeros(len(may), bool)
    reached = set(left)
    while left:
        for other in np.flatnonzero(may[left.pop()] & ~seen).tolist():
            seen[other] = True
            if holder[other] not in reached:
                reached.add(int(holder[other]))
                left.append(int(holder[other]))
    short, enough = np.array(sorted(reached)), np.flatnonzero(seen)
    names = (territories, people) if by_territory else (people, territories)
    told = [
        [given[number] if number < len(given) else f"{what} {number + 1}" for number in some]
        for given, some, what in zip(names, (short, enough), ("territory", "person"), strict=True)
    ]
    if by_territory:
        message = (
            f"{listed(told[0], 6)} can go to nobody."
            if not len(enough)
            else f"{listed(told[0], 6)} can only go to {listed(told[1], 6)}: "
            f"{counted(len(short), 'territory', 'territories')} for {counted(len(enough), 'person', 'people')}."
        )
        raise NoMatching(message, people=enough, territories=short)
    message = (
        f"{listed(told[0], 6)} may have none of the territories."
        if not len(enough)
        else f"{listed(told[0], 6)} may only have {listed(told[1], 6)}: {counted(len(short), 'person', 'people')} for "
        f"{counted(len(enough), 'territory', 'territories')}."
    )
    raise NoMatching(message, people=short, territories=enough)
