"""Everything the report page says, worked out; the template only sets it on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from patchbook.plans.out import summary as figures
from patchbook.plans.out.tables import measure_names
from patchbook.plans.report import words
from patchbook.plans.report.balance import Balance, balances
from patchbook.plans.report.changes import Changes, changes
from patchbook.plans.report.map import TerritoryMap, is_about_places, territory_map
from patchbook.plans.report.matrix import Matrix, matrix
from patchbook.plans.result import Result

MOST_SEARCHED = 5_000
"""Accounts that can be looked up on the page itself; a larger page would open slowly on a phone."""
MOST_LISTED = 100
"""Rows of a list before it refers to its file."""

MOST_BORDERS = 8
"""Borders whose reason stands on the page."""

KINDS: Mapping[str, str] = {
    "not met": "What could not be met",
    "conflict": "What is in conflict",
    "relaxation": "What would make room",
    "unassigned": "Accounts that land nowhere",
    "not found": "Named, but not among the accounts",
    "oversized": "Accounts larger than a share",
    "measure missing": "Accounts without a value",
    "no place": "Accounts without a place",
    "protected": "Kept with today’s owner",
    "bridged": "Islands joined to the land",
    "sizing": "How many seats there are",
}
"""Titles of the kinds of problem, most pressing first; any other kind is shown by its own name."""
PRESSING = ("not met", "conflict", "unassigned", "not found", "oversized")


@dataclass(frozen=True, kw_only=True)
class Card:
    """One figure a leader looks for."""

    title: str
    value: str
    note: str
    before: str | None = None
    is_good: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the territories table."""

    title: str
    is_number: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell: what is shown, what it is sorted by, and whether it needs attention."""

    shown: str
    order: str
    is_off: bool = False


@dataclass(frozen=True, kw_only=True)
class TerritoryRow:
    """A row of the territories table."""

    row: int
    name: str
    colour: int
    person: str | None
    accounts: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Problems:
    """What needs a look, of one kind."""

    title: str
    count: int
    messages: tuple[tuple[str | None, str], ...]
    hidden: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """The report."""

    title: str
    subtitle: str
    is_feasible: bool
    sentences: tuple[str, ...]
    cards: tuple[Card, ...]
    map: TerritoryMap
    """Without a picture where the plan is not about places."""
    matrix: Matrix | None
    balances: tuple[Balance, ...]
    changes: Changes | None
    columns: tuple[Column, ...]
    territories: tuple[TerritoryRow, ...]
    borders: tuple[tuple[str, str, str], ...]
    """Territory, neighbour and reason of the borders that hold most accounts."""
    borders_hidden: int
    problems: tuple[Problems, ...]
    rejected: tuple[tuple[str, str, str, str], ...]
    rejected_hidden: int
    provenance: tuple[tuple[str, str], ...]
    searched: Mapping[str, Any] | None
    """What the search looks in; nothing where there are too many accounts for a page."""
    accounts: str


def page_of(result: Result) -> Page:
    """The page of a result."""
    summary = figures.summary(result)
    result = _with_names(result)
    drawn = territory_map(result)
    columns, rows = _territories(result, drawn.colours)
    feasible = summary.get("feasible") is not False
    return Page(
        title=result.plan.name,
        subtitle=_subtitle(result),
        is_feasible=feasible,
        sentences=tuple(_sentences(result, summary)),
        cards=tuple(_cards(result, summary)),
        map=drawn,
        matrix=None if drawn.svg else matrix(result),
        balances=balances(result, drawn.colours),
        changes=changes(result),
        columns=columns,
        territories=rows,
        borders=tuple(
            (territory, neighbour, reason)
            for territory, neighbour, reason in result.borders.head(MOST_BORDERS)
            .select("territory", "neighbour", "reason")
            .iter_rows()
        ),
        borders_hidden=max(0, result.borders.height - MOST_BORDERS),
        problems=_problems(result),
        rejected=tuple(
            (words.count(line) if line is not None else "", str(column or ""), str(found or ""), str(expected or ""))
            for line, column, found, expected in result.rejected.head(MOST_LISTED)
            .select("line", "column", "found", "expected")
            .iter_rows()
        ),
        rejected_hidden=max(0, result.rejected.height - MOST_LISTED),
        provenance=_provenance(summary),
        searched=_searched(result) if result.assignments.height <= MOST_SEARCHED else None,
        accounts=words.count(result.assignments.height),
    )


def _with_names(result: Result) -> Result:
    """The result with people called by name; who is in no people file stays what the accounts call them."""
    if not result.people:
        return result

    def named(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        return frame.with_columns(pl.col(column).replace(dict(result.people)) for column in columns)

    return replace(
        result,
        assignments=named(result.assignments, "person", "previous_owner"),
        territories=named(result.territories, "person"),
        before=named(result.before, "previous_owner"),
    )


def _subtitle(result: Result) -> str:
    held = result.territories.filter(pl.col("accounts") > 0).height
    parts = [words.accounts(result.assignments.height), f"{words.count(held)} territories"]
    if result.plan.effective:
        effective = result.plan.effective
        parts.append(f"effective {effective.day} {effective:%B %Y}")
    return " · ".join(parts)


def _sentences(result: Result, summary: Mapping[str, Any]) -> list[str]:
    said = []
    if summary.get("feasible") is False:
        said.append(
            "Not every constraint could be met; this is the best carve found, and what it relaxes is listed below."
        )
    for name in measure_names(result.territories):
        figure = summary["measures"][name]
        if figure["max_deviation"] is None:
            continue
        what = name.replace("_", " ")
        within = f"Every territory is within {words.percent(figure['max_deviation'])} of its fair share of {what}"
        worst_before = figure.get("max_deviation_before")
        said.append(
            f"{within}; before, the furthest was {words.percent(worst_before)} off." if worst_before else f"{within}."
        )
    moved = int(result.assignments["moved"].fill_null(False).sum())
    if summary["moved_share"] is not None:
        share = words.percent(summary["moved_share"])
        said.append(f"{words.accounts(moved)} change{'s' if moved == 1 else ''} owner, {share} of those that had one.")
    after_km, before_km = _mean_km(result.territories), _mean_km(result.before)
    if after_km is not None and is_about_places(result.plan):
        against = f", {words.distance(before_km)} before" if before_km is not None else ""
        said.append(
            f"The average account is {words.distance(after_km)} by road from the centre of its territory{against}."
        )
    gap = _gap(summary)
    if gap is not None:
        said.append(f"It is proven to cost at most {words.percent(gap)} more than the best possible plan.")
    return said


def _cards(result: Result, summary: Mapping[str, Any]) -> list[Card]:
    cards = []
    for name in measure_names(result.territories):
        figure = summary["measures"][name]
        if figure["max_deviation"] is None:
            continue
        tolerance = figure["tolerance"]
        before = figure.get("max_deviation_before")
        cards.append(
            Card(
                title=f"{_title(name)} off by up to",
                value=words.percent(figure["max_deviation"]),
                note=f"tolerance ±{words.percent(tolerance)}" if tolerance is not None else "no tolerance set",
                before=words.percent(before) if before is not None else None,
                is_good=None if tolerance is None else figure["max_deviation"] <= tolerance + 1e-9,
            )
        )
    if summary["moved_share"] is not None:
        moved = int(result.assignments["moved"].fill_null(False).sum())
        cards.append(
            Card(
                title="Change owner",
                value=words.count(moved),
                note=f"{words.percent(summary['moved_share'])} of accounts with an owner",
            )
        )
    after_km, before_km = _mean_km(result.territories), _mean_km(result.before)
    if after_km is not None and is_about_places(result.plan):
        before_shown = words.distance(before_km) if before_km is not None else None
        cards.append(
            Card(
                title="Mean travel", value=words.distance(after_km), note="by road from the centre", before=before_shown
            )
        )
    if isinstance(summary.get("gap"), float | int):
        cards.append(
            Card(title="Gap to the best", value=words.percent(summary["gap"]), note="at most, proven by a bound")
        )
    pressing = result.problems.filter(pl.col("kind").is_in(PRESSING)).height + result.rejected.height
    cards.append(
        Card(
            title="Need attention",
            value=words.count(pressing),
            note="listed below" if pressing else "nothing left over",
            is_good=pressing == 0,
        )
    )
    return cards


def _gap(summary: Mapping[str, Any]) -> float | None:
    """The gap, where it says something: a plan that breaks its limits can cost less than one that keeps them."""
    gap = summary.get("gap")
    return float(gap) if isinstance(gap, float | int) and summary.get("feasible") is not False else None


def _mean_km(frame: pl.DataFrame) -> float | None:
    if not frame.height or "travel_km" not in frame.columns:
        return None
    told = frame.select(pl.col("travel_km").cast(pl.Float64).fill_nan(None), "accounts").drop_nulls()
    total = float(told["accounts"].sum())
    return float((told["travel_km"] * told["accounts"]).sum()) / total if total else None


def _territories(result: Result, colours: Sequence[int]) -> tuple[tuple[Column, ...], tuple[TerritoryRow, ...]]:
    names = measure_names(result.territories)
    tolerance = {measure.name: measure.tolerance for measure in result.plan.measures}
    shows_travel = is_about_places(result.plan) and result.territories["travel_km"].drop_nulls().len() > 0
    columns = [Column(title=title, is_number=title == "Accounts") for title in ("Territory", "Person", "Accounts")]
    columns += [Column(title=title, is_number=True) for name in names for title in (_title(name), "off by")]
    if shows_travel:
        columns += [Column(title="Travel", is_number=True), Column(title="Compactness", is_number=True)]
    rows = []
    for row, record in enumerate(result.territories.iter_rows(named=True)):
        cells = []
        for name in names:
            actual, off = record[f"{name}_actual"], record[f"{name}_deviation"]
            is_off = off is not None and abs(off) > tolerance.get(name, float("inf")) + 1e-9
            cells.append(_cell(words.amount(actual), actual))
            cells.append(_cell(words.percent(off, signed=True), off, is_off=is_off))
        if shows_travel:
            cells.append(_cell(words.distance(record["travel_km"]), record["travel_km"]))
            compact = record["compactness"]
            cells.append(_cell(f"{compact:.2f}" if compact is not None else "–", compact))
        rows.append(
            TerritoryRow(
                row=row,
                name=record["territory"],
                colour=colours[row],
                person=record["person"],
                accounts=record["accounts"],
                cells=tuple(cells),
            )
        )
    return tuple(columns), tuple(rows)


def _cell(shown: str, value: float | None, *, is_off: bool = False) -> Cell:
    return Cell(shown=shown, order="" if value is None else f"{value:.6g}", is_off=is_off)


def _problems(result: Result) -> tuple[Problems, ...]:
    kinds = result.problems["kind"].unique(maintain_order=True).to_list()
    known = list(KINDS)
    names = dict(result.accounts.select("account_id", "name").iter_rows()) if "name" in result.accounts.columns else {}
    groups = []
    for kind in sorted(kinds, key=lambda kind: (known.index(kind) if kind in known else len(known), kind)):
        found = result.problems.filter(pl.col("kind") == kind)
        messages = tuple(
            _about(names.get(account) or account or territory, message)
            for account, territory, message in found.head(MOST_LISTED)
            .select("account_id", "territory", "message")
            .iter_rows()
        )
        title = KINDS.get(kind, str(kind).replace("_", " ").capitalize())
        groups.append(Problems(title=title, count=found.height, messages=messages, hidden=found.height - len(messages)))
    return tuple(groups)


def _about(name: str | None, message: str) -> tuple[str | None, str]:
    """Who a message is about, unless it begins by saying so itself."""
    return (None if name is not None and message.startswith(name) else name), message


def _provenance(summary: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    def shown(key: str, digits: str = ",.4g") -> str:
        value = summary.get(key)
        if value is None:
            return "–"
        return format(value, digits) if isinstance(value, float) else str(value)

    rows = [
        ("Snapshot", shown("snapshot")),
        ("Seed", shown("seed")),
        ("Version", shown("version")),
        ("Objective", shown("objective", ",.6g")),
        ("Lower bound", shown("bound", ",.6g")),
        ("Gap", words.percent(summary.get("gap"))),
    ]
    return tuple(rows)


def _searched(result: Result) -> dict[str, Any]:
    """Accounts as short rows; territories and persons by number, so that the page stays small."""
    frame = result.assignments
    if "name" not in frame.columns and "name" in result.accounts.columns:
        names = result.accounts.select("account_id", "name").unique("account_id", keep="first")
        frame = frame.join(names, on="account_id", how="left", maintain_order="left")
    if "name" not in frame.columns:
        frame = frame.with_columns(name=pl.lit(None, dtype=pl.String))
    territories = result.territories["territory"].to_list()
    row_of = {name: row for row, name in enumerate(territories)}
    rows = [
        [account_id, name, row_of.get(territory, -1), person, previous, reason, runner_up, change]
        for account_id, name, territory, person, previous, reason, runner_up, change in frame.select(
            "account_id",
            "name",
            "territory",
            "person",
            "previous_owner",
            "reason",
            "runner_up",
            "would_change_if",
        ).iter_rows()
    ]
    return {"territories": territories, "accounts": rows}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
