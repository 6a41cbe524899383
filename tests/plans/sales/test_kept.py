"""Two result folders are compared in money by what they keep, without the files they were carved from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from builders.results import a_result
from patchbook.measures.sales import ASSUMPTIONS, at, expected_sales
from patchbook.plans.carve import carve
from patchbook.plans.compare import compare
from patchbook.plans.file import load
from patchbook.plans.out import Stored, read, write
from patchbook.plans.report import render_comparison
from patchbook.plans.result import Result
from patchbook.plans.sales import worth_of
from patchbook.plans.sales.kept import books_of
from tests.plans.conftest import some_accounts, some_people, write_rows

PLAN = (
    "plan: Tiny\naccounts: accounts.csv\npeople: people.csv\n"
    "measures:\n  potential: {from: revenue_usd, transform: sqrt, tolerance: 30%}\n"
    "  workload: {from: work, tolerance: 60%}\n"
    "layers:\n  - carve: {name: Field, balance: [potential], compact: true}\n"
)


@pytest.fixture(scope="module")
def carves(tmp_path_factory) -> tuple[Result, Stored, Stored]:
    """The tiny market carved, and stored; and stored with eight accounts in other hands."""
    folder = tmp_path_factory.mktemp("market")
    write_rows(folder / "accounts.csv", some_accounts(work=lambda i: 100 + i, visits=lambda _: 4))
    write_rows(folder / "people.csv", some_people(capacity=[1.0, 0.5, 1.0], cost_usd=["90000", "80000", ""]))
    (folder / "plan.yaml").write_text(PLAN)
    result = carve(load(folder / "plan.yaml"))
    turned = result.assignments.with_columns(
        pl.concat([result.assignments[name].head(8).reverse(), result.assignments[name].tail(-8)])
        for name in ("territory", "seat", "person")
    )
    other = replace(result, plan=replace(result.plan, name="Turned"), assignments=turned)
    stored = [read(write(one, folder / f"result {number}")) for number, one in enumerate((result, other))]
    return result, stored[0], stored[1]


def test_a_folder_keeps_enough_to_expect_the_same_sales_as_its_carve(carves):
    result, first, second = carves
    sales = compare(first, second).sales
    worth = worth_of(result.plan, result.accounts)
    demand = worth.demand(hours_there_are=1.0)

    assert sales is not None
    assert sales.first == pytest.approx(
        expected_sales(demand, books_of(result).configuration, at(ASSUMPTIONS)).sales[0]
    )


def test_the_same_folder_twice_differs_by_nothing_and_neither_is_better(carves):
    _, first, _ = carves
    comparison = compare(first, first)

    assert comparison.sales is not None
    assert (comparison.sales.base, comparison.sales.low, comparison.sales.high) == (0.0, 0.0, 0.0)
    assert comparison.sides[-1].measure == "expected_sales"
    assert comparison.sides[-1].winner is None


def test_a_winner_is_named_only_where_nineteen_draws_in_twenty_agree(carves):
    _, first, second = carves
    side = compare(first, second).sides[-1]

    assert replace(side, first=1.0, second=2.0, is_sure=True).winner == 1
    assert replace(side, first=1.0, second=2.0, is_sure=False).winner is None


def test_costs_are_kept_as_a_sum_and_a_mean_and_never_by_person(carves):
    _, first, second = carves
    sales = compare(first, second).sales

    assert first.summary["seat_costs"] == {"people_usd": 255_000.0, "mean_usd": 85_000.0, "vacant": 0}
    assert "cost_usd" not in first.people.columns
    assert sales is not None
    assert sales.profit_base == pytest.approx(0.4 * sales.base)


def test_the_comparison_says_it_in_words(carves):
    _, first, second = carves
    comparison = compare(first, second)

    assert comparison.sales is not None
    assert comparison.sales.says.startswith("Turned is expected to sell ")
    assert comparison.sales.says.split(";")[0] in render_comparison(comparison)
    assert comparison.to_dict()["sales"]["base"] == comparison.sales.base


def test_results_of_other_accounts_or_of_an_older_version_are_compared_without_money(carves, tmp_path: Path):
    _, first, second = carves
    fewer = replace(second, assignments=second.assignments.head(20))
    older = replace(second, people=second.people.drop("seats"))
    unknown = read(write(a_result(), tmp_path / "grid"))

    assert compare(first, fewer).sales is None
    assert compare(first, older).sales is None
    assert compare(unknown, unknown).sales is None


def test_a_column_of_visits_that_cannot_be_meant_stops_no_carve(carves):
    result, *_ = carves
    odd = result.accounts.with_columns(pl.lit(-1.0).alias("visits"))

    assert worth_of(result.plan, odd).visits_from is None
