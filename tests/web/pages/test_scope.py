"""Nobody sees on a page what is outside their scope: every address × whose sight is narrowed × places near and far.

Nothing is kept: each request runs in a transaction that is rolled back, so that the order does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from enum import Enum
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import insert

from builders.together import COLUMNS, a_grid_plan
from builders.web_company import BEGAN, NOW, PEOPLE, STAFFED, TREE, canary, principal_of
from builders.web_world import EVERYBODY, PLACES, REACH, SEES_PLANS, World, a_world, foreign, rolled_back
from patchbook import access
from patchbook.db import Record, create_record
from patchbook.ledger.lay import lay
from patchbook.people.permission import MAY, Deed
from patchbook.people.principal import Role
from patchbook.people.store import employment, person
from patchbook.plans.life import Status
from patchbook.web.jobs import Jobs
from patchbook.web.pages import PAGES
from patchbook.web.policy import Anybody
from patchbook.web.route import DEED

WHO = ("rep", "manager", "peer manager", "finance", "viewer")
ROUTES = [route for page in PAGES for route in page.router.routes if isinstance(route, APIRoute)]
LOOKED_AT = [route for route in ROUTES if "GET" in route.methods]
SENT = [route for route in ROUTES if "POST" in route.methods]

Visitors = dict[str, TestClient]


LEAVES = {"West": "north-1", "Middle": "north-2", "East": "south-1"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    record = create_record(tmp_path_factory.mktemp("scope") / "data")
    made = a_world(record)
    with record.writing() as tx:
        tx.execute(insert(person), [{"person_id": "pat", "name": "Pat"}])
        lay(tx, employment, [{"person_id": "pat", "valid_from": BEGAN, "reason": "hired"}], at=BEGAN)
        access.grant(tx, "pat", Role.PLANNER, territory_id="north", by=principal_of("ada"), at=NOW)
        called = {usual: f"{name.title()} {canary(name)}" for usual, name in LEAVES.items()}
        where = {account: called[usual] for usual, accounts in COLUMNS.items() for account in accounts}
        staffed = {called[usual]: STAFFED[name] for usual, name in LEAVES.items()}
        told = {"territory_of": where, "person": staffed, "status": Status.ACTIVE, "owner_id": "pia", "made_by": "pia"}
        a_grid_plan(tx, plan_id="plan-active", name="In force", **told)
    yield made
    record.close()


@pytest.fixture(scope="module")
def visitors(world: World) -> Iterator[Visitors]:
    """Everybody, signed in; whatever they do is undone."""
    found: Visitors = {}
    for who in (*WHO, "planner of north"):
        with world.record.writing() as tx:
            begun = access.begin(tx, EVERYBODY.get(who) or "pat", how="test", at=NOW)
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        found[who] = TestClient(world.client.app, headers=headers, follow_redirects=False)
        found[who].cookies.set("patchbook-session", begun.secret)
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        for client in found.values():
            stack.enter_context(client)
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
    if not names_in(route) or who == "peer manager":
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
        elif not is_needed and values["territory_id"] == PLACES.get(who, {}).get("beside") and who != "peer manager":
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


NEEDS_NO_REACH = {
    "/rules-of-engagement/acknowledgement",
    "/sign-out",
    "/admin/tokens",
    "/admin/password",
}
"""Forms about oneself alone."""


@pytest.mark.parametrize("route", SENT, ids=lambda route: route.path)
def test_a_form_does_nothing_to_what_its_sender_does_not_reach(route: APIRoute, world: World, visitors: Visitors):
    for who in ("rep", "manager", "peer manager"):
        if not may(who, route) or (route.openapi_extra or {})[DEED] is Anybody.PUBLIC or route.path in NEEDS_NO_REACH:
            continue
        territory, plan_id = PLACES[who]["beside"], next(plan for plan in SEES_PLANS if plan != "plan-window")
        values = values_for(world, territory, "plan-secret" if "{plan_id}" in route.path else plan_id)
        there, form = address(route, values), filled(route, values)
        answer = visitors[who].post(there, data=form, headers={"Accept": "application/problem+json"})
        case = f"{who}, {there}, {form}: {answer.status_code} {answer.text[:300]}"

        assert answer.status_code in (403, 404, 409, 422), case
        assert not set(foreign(who, told(answer))) - known_by_name(who, route), case
        assert "not-understood" not in answer.json()["type"], f"{case}: the form was not as the page sends it"
        about = (names_in(route) or [""])[0]
        if about in OF_A_PLACE or about == "plan_id":
            nothing = there.replace(f"/{first(route, values)}", "/nothing-there", 1)
            other = visitors[who].post(nothing, data=form, headers={"Accept": "application/problem+json"})
            assert answer.status_code == 404, case
            assert as_of_nothing(other, "nothing-there") == as_of_nothing(answer, first(route, values)), case


@pytest.mark.parametrize("route", SENT, ids=lambda route: route.path)
def test_a_planner_of_a_part_does_nothing_to_the_whole(route: APIRoute, world: World, visitors: Visitors):
    if (route.openapi_extra or {})[DEED] not in OF_PLANNERS or "{job_id}" in route.path:
        return
    values = values_for(world, "south", "plan-window")
    there, form = address(route, values), filled(route, values)

    answer = visitors["planner of north"].post(there, data=form, headers={"Accept": "application/problem+json"})

    assert answer.status_code in (403, 404, 409, 422), f"{there}, {form}: {answer.headers}"
    assert "not-understood" not in answer.json()["type"], f"{there}, {form}: {answer.text}"


OF_PLANNERS = {deed for deed, roles in MAY.items() if Role.PLANNER in roles and not roles & {Role.REP, Role.VIEWER}}


def filled(route: APIRoute, values: dict[str, Any]) -> dict[str, Any]:
    """A form as its page sends it, about these things."""
    return OF_FORM.get(route.path, {}) | {one.alias: sent(one, route, values) for one in route.dependant.body_params}


def sent(field: Any, route: APIRoute, values: dict[str, Any]) -> Any:
    """A value for a field: what is known of it, else a choice it has, else a word or a number."""
    known = {**values, **FIELDS, "item": f"exception:{values['exception_id']}", "accounts": values["account_id"]}
    told_here = OF_FORM.get(route.path, {})
    if field.alias in (known | told_here):
        return (known | told_here)[field.alias]
    kind = field.field_info.annotation
    choices = list(kind) if isinstance(kind, type) and issubclass(kind, Enum) else getattr(kind, "__args__", ())
    named = [str(one.value if isinstance(one, Enum) else one) for one in choices if isinstance(one, str)]
    return named[0] if named else {int: 1, bool: True}.get(kind, "because")


FIELDS = {"until": "2027-09-01", "starts": "2027-06-01", "expires": "2027-09-01", "on": "2027-06-01", "kind": "account",
          "role": "owner", "to": "South", "version": 1, "read": 1, "into": "lead-nothing"}  # fmt: skip
OF_FORM = {
    "/exceptions": {"kind": "other"},
    "/plans/{plan_id}/split": {"parts": 2},
    "/plans/{plan_id}/rules": {"deed": "remove", "layer": 1},
    "/plans/new": {"tolerance": 5, "sellers": 3, "effective": "2027-06-01"},
    "/plans/{plan_id}/frontier": {"seconds": 5},
    "/routing/document/try": {"kind": "lead", "motion": "inbound"},
    "/data/uploads/{upload_id}": {"kind": "accounts", "delimiter": ","},
    "/exceptions/{exception_id}/decision": {"decision": "yes"},
    "/people/{person_id}/leave": {"start": "2027-06-01", "cover_id": "rita"},
    "/people/{person_id}/depart": {"on": "2027-06-01"},
    "/people/{person_id}/move": {"on": "2027-06-01", "role": "senior"},
}


def test_the_plan_in_force_is_shown_to_each_as_far_as_they_reach(visitors: Visitors):
    team, mine = visitors["manager"].get("/").text, visitors["rep"].get("/kickoff/ron")

    assert canary("north-1") in team
    assert mine.status_code == 200
    for who, path in (("manager", "/kickoff"), ("manager", "/kickoff/rita"), ("rep", "/kickoff/ron")):
        answer = visitors[who].get(path)
        assert answer.status_code == 200, path
        assert set(foreign(who, told(answer))) <= {canary("nora"), canary("boss")}, path
    assert visitors["manager"].get("/kickoff/sam").status_code == 404
    assert visitors["rep"].get("/kickoff/rita").status_code == 404


SOON = {"on": "2027-06-01"}
CHANGES = [
    ("/people/ron/leave", {"start": "2027-06-01", "end": "2027-07-01", "cover_id": "sam"}),
    ("/people/ron/move", {**SOON, "to_seat_id": "seat-south-1"}),
    ("/people/ron/move", {**SOON, "role": "senior", "to_seat_id": "seat-south-1"}),
    ("/people/ron/depart", {**SOON, "step": "check", "way-seat-north-1": "replace", "who-seat-north-1": "sam"}),
    ("/people/ron/depart", {**SOON, "step": "check", "way-seat-north-1": "vacant", "interim-seat-north-1": "sam"}),
    ("/people/ron/depart", {**SOON, "step": "check", "reports_to": "sven", "overrides_to": "sam"}),
    ("/people/hire", {**SOON, "name": "New", "seat_id": "seat-south-1"}),
    ("/people/hire", {**SOON, "person_id": "sam", "seat_id": "seat-north-1"}),
]


@pytest.mark.parametrize(("path", "form"), CHANGES)
def test_a_change_of_ones_own_people_does_and_tells_nothing_of_others_it_names(path, form, visitors: Visitors):
    looked, done = visitors["manager"].get(path, params=form), visitors["manager"].post(path, data=form)

    assert looked.status_code == 200
    assert done.status_code in (403, 404, 409, 422), done.headers.get("location")
    for answer in (looked, done):
        assert set(foreign("manager", told(answer))) <= {canary("boss")}, words(answer)
