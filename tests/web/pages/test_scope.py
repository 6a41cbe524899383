"""Nobody sees on a page what is outside their scope: every address × whose sight is narrowed × places near and far.

Nothing is kept: each request runs in a transaction that is rolled back, so that the order does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response

from builders.web_company import NOW, PEOPLE, TREE, canary
from builders.web_world import EVERYBODY, PLACES, REACH, SEES_PLANS, World, a_world, foreign, rolled_back
from patchbook import access
from patchbook.db import Record, create_record
from patchbook.people.permission import MAY, Deed
from patchbook.web.jobs import Jobs
from patchbook.web.pages import PAGES
from patchbook.web.policy import Anybody
from patchbook.web.route import DEED

WHO = ("rep", "manager", "peer manager", "finance", "viewer")
ROUTES = [route for page in PAGES for route in page.router.routes if isinstance(route, APIRoute)]
LOOKED_AT = [route for route in ROUTES if "GET" in route.methods]
SENT = [route for route in ROUTES if "POST" in route.methods]

Visitors = dict[str, TestClient]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    record = create_record(tmp_path_factory.mktemp("scope") / "data")
    made = a_world(record)
    yield made
    record.close()


@pytest.fixture(scope="module")
def visitors(world: World) -> Iterator[Visitors]:
    """Everybody, signed in; whatever they do is undone."""
    found: Visitors = {}
    for who in WHO:
        with world.record.writing() as tx:
            begun = access.begin(tx, str(EVERYBODY[who]), how="test", at=NOW)
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        found[who] = TestClient(world.client.app, headers=headers, follow_redirects=False)
        found[who].cookies.set("patchbook-session", begun.secret)
    with pytest.MonkeyPatch.context() as patched, world.client:
        patched.setattr(Record, "writing", rolled_back)
        patched.setattr(Record, "deciding", rolled_back)
        patched.setattr(Jobs, "begin", lambda self, job, work: None)
        yield found


@pytest.mark.parametrize("route", LOOKED_AT, ids=lambda route: route.path)
def test_a_page_tells_nobody_of_what_they_do_not_reach(route: APIRoute, world: World, visitors: Visitors):
    for who in WHO:
        for territory, plan_id in objects(who, route):
            values = values_for(world, territory, plan_id)
            there = address(route, values)
            for query in queries(who, route, values):
                if follows(route) and who in SEES_PLANS[plan_id]:
                    continue  # a stream of events has no end
                answer = visitors[who].get(there, params=query)
                case = f"{who}, {there}, {query}: {answer.status_code} {words(answer)[:300]}"

                assert answer.status_code < 500, case
                heard = set(foreign(who, told(answer))) - known_by_name(who, route)
                assert not heard, f"{case} tells of {heard}"
                if is_elsewhere(who, route, territory, plan_id):
                    nothing = there.replace(f"/{first(route, values)}", "/nothing-there", 1)
                    other = visitors[who].get(nothing, params=query)
                    assert answer.status_code == 404, case
                    assert as_of_nothing(other, "nothing-there") == as_of_nothing(answer, first(route, values)), case


def may(who: str, route: APIRoute) -> bool:
    """Whether somebody's role lets them ask this at all."""
    deed: Deed | Anybody = (route.openapi_extra or {})[DEED]
    return not isinstance(deed, Deed) or PEOPLE[str(EVERYBODY[who])][1] in MAY[deed]


def objects(who: str, route: APIRoute) -> list[tuple[str, str]]:
    """The territories and plans a request is about: each plan where the address is about one, else each place."""
    places = PLACES.get(who, {"own": "north-1"})
    is_of_plans = "plan_id" in route.path or any(one.alias == "plan_id" for one in parameters_of(route.dependant))
    if not may(who, route) or (who in ("finance", "viewer") and not is_of_plans):
        return []  # test_every_page.py has those who may not; and of all but plans these two see everything
    if "{plan_id}" in route.path:
        return [(places.get("beside", places["own"]), plan_id) for plan_id in SEES_PLANS]
    if not names_in(route):
        return [(places.get("beside", places["own"]), "plan-open")]
    return [(territory, "plan-open") for territory in places.values()]


def values_for(world: World, territory: str, plan_id: str) -> dict[str, Any]:
    """What an address about a territory and a plan names."""
    return world.ids[territory] | {"plan_id": plan_id, "job_id": world.jobs[plan_id], "number": 1, "part": "points"}


def address(route: APIRoute, values: dict[str, Any]) -> str:
    """The address with its braces filled; what there is none of is called nothing."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda name: quote(str(values.get(name[1], "nothing")), safe=""), route.path)


def first(route: APIRoute, values: dict[str, Any]) -> str:
    """The id an address is about."""
    return str(values.get(names_in(route)[0], "nothing"))


def names_in(route: APIRoute) -> list[str]:
    return re.findall(r"\{(\w+)", route.path)


def queries(who: str, route: APIRoute, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Nothing asked for, and each thing that can be asked for, by ids and by pieces of names."""
    parameters = [(one.alias, one.field_info.is_required()) for one in parameters_of(route.dependant)]
    needed = {name: values.get(name, KNOWN.get(name, "name")) for name, is_needed in parameters if is_needed}
    yield needed
    account, person = values["account_id"], values["person_id"]
    piece = canary(account)[:-1]
    named = {"person": [person], "team_of": [person], "subject": [account], "territory": [values["territory_id"]]}
    named |= {name: [values[name]] for name in ("person_id", "account_id", "pool_id")}
    named |= {"q": [account, piece], "search": [person, piece], "find": [piece]}
    named |= {name: [value] for name, value in KNOWN.items()}
    for name, is_needed in parameters:
        if name == "plan_id":
            yield from ({**needed, name: plan_id} for plan_id in SEES_PLANS)
        elif not is_needed and who in ("rep", "manager"):
            yield from ({**needed, name: value} for value in named.get(name, []))


KNOWN = {"text": "zq", "field": "name", "known": "2027-01-01", "on": "2027-02-01", "what": "moved", "view": "grid",
         "by": "person", "since": "2026-01-01", "one": "north-1-account-1", "other": "south-1-account-1"}  # fmt: skip
"""Parameter → a value it takes, wherever the request is about."""


def parameters_of(dependant: Dependant) -> Iterator[Any]:
    yield from dependant.query_params
    for below in dependant.dependencies:
        yield from parameters_of(below)


def follows(route: APIRoute) -> bool:
    return route.path.endswith("/events")


def is_elsewhere(who: str, route: APIRoute, territory: str, plan_id: str) -> bool:
    """Whether an address is about a thing its reader does not reach."""
    about = (names_in(route) or [""])[0]
    if about == "plan_id" and not route.path.endswith("/rules/plans"):  # a page that is of every plan
        return who not in SEES_PLANS[plan_id]
    return about in OF_A_PLACE and territory not in REACH.get(who, set(TREE))


def known_by_name(who: str, route: APIRoute) -> set[str]:
    """
    People whom somebody is told the name of, and no more, though they lie outside.

    Whom one reports to; and on a draft one was invited to, those it is for and those who plan it.
    """
    line = {canary(one) for one in ABOVE.get(who, ())}
    is_of_drafts = route.path == "/" or route.path.startswith(
        ("/plans", "/proposals", "/inbox", "/comparison", "/rules", "/reviews")
    )  # the first page has the first of the inbox
    return line | ({canary(one) for one in PLANNED} if is_of_drafts and who.endswith("manager") else set())


ABOVE = {"rep": ("nora", "boss"), "manager": ("boss",), "peer manager": ("boss",)}
PLANNED = ("ron", "rita", "sam", "nora", "sven")

OF_A_PLACE = {"territory_id", "account_id", "person_id", "lead_id", "exception_id", "registration_id", "challenge_id"}


def told(answer: Response) -> str:
    """All an answer says: what is read, and where it sends and what it keeps for the next page."""
    return answer.content.decode("utf-8", "replace") + str(answer.headers)


def words(answer: Response) -> str:
    """What a page says, without its frame."""
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main[0] if main else answer.text)).strip()


def as_of_nothing(answer: Response, name: str) -> tuple[int, str]:
    """Status and words, without the name they are said of, that of the request, and which of one's own are alike."""
    said = words(answer).replace(quote(name, safe=""), "…").replace(name, "…")
    return answer.status_code, re.sub(r"request-\w+|; the nearest are [^.]*", "", said)
