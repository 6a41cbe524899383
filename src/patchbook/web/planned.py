"""A plan as its pages need it: the same frames, arrays and colours for every request until somebody edits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import results, store
from patchbook.plans.life import RecordedPlan
from patchbook.plans.plan import HouseLayer, Plan
from patchbook.plans.report.colours import colours_by_name, colours_of
from patchbook.plans.standing import standing
from patchbook.plans.state import PlanState, parsed

NOBODY = 65_535
"""The territory of an account without one; on maps the county of an account outside every county, too."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan as it stands, and what its pages make of it."""

    plan: RecordedPlan
    document: Plan
    state: PlanState
    """Without compactness."""
    names: tuple[str, ...]
    """The territories, by index."""
    people: tuple[str | None, ...]
    """The person of each."""
    colours: tuple[int, ...]
    order: IntArray
    """The rows of the assignments in the order of their account ids: the order of maps."""
    owners: npt.NDArray[np.uint16]
    """(accounts,) the index of its territory for each row of the assignments."""

    @cached_property
    def tolerances(self) -> Mapping[str, float]:
        """Measure → how far a territory may be from its target."""
        return {measure.name: measure.tolerance for measure in self.document.measures}

    @cached_property
    def index_of(self) -> Mapping[str, int]:
        """Territory → its index."""
        return {name: index for index, name in enumerate(self.names)}

    @property
    def in_order(self) -> npt.NDArray[np.uint16]:
        """The owners in the order of maps."""
        return np.asarray(self.owners[self.order])


def planned(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> Planned:
    """
    The plan as it stands, if they may see it.

    Raises
    ------
    NotCarved
        There is nothing to show before the first carve.
    """
    allow_somewhere(by, Deed.SEE_EVERYONE)
    return planned_as(tx, store.get(tx, plan_id, by=by, at=at))


def planned_as(tx: Connection, plan: RecordedPlan) -> Planned:
    """The plan as it stands, whoever asks."""
    found = standing(tx, plan).remembered(_arrays_in(record_of(tx).folder), plan)
    return replace(found, plan=plan, state=replace(found.state, plan=plan))


@cache
def _arrays_in(folder: Path) -> Callable[[PlanState], Planned]:
    return partial(_made, folder)


def _made(folder: Path, state: PlanState) -> Planned:
    document = parsed(state.plan)
    territories = state.territories
    names = tuple(territories["territory"].to_list())
    result_id = str(state.plan.result_id)
    houses = {layer.name for layer in document.layers if isinstance(layer, HouseLayer)}
    index = {name: number for number, name in enumerate(names)}
    owner = state.assignments["territory"].replace_strict(index, default=NOBODY, return_dtype=pl.UInt16)
    return Planned(
        plan=state.plan,
        document=document,
        state=state,
        names=names,
        people=tuple(territories["person"].to_list()),
        colours=tuple(colours_of(territories, like=_carved_colours(folder, result_id), houses=houses)),
        order=_order(folder, result_id),
        owners=owner.fill_null(NOBODY).to_numpy(),
    )


@lru_cache(maxsize=16)
def _carved_colours(folder: Path, result_id: str) -> Mapping[str, int]:
    return colours_by_name(results.read(folder, result_id).territories)


@lru_cache(maxsize=16)
def _order(folder: Path, result_id: str) -> IntArray:
    return results.read(folder, result_id).accounts["account_id"].arg_sort().to_numpy().astype(np.int64)
