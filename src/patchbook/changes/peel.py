"""Peel a starter book off the neighbours that have too much, with the fewest accounts moved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from patchbook.changes.change import Giving
from patchbook.changes.spread import Receiver
from patchbook.geography.distance import great_circle_km

OVERSHOOT = 0.1
"""A neighbour gives at most this share of the newcomer's book beyond its surplus, so that a family is not torn."""


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A territory that can give, and the accounts it has."""

    receiver: Receiver
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class _Group:
    """Accounts that move together: a family, or one alone."""

    accounts: tuple[str, ...]
    weight: float
    distance_km: float

    @property
    def weight_each(self) -> float:
        return self.weight / len(self.accounts)


def peeled(
    neighbours: Sequence[Neighbour],
    *,
    capacity: float,
    fixed: Collection[str] = (),
    weights: Mapping[str, float] | None = None,
    families: Mapping[str, str] | None = None,
    positions: Mapping[str, tuple[float, float]] | None = None,
    home: tuple[float, float] | None = None,
) -> list[Giving]:
    """
    What each neighbour gives to a newcomer of so much capacity, whoever has most too much first.

    With the newcomer, everybody's target is the total shared by capacity. Each neighbour gives from what it has above
    its target. The heaviest groups go first, so that the fewest accounts move; of groups that weigh the same, the
    nearest to the newcomer's home.
    """
    total = sum(one.receiver.load for one in neighbours)
    everybody = capacity + sum(one.receiver.capacity for one in neighbours)
    wanted = target_of(neighbours, capacity)
    targets = {one.receiver.territory_id: total * one.receiver.capacity / everybody for one in neighbours}
    ranked = sorted(
        neighbours,
        key=lambda one: (targets[one.receiver.territory_id] - one.receiver.load, one.receiver.territory_id),
    )
    gives, missing = [], wanted
    for neighbour in ranked:
        receiver = neighbour.receiver
        target = targets[receiver.territory_id]
        quota = min(receiver.load - target, missing)
        if quota <= 0:
            continue
        groups = _groups(neighbour.accounts, fixed, weights, families, positions, home)
        chosen = _fewest(groups, quota, quota + OVERSHOOT * wanted)
        if not chosen:
            continue
        weight = sum(group.weight for group in chosen)
        missing -= weight
        gives.append(
            Giving(
                territory_id=receiver.territory_id,
                person_id=receiver.person_id,
                account_ids=tuple(sorted(account for group in chosen for account in group.accounts)),
                weight=weight,
                before=receiver.load,
                after=receiver.load - weight,
                target=target,
            )
        )
    return gives


def target_of(neighbours: Sequence[Neighbour], capacity: float) -> float:
    """What a newcomer of so much capacity should have: their share of what all have together."""
    everybody = capacity + sum(one.receiver.capacity for one in neighbours)
    return sum(one.receiver.load for one in neighbours) * capacity / everybody if everybody > 0 else 0.0


def _fewest(groups: Sequence[_Group], quota: float, most: float) -> list[_Group]:
    """Groups that sum to about the quota and never above the most, heaviest first."""
    chosen: list[_Group] = []
    weight = 0.0
    for group in sorted(groups, key=lambda one: (-one.weight_each, one.distance_km, one.accounts)):
        if weight >= quota:
            break
        if group.weight > 0 and weight + group.weight <= most + 1e-9:
            chosen.append(group)
            weight += group.weight
    return chosen


def _groups(
    accounts: Sequence[str],
    fixed: Collection[str],
    weights: Mapping[str, float] | None,
    families: Mapping[str, str] | None,
    positions: Mapping[str, tuple[float, float]] | None,
    home: tuple[float, float] | None,
) -> list[_Group]:
    together: dict[str, list[str]] = {}
    for account in accounts:
        family = (families or {}).get(account)
        together.setdefault(f"account {account}" if family is None else f"family {family}", []).append(account)
    groups = []
    for members in together.values():
        if any(account in fixed for account in members):
            continue
        weight = float(sum((weights or {}).get(account, 0.0 if weights else 1.0) for account in members))
        places = [positions[account] for account in members if positions is not None and account in positions]
        far = sum(float(great_circle_km(*home, *place)) for place in places) / len(places) if home and places else 0.0
        groups.append(_Group(accounts=tuple(sorted(members)), weight=weight, distance_km=far))
    return groups
