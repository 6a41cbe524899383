"""
Which territory of a published plan any record belongs to: a lead, an account that changed, one that is new. Pure.

The layers are those the carve went through, in the same order and by the same conditions; the first that takes a record
wins. Lists and rules answer as they did then; a record that a carved layer takes joins it (`plans/joining.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property

import numpy as np
import polars as pl

from patchbook.accounts import Accounts
from patchbook.people.person import Person
from patchbook.plans.documents import laid_out
from patchbook.plans.inheritance import effective
from patchbook.plans.joining import NOWHERE, Joined, Joining
from patchbook.plans.journal import MOVED_BY
from patchbook.plans.layers import condition_of, named_list
from patchbook.plans.plan import CarveLayer, HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.plans.prepare import with_own_columns
from patchbook.plans.references import context_of, no_today
from patchbook.plans.result import Result
from patchbook.plans.state import PlanState, parsed
from patchbook.rules import NO_RULE, NOTHING, Condition, Context, RuleBook, holds_in, schema_of
from patchbook.rules.column import MixedTypes
from patchbook.rules.explain import in_words
from patchbook.rules.schema import Family, Schema, family
from patchbook.rules.today import NoToday

_KEPT_OF_ACCOUNTS = (
    "account_id", "family_id", "latitude", "longitude", "geocode_method", "county_fips", "state", "country",
)  # fmt: skip


class How(StrEnum):
    """What placed a record."""

    NAMED = "named"
    """A list of named accounts, or a person who moved it there."""
    RULE = "rule"
    CARVE = "carve"
    UNDECIDED = "undecided"
    """Several territories of a carved layer can take it."""
    HOUSE = "house"
    """The layer for what no other takes; nobody's."""
    NOBODY = "nobody"
    """No layer takes it, or nobody in the layer that does can serve it."""


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Where a record belongs, and why."""

    how: How
    territory: str | None = None
    """The name in the plan; None where it is undecided, the house's or nobody's."""
    layer: str | None = None
    layer_number: int | None = None
    """The layer's place in the plan, from 0."""
    says: str
    """The reason, as a sentence."""
    candidates: tuple[str, ...] = ()
    """Where undecided, the territories that can take it, always in the plan's order."""
    distance_km: float | None = None
    """How far the nearest account is, where that decided."""


KEPT_DAYS = 3
"""So many days' conditions are kept compiled."""

PLACED_SCHEMA: Mapping[str, pl.DataType] = {
    "how": pl.String(),
    "territory": pl.String(),
    "layer": pl.String(),
    "layer_number": pl.Int64(),
    "says": pl.String(),
    "candidates": pl.List(pl.String()),
    "distance_km": pl.Float64(),
}
"""The columns of `Placer.place_frame`."""


class Placer:
    """
    A plan made ready to place records, one at a time in far less than a millisecond or many at once.

    It never changes and may be used from many threads; make a new one when another plan is published.

    Parameters
    ----------
    assignments
        account_id, territory, layer and reason of each account.
    territories
        territory, layer and person of each territory.
    accounts
        The accounts as they were carved, with all fields that conditions and layers look at.
    people
        Who fills the territories, for what layers `require`; without them every territory can take everything.
    lists
        Layer → the lines of its list, for accounts that are not in `assignments` yet; see `lists_of`.
    context
        What the conditions refer to: today, lists, look-up tables, areas.
    before
        An earlier placer, whose conditions need not be parsed again.
    """

    def __init__(
        self,
        plan: Plan,
        assignments: pl.DataFrame,
        territories: pl.DataFrame,
        accounts: pl.DataFrame,
        *,
        people: Sequence[Person] = (),
        lists: Mapping[int, pl.DataFrame] | None = None,
        context: Context = NOTHING,
        before: Placer | None = None,
    ) -> None:
        self.plan = plan
        self.context = context
        self.names: tuple[str, ...] = tuple(territories["territory"].to_list())
        self.schema: Schema = schema_of(accounts)
        self._place_of = {name: place for place, name in enumerate(self.names)}
        self._layer_of: tuple[str | None, ...] = tuple(territories["layer"].to_list())
        self._texts = self._conditions(before)
        self._numbers = tuple(self._texts)
        try:
            self._book = RuleBook([condition for _, condition in self._texts.values()], context=context)
        except NoToday as error:
            raise no_today(plan, "layers") from error
        self._asks_for_today = self._book.asks_for_today
        self._on_days: dict[date, Placer] = {}
        self._families: Mapping[str, Family] = {name: family(type_) for name, type_ in self.schema.items()}
        held = _held(plan, assignments, accounts, self._place_of)
        self._named = self._hand_picked(assignments, lists or {})
        known = {person.person_id: person for person in people}
        staffed = {place: known[who] for place, who in enumerate(territories["person"].to_list()) if who in known}
        self._joinings: dict[int, Joining] = {}
        self._homes: dict[int, int] = {}
        of_layers: dict[str | None, list[int]] = {}
        for place, name in enumerate(self._layer_of):
            of_layers.setdefault(name, []).append(place)
        for number, layer in enumerate(plan.layers):
            mine = of_layers.get(layer.name, [])
            if isinstance(layer, CarveLayer):
                of_layer = held.filter(pl.col("place").is_in(mine))
                self._joinings[number] = Joining(layer, of_layer, names=self.names, mine=mine, people=staffed)
            elif isinstance(layer, RuleLayer):
                self._homes[number] = self._home(number, layer, mine, accounts, held)

    @classmethod
    def of(
        cls,
        state: PlanState,
        accounts: Accounts | pl.DataFrame,
        *,
        people: Sequence[Person] = (),
        files: Mapping[str, str] | None = None,
        today: date | None = None,
        before: Placer | None = None,
    ) -> Placer:
        """
        The placer of a plan in the record.

        Parameters
        ----------
        state
            The plan as it stands, edits included.
        accounts
            The snapshot it was carved from.
        people
            Who fills its seats; see `Placer`.
        files
            Name → content of the lists and tables its document names; see `store.files`.
        today
            The day conditions are asked on, where it is not the day the plan takes effect; see `on`.
        """
        frame = with_own_columns(accounts) if isinstance(accounts, Accounts) else accounts
        with laid_out(state.plan.document, files) if files else nullcontext(_fileless(parsed(state.plan))) as plan:
            lists = lists_of(plan) if files else {}
            context = context_of(plan, frame, today=today)
        return cls(
            parsed(state.plan), state.assignments, state.territories, frame, people=people, lists=lists,
            context=context, before=before,
        )  # fmt: skip

    @classmethod
    def of_result(cls, result: Result, *, people: Sequence[Person] = ()) -> Placer:
        """The placer of a plan that was just carved from its files."""
        return cls(
            result.plan, result.assignments, result.territories, result.accounts, people=people,
            lists=lists_of(result.plan), context=context_of(result.plan, result.accounts),
        )  # fmt: skip

    def on(self, today: date) -> Placer:
        """The same plan asked on another day: this very placer unless a condition looks at the day."""
        if not self._asks_for_today or today == self.context.today:
            return self
        if today not in self._on_days:
            other = copy(self)
            other._book = self._book.on(today)
            other.context = other._book.context
            while len(self._on_days) >= KEPT_DAYS:
                self._on_days.pop(next(iter(self._on_days), today), None)
            self._on_days[today] = other
        return self._on_days[today]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of a record that can change where it belongs, apart from its place and family."""
        more = [field for one in self._joinings.values() for field in (one.field, *one.layer.require) if field]
        return tuple(dict.fromkeys([*self._book.fields, *more]))

    def place(self, record: Mapping[str, object]) -> Placing:
        """Where one record belongs."""
        number, misfits = self._first(record)
        account_id = record.get("account_id")
        named = self._named.get(str(account_id)) if account_id is not None else None
        if named is not None and (number is None or named[0] < number):
            return self._picked(*named)
        if number is None:
            return self._nobody(misfits)
        layer = self.plan.layers[number]
        if isinstance(layer, CarveLayer):
            return self._joined(number, self._joinings[number].join(record), misfits)
        return self._ruled(number, misfits)

    def place_all(self, frame: pl.DataFrame) -> list[Placing]:
        """Where each row of a frame belongs; what `place` says of each, and much faster."""
        frame = self._fitting(frame)
        first = self._book.match_frame(frame)
        numbers = np.where(first == NO_RULE, len(self.plan.layers), np.append(self._numbers, NO_RULE)[first])
        placed: list[Placing | None] = [None] * frame.height
        if self._named and "account_id" in frame.columns:
            for row, account_id in enumerate(frame["account_id"].cast(pl.String).to_list()):
                named = self._named.get(account_id)
                if named is not None and named[0] < numbers[row]:
                    placed[row] = self._picked(*named)
        free = np.array([one is None for one in placed], bool)
        for number in np.unique(numbers[free]).tolist():
            rows = np.flatnonzero(free & (numbers == number))
            if number == len(self.plan.layers):
                answers = [self._nobody(())] * len(rows)
            elif number in self._joinings:
                joined = self._joinings[number].join_all(frame[rows])
                answers = [self._joined(number, one, ()) for one in joined]
            else:
                answers = [self._ruled(number, ())] * len(rows)
            for row, answer in zip(rows.tolist(), answers, strict=True):
                placed[row] = answer
        return [one for one in placed if one is not None]

    def place_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`place_all` as a table."""
        placed = self.place_all(frame)
        columns = {name: [getattr(one, name) for one in placed] for name in PLACED_SCHEMA}
        return pl.DataFrame(columns, schema=PLACED_SCHEMA)

    def _conditions(self, before: Placer | None) -> dict[int, tuple[str | None, Condition]]:
        """Layer → its condition, text and parsed, without the lists."""
        kept: dict[str | None, Condition] = {}
        if before is not None and before.schema == self.schema and _names(before.context) == _names(self.context):
            kept = dict(before._texts.values())
        found: dict[int, tuple[str | None, Condition]] = {}
        for number, layer in enumerate(self.plan.layers):
            if not isinstance(layer, NamedLayer):
                text = effective(self.plan, number)
                if text not in kept:
                    kept[text] = condition_of(self.plan, number, self.schema, self.context)
                found[number] = (text, kept[text])
        return found

    def _hand_picked(
        self, assignments: pl.DataFrame, lists: Mapping[int, pl.DataFrame]
    ) -> dict[str, tuple[int, str | None, str]]:
        """Account → layer, territory and reason, for accounts a list names or a person moved; the first list wins."""
        moved = assignments.filter(pl.col("reason").str.starts_with(MOVED_BY) & pl.col("territory").is_not_null())
        found = {
            str(account): (-1, territory, reason)
            for account, territory, reason in moved.select("account_id", "territory", "reason").iter_rows()
        }
        for number, layer in enumerate(self.plan.layers):
            if not isinstance(layer, NamedLayer):
                continue
            says = f"Named in the list {layer.file.name}"
            of_layer = assignments.filter(pl.col("layer") == layer.name).select("account_id", "territory")
            for account, territory in of_layer.iter_rows():
                found.setdefault(str(account), (number, territory, says))
            if number in lists:
                for account, territory, _ in lists[number].iter_rows():
                    found.setdefault(str(account), (number, territory or layer.name, says))
        return found

    def _home(
        self, number: int, layer: RuleLayer, mine: Sequence[int], accounts: pl.DataFrame, held: pl.DataFrame
    ) -> int:
        """
        The territory of a rule: that of its name or, where a person renamed it, the one of its layer; where it was
        taken away, the one with most of the accounts that the rule takes; -1 where nothing is left of it.
        """
        if layer.territory in self._place_of:
            return self._place_of[layer.territory]
        if mine:
            return mine[0]
        is_taken = holds_in(self._texts[number][1], accounts, context=self.context)
        taken = accounts.filter(is_taken).select(pl.col("account_id").cast(pl.String))
        now = held.join(taken, on="account_id", how="semi").group_by("place").len()
        best = now.sort(["len", "place"], descending=[True, False])
        return int(best["place"][0]) if best.height else NOWHERE

    def _first(self, record: Mapping[str, object]) -> tuple[int | None, tuple[str, ...]]:
        """The first layer whose condition holds, and the fields whose values are of no use."""
        misfits: tuple[str, ...] = ()
        try:
            found = self._book.match(record)
        except MixedTypes:
            fitting = {name: value for name, value in record.items() if self._fits(name, value)}
            misfits = tuple(name for name in record if name not in fitting)
            found = self._book.match(fitting)
        return (None if found is None else self._numbers[found]), misfits

    def _fits(self, name: str, value: object) -> bool:
        wanted = _KINDS[self._families.get(name, "list")]
        return value is None or (isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool)))

    def _fitting(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with every column that conditions look at; values of another type count as missing."""
        columns = []
        for name in self._book.fields:
            wanted = _DTYPES.get(self._families.get(name, "list"))
            if name not in frame.columns:
                columns.append(pl.lit(None, wanted or pl.String).alias(name))
            elif wanted is not None and schema_of(frame.select(name))[name] != self._families[name]:
                columns.append(pl.lit(None, wanted).alias(name))
        return frame.with_columns(columns)

    def _picked(self, number: int, territory: str | None, says: str) -> Placing:
        layer = self.plan.layers[number].name if number >= 0 else self._layer_of[self._place_of[territory or ""]]
        return Placing(
            how=How.NAMED,
            territory=territory,
            layer=layer,
            layer_number=number if number >= 0 else None,
            says=f"{says}.",
        )

    def _ruled(self, number: int, misfits: tuple[str, ...]) -> Placing:
        layer = self.plan.layers[number]
        place = self._homes.get(number, NOWHERE)
        territory = self.names[place] if place != NOWHERE else None
        told = _told(misfits)
        if isinstance(layer, HouseLayer):
            says = f"No other layer takes it, so it is the house's ({layer.name}), which nobody owns{told}."
            return Placing(how=How.HOUSE, layer=layer.name, layer_number=number, says=says)
        if territory is None:
            says = f"{self._because(number)}, whose territory {layer.name} was taken out of the plan{told}."
            return Placing(how=How.NOBODY, layer=layer.name, layer_number=number, says=says)
        says = f"{self._because(number)}{told}."
        return Placing(how=How.RULE, territory=territory, layer=layer.name, layer_number=number, says=says)

    def _joined(self, number: int, joined: Joined, misfits: tuple[str, ...]) -> Placing:
        decided = joined.territory != NOWHERE
        how = How.CARVE if decided else How.UNDECIDED if joined.candidates else How.NOBODY
        return Placing(
            how=how,
            territory=self.names[joined.territory] if decided else None,
            layer=self.plan.layers[number].name,
            layer_number=number,
            says=f"{self._because(number)}. {joined.says}{_told(misfits)}.",
            candidates=() if decided else tuple(self.names[place] for place in joined.candidates),
            distance_km=joined.distance_km,
        )

    def _nobody(self, misfits: tuple[str, ...]) -> Placing:
        return Placing(how=How.NOBODY, says=f"No layer of the plan takes it; a house layer would{_told(misfits)}.")

    def _because(self, number: int) -> str:
        if number not in self._reasons:
            text, condition = self._texts[number]
            name = self.plan.layers[number].name
            self._reasons[number] = (
                f"Layer {number + 1}, {name}, takes all that is left"
                if text is None
                else f"It meets the condition of layer {number + 1}, {name}: {in_words(condition)}"
            )
        return self._reasons[number]

    @cached_property
    def _reasons(self) -> dict[int, str]:
        return {}


_KINDS: Mapping[Family, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "date": (date,),
    "list": (object, bool),
}
_DTYPES: Mapping[Family, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}


def _fileless(plan: Plan) -> Plan:
    """The plan without what only files can tell."""
    return replace(plan, lists={}, tables={}, areas={})


def lists_of(plan: Plan) -> dict[int, pl.DataFrame]:
    """Layer → the lines of its list of named accounts."""
    return {
        number: named_list(plan, layer) for number, layer in enumerate(plan.layers) if isinstance(layer, NamedLayer)
    }


def _held(plan: Plan, assignments: pl.DataFrame, accounts: pl.DataFrame, place_of: Mapping[str, int]) -> pl.DataFrame:
    """The assigned accounts with the place of their territory and the fields that layers look at."""
    carves = [layer for layer in plan.layers if isinstance(layer, CarveLayer)]
    fields = [field for layer in carves for field in (layer.together or layer.by, *layer.similar)]
    wanted = dict.fromkeys([*_KEPT_OF_ACCOUNTS, *(field for field in fields if field)])
    known = accounts.select(name for name in wanted if name in accounts.columns)
    places = pl.DataFrame(
        {"territory": list(place_of), "place": list(place_of.values())},
        schema={"territory": pl.String, "place": pl.Int64},
    )
    return (
        assignments.select(pl.col("account_id").cast(pl.String), "territory")
        .join(places, on="territory", maintain_order="left")
        .drop("territory")
        .join(
            known.with_columns(pl.col("account_id").cast(pl.String)), on="account_id", how="left", maintain_order="left"
        )
    )


def _names(context: Context) -> tuple[frozenset[str], ...]:
    """What of a context the meaning of a text depends on before it is bound."""
    return frozenset(context.lists), frozenset(context.tables), frozenset(context.areas)


def _told(misfits: tuple[str, ...]) -> str:
    return f" (of no use: {', '.join(misfits)}, whose values are of another type)" if misfits else ""
