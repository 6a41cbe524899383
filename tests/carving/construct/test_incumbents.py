"""Starting from today, everyone with an owner stays and the others go where they are cheapest."""

from __future__ import annotations

import numpy as np

from patchbook.carving.construct import Incumbents
from patchbook.carving.costs import Costs
from tests.carving.conftest import build_grid

TODAY = np.array([2, 0, 0, 1, 1, 1, 2, 2, -1])


def test_today_is_kept_and_who_has_no_owner_goes_to_the_nearest(begin):
    owners, _, _ = begin(Incumbents(), build_grid(incumbent=TODAY, stay=np.ones(9)))

    assert owners.tolist() == [2, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_lock_is_stronger_than_today(begin):
    fixed = np.array([1, *[-1] * 8])

    owners, _, _ = begin(Incumbents(), build_grid(incumbent=TODAY, stay=np.ones(9), fixed=fixed))

    assert owners[0] == 1


def test_it_suits_where_most_have_an_owner_that_it_costs_to_leave():
    few = np.array([0, *[-1] * 8])

    assert Incumbents().supports(Costs(build_grid(incumbent=TODAY, stay=np.ones(9))))
    assert not Incumbents().supports(Costs(build_grid(incumbent=few, stay=np.ones(9))))
    assert not Incumbents().supports(Costs(build_grid(incumbent=TODAY, stay=np.zeros(9))))
    assert not Incumbents().supports(Costs(build_grid()))
