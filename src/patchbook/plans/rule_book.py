"""The rules of a plan in order, as the prover and the explanations look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from patchbook.plans.inheritance import groups_above
from patchbook.plans.layers import condition_of
from patchbook.plans.plan import CarveLayer, HouseLayer, Plan, RuleLayer
from patchbook.plans.references import no_today
from patchbook.plans.result import Result
from patchbook.rules.bind import bind, computed_fields
from patchbook.rules.condition import Condition, fields, to_sql
from patchbook.rules.context import NOTHING, Context
from patchbook.rules.ordered import OrderedRules, Rule
from patchbook.rules.parse import parse
from patchbook.rules.schema import Schema, schema_of
from patchbook.rules.today import NoToday

NEEDS_FILES = frozenset({"in_list", "lookup", "within_area", "within_family"})
"""Functions whose answers rest on more than the record and the rule."""


def rules_of(
    plan: Plan, schema: Schema, context: Context = NOTHING, *, known: Mapping[int, Condition] | None = None
) -> OrderedRules:
    """
    A rule for each rule and carve of a plan, by the number of its layer; lists of named accounts are no rules.

    Parameters
    ----------
    known
        Layer → its condition, where these were read already.

    Raises
    ------
    BadPlan
        A condition cannot be meant; the message names its line.
    """
    rules: list[Rule] = []
    for number, layer in enumerate(plan.layers):
        if not isinstance(layer, RuleLayer | CarveLayer):
            continue
        place = f"layers[{number}].where"
        try:
            read = known[number] if known is not None else condition_of(plan, number, schema, context)
            condition = bind(read, context)
        except NoToday as error:
            raise no_today(plan, place) from error
        line = plan.lines.get(place) or plan.lines.get(f"layers[{number}]")
        rules.append(
            Rule(
                condition=condition,
                outcome=layer.name,
                number=number + 1,
                line=line,
                groups=tuple(group.name for group in groups_above(plan, layer.under)),
                catches_all_of=layer.under if isinstance(layer, RuleLayer) and layer.catches_all else None,
            )
        )
    house = next((layer.name for layer in plan.layers if isinstance(layer, HouseLayer)), None)
    return OrderedRules(rules=tuple(rules), schema=schema, context=context, rest=house)


def with_rules(result: Result, context: Context) -> Result:
    """A result whose summary holds the rules of its plan, so that it can explain itself later."""
    plan = result.plan
    if not any(isinstance(layer, RuleLayer) for layer in plan.layers):
        return result
    rules = rules_of(plan, schema_of(result.accounts), context)
    stored = as_stored(rules)
    if stored is None:
        return result
    return replace(result, summary={**result.summary, "rules": stored, "rest": rules.rest})


def as_stored(rules: OrderedRules) -> list[dict[str, Any]] | None:
    """Rules as summary.json holds them, so that a result explains itself; None where they need files to be asked."""
    functions = {name.call.function for rule in rules.rules for name in computed_fields(rule.condition)}
    if not rules.rules or functions & NEEDS_FILES:
        return None
    return [
        {"number": rule.number, "outcome": rule.outcome, "where": to_sql(rule.condition), "line": rule.line}
        for rule in rules.rules
    ]


def from_stored(stored: Sequence[Mapping[str, Any]], schema: Schema, rest: str | None) -> OrderedRules:
    """Rules read back."""
    return OrderedRules(
        rules=tuple(
            Rule(
                condition=parse(one["where"], schema),
                outcome=one["outcome"],
                number=one["number"],
                line=one["line"],
            )
            for one in stored
        ),
        schema=schema,
        rest=rest,
    )


def fields_of(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields that the rules of a result look at."""
    stored = summary.get("rules") or ()
    return tuple(dict.fromkeys(name for one in stored for name in fields(parse(one["where"]))))
