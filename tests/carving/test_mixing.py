"""Chains that agree are told from chains that do not, and draws that depend on each other count for less."""

from __future__ import annotations

import numpy as np
import pytest

from patchbook.carving.mixing import effective_size, split_r_hat


def independent(chains=4, length=500, seed=1):
    return np.random.default_rng(seed).normal(size=(chains, length))


def sticky(keeps, chains=4, length=2000, seed=1):
    """Each draw is the last one times `keeps`, and chance."""
    rng = np.random.default_rng(seed)
    draws = np.zeros((chains, length))
    for step in range(1, length):
        draws[:, step] = keeps * draws[:, step - 1] + rng.normal(size=chains)
    return draws


def test_independent_draws_of_one_distribution_have_mixed_and_count_in_full():
    draws = independent()

    assert split_r_hat(draws) == pytest.approx(1.0, abs=0.01)
    assert effective_size(draws) == pytest.approx(draws.size, rel=0.2)


def test_chains_that_stay_apart_have_not():
    draws = independent() + np.arange(4)[:, None] * 3

    assert split_r_hat(draws) > 1.5
    assert effective_size(draws) < 20


def test_chains_that_spread_differently_have_not_even_where_their_middles_agree():
    draws = independent() * np.array([1, 1, 1, 8])[:, None]

    assert split_r_hat(draws) > 1.1


def test_a_chain_that_drifts_has_not():
    assert split_r_hat(independent(chains=1) + np.linspace(0, 6, 500)) > 1.3


@pytest.mark.parametrize("keeps", [0.5, 0.9])
def test_draws_that_follow_each_other_count_as_the_theory_of_such_chains_says(keeps):
    draws = sticky(keeps)

    assert effective_size(draws) == pytest.approx(draws.size * (1 - keeps) / (1 + keeps), rel=0.25)


def test_what_never_changes_has_nothing_to_tell():
    draws = np.ones((4, 50))

    assert (split_r_hat(draws), effective_size(draws)) == (1.0, 200.0)


def test_chains_that_each_stay_at_a_value_of_their_own_have_not_mixed():
    draws = np.repeat(np.arange(4.0)[:, None], 50, axis=1)

    assert split_r_hat(draws) == float("inf")
    assert effective_size(draws) < 10


def test_the_order_of_chains_and_the_unit_of_the_draws_do_not_matter():
    draws = independent(length=100)

    assert split_r_hat(3 * draws[::-1] + 5) == pytest.approx(split_r_hat(draws))
