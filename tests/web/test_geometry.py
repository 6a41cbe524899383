"""The ground of the maps: small, whole, kept for ever; and the accounts of a plan for who may see them all."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from builders.plans import ADA, ANN, DOCUMENT, MONDAY, PIA, TUESDAY, a_carved_plan, a_market
from patchbook import access
from patchbook.access.store import role_held
from patchbook.db import Record, open_record
from patchbook.geography.shapes import Shape, shapes
from patchbook.people.permission import Deed
from patchbook.people.principal import Role
from patchbook.plans import actions as plans
from patchbook.plans.edits import Move
from patchbook.plans.life import RecordedPlan
from patchbook.web.app import create_app
from patchbook.web.geometry import RECIPES, digest, geometry_urls, packed, polygons_of
from patchbook.web.plan_points import map_urls

FIRST_VIEW_BYTES = 100_000


def layer(name: str) -> dict:
    return json.loads(gzip.decompress(packed(name)))


def area(polygon: list) -> float:
    """In square degrees, holes taken off."""
    sizes = []
    for ring in polygon:
        x, y = np.array(ring).T
        sizes.append(abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2)
    return sizes[0] - sum(sizes[1:])


def polygons(feature: dict) -> list:
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


def test_a_first_view_loads_little():
    assert len(packed("us-states")) + len(packed("countries-coarse")) <= FIRST_VIEW_BYTES


@pytest.mark.parametrize("name", RECIPES)
def test_every_layer_has_a_feature_for_each_shape_with_whole_number_ids_and_closed_rings(name):
    features = layer(name)["features"]
    drawn = {number for number, shape in enumerate(shapes(name)) if shape.rings}

    assert {feature["id"] for feature in features} == drawn
    for feature in features:
        assert set(feature["properties"]) == {"code", "name"}
        for polygon in polygons(feature):
            for ring in polygon:
                assert len(ring) >= 4
                assert ring[0] == ring[-1]


def test_a_county_around_a_city_has_a_hole_for_it():
    [albemarle] = [shape for shape in shapes("us-counties") if shape.code == "51003"]

    [polygon] = polygons_of(albemarle)

    assert len(polygon) == 2  # Charlottesville lies in it, and is no part of it


def test_two_islands_are_two_polygons_however_they_turn():
    square = np.array([[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]], dtype=float)
    island = square + 10.0
    pond = 0.5 * square[::-1] + 0.5

    [first, second] = polygons_of(Shape(code="1", name="one", rings=(square, island, pond)))

    assert [len(first), len(second)] in ([2, 1], [1, 2])
    assert sum(len(ring) for ring in first + second) == 15


def test_the_states_cover_what_they_cover_exactly():
    [texas] = [feature for feature in layer("us-states")["features"] if feature["properties"]["code"] == "48"]

    exact = sum(area([ring[:, ::-1]]) for shape in shapes("us-states") if shape.code == "48" for ring in shape.rings)
    assert sum(area(polygon) for polygon in polygons(texas)) == pytest.approx(exact, rel=0.01)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, _made_sqlite) -> Iterator[tuple[Record, RecordedPlan]]:
    record = open_record(shutil.copytree(_made_sqlite, tmp_path_factory.mktemp("map") / "data"))
    a_market(record)
    roles = [(ADA, Role.PLANNER), (ANN, Role.REP), (PIA, Role.PLANNER)]
    held = [{"held_id": who.person_id, "person_id": who.person_id, "role": role.value} for who, role in roles]
    with record.writing() as tx:
        tx.execute(insert(role_held), [{**row, "source": "", "by": "system", "at": MONDAY} for row in held])
    plan = a_carved_plan(record, DOCUMENT.replace("seconds: 20", "seconds: 1"))
    yield record, plan
    record.close()


@pytest.fixture(scope="module")
def clients(served):
    record, _ = served
    app = create_app(record, clock=lambda: TUESDAY)

    def made(who=None) -> TestClient:
        headers = {}
        if who is not None:
            with record.writing() as tx:
                secret = access.make_token(tx, "map", list(Deed), by=who, at=MONDAY).secret
            headers = {"Authorization": f"Bearer {secret}"}
        return TestClient(app, base_url="http://testserver", headers=headers)

    return made


def urls_of(served) -> dict[str, str]:
    record, plan = served
    with record.reading() as tx:
        return map_urls(tx, plans.get(tx, plan.plan_id, by=ADA, at=TUESDAY))


def test_geometry_is_kept_for_ever_and_comes_gzipped(clients):
    answer = clients(ADA).get(geometry_urls()["us-states"])

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == layer("us-states")


def test_geometry_for_who_cannot_unpack_it(clients):
    answer = clients(ADA).get(geometry_urls()["us-states"], headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in answer.headers
    assert answer.json() == layer("us-states")


@pytest.mark.parametrize("address", ["/geometry/us-states-0000.json", f"/geometry/moon-{digest('us-states')}.json"])
def test_geometry_that_is_not_there_says_so(clients, address):
    answer = clients(ADA).get(address)

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert "load the page again" in answer.json()["detail"]


def test_the_points_are_the_accounts_in_the_order_of_their_ids(clients, served):
    record, plan = served
    ada = clients(ADA)
    urls = urls_of(served)

    ids = ada.get(urls["ids"]).json()
    points = np.frombuffer(ada.get(urls["points"]).content, "<f4").reshape(-1, 2)
    owners = np.frombuffer(ada.get(urls["ownership"]).content, "<u2")
    counties = np.frombuffer(ada.get(urls["counties"]).content, "<u2")
    territories = ada.get(urls["territories"]).json()

    with record.reading() as tx:
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
    rows = {row["account_id"]: row for row in state.assignments.iter_rows(named=True)}
    assert ids == sorted(rows)
    for account, point, owner in zip(ids, points, owners, strict=True):
        assert point == pytest.approx([rows[account]["longitude"], rows[account]["latitude"]], abs=1e-4)
        assert territories[owner]["name"] == rows[account]["territory"]
    assert [one["index"] for one in territories] == list(range(len(territories)))
    names = {shape.name for number, shape in enumerate(shapes("us-counties")) if number in set(counties.tolist())}
    assert {"Suffolk", "Cook"} <= names  # Boston and Chicago lie in these


def test_a_move_changes_one_number_and_no_address_of_a_point(clients, served):
    record, plan = served
    ada = clients(ADA)
    before = urls_of(served)
    ids = ada.get(before["ids"]).json()
    owned = np.frombuffer(ada.get(before["ownership"]).content, "<u2")
    territories = ada.get(before["territories"]).json()
    account = "A7"
    other = next(one for one in territories if one["index"] != owned[ids.index(account)] and one["layer"] == "Field")
    with record.writing() as tx:
        now = plans.get(tx, plan.plan_id, by=ADA, at=TUESDAY)
        move = Move(accounts=(account,), to=other["name"])
        plans.edit(tx, plan.plan_id, move, revision=now.revision, overrule="a test", by=ADA, at=TUESDAY)

    after = urls_of(served)
    moved = np.frombuffer(ada.get(after["ownership"]).content, "<u2")

    assert after["points"] == before["points"]
    assert np.flatnonzero(moved != owned).tolist() == [ids.index(account)]
    assert [one["colour"] for one in ada.get(after["territories"]).json()] == [one["colour"] for one in territories]


def test_ownership_is_asked_for_again_and_answered_shortly_when_it_has_not_changed(clients, served):
    ada = clients(ADA)
    urls = urls_of(served)
    first = ada.get(urls["ownership"])

    again = ada.get(urls["ownership"], headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert ada.get(urls["points"]).headers["cache-control"].startswith("private")
    assert (again.status_code, again.content) == (304, b"")


def test_a_measure_is_sent_in_the_order_of_the_accounts(clients, served):
    record, plan = served
    ada = clients(ADA)
    urls = urls_of(served)

    measures = json.loads(urls["measures"])
    values = np.frombuffer(ada.get(measures["potential"]).content, "<f4")

    with record.reading() as tx:
        state = plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)
    assert values.tolist() == state.assignments.sort("account_id")["measure_potential"].to_list()
    assert ada.get(measures["potential"].replace("potential", "luck")).status_code == 404


def test_a_rep_and_a_stranger_see_no_account_of_a_plan(clients, served):
    urls = urls_of(served)
    urls |= json.loads(urls.pop("measures"))

    assert {clients(ANN).get(urls[name]).status_code for name in urls} == {403}
    assert {clients().get(address).status_code for address in [*urls.values(), *geometry_urls().values()]} == {401}
    assert clients(PIA).get(urls["points"]).status_code == 200


def test_points_of_an_older_carve_say_that_the_page_is_old(clients, served):
    _, plan = served

    answer = clients(ADA).get(f"/plans/{plan.plan_id}/points-0123.bin")

    assert answer.status_code == 404
    assert "load the page again" in answer.json()["detail"]
