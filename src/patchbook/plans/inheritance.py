"""What a layer inherits from the groups it stands under, and who takes what nothing under a group takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from patchbook.plans.plan import CarveLayer, Group, HouseLayer, Layer, Plan, RuleLayer


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One of the conditions that must hold for a layer to take an account."""

    whose: str
    """The group it comes from, or the layer itself."""
    where: str
    place: str
    """In the plan file: `groups.West.where`."""


def asked_by(plan: Plan, number: int) -> tuple[Asked, ...]:
    """The conditions of a layer, those of the outermost group first; none where it takes all that is left."""
    layer = plan.layers[number]
    if not isinstance(layer, RuleLayer | CarveLayer):
        return ()
    inherited = [
        Asked(whose=group.name, where=group.where, place=f"groups.{group.name}.where")
        for group in reversed(groups_above(plan, layer.under))
    ]
    if layer.where is None or _is_catch_all(layer):
        return tuple(inherited)
    return (*inherited, Asked(whose=layer.name, where=layer.where, place=f"layers[{number}].where"))


def effective(plan: Plan, number: int) -> str | None:
    """
    The whole condition of a layer, with what it inherits; None where it takes all that is left.

    Examples
    --------
    >>> from pathlib import Path
    >>> west = Group(name="West", where="state = 'CA'")
    >>> layer = RuleLayer(territory="Big West", where="employees > 9", under="West")
    >>> effective(Plan(name="P", accounts=Path("a.csv"), groups=(west,), layers=(layer,)), 0)
    "(state = 'CA') AND (employees > 9)"
    """
    found = [asked.where for asked in asked_by(plan, number)]
    if len(found) < 2:
        return found[0] if found else None
    return " AND ".join(f"({where})" for where in found)


def conditions_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every condition over accounts that stands in the plan, with its place."""
    for group in plan.groups:
        yield f"groups.{group.name}.where", group.where
    for index, layer in enumerate(plan.layers):
        if isinstance(layer, RuleLayer | CarveLayer) and layer.where is not None and not _is_catch_all(layer):
            yield f"layers[{index}].where", layer.where
        if isinstance(layer, CarveLayer) and layer.keep.protect is not None:
            yield f"layers[{index}].keep.protect", layer.keep.protect


def is_for_the_rest(layer: Layer) -> bool:
    """Whether a layer is there for what others leave, so that it is well when it takes nothing."""
    return isinstance(layer, HouseLayer) or _is_catch_all(layer)


def groups_above(plan: Plan, name: str | None) -> list[Group]:
    """The group of that name and those above it, the innermost first; a loop of groups ends where it began."""
    by_name = {group.name: group for group in plan.groups}
    found: list[Group] = []
    while name in by_name and by_name[name] not in found:
        found.append(by_name[name])
        name = found[-1].under
    return found


def loop_of(plan: Plan, name: str) -> tuple[str, ...]:
    """The groups that stand under each other, from this one on; none where they end at the top."""
    found = groups_above(plan, name)
    return tuple(group.name for group in found) if found and found[-1].under == name else ()


def with_catch_alls(plan: Plan) -> Plan:
    """The plan with a rule for the catch-all of each group, right after the last layer that stands under the group."""
    layers = list(enumerate(plan.layers))
    for group in sorted(plan.groups, key=lambda group: -len(groups_above(plan, group.name))):
        if group.catch_all is None:
            continue
        under = [at for at, (_, layer) in enumerate(layers) if group in groups_above(plan, _under(layer))]
        rest = next((at for at, (_, layer) in enumerate(layers) if isinstance(layer, HouseLayer)), len(layers))
        catch_all = RuleLayer(territory=group.catch_all, where="TRUE", under=group.name, catches_all=True)
        layers.insert(under[-1] + 1 if under else rest, (-1, catch_all))
    if len(layers) == len(plan.layers):
        return plan
    place_of = {number: at for at, (number, _) in enumerate(layers) if number >= 0}
    lines = dict(_moved(plan.lines, place_of))
    for at, (number, layer) in enumerate(layers):
        if number < 0:
            line = plan.lines.get(f"groups.{_under(layer)}.catch_all")
            lines |= {f"layers[{at}]": line} if line is not None else {}
    return replace(plan, layers=tuple(layer for _, layer in layers), lines=lines)


def _moved(lines: Mapping[str, int], place_of: Mapping[int, int]) -> dict[str, int]:
    """The lines of places in the plan, with each layer under its new number."""
    found: dict[str, int] = {}
    for place, line in lines.items():
        layer = re.match(r"layers\[(\d+)\]", place)
        if layer is None:
            found[place] = line
        elif int(layer[1]) in place_of:
            found[f"layers[{place_of[int(layer[1])]}]{place[layer.end() :]}"] = line
    return found


def _under(layer: Layer) -> str | None:
    return layer.under if isinstance(layer, RuleLayer | CarveLayer) else None


def _is_catch_all(layer: Layer) -> bool:
    return isinstance(layer, RuleLayer) and layer.catches_all
