"""The study of the ensemble: percentiles with their doubt, and histograms with the carve marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patchbook.plans.carve import carve
from patchbook.plans.studies import STUDIES, Asked, BadChoice
from patchbook.plans.studies.ensemble import ENSEMBLE
from tests.plans.studies.test_frontier import a_market


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    plan = a_market(tmp_path_factory.mktemp("market"))
    return plan, carve(plan)


def run(market, **choices):
    plan, result = market
    return ENSEMBLE.run(Asked(plan=plan, result=result, choices={"carves": "200", **choices}))


def rows(found):
    (table,) = found.tables
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


def test_the_study_is_in_the_list():
    assert ENSEMBLE in STUDIES


def test_every_figure_has_a_row_with_its_doubt_and_a_histogram_with_the_carve_marked(market):
    found = run(market)

    told = rows(found)
    assert [row["figure"] for row in told] == [
        "Furthest from its share of potential",
        "Coefficient of variation of potential",
        "Gini coefficient of potential",
        "Mean travel, km",
        "Share that changes owner",
        "Cost",
    ]
    assert [chart.title for chart in found.charts] == [row["figure"] for row in told]
    for row, chart in zip(told, found.charts, strict=True):
        assert 0 <= row["better_share"] <= 1
        assert row["low"] <= row["middle"] <= row["high"]
        assert row["effective_draws"] > 0
        assert sum(mark.y for mark in chart.marks) == 200
        assert [mark.kind for mark in chart.marks].count("now") == 1
    assert len({chart.name for chart in found.charts}) == len(found.charts)


def test_what_was_drawn_and_whether_it_may_be_read_is_said(market):
    says = " ".join(run(market, carves="40", like="2%").says)

    assert "have not mixed" in says
    assert "weights exp(-cost /" in says
    assert "Centres stay where this carve has them" in says
    assert "each as likely as every other" in " ".join(run(market, like="any").says)


def test_the_same_seed_tells_the_same(market):
    assert run(market, seed="4") == run(market, seed="4")
    assert run(market, seed="4") != run(market, seed="5")


def test_a_carve_that_misses_a_limit_is_no_beginning(market):
    plan, result = market
    (layer,) = result.carved_layers
    missed = replace(layer, solution=replace(layer.solution, broken=("Seat 1 is +9% from its share",)))

    found = ENSEMBLE.run(Asked(plan=plan, result=replace(result, carved_layers=(missed,))))

    assert found.says == (
        "The carve does not keep every limit (Seat 1 is +9% from its share), so there is nowhere to begin.",
    )
    assert found.tables == ()


@pytest.mark.parametrize(
    ("choice", "value", "right"),
    [
        ("carves", "few", "a whole number from 40 to 100,000"),
        ("carves", "3", "a whole number from 40 to 100,000"),
        ("like", "cheap", "a share from 0.1% to 1000%, or any"),
        ("like", "0%", "a share from 0.1% to 1000%, or any"),
    ],
)
def test_a_choice_that_cannot_be_says_what_it_may_be(market, choice, value, right):
    with pytest.raises(BadChoice, match=right):
        run(market, **{choice: value})
