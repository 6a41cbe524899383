"""Which fields of an account a plan looks at, and where: who lacks one of them may land nowhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from patchbook.plans.plan import CarveLayer, Plan, RuleLayer
from patchbook.rules.condition import fields
from patchbook.rules.expression import parse_expression
from patchbook.rules.parse import parse
from patchbook.rules.source import BadRule


def fields_used(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """
    Field → the places of the plan that look at it, in its own words.

    Examples
    --------
    >>> from pathlib import Path
    >>> layer = RuleLayer(territory="Public sector", where="industry = 'Government'")
    >>> fields_used(Plan(name="P", accounts=Path("a.csv"), layers=(layer,)))
    {'industry': ('the rule for Public sector',)}
    """
    found: dict[str, dict[str, None]] = {}
    for field, place in _places(plan):
        found.setdefault(field, {})[place] = None
    return {field: tuple(places) for field, places in found.items()}


def _places(plan: Plan) -> Iterator[tuple[str, str]]:
    for group in plan.groups:
        yield from _of_condition(group.where, f"the group {group.name}")
    for layer in plan.layers:
        if isinstance(layer, RuleLayer):
            yield from _of_condition(layer.where, f"the rule for {layer.territory}")
        if isinstance(layer, CarveLayer):
            yield from _of_condition(layer.where, f"the carve {layer.name}")
            for field in (*layer.require, layer.by, layer.together, layer.mix.field if layer.mix else None):
                if field is not None:
                    yield field, f"the carve {layer.name}"
    for measure in plan.measures:
        for column in parse_expression(measure.source).columns:
            yield column, f"the measure {measure.name}"


def _of_condition(text: str | None, place: str) -> Iterator[tuple[str, str]]:
    if text is None:
        return
    try:
        condition = parse(text)
    except BadRule:
        return  # the plan's own page says what is wrong with it
    for field in fields(condition):
        yield field, place
