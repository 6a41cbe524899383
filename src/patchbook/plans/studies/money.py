"""What a carve is expected to sell, against today's books or another plan: the difference with an interval.

Sales answer to the time an account gets by a concave curve, and lose something where it changes owner. Every assumption
has a name, a range and a source; a few hundred draws of them, the same for both, give the interval. It tells where the
difference comes from, which assumption moves it most, cases by name, each territory's sales, and where one more seat
would add most.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from patchbook.measures.sales import CURVES, Assumption
from patchbook.people.person import Person
from patchbook.plans.report import words
from patchbook.plans.result import Result
from patchbook.plans.sales.assumptions import Assumptions, read_assumptions
from patchbook.plans.sales.books import TODAY_BOOKS, Books, books_today, planned_books
from patchbook.plans.sales.outlook import DRAWS, Outlook, Swing, outlook_of
from patchbook.plans.sales.worth import Worth, worth_of
from patchbook.plans.studies.study import Asked, BadChoice, Cell, Chart, Choice, Column, Found, Mark, Table, settled
from patchbook.words import listed

LEAST_DRAWS, MOST_DRAWS = 20, 20_000
MOST_NAMED = 3
"""Territories that a sentence names."""
PUBLISHED_GAIN = 0.07
"""The most that sales grew by after realignments that Zoltners & Sinha (2005), doi:10.1287/mksc.1050.0133, report."""
TODAY = "today"
RECORD = "record"
FAR_FROM_PLANNED = (0.5, 1.9)
"""Where the mean coverage lies outside, hours and workload are hardly in the same unit."""


class Money:
    """Expected sales of this carve, against today's books or another plan."""

    name: str = "money"
    title: str = "Expected sales"
    question: str = "What does this carve sell that today's books do not, and how sure is that?"
    choices: tuple[Choice, ...] = (
        Choice(name="against", says="Today, or a plan file beside this one.", default=TODAY),
        Choice(name="assumptions", says="A YAML file beside the plan with assumptions and cases.", default=""),
        Choice(
            name="history",
            says="What accounts bought: a CSV file beside the plan, or record for the deals the record has.",
            default="",
        ),
        Choice(name="potential", says="A column or arithmetic: what an account could buy in a year.", default=""),
        Choice(name="hours", says="A column or arithmetic: hours a year planned for an account.", default=""),
        Choice(name="visits", says="A column or arithmetic: visits a year planned for an account.", default=""),
        Choice(name="curve", says="How sales grow with time: power or saturating.", default="power"),
        Choice(name="draws", says="Draws of the assumptions.", default=str(DRAWS)),
    )

    def run(self, asked: Asked) -> Found:
        """See `Study`."""
        given = settled(self, asked.choices)
        if given["curve"] not in CURVES:
            raise BadChoice(f"There is no curve {given['curve']!r}; choose {' or '.join(CURVES)}.")
        draws = _draws(given["draws"])
        own = Assumptions()
        if given["assumptions"]:
            own = read_assumptions(_beside(asked, given["assumptions"]))
        if given["history"] == RECORD and asked.deals is None:
            raise BadChoice("There is no record here whose deals could tell; name a CSV file beside the plan.")
        if given["history"] not in ("", RECORD):
            _beside(asked, given["history"])
        result = asked.carved()
        staff = _staff(asked)
        ids = result.assignments["account_id"]
        worth = worth_of(
            asked.plan, result.accounts, potential=given["potential"], hours=given["hours"], visits=given["visits"]
        )
        road = asked.plan.road_factor
        today = books_today(result.assignments, result.accounts, staff, road_factor=road)
        books = planned_books(
            asked.plan.name, result.assignments, result.territories, result.accounts, staff, road_factor=road
        )
        demand = worth.demand(hours_there_are=books.hours_there_are(own.assumptions))
        learned: tuple[str, ...] = ()
        assumptions = own.assumptions
        if given["history"]:
            from patchbook.plans.sales.history import history_of, learn, read_history

            if given["history"] == RECORD and asked.deals is not None:
                history = history_of(asked.deals, result.accounts, name="The record")
            else:
                history = read_history(_beside(asked, given["history"]), result.accounts)
            found = learn(history, ids, demand, today, assumptions, seed=asked.plan.seed)
            learned, assumptions = found.says, found.assumptions
        other = today if given["against"] == TODAY else self._other(asked, given["against"], result, staff)
        outlook = outlook_of(
            other, books, demand, assumptions, cases=own.cases, curve=given["curve"], seed=asked.plan.seed, draws=draws,
        )  # fmt: skip
        return Found(
            says=(*_answer(outlook), *learned, *_rests_on(outlook, worth), _cannot_say(outlook, bool(learned))),
            tables=(
                _cases(outlook), _territories(outlook), _before(outlook), _tornado(outlook), _assumed(assumptions),
            ),
            charts=(*((_tornado_chart(outlook),) if outlook.swings else ()), _spread_chart(outlook)),
            was_stopped=asked.stop(),
        )  # fmt: skip

    def _other(self, asked: Asked, name: str, result: Result, staff: Sequence[Person]) -> Books:
        """The books of another plan of the same accounts."""
        from patchbook.plans.carve import carve
        from patchbook.plans.file import load

        plan = load(_beside(asked, name))
        carved = carve(plan, progress=asked.tell, stop=asked.stop)
        mine = result.assignments.select("account_id")
        theirs = mine.join(carved.assignments, on="account_id", how="left", maintain_order="left")
        missing = int(theirs["layer"].is_null().sum())
        if missing == theirs.height:
            raise BadChoice(f"{name} has no account in common with this plan; compare plans of the same accounts.")
        return planned_books(
            plan.name if plan.name != asked.plan.name else name, theirs, carved.territories, result.accounts,
            _staff(Asked(plan=plan)) or staff, road_factor=asked.plan.road_factor,
        )  # fmt: skip


def _draws(written: str) -> int:
    if not written.isascii() or not written.isdigit() or not LEAST_DRAWS <= int(written) <= MOST_DRAWS:
        raise BadChoice(f"{written!r} draws are not possible; choose a number from {LEAST_DRAWS} to {MOST_DRAWS:,}.")
    return int(written)


def _beside(asked: Asked, name: str) -> Path:
    """
    A file in the plan's own folder or below it.

    Only where the plan's own files are read: whoever asks through the web must not be able to name files of the server.
    """
    if asked.accounts is not None or asked.plan.file is None:
        raise BadChoice(f"{name!r} cannot be read here: files are read only beside a plan that is a file itself.")
    folder = asked.plan.file.parent.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise BadChoice(f"{name!r} is not in the folder of the plan; put it beside {asked.plan.file.name}.")
    return path


def _staff(asked: Asked) -> tuple[Person, ...]:
    if asked.people is not None:
        return tuple(asked.people)
    if asked.plan.people is None:
        return ()
    from patchbook.people.file import read_people

    return tuple(read_people(asked.plan.beside(asked.plan.people))[0])


def _answer(outlook: Outlook) -> list[str]:
    """The difference, where it comes from, what moves it most, and what is left of it after costs."""
    first, second = outlook.books
    sells = float(outlook.base[1].sales[0])
    gained, parts = outlook.difference, outlook.parts
    told = [
        f"{second.name} is expected to sell {_money(sells)} a year, {_more(gained.base)} "
        f"({words.percent(outlook.share[0], signed=True)}) than {_called(first)}. Nine draws of the assumptions in ten "
        f"lie between {_signed(gained.low)} and {_signed(gained.high)} ({words.percent(outlook.share[1], signed=True)} "
        f"to {words.percent(outlook.share[2], signed=True)}), and it sells more {_so_often(gained.better)}."
    ]
    if not _is_nothing(gained.base, sells):
        told.append(
            f"Of the difference {_signed(parts.coverage)} comes from how accounts are shared between the people there "
            f"are, {_signed(parts.travel)} from how far they travel, and {_signed(parts.changes)} from accounts that "
            "change owner."
        )
    if outlook.share[0] > PUBLISHED_GAIN:
        told.append(
            f"Realignments of real sales forces brought 2 to {100 * PUBLISHED_GAIN:.0f}{words.SPACE}% (Zoltners & Sinha"
            f" 2005): where more is expected, look again at {_called(first)} and the assumptions before believing it."
        )
    if outlook.swings and outlook.swings[0].width > 0:
        most = outlook.swings[0]
        told.append(
            f"What moves it most is {_lower(most.assumption.says)}: {_signed(most.low)} at "
            f"{_value(most.assumption, most.assumption.low)}, {_signed(most.high)} at "
            f"{_value(most.assumption, most.assumption.high)}."
        )
    better = float(outlook.best.sum() + outlook.base[1].unheld[0])
    told.append(
        f"If everybody in {second.name} spent their time where it brings most, rather than on each account in "
        f"proportion to its plan, it would be {_money(better)} ({words.percent(better / sells - 1, signed=True)})."
        if sells > 0
        else f"{second.name} is expected to sell nothing."
    )
    return told + _next_seat(outlook) + _profit(outlook)


def _next_seat(outlook: Outlook) -> list[str]:
    """Where potential is high and time short: what one more full seat would add, and where most."""
    holders, base = outlook.books[1].holders, outlook.base[1].of_holder[0]
    added = outlook.sums[1].expected(outlook.at_base, curve=outlook.curve, more_seats=1.0).of_holder[0] - base
    first = [place for place in np.argsort(-added, kind="stable").tolist() if added[place] > 0][:MOST_NAMED]
    if not first:
        return ["No territory would sell more with one more seat: all accounts have twice the time planned for them."]
    named = listed([f"{holders[place].territory} ({_signed(float(added[place]))})" for place in first])
    return [f"One more full seat, with no account moved, would add most in {named}."]


def _profit(outlook: Outlook) -> list[str]:
    """What the seats cost, and what is left."""
    base = outlook.at_base
    costs = [one.cost(base["vacant_cover"]) for one in outlook.books]
    if outlook.profit is None or costs[0] is None or costs[1] is None:
        return []
    first = outlook.books[0]
    more = float(costs[1][0] - costs[0][0])
    margin = float(base["margin"][0])
    told = [
        f"Its seats cost {_money(float(costs[1][0]))} a year, {_more(more)} than {_called(first)}; at a margin of "
        f"{words.percent(margin)} that leaves {_money(margin * float(outlook.base[1].sales[0]) - float(costs[1][0]))}, "
        f"{_more(outlook.profit.base)} ({_signed(outlook.profit.low)} to {_signed(outlook.profit.high)}), and more "
        f"{_so_often(outlook.profit.better)}."
    ]
    gained = outlook.difference.base
    if more > 0 and gained > 0:
        told.append(f"The additional cost pays from a margin of {words.percent(more / gained)}.")
    elif more > 0:
        told.append("The additional cost pays at no margin, since nothing more is sold.")
    return told


def _rests_on(outlook: Outlook, worth: Worth) -> list[str]:
    potential = float(outlook.demand.potential.sum())
    planned = float(outlook.demand.hours.sum())
    told = [
        f"Potential is {worth.potential_from}, {_money(potential)} in all"
        + (f"; the time planned is {worth.hours_from}, {words.count(planned)} hours a year" if worth.hours_from else "")
        + (f"; visits are {worth.visits_from}" if worth.visits_from else "")
        + "."
    ]
    if not worth.hours_from:
        told.append(
            "No time is planned in the plan, so every account asks for an equal part of all the hours there are."
        )
    if not worth.visits_from:
        told.append("Nobody travels, or no visits are known, so travel takes no time.")
    expected = outlook.base[1]
    held = outlook.demand.potential[outlook.books[1].configuration.holder >= 0].sum()
    mean = float((expected.coverage[0] * expected.of_holder[0]).sum() / max(float(expected.of_holder[0].sum()), 1e-12))
    if held > 0 and not FAR_FROM_PLANNED[0] <= mean <= FAR_FROM_PLANNED[1]:
        told.append(
            f"Accounts get {words.percent(mean)} of the time planned for them, which is far from all; look whether the "
            "workload is in hours a year and the hours of a full seat are yours."
        )
    return told


def _cannot_say(outlook: Outlook, has_history: bool) -> str:
    unknown = "" if has_history else " No history of sales was given, so the response to time is a published average."
    only = [
        sorted({holder.person or holder.territory for holder in one.holders if holder.person_id})
        for one in outlook.books
    ]
    new = sorted(set(only[1]) - set(only[0]))
    whose = f"{listed(new, most=4)} {'has' if len(new) == 1 else 'have'}" if new else ""
    more = f" {whose} accounts only in {outlook.books[1].name}, so their time counts only there." if new else ""
    return (
        f"The assumptions are in a table of their own, with where each is from; {outlook.curve} is the curve."
        f"{unknown}{more} It does not say who sells well, what competitors do, or what a second year brings; of two "
        "carves it says more than of one, since what both have in common falls out."
    )


def _territories(outlook: Outlook) -> Table:
    """Territory by territory, who sells most first."""
    books, base, draws = outlook.books[1], outlook.base[1], outlook.draws[1]
    another = outlook.sums[1].expected(outlook.at_base, curve=outlook.curve, more_seats=1.0).of_holder[0]
    columns = [
        *_holder_columns(),
        Column(name="low_usd", says="5 % of draws below", unit="money"),
        Column(name="high_usd", says="95 % of draws below", unit="money"),
        Column(name="lost_usd", says="Lost by changes of owner", unit="money"),
        Column(name="best_use_usd", says="At the best use of time", unit="money"),
        Column(name="another_seat_usd", says="One more seat would add", unit="money"),
    ]
    if books.costs is not None:
        columns += [
            Column(name="cost_usd", says="Cost of the seat", unit="money"),
            Column(name="pays_from_usd", says="Sales that pay for it", unit="money"),
        ]
    margin = float(outlook.at_base["margin"][0])
    low, high = np.quantile(draws.of_holder, [0.05, 0.95], axis=0) if books.holders else (np.zeros(0), np.zeros(0))
    rows: list[tuple[Cell, ...]] = []
    for place in np.argsort(-base.of_holder[0], kind="stable").tolist():
        cells: list[Cell] = [
            *_holder_cells(outlook, 1, place),
            float(low[place]), float(high[place]), float(base.lost[0, place]), float(outlook.best[place]),
            float(another[place] - base.of_holder[0, place]),
        ]  # fmt: skip
        if books.costs is not None:
            cost = books.holders[place].cost
            cells += [cost, cost / margin if cost is not None and margin > 0 else None]
        rows.append(tuple(cells))
    return Table(name="territories", title=f"Territories of {books.name}", columns=tuple(columns), rows=tuple(rows))


def _before(outlook: Outlook) -> Table:
    """The books it is compared with."""
    books, base = outlook.books[0], outlook.base[0]
    return Table(
        name="compared_with",
        title="Today's books" if books.name == TODAY_BOOKS else f"Books of {books.name}",
        columns=_holder_columns(),
        rows=tuple(
            tuple(_holder_cells(outlook, 0, place)) for place in np.argsort(-base.of_holder[0], kind="stable").tolist()
        ),
    )


def _holder_columns() -> tuple[Column, ...]:
    return (
        Column(name="territory", says="Territory"),
        Column(name="person", says="Who has it"),
        Column(name="accounts", says="Accounts", unit="count"),
        Column(name="potential_usd", says="Potential", unit="money"),
        Column(name="planned_hours", says="Hours planned", unit="count"),
        Column(name="travel_hours", says="Hours on the way", unit="count"),
        Column(name="seats", says="Full seats", unit="number"),
        Column(name="coverage", says="Of the time planned", unit="share"),
        Column(name="sales_usd", says="Expected sales", unit="money"),
    )


def _holder_cells(outlook: Outlook, side: int, place: int) -> list[Cell]:
    base, sums, holder = outlook.base[side], outlook.sums[side], outlook.books[side].holders[place]
    return [
        holder.territory, holder.person, int(sums.accounts[place]), float(sums.potential[place]),
        round(float(sums.planned[place])), round(float(base.travel_hours[0, place])), holder.seats,
        float(base.coverage[0, place]), float(base.of_holder[0, place]),
    ]  # fmt: skip


def _cases(outlook: Outlook) -> Table:
    first, second = outlook.books
    columns = [
        Column(name="case", says="Case"),
        Column(name="first_usd", says=f"Sales of {_called(first)}", unit="money"),
        Column(name="second_usd", says=f"Sales of {second.name}", unit="money"),
        Column(name="difference_usd", says="Difference", unit="money"),
        Column(name="difference_share", says="In per cent", unit="share"),
    ]
    has_profit = outlook.profit is not None
    if has_profit:
        columns.append(Column(name="profit_usd", says=f"Left of {second.name} after its seats", unit="money"))
        columns.append(Column(name="profit_difference_usd", says="Difference of that", unit="money"))
    columns.append(Column(name="assumed", says="What is not at its base"))
    known = {one.name: one for one in outlook.assumptions}
    rows: list[tuple[Cell, ...]] = []
    for one in outlook.cases:
        cells: list[Cell] = [
            one.case.name, one.first, one.second, one.second - one.first,
            (one.second - one.first) / one.first if one.first > 0 else None,
        ]  # fmt: skip
        if has_profit:
            first_profit, second_profit = one.first_profit, one.second_profit
            both = first_profit is not None and second_profit is not None
            cells += [second_profit, second_profit - first_profit if both else None]  # type: ignore[operator]
        cells.append("; ".join(f"{name} {_bare(known[name], to)}" for name, to in one.case.values.items()) or "–")
        rows.append(tuple(cells))
    return Table(name="cases", title="Cases by name", columns=tuple(columns), rows=tuple(rows))


def _tornado(outlook: Outlook) -> Table:
    return Table(
        name="tornado",
        title="Which assumption moves the difference most",
        columns=(
            Column(name="name", says="Name"),
            Column(name="assumption", says="Assumption"),
            Column(name="at_low_usd", says="Difference at its low", unit="money"),
            Column(name="at_high_usd", says="Difference at its high", unit="money"),
            Column(name="apart_usd", says="Apart", unit="money"),
        ),
        rows=tuple(
            (swing.assumption.name, swing.assumption.says, swing.low, swing.high, swing.width)
            for swing in outlook.swings
        ),
    )


def _tornado_chart(outlook: Outlook) -> Chart:
    return Chart(
        name="tornado",
        title="Which assumption moves the difference most",
        kind="bars",
        across="Assumption",
        # As a number, which is written shorter than money and leaves room between the ticks.
        up="Difference in expected sales, USD",
        marks=tuple(_bar(number, swing, outlook) for number, swing in enumerate(outlook.swings)),
    )


def _bar(number: int, swing: Swing, outlook: Outlook) -> Mark:
    low, high = sorted((swing.low, swing.high))
    return Mark(
        label=swing.assumption.name.replace("_", " "), x=float(number), y=outlook.difference.base, low=low, high=high
    )


def _spread_chart(outlook: Outlook) -> Chart:
    """How the difference lies over the draws."""
    gained = outlook.draws[1].sales - outlook.draws[0].sales
    done = len(gained)
    counts, edges = np.histogram(gained, bins=min(20, max(5, done // 10)))
    middle = (edges[:-1] + edges[1:]) / 2
    return Chart(
        name="difference",
        title="The difference over the draws of the assumptions",
        kind="histogram",
        across="Difference in expected sales, USD",
        up="Share of the draws",
        up_unit="share",
        marks=tuple(
            Mark(label=_signed(float(at)), x=float(at), y=float(count / done))
            for at, count in zip(middle, counts, strict=True)
        ),
    )


def _assumed(assumptions: Sequence[Assumption]) -> Table:
    return Table(
        name="assumptions",
        title="Assumptions",
        columns=(
            Column(name="name", says="Name"),
            Column(name="says", says="What it is"),
            Column(name="low", says="Low", unit="number"),
            Column(name="base", says="Base", unit="number"),
            Column(name="high", says="High", unit="number"),
            Column(name="source", says="Where it is from"),
        ),
        rows=tuple((one.name, one.says, one.low, one.base, one.high, one.source) for one in assumptions),
    )


def _value(one: Assumption, value: float) -> str:
    unit = {"hours": "hours", "km_an_hour": "km/h"}.get(one.unit)
    return _bare(one, value) + (f"{words.SPACE}{unit}" if unit else "")


def _bare(one: Assumption, value: float) -> str:
    """The value without a unit that its name tells already."""
    return words.percent(value) if one.unit == "share" else f"{value:,.0f}" if value >= 100 else f"{value:g}"


def _money(value: float) -> str:
    """An amount as people say it: $1.23 million, $45,600."""
    sign = words.MINUS if value < 0 else ""
    size = abs(value)
    for least, word in ((1e9, "billion"), (1e6, "million")):
        if size >= least:
            return f"{sign}${size / least:.2f}{words.SPACE}{word}"
    return f"{sign}${size:,.0f}"


def _signed(value: float) -> str:
    return f"+{_money(value)}" if value > 0 else _money(value)


def _more(value: float) -> str:
    return f"{_money(abs(value))} {'less' if value < 0 else 'more'}"


def _so_often(share: float) -> str:
    return "in all of them" if share == 1 else "in none of them" if share == 0 else f"in {100 * share:.0f} of 100"


def _is_nothing(value: float, beside: float) -> bool:
    return abs(value) <= 1e-9 * max(abs(beside), 1.0)


def _called(books: Books) -> str:
    return "today's books" if books.name == TODAY_BOOKS else books.name


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


MONEY = Money()
