"""What is wrong with a plan that could be read, without looking at its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from patchbook.plans.inheritance import loop_of
from patchbook.plans.plan import CarveLayer, HouseLayer, Plan, RuleLayer, Sizing
from patchbook.plans.problems import Problem
from patchbook.rules.source import nearest


def problems_within(plan: Plan) -> Iterator[Problem]:
    """Settings that contradict each other: measures and people that are not there, layers out of order."""
    yield from _layers(plan)
    yield from _groups(plan)
    for index, layer in enumerate(plan.layers):
        if isinstance(layer, CarveLayer):
            yield from _carve(plan, layer, f"layers[{index}]")
    yield from _locks(plan)


def _layers(plan: Plan) -> Iterator[Problem]:
    if not plan.layers:
        yield _problem(plan, "layers", "no layer takes any account; add at least one")
    houses = [index for index, layer in enumerate(plan.layers) if isinstance(layer, HouseLayer)]
    for index in houses:
        if index != len(plan.layers) - 1:
            yield _problem(plan, f"layers[{index}]", "house takes the rest, so it is the last layer")
    counts = Counter(layer.name for layer in plan.layers if not isinstance(layer, RuleLayer))
    # Several rules may feed one territory; a territory and another layer of one name could not be told apart.
    counts.update({layer.name for layer in plan.layers if isinstance(layer, RuleLayer)})
    seen: set[str] = set()
    for index, layer in enumerate(plan.layers):
        if counts[layer.name] > 1 and layer.name in seen:
            yield _problem(plan, f"layers[{index}]", f"two layers are called {layer.name!r}; give each its own name")
        seen.add(layer.name)


def _groups(plan: Plan) -> Iterator[Problem]:
    names = [group.name for group in plan.groups]
    wanted = [(f"groups.{group.name}", group.under) for group in plan.groups]
    for index, layer in enumerate(plan.layers):
        if isinstance(layer, RuleLayer | CarveLayer) and not getattr(layer, "catches_all", False):
            wanted.append((f"layers[{index}]", layer.under))
    for place, under in wanted:
        if under is not None and under not in names:
            near = nearest(under, names)
            hint = f"; did you mean {near!r}?" if near else f"; the plan has {', '.join(names) or 'none'}"
            yield _problem(plan, f"{place}.under", f"no group is called {under!r}{hint}")
    for name in names:
        loop = loop_of(plan, name)
        if loop and name == min(loop):
            yield _problem(plan, f"groups.{name}", f"the groups {' → '.join([*loop, name])} stand under each other")


def _carve(plan: Plan, layer: CarveLayer, place: str) -> Iterator[Problem]:
    if plan.people is None and layer.seats == "from people":
        yield _problem(
            plan, place, f"{layer.name!r} has no seats: the plan names no people file, so give it seats: a number"
        )
    if plan.people is None and layer.people is not None:
        yield _problem(plan, f"{place}.people", "people chooses from the people file, and the plan names none")
    if plan.people is None and layer.require:
        yield _problem(plan, f"{place}.require", "require looks at people, and the plan names no people file")
    for name in layer.balance:
        yield from _measure(plan, f"{place}.balance", name)
    for index, sizing in enumerate(layer.sizings):
        at = f"{place}.seats" if isinstance(layer.seats, Sizing) else f"{place}.seats[{index}]"
        yield from _measure(plan, f"{at}.from", sizing.measure)
    yield from _similar(plan, layer, place)
    if layer.match is not None and plan.people is None:
        yield _problem(plan, f"{place}.match", "match gives people territories, and the plan names no people file")
    if layer.travel_by is not None:
        yield from _measure(plan, f"{place}.travel_by", layer.travel_by)
    if layer.fewest is not None:
        yield from _measure(plan, f"{place}.fewest", layer.fewest)
    if layer.goal == "rebalance" and layer.keep.owners == "ignore":
        yield _problem(
            plan, f"{place}.goal", "rebalance starts from today's owners, and keep.owners is ignore; make it prefer"
        )


def _similar(plan: Plan, layer: CarveLayer, place: str) -> Iterator[Problem]:
    """A carve is by likeness or on the ground: what only the ground has cannot be asked for as well."""
    if not layer.similar:
        return
    travels = layer.travel not in (0.0, 1.0) or (layer.travel > 0 and f"{place}.travel" in plan.lines)
    asked = {
        "contiguous": layer.contiguous is not None, "compact": layer.compact, "travel": travels,
        "travel_by": layer.travel_by is not None,
    }  # fmt: skip
    for name, is_asked in asked.items():
        if is_asked:
            yield _problem(
                plan, f"{place}.{name}",
                f"{layer.name!r} puts accounts together that are similar, wherever they are; drop {name}, or similar",
            )  # fmt: skip


def _measure(plan: Plan, place: str, name: str) -> Iterator[Problem]:
    names = [measure.name for measure in plan.measures]
    if name not in names:
        near = nearest(name, names)
        hint = f"; did you mean {near!r}?" if near else f"; the plan has {', '.join(names) or 'none'}"
        yield _problem(plan, place, f"no measure is called {name!r}{hint}")


def _locks(plan: Plan) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for index, lock in enumerate(plan.locks):
        if first.setdefault(lock.account_id, lock.seat) != lock.seat:
            message = f"account {lock.account_id!r} is locked to {first[lock.account_id]!r} and to {lock.seat!r}"
            yield lock_problem(plan, index, message)


def lock_problem(plan: Plan, index: int, message: str) -> Problem:
    """A problem of one lock, with its line of the plan, or of the CSV that the plan names."""
    line = plan.lines.get(f"locks[{index}].account")
    csv_line = plan.locks[index].line
    if line is None and csv_line is not None:
        message = f"{message} (line {csv_line} of the file of locks)"
    return Problem(message=message, place=f"locks[{index}]", line=line or plan.lines.get("locks"))


def _problem(plan: Plan, place: str, message: str) -> Problem:
    line = plan.lines.get(place) or plan.lines.get(place.rsplit(".", 1)[0])
    return Problem(message=message, place=place, line=line)
