"""Where the points of a frontier are drawn."""

from __future__ import annotations

import re

import pytest

from patchbook.plans.frontier import Point, Tuning
from patchbook.web.frontier_chart import chart


def a_point(moved, off, km=None, *, cap=0.5, is_feasible=True):
    return Point(
        tuning=Tuning(moved_at_most=cap), result_id="r", seed=1, seconds=3, engine="1", moved=1, moved_share=moved,
        deviation=off, travel_km=km, gap=None, is_feasible=is_feasible,
    )  # fmt: skip


POINTS = [
    a_point(0.10, 0.20, 50, cap=0.1),
    a_point(0.20, 0.05, 90, cap=0.2),
    a_point(0.30, 0.30, 20, cap=0.3),
    a_point(0.40, 0.40, 95, cap=0.4),
    a_point(0.05, 0.01, 10, cap=0.6, is_feasible=False),
]


def test_more_disruption_is_further_right_worse_balance_higher_and_more_travel_larger():
    drawn = {dot.point.tuning.moved_at_most: dot for dot in chart(POINTS).dots}

    assert drawn[0.1].x < drawn[0.2].x < drawn[0.4].x
    assert drawn[0.4].y < drawn[0.1].y < drawn[0.2].y
    assert drawn[0.4].radius > drawn[0.2].radius > drawn[0.1].radius > drawn[0.6].radius


def test_everything_is_inside_the_frame():
    found = chart(POINTS, now=(0.5, 0.6))

    for x, y in [(dot.x, dot.y) for dot in found.dots] + [found.now]:
        assert found.left <= x <= found.right
        assert found.top <= y <= found.bottom
    assert all(found.left <= tick.at <= found.right for tick in found.across)
    assert found.now[0] == max(x for x, _ in [found.now, *((dot.x, dot.y) for dot in found.dots)])


def test_what_is_best_only_in_travel_is_marked_and_not_on_the_line():
    found = chart(POINTS)

    best = {dot.point.tuning.moved_at_most for dot in found.dots if dot.is_best}
    assert best == {0.1, 0.2, 0.3}  # 0.4 is beaten in everything, 0.6 does not meet its limits
    assert len(re.findall("[ML]", found.line)) == 2


@pytest.mark.parametrize("points", [[], [a_point(0.1, 0.1)], [a_point(None, None)] * 2])
def test_few_points_or_points_that_are_alike_are_drawn_as_well(points):
    found = chart(points)

    assert len(found.dots) == len(points)
    assert 2 <= len(found.across) <= 10


def test_a_point_is_told_in_one_sentence():
    (dot,) = chart([a_point(0.123, 0.05, 80)]).dots

    assert dot.says == (
        "At most 50% change owner: 12.3% change owner, furthest from its share 5.0%, mean travel 80 km, one of the best"
    )
