"""Settings changed where they stand in a plan's document."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchbook.plans.adjusting import adjusted
from patchbook.plans.documents import parsed
from patchbook.plans.plan import CarveLayer, Keep

TEXT = """# Our plan.
plan: Field  # the name
accounts: a.csv
people: people.csv
measures:
  potential: {from: revenue_usd, tolerance: 5%}  # in dollars
  visits: {from: visits}
layers:
  - named: big.csv
  # Those who travel.
  - carve:
      name: Field # mine
      balance: [potential, visits]
      travel: 2
      keep:
        # Families stay.
        families: true
        owners: ignore
  - house: rest
"""


def carve(plan, **changes):
    layers = [replace(layer, **changes) if isinstance(layer, CarveLayer) else layer for layer in plan.layers]
    return replace(plan, layers=tuple(layers))


def lines_changed(before: str, after: str) -> list[str]:
    return [line for line in after.splitlines() if line not in before.splitlines()]


@pytest.mark.parametrize(
    ("place", "value", "changes", "line"),
    [
        (("travel",), 0.5, {"travel": 0.5}, "      travel: 0.5"),
        (("seats",), 4, {"seats": 4}, "      seats: 4"),
        (("keep", "owners"), "prefer", {"keep": Keep()}, "        owners: prefer"),
        (
            ("keep", "moved_at_most"),
            "10%",
            {"keep": Keep(owners="ignore", moved_at_most=0.1)},
            "        moved_at_most: 10%",
        ),
    ],
)
def test_a_setting_of_a_layer_is_changed_or_put_in_and_every_comment_stays(place, value, changes, line):
    text = adjusted(TEXT, carve(parsed(TEXT), **changes), {("layers", 1, "carve", *place): value})

    assert lines_changed(TEXT, text) == [line]
    assert text.count("#") == TEXT.count("#")


def test_settings_between_brackets_and_groups_that_are_not_there_yet_are_put_in():
    plan = parsed(TEXT)
    measures = (replace(plan.measures[0], tolerance=0.1), replace(plan.measures[1], tolerance=0.2))
    changes = {("measures", "potential", "tolerance"): "10%", ("measures", "visits", "tolerance"): "20%"}

    text = adjusted(TEXT, replace(plan, measures=measures), changes)

    assert lines_changed(TEXT, text) == [
        "  potential: {from: revenue_usd, tolerance: 10%}  # in dollars",
        "  visits: {tolerance: 20%, from: visits}",
    ]
    short = "plan: P\naccounts: a.csv\npeople: p.csv\nlayers:\n  - carve: {name: F, travel: 3}\n"
    wanted = carve(parsed(short), travel=1.0, keep=Keep(owners="ignore"))
    place = ("layers", 0, "carve")
    assert "{keep: {owners: ignore}, name: F}" in adjusted(
        short, wanted, {(*place, "keep", "owners"): "ignore", (*place, "travel"): None}
    )


def test_a_setting_is_taken_away_with_its_line():
    wanted = carve(parsed(TEXT), travel=1.0)

    text = adjusted(TEXT, wanted, {("layers", 1, "carve", "travel"): None})

    assert text == TEXT.replace("      travel: 2\n", "")


def test_what_cannot_be_changed_in_place_is_written_anew_and_means_the_same():
    text = TEXT.replace("travel: 2", "travel: 2\nlocks: locks.csv", 1).replace("      travel: 2\nlocks: locks.csv", "")
    text = text + "locks: locks.csv\n"
    wanted = carve(parsed(text), name="Else")

    anew = adjusted(text, wanted, {("measures", "potential"): "no place for this"})

    assert parsed(anew).layers[1].name == "Else"
    assert "#" not in anew
    assert anew.endswith("locks: locks.csv\n")
