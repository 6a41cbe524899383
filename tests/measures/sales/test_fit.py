"""The elasticity is learned from history where there is enough of it, and refused where there is not."""

from __future__ import annotations

import numpy as np
import pytest

from patchbook.measures.sales import TooLittleHistory, fit


def a_history(seed, *, accounts=300, elasticity=0.45, spread=0.5, groups=None):
    """Sales that follow the model with much luck, every fifth account buying nothing."""
    rng = np.random.default_rng(seed)
    potential = rng.lognormal(10, 1, accounts)
    group = np.arange(accounts) if groups is None else rng.integers(0, groups, accounts)
    coverage = np.exp(rng.normal(0, spread, accounts if groups is None else groups))[group]
    luck = rng.lognormal(-0.32, 0.8, accounts) * (rng.random(accounts) < 0.8) / 0.8
    return {
        "sales": 0.3 * potential * coverage**elasticity * luck,
        "potential": potential,
        "coverage": coverage,
        "group": group,
    }


def test_the_interval_holds_the_true_elasticity_for_most_of_fifty_histories():
    found = [fit(**a_history(seed), seed=0, resamples=150) for seed in range(50)]

    assert sum(one.low <= 0.45 <= one.high for one in found) >= 40
    assert np.mean([one.elasticity for one in found]) == pytest.approx(0.45, abs=0.04)
    assert np.mean([one.level for one in found]) == pytest.approx(0.3, abs=0.02)


def test_where_only_the_reps_time_is_known_the_interval_is_wider():
    each = fit(**a_history(1), seed=0)
    by_rep = fit(**a_history(1, groups=20), seed=0)

    assert by_rep.groups == 20
    assert by_rep.high - by_rep.low > each.high - each.low


def test_little_history_moves_the_published_figure_little():
    much = [fit(**a_history(seed, accounts=2000, elasticity=0.8), seed=0, resamples=20) for seed in range(5)]
    little = [
        fit(**a_history(seed, accounts=40, elasticity=0.8, spread=0.25), seed=0, resamples=20) for seed in range(5)
    ]

    assert np.mean([one.elasticity for one in much]) == pytest.approx(0.8, abs=0.1)
    assert 0.3 < np.mean([one.elasticity for one in little]) < 0.6


def test_a_history_that_says_little_leaves_nearly_all_that_was_published_possible():
    found = fit(**a_history(3, accounts=30, spread=0.25), seed=0)

    assert found.high - found.low > 0.4


def test_the_same_history_and_seed_say_the_same():
    assert fit(**a_history(4), seed=7, resamples=50) == fit(**a_history(4), seed=7, resamples=50)


def test_another_currency_says_the_same_elasticity():
    dollars = a_history(5)
    yen = {**dollars, "sales": 150 * dollars["sales"], "potential": 150 * dollars["potential"]}

    assert fit(**yen, seed=0).elasticity == pytest.approx(fit(**dollars, seed=0).elasticity)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accounts": 25}, "has 25 accounts with potential and a known coverage; it takes at least 30"),
        ({"groups": 5}, "has 5 books that got their time apart from each other; it takes at least 12"),
        ({"spread": 0.02}, "nearly the same of the time planned"),
    ],
)
def test_too_little_history_is_refused_with_how_much_it_takes(changes, message):
    with pytest.raises(TooLittleHistory, match=message):
        fit(**a_history(1, **changes), seed=0)


def test_a_history_in_which_hardly_anybody_bought_is_refused():
    history = a_history(1)
    history["sales"][15:] = 0.0

    with pytest.raises(TooLittleHistory, match=r"has \d+ accounts that bought anything; it takes at least 20"):
        fit(**history, seed=0)
