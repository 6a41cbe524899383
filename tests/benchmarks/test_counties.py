"""The benchmark of counties judges by itself, and knows a county that is too large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from benchmarks import counties
from benchmarks.counties import Land, judge, lower_48, oversized


@pytest.fixture
def a_row() -> Land:
    """Six counties in a row, each with ten people and ten accounts; three districts."""
    chain = np.zeros((6, 6), bool)
    for a in range(5):
        chain[a, a + 1] = chain[a + 1, a] = True
    return Land(
        latitude=np.full(6, 40.0), longitude=np.linspace(-100, -95, 6), weights=np.full((6, 2), 10.0),
        adjacency=csr_array(chain), seats=3, tolerance=0.05,
    )  # fmt: skip


def test_a_split_in_three_pairs_is_feasible_and_one_in_pieces_is_not(a_row):
    pairs = judge(a_row, np.array([0, 0, 1, 1, 2, 2]))
    torn = judge(a_row, np.array([0, 1, 1, 0, 2, 2]))

    assert (pairs["is_feasible"], pairs["extra_pieces"], pairs["cut_edges"]) == (True, 0, 2)
    assert (torn["is_feasible"], torn["extra_pieces"]) == (False, 1)
    assert torn["mean_km"] > pairs["mean_km"]


def test_loads_outside_the_tolerance_are_told_as_shares(a_row):
    found = judge(a_row, np.array([0, 0, 0, 1, 2, 2]))

    assert found["worst_deviations"] == pytest.approx([0.5, 0.5])
    assert not found["is_feasible"]


def test_a_county_too_large_for_a_district_is_left_out_with_its_district(a_row):
    weights = a_row.weights.copy()
    weights[0] = [40.0, 10.0]
    land = replace(a_row, weights=weights)

    assert oversized(land).tolist() == [0]
    rest = land.without(oversized(land))
    assert (len(rest.weights), rest.seats, rest.adjacency.nnz) == (5, 2, 8)


def test_the_lower_48_are_3109_counties_in_one_piece():
    land = lower_48(50, 0.05, "zips", 1)

    assert land.weights.shape == (3109, 2)
    assert oversized(land).tolist() == [int(np.argmax(land.weights[:, 0]))]  # Los Angeles


def test_a_stranger_among_the_peers_is_refused(capsys):
    assert counties.main(["--peers", "excel"]) == 2
    assert "the peers are gerrychain, skater, maxp" in capsys.readouterr().err
