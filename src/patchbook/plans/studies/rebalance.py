"""How a book comes within tolerance with the fewest moves: as it stands, with a seat gone or added, or one seat split.

The moves needed at least are proved from below (`carving/rebalance/least.py`), the moves made are those of the engine
with staying dearer than any journey. Accounts of a seat that goes have to move in any case, and count on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from patchbook.carving.limits import Limits
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Solution
from patchbook.plans.report import words
from patchbook.plans.result import CarvedLayer
from patchbook.plans.studies.study import Asked, BadChoice, Cell, Choice, Column, Found, Table, settled
from patchbook.words import counted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NOBODY = "nobody"
MOST_ADDED = 1_000


@dataclass(frozen=True)
class Rebalance:
    """The study."""

    name: str = "rebalance"
    title: str = "Rebalance"
    question: str = "Which fewest moves bring today's book within tolerance, and how few could it be?"
    choices: tuple[Choice, ...] = (
        Choice(name="gone", says="Seats or people that go, with commas between.", default=""),
        Choice(name="added", says="How many seats are added.", default="0"),
        Choice(name="split", says="A territory to be cut into several, the others left as they are.", default=""),
        Choice(name="into", says="Into how many a territory is split.", default="2"),
        Choice(name="fewest", says="What is moved least: accounts or a measure; nothing is the plan's.", default=""),
        Choice(name="book", says="Whose book is changed: today (owners), or plan (the carve).", default="today"),
        Choice(name="layer", says="Which carve of the plan; nothing is the first.", default=""),
    )  # fmt: skip

    def run(self, asked: Asked) -> Found:
        """
        The moves, who gives and takes, and how near they are to the fewest there can be.

        Raises
        ------
        BadChoice
            No seat, territory, measure or carve is called so, or a number is out of range.
        """
        choice = settled(self, asked.choices)
        layer = _layer(asked.carved().carved_layers, choice["layer"])
        choice["fewest"] = choice["fewest"] or layer.layer.fewest or "accounts"
        worth = _worth(layer, choice["fewest"])
        book, said = _book(layer, choice["book"])
        shown = layer if book is layer.solution.owners else _by_people(layer)
        if choice["split"]:
            return _split(asked, shown, _seat(layer, choice["split"]), book, choice, said)
        gone = np.array(sorted({_seat(layer, name) for name in choice["gone"].split(",") if name.strip()}), np.int64)
        if len(gone) >= layer.market.problem.seats:
            raise BadChoice(f"{choice['gone']!r} are all seats of {layer.layer.name}; leave at least one.")
        added = _number(choice["added"], "added", 0, MOST_ADDED)
        return _rebalanced(asked, _Change(layer=shown, book=book, gone=gone, added=added, worth=worth), choice, said)


REBALANCE = Rebalance()

MOVES = (
    Column(name="account_id", says="Account"),
    Column(name="name", says="Name"),
    Column(name="from", says="From"),
    Column(name="to", says="To"),
    Column(name="value", says="Value", unit="number"),
    Column(name="reason", says="Why"),
)
TERRITORIES = (
    Column(name="territory", says="Territory"),
    Column(name="gives_at_least", says="Has to give at least", unit="number"),
    Column(name="gives", says="Gives", unit="count"),
    Column(name="takes", says="Takes", unit="count"),
    Column(name="before_share", says="Furthest off before", unit="share"),
    Column(name="after_share", says="Furthest off after", unit="share"),
)
PARTS = (
    Column(name="part", says="Part"),
    Column(name="accounts", says="Accounts", unit="count"),
    Column(name="measure", says="Measure"),
    Column(name="load", says="Carries", unit="number"),
    Column(name="off_share", says="Off its share", unit="share"),
)


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What is asked of a book."""

    layer: CarvedLayer
    book: IntArray
    """(units,) the seat of the layer that has each unit now, or -1."""
    gone: IntArray
    added: int
    worth: FloatArray

    def problem(self) -> tuple[Problem, tuple[str, ...]]:
        """The problem after the change, and what its seats are called."""
        from patchbook.carving.rebalance.change import from_book, seats_added, seats_gone

        problem = replace(self.layer.market.problem, incumbent=self.book, value=self.worth)
        was = np.arange(problem.seats)
        if len(self.gone):
            problem, was = seats_gone(problem, self.gone)
        fresh = tuple(f"new seat {number + 1}" for number in range(self.added))
        if self.added:
            problem = seats_added(problem, self.added, fresh)
        assert problem.incumbent is not None
        names = tuple(self.layer.names[seat] for seat in was) + fresh
        return from_book(problem, problem.incumbent, self.worth), names


def _rebalanced(asked: Asked, change: _Change, choice: dict[str, str], said: list[str]) -> Found:
    from patchbook.carving.construct.today import centres_today
    from patchbook.carving.costs import Costs
    from patchbook.carving.rebalance.least import moves_at_least
    from patchbook.carving.solve import solve

    problem, names = change.problem()
    assert problem.incumbent is not None
    centres = centres_today(Costs(problem))
    needed = moves_at_least(problem, change.worth, centres=centres, stop=asked.stop)
    found = solve(problem, seed=asked.plan.seed, stop=lambda _: asked.stop(), progress=asked.tell)
    left = np.isin(change.book, change.gone) & (change.book >= 0)
    moved = ((problem.incumbent >= 0) & (found.owners != problem.incumbent)) | left
    freed = float(change.worth[left].sum())
    at_least, made = freed + needed.at_least, float(change.worth[moved].sum())
    free = (change.book < 0) & (found.owners >= 0)
    what = "accounts" if choice["fewest"] == "accounts" else f"of {choice['fewest']}"
    ratio = f", {made / at_least:.2f} times that" if at_least > 0 else ""
    says = [
        f"At least {_figure(at_least)} {what} {'has' if at_least == 1 else 'have'} to change hands; "
        f"this rebalance moves {_figure(made)}{ratio}."
    ]
    if len(change.gone):
        gone = " and ".join(change.layer.names[seat] for seat in change.gone)
        says.append(
            f"{_figure(freed)} of them belong to {gone}, which goes, and move in any case; beyond them at least "
            f"{_figure(needed.at_least)} and here {_figure(made - freed)}."
        )
    if len(needed.forced):
        says.append(f"{counted(len(needed.forced), 'unit')} may not stay where they are, whatever else happens.")
    if free.any():
        holders = np.bincount(change.layer.market.unit_of_row, minlength=problem.units)
        says.append(f"{counted(int(holders[free].sum()), 'account')} had no owner among the seats and found one.")
    if not found.feasible:
        says.append(f"Not everything could be met: {'; '.join(found.broken[:3])}.")
    says += said
    says.append(
        "The least is proved for accounts or families as a whole, within the same tolerances, locks and requirements; "
        "contiguity and pairs kept apart may need more. Travel only decides between equally few moves."
    )
    loads = _Loads(problem=problem, limits=found.limits, before=needed.limits.loads(problem.incumbent), after=found)
    return Found(
        says=tuple(says),
        tables=(
            Table(
                name="moves", title="Moves", columns=MOVES,
                rows=tuple(_moves(change, problem, found, moved, free, names, loads)),
            ),
            Table(
                name="territories", title="Who gives and who takes", columns=TERRITORIES,
                rows=tuple(_territories(problem, found, names, needed.needs.out, loads)),
            ),
        ),
        was_stopped=asked.stop(),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Loads:
    """What seats carry before and after, scaled so that a mean seat carries 1."""

    problem: Problem
    limits: Limits
    before: FloatArray
    after: Solution

    def off(self, loads: FloatArray) -> FloatArray:
        """(seats, measures) how far loads are from what they should be, as a fraction of it."""
        target = self.limits.targets
        return np.asarray(np.where(target > 0, loads / np.where(target > 0, target, 1.0) - 1, 0.0))

    def worst(self, loads: FloatArray) -> FloatArray:
        """(seats,) the deviation furthest from 0."""
        off = self.off(loads)
        return np.asarray(off[np.arange(len(off)), np.abs(off).argmax(axis=1)])

    def trouble(self, seat: int) -> tuple[float, str] | None:
        """How far a seat was outside its limits in which measure, where it was."""
        over = np.maximum(self.before[seat] - self.limits.high[seat], self.limits.low[seat] - self.before[seat])
        measure = int(over.argmax())
        if over[measure] <= 1e-9:
            return None
        names = self.problem.measure_names
        return float(self.off(self.before)[seat, measure]), names[measure] if names else f"measure {measure + 1}"


def _moves(
    change: _Change, problem: Problem, found: Solution, moved: npt.NDArray[np.bool_], free: npt.NDArray[np.bool_],
    names: tuple[str, ...], loads: _Loads,
) -> Iterator[tuple[Cell, ...]]:  # fmt: skip
    """One row an account that changes hands or gets its first owner; what counts most first."""
    accounts, rows_of = change.layer.accounts, change.layer.market.unit_of_row
    ids = accounts["account_id"].to_list()
    called = accounts["name"].to_list() if "name" in accounts.columns else ids
    owners = accounts["owner"].to_list() if "owner" in accounts.columns else [None] * len(ids)
    holders = np.bincount(rows_of, minlength=problem.units)
    rows = np.flatnonzero((moved | free)[rows_of])
    rows = rows[np.lexsort((rows, -change.worth[rows_of[rows]], free[rows_of[rows]]))]
    assert problem.incumbent is not None
    for row in rows.tolist():
        unit = int(rows_of[row])
        before, now, after = int(change.book[unit]), int(problem.incumbent[unit]), int(found.owners[unit])
        origin = change.layer.names[before] if before >= 0 else owners[row] or NOBODY
        value = float(change.worth[unit] / holders[unit])
        yield (
            str(ids[row]), called[row], origin, names[after] if after >= 0 else NOBODY, value,
            _why(before, now, after, names, loads),
        )  # fmt: skip


def _why(before: int, now: int, after: int, names: tuple[str, ...], loads: _Loads) -> str:
    """What a move is for."""
    if before < 0:
        return "Had no owner among the seats"
    if now < 0:
        return "Its seat goes"
    if after < 0:
        return "No seat may take it"
    giver, taker = loads.trouble(now), loads.trouble(after)
    if giver is not None and giver[0] > 0:
        return f"{names[now]} was {words.percent(giver[0])} over its share of {giver[1]}"
    if taker is not None and taker[0] < 0:
        return f"{names[after]} was {words.percent(-taker[0])} short of its share of {taker[1]}"
    return "Makes room in a chain of moves, or in exchange"


def _territories(
    problem: Problem, found: Solution, names: tuple[str, ...], least: FloatArray, loads: _Loads
) -> Iterator[tuple[Cell, ...]]:
    """One row a territory that gives, takes or was out of tolerance; those that give most first."""
    assert problem.incumbent is not None
    differs = found.owners != problem.incumbent
    gives = Counter(problem.incumbent[differs & (problem.incumbent >= 0)].tolist())
    takes = Counter(found.owners[differs & (found.owners >= 0)].tolist())
    before, after = loads.worst(loads.before), loads.worst(loads.limits.loads(found.owners))
    order = sorted(range(problem.seats), key=lambda seat: (-gives[seat], -takes[seat], seat))
    for seat in order:
        if gives[seat] or takes[seat] or least[seat] > 0:
            yield names[seat], float(least[seat]), gives[seat], takes[seat], float(before[seat]), float(after[seat])


def _split(
    asked: Asked, layer: CarvedLayer, seat: int, book: IntArray, choice: dict[str, str], said: list[str]
) -> Found:
    """One territory cut into several, and which account goes to which part."""
    from patchbook.carving.rebalance.change import split

    held = int((book == seat).sum())
    parts = _number(choice["into"], "into", 2, max(2, held))
    if held < parts:
        raise BadChoice(f"{layer.names[seat]} has {counted(held, 'account')} or families; it cannot be split.")
    problem = layer.market.problem
    units, found = split(problem, book, seat, parts, seed=asked.plan.seed, stop=lambda _: asked.stop())
    part_of = np.full(problem.units, -1)
    part_of[units] = found.owners
    accounts, part_of_row = layer.accounts, part_of[layer.market.unit_of_row]
    names = [f"{layer.names[seat]} part {number + 1}" for number in range(parts)]
    called = accounts["name"].to_list() if "name" in accounts.columns else accounts["account_id"].to_list()
    ids = accounts["account_id"].to_list()
    moves = [
        (str(ids[row]), called[row], layer.names[seat], names[part_of_row[row]], 1.0, "Its territory is split")
        for row in np.flatnonzero(part_of_row >= 0).tolist()
    ]
    sizes = np.bincount(part_of_row[part_of_row >= 0], minlength=parts)
    targets = found.problem.targets()
    measures = problem.measure_names or tuple(f"measure {number + 1}" for number in range(problem.measures))
    rows = [
        (names[part], int(sizes[part]), measure, float(found.loads[part, m]),
         float(found.loads[part, m] / targets[part, m] - 1) if targets[part, m] > 0 else None)
        for part in range(parts) for m, measure in enumerate(measures)
    ]  # fmt: skip
    of = layer.market.worth.of
    says = [
        f"{layer.names[seat]} with its {counted(int(sizes.sum()), 'account')} is cut into {parts}: "
        f"{', '.join(f'{size:,}' for size in sizes)}; no other territory changes."
    ]
    if not found.feasible:
        says.append(f"The parts are not all within tolerance: {'; '.join(found.broken[:3])}.")
    return Found(
        says=(*says, *said, f"Each part has an equal share, and its centre where its own accounts' {of} is least."),
        tables=(
            Table(name="parts", title="What the parts carry", columns=PARTS, rows=tuple(rows)),
            Table(name="moves", title="Which account goes where", columns=MOVES, rows=tuple(moves)),
        ),
        was_stopped=asked.stop(),
    )


def _layer(layers: tuple[CarvedLayer, ...], name: str) -> CarvedLayer:
    """The carve of that name; the first without one."""
    if not layers:
        raise BadChoice("The plan carves nothing, so there is nothing to rebalance; give it a carve.")
    for one in layers:
        if not name or one.layer.name.casefold() == name.casefold():
            return one
    raise BadChoice(f"The plan has no carve {name!r}; it has {', '.join(one.layer.name for one in layers)}.")


def _by_people(layer: CarvedLayer) -> CarvedLayer:
    """The layer with its seats called by who has them; territories' names tell of the carve, not of today's book."""
    return replace(layer, names=layer.market.problem.seat_names)


def _worth(layer: CarvedLayer, fewest: str) -> FloatArray:
    """(units,) what moving each unit counts."""
    rows_of, accounts = layer.market.unit_of_row, layer.accounts
    units = layer.market.problem.units
    if fewest == "accounts":
        return np.bincount(rows_of, minlength=units).astype(float)
    if f"measure_{fewest}" not in accounts.columns:
        names = [column.removeprefix("measure_") for column in accounts.columns if column.startswith("measure_")]
        raise BadChoice(f"Nothing is measured as {fewest!r}; fewest is one of {', '.join(['accounts', *names])}.")
    return np.bincount(rows_of, accounts[f"measure_{fewest}"].to_numpy(), units).astype(float)


def _book(layer: CarvedLayer, book: str) -> tuple[IntArray, list[str]]:
    """(units,) the seat that has each unit now, or -1, and what there is to say about whose book it is."""
    if book not in ("today", "plan"):
        raise BadChoice(f"The book is {book!r}; it is today or plan.")
    incumbent = layer.market.problem.incumbent
    if book == "today" and incumbent is not None and (incumbent >= 0).sum() > len(incumbent) / 2:
        return incumbent, ["The book is that of today's owners."]
    if book == "plan":
        return layer.solution.owners, ["The book is the plan's own carve, not today's owners."]
    return layer.solution.owners, [
        "Too few accounts have an owner among the seats today, so the book is the plan's own carve."
    ]


def _seat(layer: CarvedLayer, name: str) -> int:
    """The number of the seat that a planner means."""
    name = name.strip()
    found = [
        place
        for place, seat in enumerate(layer.market.seats)
        if seat.is_called(name) or layer.names[place].casefold() == name.casefold()
    ]
    if len(found) == 1:
        return found[0]
    some = ", ".join(layer.names[:6]) + (", …" if len(layer.names) > 6 else "")
    if found:
        raise BadChoice(
            f"{name!r} may be any of {', '.join(layer.names[place] for place in found)}; name the territory."
        )
    raise BadChoice(f"{layer.layer.name} has no seat or territory {name!r}; it has {some}.")


def _number(text: str, name: str, least: int, most: int) -> int:
    """A whole number in a range."""
    if not text.strip().isdecimal() or not least <= int(text) <= most:
        raise BadChoice(f"{name} is {text!r}; it is a whole number from {least} to {most}.")
    return int(text)


def _figure(value: float) -> str:
    """A count as it is, a value to a tenth."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
