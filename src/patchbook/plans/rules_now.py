"""A plan's layers beside its accounts: what each means, and which accounts it takes now, before any carve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.db.memory import Memory
from patchbook.plans import documents
from patchbook.plans.inheritance import asked_by, groups_above
from patchbook.plans.market_now import Market, digest
from patchbook.plans.placing import lists_of
from patchbook.plans.plan import CarveLayer, HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.plans.references import context_of
from patchbook.plans.rule_book import rules_of
from patchbook.rules import BadRule, Condition, Context, RuleBook, parse
from patchbook.rules.bind import bind
from patchbook.rules.condition import All, Constant
from patchbook.rules.ordered import OrderedRules
from patchbook.rules.today import NoToday

IntArray = npt.NDArray[np.int64]
NOBODY = -1

_READ = 20_000
NO_TODAY = "today is the day a plan takes effect; say it in the document, as in effective: 2027-02-01"


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """The layers of a document, and what they take of accounts."""

    key: str
    """The same for the same document, files, day and accounts."""
    plan: Plan
    market: Market | None
    context: Context = field(repr=False)
    conditions: Mapping[int, Condition] = field(repr=False)
    """Layer → all it asks of an account, its groups' conditions too; of lists nothing."""
    lists: Mapping[int, pl.DataFrame] = field(repr=False)
    faults: Mapping[int, str]
    """Layer → why its condition cannot be asked; it takes nothing then."""

    @cached_property
    def taker(self) -> IntArray:
        """For each account the place of the layer that takes it, or -1."""
        if self.market is None:
            return np.zeros(0, np.int64)
        frame = self.market.frame
        numbers = np.asarray([*self.conditions, len(self.plan.layers)], np.int64)
        found = np.full(frame.height, len(self.plan.layers), np.int64)
        if self.conditions:
            book = RuleBook(list(self.conditions.values()), context=self.context)
            found = numbers[book.match_frame(frame)]
        for number, lines in self.lists.items():
            named = frame["account_id"].is_in(lines["account_id"].drop_nulls().implode()).to_numpy()
            found[named] = np.minimum(found[named], number)
        found[found == len(self.plan.layers)] = NOBODY
        return found

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many accounts each layer takes; the last is how many none takes."""
        layers = len(self.plan.layers)
        taker = np.where(self.taker == NOBODY, layers, self.taker)
        return tuple(np.bincount(taker, minlength=layers + 1).tolist())

    @cached_property
    def goes(self) -> pl.Series:
        """For each account where it goes: a territory, `the carve Field`, the house; null for nobody."""
        names = [says_where(layer) for layer in self.plan.layers]
        goes = pl.Series("goes", [*names, None], dtype=pl.String).gather(
            np.where(self.taker == NOBODY, len(names), self.taker)
        )
        if not self.lists or self.market is None:
            return goes
        told = [
            lines.select(
                "account_id",
                pl.lit(number, pl.Int64).alias("taker"),
                pl.col("territory").replace("", None).fill_null(self.plan.layers[number].name).alias("named"),
            )
            for number, lines in self.lists.items()
        ]
        table = pl.DataFrame({"account_id": self.market.frame["account_id"], "taker": self.taker, "goes": goes})
        listed = pl.concat(told).unique(["account_id", "taker"], keep="first")
        table = table.join(listed, on=["account_id", "taker"], how="left", maintain_order="left")
        return table.select(pl.coalesce("named", "goes").alias("goes"))["goes"]

    @cached_property
    def ordered(self) -> OrderedRules:
        """Its rules and carves as the prover and the explanations look at them."""
        schema = {} if self.market is None else self.market.schema
        return rules_of(self.plan, schema, self.context, known=self.conditions)

    @cached_property
    def unnamed(self) -> pl.DataFrame:
        """The accounts that reach a rule: all but those a list takes."""
        assert self.market is not None, "without accounts nothing reaches a rule"
        if not self.lists:
            return self.market.frame
        return self.market.frame.filter(~pl.Series(np.isin(self.taker, list(self.lists))))

    def own(self, number: int) -> Condition | None:
        """What a layer itself asks, without its groups; None where it takes all that is left or is a list."""
        layer = self.plan.layers[number]
        if not isinstance(layer, RuleLayer | CarveLayer) or layer.where is None or number in self.faults:
            return None
        return _read(layer.where, self._schema)

    @cached_property
    def _schema(self) -> tuple[tuple[str, str], ...]:
        return () if self.market is None else tuple(self.market.schema.items())


def says_where(layer: NamedLayer | RuleLayer | CarveLayer | HouseLayer) -> str:
    """Where the accounts of a layer go, in a word or two."""
    return f"the carve {layer.name}" if isinstance(layer, CarveLayer) else layer.name


_STANDINGS: Memory[Standing] = Memory(12)


def standing(document: str, files: Mapping[str, str], effective: date | None, market: Market | None) -> Standing:
    """
    The layers of a document beside accounts.

    Raises
    ------
    BadPlanFile
        The document cannot be meant, or names a file that did not come with it.
    """
    told = sorted(files.items())
    key = digest(document, *[part for pair in told for part in pair], effective, market.key if market else None)
    return _STANDINGS.get(key, lambda: _made(key, document, files, effective, market))


def _made(key: str, document: str, files: Mapping[str, str], effective: date | None, market: Market | None) -> Standing:
    with documents.laid_out(document, files) as written:
        plan = replace(written, effective=effective or written.effective)
        context = context_of(plan, None if market is None else market.frame)
        lists = lists_of(plan)
    schema = () if market is None else tuple(market.schema.items())
    conditions: dict[int, Condition] = {}
    faults: dict[int, str] = {}
    for number, layer in enumerate(plan.layers):
        if isinstance(layer, NamedLayer):
            continue
        try:
            conditions[number] = _whole(plan, number, schema, context)
        except BadRule as error:
            faults[number] = str(error)
        except NoToday:
            faults[number] = f"{NO_TODAY}."
        if number in faults:
            conditions[number] = Constant(False)
    return Standing(
        key=key, plan=plan, market=market, context=context, conditions=conditions, lists=lists, faults=faults
    )


def _whole(plan: Plan, number: int, schema: tuple[tuple[str, str], ...], context: Context) -> Condition:
    parts = [checked(asked.where, schema, context) for asked in asked_by(plan, number)]
    if len(parts) < 2:
        return parts[0] if parts else Constant(True)
    return All(tuple(part for one in parts for part in (one.conditions if isinstance(one, All) else (one,))))


def checked(where: str, schema: tuple[tuple[str, str], ...], context: Context) -> Condition:
    """
    The condition a text means, once it is known that all it refers to is there.

    Raises
    ------
    BadRule
        It names a field, list or table that is not there, or compares what cannot be compared.
    NoToday
        It asks for today in a plan that does not say when it takes effect.
    """
    if "(" in where and any(word in where.lower() for word in ("in_list", "lookup", "within_area")):
        found = parse(where, dict(schema) or None, context)
    else:
        found = _read(where, schema)
    bind(found, context)
    return found


@lru_cache(maxsize=_READ)
def _read(where: str, schema: tuple[tuple[str, str], ...]) -> Condition:
    """A condition read once for all documents that have it."""
    return parse(where, dict(schema) or None)


def groups_of(plan: Plan, number: int) -> tuple[str, ...]:
    """The groups whose conditions hold for a layer as well, the innermost first."""
    layer = plan.layers[number]
    under = layer.under if isinstance(layer, RuleLayer | CarveLayer) else None
    return tuple(group.name for group in groups_above(plan, under))
