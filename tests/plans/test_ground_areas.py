"""Areas that accounts name: postal codes, states, and areas of one's own with a file of which of them touch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from patchbook.geography.adjacency import components
from patchbook.plans.documents import laid_out, names_in, parsed, refuse_incomplete
from patchbook.plans.fields_used import fields_used
from patchbook.plans.ground import ground_of
from patchbook.plans.ground_areas import BadNeighbours, own_areas, postal_areas, state_areas
from patchbook.plans.problems import BadPlanFile


def accounts_at(*rows: tuple[str | None, ...], columns: str) -> pl.DataFrame:
    names = columns.split()
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.col(name).cast(pl.Float64) for name in names if name in ("latitude", "longitude")
    )


def touching(graph) -> set[frozenset[str]]:
    a, b = graph.adjacency.tocoo().coords
    return {frozenset((graph.names[i], graph.names[j])) for i, j in zip(a, b, strict=True)}


def everywhere(accounts: pl.DataFrame) -> np.ndarray:
    return np.ones(accounts.height, bool)


def nowhere(accounts: pl.DataFrame) -> np.ndarray:
    return np.zeros(accounts.height, bool)


def test_postal_codes_touch_where_none_lies_between_and_are_read_as_people_write_them():
    codes = ["10001", "10011-1234", "2138", "02139", "90001"]
    frame = accounts_at(*((code, "US") for code in codes), (None, "US"), columns="postal_code country")

    named = postal_areas(frame, nowhere(frame))

    assert named.area_of_row.to_list() == ["US 10001", "US 10011", "US 02138", "US 02139", "US 90001", None]
    assert components(named.graph.adjacency) == 1
    assert {frozenset(("US 10001", "US 10011")), frozenset(("US 02138", "US 02139"))} <= touching(named.graph)


def test_a_postal_code_that_no_table_has_lies_where_its_accounts_do():
    frame = accounts_at(
        ("X1", "FJ", "-18.1", "178.4"), ("X2", "FJ", "-17.8", "177.4"), ("X3", "FJ", None, None),
        columns="postal_code country latitude longitude",
    )  # fmt: skip

    named = postal_areas(frame, np.array([True, True, False]))

    assert named.area_of_row.to_list() == ["FJ X1", "FJ X2", None]
    assert touching(named.graph) == {frozenset(("FJ X1", "FJ X2"))}


def test_states_touch_by_border_and_those_without_accounts_go_to_their_neighbours():
    west = [(state, "US") for state in ("CA", "NV", "UT", "ME", "OR", "ID", "AZ")]
    rows = [*west[:4], ("Bayern", "DE"), ("by", "DE"), *west[4:]]
    frame = accounts_at(*rows, columns="state country")

    named = state_areas(frame, nowhere(frame))

    assert named.area_of_row.to_list()[:6] == ["US-CA", "US-NV", "US-UT", "US-ME", "DE-BY", "DE-BY"]
    near = touching(named.graph)
    assert {frozenset(("US-CA", "US-NV")), frozenset(("US-NV", "US-UT"))} <= near
    assert frozenset(("US-CA", "US-UT")) not in near
    assert components(named.graph.adjacency) == 1  # Maine over the states between, Bavaria over the sea


def test_a_state_of_a_country_without_shapes_touches_its_natural_neighbours():
    frame = accounts_at(
        ("Ba", "FJ", "-17.6", "177.6"), ("Rewa", "FJ", "-18.1", "178.5"), ("Hawaii", "US", "21.3", "-157.8"),
        ("Lost", "FJ", None, None), columns="state country latitude longitude",
    )  # fmt: skip

    named = state_areas(frame, np.array([True, True, True, False]))

    assert named.area_of_row.to_list() == ["FJ Ba", "FJ Rewa", "US-HI", None]
    assert frozenset(("FJ Ba", "FJ Rewa")) in touching(named.graph)
    assert components(named.graph.adjacency) == 1


@pytest.fixture
def a_file(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "neighbours.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


PAIRS = "area,touches\nNorth,Middle\nMiddle,South\nSouth,Coast\nIsle,Skerry\n"


def test_areas_of_ones_own_touch_as_the_file_says_and_an_area_nobody_has_is_passed_through(a_file):
    frame = accounts_at(("North",), ("South",), ("Coast",), (None,), columns="region")

    path = a_file(PAIRS)
    named = own_areas("region", path, path, frame, nowhere(frame))

    assert touching(named.graph) == {frozenset(("North", "South")), frozenset(("South", "Coast"))}
    ground = ground_of(named, frame, np.array([0, 1, 2, 3]), np.ones(4), nowhere(frame))
    assert [int(area) for area in ground.areas.area_of_unit] == [named.graph.names.index(n) for n in
                                                                 ("North", "South", "Coast")] + [-1]  # fmt: skip


def test_a_family_lies_in_the_area_of_its_account_with_most_travel(a_file):
    frame = accounts_at(("North",), ("South",), (None,), ("Coast",), columns="region")

    path = a_file(PAIRS)
    named = own_areas("region", path, path, frame, nowhere(frame))
    ground = ground_of(named, frame, np.array([0, 0, 0, 1]), np.array([1.0, 2.0, 9.0, 1.0]), nowhere(frame))

    assert named.graph.names[ground.areas.area_of_unit[0]] == "South"


def test_what_the_file_leaves_apart_is_bridged_at_the_nearest_place_and_told(a_file):
    frame = accounts_at(
        ("North", "50", "1"), ("South", "48", "1"), ("Isle", "47.5", "1"), columns="region latitude longitude"
    )

    path = a_file(PAIRS)
    named = own_areas("region", path, path, frame, everywhere(frame))

    ground = ground_of(named, frame, np.arange(3), np.ones(3), everywhere(frame))
    assert ground.bridges == ("Isle and South count as neighbours: nothing nearer connects them.",)


@pytest.mark.parametrize(
    ("text", "field", "values", "said"),
    [
        (PAIRS, "nofield", ["North"], "the accounts have no field 'nofield'; it must be a field they have"),
        ("area\nNorth\n", "region", ["North"], "neighbours.csv has one column; it needs two"),
        ("a,b\n,\n", "region", ["North"], "no pair of areas; write two names that touch on each line"),
        (PAIRS, "region", ["North", "Ruhr", "Ruhr"], "no pair with 'Ruhr', the region of 2 accounts; add a line"),
        (PAIRS, "region", [None], "no account has a value of 'region', which names its area"),
        (PAIRS, "region", ["North", "Isle"], "does not connect all areas, and 'Isle' has no account with a place"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_one_sentence(a_file, text, field, values, said):
    frame = accounts_at(*((value,) for value in values), columns="region")

    path = a_file(text)
    with pytest.raises(BadNeighbours, match=said):
        own_areas(field, path, path, frame, nowhere(frame))


def test_accounts_without_codes_or_states_are_refused_with_what_would_do():
    frame = accounts_at(("A1",), columns="account_id")

    with pytest.raises(BadNeighbours, match="no account has a postal code with a known place; say contiguous: neigh"):
        postal_areas(frame, nowhere(frame))
    with pytest.raises(BadNeighbours, match="no account has a state; say contiguous: neighbours"):
        state_areas(frame, nowhere(frame))


def test_a_file_of_touching_areas_comes_with_the_plans_document_and_its_field_is_used():
    document = (
        "plan: P\naccounts: a.csv\nlayers:\n"
        "  - carve: {name: Field, seats: 2, contiguous: {file: neighbours.csv, area: region}}\n"
    )

    assert names_in(document) == ("neighbours.csv",)
    assert fields_used(parsed(document))["region"] == ("the carve Field",)
    with laid_out(document, {"neighbours.csv": PAIRS}) as plan:
        assert plan.layers[0].contiguous.file.read_text(encoding="utf-8") == PAIRS
    with pytest.raises(BadPlanFile, match=r"the file 'neighbours.csv' did not come with the plan"):
        refuse_incomplete(document, {})
