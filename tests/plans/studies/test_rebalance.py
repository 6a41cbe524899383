"""A book that has to change changes by as little as it can, and says how little that could be."""

from __future__ import annotations

import pytest

from patchbook.plans.file import load
from patchbook.plans.studies.rebalance import REBALANCE
from patchbook.plans.studies.study import Asked, BadChoice

PLAN = """\
plan: Grid
accounts: accounts.csv
people: people.csv
measures:
  potential: {from: potential, tolerance: 10%}
layers:
  - carve: {name: Field, balance: [potential], compact: true}
"""
PEOPLE = """\
person_id,name,email,role,latitude,longitude
ANN,Ann Archer,ann@example.com,rep,43,-95
BOB,Bob Baker,bob@example.com,rep,42,-94
CYD,Cyd Cole,cyd@example.com,rep,41,-93
"""


@pytest.fixture
def asked(tmp_path):
    """Twelve equal accounts of three people; the owners of each may be told."""

    def ask(owners="AAAABBBBCCCC", **choices):
        who = {"A": "ANN", "B": "BOB", "C": "CYD", ".": ""}
        rows = [
            f"A{n},Company {n},{43 - (n - 1) // 4},{-95 + (n - 1) % 4},1,{who[owners[n - 1]]}" for n in range(1, 13)
        ]
        (tmp_path / "accounts.csv").write_text(
            "\n".join(["account_id,name,latitude,longitude,potential,owner", *rows, ""])
        )
        (tmp_path / "people.csv").write_text(PEOPLE)
        (tmp_path / "plan.yaml").write_text(PLAN)
        return REBALANCE.run(Asked(plan=load(tmp_path / "plan.yaml"), choices=choices))

    return ask


def test_a_balanced_book_needs_no_move(asked):
    found = asked()

    assert found.says[0] == "At least 0 accounts have to change hands; this rebalance moves 0."
    assert found.table("moves").rows == ()


def test_who_has_too_much_gives_as_few_as_must_be_and_the_reason_says_so(asked):
    found = asked("AAAAAABBCCCC")

    assert found.says[0] == "At least 2 accounts have to change hands; this rebalance moves 2, 1.00 times that."
    moves = found.table("moves").rows
    assert len(moves) == 2
    assert {row[3].split()[0] + " " + row[3].split()[1] for row in moves} == {"Field 2"}
    assert all("was 50 % over its share of potential" in row[5] for row in moves)
    assert found.table("territories").rows[0][1:4] == (2.0, 2, 0)


def test_accounts_of_a_seat_that_goes_move_and_hardly_any_other(asked):
    found = asked(gone="bob")

    assert found.says[0] == "At least 4 accounts have to change hands; this rebalance moves 4, 1.00 times that."
    assert {row[5] for row in found.table("moves").rows} == {"Its seat goes"}


def test_a_seat_that_is_added_takes_its_share_from_the_others(asked):
    found = asked(added="1")

    assert found.says[0].startswith("At least 3 accounts have to change hands; this rebalance moves 3")
    assert {row[3] for row in found.table("moves").rows} == {"new seat 1"}


def test_accounts_without_an_owner_find_one_and_are_no_moves(asked):
    found = asked("AAAABBBBCCC.")

    assert found.says[0].startswith("At least 0 accounts")
    assert "1 account had no owner among the seats and found one." in found.says
    assert [row[2] for row in found.table("moves").rows] == ["nobody"]


def test_a_territory_that_is_split_leaves_the_others_alone(asked):
    found = asked(split="CYD", into="2")

    assert "is cut into 2: 2, 2; no other territory changes." in found.says[0]
    assert len(found.table("moves").rows) == 4


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"gone": "zoe"}, "has no seat or territory 'zoe'"),
        ({"gone": "ann,bob,cyd"}, "leave at least one"),
        ({"added": "-1"}, "whole number from 0"),
        ({"fewest": "luck"}, "fewest is one of accounts, potential"),
        ({"book": "mine"}, "it is today or plan"),
        ({"layer": "Inside"}, "it has Field"),
        ({"split": "ann", "into": "1"}, "whole number from 2"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked, choices, said):
    with pytest.raises(BadChoice, match=said):
        asked(**choices)
