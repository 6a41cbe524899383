"""Who may: every operation × everybody × objects of one's own, below, beside and above; made from the description.

Nothing is kept: each request runs in a transaction that is rolled back, so that the order does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from builders.api_requests import ApiRequest
from builders.postgres import Server
from builders.together import DOCUMENT
from builders.web_company import PEOPLE, STAFFED, TREE, accounts_of, canary
from builders.web_world import (
    EVERYBODY,
    LIMIT,
    PLACES,
    REACH,
    SEES_PLANS,
    World,
    a_world,
    foreign,
    rolled_back,
)
from patchbook.db import Record, create_record
from patchbook.people.permission import MAY, Deed
from patchbook.web.jobs import Jobs
from patchbook.web.policy import POLICY, Anybody

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))

ALL = {"own": "north-1", "above": "world"}
"""Territories by where they lie for somebody; the same for everybody whose role is for the whole company."""

ASKED_OF = {"sqlite": tuple(EVERYBODY), "postgresql": tuple(EVERYBODY) if TORTURE else ("rep", "manager")}
"""Who asks on which engine: what differs between the two is what is narrowed, so there those whose sight is."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server
) -> Iterator[World]:
    url = postgresql_server.new_database() if request.param == "postgresql" else None
    record = create_record(tmp_path_factory.mktemp("matrix") / "data", url=url)
    made = a_world(record)
    with pytest.MonkeyPatch.context() as patched, made.client:
        patched.setattr(Record, "writing", rolled_back)
        patched.setattr(Record, "deciding", rolled_back)
        patched.setattr(Jobs, "begin", lambda self, job, work: None)
        yield made
    record.close()
    if url:
        postgresql_server.drop(url)


OF_A_PLACE = ("territory_id", "account_id", "person_id", "seat_id", "opportunity_id", "subject_id")


@pytest.mark.parametrize("name", sorted(POLICY))
def test_an_operation_answers_each_as_they_may(name: str, world: World):
    for who in ASKED_OF[world.record.engine.dialect.name]:
        if not may(who, POLICY[name]):
            answer = world.ask(who, world.description.request(name, values_for(world, "north-1", "plan-open")))
            expected = 401 if who == "anonymous" else 403
            assert answer.status_code == expected, f"{who}: {answer.status_code} {answer.text[:300]}"
            assert not foreign(who, answer.text), who
            continue
        for place, territory, plan_id in objects(who, world.description.operations[name][1]):
            request = world.description.request(name, values_for(world, territory, plan_id))
            answer = world.ask(who, request)
            case = f"{who}, {place}, {request.path}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code != 401 or name in SIGN_INS, case
            assert answer.status_code < 500, case
            assert not foreign(who, answer.text), f"{case} tells of {foreign(who, answer.text)}"
            if is_elsewhere(who, request, territory, plan_id, world.ids[territory]["extension_id"]):
                assert answer.status_code in (403, 404, 409, 422), case
                assert_as_if_not_there(world, who, request, answer)


def objects(who: str, path: str) -> list[tuple[str, str, str]]:
    """Where it lies for somebody, a territory, and a plan: each plan where the path is about one, else each place."""
    places = PLACES.get(who, ALL if TORTURE else {"own": "north-1"})
    if "{plan_id}" in path:
        return [("own", places["own"], plan_id) for plan_id in SEES_PLANS]
    return [(place, territory, "plan-open") for place, territory in places.items()]


SIGN_INS = {"sign_in", "begin_single_sign_on", "finish_single_sign_on"}


def may(who: str, deed: Deed | Anybody) -> bool:
    """Whether somebody's role or token lets them do this anywhere."""
    if deed is Anybody.PUBLIC:
        return True
    if who == "anonymous":
        return False
    if deed is Anybody.SIGNED_IN:
        return True
    if who == "limited token":
        return deed is LIMIT
    return PEOPLE[EVERYBODY[who]][1] in MAY[deed]


def values_for(world: World, territory: str, plan_id: str) -> dict[str, Any]:
    """What a request about a territory and a plan names."""
    return world.ids[territory] | {
        "plan_id": plan_id,
        "job_id": world.jobs[plan_id],
        "role": "owner",
        "name": "challenge_days",
        "provider": "none",
        "other": "plan-secret",
        "document": DOCUMENT,
        "moves": {"A1": "Middle"},
        "why": "because",
    }


def unique(request: ApiRequest) -> str:
    """The id a path is about."""
    parts = request.path.removeprefix("/api/v1/").split("/")
    return parts[1] if len(parts) > 1 else ""


def is_elsewhere(who: str, request: ApiRequest, territory: str, plan_id: str, extension_id: str) -> bool:
    """Whether a request is about an object its sender does not see."""
    about = unique(request)
    if plan_id in request.path.split("/"):
        return who not in SEES_PLANS[plan_id]
    if about in (
        territory,
        f"deal-{territory}",
        f"seat-{territory}",
        f"lead-{territory}",
        extension_id,
        *accounts_of(territory),
    ):
        return territory not in REACH.get(who, set(TREE))
    if about in PEOPLE and about == STAFFED[territory]:
        return territory not in REACH.get(who, set(TREE))
    return False


def assert_as_if_not_there(world: World, who: str, request: ApiRequest, answer: Response) -> None:
    """What one may not see is answered as what is not there."""
    about = unique(request)
    nothing = ApiRequest(
        request.method,
        request.path.replace(f"/{about}", "/nothing-there", 1),
        request.query,
        request.body,
        request.content,
    )
    other = world.ask(who, nothing)
    assert (other.status_code, plain(other, "nothing-there")) == (answer.status_code, plain(answer, about)), who


def plain(answer: Response, name: str) -> str:
    """What is said, without the name it is said of, and without which of one's own are spelt alike."""
    return str(answer.json()["detail"]).replace(name, "…").partition("; the nearest are")[0].rstrip(".")


def test_whoever_sees_everything_sees_the_canaries(world: World):
    people = world.ask("admin", ApiRequest("GET", "/api/v1/people"))
    accounts = world.ask("admin", ApiRequest("GET", "/api/v1/accounts"))
    territories = world.ask("admin", ApiRequest("GET", "/api/v1/territories"))

    assert all(canary(who) in people.text for who in PEOPLE)
    assert all(canary(account) in accounts.text for name in TREE for account in accounts_of(name))
    assert all(canary(name) in territories.text for name in TREE)


def test_everybody_sees_their_own(world: World):
    for who, reach in REACH.items():
        for path, told in (("accounts", lambda name: accounts_of(name)[0]), ("territories", str)):
            answer = world.ask(who, ApiRequest("GET", f"/api/v1/{path}"))
            assert all(canary(told(name)) in answer.text for name in reach), who


def test_what_the_matrix_asks_for_is_really_there(world: World):
    values = values_for(world, "north-1", "plan-window")
    asked = ("get_pool", "get_publication", "get_carve", "stop_carve", "lift_freeze", "decide_extension")

    answers = {name: world.ask("admin", world.description.request(name, values)) for name in asked}

    assert {name: answer.text for name, answer in answers.items() if answer.status_code >= 300} == {}
