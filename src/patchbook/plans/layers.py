"""Which layer takes which account: the first that can, wins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.plans.plan import BadPlan, CarveLayer, HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.rules import NOTHING, BadRule, Condition, Context, Schema, holds_in, parse, schema_of
from patchbook.rules.condition import Constant

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The accounts of one layer."""

    number: int
    """The layer's place in the plan, from 0."""
    layer: NamedLayer | RuleLayer | CarveLayer | HouseLayer
    rows: npt.NDArray[np.int64]
    """Rows of the accounts."""
    territory: tuple[str, ...] = ()
    """For hand-picked accounts, the territory of each row."""
    person: tuple[str | None, ...] = ()
    """For hand-picked accounts, the person of each row where the file names one."""


def divide(plan: Plan, accounts: pl.DataFrame) -> tuple[list[Taken], list[str]]:
    """The accounts each layer takes, in order, and the ids that a hand-picked list names but the accounts lack."""
    free = np.ones(accounts.height, bool)
    taken: list[Taken] = []
    unknown: list[str] = []
    for number, layer in enumerate(plan.layers):
        if isinstance(layer, NamedLayer):
            named, missing = _named(plan, layer, accounts, free, number)
            unknown += missing
        else:
            mine = free & holds_in(condition_of(plan, number, schema_of(accounts)), accounts)
            named = Taken(number=number, layer=layer, rows=np.flatnonzero(mine))
        free[named.rows] = False
        taken.append(named)
    return taken, unknown


def condition_of(plan: Plan, number: int, schema: Schema, context: Context = NOTHING) -> Condition:
    """What a record must meet for a layer that is no list to take it."""
    layer = plan.layers[number]
    where = layer.where if isinstance(layer, RuleLayer | CarveLayer) else None
    try:
        return Constant(True) if where is None else parse(where, schema, context)
    except BadRule as error:
        raise BadPlan(f"{plan.at(f'layers[{number}].where')}: {error}") from error


def _named(
    plan: Plan, layer: NamedLayer, accounts: pl.DataFrame, free: BoolArray, number: int
) -> tuple[Taken, list[str]]:
    """The hand-picked accounts of a file."""
    row_of = {account: row for row, account in enumerate(accounts["account_id"].to_list())}
    rows: list[int] = []
    territory: list[str] = []
    person: list[str | None] = []
    missing: list[str] = []
    for account, name, who in named_list(plan, layer).iter_rows():
        row = row_of.get(account)
        if row is None:
            missing.append(str(account))
        elif free[row] and row not in rows:
            rows.append(row)
            territory.append(name or layer.name)
            person.append(who)
    order = np.argsort(np.array(rows, np.int64), kind="stable")
    return (
        Taken(
            number=number, layer=layer, rows=np.array(rows, np.int64)[order],
            territory=tuple(territory[i] for i in order), person=tuple(person[i] for i in order),
        ),
        missing,
    )  # fmt: skip


def named_list(plan: Plan, layer: NamedLayer) -> pl.DataFrame:
    """The lines of a layer's list: account_id, territory and person_id, the latter two null where not told."""
    from patchbook.accounts.reading import read_table

    table = read_table(plan.beside(layer.file)).frame
    columns = {name.lower().strip(): name for name in table.columns}
    for needed in ("account_id", "territory"):
        if needed not in columns:
            raise BadPlan(
                f"{layer.file.name} has no column {needed!r}, only {', '.join(table.columns[:8])}; a list of named "
                "accounts needs account_id and territory."
            )
    person = pl.col(columns["person_id"]).cast(pl.String) if "person_id" in columns else pl.lit(None, pl.String)
    return table.select(
        pl.col(columns["account_id"]).cast(pl.String).alias("account_id"),
        pl.col(columns["territory"]).cast(pl.String).alias("territory"),
        person.alias("person_id"),
    )
