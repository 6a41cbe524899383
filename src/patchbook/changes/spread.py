"""Share a territory's accounts among a team, so that loads follow capacities. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """A territory that can take accounts, who has it, what they can carry, and what they have."""

    territory_id: str
    person_id: str
    capacity: float
    load: float


def spread(
    accounts: Sequence[str],
    receivers: Sequence[Receiver],
    *,
    weights: Mapping[str, float] | None = None,
    families: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """
    Account → the territory that takes it.

    The heaviest family goes first, each to whoever carries least for their capacity: longest processing time first
    (Graham, *Bounds on Multiprocessing Timing Anomalies*, 1969), on top of what everybody has already.

    Examples
    --------
    >>> ann = Receiver(territory_id="a", person_id="ann", capacity=1.0, load=1.0)
    >>> bob = Receiver(territory_id="b", person_id="bob", capacity=1.0, load=0.0)
    >>> spread(["x", "y", "z"], [ann, bob])
    {'x': 'b', 'y': 'a', 'z': 'b'}
    """
    groups: dict[str, list[str]] = {}
    for account in accounts:
        family = (families or {}).get(account)
        groups.setdefault(f"account {account}" if family is None else f"family {family}", []).append(account)

    def weight(group: Sequence[str]) -> float:
        return sum((weights or {}).get(account, 0.0 if weights else 1.0) for account in group)

    waiting = [(one.load / one.capacity, one.territory_id, one.capacity, one.load) for one in receivers]
    heapq.heapify(waiting)
    taken: dict[str, str] = {}
    for group in sorted(groups.values(), key=lambda one: (-weight(one), one[0])):
        _, territory_id, capacity, load = heapq.heappop(waiting)
        load += weight(group)
        heapq.heappush(waiting, (load / capacity, territory_id, capacity, load))
        taken |= dict.fromkeys(group, territory_id)
    return taken
