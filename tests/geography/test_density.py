import numpy as np
import pytest

from patchbook.geography.density import accounts_per_1000_km2, nearest_neighbour_km
from patchbook.geography.distance import great_circle_km


def test_density_is_near_the_count_within_the_radius():
    rng = np.random.default_rng(3)
    latitude, longitude = rng.uniform(40, 42, 2000), rng.uniform(-90, -87, 2000)
    within = great_circle_km(latitude[:, None], longitude[:, None], latitude[None], longitude[None]) <= 25
    exact = within.sum(axis=1) / (np.pi * 25**2) * 1000

    found = accounts_per_1000_km2(latitude, longitude)

    assert np.corrcoef(found, exact)[0, 1] > 0.97
    assert found.mean() == pytest.approx(exact.mean(), rel=0.05)


def test_an_account_without_a_place_has_no_density_and_is_nobodys_neighbour():
    assert np.isnan(accounts_per_1000_km2([np.nan, 40.0], [0.0, 0.0])).tolist() == [True, False]
    assert np.isnan(nearest_neighbour_km([np.nan, 40.0], [0.0, 0.0])).all()


def test_the_nearest_neighbour_of_a_shared_address_is_at_no_distance():
    found = nearest_neighbour_km([40.0, 40.0, 41.0], [0.0, 0.0, 0.0])

    assert found[:2].tolist() == [0.0, 0.0]
    assert found[2] == pytest.approx(111.2, abs=0.1)


def test_no_accounts_have_no_density():
    assert accounts_per_1000_km2([], []).tolist() == []
