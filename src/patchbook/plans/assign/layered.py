"""A plan's layers as one rule book, so that one compiled form answers for a batch here and for a batch in Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from patchbook.errors import BadInput
from patchbook.plans.assign.assigned import OUT_SCHEMA
from patchbook.plans.layers import condition_of, named_list
from patchbook.plans.plan import CarveLayer, HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.rules import NO_RULE, NOTHING, Condition, Context, RuleBook, Schema, schema_of
from patchbook.rules.condition import OneOf
from patchbook.rules.explain import in_words

NO_LAYER = "No layer of the plan takes it; a house layer would."


class NoIds(BadInput):
    """Accounts have no id, so that no answer could be given back to them."""


@dataclass(frozen=True, kw_only=True)
class LayerRule:
    """One condition of a layer: a list of named accounts has one for each territory in it."""

    layer: int
    """The layer's place in the plan, from 0."""
    name: str
    territory: str | None
    """None where a carve decides."""
    condition: Condition
    reason: str

    @property
    def says_where(self) -> str:
        """Where accounts go, for somebody who compares two plans."""
        return f"the carve {self.name}" if self.territory is None else self.territory


class Layered:
    """
    A plan made ready to assign accounts by lists and rules. Accounts that a carve takes are named, not carved.

    Parameters
    ----------
    schema
        Field → type of the accounts.
    context
        Today, lists, tables and areas that the plan's rules refer to.
    """

    def __init__(self, plan: Plan, schema: Schema, context: Context = NOTHING) -> None:
        self.plan = plan
        self.column_of: Mapping[str, str] = dict(plan.columns)
        self.rules: tuple[LayerRule, ...] = tuple(_rules(plan, {**schema, "account_id": "text"}, context))
        self.book = RuleBook([rule.condition for rule in self.rules], context=context)
        # The last stands for no layer, which is rule -1.
        self._territory = pl.Series([*(rule.territory for rule in self.rules), None], dtype=pl.String)
        self._layer = pl.Series([*(rule.layer + 1 for rule in self.rules), None], dtype=pl.Int32)
        self._reason = pl.Series([*(rule.reason for rule in self.rules), NO_LAYER], dtype=pl.String)

    @classmethod
    def of(cls, plan: Plan, accounts: pl.DataFrame, context: Context = NOTHING) -> Layered:
        """The plan for accounts like these; their columns and types count, their rows do not."""
        return cls(plan, schema_of(as_fields(accounts.head(0), plan.columns)), context)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the accounts' table that are needed."""
        return tuple(self.column_of.get(field, field) for field in dict.fromkeys(("account_id", *self.book.fields)))

    def assign(self, accounts: pl.DataFrame) -> pl.DataFrame:
        """account_id, territory, rule and reason of each account, in the order of the accounts."""
        accounts = as_fields(accounts, self.column_of)
        found = self.book.match_frame(accounts)
        at = pl.Series(np.where(found == NO_RULE, len(self.rules), found))
        return pl.DataFrame(
            {
                "account_id": accounts["account_id"],
                "territory": self._territory.gather(at),
                "rule": self._layer.gather(at),
                "reason": self._reason.gather(at),
            },
            schema=OUT_SCHEMA,
        )


def as_fields(accounts: pl.DataFrame, column_of: Mapping[str, str]) -> pl.DataFrame:
    """The accounts with columns called as the plan calls them, ids as text and instants as days."""
    renamed = {column: field for field, column in column_of.items() if column in accounts.columns}
    # A field that another column already has the name of gives way to what the plan says.
    accounts = accounts.drop(set(renamed.values()) & set(accounts.columns) - set(renamed)).rename(renamed)
    if "account_id" not in accounts.columns:
        shown = ", ".join(accounts.columns[:8])
        raise NoIds(f"The accounts have no column 'account_id', only {shown}; name theirs in the plan's columns.")
    missing = accounts["account_id"].null_count()
    if missing:
        raise NoIds(f"{missing:,} accounts have no account_id; give each its own.")
    instants = [name for name, dtype in accounts.schema.items() if isinstance(dtype, pl.Datetime)]
    return accounts.with_columns(pl.col("account_id").cast(pl.String), pl.col(instants).dt.date())


def _rules(plan: Plan, schema: Schema, context: Context) -> Iterator[LayerRule]:
    for number, layer in enumerate(plan.layers):
        if isinstance(layer, NamedLayer):
            yield from _listed(plan, number, layer)
            continue
        condition = condition_of(plan, number, schema, context)
        territory = None if isinstance(layer, CarveLayer) else layer.name
        reason = f"It meets the condition of layer {number + 1}, {layer.name}: {in_words(condition)}."
        if isinstance(layer, HouseLayer):
            reason = f"No other layer takes it, so it is the house's ({layer.name})."
        elif isinstance(layer, CarveLayer) and layer.where is None:
            reason = f"Layer {number + 1}, {layer.name}, takes all that is left."
        if not isinstance(layer, RuleLayer | HouseLayer):
            reason += " A carve divides these."
        yield LayerRule(layer=number, name=layer.name, territory=territory, condition=condition, reason=reason)


def _listed(plan: Plan, number: int, layer: NamedLayer) -> Iterator[LayerRule]:
    """The list, a rule for each territory; of two lines for one account the first counts."""
    lines = named_list(plan, layer).filter(pl.col("account_id").is_not_null())
    lines = lines.with_columns(pl.col("territory").fill_null(layer.name).replace("", layer.name))
    first = lines.unique("account_id", keep="first", maintain_order=True)
    for (territory,), group in first.group_by("territory", maintain_order=True):
        yield LayerRule(
            layer=number,
            name=layer.name,
            territory=str(territory),
            condition=OneOf("account_id", tuple(group["account_id"].to_list())),
            reason=f"Named in the list {layer.file.name}.",
        )
