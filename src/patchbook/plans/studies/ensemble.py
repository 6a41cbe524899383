"""The ensemble: where a carve stands among others that keep the same constraints, figure by figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from patchbook.plans.report import words
from patchbook.plans.result import CarvedLayer
from patchbook.plans.studies.numbers import whole
from patchbook.plans.studies.study import Asked, BadChoice, Cell, Chart, Choice, Column, Found, Mark, Table, Unit
from patchbook.plans.worth import TRAVEL, Worth
from patchbook.words import listed

if TYPE_CHECKING:
    from patchbook.carving.ensemble import Ensemble, Figure

CARVES = Choice(name="carves", says="How many carves to draw.", default="1000")
SEED = Choice(name="seed", says="The number that chance is drawn from.", default="1")
LIKE = Choice(
    name="like",
    says="How much dearer than the carve they may be on the mean, such as 10%; or any.",
    default="10%",
)
FEWEST, MOST = 40, 100_000
BINS = 24
UNITS: dict[str, Unit] = {
    "deviation": "share", "variation": "share", "gini": "number", "travel": "km", "moved": "share", "cost": "number",
}  # fmt: skip


@dataclass(frozen=True)
class EnsembleStudy:
    """Where the carve stands among carves that keep the same constraints."""

    name: str = "ensemble"
    title: str = "Ensemble"
    question: str = "Among all carves that keep the same limits, where does this one stand?"
    choices: tuple[Choice, ...] = (CARVES, LIKE, SEED)

    def run(self, asked: Asked) -> Found:
        """A percentile for each figure of each carve layer, with its doubt, and a histogram of each."""
        from patchbook.carving.ensemble import ensemble

        carves = whole(asked, CARVES, least=FEWEST, most=MOST)
        seed = whole(asked, SEED, least=0, most=2**31)
        dearer = _dearer(asked)
        says: list[str] = []
        rows: list[tuple[Cell, ...]] = []
        charts: list[Chart] = []
        stopped = False
        layers = asked.carved().carved_layers
        for number, carved in enumerate(layers):
            where = f"{carved.layer.name}: " if len(layers) > 1 else ""
            refused = _refused(carved)
            if refused is not None:
                says.append(f"{where}{refused}")
                continue
            found = ensemble(
                carved.solution, carves=carves, dearer=dearer, seed=seed, stop=asked.stop, progress=asked.tell
            )
            worth = carved.market.worth
            found = replace(found, figures=tuple(_in(worth, figure) for figure in found.figures))
            says += [f"{where}{line}" for line in _says(found, worth)]
            rows += [_row(carved, figure) for figure in found.figures]
            charts += [_histogram(figure, number, where, worth) for figure in found.figures]
            stopped = stopped or found.was_stopped
        if not layers:
            says.append("The plan carves no layer, so there are no other carves to stand among.")
        tables = (Table(name="percentiles", title="Where the carve stands", columns=COLUMNS, rows=tuple(rows)),)
        return Found(says=tuple(says), tables=tables if rows else (), charts=tuple(charts), was_stopped=stopped)


COLUMNS = (
    Column(name="layer", says="Layer"),
    Column(name="figure", says="Figure"),
    Column(name="chosen", says="This carve", unit="number"),
    Column(name="low", says="Drawn, 5th percentile", unit="number"),
    Column(name="middle", says="Drawn, median", unit="number"),
    Column(name="high", says="Drawn, 95th percentile", unit="number"),
    Column(name="better_share", says="Share of the carves drawn that are better", unit="share"),
    Column(name="error_share", says="Give or take", unit="share"),
    Column(name="r_hat", says="R-hat", unit="number"),
    Column(name="effective_draws", says="Independent draws", unit="number"),
    Column(name="mixed", says="May be read", unit="yes_no"),
)


def _dearer(asked: Asked) -> float | None:
    """How much dearer the carves may be: a share, or nothing for any."""
    told = (asked.choices.get(LIKE.name, "").strip() or LIKE.default).casefold()
    if told == "any":
        return None
    try:
        share = float(told.removesuffix("%")) / (100.0 if told.endswith("%") else 1.0)
    except ValueError:
        share = 0.0
    if not 0.001 <= share <= 10:
        raise BadChoice(f"like is {told!r}; it must be a share from 0.1% to 1000%, or any.")
    return share


def _refused(carved: CarvedLayer) -> str | None:
    """Why there is nothing to draw, where there is not."""
    solution = carved.solution
    if not solution.feasible:
        return f"The carve does not keep every limit ({solution.broken[0]}), so there is nowhere to begin."
    if not ((solution.owners >= 0) & (solution.limits.only < 0)).any():
        return "Every account is bound to its seat, so there is one carve only."
    return None


def _in(worth: Worth, figure: Figure) -> Figure:
    """A figure with the ways to the centres in what they are told in."""
    if figure.kind != "travel":
        return figure
    return replace(figure, chosen=worth.figure(figure.chosen), drawn=figure.drawn / worth.each_km)


def _called(figure: Figure, worth: Worth) -> str:
    """A figure in plain words."""
    return {
        "deviation": f"Furthest from its share of {figure.measure}",
        "variation": f"Coefficient of variation of {figure.measure}",
        "gini": f"Gini coefficient of {figure.measure}",
        "travel": "Mean travel, km" if worth is TRAVEL else "Mean unlikeness",
        "moved": "Share that changes owner",
        "cost": "Cost",
    }[figure.kind]


def _says(found: Ensemble, worth: Worth) -> list[str]:
    """Where the carve stands, then what was drawn, and whether it may be read."""
    told = []
    read = [figure for figure in found.figures if figure.has_mixed]
    for figure in read:
        if figure.kind in ("deviation", "travel", "moved", "cost"):
            told.append(
                f"{_called(figure, worth)}: {words.percent(figure.percentile)} of the carves drawn are better, give or "
                f"take {words.percent(2 * figure.error)}."
            )
    unread = [_called(figure, worth) for figure in found.figures if not figure.has_mixed]
    if unread:
        told.append(
            f"The chains have not mixed in {listed([_within(name) for name in unread], most=4)}: what is "
            "told of these says where the chains were, not how all such carves lie. Draw more, or from dearer ones."
        )
    if np.isfinite(found.heat):
        told.append(
            f"{found.carves:,} carves were drawn from all that keep the same limits, with weights exp(-cost / "
            f"{found.heat:,.3g}), at which they cost {words.percent(found.dearer)} more than this one on the mean; "
            f"{words.percent(found.changed)} of the units are elsewhere than in this one."
        )
    else:
        told.append(
            f"{found.carves:,} carves were drawn from all that keep the same limits, each as likely as every other "
            "whatever it costs, so most are nothing anybody would carve."
        )
    told.append(
        "Centres stay where this carve has them, and accounts go only to the seats nearest to them by cost; carves "
        "around wholly other centres are not among those drawn."
    )
    if found.was_stopped:
        told.append("It was stopped, so fewer were drawn than asked for.")
    return told


def _within(name: str) -> str:
    """A figure's name inside a sentence; Gini was a person."""
    return name if name.startswith("Gini") else name[0].lower() + name[1:]


def _row(carved: CarvedLayer, figure: Figure) -> tuple[Cell, ...]:
    low, middle, high = (float(value) for value in np.percentile(figure.drawn, (5, 50, 95)))
    called = _called(figure, carved.market.worth)
    return (
        carved.layer.name, called, figure.chosen, low, middle, high, figure.percentile, figure.error,
        figure.r_hat if np.isfinite(figure.r_hat) else None, figure.effective, figure.has_mixed,
    )  # fmt: skip


def _histogram(figure: Figure, number: int, where: str, worth: Worth) -> Chart:
    """How the carves drawn lie, and the bin of this one."""
    drawn = figure.drawn.ravel()
    low, high = min(float(drawn.min()), figure.chosen), max(float(drawn.max()), figure.chosen)
    if high - low < 1e-12 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    count, edges = np.histogram(drawn, bins=BINS, range=(low, high))
    mine = min(int((figure.chosen - low) / (high - low) * BINS), BINS - 1)
    return Chart(
        name="_".join(["layer", str(number + 1), figure.kind, *_name(figure.measure)]),
        title=f"{where}{_called(figure, worth)}",
        kind="histogram",
        across=_called(figure, worth),
        up="Carves drawn",
        across_unit=worth.unit if figure.kind == "travel" else UNITS[figure.kind],
        up_unit="count",
        marks=_marks(count.tolist(), edges.tolist(), mine),
    )


def _marks(count: Sequence[int], edges: Sequence[float], mine: int) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            label="This carve is here" if place == mine else "",
            x=(edges[place] + edges[place + 1]) / 2,
            y=float(number),
            kind="now" if place == mine else "plain",
        )
        for place, number in enumerate(count)
    )


def _name(measure: str | None) -> list[str]:
    """A measure's name as part of a file's name."""
    return re.findall("[a-z0-9]+", (measure or "").casefold())


ENSEMBLE = EnsembleStudy()
