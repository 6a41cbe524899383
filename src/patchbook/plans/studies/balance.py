"""How fair a carve is, measure by measure, before and after, and how much better any carve could be.

For each measure it tells the load furthest from its share, the coefficient of variation, the Gini coefficient and the
largest load over the smallest, of today's books and of the carve; and by the engine's bound how much less travel and
change of owner any carve within the same tolerances could cost at most. A histogram shows how the loads lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.measures.gini import gini
from patchbook.measures.range import load_range
from patchbook.measures.variation import variation
from patchbook.plans.report import words
from patchbook.plans.result import CarvedLayer, Result
from patchbook.plans.studies.study import Asked, BadChoice, Cell, Chart, Choice, Column, Found, Mark, Table

FloatArray = npt.NDArray[np.float64]

MOST_BINS = 12


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How evenly loads lie, each as a share of what its seat should carry."""

    worst: float
    """Furthest from its share, as a fraction of it."""
    variation: float
    gini: float
    largest_to_smallest: float
    loads: FloatArray
    """(territories,) load over target."""


@dataclass(frozen=True)
class Balance:
    """The study."""

    name: str = "balance"
    title: str = "Balance"
    question: str = "How fair is the carve, and how much fairer than today?"
    choices: tuple[Choice, ...] = (
        Choice(name="measure", says="The measure whose loads are drawn; nothing is the first.", default=""),
    )

    def run(self, asked: Asked) -> Found:
        """
        The four usual figures of fairness for each measure of each carve.

        Raises
        ------
        BadChoice
            The plan balances no measure of that name.
        """
        result = asked.carved()
        told = [one for layer in result.carved_layers for one in _measured(layer)]
        drawn = _drawn(told, asked.choices.get("measure", ""))
        today = {name: _today(result, name) for name in {one.measure for one in told}}
        rows: list[tuple[Cell, ...]] = []
        for one in told:
            before = today[one.measure]
            if before is not None:
                rows.append((one.layer, one.measure, "today", *_row(before), None))
            rows.append((one.layer, one.measure, "this carve", *_row(one.fairness), one.tolerance))
        return Found(
            says=tuple(_says(result, told, today)),
            tables=(
                Table(name="fairness", title="Fairness by measure", columns=FAIRNESS, rows=tuple(rows)),
                Table(name="loads", title="What each territory carries", columns=LOADS, rows=tuple(_loads(told))),
            ),
            charts=tuple(_charts(drawn)),
            was_stopped=asked.stop(),
        )


FAIRNESS = (
    Column(name="layer", says="Carve"),
    Column(name="measure", says="Measure"),
    Column(name="when", says="When"),
    Column(name="worst_share", says="Furthest off", unit="share"),
    Column(name="variation_share", says="Variation", unit="share"),
    Column(name="gini", says="Gini", unit="number"),
    Column(name="largest_to_smallest", says="Largest to smallest", unit="number"),
    Column(name="tolerance_share", says="Tolerance", unit="share"),
)
LOADS = (
    Column(name="layer", says="Carve"),
    Column(name="territory", says="Territory"),
    Column(name="measure", says="Measure"),
    Column(name="load", says="Carries", unit="number"),
    Column(name="target", says="Its share", unit="number"),
    Column(name="off_share", says="Off its share", unit="share"),
)


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """One measure of one carve."""

    layer: str
    measure: str
    territories: tuple[str, ...]
    load: FloatArray
    target: FloatArray
    tolerance: float
    fairness: Fairness


def _measured(carved: CarvedLayer) -> Iterator[_Measured]:
    problem, loads = carved.solution.problem, carved.solution.loads
    targets = problem.targets()
    names = problem.measure_names or tuple(f"measure {number + 1}" for number in range(problem.measures))
    for number, name in enumerate(names):
        has_target = targets[:, number] > 0
        if not has_target.any():
            continue
        yield _Measured(
            layer=carved.layer.name,
            measure=name,
            territories=tuple(one for one, has in zip(carved.names, has_target, strict=True) if has),
            load=loads[has_target, number],
            target=targets[has_target, number],
            tolerance=float(problem.tolerances[number]),
            fairness=fairness(loads[has_target, number] / targets[has_target, number]),
        )


def fairness(loads: FloatArray) -> Fairness:
    """
    The figures of loads that are told as shares of their targets.

    Examples
    --------
    >>> told = fairness(np.array([0.5, 1.0, 1.5]))
    >>> told.worst, round(told.variation, 3), round(told.gini, 3), told.largest_to_smallest
    (0.5, 0.408, 0.222, 3.0)
    """
    return Fairness(
        worst=float(np.abs(loads - 1.0).max()),
        variation=variation(loads),
        gini=gini(loads),
        largest_to_smallest=load_range(loads),
        loads=loads,
    )


def _today(result: Result, measure: str) -> Fairness | None:
    """Today's books, each compared with an equal share; None where accounts have no owners."""
    column = measure if measure == "accounts" else f"{measure}_actual"
    if column not in result.before.columns or result.before.height < 2:
        return None
    loads = result.before[column].to_numpy().astype(float)
    return fairness(loads / loads.mean()) if loads.sum() > 0 else None


def _says(result: Result, told: list[_Measured], today: dict[str, Fairness | None]) -> Iterator[str]:
    for one in told:
        met = one.fairness.worst <= one.tolerance * (1 + 1e-9)
        yield (
            f"{one.layer}, {one.measure}: the territory furthest from its share is off by"
            f" {words.percent(one.fairness.worst)}, {'within' if met else 'outside'} the"
            f" {words.percent(one.tolerance)} allowed{_than_today(today[one.measure])}."
        )
    for carved in result.carved_layers:
        yield _proof(carved)
    if not result.before.height:
        yield "No account has an owner today, so there is nothing to compare with."
    elif told:
        yield (
            "Today's books are those of every owner of any account of the plan, each against an equal share; whoever"
            " works half a week should carry less, which the books of today do not tell."
        )
    if not told:
        yield "The plan carves nothing, so there is no balance to judge."


def _than_today(before: Fairness | None) -> str:
    return f"; in today's books it is {words.percent(before.worst)}" if before is not None else ""


def _proof(carved: CarvedLayer) -> str:
    """The engine's bound in words."""
    solution = carved.solution
    if solution.broken:
        return f"{carved.layer.name}: not every limit could be met: {'; '.join(solution.broken)}."
    if not np.isfinite(solution.gap):
        return f"{carved.layer.name}: the engine could not tell how much better another carve might be."
    of = carved.market.worth.of
    if solution.gap <= 0:
        return (
            f"{carved.layer.name}: no carve within the tolerances costs less in {of} and changes of owner, for these"
            " centres; that is proved."
        )
    return (
        f"{carved.layer.name}: within the tolerances and for these centres no carve can cost less in {of} and changes"
        f" of owner by more than {words.percent(solution.gap / (1 + solution.gap))}; that is proved."
    )


def _row(one: Fairness) -> tuple[float, float, float, float]:
    return one.worst, one.variation, one.gini, one.largest_to_smallest


def _loads(told: list[_Measured]) -> Iterator[tuple[str | float, ...]]:
    rows = [
        (one.layer, territory, one.measure, float(load), float(target), float(load / target - 1))
        for one in told
        for territory, load, target in zip(one.territories, one.load, one.target, strict=True)
    ]
    yield from sorted(rows, key=lambda row: (-abs(row[5]), row[:3]))


def _drawn(told: list[_Measured], measure: str) -> list[_Measured]:
    """Each carve's loads of the measure asked for, or of its first."""
    names = list(dict.fromkeys(one.measure for one in told))
    if measure and measure not in names:
        raise BadChoice(f"The plan balances no measure {measure!r}; it balances {', '.join(names) or 'none'}.")
    if measure:
        return [one for one in told if one.measure == measure]
    first = {one.layer: one for one in reversed(told)}
    return [first[layer] for layer in dict.fromkeys(one.layer for one in told)]


def _charts(drawn: list[_Measured]) -> Iterator[Chart]:
    """How many territories carry how much, in equal steps around their share."""
    for number, one in enumerate(drawn):
        counts, edges = np.histogram(one.fairness.loads - 1.0, bins=min(MOST_BINS, max(4, len(one.territories) // 2)))
        yield Chart(
            name=f"loads_{number + 1}",
            title=f"{one.layer}: territories by {one.measure}, off their share",
            kind="histogram",
            across="Off its share",
            up="Territories",
            across_unit="share",
            up_unit="count",
            marks=tuple(
                Mark(
                    label=f"{words.percent(low, signed=True)} to {words.percent(high, signed=True)}",
                    x=float((low + high) / 2),
                    y=float(count),
                )
                for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
            ),
        )


BALANCE = Balance()
