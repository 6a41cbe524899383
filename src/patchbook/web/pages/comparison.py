"""Up to four plans side by side: their figures with the best marked, territory by territory, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import Query
from fastapi.responses import Response
from markupsafe import Markup
from pydantic import Field
from sqlalchemy import Connection

from patchbook.db.page import cursor_of, key_of
from patchbook.errors import BadInput
from patchbook.measures import MEASURES
from patchbook.people import store as people_store
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.difference import Difference
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.sales.kept import SalesSides
from patchbook.plans.scenario import TooFewPlans, cost_of, costs_among
from patchbook.web.as_csv import safe_csv
from patchbook.web.models import After
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.plans import KINDS
from patchbook.web.plan_figures import PlanFigures, difference_between, figures, measures, sales_between
from patchbook.web.templating import number, percent, usd

MOST = 4
ROWS = 50
SAYS_AT_ONCE = 12
"""So many differences are shown before the rest is folded away."""

Better = Literal["lower", "higher"] | None
Unit = Literal["count", "share", "ratio", "km", "usd", "quantity"]
PlanIds = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]],
    Query(max_length=10, description="Once for each plan."),
]

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure of one plan."""

    value: float | None
    shown: Markup
    is_best: bool = False
    is_off: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure of every plan."""

    name: str
    cells: tuple[Cell, ...]
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Figures that belong together."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One of the plans."""

    plan_id: str
    name: str
    status: str
    kind: str
    picture: Markup


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a plan has otherwise than the first, in words."""

    name: str
    says: tuple[str, ...]
    more: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ComparisonPage:
    """What the comparison shows."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    show: str
    shows: tuple[tuple[str, str], ...]
    """What the table of territories can show."""
    territories: tuple[Row, ...]
    next: str | None
    differences: tuple[Told, ...]
    query: str
    """The plans, as they stand in an address."""


@dataclass(frozen=True, kw_only=True)
class _Side:
    plan: RecordedPlan
    figures: PlanFigures
    measures: Mapping[str, float | None]
    cost: float | None
    sales: SalesSides | None
    """Expected sales of the first plan and of this one; None where they cannot be told."""


def load(
    tx: Connection, plan_ids: Sequence[str], *, show: str = "", after: str | None = None, by: Principal, at: datetime
) -> ComparisonPage:
    """
    The plans side by side, in the order they are asked for.

    Raises
    ------
    TooFewPlans
        There are fewer than two, or more than stand side by side.
    NotCarved
        One of them has nothing to compare yet.
    """
    sides, costs = _sides(tx, plan_ids, by, at)
    shows = _shows(sides)
    show = show or shows[0][0]
    if show not in dict(shows):
        raise BadInput(f"Territories are not compared by {show!r}; by {', '.join(key for key, _ in shows)}.")
    rows = _territories(sides, show, costs)
    start = 0 if after is None else key_of(after, int)[0]
    return ComparisonPage(
        columns=tuple(
            Column(
                plan_id=side.plan.plan_id,
                name=side.plan.name,
                status=side.plan.status.value,
                kind=KINDS[side.plan.status],
                picture=side.figures.picture,
            )
            for side in sides
        ),
        groups=_groups(sides),
        show=show,
        shows=shows,
        territories=tuple(rows[start : start + ROWS]),
        next=cursor_of(start + ROWS) if start + ROWS < len(rows) else None,
        differences=tuple(
            _told(side.plan.name, difference_between(tx, sides[0].plan, side.plan, by=by, at=at)) for side in sides[1:]
        ),
        query="&".join(f"plan_id={side.plan.plan_id}" for side in sides),
    )


@router.page("/comparison", Deed.SEE_EVERYONE)
def show(
    here: Looked,
    plan_id: PlanIds = [],  # noqa: B006 -- FastAPI copies it
    show: Annotated[str, Query(max_length=200)] = "",
    after: After = None,
) -> Response:
    """Plans side by side."""
    return here.show("comparison.html", load(here.tx, plan_id, show=show, after=after, by=here.person, at=here.at))


@router.page("/comparison/figures.csv", Deed.SEE_EVERYONE)
def figures_csv(here: Looked, plan_id: PlanIds = []) -> Response:  # noqa: B006
    """The figures as CSV, a line a figure."""
    sides, _ = _sides(here.tx, plan_id, here.person, here.at)
    rows = [
        [group.name, row.name, *(cell.value for cell in row.cells)] for group in _groups(sides) for row in group.rows
    ]
    return _csv(rows, ["group", "figure", *(side.plan.name for side in sides)], "comparison.csv")


@router.page("/comparison/territories.csv", Deed.SEE_EVERYONE)
def territories_csv(here: Looked, plan_id: PlanIds = []) -> Response:  # noqa: B006
    """Every territory of every plan as CSV, a line a territory and plan."""
    sides, costs = _sides(here.tx, plan_id, here.person, here.at)
    names = list(dict.fromkeys(name for side in sides for name in side.figures.scenario.measures))
    columns = ["accounts", *(f"{name}_{what}" for name in names for what in ("actual", "target", "deviation"))]
    rows = [
        [side.plan.name, row["territory"], row["person"], *(row.get(name) for name in columns),
         costs.get(row["person"] or "")]
        for side in sides
        for row in side.figures.territories.iter_rows(named=True)
    ]  # fmt: skip
    return _csv(rows, ["plan", "territory", "person", *columns, "cost_usd"], "territories.csv")


def _csv(rows: Iterable[Sequence[Any]], columns: Sequence[str], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(safe_csv(rows, columns), 200, headers, "text/csv; charset=utf-8")


def _sides(
    tx: Connection, plan_ids: Sequence[str], by: Principal, at: datetime
) -> tuple[tuple[_Side, ...], Mapping[str, float]]:
    allow_somewhere(by, Deed.SEE_EVERYONE)
    wanted = list(dict.fromkeys(plan_ids))
    if not 2 <= len(wanted) <= MOST:
        raise TooFewPlans(
            f"{len(wanted)} {'plan is' if len(wanted) == 1 else 'plans are'} named to compare; tick two to {MOST} of"
            " them on the page of plans."
        )
    found = []
    for plan_id in wanted:
        plan = plans.get(tx, plan_id, by=by, at=at)
        told = figures(tx, plan, by=by, at=at)
        if told is None:
            raise NotCarved(plan)
        found.append((plan, told))
    people = people_store.find(tx, sorted({person for _, told in found for person in told.people}))
    costs = costs_among(people)
    sides = tuple(
        _Side(
            plan=plan,
            figures=told,
            measures=measures(tx, plan, by=by, at=at),
            cost=cost_of(told.territories, costs),
            sales=sales_between(tx, found[0][0], plan, people, by=by, at=at),
        )
        for plan, told in found
    )
    return sides, costs


def _groups(sides: Sequence[_Side]) -> tuple[Group, ...]:
    measures = list(dict.fromkeys(name for side in sides for name in side.figures.scenario.measures))
    balance, loads, disruption, ground = [], [], [], []
    for name in measures:
        for measure in MEASURES:
            if measure.by_quantity and measure.key not in ("disruption", "coverage"):
                key = f"{measure.key} of {name}"
                title = f"{measure.title}, {_plain(name)}"
                balance.append(_figure(sides, title, key, measure.unit, measure.better, measure.help))
        for what in ("total", "least", "mean", "most"):
            title = f"{_plain(name).capitalize()}, {'a territory, ' if what != 'total' else ''}{what}"
            loads.append(_row(sides, title, partial(_spread, measure=name, what=what), "quantity"))
    disruption.append(_row(sides, "Accounts that change owner", lambda side: side.figures.scenario.moved, "count",
                           "lower"))  # fmt: skip
    for of in ("accounts", *(name for name in measures if name != "accounts")):
        key, title = f"disruption of {of}", f"Share of {_plain(of)} that changes owner"
        disruption.append(_figure(sides, title, key, "share", "lower"))
    for measure in MEASURES:
        if not measure.by_quantity:
            ground.append(_figure(sides, measure.title, measure.key, measure.unit, measure.better, measure.help))
    coverage = [
        _row(sides, "Accounts", lambda side: side.figures.scenario.accounts, "count"),
        _row(sides, "Territories", lambda side: side.figures.scenario.territories, "count"),
        _row(sides, "Without a territory", lambda side: side.figures.scenario.unassigned, "count", "lower"),
        _row(sides, "Accounts nobody looks after", lambda side: side.figures.scenario.accounts_without_owner, "count",
             "lower"),
        _row(sides, "Vacant seats", lambda side: side.figures.scenario.vacant_seats, "count", "lower"),
    ]  # fmt: skip
    cost = [
        _row(sides, "Seats", lambda side: side.figures.scenario.seats, "count"),
        _row(sides, "Cost of the seats a year", lambda side: side.cost, "usd", "lower"),
        _row(sides, "Gap to the best possible, at most", lambda side: side.figures.gap, "share", "lower"),
    ]
    named = (
        ("Balance", balance), ("Loads", loads), ("Coverage", coverage), ("Disruption", disruption),
        ("Travel and shape", ground), ("Expected sales", _sales(sides)), ("Seats and cost", cost),
    )  # fmt: skip
    told = [
        Group(name=name, rows=tuple(row for row in rows if any(cell.value is not None for cell in row.cells)))
        for name, rows in named
    ]
    return tuple(group for group in told if group.rows)


def _sales(sides: Sequence[_Side]) -> list[Row]:
    """What each is expected to sell, and how sure it is that it is more than the first; nothing where untold."""
    if any(side.sales is None for side in sides):
        return []
    first = sides[0].plan.name
    help = "A concave response of sales to the time accounts get, under published and assumed figures with ranges."
    # The best is marked only where nineteen draws in twenty agree that it is another than the first.
    sure = all(side.sales is not None and side.sales.is_sure for side in sides[1:])
    return [
        _row(sides, "Expected sales a year", lambda side: side.sales.second if side.sales else None, "usd",
             "higher" if sure else None, help),
        _row(sides, f"More than {first}, hardly less than", lambda side: _beyond(sides, side, "low"), "usd"),
        _row(sides, f"More than {first}, hardly more than", lambda side: _beyond(sides, side, "high"), "usd"),
        _row(sides, f"Draws in which more than {first}", lambda side: _beyond(sides, side, "second_sells_more"),
             "share"),
    ]  # fmt: skip


def _beyond(sides: Sequence[_Side], side: _Side, what: str) -> float | None:
    """A figure of the difference to the first plan, which has none to itself."""
    return None if side is sides[0] or side.sales is None else float(getattr(side.sales, what))


def _figure(sides: Sequence[_Side], name: str, key: str, unit: Unit, better: Better, help: str = "") -> Row:
    return _row(sides, name, lambda side: side.measures.get(key), unit, better, help)


def _row(
    sides: Sequence[_Side],
    name: str,
    value: Callable[[_Side], float | None],
    unit: Unit,
    better: Better = None,
    help: str = "",
) -> Row:
    return Row(name=name, help=help, cells=marked([value(side) for side in sides], unit, better))


def marked(
    values: Sequence[float | None], unit: Unit, better: Better, *, limit: float | None = None
) -> tuple[Cell, ...]:
    """
    The cells of a row, the best marked where they differ; what is beyond the limit is marked as well.

    Examples
    --------
    >>> [cell.is_best for cell in marked([3.0, 2.0, None, 2.0], "count", "lower")]
    [False, True, False, True]
    >>> [cell.is_best for cell in marked([2.0, 2.0], "count", "lower")]
    [False, False]
    """
    known = [value for value in values if value is not None]
    wins = (min(known) if better == "lower" else max(known)) if better and known else None
    differ = wins is not None and any(not _same(value, wins) for value in known)
    return tuple(
        Cell(
            value=value,
            shown=_shown(value, unit),
            is_best=differ and value is not None and wins is not None and _same(value, wins),
            is_off=limit is not None and value is not None and abs(value) > limit + 1e-9,
        )
        for value in values
    )


def _same(one: float, other: float) -> bool:
    return one == other or abs(one - other) <= max(1e-9, 1e-6 * abs(other))


def _shown(value: float | None, unit: Unit) -> Markup:
    if unit == "share":
        return percent(value)
    if unit == "usd":
        return usd(value)
    if value is not None and value == float("inf"):
        return Markup("∞")
    if unit == "count" or value is None:
        return number(value)
    if unit == "km":
        return number(value, 0 if value >= 10 else 1) + Markup(" km")
    if unit == "ratio":
        return number(value, 2) + Markup(" ×")
    return number(value, 0 if abs(value) >= 100 else 1)


def _spread(side: _Side, measure: str, what: str) -> float | None:
    found = next((one for one in side.figures.scenario.spreads if one.measure == measure), None)
    return None if found is None else float(getattr(found, what))


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _shows(sides: Sequence[_Side]) -> tuple[tuple[str, str], ...]:
    measures = dict.fromkeys(name for side in sides for name in side.figures.scenario.measures)
    told = [("accounts", "Accounts")]
    for name in measures:
        told += [(f"{name}_deviation", f"{_plain(name).capitalize()}, from its share")]
        told += [(f"{name}_actual", _plain(name).capitalize())]
    if any(side.cost is not None for side in sides):
        told.append(("cost", "Cost a year"))
    # How far each is from its share is what one looks at first, where territories have one.
    return tuple(sorted(dict.fromkeys(told), key=lambda pair: not pair[0].endswith("_deviation")))


def _territories(sides: Sequence[_Side], show: str, costs: Mapping[str, float]) -> list[Row]:
    unit: Unit = "share" if show.endswith("_deviation") else "usd" if show == "cost" else "quantity"
    unit = "count" if show == "accounts" else unit
    limit = None
    if unit == "share":
        found = [side.figures.tolerances.get(show.removesuffix("_deviation")) for side in sides]
        limit = max((one for one in found if one is not None), default=None)
    values: dict[str, list[float | None]] = {}
    for place, side in enumerate(sides):
        for name, value in _column(side.figures.territories, show, costs):
            values.setdefault(name, [None] * len(sides))[place] = value
    return [Row(name=name, cells=marked(row, unit, None, limit=limit)) for name, row in values.items()]


def _column(frame: pl.DataFrame, show: str, costs: Mapping[str, float]) -> Iterable[tuple[str, float | None]]:
    if show == "cost":
        return [(name, costs.get(person or "")) for name, person in frame.select("territory", "person").iter_rows()]
    if show not in frame.columns:
        return [(name, None) for name in frame["territory"]]
    return frame.select("territory", pl.col(show).cast(pl.Float64).fill_nan(None)).iter_rows()


def _told(name: str, found: Difference) -> Told:
    says = found.says
    settings = tuple((one.place, _word(one.before), _word(one.after)) for one in found.settings)
    said = says[len(settings) :]
    return Told(name=name, says=said[:SAYS_AT_ONCE], more=said[SAYS_AT_ONCE:], settings=settings)


def _word(value: Any) -> str:
    if value is None:
        return "not set"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
