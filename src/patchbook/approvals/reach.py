"""Which territories of a draft are somebody's to change: their own, and those of the people below them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.approvals import store
from patchbook.people.permission import MAY, Deed
from patchbook.people.principal import Principal, Role


def reach(
    tx: Connection, territories: pl.DataFrame, by: Principal, deed: Deed, *, at: datetime
) -> frozenset[str] | None:
    """
    The territories of a plan where somebody may do this, by name; None where they may everywhere.

    Parameters
    ----------
    territories
        The plan's: territory, parent, person.
    """
    if is_company_wide(by, deed):
        return None
    people: Collection[str] = {by.person_id}
    if Role.MANAGER in by.roles & MAY[deed]:
        people = store.people_lines(tx).below(by.person_id)
    return reach_of(territories, names=store.names_in_reach(tx, by, deed, at=at), people=people)


def is_company_wide(by: Principal, deed: Deed) -> bool:
    """Whether somebody may do this for the whole company."""
    subtree_only = (Role.MANAGER, Role.REP)
    return any(
        grant.territory_id is None and grant.role not in subtree_only and grant.role in MAY[deed] for grant in by.grants
    )


def reach_of(territories: pl.DataFrame, *, names: Collection[str], people: Collection[str]) -> frozenset[str]:
    """
    The territories of a plan that bear or hang under one of these names, or are planned for one of these people.

    Examples
    --------
    >>> plan = pl.DataFrame(
    ...     {"territory": ["North", "South"], "parent": ["Field", None], "person": ["ann", "bo"]}
    ... )
    >>> sorted(reach_of(plan, names={"Field"}, people={"bo"}))
    ['North', 'South']
    """
    parent_of = dict(territories.select("territory", "parent").iter_rows())
    found = set(territories.filter(pl.col("person").is_in(list(people)))["territory"])
    for territory in parent_of:
        line: list[str] = []
        above: str | None = territory
        while above is not None and above not in line:
            line.append(above)
            above = parent_of.get(above)
        if any(name in names for name in line):
            found.add(territory)
    return frozenset(found)
