import numpy as np

from patchbook.carving.median_partition import grouped
from patchbook.carving.median_recombination import Recombination
from patchbook.carving.medians import _ground

ROW = [[0, 0], [1, 0], [5, 0], [6, 0], [20, 0], [21, 0], [25, 0], [26, 0]]


def the_ground(capacity=2):
    return _ground(np.ones(8), capacity, 4, ROW, None)[0]


def remembering(*partitions, capacity=2):
    ground = the_ground(capacity)
    recombination = Recombination(ground, 4)
    for owner in partitions:
        recombination.collect(grouped(ground, 4, np.array(owner)))
    return recombination


def partition_of(owner):
    return {frozenset(np.flatnonzero(owner == group).tolist()) for group in set(owner.tolist())}


LEFT_RIGHT = [0, 0, 1, 1, 2, 3, 2, 3]
RIGHT_RIGHT = [0, 1, 0, 1, 2, 2, 3, 3]


def test_halves_that_two_partitions_have_right_are_put_together():
    best = remembering(LEFT_RIGHT, RIGHT_RIGHT).best(np.array(LEFT_RIGHT))

    assert partition_of(best) == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5}), frozenset({6, 7})}


def test_a_group_above_its_capacity_is_never_put_into_a_partition():
    crowded = [0, 0, 0, 1, 2, 2, 3, 3]

    best = remembering(crowded, LEFT_RIGHT).best(np.array(LEFT_RIGHT))

    assert max(len(members) for members in partition_of(best)) == 2


def test_groups_that_no_partition_had_are_found_by_their_price():
    crowded = [0, 0, 0, 1, 2, 2, 3, 3]

    best = remembering(crowded).best(np.array(LEFT_RIGHT))

    assert partition_of(best) == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5}), frozenset({6, 7})}


def test_the_best_partition_told_is_remembered():
    recombination = remembering(LEFT_RIGHT, RIGHT_RIGHT)
    recombination.best(np.array(LEFT_RIGHT))

    again = recombination.best(np.array(RIGHT_RIGHT))

    assert partition_of(again) == {frozenset({0, 1}), frozenset({2, 3}), frozenset({4, 5}), frozenset({6, 7})}
