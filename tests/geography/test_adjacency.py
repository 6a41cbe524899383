import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.errors import BadInput
from patchbook.geography.adjacency import (
    Graph,
    bridge,
    bridge_lengths_km,
    components,
    contract,
    neighbour_graph,
    us_county_graph,
)
from patchbook.geography.distance import great_circle_km

GRID_LATITUDE, GRID_LONGITUDE = (axis.ravel() for axis in np.meshgrid([40.0, 40.1, 40.2], [-100.0, -99.9, -99.8]))
"""The 3×3 grid, about ten kilometres apart."""


def a_graph(latitude, longitude, edges):
    from patchbook.geography.adjacency import _symmetric

    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return Graph(
        names=tuple(map(str, range(len(latitude)))),
        adjacency=_symmetric(ends[:, 0], ends[:, 1], len(latitude)),
        latitude=np.asarray(latitude, float),
        longitude=np.asarray(longitude, float),
        bridges=np.empty((0, 2), dtype=np.int64),
    )


def touch(graph, one, other):
    return bool(graph.adjacency[graph.position(one), graph.position(other)])


def test_counties_touch_over_land_and_water():
    counties = us_county_graph()

    assert touch(counties, "36061", "36005")  # Manhattan and the Bronx
    assert touch(counties, "36085", "36047")  # Staten Island and Brooklyn
    assert not touch(counties, "36061", "06037")  # Manhattan and Los Angeles


def test_the_counties_are_one_symmetric_graph_without_loops():
    adjacency = us_county_graph().adjacency

    assert components(adjacency) == 1
    assert (adjacency != adjacency.T).nnz == 0
    assert adjacency.diagonal().sum() == 0


def test_hawaii_and_puerto_rico_are_reached_by_bridges():
    counties = us_county_graph()
    bridged = {counties.names[end][:2] for end in counties.bridges.ravel()}

    assert {"15", "72", "02"} <= bridged


def test_a_county_nobody_knows_is_named():
    with pytest.raises(BadInput, match="No area is called '99999'"):
        us_county_graph().position("99999")


def test_accounts_on_a_grid_touch_the_next_and_not_the_far_side():
    graph = neighbour_graph(GRID_LATITUDE, GRID_LONGITUDE)

    assert graph.adjacency[0, 1]
    assert graph.adjacency[0, 3]
    assert not graph.adjacency[0, 8]
    assert len(graph.bridges) == 0


def test_accounts_at_one_address_touch():
    graph = neighbour_graph([40.0, 40.0, 40.0, 41.0], [-100.0, -100.0, -100.0, -99.0])

    assert graph.adjacency[0, 1]
    assert graph.adjacency[0, 2]
    assert components(graph.adjacency) == 1


def test_an_island_is_joined_by_its_nearest_pair_and_said_so():
    latitude = np.concatenate([GRID_LATITUDE, GRID_LATITUDE])
    longitude = np.concatenate([GRID_LONGITUDE, GRID_LONGITUDE + 40])

    graph = neighbour_graph(latitude, longitude)

    assert components(graph.adjacency) == 1
    assert len(graph.bridges) == 1
    assert abs(graph.longitude[graph.bridges[0]] + 80).max() < 20.3
    assert bridge_lengths_km(graph)[0] > 3000


def test_the_date_line_is_no_border():
    graph = neighbour_graph([0.0, 0.1, 0.0, 0.1, 0.05], [179.9, 179.9, -179.9, -179.9, 180.0])

    assert len(graph.bridges) == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_accounts_are_a_graph_too(count):
    assert components(neighbour_graph(GRID_LATITUDE[:count], GRID_LONGITUDE[:count]).adjacency) == 1


def test_an_account_without_a_place_is_refused():
    with pytest.raises(BadInput, match="Account 1 has no coordinates"):
        neighbour_graph([40.0, np.nan], [-100.0, -100.0])


points = st.lists(
    st.tuples(st.floats(-80, 80).map(lambda x: round(x, 3)), st.floats(-180, 180).map(lambda x: round(x, 3))),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(points)
def test_a_neighbour_graph_is_connected_and_symmetric(places):
    latitude, longitude = zip(*places, strict=True)

    adjacency = neighbour_graph(latitude, longitude).adjacency

    assert components(adjacency) == 1
    assert (adjacency != adjacency.T).nnz == 0


@settings(max_examples=60, deadline=None)
@given(points)
def test_the_shortest_bridge_is_the_nearest_pair_of_any_two_parts(places):
    latitude, longitude = map(np.array, zip(*sorted(set(places)), strict=True))
    graph = bridge(a_graph(latitude, longitude, []))
    apart = great_circle_km(latitude[:, None], longitude[:, None], latitude[None], longitude[None])
    np.fill_diagonal(apart, np.inf)

    # Without edges the bridges are a minimum spanning tree, whose shortest edge is the nearest pair.
    assert components(graph.adjacency) == 1
    assert len(graph.bridges) == len(latitude) - 1
    if len(latitude) > 1:
        assert bridge_lengths_km(graph).min() == pytest.approx(apart.min(), abs=1e-3)


def test_a_connected_graph_needs_no_bridge():
    graph = a_graph([0, 0, 0], [0, 1, 2], [(0, 1), (1, 2)])

    assert bridge(graph) is graph


def test_empty_areas_go_to_the_nearest_occupied_one():
    row = a_graph([0] * 5, [0, 1, 2, 3, 4], [(0, 1), (1, 2), (2, 3), (3, 4)])

    contracted = contract(row, [0, 4])

    assert contracted.graph.names == ("0", "4")
    assert contracted.owner[[0, 1, 3, 4]].tolist() == [0, 0, 1, 1]
    assert contracted.graph.adjacency[0, 1]


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 3232), min_size=1, max_size=60))
def test_the_counties_stay_one_graph_however_few_are_occupied(occupied):
    counties = us_county_graph()

    contracted = contract(counties, sorted(occupied))

    assert components(contracted.graph.adjacency) == 1
    assert contracted.owner[sorted(occupied)].tolist() == list(range(len(occupied)))
    assert (contracted.owner >= 0).all()


def test_a_plan_without_any_occupied_area_is_refused():
    with pytest.raises(BadInput, match="No area holds an account"):
        contract(us_county_graph(), np.zeros(3233, dtype=bool))
