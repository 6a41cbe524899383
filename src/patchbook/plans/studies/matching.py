"""Who gets which territory: the best matching of people to carved territories, and who would be next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields

import numpy as np

from patchbook.carving.match import Matching
from patchbook.plans.matching import KNOWN_KM, NEW_KM, Suited, suited
from patchbook.plans.plan import Match
from patchbook.plans.result import CarvedLayer
from patchbook.plans.studies.asking import amount, yes
from patchbook.plans.studies.study import Asked, Cell, Chart, Choice, Column, Found, Mark, Table
from patchbook.words import counted, listed

NONE = "stays vacant"
UNCHOSEN = "plan"
"""A weight that is not set: the plan's own, or 1."""


class Who:
    """Which person suits which territory best."""

    name = "matching"
    title = "Who gets which territory"
    question = "Which person should have which territory, who would be next, and what would that cost?"
    choices: tuple[Choice, ...] = (
        Choice(name="home", says="Weight of a kilometre from home", default=UNCHOSEN),
        Choice(name="incumbency", says="Weight of accounts somebody has today", default=UNCHOSEN),
        Choice(name="relationships", says="Weight of open deals and contacts", default=UNCHOSEN),
        Choice(name="affinity", says="Weight of skills for the carve's field", default=UNCHOSEN),
        Choice(name="ramp", says="Weight of rich territories for who is new", default=UNCHOSEN),
        Choice(name="contacts", says="Field of the accounts that names who knows them", default=""),
        Choice(name="any_capacity", says="Whether people may get what was drawn for another capacity", default="no"),
    )

    def run(self, asked: Asked) -> Found:
        """A row for each territory that a person might have."""
        carved = asked.carved()
        rows: list[tuple[Cell, ...]] = []
        says: list[str] = []
        marks: list[Mark] = []
        as_drawn = not yes(asked.choices, "any_capacity")
        for layer in carved.carved_layers:
            if asked.stop():
                break
            if not any(seat.person is not None for seat in layer.market.seats):
                says.append(f"{layer.layer.name} has nobody to give a territory to.")
                continue
            weights = _weights(layer.layer.match or Match(), asked.choices)
            suits = suited(
                carved.plan, layer.number, layer.accounts, layer.market, layer.solution.owners,
                names=layer.names, weights=weights, as_drawn=as_drawn,
            )  # fmt: skip
            found = suits.matched()
            said, told = _told(layer, suits, found)
            says += said
            rows += told
            marks += [
                Mark(label=str(row[1]), x=len(marks) + at, y=float(row[7]))
                for at, row in enumerate(told)
                if isinstance(row[7], float)
            ]
        return Found(says=(*says, _rests_on()), tables=(_table(rows),), charts=(_chart(marks),) if marks else ())


def _told(layer: CarvedLayer, suits: Suited, found: Matching) -> tuple[list[str], list[tuple[Cell, ...]]]:
    """The layer's sentences and rows, the pairs whose runner-up costs least first: these are closest calls."""
    now = [seat.person for seat in layer.market.seats]
    names = [person.name for person in suits.people]
    rows: list[tuple[Cell, ...]] = []
    changed = 0
    size = max(int(suits.accounts.sum()), 1)
    for place in np.argsort(found.runner_up_cost, kind="stable").tolist():
        person, other = int(found.person_of[place]), int(found.runner_up[place])
        extra = float(found.runner_up_cost[place])
        today = now[place]
        chosen = suits.people[person] if person >= 0 else None
        changed += chosen != today
        rows.append(
            (
                layer.layer.name,
                layer.names[place],
                NONE if chosen is None else chosen.name,
                None if today is None else today.name,
                chosen != today,
                "Nobody is left for it" if person < 0 else suits.reason(person, place),
                names[other] if other >= 0 else None if math.isinf(extra) else NONE,
                None if math.isinf(extra) else extra / size,
                suits.reason(other, place) if other >= 0 else _why_none(suits, place, extra),
            )
        )
    before = _cost_now(layer, suits)
    says = [_head(layer, suits, found, before, changed)]
    close = [row for row in rows if isinstance(row[7], float) and row[7] * size < 0.01 * max(found.cost, 1.0)]
    if close:
        says.append(
            f"{layer.layer.name}: {listed([str(row[1]) for row in close], 4)} might as well go to the next person; "
            "it costs the whole less than 1 %."
        )
    alone = [layer.names[place] for place in np.flatnonzero(suits.may.sum(axis=0) == 1).tolist()]
    if alone:
        says.append(
            f"{layer.layer.name}: only one person may have {listed(alone, 4)}, for what its accounts require, a lock, "
            "or what it was drawn to carry."
        )
    return says, rows


def _head(layer: CarvedLayer, suits: Suited, found: Matching, before: float, changed: int) -> str:
    size = max(int(suits.accounts.sum()), 1)
    people = counted(len(suits.people), "person", "people")
    if not changed:
        return f"{layer.layer.name}: all {people} are where they suit best, at {found.cost / size:,.1f} km an account."
    saved = before - found.cost
    worth = "" if math.isinf(before) else f", which saves as much as {saved / size:,.1f} km an account"
    return (
        f"{layer.layer.name}: {counted(changed, 'territory has', 'territories have')} somebody else in the best "
        f"matching{worth}; it comes to {found.cost / size:,.1f} km an account."
    )


def _cost_now(layer: CarvedLayer, suits: Suited) -> float:
    """What the people cost where the carve has them."""
    at = [place for place, seat in enumerate(layer.market.seats) if seat.person is not None]
    return float(suits.km[np.arange(len(at)), at].sum())


def _why_none(suits: Suited, place: int, extra: float) -> str:
    if math.isinf(extra):
        return "Without this pair somebody, or a territory, would be left over"
    return "It would wait for a hire"


def _weights(weights: Match, choices: Mapping[str, str]) -> Match:
    """The weights as the plan has them, but for those that were set."""
    found: dict[str, object] = {}
    for one in fields(Match):
        written = choices.get(one.name, "").strip()
        if written in ("", UNCHOSEN):
            found[one.name] = getattr(weights, one.name)
        elif one.name == "contacts":
            found[one.name] = written
        else:
            found[one.name] = amount({one.name: written}, one.name, 1.0)
    return Match(**found)  # type: ignore[arg-type]


def _rests_on() -> str:
    from patchbook.plans.eligibility import MISFIT_KM
    from patchbook.plans.market import PREFER_KM

    return (
        "Everything counts in kilometres for each account: the way from home as it is, an account that changes hands "
        f"{PREFER_KM:g} km by its value, an open deal or contact {KNOWN_KM:g} km, an account without the skill "
        f"{MISFIT_KM:g} km, an average account for who carries nothing yet {NEW_KM:g} km; the weights multiply these. "
        "They are a judgement, not a measurement: where the runner-up costs little, ask the people."
    )


def _table(rows: list[tuple[Cell, ...]]) -> Table:
    return Table(
        name="matching",
        title="Territories, who should have them, and who would be next",
        columns=(
            Column(name="layer", says="Carve"),
            Column(name="territory", says="Territory"),
            Column(name="person", says="Best person"),
            Column(name="person_now", says="In the carve"),
            Column(name="is_other", says="Somebody else", unit="yes_no"),
            Column(name="reason", says="Why"),
            Column(name="runner_up", says="Runner-up"),
            Column(
                name="runner_up_cost_km_an_account", says="What the runner-up costs, an account of the carve", unit="km"
            ),
            Column(name="runner_up_reason", says="What speaks for the runner-up"),
        ),
        rows=tuple(rows),
    )


def _chart(marks: list[Mark]) -> Chart:
    return Chart(
        name="runner_ups",
        title="What it costs the whole to choose the runner-up",
        kind="bars",
        across="Territory, the closest call first",
        up="Cost of the runner-up, km an account of the carve",
        up_unit="km",
        marks=tuple(marks),
    )


WHO = Who()
