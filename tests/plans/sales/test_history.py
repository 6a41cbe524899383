"""What accounts bought, and what it says of the assumptions."""

from __future__ import annotations

import csv

import numpy as np
import polars as pl
import pytest

from patchbook.measures.sales import ASSUMPTIONS, Configuration, Demand
from patchbook.plans.sales import Books, Holder
from patchbook.plans.sales.history import BadHistory, learn, read_history

ACCOUNTS = pl.DataFrame({"account_id": [f"A{n}" for n in range(200)], "name": [f"Company {n}" for n in range(200)]})


@pytest.fixture(scope="module")
def world():
    """Two hundred accounts of twenty reps who have very different time for them; a tenth of potential is bought."""
    rng = np.random.default_rng(1)
    holder = rng.choice(20, 200, p=rng.dirichlet(np.full(20, 2.0)))
    demand = Demand(potential=rng.lognormal(9, 1, 200), hours=np.full(200, 100.0), visits=np.full(200, 10.0))
    people = tuple(Holder(territory=f"p{n}", person_id=f"p{n}", person=None, seats=1.0, cost=None) for n in range(20))
    today = Books(
        name="Today",
        holders=people,
        configuration=Configuration(
            holder=holder, seats=np.ones(20), is_vacant=np.zeros(20, bool), distance_km=np.zeros(200),
            is_new=np.zeros(200, bool),
        ),
    )  # fmt: skip
    hours = 100.0 * np.exp(rng.normal(0, 0.4, 200))
    sales = 0.1 * demand.potential * (hours / 100.0) ** 0.5 * rng.lognormal(-0.125, 0.5, 200)
    return demand, today, hours, sales


def write(path, columns):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def learned(world, history):
    demand, today, *_ = world
    found = learn(history, ACCOUNTS["account_id"], demand, today, ASSUMPTIONS, seed=1)
    return {one.name: one for one in found.assumptions}, found.says


def test_sales_with_hours_tell_the_elasticity_and_how_much_of_potential_is_bought(world, tmp_path):
    _, _, hours, sales = world
    path = write(tmp_path / "sales.csv", {"account_id": ACCOUNTS["account_id"], "sales_usd": sales, "hours": hours})
    assumptions, says = learned(world, read_history(path, ACCOUNTS))

    assert assumptions["elasticity"].low < 0.5 < assumptions["elasticity"].high
    assert assumptions["won_share"].base == pytest.approx(0.1, rel=0.15)
    assert "sales.csv says what 200 accounts bought" in assumptions["elasticity"].source
    assert "the hours each account got" in says[1]


def test_without_hours_the_owners_time_is_what_tells(world, tmp_path):
    path = write(tmp_path / "sales.csv", {"account_id": ACCOUNTS["account_id"], "sales_usd": world[3]})
    assumptions, says = learned(world, read_history(path, ACCOUNTS))

    assert "the time today's owners have for their accounts" in says[1]
    assert assumptions["elasticity"].source != ASSUMPTIONS[0].source


def test_won_opportunities_add_up_to_sales_a_year_and_lost_ones_do_not(world, tmp_path):
    path = tmp_path / "deals.csv"
    write(
        path,
        {
            "Id": ["1", "2", "3", "4"],
            "Account": ["A0", "Company 1", "A0", "A2"],
            "Stage": ["Won", "Closed Won", "Lost", "Won"],
            "Amount": ["100", "300", "900", "60"],
            "Close Date": ["2024-01-01", "2025-12-31", "2025-01-01", "2025-06-30"],
        },
    )
    history = read_history(path, ACCOUNTS)
    sold = dict(history.frame.select("account_id", "sales").iter_rows())

    assert history.years == pytest.approx(2.0, abs=0.01)
    assert [sold[account] for account in ("A0", "A1", "A2", "A3")] == pytest.approx([50, 150, 30, 0], rel=0.01)
    assert "3 opportunities won in 2.0 years" in history.says


def test_too_little_history_leaves_the_assumption_and_says_what_it_takes(world, tmp_path):
    path = write(tmp_path / "few.csv", {"account_id": ["A1", "A2"], "sales_usd": [10, 20]})
    assumptions, says = learned(world, read_history(path, ACCOUNTS))

    assert tuple(assumptions.values()) == ASSUMPTIONS
    assert "The elasticity stays an assumption. The history has 2 accounts" in says[1]
    assert "at least 30" in says[1]


def test_history_in_which_all_got_alike_still_says_how_much_is_sold(world, tmp_path):
    path = write(
        tmp_path / "alike.csv", {"account_id": ACCOUNTS["account_id"], "sales_usd": world[3], "hours": [100.0] * 200}
    )
    assumptions, says = learned(world, read_history(path, ACCOUNTS))

    assert assumptions["elasticity"] == ASSUMPTIONS[0]
    assert assumptions["won_share"].low < assumptions["won_share"].base < assumptions["won_share"].high < 0.2
    assert "of potential at the time planned" in says[-1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"account_id": ["A1"], "colour": ["red"]}, "needs account_id and sales_usd, or opportunities"),
        ({"Id": ["1"], "Account": ["A1"], "Stage": ["Proposal"], "Amount": ["5"]}, "none that was won"),
    ],
)
def test_a_file_that_tells_no_sales_is_refused(tmp_path, columns, message):
    with pytest.raises(BadHistory, match=message):
        read_history(write(tmp_path / "odd.csv", columns), ACCOUNTS)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadHistory, match=r"no file sales\.csv beside the plan"):
        read_history(tmp_path / "sales.csv", ACCOUNTS)
