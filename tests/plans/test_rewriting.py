"""A document with one layer changed is the document a person wrote, but for that layer."""

from __future__ import annotations

from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest

from patchbook.plans.file import loads
from patchbook.plans.plan import HouseLayer, Plan
from patchbook.plans.rewriting import CannotRewrite, LastLayer, moved, with_new, with_setting, without

INSIDE = (files("patchbook.demo") / "data" / "inside.yaml").read_text(encoding="utf-8")

COMMENTED = """\
plan: P
accounts: a.csv
layers:   # the first wins
  # --- The South ---

  # Ours since 2019.
  - rule: {territory: South, where: "state = 'GA'"}   # for now
  - rule:
      territory: North
      # Boston and around.
      where: >-
        state = 'MA'
        OR state = 'NH'
      person: P1
  - house: rest
# The seed of last year.
seed: 3
"""


def read(text: str) -> Plan:
    return loads(text, file=Path("plan.yaml"), files=False)


def test_a_layer_moves_with_its_comment_and_every_line_is_still_there():
    plan = read(INSIDE)
    last = len(plan.layers) - 1
    for number, to in product(range(last), range(last)):
        changed = moved(INSIDE, number, to)

        layers = list(plan.layers)
        layers.insert(to, layers.pop(number))
        assert read(changed).layers == tuple(layers)
        assert sorted(changed.splitlines()) == sorted(INSIDE.splitlines())


def test_a_headline_that_stands_apart_stays_where_it_is():
    changed = moved(COMMENTED, 0, 1)

    assert changed.index("--- The South ---") < changed.index("territory: North") < changed.index("# Ours since 2019.")
    assert "layers:   # the first wins" in changed
    assert "\"state = 'GA'\"}   # for now" in changed
    assert changed.endswith("# The seed of last year.\nseed: 3\n")


def test_a_layer_goes_with_its_own_comment_and_no_other():
    changed = without(COMMENTED, 0)

    assert "Ours since" not in changed
    assert "--- The South ---" in changed
    assert [layer.name for layer in read(changed).layers] == ["North", "House"]


@pytest.mark.parametrize(
    "where",
    [
        "state = 'GA'",
        "state IN ('GA', 'FL') AND name LIKE '%\"quoted\": \\ #%'",
        "employees > 5\nAND state = 'GA'",
        "note",
        "name = 'Ünïted\u2028'",
    ],
)
@pytest.mark.parametrize("number", [0, 1])
def test_a_condition_is_read_back_as_it_was_given(number, where):
    changed = with_setting(COMMENTED, number, "where", where)

    assert read(changed).layers[number].where == where  # type: ignore[union-attr]
    assert [line for line in COMMENTED.splitlines() if line.strip().startswith("#")] == [
        line for line in changed.splitlines() if line.strip().startswith("#")
    ]


def test_a_person_comes_and_goes_and_the_text_is_as_before():
    with_person = with_setting(COMMENTED, 0, "person", "P7")

    assert read(with_person).layers[0].person == "P7"  # type: ignore[union-attr]
    assert with_setting(with_person, 0, "person", None) == COMMENTED
    assert read(with_setting(COMMENTED, 1, "person", None)).layers[1].person is None  # type: ignore[union-attr]


def test_a_new_layer_stands_where_it_is_asked_for():
    first = with_new(COMMENTED, 0, "rule", {"territory": "Null", "where": "state IN ('CA', 'OR')"})
    last = with_new(COMMENTED.replace("  - house: rest\n", ""), 2, "house", {})

    assert [layer.name for layer in read(first).layers] == ["Null", "South", "North", "House"]
    assert isinstance(read(last).layers[2], HouseLayer)
    assert "# Ours since 2019.\n  - rule: {territory: South" in first


def test_layers_in_brackets_are_given_a_line_each():
    text = (
        "plan: P\naccounts: a.csv\nlayers: [{rule: {territory: X,\n where: 'a = 1'}}, {house: rest}] # end\nseed: 3\n"
    )

    changed = with_new(text, 1, "rule", {"territory": "Y", "where": "a = 2"})

    assert [layer.name for layer in read(changed).layers] == ["X", "Y", "House"]
    assert "# end\nseed: 3" in changed


def test_the_last_layer_stays_and_odd_text_is_left_to_people():
    with pytest.raises(LastLayer, match="at least one layer"):
        without("plan: P\naccounts: a.csv\nlayers:\n  - house: rest\n", 0)
    with pytest.raises(CannotRewrite, match="line 5"):
        moved(
            "plan: P\naccounts: a.csv\nlayers:\n  - # odd\n    rule: {territory: X, where: a = 1}\n  - house: rest\n",
            0,
            1,
        )
