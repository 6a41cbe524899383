"""What would put a finding of the prover right: changes of the layers, each ready to be looked at and made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from patchbook.plans.plan import CarveLayer, HouseLayer, RuleLayer
from patchbook.plans.rule_change import AddLayer, ChangeLayer, LayerChange, MoveLayer, RemoveLayer, places_in_document
from patchbook.plans.rules_now import Standing, groups_of
from patchbook.rules import Condition, parse, to_sql
from patchbook.rules.bind import bind
from patchbook.rules.condition import All, Any, Constant, IsNull, Not
from patchbook.rules.normal_form import pushed_down
from patchbook.rules.ordered import Rule
from patchbook.rules.prove.finding import Finding, Kind
from patchbook.rules.prove.proof import prove
from patchbook.rules.source import BadRule

LONGEST = 4_000
"""Characters of a condition that is offered; a longer one a person had better write."""


@dataclass(frozen=True, kw_only=True)
class Fix:
    """One way to put a finding right."""

    title: str
    change: LayerChange


def fixes_of(finding: Finding, standing: Standing) -> tuple[Fix, ...]:
    """The ways there are, the one that is meant most often first."""
    return tuple(_fixes(finding, standing))


def not_true(condition: Condition, *, sure: frozenset[str] = frozenset()) -> Condition:
    """
    What is true exactly where a condition is not: where it is false, and where a missing value leaves it unknown.

    Parameters
    ----------
    sure
        Fields that are known to have a value, of which that need not be asked.

    Examples
    --------
    >>> to_sql(not_true(parse("state = 'GA' AND employees > 9")))
    "(state <> 'GA' OR state IS NULL) OR (employees <= 9 OR employees IS NULL)"
    """
    return _not_true(pushed_down(condition), sure)


def without_overlap(own: Condition | None, overlap: Condition) -> str:
    """
    A rule's condition that leaves what it shares with another to that one.

    Examples
    --------
    >>> without_overlap(parse("employees > 9"), parse("state = 'GA' AND employees > 9"))
    "employees > 9 AND (state <> 'GA' OR state IS NULL)"
    >>> without_overlap(parse("state IN ('GA', 'FL')"), parse("state = 'GA'"))
    "state IN ('GA', 'FL') AND NOT (state = 'GA')"
    """
    if own is None:
        return to_sql(not_true(overlap))
    asked = set(own.conditions) if isinstance(own, All) else {own}
    rest = tuple(part for part in (overlap.conditions if isinstance(overlap, All) else (overlap,)) if part not in asked)
    left = rest[0] if len(rest) == 1 else All(rest) if rest else overlap
    sure = _sure(own)
    before = f"({to_sql(own)})" if isinstance(own, Any) else to_sql(own)
    if set(_fields(left)) <= sure:
        return f"{before} AND NOT ({to_sql(left)})"
    return f"{before} AND ({to_sql(not_true(left, sure=sure))})"


def _fixes(finding: Finding, standing: Standing) -> Iterator[Fix]:
    plan = standing.plan
    places = places_in_document(plan)
    numbers = finding.rules
    if any(not 1 <= number <= len(places) for number in numbers):
        return
    if finding.kind is Kind.GAP:
        yield from _of_gap(finding, standing)
        return
    if not numbers or places[numbers[0] - 1] is None:
        return
    number, *others = numbers
    name = plan.layers[number - 1].name
    earlier = [other for other in others if other < number and places[other - 1] is not None]
    if finding.kind is Kind.OVERLAP and others:
        yield from _of_overlap(finding, standing)
        return
    if finding.kind is Kind.SHADOWED and earlier:
        first = min(earlier)
        yield Fix(
            title=f"Move rule {number} ({name}) above rule {first} ({plan.layers[first - 1].name})",
            change=MoveLayer(layer=number, to=first),
        )
    if finding.kind in (Kind.SHADOWED, Kind.CONTRADICTORY) and _may_go(finding):
        yield Fix(title=f"Delete rule {number} ({name})", change=RemoveLayer(layer=number))
    if finding.kind in (Kind.PARTLY_SHADOWED, Kind.REDUNDANT, Kind.UNKNOWN_VALUE, Kind.CONTRADICTORY):
        yield from _as_corrected(finding, standing)
    if finding.kind is Kind.CONTRADICTORY and finding.condition is None:
        yield from _without_the_dead(number, standing)
    if finding.kind is Kind.PARTLY_SHADOWED and earlier:
        first = min(earlier)
        yield Fix(
            title=f"Move rule {number} ({name}) above rule {first} ({plan.layers[first - 1].name})",
            change=MoveLayer(layer=number, to=first),
        )


def _may_go(finding: Finding) -> bool:
    """A rule whose one alternative is contradictory still takes accounts by the others."""
    return finding.kind is Kind.SHADOWED or finding.severity == "error"


def _without_the_dead(number: int, standing: Standing) -> Iterator[Fix]:
    """The rule without those of its alternatives that are never true, where some of them can be."""
    own = standing.own(number - 1)
    if not isinstance(own, Any):
        return
    alive = tuple(part for part in own.conditions if _can_be(part, standing))
    if 0 < len(alive) < len(own.conditions):
        where = to_sql(alive[0] if len(alive) == 1 else Any(alive))
        name = standing.plan.layers[number - 1].name
        yield Fix(
            title=f"Write rule {number} ({name}) without what is never true",
            change=ChangeLayer(layer=number, settings={"where": where}),
        )


def _can_be(condition: Condition, standing: Standing) -> bool:
    """Whether a condition is true of some record."""
    rule = Rule(condition=bind(condition, standing.context), outcome="", number=1)
    rules = replace(standing.ordered, rules=(rule,))
    return not any(one.kind is Kind.CONTRADICTORY and one.severity == "error" for one in prove(rules).findings)


def _of_gap(finding: Finding, standing: Standing) -> Iterator[Fix]:
    if not any(isinstance(layer, HouseLayer) for layer in standing.plan.layers):
        yield Fix(title="Add a house for what no rule takes", change=AddLayer(kind="house", settings={}))
    if finding.condition is not None and len(finding.condition) <= LONGEST:
        settings = {"territory": "", "where": finding.condition}
        yield Fix(title="Write a rule for them", change=AddLayer(kind="rule", settings=settings))


def _of_overlap(finding: Finding, standing: Standing) -> Iterator[Fix]:
    plan, places = standing.plan, places_in_document(standing.plan)
    later, earlier = finding.rules[0], finding.rules[1]
    second, first = plan.layers[later - 1], plan.layers[earlier - 1]
    is_carve = isinstance(second, CarveLayer) and second.where is None
    if places[earlier - 1] is None:
        return
    if not is_carve:
        yield Fix(
            title=f"Move rule {later} ({second.name}) above rule {earlier} ({first.name})",
            change=MoveLayer(layer=later, to=earlier),
        )
    overlap = _read(finding.condition, standing)
    if overlap is None:
        return
    for number, kept in ((later, first), (earlier, second)):
        layer = plan.layers[number - 1]
        if not isinstance(layer, RuleLayer | CarveLayer) or number - 1 in standing.faults:
            continue
        where = without_overlap(standing.own(number - 1), overlap)
        if len(where) <= LONGEST:
            says = "leaves them as they are, and says so" if number == later else f"gives them to {kept.name}"
            yield Fix(
                title=f"Exclude the overlap from rule {number} ({layer.name}): {says}",
                change=ChangeLayer(layer=number, settings={"where": where}),
            )


def _as_corrected(finding: Finding, standing: Standing) -> Iterator[Fix]:
    """The rule as the prover would write it, where that says all that the rule says now."""
    number = finding.rules[0]
    layer = standing.plan.layers[number - 1]
    own = standing.own(number - 1)
    is_whole = own is not None and not groups_of(standing.plan, number - 1)
    if finding.condition is None or not is_whole or not isinstance(layer, RuleLayer | CarveLayer):
        return
    bound = next((rule.condition for rule in standing.ordered.rules if rule.number == number), None)
    # What stands as today or as a list's newest version must stay so.
    if bound == own and len(finding.condition) <= LONGEST:
        yield Fix(
            title=f"Write rule {number} ({layer.name}) without it"
            if finding.kind is not Kind.UNKNOWN_VALUE
            else f"Write rule {number} ({layer.name}) with the value that is meant",
            change=ChangeLayer(layer=number, settings={"where": finding.condition}),
        )


def _read(where: str | None, standing: Standing) -> Condition | None:
    if where is None:
        return None
    try:
        return parse(where, None if standing.market is None else standing.market.schema)
    except BadRule:
        return None


def _not_true(condition: Condition, sure: frozenset[str]) -> Condition:
    if isinstance(condition, Constant):
        return Constant(not condition.value)
    if isinstance(condition, All):
        return Any(tuple(_not_true(part, sure) for part in condition.conditions))
    if isinstance(condition, Any):
        return All(tuple(_not_true(part, sure) for part in condition.conditions))
    if isinstance(condition, Not):
        atom = condition.condition
        if isinstance(atom, IsNull):
            return atom
        return atom if atom.field in sure else Any((atom, IsNull(atom.field)))  # type: ignore[union-attr]
    if isinstance(condition, IsNull):
        return Not(condition)
    opposite = _opposite(condition)
    return opposite if condition.field in sure else Any((opposite, IsNull(condition.field)))


def _opposite(atom: Condition) -> Condition:
    from patchbook.rules.condition import Comparison

    turned = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    if isinstance(atom, Comparison) and not isinstance(atom.value, bool):
        return Comparison(atom.field, turned[atom.operator], atom.value)  # type: ignore[arg-type]
    return Not(atom)


def _sure(condition: Condition) -> frozenset[str]:
    """Fields that have a value wherever a condition is true."""
    down = pushed_down(condition)
    if isinstance(down, All):
        return frozenset().union(*(_sure(part) for part in down.conditions))
    if isinstance(down, Any):
        return frozenset.intersection(*(_sure(part) for part in down.conditions)) if down.conditions else frozenset()
    if isinstance(down, Constant | IsNull):
        return frozenset()
    if isinstance(down, Not):
        return frozenset({down.condition.field})  # type: ignore[union-attr]
    return frozenset({down.field})


def _fields(condition: Condition) -> Iterator[str]:
    from patchbook.rules.condition import atoms

    for atom in atoms(condition):
        yield atom.field
