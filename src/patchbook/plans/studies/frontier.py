"""The frontier: carves of balance, disruption and travel of which none is better than another in everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchbook.plans.frontier import AS_WRITTEN, Traded, counted_otherwise, tuning_of
from patchbook.plans.report import words
from patchbook.plans.studies.numbers import whole
from patchbook.plans.studies.study import Asked, Cell, Chart, Choice, Column, Found, Mark, Table
from patchbook.plans.worth import TRAVEL, UNLIKENESS, Worth
from patchbook.words import counted

if TYPE_CHECKING:
    from patchbook.carving.frontier import Frontier, FrontierPoint

POINTS = Choice(name="points", says="How many carves that nothing beats to look for.", default="9")
MOST_POINTS = 40


@dataclass(frozen=True)
class FrontierStudy:
    """What less disruption costs in balance and travel."""

    name: str = "frontier"
    title: str = "Frontier"
    question: str = "What would less disruption cost in balance and in travel, and the other way about?"
    choices: tuple[Choice, ...] = (POINTS,)

    def run(self, asked: Asked) -> Found:
        """The carves that nothing beats, and those that are beaten, in one table and one chart."""
        from patchbook.carving.frontier import frontier

        wanted = whole(asked, POINTS, least=1, most=MOST_POINTS)
        result = asked.carved()
        if not result.carved_layers:
            return Found(says=("The plan carves no layer, so there is nothing to trade.",))
        traded = Traded.of(result.plan, result.carved_layers)
        found = frontier(
            traded.problems, widens=traded.widens, seed=result.plan.seed, points=wanted, first=traded.first,
            stop=asked.stop, progress=asked.tell,
        )  # fmt: skip
        rows = [
            *[(point, "best") for point in found.points],
            *[(point, "beaten") for point in found.beaten],
            *[(point, "limits not met") for point in found.unmet],
        ]
        return Found(
            says=(*_says(found, traded, wanted), *filter(None, [counted_otherwise(result.plan)])),
            tables=(_table(rows, traded),),
            charts=(_chart(rows, traded),),
            was_stopped=found.was_stopped,
        )


def _says(found: Frontier, traded: Traded, wanted: int) -> tuple[str, ...]:
    points = found.points
    if not points:
        return ("No carve met every limit, so there is nothing to choose from; the table says what came nearest.",)
    told = [f"{counted(len(points), 'carve')} of which none is better than another in everything."]
    sides = [("from its share", words.percent, [point.figures.deviation for point in points])]
    if traded.has_owners:
        sides.append(
            (
                f"of the {traded.by or 'accounts'} with an owner changes hands",
                words.percent,
                [point.figures.moved_share for point in points],
            )
        )
    worth = traded.worth
    if _has_ways(traded):
        ways = [worth.figure(point.figures.travel_km) for point in points]
        on_the_ground = ("km to travel on the mean", "{:,.1f}".format, ways)
        by_likeness = ("unlike the middle of its book on the mean", "{:.2f}".format, ways)
        sides.append(on_the_ground if worth is TRAVEL else by_likeness)
    for what, shape, values in sides:
        least, most = shape(min(values)), shape(max(values))
        told.append(f"{f'{least} to {most}' if least != most else least} {what}.")
    given = next((point for point in found.beaten if point.emphasis is None), None)
    if given is not None:
        told.append("One of them is at least as good in everything as the plan's own carve, and better in something.")
    if len(points) < wanted and not found.was_stopped:
        told.append(f"{wanted} were looked for; no more was found between these settings.")
    if traded.is_mixed:
        told.append(
            "Some layers put accounts together by likeness; in the mean travel it counts as "
            f"{UNLIKENESS.each_km:,.0f} km for 1 of unlikeness."
        )
    told.append(
        "Each is a search's best within its settings, not a proof: a carve between two of these may exist, "
        "and the gap says how far each may be above the least cost for its centres."
    )
    if found.was_stopped:
        told.append("It was stopped, so these are what was found until then.")
    return tuple(told)


def _settings(point: FrontierPoint, traded: Traded) -> str:
    if point.emphasis is None:
        return f"{AS_WRITTEN.says}, its own carve"
    return tuning_of(point.emphasis, has_owners=traded.has_owners, of=traded.way).says


def _changes(traded: Traded) -> str:
    return f"{traded.by.capitalize()} that changes owner" if traded.by else "Change owner"


def _table(rows: Sequence[tuple[FrontierPoint, str]], traded: Traded) -> Table:
    of = traded.way
    return Table(
        name="carves",
        title="Carves that were tried",
        columns=(
            Column(name="settings", says="Settings"),
            Column(name="stands", says="Stands"),
            Column(name="moved_share", says=_changes(traded), unit="share"),
            Column(name="deviation_share", says="Furthest from its share", unit="share"),
            Column(name=_way(traded.worth), says=f"Mean {traded.worth.of}", unit=traded.worth.unit),
            Column(name="gap_share", says="Gap at most", unit="share"),
            Column(name="tolerance_times", says="Tolerances times", unit="number"),
            Column(name=f"{of}_times", says=f"{of.capitalize()} times", unit="number"),
        ),
        rows=tuple(_row(point, stands, traded) for point, stands in rows),
    )


def _has_ways(traded: Traded) -> bool:
    return any(problem.places is not None for problem in traded.problems)


def _way(worth: Worth) -> str:
    return "travel_km" if worth is TRAVEL else "unlikeness"


def _row(point: FrontierPoint, stands: str, traded: Traded) -> tuple[Cell, ...]:
    figures, emphasis = point.figures, point.emphasis
    cost = sum(solution.cost for solution in point.solutions)
    bound = sum(solution.bound for solution in point.solutions)
    gap = max(0.0, cost / bound - 1) if bound > 0 and point.is_feasible else None
    return (
        _settings(point, traded), stands, figures.moved_share if traded.has_owners else None, figures.deviation,
        traded.worth.figure(figures.travel_km) if _has_ways(traded) else None, gap,
        1.0 if emphasis is None else emphasis.tolerance_times, 1.0 if emphasis is None else emphasis.travel_times,
    )  # fmt: skip


def _chart(rows: Sequence[tuple[FrontierPoint, str]], traded: Traded) -> Chart:
    """Disruption against balance, or travel against balance where nobody has anything today."""
    worth = traded.worth
    return Chart(
        name="frontier",
        title=f"{'Disruption' if traded.has_owners else worth.of.capitalize()} against balance",
        kind="points",
        across=_changes(traded) if traded.has_owners else "Mean travel, km" if worth is TRAVEL else "Mean unlikeness",
        up="Furthest from its share",
        across_unit="share" if traded.has_owners else worth.unit,
        up_unit="share",
        marks=tuple(
            Mark(
                label=_settings(point, traded),
                x=point.figures.moved_share if traded.has_owners else worth.figure(point.figures.travel_km),
                y=point.figures.deviation,
                kind="now" if point.emphasis is None else "best" if stands == "best" else "plain",
            )
            for point, stands in rows
        ),
    )


FRONTIER = FrontierStudy()
