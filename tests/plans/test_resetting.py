"""Other settings in a document, whose comments and order stay."""

from __future__ import annotations

import pytest
import yaml

from builders.plans import DOCUMENT
from patchbook.plans import documents
from patchbook.plans.resetting import reset

WRITTEN = """\
# For the board.
plan: Field 2027
accounts: accounts.csv
people: people.csv
measures:
  potential: {from: revenue_usd, tolerance: 30%}   # agreed in May
layers:
  - named: strategic.csv
  - carve:
      name: Field
      seats: 12  # one a head
      balance:
        - potential
      keep: {owners: prefer, moved_at_most: 15%}
  - house: rest
"""


@pytest.mark.parametrize("document", [WRITTEN, DOCUMENT])
def test_settings_are_changed_where_they_stand_and_added_where_they_do_not(document):
    at = ("layers", 1, "carve")
    changed = reset(
        document,
        {
            ("measures", "potential", "tolerance"): "7.5%",
            (*at, "seats"): 3,
            (*at, "vacant"): 1,
            (*at, "balance"): ["potential"],
            (*at, "keep", "moved_at_most"): "20%",
            (*at, "contiguous"): "counties",
            ("seconds",): 5,
            ("seed",): 9,
        },
    )
    plan = documents.parsed(changed)
    layer = plan.layers[1]

    assert plan.measures[0].tolerance == 0.075
    assert (layer.seats, layer.vacant, layer.balance, layer.contiguous) == (3, 1, ("potential",), "counties")
    assert (layer.keep.moved_at_most, layer.keep.owners, layer.name) == (0.2, "prefer", "Field")
    assert (plan.seconds, plan.seed) == (5.0, 9)
    assert len(plan.layers) == 3


def test_comments_stay():
    changed = reset(WRITTEN, {("layers", 1, "carve", "seats"): 14, ("measures", "potential", "tolerance"): "10%"})

    assert changed == WRITTEN.replace("seats: 12", "seats: 14").replace("tolerance: 30%", "tolerance: 10%")


COMMENTED = """plan: P
measures:
  potential:
    from: revenue_usd
    # how far from a fair share
    tolerance: 5%
# who gets what
layers:
  - house: rest
"""


POTENTIAL = "    from: revenue_usd\n    # how far from a fair share\n    tolerance: 5%\n"


@pytest.mark.parametrize(
    ("path", "value", "was", "becomes"),
    [
        (("measures", "potential"), {"from": "visits"}, POTENTIAL, "    {from: visits}\n"),
        (("measures",), None, f"measures:\n  potential:\n{POTENTIAL}", ""),
        (("measures", "potential", "from"), None, "    from: revenue_usd\n", ""),
        (("measures", "potential", "tolerance"), None, "    tolerance: 5%\n", ""),
    ],
)
def test_the_comment_above_what_follows_stays(path, value, was, becomes):
    assert reset(COMMENTED, {path: value}) == COMMENTED.replace(was, becomes)


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        (("layers", 1, "carve", "keep", "moved_at_most"), ", moved_at_most: 15%"),
        (("layers", 1, "carve", "seats"), "seats: 12  # one a head\n      "),
        (("layers", 1, "carve", "keep"), "\n      keep: {owners: prefer, moved_at_most: 15%}"),
        (("people",), "people: people.csv\n"),
    ],
)
def test_a_setting_is_taken_out(path, gone):
    assert reset(WRITTEN, {path: None}) == WRITTEN.replace(gone, "")


def test_a_name_that_means_something_to_yaml_is_quoted():
    changed = reset("plan: P\n", {("plan",): "yes: [no"})

    assert yaml.safe_load(changed) == {"plan": "yes: [no"}
