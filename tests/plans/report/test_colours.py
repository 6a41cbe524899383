"""Neighbours never share a colour as far as the palette reaches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from patchbook.plans.report.colours import COLOURS, coloured


@given(st.integers(1, 60))
def test_a_grid_of_any_width_needs_no_colour_twice_in_a_row(width: int) -> None:
    right = [(i, i + 1) for i in range(3 * width - 1) if (i + 1) % width]
    down = [(i, i + width) for i in range(2 * width)]

    colours = coloured(3 * width, right + down)

    assert all(colours[a] != colours[b] for a, b in right + down)


def test_more_neighbours_than_colours_share_as_evenly_as_they_can() -> None:
    everyone = [(a, b) for a in range(2 * COLOURS) for b in range(a)]

    colours = coloured(2 * COLOURS, everyone)

    assert sorted(colours) == sorted(list(range(COLOURS)) * 2)
