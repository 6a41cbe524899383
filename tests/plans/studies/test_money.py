"""The study of money: what a carve is expected to sell, in words, tables and charts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.result import Result
from patchbook.plans.studies import STUDIES, Asked, BadChoice, Found
from patchbook.plans.studies.money import MONEY
from tests.plans.conftest import some_accounts, some_people, write_rows

MEASURES = (
    "  potential: {from: revenue_usd, transform: sqrt, tolerance: 30%}\n  workload: {from: work, tolerance: 30%}\n"
)


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> tuple[Path, Result]:
    """The tiny market with workload, visits and costs: the path of its plan, and its carve."""
    folder = tmp_path_factory.mktemp("market")
    accounts = some_accounts(work=lambda _: 100, visits=lambda _: 4, revenue_usd=lambda i: 10_000 + 100 * i)
    write_rows(folder / "accounts.csv", accounts)
    write_rows(folder / "people.csv", some_people(cost_usd=["90000", "80000", "100000"]))
    path = folder / "plan.yaml"
    layers = "  - carve: {name: Field, balance: [potential], compact: true}\n"
    path.write_text(f"plan: Tiny\naccounts: accounts.csv\npeople: people.csv\nmeasures:\n{MEASURES}layers:\n{layers}")
    return path, carve(load(path))


def run(market, **choices: str) -> Found:
    path, result = market
    return MONEY.run(Asked(plan=load(path), result=result, choices={"draws": "50", **choices}))


def table(found: Found, name: str) -> list[dict[str, object]]:
    """A table's rows by the names of its columns."""
    (one,) = (table for table in found.tables if table.name == name)
    return [dict(zip([column.name for column in one.columns], row, strict=True)) for row in one.rows]


def test_the_study_is_in_the_list():
    assert MONEY in STUDIES


def test_the_answer_says_how_much_more_and_how_sure_that_is(market):
    says = run(market).says

    assert says[0].startswith("Tiny is expected to sell $")
    assert "than today's books. Nine draws of the assumptions in ten lie between" in says[0]
    assert any(
        line.startswith("Potential is revenue_usd, $267,600 in all; the time planned is work, 2,400 hours")
        for line in says
    )
    assert any("the response to time is a published average" in line for line in says)


def test_every_row_has_a_cell_for_every_column_and_the_territories_add_up(market):
    found = run(market)
    sold = sum(float(str(row["sales_usd"])) for row in table(found, "territories"))

    assert all(len(row) == len(one.columns) for one in found.tables for row in one.rows)
    assert sold == pytest.approx(table(found, "cases")[1]["second_usd"])
    assert sum(int(str(row["accounts"])) for row in table(found, "territories")) == 24
    assert [chart.name for chart in found.charts] == ["tornado", "difference"]
    assert sum(mark.y for mark in found.charts[1].marks) == pytest.approx(1.0)


def test_the_same_question_has_the_same_answer(market):
    assert run(market) == run(market)


def test_a_plan_against_itself_differs_by_nothing(market):
    found = run(market, against="plan.yaml")

    assert "$0 more (0.0 %) than plan.yaml" in found.says[0].replace("\u00a0", " ")
    assert "sells more in 50 of 100" in found.says[0]
    assert not any(row["difference_usd"] for row in table(found, "cases"))


def test_the_seats_cost_what_the_people_file_says(market):
    found = run(market)

    assert any("Its seats cost $270,000 a year, $0 more than today's books" in line for line in found.says)
    assert {row["cost_usd"] for row in table(found, "territories")} == {90_000.0, 80_000.0, 100_000.0}


def test_where_one_more_seat_would_add_most_comes_out_of_the_table(market):
    path, _ = market
    (path.parent / "short.yaml").write_text("assumptions: {hours: 400}\n")
    found = run(market, assumptions="short.yaml")
    most = max(table(found, "territories"), key=lambda row: float(str(row["another_seat_usd"])))

    assert any(f"would add most in {most['territory']} (+$" in line for line in found.says)
    assert float(str(most["another_seat_usd"])) > 0


def test_assumptions_and_cases_of_a_file_take_their_place(market):
    path, _ = market
    (path.parent / "ours.yaml").write_text("assumptions:\n  lost: 0\ncases:\n  lean year: {hours: 800}\n")
    found = run(market, assumptions="ours.yaml")

    assert [row["case"] for row in table(found, "cases")] == ["lean year"]
    assert not any(row["lost_usd"] for row in table(found, "territories"))
    assert "the planner's own" in {row["source"] for row in table(found, "assumptions")}


def test_history_beside_the_plan_is_learned_from_or_said_to_be_too_little(market):
    path, _ = market
    (path.parent / "sales.csv").write_text("account_id,sales_usd\nA1,5000\nA2,100\n")

    assert any(
        "It takes at least" in line or "it takes at least" in line for line in run(market, history="sales.csv").says
    )


def test_the_deals_of_a_record_are_history_where_there_is_one(market):
    path, result = market
    asked = Asked(plan=load(path), result=result, choices={"draws": "50", "history": "record"})
    closed = [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)]
    deals = pl.DataFrame({"account": ["A1", "A2"], "amount_usd": [500.0, 100.0], "closed": closed, "won": [1, 1]})

    assert any(
        "The record has 2 opportunities won in 1.0 years" in line
        for line in MONEY.run(replace(asked, deals=deals)).says
    )
    with pytest.raises(BadChoice, match="There is no record here"):
        MONEY.run(asked)


def test_a_stop_is_told(market):
    path, result = market
    found = MONEY.run(Asked(plan=load(path), result=result, choices={}, stop=lambda: True))

    assert found.was_stopped
    assert found.says[0].startswith("Tiny is expected")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"curve": "straight"}, "no curve 'straight'; choose power or saturating"),
        ({"draws": "3"}, "'3' draws are not possible; choose a number from 20"),
        ({"assumptions": "../elsewhere.yaml"}, "is not in the folder of the plan"),
        ({"history": "/etc/hosts"}, "is not in the folder of the plan"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_what_would_be_right(market, choices, message):
    with pytest.raises(BadChoice, match=message):
        run(market, **choices)


def test_no_file_is_read_for_somebody_who_brings_the_accounts_along(market):
    from patchbook.accounts import read

    path, result = market
    brought = read(path.parent / "accounts.csv")

    with pytest.raises(BadChoice, match="files are read only beside a plan that is a file itself"):
        MONEY.run(Asked(plan=load(path), accounts=brought, result=result, choices={"history": "sales.csv"}))
