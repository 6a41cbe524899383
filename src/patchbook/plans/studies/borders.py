"""Why each territory ends where it does: what holds its borders, and what moving them either way would do."""

from __future__ import annotations

from patchbook.carving.borders import Hold
from patchbook.plans.borders import Told, told_of
from patchbook.plans.studies.study import Asked, BadChoice, Chart, Choice, Column, Found, Mark, Table
from patchbook.plans.worth import TRAVEL, UNLIKENESS, Worth

SIDES = {
    Hold.BALANCE: "held_by_balance",
    Hold.OWNER: "held_by_owner",
    Hold.LOCK: "held_by_lock",
    Hold.NEED: "held_by_need",
    Hold.OTHER: "held_otherwise",
}
"""The column of each thing that may hold an account."""
SAID = {
    Hold.BALANCE: "By balance",
    Hold.OWNER: "By today's owner",
    Hold.LOCK: "By a lock or protection",
    Hold.NEED: "By what they need",
    Hold.OTHER: "By pieces, pairs or size",
}


class Borders:
    """Why the borders of the territories are where they are."""

    name = "borders"
    title = "Why the borders are there"
    question = "Why does each territory end where it does, and what would moving its border do?"
    choices: tuple[Choice, ...] = (
        Choice(name="most", says="How many borders to put into sentences", default="6"),
        Choice(name="territory", says="A territory to look at alone", default=""),
    )

    def run(self, asked: Asked) -> Found:
        """The borders that hold most accounts in sentences; every border, from both sides, in a table."""
        most = asked.choices.get("most", "6")
        if not most.isdecimal() or int(most) < 1:
            raise BadChoice(f"most is {most!r}; it must be a whole number of 1 or more, such as 6.")
        told = [one for carved in asked.carved().carved_layers for one in told_of(carved)]
        wanted = asked.choices.get("territory", "").casefold()
        if wanted:
            names = sorted({one.territory for one in told})
            told = [one for one in told if wanted in (one.territory.casefold(), one.neighbour.casefold())]
            if not told:
                raise BadChoice(f"No territory with a border is called {asked.choices['territory']!r}; there are "
                                f"{', '.join(names[:6])}{', …' if len(names) > 6 else ''}.")  # fmt: skip
        says = [f"{one.territory} beside {one.neighbour}: {one.why}{_moved(one)}" for one in told[: int(most)]]
        if not says:
            says = ["The plan carves nothing into several territories, so there are no borders."]
        else:
            held = {hold: sum(one.held.get(hold, 0) for one in told) for hold in Hold}
            if not any(held.values()):
                says.insert(0, "Every account is in the territory that suits it best; nothing else holds a border.")
            says.append(
                "Prices hold for small moves. What would happen if a border moved far, only carving again tells."
            )
        return Found(says=tuple(says), tables=_tables(told) if told else (), charts=_charts(told))


def _moved(one: Told) -> str:
    """What moving the border towards the neighbour would do, for the first few accounts."""
    if one.first is None or one.first_costs is None:
        return ""
    cost = f"{'costs' if one.first_costs >= 0 else 'saves'} {one.worth.short(abs(one.first_costs))}"
    text = f" Giving way, {one.first} would go first, which {cost}"
    if not one.then:
        return f"{text}; no load would leave its limits."
    if not one.may_go:
        return f"{text}, but then {one.then}."
    return f"{text}; after {one.may_go:,} had gone {one.then}."


def _tables(told: list[Told]) -> tuple[Table, ...]:
    pair = (Column(name="territory", says="Territory"), Column(name="neighbour", says="Neighbour"))
    held = Table(
        name="borders",
        title="What holds accounts that the neighbour would suit better",
        columns=(
            *pair,
            *(Column(name=SIDES[hold], says=SAID[hold], unit="count") for hold in SIDES),
            Column(name="next_to_it", says="Next to the border", unit="count"),
        ),
        rows=tuple(
            (one.territory, one.neighbour, *(one.held.get(hold, 0) for hold in SIDES), one.next_to_it) for one in told
        ),
    )
    reasons = Table(
        name="reasons",
        title="Why each border is there",
        columns=(*pair, Column(name="reason", says="Why it is there")),
        rows=tuple((one.territory, one.neighbour, one.why) for one in told),
    )
    moving = [
        _moving([one for one in told if one.worth is worth], worth, pair)
        for worth in (TRAVEL, UNLIKENESS)
        if any(one.worth is worth for one in told)
    ]
    return held, *moving, reasons


def _moving(told: list[Told], worth: Worth, pair: tuple[Column, ...]) -> Table:
    """What moving borders costs, of those whose costs are told in the same."""

    def priced(cost: float | None) -> float | None:
        return None if cost is None else worth.figure(cost)

    return Table(
        name="moving" if worth is TRAVEL else f"moving_{worth.of}",
        title="What moving a border towards the neighbour would do"
        + ("" if worth is TRAVEL else f", where accounts are put together by likeness: costs in {worth.of}"),
        columns=(
            *pair,
            Column(name="measure", says="Balance of"),
            Column(name=f"price_here_{worth.word}", says="1 % more here costs", unit=worth.unit),
            Column(name=f"price_there_{worth.word}", says="1 % more there costs", unit=worth.unit),
            Column(name="first", says="First to go"),
            Column(name=f"first_costs_{worth.word}", says="It costs", unit=worth.unit),
            Column(name="could_go", says="Could go", unit="count"),
            Column(name=f"could_go_costs_{worth.word}", says="They cost", unit=worth.unit),
            Column(name="then", says="Then"),
        ),
        rows=tuple(
            (
                one.territory, one.neighbour, one.measure, priced(one.price_here), priced(one.price_there), one.first,
                priced(one.first_costs), one.may_go, priced(one.may_go_costs), one.then,
            )
            for one in told
        ),
    )  # fmt: skip


def _charts(told: list[Told]) -> tuple[Chart, ...]:
    held = [(hold, sum(one.held.get(hold, 0) for one in told)) for hold in SIDES]
    if not any(number for _, number in held):
        return ()
    return (
        Chart(
            name="held", title="What holds accounts from where they would suit better", kind="bars", across="Accounts",
            up="Held by", marks=tuple(Mark(label=SAID[hold], x=float(number)) for hold, number in held if number),
            across_unit="count", up_unit="text",
        ),
    )  # fmt: skip


BORDERS = Borders()
"""The study as it stands in the list."""
