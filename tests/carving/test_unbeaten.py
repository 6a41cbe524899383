"""Of several points, those that nothing beats."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from patchbook.carving.unbeaten import best

triples = st.lists(st.tuples(*[st.integers(0, 4).map(float)] * 3), max_size=12)


@given(triples)
def test_the_best_are_those_that_nothing_beats_and_everything_else_is_beaten_by_one_of_them(points):
    wins = best(points)

    chosen = [point for point, is_best in zip(points, wins, strict=True) if is_best]
    assert len(chosen) == len(set(chosen))
    for point in points:
        beaten = any(other != point and all(a <= b for a, b in zip(other, point, strict=True)) for other in points)
        assert (point in chosen) != beaten
