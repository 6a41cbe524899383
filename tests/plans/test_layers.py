"""The first layer that can take an account takes it, and no other does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.plans.file import load
from patchbook.plans.layers import divide
from patchbook.plans.plan import BadPlan, HouseLayer, Plan, RuleLayer
from patchbook.plans.prepare import prepare

GRID = """\
plan: Layers
accounts: accounts.csv
measures:
  one: {from: '1'}
layers:
"""


@pytest.fixture
def divided(tmp_path):
    """Divides nine accounts of size 1 to 9 between layers."""

    def divide_by(layers: str, named: str = ""):
        (tmp_path / "accounts.csv").write_text(
            "account_id,name,size\n" + "".join(f"A{n},Company {n},{n}\n" for n in range(1, 10))
        )
        (tmp_path / "named.csv").write_text(named or "account_id,territory\nA1,Top\n")
        (tmp_path / "plan.yaml").write_text(GRID + layers)
        prepared = prepare(load(tmp_path / "plan.yaml"))
        return divide(prepared.plan, prepared.accounts)

    return divide_by


def rows(taken: Sequence) -> list[list[int]]:
    return [part.rows.tolist() for part in taken]


def test_the_first_that_can_wins(divided):
    taken, unknown = divided(
        "  - named: named.csv\n"
        "  - rule: {territory: Small, where: size < 4}\n"
        "  - carve: {name: Middle, where: size < 7, seats: 1}\n"
        "  - house: rest\n"
    )

    assert rows(taken) == [[0], [1, 2], [3, 4, 5], [6, 7, 8]]
    assert [part.number for part in taken] == [0, 1, 2, 3]
    assert unknown == []


def test_a_list_tells_the_territory_and_the_person_of_each_in_the_order_of_the_accounts(divided):
    named = "Account_ID , Territory,person_id\nA5,East,P2\nA2,,\nA77,West,P9\nA5,North,P3\n"

    [part], unknown = divided("  - named: {file: named.csv, name: Key}\n", named)

    assert part.rows.tolist() == [1, 4]
    assert part.territory == (
        "Key",
        "East",
    )  # without a territory the layer's name; of two lines the first
    assert part.person == (None, "P2")
    assert unknown == ["A77"]


def test_a_list_without_territories_says_what_it_has(divided):
    with pytest.raises(BadPlan, match=r"named\.csv has no column 'territory', only account_id, owner"):
        divided("  - named: named.csv\n", "account_id,owner\nA1,Ann\n")


def test_a_condition_over_an_unknown_field_names_the_line_and_the_nearest(divided):
    with pytest.raises(BadPlan, match=r"plan\.yaml line 6 \(layers\[0\]\.where\).*'sise'; did you mean 'size'"):
        divided("  - rule: {territory: Small, where: sise < 4}\n")


@given(limits=st.lists(st.integers(0, 10), min_size=1, max_size=4), house=st.booleans())
def test_every_account_is_taken_at_most_once_and_by_the_first_whose_condition_holds(limits, house):
    accounts = pl.DataFrame({"account_id": [f"A{n}" for n in range(9)], "size": list(range(9))})
    layers = [RuleLayer(territory=f"T{k}", where=f"size < {limit}") for k, limit in enumerate(limits)]
    plan = Plan(name="Any", accounts=None, layers=(*layers, HouseLayer()) if house else tuple(layers))

    taken, _ = divide(plan, accounts)

    first = [next((k for k, limit in enumerate(limits) if size < limit), len(limits)) for size in range(9)]
    expected = [[size for size in range(9) if first[size] == k] for k in range(len(plan.layers))]
    assert rows(taken) == expected
    everyone = np.concatenate([part.rows for part in taken])
    assert len(set(everyone.tolist())) == len(everyone)
