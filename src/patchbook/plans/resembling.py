"""Which book of a carve by likeness a new account is most like. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from patchbook.carving.costs import medians
from patchbook.carving.problem import Places
from patchbook.plans.axes import FloatArray, IntArray
from patchbook.plans.likeness import Likeness, NothingShared, likeness_of
from patchbook.plans.plan import CarveLayer

ROUNDS = 20
"""Steps to the middle of each book."""
AT_A_TIME = 4096
"""Accounts compared with all books together, which bounds memory."""


class Resembling:
    """The middles of a layer's books, and how far from each an account is."""

    def __init__(self, likeness: Likeness, middles: FloatArray, mine: Sequence[int]) -> None:
        self._likeness, self._middles = likeness, middles
        self._row = {place: row for row, place in enumerate(mine)}

    @classmethod
    def of(cls, layer: CarveLayer, held: pl.DataFrame, mine: Sequence[int]) -> Resembling | None:
        """The books as they are held; None where nothing tells any two accounts apart."""
        fields = {field: weight for field, weight in layer.similar.items() if field in held.columns}
        try:
            likeness = likeness_of(fields, held, layer.name)[0] if fields and held.height else None
        except NothingShared:
            return None
        if likeness is None:
            return None
        row = {place: at for at, place in enumerate(mine)}
        owners = np.array([row.get(place, -1) for place in held["place"].to_list()], np.int64)
        sites = likeness.sites
        places = Places(
            sites=sites, unit_of_site=np.arange(len(sites)), weight=np.ones(len(sites)), on_globe=False
        )  # fmt: skip
        middles = np.full((len(mine), sites.shape[1]), np.inf)
        used = np.unique(owners[owners >= 0])
        for seat in used:
            middles[seat] = np.sort(sites[owners == seat], axis=0).mean(axis=0)
        return cls(likeness, medians(places, owners, middles, used, rounds=ROUNDS), mine)

    def nearest(self, accounts: pl.DataFrame, candidates: Sequence[int]) -> list[int | None]:
        """For each account which of these places it is most like; None where no book of them has an account."""
        rows = np.array([self._row[place] for place in candidates], np.int64)
        rows = rows[np.isfinite(self._middles[rows]).all(axis=1)]
        if not len(rows):
            return [None] * accounts.height
        order = list(self._row)
        sites, found = self._likeness.sites_of(accounts), []
        for first in range(0, len(sites), AT_A_TIME):
            some = sites[first : first + AT_A_TIME]
            far: FloatArray = np.stack([np.linalg.norm(some - self._middles[row], axis=1) for row in rows], axis=1)
            nearest: IntArray = rows[far.argmin(axis=1)]
            found += [order[row] for row in nearest.tolist()]
        return list(found)

    def says_of(self, record: Mapping[str, object]) -> str:
        """What a record is like, in the fields that count: `industry Software, employees 250`."""
        told = []
        for field in self.fields:
            value = record.get(field)
            if isinstance(value, list | tuple):
                value = ", ".join(map(str, value))
            elif isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
                value = f"{value:,.10g}"
            if value is not None and str(value).strip():
                told.append(f"{field.replace('_', ' ')} {str(value).strip()}")
        return ", ".join(told)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that count."""
        return tuple(trait.field for trait in self._likeness.traits)
