"""Plans side by side."""

from __future__ import annotations

import csv
import io

import pytest

from builders.counting import statements
from builders.plans import ADA, TUESDAY, a_draft, some_people, the_plan
from patchbook.errors import BadInput
from patchbook.imports import actions as imports
from patchbook.people.principal import system
from patchbook.plans import actions as plans
from patchbook.plans.life import NotCarved
from patchbook.plans.scenario import TooFewPlans
from patchbook.web.pages.comparison import load


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def both(company):
    return [the_plan(company, name).plan_id for name in ("Field 2027", "Anew")]


def page(record, ids, **asked):
    with record.reading() as tx:
        return load(tx, ids, by=ADA, at=TUESDAY, **asked)


def test_every_figure_of_each_plan_stands_in_a_row_and_the_best_is_marked(company, both):
    shown = page(company, both)

    assert [column.name for column in shown.columns] == ["Field 2027", "Anew"]
    assert [group.name for group in shown.groups] == [
        "Balance", "Loads", "Coverage", "Disruption", "Travel and shape", "Expected sales",
        "Seats and cost",
    ]  # fmt: skip
    rows = {row.name: row for group in shown.groups for row in group.rows}
    moved = rows["Accounts that change owner"].cells
    assert moved[0].value > moved[1].value
    assert [cell.is_best for cell in moved] == [False, True]
    assert [cell.value for cell in rows["Accounts"].cells] == [24, 24]
    assert not any(cell.is_best for cell in rows["Accounts"].cells)
    assert "Cost of the seats a year" not in rows


def test_what_people_cost_is_counted_where_the_people_file_says_so(company, both):
    header, *lines = some_people().decode().splitlines()
    told = "\r\n".join([f"{header},cost_usd", *(f"{line},{1000 * n}" for n, line in enumerate(lines, start=1))])
    with company.writing() as tx:
        imports.people(tx, told.encode(), name="people.csv", by=system(), at=TUESDAY)

    shown = page(company, both, show="cost")

    rows = {row.name: row for group in shown.groups for row in group.rows}
    assert rows["Cost of the seats a year"].cells[0].value == 3000 + 4000 + 5000 + 6000
    assert max(row.cells[0].value or 0 for row in shown.territories) == 6000


def test_expected_sales_are_told_with_how_sure_it_is_that_a_plan_sells_more(company, both):
    rows = {row.name: row for group in page(company, both).groups for row in group.rows}

    sales = [cell.value for cell in rows["Expected sales a year"].cells]
    low, high = (rows[f"More than Field 2027, hardly {end} than"].cells for end in ("less", "more"))
    assert low[0].value is None
    assert low[1].value <= sales[1] - sales[0] <= high[1].value
    assert 0 <= rows["Draws in which more than Field 2027"].cells[1].value <= 1


def test_expected_sales_follow_what_people_can_carry_today(company, both):
    before = {row.name: row for group in page(company, both).groups for row in group.rows}["Expected sales a year"]
    header, *lines = some_people().decode().splitlines()
    told = "\r\n".join([f"{header},capacity", *(f"{line},{0.2 if 'ann@' in line else 1}" for line in lines)])
    with company.writing() as tx:
        imports.people(tx, told.encode(), name="people.csv", by=system(), at=TUESDAY)
    after = {row.name: row for group in page(company, both).groups for row in group.rows}["Expected sales a year"]

    assert [cell.value for cell in after.cells] != [cell.value for cell in before.cells]


def test_territories_are_compared_by_what_one_asks_for(company, both):
    shown = page(company, both)
    assert shown.show == "potential_deviation"

    by_accounts = page(company, both, show="accounts")

    assert sum(row.cells[0].value or 0 for row in by_accounts.territories) == 24
    with pytest.raises(BadInput, match="not compared by 'secret'"):
        page(company, both, show="secret")


def test_what_differs_is_told_in_words_and_setting_by_setting(company, both):
    (told,) = page(company, both).differences

    assert ("layers.Field.travel", "not set", "0.01") in told.settings
    assert any("account" in line for line in told.says)


@pytest.mark.parametrize("number", [0, 1, 5])
def test_two_to_four_plans_stand_side_by_side(company, both, number):
    with pytest.raises(TooFewPlans, match="two to 4"):
        page(company, [*both, "c", "d", "e"][:number])


def test_a_plan_without_a_carve_is_nothing_to_compare(company, both):
    with pytest.raises(NotCarved):
        page(company, [both[0], a_draft(company, name="Next").plan_id])


def test_the_page_asks_as_much_the_second_time_whatever_the_number_of_accounts(company, both):
    page(company, both)

    with company.reading() as tx, statements(tx) as asked:
        load(tx, both, by=ADA, at=TUESDAY)

    assert asked.number == 4


def test_figures_and_territories_come_as_csv_in_which_no_name_is_a_formula(visitor, company, both):
    with company.writing() as tx:
        plans.change_document(
            tx, both[1], the_plan(company, "Anew").document, name="=cmd()", revision=None, by=ADA, at=TUESDAY
        )
    client, query = visitor("ada"), "&".join(f"plan_id={plan_id}" for plan_id in both)

    figures = list(csv.reader(io.StringIO(client.get(f"/comparison/figures.csv?{query}").text)))
    territories = list(csv.reader(io.StringIO(client.get(f"/comparison/territories.csv?{query}").text)))

    assert figures[0][:3] == ["group", "figure", "Field 2027"]
    assert ["Coverage", "Accounts", "24", "24"] in figures
    assert len(territories) == 1 + 8
    assert all(not line[0].startswith("=") for line in territories)


def test_somebody_who_does_not_see_a_plan_is_told_it_is_not_there(visitor, company, both):
    assert visitor("mia").get(f"/comparison?plan_id={both[0]}&plan_id={both[1]}").status_code == 404
    answer = visitor("ada").get(f"/comparison?plan_id={both[0]}&plan_id={both[1]}")
    assert answer.status_code == 200
    assert "(best)" in answer.text
