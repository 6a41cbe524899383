"""The territories of a plan as a tree, with what each carries against its target. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from patchbook.plans.plan import CarveLayer, RuleLayer
from patchbook.web.planned import Planned


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a territory carries of one measure."""

    measure: str
    actual: float
    target: float | None
    deviation: float | None
    tolerance: float | None

    @property
    def is_beyond(self) -> bool:
        """Whether it is further from its target than is allowed."""
        return self.deviation is not None and self.tolerance is not None and abs(self.deviation) > self.tolerance + 1e-9


@dataclass(frozen=True, kw_only=True)
class Node:
    """One line of the tree."""

    name: str
    depth: int
    """1 for those at the top."""
    is_territory: bool
    accounts: int
    loads: tuple[Load, ...]
    index: int | None = None
    colour: int | None = None
    person: str | None = None
    """What the person is called."""
    person_id: str | None = None
    is_vacant: bool = False
    interim: str | None = None
    is_mine: bool = True
    """Whether whoever looks may change it, or ask for it."""


def tree(planned: Planned, *, people: Mapping[str, str], mine: Collection[str] | None = None) -> tuple[Node, ...]:
    """
    Groups and layers with their territories under them, from the top down, each before what is under it.

    Parameters
    ----------
    people
        Person → what they are called.
    mine
        The territories whoever looks may change; None for all.
    """
    rows = list(planned.state.territories.iter_rows(named=True))
    above = _above(planned)
    under: dict[str | None, list[str | int]] = {}
    for index, row in enumerate(rows):
        name: str | None = row["parent"]
        under.setdefault(name, []).append(index)
        while name is not None:
            parent = above.get(name)
            siblings = under.setdefault(parent, [])
            if name in siblings:
                break
            siblings.append(name)
            name = parent

    def walk(parent: str | None, depth: int) -> Iterable[Node]:
        for one in under.get(parent, ()):
            if isinstance(one, int):
                yield leaf(one, depth)
                continue
            below = list(walk(one, depth + 1))
            yield _sum(one, depth, [node for node in below if node.is_territory])
            yield from below

    def leaf(index: int, depth: int) -> Node:
        row = rows[index]
        return Node(
            name=row["territory"],
            depth=depth,
            is_territory=True,
            accounts=row["accounts"],
            loads=tuple(_load(planned, row, measure) for measure in planned.state.measures),
            index=index,
            colour=planned.colours[index],
            person=people.get(row["person"], row["person"]) if row["person"] else None,
            person_id=row["person"],
            is_vacant=bool(row["vacant"]),
            interim=people.get(row["interim"], row["interim"]) if row["interim"] else None,
            is_mine=mine is None or row["territory"] in mine,
        )

    return tuple(walk(None, 1))


def _load(planned: Planned, row: Mapping[str, float | None], measure: str) -> Load:
    return Load(
        measure=measure,
        actual=row[f"{measure}_actual"] or 0.0,
        target=row[f"{measure}_target"] or None,
        deviation=row[f"{measure}_deviation"],
        tolerance=planned.tolerances.get(measure),
    )


def _sum(name: str, depth: int, below: list[Node]) -> Node:
    loads = []
    for each in zip(*(node.loads for node in below), strict=True):
        actual = sum(load.actual for load in each)
        loads.append(
            Load(measure=each[0].measure, actual=actual, target=None, deviation=None, tolerance=each[0].tolerance)
        )
    accounts = sum(node.accounts for node in below)
    return Node(name=name, depth=depth, is_territory=False, accounts=accounts, loads=tuple(loads))


def _above(planned: Planned) -> dict[str, str | None]:
    """Layer or group → the group it stands under."""
    found: dict[str, str | None] = {}
    for layer in planned.document.layers:
        if isinstance(layer, CarveLayer | RuleLayer):
            found[layer.name] = layer.under
    found |= {group.name: group.under for group in planned.document.groups}
    return found
