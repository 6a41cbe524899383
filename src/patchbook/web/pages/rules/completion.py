"""What the editor of a condition is told while somebody writes: fields, values, what it means, whom it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
import polars as pl
from fastapi import Query
from fastapi.responses import JSONResponse, Response

from patchbook.db.memory import Memory
from patchbook.imports import snapshots
from patchbook.plans import rule_actions
from patchbook.plans.plan import HouseLayer
from patchbook.plans.rules_now import NO_TODAY, NOBODY, Standing, checked
from patchbook.rules import RuleBook, to_sql
from patchbook.rules.column import MixedTypes
from patchbook.rules.condition import All, value_to_sql
from patchbook.rules.explain import in_words
from patchbook.rules.functions import FUNCTIONS
from patchbook.rules.schema import family
from patchbook.rules.source import BadRule
from patchbook.rules.today import NoToday
from patchbook.web.models import InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.frame import DEED, router
from patchbook.words import counted

MOST_VALUES = 30
KEPT_VALUES = 500
"""Of one field, the most frequent first."""

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": ("=", "<>", "IN (", "NOT IN (", "LIKE", "NOT LIKE", "IS NULL", "IS NOT NULL"),
    "number": ("=", "<>", ">=", "<=", ">", "<", "BETWEEN", "IS NULL", "IS NOT NULL"),
    "date": (">=", "<=", ">", "<", "=", "BETWEEN", "IS NULL", "IS NOT NULL"),
    "boolean": ("IS TRUE", "IS NOT TRUE", "= TRUE", "= FALSE", "IS NULL", "IS NOT NULL"),
    "list": ("IS NULL", "IS NOT NULL"),
}

_EXAMPLES: Mapping[str, str] = {
    "in_list": "in_list(domain, 'targets')",
    "lookup": "lookup(postal_code, 'zips') = 'East'",
    "has": "has(products, 'CRM')",
    "postal_between": "postal_between('US', '30000', '39999')",
    "postal_prefix": "postal_prefix('GB', 'SW1')",
    "within_km": "within_km('Atlanta, GA', 50)",
    "within_area": "within_area('metro')",
    "within_family": "within_family('C0030')",
}

_VALUES: Memory[tuple[tuple[str, int], ...]] = Memory(200)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a condition is found to be."""

    words: str | None
    """As a sentence; None where it cannot be meant."""
    accounts: int | None = None
    """How many accounts meet it."""
    takes: int | None = None
    """How many of these no layer before it takes."""
    says: str = ""
    """The counts in a sentence."""
    problem: str | None = None
    start: int = 0
    """Where the problem is, in characters from the beginning."""
    length: int = 0
    nearest: str | None = None
    """What may be meant in its place."""


def check(standing: Standing, where: str, *, number: int | None) -> Checked:
    """
    What a condition means and whom it takes.

    Parameters
    ----------
    number
        The layer it is, or would stand before, from 1; without one it would be the last but a house.
    """
    market = standing.market
    schema = () if market is None else tuple(market.schema.items())
    try:
        condition = checked(where, schema, standing.context)
        whole = condition
        if number is not None and number <= len(standing.plan.layers):
            inherited = _inherited(standing, number - 1, schema)
            whole = All((*inherited, condition)) if inherited else condition
        words = in_words(condition)
        if market is None:
            return Checked(words=words[:1].upper() + words[1:], says="No accounts have been imported yet.")
        meets = RuleBook([whole], context=standing.context).match_frame(market.frame) >= 0
    except BadRule as error:
        return Checked(
            words=None, problem=error.problem, start=error.position - 1, length=len(error.offending),
            nearest=error.nearest,
        )  # fmt: skip
    except NoToday:
        return Checked(words=None, problem=f"{NO_TODAY}.")
    except MixedTypes as error:
        return Checked(words=None, problem=str(error))
    place = number - 1 if number is not None else _end_of(standing)
    free = (standing.taker == NOBODY) | (standing.taker >= place)
    accounts, takes = int(np.count_nonzero(meets)), int(np.count_nonzero(meets & free))
    says = f"{counted(accounts, 'account meets', 'accounts meet')} it"
    if takes < accounts:
        says += f"; {takes:,} {'is' if takes == 1 else 'are'} not taken by a layer before"
    return Checked(words=words[:1].upper() + words[1:], accounts=accounts, takes=takes, says=f"{says}.")


def _end_of(standing: Standing) -> int:
    """Where a rule that is told no place goes."""
    layers = standing.plan.layers
    return len(layers) - bool(layers and isinstance(layers[-1], HouseLayer))


def fields_of(standing: Standing) -> list[dict[str, Any]]:
    """The fields a condition may name, with what can be asked of each, and the functions."""
    if standing.market is None:
        return []
    hidden = {name for name in standing.market.schema if name.startswith("measure_") or name == "geocode_method"}
    found = [
        {"name": _name(name), "type": family(kind), "operators": OPERATORS[family(kind)]}
        for name, kind in sorted(standing.market.schema.items())
        if name not in hidden
    ]
    functions = [
        {"name": _EXAMPLES.get(name, f"{name}("), "type": "function", "operators": ("AND", "OR")} for name in FUNCTIONS
    ]
    return [*found, *functions]


def values_of(standing: Standing, field: str, text: str, *, may_see: Collection[str] | None) -> list[tuple[str, int]]:
    """The values of a field that hold a text, as they are written in a rule, with how many accounts have each."""
    if standing.market is None:
        return []
    name = next((name for name in standing.market.schema if name.lower() == field.strip('"').lower()), None)
    if name is None or family(standing.market.schema[name]) == "list":
        return []
    frame = standing.market.frame
    if may_see is not None:
        known = _counted(frame.filter(pl.col("account_id").is_in(list(may_see))), name)
    else:
        known = _VALUES.get(f"{standing.market.key} {name}", lambda: _counted(frame, name))
    wanted = text.strip("'").lower()
    starts = [one for one in known if one[0].strip("'").lower().startswith(wanted)]
    holds = [one for one in known if one not in starts and wanted in one[0].lower()]
    return [*starts, *holds][:MOST_VALUES]


def _counted(frame: pl.DataFrame, name: str) -> tuple[tuple[str, int], ...]:
    values = frame.select(pl.col(name).drop_nulls()).to_series().value_counts(sort=True, name="_count")
    values = values.sort("_count", name, descending=[True, False]).head(KEPT_VALUES)
    return tuple((value_to_sql(value), count) for value, count in values.iter_rows() if value == value)


def _inherited(standing: Standing, number: int, schema: tuple[tuple[str, str], ...]) -> tuple[Any, ...]:
    """The conditions of the groups a layer stands under."""
    from patchbook.plans.inheritance import asked_by

    return tuple(
        checked(asked.where, schema, standing.context)
        for asked in asked_by(standing.plan, number)
        if asked.place.startswith("groups.")
    )


def _name(field: str) -> str:
    from patchbook.rules.condition import IsNull

    return to_sql(IsNull(field)).removesuffix(" IS NULL")


@router.page("/plans/{plan_id}/rules/condition", DEED)
def condition(
    here: Looked,
    plan_id: InPath,
    where: Annotated[str, Query(max_length=20_000)] = "",
    number: Annotated[int | None, Query(ge=1, le=100_000)] = None,
) -> Response:
    """What a condition means, and how many accounts meet it."""
    standing = rule_actions.look(here.tx, plan_id, by=here.person, at=here.at).standing
    if not where.strip():
        return JSONResponse(asdict(Checked(words="", says="Nothing is written yet.")))
    return JSONResponse(asdict(check(standing, where, number=number)))


@router.page("/plans/{plan_id}/rules/fields", DEED)
def fields(here: Looked, plan_id: InPath) -> Response:
    """The fields and functions of conditions."""
    standing = rule_actions.look(here.tx, plan_id, by=here.person, at=here.at).standing
    return JSONResponse({"fields": fields_of(standing)})


@router.page("/plans/{plan_id}/rules/values", DEED)
def values(
    here: Looked,
    plan_id: InPath,
    field: Annotated[str, Query(max_length=200)],
    text: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The values a field has, the most frequent first."""
    standing = rule_actions.look(here.tx, plan_id, by=here.person, at=here.at).standing
    may_see = snapshots.seen_by(here.tx, here.person, at=here.at)
    found = values_of(standing, field, text, may_see=may_see)
    return JSONResponse({"values": [{"value": value, "accounts": count} for value, count in found]})
