"""Which fields of an account or a person a plan looks at, and where: who lacks one may land nowhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from patchbook.plans.plan import CarveLayer, Plan, RuleLayer, Touching
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
    return _by_field(_places(plan))


def people_fields_used(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """
    Field of a person → the places of the plan that look at it.

    Examples
    --------
    >>> from pathlib import Path
    >>> layer = CarveLayer(name="Field", people="role = 'Field rep'", require={"language": "languages"})
    >>> people_fields_used(Plan(name="P", accounts=Path("a.csv"), layers=(layer,)))
    {'role': ('the carve Field',), 'languages': ('the carve Field',)}
    """
    carves = [layer for layer in plan.layers if isinstance(layer, CarveLayer)]
    asked = (pair for layer in carves for pair in _of_condition(layer.people, f"the carve {layer.name}"))
    held = ((field, f"the carve {layer.name}") for layer in carves for field in layer.require.values())
    return _by_field(chain(asked, held))


def _by_field(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for field, place in pairs:
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
            mixed = layer.mix.field if layer.mix else None
            contacts = layer.match.contacts if layer.match else None
            for field in (*layer.require, *layer.similar, layer.by, layer.together, mixed, contacts):
                if field is not None:
                    yield field, f"the carve {layer.name}"
            for field in _of_contiguity(layer):
                yield field, f"the carve {layer.name}"
    for measure in plan.measures:
        for column in parse_expression(measure.source).columns:
            yield column, f"the measure {measure.name}"


def _of_contiguity(layer: CarveLayer) -> tuple[str, ...]:
    """The fields that say which area an account lies in, where these are not worked out from its place."""
    if isinstance(layer.contiguous, Touching):
        return (layer.contiguous.area,)
    return {"postal codes": ("postal_code",), "states": ("state",)}.get(layer.contiguous or "", ())


def _of_condition(text: str | None, place: str) -> Iterator[tuple[str, str]]:
    if text is None:
        return
    try:
        condition = parse(text)
    except BadRule:
        return  # the plan's own page says what is wrong with it
    for field in fields(condition):
        yield field, place
