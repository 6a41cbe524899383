"""A carve with the edits made on it since: each edit changes who has what, and the figures follow. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.errors import Conflict
from patchbook.measures import compactness
from patchbook.period import told
from patchbook.plans.edits import Add, Edit, Lock, Merge, Move, Part, Remove, Rename, Split, Staff, Unlock, Vacate
from patchbook.plans.effect import UnknownInPlan
from patchbook.plans.plan import Plan
from patchbook.plans.territories import FloatArray, Holding, coordinates, figures_of, held_frame
from patchbook.words import counted

MOVED_BY = "Moved by "
"""How the reason of an account begins that is where a person put it."""


class LockedAccount(Conflict):
    """An account is locked where it is, and an edit would move it."""


class TakenName(Conflict):
    """A territory of that name is in the plan already."""


class HoldsAccounts(Conflict):
    """A territory with accounts cannot be taken away without saying where they go."""


class LeftMeanwhile(Conflict):
    """A territory to be split does not hold an account of one of its parts."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """An edit with who made it and why, and whether they overruled a lock."""

    edit: Edit
    by: str
    at: datetime
    why: str | None = None
    overruled: bool = False


@dataclass
class Draft:
    """The territories of a carve and who has each account, while edits are worked in."""

    plan: Plan
    accounts: pl.DataFrame
    """account_id, the measures, and places where known."""
    assignments: pl.DataFrame
    territories: pl.DataFrame
    touched: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take the tables apart into what edits change."""
        rows = self.territories.to_dicts()
        measures = [measure.name for measure in self.plan.measures]
        self.holdings = [
            Holding(
                territory=row["territory"], layer=row["layer"], seat=row["seat"], person=row["person"],
                vacant=row["vacant"], targets=tuple(row[f"{name}_target"] for name in measures),
                oversized=row["oversized"], contiguous=row["contiguous"],
            )
            for row in rows
        ]  # fmt: skip
        self.parents: dict[str, str | None] = {
            row["territory"]: row["layer"] if row["layer"] != row["territory"] else None for row in rows
        }
        self.interims: dict[str, str | None] = {
            row["territory"]: row["interim"] for row in rows if row["vacant"] and row.get("interim")
        }
        self.first_names = [row["territory"] for row in rows]
        self.is_renamed = False
        self.gone: set[int] = set()
        places = pl.Series(range(len(rows)), dtype=pl.Int64)
        owner = self.assignments["territory"].replace_strict(self.first_names, places, default=-1)
        self.owner: npt.NDArray[np.int64] = owner.fill_null(-1).to_numpy().copy()
        self.moved: dict[int, str] = {}
        """Row → the reason it is where a person put it."""
        self.staffed: dict[int, str | None] = {}
        self.locked = np.zeros(self.assignments.height, bool)
        self._row_of: dict[str, int] = {}
        self._figures: dict[str, FloatArray] = {}
        self._shapes: dict[str, FloatArray] = {}
        self._stale: set[int] | None = None
        """Places whose figures are no longer true; None where all are to be worked out."""
        self._ragged: set[int] | None = None
        """The same of how compact they are, which is only worked out where it is shown."""

    def copy(self) -> Draft:
        """The same draft, to be edited without this one changing."""
        other = copy(self)
        for name in ("touched", "holdings", "parents", "interims", "gone", "owner", "moved", "staffed", "locked",
                     "_stale", "_ragged"):  # fmt: skip
            setattr(other, name, copy(getattr(self, name)))
        return other

    def apply(self, done: Iterable[Done]) -> Draft:
        """The draft with these edits worked in, in order."""
        for one in done:
            self._apply(one)
        return self

    def _apply(self, one: Done) -> None:
        match one.edit:
            case Move(accounts=accounts, to=to):
                self._move(self._rows(accounts), self._place(to), one)
            case Lock(accounts=accounts):
                rows = self._rows(accounts)
                self._refuse_unassigned(rows)
                self.locked[rows] = True
            case Unlock(accounts=accounts):
                self.locked[self._rows(accounts)] = False
            case Rename(territory=territory, to=to):
                self._rename(self._place(territory), to)
            case Add(territory=territory, layer=layer, person=person):
                self._add(territory, layer, person)
            case Remove(territory=territory, to=to):
                self._remove(self._place(territory), None if to is None else self._place(to), one)
            case Merge(territories=territories, into=into):
                self._merge([self._place(name) for name in territories], self._place(into), one)
            case Split(territory=territory, parts=parts):
                self._split(self._place(territory), parts, one)
            case Staff(territory=territory, person=person):
                self._staff(self._place(territory), person)
            case Vacate(territory=territory, interim=interim):
                self._staff(self._place(territory), None)
                self.interims[territory] = interim

    def _move(self, rows: npt.NDArray[np.int64], place: int, one: Done, *, because: str | None = None) -> None:
        rows = rows[self.owner[rows] != place]
        if not one.overruled and self.locked[rows].any():
            row = int(rows[self.locked[rows]][0])
            where = self.holdings[self.owner[row]].territory
            raise LockedAccount(
                f"Account {self.assignments['account_id'][row]!r} is locked in {where!r}; unlock it before moving it."
            )
        reason = f"{MOVED_BY}{one.by} on {told(one.at)[:10]}"
        reason += because or (f": {one.why}" if one.why else "")
        self.moved.update(dict.fromkeys(rows.tolist(), reason))
        left = set(self.owner[rows].tolist())
        self.touched.update(self.holdings[giver].territory for giver in left if giver >= 0)
        self.touched.add(self.holdings[place].territory)
        self.owner[rows] = place
        changed = (left | {place}) - {-1}
        self._stale = None if self._stale is None else self._stale | changed
        # An account that had no territory counts as a stranger from now on, in whosever outline it lies.
        self._ragged = None if self._ragged is None or -1 in left else self._ragged | changed

    def _rename(self, place: int, to: str) -> None:
        before = self.holdings[place].territory
        self._refuse_taken(to, but=place)
        self._change(place, territory=to)
        self.is_renamed = True
        self.touched = {to if name == before else name for name in self.touched}
        for table in (self.parents, self.interims):
            if before in table:
                table[to] = table.pop(before)

    def _add(self, territory: str, layer: str | None, person: str | None) -> None:
        self._refuse_taken(territory)
        self.holdings.append(
            Holding(
                territory=territory, layer=layer or territory, seat=None, person=person, vacant=person is None,
                targets=(None,) * len(self.plan.measures),
            )
        )  # fmt: skip
        self.parents[territory] = layer if layer != territory else None
        self.touched.add(territory)

    def _remove(self, place: int, to: int | None, one: Done) -> None:
        rows = np.flatnonzero(self.owner == place)
        name = self.holdings[place].territory
        if to == place:
            raise HoldsAccounts(f"{name!r} cannot be taken away into itself; name another territory for its accounts.")
        if len(rows) and to is None:
            raise HoldsAccounts(f"{name!r} holds {counted(len(rows), 'account')}; say to which territory they go.")
        if to is not None:
            self._move(rows, to, one)
        self._drop(place)

    def _merge(self, places: Sequence[int], into: int, one: Done) -> None:
        for place in places:
            if place == into:
                continue
            targets = zip(self.holdings[into].targets, self.holdings[place].targets, strict=True)
            summed = tuple(None if a is None or b is None else a + b for a, b in targets)
            self._change(into, targets=summed)
            self._move(np.flatnonzero(self.owner == place), into, one)
            self._drop(place)

    def _split(self, place: int, parts: Sequence[Part], one: Done) -> None:
        whole = self.holdings[place]
        share = len(parts) + 1
        targets = tuple(None if target is None else target / share for target in whole.targets)
        self._change(place, targets=targets)
        for part in parts:
            self._add(part.territory, self.parents.get(whole.territory), None)
            new = len(self.holdings) - 1
            self._change(new, targets=targets)
            for why, accounts in part.accounts.items():
                rows = self._rows(accounts)
                self._refuse_elsewhere(rows, place)
                stated = f" ({one.why})" if one.why else ""
                self._move(rows, new, one, because=f", splitting {whole.territory}{stated}. {why}")

    def _refuse_elsewhere(self, rows: npt.NDArray[np.int64], place: int) -> None:
        strangers = rows[self.owner[rows] != place]
        if len(strangers):
            row, whole = int(strangers[0]), self.holdings[place].territory
            owner = int(self.owner[row])
            where = f"in {self.holdings[owner].territory!r}" if owner >= 0 else "without a territory"
            raise LeftMeanwhile(
                f"Account {self.assignments['account_id'][row]!r} is {where}, not in {whole!r}; split {whole!r} as it"
                " is now."
            )

    def _staff(self, place: int, person: str | None) -> None:
        self._change(place, person=person, vacant=person is None)
        self.staffed[place] = person
        self.interims.pop(self.holdings[place].territory, None)

    def _drop(self, place: int) -> None:
        name = self.holdings[place].territory
        self.gone.add(place)
        self.is_renamed = True
        self.touched.discard(name)
        self.parents.pop(name, None)
        self.interims.pop(name, None)

    def _change(self, place: int, **changes: Any) -> None:
        self.holdings[place] = replace(self.holdings[place], **changes)

    def _place(self, name: str) -> int:
        names = {holding.territory: place for place, holding in enumerate(self.holdings) if place not in self.gone}
        if name not in names:
            near = get_close_matches(name, list(names), n=1)
            raise UnknownInPlan(f"The plan has no territory {name!r}{f'; the nearest is {near[0]!r}' if near else ''}.")
        return names[name]

    def _rows(self, accounts: Sequence[str]) -> npt.NDArray[np.int64]:
        if not self._row_of:
            self._row_of.update((name, row) for row, name in enumerate(self.assignments["account_id"].to_list()))
        missing = [name for name in accounts if name not in self._row_of]
        if missing:
            near = get_close_matches(missing[0], list(self._row_of)[:20_000], n=1)
            more = f", nor {len(missing) - 1:,} more of those named" if len(missing) > 1 else ""
            hint = f"; the nearest is {near[0]!r}" if near and not more else ""
            raise UnknownInPlan(f"The plan has no account {missing[0]!r}{more}{hint}.")
        return np.array([self._row_of[name] for name in accounts], dtype=np.int64)

    def _refuse_unassigned(self, rows: npt.NDArray[np.int64]) -> None:
        free = rows[self.owner[rows] < 0]
        if len(free):
            name = self.assignments["account_id"][int(free[0])]
            raise LockedAccount(f"Account {name!r} has no territory, so it cannot be locked in one; move it first.")

    def _refuse_taken(self, name: str, *, but: int | None = None) -> None:
        for place, holding in enumerate(self.holdings):
            if holding.territory == name and place not in self.gone and place != but:
                raise TakenName(f"The plan has a territory {name!r} already; choose another name, or merge the two.")

    def territories_now(self, *, shapes: bool = True) -> pl.DataFrame:
        """
        One row a territory that is left, with its figures; see `PlanState.territories`.

        Parameters
        ----------
        shapes
            Whether to say how compact each is, which takes longest; null otherwise.
        """
        left = [place for place in range(len(self.holdings)) if place not in self.gone]
        holdings = [self.holdings[place] for place in left]
        everywhere = {**self._figures_now(), **(self._shapes_now() if shapes else {})}
        figures = {name: values[left] for name, values in everywhere.items()}
        frame = held_frame(self.plan, figures, holdings)
        if self.touched:
            known = pl.when(pl.col("territory").is_in(sorted(self.touched))).then(None).otherwise(pl.col("contiguous"))
            frame = frame.with_columns(known.alias("contiguous"))
        names = [holding.territory for holding in holdings]
        text = {"parent": pl.String, "interim": pl.String}
        extra = pl.DataFrame(
            {
                "parent": [self.parents.get(name) for name in names],
                "interim": [self.interims.get(name) for name in names],
            },
            schema=text,
        )
        frame = frame.with_columns(extra)
        return frame.select(
            "territory", "parent", *(name for name in frame.columns if name not in ("territory", "parent"))
        )

    def _figures_now(self) -> dict[str, FloatArray]:
        """What each territory comes to, worked out anew only where accounts came or went."""
        number = len(self.holdings)
        self._figures, self._stale = _renewed(
            self._figures,
            self._stale,
            number,
            lambda only: figures_of(self.plan, self.accounts, self.owner, number, only=only),
        )
        return self._figures

    def _shapes_now(self) -> dict[str, FloatArray]:
        """How compact each territory is."""
        number = len(self.holdings)
        places = coordinates(self.accounts)
        self._shapes, self._ragged = _renewed(
            self._shapes,
            self._ragged,
            number,
            lambda only: {"compactness": compactness(self.owner, *places, number, only=only)},
        )
        return self._shapes

    def assignments_now(self) -> pl.DataFrame:
        """One row an account; see `PlanState.assignments`."""
        frame = self.assignments
        if self.moved or self.is_renamed or self.staffed:
            frame = self._reassigned(frame)
        return frame.with_columns(locked=pl.Series(self.locked))

    def _reassigned(self, frame: pl.DataFrame) -> pl.DataFrame:
        told_of = [*self.holdings, None]
        by_place = pl.DataFrame(
            {
                "territory": [one and one.territory for one in told_of],
                "seat": [one and one.seat for one in told_of],
                "layer": [one and one.layer for one in told_of],
                "new_person": [one and one.person for one in told_of],
            },
            schema=dict.fromkeys(("territory", "seat", "layer", "new_person"), pl.String),
        )[np.where(self.owner < 0, len(self.holdings), self.owner)]
        rows = np.zeros(frame.height, bool)
        rows[list(self.moved)] = True
        follows = rows | np.isin(self.owner, list(self.staffed))
        reason = frame["reason"].scatter(list(self.moved), list(self.moved.values()))
        change = pl.lit("It would go back if the move were undone")
        now = frame.with_columns(
            by_place["territory"],
            by_place["seat"],
            by_place["layer"],
            by_place["new_person"],
            reason,
            pl.Series("_moved", rows),
            pl.Series("_follows", follows),
        ).with_columns(
            pl.when("_follows").then("new_person").otherwise("person").alias("person"),
            pl.when("_moved").then(change).otherwise("would_change_if").alias("would_change_if"),
            pl.when("_moved").then(None).otherwise("runner_up_cost").alias("runner_up_cost"),
            self._runner_up().alias("runner_up"),
        )
        moved = pl.col("previous_owner").is_not_null() & pl.col("person").ne_missing(pl.col("previous_owner"))
        return now.with_columns(moved.alias("moved")).drop("new_person", "_moved", "_follows")

    def _runner_up(self) -> pl.Expr:
        """The second best, as it is called now; nobody where it was taken away or has the account now."""
        name = pl.when("_moved").then(None).otherwise("runner_up")
        if not self.is_renamed:
            return name
        now = [None if place in self.gone else self.holdings[place].territory for place in range(len(self.first_names))]
        return name.replace_strict(self.first_names, pl.Series(now, dtype=pl.String), default=None)


def _renewed(
    known: dict[str, FloatArray],
    stale: set[int] | None,
    number: int,
    work_out: Callable[[npt.NDArray[np.int64] | None], dict[str, FloatArray]],
) -> tuple[dict[str, FloatArray], set[int]]:
    """The figures of all places, those that are stale or new worked out; and that none is stale."""
    if stale is None:
        return work_out(None), set()
    before = len(next(iter(known.values())))
    only = np.array(sorted(stale | set(range(before, number))), dtype=np.int64)
    if not len(only):
        return known, set()
    new = work_out(only)
    kept = np.ones(before, bool)
    kept[only[only < before]] = False
    for name, values in known.items():
        new[name][:before][kept] = values[kept]
    return new, set()
